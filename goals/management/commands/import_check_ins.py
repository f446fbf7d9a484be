from perfsys.imports.commands import ImportCommand


class Command(ImportCommand):
    help = "Import a company's check-ins from .xlsx or .csv."
    kind = "check_ins"

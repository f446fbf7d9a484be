from perfsys.imports.commands import ImportCommand


class Command(ImportCommand):
    help = "Import a company's people from .xlsx or .csv."
    kind = "people"

from perfsys.imports.commands import ImportCommand


class Command(ImportCommand):
    help = "Import a company's goals from .xlsx or .csv."
    kind = "goals"

from perfsys.imports.commands import ImportCommand


class Command(ImportCommand):
    help = "Import a company's sentences of the performance language dictionary from .xlsx or .csv."
    kind = "dictionary"

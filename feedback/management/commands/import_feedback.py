from perfsys.imports.commands import ImportCommand


class Command(ImportCommand):
    help = "Import a company's feedback from .xlsx or .csv."
    kind = "feedback"

from perfsys.imports.commands import ImportCommand


class Command(ImportCommand):
    help = "Import a company's vague expressions from .xlsx or .csv."
    kind = "vague"

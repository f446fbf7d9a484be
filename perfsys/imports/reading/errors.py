"""Why a file was not read. Each class is named after what the person does next; wording lives with the screens."""

from __future__ import annotations


class UnreadableFile(Exception):
    """Base of all refusals. `details` fills the sentence shown: numbers and names, never content of the file."""

    def __init__(self, **details: int | str) -> None:
        super().__init__(", ".join(f"{key}={value}" for key, value in details.items()))
        self.details = details

    @property
    def code(self) -> str:
        """The class name: what travels to screens, jobs and the command line."""
        return type(self).__name__


class SaveAsXlsx(UnreadableFile):
    """An old binary workbook (.xls), .xlsb, .ods, or a web page named .xls. Details: found."""


class RemovePassword(UnreadableFile):
    """The workbook is encrypted."""


class SaveAgain(UnreadableFile):
    """Cut off, damaged, or no spreadsheet at all: saving anew in Excel mends what can be mended. Details: found."""


class SplitFile(UnreadableFile):
    """Too many bytes, rows or columns. Details: what, limit."""


class UnpackArchive(UnreadableFile):
    """A zip holding files, perhaps workbooks, is not a workbook itself."""


class SuspiciousFile(UnreadableFile):
    """Built to harm: packed beyond any real workbook, too many parts, entities in its XML. Details: found."""


class SaveAsUtf8(UnreadableFile):
    """Text in neither UTF-8, UTF-16 nor GB18030."""


class FillInRows(UnreadableFile):
    """No row with a value in any visible sheet."""


BY_CODE: dict[str, type[UnreadableFile]] = {
    error.__name__: error
    for error in (
        SaveAsXlsx, RemovePassword, SaveAgain, SplitFile, UnpackArchive, SuspiciousFile, SaveAsUtf8, FillInRows,
    )
}  # fmt: skip

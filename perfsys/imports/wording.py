"""What stops a file, as a sentence that says what to do."""

from collections.abc import Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

SENTENCES: dict[str, Promise] = {
    "SaveAsXlsx": gettext_lazy(
        "This is an older or different spreadsheet format. Save it as .xlsx and upload it again."
    ),
    "RemovePassword": gettext_lazy("The workbook is protected by a password. Remove the password and upload it again."),
    "SaveAgain": gettext_lazy(
        "The file cannot be read: it may be cut off or damaged. Open it in Excel, save it anew and upload it again."
    ),
    "SplitFile": gettext_lazy("The file is larger than can be imported at once. Split it into smaller files."),
    "UnpackArchive": gettext_lazy("This is an archive. Unpack it and upload the workbook inside."),
    "SuspiciousFile": gettext_lazy(
        "The file is built in a way no spreadsheet program writes, so it was not opened. "
        "Copy the rows into a new workbook and upload that."
    ),
    "SaveAsUtf8": gettext_lazy("The text uses an unknown encoding. Save the file as UTF-8 or as .xlsx."),
    "FillInRows": gettext_lazy("No visible sheet holds any rows. Check that the right file was chosen."),
    "gave_up": gettext_lazy(
        "Something on our side failed several times; nothing was changed. "
        "Upload the file again later, or tell your operator."
    ),
}


def stopped_because(error: Mapping[str, Any]) -> str:
    """`error` as a run keeps it; an unknown code reads as damage."""
    return str(SENTENCES.get(error.get("code", ""), SENTENCES["SaveAgain"]))


def said_while(state: str, done: int) -> str:
    """What a working run is doing; `done` rows, 0 while unknown."""
    says = {"reading": _("Opening the file."), "judging": _("Checking every row."), "applying": _("Importing.")}[state]
    return f"{says} " + (_("%(done)d rows so far.") % {"done": done} if done else "")

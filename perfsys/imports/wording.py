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
    "undo_gave_up": gettext_lazy(
        "Something on our side failed several times; nothing was taken back. Tell your operator."
    ),
}


def stopped_because(error: Mapping[str, Any]) -> str:
    """`error` as a run keeps it; an unknown code reads as damage."""
    return str(SENTENCES.get(error.get("code", ""), SENTENCES["SaveAgain"]))


HEADINGS: dict[str, Promise] = {
    "reading": gettext_lazy("The file is being read"),
    "judging": gettext_lazy("Every row is being checked"),
    "applying": gettext_lazy("On its way"),
    "failed": gettext_lazy("This file did not get through"),
    "discarded": gettext_lazy("This import was dropped"),
    "done": gettext_lazy("It is in"),
    "undoing": gettext_lazy("It is being taken back"),
    "undone": gettext_lazy("This import was taken back"),
}
LEDES: dict[str, Promise] = {
    "reading": gettext_lazy("Next you see what each column was taken for. Nothing is changed yet."),
    "judging": gettext_lazy("Next you see every row with what will happen to it. Nothing is changed yet."),
    "applying": gettext_lazy("The good rows go in together. Should something stop it, it begins again by itself."),
    "failed": gettext_lazy("Nothing has been changed."),
    "discarded": gettext_lazy("Nothing has been changed; the file and its rows are gone."),
    "undoing": gettext_lazy(
        "What nobody touched since goes back together. Should something stop it, it begins again by itself."
    ),
    "undone": gettext_lazy("What somebody touched since was left as it is. The same file can be imported again."),
}


def heading(state: str, *, stopped: bool) -> str:
    """Of the page of a run; `stopped` says that something on our side gave up."""
    return str(HEADINGS["failed" if stopped else state])


def lede(state: str, *, stopped: bool, file_name: str) -> str:
    return str(LEDES.get("failed" if stopped else state, file_name))


def said_while(state: str, done: int) -> str:
    """What a working run is doing; `done` rows, 0 while unknown."""
    says = {
        "reading": _("Opening the file."),
        "judging": _("Checking every row."),
        "applying": _("Importing."),
        "undoing": _("Taking it back."),
    }[state]
    return f"{says} " + (_("%(done)d rows so far.") % {"done": done} if done else "")

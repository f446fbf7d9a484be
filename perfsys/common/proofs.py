"""Files handed in as a proof: up to three of 5 MB, of kinds that people prove things with (security.md §3, item 23).

The ending of the name and the first bytes must agree, and pictures are drawn anew. They are given out as downloads of
no type alone: nothing that somebody handed in is opened as a page of ours.
"""

from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Sequence
from pathlib import PurePath
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _

from .files import REFUSED, WAITING, content_of
from .pictures import NotAPicture, TooLargeAPicture, redraw

PROOF_BYTES = 5 * 1024 * 1024
MOST_FILES = 3
PICTURES = (".png", ".jpg", ".jpeg", ".webp")
_ZIP, _OLE = (b"PK\x03\x04",), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",)
BEGINS = {".xlsx": _ZIP, ".docx": _ZIP, ".xls": _OLE}
TEXTS = (".csv", ".txt")
PROOFS = (".pdf", *BEGINS, *PICTURES, *TEXTS)
HELD = {WAITING: _("is being checked"), REFUSED: _("was taken out by the check")}
ProofFile = tuple[str, bytes]  # its name, and its content


class ManyFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class ProofField(forms.FileField):
    """Up to so many files."""

    widget: type[forms.FileInput] = ManyFiles
    most = MOST_FILES

    def clean(self, data: Any, initial: Any = None) -> list[ProofFile]:
        given: Sequence[UploadedFile] = data if isinstance(data, list | tuple) else [data] if data else []
        if len(given) > self.most:
            raise forms.ValidationError(_("Hand in at most %(most)d files.") % {"most": self.most})
        return [checked(file) for file in given]


def checked(file: UploadedFile) -> ProofFile:
    """Raises ValidationError."""
    name = PurePath(str(file.name)).name
    ending = PurePath(name).suffix.lower()
    if ending not in PROOFS:
        raise forms.ValidationError(
            _("“%(name)s” is not of a kind we keep. Hand in a PDF, a picture, a table or a text.") % {"name": name}
        )
    if (file.size or 0) > PROOF_BYTES:
        size = filesizeformat(PROOF_BYTES)
        raise forms.ValidationError(_("“%(name)s” is larger than %(size)s.") % {"name": name, "size": size})
    content = file.read()
    if ending in PICTURES:
        try:
            return PurePath(name).stem[:190] + ".webp", redraw(content).content
        except (NotAPicture, TooLargeAPicture):
            raise forms.ValidationError(_("“%(name)s” is no picture that can be read.") % {"name": name}) from None
    if not _is_what_it_says(ending, content):
        raise forms.ValidationError(_("“%(name)s” holds something else than its name says.") % {"name": name})
    return name, content


def _is_what_it_says(ending: str, content: bytes) -> bool:
    """A PDF may begin a little later, as readers of PDF allow; a text in UTF-16, as spreadsheets save it, is full of
    zeros."""
    if ending == ".pdf":
        return b"%PDF" in content[:1024]
    if ending in TEXTS:
        return b"\0" not in content or content.startswith((BOM_UTF16_LE, BOM_UTF16_BE))
    return content.startswith(BEGINS[ending])


def ending_of(name: str) -> str:
    """Of the name it is kept by."""
    return PurePath(name).suffix.lower()


def shortened(name: str, most: int = 200) -> str:
    """A name of at most so many letters, with its ending: what is given out opens by it."""
    ending = PurePath(name).suffix
    return name if len(name) <= most else name[: most - len(ending)] + ending


def given_out(name: str, content: bytes) -> HttpResponse:
    response = HttpResponse(content, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name) or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "private, no-store"
    return response


def given_out_of(file: str, name: str) -> HttpResponse:
    """Out of the storage. Raises Http404 where it is gone."""
    try:
        return given_out(name, content_of(file))
    except FileNotFoundError:
        raise Http404("the file is gone") from None

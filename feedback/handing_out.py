"""How an attached file is handed out (security.md §3, item 23): whoever asked may read it, which `access` has said."""

import re
from typing import NamedTuple

from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.utils import timezone

from feedback.audio import TYPES
from feedback.models import FeedbackFact
from perfsys.common.files import opened, piece_of, stream_of

PICTURE = "image/webp"
SLICE = 2_000_000  # bytes that stand in memory; a player that asks for more asks for the rest by itself
_RANGE = re.compile(r"bytes=(\d{0,12})-(\d{0,12})")


class Piece(NamedTuple):
    """Both bytes belong to it; `last` is before `start` where nothing of the file is asked for."""

    start: int
    last: int


def type_of(fact: FeedbackFact) -> str:
    """ "" where it has no file."""
    ending = fact.file.rpartition(".")[2]
    return PICTURE if ending == "webp" else TYPES.get(ending, "application/octet-stream" if fact.file else "")


def handed_out(fact: FeedbackFact, asked: str) -> HttpResponseBase:
    """A screenshot is shown, it is a picture drawn by us; a recording is saved or played by an <audio>, and never a
    page. The piece that the header `asked` for, or the whole: where that is more than a piece as a stream of the file,
    which needs no scope, so that it never stands in memory as a whole. Raises Http404 where the file is gone."""
    try:
        response = _answer(fact, asked)
    except FileNotFoundError:
        raise Http404("the file is gone") from None
    response["Accept-Ranges"] = "bytes"
    response["Content-Type"] = type_of(fact)
    response["Content-Disposition"] = _disposition(fact)
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cache-Control"] = "no-store"
    return response


def _answer(fact: FeedbackFact, asked: str) -> HttpResponseBase:
    kept = opened(fact.file)
    piece = _piece(asked, kept.size)
    if piece is None and kept.size > SLICE:
        whole = FileResponse(stream_of(kept))
        whole["Content-Length"] = kept.size
        return whole
    with kept:
        if piece is None:
            return HttpResponse(piece_of(kept, 0, kept.size - 1))
        if piece.start > piece.last:
            return HttpResponse(status=416, headers={"Content-Range": f"bytes */{kept.size}"})
        response = HttpResponse(piece_of(kept, *piece), status=206)
        response["Content-Range"] = f"bytes {piece.start}-{piece.last}/{kept.size}"
        return response


def _piece(asked: str, size: int) -> Piece | None:
    """None where the whole is asked for, which is what a header that makes no sense does (RFC 9110, 14.1.1)."""
    wanted = _RANGE.fullmatch(asked.strip())
    if wanted is None or not (wanted[1] or wanted[2]):
        return None
    if not wanted[1]:  # the last bytes
        start, last = max(0, size - int(wanted[2])), size - 1
        start = start if int(wanted[2]) else size
    else:
        start, last = int(wanted[1]), int(wanted[2] or size)
        if wanted[2] and last < start:
            return None
    return Piece(start, min(last, size - 1, start + SLICE - 1))


def _disposition(fact: FeedbackFact) -> str:
    ending = fact.file.rpartition(".")[2]
    if ending == "webp":
        return 'inline; filename="screenshot.webp"'
    day = timezone.localdate(fact.feedback.at).isoformat()
    return f'attachment; filename="recording-{day}.{ending}"' if ending in TYPES else "attachment"

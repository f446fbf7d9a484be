"""Files of feedback in Django's storage: `feedback/<tenant>/<a name of ours>`, never what the sender called them.

Where a scanner is set (settings.ATTACHMENT_SCANNER) a file is held back until it said that it is clean: a scanner that
cannot be reached lets nothing pass. What no row names any more is removed by a job, a day later: a transaction that
wrote a file and was rolled back leaves one, and so does a row that is deleted.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.module_loading import import_string

from feedback.audio import Recording
from feedback.models import FeedbackFact, Held
from perfsys.jobs.actions import enqueue
from perfsys.tenancy.scope import current_tenant_id

from .clamd import ScannerAway
from .pictures import Picture

log = structlog.get_logger()
AWAY_AT_MOST = timedelta(days=1)  # then a job is given up, which somebody is told of
LEFT_ALONE = timedelta(days=1)  # the row of a file may not be committed yet
LOOKED_UP = 500


def keep_picture(fact: FeedbackFact, picture: Picture) -> None:
    """The caller saves the row."""
    fact.width, fact.height = picture.width, picture.height
    _keep(fact, picture.content, "webp")


def keep_recording(fact: FeedbackFact, recording: Recording) -> None:
    """The caller saves the row."""
    _keep(fact, recording.content, recording.ending)


def _keep(fact: FeedbackFact, content: bytes, ending: str) -> None:
    name = f"{_folder(fact.feedback.tenant_id)}/{fact.public_id}.{ending}"
    fact.file = default_storage.save(name, ContentFile(content))
    if settings.ATTACHMENT_SCANNER:
        fact.held = Held.WAITING
        enqueue("feedback.scan", str(fact.public_id), {"fact": str(fact.public_id)})


def content_of(fact: FeedbackFact) -> bytes:
    """Raises FileNotFoundError."""
    with opened(fact) as kept:
        content: bytes = kept.read()
    return content


def opened(fact: FeedbackFact) -> Any:
    """With its `size` in bytes; whoever opens it closes it, as the end of a `with` does. Raises FileNotFoundError."""
    return default_storage.open(fact.file)


def stream_of(kept: Any) -> Any:
    """The whole of an opened file, to be read piece by piece and closed by whoever does; out of a bucket as it comes,
    for the same reason as below."""
    in_bucket = getattr(kept, "obj", None)
    return kept if in_bucket is None else in_bucket.get()["Body"]


def piece_of(kept: Any, start: int, last: int) -> bytes:
    """The bytes from `start` to `last` of an opened file, and no others. A file out of a bucket is fetched whole when
    it is read, so there the bucket is asked for the piece."""
    in_bucket = getattr(kept, "obj", None)
    if in_bucket is not None:
        return bytes(in_bucket.get(Range=f"bytes={start}-{last}")["Body"].read())
    kept.seek(start)
    return bytes(kept.read(last - start + 1))


def scan(*, public_id: str, now: datetime) -> bool:
    """Give a file free, or take it out of the storage, as the scanner says. Whether it has to be asked again: while it
    is away, for a day. What else it raises holds the file back too, and so does a scanner that stays away."""
    facts = FeedbackFact.objects.select_for_update(of=("self",)).select_related("feedback")
    fact: FeedbackFact | None = facts.filter(public_id=public_id).first()
    if fact is None or fact.held != Held.WAITING:
        return False
    try:
        is_clean = not settings.ATTACHMENT_SCANNER or import_string(settings.ATTACHMENT_SCANNER)(content_of(fact))
    except ScannerAway as away:
        if now - fact.feedback.at > AWAY_AT_MOST:
            raise
        log.warning("the scanner of attachments is away", why=str(away))
        return True
    fact.held = "" if is_clean else Held.REFUSED
    fact.save(update_fields=["held"])
    if not is_clean:
        default_storage.delete(fact.file)
    return False


def remove_orphans(*, now: datetime) -> int:
    """Files in this tenant's folder, older than a day, that no row names. Returns how many."""
    files, removed = _files(_folder(current_tenant_id())), 0
    while names := list(islice(files, LOOKED_UP)):
        named = set(FeedbackFact.objects.filter(file__in=names).values_list("file", flat=True))
        for name in names:
            if name not in named and now - default_storage.get_modified_time(name) > LEFT_ALONE:
                default_storage.delete(name)
                removed += 1
    return removed


def _files(folder: str) -> Iterator[str]:
    try:
        _folders, names = default_storage.listdir(folder)
    except FileNotFoundError:  # nobody has attached anything yet
        return
    for name in names:
        yield str(PurePosixPath(folder) / name)


def _folder(tenant_id: int) -> str:
    return f"feedback/{tenant_id}"

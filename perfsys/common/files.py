"""Attached files in Django's storage: `<folder>/<tenant>/<a name of ours>`, never what the sender called them.

Where a scanner is set (settings.ATTACHMENT_SCANNER) a file is held back until it said that it is clean: a scanner that
cannot be reached lets nothing pass. What no row names any more is removed by a job, a day later: a transaction that
wrote a file and was rolled back leaves one, and so does a row that is deleted.
"""

from collections.abc import Callable, Collection, Iterator
from datetime import datetime, timedelta
from itertools import islice
from pathlib import PurePosixPath
from typing import Any

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils.module_loading import import_string

from .clamd import ScannerAway

log = structlog.get_logger()
WAITING, REFUSED = "waiting", "refused"  # why a file is not given out; "" where it is
ASK_AGAIN = timedelta(minutes=5)
AWAY_AT_MOST = timedelta(days=1)  # then a job is given up, which somebody is told of
LEFT_ALONE = timedelta(days=1)  # the row of a file may not be committed yet
LOOKED_UP = 500


def keep(folder: str, name: str, content: bytes) -> str:
    """Where it lies now. Its row is WAITING where `is_scanned` says so."""
    found: str = default_storage.save(f"{folder}/{name}", ContentFile(content))
    return found


def is_scanned() -> bool:
    """Whether a new file waits for a scanner: whoever keeps it has it asked by a job."""
    return bool(settings.ATTACHMENT_SCANNER)


def opened(name: str) -> Any:
    """With its `size` in bytes; whoever opens it closes it, as the end of a `with` does. Raises FileNotFoundError."""
    return default_storage.open(name)


def content_of(name: str) -> bytes:
    """Raises FileNotFoundError."""
    with opened(name) as kept:
        content: bytes = kept.read()
    return content


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


def verdict(name: str, *, kept_at: datetime, now: datetime) -> str | None:
    """What its row says from now on: "" where it is clean, REFUSED where it is not, and it is gone then. None while the
    scanner is away, for a day: ask again. What else the scanner raises holds the file back too, and so does one that
    stays away."""
    try:
        is_clean = not is_scanned() or import_string(settings.ATTACHMENT_SCANNER)(content_of(name))
    except ScannerAway as away:
        if now - kept_at > AWAY_AT_MOST:
            raise
        log.warning("the scanner of attachments is away", why=str(away))
        return None
    if is_clean:
        return ""
    default_storage.delete(name)
    return REFUSED


def remove_orphans(folder: str, named: Callable[[Collection[str]], Collection[str]], *, now: datetime) -> int:
    """Files in this folder, older than a day, that no row names: `named` says which of some are. Returns how many."""
    files, removed = _files(folder), 0
    while names := list(islice(files, LOOKED_UP)):
        known = set(named(names))
        for name in names:
            if name not in known and now - default_storage.get_modified_time(name) > LEFT_ALONE:
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

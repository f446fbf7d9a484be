"""Putting away what sources said long ago: by far the most rows there are (docs/scale.md)."""

import gzip
import json
import os
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import Exists, OuterRef

from integrations import events
from integrations.models import Connection, RawRecord
from perfsys.audit.actions import record

AT_ONCE = 5_000  # rows a transaction
YOUNGEST = timedelta(days=31)
"""What came since may still be looked into: late rows, contested figures, a month that is being closed."""


class TooYoung(Exception):
    """Choose an earlier day: rows younger than YOUNGEST stay."""


@transaction.atomic
def put_away(*, before: datetime, after: int, into: Path, now: datetime) -> tuple[int, int]:
    """Move raw rows that came before `before` to the end of the file `into`, and out of the table: those with an id
    above `after` that are not the newest of their record, AT_ONCE of them. Gives how many, and the id to go on after.

    A line of the file is a row with the names that find its record. It is on the disk before anything is deleted, a
    complete gzip member for each call: whoever is killed in between has rows in both, never in neither. Only the owner
    of the tables may: the app's role cannot delete a raw row at all. Raises TooYoung.
    """
    if before > now - YOUNGEST:
        raise TooYoung
    newer = RawRecord.objects.filter(record_id=OuterRef("record_id"), pk__gt=OuterRef("pk"))
    old = RawRecord.objects.filter(Exists(newer), pk__gt=after, received_at__lt=before).order_by("pk")
    rows = list(
        old.values(
            "id", "run_id", "digest", "received_at", "payload",
            "record__public_id", "record__connection_id", "record__stream", "record__external_id",
        )[:AT_ONCE]
    )  # fmt: skip
    if not rows:
        return 0, after
    _write(into, [json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False) for row in rows])
    RawRecord.objects.filter(pk__in=[row["id"] for row in rows]).delete()
    counted = Counter(row["record__connection_id"] for row in rows)
    for connection in Connection.objects.filter(pk__in=counted).order_by("pk"):
        details = {"rows": counted[connection.pk], "before": before.isoformat(), "file": into.name}
        record(events.RAW_PUT_AWAY, subject=connection, actor=None, at=now, details=details)
    return len(rows), rows[-1]["id"]


def _write(into: Path, lines: list[str]) -> None:
    with into.open("ab") as file:
        file.write(gzip.compress(("\n".join(lines) + "\n").encode()))
        file.flush()
        os.fsync(file.fileno())

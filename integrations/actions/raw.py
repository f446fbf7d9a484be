"""Putting away what sources said long ago: by far the most rows there are (docs/scale.md)."""

import gzip
import json
import os
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef

from integrations import events
from integrations.models import Connection, RawRecord, Record
from perfsys.audit.actions import record

AT_ONCE = 5_000  # rows a transaction
COLUMNS = (
    "id", "run_id", "digest", "received_at", "payload",
    "record__public_id", "record__connection_id", "record__stream", "record__external_id",
)  # fmt: skip
YOUNGEST = timedelta(days=31)
"""What came since may still be looked into: late rows, contested figures, a month that is being closed."""


class TooYoung(Exception):
    """Choose an earlier day: rows younger than YOUNGEST stay."""


class NotAnArchive(Exception):
    """It is no file of `put_away`, or was cut off or changed: take another copy of it."""


class OtherRows(Exception):
    """Ids of the file belong to other rows here, or are none that were given here yet: it was put away in another
    installation, or after the backup that this one was restored from."""


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
    rows = list(old.values(*COLUMNS)[:AT_ONCE])
    if not rows:
        return 0, after
    _write(into, [json.dumps(row, cls=DjangoJSONEncoder, ensure_ascii=False) for row in rows])
    RawRecord.objects.filter(pk__in=[row["id"] for row in rows]).delete()
    counted = Counter(row["record__connection_id"] for row in rows)
    for connection in Connection.objects.filter(pk__in=counted).order_by("pk"):
        details = {"rows": counted[connection.pk], "before": before.isoformat(), "file": into.name}
        record(events.RAW_PUT_AWAY, subject=connection, actor=None, at=now, details=details)
    return len(rows), rows[-1]["id"]


@transaction.atomic
def bring_back(*, rows: Sequence[dict[str, Any]], file: str, now: datetime) -> tuple[int, int]:
    """Put rows that `put_away` wrote back into the table, letter by letter and in their old order. Gives how many, and
    how many more are of no record of this company; those that stand there already are left as they are. Raises
    OtherRows."""
    ids = [row["id"] for row in rows]
    named = [row["record__public_id"] for row in rows]
    records = {
        str(public_id): pk
        for public_id, pk in Record.objects.filter(public_id__in=named).values_list("public_id", "pk")
    }
    known = [row for row in rows if row["record__public_id"] in records]
    held = dict(RawRecord.objects.filter(pk__in=ids).values_list("pk", "record_id"))
    if any(
        held.get(row["id"], records[row["record__public_id"]]) != records[row["record__public_id"]] for row in known
    ):
        raise OtherRows
    new = [row for row in known if row["id"] not in held]
    _insert(new, records)
    of = dict(
        Record.objects.filter(public_id__in=[row["record__public_id"] for row in new]).values_list(
            "pk", "connection_id"
        )
    )
    counted = Counter(of[records[row["record__public_id"]]] for row in new)
    for connection in Connection.objects.filter(pk__in=counted).order_by("pk"):
        details = {"rows": counted[connection.pk], "file": file}
        record(events.RAW_BROUGHT_BACK, subject=connection, actor=None, at=now, details=details)
    return len(new), len(rows) - len(known)


def _insert(rows: Sequence[dict[str, Any]], records: dict[str, int]) -> None:
    """Of each record its newest row stayed here, so that all ids of the file are below one that was given here: a later
    row gets none of theirs. Raises OtherRows."""
    newest = dict(
        RawRecord.objects.filter(record__in=[records[row["record__public_id"]] for row in rows])
        .order_by()
        .values_list("record")
        .annotate(Max("pk"))
    )
    if any(row["id"] > newest.get(records[row["record__public_id"]], 0) for row in rows):
        raise OtherRows
    try:
        with transaction.atomic():
            RawRecord.objects.bulk_create(
                RawRecord(
                    id=row["id"],
                    record_id=records[row["record__public_id"]],
                    run_id=row["run_id"],
                    payload=row["payload"],
                    digest=row["digest"],
                    received_at=datetime.fromisoformat(row["received_at"]),
                )
                for row in rows
            )
    except IntegrityError:  # another company's rows, which nobody sees here
        raise OtherRows from None


def rows_of(file: Path) -> Iterator[list[dict[str, Any]]]:
    """What a file of `put_away` holds, AT_ONCE rows at a time. Raises NotAnArchive."""
    some: list[dict[str, Any]] = []
    try:
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for line in lines:
                some.append(_row_of(json.loads(line)))
                if len(some) == AT_ONCE:
                    yield some
                    some = []
    except (EOFError, OSError, ValueError, zlib.error) as error:
        raise NotAnArchive from error
    if some:
        yield some


def _row_of(line: Any) -> dict[str, Any]:
    """Raises ValueError for what `put_away` does not write."""
    if not isinstance(line, dict) or set(line) != set(COLUMNS):
        raise ValueError("other columns")
    if not all(type(line[name]) is int for name in ("id", "run_id")):
        raise ValueError("no id")
    if not all(isinstance(line[name], str) for name in ("record__public_id", "digest", "received_at")):
        raise ValueError("no text")
    UUID(line["record__public_id"])
    if datetime.fromisoformat(line["received_at"]).tzinfo is None:
        raise ValueError("no moment")
    return line


def _write(into: Path, lines: list[str]) -> None:
    with into.open("ab") as file:
        file.write(gzip.compress(("\n".join(lines) + "\n").encode()))
        file.flush()
        os.fsync(file.fileno())

"""The hash chain over the record: sealed by a job, checked by `manage.py verify_audit`.

Each seal covers up to 1,000 entries and carries the hash of the seal before it, so that an entry changed, missing or
swapped is named. Whoever can rewrite entries *and* seals can rewrite the chain: against that the head is written to
the log at every sealing, for another store to keep, and `verify` compares with it (security.md §3 item 33).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import structlog
from django.db import connection
from django.db.models import BigIntegerField, Func

from perfsys.tenancy.scope import current_tenant_id

from .models import AuditEntry, AuditSeal

log = structlog.get_logger(__name__)

AT_ONCE = 1_000
SHA = 32  # bytes
START = b"\0" * SHA  # stands before the first link
# An entry may be committed after one written later; within this it is still found. No transaction lasts that long.
OVERLAP = timedelta(days=1)
# Part of the hash: never reorder or drop one, a new column of the entry starts a new list.
HASHED = (
    "verb",
    "subject_type",
    "subject_id",
    "subject_label",
    "about_id",
    "about_name",
    "actor_id",
    "actor_name",
    "at",
    "written_at",
    "details",
    "request_id",
    "address",
)


@dataclass
class Report:
    """What `verify` found. `head`: position and hexadecimal link of the last seal, (0, "") without one."""

    entries: int = 0
    head: tuple[int, str] = (0, "")
    faults: list[str] = field(default_factory=list)


def seal() -> int:
    """Seal what the open tenant has not sealed yet; returns how many entries. Two at once take turns."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('audit.seal', %s::bigint))", [current_tenant_id()]
        )
    newest = AuditSeal.objects.order_by("-position").first()
    position, link, sealed = (newest.position, bytes(newest.link), 0) if newest else (0, START, 0)
    for entries in _unsealed(newest):
        ids, contents = [entry.pk for entry in entries], b"".join(map(content_of, entries))
        position, link, sealed = position + 1, _link(link, ids, contents), sealed + len(ids)
        AuditSeal.objects.create(position=position, entry_ids=ids, contents=contents, link=link)
    if sealed:
        log.info("audit sealed", tenant=current_tenant_id(), entries=sealed, position=position, link=link.hex())
    return sealed


def verify(anchors: Mapping[int, str] | None = None) -> Report:
    """Compare the open tenant's record with its seals, and these with `anchors` (position: hexadecimal link, from
    another store). Reads 1,000 entries at a time."""
    report, expected, seen = Report(), START, set()
    for seal_ in _seals():
        position, link = seal_.position, bytes(seal_.link)
        if position != report.head[0] + 1:
            report.faults.append(f"seal {report.head[0] + 1} is missing")
        elif link != _link(expected, seal_.entry_ids, bytes(seal_.contents)):
            report.faults.append(f"seal {position} was changed")
        if anchors and anchors.get(position, link.hex()) != link.hex():
            report.faults.append(f"seal {position} is not the one that was anchored")
        report.faults += _faults_of(seal_)
        report.entries += len(seal_.entry_ids)
        expected, report.head = link, (position, link.hex())
        seen.add(position)
    for position in sorted(set(anchors or ()) - seen):
        report.faults.append(f"seal {position} was anchored and is missing")
    report.faults += [f"entry {pk} was never sealed" for pk in _left_out()]
    return report


def content_of(entry: AuditEntry) -> bytes:
    """SHA-256 of all that an entry says, without its id."""
    values = {name: getattr(entry, name) for name in HASHED}
    text = json.dumps(values, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)
    return hashlib.sha256(text.encode()).digest()


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    raise TypeError(f"{type(value)} in an audit entry")


def _link(before: bytes, ids: list[int], contents: bytes) -> bytes:
    return hashlib.sha256(before + ",".join(map(str, ids)).encode() + contents).digest()


def _unsealed(newest: AuditSeal | None) -> Iterator[list[AuditEntry]]:
    entries = AuditEntry.objects.order_by("pk")
    sealed: set[int] = set()
    if newest is not None:
        entries = entries.filter(written_at__gte=newest.sealed_at - OVERLAP)
        recent = AuditSeal.objects.filter(sealed_at__gte=newest.sealed_at - 2 * OVERLAP)
        sealed = {pk for ids in recent.values_list("entry_ids", flat=True) for pk in ids}
    last = 0
    while batch := list(entries.filter(pk__gt=last)[:AT_ONCE]):
        last = batch[-1].pk
        if fresh := [entry for entry in batch if entry.pk not in sealed]:
            yield fresh


def _seals() -> Iterator[AuditSeal]:
    last = 0
    while batch := list(AuditSeal.objects.filter(position__gt=last).order_by("position")[:10]):
        yield from batch
        last = batch[-1].position


def _faults_of(seal_: AuditSeal) -> list[str]:
    contents = bytes(seal_.contents)
    then = {pk: contents[n * SHA : (n + 1) * SHA] for n, pk in enumerate(seal_.entry_ids)}
    now = {entry.pk: content_of(entry) for entry in AuditEntry.objects.filter(pk__in=seal_.entry_ids)}
    differs = {pk for pk, content in now.items() if content != then[pk]}
    whose = {then[pk]: pk for pk in differs}
    faults = [f"entry {pk} is missing" for pk in seal_.entry_ids if pk not in now]
    for pk in sorted(differs):
        other = whose.get(now[pk])
        faults.append(f"entry {pk} was swapped with entry {other}" if other else f"entry {pk} was changed")
    return faults


def _left_out() -> list[int]:
    """Entries that no seal names, though seals were made long after them."""
    newest = AuditSeal.objects.order_by("-position").first()
    if newest is None:
        return []
    sealed = AuditSeal.objects.values_list(Func("entry_ids", function="unnest", output_field=BigIntegerField()))
    early = AuditEntry.objects.filter(written_at__lt=newest.sealed_at - OVERLAP)
    return list(early.exclude(pk__in=sealed).order_by("pk").values_list("pk", flat=True)[:100])

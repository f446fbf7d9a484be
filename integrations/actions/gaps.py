"""Gaps as the sync and the watch find them: opened once, told once, closed by what comes later."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from integrations import events
from integrations.access import KEEPERS
from integrations.models import Connection, Gap, GapKind
from perfsys.audit.actions import record
from perfsys.notices.actions import notify, settle
from perfsys.people.models import Employee
from perfsys.tenancy.models import Membership, Tenant
from perfsys.tenancy.roles import Role

# About a state that lasts: one at a time, whatever the day. All others are about a day.
LASTING = {GapKind.COUNT, GapKind.UNREACHABLE, GapKind.OVERDUE}
# Found by something that happened now, not by looking again at what is known: a person's word on the last one does not
# speak of it.
NEWS = {GapKind.TRUNCATED, GapKind.SMALL, GapKind.SCHEMA}
TOLD_ONE_BY_ONE = 5  # missing days; more of them make one notice


@dataclass(frozen=True)
class Missing:
    """Something that should have come: see `models.Gap`."""

    kind: GapKind
    on: date
    stream: str = ""
    words: Mapping[str, Any] = field(default_factory=dict)


@transaction.atomic
def open_gaps(connection: Connection, missing: Sequence[Missing], *, now: datetime) -> list[Gap]:
    """Open what is not open yet and tell the owner. What a person closed with a reason stays closed: a day that will
    not come is not missed again, a state not on the same day."""
    if not missing:
        return []
    Connection.objects.select_for_update(no_key=True).get(pk=connection.pk)  # sync and watch may find the same
    known = _known(connection, {one.kind for one in missing})
    grown = [gap for one in missing for gap in known if _grows(gap, one)]
    new = [one for one in missing if not _says_nothing_new(one, known)]
    gaps: list[Gap] = Gap.objects.bulk_create(
        Gap(connection=connection, stream=one.stream, kind=one.kind, on=one.on, words=dict(one.words), opened_at=now)
        for one in new
    )
    for gap in grown:
        gap.save(update_fields=["words"])
    _record(events.GAP_OPENED, connection, gaps, now)
    _tell(connection, gaps, now, again=grown)
    return gaps


def fill_gaps(connection: Connection, gaps: QuerySet[Gap], *, now: datetime) -> None:
    """What was missing has come: those of `gaps` that are open are over, and so is what was told about them."""
    still_open = list(gaps.filter(connection=connection, closed_at=None).select_for_update().order_by("pk"))
    if not still_open:
        return
    Gap.objects.filter(pk__in=[gap.pk for gap in still_open]).update(closed_at=now)
    settle_gaps(still_open)
    _record(events.GAP_FILLED, connection, still_open, now)


def settle_gaps(gaps: Iterable[Gap]) -> None:
    """Whoever closed them: nobody needs to be told of them any more."""
    ids: dict[str, list[int]] = defaultdict(list)
    for gap in gaps:
        ids[events.GAP_TOLD[GapKind(gap.kind)]].append(gap.pk)
        if gap.kind == GapKind.MISSING:
            ids[events.DAYS_MISSING].append(gap.pk)
    for kind, of_kind in ids.items():
        settle(kind, of_kind)


def people_to_tell(owner: Employee) -> list[Employee]:
    """Whoever looks after a connection or the like; the administrators where they have left or may not open its page
    any more, so that it never goes untold."""
    keepers = Membership.objects.filter(is_active=True, granted__overlap=list(KEEPERS))
    if Employee.objects.filter(pk=owner.pk, status=Employee.Status.ACTIVE, membership__in=keepers).exists():
        return [owner]
    admins = Membership.objects.filter(granted__contains=[Role.ADMIN], is_active=True)
    found = list(Employee.objects.filter(membership__in=admins, status=Employee.Status.ACTIVE).order_by("pk"))
    return found or [owner]


def page_of(connection: Connection) -> str:
    slug = Tenant.objects.values_list("slug", flat=True).get()
    return reverse("integrations:connection", kwargs={"tenant": slug, "public_id": connection.public_id})


def _known(connection: Connection, kinds: Collection[str]) -> list[Gap]:
    """Those that are open, and those a person has spoken on."""
    found = Gap.objects.filter(Q(closed_at=None) | Q(closed_by__isnull=False), connection=connection, kind__in=kinds)
    return list(found.order_by("pk"))


def _says_nothing_new(one: Missing, known: Sequence[Gap]) -> bool:
    for gap in known:
        if (gap.kind, gap.stream) != (one.kind, one.stream):
            continue
        same_day, is_open = gap.on == one.on, gap.closed_at is None
        if is_open and (same_day or one.kind in LASTING):
            return True
        if not is_open and one.kind not in NEWS and same_day:
            return True
        if not is_open and one.kind == GapKind.COUNT and one.words.get("short", 0) <= gap.words.get("short", 0):
            return True
    return False


def _grows(gap: Gap, one: Missing) -> bool:
    """Whether an open gap of that day has more to say now: `words` then hold both. Another field that came or went, a
    later sending that is damaged too."""
    if gap.closed_at is not None or (gap.kind, gap.stream, gap.on) != (one.kind, one.stream, one.on):
        return False
    words = dict(gap.words)
    if one.kind == GapKind.SCHEMA:
        for way in ("added", "gone"):
            words[way] = sorted({*words.get(way, ()), *one.words.get(way, ())})
        words["fields"] = ", ".join([*words["added"], *words["gone"]])
    elif one.kind == GapKind.TRUNCATED and one.words.get("revision", 0) > words.get("revision", 0):
        words = dict(one.words)
    has_grown: bool = words != gap.words
    gap.words = words
    return has_grown


def _record(verb: str, connection: Connection, gaps: Sequence[Gap], now: datetime) -> None:
    """An entry for each kind and stream, with its days."""
    days: dict[tuple[str, str], list[str]] = defaultdict(list)
    for gap in gaps:
        days[gap.kind, gap.stream].append(gap.on.isoformat())
    for (kind, stream), on in days.items():
        record(verb, subject=connection, actor=None, at=now, details={"kind": kind, "stream": stream, "on": on})


def _tell(connection: Connection, gaps: Sequence[Gap], now: datetime, *, again: Sequence[Gap]) -> None:
    """All that one look found is one message outside the app; `again` were told before and have grown."""
    if not gaps and not again:
        return
    missing = sorted((gap for gap in gaps if gap.kind == GapKind.MISSING), key=lambda gap: gap.on)
    at_once = missing if len(missing) > TOLD_ONE_BY_ONE else []
    same: dict[str, Any] = {
        "to": people_to_tell(connection.owner),
        "at": now,
        "url": page_of(connection),
        "bundle": f"integrations:{connection.pk}:{now.isoformat()}",
    }
    if at_once:
        params: dict[str, Any] = {
            "name": connection.name,
            "count": len(at_once),
            "on": at_once[0].on.isoformat(),
            "until": at_once[-1].on.isoformat(),
        }
        # Over when the last of these days has come or been given up; the first ones say less about how it stands.
        notify(events.DAYS_MISSING, subject=at_once[-1], params=params, key=f"{at_once[-1].pk}", **same)
    for gap in (*gaps, *again):
        if gap not in at_once:
            said: dict[str, Any] = {name: value for name, value in gap.words.items() if isinstance(value, str | int)}
            words = {**said, "name": connection.name, "on": gap.on.isoformat()}
            key = f"{gap.pk}:{now.isoformat()}" if gap in again else f"{gap.pk}"
            notify(events.GAP_TOLD[GapKind(gap.kind)], subject=gap, params=words, key=key, **same)

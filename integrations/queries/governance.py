"""What the eight norms are judged by, of many metrics at once (product.md §5.8)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Prefetch, Q, QuerySet

from integrations import events, gaps
from integrations.governance import ConnectionFacts, MetricFacts, Named, PairFacts, VersionFacts
from integrations.models import (
    Connection,
    ConnectionState,
    Gap,
    MetricDefinition,
    MetricSignOff,
    MetricVersion,
    ReconciliationPair,
    RunState,
    Side,
    SyncRun,
)
from perfsys.jobs.calendar import calendar_for
from perfsys.jobs.schedules import REACH, BadSchedule, parse_rule
from perfsys.jobs.workdays import WorkCalendar
from perfsys.notices.models import Notice
from perfsys.people.models import Employee, HrbpAssignment
from perfsys.people.spans import holds
from perfsys.tenancy.models import Membership, Tenant
from perfsys.tenancy.roles import Role

from .disputes import due_days
from .metrics import COUNTING

LOOKED_BACK = (timedelta(days=2), timedelta(days=35))
"""For a due time that was missed: the short look finds almost all of them, and a schedule of minutes has thousands."""
TOLD_OF_GAPS = (*events.GAP_TOLD.values(), events.DAYS_MISSING)


class Governed(NamedTuple):
    """`version` is the one in force, None where there is none."""

    definition: MetricDefinition
    version: MetricVersion | None
    facts: MetricFacts


def governed(definitions: QuerySet[MetricDefinition], now: datetime) -> list[Governed]:
    """By name; eleven queries however many there are."""
    zone = ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get())
    today = now.astimezone(zone).date()
    begun = MetricVersion.objects.filter(state__in=COUNTING, effective_on__lte=today).select_related("connection")
    signed = Prefetch("sign_offs", queryset=MetricSignOff.objects.order_by("at"))
    versions = Prefetch(
        "versions", queryset=begun.prefetch_related(signed).order_by("effective_on"), to_attr="versions_begun"
    )
    whose = ("owner__membership", "interpreter__membership")
    found = list(definitions.select_related(*whose).prefetch_related(versions).order_by("name", "pk"))
    last = {one.pk: one.versions_begun[-1] for one in found if one.versions_begun}
    sources = _sources({one.connection for one in last.values()}, zone, now)
    pairs, work_days, has_partners = _pairs(found), due_days(), _has_partners(today)
    return [
        Governed(
            one,
            version := last.get(one.pk),
            MetricFacts(
                owner=_named(one.owner),
                interpreter=_named(one.interpreter),
                versions=[_version(each, zone) for each in one.versions_begun],
                connection=sources[version.connection_id] if version else None,
                pairs=pairs[one.pk],
                has_partners=has_partners,
                work_days=work_days,
            ),
        )
        for one in found
    ]


def _named(person: Employee) -> Named:
    has_account = person.membership is not None and person.membership.is_active
    return Named(person.name, person.status == Employee.Status.ACTIVE, has_account)


def _version(version: MetricVersion, zone: ZoneInfo) -> VersionFacts:
    signed = {one.side for one in version.sign_offs.all()}
    announced_at = version.announced_at or version.made_at  # the database has it for each that is no draft
    missing = [side for side in Side.values if side not in signed]
    return VersionFacts(version.number, version.effective_on, announced_at.astimezone(zone).date(), missing)


def _sources(connections: Iterable[Connection], zone: ZoneInfo, now: datetime) -> dict[int, ConnectionFacts]:
    """Four queries."""
    found = list(connections)
    ids = [one.pk for one in found]
    ended = SyncRun.objects.filter(connection__in=ids, state=RunState.DONE).order_by().values("connection")
    runs = {
        one["connection"]: one
        for one in ended.annotate(read_at=Max("finished_at"), carried_on_at=Max("finished_at", filter=Q(put_off__gt=0)))
    }
    held = Gap.objects.filter(connection__in=ids).order_by().values_list("connection")
    still_open = dict(held.filter(closed_at=None).annotate(Count("pk")))
    told = Notice.objects.filter(kind__in=TOLD_OF_GAPS, subject_type=Gap._meta.label_lower).values("subject_id")
    told_at = dict(held.filter(pk__in=told).annotate(Max("opened_at")))
    days = calendar_for((now - LOOKED_BACK[-1] - REACH).date(), (now + REACH).date())
    return {
        one.pk: ConnectionFacts(
            name=one.name,
            is_on=one.state == ConnectionState.ON,
            read_at=(read_at := runs.get(one.pk, {}).get("read_at")),
            missed_at=_missed(one.schedule, read_at, zone, days, now) if read_at else None,
            open_gaps=still_open.get(one.pk, 0),
            carried_on_at=runs.get(one.pk, {}).get("carried_on_at"),
            told_at=told_at.get(one.pk),
        )
        for one in found
    }


def _missed(schedule: str, read_at: datetime, zone: ZoneInfo, days: WorkCalendar, now: datetime) -> datetime | None:
    """The last due time since it was read that is past by more than a reading may ever be late."""
    try:
        rule = parse_rule(schedule)
    except BadSchedule:
        return read_at  # nothing will ever be due by it
    for reach in LOOKED_BACK:
        if found := rule.due_between(max(read_at, now - reach), now - gaps.LATEST, zone, days):
            return found[-1]
    return None


def _pairs(definitions: Sequence[MetricDefinition]) -> dict[int, list[PairFacts]]:
    """Of both sides; one query."""
    either = Q(a__in=definitions) | Q(b__in=definitions)
    found = ReconciliationPair.objects.filter(either).select_related("a", "b").order_by("name")
    of: dict[int, list[PairFacts]] = defaultdict(list)
    for one in found.annotate(compared_at=Max("runs__finished_at")):
        of[one.a_id].append(PairFacts(one.b.name, one.is_on, one.compared_at))
        of[one.b_id].append(PairFacts(one.a.name, one.is_on, one.compared_at))
    return of


def _has_partners(on: date) -> bool:
    """Whether anybody is left who decides what an owner cannot."""
    working = Employee.objects.filter(status=Employee.Status.ACTIVE, membership__is_active=True)
    admins = Membership.objects.filter(granted__contains=[Role.ADMIN])
    partners = HrbpAssignment.objects.filter(holds(on)).values("hrbp")
    return working.filter(Q(membership__in=admins) | Q(pk__in=partners)).exists()

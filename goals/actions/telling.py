"""Who is told of alerts, and when (product.md §2.8): the owner at once, the direct manager and the HR partner after as
many working days as the tenant gives the owner; and that it is over."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.urls import reverse

from goals import events
from goals.models import AlertRule, AlertState, GoalAlert
from goals.queries.settings import goal_settings
from perfsys.jobs.calendar import calendar_for
from perfsys.notices.actions import Telling, bundle_of_day, notify_all, settle
from perfsys.notices.models import Notice
from perfsys.people.models import Employee, EmployeeSpan
from perfsys.people.queries import hrbp_of, managers_of
from perfsys.people.spans import ends_after
from perfsys.tenancy.models import Tenant

AT_ONCE = 1_000  # alerts
FEW = 5  # lines a person and day
KINDS: Mapping[str, str] = {
    AlertRule.STALE: events.GOAL_STALE,
    AlertRule.WEAK: events.GOAL_WEAK,
    AlertRule.DEVIATING: events.GOAL_DEVIATING,
}
DAY = timedelta(days=1)


def tell_owners(opened: QuerySet[GoalAlert], *, on: date, now: datetime) -> None:
    """A handful of statements for each 1,000 alerts; who has left is told nothing. One owner's come together, so that
    what is several goals to one person is found to be."""
    slug, after = _slug(), (0, 0)
    in_order = opened.filter(goal__owner__isnull=False).order_by("goal__owner", "pk")
    while True:
        later = Q(goal__owner__gt=after[0]) | Q(goal__owner=after[0], pk__gt=after[1])
        alerts = list(in_order.filter(later).select_related("goal__owner")[:AT_ONCE])
        if not alerts:
            return
        told = [
            _Told(alert, owner.pk, "dashboards:week")
            for alert in alerts
            if (owner := alert.goal.owner) is not None and _works_here(owner)
        ]
        _tell(told, on=on, now=now, slug=slug)
        after = (alerts[-1].goal.owner_id or 0, alerts[-1].pk)


@transaction.atomic
def tell_lines(*, on: date, now: datetime) -> bool:
    """Tell managers and HR partners of the next 1,000 alerts that are theirs to know; whether there are more.

    The lines are those of `on`: who became a manager meanwhile is told, who was one is not. Of an owner who is away
    nobody is told, and whoever comes back has as many days as everybody.
    """
    last = _opened_up_to(on, goal_settings().owner_first_days)
    waiting = GoalAlert.objects.filter(state=AlertState.OPEN, told_lines_on=None, opened_on__lte=last)
    away = EmployeeSpan.objects.filter(ends_after(last), starts_on__lte=on, employee=OuterRef("goal__owner"))
    waiting = waiting.exclude(Exists(away))
    alerts = _with_goals(waiting)
    if not alerts:
        return False
    owners = {alert.goal.owner_id for alert in alerts if alert.goal.owner_id is not None}
    managers, partners, slug = managers_of(owners, on), hrbp_of(owners, on), _slug()
    told = []
    for alert in alerts:
        owner = alert.goal.owner_id
        lines = {
            person.pk: page
            for of, page in ((managers, "dashboards:team"), (partners, "dashboards:health"))
            if (person := of.get(owner or 0)) and _works_here(person)
        }
        told += [_Told(alert, pk, page) for pk, page in sorted(lines.items()) if pk != owner]
    _tell(told, on=on, now=now, slug=slug)
    GoalAlert.objects.filter(pk__in=[alert.pk for alert in alerts]).update(told_lines_on=on)
    return len(alerts) == AT_ONCE


def end_alerts(alerts: QuerySet[GoalAlert], *, on: date) -> int:
    """The goal has moved: these are over, and so is what people were told about them."""
    found = list(alerts.values_list("pk", "rule"))
    for start in range(0, len(found), AT_ONCE):
        some = [pk for pk, _rule in found[start : start + AT_ONCE]]
        GoalAlert.objects.filter(pk__in=some).update(state=AlertState.ENDED, ended_on=on, version=F("version") + 1)
        for rule, kind in KINDS.items():
            if ids := [pk for pk, of in found[start : start + AT_ONCE] if of == rule]:
                settle(kind, ids)
    return len(found)


def _tell(told: Sequence["_Told"], *, on: date, now: datetime, slug: str) -> None:
    """Each person a line a goal, up to FEW a day; whoever would get more is told once that there are several, and reads
    them on the page that has them all. So a first import of 80,000 goals is one line to each (product.md §1.3)."""
    earlier = _told_today({one.to_id for one in told}, on)
    by_person: dict[int, list[_Told]] = {}
    for one in told:
        by_person.setdefault(one.to_id, []).append(one)
    each: dict[str, list[Telling]] = {}
    at_once = []
    for to_id, of_person in by_person.items():
        if earlier[to_id] + len(of_person) > FEW:
            page = reverse(of_person[0].page, args=[slug])
            at_once.append(Telling(to_id=to_id, url=page, key=on.isoformat()))
            continue
        for one in of_person:
            each.setdefault(KINDS[one.alert.rule], []).append(_telling(one.alert, to_id, on, slug))
    for kind, lines in each.items():
        notify_all(kind, lines, of=GoalAlert, on=on, at=now)
    notify_all(events.GOALS_FOUND, at_once, of=GoalAlert, on=on, at=now)


@dataclass(frozen=True, slots=True)
class _Told:
    """An alert, whom to tell, and where that person finds all of them."""

    alert: GoalAlert
    to_id: int
    page: str


def _told_today(people: Collection[int], on: date) -> Counter[int]:
    """How many alerts of the day's each was told already."""
    bundle = bundle_of_day(events.GOALS_FOUND, on)
    rows = Notice.objects.filter(to__in=people, bundle=bundle, kind__in=[*KINDS.values(), events.GOALS_FOUND])
    counted = Counter(dict(rows.order_by().values_list("to").annotate(number=Count("pk"))))
    for to_id in rows.filter(kind=events.GOALS_FOUND).values_list("to", flat=True):
        counted[to_id] += FEW
    return counted


def _opened_up_to(on: date, owner_first_days: int) -> date:
    """The last day that is `owner_first_days` working days back; `on` itself for none."""
    days, calendar, opened_on = 0, calendar_for(on - timedelta(days=366), on), on
    while days < min(owner_first_days, 200):
        days += calendar.is_work_day(opened_on)
        opened_on -= DAY
    return opened_on


def _with_goals(alerts: QuerySet[GoalAlert]) -> list[GoalAlert]:
    """The next 1,000."""
    return list(alerts.select_related("goal__owner").order_by("pk")[:AT_ONCE])


def _telling(alert: GoalAlert, to_id: int, on: date, slug: str) -> Telling:
    goal = alert.goal
    since = alert.seen_activity_on or goal.published_on or alert.opened_on
    is_owner = to_id == goal.owner_id
    return Telling(
        to_id=to_id,
        about_id=goal.owner_id,
        subject_id=alert.pk,
        params={
            "whose": "" if is_owner or goal.owner is None else f"{goal.owner.name} · ",
            "goal": goal.title,
            "since": since.isoformat(),
            "days": (on - since).days,
            "match": alert.match_then,
        },
        url=reverse("goals:goal", args=[slug, goal.public_id]),
        key=str(alert.pk),
    )


def _slug() -> str:
    return Tenant.objects.get().slug


def _works_here(person: Employee) -> bool:
    return person.status == Employee.Status.ACTIVE

"""Who is told of alerts, and when (product.md §2.8): the owner at once, the direct manager and the HR partner after as
many working days as the tenant gives the owner; and that it is over."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.urls import reverse

from goals import events
from goals.models import AlertState, GoalAlert
from goals.queries.settings import goal_settings
from perfsys.jobs.calendar import calendar_for
from perfsys.notices.actions import Telling, notify_all, settle
from perfsys.people.models import Employee
from perfsys.people.queries import hrbp_of, managers_of
from perfsys.tenancy.models import Tenant

AT_ONCE = 1_000  # alerts
DAY = timedelta(days=1)


def tell_owners(opened: Sequence[GoalAlert], *, on: date, now: datetime) -> None:
    """A handful of statements for each 1,000 alerts; who has left is told nothing."""
    slug = _slug()
    for start in range(0, len(opened), AT_ONCE):
        some = [alert.pk for alert in opened[start : start + AT_ONCE]]
        alerts = _with_goals(GoalAlert.objects.filter(pk__in=some))
        told = [
            _telling(alert, owner.pk, on, slug)
            for alert in alerts
            if (owner := alert.goal.owner) is not None and _works_here(owner)
        ]
        notify_all(events.GOAL_STALE, told, of=GoalAlert, on=on, at=now)


@transaction.atomic
def tell_lines(*, on: date, now: datetime) -> bool:
    """Tell managers and HR partners of the next 1,000 alerts that are theirs to know; whether there are more.

    The lines are those of `on`: who became a manager meanwhile is told, who was one is not.
    """
    last = _opened_up_to(on, goal_settings().owner_first_days)
    waiting = GoalAlert.objects.filter(state=AlertState.OPEN, told_lines_on=None, opened_on__lte=last)
    alerts = _with_goals(waiting)
    if not alerts:
        return False
    owners = {alert.goal.owner_id for alert in alerts if alert.goal.owner_id is not None}
    managers, partners, slug = managers_of(owners, on), hrbp_of(owners, on), _slug()
    told = []
    for alert in alerts:
        owner = alert.goal.owner_id
        lines = {person.pk for of in (managers, partners) if (person := of.get(owner or 0)) and _works_here(person)}
        told += [_telling(alert, pk, on, slug) for pk in sorted(lines - {owner})]
    notify_all(events.GOAL_STALE, told, of=GoalAlert, on=on, at=now)
    GoalAlert.objects.filter(pk__in=[alert.pk for alert in alerts]).update(told_lines_on=on)
    return len(alerts) == AT_ONCE


def end_alerts(alerts: QuerySet[GoalAlert], *, on: date) -> int:
    """The goal has moved: these are over, and so is what people were told about them."""
    ids = list(alerts.values_list("pk", flat=True))
    if ids:
        GoalAlert.objects.filter(pk__in=ids).update(state=AlertState.ENDED, ended_on=on, version=F("version") + 1)
        settle(events.GOAL_STALE, ids)
    return len(ids)


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
        },
        url=reverse("goals:goal", args=[slug, goal.public_id]),
        key=str(alert.pk),
    )


def _slug() -> str:
    return Tenant.objects.get().slug


def _works_here(person: Employee) -> bool:
    return person.status == Employee.Status.ACTIVE

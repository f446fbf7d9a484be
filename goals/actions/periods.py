"""Periods: opened by the first goal in them, closed and opened again by administrators (product.md §1.5)."""

from dataclasses import asdict
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, F

from goals import events
from goals.importing.goal_judgement import period_name
from goals.models import AlertState, Closing, Goal, GoalAlert, Layer, Period, PeriodState, Status
from goals.queries.periods import still_open
from goals.queries.settings import local_date
from perfsys.audit.actions import record
from perfsys.notices.actions import settle
from perfsys.people.models import Employee

from .adjusting import end_requests_of
from .goal import StaleVersion
from .telling import end_alerts


class PeriodIsClosed(Exception):
    """It was closed already: read it, or open it again with a reason."""


class PeriodIsOpen(Exception):
    """It is open: there is nothing to open again."""


class PeriodStillRuns(Exception):
    """Its last day has not passed yet: close it from the day after."""


@transaction.atomic
def ensure_period(*, starts_on: date, ends_on: date, actor: Employee | None, now: datetime) -> Period:
    """The period from `starts_on` to `ends_on`, both inside it; opened where it does not stand yet."""
    name = period_name(starts_on, ends_on)
    period: Period
    period, is_new = Period.objects.get_or_create(starts_on=starts_on, ends_on=ends_on, defaults={"name": name})
    if is_new:
        record(events.PERIOD_OPENED, subject=period, actor=actor, at=now)
    return period


@transaction.atomic
def close_period(*, period: Period, version: int, actor: Employee | None, now: datetime) -> Period:
    """From now on its goals are read and no longer changed, finished or not (product.md §1.5). Requests about them that
    wait are over, and so are alerts and questions. Raises StaleVersion, PeriodIsClosed, PeriodStillRuns."""
    locked = _locked(period, version)
    if locked.state == PeriodState.CLOSED:
        raise PeriodIsClosed
    today = local_date(now)
    if locked.ends_on >= today:
        raise PeriodStillRuns
    left = still_open(locked)
    end_requests_of(period=locked, actor=actor, now=now)
    end_alerts(GoalAlert.objects.filter(goal__period=locked, state=AlertState.OPEN), on=today)
    unsettled = Closing.objects.filter(goal__period=locked, closed_at=None, undone_at=None)
    settle(events.CLOSING_TO_SETTLE, list(unsettled.values_list("goal", flat=True)))
    locked.state = PeriodState.CLOSED
    locked.version += 1
    locked.save(update_fields=["state", "version"])
    record(events.PERIOD_CLOSED, subject=locked, actor=actor, at=now, details={"left": asdict(left)})
    return locked


@transaction.atomic
def reopen_period(*, period: Period, version: int, why: str, actor: Employee | None, now: datetime) -> Period:
    """A correction, with its reason: its goals can be changed again until it is closed once more. Raises StaleVersion,
    PeriodIsOpen."""
    locked = _locked(period, version)
    if locked.state != PeriodState.CLOSED:
        raise PeriodIsOpen
    locked.state = PeriodState.REVIEW  # it is over, and only looked at once more
    locked.version += 1
    locked.save(update_fields=["state", "version"])
    record(events.PERIOD_REOPENED, subject=locked, actor=actor, at=now, details={"why": why})
    return locked


def _locked(period: Period, version: int) -> Period:
    locked: Period = Period.objects.select_for_update(no_key=True).get(pk=period.pk)
    if locked.version != version:
        raise StaleVersion
    return locked


def quarter_of(on: date) -> tuple[date, date]:
    """First and last day of the quarter `on` lies in: the period a tenant has by default (product.md §1.5)."""
    month = 3 * ((on.month - 1) // 3) + 1
    first = date(on.year, month, 1)
    following = date(on.year + month // 10, (month + 3 - 1) % 12 + 1, 1)
    return first, date.fromordinal(following.toordinal() - 1)


COUNTS = {Layer.COMPANY: "company_goals", Layer.DEPARTMENT: "department_goals", Layer.POSITION: "position_goals"}


def count_more(period: Period, layer: Layer, number: int) -> None:
    """So many public goals came to a layer; the night counts again."""
    Period.objects.filter(pk=period.pk).update(**{COUNTS[layer]: F(COUNTS[layer]) + number})


def count_goals(period: Period) -> None:
    """Count the public goals of each layer anew, for the board's first sentence."""
    goals = Goal.objects.filter(period=period, is_private=False).exclude(status=Status.DRAFT)
    counted = dict(goals.order_by().values("layer").annotate(number=Count("pk")).values_list("layer", "number"))
    Period.objects.filter(pk=period.pk).update(**{name: counted.get(layer, 0) for layer, name in COUNTS.items()})

"""Periods."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, F

from goals import events
from goals.importing.goal_judgement import period_name
from goals.models import Goal, Layer, Period, Status
from perfsys.audit.actions import record
from perfsys.people.models import Employee


@transaction.atomic
def ensure_period(*, starts_on: date, ends_on: date, actor: Employee | None, now: datetime) -> Period:
    """The period from `starts_on` to `ends_on`, both inside it; opened where it does not stand yet."""
    name = period_name(starts_on, ends_on)
    period: Period
    period, is_new = Period.objects.get_or_create(starts_on=starts_on, ends_on=ends_on, defaults={"name": name})
    if is_new:
        record(events.PERIOD_OPENED, subject=period, actor=actor, at=now)
    return period


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

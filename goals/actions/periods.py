"""Periods."""

from datetime import date, datetime

from django.db import transaction

from goals import events
from goals.importing.goal_judgement import period_name
from goals.models import Period
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

"""The open tenant's working days, and how the region's calendar gets into its table.

Source: product.md §1.1, security.md §4.3. Chinese public holidays and make-up working days are announced each
autumn for the year after. They reach us in new versions of chinesecalendar and are copied into a table at every
`migrate`, because the library raises for a year it does not know; the years after stand in provisionally from
`holidays`, and further ones fall back to Monday to Friday. Both are guesses, and say so (`guessed_years`).
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import connections, transaction
from django.db.models import QuerySet, Value

from perfsys.tenancy.prepared import prepared

from .models import CalendarOverride, WorkDay
from .workdays import WorkCalendar

REGION = "CN"
PROVISIONAL_YEARS = 5


def calendar_for(start: date, end: date) -> WorkCalendar:
    """The open tenant's calendar for the years that touch `start`..`end`; one query."""
    rows = _days(date(start.year, 1, 1), date(end.year, 12, 31))
    region = [row[:3] for row in rows if row[3] == 0]
    overrides = {row[0]: row[1] for row in rows if row[3] == 1}
    return assemble(start.year, end.year, region, overrides)


@prepared
def _days(first: date, last: date) -> QuerySet[WorkDay, Any]:
    """The region's, and those of the tenant's own."""
    of_region = WorkDay.objects.filter(region=REGION, on__range=(first, last))
    of_tenant = CalendarOverride.objects.filter(on__range=(first, last))
    return of_region.values_list("on", "is_work_day", "is_provisional", Value(0)).union(
        of_tenant.values_list("on", "is_work_day", Value(value=False), Value(1)), all=True
    )


def assemble(
    first_year: int, last_year: int, region: Iterable[tuple[date, bool, bool]], overrides: dict[date, bool]
) -> WorkCalendar:
    """`region`: (date, is working day, is provisional) of those years; `overrides`: the tenant's own, which win."""
    region = list(region)
    announced = {on.year for on, _, is_provisional in region if not is_provisional}
    return WorkCalendar(
        first_year,
        last_year,
        {on: is_work_day for on, is_work_day, _ in region} | overrides,
        frozenset(set(range(first_year, last_year + 1)) - announced),
    )


def is_work_day(on: date) -> bool:
    return calendar_for(on, on).is_work_day(on)


def work_days(start: date, end: date) -> list[date]:
    """Half-open: `start` counts, `end` does not."""
    return calendar_for(start, end).work_days(start, end)


def load_work_days(using: str = "default", **_: Any) -> None:
    """Make the region's rows what the installed libraries know. Runs after every `migrate`, as the owner."""
    if WorkDay._meta.db_table not in connections[using].introspection.table_names():
        return  # migrated back to before it
    wanted = region_days()
    table = WorkDay.objects.using(using).filter(region=REGION)
    if set(table.values_list("on", "is_work_day", "is_provisional")) == set(wanted):
        return
    with transaction.atomic(using=using):
        table.delete()
        WorkDay.objects.using(using).bulk_create(
            WorkDay(region=REGION, on=on, is_work_day=is_work_day, is_provisional=is_provisional)
            for on, is_work_day, is_provisional in wanted
        )


def region_days() -> list[tuple[date, bool, bool]]:
    """(date, is working day, is provisional) wherever China's calendar differs from Monday to Friday."""
    # Imported here: a tenth of a second that only `migrate` should pay.
    import holidays
    from chinese_calendar.constants import holidays as off
    from chinese_calendar.constants import workdays as on_again

    known = [(on, False, False) for on in off if on.weekday() < 5]
    known += [(on, True, False) for on in on_again if on.weekday() >= 5]
    last = max(off).year
    guesses = holidays.country_holidays("CN", years=range(last + 1, last + 1 + PROVISIONAL_YEARS))
    guessed = [(on, False, True) for on in guesses if on.weekday() < 5 and on.year > last]
    return sorted(known + guessed)

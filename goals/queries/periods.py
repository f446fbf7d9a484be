"""Which period a page is about."""

from datetime import date

from goals.models import Period


def all_periods() -> list[Period]:
    """The newest first."""
    return list(Period.objects.order_by("-starts_on", "ends_on"))


def period_of(periods: list[Period], on: date, wanted: str = "") -> Period | None:
    """The period called `wanted`, else the shortest that covers `on`, else the last that has begun, else the next."""
    named = [period for period in periods if period.name == wanted]
    covering = sorted((p for p in periods if p.covers(on)), key=lambda p: p.ends_on - p.starts_on)
    begun = [period for period in periods if period.starts_on <= on]
    return next(iter([*named, *covering, *begun, *periods[::-1]]), None)


def current_period(on: date) -> Period | None:
    return period_of(all_periods(), on)


def period_called(name: str) -> Period | None:
    found: Period | None = Period.objects.filter(name=name).first() if name else None
    return found

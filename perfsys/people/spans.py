"""Which dated rows hold on a day. Half-open: the first day counts, the last does not."""

from datetime import date

from django.db.models import Q


def holds(on: date, prefix: str = "") -> Q:
    """Rows with `starts_on <= on < ends_on`; `prefix` reaches over a relation ("assignments__")."""
    return Q(**{f"{prefix}starts_on__lte": on}) & ends_after(on, prefix)


def ends_after(on: date, prefix: str = "") -> Q:
    """Rows that hold on some day after `on` or on it, whenever they began."""
    return Q(**{f"{prefix}ends_on": None}) | Q(**{f"{prefix}ends_on__gt": on})

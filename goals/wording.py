"""Figures of a goal in words, for every page that shows one."""

from datetime import date
from decimal import Decimal

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from goals.models import Field, Goal, Kind
from goals.queries.figures import shown_progress


def value_text(goal: Goal) -> str:
    """A reading against its target, "18 / 22"; empty where there is none, and the percent is shown."""
    if goal.kind != Kind.KPI or goal.last_value is None or goal.target is None:
        return ""
    return with_unit(f"{plain(goal.last_value)} / {plain(goal.target)}", goal.unit_of_measure)


def value_now(goal: Goal) -> str:
    """Where a goal above stands: its last reading, else its progress; empty where nothing is known."""
    if goal.kind == Kind.KPI and goal.last_value is not None:
        return _("now %(value)s") % {"value": with_unit(plain(goal.last_value), goal.unit_of_measure)}
    progress = shown_progress(goal)
    return "" if progress is None else _("now %(value)s") % {"value": f"{progress:.0f}%"}


def with_unit(figure: str, unit: str) -> str:
    return f"{figure} {unit}".replace(" %", "%").strip()


def plain(value: Decimal) -> str:
    """Without the zeros the database keeps: 18.500000 is 18.5."""
    return f"{value.normalize():f}"


def told_value(goal: Goal, name: str, value: Decimal | date | None) -> str:
    """A column of a goal that a request can change, in words: "25%", "18 days", "31 December 2026"."""
    if value is None:
        return "–"
    if not isinstance(value, Decimal):
        return date_format(value, pgettext("date format", "j F Y"))
    return f"{plain(value)}%" if name == Field.WEIGHT else with_unit(plain(value), goal.unit_of_measure)

"""Words of the homes, from values."""

from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goals.models import Goal, Kind
from goals.queries.figures import shown_progress

NOON, EVENING, SMALL_HOURS = 12, 18, 5  # o'clock


def greeting(local: datetime, name: str) -> str:
    """`local` is the moment in the tenant's zone."""
    if SMALL_HOURS <= local.hour < NOON:
        return _("Good morning, %(name)s") % {"name": name}
    if NOON <= local.hour < EVENING:
        return _("Good afternoon, %(name)s") % {"name": name}
    return _("Good evening, %(name)s") % {"name": name}


def moved_this_week(goals: int) -> str:
    """Empty for none: a quiet week is no reproach."""
    if not goals:
        return ""
    return ngettext(
        "This week you moved %(number)d of your goals.", "This week you moved %(number)d of your goals.", goals
    ) % {"number": goals}


def reports(number: int, *, everybody: bool) -> str:
    if everybody:
        return ngettext("%(number)d person in your line.", "%(number)d people in your line.", number) % {
            "number": number
        }
    return ngettext("%(number)d person reports to you.", "%(number)d people report to you.", number) % {
        "number": number
    }


def value_text(goal: Goal) -> str:
    """A reading against its target, "18 / 22"; empty where there is none, and the percent is shown."""
    if goal.kind != Kind.KPI or goal.last_value is None or goal.target is None:
        return ""
    return f"{_plain(goal.last_value)} / {_plain(goal.target)} {goal.unit_of_measure}".replace(" %", "%").strip()


def value_now(goal: Goal) -> str:
    """Where a goal above stands: its last reading, else its progress; empty where nothing is known."""
    if goal.kind == Kind.KPI and goal.last_value is not None:
        value = f"{_plain(goal.last_value)} {goal.unit_of_measure}".replace(" %", "%").strip()
        return _("now %(value)s") % {"value": value}
    progress = shown_progress(goal)
    return "" if progress is None else _("now %(value)s") % {"value": f"{progress:.0f}%"}


def _plain(value: Decimal) -> str:
    return f"{value.normalize():f}"

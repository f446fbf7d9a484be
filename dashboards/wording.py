"""Words of the homes, from values."""

from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from .queries import Ask

NOON, EVENING, SMALL_HOURS = 12, 18, 5  # o'clock
STEPS = {
    Ask.HELP: gettext_lazy("Ask what would help"),
    Ask.TALK: gettext_lazy("Talk about the goal"),
    Ask.LOOK: gettext_lazy("Look at the goal"),
    Ask.SEE: gettext_lazy("Answer the check-in"),
    Ask.WRITE: gettext_lazy("Write the first goals"),
}


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

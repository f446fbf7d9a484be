"""A neutral question for each thing to clear up (design.md, Prep pack): it asks what happened and takes no side. Pure;
knows no database."""

from django.utils.translation import gettext as _

LONG = 30
"""Days after which one asks what became of a thing rather than how it is."""


def question(kind: str, days: int) -> str:
    """`kind` as pack.ClearItem has it; `days` since it came up, or since it was due; below 0 it is still to come."""
    if kind == "feedback":
        if days > LONG:
            return _("Looking back at it today, what has become of it?")
        return _("How did it look from where you stood?")
    if kind == "alert":
        return _("Has the plan changed, or is something in the way?")
    if kind == "dispute":
        return _("Which of the records behind it do the two of you see differently?")
    if kind == "promise":
        if days < 0:
            return _("How is what we agreed on last time coming along?")
        return _("What became of what we agreed on last time?")
    if days < 0:
        return _("What would help you to carry on with it?")
    return _("What was in the way, and who could lend a hand?")

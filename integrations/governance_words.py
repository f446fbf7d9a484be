"""What the eight norms ask, why each is met or not, and what to do about it, in words (product.md §5.8)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .governance import Because, Finding, Norm
from .models import Side

NORMS: Mapping[Norm, tuple[Promise | str, Promise | str]] = {
    Norm.FIELDS: (
        gettext_lazy("Field definitions agreed"),
        gettext_lazy("Business, IT and HR have signed the version in force."),
    ),
    Norm.HEALTH: (
        gettext_lazy("Interface health watched"),
        gettext_lazy("Its connection is on, was read in its rhythm, and nothing is missing."),
    ),
    Norm.CHANGES: (
        gettext_lazy("Version changes announced"),
        gettext_lazy("The last change was announced before the day it took effect."),
    ),
    Norm.INTERPRETER: (
        gettext_lazy("Final interpretation named"),
        gettext_lazy("Whoever has the last word on what it means works here."),
    ),
    Norm.OWNER: (
        gettext_lazy("Owner named"),
        gettext_lazy("Whoever answers for it works here."),
    ),
    Norm.ALARM: (
        gettext_lazy("Retry and alarm tested"),
        gettext_lazy("A reading was put off and came to its end, and somebody was told that something was missing."),
    ),
    Norm.RECONCILED: (
        gettext_lazy("Reconciliation on"),
        gettext_lazy("It was compared with a second source in the last 7 days."),
    ),
    Norm.DISPUTES: (
        gettext_lazy("Dispute channel open"),
        gettext_lazy("Whoever contests a figure reaches somebody who decides."),
    ),
}
FACTS: Mapping[Because, Promise | str] = {
    Because.SIGNED: gettext_lazy("Version %(number)s, in force since %(on)s, is signed by all three sides."),
    Because.NO_VERSION: gettext_lazy("No version is in force."),
    Because.NOT_SIGNED: gettext_lazy("Version %(number)s, in force since %(on)s, is not signed by: %(sides)s."),
    Because.HEALTHY: gettext_lazy("“%(source)s” is on and was last read at %(at)s; nothing is missing."),
    Because.NOT_ON: gettext_lazy("“%(source)s” is not on."),
    Because.NEVER_READ: gettext_lazy("“%(source)s” has not been read to the end yet."),
    Because.LATE: gettext_lazy("“%(source)s” was due at %(at)s and has not been read since."),
    Because.GAPS_OPEN: gettext_lazy("Alarms of “%(source)s” that are still open: %(number)s."),
    Because.FIRST_VERSION: gettext_lazy("Its first version is in force; nothing has changed since."),
    Because.ANNOUNCED: gettext_lazy("Version %(number)s was announced on %(told_on)s, for %(on)s."),
    Because.NOT_ANNOUNCED: gettext_lazy("Version %(number)s, for %(on)s, was announced on %(told_on)s only."),
    Because.NAMED: "%(name)s",
    Because.HAS_LEFT: gettext_lazy("%(name)s does not work here any more."),
    Because.TRIED: gettext_lazy("“%(source)s” carried on by itself at %(at)s; an alarm was told at %(told_at)s."),
    Because.NO_RETRY: gettext_lazy(
        "An alarm of “%(source)s” was told at %(told_at)s; no reading has been put off and carried on yet."
    ),
    Because.NO_ALARM: gettext_lazy("“%(source)s” carried on by itself at %(at)s; no alarm has been told yet."),
    Because.NEITHER: gettext_lazy("On “%(source)s” neither a retry nor an alarm has been seen yet."),
    Because.COMPARED: gettext_lazy("Compared with “%(other)s” at %(at)s."),
    Because.NO_PAIR: gettext_lazy("It is compared with nothing."),
    Because.PAIR_OFF: gettext_lazy("Comparing it with “%(other)s” is switched off."),
    Because.NOT_COMPARED: gettext_lazy("Last compared with “%(other)s”: %(at)s."),
    Because.OPEN: gettext_lazy("%(name)s decides, within %(days)s work days."),
    Because.OPEN_TO_PARTNERS: gettext_lazy(
        "Its owner has left: the HR partner of whoever contests it decides, or an administrator, within %(days)s work "
        "days."
    ),
    Because.NO_ACCOUNT: gettext_lazy("%(name)s would have to decide, and cannot sign in."),
    Because.NOBODY_DECIDES: gettext_lazy("Its owner has left, and there is no HR partner and no administrator."),
}
STEPS: Mapping[Because, Promise | str] = {
    Because.NO_VERSION: gettext_lazy("Have a version signed and announce it."),
    Because.NOT_SIGNED: gettext_lazy("Begin a new version and have all three sides sign it."),
    Because.NOT_ON: gettext_lazy("Mend it if something stopped it, and switch it on."),
    Because.NEVER_READ: gettext_lazy("Read it once, and look at what its last run says."),
    Because.LATE: gettext_lazy("Look at its last run, and whether the background work is running."),
    Because.GAPS_OPEN: gettext_lazy("Get what is missing, or close the alarms with a reason."),
    Because.NOT_ANNOUNCED: gettext_lazy("Announce the next change before its day."),
    Because.HAS_LEFT: gettext_lazy("Name somebody else."),
    Because.NO_RETRY: gettext_lazy(
        "Agree on a short pause with the other system's keeper, and read it then: the run must carry on by itself."
    ),
    Because.NO_ALARM: gettext_lazy(
        "Agree with the other system's keeper to hold something back until it is late: its owner here must be told."
    ),
    Because.NEITHER: gettext_lazy(
        "Agree on a pause with the other system's keeper that is longer than its rhythm: the run must carry on by "
        "itself, and its owner here must be told."
    ),
    Because.NO_PAIR: gettext_lazy("Define the same figure from a second source, and compare the two."),
    Because.PAIR_OFF: gettext_lazy("Switch it on again."),
    Because.NOT_COMPARED: gettext_lazy("See whether both figures still get new days, and compare them."),
    Because.NO_ACCOUNT: gettext_lazy("Invite them, or name another owner."),
    Because.NOBODY_DECIDES: gettext_lazy("Name another owner."),
}


def fact(found: Finding) -> str:
    """The sentence behind a finding, in the reader's language and the company's time."""
    return str(FACTS[found.because]) % {name: _said(value) for name, value in found.words.items()}


def next_step(found: Finding) -> str:
    """ "" where it is met."""
    return "" if found.is_met else str(STEPS[found.because])


def _said(value: object) -> str:
    if value is None:
        return _("never")
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    if isinstance(value, date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, tuple):
        return _(", ").join(str(Side(side).label) for side in value)
    return str(value)

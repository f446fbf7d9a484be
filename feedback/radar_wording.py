"""What a radar says in words."""

from collections.abc import Sequence
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from perfsys.lexicon.models import Nature

from .radar import Line, Radar, Reason, Suggestion

PRAISE = gettext_lazy("Praise")
HOPED = gettext_lazy("Hoped for")


def lede(counted: Radar) -> str:
    if not counted.total:
        return _("What colleagues noticed in the last 90 days, by competency.")
    return _("In the last 90 days: praise %(praise)d, hopes %(hopes)d.") % {
        "praise": counted.positive,
        "hopes": counted.constructive,
    }


def seen_by(manager: str, partner: str) -> str:
    """To the person; empty names are of nobody. Manager and partner may be one."""
    if manager and partner and manager != partner:
        told = _("Only you, %(manager)s and %(partner)s see this page.") % {"manager": manager, "partner": partner}
    elif name := manager or partner:
        told = _("Only you and %(name)s see this page.") % {"name": name}
    else:
        return _("Only you see this page.")
    return told + " " + _("What was written to you alone, only you see.")


def seen_by_others(name: str) -> str:
    return _(
        "Seen by %(name)s, the direct manager and the HR partner. What only %(name)s may read is not counted here."
    ) % {"name": name}


def finding(axes: Sequence[Line], names: Sequence[str]) -> str:
    """The chart in one line."""
    top, name = max(zip(axes, names, strict=True), key=lambda pair: pair[0].total)
    said = _("Behaviour radar: %(name)s most often (%(count)d)") % {"name": name, "count": top.total}
    hoped, hoped_name = max(zip(axes, names, strict=True), key=lambda pair: pair[0].constructive)
    if not hoped.constructive:
        return said
    return said + _("; most is hoped for in %(name)s (%(count)d)") % {
        "name": hoped_name,
        "count": hoped.constructive,
    }


def reason(suggestion: Suggestion) -> str:
    line = suggestion.line
    if suggestion.reason == Reason.HOPED:
        return _("What colleagues hoped for: %(hopes)d, what they praised: %(praise)d.") % {
            "hopes": line.constructive,
            "praise": line.positive,
        }
    if line.total:
        return _("Noticed less than the rest: %(count)d.") % {"count": line.total}
    return _("Nobody has written about it yet.")


def week_label(name: str, monday: date, count: int) -> str:
    return _("%(name)s, week of %(day)s: %(count)d") % {
        "name": name,
        "day": f"{monday.month}/{monday.day}",
        "count": count,
    }


def behind(name: str, nature: str, monday: date | None) -> str:
    """The heading over the feedbacks of one number."""
    if monday is not None:
        return _("%(name)s, week of %(day)s") % {"name": name, "day": f"{monday.month}/{monday.day}"}
    if nature:
        return _("%(name)s: %(kind)s") % {"name": name, "kind": PRAISE if nature == Nature.POSITIVE else HOPED}
    return _("%(name)s, last 90 days") % {"name": name}


def cell_label(name: str, competency: str, nature: str, count: int) -> str:
    """A number of the matrix, read aloud."""
    said = _("%(name)s, %(competency)s, praise: %(count)d")
    if nature == Nature.CONSTRUCTIVE:
        said = _("%(name)s, %(competency)s, hoped for: %(count)d")
    return said % {"name": name, "competency": competency, "count": count}


def heard(feedbacks: int, givers: int) -> str:
    """Out of how much the words come."""
    if not feedbacks:
        return _("What colleagues said most often in the last 90 days.")
    return _("In the last 90 days: feedback %(feedbacks)d, from colleagues %(givers)d.") % {
        "feedbacks": feedbacks,
        "givers": givers,
    }


def holding(word: str) -> str:
    """The heading over the feedbacks a word stands in."""
    return _("“%(word)s” in the last 90 days") % {"word": word}

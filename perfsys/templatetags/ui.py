"""The small parts that stand many times on a page, as tags: in a table of a hundred rows an include costs too much.

Percents are numbers 0..100 (Decimal, float, int or None); dates come with the `now` they are told from, because
templates do not ask the clock. Classes `v-N` and `p-N` set a width without a style attribute (static/app.css).
"""

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from html import escape
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext_lazy, gettext_noop, ngettext, npgettext, pgettext
from django.utils.translation import gettext as _

from perfsys.common import drawing

register = template.Library()

Percent = Decimal | float | int | None
RELATIVE_DAYS = 7
TINTS = 6


@dataclass(frozen=True)
class Health:
    """How a goal's state looks (the CSS class gives colour and shape) and what it is called."""

    css: str
    word: Any


# The strongest state is a conversation: no state of a goal is an alarm (design.md §1.3).
HEALTH = {
    "ok": Health("ok", gettext_lazy("Steady")),
    "watch": Health("watch", gettext_lazy("Keep an eye")),
    "talk": Health("talk", gettext_lazy("Worth a talk")),
    "adjusted": Health("adj", gettext_lazy("Adjusted")),
    "idle": Health("idle", gettext_lazy("Idle")),
}


@register.simple_tag
@lru_cache(maxsize=256)  # a tree of a hundred rows draws two hundred
def icon(name: str, extra: str = "") -> SafeString:
    """A symbol of static/icons.svg, for the eye only: the words beside it say what it means."""
    address = static("icons.svg")
    return format_html('<svg class="i {}" aria-hidden="true"><use href="{}#{}"></use></svg>', extra, address, name)


@register.simple_tag(takes_context=True)
def again(context: Any, name: str) -> SafeString:
    """A template that stands more than once on a page and says the same each time: drawn once."""
    drawn = vars(context).setdefault("drawn", {})
    if name not in drawn:
        drawn[name] = context.template.engine.get_template(name).render(context)
    return SafeString(drawn[name])


@register.simple_tag
def attributes(given: Mapping[str, Any]) -> SafeString:
    """The attributes of a form's control; Django's loop in a template was a tenth of a long form's time."""
    return SafeString(
        "".join(
            f" {name}"
            if value is True
            else f' {name}="{value if isinstance(value, SafeString) else escape(str(value))}"'
            for name, value in given.items()
            if value is not None and value is not False
        )
    )


@register.filter
def clamp(value: Percent) -> int:
    """A percent as a whole number 0..100, the only numbers the width classes know. Nothing counts as 0."""
    if value is None:
        return 0
    return max(0, min(100, int(Decimal(str(value)).to_integral_value(ROUND_HALF_UP))))


@register.filter
def percent(value: Percent) -> str:
    """`72%`, or a dash where there is no figure: an unknown progress is not zero progress."""
    return "–" if value is None else f"{Decimal(str(value)).to_integral_value(ROUND_HALF_UP):f}%"


@register.filter
def share(part: int, whole: int) -> int:
    """What percent `part` is of `whole`, clamped; of nothing it is 0."""
    return clamp(100 * part / whole) if whole else 0


@register.simple_tag
def bar(value: Percent, plan: Percent = None, label: str = "", extra: str = "") -> SafeString:
    """Progress with a tick where the plan would be today (expected progress): pace is a fact, not a colour."""
    told, tick, width = percent(value), "", clamp(value)
    if plan is not None:
        told = _("%(progress)s, the plan for today is %(plan)s") % {"progress": told, "plan": percent(plan)}
        tick = f'<s class="p-{clamp(plan)}"></s>'
    # Not format_html: its escaping of numbers and of our own words was a third of a long page's time.
    return SafeString(
        f'<span class="bar {escape(extra)}" role="progressbar" aria-valuemin="0" aria-valuemax="100" '
        f'aria-valuenow="{width}" aria-valuetext="{escape(told)}" aria-label="{escape(label or _("Progress"))}">'
        f'<i class="v-{width}"></i>{tick}</span>'
    )


@register.simple_tag
def badge(health: str) -> SafeString:
    """Colour, shape and word of a goal's health: ok, watch, talk, adjusted or idle. An unknown word is a fault."""
    return _badge(health, get_language())


@lru_cache(maxsize=32)
def _badge(health: str, _language: str | None) -> SafeString:
    look = HEALTH[health]
    return format_html('<span class="badge {}">{}</span>', look.css, look.word)


@register.simple_tag
def mix(counts: Mapping[str, int]) -> SafeString:
    """How the goals below stand, as a strip of parts; `counts` is health -> number of goals."""
    total = sum(counts.values())
    if not total:
        return SafeString("")
    present = [(HEALTH[health], number) for health, number in counts.items() if number]
    told = _("Goals below: %(parts)s") % {"parts": _(", ").join(f"{look.word} {number}" for look, number in present)}
    parts = format_html_join(
        "", '<i class="{} v-{}"></i>', ((look.css, max(1, share(number, total))) for look, number in present)
    )
    return format_html('<span class="mix" role="img" aria-label="{}">{}</span>', told, parts)


@register.simple_tag
def avatar(name: str, extra: str = "") -> SafeString:
    """A person's or a company's first character on a tint that stays with the name."""
    tint = zlib.crc32(name.encode()) % TINTS + 1
    return format_html(
        '<span class="av {}" data-t="{}" aria-hidden="true">{}</span>', extra, tint, name.strip()[:1].upper()
    )


# Django's own Chinese for these is the long form, 星期五; the project's catalogue comes before it.
WEEKDAYS = tuple(gettext_noop(short) for short in ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"))


@register.filter
def day(value: date | None) -> str:
    """`Fri 13 March`; Chinese reads 3 月 13 日 周五."""
    return formats.date_format(_local(value), pgettext("date format", "D j F")) if value else ""


@register.filter
def when(value: date | None, now: datetime) -> str:
    """A moment or a date as people say it: by words within seven days, else by its date, with the year if another."""
    if value is None:
        return ""
    told, today = _local(value), timezone.localtime(now).date()
    on = told.date() if isinstance(told, datetime) else told
    days = (today - on) // timedelta(days=1)
    if days == 0:
        return _at(told, pgettext("day", "today"))
    if days == 1:
        return _at(told, pgettext("day", "yesterday"))
    if 1 < days <= RELATIVE_DAYS:
        return ngettext("%(days)d day ago", "%(days)d days ago", days) % {"days": days}
    if days == -1:
        return _at(told, pgettext("day", "tomorrow"))
    if on.year != today.year:
        return formats.date_format(on, pgettext("date format", "j F Y"))
    return formats.date_format(on, pgettext("date format", "j F"))


def _local(value: date) -> date:
    return timezone.localtime(value) if isinstance(value, datetime) and timezone.is_aware(value) else value


def _at(told: date, word: str) -> str:
    return f"{word} {told:%H:%M}" if isinstance(told, datetime) else word


@register.filter
def days_since(value: date | None, now: datetime) -> int | None:
    """Whole days from `value` to `now`, both in the reader's time zone."""
    if value is None:
        return None
    told = _local(value)
    return (timezone.localtime(now).date() - (told.date() if isinstance(told, datetime) else told)).days


@register.simple_tag
def count_of(number: int, kind: str) -> str:
    """`4 goals`, `4 个目标`: the few countable nouns that stand beside headings."""
    forms = {
        "goals": npgettext("count", "%(number)d goal", "%(number)d goals", number),
        "people": npgettext("count", "%(number)d person", "%(number)d people", number),
        "items": npgettext("count", "%(number)d item", "%(number)d items", number),
        "sentences": npgettext("count", "%(number)d sentence", "%(number)d sentences", number),
        "rows": npgettext("count", "%(number)d row", "%(number)d rows", number),
    }
    return forms[kind] % {"number": number}


@register.simple_tag
def fan(blocks: Iterable[Any], inner: str = "") -> SafeString:
    """Wires from a stack of blocks to the node right of it. A block is one row high, or `len(block[inner])` rows."""
    sizes = [len(block[inner]) if inner else 1 for block in blocks]
    rows, paths = drawing.fan_in(sizes)
    return _wires(paths, height=rows, on=range(len(paths)))


@register.simple_tag
def wires(start: int | None, count: int, on: int | None = None) -> SafeString:
    """Wires of the board from card `start` of one column to the `count` cards of the next; `on` is the chosen one."""
    if start is None or not count:
        return SafeString("")
    card, gap, head = 92, 8, 40
    middles = [head + gap + card / 2 + (card + gap) * row for row in range(max(start + 1, count))]
    paths = drawing.fan_out(middles[start], middles[:count])
    height = head + (card + gap) * len(middles)
    return _wires(paths, height=height, on=() if on is None else (on,), fixed=True)


def _wires(paths: Sequence[str], *, height: int, on: Sequence[int], fixed: bool = False) -> SafeString:
    lines = format_html_join(
        "", '<path{} d="{}"/>', ((SafeString(' class="on"') if n in on else "", path) for n, path in enumerate(paths))
    )
    return format_html(
        '<svg class="wires"{} viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        format_html(' height="{}"', height) if fixed else "",
        drawing.WIRE_WIDTH,
        height,
        lines,
    )


@register.simple_tag
def trail(points: Sequence[Any], label: str, today: date | None = None) -> SafeString:
    """Progress and plan over time. Points, by date, have `on` (date), `actual` and `expected` (percent or None). What
    was reached is drawn on to `today`, where that lies inside."""
    if len(points) < 2 or points[0].on == points[-1].on:
        return SafeString("")
    at = _along(points)
    actual = [(at(p.on), float(clamp(p.actual))) for p in points if p.actual is not None]
    expected = [(at(p.on), float(clamp(p.expected))) for p in points if p.expected is not None]
    is_inside = today is not None and points[0].on <= today <= points[-1].on
    now = at(today) if today is not None and is_inside else None
    held = [*actual, (now, actual[-1][1])] if now is not None and actual and actual[-1][0] < now else actual
    return format_html(
        '<svg class="trail" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path class="grid" d="M0 0H100M0 25H100M0 50H100M0 75H100M0 100H100"/><path class="below" d="{}"/>'
        '<path class="today" d="{}"/><path class="plan" d="{}"/><path class="fact" d="{}"/><path class="dots" d="{}"/>'
        "</svg>",
        drawing.TRAIL_WIDTH,
        drawing.TRAIL_HEIGHT,
        label,
        drawing.below(held),
        "" if now is None else drawing.upright(now),
        drawing.slope(expected),
        drawing.steps(held),
        drawing.dots(actual),
    )


@register.simple_tag
def stages(points: Sequence[Any], milestones: Sequence[Any], label: str) -> SafeString:
    """A line below the trail of `points`: each milestone at the day it was planned for (hollow) and the day it was
    done (filled), joined where they differ. Milestones have `due_on` and `done_on`."""
    if len(points) < 2 or points[0].on == points[-1].on or not milestones:
        return SafeString("")
    along = _along(points)

    def at(day: date) -> float:
        return min(100.0, max(0.0, along(day)))

    planned = [(at(one.due_on), 50.0) for one in milestones]
    done = [(at(one.done_on), 50.0) for one in milestones if one.done_on]
    moved = [(at(one.due_on), at(one.done_on)) for one in milestones if one.done_on]
    return format_html(
        '<svg class="trail lane" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<path class="grid" d="M0 50H100"/><path class="moved" d="{}"/><path class="ring" d="{}"/>'
        '<path class="hole" d="{}"/><path class="dots" d="{}"/></svg>',
        drawing.TRAIL_WIDTH,
        drawing.TRAIL_HEIGHT,
        label,
        drawing.spans(moved, 50),
        drawing.dots(planned),
        drawing.dots(planned),
        drawing.dots(done),
    )


def _along(points: Sequence[Any]) -> Callable[[date], float]:
    """Where a day lies between the first point and the last, in percent."""
    first, whole = points[0].on, (points[-1].on - points[0].on).days
    return lambda day: float(100 * (day - first).days / whole)

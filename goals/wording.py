"""Figures of a goal in words, for every page that shows one."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from goals.models import RESULT_FIGURES, AdjustmentLine, Cadence, Direction, Field, Goal, KeyResult, Kind
from goals.queries.bound import Mark, progress_beside, value_beside
from goals.queries.extras import said_of

# What is written of a goal, by its name in forms: for the second of two editors, and for versions side by side.
COLUMNS: Mapping[str, Promise] = {
    "title": gettext_lazy("What is to be reached"),
    "kind": gettext_lazy("What kind of goal"),
    "weight": gettext_lazy("Weight"),
    "is_core": gettext_lazy("A core goal"),
    "is_private": gettext_lazy("Private"),
    "measure": gettext_lazy("Measured by"),
    "unit_of_measure": gettext_lazy("Unit of measure"),
    "direction": gettext_lazy("Which way"),
    "baseline": gettext_lazy("Where it stands today"),
    "target": gettext_lazy("Target"),
    "hold_low": gettext_lazy("Not below"),
    "hold_high": gettext_lazy("Not above"),
    "cadence_times": gettext_lazy("How many times"),
    "cadence_per": gettext_lazy("Per"),
    "delivers": gettext_lazy("What each time delivers"),
    "starts_on": gettext_lazy("Begins on"),
    "due_on": gettext_lazy("Due on"),
    "evidence_type": gettext_lazy("Kind of evidence"),
    "evidence_number": gettext_lazy("Its number"),
    "evidence_plan": gettext_lazy("How the evidence will come about"),
    "scoring": gettext_lazy("What it counts for"),
    "scoring_figure": gettext_lazy("The limit, or the points taken off"),
    "extra": gettext_lazy("Further information"),
}


def value_text(goal: Goal, mark: Mark | None = None) -> str:
    """A reading against its target, "18 / 22"; empty where there is none, and the percent is shown."""
    value = value_beside(goal, mark)
    if goal.kind != Kind.KPI or value is None or goal.target is None:
        return ""
    return with_unit(f"{brief(value, limits_of(goal))} / {plain(goal.target)}", goal.unit_of_measure)


def value_now(goal: Goal, mark: Mark | None = None) -> str:
    """Where a goal above stands: its last reading, else its progress; empty where nothing is known."""
    value = value_beside(goal, mark)
    if goal.kind == Kind.KPI and value is not None:
        return _("now %(value)s") % {"value": with_unit(brief(value, limits_of(goal)), goal.unit_of_measure)}
    progress = progress_beside(goal, mark)
    return "" if progress is None else _("now %(value)s") % {"value": f"{progress:.0f}%"}


AS_TYPED = 4  # digits behind the point: nobody types more, and who does means them


def brief(value: Decimal, limits: Collection[Decimal] = (), *, digits: int = 2) -> str:
    """A reading as it is shown. A metric's has six digits behind the point, of which `digits` are told, or four below
    one, where the digits are the figure; as many as the `limits` it is measured by have, at least. What a few digits
    say is told as it is. Half is rounded away from zero, and nothing onto a limit that it has not reached."""
    if decimals(value) <= AS_TYPED:
        return plain(value)
    places = max(digits, 2 if abs(value) >= 1 else 4, *map(decimals, limits))
    told = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    return plain(value if told in limits else told + 0)  # no minus before nothing


def limits_of(measured_by: Goal | KeyResult) -> list[Decimal]:
    """What a reading of it is held against."""
    found = (getattr(measured_by, name, None) for name in ("target", "hold_low", "hold_high"))
    return [one for one in found if one is not None]


def decimals(value: Decimal) -> int:
    """Digits behind the point, without noughts at the end."""
    exponent = value.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def with_unit(figure: str, unit: str) -> str:
    return f"{figure} {unit}".replace(" %", "%").strip()


def cadence(times: int | None, per: str) -> str:
    """How often, as it is said: twice a week is “每周 2 次”."""
    return _("%(times)d × %(per)s") % {"times": times, "per": Cadence(per).label} if times and per else ""


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


def told_measure(goal: Goal) -> str:
    """By what it is measured and how far it is to go; of a commitment how often, and what each time delivers."""
    if goal.kind == Kind.BEHAVIOUR:
        often = cadence(goal.cadence_times, goal.cadence_per)
        return " · ".join(one for one in (often, goal.delivers) if one) or "–"
    held = goal.direction == Direction.HOLD
    ends, between = (("hold_low", "hold_high"), " – ") if held else (("baseline", "target"), " → ")
    figures = [getattr(goal, name) for name in ends]
    told = between.join(told_value(goal, ends[0], figure) for figure in figures if figure is not None)
    return " · ".join(one for one in (goal.measure, told) if one) or "–"


def told_of_line(line: AdjustmentLine, value: Decimal | date | None) -> str:
    """A value of what a line of a request changes, in words; read it with goal and key result."""
    if line.key_result is None or not isinstance(value, Decimal):
        return told_value(line.goal, line.field, value)
    return told_of_result(line.key_result, RESULT_FIGURES[Field(line.field)], value)


def told_of_result(result: KeyResult, column: str, value: Decimal) -> str:
    return plain(value) if column == "weight" else with_unit(plain(value), result.unit_of_measure)


def told_result(result: Any) -> str:
    """A key result, or a version of one, by its figures: "at most 3 days, weight 2"."""
    to = with_unit(plain(result.target), result.unit_of_measure)
    if result.direction == Direction.LOWER:
        to = _("at most %(value)s") % {"value": to}
    elif result.baseline is not None:
        to = f"{with_unit(plain(result.baseline), result.unit_of_measure)} → {to}"
    return _("%(target)s, weight %(weight)s") % {"target": to, "weight": plain(result.weight)}


def told_column(row: Any, name: str) -> str:
    """A column of a goal, or of one of its versions, in words; empty where nothing is said."""
    value = getattr(row, name)
    if name == "extra":
        return "; ".join(f"{one.label}: {one.text}" for one in said_of([row])[row.pk])
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, date):
        return told_value(row, name, value)
    if isinstance(value, Decimal):
        return plain(value) if name == "scoring_figure" else told_value(row, name, value)
    column: Any = Goal._meta.get_field(name)
    return str(dict(column.flatchoices).get(value, value))

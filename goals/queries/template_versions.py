"""A template as one of its versions keeps it, and what changed from one to the next (product.md §2.12)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goals.extras import KINDS
from goals.models import BusinessLine, Goal, GoalTemplate, Layer, TemplateGoal, TemplateVersion
from goals.wording import COLUMNS, plain

from .templates import result_of

MOST_VERSIONS = 100
OF_GOAL = (
    "kind",
    "weight",
    "is_core",
    "measure",
    "unit_of_measure",
    "target",
    "direction",
    "cadence_times",
    "cadence_per",
    "delivers",
    "evidence_type",
    "evidence_plan",
)
"""Columns a line of a template and a goal have under the same name, beside the title."""
OF_TEMPLATE: Mapping[str, Promise] = {
    "name": gettext_lazy("Name of the template"),
    "line": gettext_lazy("Business line"),
    "layer": gettext_lazy("Whose goals"),
    "summary": gettext_lazy("What it is for"),
}
OF_FIELD: Mapping[str, Promise] = {
    "kind": gettext_lazy("Kind of answer"),
    "is_required": gettext_lazy("Required"),
    "choices": gettext_lazy("Choices"),
    "formula": gettext_lazy("Formula"),
    "when": gettext_lazy("Only when"),
    "equals": gettext_lazy("says"),
    "says": gettext_lazy("Hint below it"),
    "listed": gettext_lazy("In the tables of goals too"),
}


@dataclass(frozen=True)
class Change:
    """`about` names the goal or field; `was` or `now` is empty where it came or went."""

    about: str
    what: str
    was: str
    now: str


def content_of(template: GoalTemplate, goals: Sequence[TemplateGoal]) -> dict[str, Any]:
    """What a version keeps beside the extra fields."""
    words = {name: getattr(template, name) for name in OF_TEMPLATE}
    lines = [
        {
            "title": goal.title,
            "milestones": list(goal.milestones),
            "key_results": list(goal.key_results),
            **{name: _kept(getattr(goal, name)) for name in OF_GOAL},
        }
        for goal in goals
    ]
    return {**words, "goals": lines}


def versions_of(template: GoalTemplate) -> list[TemplateVersion]:
    """The newest first. One query."""
    found = TemplateVersion.objects.filter(template=template).select_related("made_by")
    return list(found.order_by("-number")[:MOST_VERSIONS])


def changes(old: TemplateVersion, new: TemplateVersion) -> list[Change]:
    """What differs, in words: the template, its goals (known by their title), its extra fields (known by their key)."""
    return [
        *_columns("", OF_TEMPLATE, old.content, new.content),
        *_goals(old.content.get("goals", []), new.content.get("goals", [])),
        *_fields(old.fields, new.fields),
    ]


def _goals(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    labels = {name: COLUMNS[name] for name in OF_GOAL}
    labels |= {"milestones": gettext_lazy("Stages"), "key_results": gettext_lazy("Key results")}
    yield from _pairs({goal["title"]: goal for goal in old}, {goal["title"]: goal for goal in new}, labels, _("Goal"))


def _fields(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    names = {one["key"]: one["label"] for one in (*old, *new)}

    def told(fields: Sequence[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
        return {one["key"]: {**one, "when": names.get(one["when"], "")} for one in fields}

    yield from _pairs(told(old), told(new), OF_FIELD, _("Extra field"))


def _pairs(
    old: Mapping[str, Mapping[str, Any]], new: Mapping[str, Mapping[str, Any]], labels: Mapping[str, Any], what: str
) -> Iterator[Change]:
    for key in dict.fromkeys([*new, *old]):
        before, after = old.get(key), new.get(key)
        name_before, name_after = _name_of(before), _name_of(after)
        if before is None or after is None or name_before != name_after:
            yield Change(name_after or name_before, what, name_before, name_after)
        if before is not None and after is not None:
            yield from _columns(name_after, labels, before, after)


def _name_of(one: Mapping[str, Any] | None) -> str:
    return "" if one is None else str(one.get("label", one.get("title", "")))


def _columns(about: str, labels: Mapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name, label in labels.items():
        if (old.get(name) or None) != (new.get(name) or None):  # a version of before has no key results, not other ones
            yield Change(about, str(label), _told(name, old.get(name)), _told(name, new.get(name)))


def _kept(value: Any) -> Any:
    return plain(value) if isinstance(value, Decimal) else value


def _told(name: str, value: Any) -> str:
    if value in (None, "", []):
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "milestones":
        return "; ".join(f"{stage['title']} {stage['after']}%" for stage in value)
    if name == "key_results":
        results = map(result_of, value)
        return "; ".join(" ".join(filter(None, (one.title, one.measure, one.figure))) for one in results)
    if isinstance(value, list):
        return "; ".join(str(one) for one in value)
    named: dict[str, Any] = {"line": dict(BusinessLine.choices), "layer": dict(Layer.choices)}.get(name, {})
    if name == "kind":
        column: Any = Goal._meta.get_field("kind")
        named = dict(KINDS) | dict(column.flatchoices)
    elif name in ("direction", "cadence_per", "evidence_type"):
        column = Goal._meta.get_field(name)
        named = dict(column.flatchoices)
    return f"{value}%" if name == "weight" else str(named.get(value, value))

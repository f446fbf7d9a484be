"""How a goal's owner will see the form, beside the template while it is laid down (product.md §2.12). Reads what is
typed as far as it can be read: nothing is judged here, and nothing kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BaseFormSet

from . import extras
from .actions.templates import GOAL_COLUMNS
from .extras import ExtraField
from .models import Goal, Kind, Layer, ObstacleCause
from .queries.templates import Stage
from .queries.writing import Span
from .template_forms import MOST_CHOICES, unique_keys
from .writing_forms import Desk, GoalForm, key_results, read_result, read_stage

FEW_CAUSES = 6


@dataclass(frozen=True)
class Preview:
    """`titles` of the goals that are written so far, (number of the line, title); `form` is that of the chosen one."""

    titles: list[tuple[int, str]]
    chosen: int
    form: GoalForm
    stages: list[tuple[str, Any]]
    results: list[Any]  # forms, one to spare; none but of an objective


def preview_of(
    goals: BaseFormSet[Any],
    fields: BaseFormSet[Any],
    *,
    layer: str,
    span: Span,
    causes: Sequence[ObstacleCause],
    parents: QuerySet[Goal],
    chosen: int = 0,
) -> Preview | None:
    """Of line `chosen` where it has a title, else of the first that has one; None where none has."""
    lines = {number: _typed(form) for number, form in enumerate(goals)}
    titles = [(number, str(line["title"])) for number, line in lines.items() if line["title"] and not line["DELETE"]]
    if not titles:
        return None
    chosen = chosen if chosen in dict(titles) else titles[0][0]
    line = lines[chosen]
    desk = Desk(
        layer=layer if layer in Layer.values else Layer.POSITION,
        spans=[span],
        parents=parents,
        causes=causes[:FEW_CAUSES],
        fields=_asked([_typed(form) for form in fields]),
    )
    form = GoalForm(desk=desk, initial={name: line[name] for name in GOAL_COLUMNS})
    form.auto_id = "preview-%s"
    for field in form.fields.values():  # it asks nothing of anybody
        for name in [name for name in field.widget.attrs if name.startswith("hx-") or name == "list"]:
            del field.widget.attrs[name]
    due = [
        (stage.title, stage.due_on(span.starts_on, span.ends_on)) for stage in _stages(str(line["milestones"] or ""))
    ]
    results = _results(str(line["key_results"] or "")) if line["kind"] == Kind.OBJECTIVE else []
    return Preview(titles=titles, chosen=chosen, form=form, stages=due, results=results)


def _typed(form: Any) -> dict[str, Any]:
    return {"DELETE": False} | {name: form[name].value() for name in form.fields}


def _stages(told: str) -> list[Stage]:
    found = []
    for line in told.splitlines():
        try:
            found.append(Stage(**read_stage(line)))
        except ValidationError:
            continue
    return found


def _results(told: str) -> list[Any]:
    """Those that can be read, and room for one more."""
    found = []
    for line in told.splitlines():
        try:
            found.append(vars(read_result(line)))
        except ValidationError:
            continue
    forms = list(key_results(initial=found))[: len(found) + 1]
    for form in forms:
        form.auto_id = "preview-%s"
    return forms


def _asked(lines: Sequence[Mapping[str, Any]]) -> list[ExtraField]:
    """Fields that have a name; a condition that names none of those above is left out."""
    named = [line for line in lines if str(line["label"] or "").strip() and not line["DELETE"]]
    found: list[ExtraField] = []
    for key, line in zip(unique_keys([str(line["key"] or "") for line in named]), named, strict=True):
        choices = [" ".join(choice.split()) for choice in str(line["choices"] or "").splitlines()]
        found.append(
            ExtraField(
                key=key,
                label=" ".join(str(line["label"]).split()),
                kind=str(line["kind"] or extras.TEXT),
                is_required=bool(line["is_required"]),
                choices=tuple(dict.fromkeys(choice for choice in choices if choice))[:MOST_CHOICES],
                formula=str(line["formula"] or ""),
                when={str(one.label): one.key for one in found}.get(" ".join(str(line["when"] or "").split()), ""),
                equals=str(line["equals"] or ""),
                says=str(line["says"] or ""),
            )
        )
    return found

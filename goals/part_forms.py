"""What is typed when one part of a draft is edited where the goal is read (product.md §2.2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .models import Field, Goal, Kind
from .writing_forms import ONLY_FOR, Desk, GoalForm

STAGES, RESULTS = "stages", "results"


@dataclass(frozen=True)
class Part:
    """`rows` of fields that are edited together, or the lines of a list; `asked` are what an adjustment request changes
    of it once the goal is published."""

    name: str
    label: Promise
    rows: Sequence[str] = ()
    asked: Sequence[str] = ()


PARTS: Mapping[str, Part] = {
    part.name: part
    for part in (
        Part("words", _("What is to be reached"), ("title", "parent")),
        Part("weight", _("Weight"), ("weight", "is_core"), (Field.WEIGHT,)),
        Part(
            "measure",
            _("Measured by"),
            (
                "measure unit_of_measure",
                "direction",
                "baseline target",
                "hold_low hold_high",
                "cadence_times cadence_per",
                "delivers",
            ),
            (Field.TARGET, Field.HOLD_LOW, Field.HOLD_HIGH),
        ),
        Part("days", _("From, to"), ("starts_on due_on",), (Field.DUE_ON,)),
        Part(STAGES, _("Stages on the way")),
        Part(RESULTS, _("Key results")),
    )
}


def parts_of(goal: Goal) -> list[Part]:
    """Those that a goal of its kind has."""
    absent = set() if goal.kind == Kind.OBJECTIVE else {RESULTS}
    if goal.kind == Kind.MILESTONE:
        absent.add("measure")
    return [part for name, part in PARTS.items() if name not in absent]


class PartForm(GoalForm):
    """Some fields of a draft; what is said of them is judged as on the whole form. `version` is what the editor saw."""

    def __init__(self, data: Any = None, *, goal: Goal, part: Part, desk: Desk, initial: Mapping[str, Any]) -> None:
        super().__init__(data, desk=desk, initial=initial)
        self.goal = goal
        self.stages: Sequence[tuple[str, date]] = ()  # that stand beside, where the days of the goal are edited
        self.use_required_attribute = False
        self.auto_id = f"{part.name}_%s"  # several may be open on one page
        names = [name for row in part.rows for name in row.split() if goal.kind in ONLY_FOR.get(name, Kind)]
        self.fields = {name: self.fields[name] for name in (*names, "version") if name in self.fields}
        if names:
            self.fields[names[0]].widget.attrs["autofocus"] = True
        self._rows = part.rows

    @property
    def rows(self) -> list[list[Any]]:
        rows = [[self[name] for name in row.split() if name in self.fields] for row in self._rows]
        return [row for row in rows if row]

    def clean(self) -> dict[str, Any]:
        self.cleaned_data["kind"] = self.goal.kind  # what is asked of a field depends on it
        cleaned = super().clean()
        last = cleaned.get("due_on")
        late = [title for title, due_on in self.stages if last and due_on > last]
        if late and "due_on" in self.fields and "due_on" not in self.errors:
            told = _("The stage “%(stage)s” lies after that day. Give it an earlier one first.")
            self.add_error("due_on", ValidationError(told, params={"stage": late[0]}))
        return cleaned

    @property
    def said(self) -> dict[str, Any]:
        """The words that this part changes."""
        found = {name: self.cleaned_data[name] for name in self.fields if name not in {"parent", "version"}}
        return found | ({"parent": self.parent_goal} if "parent" in self.fields else {})

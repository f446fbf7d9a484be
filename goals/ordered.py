"""Lines of a form whose order counts, moved one place at a time: by buttons, so that a keyboard does it as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.forms import BaseFormSet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

UP, DOWN = "up", "down"
LABELS: dict[str, Promise] = {UP: _("Move up"), DOWN: _("Move down")}


@dataclass(frozen=True)
class Move:
    """A button: `value` says which line goes which way, `focus` is the button that stands there afterwards."""

    value: str
    icon: str
    focus: str

    @property
    def label(self) -> Promise:
        return LABELS[self.icon]


class OrderedLines(BaseFormSet):  # type: ignore[type-arg]  # it takes no argument when the module is read
    """Each form has its `moves`; the spare lines of a fresh form, which hold nothing yet, have none."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        lines = self.total_form_count() if self.is_bound else self.initial_form_count()
        form.moves = [] if index is None else moves_of(self.prefix or "", index, lines)


def moves_of(prefix: str, index: int, lines: int) -> list[Move]:
    """Of line `index`: at either end the other way is what can be pressed next."""
    found = []
    if 0 < index < lines:
        found.append(Move(f"{prefix}-{index}-up", UP, f"{prefix}-{index - 1}-{UP if index > 1 else DOWN}"))
    if index + 1 < lines:
        last = index + 2 == lines
        found.append(Move(f"{prefix}-{index}-down", DOWN, f"{prefix}-{index + 1}-{UP if last else DOWN}"))
    return found


def moved(lines: Sequence[Any], prefix: str, asked: str) -> list[Any]:
    """`lines` with one of them in its new place, as the `value` of a Move asks; as they are for anything else."""
    found = list(lines)
    of, _dash, way = asked.rpartition("-")
    name, _dash, number = of.rpartition("-")
    if name != prefix or not number.isdecimal() or way not in LABELS:
        return found
    index = int(number)
    other = index - 1 if way == UP else index + 1
    if max(index, other) < len(found) and other >= 0:
        found[index], found[other] = found[other], found[index]
    return found

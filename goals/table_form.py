"""Drafts as rows of a table: a form a row, so that what is wrong with one keeps no other back."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from .models import Direction, Goal, Kind
from .progress import LONGEST, leads_away
from .wording import plain
from .writing_forms import TOO_LONG, WRONG_WAY, Figure, Weight

COLUMNS = ("title", "weight", "measure", "target", "unit_of_measure", "due_on")
DAYS = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日"]  # as Excel copies them
SHORT = {"autocomplete": "off"}


class Day(forms.DateField):
    """Typed or pasted: a browser's calendar takes neither the arrow keys of a table nor a column out of Excel."""

    widget = forms.DateInput(attrs=SHORT | {"inputmode": "numeric", "placeholder": "2026-03-01"}, format="%Y-%m-%d")
    default_error_messages = {"required": _("Choose a day."), "invalid": _("Write the day like 2026-03-01.")}

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(input_formats=DAYS, **kwargs)


def _text() -> forms.TextInput:
    return forms.TextInput(attrs=SHORT)


class RowForm(forms.Form):
    title = forms.CharField(
        label=_("Goal"),
        max_length=500,
        widget=_text(),
        error_messages={"required": _("This one is needed.")},
    )
    weight = Weight(label=_("Weight"))
    measure = forms.CharField(
        label=_("Measured by"), max_length=200, required=False, widget=forms.TextInput(attrs=SHORT)
    )
    target = Figure(label=_("Target"))
    unit_of_measure = forms.CharField(
        label=_("Unit of measure"), max_length=40, required=False, widget=forms.TextInput(attrs=SHORT)
    )
    due_on = Day(label=_("Due on"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any, *, goal: Goal) -> None:
        super().__init__(data, prefix=str(goal.public_id), initial={name: getattr(goal, name) for name in COLUMNS})
        self.goal = goal
        for name in self.fields:
            self.fields[name].widget.attrs["data-cell"] = name
        if not has_target(goal):
            self.fields["target"].disabled = True
            del self.fields["target"].widget.attrs["data-cell"]

    def clean_due_on(self) -> Any:
        due = self.cleaned_data["due_on"]
        if due < self.goal.starts_on:
            raise ValidationError(_("The last day lies before the first."))
        if due - self.goal.starts_on > LONGEST:
            raise ValidationError(TOO_LONG)
        return due

    def clean_target(self) -> Any:
        baseline, target = self.goal.baseline, self.cleaned_data["target"]
        lowers = self.goal.direction == Direction.LOWER
        if baseline is None or target is None or not has_target(self.goal):
            return target
        if leads_away(baseline=baseline, target=target, lowers=lowers):
            raise ValidationError(WRONG_WAY[lowers], params={"from": plain(baseline), "to": plain(target)})
        return target

    @property
    def said(self) -> dict[str, Any]:
        """Of a valid one, by column of the goal."""
        return {name: self.cleaned_data[name] for name in COLUMNS}


def has_target(goal: Goal) -> bool:
    """Whether one figure is what it goes for; the others are written on their own page."""
    return goal.kind == Kind.KPI and goal.direction != Direction.HOLD

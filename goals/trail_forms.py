"""What is typed on a goal's page: a check-in, evidence, an obstacle's state. Sentences say what to do."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from goals.models import Confidence, Goal, Kind, Obstacle, ObstacleState
from goals.wording import plain
from integrations.models import EvidenceType

MOST_PERCENT = 1000


class OnceForm(forms.Form):
    """`key` makes a form that is sent twice count once."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=80)

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.initial.setdefault("key", str(uuid4()))


class CheckInForm(OnceForm):
    """A reading where the goal has a target, a percentage where it has none, neither where ticks are counted."""

    value = forms.DecimalField(max_digits=20, decimal_places=6, required=False)
    confidence = forms.ChoiceField(
        label=_("How sure are you"), choices=Confidence.choices, widget=forms.RadioSelect, required=False
    )
    note = forms.CharField(
        label=_("In a line"),
        help_text=_("What happened, and where it is recorded"),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=2000,
        required=False,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, goal: Goal) -> None:
        self.goal = goal
        shown = goal.last_value if goal.goes_on_in_values else goal.own_progress
        given: dict[str, Any] = {} if shown is None else {"value": plain(shown)}
        super().__init__(data, initial=given)
        if not asks_for_a_figure(goal):
            del self.fields["value"]
            return
        field = self.fields["value"]
        field.label = goal.measure if goal.goes_on_in_values and goal.measure else _("Progress")
        field.widget.attrs |= {"inputmode": "decimal", "step": "any"}
        if not goal.goes_on_in_values:
            field.widget.attrs |= {"min": 0, "max": MOST_PERCENT}
            field.label = _("Progress in percent")

    def clean_value(self) -> Decimal | None:
        value: Decimal | None = self.cleaned_data["value"]
        if value is not None and not self.goal.goes_on_in_values and not 0 <= value <= MOST_PERCENT:
            raise forms.ValidationError(_("Write a percentage from 0 to %(most)d.") % {"most": MOST_PERCENT})
        return value

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        says_something = data.get("value") is not None or data.get("note") or data.get("confidence")
        if not self.errors and "value" in self.fields and not says_something:
            self.add_error("value", _("Write how far it is, or a line about it."))
        return data

    @property
    def said(self) -> dict[str, Any]:
        """As `goals.actions.trail.check_in` takes it."""
        said = {name: self.cleaned_data[name] for name in ("note", "confidence", "key")}
        figure = "value" if self.goal.goes_on_in_values else "percent"
        return said | {figure: self.cleaned_data.get("value")}


def asks_for_a_figure(goal: Goal) -> bool:
    """Stages and habits are ticked; everything else is said as a figure."""
    return goal.kind in {Kind.KPI, Kind.OBJECTIVE}


class EvidenceForm(OnceForm):
    """It stands beside the check-in form, so its fields have names of their own in the page."""

    type = forms.ChoiceField(label=_("Kind of record"), choices=EvidenceType.choices)
    number = forms.CharField(
        label=_("Number of the record"),
        help_text=_("For example the number of the drawing, the order or the report"),
        max_length=120,
        required=False,
    )
    note = forms.CharField(label=_("What it shows"), max_length=2000, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="evidence_%s")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and not data.get("number") and not data.get("note"):
            self.add_error("number", _("Write the number of the record, or what it shows."))
        return data


class ObstacleForm(forms.Form):
    """One of several on the page: the fields of each have ids of their own."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    state = forms.ChoiceField(label=_("Where it stands"), choices=ObstacleState.choices)
    due_on = forms.DateField(
        label=_("Until when"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    resolution = forms.CharField(
        label=_("What was done"), help_text=_("The owner reads it"), max_length=500, required=False
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, of: Obstacle) -> None:
        initial = {"state": of.state, "due_on": of.due_on, "resolution": of.resolution, "version": of.version}
        super().__init__(data, initial=initial, auto_id=f"obstacle_{of.pk}_%s")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("state") == ObstacleState.CLEARED and not data.get("resolution"):
            self.add_error("resolution", _("Say in a line what cleared it: the owner reads it."))
        return data

"""What is typed on a goal's page: a check-in, evidence, an obstacle's state. Sentences say what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from goals.importing.check_in_rows import LARGEST_PERCENT
from goals.models import Confidence, Goal, KeyResult, Kind, Obstacle, ObstacleState, Outcome
from goals.wording import plain, with_unit
from integrations.models import EvidenceType
from perfsys.people.models import Employee
from perfsys.people.queries import people_named

NOT_FOR_THEM = _(
    "They may not read this goal, so they cannot work on it. Name the owner, a manager above or the HR partner."
)
FAR_OFF = 10  # times the largest figure the goal knows of


class OnceForm(forms.Form):
    """`key` makes a form that is sent twice count once."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=80)

    def __init__(self, data: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.initial.setdefault("key", str(uuid4()))


class ReadingForm(OnceForm):
    """A figure that is far from all the goal knows of is asked about once, and taken when it is sent again as it is:
    `sure` holds what was asked about."""

    sure = forms.CharField(widget=forms.HiddenInput, max_length=40, required=False)

    def look_at(self, value: Decimal | None, known: Iterable[Decimal | None], unit: str) -> None:
        """Adds what there is to say beside the figure."""
        if value is None:
            return
        largest = max((abs(one) for one in known if one is not None), default=Decimal(0))
        if not largest or abs(value) <= FAR_OFF * largest or self.cleaned_data.get("sure") == plain(value):
            return
        told = {"value": with_unit(plain(value), unit), "known": with_unit(plain(largest), unit)}
        words = _(
            "%(value)s is more than ten times %(known)s, the largest figure so far. If it is right, save it again."
        )
        self.add_error("value", words % told)
        typed: Any = self.data
        self.data = typed = typed.copy()
        typed[self.add_prefix("sure")] = plain(value)


class ProvedForm(ReadingForm):
    """A figure that comes from a metric is told by people only while that is on hold, and with proof."""

    proof = forms.CharField(
        label=_("Where the figure can be seen"),
        help_text=_("The data is being checked. Until that is done a figure needs proof: a number, a link, a report."),
        max_length=500,
        required=False,
    )

    def ask_for_proof(self, *, is_held: bool) -> None:
        if not is_held:
            del self.fields["proof"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if "proof" in self.fields and data.get("value") is not None and not data.get("proof"):
            self.add_error("proof", _("Say where the figure can be seen, or leave the figure out."))
        return data


class CheckInForm(ProvedForm):
    """A reading where the goal has a target, a percentage where it has none, neither where ticks are counted or the
    figure comes from a metric."""

    field_order = ("value", "proof", "confidence", "note")
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

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        goal: Goal,
        by_results: bool = False,
        is_bound: bool = False,
        is_held: bool = False,
    ) -> None:
        """`by_results`: the figures of the goal come from its key results, each with a form of its own; `is_bound`:
        from a metric, which `is_held` or not."""
        self.goal, self.is_bound = goal, is_bound
        shown = goal.last_value if goal.goes_on_in_values else goal.own_progress
        given: dict[str, Any] = {} if shown is None or is_bound else {"value": plain(shown)}
        super().__init__(data, initial=given)
        self.ask_for_proof(is_held=is_bound and is_held)
        if by_results or not asks_for_a_figure(goal) or (is_bound and not is_held):
            del self.fields["value"]
            return
        field = self.fields["value"]
        field.label = goal.measure if goal.goes_on_in_values and goal.measure else _("Progress")
        field.widget.attrs |= {"inputmode": "decimal", "step": "any"}
        if not goal.goes_on_in_values:
            field.widget.attrs |= {"min": 0, "max": LARGEST_PERCENT}
            field.label = _("Progress in percent")

    def clean_value(self) -> Decimal | None:
        value: Decimal | None = self.cleaned_data["value"]
        if value is not None and not self.goal.goes_on_in_values and not 0 <= value <= LARGEST_PERCENT:
            raise forms.ValidationError(_("Write a percentage from 0 to %(most)d.") % {"most": LARGEST_PERCENT})
        return value

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if self.goal.goes_on_in_values and not self.errors:
            goal = self.goal
            known = (goal.target, goal.baseline, goal.hold_low, goal.hold_high, goal.last_value)
            self.look_at(data.get("value"), known, goal.unit_of_measure)
        says_something = data.get("value") is not None or data.get("note") or data.get("confidence")
        is_asked = "value" in self.fields or asks_for_a_figure(self.goal)
        if not self.errors and is_asked and not says_something:
            field = "value" if "value" in self.fields else "note"
            self.add_error(field, _("Write how far it is, or a line about it."))
        return data

    @property
    def said(self) -> dict[str, Any]:
        """As `goals.actions.trail.check_in` takes it."""
        said = {name: self.cleaned_data[name] for name in ("note", "confidence", "key")}
        said |= {"proof": self.cleaned_data.get("proof", "")}
        figure = "value" if self.goal.goes_on_in_values else "percent"
        return said | {figure: self.cleaned_data.get("value")}


def asks_for_a_figure(goal: Goal) -> bool:
    """Stages and habits are ticked; everything else is said as a figure."""
    return goal.kind in {Kind.KPI, Kind.OBJECTIVE}


class ResultCheckInForm(ProvedForm):
    """A reading of one key result, of several on the page."""

    value = forms.DecimalField(
        max_digits=20,
        decimal_places=6,
        widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "any"}),
        error_messages={"required": _("Write how far it is.")},
    )
    note = forms.CharField(label=_("In a line"), max_length=2000, required=False)
    field_order = ("value", "proof", "note")

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, of: KeyResult, is_bound: bool = False, is_held: bool = False
    ) -> None:
        given: dict[str, Any] = {} if of.last_value is None or is_bound else {"value": plain(of.last_value)}
        super().__init__(data, initial=given, auto_id=f"result_{of.pk}_%s")
        self.ask_for_proof(is_held=is_bound and is_held)
        self.fields["value"].label = of.measure or _("How far it is now")
        self.of = of

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        known = (self.of.target, self.of.baseline, self.of.last_value)
        self.look_at(data.get("value"), known, self.of.unit_of_measure)
        return data

    @property
    def said(self) -> dict[str, Any]:
        """As `goals.actions.trail.check_in` takes it."""
        said = {name: self.cleaned_data[name] for name in ("value", "note", "key")}
        return said | {"proof": self.cleaned_data.get("proof", "")}


class ClosingForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("How it ended"),
        choices=Outcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how it ended.")},
    )
    result = forms.CharField(
        label=_("What came of it"),
        help_text=_("The result, with its figure where there is one"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say in a sentence what came of it.")},
    )
    lesson = forms.CharField(
        label=_("What was learned"),
        help_text=_("What you would do the same way again, or differently"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say in a sentence what was learned: it helps the next goal.")},
    )


class WhyForm(forms.Form):
    """Why something is sent back or taken back; its owner reads it."""

    why = forms.CharField(
        label=_("Why"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say in a sentence why.")},
    )


class EvidenceForm(OnceForm):
    """It stands beside the check-in form, so its fields have names of their own in the page."""

    type = forms.ChoiceField(
        label=_("Kind of record"),
        help_text=_("A proposal is sent on its own, below: it counts once its three steps are proved."),
        choices=[one for one in EvidenceType.choices if one[0] != EvidenceType.PROPOSAL],
    )
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
    helper = forms.CharField(
        label=_("Who works on it"),
        help_text=_("Name or number; whoever it is gets a message. Empty: you."),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    resolution = forms.CharField(
        label=_("What was done"), help_text=_("The owner reads it"), max_length=500, required=False
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, of: Obstacle) -> None:
        self.of = of
        initial = {
            "state": of.state,
            "due_on": of.due_on,
            "helper": of.helper.name if of.helper else "",
            "resolution": of.resolution,
            "version": of.version,
        }
        super().__init__(data, initial=initial, auto_id=f"obstacle_{of.pk}_%s")

    def clean_helper(self) -> Employee | None:
        typed: str = self.cleaned_data["helper"]
        if not typed or (self.of.helper and self.of.helper.name == typed):
            return self.of.helper if typed else None
        found = people_named(typed)
        if not found:
            raise ValidationError(_("Nobody here is called “%(typed)s”."), params={"typed": typed})
        if len(found) > 1:
            told = _("Several people have this name. Type the number: %(number)s.")
            raise ValidationError(told, params={"number": ", ".join(one.employee_no for one in found)})
        return found[0]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if data.get("state") == ObstacleState.CLEARED and not data.get("resolution"):
            self.add_error("resolution", _("Say in a line what cleared it: the owner reads it."))
        if data.get("state") == ObstacleState.OPEN == self.of.state and data.get("helper"):
            data["state"] = ObstacleState.IN_HAND  # to name somebody is enough
        return data

"""What is typed about a contested figure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perfsys.common.proofs import ProofField

LONGEST = timedelta(days=366)


class DisputeForm(forms.Form):
    first_on = forms.DateField(
        label=_("From which day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    last_on = forms.DateField(
        label=_("Until which day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    claim = forms.CharField(
        label=_("What is wrong with it"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("For example: order SO26110301234 was delivered on the 3rd and is not in it."),
        error_messages={"required": _("Write what is wrong, and what shows it.")},
    )
    link = forms.URLField(label=_("A link that shows it"), max_length=500, required=False, assume_scheme="https")
    number = forms.CharField(
        label=_("Number of a record that shows it"),
        max_length=120,
        required=False,
        help_text=_("For example an order number, of a record that is counted in this figure."),
    )
    proofs = ProofField(
        label=_("Files"),
        required=False,
        help_text=_("PDF, pictures, tables or texts, up to three of 5 MB."),
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)

    def __init__(self, data: Any = None, files: Any = None, *, today: date, initial: dict[str, Any]) -> None:
        super().__init__(data, files, initial=initial)
        self.today = today
        for name in ("first_on", "last_on"):
            self.fields[name].widget.attrs["max"] = today.isoformat()

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first, last = cleaned.get("first_on"), cleaned.get("last_on")
        if first and last and first > last:
            self.add_error("last_on", _("Choose the day it begins or a later one."))
        elif first and last and (last > self.today or last - first > LONGEST):
            self.add_error("last_on", _("Choose days that are over, at most a year of them."))
        return cleaned


class QuestionForm(forms.Form):
    text = forms.CharField(
        label=_("What you need to know"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write what you need to know.")},
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)


class AnswerForm(forms.Form):
    text = forms.CharField(
        label=_("Your answer"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write a line.")},
    )
    proofs = ProofField(label=_("Files"), required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)


class DecisionForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What you decided"),
        choices=[
            ("corrected", _("It was wrong, and has been put right at its source")),
            ("upheld", _("It is right as it stands")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )
    reason = forms.CharField(
        label=_("Why"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Shown to the person who contested it, and kept."),
        error_messages={"required": _("Write the reason: it is what the person reads.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


class DisputeSettingsForm(forms.Form):
    work_days = forms.IntegerField(
        label=_("Work days until a contested figure is to be decided"),
        min_value=1,
        max_value=60,
        error_messages={"required": _("Write a number between 1 and 60.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

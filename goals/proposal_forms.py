"""What is typed about a proposal (product.md §5.5): what it is called, and what proves a step of its trail."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from goals.actions.proposal import Proof
from goals.queries.proposals import Step
from goals.trail_forms import OnceForm
from integrations.models import EvidenceType, ProposalStep, Record
from integrations.queries import name_of_record, record_named
from perfsys.common.proofs import ProofField

HELP = {
    ProposalStep.SUBMISSION: _("What is proposed, and to whom it was submitted"),
    ProposalStep.VERIFICATION: _("What was measured before and after, over which days"),
    ProposalStep.BENEFIT: _("What it brings, and how that was worked out: saved pieces × cost of a piece, for example"),
}


class OneProofField(ProofField):
    most = 1
    widget: type[forms.FileInput] = forms.FileInput


class ProofForm(OnceForm):
    """One step. `today` is the tenant's day: what is proved has happened. `standing` is the record that proves the step
    now, `file_name` the file beside it: named as it was the record stays, whatever else has come under that name since
    or is gone; cleared it is taken out."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    on = forms.DateField(
        label=_("Day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Say on which day."), "invalid": _("Write a day such as 2026-11-02.")},
    )
    text = forms.CharField(
        label=_("What shows it"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    number = forms.CharField(
        label=_("Number of the paper"),
        help_text=_("Of the report, the form or the calculation, if it has one"),
        max_length=120,
        required=False,
    )
    link = forms.URLField(
        label=_("Link to it"),
        help_text=_("Where the file or the page lies"),
        max_length=500,
        required=False,
        assume_scheme="https",
        error_messages={"invalid": _("Write a whole address, beginning with https://.")},
    )
    record_type = forms.ChoiceField(
        label=_("Record of a connected system"),
        help_text=_("Its kind, and below it its number"),
        choices=[("", _("None")), *EvidenceType.choices],
        required=False,
    )
    record_number = forms.CharField(label=_("Number of that record"), max_length=120, required=False)

    handed = OneProofField(
        label=_("File"),
        help_text=_("PDF, a picture, a table or a text of up to 5 MB, beside words that say what it shows"),
        required=False,
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        files: Any = None,
        *,
        step: ProposalStep,
        today: date,
        standing: Record | None = None,
        file_name: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(data, files=files, **kwargs)
        self.today, self.step, self.standing = today, step, standing
        if file_name:
            label = _("Without the file “%(name)s” that stands there") % {"name": file_name}
            self.fields["without_file"] = forms.BooleanField(label=label, required=False)
        self.fields["text"].help_text = HELP[step]
        self.initial.setdefault("on", today)

    def clean_link(self) -> str:
        link: str = self.cleaned_data["link"]
        if link and not link.startswith(("https://", "http://")):
            raise forms.ValidationError(_("Write a whole address, beginning with https://."))
        return link

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if (on := data.get("on")) and on > self.today:
            self.add_error("on", _("That day is still to come: a step is proved once it was done."))
        kind, number = data.get("record_type"), data.get("record_number")
        data["record"] = self._record(kind or "", number or "")
        if bool(kind) != bool(number):
            self.add_error("record_number", _("A record needs both its kind and its number."))
        elif kind and data["record"] is None:
            self.add_error("record_number", _("No connected system holds such a record. Check its number."))
        if not self.errors and not any(data.get(name) for name in ("text", "number", "link", "record")):
            self.add_error("text", _("Say what shows it, or name its number, a link or a record."))
        return data

    def _record(self, kind: str, number: str) -> Record | None:
        as_it_was = (self.initial.get("record_type", ""), self.initial.get("record_number", ""))
        if self.standing is not None and (kind, number) == as_it_was:
            return self.standing
        return record_named(kind, number) if kind and number else None

    @property
    def proof(self) -> Proof:
        said = self.cleaned_data
        shown = (said["on"], said["text"], said["number"], said["link"], said["record"])
        file = said["handed"][0] if said["handed"] else None
        return Proof(*shown, file=file, without_file=bool(said.get("without_file")))


class ProposalForm(ProofForm):
    """A new one, with its first step."""

    title = forms.CharField(
        label=_("The proposal in a sentence"),
        max_length=200,
        error_messages={"required": _("Say in a sentence what is proposed.")},
    )
    own_number = forms.CharField(
        label=_("Number of the proposal"),
        help_text=_("If the company has given it one; else it gets one here"),
        max_length=120,
        required=False,
    )
    field_order = ("title", "own_number", "on", "text")


class WithdrawForm(forms.Form):
    because = forms.CharField(
        label=_("Why it is withdrawn"),
        max_length=500,
        error_messages={"required": _("Say in a few words why.")},
    )


def initial_of(step: Step) -> dict[str, Any]:
    """For a correction: what stands."""
    if not step.is_proved:
        return {}
    kind, number = name_of_record(step.record) if step.record else ("", "")
    words = {"on": step.on, "text": step.text, "number": step.number, "link": step.link}
    return words | {"record_type": kind, "record_number": number}

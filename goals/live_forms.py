"""What of a goal's form the match is asked of while it is typed."""

from __future__ import annotations

from typing import Any

from django import forms

from integrations.models import EvidenceType
from perfsys.common.fields import DayField

from .models import Goal
from .queries.live_match import Typed
from .queries.writing import Span


class LiveForm(forms.Form):
    """Half-typed as it is: what cannot be read yet counts as not written. `of`: the draft it stands in, which says what
    the form does not ask."""

    title = forms.CharField(max_length=200, required=False)
    parent = forms.CharField(max_length=700, required=False)
    measure = forms.CharField(max_length=200, required=False)
    evidence_type = forms.ChoiceField(choices=[("", ""), *EvidenceType.choices], required=False)
    evidence_number = forms.CharField(max_length=120, required=False)
    starts_on = DayField(required=False)
    due_on = DayField(required=False)

    def __init__(self, data: Any, *, of: Goal | None) -> None:
        super().__init__(data)
        self.of = of
        self.full_clean()

    def typed(self, span: Span) -> Typed:
        return Typed(
            title=self._said("title"),
            starts_on=self._said("starts_on") or span.starts_on,
            due_on=self._said("due_on") or span.ends_on,
            measure=self._said("measure"),
            evidence_type=self._said("evidence_type"),
            evidence_number=self._said("evidence_number"),
            goal=self.of,
        )

    def _said(self, name: str) -> Any:
        if self.of is not None and name not in self.data:
            return getattr(self.of, name)
        return self.cleaned_data.get(name, "")

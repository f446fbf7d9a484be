"""Which goals are carried over, and into which period."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from perfsys.people.models import Employee

from .models import Period
from .queries.writing import Span
from .template_forms import PeopleForm

OWN, TEAM, ALL, CHOSEN = "own", "team", "all", "chosen"
WHOSE = {
    OWN: _("Mine"),
    TEAM: _("My team's"),
    ALL: _("All I may write, departments and company too"),
    CHOSEN: _("Those of a department, or of people"),
}


class CarryForm(PeopleForm):
    """A few choices that stand already; whom, only where one wants neither oneself nor everybody."""

    of = forms.ChoiceField(label=_("Goals of"))
    into = forms.ChoiceField(label=_("Into"))
    whose = forms.ChoiceField(label=_("Whose"), widget=forms.RadioSelect)
    achieved = forms.BooleanField(
        label=_("Those that were achieved, too"), required=False, help_text=_("For goals that come back every period.")
    )

    field_order = ("of", "into", "whose", "unit", "people", "achieved")

    def __init__(
        self,
        data: Any,
        *,
        periods: Sequence[Period],
        spans: Sequence[Span],
        whose: Sequence[str],
        people: QuerySet[Employee],
        on: Any,
        suggests: str = "",
    ) -> None:
        super().__init__(data, people=people, on=on, suggests=suggests)
        self.periods, self.spans = {one.name: one for one in periods}, {one.key: one for one in spans}
        self._choices("of", [(name, one.title) for name, one in self.periods.items()])
        self._choices("into", [(key, one.title) for key, one in self.spans.items()])
        self._choices("whose", [(key, WHOSE[key]) for key in whose])
        if CHOSEN not in whose:
            del self.fields["unit"], self.fields["people"]

    def _choices(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # said above
        field.choices = list(choices)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("whose") == CHOSEN and not self.errors:
            cleaned = super().clean()
        of, into = self.periods.get(cleaned.get("of", "")), self.spans.get(cleaned.get("into", ""))
        if of and into and (of.starts_on, of.ends_on) == (into.starts_on, into.ends_on):
            raise ValidationError(_("Choose another period to carry them into."))
        return cleaned | {"period": of, "span": into}

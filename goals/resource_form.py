"""Planned and actual of one month."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from goals.models import ResourceKind, ResourceLine, Source
from goals.queries.resources import version_of
from goals.wording import plain

LABELS = {
    ResourceKind.PEOPLE: (_("Heads, planned"), _("Heads, actual")),
    ResourceKind.HOURS: (_("Hours, planned"), _("Hours, actual")),
    ResourceKind.MONEY: (_("Money, planned (10,000 yuan)"), _("Money, actual (10,000 yuan)")),
}


class ResourceForm(forms.Form):
    """Two fields for each kind, empty where nothing is known; the plan alone where the actual is measured, or the month
    is to come. `version` is that of the lines as they were seen."""

    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, lines: list[ResourceLine], is_to_come: bool = False
    ) -> None:
        measured = {line.kind for line in lines if line.source == Source.AUTOMATIC}
        initial = {
            f"{line.kind}_{what}": plain(amount)
            for line in lines
            for what, amount in (("planned", line.planned), ("actual", line.actual))
            if amount is not None
        }
        super().__init__(data, initial=initial | {"version": version_of(lines)})
        for kind, labels in LABELS.items():
            for what, label in zip(("planned", "actual"), labels, strict=True):
                if what == "actual" and (is_to_come or kind in measured):
                    continue
                field = forms.DecimalField(label=label, min_value=0, max_digits=16, decimal_places=4, required=False)
                field.widget.attrs |= {"inputmode": "decimal", "step": "any"}
                self.fields[f"{kind}_{what}"] = field

    @property
    def stated(self) -> dict[str, tuple[Decimal | None, Decimal | None]]:
        """As `goals.actions.resources.state_resources` takes it."""
        said = self.cleaned_data
        return {kind: (said[f"{kind}_planned"], said.get(f"{kind}_actual")) for kind in ResourceKind.values}

"""Planned and actual of one month."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from goals.models import ResourceKind, ResourceLine
from goals.wording import plain

LABELS = {
    ResourceKind.PEOPLE: (_("Heads, planned"), _("Heads, actual")),
    ResourceKind.HOURS: (_("Hours, planned"), _("Hours, actual")),
    ResourceKind.MONEY: (_("Money, planned (10,000 yuan)"), _("Money, actual (10,000 yuan)")),
}


class ResourceForm(forms.Form):
    """Two fields for each kind, empty where nothing is known."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, lines: list[ResourceLine]) -> None:
        initial = {
            f"{line.kind}_{what}": plain(amount)
            for line in lines
            for what, amount in (("planned", line.planned), ("actual", line.actual))
            if amount is not None
        }
        super().__init__(data, initial=initial)
        for kind, labels in LABELS.items():
            for what, label in zip(("planned", "actual"), labels, strict=True):
                field = forms.DecimalField(label=label, min_value=0, max_digits=16, decimal_places=4, required=False)
                field.widget.attrs |= {"inputmode": "decimal", "step": "any"}
                self.fields[f"{kind}_{what}"] = field

    @property
    def stated(self) -> dict[str, tuple[Decimal | None, Decimal | None]]:
        """As `goals.actions.resources.state_resources` takes it."""
        said = self.cleaned_data
        return {kind: (said[f"{kind}_planned"], said[f"{kind}_actual"]) for kind in ResourceKind.values}

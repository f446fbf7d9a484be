"""What is typed on the cross-team board."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from goals.trail_forms import OnceForm
from goals.writing_forms import UnitField
from perfsys.people.models import OrgUnit


class BlockerForm(OnceForm):
    """`on` is today; `suggests` the address that finds units while one types."""

    unit = UnitField(
        label=_("Which unit do you need something from"),
        help_text=_("Its people and whoever leads it read and answer it"),
        error_messages={"required": _("Name the unit, for example “IT department”.")},
    )
    text = forms.CharField(
        label=_("What blocks you, and what would help"),
        help_text=_(
            "For example: the PLM export has had no drawing number since Monday, the trial order is due on Friday"
        ),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=500,
        error_messages={"required": _("Write in a sentence what you need.")},
    )
    wish_on = forms.DateField(
        label=_("By when would it help"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, units: QuerySet[OrgUnit], suggests: str, on: date
    ) -> None:
        super().__init__(data)
        self.on = on
        field = self.fields["unit"]
        if isinstance(field, UnitField):
            field.units = units
        asks = {"hx-get": suggests, "hx-trigger": "input changed delay:200ms", "hx-target": "#units-found"}
        field.widget.attrs.update(asks)
        self.fields["wish_on"].widget.attrs["min"] = on.isoformat()

    def clean_wish_on(self) -> date | None:
        wish: date | None = self.cleaned_data["wish_on"]
        if wish is not None and wish < self.on:
            raise forms.ValidationError(_("Choose today or a day after it."))
        return wish


class ReplyForm(OnceForm):
    text = forms.CharField(
        label=_("Your answer"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        error_messages={"required": _("Write a line: what you can do, and by when.")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, is_asked: bool) -> None:
        super().__init__(data)
        if not is_asked:
            self.fields["text"].label = _("Add something")

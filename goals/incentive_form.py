from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from goals.models import For
from goals.trail_forms import OnceForm


class PromiseForm(OnceForm):
    promise = forms.CharField(
        label=_("What do you promise"),
        help_text=_("For example: a seat at the trade fair, or two days of flexible leave"),
        max_length=200,
        error_messages={"required": _("Say in a few words what is promised.")},
    )
    quota = forms.IntegerField(
        label=_("For how many owners"),
        help_text=_("The first who finish get it. Empty: everybody who finishes."),
        min_value=1,
        max_value=100_000,
        required=False,
        error_messages={"invalid": _("Write a whole number, or leave it empty.")},
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, is_for: str) -> None:
        super().__init__(data)
        if is_for == For.OWNER:
            del self.fields["quota"]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        return {"quota": None} | data

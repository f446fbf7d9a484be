"""Form fields that more than one app asks with."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class DayField(forms.DateField):
    """A day, picked from the browser's calendar or written like 2026-03-01."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {"required": _("Choose a day."), "invalid": _("Write the day like 2026-03-01.")}


class NearDayField(DayField):
    """A day on which figures may begin to count: of this century, since 1026 and 3026 are slips of the hand."""

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is not None and not 2000 <= day.year < 2100:
            raise forms.ValidationError(_("Look at the year once more."))
        return day

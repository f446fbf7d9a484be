"""Form fields that more than one app asks with."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class DayField(forms.DateField):
    """A day, picked from the browser's calendar or written like 2026-03-01."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {"required": _("Choose a day."), "invalid": _("Write the day like 2026-03-01.")}


class LinesField(forms.CharField):
    """Browsers count a line break as one letter and send it as two. What is pasted and too long comes back whole, with
    a word about it: a limit in the page would cut it off, and nobody would notice."""

    widget = forms.Textarea
    default_error_messages = {
        "max_length": _("At most %(limit_value)d characters; this has %(show_value)d. All of it is still here.")
    }

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {}

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n")


class NearDayField(DayField):
    """A day on which figures may begin to count: of this century, since 1026 and 3026 are slips of the hand."""

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is not None and not 2000 <= day.year < 2100:
            raise forms.ValidationError(_("Look at the year once more."))
        return day

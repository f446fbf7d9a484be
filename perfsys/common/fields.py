"""Form fields that more than one app asks with."""

from django import forms
from django.utils.translation import gettext_lazy as _


class DayField(forms.DateField):
    """A day, picked from the browser's calendar or written like 2026-03-01."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {"required": _("Choose a day."), "invalid": _("Write the day like 2026-03-01.")}

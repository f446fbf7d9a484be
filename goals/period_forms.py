"""What is typed when a period is closed, and when it is opened again."""

from django import forms
from django.utils.translation import gettext_lazy as _


class CloseForm(forms.Form):
    """`version` is what the administrator saw."""

    version = forms.IntegerField(widget=forms.HiddenInput)


class ReopenForm(forms.Form):
    why = forms.CharField(
        label=_("Why it is opened again"),
        help_text=_("Kept in the audit trail, beside your name."),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say in a sentence what is to be corrected.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

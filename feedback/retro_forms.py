"""What a tap on an option sends."""

from django import forms
from django.utils.translation import gettext_lazy as _

from feedback.retro import Ask


class AnswerForm(forms.Form):
    ask = forms.ChoiceField(choices=[(ask.value, ask.value) for ask in Ask])
    key = forms.CharField(max_length=2, error_messages={"required": _("Choose one, the last one if none fits.")})

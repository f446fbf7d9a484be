from django import forms
from django.utils.translation import gettext_lazy as _


class ConfirmForm(forms.Form):
    note = forms.CharField(max_length=500, required=False, strip=True)


class PreferencesForm(forms.Form):
    by_mail = forms.BooleanField(required=False, label=_("Tell me by e-mail as well"))
    digest = forms.BooleanField(required=False, label=_("Send me what can wait once a day"))
    by_text = forms.BooleanField(
        required=False, label=_("Text me alarms: data that does not come, or systems that take nothing any more")
    )

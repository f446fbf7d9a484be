from django import forms
from django.utils.translation import gettext_lazy as _

from .verbs import VERBS


class FilterForm(forms.Form):
    verb = forms.ChoiceField(required=False, label=_("What"))
    person = forms.CharField(required=False, max_length=80, label=_("Person"))
    since = forms.DateField(required=False, label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label=_("To"), widget=forms.DateInput(attrs={"type": "date"}))
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Form's own
        everything = [("", _("Everything"))]
        self.fields["verb"].choices = everything + sorted(VERBS.items())  # type: ignore[attr-defined]

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from perfsys.common.fields import DayField

from .actions import LONGEST
from .models import Reach, Scope


class TokenForm(forms.Form):
    name = forms.CharField(
        label=_("What it is for"), max_length=80, help_text=_("For example the system that will come with it")
    )
    reach = forms.ChoiceField(label=_("What it may do"), choices=Reach.choices, widget=forms.RadioSelect)
    scopes = forms.MultipleChoiceField(
        label=_("What else it opens"),
        help_text=_("Goals and feedback are open to every token"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    expires_on = DayField(label=_("Last day"), help_text=_("At most a year from today"))

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"reach": Reach.READ, "expires_on": today + LONGEST / 4})

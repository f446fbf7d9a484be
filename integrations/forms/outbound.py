"""What is typed about an endpoint of another system (product.md §5.10)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from perfsys.common.fields import DayField
from perfsys.people.models import Employee

from ..actions.outbound import EndpointWords
from ..models import Endpoint, EventKind, Told

KINDS = [one for one in EventKind.choices if one[0] != EventKind.PING]


class EndpointForm(forms.Form):
    key = forms.CharField(widget=forms.HiddenInput, max_length=80, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(
        label=_("What it is called"),
        help_text=_("For example: payroll, or the learning platform"),
        max_length=80,
        error_messages={"required": _("Give it a name, for example “payroll”.")},
    )
    url = forms.CharField(
        label=_("Address that is told"),
        help_text=_("As the system's administrator gives it, beginning with https://"),
        max_length=500,
        widget=forms.URLInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write the whole address, beginning with https://.")},
    )
    kinds = forms.MultipleChoiceField(
        label=_("What it is told of"),
        choices=KINDS,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
    fields_given = forms.MultipleChoiceField(
        label=_("Which fields it is given"),
        help_text=_("Only what it needs. The id comes always, free texts never."),
        choices=Told.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )

    def __init__(self, data: Any = None, *, owners: Iterable[Employee], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.initial.setdefault("key", str(uuid4()))
        people = {str(one.public_id): one for one in owners}
        self.fields["owner"] = forms.TypedChoiceField(
            label=_("Who looks after it"),
            choices=[(key, one.name) for key, one in people.items()],
            coerce=people.__getitem__,
            help_text=_("Is told when it takes nothing any more."),
            error_messages={"required": _("Choose who looks after it.")},
        )

    @property
    def words(self) -> EndpointWords:
        said = self.cleaned_data
        return EndpointWords(said["name"], said["url"].strip(), said["kinds"], said["fields_given"], said["owner"])

    def refuse_address(self) -> None:
        self.add_error(
            "url",
            _("This address cannot be told: it must be https on a public name. Of a host inside, ask the operator."),
        )

    def refuse_name(self) -> None:
        self.add_error("name", _("There is an endpoint of that name. Choose another."))


def initial_of(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "version": endpoint.version,
        "name": endpoint.name,
        "url": endpoint.url,
        "kinds": endpoint.kinds,
        "fields_given": endpoint.fields,
        "owner": str(endpoint.owner.public_id),
    }


class ReplayForm(forms.Form):
    """Which messages are sent again: those of these days, both included."""

    first = DayField(label=_("From"))
    last = DayField(label=_("To"))

    def __init__(self, data: Any = None, *, today: date) -> None:
        super().__init__(data, initial={"first": today, "last": today})

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if not self.errors and data["last"] < data["first"]:
            self.add_error("last", _("The last day lies before the first."))
        return data

"""Who a subject of another system is here, as it is typed."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from perfsys.common.fields import NearDayField
from perfsys.people.models import Employee, OrgUnit
from perfsys.people.queries import units_named

from ..models import LinkedBy, Subject, SubjectOf
from ..queries.subject import people_ever_named
from .metric import NamedField


class UnitNamedField(forms.CharField):
    """An open unit by its path, or by its name where only one has it."""

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        found = units_named(typed)
        if not found:
            raise ValidationError(_("There is no unit called %(typed)s."), params={"typed": typed})
        if len(found) > 1:
            sentence = _("Several units have this name. Type the whole path: %(path)s.")
            raise ValidationError(sentence, params={"path": found[0].path})
        return found[0]


class EverNamedField(NamedField):
    """Somebody who works here or did."""

    find = staticmethod(people_ever_named)


class LinkForm(forms.Form):
    """Empty is nobody from that day on. Without a day it holds from the beginning, where nobody was linked before."""

    starts_on = NearDayField(
        label=_("From"),
        required=False,
        help_text=_("Leave it empty if it has always been so. With a day, what was before stays as it was."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)
    how = forms.ChoiceField(choices=LinkedBy.choices, required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, subject: Subject, initial: Any = None) -> None:
        super().__init__(data, initial={"version": subject.version, **(initial or {})})
        is_unit = subject.of == SubjectOf.UNIT
        kind = UnitNamedField if is_unit else EverNamedField
        self.fields["to"] = kind(
            label=_("Which unit of ours it is") if is_unit else _("Who it is here"),
            required=False,
            max_length=500,
            help_text=_("By its name or path. Empty: none of ours.")
            if is_unit
            else _("By name or number. Empty: nobody of ours."),
        )
        self.order_fields(["to", "starts_on"])

    def to(self) -> Employee | OrgUnit | None:
        found: Employee | OrgUnit | None = self.cleaned_data["to"]
        return found

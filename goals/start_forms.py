"""What a new company types to begin with: its people, and the line of business it starts from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from perfsys.people import names
from perfsys.people.roster import RosterRow

from .gallery import GALLERY
from .models import Layer
from .queries.first_tree import Department
from .queries.writing import Span

MOST_LINES = 200
MOST_AT_FIRST = 60
"""People who begin: each set of goals is published by itself, within one press of a button."""
SPLIT = re.compile(r"\s*[\t,，;；]\s*")
PHONE = re.compile(r"\+?[0-9][0-9 -]{5,18}")


@dataclass(frozen=True)
class TypedPerson:
    name: str
    unit: str
    manager: str = ""
    email: str = ""
    mobile: str = ""


class CompanyForm(forms.Form):
    """`people`: one a line, name, department, and where wanted the manager and an address to sign in with."""

    name = forms.CharField(label=_("Name of the company"), max_length=120)
    period = forms.ChoiceField(label=_("Period"))
    people = forms.CharField(
        label=_("People and departments"),
        required=False,
        max_length=30_000,
        widget=forms.Textarea(attrs={"rows": 8, "placeholder": _("Li Wei, Production\nWang Min, Production, Li Wei")}),
        help_text=_(
            "One person a line: name, department, manager, phone or e-mail; the last two may be left out. "
            "Columns copied from a table work as well."
        ),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, spans: Sequence[Span], known: Sequence[str], **kwargs: Any) -> None:
        """`known`: names of the people there are already."""
        super().__init__(data, **kwargs)
        self.spans, self.known = spans, known
        self.fields["period"].choices = [(span.key, span.title) for span in spans]  # type: ignore[attr-defined]

    @property
    def span(self) -> Span:
        return next(span for span in self.spans if span.key == self.cleaned_data["period"])

    def clean_people(self) -> list[TypedPerson]:
        lines = [line.strip() for line in self.cleaned_data["people"].splitlines() if line.strip()]
        if len(lines) > MOST_LINES:
            raise ValidationError(_("So many people come in from a file: choose that below."))
        if not lines and not self.known:
            raise ValidationError(_("Write at least one person: name, department."))
        found = [_person(line) for line in lines]
        there = {*self.known, *(one.name for one in found)}
        twice = next((one.name for one in found if sum(other.name == one.name for other in found) > 1), None)
        if twice or (twice := next((one.name for one in found if one.name in self.known), None)):
            raise ValidationError(_("“%(name)s” is there twice. Tell the two apart."), params={"name": twice})
        for one in found:
            if one.manager and (one.manager not in there or one.manager == one.name):
                told = _("“%(manager)s”, manager of %(name)s, is not among the people.")
                raise ValidationError(told, params={"manager": one.manager, "name": one.name})
        return found


def _person(line: str) -> TypedPerson:
    parts = [part.strip() for part in SPLIT.split(line)]
    name, unit, manager, address = (parts + [""] * 4)[:4]
    if not name or not unit or len(name) > 80 or len(unit) > 120 or len(parts) > 4:
        told = _("“%(line)s”: write name, department, and if you like manager and phone or e-mail.")
        raise ValidationError(told, params={"line": line[:60]})
    if not address:
        return TypedPerson(name, unit, manager)
    if PHONE.fullmatch(address):
        return TypedPerson(name, unit, manager, mobile=address)
    try:
        validate_email(address)
    except ValidationError:
        told = _("“%(address)s” is no phone number and no e-mail address.")
        raise ValidationError(told, params={"address": address}) from None
    return TypedPerson(name, unit, manager, email=names.email_key(address))


def as_roster(people: Sequence[TypedPerson], numbers: dict[str, str], *, first: int) -> list[RosterRow]:
    """`numbers` of the people there are already, by name; new ones are counted on from `first`."""
    given = numbers | {one.name: f"P{first + place:04d}" for place, one in enumerate(people)}
    return [
        RosterRow(
            employee_no=given[one.name],
            name=one.name,
            units=(one.unit,),
            manager_no=given.get(one.manager),
            is_top=not one.manager,
            email=one.email or None,
            mobile=one.mobile or None,
        )
        for one in people
    ]


class LineForm(forms.Form):
    """From which ready-made template people start, and which departments begin."""

    line = forms.ChoiceField(label=_("What do most of you do?"), widget=forms.RadioSelect)
    units = forms.MultipleChoiceField(
        label=_("Who begins"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one department.")},
    )

    def __init__(self, data: Any = None, *, departments: Sequence[Department]) -> None:
        super().__init__(data)
        self.departments = departments
        ready = [one for one in GALLERY if one.layer == Layer.POSITION]
        self.fields["line"].choices = [(one.key, one.name) for one in ready]  # type: ignore[attr-defined]
        self.fields["units"].choices = [  # type: ignore[attr-defined]
            (str(one.unit.public_id), f"{one.unit.path} · {one.people}") for one in departments
        ]
        if sum(one.people for one in departments) <= MOST_AT_FIRST:
            self.fields["units"].initial = [str(one.unit.public_id) for one in departments]

    @property
    def chosen(self) -> list[Department]:
        return [one for one in self.departments if str(one.unit.public_id) in self.cleaned_data["units"]]

    def clean_units(self) -> list[str]:
        wanted: list[str] = self.cleaned_data["units"]
        people = sum(one.people for one in self.departments if str(one.unit.public_id) in wanted)
        if people > MOST_AT_FIRST:
            told = _(
                "Begin with at most %(most)d people, here are %(people)d: choose fewer departments. "
                "The others follow from the template's page."
            )
            raise ValidationError(told, params={"most": MOST_AT_FIRST, "people": people})
        return wanted

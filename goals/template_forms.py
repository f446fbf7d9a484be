"""Extra fields of a template: how they are laid down, and how a goal's form asks them; and for whom drafts are made."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BaseFormSet, formset_factory
from django.utils.translation import gettext_lazy as _

from perfsys.common.fields import DayField
from perfsys.people.models import Employee, OrgUnit
from perfsys.people.queries import members_of, people_named, people_named_each, units_under

from . import extras
from .extras import ExtraField
from .ordered import OrderedLines, moved
from .wording import plain

PREFIX = "x_"
FIELDS = "fields"
COLUMNS = ("label", "kind", "is_required", "formula", "equals", "says", "listed")
MOST_CHOICES = 30
MOST_PEOPLE = 2_000
SHOWN_NAMES = 5


# --- laid down --------------------------------------------------------------------------------------------------------


class ExtraFieldForm(forms.Form):
    """One field; without a name it is none. What it is asked on and worked out from is told by the names of others."""

    key = forms.RegexField(r"[a-z][a-z0-9_]{0,30}", required=False, widget=forms.HiddenInput)
    label = forms.CharField(label=_("What is asked"), max_length=60, required=False)
    kind = forms.ChoiceField(label=_("Kind of answer"), choices=extras.KINDS, initial=extras.TEXT)
    choices = forms.CharField(
        label=_("Choices"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line."),
    )
    formula = forms.CharField(
        label=_("Formula"),
        required=False,
        max_length=200,
        help_text=_("With the names of number fields: [Price] * [Pieces]"),
    )
    when = forms.CharField(
        label=_("Only when"), required=False, max_length=60, help_text=_("The name of a field above. Empty: always.")
    )
    equals = forms.CharField(label=_("says"), required=False, max_length=120)
    says = forms.CharField(label=_("Hint below it"), required=False, max_length=200)
    is_required = forms.BooleanField(label=_("Required"), required=False)
    listed = forms.BooleanField(label=_("In the tables of goals too"), required=False)
    use_required_attribute = False

    @property
    def rows(self) -> list[list[Any]]:
        lines = ("label kind", "choices", "formula", "when equals", "says", "is_required listed", "DELETE")
        return [[self[name] for name in line.split()] for line in lines if line != "DELETE" or line in self.fields]

    def clean_choices(self) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(" ".join(line.split()) for line in self.cleaned_data["choices"].splitlines()))
        found = tuple(choice for choice in found if choice)
        if len(found) > MOST_CHOICES or any(len(choice) > 120 for choice in found):
            raise ValidationError(_("At most 30 choices of 120 characters."))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        label = cleaned["label"] = " ".join((cleaned.get("label") or "").split())
        if re.search(r"[\[\]【】［］]", label):
            self.add_error("label", _("Leave the brackets out: formulas need them."))
        if not label and self.has_changed() and not self.errors:
            self.add_error("label", _("Say what is asked."))
        return cleaned


class ExtraFieldLines(OrderedLines):
    def clean(self) -> None:
        """Names each fault beside its field. Judged only where each line stands by itself."""
        if any(form.errors for form in self.forms):
            return
        for fault in extras.faults_of(self.laid_down):
            told = ValidationError(str(fault.says), params=dict(fault.params or {}))
            self._kept[fault.index].add_error(fault.column, told)

    def is_valid(self) -> bool:
        """A fault that only shows beside the other lines stands in the line, too."""
        return bool(super().is_valid()) and not any(form.errors for form in self.forms)

    @property
    def _kept(self) -> list[ExtraFieldForm]:
        return [
            form for form in self.forms if form.cleaned_data.get("label") and not form.cleaned_data.get("DELETE", False)
        ]

    @property
    def laid_down(self) -> list[ExtraField]:
        """The fields, each with a key of its own; a condition names the key of the field above it."""
        keys = unique_keys([form.cleaned_data.get("key", "") for form in self._kept])
        found: list[ExtraField] = []
        for key, form in zip(keys, self._kept, strict=True):
            said = {name: form.cleaned_data[name] for name in COLUMNS}
            if said["kind"] != extras.COMPUTED:
                said["formula"] = ""
            else:
                said["is_required"] = False
            by_label = {str(one.label): one.key for one in found}
            when = " ".join(form.cleaned_data["when"].split())
            said["when"] = by_label.get(when, when)
            said["choices"] = form.cleaned_data["choices"] if said["kind"] == extras.CHOICE else ()
            found.append(ExtraField(key=key, **said))
        return found


def unique_keys(typed: Sequence[str]) -> list[str]:
    """Those that stand; new ones for the others, never one that is there already."""
    taken, found = {key for key in typed if key}, []
    for key in typed:
        if not key or key in found:
            number = next(n for n in range(1, len(taken) + 2) if f"f{n}" not in taken)
            key = f"f{number}"
            taken.add(key)
        found.append(key)
    return found


def extra_fields(data: Any = None, *, initial: Sequence[Mapping[str, Any]] = (), extra: int = 1) -> BaseFormSet[Any]:
    """The extra fields of a template with a line to spare; a form that has none of them has none."""
    made = formset_factory(
        ExtraFieldForm,
        formset=ExtraFieldLines,
        extra=extra,
        max_num=extras.MOST_FIELDS,
        absolute_max=extras.MOST_FIELDS,
        can_delete=True,
        can_delete_extra=False,
    )
    none = {"fields-TOTAL_FORMS": "0", "fields-INITIAL_FORMS": "0"}
    sent = none if data is not None and "fields-TOTAL_FORMS" not in data else data
    return made(sent, prefix=FIELDS, initial=[dict(one) for one in initial])


def laid_down(formset: BaseFormSet[Any]) -> list[ExtraField]:
    return formset.laid_down if isinstance(formset, ExtraFieldLines) else []


def more_extra_fields(data: Any, move: str = "") -> BaseFormSet[Any]:
    """The fields as sent, and one more line; with `move` one of them in another place."""
    lines = [{name: form[name].value() for name in form.fields} for form in extra_fields(data)]
    return extra_fields(initial=[line for line in moved(lines, FIELDS, move) if line["label"]])


def initial_of_fields(kept: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    labels = {one["key"]: one["label"] for one in kept}
    return [{**one, "choices": "\n".join(one["choices"]), "when": labels.get(one["when"], "")} for one in kept]


# --- asked ------------------------------------------------------------------------------------------------------------


PERSON_LENGTH = 120


class PersonField(forms.CharField):
    """Somebody who works here, by number or name; kept as the public id."""

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        return self.the_one(typed, people_named(typed)) if typed else ""

    def each(self, values: Collection[str]) -> dict[str, str | ValidationError]:
        """What `clean` gives or raises for each of many. Two queries."""
        typed: dict[str, str] = {}
        found: dict[str, str | ValidationError] = {}
        for value in values:
            try:
                typed[value] = super().clean(value)
            except ValidationError as refused:
                found[value] = refused
        people = people_named_each({one for one in typed.values() if one})
        for value, one in typed.items():
            try:
                found[value] = self.the_one(one, people[one]) if one else ""
            except ValidationError as refused:
                found[value] = refused
        return found

    def the_one(self, typed: str, found: Sequence[Employee]) -> str:
        """Raises ValidationError unless it is one."""
        if not found:
            raise ValidationError(_("Nobody here is called “%(typed)s”."), params={"typed": typed})
        if len(found) > 1:
            told = _("Several people have this name. Type the number: %(number)s.")
            raise ValidationError(told, params={"number": ", ".join(one.employee_no for one in found)})
        return str(found[0].public_id)


def asked_as(field: ExtraField) -> forms.Field:
    """The form field. What it is asked on stands beside it for the script; without script every field is there, and
    the answers whose condition is not met are left out."""
    about: dict[str, Any] = {"label": field.label, "help_text": field.says, "required": field.is_required}
    about["error_messages"] = {"required": _("This one is needed.")}
    made: forms.Field
    if field.kind == extras.NUMBER:
        number = forms.TextInput(attrs={"inputmode": "decimal", "class": "short"})
        made = _Number(max_digits=20, decimal_places=6, widget=number, **about)
    elif field.kind == extras.CHOICE:
        made = forms.ChoiceField(choices=[("", "–"), *((one, one) for one in field.choices)], **about)
    elif field.kind == extras.DATE:
        made = DayField(**about)
    elif field.kind == extras.LINK:
        made = forms.URLField(max_length=500, assume_scheme="https", **about)
    elif field.kind == extras.PERSON:
        made = PersonField(max_length=PERSON_LENGTH, **about | {"help_text": field.says or _("Name or number")})
    elif field.kind == extras.COMPUTED:
        told = _("Worked out when you save: %(formula)s") % {"formula": field.formula}
        made = forms.CharField(disabled=True, **about | {"help_text": told, "required": False})
    else:
        made = forms.CharField(max_length=300, **about)
    if field.when:
        made.widget.attrs |= {"data-when": PREFIX + field.when, "data-equals": str(field.equals)}
    return made


class _Number(forms.DecimalField):
    def to_python(self, value: Any) -> Any:
        return super().to_python(value.replace(",", "").replace("，", "").strip() if isinstance(value, str) else value)

    def prepare_value(self, value: Any) -> Any:
        return plain(value) if isinstance(value, Decimal) else value


def initial_answers(kept: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One query where a person is named."""
    named = [one["value"] for one in kept if one["kind"] == extras.PERSON]
    people = {str(one.public_id): one for one in Employee.objects.filter(public_id__in=named)} if named else {}
    found = {}
    for one in kept:
        person = people.get(one["value"]) if one["kind"] == extras.PERSON else None
        found[PREFIX + one["key"]] = f"{person.name} {person.employee_no}" if person else one["value"]
    return found


def answers_in(fields: Sequence[ExtraField], form: forms.Form) -> list[dict[str, Any]]:
    """What the goal keeps of a form that is being judged. Answers that nobody was asked for raise no error."""
    given = {field.key: form.cleaned_data.get(PREFIX + field.key) for field in fields}
    kept, missing = extras.answered(fields, given)
    by_key = {one["key"]: one for one in kept}
    for field in fields:
        name = PREFIX + field.key
        if not extras.is_asked(field, fields, by_key):
            form.errors.pop(name, None)
        elif field.key in missing and name not in form.errors:
            form.add_error(name, _("This one is needed."))
    return kept


# --- for whom ---------------------------------------------------------------------------------------------------------


class PeopleForm(forms.Form):
    """For whom drafts are laid out: all of a unit and below it, people by name or number, or both."""

    unit = forms.CharField(
        label=_("Everybody in"),
        required=False,
        max_length=300,
        widget=forms.TextInput(attrs={"list": "units-found", "autocomplete": "off"}),
        help_text=_("A department, with all departments below it."),
    )
    people = forms.CharField(
        label=_("These people"),
        required=False,
        max_length=60_000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("Names or numbers, one a line; a column of a table can be pasted."),
    )

    most = MOST_PEOPLE
    for_nobody: Any = _("Say for whom: a department, or people.")

    def __init__(self, data: Any = None, *, people: QuerySet[Employee], on: Any, suggests: str = "") -> None:
        super().__init__(data)
        self.may_be, self.on = people, on
        if suggests:
            asks = {"hx-get": suggests, "hx-trigger": "input changed delay:200ms", "hx-target": "#units-found"}
            self.fields["unit"].widget.attrs.update(asks)

    def clean_unit(self) -> OrgUnit | None:
        typed = self.cleaned_data["unit"].strip()
        here = OrgUnit.objects.filter(ends_on=None)
        found = (list(here.filter(path=typed)) or list(here.filter(name=typed)[:2])) if typed else []
        if typed and len(found) != 1:
            told = _("Several units have this name. Type the whole path.") if found else _("There is no such unit.")
            raise ValidationError(told)
        return found[0] if found else None

    def clean_people(self) -> list[Employee]:
        typed = {" ".join(one.split()) for one in re.split(r"[\n,，;；、\t]", self.cleaned_data["people"])} - {""}
        if len(typed) > self.most:
            raise ValidationError(_("At most %(most)d people in one go."), params={"most": self.most})
        if not typed:
            return []
        found = list(self.may_be.filter(employee_no__in=typed) | self.may_be.filter(name__in=typed))
        by_number = {one.employee_no for one in found}
        unknown = sorted(typed - by_number - {one.name for one in found})
        if unknown:
            told = _("Nobody you may write for is called: %(names)s.")
            raise ValidationError(told, params={"names": ", ".join(unknown[:SHOWN_NAMES])})
        twice = sorted({one.name for one in found if sum(other.name == one.name for other in found) > 1} & typed)
        if twice:
            told = _("Several people have these names. Type their numbers: %(names)s.")
            raise ValidationError(told, params={"names": ", ".join(twice[:SHOWN_NAMES])})
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        group, named = self.group(cleaned), {one.pk: one for one in cleaned["people"]}
        if group is None and not named:
            raise ValidationError(self.for_nobody)
        if group is not None:
            for one in group[: self.most + 1]:
                named.setdefault(one.pk, one)
            if not named:
                self.add_error("unit", _("Nobody in this department is yours to write for."))
        if len(named) > self.most:
            told = _("At most %(most)d people in one go. Choose a smaller department.")
            self.add_error("unit", ValidationError(told, params={"most": self.most}))
        cleaned["chosen"] = list(named.values())
        return cleaned

    def group(self, cleaned: dict[str, Any]) -> QuerySet[Employee] | None:
        """Whom is meant without being named."""
        if cleaned["unit"] is None:
            return None
        inside = members_of(list(units_under(cleaned["unit"], self.on)), self.on).values("pk")
        return self.may_be.filter(pk__in=inside)

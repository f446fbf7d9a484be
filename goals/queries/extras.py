"""What goals answer to the extra fields of their templates, in words."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from goals.extras import DATE, KINDS, LINK, PERSON, fields_of
from perfsys.people.models import Employee


@dataclass(frozen=True)
class Said:
    label: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class FieldShown:
    """A field as the page of a template shows it."""

    label: str
    kind: str
    is_required: bool
    choices: str
    formula: str
    condition: str


def fields_shown(kept: Iterable[Mapping[str, Any]]) -> list[FieldShown]:
    fields = fields_of(list(kept))
    labels = {field.key: field.label for field in fields}
    return [
        FieldShown(
            label=str(field.label),
            kind=str(dict(KINDS)[field.kind]),
            is_required=field.is_required,
            choices=" / ".join(str(choice) for choice in field.choices),
            formula=field.formula,
            condition=_("when “%(field)s” says “%(value)s”")
            % {"field": labels.get(field.when, ""), "value": field.equals}
            if field.when
            else "",
        )
        for field in fields
    ]


def said_of(rows: Iterable[Any], *, listed: bool = False) -> dict[int, list[Said]]:
    """By id of the goal, or of the version of one; with `listed` only what stands in tables. One query where a person
    is named, else none."""
    kept = {row.pk: [one for one in row.extra if one["listed"] or not listed] for row in rows}
    named = {one["value"] for answers in kept.values() for one in answers if one["kind"] == PERSON}
    people = Employee.objects.filter(public_id__in=named).values_list("public_id", "name") if named else ()
    names = {str(public_id): name for public_id, name in people}
    return {pk: [_said(one, names) for one in answers] for pk, answers in kept.items()}


def _said(one: Mapping[str, Any], names: Mapping[str, str]) -> Said:
    value = str(one["value"])
    if one["kind"] == PERSON:
        return Said(one["label"], names.get(value, "–"))
    if one["kind"] == DATE:
        return Said(one["label"], date_format(date.fromisoformat(value), pgettext("date format", "j F Y")))
    return Said(one["label"], value, value if one["kind"] == LINK else "")

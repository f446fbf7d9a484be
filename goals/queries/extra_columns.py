"""Which extra fields are columns of a goal file, and what goals answer to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import F, QuerySet

from goals.extra_columns import Column, Origin, column_name, columns_for
from goals.extras import PERSON, ExtraField, fields_of
from goals.models import Goal, GoalTemplate, TemplateVersion
from perfsys.people.models import Employee


def origin_of(version: TemplateVersion) -> Origin:
    """Its template, also by the name it has now; of a version whose template is gone the version itself."""
    template = version.template
    if template is None:
        return Origin(f"v{version.pk}", f"{version.name} {version.number}")
    return Origin(str(template.pk), template.name, template.unit.path if template.unit else "")


def origin_keys(goals: QuerySet[Goal]) -> dict[int, str]:
    """By id of the version that some of these goals were made from. One query."""
    used = goals.exclude(made_from=None).order_by().values("made_from")
    versions = TemplateVersion.objects.filter(pk__in=used).values_list("pk", "template_id")
    return {pk: f"v{pk}" if template is None else str(template) for pk, template in versions}


def all_columns() -> list[Column]:
    """Of every template, and of every version that goals were made from. Two queries."""
    return columns_for([*_of_templates(), *_of_versions(_versions(Goal.objects.all()))])


def columns_of(goals: QuerySet[Goal]) -> list[Column]:
    """Those that some of these goals are asked, called as among all columns there are."""
    versions = _versions(goals)
    wanted = {column_name(origin.key, str(field.label)) for origin, field in _of_versions(versions)}
    return [one for one in all_columns() if one.name in wanted] if wanted else []


def _of_templates() -> Iterator[tuple[Origin, ExtraField]]:
    asking = GoalTemplate.objects.exclude(fields=[]).select_related("unit").order_by("name", "pk")
    for template in asking:
        origin = Origin(str(template.pk), template.name, template.unit.path if template.unit else "")
        for field in fields_of(template.fields):
            yield origin, field


def _versions(goals: QuerySet[Goal]) -> list[TemplateVersion]:
    used = goals.exclude(made_from=None).order_by().values("made_from")
    asking = TemplateVersion.objects.filter(pk__in=used).exclude(fields=[])
    return list(asking.select_related("template__unit").order_by("name", "number", "pk"))


def _of_versions(versions: Iterable[TemplateVersion]) -> Iterator[tuple[Origin, ExtraField]]:
    for version in versions:
        origin = origin_of(version)
        for field in fields_of(version.fields):
            yield origin, field


def people_answered(goals: QuerySet[Goal]) -> dict[str, str]:
    """By public id, those whom goals name in a field: name and number. At most two queries."""
    kept = goals.filter(extra__contains=[{"kind": PERSON}]).values_list("extra", flat=True)
    named = {str(one["value"]) for answers in kept for one in answers if one["kind"] == PERSON}
    people = Employee.objects.filter(public_id__in=named).values_list("public_id", "name", "employee_no")
    return {str(public_id): f"{name} {number}" for public_id, name, number in people} if named else {}


def asked_of_goals(goals: QuerySet[Goal]) -> Iterator[tuple[str, str, TemplateVersion, list[dict[str, Any]]]]:
    """Number, origin, version and answers of those that are asked something. Two queries."""
    versions = {one.pk: one for one in _versions(goals)}
    rows = goals.filter(made_from__in=versions).values_list("number", "made_from_id", "extra") if versions else ()
    for number, version, kept in rows:
        yield number, origin_of(versions[version]).key, versions[version], kept


def newest_versions() -> dict[str, TemplateVersion]:
    """By origin, of the templates that ask something."""
    standing = TemplateVersion.objects.filter(template__isnull=False, number=F("template__version"))
    return {str(one.template_id): one for one in standing.exclude(fields=[]).defer("content")}

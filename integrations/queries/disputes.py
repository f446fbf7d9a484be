"""Contested figures: who decides, by when, and what the figure is (product.md §5.7)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from integrations.metrics import Figure, UnfitRule
from integrations.models import (
    DataDispute,
    DisputeFile,
    DisputeSettings,
    DisputeStep,
    MetricDefinition,
    MetricState,
    MetricValue,
    MetricVersion,
    Record,
    Subject,
    SubjectLink,
)
from perfsys.people.models import Employee
from perfsys.people.queries import hrbp_of
from perfsys.tenancy.models import Membership, Tenant
from perfsys.tenancy.roles import Role

from .sides import MetricSide


def dispute_settings() -> DisputeSettings:
    return DisputeSettings.objects.first() or DisputeSettings(version=1)


def due_days() -> int:
    return dispute_settings().work_days


def hr_partners_of(person: Employee, on: date) -> list[Employee]:
    """The HR partner, unless that is the person; else the administrators, so that there is always somebody."""
    partner = hrbp_of([person.pk], on).get(person.pk)
    if partner is not None and partner.pk != person.pk:
        return [partner]
    admins = Membership.objects.filter(granted__contains=[Role.ADMIN], is_active=True)
    found = Employee.objects.filter(membership__in=admins, status=Employee.Status.ACTIVE).exclude(pk=person.pk)
    return list(found.order_by("pk"))


def value_now(definition: MetricDefinition, key: str, first_on: date, last_on: date) -> Decimal | None:
    """The figure of these days together, as it stands; None where there is none, or where `add_up` says that they have
    no sum. Two queries, however many days and subjects."""
    if not add_up(definition, first_on, last_on):
        return None
    values = MetricValue.objects.filter(of__definition=definition, on__range=(first_on, last_on), replaced_at=None)
    found = values.filter(_of_key(key)).aggregate(above=Sum("numerator"), below=Sum("denominator"), rows=Sum("rows"))
    return None if found["above"] is None else Figure(found["above"], found["below"], found["rows"]).amount


def add_up(definition: MetricDefinition, first_on: date, last_on: date) -> bool:
    """Whether one unit and one kind of measure count all of these days."""
    versions = _announced(definition).filter(effective_on__lte=last_on).order_by("-effective_on")
    ways = set()
    for effective_on, unit, kind in versions.values_list("effective_on", "unit_of_measure", "rule__measure__kind"):
        ways.add((unit, kind))
        if effective_on <= first_on:
            break
    return len(ways) <= 1


def _of_key(key: str) -> Q:
    """Values of the subject of a key (`queries.sides.Named`), by whom it is linked to on the day of each."""
    if not key:
        return Q(subject=None)
    on_its_day = SubjectLink.objects.filter(
        Q(starts_on=None) | Q(starts_on__lte=OuterRef("on")),
        Q(ends_on=None) | Q(ends_on__gt=OuterRef("on")),
        subject=OuterRef("subject"),
    )
    kind, _sep, value = key.partition(":")
    if kind in ("employee", "unit") and _is_uuid(value):
        theirs = {f"{kind}__public_id": value}
        ever = SubjectLink.objects.filter(**theirs).values("subject")
        return Q(Exists(on_its_day.filter(**theirs)), subject__in=ever)
    return Q(~Exists(on_its_day), subject__kind=kind, subject__value=value)


def _is_uuid(text: str) -> bool:
    try:
        return bool(UUID(text))
    except ValueError:
        return False


def listed(disputes: QuerySet[DataDispute]) -> QuerySet[DataDispute]:
    """Those open first, the one that is due first; then the latest decided."""
    found = disputes.select_related("definition", "claimant", "assigned_to", "definition__owner")
    return found.order_by("decided_at", "due_on", "pk")


def steps_of(dispute: DataDispute) -> list[DisputeStep]:
    return list(DisputeStep.objects.filter(dispute=dispute).select_related("by", "to").order_by("at", "pk"))


def files_of(dispute: DataDispute) -> list[DisputeFile]:
    """What was handed in, without its content."""
    found = DisputeFile.objects.filter(dispute=dispute).select_related("by")
    return list(found.defer("content").order_by("at", "pk"))


def record_named(definition: MetricDefinition, key: str, first_on: date, last_on: date, number: str) -> Record | None:
    """Among those behind the subject's figures of these days, by its own number: whoever contests a figure learns of
    no other record that there is one."""
    side = MetricSide(definition, ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get()))
    for version in reversed(side.versions) if number else ():
        found = Record.objects.filter(connection=version.connection_id, stream=version.stream, deleted_at=None)
        record: Record | None = found.filter(external_id=number).first()
        with suppress(UnfitRule):  # its stream is called otherwise by now
            if record is not None and side.is_behind(version, record, key, first_on, last_on):
                return record
    return None


def unit_and_digits(definition: MetricDefinition, on: date) -> tuple[str, int]:
    """How its figure of a day is written: by the version in force then, or the first one for days before it."""
    written = _announced(definition).values_list("unit_of_measure", "digits")
    found = written.filter(effective_on__lte=on).order_by("-effective_on").first()
    return found or written.order_by("effective_on").first() or ("", 2)


def _announced(definition: MetricDefinition) -> QuerySet[MetricVersion]:
    return MetricVersion.objects.filter(definition=definition).exclude(state=MetricState.DRAFT)


def label_of(definition: MetricDefinition, key: str) -> str:
    """What a subject that is neither a person nor a unit is called: (sales_region, 浙东)."""
    kind, _sep, value = key.partition(":")
    connections = MetricVersion.objects.filter(definition=definition).values("connection")
    found = Subject.objects.filter(connection__in=connections, kind=kind, value=value).first()
    return (found.name or found.value) if found else value

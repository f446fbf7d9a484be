"""Contested figures: who decides, by when, and what the figure is (product.md §5.7)."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from integrations.metrics import UnfitRule, total
from integrations.models import (
    DataDispute,
    DisputeFile,
    DisputeSettings,
    DisputeStep,
    MetricDefinition,
    MetricState,
    MetricVersion,
    Record,
    Subject,
)
from integrations.reconciling import days_of
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
    """The figure of these days together, as it stands; None where there is none."""
    zone = ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get())
    figures = MetricSide(definition, zone).figures(list(days_of(first_on, last_on)), key=key)
    found = total(one for of_day in figures.values() for named, one in of_day.items() if named.key == key)
    return found.amount if found else None


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


def unit_and_digits(definition: MetricDefinition) -> tuple[str, int]:
    """How its figures are written now."""
    versions = MetricVersion.objects.filter(definition=definition).exclude(state=MetricState.DRAFT)
    found = versions.order_by("-effective_on").values_list("unit_of_measure", "digits").first()
    return found or ("", 2)


def label_of(definition: MetricDefinition, key: str) -> str:
    """What a subject that is neither a person nor a unit is called: (sales_region, 浙东)."""
    kind, _sep, value = key.partition(":")
    connections = MetricVersion.objects.filter(definition=definition).values("connection")
    found = Subject.objects.filter(connection__in=connections, kind=kind, value=value).first()
    return (found.name or found.value) if found else value

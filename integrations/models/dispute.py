"""Somebody contests a figure, with proof (product.md §5.7)."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from perfsys.people.models import Employee, OrgUnit
from perfsys.tenancy.models import TenantKey, TenantModel

from .connection import Record
from .metric import MetricDefinition
from .reconciliation import KEY


class DisputeSettings(TenantModel):
    """What a tenant has set about disputes; one row, or none while nobody has set anything."""

    work_days = models.PositiveSmallIntegerField(default=5)  # until it is to be decided
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        verbose_name_plural = "dispute settings"
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="integrations_one_dispute_settings"),
            models.CheckConstraint(condition=Q(work_days__range=(1, 60)), name="integrations_dispute_days"),
        ]

    def __str__(self) -> str:
        return "dispute settings"


class DisputeState(models.TextChoices):
    SUBMITTED = "submitted", _("Submitted")
    IN_REVIEW = "in_review", _("Being looked at")
    MORE_INFORMATION = "more_information", _("Waits for an answer")
    CORRECTED = "corrected", _("Corrected")
    UPHELD = "upheld", _("The figure stands")


DECIDED = (DisputeState.CORRECTED, DisputeState.UPHELD)


class DataDispute(TenantModel):
    """A figure of `definition` for the subject of `key` ("" is the whole) over the days `first_on`..`last_on`, both
    included, and why `claimant` says it is wrong.

    `value` is the figure as it stood when it was contested, `value_after` when it was decided; None where there was
    none. Proof is a text, a link, a record of a connected system or a file (`DisputeFile`); one of them at least.
    `assigned_to` decides it by `due_on`; `escalated_at` is when it went to an HR partner. `press` makes a double press
    one dispute.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    definition = TenantKey(MetricDefinition, models.PROTECT, related_name="disputes", db_index=False)
    key = models.CharField(max_length=KEY, blank=True, default="")
    label = models.CharField(max_length=120, blank=True, default="")
    employee = TenantKey(Employee, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    unit = TenantKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    first_on = models.DateField()
    last_on = models.DateField()
    value = models.DecimalField(max_digits=40, decimal_places=10, null=True, blank=True)
    value_after = models.DecimalField(max_digits=40, decimal_places=10, null=True, blank=True)
    claimant = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    claim = models.TextField(max_length=2000)
    link = models.URLField(max_length=500, blank=True, default="")
    record = TenantKey(Record, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    assigned_to = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    escalated_at = models.DateTimeField(null=True, blank=True)
    due_on = models.DateField()
    state = models.CharField(max_length=16, choices=DisputeState.choices, default=DisputeState.SUBMITTED)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = TenantKey(Employee, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    reason = models.TextField(max_length=2000, blank=True, default="")
    press = models.CharField(max_length=80, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_dispute_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "press"], condition=~Q(press=""), name="integrations_dispute_once"
            ),
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="integrations_dispute_range"),
            models.CheckConstraint(condition=~Q(claim=""), name="integrations_dispute_says_why"),
            models.CheckConstraint(
                condition=Q(state__in=DECIDED, decided_at__isnull=False) & ~Q(reason="")
                | ~Q(state__in=DECIDED) & Q(decided_at=None),
                name="integrations_dispute_decided_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "definition", "state"], name="integrations_dispute_of_metric"),
            models.Index(fields=["tenant", "claimant"], name="integrations_dispute_by"),
            models.Index(fields=["tenant", "assigned_to"], name="integrations_dispute_for"),
        ]

    def __str__(self) -> str:
        return f"dispute {self.pk} of metric {self.definition_id}"


class DisputeFile(TenantModel):
    """A proof that was handed in, given out as a download alone. `file` is its name in the storage; of one from before
    there was a storage `content` holds it. `held` says why it is not given out."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    dispute = TenantKey(DataDispute, models.CASCADE, related_name="files", db_index=False)
    name = models.CharField(max_length=200)
    content = models.BinaryField(default=b"")
    file = models.CharField(max_length=200, blank=True, default="", db_default="")
    held = models.CharField(max_length=8, blank=True, default="", db_default="")
    by = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_proof_public_id")]

    def __str__(self) -> str:
        return self.name


class DisputeStep(TenantModel):
    """What was said and done, in order: `state` is what it then was. `press` makes a double press one step. Nobody
    changes it."""

    app_may = "SELECT, INSERT"

    dispute = TenantKey(DataDispute, models.CASCADE, related_name="steps", db_index=False)
    state = models.CharField(max_length=16, choices=DisputeState.choices)
    by = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    to = TenantKey(Employee, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)  # handed on
    text = models.TextField(max_length=2000, blank=True, default="")
    press = models.CharField(max_length=80, blank=True, default="")
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "dispute", "at"], name="integrations_dispute_steps")]

    def __str__(self) -> str:
        return f"step {self.state} of dispute {self.dispute_id}"

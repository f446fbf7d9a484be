"""Rules over the records of a stream, and what they found (product.md §5.9)."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel

from .connection import Connection, Record


class BehaviourRule(TenantModel):
    """ "An opportunity not updated for 14 days": records of `stream` whose `date_field`, a day or a time, lies `days`
    or more back. `filter` narrows them, as conditions of `integrations.metrics`: [{"field": ..., "op": ..., "value":
    ...}], all of which must hold; "in" has a list. `person_field` names whose record it is, by the source's own id of
    that person."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    connection = TenantKey(Connection, models.CASCADE, related_name="+", db_index=False)
    stream = models.CharField(max_length=40)
    date_field = models.CharField(max_length=60)
    days = models.PositiveSmallIntegerField()
    filter = models.JSONField(default=list)
    person_field = models.CharField(max_length=60)
    is_on = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    made_by = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    key = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_rule_public_id"),
            models.UniqueConstraint(fields=["tenant", "name"], name="integrations_rule_name"),
            models.UniqueConstraint(fields=["tenant", "key"], name="integrations_rule_once"),
            models.CheckConstraint(condition=Q(days__range=(1, 365)), name="integrations_rule_days"),
        ]
        indexes = [models.Index(fields=["tenant", "connection"], name="integrations_rules_of")]

    def __str__(self) -> str:
        return self.name


class FoundState(models.TextChoices):
    OPEN = "open", _("Waiting for an answer")
    CONFIRMED = "confirmed", _("Normal, a deliberate change")
    ENDED = "ended", _("Over")


class BehaviourAlert(TenantModel):
    """A record that a rule found. `seen` is what its date said then: while it says the same, one that was confirmed
    stays quiet. `employee` is whose record it is, None where that is nobody here yet: then nobody is told."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    rule = TenantKey(BehaviourRule, models.CASCADE, related_name="alerts", db_index=False)
    record = TenantKey(Record, models.PROTECT, related_name="+", db_index=False)
    employee = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    seen = models.CharField(max_length=40)
    state = models.CharField(max_length=10, choices=FoundState.choices, default=FoundState.OPEN)
    opened_on = models.DateField()
    told_on = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    confirmed_by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    confirmed_by_name = models.CharField(max_length=80, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_found_public_id"),
            # One that was confirmed stands as well: what was answered is not asked again while nothing has moved.
            models.UniqueConstraint(
                fields=["tenant", "rule", "record"],
                condition=Q(state__in=["open", "confirmed"]),
                name="integrations_found_once",
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(confirmed_at__isnull=False), name="integrations_found_confirmed"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "employee", "state"],
                name="integrations_found_of_person",
                condition=Q(employee__isnull=False),
            ),
            models.Index(
                fields=["tenant", "confirmed_by"],
                name="integrations_found_answered_by",
                condition=Q(confirmed_by__isnull=False),
            ),
            models.Index(fields=["tenant", "record"], name="integrations_found_record"),
        ]

    def __str__(self) -> str:
        return f"alert of rule {self.rule_id} about record {self.record_id}"

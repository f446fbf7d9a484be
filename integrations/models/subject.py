"""What the records of a connection are about, by the source's own names, and who that is here (product.md §5.3)."""

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from perfsys.audit.models import history_of
from perfsys.people.models import NO_DOUBLE_SPAN, Employee, OrgUnit, ordered_span
from perfsys.tenancy.models import TenantKey, TenantModel

from .connection import Connection


class SubjectOf(models.TextChoices):
    """What sort of thing a subject is. People and units can be linked; the others are named as the source does."""

    PERSON = "person", _("Person")
    UNIT = "unit", _("Unit")
    CUSTOMER = "customer", _("Customer")
    PROJECT = "project", _("Project")
    ORDER = "order", _("Order")
    OTHER = "other", _("Something else")


class Subject(TenantModel):
    """Somebody or something that records of a connection name: (owner, D1021), (sales_region, 浙东).

    `kind` is a word of the connection's configuration, `of` what sort of thing that is. `name`, `email` and `unit` are
    what the source last said beside it. `records` are those that name it and were not deleted, as of `counted_at`;
    `first_on` is the day of the earliest. `value` "" stands for records that name nobody: their figures are kept under
    it and shown as "without attribution".
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    connection = TenantKey(Connection, models.CASCADE, related_name="subjects", db_index=False)
    kind = models.CharField(max_length=40)
    of = models.CharField(max_length=8, choices=SubjectOf.choices)
    value = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=120, blank=True, default="")
    email = models.CharField(max_length=254, blank=True, default="")
    unit = models.CharField(max_length=120, blank=True, default="")
    records = models.PositiveIntegerField(default=0)
    first_on = models.DateField(null=True, blank=True)
    first_seen_at = models.DateTimeField()
    counted_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)  # counts changes of its links

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_subject_public_id"),
            models.UniqueConstraint(fields=["tenant", "connection", "kind", "value"], name="integrations_subject_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class LinkedBy(models.TextChoices):
    NUMBER = "number", _("the same number")
    EMAIL = "email", _("the same e-mail address")
    NAME = "name", _("the same name and unit")
    HAND = "hand", _("chosen by hand")


class SubjectLink(TenantModel):
    """Who a subject is here, from when until when: one employee or one unit. `starts_on` None is from the beginning.

    A number that is given to another person gets a second span: what happened before stays with the first one. `ended`
    is the id of the link that ends where this one begins because of it, `replaced` that of one whose row it took the
    place of (its history is kept): what taking this one back restores.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    subject = TenantKey(Subject, models.CASCADE, related_name="links", db_index=False)
    employee = TenantKey(Employee, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    unit = TenantKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    starts_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    how = models.CharField(max_length=8, choices=LinkedBy.choices)
    by = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    ended = models.BigIntegerField(null=True, blank=True)
    replaced = models.BigIntegerField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_link_public_id"),
            models.CheckConstraint(condition=Q(employee=None) ^ Q(unit=None), name="integrations_link_to_one"),
            ExclusionConstraint(
                name="integrations_link_one_at_a_time",
                expressions=[
                    (F("tenant"), RangeOperators.EQUAL),
                    (F("subject"), RangeOperators.EQUAL),
                    (NO_DOUBLE_SPAN, RangeOperators.OVERLAPS),
                ],
            ),
            ordered_span("integrations_link_span"),
        ]
        indexes = [
            models.Index(fields=["tenant", "employee"], name="integrations_link_of_person"),
            models.Index(fields=["tenant", "by"], name="integrations_links_made_by", condition=Q(by__isnull=False)),
            models.Index(fields=["tenant", "unit"], name="integrations_link_of_unit"),
        ]

    def __str__(self) -> str:
        return f"link {self.pk} of subject {self.subject_id}"


# What was undone or ended is read here.
SubjectLinkEvent = history_of(SubjectLink)

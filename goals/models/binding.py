"""A goal's figure comes from a metric (product.md §2.6, §5.4)."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from integrations.models import MetricDefinition, MetricVersion
from perfsys.people.models import Employee, OrgUnit
from perfsys.tenancy.models import TenantKey, TenantModel

from .goal import Goal
from .key_result import KeyResult
from .trail import CheckIn

KEY = 150  # characters of a subject's key, as holds and disputes have it


class Making(models.TextChoices):
    """How the figures of days become the one of the goal's days so far (`goals.bound`)."""

    SUM = "sum", pgettext_lazy("how a figure is made", "Sum so far")
    MEAN = "mean", pgettext_lazy("how a figure is made", "Mean of the days")
    LATEST = "latest", pgettext_lazy("how a figure is made", "The latest day")
    RATIO = "ratio", pgettext_lazy("how a figure is made", "Ratio over all days")


class MetricBinding(TenantModel):
    """What `definition` says of a subject is the figure of `goal`, or of one `key_result` of it, from `bound_at` until
    `ended_at`. The subject is a person, a unit, or what a source calls `key`; "" is the whole, as holds and disputes
    know it. One at a time; to bind anew is another row, so that what held when can be read.

    `readings` has what each day came to as [day, value], of a figure whose progress asks for more than the last one
    (product.md §2.6: hold within, lower without a baseline); a corrected day is corrected there."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    goal = TenantKey(Goal, models.CASCADE, related_name="bindings", db_index=False)
    key_result = TenantKey(KeyResult, models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    definition = TenantKey(MetricDefinition, models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=KEY, blank=True, default="")
    label = models.CharField(max_length=120, blank=True, default="")
    employee = TenantKey(Employee, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    unit = TenantKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    making = models.CharField(max_length=6, choices=Making.choices)
    bound_by = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    bound_at = models.DateTimeField()
    ended_by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_because = models.CharField(max_length=500, blank=True, default="")
    readings = models.JSONField(default=list, db_default=[], blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_binding_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "goal", "key_result"],
                condition=Q(ended_at=None),
                name="goals_bound_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_because="") | Q(ended_at__gte=F("bound_at")) & ~Q(ended_because=""),
                name="goals_unbound_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "definition", "key"], name="goals_bound_to_metric", condition=Q(ended_at=None)
            ),
            models.Index(
                fields=["tenant", "employee"], name="goals_bound_to_person", condition=Q(employee__isnull=False)
            ),
            models.Index(fields=["tenant", "bound_by"], name="goals_bound_by", condition=Q(bound_by__isnull=False)),
            models.Index(fields=["tenant", "ended_by"], name="goals_unbound_by", condition=Q(ended_by__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"metric {self.definition_id} on goal {self.goal_id}"


class BoundFigure(TenantModel):
    """Where the value of an automatic check-in comes from: the figures of `first_on`..`last_on`, both included, the
    last of them by `counted_as`. `as_of` and `is_settled` follow the source while the value stays the same; another
    value is another check-in with a row of its own."""

    binding = TenantKey(MetricBinding, models.CASCADE, related_name="figures", db_index=False)
    check_in = TenantKey(CheckIn, models.CASCADE, related_name="+", db_index=False)
    value = models.DecimalField(max_digits=20, decimal_places=6)
    first_on = models.DateField()
    last_on = models.DateField()
    as_of = models.DateTimeField()
    is_settled = models.BooleanField()
    counted_as = TenantKey(MetricVersion, models.PROTECT, related_name="+", db_index=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "check_in"], name="goals_bound_figure_of_check_in"),
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="goals_bound_figure_days"),
        ]
        indexes = [models.Index(fields=["tenant", "binding", "id"], name="goals_bound_figures")]

    def __str__(self) -> str:
        return f"{self.value} until {self.last_on}"

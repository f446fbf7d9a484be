"""Two metrics that should agree, how they stand day by day, and what is held until a person has looked (product.md
§5.6)."""

import uuid
from decimal import Decimal

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from integrations.reconciling import Side, Verdict
from perfsys.people.models import Employee, OrgUnit
from perfsys.tenancy.models import TenantKey, TenantModel

from .metric import MetricDefinition

VERDICTS = {
    Verdict.AGREES: _("Agrees"),
    Verdict.OVER: _("Over the tolerance"),
    Verdict.MISSING_SIDE: _("Only one side has a figure"),
    Verdict.LOST_DAY: _("Day lost"),
    Verdict.NOT_DUE: _("Not settled yet"),
}
SIDES = {Side.A: _("the figure checked"), Side.B: _("the figure it is checked against")}
VERDICT_CHOICES = [(verdict.value, label) for verdict, label in VERDICTS.items()]
SIDE_CHOICES = [(side.value, label) for side, label in SIDES.items()]
KEY = 161  # characters of a subject's key, kind and value: `queries.sides.Named`


class ReconciliationPair(TenantModel):
    """`a` is checked against `b`; with `has_reference` the difference is judged as a share of `b`, else of the larger.

    `match_a` and `match_b` are the fields that hold the number both systems know a record by, `returned_a` and
    `returned_b` those of what was taken off for returns ("": none), for the search for causes. `says` is what was
    agreed about comparing them, in words. `key` makes a double press one pair.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    a = TenantKey(MetricDefinition, models.PROTECT, related_name="+", db_index=False)
    b = TenantKey(MetricDefinition, models.PROTECT, related_name="+", db_index=False)
    has_reference = models.BooleanField(default=True)
    tolerance = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(5))  # percent
    by_subject = models.BooleanField(default=True)
    releases_needed = models.PositiveSmallIntegerField(default=1)
    match_a = models.CharField(max_length=40, blank=True, default="")
    match_b = models.CharField(max_length=40, blank=True, default="")
    returned_a = models.CharField(max_length=40, blank=True, default="")
    returned_b = models.CharField(max_length=40, blank=True, default="")
    says = models.TextField(max_length=1000, blank=True, default="")
    is_on = models.BooleanField(default=True)
    made_at = models.DateTimeField()
    key = models.CharField(max_length=80, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_pair_public_id"),
            models.UniqueConstraint(fields=["tenant", "name"], name="integrations_pair_name"),
            models.UniqueConstraint(fields=["tenant", "a", "b"], name="integrations_pair_once"),
            models.UniqueConstraint(fields=["tenant", "key"], condition=~Q(key=""), name="integrations_pair_made_once"),
            models.CheckConstraint(condition=~Q(a=F("b")), name="integrations_pair_of_two"),
            models.CheckConstraint(condition=Q(tolerance__range=(0, 100)), name="integrations_pair_tolerance"),
            models.CheckConstraint(condition=Q(releases_needed__in=[1, 2]), name="integrations_pair_releases"),
        ]

    def __str__(self) -> str:
        return self.name


class ReconciliationRun(TenantModel):
    """One comparison of a pair over the days `first_on`..`last_on`, both included, as of `as_of`. `key` is the day it
    was due, or one press: again is nothing. `terms` are what it was compared by: with other ones all days are compared
    again. `counts` by verdict; `unequal` the fields in which the calibers differ: [{name, a, b, stops}]."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    pair = TenantKey(ReconciliationPair, models.CASCADE, related_name="runs", db_index=False)
    key = models.CharField(max_length=80)
    first_on = models.DateField()
    last_on = models.DateField()
    as_of = models.DateField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    counts = models.JSONField(default=dict)
    unequal = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    terms = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_comparing_public_id"),
            models.UniqueConstraint(fields=["tenant", "pair", "key"], name="integrations_comparing_once"),
        ]

    def __str__(self) -> str:
        return f"comparing {self.key} of pair {self.pair_id}"


class MetricHold(TenantModel):
    """Figures that nobody is to be judged by until a person has looked (product.md §5.6): those of `definition` for
    the subject of `key` ("" is the whole), with `covers_all` for every subject, since a day lost is lost to all.

    `first_on`..`last_on` are the days it is about so far, `because` a verdict. One at a time; released by as many
    different people as `releases_needed` says.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    definition = TenantKey(MetricDefinition, models.PROTECT, related_name="holds", db_index=False)
    pair = TenantKey(ReconciliationPair, models.PROTECT, related_name="holds", db_index=False)
    key = models.CharField(max_length=KEY, blank=True, default="")
    label = models.CharField(max_length=120, blank=True, default="")
    employee = TenantKey(Employee, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    unit = TenantKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    covers_all = models.BooleanField(default=False)
    because = models.CharField(max_length=12, choices=VERDICT_CHOICES)
    first_on = models.DateField()
    last_on = models.DateField()
    releases_needed = models.PositiveSmallIntegerField()
    opened_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_hold_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "definition", "pair", "key", "covers_all"],
                condition=Q(released_at=None),
                name="integrations_one_hold_at_a_time",
            ),
            models.CheckConstraint(condition=Q(last_on__gte=F("first_on")), name="integrations_hold_days"),
            models.CheckConstraint(condition=Q(releases_needed__in=[1, 2]), name="integrations_hold_releases"),
        ]
        indexes = [
            models.Index(fields=["tenant", "definition", "released_at"], name="integrations_hold_of_metric"),
            models.Index(
                fields=["tenant", "employee"], name="integrations_hold_of_person", condition=Q(employee__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"hold on metric {self.definition_id} {self.key}"


class HoldRelease(TenantModel):
    """That a person has looked and says the figure may be used again, and why: as its lines were at the moment
    `seen_at`, when the page was made. Nobody counts twice."""

    app_may = "SELECT, INSERT"

    hold = TenantKey(MetricHold, models.CASCADE, related_name="releases", db_index=False)
    by = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=500)
    seen_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "hold", "by"], name="integrations_released_once_each"),
            models.CheckConstraint(condition=~Q(reason=""), name="integrations_released_with_a_reason"),
        ]

    def __str__(self) -> str:
        return f"release of hold {self.hold_id} by {self.by_id}"


class ReconciliationLine(TenantModel):
    """A subject on a day ("" is the whole), as last compared; of a day that cannot be compared there is only the whole.

    `causes` are those of `integrations.reconciling` with the number of records behind each, amounts as text:
    [{kind, amount, a, b}]. `settled` is the hold that people released having seen these very figures: other ones are
    held again.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    pair = TenantKey(ReconciliationPair, models.CASCADE, related_name="lines", db_index=False)
    on = models.DateField()
    key = models.CharField(max_length=KEY, blank=True, default="")
    label = models.CharField(max_length=120, blank=True, default="")
    employee = TenantKey(Employee, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    unit = TenantKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    a = models.DecimalField(max_digits=40, decimal_places=10, null=True, blank=True)
    b = models.DecimalField(max_digits=40, decimal_places=10, null=True, blank=True)
    difference = models.DecimalField(max_digits=40, decimal_places=10, null=True, blank=True)
    percent = models.DecimalField(max_digits=20, decimal_places=4, null=True, blank=True)
    verdict = models.CharField(max_length=12, choices=VERDICT_CHOICES)
    lost = models.CharField(max_length=1, choices=SIDE_CHOICES, blank=True, default="")
    causes = models.JSONField(default=list, encoder=DjangoJSONEncoder)
    run = TenantKey(ReconciliationRun, models.PROTECT, related_name="+", db_index=False)  # the last that changed it
    changed_at = models.DateTimeField()
    settled = TenantKey(MetricHold, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_line_public_id"),
            models.UniqueConstraint(fields=["tenant", "pair", "on", "key"], name="integrations_line_once"),
        ]
        indexes = [
            models.Index(fields=["tenant", "pair", "verdict", "-on"], name="integrations_line_by_verdict"),
            models.Index(
                fields=["tenant", "employee"], name="integrations_line_of_person", condition=Q(employee__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"line {self.on} {self.key} of pair {self.pair_id}"

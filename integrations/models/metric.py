"""What a figure means, who agreed to it, and the figures (product.md §5.4)."""

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from perfsys.audit.models import history_of
from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel

from .connection import Connection
from .subject import Subject


class MetricDefinition(TenantModel):
    """A figure by its name; what it means stands in its versions. `owner` answers for it, `interpreter` has the last
    word on what it means. `key` makes a double press of "create" one definition."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    owner = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    interpreter = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    key = models.CharField(max_length=80, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_metric_public_id"),
            models.UniqueConstraint(fields=["tenant", "name"], name="integrations_metric_name"),
            models.UniqueConstraint(
                fields=["tenant", "key"], condition=~Q(key=""), name="integrations_metric_made_once"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MetricState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    ANNOUNCED = "announced", _("Announced")
    IN_FORCE = "in_force", _("In force")
    ENDED = "ended", _("Replaced by a later one")


class MetricVersion(TenantModel):
    """The caliber of a metric from `effective_on` on, until the next one's: days before it keep the version they had.

    `rule` is a rule of `integrations.metrics`, `says` its interpretation in words; `unit_of_measure` what one of it is,
    `digits` how many decimals are shown. A draft can be changed, which takes back what was signed; once announced,
    nothing of it changes. `computed_at` is when its values were last computed, `computed_as` what they were computed
    from: the digests of its streams' configuration. `problem` is a code of `integrations.wording` while they cannot be.
    `computing` is how far a computation of all days has come, {} while there is none: the `key` of the job, and where
    it takes several parts their `bounds` as [first day, day behind the last], how many are `done`, the configuration
    they `read`, and the `problems` counted so far; `again` where all are to be computed anew once it is over.
    """

    definition = TenantKey(MetricDefinition, models.CASCADE, related_name="versions", db_index=False)
    number = models.PositiveSmallIntegerField()
    connection = TenantKey(Connection, models.PROTECT, related_name="+", db_index=False)
    stream = models.CharField(max_length=40)
    rule = models.JSONField(encoder=DjangoJSONEncoder)
    unit_of_measure = models.CharField(max_length=20)
    digits = models.PositiveSmallIntegerField(default=2)
    says = models.TextField(max_length=2000)
    effective_on = models.DateField()
    state = models.CharField(max_length=9, choices=MetricState.choices, default=MetricState.DRAFT)
    made_by = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    announced_at = models.DateTimeField(null=True, blank=True)
    computed_at = models.DateTimeField(null=True, blank=True)
    computed_as = models.JSONField(default=dict)
    problem = models.CharField(max_length=40, blank=True, default="")
    computing = models.JSONField(default=dict, db_default={})
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "definition", "number"], name="integrations_version_number"),
            models.UniqueConstraint(
                fields=["tenant", "definition"],
                condition=Q(state=MetricState.DRAFT),
                name="integrations_version_one_draft",
            ),
            models.UniqueConstraint(
                fields=["tenant", "definition", "effective_on"],
                condition=~Q(state=MetricState.DRAFT),
                name="integrations_version_one_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state=MetricState.DRAFT) ^ Q(announced_at__isnull=False),
                name="integrations_version_announced",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "connection", "stream"], name="integrations_version_stream")]

    def __str__(self) -> str:
        return f"version {self.number} of metric {self.definition_id}"


class Side(models.TextChoices):
    BUSINESS = "business", _("Business")
    IT = "it", _("IT")
    HR = "hr", _("HR")


class MetricSignOff(TenantModel):
    """That a side agrees to a version as it stands. Three sides, three people."""

    of = TenantKey(MetricVersion, models.CASCADE, related_name="sign_offs", db_index=False)
    side = models.CharField(max_length=8, choices=Side.choices)
    by = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "of", "side"], name="integrations_signed_once_a_side"),
            models.UniqueConstraint(fields=["tenant", "of", "by"], name="integrations_signed_once_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.side} of version {self.of_id}"


class Standing(models.TextChoices):
    PROVISIONAL = "provisional", _("Provisional")
    SETTLED = "settled", _("Settled")


class MetricValue(TenantModel):
    """The figure of a business day, of a subject or (None) of the whole, by a version.

    `numerator` over `denominator`, so that days add up to an honest mean or ratio; a sum or a count has no
    denominator. `rows` are the records it is made of. `as_of` is how far the source had been read. A figure that comes
    out otherwise later is a new row, and the old one gets its `replaced_at`; nothing else of a value ever changes but
    its standing and `as_of` while the figure stays the same.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    of = TenantKey(MetricVersion, models.CASCADE, related_name="values", db_index=False)
    on = models.DateField()
    subject = TenantKey(Subject, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    numerator = models.DecimalField(max_digits=40, decimal_places=10)
    denominator = models.DecimalField(max_digits=40, decimal_places=10, null=True, blank=True)
    rows = models.PositiveIntegerField()
    as_of = models.DateTimeField()
    standing = models.CharField(max_length=11, choices=Standing.choices)
    computed_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_value_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "of", "on", "subject"],
                condition=Q(replaced_at=None),
                name="integrations_value_stands_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=Q(replaced_at=None) | Q(replaced_at__gte=F("computed_at")),
                name="integrations_value_replaced_later",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "of", "subject", "on"], name="integrations_value_of_subject")]

    def __str__(self) -> str:
        return f"value of {self.on} by version {self.of_id}"


MetricDefinitionEvent = history_of(MetricDefinition)
MetricVersionEvent = history_of(MetricVersion, exclude=("computed_at", "computed_as", "problem", "computing"))

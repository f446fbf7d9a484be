import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.models import EvidenceType
from perfsys.people.models import OrgUnit
from perfsys.tenancy.models import TenantKey, TenantModel

from .goal import Cadence, Direction, Kind, Layer


class BusinessLine(models.TextChoices):
    RESEARCH = "research", _("Research and development")
    PRODUCTION = "production", _("Production")
    QUALITY = "quality", _("Quality")
    SALES = "sales", _("Sales")
    SERVICE = "service", _("Customer service")
    PURCHASING = "purchasing", _("Purchasing")
    PEOPLE = "people", _("Human resources")
    FINANCE = "finance", _("Finance")
    OTHER = "other", _("Other")


class GoalTemplate(TenantModel):
    """Goals to start from, by business line (product.md §2.12). With a unit it is that department's own copy. `fields`
    are asked of every goal made from it, as goals.extras keeps them; `version` is the number of its newest
    TemplateVersion."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    line = models.CharField(max_length=10, choices=BusinessLine.choices, default=BusinessLine.OTHER)
    layer = models.CharField(max_length=10, choices=Layer.choices, default=Layer.POSITION)
    summary = models.CharField(max_length=300, blank=True, default="")
    unit = TenantKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="goal_templates", db_index=False)
    copied_from = TenantKey("self", models.SET_NULL, null=True, blank=True, related_name="copies", db_index=False)
    gallery_key = models.CharField(max_length=40, blank=True, default="")  # of the shipped template it was taken from
    fields = models.JSONField(default=list, blank=True)
    made_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_template_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "name", "unit"], nulls_distinct=False, name="goals_template_name"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="goals_template_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class TemplateGoal(TenantModel):
    """One goal of a template. `milestones` is a list of {"title": str, "after": percent of the goal's span},
    `key_results` those of an objective, as queries.templates.Result keeps them."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    template = TenantKey(GoalTemplate, models.CASCADE, related_name="goals", db_index=False)
    position = models.PositiveSmallIntegerField(default=0)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.KPI)
    title = models.CharField(max_length=200)
    weight = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    is_core = models.BooleanField(default=False)
    measure = models.CharField(max_length=200, blank=True, default="")
    unit_of_measure = models.CharField(max_length=40, blank=True, default="")
    target = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    direction = models.CharField(max_length=6, choices=Direction.choices, default=Direction.RAISE)
    cadence_times = models.PositiveSmallIntegerField(null=True, blank=True)
    cadence_per = models.CharField(max_length=6, choices=Cadence.choices, blank=True, default="")
    delivers = models.CharField(max_length=200, blank=True, default="")
    evidence_type = models.CharField(max_length=12, choices=EvidenceType.choices, blank=True, default="")
    evidence_plan = models.CharField(max_length=200, blank=True, default="")
    milestones = models.JSONField(default=list, blank=True)
    key_results = models.JSONField(default=list, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_template_goal_public_id"),
            models.CheckConstraint(
                condition=Q(weight__isnull=True) | Q(weight__range=(0, 100)), name="goals_template_weight"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "template", "position"], name="goals_of_template")]

    def __str__(self) -> str:
        return self.title

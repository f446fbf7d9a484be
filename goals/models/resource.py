from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfsys.tenancy.models import TenantKey, TenantModel

from .goal import Goal
from .trail import Source


class ResourceKind(models.TextChoices):
    MONEY = "money", _("Money")  # in 10,000 yuan
    PEOPLE = "people", pgettext_lazy("resource", "People")  # heads
    HOURS = "hours", _("Hours")


class ResourceLine(TenantModel):
    """What a goal takes, planned and actual, by month (its first day; None: over the whole period, as files give it)
    and kind (product.md §2.15). No line means nothing."""

    goal = TenantKey(Goal, models.CASCADE, related_name="resources", db_index=False)
    month = models.DateField(null=True, blank=True)
    kind = models.CharField(max_length=6, choices=ResourceKind.choices)
    planned = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    actual = models.DecimalField(max_digits=16, decimal_places=4, null=True, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.TYPED)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "goal", "kind", "month"], nulls_distinct=False, name="goals_resource_once"
            ),
            models.CheckConstraint(
                condition=(Q(planned__isnull=True) | Q(planned__gte=0)) & (Q(actual__isnull=True) | Q(actual__gte=0)),
                name="goals_resource_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.goal_id}"

import uuid
from decimal import Decimal

from django.db import models
from django.db.models import Q

from perfsys.audit.models import history_of
from perfsys.tenancy.models import TenantKey, TenantModel

from .goal import Direction, Goal


class KeyResult(TenantModel):
    """One result an objective is measured by (product.md §2.2, §2.6), raised or lowered to its target. Said without a
    figure of its own it goes from 0 to 100 %. `weight` is against the objective's other key results.

    `progress` (percent, raw) and `last_value` follow from its check-ins. From `retired_on` on it no longer counts; what
    was said about it stays.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    goal = TenantKey(Goal, models.CASCADE, related_name="key_results", db_index=False)
    title = models.CharField(max_length=200)
    measure = models.CharField(max_length=200, blank=True, default="")
    unit_of_measure = models.CharField(max_length=40, blank=True, default="")
    baseline = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    target = models.DecimalField(max_digits=20, decimal_places=6, default=Decimal(100))
    direction = models.CharField(max_length=6, choices=Direction.choices, default=Direction.RAISE)
    weight = models.DecimalField(max_digits=6, decimal_places=2, default=Decimal(1))
    retired_on = models.DateField(null=True, blank=True)
    last_value = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    progress = models.DecimalField(max_digits=16, decimal_places=6, null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_key_result_public_id"),
            models.UniqueConstraint(fields=["tenant", "goal", "title"], name="goals_key_result_once"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="goals_key_result_weight"),
            models.CheckConstraint(condition=~Q(direction="hold"), name="goals_key_result_moves"),
            models.CheckConstraint(condition=~Q(title=""), name="goals_key_result_has_words"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_standing(self) -> bool:
        return self.retired_on is None


KeyResultEvent = history_of(KeyResult, exclude=("last_value", "progress"), in_bulk=True)

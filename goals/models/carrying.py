import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel

from .period import Period


class CarryOver(TenantModel):
    """Goals of one period that somebody had made drafts of in another. `goals` are those he chose, by id, and might
    choose at the time: the job that does it asks nobody's rights again. `done` is how far it is, of twice their number:
    each is written, then each is given what it supports. `made` counts those written, `left` the others."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    from_period = TenantKey(Period, models.PROTECT, related_name="+", db_index=False)
    into_period = TenantKey(Period, models.PROTECT, related_name="+", db_index=False)
    by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    goals = ArrayField(models.BigIntegerField())
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    made = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_carry_over_public_id"),
            models.CheckConstraint(
                condition=~Q(from_period=F("into_period")), name="goals_carry_over_into_another_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{len(self.goals)} goals carried over"

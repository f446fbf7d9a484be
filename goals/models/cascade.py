import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel

from .goal import Goal
from .period import Period


class Share(models.TextChoices):
    """What each person's draft takes of the figures of the goal above."""

    EQUAL = "equal", _("The same for everybody")
    SPLIT = "split", _("Split: all of them together reach it")
    OPEN = "open", _("Left open: each says their own")


class Cascade(TenantModel):
    """A department's goal of which somebody had drafts made for many people. `people` are those he chose, by id, and
    might choose at the time: the job that does it asks nobody's rights again. `done` is how far down the list it is;
    `made` counts the drafts, `left` those who had a goal that supports it already."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    goal = TenantKey(Goal, models.CASCADE, related_name="cascades", db_index=False)
    period = TenantKey(Period, models.PROTECT, related_name="+", db_index=False)  # of the drafts
    title = models.CharField(max_length=500)
    share = models.CharField(max_length=5, choices=Share.choices)
    weight = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)
    by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    people = ArrayField(models.BigIntegerField())
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    made = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_cascade_public_id")]

    def __str__(self) -> str:
        return f"{self.goal_id} for {len(self.people)} people"

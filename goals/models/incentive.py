import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel

from .goal import Goal


class For(models.TextChoices):
    OWNER = "owner", _("Whoever owns this goal")
    CHILDREN = "children", _("Owners of the goals that carry it")


class Incentive(TenantModel):
    """A promise on a goal (product.md §2.10). `quota` None: for everybody who finishes.

    Whoever gives a place holds the lock of this row. `taken` is how many were given; that it never passes the quota,
    and that no number is given twice, the database keeps as well.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    goal = TenantKey(Goal, models.CASCADE, related_name="incentives", db_index=False)
    is_for = models.CharField(max_length=10, choices=For.choices, default=For.OWNER)
    promise = models.CharField(max_length=200)
    quota = models.PositiveIntegerField(null=True, blank=True)
    taken = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=80)  # of the form: sent twice it is one
    made_by = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)  # no further place; those given stay

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_incentive_public_id"),
            models.UniqueConstraint(fields=["tenant", "goal", "key"], name="goals_incentive_once"),
            models.CheckConstraint(condition=~Q(promise=""), name="goals_incentive_promises_something"),
            models.CheckConstraint(condition=Q(quota__isnull=True) | Q(quota__gte=1), name="goals_incentive_quota"),
            models.CheckConstraint(
                condition=Q(quota__isnull=True) | Q(taken__lte=F("quota")), name="goals_incentive_within_quota"
            ),
        ]

    def __str__(self) -> str:
        return self.promise[:40]

    @property
    def left(self) -> int | None:
        """Places; None where there are as many as there are owners."""
        return None if self.quota is None else self.quota - self.taken

    @property
    def is_open(self) -> bool:
        return self.ended_at is None and self.left != 0


class IncentivePlace(TenantModel):
    """A place given, `number` from 1 in the order of verified completion; `goal` is the one that was finished. Its row
    goes only where that goal is opened again while the promise runs: then the place is free."""

    incentive = TenantKey(Incentive, models.CASCADE, related_name="places", db_index=False)
    number = models.PositiveIntegerField()
    owner = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    goal = TenantKey(Goal, models.PROTECT, related_name="+", db_index=False)
    completed_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "incentive", "number"], name="goals_place_given_once"),
            models.UniqueConstraint(fields=["tenant", "incentive", "owner"], name="goals_one_place_an_owner"),
            models.CheckConstraint(condition=Q(number__gte=1), name="goals_place_number"),
        ]

    def __str__(self) -> str:
        return f"place {self.number} of {self.incentive_id}"

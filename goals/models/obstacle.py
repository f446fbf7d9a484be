import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel

from .goal import Goal


class ObstacleState(models.TextChoices):
    OPEN = "open", _("Expected")
    IN_HAND = "in_hand", _("Being worked on")
    CLEARED = "cleared", _("Cleared")


class ObstacleCause(TenantModel):
    """One line of the tenant's list (product.md §2.5); what a goal's owner adds in own words stands here too."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    is_listed = models.BooleanField(default=True)  # False: kept for the goals that name it, no longer offered
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_cause_public_id"),
            models.UniqueConstraint(fields=["tenant", "name"], name="goals_cause_name"),
            models.CheckConstraint(condition=~Q(name=""), name="goals_cause_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class Obstacle(TenantModel):
    """What the owner of a goal expects in the way. Read by the owner, the managers above and the HR partner.

    It asks from the moment its goal is published; `answered_at` is when somebody else than the owner first took it in
    hand or cleared it, `answer_minutes` the working minutes between the two.

    `owner` is the goal's, and None unless that is a published one of a person: triggers keep it, so that the board
    over thousands of goals comes out of one index.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    goal = TenantKey(Goal, models.CASCADE, related_name="obstacles", db_index=False)
    owner = TenantKey(
        Employee, models.SET_NULL, null=True, blank=True, editable=False, related_name="+", db_index=False
    )
    cause = TenantKey(ObstacleCause, models.PROTECT, related_name="obstacles", db_index=False)
    state = models.CharField(max_length=10, choices=ObstacleState.choices, default=ObstacleState.OPEN)
    helper = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    due_on = models.DateField(null=True, blank=True)
    resolution = models.CharField(max_length=500, blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    answer_minutes = models.PositiveIntegerField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_obstacle_public_id"),
            models.UniqueConstraint(fields=["tenant", "goal", "cause"], name="goals_obstacle_once"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answer_minutes__isnull=True)
                | Q(answered_at__isnull=False, answer_minutes__isnull=False),
                name="goals_obstacle_answer_is_measured",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "helper"], name="goals_obstacles_of_helper", condition=Q(helper__isnull=False)
            ),
            models.Index(fields=["tenant", "cause", "state"], name="goals_obstacle_by_cause"),
            models.Index(
                fields=["tenant", "owner"],
                include=["state", "cause", "due_on", "helper", "answer_minutes", "id"],
                name="goals_obstacles_of_owner",
                condition=Q(owner__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"obstacle {self.cause_id} of {self.goal_id}"

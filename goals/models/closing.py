from django.db import models
from django.db.models import Q

from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel

from .goal import Goal, Outcome


class Closing(TenantModel):
    """How a goal came to its end: what came of it and what was learned, said by its owner and settled by whoever may
    close it. Sent back or taken back it stays as it was said, and the next one is a row of its own."""

    goal = TenantKey(Goal, models.CASCADE, related_name="closings", db_index=False)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    result = models.CharField(max_length=1000)
    lesson = models.CharField(max_length=1000)
    proposed_at = models.DateTimeField(null=True, blank=True)
    proposed_by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    undone_at = models.DateTimeField(null=True, blank=True)  # sent back before it was closed, reopened after
    undone_by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    undone_why = models.CharField(max_length=500, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "goal"], condition=Q(undone_at__isnull=True), name="goals_one_closing"
            ),
            models.CheckConstraint(condition=~Q(result="") & ~Q(lesson=""), name="goals_closing_has_words"),
            models.CheckConstraint(
                condition=Q(undone_at__isnull=True) | ~Q(undone_why=""), name="goals_closing_undone_why"
            ),
            models.CheckConstraint(
                condition=Q(proposed_at__isnull=False) | Q(closed_at__isnull=False), name="goals_closing_begun"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "proposed_by"],
                name="goals_closings_proposed_by",
                condition=Q(proposed_by__isnull=False),
            ),
            models.Index(
                fields=["tenant", "closed_by"], name="goals_closings_closed_by", condition=Q(closed_by__isnull=False)
            ),
            models.Index(
                fields=["tenant", "undone_by"], name="goals_closings_undone_by", condition=Q(undone_by__isnull=False)
            ),
            models.Index(fields=["tenant", "goal", "id"], name="goals_closings_of"),
        ]

    def __str__(self) -> str:
        return f"closing of {self.goal_id}: {self.outcome}"

    @property
    def is_closed(self) -> bool:
        return self.closed_at is not None

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perfsys.people.models import Employee, OrgUnit
from perfsys.tenancy.models import TenantKey, TenantModel

from .goal import Goal


class BlockerState(models.TextChoices):
    OPEN = "open", _("Waits for an answer")
    ANSWERED = "answered", _("Answered")
    SOLVED = "solved", _("Solved")


class Blocker(TenantModel):
    """What somebody needs from another unit, on the cross-team board (product.md §2.5).

    Solved is the poster's word alone. `answer_minutes` are working minutes from posting to the first answer, measured
    once: a calendar that changes later does not change what was measured.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    posted_by = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    from_unit = TenantKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    to_unit = TenantKey(OrgUnit, models.PROTECT, related_name="+", db_index=False)
    goal = TenantKey(Goal, models.SET_NULL, null=True, blank=True, related_name="blockers", db_index=False)
    text = models.CharField(max_length=500)
    wish_on = models.DateField(null=True, blank=True)
    key = models.CharField(max_length=80)  # of the form: sent twice it is one
    state = models.CharField(max_length=10, choices=BlockerState.choices, default=BlockerState.OPEN)
    posted_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_on = models.DateField(null=True, blank=True)  # the tenant's date of it
    answer_minutes = models.PositiveIntegerField(null=True, blank=True)
    solved_at = models.DateTimeField(null=True, blank=True)
    told_of_wait_on = models.DateField(null=True, blank=True)  # once: somebody was told that it waits
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_blocker_public_id"),
            models.UniqueConstraint(fields=["tenant", "posted_by", "key"], name="goals_blocker_once"),
            models.CheckConstraint(condition=~Q(text=""), name="goals_blocker_says_something"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_on__isnull=True, answer_minutes__isnull=True)
                | Q(answered_at__isnull=False, answered_on__isnull=False, answer_minutes__isnull=False),
                name="goals_blocker_answer_is_measured",
            ),
            models.CheckConstraint(
                condition=Q(state=BlockerState.OPEN, answered_at__isnull=True, solved_at__isnull=True)
                | Q(state=BlockerState.ANSWERED, answered_at__isnull=False, solved_at__isnull=True)
                | Q(state=BlockerState.SOLVED, solved_at__isnull=False),
                name="goals_blocker_state",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "to_unit", "state", "posted_at"], name="goals_blocker_of_unit"),
            models.Index(fields=["tenant", "posted_by", "posted_at"], name="goals_blocker_of_poster"),
            models.Index(fields=["tenant", "answered_on"], include=["to_unit", "answer_minutes"], name="goals_answers"),
            models.Index(
                fields=["tenant", "posted_at"],
                condition=Q(state=BlockerState.OPEN, told_of_wait_on__isnull=True),
                name="goals_blocker_waits",
            ),
            models.Index(fields=["tenant", "goal"], condition=Q(goal__isnull=False), name="goals_blocker_of_goal"),
        ]

    def __str__(self) -> str:
        return self.text[:40]

    @property
    def is_solved(self) -> bool:
        return self.state == BlockerState.SOLVED


class BlockerReply(TenantModel):
    """A line below a blocker: an answer of the unit asked, or what the poster adds."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    blocker = TenantKey(Blocker, models.CASCADE, related_name="replies", db_index=False)
    by = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    text = models.CharField(max_length=1000)
    at = models.DateTimeField()
    key = models.CharField(max_length=80)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_blocker_reply_public_id"),
            models.UniqueConstraint(fields=["tenant", "blocker", "key"], name="goals_blocker_reply_once"),
            models.CheckConstraint(condition=~Q(text=""), name="goals_blocker_reply_says_something"),
        ]

    def __str__(self) -> str:
        return self.text[:40]

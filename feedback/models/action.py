import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perfsys.audit.models import history_of
from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel

from .feedback import Feedback


class ActionState(models.TextChoices):
    OPEN = "open", _("To do")
    DONE = "done", _("Done")
    DROPPED = "dropped", _("No longer needed")


class ActionItem(TenantModel):
    """What somebody has taken on, out of a feedback or (above this app) an interview. Done or dropped by its owner."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    owner = TenantKey(Employee, models.PROTECT, related_name="action_items", db_index=False)
    feedback = TenantKey(Feedback, models.CASCADE, null=True, blank=True, related_name="action_items", db_index=False)
    text = models.CharField(max_length=200)
    due_on = models.DateField()
    made_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=ActionState.choices, default=ActionState.OPEN)
    finished_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=300, blank=True, default="")  # what came of it, in the owner's words
    why_later = models.CharField(max_length=300, blank=True, default="")  # the day was moved, in the owner's words
    told_soon_on = models.DateField(null=True, blank=True)  # both of the day it is due now, not of one before
    told_late_on = models.DateField(null=True, blank=True)
    key = models.CharField(max_length=80, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="feedback_action_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "owner", "key"], condition=~Q(key=""), name="feedback_action_once"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="feedback_action_has_words"),
            models.CheckConstraint(
                condition=Q(state=ActionState.OPEN, finished_at=None)
                | (~Q(state=ActionState.OPEN) & Q(finished_at__isnull=False)),
                name="feedback_action_finished_at_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "owner", "state", "due_on"], name="feedback_actions_of_owner"),
            models.Index(fields=["tenant", "feedback"], name="feedback_actions"),
            models.Index(
                fields=["tenant", "due_on"],
                name="feedback_actions_due",
                condition=Q(state=ActionState.OPEN, told_late_on=None),
            ),
        ]

    def __str__(self) -> str:
        return f"action of {self.owner_id} due {self.due_on}"

    @property
    def is_open(self) -> bool:
        return self.state == ActionState.OPEN


ActionItemEvent = history_of(ActionItem, exclude=("told_soon_on", "told_late_on"))

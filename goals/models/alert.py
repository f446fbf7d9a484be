import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel

from .goal import Goal


class AlertRule(models.TextChoices):
    STALE = "stale", _("No sign of progress")
    WEAK = "weak", _("Weakly aligned")
    DEVIATING = "deviating", _("Off its track")


class AlertState(models.TextChoices):
    OPEN = "open", _("Waiting for an answer")
    CONFIRMED = "confirmed", _("Normal, a deliberate change")
    ENDED = "ended", _("Over")


class GoalAlert(TenantModel):
    """A rule of product.md §2.8 that found a goal. `seen_activity_on` is the goal's last sign of life when it opened,
    `seen` what else the rule went by: while these facts stay, a confirmed alert is quiet until `quiet_until` (that day
    excluded).

    `owner` is the goal's, and None unless that is a published one of a person: triggers keep it, so that lists and
    counts over thousands of goals come out of one index."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    goal = TenantKey(Goal, models.CASCADE, related_name="alerts", db_index=False)
    owner = TenantKey(
        Employee, models.SET_NULL, null=True, blank=True, editable=False, related_name="+", db_index=False
    )
    rule = models.CharField(max_length=10, choices=AlertRule.choices)
    state = models.CharField(max_length=10, choices=AlertState.choices, default=AlertState.OPEN)
    opened_on = models.DateField()
    seen_activity_on = models.DateField(null=True, blank=True)
    seen = models.CharField(max_length=40, blank=True, default="")  # weak alone: the match, and what was judged
    told_lines_on = models.DateField(null=True, blank=True)  # when manager and HR partner were told
    confirmed_by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    confirmed_by_name = models.CharField(max_length=80, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    quiet_until = models.DateField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_alert_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "goal", "rule"], condition=Q(state=AlertState.OPEN), name="goals_one_open_alert"
            ),
            models.CheckConstraint(
                condition=~Q(state=AlertState.CONFIRMED) | Q(confirmed_at__isnull=False, quiet_until__isnull=False),
                name="goals_confirmed_by_somebody",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "confirmed_by"],
                name="goals_alerts_confirmed_by",
                condition=Q(confirmed_by__isnull=False),
            ),
            models.Index(
                fields=["tenant", "rule", "opened_on"], name="goals_alerts_open", condition=Q(state=AlertState.OPEN)
            ),
            models.Index(fields=["tenant", "goal", "rule", "-opened_on"], name="goals_alerts_of_goal"),
            models.Index(
                fields=["tenant", "owner"],
                include=["state", "rule", "quiet_until", "told_lines_on", "opened_on", "id"],
                name="goals_alerts_of_owner",
                condition=Q(owner__isnull=False, state__in=[AlertState.OPEN, AlertState.CONFIRMED]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} alert of {self.goal_id}"

    @property
    def match_then(self) -> int:
        """The match that a weak alignment had when it was found."""
        return int(self.seen.partition(" ")[0] or 0)

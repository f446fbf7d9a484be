import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from perfsys.audit.models import history_of
from perfsys.people.models import Employee, OrgUnit
from perfsys.tenancy.models import TenantKey, TenantModel

from .goal import Goal
from .period import Period


class WorkshopState(models.TextChoices):
    OPEN = "open", _("Under way")
    CLOSED = "closed", _("Became goals")


class Workshop(TenantModel):
    """Where a period's company goals are taken apart (product.md §2.13); its topics are the company's goals of the
    period themselves. `version` counts every change on its page, so that a look whether anything is new costs one row.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    period = TenantKey(Period, models.PROTECT, related_name="workshops", db_index=False)
    state = models.CharField(max_length=10, choices=WorkshopState.choices, default=WorkshopState.OPEN)
    opened_at = models.DateTimeField()
    opened_by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_workshop_public_id"),
            models.UniqueConstraint(fields=["tenant", "period"], name="goals_one_workshop_a_period"),
            models.CheckConstraint(
                condition=Q(state=WorkshopState.OPEN, closed_at__isnull=True)
                | Q(state=WorkshopState.CLOSED, closed_at__isnull=False),
                name="goals_workshop_state",
            ),
        ]

    def __str__(self) -> str:
        return f"workshop of {self.period_id}"

    @property
    def is_open(self) -> bool:
        return self.state == WorkshopState.OPEN


class Proposal(TenantModel):
    """The key result a department proposes for a company goal; `goal` is what became of it. Without an `objective`
    that one was deleted meanwhile: what was proposed for it stays. One that was taken out (`dropped_at`) is there
    again once somebody who had it open saves his words."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    workshop = TenantKey(Workshop, models.CASCADE, related_name="proposals", db_index=False)
    objective = TenantKey(Goal, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    unit = TenantKey(OrgUnit, models.PROTECT, related_name="+", db_index=False)
    title = models.CharField(max_length=200)
    measure = models.CharField(max_length=200, blank=True, default="")
    target = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    unit_of_measure = models.CharField(max_length=40, blank=True, default="")
    weight = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)  # of the department's set
    key = models.CharField(max_length=80)  # of the form: sent twice it is one
    written_by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    written_at = models.DateTimeField()
    dropped_at = models.DateTimeField(null=True, blank=True)
    goal = TenantKey(Goal, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_proposal_public_id"),
            models.UniqueConstraint(fields=["tenant", "workshop", "key"], name="goals_proposal_once"),
            models.CheckConstraint(condition=~Q(title=""), name="goals_proposal_says_something"),
            models.CheckConstraint(
                condition=Q(weight__isnull=True) | Q(weight__range=(0, 100)), name="goals_proposal_weight"
            ),
        ]

    def __str__(self) -> str:
        return self.title[:40]


class PositionAction(TenantModel):
    """What somebody of the department does for a proposal; `goal` is the draft that became of it. Taken out as a
    proposal is."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    proposal = TenantKey(Proposal, models.CASCADE, related_name="actions", db_index=False)
    title = models.CharField(max_length=200)
    owner = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    key = models.CharField(max_length=80)
    dropped_at = models.DateTimeField(null=True, blank=True)
    goal = TenantKey(Goal, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_position_action_public_id"),
            models.UniqueConstraint(fields=["tenant", "proposal", "key"], name="goals_position_action_once"),
            models.CheckConstraint(condition=~Q(title=""), name="goals_position_action_says_something"),
        ]

    def __str__(self) -> str:
        return self.title[:40]


class Overlap(TenantModel):
    """Two proposals of different departments that read alike, the older one first, and how the two split it. Found by
    a job; one that somebody has said something about stays, whatever the two say now."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    workshop = TenantKey(Workshop, models.CASCADE, related_name="overlaps", db_index=False)
    one = TenantKey(Proposal, models.CASCADE, related_name="+", db_index=False)
    other = TenantKey(Proposal, models.CASCADE, related_name="+", db_index=False)
    note = models.CharField(max_length=500, blank=True, default="")  # how we split it
    resolved_at = models.DateTimeField(null=True, blank=True)
    said_by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_overlap_public_id"),
            models.UniqueConstraint(fields=["tenant", "one", "other"], name="goals_overlap_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="goals_overlap_in_order"),
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True) | ~Q(note=""), name="goals_overlap_resolved_with_a_reason"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "workshop"], name="goals_overlaps")]

    def __str__(self) -> str:
        return f"{self.one_id} and {self.other_id}"


ProposalEvent = history_of(Proposal)
PositionActionEvent = history_of(PositionAction)
OverlapEvent = history_of(Overlap)

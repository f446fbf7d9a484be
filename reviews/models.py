"""Interviews of a manager with a report, and the packs they are prepared from (product.md §4.1, §4.2)."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from feedback.models import ActionItem, Feedback
from goals.models import EvidenceItem, Goal
from perfsys.audit.models import history_of
from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel


class InterviewState(models.TextChoices):
    PLANNED = "planned", _("Planned")
    HELD = "held", _("Held")
    DECLINED = "declined", _("Declined")
    CANCELLED = "cancelled", _("Cancelled")


class Interview(TenantModel):
    """A talk that is prepared from facts. Both sign; then it is held and nothing in it changes any more.

    `minutes` is its length. `topics` and `improvement_plan` are the employee's own words, `dissent` what the employee
    adds to a record it signs all the same, `reason` why it was declined (by the employee) or cancelled.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    employee = TenantKey(Employee, models.PROTECT, related_name="interviews", db_index=False)
    manager = TenantKey(Employee, models.PROTECT, related_name="interviews_led", db_index=False)
    at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField(default=30)
    place = models.CharField(max_length=120, blank=True, default="")
    state = models.CharField(max_length=10, choices=InterviewState.choices, default=InterviewState.PLANNED)
    topics = models.CharField(max_length=1000, blank=True, default="")
    improvement_plan = models.CharField(max_length=2000, blank=True, default="")
    dissent = models.CharField(max_length=1000, blank=True, default="")
    reason = models.CharField(max_length=500, blank=True, default="")
    manager_signed_at = models.DateTimeField(null=True, blank=True)
    employee_signed_at = models.DateTimeField(null=True, blank=True)
    held_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=80, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="reviews_interview_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "manager", "key"], condition=~Q(key=""), name="reviews_interview_once"
            ),
            models.UniqueConstraint(
                fields=["tenant", "employee"],
                condition=Q(state=InterviewState.PLANNED),
                name="reviews_one_planned_interview",
            ),
            models.CheckConstraint(condition=~Q(employee=F("manager")), name="reviews_not_with_oneself"),
            models.CheckConstraint(
                condition=~Q(state=InterviewState.HELD)
                | Q(held_at__isnull=False, manager_signed_at__isnull=False, employee_signed_at__isnull=False),
                name="reviews_held_is_signed_by_both",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[InterviewState.DECLINED]) | ~Q(reason=""), name="reviews_declined_with_a_reason"
            ),
            models.CheckConstraint(condition=Q(minutes__range=(5, 480)), name="reviews_minutes"),
        ]
        indexes = [
            models.Index(fields=["tenant", "employee", "-at"], name="reviews_interviews_of"),
            models.Index(fields=["tenant", "manager", "-at"], name="reviews_interviews_led"),
            models.Index(
                fields=["tenant", "at"], condition=Q(state=InterviewState.PLANNED), name="reviews_interviews_due"
            ),
        ]

    def __str__(self) -> str:
        return f"interview of {self.employee_id} with {self.manager_id} at {self.at:%Y-%m-%d}"

    @property
    def is_planned(self) -> bool:
        return self.state == InterviewState.PLANNED

    @property
    def is_signed(self) -> bool:
        """By at least one: what was agreed on may not change under a signature."""
        return self.manager_signed_at is not None or self.employee_signed_at is not None


InterviewEvent = history_of(Interview)


class PrepPack(TenantModel):
    """What both knew beforehand, as of `made_at`; never changed, a later one is a further row. `for_manager` and
    `for_employee` hold figures, titles and ids (`reviews.pack`); words of feedback are read where they stand, so that
    one withdrawn meanwhile is gone here too."""

    app_may = "SELECT, INSERT"

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    interview = TenantKey(Interview, models.CASCADE, related_name="packs", db_index=False)
    number = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField()
    for_manager = models.JSONField()
    for_employee = models.JSONField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="reviews_pack_public_id"),
            models.UniqueConstraint(fields=["tenant", "interview", "number"], name="reviews_pack_number"),
        ]

    def __str__(self) -> str:
        return f"pack {self.number} of interview {self.interview_id}"


class Module(models.TextChoices):
    """The three that every interview goes through (product.md §4.2)."""

    ATTAINMENT = "attainment", _("Look back at what was reached")
    SUCCESS = "success", _("Find what made it work")
    DEVELOPMENT = "development", _("Talk about where to go")


class InterviewModule(TenantModel):
    """What was said in one module. `kept_because` is why words that read as vague stay."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    interview = TenantKey(Interview, models.CASCADE, related_name="modules", db_index=False)
    module = models.CharField(max_length=12, choices=Module.choices)
    text = models.CharField(max_length=2000)
    kept_because = models.CharField(max_length=300, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="reviews_module_public_id"),
            models.UniqueConstraint(fields=["tenant", "interview", "module"], name="reviews_module_once"),
            models.CheckConstraint(condition=~Q(text=""), name="reviews_module_has_words"),
        ]

    def __str__(self) -> str:
        return f"{self.module} of interview {self.interview_id}"


InterviewModuleEvent = history_of(InterviewModule)


class ModuleFact(TenantModel):
    """A fact a module rests on: exactly one of the columns is filled."""

    module = TenantKey(InterviewModule, models.CASCADE, related_name="facts", db_index=False)
    goal = TenantKey(Goal, models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    feedback = TenantKey(Feedback, models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    evidence = TenantKey(EvidenceItem, models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    action_item = TenantKey(ActionItem, models.CASCADE, null=True, blank=True, related_name="+", db_index=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "module", "goal", "feedback", "evidence", "action_item"],
                nulls_distinct=False,
                name="reviews_fact_once",
            ),
            models.CheckConstraint(
                condition=Q(goal__isnull=False, feedback=None, evidence=None, action_item=None)
                | Q(goal=None, feedback__isnull=False, evidence=None, action_item=None)
                | Q(goal=None, feedback=None, evidence__isnull=False, action_item=None)
                | Q(goal=None, feedback=None, evidence=None, action_item__isnull=False),
                name="reviews_fact_is_one_thing",
            ),
        ]

    def __str__(self) -> str:
        return f"fact of module {self.module_id}"


class InterviewAction(TenantModel):
    """What one of the two took on in the interview: the promises the next one looks back at."""

    interview = TenantKey(Interview, models.CASCADE, related_name="actions", db_index=False)
    action_item = TenantKey(ActionItem, models.CASCADE, related_name="+", db_index=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "action_item"], name="reviews_action_of_one_interview"),
        ]
        indexes = [models.Index(fields=["tenant", "interview"], name="reviews_actions_of_interview")]

    def __str__(self) -> str:
        return f"action {self.action_item_id} of interview {self.interview_id}"

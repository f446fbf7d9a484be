import uuid
from datetime import date
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfsys.audit.models import history_of
from perfsys.people.models import Employee, OrgUnit
from perfsys.tenancy.models import TenantKey, TenantModel

from .goal import Goal, Layer
from .key_result import KeyResult
from .period import Period


class RequestState(models.TextChoices):
    DRAFT = "draft", _("Draft")
    WAITING = "waiting", _("Waits for the window")
    SENT = "sent", _("Waits for an answer")
    APPROVED = "approved", pgettext_lazy("request", "Agreed")
    REFUSED = "refused", pgettext_lazy("request", "Not agreed")
    WITHDRAWN = "withdrawn", _("Taken back")
    ENDED = "ended", pgettext_lazy("request", "Over: the goal was closed")


class Field(models.TextChoices):
    """What a request can ask to change: columns of Goal, and of the key results of an objective."""

    WEIGHT = "weight", _("Weight")
    TARGET = "target", _("Target")
    HOLD_LOW = "hold_low", _("Lower limit")
    HOLD_HIGH = "hold_high", _("Upper limit")
    DUE_ON = "due_on", _("Due on")
    RESULT_TARGET = "kr_target", _("Target of a key result")
    RESULT_WEIGHT = "kr_weight", _("Weight of a key result")
    RESULT_NEW = "kr_new", _("A new key result")
    RESULT_GONE = "kr_gone", _("A key result that no longer counts")


RESULT_FIGURES = {Field.RESULT_TARGET: "target", Field.RESULT_WEIGHT: "weight"}  # columns of KeyResult


class Part(models.TextChoices):
    """As what somebody is asked."""

    MANAGER = "manager", _("Manager")
    ABOVE = "above", _("Manager above")
    HRBP = "hrbp", _("HR partner")


class Asks(models.TextChoices):
    """Who is asked beside the manager where a condition holds."""

    NOBODY = "", _("Nobody else")
    HRBP = "hrbp", _("The HR partner")
    ABOVE = "above", _("The manager above")
    BOTH = "both", _("The manager above, then the HR partner")


class Decision(models.TextChoices):
    APPROVED = "approved", pgettext_lazy("request", "Agreed")
    REFUSED = "refused", pgettext_lazy("request", "Not agreed")


class AdjustmentSettings(TenantModel):
    """When weights may be asked about, and who is asked (product.md §2.9). The manager always is; each `..._asks` says
    who else where its condition holds: a weight that moves by more than so many points, a core goal, a target made
    easier by more than so many percent, a day past the period's end."""

    window_days = models.PositiveSmallIntegerField(default=5)  # the first work days of a month
    always_asks = models.CharField(max_length=5, choices=Asks.choices, blank=True, default=Asks.NOBODY)
    weight_asks = models.CharField(max_length=5, choices=Asks.choices, blank=True, default=Asks.HRBP)
    weight_over = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(20))
    core_asks = models.CharField(max_length=5, choices=Asks.choices, blank=True, default=Asks.HRBP)
    eased_asks = models.CharField(max_length=5, choices=Asks.choices, blank=True, default=Asks.HRBP)
    eased_over = models.DecimalField(max_digits=5, decimal_places=2, default=Decimal(10))
    late_asks = models.CharField(max_length=5, choices=Asks.choices, blank=True, default=Asks.HRBP)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="goals_one_adjustment_settings"),
            models.CheckConstraint(condition=Q(window_days__range=(1, 23)), name="goals_adjustment_window"),
            models.CheckConstraint(
                condition=Q(weight_over__range=(0, 100), eased_over__range=(0, 100)), name="goals_adjustment_bounds"
            ),
        ]

    def __str__(self) -> str:
        return "adjustment settings"


class AdjustmentRequest(TenantModel):
    """Somebody asks to change published goals of one owner, or of a manager's team, in one layer and period.

    A team's has neither owner nor unit: its lines are of several people who report to `asked_by`. `waits_for` is the
    day the window opens for a request with weights in it; it goes out on that day or the first one after on which the
    schedule runs. `answer_hours` are work hours from sending to the decision (product.md §6.6).
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    period = TenantKey(Period, models.PROTECT, related_name="+", db_index=False)
    layer = models.CharField(max_length=10, choices=Layer.choices)
    owner = TenantKey(Employee, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    unit = TenantKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    is_team = models.BooleanField(default=False)
    asked_by = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=500, blank=True, default="")
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.DRAFT)
    made_at = models.DateTimeField()
    waits_for = models.DateField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    sent_on = models.DateField(null=True, blank=True)  # the tenant's date
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_on = models.DateField(null=True, blank=True)
    answer_hours = models.DecimalField(max_digits=8, decimal_places=2, null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_request_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "asked_by", "period", "layer", "owner", "unit", "is_team"],
                condition=Q(state=RequestState.DRAFT),
                nulls_distinct=False,
                name="goals_one_draft_of_a_request",
            ),
            models.CheckConstraint(
                condition=Q(layer=Layer.POSITION, is_team=False, owner__isnull=False)
                | Q(layer=Layer.POSITION, is_team=True, owner__isnull=True, unit__isnull=True)
                | Q(layer=Layer.DEPARTMENT, is_team=False, owner__isnull=True, unit__isnull=False)
                | Q(layer=Layer.COMPANY, is_team=False, owner__isnull=True, unit__isnull=True),
                name="goals_request_is_of_somebody",
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.WAITING) | Q(waits_for__isnull=False),
                name="goals_request_waits_for_a_day",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[RequestState.SENT, RequestState.APPROVED, RequestState.REFUSED])
                | (Q(sent_at__isnull=False, sent_on__isnull=False) & ~Q(reason="")),
                name="goals_sent_request_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=[RequestState.APPROVED, RequestState.REFUSED])
                | Q(decided_at__isnull=False, decided_on__isnull=False, answer_hours__isnull=False),
                name="goals_decided_request_has_a_date",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "asked_by", "-made_at"], name="goals_requests_of_asker"),
            models.Index(fields=["tenant", "owner", "-made_at"], name="goals_requests_of_owner"),
            models.Index(
                fields=["tenant", "waits_for", "id"],
                condition=Q(state=RequestState.WAITING),
                name="goals_requests_waiting",
            ),
            models.Index(  # which goals read "adjusted"
                fields=["tenant", "decided_on"], condition=Q(state=RequestState.APPROVED), name="goals_requests_agreed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} request of {self.asked_by_id} for {self.owner_id or self.unit_id or self.layer}"

    @property
    def is_open(self) -> bool:
        """Whether it will change goals unless somebody decides otherwise."""
        return self.state in {RequestState.WAITING, RequestState.SENT}

    @property
    def is_draft(self) -> bool:
        return self.state == RequestState.DRAFT

    @property
    def is_employees(self) -> bool:
        """Asked for by the owner: what product.md §6.6 counts."""
        return self.owner_id is not None and self.owner_id == self.asked_by_id


AdjustmentRequestEvent = history_of(AdjustmentRequest)


class AdjustmentLine(TenantModel):
    """One field of one goal, or of one `key_result` of it, before and after. `goal_version` is the version the asker
    saw; `is_open` follows the request's state, so that a goal and field stand in one open request at a time. `proposed`
    are the columns of a new key result, figures as text."""

    request = TenantKey(AdjustmentRequest, models.CASCADE, related_name="lines", db_index=False)
    goal = TenantKey(Goal, models.CASCADE, related_name="+", db_index=False)
    goal_version = models.PositiveIntegerField()
    field = models.CharField(max_length=10, choices=Field.choices)
    key_result = TenantKey(KeyResult, models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    proposed = models.JSONField(default=dict, blank=True)
    old_number = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    new_number = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    old_date = models.DateField(null=True, blank=True)
    new_date = models.DateField(null=True, blank=True)
    is_open = models.BooleanField(default=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "request", "goal", "field"],
                condition=~Q(field__startswith="kr_"),
                name="goals_request_line_once",
            ),
            models.UniqueConstraint(
                fields=["tenant", "request", "key_result", "field"], name="goals_request_result_line_once"
            ),
            models.UniqueConstraint(
                fields=["tenant", "goal", "field"],
                condition=Q(is_open=True) & ~Q(field__startswith="kr_"),
                name="goals_one_open_change",
            ),
            models.UniqueConstraint(
                fields=["tenant", "key_result", "field"],
                condition=Q(is_open=True),
                name="goals_one_open_change_of_result",
            ),
            models.CheckConstraint(
                condition=Q(field=Field.DUE_ON, old_date__isnull=False, new_date__isnull=False, new_number__isnull=True)
                | Q(field__in=[Field.RESULT_NEW, Field.RESULT_GONE], new_date__isnull=True, new_number__isnull=True)
                | (
                    ~Q(field__in=[Field.DUE_ON, Field.RESULT_NEW, Field.RESULT_GONE])
                    & Q(new_number__isnull=False, old_date__isnull=True, new_date__isnull=True)
                ),
                name="goals_request_line_one_kind",
            ),
            models.CheckConstraint(
                condition=Q(field=Field.DUE_ON, new_date__isnull=False) & ~Q(new_date=F("old_date"))
                | ~Q(field=Field.DUE_ON)
                & (Q(old_number__isnull=True) | Q(new_number__isnull=True) | ~Q(new_number=F("old_number"))),
                name="goals_request_line_changes",
            ),
            models.CheckConstraint(
                condition=Q(field=Field.RESULT_NEW, key_result__isnull=True) & ~Q(proposed={})
                | Q(
                    field__in=[Field.RESULT_TARGET, Field.RESULT_WEIGHT, Field.RESULT_GONE],
                    key_result__isnull=False,
                    proposed={},
                )
                | ~Q(field__startswith="kr_") & Q(key_result__isnull=True, proposed={}),
                name="goals_request_line_of_a_result",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "goal", "request"], name="goals_request_lines_of_goal")]

    def __str__(self) -> str:
        return f"{self.field} of {self.goal_id}: {self.old} to {self.new}"

    @property
    def old(self) -> Decimal | date | None:
        return self.old_date if self.field == Field.DUE_ON else self.old_number

    @property
    def new(self) -> Decimal | date | None:
        return self.new_date if self.field == Field.DUE_ON else self.new_number

    @property
    def now(self) -> Decimal | date | None:
        """What stands on the goal, or its key result; read it with both selected."""
        if self.field in (Field.RESULT_NEW, Field.RESULT_GONE):
            return None
        column = RESULT_FIGURES.get(Field(self.field))
        found: Decimal | date | None = getattr(self.key_result, column) if column else getattr(self.goal, self.field)
        return found

    @property
    def new_result(self) -> KeyResult:
        """What is proposed, not in the database."""
        said = {name: self.proposed[name] for name in ("baseline", "target", "weight")}
        figures = {name: None if value is None else Decimal(value) for name, value in said.items()}
        return KeyResult(goal=self.goal, **{**self.proposed, **figures})

    @property
    def has_moved(self) -> bool:
        """Somebody changed the goal since this was asked for."""
        return self.now != self.old


AdjustmentLineEvent = history_of(AdjustmentLine)


class ApprovalStep(TenantModel):
    """Who is asked, in order, settled when the request is sent; one that is open goes on to whoever has the part on a
    later day (goals.actions.adjusting.ask_who_is_here). `because` are codes of the conditions
    that asked for it, `instead` a code where the approver stands in for somebody there is not (goals/approving.py)."""

    request = TenantKey(AdjustmentRequest, models.CASCADE, related_name="steps", db_index=False)
    position = models.PositiveSmallIntegerField()
    part = models.CharField(max_length=10, choices=Part.choices)
    approver = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    because = ArrayField(models.CharField(max_length=10), default=list, blank=True)
    instead = models.CharField(max_length=20, blank=True, default="")
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True, default="")
    decided_at = models.DateTimeField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "request", "position"], name="goals_step_position"),
            models.UniqueConstraint(fields=["tenant", "request", "approver"], name="goals_step_asks_once"),
            models.CheckConstraint(
                condition=Q(decision="", decided_at__isnull=True) | (~Q(decision="") & Q(decided_at__isnull=False)),
                name="goals_step_decided",
            ),
            models.CheckConstraint(
                condition=~Q(decision=Decision.REFUSED) | ~Q(note=""), name="goals_step_refused_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "approver", "request"], name="goals_steps_of_approver"),
        ]

    def __str__(self) -> str:
        return f"step {self.position} of request {self.request_id}: {self.decision or 'open'}"


ApprovalStepEvent = history_of(ApprovalStep)

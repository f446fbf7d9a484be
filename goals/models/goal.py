import uuid
from datetime import date
from decimal import Decimal

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from integrations.models import EvidenceType
from perfsys.audit.models import history_of
from perfsys.people.models import Employee, OrgUnit
from perfsys.tenancy.models import TenantKey, TenantModel

from .period import Period
from .template_version import TemplateVersion


class Layer(models.TextChoices):
    COMPANY = "company", _("Company")
    DEPARTMENT = "dept", _("Department")
    POSITION = "position", _("Position")


class Kind(models.TextChoices):
    KPI = "kpi", pgettext_lazy("kind of goal", "Measure")
    OBJECTIVE = "objective", _("Objective")
    MILESTONE = "milestone", _("Milestone goal")
    BEHAVIOUR = "behaviour", _("Behaviour commitment")


class Status(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    CLOSED = "closed", _("Closed")


class Outcome(models.TextChoices):
    ACHIEVED = "achieved", _("Achieved")
    MISSED = "missed", _("Not achieved")
    CANCELLED = "cancelled", _("Cancelled")


class Direction(models.TextChoices):
    RAISE = "raise", _("Raise")
    LOWER = "lower", _("Lower")
    HOLD = "hold", _("Hold within")


class Cadence(models.TextChoices):
    WEEK = "week", _("a week")
    MONTH = "month", _("a month")


class Scoring(models.TextChoices):
    """How progress becomes the goal's score (`goals.scoring`)."""

    LINEAR = "linear", _("As far as it is")
    CAPPED = "capped", _("As far as it is, up to a limit")
    VETO = "veto", _("Nothing below a limit")
    DEDUCTION = "deduction", _("100 less what is missing")


class Health(models.TextChoices):
    OK = "ok", _("Steady")
    WATCH = "watch", _("Keep an eye")
    TALK = "talk", _("Worth a talk")
    ADJUSTED = "adjusted", _("Adjusted")
    IDLE = "idle", _("Idle")


class Goal(TenantModel):
    """One goal of the three-layer tree (product.md §2).

    Owned by the company (neither owner nor unit), a unit, or a person; `unit` of a position goal is the owner's
    primary unit when the goal was made, kept for filters (who may see it follows today's lines, never this).
    `published_on` is the tenant-local date of `published_at`, so that health compares dates. The last block is
    worked out by actions and the nightly job in set-based SQL and is no part of the history.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=64)
    period = TenantKey(Period, models.PROTECT, related_name="goals", db_index=False)
    layer = models.CharField(max_length=10, choices=Layer.choices)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.KPI)
    title = models.CharField(max_length=500)
    owner = TenantKey(Employee, models.PROTECT, null=True, blank=True, related_name="goals", db_index=False)
    unit = TenantKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="goals", db_index=False)
    weight = models.DecimalField(max_digits=6, decimal_places=2, null=True, blank=True)  # percent of the owner's set
    is_core = models.BooleanField(default=False)
    is_private = models.BooleanField(default=False)

    measure = models.CharField(max_length=200, blank=True, default="")
    unit_of_measure = models.CharField(max_length=40, blank=True, default="")
    baseline = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    target = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    hold_low = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    hold_high = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    direction = models.CharField(max_length=6, choices=Direction.choices, default=Direction.RAISE)
    cadence_times = models.PositiveSmallIntegerField(null=True, blank=True)
    cadence_per = models.CharField(max_length=6, choices=Cadence.choices, blank=True, default="")
    delivers = models.CharField(max_length=200, blank=True, default="")  # what each tick of a commitment delivers
    starts_on = models.DateField()
    due_on = models.DateField()
    scoring = models.CharField(max_length=10, choices=Scoring.choices, default=Scoring.LINEAR)
    scoring_figure = models.DecimalField(  # the limit in percent; for a deduction the points for each unit missing
        max_digits=9, decimal_places=2, null=True, blank=True
    )

    evidence_type = models.CharField(max_length=12, choices=EvidenceType.choices, blank=True, default="")
    evidence_number = models.CharField(max_length=120, blank=True, default="")
    evidence_plan = models.CharField(
        max_length=200, blank=True, default=""
    )  # how evidence will be had, without a number
    evidence_label = models.CharField(max_length=60, blank=True, default="")  # the file's own word for the type

    status = models.CharField(max_length=10, choices=Status.choices, default=Status.DRAFT)
    outcome = models.CharField(max_length=10, choices=Outcome.choices, blank=True, default="")
    proposed_at = models.DateTimeField(null=True, blank=True)  # a draft its owner asked the manager to publish
    proposed_by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    published_at = models.DateTimeField(null=True, blank=True)
    published_on = models.DateField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    made_from = TenantKey(TemplateVersion, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    carried_from = TenantKey(  # the goal of an earlier period that this one goes on with
        "self", models.SET_NULL, null=True, blank=True, related_name="carried_on", db_index=False
    )
    extra = models.JSONField(default=list, blank=True)  # answers to its extra fields, as goals.extras keeps them
    flags = ArrayField(models.CharField(max_length=32), default=list, blank=True)  # codes of rules an import broke
    import_digest = models.CharField(max_length=32, blank=True, default="")  # of the imported row: same row, no change
    made_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    own_progress = models.DecimalField(max_digits=16, decimal_places=6, null=True, blank=True)  # percent, raw
    rolled_progress = models.DecimalField(max_digits=16, decimal_places=6, null=True, blank=True)
    last_value = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    last_activity_on = models.DateField(null=True, blank=True)
    health = models.CharField(max_length=10, choices=Health.choices, default=Health.OK)
    away = ArrayField(models.DateField(), default=list, blank=True)  # see `spans_away`
    is_aligned = models.BooleanField(
        default=False, db_default=False, editable=False
    )  # has a primary one: triggers keep it

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_goal_public_id"),
            models.UniqueConstraint(fields=["tenant", "period", "number"], name="goals_goal_number"),
            models.UniqueConstraint(
                fields=["tenant", "carried_from", "period"],
                condition=Q(carried_from__isnull=False),
                name="goals_carried_once",
            ),
            models.CheckConstraint(
                condition=Q(weight__isnull=True) | Q(weight__range=(0, 100)), name="goals_goal_weight"
            ),
            models.CheckConstraint(condition=Q(due_on__gte=F("starts_on")), name="goals_goal_in_order"),
            models.CheckConstraint(
                condition=~Q(layer=Layer.POSITION) | Q(owner__isnull=False), name="goals_position_has_an_owner"
            ),
            models.CheckConstraint(
                condition=~Q(layer=Layer.DEPARTMENT) | Q(unit__isnull=False), name="goals_department_has_a_unit"
            ),
            models.CheckConstraint(
                condition=Q(status=Status.DRAFT) | Q(published_at__isnull=False, published_on__isnull=False),
                name="goals_published_has_a_date",
            ),
            models.CheckConstraint(
                condition=(Q(status=Status.CLOSED) & ~Q(outcome="")) | (~Q(status=Status.CLOSED) & Q(outcome="")),
                name="goals_closed_has_an_outcome",
            ),
            models.CheckConstraint(
                condition=Q(scoring_figure__isnull=True) | Q(scoring_figure__gte=0), name="goals_scoring_figure"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "proposed_by"], name="goals_proposed_by", condition=Q(proposed_by__isnull=False)
            ),
            models.Index(fields=["tenant", "period", "layer", "unit", "id"], name="goals_board"),
            models.Index(  # how many carry a goal, and how they stand, without reading them
                fields=["tenant", "period", "id"],
                include=["layer", "status", "outcome", "is_private", "health"],
                name="goals_counted",
            ),
            models.Index(  # what supports nothing yet, in the order of its list
                "tenant",
                "period",
                F("weight").desc(nulls_last=True),
                "id",
                include=["is_private"],
                name="goals_without_parent",
                condition=Q(is_aligned=False)
                & ~Q(layer=Layer.COMPANY)
                & ~Q(status=Status.DRAFT)
                & ~Q(outcome=Outcome.CANCELLED),
            ),
            models.Index(
                fields=["tenant", "owner", "period"], include=["id", "layer", "status"], name="goals_of_owner"
            ),
            models.Index(fields=["tenant", "period"], name="goals_private", condition=Q(is_private=True)),
            models.Index(  # which goals name what a record is about
                fields=["tenant", "evidence_type", "evidence_number"],
                condition=Q(status=Status.PUBLISHED) & ~Q(evidence_number=""),
                name="goals_naming_a_record",
            ),
            models.Index(
                fields=["tenant", "period", "last_activity_on"],
                name="goals_silent",
                condition=Q(status=Status.PUBLISHED, layer=Layer.POSITION),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def shown_number(self) -> str:
        """The number people know; empty for a goal whose file had none."""
        return "" if self.number.startswith("auto-") else self.number

    @property
    def is_draft(self) -> bool:
        return self.status == Status.DRAFT

    @property
    def is_open(self) -> bool:
        return self.status == Status.PUBLISHED

    @property
    def counts_values(self) -> bool:
        """Whether there is a figure in the goal's own unit: with a target to measure against."""
        if self.kind != Kind.KPI:
            return False
        return any(figure is not None for figure in (self.target, self.hold_low, self.hold_high))

    @property
    def goes_on_in_values(self) -> bool:
        """Whether the next check-in asks for a value. A figure to lower without a baseline begins at its first reading
        (product.md §2.6): progress that a file told in percent would fall back to nothing, so percent it stays."""
        told_in_percent = self.last_value is None and self.own_progress is not None
        begins_anew = self.direction == Direction.LOWER and self.baseline is None
        return self.counts_values and not (begins_anew and told_in_percent)

    @property
    def is_proposed(self) -> bool:
        return self.is_draft and self.proposed_at is not None

    @property
    def spans_away(self) -> list[tuple[date, date]]:
        """When the owner is on probation or a long leave between the goal's dates: first day, and the day after the
        last. Kept flat in `away` by the night, a check-in and the publication, so that no page asks for them."""
        return list(zip(self.away[::2], self.away[1::2], strict=False))

    @property
    def plain_weight(self) -> str:
        return "" if self.weight is None else f"{Decimal(self.weight).normalize():f}"


WORKED_OUT = (
    "own_progress",
    "rolled_progress",
    "last_value",
    "last_activity_on",
    "health",
    "away",
    "import_digest",
    "is_aligned",
)
GoalEvent = history_of(
    Goal,
    exclude=WORKED_OUT,
    indexes=(models.Index(fields=["tenant", "pgh_created_at"], include=["pgh_obj"], name="goals_goal_changed_since"),),
    found_by=(),
    in_bulk=True,
)


class Alignment(TenantModel):
    """`child` supports `parent` (product.md §2.3). Never downward, and no circle: a trigger refuses both.

    `contribution` is the part of the parent's result, `split` the part of the child's resources, in percent;
    None means not said (split then: all to the primary).

    The last block is worked out (docs/decisions/0008) and no part of the history. `judged` names the two texts and the
    model that `relevance` and its `reasons` are of; with others it counts for nothing until the job has judged again.
    `match` is the whole of product.md §2.7, rounded down: 100 where a manager confirmed it, None until it is known.
    `confirmed_as` names the texts that were confirmed: what says something else now has to be confirmed again.
    """

    child = TenantKey(Goal, models.CASCADE, related_name="parents", db_index=False)
    parent = TenantKey(Goal, models.CASCADE, related_name="children", db_index=False)
    is_primary = models.BooleanField(default=True)
    contribution = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    split = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    confirmed_by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    confirmed_by_name = models.CharField(max_length=80, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_because = models.CharField(max_length=500, blank=True, default="")
    confirmed_as = models.CharField(max_length=32, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    relevance = models.PositiveSmallIntegerField(null=True, blank=True)
    reasons = models.JSONField(default=list, blank=True)  # as goals.queries.match writes and reads them
    judged = models.CharField(max_length=32, blank=True, default="")
    match = models.PositiveSmallIntegerField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "child", "parent"], name="goals_alignment_once"),
            models.UniqueConstraint(fields=["tenant", "child"], condition=Q(is_primary=True), name="goals_one_primary"),
            models.CheckConstraint(condition=~Q(child=F("parent")), name="goals_not_its_own_parent"),
            models.CheckConstraint(
                condition=Q(contribution__isnull=True) | Q(contribution__range=(0, 100)), name="goals_contribution"
            ),
            models.CheckConstraint(condition=Q(split__isnull=True) | Q(split__range=(0, 100)), name="goals_split"),
            models.CheckConstraint(
                condition=Q(confirmed_at__isnull=True) | ~Q(confirmed_because=""), name="goals_confirmed_with_a_reason"
            ),
            models.CheckConstraint(
                condition=Q(match__isnull=True) | Q(match__range=(0, 100)), name="goals_match_in_percent"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "confirmed_by"],
                name="goals_lines_confirmed_by",
                condition=Q(confirmed_by__isnull=False),
            ),
            models.Index(fields=["tenant", "parent", "child"], name="goals_children"),
            models.Index(
                fields=["tenant", "child"], condition=Q(is_primary=True, match__lt=70), name="goals_weakly_aligned"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.child_id} supports {self.parent_id}"


JUDGED = ("relevance", "reasons", "judged", "match")
AlignmentEvent = history_of(Alignment, exclude=JUDGED, found_by=("child",), in_bulk=True)


class GoalSet(TenantModel):
    """The goals of one owner in one layer and period, published together and acknowledged by the owner (product.md
    §2.1). Imported goals have none: they count as agreed before they came."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    period = TenantKey(Period, models.PROTECT, related_name="+", db_index=False)
    layer = models.CharField(max_length=10, choices=Layer.choices)
    owner = TenantKey(Employee, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    unit = TenantKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    published_at = models.DateTimeField()
    published_by = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    refused_at = models.DateTimeField(null=True, blank=True)
    refusal = models.CharField(max_length=500, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_set_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "period", "layer", "owner", "unit"], nulls_distinct=False, name="goals_one_set"
            ),
            models.CheckConstraint(
                condition=Q(acknowledged_at__isnull=True) | Q(refused_at__isnull=True), name="goals_set_one_answer"
            ),
            models.CheckConstraint(
                condition=Q(refused_at__isnull=True) | ~Q(refusal=""), name="goals_refusal_has_words"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "owner"], name="goals_sets_of", condition=Q(owner__isnull=False)),
            models.Index(
                fields=["tenant", "published_by"],
                name="goals_sets_published_by",
                condition=Q(published_by__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"set {self.layer} of {self.owner_id or self.unit_id or 'the company'}"

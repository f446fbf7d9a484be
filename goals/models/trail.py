import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from integrations.models import EvidenceType, Record
from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel

from .goal import Goal
from .key_result import KeyResult


class Source(models.TextChoices):
    TYPED = "typed", _("Typed")
    IMPORT = "import", _("Import")
    AUTOMATIC = "automatic", _("Measured")


class Confidence(models.TextChoices):
    HIGH = "high", _("Going to plan")
    UNSURE = "unsure", _("Not sure")
    HELP = "help", _("I need help")


class Entry(TenantModel):
    """What stands in a goal's trail. `local_on` is the tenant-local date of `at`; `source_key` makes what comes twice
    (a line of a file, a double tap) count once; it is empty for neither."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    at = models.DateTimeField()
    local_on = models.DateField()
    source = models.CharField(max_length=10, choices=Source.choices, default=Source.TYPED)
    source_key = models.CharField(max_length=80, blank=True, default="")

    class Meta(TenantModel.Meta):
        abstract = True


class CheckIn(Entry):
    """A step of progress: `percent` is the goal's own progress after it (raw, may pass 100), `value` the reading it
    came from, in the unit of measure of the goal or of the `key_result` it is about. Either may be missing: a note
    alone is a sign of life too. The manager may say that he has seen it."""

    goal = TenantKey(Goal, models.CASCADE, related_name="check_ins", db_index=False)
    author = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    percent = models.DecimalField(max_digits=16, decimal_places=6, null=True, blank=True)
    value = models.DecimalField(max_digits=20, decimal_places=6, null=True, blank=True)
    note = models.CharField(max_length=2000, blank=True, default="")
    confidence = models.CharField(max_length=6, choices=Confidence.choices, blank=True, default="")
    key_result = TenantKey(KeyResult, models.CASCADE, null=True, blank=True, related_name="check_ins", db_index=False)
    acknowledged_at = models.DateTimeField(null=True, blank=True)
    acknowledged_by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_check_in_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "goal", "source_key"], condition=~Q(source_key=""), name="goals_check_in_once"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "author"], name="goals_check_ins_by", condition=Q(author__isnull=False)),
            models.Index(
                fields=["tenant", "acknowledged_by"],
                name="goals_check_ins_seen_by",
                condition=Q(acknowledged_by__isnull=False),
            ),
            models.Index(fields=["tenant", "goal", "local_on"], name="goals_check_in_by_date"),
            models.Index(fields=["tenant", "at"], include=["goal"], name="goals_check_in_since"),
        ]

    def __str__(self) -> str:
        return f"check-in of {self.goal_id} on {self.local_on}"

    @property
    def is_tick(self) -> bool:
        """Of a commitment: done once. "I need help with it" is not; the rows of a file tell in words what was done."""
        return self.source != Source.TYPED or not (self.note or self.confidence)


IN_WORDS = Q(source=Source.TYPED) & (~Q(note="") | ~Q(confidence=""))  # the entries that are no tick


class EvidenceItem(Entry):
    """A record that shows something happened: a drawing, a work order, a report (product.md §2.3).

    `record` is the row of another system that attached itself because the goal names its number (§5.5); typed and
    imported ones have none. Deleted in its system, or no longer about that number, it shows nothing from `gone_at` on:
    it stays for the feedback and the interviews that refer to it, and everything else reads
    `goals.queries.evidence.standing_evidence`.
    """

    goal = TenantKey(Goal, models.CASCADE, related_name="evidence", db_index=False)
    by = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    record = TenantKey(Record, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    type = models.CharField(max_length=12, choices=EvidenceType.choices, blank=True, default="")
    number = models.CharField(max_length=120, blank=True, default="")
    percent = models.DecimalField(max_digits=16, decimal_places=6, null=True, blank=True)  # where it says one too
    note = models.CharField(max_length=2000, blank=True, default="")
    gone_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_evidence_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "goal", "source_key"], condition=~Q(source_key=""), name="goals_evidence_once"
            ),
            models.CheckConstraint(condition=~Q(number="") | ~Q(note=""), name="goals_evidence_says_something"),
            models.UniqueConstraint(
                fields=["tenant", "record", "goal"], condition=Q(record__isnull=False), name="goals_evidence_of_record"
            ),
            models.CheckConstraint(
                # A record is deleted in its system; a proposal is withdrawn.
                condition=Q(gone_at=None) | Q(record__isnull=False) | Q(type=EvidenceType.PROPOSAL),
                name="goals_evidence_gone_with_its_record",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "by"], name="goals_evidence_by", condition=Q(by__isnull=False)),
            models.Index(fields=["tenant", "goal", "local_on"], include=["gone_at"], name="goals_evidence_by_date"),
        ]

    def __str__(self) -> str:
        return f"evidence {self.number}"

    @property
    def known_as(self) -> str:
        """In a line, among others: all records about one customer bear the same number, and are told apart by title."""
        return self.note if self.record_id is not None and self.note else self.number or self.note


class Comment(Entry):
    """A remark; no sign of life of the goal (product.md §2.8)."""

    goal = TenantKey(Goal, models.CASCADE, related_name="comments", db_index=False)
    author = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    text = models.CharField(max_length=2000)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_comment_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "goal", "source_key"], condition=~Q(source_key=""), name="goals_comment_once"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="goals_comment_says_something"),
        ]
        indexes = [
            models.Index(fields=["tenant", "author"], name="goals_comments_by", condition=Q(author__isnull=False)),
            models.Index(fields=["tenant", "goal", "at"], name="goals_comment_by_time"),
        ]

    def __str__(self) -> str:
        return self.text[:40]


class Milestone(TenantModel):
    """A stage of a goal, ticked off by its owner (product.md §2.14). One that was taken from a suggestion names it as
    `adopted` and is a step beside the way: it shows that somebody works on the goal, and counts towards neither what
    is done nor what is expected, or the first small step would make the whole goal due with it."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    goal = TenantKey(Goal, models.CASCADE, related_name="milestones", db_index=False)
    title = models.CharField(max_length=200)
    due_on = models.DateField()
    weight = models.DecimalField(max_digits=6, decimal_places=2, default=1)  # against the goal's other milestones
    adopted = models.CharField(max_length=40, blank=True, default="")  # a code of the suggestion library
    done_on = models.DateField(null=True, blank=True)
    done_by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_milestone_public_id"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="goals_milestone_weight"),
            models.UniqueConstraint(
                fields=["tenant", "goal", "adopted"], condition=~Q(adopted=""), name="goals_milestone_adopted_once"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "done_by"], name="goals_milestones_done_by", condition=Q(done_by__isnull=False)
            ),
            models.Index(fields=["tenant", "goal", "due_on"], name="goals_milestone_by_date"),
        ]

    def __str__(self) -> str:
        return self.title

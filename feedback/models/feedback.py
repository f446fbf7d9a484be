import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from goals.models import EvidenceItem, Goal
from perfsys.audit.models import history_of
from perfsys.lexicon.models import BehaviourTag, Nature
from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel


class Visibility(models.TextChoices):
    """Chosen before it is sent, and never changed afterwards (security.md §2)."""

    RECEIVER = "receiver", _("Only the receiver")
    MANAGER = "manager", _("The receiver and the direct manager")
    EVERYONE = "everyone", _("Everyone in the company")


class Closing(models.TextChoices):
    """What closed it (product.md §3.2)."""

    LIKED = "liked", _("Found helpful")
    ANSWERED = "answered", _("Answered")
    CLARIFIED = "clarified", _("Clarified")
    ACTION = "action", _("Turned into an action")


class Source(models.TextChoices):
    TYPED = "typed", _("Typed")
    IMPORT = "import", _("Import")


class Feedback(TenantModel):
    """A fact that one person tells another (product.md §3.1): one tag, what was seen, what is hoped for next.

    `text` has at most three sentences, `expected_action` at most 20 characters; `local_on` is the tenant-local date of
    `at`. `key` makes what is sent twice count once. A constructive one that is not closed is *open*.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    giver = TenantKey(Employee, models.PROTECT, related_name="feedback_given", db_index=False)
    receiver = TenantKey(Employee, models.PROTECT, related_name="feedback_received", db_index=False)
    nature = models.CharField(max_length=12, choices=Nature.choices)
    tag = TenantKey(BehaviourTag, models.PROTECT, related_name="feedback", db_index=False)
    text = models.CharField(max_length=600)
    expected_action = models.CharField(max_length=120)
    visibility = models.CharField(max_length=8, choices=Visibility.choices, default=Visibility.MANAGER)
    at = models.DateTimeField()
    local_on = models.DateField()
    source = models.CharField(max_length=6, choices=Source.choices, default=Source.TYPED)
    key = models.CharField(max_length=80, blank=True, default="")
    is_vague = models.BooleanField(default=False)  # said without a behaviour anybody could have seen
    levels_apart = models.PositiveSmallIntegerField(default=0)  # of recognition: giver and receiver, when it was sent
    corrected_at = models.DateTimeField(null=True, blank=True)  # the last time; what it said before is in its history
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_how = models.CharField(max_length=10, choices=Closing.choices, blank=True, default="")
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        verbose_name_plural = "feedback"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="feedback_public_id"),
            models.UniqueConstraint(fields=["tenant", "giver", "key"], condition=~Q(key=""), name="feedback_once"),
            models.CheckConstraint(condition=~Q(giver=F("receiver")), name="feedback_not_to_oneself"),
            models.CheckConstraint(
                condition=~Q(text="") & ~Q(expected_action=""), name="feedback_has_a_fact_and_an_action"
            ),
            models.CheckConstraint(
                condition=~Q(visibility=Visibility.EVERYONE) | Q(nature=Nature.POSITIVE),
                name="feedback_only_praise_is_for_everyone",
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, closed_how="") | (Q(closed_at__isnull=False) & ~Q(closed_how="")),
                name="feedback_closed_somehow",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "receiver", "-at", "-id"], name="feedback_of_receiver"),
            models.Index(fields=["tenant", "giver", "-at", "-id"], name="feedback_of_giver"),
            models.Index(
                fields=["tenant", "-at", "-id"],
                include=["tag"],  # which behaviour is named how often this month
                name="feedback_wall",
                condition=Q(visibility=Visibility.EVERYONE, withdrawn_at=None),
            ),
            models.Index(
                fields=["tenant", "receiver", "at"],
                name="feedback_open",
                condition=Q(nature=Nature.CONSTRUCTIVE, closed_at=None, withdrawn_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"feedback {self.pk} from {self.giver_id} to {self.receiver_id}"

    @property
    def is_open(self) -> bool:
        return self.nature == Nature.CONSTRUCTIVE and self.closed_at is None and self.withdrawn_at is None


FeedbackEvent = history_of(Feedback, in_bulk=True)


class FactKind(models.TextChoices):
    GOAL = "goal", _("Goal")
    EVIDENCE = "evidence", _("Evidence")
    LINK = "link", _("Link")
    SCREENSHOT = "screenshot", _("Screenshot")
    RECORDING = "recording", _("Summary of a recording")


class Held(models.TextChoices):
    """Why a file is not given out; "" where it is."""

    WAITING = "waiting", _("being checked")
    REFUSED = "refused", _("taken out by the check")


class FeedbackFact(TenantModel):
    """Where the fact is recorded: of each kind the column of its name is filled. Read by whoever reads the feedback; a
    goal or evidence behind it only by whoever may read that as well."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    feedback = TenantKey(Feedback, models.CASCADE, related_name="facts", db_index=False)
    kind = models.CharField(max_length=10, choices=FactKind.choices)
    goal = TenantKey(Goal, models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    evidence = TenantKey(EvidenceItem, models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    url = models.URLField(max_length=500, blank=True, default="")
    summary = models.CharField(max_length=500, blank=True, default="")  # of a recording; a caption elsewhere
    file = models.CharField(max_length=200, blank=True, default="")  # a name in Django's storage, of our own making
    width = models.PositiveIntegerField(null=True, blank=True)  # pixels
    height = models.PositiveIntegerField(null=True, blank=True)
    held = models.CharField(max_length=8, choices=Held.choices, blank=True, default="")  # while a scanner looks at it

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="feedback_fact_public_id"),
            models.CheckConstraint(
                condition=Q(kind=FactKind.GOAL, goal__isnull=False)
                | Q(kind=FactKind.EVIDENCE, evidence__isnull=False)
                | (Q(kind=FactKind.LINK) & ~Q(url=""))
                | (Q(kind=FactKind.SCREENSHOT) & ~Q(file=""))
                | (Q(kind=FactKind.RECORDING) & ~Q(summary="")),
                name="feedback_fact_is_there",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "feedback"], name="feedback_facts"),
            models.Index(fields=["tenant", "file"], name="feedback_files", condition=~Q(file="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of feedback {self.feedback_id}"


class FeedbackLike(TenantModel):
    """ "This helped": by the receiver, which closes it; of a recognition by anybody who reads it."""

    feedback = TenantKey(Feedback, models.CASCADE, related_name="likes", db_index=False)
    person = TenantKey(Employee, models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "feedback", "person"], name="feedback_like_once")]
        indexes = [
            models.Index(fields=["tenant", "person"], name="feedback_likes_by"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} likes {self.feedback_id}"


class ReactionKind(models.TextChoices):
    THANKS = "thanks", _("Thank you")
    SAW_IT = "saw_it", _("I saw it too")
    LEARNED = "learned", _("I learned from it")


class FeedbackReaction(TenantModel):
    """What a reader of a recognition has to say to it, beside "this helped"; each kind once a person."""

    feedback = TenantKey(Feedback, models.CASCADE, related_name="reactions", db_index=False)
    person = TenantKey(Employee, models.CASCADE, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=ReactionKind.choices)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "feedback", "kind", "person"], name="feedback_reaction_once")
        ]
        indexes = [models.Index(fields=["tenant", "person"], name="feedback_reactions_by")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.person_id} to {self.feedback_id}"


class NoteKind(models.TextChoices):
    ANSWER = "answer", _("Answer")
    ANNOTATION = "annotation", _("Added later")
    FOLLOW_UP = "follow_up", _("Asked how it is going")


class FeedbackNote(TenantModel):
    """What was said under it: the receiver's answer, what the sender added after a day, or how it is going, which the
    sender asks later and the receiver's next answer settles. Read like the feedback."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    feedback = TenantKey(Feedback, models.CASCADE, related_name="notes", db_index=False)
    author = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=10, choices=NoteKind.choices)
    text = models.CharField(max_length=500)
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)  # of a question how it is going
    key = models.CharField(max_length=80, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="feedback_note_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "feedback", "author", "key"], condition=~Q(key=""), name="feedback_note_once"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="feedback_note_has_words"),
            models.UniqueConstraint(  # one question at a time
                fields=["tenant", "feedback"],
                name="feedback_note_one_question",
                condition=Q(kind=NoteKind.FOLLOW_UP, answered_at=None),
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "author"], name="feedback_notes_by"),
            models.Index(fields=["tenant", "feedback", "at"], name="feedback_notes"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} of {self.author_id} on {self.feedback_id}"

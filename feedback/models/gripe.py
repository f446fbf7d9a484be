import secrets
import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from feedback.gripes import VOTES_AFTER, Area, Days
from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel


def random_id() -> int:
    """Numbers that count up would tell which suggestion came between which others."""
    return 1 + secrets.randbelow(2**62)


class GripeSettings(TenantModel):
    """When gripe day usually is; one row, or none while nobody has set anything."""

    is_held = models.BooleanField(default=True)
    month = models.PositiveSmallIntegerField(default=3)  # of the quarter
    length = models.PositiveSmallIntegerField(default=7)  # days
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        verbose_name_plural = "gripe settings"
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="feedback_one_gripe_settings"),
            models.CheckConstraint(condition=Q(month__range=(1, 3)), name="feedback_gripe_month"),
            models.CheckConstraint(condition=Q(length__range=(1, 31)), name="feedback_gripe_length"),
        ]

    def __str__(self) -> str:
        return "gripe settings"


class GripeDay(TenantModel):
    """The gripe day of one quarter: from `starts_on` up to `ends_on`, that day excluded, in the tenant's days.

    `told` counts what was told of it (everybody before it opens, when it does, and of what there is to vote on when it
    is over; then whoever answers), `told_to` is the last person (id) of the telling that is under way. `is_moved`: the
    days were set by hand.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    quarter_on = models.DateField()
    starts_on = models.DateField()
    ends_on = models.DateField()
    is_moved = models.BooleanField(default=False)
    told = models.PositiveSmallIntegerField(default=0)
    told_to = models.BigIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="feedback_gripe_day_public_id"),
            models.UniqueConstraint(fields=["tenant", "quarter_on"], name="feedback_gripe_day_once"),
            models.CheckConstraint(condition=Q(ends_on__gt=F("starts_on")), name="feedback_gripe_day_in_order"),
        ]

    def __str__(self) -> str:
        return f"gripe day of {self.starts_on}"

    @property
    def days(self) -> Days:
        return Days(self.starts_on, self.ends_on)

    def is_open(self, on: date) -> bool:
        return self.starts_on <= on < self.ends_on

    def takes_votes(self, on: date) -> bool:
        return self.starts_on <= on < self.ends_on + VOTES_AFTER


class GripeState(models.TextChoices):
    OPEN = "open", _("Open")
    ADOPTED = "adopted", _("Adopted")
    DECLINED = "declined", _("Not taken up")


class Gripe(TenantModel):
    """A suggestion on the process (product.md §6.4), as everybody reads it.

    One without a name has no `author`, no moment and no history: its id is random, and it was written together with the
    others of its gripe day, in no order. `answer` is what will be different, or why it is not taken up. One that was
    joined with another is read there.
    """

    id = models.BigIntegerField(primary_key=True, default=random_id, editable=False)
    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    day = TenantKey(GripeDay, models.PROTECT, related_name="gripes", db_index=False)
    area = models.CharField(max_length=12, choices=Area.choices)
    title = models.CharField(max_length=80)
    text = models.CharField(max_length=1000)
    author = TenantKey(Employee, models.PROTECT, null=True, related_name="+", db_index=False)
    key = models.CharField(max_length=80, blank=True, default="")  # of one with a name: sent twice is once
    state = models.CharField(max_length=8, choices=GripeState.choices, default=GripeState.OPEN)
    joined_with = TenantKey("self", models.PROTECT, null=True, related_name="joined", db_index=False)
    answer = models.CharField(max_length=600, blank=True, default="")
    decided_on = models.DateField(null=True, blank=True)
    owner = TenantKey(Employee, models.PROTECT, null=True, related_name="+", db_index=False)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="feedback_gripe_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "author", "key"], condition=~Q(key=""), name="feedback_gripe_once"
            ),
            models.CheckConstraint(condition=Q(author__isnull=False) | Q(key=""), name="feedback_gripe_unnamed"),
            models.CheckConstraint(condition=~Q(joined_with=F("id")), name="feedback_gripe_joined_with_another"),
            models.CheckConstraint(
                condition=Q(state="open", decided_on=None, answer="", owner=None)
                | (~Q(state="open") & Q(decided_on__isnull=False, joined_with=None) & ~Q(answer="")),
                name="feedback_gripe_decided",
            ),
            models.CheckConstraint(
                condition=~Q(state="adopted") | Q(owner__isnull=False), name="feedback_gripe_adopted_by_somebody"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "day"], name="feedback_gripes_of_day"),
            models.Index(fields=["tenant", "author"], name="feedback_gripes_by", condition=Q(author__isnull=False)),
            models.Index(fields=["tenant", "owner"], name="feedback_gripes_owned", condition=Q(owner__isnull=False)),
            models.Index(
                fields=["tenant", "joined_with"], name="feedback_gripes_joined", condition=Q(joined_with__isnull=False)
            ),
            models.Index(
                fields=["tenant", "-decided_on"], name="feedback_gripes_adopted", condition=Q(state="adopted")
            ),
        ]

    def __str__(self) -> str:
        return f"suggestion {self.pk}"

    @property
    def is_unnamed(self) -> bool:
        return self.author_id is None


class GripeWaiting(TenantModel):
    """A suggestion without a name until gripe day is over: then all of them are written to the list at once, and these
    rows go. Whoever looks at the list every minute, knows who was there on a quiet day, or sends as many of his own as
    it takes to see the one that is not, learns nothing from what appears when."""

    app_may = "SELECT, INSERT, DELETE"

    id = models.BigIntegerField(primary_key=True, default=random_id, editable=False)
    day = TenantKey(GripeDay, models.PROTECT, related_name="+", db_index=False)
    area = models.CharField(max_length=12, choices=Area.choices)
    title = models.CharField(max_length=80)
    text = models.CharField(max_length=1000)
    key = models.CharField(max_length=80)  # of the form it came from, which knew nobody

    class Meta(TenantModel.Meta):
        verbose_name_plural = "gripes waiting"
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="feedback_gripe_waiting_once")]
        indexes = [models.Index(fields=["tenant", "day"], name="feedback_gripes_waiting")]

    def __str__(self) -> str:
        return f"suggestion waiting for the end of {self.day_id}"


class GripeVote(TenantModel):
    """Who is for what, so that nobody is twice. Never shown, recorded nowhere else, and without a moment."""

    app_may = "SELECT, INSERT, DELETE"

    id = models.BigIntegerField(primary_key=True, default=random_id, editable=False)
    gripe = TenantKey(Gripe, models.CASCADE, related_name="votes", db_index=False)
    voter = TenantKey(Employee, models.CASCADE, related_name="+", db_index=False)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "gripe", "voter"], name="feedback_gripe_vote_once")]
        indexes = [models.Index(fields=["tenant", "voter"], name="feedback_gripe_votes_by")]

    def __str__(self) -> str:
        return f"vote {self.pk}"

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from goals.models import Goal
from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel

from .feedback import Feedback


class FeedbackRequest(TenantModel):
    """Somebody asks colleagues how something went (product.md §3.6). Read by whoever asks and by those asked."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    asker = TenantKey(Employee, models.PROTECT, related_name="feedback_asked_for", db_index=False)
    event = models.CharField(max_length=60)
    question = models.CharField(max_length=200)
    goal = TenantKey(Goal, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=80, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="feedback_request_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "asker", "key"], condition=~Q(key=""), name="feedback_request_once"
            ),
            models.CheckConstraint(condition=~Q(event="") & ~Q(question=""), name="feedback_request_has_words"),
        ]
        indexes = [
            models.Index(fields=["tenant", "asker", "-at", "-id"], name="feedback_requests_of"),
            models.Index(fields=["tenant", "goal"], name="feedback_requests_goal", condition=Q(goal__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"request {self.pk} of {self.asker_id}"


class RequestState(models.TextChoices):
    OPEN = "open", _("Not answered yet")
    ANSWERED = "answered", _("Answered")
    DECLINED = "declined", _("Rather not")


class RequestRecipient(TenantModel):
    """One of those asked, and what became of it: a feedback, or a reason why not, which the asker alone reads. None of
    them sees who else was asked."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    request = TenantKey(FeedbackRequest, models.CASCADE, related_name="recipients", db_index=False)
    person = TenantKey(Employee, models.PROTECT, related_name="feedback_asked_of", db_index=False)
    state = models.CharField(max_length=8, choices=RequestState.choices, default=RequestState.OPEN)
    settled_at = models.DateTimeField(null=True, blank=True)
    feedback = TenantKey(Feedback, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    reason = models.CharField(max_length=300, blank=True, default="")
    reminded_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="feedback_recipient_public_id"),
            models.UniqueConstraint(fields=["tenant", "request", "person"], name="feedback_recipient_once"),
            models.CheckConstraint(
                condition=Q(state=RequestState.OPEN, settled_at=None)
                | (~Q(state=RequestState.OPEN) & Q(settled_at__isnull=False)),
                name="feedback_recipient_settled_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state=RequestState.DECLINED) | ~Q(reason=""), name="feedback_recipient_says_why"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "person", "state"], name="feedback_recipients_of"),
            models.Index(
                fields=["tenant", "feedback"], name="feedback_recipients_by", condition=Q(feedback__isnull=False)
            ),
            models.Index(
                fields=["tenant", "id"],
                name="feedback_recipients_waiting",
                condition=Q(state=RequestState.OPEN, reminded_on=None),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id} asked by {self.request_id}"

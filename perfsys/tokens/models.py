"""Tokens by which a program comes in a person's place, and what was answered to it."""

import uuid
from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel


class Reach(models.TextChoices):
    READ = "read", pgettext_lazy("token", "Reads")
    WRITE = "write", pgettext_lazy("token", "Reads and writes")


class Scope(models.TextChoices):
    """What a token opens beside goals and feedback, only where it was given."""

    PEOPLE = "people", _("People, with numbers, posts and contact details")


class ApiToken(TenantModel):
    """What a program may do is what `acts_as` may, no more: it takes that person's seat (security.md §3 item 32).

    The token itself is shown once and kept nowhere; `digest` is its SHA-256, which is enough for 32 random bytes.
    `last_used_at` is kept to the hour. A token that is taken back stays, for whoever asks what it was.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    reach = models.CharField(max_length=5, choices=Reach.choices, default=Reach.READ)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope.choices), default=list, db_default=[])
    acts_as = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    made_by = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    expires_on = models.DateField()  # the tenant's date; the last day on which it works
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="tokens_public_id"),
            models.UniqueConstraint(fields=["tenant", "digest"], name="tokens_digest"),
            models.CheckConstraint(condition=~Q(name=""), name="tokens_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def writes(self) -> bool:
        return self.reach == Reach.WRITE

    def state(self, on: date) -> str:
        if self.revoked_at is not None:
            return str(_("Taken back"))
        return str(_("Expired")) if self.expires_on < on else ""


class Answered(TenantModel):
    """What a POST with an `Idempotency-Key` was answered: the same sent again gets it again. Written in the transaction
    of the work, so that what was refused is not kept; `asked` is the SHA-256 of what was sent. Kept for a week."""

    token = TenantKey(ApiToken, models.CASCADE, related_name="+", db_index=False)
    key = models.CharField(max_length=80)
    asked = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    body = models.TextField(default="")
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "token", "key"], name="tokens_answered_once")]
        indexes = [models.Index(fields=["tenant", "at"], name="tokens_answered_at")]

    def __str__(self) -> str:
        return self.key

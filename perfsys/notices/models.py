"""What somebody was told, and how it leaves the app (product.md §8)."""

import re
import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any, ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel

from .kinds import NoticeKind, kind_of

ISO_DAYS = re.compile(r"\d{4}-\d{2}-\d{2}(?:/\d{4}-\d{2}-\d{2})?")
HAN = re.compile("[\u3400-\u9fff]")


class Delivery(TenantModel):
    """One message to one person outside the app. The unique key is the promise that a bundle is sent once; the
    `public_id` is its Message-ID, the same for every attempt."""

    comes_by_itself: ClassVar[Q | None] = None  # no sign that somebody has to do with the person

    class Channel(models.TextChoices):
        EMAIL = "email", _("E-mail")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        SENT = "sent", _("Sent")
        DEAD = "dead", _("Given up")

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    to = TenantKey(Employee, models.CASCADE, related_name="+", db_index=False)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.EMAIL)
    bundle = models.CharField(max_length=160)
    is_reminder = models.BooleanField(default=False)  # counts towards the three a week
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    run_after = models.DateTimeField(db_default=Now())
    last_error = models.CharField(max_length=80, blank=True, default="")
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="notices_delivery_public_id"),
            models.UniqueConstraint(fields=["tenant", "to", "channel", "bundle"], name="notices_delivered_once"),
            models.CheckConstraint(condition=Q(state__in=["waiting", "sent", "dead"]), name="notices_delivery_state"),
        ]
        indexes = [
            models.Index(fields=["tenant", "run_after"], condition=Q(state="waiting"), name="notices_deliveries_due"),
            models.Index(
                fields=["tenant", "to", "made_at"], condition=Q(is_reminder=True), name="notices_reminders_sent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.bundle} to {self.to_id}"


class Notice(TenantModel):
    """One thing told to one person; standing in the inbox is its delivery in the app.

    Kept as kind and parameters, so that each reader gets it in the own language. `bundle` names the message it
    leaves the app in: notices of one person and bundle make one mail. `key` makes telling it twice harmless.
    """

    comes_by_itself: ClassVar[Q | None] = Q(confirmed_at=None)

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        CONFIRMED = "confirmed", _("Normal, a deliberate change")
        DONE = "done", _("Over")

    class Mail(models.TextChoices):
        NONE = "none", _("In the app only")
        WAITING = "waiting", _("To be decided")
        DIGEST = "digest", _("In the next digest")
        MAILED = "mailed", _("In a message of its own")

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    to = TenantKey(Employee, models.CASCADE, related_name="+", db_index=False)
    about = TenantKey(Employee, models.CASCADE, null=True, related_name="+", db_index=False)
    subject_type = models.CharField(max_length=60, blank=True, default="")
    subject_id = models.BigIntegerField(null=True)
    params = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    url = models.CharField(max_length=300, blank=True, default="")
    key = models.CharField(max_length=160)
    bundle = models.CharField(max_length=160)
    asks = models.BooleanField(default=False)
    is_reminder = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    confirmed_by = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    confirmed_by_name = models.CharField(max_length=80, blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=500, blank=True, default="")
    mail = models.CharField(max_length=8, choices=Mail.choices, default=Mail.WAITING)
    delivery = TenantKey(Delivery, models.SET_NULL, null=True, related_name="notices", db_index=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="notices_public_id"),
            models.UniqueConstraint(fields=["tenant", "to", "kind", "key"], name="notices_told_once"),
            models.CheckConstraint(condition=Q(state__in=["open", "confirmed", "done"]), name="notices_state"),
            models.CheckConstraint(
                condition=Q(mail__in=["none", "waiting", "digest", "mailed"]), name="notices_mail_state"
            ),
            models.CheckConstraint(
                condition=~Q(state="confirmed") | Q(confirmed_at__isnull=False), name="notices_confirmed_by_somebody"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "confirmed_by"], name="notices_confirmed_by", condition=Q(confirmed_by__isnull=False)
            ),
            models.Index(fields=["tenant", "to", "-at"], name="notices_inbox"),
            models.Index(
                fields=["tenant", "to"],
                condition=Q(state="open") & (Q(asks=True) | Q(is_reminder=True)),
                name="notices_open",
            ),
            models.Index(fields=["tenant", "about"], condition=Q(state="open", is_reminder=True), name="notices_about"),
            models.Index(
                fields=["tenant", "kind", "subject_id"], condition=Q(state="open"), name="notices_open_subject"
            ),
            models.Index(
                fields=["tenant", "mail", "to"], condition=Q(mail__in=["waiting", "digest"]), name="notices_unsent"
            ),
            models.Index(fields=["tenant", "delivery"], name="notices_of_delivery"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to_id}"

    @property
    def declared(self) -> NoticeKind:
        return kind_of(self.kind)

    @property
    def sentence(self) -> str:
        """In the language of the moment."""
        return self._filled(self.declared.sentence)

    @property
    def why(self) -> str:
        return self._filled(self.declared.why)

    def _filled(self, words: object) -> str:
        """Days, and periods called by their two days, are kept as ISO and written as the reader's language does."""
        told = {name: _days_in_words(value) for name, value in self.params.items()}
        filled: str = _without_gaps(str(words), told) % told
        return filled


def _without_gaps(words: str, told: Mapping[str, Any]) -> str:
    """A Chinese sentence leaves a gap around "2026Q4"; beside a name or a day, Chinese as well, there is none."""
    for name, value in told.items():
        text, place = str(value), re.escape(f"%({name})s")
        if HAN.match(text[:1]):
            words = re.sub(f"(?<={HAN.pattern}) (?={place})", "", words)
        if HAN.match(text[-1:]):
            words = re.sub(f"(?<={place}) (?={HAN.pattern})", "", words)
    return words


def _days_in_words(value: Any) -> Any:
    if not isinstance(value, str) or not ISO_DAYS.fullmatch(value):
        return value
    form = pgettext("date format", "j F Y")
    return " – ".join(date_format(date.fromisoformat(day), form) for day in value.split("/"))


class NoticePreferences(TenantModel):
    """How one person wants to be told. An absent row is the default: mail and the digest, and no text messages."""

    employee = TenantKey(Employee, models.CASCADE, related_name="+", db_index=False)
    by_mail = models.BooleanField(default=True)
    digest = models.BooleanField(default=True)
    by_text = models.BooleanField(default=False)  # alarms, to the mobile number on the account

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "employee"], name="notices_preferences_once")]

    def __str__(self) -> str:
        return f"how to tell {self.employee_id}"

"""Text messages to people's phones: the company's gateway and each message (product.md §5.3, §8)."""

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from perfsys.notices.models import Notice
from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel

from .outbound import MessageState


class SmsShape(models.TextChoices):
    FORM = "form", _("POST, fields of a form")
    JSON = "json", _("POST, JSON")
    QUERY = "query", _("GET, behind the address")


class PhoneForm(models.TextChoices):
    NATIONAL = "national", "13800000000"
    PLUS = "plus", "+8613800000000"
    PLAIN = "plain", "8613800000000"


class SecretPlace(models.TextChoices):
    NOWHERE = "", _("It asks for none")
    BEARER = "bearer", _("Header “Authorization: Bearer …”")
    BASIC = "basic", _("User and password (Basic)")
    HEADER = "header", _("A header of its own")
    FIELD = "field", _("A field among the others")


class SmsGateway(TenantModel):
    """The one gateway of a company, as data (`integrations.texting.Asks` says what the names mean). Off until somebody
    switches it on. `owner` hears when messages are given up; `daily_limit` counts by the company's day, and between
    `quiet_from` and `quiet_until` of its clock nothing goes."""

    url = models.CharField(max_length=500)
    shape = models.CharField(max_length=8, choices=SmsShape.choices, default=SmsShape.FORM)
    phone_field = models.CharField(max_length=80)
    phone_form = models.CharField(max_length=8, choices=PhoneForm.choices, default=PhoneForm.NATIONAL)
    text_field = models.CharField(max_length=80)
    signature = models.CharField(max_length=40, blank=True, default="")
    signature_field = models.CharField(max_length=80, blank=True, default="")
    template = models.CharField(max_length=80, blank=True, default="")
    template_field = models.CharField(max_length=80, blank=True, default="")
    id_field = models.CharField(max_length=80, blank=True, default="")
    fixed = models.JSONField(default=dict)
    headers = models.JSONField(default=dict)
    secret_in = models.CharField(max_length=8, choices=SecretPlace.choices, blank=True, default="")
    secret_name = models.CharField(max_length=80, blank=True, default="")
    ok_field = models.CharField(max_length=80, blank=True, default="")
    ok_value = models.CharField(max_length=80, blank=True, default="")
    daily_limit = models.PositiveIntegerField(default=200)
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    owner = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    is_on = models.BooleanField(default=False)
    made_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="integrations_one_sms_gateway"),
            models.CheckConstraint(
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until")),
                name="integrations_sms_quiet_from_until",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "owner"], name="integrations_sms_owner")]

    def __str__(self) -> str:
        return "SMS gateway"


class SmsSecret(TenantModel):
    """What the gateway asks for, sealed (`integrations.sealing`). Written and used, never shown again."""

    gateway = TenantKey(SmsGateway, models.CASCADE, related_name="+", db_index=False)
    key_id = models.CharField(max_length=16)
    nonce = models.BinaryField()  # 12 bytes
    sealed = models.BinaryField()
    set_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "gateway"], name="integrations_sms_secret_once")]

    def __str__(self) -> str:
        return f"secret of SMS gateway {self.gateway_id}"


class TextMessage(TenantModel):
    """One text message to one person, about a notice; a test has none. The number is read when it goes and stands
    nowhere here. `public_id` is the id the gateway is told, the same for each attempt. `tried_at` is when it was last
    taken to be sent, `code` the last answer's status (0: none came), `said` the gateway's own code in it."""

    comes_by_itself: ClassVar[Q | None] = None  # no sign that somebody has to do with the person

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    gateway = TenantKey(SmsGateway, models.CASCADE, related_name="messages", db_index=False)
    to = TenantKey(Employee, models.CASCADE, related_name="+", db_index=False)
    notice = TenantKey(Notice, models.CASCADE, null=True, related_name="+", db_index=False)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=MessageState.choices, default=MessageState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    run_after = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    code = models.PositiveSmallIntegerField(default=0)
    said = models.CharField(max_length=40, blank=True, default="")
    problem = models.CharField(max_length=40, blank=True, default="")  # a code of `integrations.wording`
    took_ms = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_text_public_id"),
            models.UniqueConstraint(fields=["tenant", "notice"], name="integrations_text_once"),
            models.CheckConstraint(condition=Q(state__in=["waiting", "sent", "dead"]), name="integrations_text_state"),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "run_after", "id"], condition=Q(state="waiting"), name="integrations_texts_due"
            ),
            models.Index(fields=["tenant", "-made_at"], name="integrations_texts_newest"),
            models.Index(fields=["tenant", "tried_at"], name="integrations_texts_of_day"),
            models.Index(fields=["tenant", "gateway"], name="integrations_texts_of"),
            models.Index(fields=["tenant", "to"], name="integrations_texts_to"),
        ]

    def __str__(self) -> str:
        return f"text message {self.public_id}"

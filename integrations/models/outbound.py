"""What leaves for other systems: where it goes, what it is signed with, and each message (product.md §5.10)."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel


class EventKind(models.TextChoices):
    """What another system can be told of. `ping` goes out when somebody tries an endpoint."""

    JOINED = "person.joined", _("Somebody joined")
    CHANGED = "person.changed", _("Something about a person changed")
    LEFT = "person.left", _("Somebody left")
    CLOSED = "goal.closed", _("A goal was closed")
    REOPENED = "goal.reopened", _("A closed goal was opened again")
    PING = "ping", _("Test")


class Told(models.TextChoices):
    """Fields that an endpoint can be given; ids come always, free texts never."""

    NUMBER = "employee_no", _("Employee number")
    NAME = "name", _("Name")
    EMAIL = "email", _("E-mail")
    MOBILE = "mobile", _("Mobile number")
    UNIT = "unit", _("Unit")
    MANAGER = "manager_no", _("Number of the direct manager")
    POSITION = "position", _("Position")
    FAMILY = "job_family", _("Job family")
    GRADE = "grade", _("Grade")
    HIRED = "hired_on", _("Day of joining")
    LEFT = "left_on", _("Day of leaving")
    GOAL = "goal_number", _("Goal number")
    PERIOD = "period", _("Period of the goal")
    OWNER = "owner_no", _("Employee number of the goal's owner")
    OUTCOME = "outcome", _("How the goal ended")
    PROGRESS = "progress", _("Progress of the goal in percent")
    SCORE = "score", _("Score of the goal")


class EndpointState(models.TextChoices):
    ON = "on", _("On")
    OFF = "off", _("Off")
    STOPPED = "stopped", _("Stopped, needs you")  # a message could not be delivered for days


class Endpoint(TenantModel):
    """An address of another system, told of `kinds`, with `fields` and no others. `owner` hears when it stops."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    url = models.CharField(max_length=500)
    kinds = ArrayField(models.CharField(max_length=20, choices=EventKind.choices))
    fields = ArrayField(models.CharField(max_length=20, choices=Told.choices), default=list)
    owner = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=EndpointState.choices, default=EndpointState.ON)
    made_at = models.DateTimeField()
    key = models.CharField(max_length=80)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_endpoint_public_id"),
            models.UniqueConstraint(fields=["tenant", "name"], name="integrations_endpoint_name"),
            models.UniqueConstraint(fields=["tenant", "key"], name="integrations_endpoint_once"),
        ]
        indexes = [models.Index(fields=["tenant", "owner"], name="integrations_endpoints_of")]

    def __str__(self) -> str:
        return self.name


class EndpointSecret(TenantModel):
    """What messages to an endpoint are signed with, sealed (`integrations.sealing`) and shown once. While it is being
    changed the former one signs as well, until `ends_at`."""

    endpoint = TenantKey(Endpoint, models.CASCADE, related_name="secrets", db_index=False)
    key_id = models.CharField(max_length=16)
    nonce = models.BinaryField()  # 12 bytes
    sealed = models.BinaryField()
    made_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "endpoint"], condition=Q(ends_at=None), name="integrations_one_signing_secret"
            )
        ]
        indexes = [models.Index(fields=["tenant", "endpoint", "made_at"], name="integrations_signing_secrets")]

    def __str__(self) -> str:
        return f"secret of endpoint {self.endpoint_id}"


class MessageState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    SENT = "sent", _("Delivered")
    DEAD = "dead", _("Given up")


class OutboundMessage(TenantModel):
    """One event for one endpoint, written in the transaction of what it tells of. `public_id` is its id outside, the
    same for each attempt and when it is sent again, so that the other side can take it once. `payload` holds what the
    endpoint was given. `code` is the last answer's status (0: none came), `took_ms` how long it took."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    endpoint = TenantKey(Endpoint, models.CASCADE, related_name="messages", db_index=False)
    kind = models.CharField(max_length=20, choices=EventKind.choices)
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=MessageState.choices, default=MessageState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    run_after = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    code = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=40, blank=True, default="")  # a code of `integrations.wording`
    took_ms = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_message_public_id")]
        indexes = [
            models.Index(
                fields=["tenant", "endpoint", "run_after", "id"],
                condition=Q(state="waiting"),
                name="integrations_messages_due",
            ),
            models.Index(fields=["tenant", "endpoint", "-made_at"], name="integrations_messages_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to endpoint {self.endpoint_id}"


class PersonTold(TenantModel):
    """What other systems were last told of a person, all fields: what is different next time is an event."""

    employee = TenantKey(Employee, models.CASCADE, related_name="+", db_index=False)
    facts = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "employee"], name="integrations_person_told")]

    def __str__(self) -> str:
        return f"what was told of {self.employee_id}"

"""A goal in miniature: keys up, down and to itself, a many-to-many, a public id, a history."""

import uuid

from django.db import models

from perfsys.audit.models import history_of
from perfsys.tenancy.models import Membership, TenantKey, TenantModel


class Note(TenantModel):
    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    title = models.CharField(max_length=120)
    owner = TenantKey(Membership, models.PROTECT, related_name="notes")
    parent = TenantKey("self", models.SET_NULL, null=True, related_name="children")
    helpers = models.ManyToManyField(Membership, through="NoteHelper", related_name="helps_with")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "public_id"], name="probe_public_id")]

    def __str__(self) -> str:
        return self.title


class NoteHelper(TenantModel):
    """Written out: the table Django makes for an M2M by itself has no tenant."""

    note = TenantKey(Note, models.CASCADE, related_name="+")
    member = TenantKey(Membership, models.CASCADE, related_name="+")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "note", "member"], name="probe_helper_once")]


NoteEvent = history_of(Note)

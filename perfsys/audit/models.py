"""The record of who did what, its seals, and the base of every history table."""

from typing import Any, cast

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models.functions import Now

from perfsys.tenancy.models import TenantModel

from .history import Deleted, Inserted, Updated


class AuditEntry(TenantModel):
    """Who did what to which thing, about whom, when. Never changed: ids and names are copied, so the entry
    outlives the person and the thing. Written only by `perfsys.audit.actions.record`.

    Source: security.md §3 item 33. `at` is the moment the action was given, `written_at` the database's own.
    """

    app_may = "SELECT, INSERT"

    verb = models.CharField(max_length=60)
    subject_type = models.CharField(max_length=60)
    subject_id = models.BigIntegerField()
    subject_label = models.CharField(max_length=200)
    about_id = models.BigIntegerField(null=True)
    about_name = models.CharField(max_length=120, blank=True, default="")
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=120, blank=True, default="")  # both empty: the system itself
    at = models.DateTimeField()
    written_at = models.DateTimeField(db_default=Now())
    details = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    request_id = models.CharField(max_length=64, blank=True, default="")
    address = models.GenericIPAddressField(null=True)

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(fields=["tenant", "id"], name="audit_newest"),
            models.Index(fields=["tenant", "verb", "id"], name="audit_by_verb"),
            models.Index(fields=["tenant", "about_id", "id"], name="audit_by_about"),
            models.Index(fields=["tenant", "actor_id", "id"], name="audit_by_actor"),
            models.Index(fields=["tenant", "subject_type", "subject_id"], name="audit_by_subject"),
            models.Index(fields=["tenant", "written_at"], name="audit_by_written"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name or 'system'} {self.verb} {self.subject_label}"


class AuditSeal(TenantModel):
    """One link of a tenant's hash chain over up to 1,000 entries. A table of its own: entries are append-only,
    and sealing them as they are written would make every writer of a tenant wait for the one before.

    `contents` holds 32 bytes an entry (SHA-256 of the row without its id), in the order of `entry_ids`;
    `link` = SHA-256(previous link, ids, contents). See `perfsys.audit.chain`.
    """

    app_may = "SELECT, INSERT"

    position = models.PositiveIntegerField()
    entry_ids = ArrayField(models.BigIntegerField())
    contents = models.BinaryField()
    link = models.BinaryField()
    sealed_at = models.DateTimeField(db_default=Now())

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "position"], name="audit_seal_position")]
        indexes = [models.Index(fields=["tenant", "sealed_at"], name="audit_seal_newest")]

    def __str__(self) -> str:
        return f"seal {self.position}"


class TenantEvent(TenantModel, pghistory.models.Event):  # type: ignore[misc]  # its manager yields to the wall's
    """Base of every history table. TenantModel first: its manager must win over pghistory's."""

    app_may = "SELECT, INSERT"  # append-only
    keys_enforced = False  # history outlives what it points at

    pgh_id = models.BigAutoField(primary_key=True)  # pghistory's own is 32 bits wide

    class Meta(TenantModel.Meta):
        abstract = True


def history_of(
    tracked: type[TenantModel],
    *,
    exclude: tuple[str, ...] = (),
    indexes: tuple[models.Index, ...] = (),
    found_by: tuple[str, ...] | None = None,
    in_bulk: bool = False,
) -> type[TenantEvent]:
    """Keep every version of `tracked`: one line under the model, `GoalEvent = history_of(Goal)`.

    The table (`<app>_<model>event`) is filled by triggers, so `QuerySet.update()` counts as well; read it as
    `goal.events` or `GoalEvent.objects`: pgh_label insert / update / delete, pgh_created_at, the columns then.
    `exclude` names columns that are not kept (large or secret ones). `found_by` names the keys beside the row's own by
    which somebody looks for versions, of a table that thousands of rows are written to at once: the others then have no
    index, each of which costs as much as the row. Without it all have one. `in_bulk`: the same versions, for a fraction
    of the time (perfsys.audit.history).
    """
    one_by_one = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    event = pghistory.create_event_model(
        tracked,
        *((Inserted(), Updated(), Deleted()) if in_bulk else one_by_one),
        base_model=cast(Any, TenantEvent),
        exclude=["tenant", *exclude],  # TenantModel brings it; the trigger fills it because the names agree
        # The default keeps contexts in one global table, outside the wall: keep them in the row.
        context_field=pghistory.ContextJSONField(),
        obj_field=pghistory.ObjForeignKey(related_name="events", related_query_name="events_query"),
        model_name=f"{tracked.__name__}Event",
        meta={"base_manager_name": "objects", "indexes": list(indexes)},
        abstract=False,
    )
    if found_by is not None:
        kept = {"tenant", "pgh_obj", *found_by}
        keys: list[Any] = [one for one in event._meta.local_fields if one.many_to_one and one.name not in kept]
        for key in keys:
            key.db_index = False
    return cast(type[TenantEvent], event)

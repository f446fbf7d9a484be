"""Other systems' data: how it is fetched, what came, and what did not (product.md §5.1-5.3, §5.5)."""

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perfsys.audit.models import history_of
from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel, tenant_through_a_key


class EvidenceType(models.TextChoices):
    """What kind of record a goal can name as its evidence (product.md §2.3)."""

    PROJECT = "project", _("Project")
    CUSTOMER = "customer", _("Customer")
    SYSTEM_LOG = "system_log", _("System log")
    WORK_ORDER = "work_order", _("Work order")
    DOCUMENT = "document", _("Drawing or document")
    REPORT = "report", _("Report or receipt")
    PROPOSAL = "proposal", _("Proposal")


class ProposalStep(models.TextChoices):
    """The trail of a proposal (product.md §5.5): it counts as evidence once it has all three."""

    SUBMISSION = "submission", _("Submission")
    VERIFICATION = "verification", _("Verification data")
    BENEFIT = "benefit", _("Benefit calculation")


class ConnectionState(models.TextChoices):
    DRAFT = "draft", _("Not switched on")
    ON = "on", _("On")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped, needs you")  # a sync found what a person must mend: see `stopped_because`


class Connection(TenantModel):
    """One system and how it is read: an adapter, its configuration as data, a schedule and an owner.

    `adapter` is a name of `integrations.adapters.registry`, `config` fits that adapter's schema and holds no secret.
    `schedule` is a rule of `perfsys.jobs.schedules`; `next_due_at` its next time while the connection is on.
    `key` makes a double press of "create" one connection.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=80)
    adapter = models.CharField(max_length=40)
    preset = models.CharField(max_length=40, blank=True, default="")  # the preset it was made from
    config = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    schedule = models.CharField(max_length=80, default="every 60 minutes")
    owner = TenantKey(Employee, models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=8, choices=ConnectionState.choices, default=ConnectionState.DRAFT)
    stopped_because = models.CharField(max_length=40, blank=True, default="")  # a code of `integrations.wording`
    tested_at = models.DateTimeField(null=True, blank=True)  # when a test last succeeded with this configuration
    next_due_at = models.DateTimeField(null=True, blank=True)
    made_at = models.DateTimeField()
    key = models.CharField(max_length=80, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_connection_public_id"),
            models.UniqueConstraint(fields=["tenant", "name"], name="integrations_connection_name"),
            models.UniqueConstraint(
                fields=["tenant", "key"], condition=~Q(key=""), name="integrations_connection_once"
            ),
            models.CheckConstraint(
                condition=Q(state=ConnectionState.STOPPED) | Q(stopped_because=""),
                name="integrations_reason_while_stopped",
            ),
            models.CheckConstraint(
                condition=Q(state=ConnectionState.ON) | Q(next_due_at=None), name="integrations_due_while_on"
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "next_due_at"], condition=Q(state=ConnectionState.ON), name="integrations_due"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Secret(TenantModel):
    """What a connection signs in with, sealed (`integrations.sealing`). Written and used, never shown again.

    A table of its own, so that no list of connections ever loads it. `key_id` names the key that sealed it.
    """

    connection = TenantKey(Connection, models.CASCADE, related_name="+", db_index=False)
    key_id = models.CharField(max_length=16)
    nonce = models.BinaryField()  # 12 bytes
    sealed = models.BinaryField()
    set_at = models.DateTimeField()
    set_by = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "connection"], name="integrations_secret_once")]

    def __str__(self) -> str:
        return f"secret of connection {self.connection_id}"


class StreamState(TenantModel):
    """How far a stream of a connection was read. Committed with the rows, so it never runs ahead of them.

    `watermark` is the greatest cursor value seen, as the adapter writes it; the next run begins there less the
    overlap. `read_as` is the digest of the configuration it was last read to the end with: with another one it is read
    from the beginning, and what is held is mapped again. `covered_from` and `covered_until` are when the records held
    happened. `fields` are the fields last seen, to notice a changed schema. `left` is where a run that had read its
    fill left off, with the `read_as` it belongs to: the next one goes on there, and it is emptied at the end.
    """

    connection = TenantKey(Connection, models.CASCADE, related_name="streams", db_index=False)
    stream = models.CharField(max_length=40)
    watermark = models.CharField(max_length=80, blank=True, default="")
    covered_from = models.DateTimeField(null=True, blank=True)
    covered_until = models.DateTimeField(null=True, blank=True)
    records = models.PositiveIntegerField(default=0)  # held, without those deleted in the source
    fields = models.JSONField(default=list)
    read_at = models.DateTimeField(null=True, blank=True)
    read_as = models.CharField(max_length=32, blank=True, default="")
    left = models.JSONField(default=dict)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "connection", "stream"], name="integrations_stream_once")
        ]

    def __str__(self) -> str:
        return f"{self.stream} of connection {self.connection_id}"


class RunState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class SyncRun(TenantModel):
    """One reading of a connection (product.md §5.2). `key` is a due time or one press of the button: again is nothing.

    `position` is where a run that was cut off goes on: {"stream": ..., "page": ...}, emptied at its end. `counts` per
    stream: pulled, created, changed, unchanged, deleted, quarantined, repeated, contradicted (another line of the same
    file with the same key and other content), source (the source's own count, where it tells one), left (1: there is
    more, which the next run reads). `error` is a code of `integrations.wording` with its words, never a body of the
    other side's; while the run is put off, `until` when.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    connection = TenantKey(Connection, models.CASCADE, related_name="runs", db_index=False)
    key = models.CharField(max_length=80)
    state = models.CharField(max_length=8, choices=RunState.choices, default=RunState.WAITING)
    asked_by = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)  # None: the schedule
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)  # times it was put off by the other side since the last page
    put_off = models.PositiveIntegerField(default=0, db_default=0)  # in all: shows that retrying works (§5.8)
    position = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)
    covered_from = models.DateTimeField(null=True, blank=True)
    covered_until = models.DateTimeField(null=True, blank=True)
    error = models.JSONField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_run_public_id"),
            models.UniqueConstraint(fields=["tenant", "connection", "key"], name="integrations_run_once"),
            # Two at a time would fight for the watermark.
            models.UniqueConstraint(
                fields=["tenant", "connection"],
                condition=Q(state__in=[RunState.WAITING, RunState.RUNNING]),
                name="integrations_one_run_at_a_time",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "connection", "-asked_at"], name="integrations_runs_newest")]

    def __str__(self) -> str:
        return f"run {self.key} of connection {self.connection_id}"


class DropFile(TenantModel):
    """A file a person handed in for a drop connection; those of a folder stay where they are. Kept inside the wall."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    connection = TenantKey(Connection, models.CASCADE, related_name="drop_files", db_index=False)
    name = models.CharField(max_length=200)
    content = models.BinaryField()
    digest = models.CharField(max_length=64)  # SHA-256, hexadecimal
    by = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_file_public_id"),
            # The same file again is the same file; other content under its name is another.
            models.UniqueConstraint(fields=["tenant", "connection", "name", "digest"], name="integrations_file_once"),
        ]

    def __str__(self) -> str:
        return self.name


class BatchState(models.TextChoices):
    LOADED = "loaded", _("Loaded")
    REPLACED = "replaced", _("Replaced by a later one")
    REFUSED = "refused", _("Not loaded")


class Batch(TenantModel):
    """A file of a day: `revision` 0 is the first sending, R1 is 1. Loaded whole or not at all."""

    connection = TenantKey(Connection, models.CASCADE, related_name="batches", db_index=False)
    stream = models.CharField(max_length=40)
    on = models.DateField()
    revision = models.PositiveSmallIntegerField(default=0)
    name = models.CharField(max_length=200)
    digest = models.CharField(max_length=64)
    rows_declared = models.PositiveIntegerField(null=True, blank=True)  # as its trailer says; None without one
    rows = models.PositiveIntegerField()  # as counted
    state = models.CharField(max_length=8, choices=BatchState.choices)
    reason = models.CharField(max_length=40, blank=True, default="")  # why refused: a code of `integrations.wording`
    seen_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "connection", "stream", "on", "revision", "digest"], name="integrations_batch_once"
            ),
            models.UniqueConstraint(
                fields=["tenant", "connection", "stream", "on"],
                condition=Q(state=BatchState.LOADED),
                name="integrations_one_loaded_a_day",
            ),
            models.CheckConstraint(
                condition=Q(state=BatchState.REFUSED) ^ Q(reason=""), name="integrations_refused_with_a_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Record(TenantModel):
    """A row of another system as it stands now. `external_id` is its key there.

    `data` holds the mapped, typed fields; `title` and `happened_at` are what a goal's page shows. What it was before
    a correction stands in the raw layer (`RawRecord`). Deleted in the source, it stays, and counts no more.
    """

    tenant = tenant_through_a_key()  # `connection`
    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    connection = TenantKey(Connection, models.PROTECT, related_name="records", db_index=False)
    stream = models.CharField(max_length=40)
    external_id = models.CharField(max_length=120)
    title = models.CharField(max_length=200, blank=True, default="")
    happened_at = models.DateTimeField(null=True, blank=True)
    data = models.JSONField(encoder=DjangoJSONEncoder)
    digest = models.CharField(max_length=32)  # of the raw row: the same again changes nothing
    batch_on = models.DateField(null=True, blank=True)  # the day of the file it stands in
    deleted_at = models.DateTimeField(null=True, blank=True)
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    run = TenantKey(SyncRun, models.PROTECT, related_name="+", db_index=False)  # the last one that changed it
    # Id of the run that met it last, changed or not: what comes twice in a run is counted once. No key: it would be
    # checked again for each row of each run.
    seen_in = models.BigIntegerField(null=True, blank=True, editable=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_record_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "connection", "stream", "external_id"], name="integrations_record_once"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "run"], name="integrations_record_by_run"),
            models.Index(
                fields=["tenant", "connection", "stream", "batch_on"],
                condition=Q(batch_on__isnull=False),
                name="integrations_record_by_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.external_id}"


class RecordReference(TenantModel):
    """A number under which goals may name a record: (customer, C10008). `is_own`: the thing itself, not what happened
    to it; a visit refers to its customer, the customer's own row is the customer. `step`: which one of its trail the
    record is, of a proposal."""

    tenant = tenant_through_a_key()  # `record`
    record = TenantKey(Record, models.CASCADE, related_name="references", db_index=False)
    type = models.CharField(max_length=12, choices=EvidenceType.choices)
    number = models.CharField(max_length=120)
    is_own = models.BooleanField(default=False)
    step = models.CharField(max_length=12, choices=ProposalStep.choices, blank=True, default="", db_default="")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "record", "type", "number"], name="integrations_reference_once")
        ]
        indexes = [models.Index(fields=["tenant", "type", "number"], name="integrations_reference_by_no")]

    def __str__(self) -> str:
        return f"{self.type} {self.number}"


class RawRecord(TenantModel):
    """What the source said, letter by letter, each time it said something new. Nobody changes it.

    History, and by far the largest table: its keys are not enforced, so that months of it can be put away
    (`actions.raw`, by the owner of the tables alone).
    """

    app_may = "SELECT, INSERT"
    keys_enforced = False

    record = TenantKey(Record, models.PROTECT, related_name="raws", db_index=False)
    run = TenantKey(SyncRun, models.PROTECT, related_name="+", db_index=False)
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    digest = models.CharField(max_length=32)
    received_at = models.DateTimeField()

    class Meta(TenantModel.Meta):
        indexes = [models.Index(fields=["tenant", "record", "-id"], name="integrations_raw_of_record")]

    def __str__(self) -> str:
        return f"raw {self.digest} of record {self.record_id}"


class QuarantineState(models.TextChoices):
    WAITING = "waiting", _("Set aside")
    REPLAYED = "replayed", _("Taken in later")
    DROPPED = "dropped", _("Dropped")


class QuarantinedRow(TenantModel):
    """A row that did not fit, with the reason: mended in the source or by the mapping, it is taken in (product.md
    §5.2). `reason` is a code of `integrations.wording`, `words` fill its sentence."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    connection = TenantKey(Connection, models.CASCADE, related_name="quarantine", db_index=False)
    stream = models.CharField(max_length=40)
    run = TenantKey(SyncRun, models.PROTECT, related_name="+", db_index=False)
    batch_on = models.DateField(null=True, blank=True)
    external_id = models.CharField(max_length=120, blank=True, default="")
    payload = models.JSONField(encoder=DjangoJSONEncoder)
    digest = models.CharField(max_length=32)
    reason = models.CharField(max_length=40)
    words = models.JSONField(default=dict)
    state = models.CharField(max_length=8, choices=QuarantineState.choices, default=QuarantineState.WAITING)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_quarantine_public_id"),
            # The overlap brings it again and again.
            models.UniqueConstraint(
                fields=["tenant", "connection", "stream", "digest"],
                condition=Q(state=QuarantineState.WAITING),
                name="integrations_quarantined_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream} {self.external_id}: {self.reason}"


class GapKind(models.TextChoices):
    MISSING = "missing", _("A day is missing")
    TRUNCATED = "truncated", _("A file is cut off")
    SMALL = "small", _("Unusually few rows")
    COUNT = "count", _("The source counts more rows")
    UNREACHABLE = "unreachable", _("Does not answer")
    OVERDUE = "overdue", _("No sync when one was due")
    SCHEMA = "schema", _("Fields have changed")


class Gap(TenantModel):
    """Something that should have come and did not (product.md §5.3): told to the owner, closed by what came later or
    by a person with a reason. `on` is the day it is about, `words` fill its sentence."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    connection = TenantKey(Connection, models.CASCADE, related_name="gaps", db_index=False)
    stream = models.CharField(max_length=40, blank=True, default="")
    kind = models.CharField(max_length=12, choices=GapKind.choices)
    on = models.DateField()
    words = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)  # None: by itself
    closed_because = models.CharField(max_length=200, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="integrations_gap_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "connection", "stream", "kind", "on"],
                condition=Q(closed_at=None),
                name="integrations_gap_open_once",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "connection", "-opened_at"], name="integrations_gaps_newest")]

    def __str__(self) -> str:
        return f"{self.kind} on {self.on} of connection {self.connection_id}"


class Delivery(TenantModel):
    """A message that another system sent to a connection's address, packed by zlib (product.md §5.1).

    `key` is the id its sender gave it, for ever one effect; `digest` is of its signed time and body: the same message
    under another id is the same message. `run` is the one that reads it, `taken_at` when its rows were written. Kept
    like files that were handed in: with another mapping they are read anew.
    """

    connection = TenantKey(Connection, models.CASCADE, related_name="deliveries", db_index=False)
    key = models.CharField(max_length=100)
    digest = models.CharField(max_length=64)  # SHA-256, hexadecimal
    packed = models.BinaryField()
    size = models.PositiveIntegerField()  # bytes, as it came
    received_at = models.DateTimeField()
    run = TenantKey(SyncRun, models.SET_NULL, null=True, related_name="+", db_index=False)
    taken_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "connection", "key"], name="integrations_delivery_once"),
            models.UniqueConstraint(fields=["tenant", "connection", "digest"], name="integrations_delivery_same"),
        ]
        indexes = [
            models.Index(fields=["tenant", "connection", "-id"], name="integrations_deliveries_newest"),
            models.Index(
                fields=["tenant", "connection", "id"], condition=Q(taken_at=None), name="integrations_delivery_waits"
            ),
        ]

    def __str__(self) -> str:
        return f"delivery {self.key} to connection {self.connection_id}"


# When it is next due changes with every sync and is nobody's decision.
ConnectionEvent = history_of(Connection, exclude=("next_due_at", "tested_at"))

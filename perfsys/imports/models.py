"""A file import from upload to result (product.md §1.6). The file itself stays in the database: personal data that
lay on a disk would lie outside the tenant wall, and a second worker machine could not read it."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel


class State(models.TextChoices):
    READING = "reading", _("Reading the file")
    COLUMNS = "columns", _("Columns to confirm")
    JUDGING = "judging", _("Checking every row")
    PREVIEW = "preview", _("Ready to import")
    APPLYING = "applying", _("Importing")
    DONE = "done", _("Done")
    FAILED = "failed", _("Stopped")
    DISCARDED = "discarded", _("Discarded")
    UNDOING = "undoing", _("Taking it back")
    UNDONE = "undone", _("Taken back")


WORKING = (State.READING, State.JUDGING, State.APPLYING, State.UNDOING)  # a job is at it: the page polls


class ImportRun(TenantModel):
    """`sheets` is what was recognised (see `queries.SheetView`), `choices` what a person corrected, `report` what
    the kind concluded about the file as a whole, `error` a code and its words when `state` is failed."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=12, choices=State.choices, default=State.READING)
    file_name = models.CharField(max_length=200)
    file_size = models.PositiveIntegerField()  # bytes
    file_hash = models.CharField(max_length=64)  # SHA-256, hexadecimal
    by = TenantKey(Employee, models.SET_NULL, null=True, related_name="+")
    by_name = models.CharField(max_length=80)
    sheets = models.JSONField(default=list)
    choices = models.JSONField(default=dict)
    counts = models.JSONField(default=dict)  # action -> rows; what became of them later beside it
    report = models.JSONField(default=dict)
    error = models.JSONField(null=True)
    done_rows = models.PositiveIntegerField(default=0)
    total_rows = models.PositiveIntegerField(default=0)
    uploaded_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="imports_run_public_id"),
            # Two people who press the button on two files of a kind: the second is told to wait.
            models.UniqueConstraint(
                fields=["tenant", "kind"], condition=Q(state=State.APPLYING), name="imports_one_apply_per_kind"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "-uploaded_at"], name="imports_run_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"

    @property
    def is_working(self) -> bool:
        return self.state in WORKING


class ImportFile(TenantModel):
    run = TenantKey(ImportRun, models.CASCADE, related_name="files")
    content = models.BinaryField()

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "run"], name="imports_one_file_per_run")]

    def __str__(self) -> str:
        return f"file of run {self.run_id}"


class ImportRow(TenantModel):
    """One row of the file with its verdict. `original` are the cells as text in the sheet's column order."""

    run = TenantKey(ImportRun, models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()  # order in the file over all sheets, from 0
    sheet = models.CharField(max_length=120)
    number = models.PositiveIntegerField()  # as Excel counts
    action = models.CharField(max_length=24)
    reasons = models.JSONField(default=list)  # [code, words] each
    outcome = models.CharField(max_length=10, blank=True, default="")  # kinds.Outcome; "" where it stays out or unknown
    differs = models.JSONField(default=list)  # [field, what stands, what the row says] each
    values = models.JSONField(null=True)
    original = models.JSONField(default=list)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "run", "position"], name="imports_row_position")]
        indexes = [
            models.Index(fields=["tenant", "run", "action", "position"], name="imports_row_by_action"),
            # Of a file that comes again few rows change something: those are looked for.
            models.Index(
                fields=["tenant", "run", "position"], name="imports_row_changing", condition=Q(outcome="changed")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.sheet} {self.number}"


class ImportChange(TenantModel):
    """What an import wrote, so that it can be taken back (product.md §1.6): the id of a row of the kind's own, and what
    stood there before; None where there was nothing. `became` is a mark of what the import left there, "" where the
    kind needs none."""

    run = TenantKey(ImportRun, models.CASCADE, related_name="changes", db_index=False)
    target = models.BigIntegerField()
    former = models.JSONField(null=True)
    became = models.CharField(max_length=24, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "run", "target"], name="imports_change_once"),
        ]

    def __str__(self) -> str:
        return f"{self.target} by run {self.run_id}"

"""Work, due times, work days and outgoing mail, all as rows: Redis may lose everything and nothing is lost."""

import uuid

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from perfsys.tenancy.models import TenantModel


class Job(TenantModel):
    """A piece of work to be done at least once, with an effect that may be repeated (architecture.md §4).

    Claimed by `app.claim_job`; whoever holds the row's `fence` may finish it, for as long as `lease_until` is
    renewed. `attempts` is counted before running and starts again with every step forward; five lost ones are
    the end. Of `payload` a page shows the keys only. The unique key makes enqueueing the same thing twice harmless.
    """

    class State(models.TextChoices):
        READY = "ready", _("Waiting")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        DEAD = "dead", _("Given up")
        DISCARDED = "discarded", _("Discarded")

    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=160)
    payload = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    state = models.CharField(max_length=10, choices=State.choices, default=State.READY)
    attempts = models.PositiveSmallIntegerField(default=0)
    fence = models.PositiveIntegerField(default=0)  # counts claims and never goes back, attempts does
    run_after = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True, default="")
    request_id = models.CharField(max_length=64, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    finished_at = models.DateTimeField(null=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "key"], name="jobs_job_once"),
            models.CheckConstraint(
                condition=Q(state__in=["ready", "running", "done", "dead", "discarded"]), name="jobs_job_state"
            ),
            models.CheckConstraint(
                condition=Q(state="running", lease_until__isnull=False)
                | ~Q(state="running") & Q(lease_until__isnull=True),
                name="jobs_job_leased_while_running",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "run_after", "id"], condition=Q(state="ready"), name="jobs_job_ready"),
            models.Index(fields=["tenant", "lease_until"], condition=Q(state="running"), name="jobs_job_running"),
            models.Index(fields=["tenant", "id"], condition=Q(state="dead"), name="jobs_job_dead"),
            # Not led by the tenant: only the purge asks, over all of them.
            models.Index(fields=["finished_at"], condition=Q(finished_at__isnull=False), name="jobs_job_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.key}"


class Occurrence(TenantModel):
    """One due time of a schedule (architecture.md §5). The unique key is what makes a second beat harmless."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Queued")
        SKIPPED = "skipped", _("Skipped, too late to be of use")
        MERGED = "merged", _("Merged into the latest one")
        WAITING = "waiting", _("Late, waits for a confirmation")

    kind = models.CharField(max_length=60)
    due_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State.choices)
    made_at = models.DateTimeField(db_default=Now())

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "kind", "due_at"], name="jobs_occurrence_once"),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "skipped", "merged", "waiting"]), name="jobs_occurrence_state"
            ),
        ]
        indexes = [models.Index(fields=["tenant", "state", "due_at"], name="jobs_occurrence_by_state")]

    def __str__(self) -> str:
        return f"{self.kind} due {self.due_at:%Y-%m-%d %H:%M}Z"


class CalendarOverride(TenantModel):
    """A tenant's own word on a date, above the region's calendar: a factory day off, a stocktaking Saturday."""

    on = models.DateField()
    is_work_day = models.BooleanField()
    reason = models.CharField(max_length=120, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "on"], name="jobs_override_once_a_day")]

    def __str__(self) -> str:
        return f"{self.on} {'work day' if self.is_work_day else 'day off'}"


class WorkDay(models.Model):
    """Where a region's calendar differs from Monday to Friday. Written by `migrate` (see `perfsys.jobs.calendar`).

    Provisional: the year's holidays are computed, not announced; the make-up work days are not known yet.
    """

    region = models.CharField(max_length=2)
    on = models.DateField()
    is_work_day = models.BooleanField()
    is_provisional = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "on"], name="jobs_workday_once")]

    def __str__(self) -> str:
        return f"{self.region} {self.on} {'work day' if self.is_work_day else 'day off'}"


class Heartbeat(models.Model):
    """When something that must happen all the time last happened: `tick`, `reap`."""

    name = models.CharField(max_length=20, unique=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at}"


class OutgoingMail(models.Model):
    """Mail that belongs to no tenant: invitations and resets, with secrets in the body. The row is deleted as soon
    as the server has taken the message; of one that cannot be sent the body is emptied."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DEAD = "dead", _("Given up")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    to = models.EmailField()
    subject = models.CharField(max_length=200)
    body = models.TextField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    run_after = models.DateTimeField(db_default=Now())
    last_error = models.CharField(max_length=80, blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(state__in=["waiting", "dead"]), name="jobs_mail_state"),
            models.CheckConstraint(condition=~Q(state="dead") | Q(body=""), name="jobs_mail_dead_is_empty"),
        ]
        indexes = [models.Index(fields=["run_after"], condition=Q(state="waiting"), name="jobs_mail_waiting")]

    def __str__(self) -> str:
        return f"mail {self.public_id}"

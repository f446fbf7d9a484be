"""What an administrator sees of the company's own jobs."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet

from .calendar import calendar_for
from .models import Job, Occurrence

AT_MOST = 50


@dataclass(frozen=True)
class DeadJob:
    """`payload_keys` alone: what a payload holds may be somebody's."""

    pk: int
    kind: str
    key: str
    error: str
    attempts: int
    payload_keys: list[str]
    created_at: datetime


def dead_jobs() -> QuerySet[Job]:
    return Job.objects.filter(state=Job.State.DEAD).order_by("-pk")


def shown(job: Job) -> DeadJob:
    return DeadJob(job.pk, job.kind, job.key, job.last_error, job.attempts, sorted(job.payload), job.created_at)


def late_occurrences() -> list[Occurrence]:
    """What was skipped or waits for somebody, newest first, at most 50."""
    late = [Occurrence.State.SKIPPED, Occurrence.State.WAITING]
    return list(Occurrence.objects.filter(state__in=late).order_by("-due_at")[:AT_MOST])


def guessed_year(today: date) -> int | None:
    """The first year within the next thirty days whose public holidays are not announced: its working days are a
    guess, and the page says so."""
    ahead = today + timedelta(days=30)
    return min(calendar_for(today, ahead).guessed_years, default=None)


def skipped_runs(kind: str, *, since: datetime) -> list[datetime]:
    """When runs of a schedule were due that came too late to be of use, the newest first."""
    skipped = Occurrence.objects.filter(kind=kind, state=Occurrence.State.SKIPPED, due_at__gte=since)
    return list(skipped.order_by("-due_at").values_list("due_at", flat=True)[:AT_MOST])

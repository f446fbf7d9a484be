"""What nobody notices by itself: a sync that did not take place, a day that did not come (product.md §5.3)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from integrations import gaps
from integrations.models import Connection, ConnectionState, Gap, GapKind, RunState, SyncRun
from integrations.reading import streams_of
from perfsys.jobs.models import Job
from perfsys.jobs.schedules import BadSchedule
from perfsys.tenancy.models import Tenant

from .deliveries import silence
from .gaps import Missing, open_gaps
from .page import LIVE, days_missing
from .sync import JOB, end_lost, interval_of, moved_at


@transaction.atomic
def watch(*, now: datetime) -> None:
    """Look at every connection that is on. Looking again finds nothing new."""
    _end_lost_runs(now)
    zone = ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get())
    for connection in Connection.objects.filter(state=ConnectionState.ON).select_related("owner").order_by("pk"):
        run: SyncRun | None = SyncRun.objects.filter(connection=connection).order_by("-asked_at", "-pk").first()
        found = _overdue(connection, run, zone, now)
        if run is None or run.state not in LIVE:  # one under way may just be bringing those days
            found += _missing(connection, zone, now) + silence(connection, zone, now)
        open_gaps(connection, found, now=now)


def _end_lost_runs(now: datetime) -> None:
    """Their job was given up after five tries, or dropped by an operator: nobody would ever end them."""
    live = {str(run.pk): run for run in SyncRun.objects.filter(state__in=LIVE).select_related("connection__owner")}
    working = [Job.State.READY, Job.State.RUNNING]
    alive = Job.objects.filter(kind=JOB, key__in=list(live), state__in=working).values_list("key", flat=True)
    for key in sorted(set(live) - set(alive)):
        end_lost(live[key].pk, now=now)


def _overdue(connection: Connection, run: SyncRun | None, zone: ZoneInfo, now: datetime) -> list[Missing]:
    """Nothing was begun when it was due, or what was begun does not come on, or was given up."""
    try:
        interval = interval_of(connection, now)
    except BadSchedule:  # the next look at what is due stops it and says so
        return []
    since = connection.next_due_at
    moved_last = None
    if run is not None and run.state in LIVE:
        since, moved_last = run.asked_at, moved_at(connection)
    if Gap.objects.filter(connection=connection, kind=GapKind.UNREACHABLE, closed_at=None).exists():
        return []  # told already, with the reason
    is_late = gaps.is_late(since, interval=interval, now=now, moved_at=moved_last)
    was_lost = run is not None and run.state == RunState.FAILED and (run.error or {}).get("code") == "gave_up"
    if not is_late and not was_lost:
        return []
    due_at = since or now
    return [Missing(GapKind.OVERDUE, due_at.astimezone(zone).date(), words={"since": due_at.isoformat()})]


def _missing(connection: Connection, zone: ZoneInfo, now: datetime) -> list[Missing]:
    streams = streams_of(connection)  # none: the next sync says why
    return [one for stream in streams if stream.daily for one in days_missing(connection, stream, zone, now)]

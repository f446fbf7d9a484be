"""What the pages of one connection list, beside its health (`integrations.queries`)."""

from datetime import datetime

from django.db.models import Case, Count, IntegerField, Max, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from perfsys.audit.models import AuditEntry

from . import events
from .models import (
    Batch,
    BatchState,
    Connection,
    Delivery,
    DropFile,
    Gap,
    MetricDefinition,
    QuarantinedRow,
    QuarantineState,
    Secret,
    StreamState,
    SyncRun,
)
from .queries import LIVE

RECENT_RUNS = 5
RECENT_FILES = 10
RECENT_GAPS = 30  # those open stand first
READINGS = (events.SYNC_ASKED, events.SYNCED, events.SYNC_FAILED)
MOST_AT_ONCE = 1000  # rows decided on with one press


def runs_of(connection: Connection) -> QuerySet[SyncRun]:
    """Newest first, with who asked."""
    return SyncRun.objects.filter(connection=connection).select_related("asked_by").order_by("-asked_at", "-pk")


def gaps_of(connection: Connection) -> list[Gap]:
    """All that are open, by day; then the latest closed ones."""
    closed_last = Case(When(closed_at=None, then=Value(0)), default=Value(1), output_field=IntegerField())
    gaps = Gap.objects.filter(connection=connection).select_related("closed_by")
    return list(gaps.order_by(closed_last, "-closed_at", "on", "pk")[:RECENT_GAPS])


def rows_set_aside(connection: Connection, state: str) -> QuerySet[QuarantinedRow]:
    """Oldest first while they wait, else the latest decision first."""
    order = ("at", "pk") if state == QuarantineState.WAITING else ("-ended_at", "-pk")
    return QuarantinedRow.objects.filter(connection=connection, state=state).order_by(*order)


def batches_of(connection: Connection, state: str = "") -> QuerySet[Batch]:
    """Files by day, newest first, the one that counts before those it replaced."""
    found = Batch.objects.filter(connection=connection)
    if state in BatchState.values:
        found = found.filter(state=state)
    return found.order_by("-on", "-revision", "-pk")


def files_waiting(connection: Connection) -> int:
    """Handed in, and not judged yet by a sync."""
    judged = Batch.objects.filter(connection=connection).values("digest")
    return DropFile.objects.filter(connection=connection).exclude(digest__in=judged).count()


def files_of(connection: Connection) -> list[DropFile]:
    """The latest that were handed in, newest first, without what is in them."""
    found = DropFile.objects.filter(connection=connection).select_related("by").order_by("-at", "-pk")
    return list(found.only("name", "at", "connection", "by__name")[:RECENT_FILES])


def read_at(connection: Connection) -> datetime | None:
    """When a page of it was last written."""
    found: datetime | None = StreamState.objects.filter(connection=connection).aggregate(at=Max("read_at"))["at"]
    return found


def deliveries_of(connection: Connection) -> QuerySet[Delivery]:
    """Newest first, without what was sent."""
    return Delivery.objects.filter(connection=connection).defer("packed").order_by("-pk")


def deliveries_waiting(connection: Connection) -> int:
    return Delivery.objects.filter(connection=connection, taken_at=None).count()


def secret_of(connection: Connection) -> Secret | None:
    """When and by whom it was set: what was sealed is not loaded."""
    found = Secret.objects.filter(connection=connection).select_related("set_by")
    return found.only("set_at", "connection", "set_by__name").first()


def changes_of(connection: Connection) -> QuerySet[AuditEntry]:
    """What people did with it and what the system found, newest first; readings stand among its runs."""
    entries = AuditEntry.objects.filter(subject_type=Connection._meta.label_lower, subject_id=connection.pk)
    return entries.exclude(verb__in=READINGS).order_by("-pk")


def duration(run: SyncRun, now: datetime) -> int | None:
    """Seconds from its start to its end, or to now."""
    return int(((run.finished_at or now) - run.started_at).total_seconds()) if run.started_at else None


def live_run(connection: Connection) -> SyncRun | None:
    found: SyncRun | None = SyncRun.objects.filter(connection=connection, state__in=LIVE).first()
    return found


def some_rows_waiting(connection: Connection) -> QuerySet[QuarantinedRow]:
    """All that wait, as far as one press goes: what is more waits for the next."""
    return rows_set_aside(connection, QuarantineState.WAITING)[:MOST_AT_ONCE]


def stands(connection: Connection) -> tuple[int, int, SyncRun | None]:
    """Open gaps, rows that wait, the run under way: for pages that show nothing more of its health. Two queries."""
    gaps = Gap.objects.filter(connection=connection, closed_at=None).order_by().values("connection")
    aside = QuarantinedRow.objects.filter(connection=connection, state=QuarantineState.WAITING).order_by()
    counted = Connection.objects.filter(pk=connection.pk).values_list(
        Coalesce(Subquery(gaps.annotate(n=Count("pk")).values("n")), 0),
        Coalesce(Subquery(aside.values("connection").annotate(n=Count("pk")).values("n")), 0),
    )
    number_of_gaps, number_aside = counted.get()
    return number_of_gaps, number_aside, live_run(connection)


def changes_of_metric(definition: MetricDefinition) -> QuerySet[AuditEntry]:
    """Everything people did with it, newest first."""
    entries = AuditEntry.objects.filter(subject_type=MetricDefinition._meta.label_lower, subject_id=definition.pk)
    return entries.order_by("-pk")

"""Figures of metrics and goals bound to them: python -m benchmarks.measured [--people 527] [--days 120] [--goals 2000]

A quarter of a metric computed anew, of so many people by day; then so many goals check in by it, the same again with
nothing new, and with one corrected day. In seconds of processor, Python's and the one PostgreSQL backend's together,
which a loaded machine changes little; the clock beside it.
"""

import argparse
import os
import resource
import time
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.db import connection
from django.utils import timezone

from benchmarks.ground import TENANTS, fill, ground
from goals import tasks
from goals.models import CheckIn, Goal, Layer, Making, MetricBinding, Status
from goals.queries.settings import local_date
from integrations.actions.figures import compute
from integrations.metrics import Measure, Rule
from integrations.models import (
    Connection,
    LinkedBy,
    MetricDefinition,
    MetricState,
    MetricValue,
    MetricVersion,
    Record,
    StreamState,
    Subject,
    SubjectLink,
    SyncRun,
)
from integrations.queries.standing import key_of_person
from perfsys.common.bulk import writing_in_bulk
from perfsys.people.models import Employee
from perfsys.tenancy.rows import Row, insert_rows
from perfsys.tenancy.scope import use_tenant

SLUG = "globex"
TICKS = os.sysconf("SC_CLK_TCK")
RULE = Rule(Measure("sum", "amount"), "on", attribution="owner_no", kind="owner", of="person")
FIELDS = {"deal_no": "text", "owner_no": "text", "on": "day", "amount": "decimal"}
STREAM = {
    "name": "deals",
    "path": "/deals",
    "key": ["deal_no"],
    "fields": [{"name": name, "path": name, "type": kind} for name, kind in FIELDS.items()],
    "subjects": [{"kind": "owner", "of": "person", "field": "owner_no"}],
}


def spent(work: Callable[[], Any]) -> tuple[float, float]:
    """Seconds of processor, and by the clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        backend = Path(f"/proc/{cursor.fetchone()[0]}/stat")

    def busy() -> float:
        used = backend.read_text().rpartition(")")[2].split()
        return time.process_time() + (int(used[11]) + int(used[12])) / TICKS

    before, began = busy(), time.perf_counter()
    work()
    return busy() - before, time.perf_counter() - began


@writing_in_bulk()
def bring(run: SyncRun, people: list[str], days: list[date], now: datetime) -> int:
    """A deal of each person and day, as a sync leaves them."""
    rows: Iterator[Row] = (
        {
            "connection_id": run.connection_id,
            "stream": "deals",
            "external_id": f"{number}-{on:%m%d}",
            "title": "",
            "happened_at": now,
            "data": {"deal_no": f"{number}-{on:%m%d}", "owner_no": number, "on": on.isoformat(), "amount": "1.25"},
            "digest": f"{place:032}",
            "first_seen_at": now,
            "changed_at": now,
            "run_id": run.pk,
        }
        for place, number in enumerate(people)
        for on in days
    )
    brought = 0
    while chunk := list(islice(rows, 1_000)):
        insert_rows(Record, chunk)
        brought += len(chunk)
    return brought


def metric_of(keeper: Employee, since: date, now: datetime) -> tuple[MetricVersion, SyncRun]:
    connected = Connection.objects.create(
        name="CRM", adapter="rest_json", owner=keeper, state="on", made_at=now,
        config={"base_url": "https://crm.example", "streams": [STREAM]},
    )  # fmt: skip
    StreamState.objects.create(connection=connected, stream="deals", read_at=now, covered_until=now)
    run = SyncRun.objects.create(
        connection=connected, key=uuid4().hex, state="done", asked_at=now, started_at=now, finished_at=now
    )
    definition = MetricDefinition.objects.create(name="签约额", owner=keeper, interpreter=keeper, made_at=now)
    version = MetricVersion.objects.create(
        definition=definition, number=1, connection=connected, stream="deals", rule=RULE.as_json(),
        unit_of_measure="万元", says="签约的金额", effective_on=since, state=MetricState.IN_FORCE,
        made_at=now, announced_at=now,
    )  # fmt: skip
    return version, run


def bind(version: MetricVersion, goals: list[Goal], now: datetime) -> None:
    """To the figure of their owners; every tenth is held within, so that each of its days counts."""
    held = [one.pk for one in goals[::10]]
    mine = Goal.objects.filter(pk__in=[one.pk for one in goals])
    mine.update(kind="kpi", unit_of_measure="万元", target=100, direction="raise")
    Goal.objects.filter(pk__in=held).update(direction="hold", hold_low=1, hold_high=2)
    MetricBinding.objects.bulk_create(
        MetricBinding(
            goal=goal,
            definition_id=version.definition_id,
            key=key_of_person(goal.owner.public_id),
            label=goal.owner.name,
            employee=goal.owner,
            making=Making.LATEST if goal.pk in held else Making.SUM,
            bound_at=now,
        )
        for goal in goals
        if goal.owner is not None
    )


def check_in(now: datetime) -> None:
    """Step by step, as the worker does it."""
    payload: dict[str, Any] | None = {}
    while payload is not None:
        again = tasks.check_in_bound(payload=payload, now=now)
        payload = again.payload if again else None


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=527)
    parser.add_argument("--days", type=int, default=120)
    parser.add_argument("--goals", type=int, default=2_000)
    options = parser.parse_args()
    took: dict[str, tuple[float, float]] = {}
    with ground() as analyze:
        fill(SLUG, options.people)
        now = timezone.now()
        with use_tenant(TENANTS[SLUG]):
            today = local_date(now)
            days = [today - timedelta(days=n) for n in range(options.days)]
            people = list(Employee.objects.order_by("pk")[: options.people])
            version, run = metric_of(people[0], days[-1], now)
            records = bring(run, [one.employee_no for one in people], days, now)
        analyze()
        with use_tenant(TENANTS[SLUG]):
            took["a metric of them, computed for the first time"] = spent(
                lambda: compute(version_id=version.pk, run_id=None, now=now)
            )
            took["the same anew, nothing changed"] = spent(
                lambda: compute(version_id=version.pk, run_id=None, now=now + timedelta(hours=1))
            )
            subjects = {one.value: one for one in Subject.objects.filter(kind="owner").exclude(value="")}
            SubjectLink.objects.bulk_create(
                SubjectLink(subject=subjects[one.employee_no], employee=one, how=LinkedBy.NUMBER, at=now)
                for one in people
                if one.employee_no in subjects
            )
            position = Goal.objects.filter(layer=Layer.POSITION, status=Status.PUBLISHED, owner__in=people)
            goals = list(position.select_related("owner").order_by("pk")[: options.goals])
            bind(version, goals, now)
            before = CheckIn.objects.count()
        analyze()
        with use_tenant(TENANTS[SLUG]):
            took[f"{len(goals)} bound goals check in"] = spent(lambda: check_in(now))
            made = CheckIn.objects.count() - before
            took["again, nothing new"] = spent(lambda: check_in(now))
            MetricValue.objects.filter(on=days[1]).update(numerator=2)
            took["again, one day corrected for all"] = spent(lambda: check_in(now))
        print(f"{len(people)} people, {options.days} days, {records} records, {made} check-ins")
        print("| Work | CPU s | s |\n|---|---|---|")
        for name, (processor, clock) in took.items():
            print(f"| {name} | {processor:.2f} | {clock:.2f} |")
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()

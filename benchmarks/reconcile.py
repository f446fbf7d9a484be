"""Two metrics of everybody compared, person by person and day by day: python -m benchmarks.reconcile [--days 120]

Each side has a record for each person and day; every fifth figure is over the tolerance, and its causes are looked for
record by record. Also timed: computing a metric of so many records. The processor's time of the worker and of its
PostgreSQL are told apart; that on the clock means little where others work too.
"""

import argparse
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from importlib import import_module
from typing import Any

from django.conf import settings
from django.db import connection
from django.utils import timezone

from benchmarks.ground import TENANTS, ground
from benchmarks.sync import Clock, Took
from integrations.actions import figures
from integrations.actions.reconciliation import begin_run, compare_some
from integrations.metrics import Measure, Rule
from integrations.models import (
    Connection,
    MetricDefinition,
    MetricState,
    MetricVersion,
    ReconciliationLine,
    ReconciliationPair,
    ReconciliationRun,
    Record,
    RunState,
    StreamState,
    SyncRun,
)
from perfsys.people.models import Employee
from perfsys.tenancy.rows import insert_rows
from perfsys.tenancy.scope import use_tenant

SLUG = "acme"
SIDES = ("snapshot", "settled")
FIELDS = [{"name": "no", "required": True}, {"name": "who"}, {"name": "on", "type": "day"}]
AMOUNT = {"name": "amount", "type": "decimal"}
RULE = Rule(Measure("sum", "amount"), "on", attribution="who", kind="person", of="person")


def take_in(people: int, days: list[date], now: datetime) -> ReconciliationPair:
    owner = Employee.objects.create(employee_no="S1", name="S1", name_key="s1")
    streams = [{"name": side, "path": f"/{side}", "key": ["no"], "fields": [*FIELDS, AMOUNT]} for side in SIDES]
    config = {"base_url": "http://127.0.0.1:9", "auth": "none", "records": "rows", "streams": streams}
    made = Connection.objects.create(name="BI", adapter="rest_json", config=config, owner=owner, made_at=now)
    run = SyncRun.objects.create(connection=made, key="1", state=RunState.DONE, asked_at=now, finished_at=now)
    same = {"connection_id": made.pk, "run_id": run.pk, "first_seen_at": now, "changed_at": now, "digest": "0" * 32}
    for side in SIDES:
        for on in days:
            rows = [record(side, on, number) for number in range(people)]
            insert_rows(Record, rows, same={**same, "stream": side})
        StreamState.objects.create(connection=made, stream=side, read_at=now, read_as="1", records=people * len(days))
    a, b = (metric(side, made, owner, days[0], now) for side in SIDES)
    return ReconciliationPair.objects.create(
        a=a, b=b, name="BI", match_a="no", match_b="no", tolerance=Decimal(5), made_at=now
    )


def record(side: str, on: date, number: int) -> dict[str, Any]:
    is_over = side == SIDES[0] and (number + on.toordinal()) % 5 == 0
    data = {
        "no": f"{on:%y%m%d}-{number}",
        "who": f"HR{number:05}",
        "on": f"{on}",
        "amount": f"{(number + 100) * (2 if is_over else 1)}.00",
    }
    return {"external_id": data["no"], "title": data["no"], "data": data}


def metric(name: str, made: Connection, owner: Employee, first: date, now: datetime) -> MetricDefinition:
    definition = MetricDefinition.objects.create(name=name, owner=owner, interpreter=owner, made_at=now)
    MetricVersion.objects.create(
        definition=definition, number=1, connection=made, stream=name, rule=RULE.as_json(), unit_of_measure="元",
        says=name, effective_on=first, state=MetricState.IN_FORCE, made_at=now, announced_at=now,
    )  # fmt: skip
    return definition


def compute(pair: ReconciliationPair, now: datetime) -> None:
    for version in MetricVersion.objects.filter(definition__in=[pair.a, pair.b]):
        figures.compute(version_id=version.pk, run_id=None, now=now)


def compare(pair: ReconciliationPair, key: str, now: datetime) -> None:
    """As the worker does it, a part at a time."""
    with use_tenant(TENANTS[SLUG]):
        run = begin_run(pair=pair, key=key, now=now, anew=True)
    assert run is not None
    payload: dict[str, Any] | None = {
        "run": run.pk,
        "days": [f"{on}" for on in days_between(run.first_on, run.last_on)],
    }
    while payload is not None:
        with use_tenant(TENANTS[SLUG]):
            again = compare_some(payload, now=now)
        payload = again.payload if again else None


def days_between(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def measured(work: Callable[[], None]) -> Took:
    clock = Clock(connection.connection)
    work()
    return clock.took()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=527)
    parser.add_argument("--days", type=int, default=120)
    options = parser.parse_args()
    import_module(settings.ROOT_URLCONF)  # as a worker has once it has told anybody of anything
    now = timezone.now()
    last = now.date() - timedelta(days=2)
    days = days_between(last - timedelta(days=options.days - 1), last)
    read = datetime.combine(last + timedelta(days=1), time(12), now.tzinfo)
    print("| work | seconds | worker's processor, s | PostgreSQL's, s | peak memory, MB |\n|---|---|---|---|---|")
    with ground() as analyze:
        with use_tenant(TENANTS[SLUG]):
            pair = take_in(options.people, days, read)
        analyze()

        def both_computed() -> None:
            with use_tenant(TENANTS[SLUG]):
                compute(pair, now)

        for name, work in {
            "both metrics computed": both_computed,
            "compared, first": lambda: compare(pair, "1", now),
            "all days again, nothing changed": lambda: compare(pair, "2", now),
        }.items():
            took = measured(work)
            print(
                f"| {name} | {took.seconds:.1f} | {took.own:.1f} | {took.database:.1f} | {took.memory:.0f} |",
                flush=True,
            )
            analyze()
        with use_tenant(TENANTS[SLUG]):
            lines = ReconciliationLine.objects.count()
            over = ReconciliationLine.objects.filter(verdict="over").count()
            runs = ReconciliationRun.objects.exclude(finished_at=None).count()
    print(f"\n{lines} lines of {options.people} people and {options.days} days, {over} over, {runs} runs")


if __name__ == "__main__":
    main()

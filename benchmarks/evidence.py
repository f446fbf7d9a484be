"""Records of connected systems on goals: python -m benchmarks.evidence [--people 20000] [--records 100000]

What it takes to attach them, beside the same rows written with no thought; and a goal's page with none, a few and
thousands of them, beside the bare view of `benchmarks.pages`.
"""

import argparse
import resource
import statistics
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice
from typing import Any
from uuid import uuid4

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from benchmarks.ground import TENANTS, cast, fill, ground, timed
from goals import tasks
from goals.models import EvidenceItem, Goal, Source, Status
from goals.queries.settings import local_date
from integrations.models import Connection, Record, RecordReference, StreamState, SyncRun
from perfsys.common.bulk import plan_anew, writing_in_bulk
from perfsys.people.models import Employee
from perfsys.tenancy.rows import Row, insert_rows
from perfsys.tenancy.scope import use_tenant

SLUG = "globex"
MANY = 2_500  # visits of one customer


def begin(connected: Connection, now: datetime) -> SyncRun:
    run: SyncRun = SyncRun.objects.create(
        connection=connected, key=uuid4().hex, state="done", asked_at=now, started_at=now, finished_at=now
    )
    return run


@writing_in_bulk()
def bring(run: SyncRun, named: Iterator[tuple[str, str, bool]], now: datetime) -> None:
    """A record for each (type, number, whether it is that thing itself), as a sync leaves them."""
    stream = {True: "things", False: "visits"}
    place = Record.objects.count()
    while chunk := list(islice(named, 1_000)):
        plan_anew()
        rows: list[Row] = []
        for n, (_kind, _number, own) in enumerate(chunk, place):
            rows.append(
                {
                    "connection_id": run.connection_id,
                    "stream": stream[own],
                    "external_id": f"R{n:07}",
                    "title": f"设备科反馈运行 6 个月无异响，第 {n} 次",
                    "happened_at": now - timedelta(days=n % 40, minutes=n % 600),
                    "data": {"visit_id": f"R{n:07}", "type": "电话"},
                    "digest": f"{n:032}",
                    "first_seen_at": now,
                    "changed_at": now,
                    "run_id": run.pk,
                }
            )
        made = sorted(insert_rows(Record, rows, returning=["external_id", "id"]))
        references = [
            {"record_id": pk, "type": kind, "number": number, "is_own": own}
            for (_external, pk), (kind, number, own) in zip(made, chunk, strict=True)
        ]
        insert_rows(RecordReference, references)
        place += len(chunk)


def attached(run: SyncRun, now: datetime) -> tuple[float, float]:
    """Step by step, as the worker does it: seconds in all, and of the longest step."""
    payload: dict[str, Any] | None = {"run": run.pk}
    longest = whole = 0.0
    while payload is not None:
        asked, again = payload, None

        def step(asked: dict[str, Any] = asked) -> None:
            nonlocal again
            again = tasks.attach_evidence(payload=asked, now=now)

        took = timed(step)
        whole, longest = whole + took, max(longest, took)
        payload = again.payload if again else None
    return whole, longest


def written_plainly(now: datetime) -> float:
    """As many rows of evidence as there are, of other records' making: the floor."""
    today = local_date(now)
    goals = list(EvidenceItem.objects.values_list("goal_id", flat=True))
    rows: list[Row] = [
        {
            "goal_id": goal,
            "at": now,
            "local_on": today,
            "source": Source.IMPORT,
            "source_key": f"plain:{n}",
            "type": "customer",
            "number": "C10008",
            "note": "设备科反馈运行 6 个月无异响",
        }
        for n, goal in enumerate(goals)
    ]

    def write() -> None:
        for start in range(0, len(rows), 1_000):
            insert_rows(EvidenceItem, rows[start : start + 1_000])

    took = timed(write)
    EvidenceItem.objects.filter(source_key__startswith="plain:")._raw_delete(connection.alias)
    return took


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    with ground() as analyze:
        fill(SLUG, options.people)
        people = cast(SLUG, options.people)
        now = timezone.now()
        with use_tenant(TENANTS[SLUG]):
            keeper = Employee.objects.order_by("pk")[0]
            connected = Connection.objects.create(
                name="CRM", adapter="rest_json", owner=keeper, state="on", made_at=now
            )
            for stream in ("things", "visits"):
                StreamState.objects.create(connection=connected, stream=stream, read_at=now)
            naming = Goal.objects.filter(status=Status.PUBLISHED).exclude(evidence_number="").order_by("pk")
            named = list(naming.values_list("evidence_type", "evidence_number"))
            run = begin(connected, now)
            turns = (
                (*named[n % len(named)], n < len(named)) for n in range(options.records)
            )  # each thing itself, then what happened to some
            took = {"bringing the records, untouched by goals": timed(lambda: bring(run, turns, now))}
        analyze()
        with use_tenant(TENANTS[SLUG]):
            whole, longest = attached(run, now)
            took |= {"attaching them all": whole, "of it the longest step": longest}
            pieces = EvidenceItem.objects.count()
            goals = EvidenceItem.objects.values("goal").distinct().count()
            took["the same again, nothing new"] = attached(run, now)[0]
            took["as many rows, written plainly"] = written_plainly(now)
            few, many = _goals_of(people["employee"].employee)
            alike = list(naming.exclude(pk__in=[few.pk, many.pk]).values_list("pk", flat=True)[:200])
            Goal.objects.filter(pk__in=[*alike]).update(evidence_type="customer", evidence_number="C-shared")
            Goal.objects.filter(pk=many.pk).update(evidence_type="customer", evidence_number="C-many")
            Goal.objects.filter(pk=few.pk).update(evidence_type="customer", evidence_number="C-few")
            run = begin(connected, now)
            bring(run, iter([("customer", "C-shared", False)] * 500), now)
            took["500 visits of one customer whom 200 goals name"] = attached(run, now)[0]
            run = begin(connected, now)
            bring(run, iter([("customer", "C-few", False)] * 5 + [("customer", "C-many", False)] * MANY), now)
            attached(run, now)
        analyze()
        print(f"{options.people} people, {options.records} records, {pieces} pieces of evidence on {goals} goals")
        print("| Work | seconds |\n|---|---|")
        for name, seconds in took.items():
            print(f"| {name} | {seconds:.2f} |")
        print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")
        with use_tenant(TENANTS[SLUG]):
            bare_goal = Goal.objects.filter(owner=people["employee"].employee).exclude(pk__in=[few.pk, many.pk])[0]
            EvidenceItem.objects.filter(goal=bare_goal).delete()
            piece = EvidenceItem.objects.filter(goal=many).order_by("-at")[0]
        goals_at = f"/t/{SLUG}/goals/"
        pages = {
            "a goal without a record": f"{goals_at}{bare_goal.public_id}/",
            "a goal with five": f"{goals_at}{few.public_id}/",
            f"a goal with {MANY}": f"{goals_at}{many.public_id}/",
            "all of these": f"{goals_at}{many.public_id}/evidence/all/",
            "a record": f"{goals_at}{many.public_id}/evidence/{piece.public_id}/",
        }
        measure(people["employee"].client, pages, options.rounds)


def _goals_of(owner: Employee) -> tuple[Goal, Goal]:
    first, second, *_others = Goal.objects.filter(owner=owner, status=Status.PUBLISHED).order_by("pk")
    return first, second


def measure(client: Any, pages: dict[str, str], rounds: int) -> None:
    """Medians of so many rounds, the bare view before each page."""
    took: dict[str, list[float]] = {name: [] for name in ("bare", *pages)}
    for _round in range(rounds + 1):  # the first warms up
        for name, address in pages.items():
            took["bare"].append(1000 * timed(lambda: client.get("/probe/")))
            took[name].append(1000 * timed(lambda address=address: client.get(address)))  # type: ignore[misc]
    bare = statistics.median(took["bare"][len(pages) :])
    print(f"bare view {bare:.1f} ms\n| Page | ms | / bare | queries | KB |\n|---|---|---|---|---|")
    for name, address in pages.items():
        with CaptureQueriesContext(connection) as asked:
            answer = client.get(address)
        middle = statistics.median(took[name][1:])
        print(f"| {name} | {middle:.1f} | {middle / bare:.1f}x | {len(asked)} | {len(answer.content) / 1000:.0f} |")


if __name__ == "__main__":
    main()

"""A source that does everything wrong at once: every row arrives once or is set aside, and whoever keeps it is told."""

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import stamina

from integrations import events
from integrations.actions import sync as syncing
from integrations.actions.watch import watch
from integrations.adapters.base import RetryLater
from integrations.models import (
    Connection,
    Gap,
    GapKind,
    QuarantinedRow,
    RawRecord,
    Record,
    RunState,
    StreamState,
    SyncRun,
)
from integrations.reach import ATTEMPTS
from perfsys.notices.models import Notice
from perfsys.tenancy.scope import use_tenant
from tests.integrations.adapters.stub import Answered, Asked, Reset, serving
from tests.integrations.conftest import NOW, ask, held, sync, work_on
from tests.integrations.fakes import visit

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
ROWS, A_PAGE = 60, 5
FIELDS = [
    {"name": "id", "required": True},
    {"name": "at", "type": "time", "required": True},
    {"name": "amount", "type": "decimal"},
]
STREAM = {"name": "visits", "path": "/visits", "key": ["id"], "cursor": "at", "happened": "at", "fields": FIELDS}


@pytest.fixture(autouse=True)
def no_waiting() -> Iterator[None]:
    with stamina.set_testing(True, attempts=ATTEMPTS):
        yield


@dataclass
class Troubled:
    """Hands out its rows in pages that come out of order and some of them twice. Before a page it may cut the line,
    stop in the middle of it, answer in the middle of a word, ask for patience or fail; from its seventh page on a
    column has another name, and two of its rows hold an amount that is none."""

    seed: int
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        numbers = list(range(ROWS))
        pages = [numbers[start : start + A_PAGE] for start in range(0, ROWS, A_PAGE)]
        self.order = [*pages, *self.chance.sample(pages, 4)]
        self.chance.shuffle(self.order)

    def row(self, number: int, page: int) -> dict[str, Any]:
        row = visit(number)
        if number in (7, 23):
            row["amount"] = "viel"
        elif page >= 7:
            row["betrag"] = row.pop("amount")
        return row

    def __call__(self, asked: Asked) -> Answered:
        kinds = [*[""] * 7, "reset", "cut", "half", "429", "503", "500", "patience"]
        fault = self.chance.choice(kinds)
        self.faults.append(fault)
        place = int(asked.params.get("after", 0))
        rows = [self.row(number, place) for number in self.order[place]]
        following = str(place + 1) if place + 1 < len(self.order) else None
        body = {"items": rows, "next": following, "total": ROWS}
        match fault:
            case "reset":
                raise Reset
            case "cut":
                return 200, {"Content-Length": "9999", "Connection": "close"}, b'{"items": ['
            case "half":
                return 200, {}, json.dumps(body).encode()[:-40]
            case "429":
                return 429, {"Retry-After": "1"}, {}
            case "patience":
                return 429, {"Retry-After": "120"}, {}
            case "503" | "500":
                return int(fault), {}, {}
        return 200, {}, body


@pytest.mark.parametrize("seed", range(4))
def test_every_row_arrives_once_or_is_set_aside(connect: Any, settings: Any, anna: Any, seed: int) -> None:
    source = Troubled(seed)
    with serving(source) as server:
        settings.INTEGRATION_INTRANET = [f"acme=127.0.0.1:{server.server_port}"]
        paging = {"param": "after", "next": "next"}
        config = {"base_url": server.address, "records": "items", "total": "total", "paging": paging}
        connection = connect(adapter="rest_json", config={**config, "streams": [STREAM]})
        run = sync(connection)
    assert run.state == RunState.DONE, run.error
    assert len({"reset", "cut", "half", "429", "503", "500", "patience"} & set(source.faults)) >= 5
    expected = sorted(f"V{number:03}" for number in range(ROWS) if number not in (7, 23))
    assert sorted(held(connection)) == expected
    counts = run.counts["visits"]
    with use_tenant(1):
        aside = QuarantinedRow.objects.values_list("external_id", "reason")
        assert sorted(aside) == [("V007", "not_decimal"), ("V023", "not_decimal")]
        # A row that stands on two pages, before and behind the change of the column, was said twice.
        assert len(expected) <= RawRecord.objects.count() <= len(expected) + counts["repeated"]
        assert StreamState.objects.get().watermark == visit(ROWS - 1)["at"]
        assert Record.objects.filter(deleted_at=None).count() == len(expected)
        kinds = set(Gap.objects.filter(closed_at=None).values_list("kind", flat=True))
        told = set(Notice.objects.filter(to=anna.employee).values_list("kind", flat=True))
    assert counts["pulled"] - counts["repeated"] == ROWS == counts["source"]
    assert GapKind.COUNT not in kinds and GapKind.UNREACHABLE not in kinds
    assert events.ROWS_SET_ASIDE in told


def test_away_for_three_days_it_is_told_once_and_loses_nothing(
    connect: Any, shelf: Any, anna: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.hold([visit(1)])
    connection = connect(schedule="every 240 minutes", next_due_at=NOW)
    first = sync(connection)
    assert first.state == RunState.DONE

    def away(*_: Any, **__: Any) -> Iterator[Any]:
        raise RetryLater("unreachable", host="crm.example.com")

    opened: list[timedelta] = []
    with monkeypatch.context() as out_of_reach:
        out_of_reach.setattr(shelf, "pages", away)
        for hours in range(4, 76, 4):
            now = NOW + hours * HOUR
            with use_tenant(1):
                syncing.begin_due(now=now)
                run = SyncRun.objects.filter(connection=connection).order_by("-pk").first()
            assert run is not None
            while (again := work_on(run, now=now)) is not None:
                now += again.after
            with use_tenant(1):
                watch(now=now)
                opened += [gap.opened_at - NOW for gap in Gap.objects.filter(closed_at=None)]
                assert StreamState.objects.get().watermark == visit(1)["at"]
    assert len(set(opened)) == 1 and opened[0] <= 6 * HOUR  # of a sync due after four, two hours after
    with use_tenant(1):
        told = Notice.objects.filter(to=anna.employee)
        assert [notice.kind for notice in told] == [events.GAP_TOLD[GapKind.UNREACHABLE]]
    shelf.hold([visit(number) for number in range(1, 40)])
    back = ask(connection, now=NOW + 77 * HOUR)
    assert work_on(back, now=NOW + 77 * HOUR) is None
    assert len(held(connection)) == 39
    with use_tenant(1):
        assert not Gap.objects.filter(closed_at=None).exists()
        assert Notice.objects.get(to=anna.employee).state == Notice.State.DONE
        assert Connection.objects.get().state == "on"

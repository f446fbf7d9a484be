"""What a correct system makes of 120 days of a MES (tests/data/mes.expected.json), by the ready-made configuration
alone: handed in as a file, read out of its tables, mapped."""

import json
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path

import pytest

from integrations.actions import connection as actions
from integrations.adapters.base import HandedIn
from integrations.models import Connection, Gap, QuarantinedRow, Record, RecordReference, RunState, StreamState
from integrations.presets import PRESETS
from perfsys.tenancy.scope import use_tenant
from tests.integrations.conftest import NOW, sync

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parents[1] / "data"
EXPECTED = json.loads((DATA / "mes.expected.json").read_text())
ROWS = {"work_orders": 1119, "defects": 3569, "shifts": 2272, "lines": 11}


@pytest.fixture
def mes(connect) -> Connection:
    preset = PRESETS["mes_file"]
    connection: Connection = connect(adapter=preset.adapter, preset=preset.name, config=dict(preset.config))
    with use_tenant(1):
        files = [HandedIn("MES.sqlite", (DATA / "mes.sqlite").read_bytes())]
        actions.hand_in_files(connection=connection, files=files, actor=None, now=NOW)
        connection.runs.all().delete()  # the reading it asked for; the test asks for its own
    return connection


def test_the_tables_of_a_mes(mes):
    first, second = sync(mes), sync(mes, now=NOW + timedelta(hours=1))
    assert (first.state, second.state) == (RunState.DONE, RunState.DONE), (first.error, second.error)
    for stream, number in ROWS.items():
        assert (first.counts[stream]["created"], first.counts[stream]["source"]) == (number, number), stream
        assert not second.counts[stream].get("created") and not second.counts[stream].get("changed"), stream
    assert second.counts["defects"]["pulled"] == 1  # its last row is where it begins
    assert second.counts["shifts"]["pulled"] < 400  # two weeks
    with use_tenant(1):
        assert by_month_and_line() == EXPECTED["months"]
        assert not QuarantinedRow.objects.exists() and not Gap.objects.exists()
        assert Record.objects.count() == sum(ROWS.values())
        assert RecordReference.objects.filter(type="work_order", is_own=True).count() == ROWS["work_orders"]
        state = StreamState.objects.get(stream="shifts")
        assert (state.watermark, state.covered_until.date().isoformat()) == ("2026-11-20", "2026-11-19")


def by_month_and_line():
    """Closed work orders by month of planned start and line, with the scrap and rework of their defects."""
    wasted: dict[str, Counter[str]] = defaultdict(Counter)
    for data in Record.objects.filter(stream="defects").values_list("data", flat=True):
        wasted[data["work_order"]][data["kind"]] += data["quantity"]
    found: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for data in Record.objects.filter(stream="work_orders", data__state="CLOSED").values_list("data", flat=True):
        lost = wasted[data["number"]]
        sums = {"orders": 1, "plan_qty": data["planned"], "scrap": lost["S"], "rework": lost["R"]}
        found[data["starts_on"][:7]][data["line"]].update(sums)
    return {month: {line: dict(sums) for line, sums in lines.items()} for month, lines in found.items()}

"""What a correct system makes of 120 days of CRM pages and PLM files (tests/data/*.expected.json), by the ready-made
configurations alone."""

import json
from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from integrations.actions.behaviour import RuleWords, make_rule
from integrations.adapters.base import digest_of
from integrations.models import (
    Batch,
    BatchState,
    Connection,
    DropFile,
    Gap,
    GapKind,
    QuarantinedRow,
    RawRecord,
    Record,
    RecordReference,
    RunState,
    Secret,
    StreamState,
)
from integrations.presets import PRESETS
from integrations.queries.behaviour import at_rest
from integrations.sealing import seal
from perfsys.demo.crm import SampleCrm, serving
from perfsys.demo.plm import dropped
from perfsys.tenancy.scope import use_tenant
from tests.integrations.conftest import NOW, sync

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parents[1] / "data"
CRM, PLM = (json.loads((DATA / f"{name}.expected.json").read_text()) for name in ("crm", "plm"))
HOUR = timedelta(hours=1)


@pytest.fixture
def of_preset(connect):
    """A connection of a preset, with what it asks for."""

    def made(name, **filled) -> Connection:
        preset = PRESETS[name]
        return connect(adapter=preset.adapter, preset=name, config={**preset.config, **filled})

    return made


def test_the_pages_of_a_crm(of_preset, settings):
    with serving(SampleCrm(token="token-of-acme")) as server:
        settings.INTEGRATION_INTRANET = [f"acme=127.0.0.1:{server.server_port}"]
        connection = of_preset("crm", base_url=server.address)
        with use_tenant(1):
            sealed = seal({"token": "token-of-acme"}, tenant_id=1, connection_id=connection.pk)
            Secret.objects.create(connection=connection, set_at=NOW, **sealed._asdict())
        first, second = sync(connection), sync(connection, now=NOW + HOUR)
    assert (first.state, second.state) == (RunState.DONE, RunState.DONE), (first.error, second.error)
    for stream in ("customers", "opportunities", "visits"):
        counts, again, expected = first.counts[stream], second.counts[stream], CRM[stream]
        assert (counts["pulled"], counts["source"]) == (expected["lines"], expected["unique"])
        assert counts.get("repeated", 0) == expected["lines"] - expected["unique"]
        assert counts["created"] + counts.get("deleted", 0) == expected["unique"]
        assert again["unchanged"] == expected["unique"]
        assert not again.get("created") and not again.get("changed") and not again.get("deleted")
    with use_tenant(1):
        held = Counter(Record.objects.values_list("stream", flat=True))
        assert held == {stream: CRM[stream]["unique"] for stream in held}
        assert RawRecord.objects.count() == sum(held.values())
        assert Record.objects.exclude(deleted_at=None).count() == CRM["deleted_customers"]
        opportunities = Record.objects.filter(stream="opportunities")
        assert opportunities.filter(data__amount_wan=None).count() == CRM["opportunities_without_amount"]
        own = RecordReference.objects.filter(is_own=True)
        assert (own.count(), RecordReference.objects.count()) == (40, 40 + 320 + 760)
        assert not QuarantinedRow.objects.exists()
        assert not Gap.objects.exists()
        at_rest_in_the_crm(connection)
        alive = StreamState.objects.get(stream="customers").records
        assert alive == CRM["customers"]["unique"] - CRM["deleted_customers"]


def at_rest_in_the_crm(connection):
    """Opportunities whose stage is two weeks old, without those that were lost: the rule finds what counting does."""
    words = RuleWords(
        name="商机两周没有更新",
        connection=connection,
        stream="opportunities",
        date_field="stage_entered_at",
        days=14,
        person_field="owner_no",
        filter=[{"field": "current_stage", "op": "ne", "value": "输单"}],
    )
    rule = make_rule(words=words, key="crm", actor=None, now=NOW)
    zone = ZoneInfo("Asia/Shanghai")
    found = at_rest(rule, date(2026, 11, 20), zone)
    open_ones = Record.objects.filter(stream="opportunities").exclude(data__current_stage="输单")
    counted = [one for one in open_ones if one.happened_at.astimezone(zone).date() <= date(2026, 11, 6)]
    assert found.count() == len(counted) > 200


@pytest.mark.parametrize("way", ["folder", "handed in"])
def test_the_files_of_a_plm(of_preset, settings, tmp_path, way):
    files = dict(dropped())
    assert len(files) == 121
    if way == "folder":
        settings.INTEGRATION_DROPS = tmp_path
        folder = tmp_path / "acme" / "plm"
        folder.mkdir(parents=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
        connection = of_preset("plm", folder="plm")
    else:
        connection = of_preset("plm", folder="")
        with use_tenant(1):
            DropFile.objects.bulk_create(
                DropFile(connection=connection, name=name, content=content, digest=digest_of(name, content), at=NOW)
                for name, content in files.items()
            )
    run = sync(connection)
    assert run.state == RunState.DONE, run.error
    agree_with_plm()
    again = sync(connection, now=NOW + HOUR)
    # The one that was cut off is looked at again, as often as it lies there; nothing comes of it.
    assert not any(again.counts["changes"].values())
    agree_with_plm()


def agree_with_plm() -> None:
    with use_tenant(1):
        alive = Record.objects.filter(deleted_at=None)
        by_day = Counter(on.isoformat() for on in alive.values_list("batch_on", flat=True))
        assert by_day == PLM["rows_by_day"]
        assert Counter(alive.values_list("data__kind", flat=True)) == PLM["totals"]
        assert StreamState.objects.get().records == sum(PLM["totals"].values())
        gaps = {(gap.kind, gap.on.isoformat()) for gap in Gap.objects.all()}
        assert gaps == {
            *((GapKind.MISSING, on) for on in PLM["missing_days"]),
            *((GapKind.TRUNCATED, one["day"]) for one in PLM["truncated"]),
        }
        assert Gap.objects.filter(closed_at=None).count() == len(gaps)
        for resent in PLM["resent"]:
            of_day = Batch.objects.filter(on=date.fromisoformat(resent["day"])).order_by("revision")
            assert [batch.name for batch in of_day] == resent["files"]
            assert of_day.get(state=BatchState.LOADED).name == resent["valid"]
        assert not QuarantinedRow.objects.exists()

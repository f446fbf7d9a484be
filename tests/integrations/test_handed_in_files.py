"""What is handed in last counts, and none of it is held before its turn."""

from datetime import timedelta

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from integrations.actions.connection import DoesNotFit, hand_in_files
from integrations.adapters.base import HandedIn
from integrations.models import Batch, BatchState, Connection, RunState, SyncRun
from integrations.presets import PRESETS
from integrations.reading import prepare
from perfsys.tenancy.scope import use_tenant
from tests.integrations.adapters.test_read_files_of_a_day import a_file
from tests.integrations.conftest import NOW, ask, done, held, work_on

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
NAME = "PLM_20261119.csv"


def version(letter):
    return HandedIn(NAME, a_file(f"图纸,HR-DW-1,A.1,,HR0454,released,,{letter},2026-11-19 08:00"))


@pytest.fixture
def plm(connect):
    return connect(adapter="csv_drop", preset="plm", config=dict(PRESETS["plm"].config))


@pytest.fixture
def hand_in(plm, anna):
    def handed(letter, after):
        with use_tenant(1):
            return hand_in_files(connection=plm, files=[version(letter)], actor=anna.employee, now=NOW + after * HOUR)

    return handed


def read(plm, after):
    """The run that handing in has begun; else another one."""
    now = NOW + after * HOUR
    with use_tenant(1):
        run = SyncRun.objects.filter(state=RunState.WAITING).first()
    run = run or ask(plm, now=now)
    assert work_on(run, now=now) is None
    with use_tenant(1):
        run.refresh_from_db()
    return done(run)


def says(plm):
    [record] = held(plm).values()
    return record.title


def counts(plm):
    with use_tenant(1):
        return sorted(Batch.objects.values_list("state", flat=True))


def test_an_earlier_file_handed_in_again_stands_for_its_day(plm, hand_in):
    for hour, (letter, new) in enumerate([("一", 1), ("二", 1), ("一", 1), ("一", 0)]):
        assert hand_in(letter, after=2 * hour).new == new
        read(plm, after=2 * hour + 1)
        assert says(plm) == letter
    assert counts(plm) == [BatchState.LOADED, BatchState.REPLACED]
    read(plm, after=9)
    with use_tenant(1):
        streams = [{**one, "due": "10:00"} for one in plm.config["streams"]]
        Connection.objects.update(config={**plm.config, "streams": streams})
        plm.refresh_from_db()
    read(plm, after=10)
    assert says(plm) == "一"  # read with another configuration too


def test_between_two_readings_too(plm, hand_in):
    for hour, letter in enumerate("一二一"):
        hand_in(letter, after=hour)
    read(plm, after=3)
    assert says(plm) == "一"
    assert read(plm, after=4).pulled == 0


def test_contents_are_loaded_one_at_a_time(plm, hand_in):
    for hour, letter in enumerate("一二三"):
        hand_in(letter, after=hour)
    with (
        use_tenant(1),
        CaptureQueriesContext(
            database,
        ) as queries,
    ):
        files = prepare(plm, now=NOW).context.handed_in
    assert not any('"content"' in query["sql"] for query in queries)
    assert [file.content for file in files] == [version(letter).content for letter in "一二三"]


def test_a_configuration_that_its_adapter_no_longer_understands_takes_none(plm, hand_in):
    plm.config = {"streams": [{"name": "changes"}]}
    with pytest.raises(DoesNotFit):
        hand_in("一", after=0)

"""A row that does not fit waits, with the reason, until the source or the mapping is mended, or somebody drops it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils.translation import override

from integrations import events
from integrations.actions import sync as syncing
from integrations.adapters.base import UNREADABLE, Field
from integrations.models import QuarantinedRow, QuarantineState, RawRecord
from integrations.showing import as_it_came
from perfsys.audit.models import AuditEntry
from perfsys.jobs.models import Job
from perfsys.notices.models import Notice
from perfsys.tenancy.scope import use_tenant
from tests.integrations.conftest import NOW, done, held, sync
from tests.integrations.fakes import VISITS, visit

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
LATER = NOW + 3 * HOUR


def aside(state=QuarantineState.WAITING):
    with use_tenant(1):
        return list(QuarantinedRow.objects.filter(state=state).order_by("pk"))


def replay(rows, now=LATER):
    with use_tenant(1):
        return syncing.replay(rows=rows, actor=None, now=now)


def test_it_waits_with_the_reason_and_the_rest_goes_on(connection, shelf):
    shelf.hold([visit(1), visit(2, at=""), visit(3, amount="viel")])
    counts = done(sync(connection))
    assert (counts.pulled, counts.created, counts.quarantined) == (3, 1, 2)
    missing, unreadable = aside()
    assert (missing.external_id, missing.reason, missing.words) == ("V002", "field_missing", {"field": "at"})
    assert (unreadable.reason, unreadable.payload["amount"]) == ("not_decimal", "viel")


def test_those_who_look_at_it_read_nothing_beyond_the_mapping():
    with override("zh-hans"):
        said = as_it_came(visit(1, amount="viel", phone="13800000000"), VISITS)
        assert 'amount: "viel"' in said and 'note.text: "拜访 1"' in said
        assert said.endswith("不显示：phone") and "138" not in said
        assert as_it_came({UNREADABLE: ["V1", "张三, 一"]}, VISITS) == "•• ┊ ••, •"
        assert as_it_came({"id": "V1", "phone": "138"}, None).endswith("不显示：id、phone")


def test_it_waits_once_however_often_it_comes(connection, shelf):
    bad = visit(2, at="")
    shelf.hold([bad, bad], [bad])
    counts = done(sync(connection))
    assert (counts.quarantined, counts.repeated) == (1, 2)
    counts = done(sync(connection, now=NOW + HOUR))
    assert (counts.quarantined, counts.repeated) == (1, 2)
    assert len(aside()) == 1


def test_a_page_without_a_single_good_row_goes_through(connection, shelf):
    shelf.hold([{}, {"id": "V001"}], [visit(3)])
    assert done(sync(connection)).created == 1
    assert [row.external_id for row in aside()] == ["", "V001"]


def test_what_was_held_before_stays_as_it_was(connection, shelf):
    shelf.hold([visit(1)])
    sync(connection)
    shelf.hold([visit(1, amount="viel")])
    sync(connection, now=NOW + HOUR)
    assert held(connection)["V001"].data["amount"] == "1.5"


def test_mended_in_the_source_it_waits_no_longer(connection, shelf):
    shelf.hold([visit(1, at="")])
    sync(connection)
    shelf.hold([visit(1)])
    assert done(sync(connection, now=NOW + HOUR)).created == 1
    assert aside() == []
    assert aside(QuarantineState.REPLAYED)[0].ended_at == NOW + HOUR


def test_mended_in_the_mapping_it_is_taken_in_as_part_of_its_run(connection, shelf):
    shelf.hold([visit(1, amount="viel", gone=None), visit(2, at="")])
    run = sync(connection)
    fields = [one for one in VISITS.fields if one.name != "amount"]
    shelf.declared = [replace(VISITS, fields=[*fields, Field("amount", "amount")])]
    replayed = replay(aside())
    assert (replayed.taken, replayed.still) == (1, 1)
    record = held(connection)["V001"]
    assert (record.data["amount"], record.run_id, record.changed_at) == ("viel", run.pk, LATER)
    with use_tenant(1):
        assert RawRecord.objects.get(record=record).payload["amount"] == "viel"
        jobs = Job.objects.filter(kind="goals.evidence").order_by("pk")
        assert [job.payload for job in jobs] == [{"run": run.pk}]
        entry = AuditEntry.objects.get(verb=events.ROWS_REPLAYED)
        assert (entry.subject_id, entry.details) == (connection.pk, {"rows": 2})
    assert [row.external_id for row in aside()] == ["V002"]
    assert replay(aside(QuarantineState.REPLAYED)).taken == 0


def test_one_that_still_does_not_fit_says_why_now(connection, shelf):
    shelf.hold([visit(1, amount="viel")])
    sync(connection)
    fields = [one for one in VISITS.fields if one.name != "amount"]
    shelf.declared = [replace(VISITS, fields=[*fields, Field("price", "price", "whole", required=True)])]
    assert replay(aside()).still == 1
    assert [(row.reason, row.words) for row in aside()] == [("field_missing", {"field": "price"})]


def test_of_a_stream_that_is_no_longer_read_it_stays(connection, shelf):
    shelf.hold([visit(1, at="")])
    sync(connection)
    shelf.declared = []
    assert replay(aside()).still == 1


def test_taking_in_an_older_row_says_nothing_about_a_later_one(connection, shelf):
    shelf.hold([visit(1, amount="viel")])
    sync(connection)
    shelf.hold([visit(1, at="")])
    sync(connection, now=NOW + HOUR)
    fields = [one for one in VISITS.fields if one.name != "amount"]
    shelf.declared = [replace(VISITS, fields=fields)]
    assert replay(aside()).taken == 1
    assert [row.reason for row in aside()] == ["field_missing"]


def test_dropped_it_stays_dropped(connection, shelf, anna):
    shelf.hold([visit(1, at=""), visit(2)])
    sync(connection)
    with anna.scope:
        assert syncing.drop_rows(rows=aside(), actor=anna.employee, now=LATER) == 1
        assert syncing.drop_rows(rows=aside(QuarantineState.DROPPED), actor=anna.employee, now=LATER) == 0
        assert AuditEntry.objects.get(verb=events.ROWS_DROPPED).actor_name == "Anna"
    counts = done(sync(connection, now=LATER))
    assert (counts.quarantined, counts.unchanged) == (0, 2)
    assert aside() == []


def test_the_owner_hears_of_it_once_a_day_and_no_more_when_all_are_seen_to(connection, shelf, anna):
    shelf.hold([visit(1, at="")])
    sync(connection)
    shelf.hold([visit(1, at=""), visit(2, at="")])
    sync(connection, now=NOW + HOUR)
    with use_tenant(1):
        [told] = Notice.objects.filter(kind=events.ROWS_SET_ASIDE)
        assert (told.to_id, told.params["count"], told.state) == (anna.employee.pk, 1, Notice.State.OPEN)
        assert told.url.endswith(f"/{connection.public_id}/")
        syncing.drop_rows(rows=QuarantinedRow.objects.all(), actor=anna.employee, now=LATER)
        told.refresh_from_db()
        assert told.state == Notice.State.DONE
    shelf.hold([visit(3, at="")])
    sync(connection, now=NOW + 24 * HOUR)
    with use_tenant(1):
        assert Notice.objects.filter(kind=events.ROWS_SET_ASIDE).count() == 2

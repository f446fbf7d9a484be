"""A figure is contested with proof, looked at, and decided with a reason (product.md §5.7)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections

from integrations import events, tasks
from integrations.actions import disputes as actions
from integrations.actions.connection import StaleVersion
from integrations.actions.disputes import after_work_days
from integrations.models import (
    DECIDED,
    DataDispute,
    DisputeFile,
    DisputeState,
    DisputeStep,
    MetricDefinition,
    MetricValue,
    Record,
    Subject,
    SubjectLink,
    SyncRun,
)
from integrations.queries.disputes import record_named, unit_and_digits, value_now
from integrations.queries.sides import Named
from integrations.queries.standing import standing_of
from perfsys.audit.models import AuditEntry
from perfsys.jobs.models import Job
from perfsys.jobs.workdays import WorkCalendar
from perfsys.notices.models import Notice
from perfsys.people.models import OrgUnit
from tests.conftest import assert_page_queries
from tests.integrations.orders import compute, metric, take_in
from tests.integrations.test_metrics import BY_SHIPPING
from tests.jobs.three_times import run_three_times

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)  # Friday
ON = date(2026, 11, 18)
REGION = Named("sales_region:浙东", "浙东")


@pytest.fixture(autouse=True)
def _on_that_day(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def people(cast: Any) -> Any:
    """Marta owns the metric, Ada contests it; Bob is a colleague, Henk the HR partner, Anna the administrator."""
    marta = cast("acme", "marta")
    found = {
        "marta": marta,
        "ada": cast("acme", "ada", manager=marta),
        "bob": cast("acme", "bob", manager=marta),
        "henk": cast("acme", "henk", hrbp=True),
        "anna": cast("acme", "anna", admin=True),
    }
    for person in found.values():
        person.client.force_login(person.account)
    return type("People", (), found)


@pytest.fixture
def definition(people: Any) -> MetricDefinition:
    """One day of orders by region, with its figures."""
    with people.ada.scope:
        connection = take_in(people.marta.employee, {})
        made = metric("订单额（BI）", people.marta.employee, connection, "bi_snapshot", BY_SHIPPING)
        compute(made)
        version = made.versions.get()
        MetricValue.objects.create(
            of=version, on=ON, subject=None, numerator=1234, rows=3, as_of=NOW, standing="settled", computed_at=NOW
        )
        return made


def contest(definition: MetricDefinition, claimant: Any, subject: Named = REGION, **more: Any) -> DataDispute:
    given = {
        "first_on": ON, "last_on": ON, "claim": "三号的一张订单没有算进来", "proof": actions.Proof(), "press": "",
        "now": NOW, **more,
    }  # fmt: skip
    return actions.open_dispute(definition=definition, subject=subject, claimant=claimant.employee, **given)


def told(kind: str) -> list[str]:
    return [one.to.name for one in Notice.objects.filter(kind=kind).select_related("to").order_by("pk")]


def test_it_goes_to_the_owner_of_the_metric_with_a_day_in_work_days(people, definition):
    with people.ada.scope:
        made = contest(definition, people.ada, Named(""), press="p")
        assert contest(definition, people.ada, Named(""), press="p") == made
        assert (made.assigned_to, made.due_on) == (people.marta.employee, date(2026, 11, 27))
        assert (made.value, made.state) == (Decimal(1234), DisputeState.SUBMITTED)
        assert told(events.DISPUTE_FOR_YOU) == ["Marta"]
        [entry] = AuditEntry.objects.filter(verb=events.DISPUTE_OPENED)
        assert set(entry.details) == {"metric", "on"}  # kept for ever: neither whose figure nor what it was


def test_a_version_that_is_only_announced_changes_no_unit_and_two_units_have_no_sum(people, definition):
    """What was counted in yuan is not written in ten thousands of yuan, nor added to such."""
    with people.ada.scope:
        version = definition.versions.get()
        version.pk, version.number, version.unit_of_measure, version.digits = None, 2, "万元", 0
        version.effective_on, version.state, version._state.adding = ON + timedelta(days=1), "announced", True
        version.save()
        assert unit_and_digits(definition, ON) == ("元", 2)
        assert unit_and_digits(definition, ON + timedelta(days=1)) == ("万元", 0)
        assert value_now(definition, "", ON - timedelta(days=300), ON) == 1234
        assert value_now(definition, "", ON, ON + timedelta(days=1)) is None
    page = people.henk.client.get(f"/t/acme/disputes/new/{definition.public_id}/?first=0001-01-01&last={ON}")
    assert "1,234.00</b> 元" in page.content.decode()
    page = people.henk.client.get(f"/t/acme/disputes/new/{definition.public_id}/?first={ON}&last=2026-11-19")
    assert "不能相加" in page.content.decode()


def test_a_figure_is_that_of_whoever_the_subject_was_on_its_day(people, definition):
    with people.ada.scope:
        version = definition.versions.get()
        same = {"connection": version.connection, "of": "other", "first_seen_at": NOW, "counted_at": NOW}
        region = Subject.objects.create(kind="sales_region", value="浙东", **same)
        day = timedelta(days=1)
        MetricValue.objects.bulk_create(
            MetricValue(of=version, on=ON - n * day, subject=region, numerator=10**n, rows=1, as_of=NOW,
                        standing="settled", computed_at=NOW)
            for n in range(3)
        )  # fmt: skip
        SubjectLink.objects.create(subject=region, employee=people.ada.employee, starts_on=ON - day, how="hand", at=NOW)
        assert value_now(definition, f"employee:{people.ada.employee.public_id}", ON - 2 * day, ON) == 11
        assert value_now(definition, REGION.key, ON - 2 * day, ON) == 100


def test_days_off_do_not_count():
    calendar = WorkCalendar(2026, 2026, {date(2026, 10, 1): False, date(2026, 10, 2): False})
    assert after_work_days(calendar, date(2026, 9, 30), 1) == date(2026, 10, 5)


def test_nobody_decides_about_what_they_contest(people, definition):
    with people.ada.scope:
        made = contest(definition, people.marta)
        assert made.assigned_to == people.henk.employee
        assert made.escalated_at is not None


def test_the_figure_is_disputed_until_it_is_decided(people, definition):
    with people.ada.scope:
        made = contest(definition, people.ada)
        assert standing_of(definition, REGION.key, ON).dispute == made
        assert not standing_of(definition, REGION.key, ON - timedelta(days=1)).is_disputed
        assert not standing_of(definition, "", ON).is_disputed
        said = {"dispute": made, "actor": people.marta.employee, "now": NOW}
        actions.decide(version=1, is_corrected=False, reason="收货省份在苏南", **said)
        assert not standing_of(definition, REGION.key, ON).is_disputed


def test_it_is_taken_up_asked_about_answered_and_corrected_and_all_are_told(people, definition):
    with people.ada.scope:
        made = contest(definition, people.ada, Named(""))
        marta = {"dispute": made, "actor": people.marta.employee, "now": NOW}
        actions.take_up(**marta)
        actions.take_up(**marta)
        actions.ask_for_more(question="订单号是多少？", **marta)
        said = {"text": "SO1", "files": [("单.txt", b"SO1")], "actor": people.ada.employee, "press": "p"}
        for _ in range(2):
            actions.answer(dispute=made, now=NOW, **said)
        made.refresh_from_db()
        assert made.state == DisputeState.IN_REVIEW
        MetricValue.objects.filter(subject=None).update(numerator=2000)
        with pytest.raises(StaleVersion):
            actions.decide(version=1, is_corrected=True, reason="补录", **marta)
        actions.decide(version=made.version, is_corrected=True, reason="补录了一单", **marta)
        made.refresh_from_db()
        assert (made.value, made.value_after, made.state) == (1234, 2000, DisputeState.CORRECTED)
        states = DisputeStep.objects.order_by("pk").values_list("state", flat=True)
        assert list(states) == ["submitted", "in_review", "more_information", "in_review", "corrected"]
        assert told(events.DISPUTE_MOVED) == told(events.DISPUTE_QUESTION) == told(events.DISPUTE_CORRECTED) == ["Ada"]
        assert told(events.DISPUTE_ANSWER) == ["Marta"]
        assert not Notice.objects.filter(kind=events.DISPUTE_FOR_YOU, state=Notice.State.OPEN).exists()
        with pytest.raises(actions.AlreadyDecided):
            actions.take_up(**marta)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_decide_at_one_moment_one_does(people, definition):
    with people.ada.scope:
        made = contest(definition, people.ada)
    together = Barrier(2)

    def decide(person, is_corrected):
        try:
            with person.scope:
                together.wait(60)
                said = {"version": made.version, "reason": "已核对", "actor": person.employee, "now": NOW}
                actions.decide(dispute=made, is_corrected=is_corrected, **said)
        except actions.AlreadyDecided:
            return "too late"
        finally:
            connections.close_all()
        return DisputeState.CORRECTED if is_corrected else DisputeState.UPHELD

    with ThreadPoolExecutor(2) as pool:
        came = list(pool.map(decide, (people.marta, people.henk), (True, False)))
    with people.ada.scope:
        made.refresh_from_db()
        assert sorted(came) == sorted([made.state, "too late"])
        assert DisputeStep.objects.filter(dispute=made, state__in=DECIDED).count() == 1
        assert AuditEntry.objects.filter(verb=events.DISPUTE_DECIDED).count() == 1
        others = (
            1 if made.decided_by == people.marta.employee else 2
        )  # Ada, and Marta, who owns it, where Henk was first
        assert len(told(events.DISPUTE_CORRECTED) + told(events.DISPUTE_UPHELD)) == others


def test_it_can_be_handed_to_the_hr_partner_who_decides_then(people, definition):
    with people.ada.scope:
        made = contest(definition, people.ada)
        for _ in range(2):
            assert actions.escalate(dispute=made, actor=people.ada.employee, now=NOW) == people.henk.employee
        made.refresh_from_db()
        assert made.assigned_to == people.henk.employee
        assert told(events.DISPUTE_FOR_YOU) == ["Marta", "Henk"]


def test_what_is_overdue_is_told_once(people, definition):
    with people.ada.scope:
        contest(definition, people.ada)
        tasks.remind_of_disputes(payload={}, now=NOW + timedelta(days=7))
        assert told(events.DISPUTE_DUE) == []
    run_three_times(tasks.remind_of_disputes, payload={}, now=NOW + timedelta(days=8))
    with people.ada.scope:
        assert sorted(told(events.DISPUTE_DUE)) == ["Henk", "Marta"]


# --- pages ------------------------------------------------------------------------------------------------------------


def lets_one_pass(content):
    return content == b"%PDF"


def test_somebody_contests_a_figure_in_the_browser_and_hands_in_a_file(people, definition, settings, tmp_path):
    settings.MEDIA_ROOT, settings.ATTACHMENT_SCANNER = tmp_path, f"{__name__}.lets_one_pass"
    whole = f"/t/acme/disputes/new/{definition.public_id}/?subject="
    address = f"{whole}&first={ON}&last={ON}"
    page = people.henk.client.get(f"{whole}&first=0001-01-01&last={ON}").content.decode()
    assert "1,234.00" in page
    assert "2025-11-17" in page  # no further back than a year
    typed = {"first_on": ON, "last_on": ON, "claim": "三号的一张订单没有算进来", "key": "once"}
    wrong = {**typed, "proofs": SimpleUploadedFile("a.exe", b"MZ"), "number": "SO0"}
    answer = people.henk.client.post(address, wrong)
    assert answer.status_code == 422
    assert "不支持“a.exe”这类文件" in answer.content.decode()
    wrong["proofs"] = SimpleUploadedFile("a.pdf", b"MZ")
    assert "与文件名不符" in people.henk.client.post(address, wrong).content.decode()
    handed = [SimpleUploadedFile("单.pdf", b"%PDF"), SimpleUploadedFile("毒.pdf", b"%PDF of another kind")]
    answer = people.henk.client.post(address, {**typed, "proofs": handed})
    assert answer.status_code == 302
    page = people.henk.client.get(answer.url).content.decode()
    assert "三号的一张订单没有算进来" in page
    assert "作出结论" not in page  # not one's own
    with people.ada.scope:
        file, other = DisputeFile.objects.order_by("pk")
        payloads = [job.payload for job in Job.objects.filter(kind="integrations.scan")]
    assert people.marta.client.get(f"/t/acme/disputes/proofs/{file.public_id}/").status_code == 404  # not looked at yet
    for payload in payloads:
        run_three_times(tasks.scan_proof, payload=payload, now=NOW)
    run_three_times(tasks.remove_orphans, payload={}, now=NOW)
    with people.ada.scope:
        other.refresh_from_db()
        assert other.held == "refused" and [one.suffix for one in tmp_path.rglob("*.*")] == [".pdf"]
    assert people.marta.client.get(f"/t/acme/disputes/proofs/{other.public_id}/").status_code == 404
    assert "被检查移除" in people.henk.client.get(answer.url).content.decode()
    download = people.marta.client.get(f"/t/acme/disputes/proofs/{file.public_id}/")
    assert (download.content, download["Content-Type"]) == (b"%PDF", "application/octet-stream")
    assert download["Content-Disposition"].startswith("attachment")


def test_nobody_contests_the_figure_of_a_colleague(people, definition):
    address = f"/t/acme/disputes/new/{definition.public_id}/"
    for person, status in ((people.ada, 200), (people.marta, 200), (people.bob, 404)):
        asked = {"subject": f"employee:{people.ada.employee.public_id}"}
        assert person.client.get(address, asked).status_code == status
    with people.ada.scope:
        unit = OrgUnit.objects.get()
    for subject in ("", REGION.key, "sales_region:无名"):
        assert people.bob.client.get(address, {"subject": subject}).status_code == 404
    assert people.bob.client.get(address, {"subject": f"unit:{unit.public_id}"}).status_code == 200  # his own
    assert people.henk.client.get(address).status_code == 200  # the whole
    with people.ada.scope:
        definition.versions.update(state="draft", announced_at=None)  # it can be dropped: nobody contests it yet
    assert people.henk.client.get(address).status_code == 404


def test_a_record_is_named_only_where_it_is_behind_the_contested_figure(definition, people):
    with people.ada.scope:
        run = SyncRun.objects.get()
        seen = {"connection": run.connection, "run": run, "first_seen_at": NOW, "changed_at": NOW, "digest": "0" * 32}
        regions = {"浙江": "浙东", "江苏": "苏南"}
        Record.objects.bulk_create(
            Record(stream="region_map", external_id=one, data={"province": one, "region": to}, **seen)
            for one, to in regions.items()
        )
        mine, _theirs, _late = Record.objects.bulk_create(
            Record(stream="bi_snapshot", external_id=number, data={"on": on, "province": of, "amount": "5"}, **seen)
            for number, on, of in (
                ("1", "2026-11-18", "浙江"),
                ("2", "2026-11-18", "江苏"),
                ("3", "2026-11-19", "浙江"),
            )
        )
        of_region = (definition, REGION.key, ON, ON)
        assert [record_named(*of_region, number) for number in ("1", "2", "3", "")] == [mine, None, None, None]
        assert record_named(definition, "", ON, ON, "2") is not None


def test_what_was_said_is_read_by_those_it_concerns(people, definition):
    with people.ada.scope:
        made = contest(definition, people.ada)
    address = f"/t/acme/disputes/{made.public_id}/"
    for person in (people.ada, people.marta, people.henk):
        assert made.claim in person.client.get(address).content.decode()
    assert people.bob.client.get(address).status_code == 404
    answer = people.anna.client.get(address)  # that it exists
    assert (answer.status_code, made.claim in answer.content.decode()) == (200, False)
    assert "订单额（BI）" not in people.bob.client.get("/t/acme/disputes/").content.decode()


def test_it_is_decided_in_the_browser_with_a_reason(people, definition):
    with people.ada.scope:
        made = contest(definition, people.ada)
    address = f"/t/acme/disputes/{made.public_id}/"
    assert people.marta.client.post(f"{address}decide/", {"outcome": "upheld", "version": 1}).status_code == 422
    said = {"outcome": "upheld", "version": 1, "reason": "收货省份在苏南"}
    assert people.ada.client.post(f"{address}decide/", said).status_code == 403
    assert people.marta.client.post(f"{address}decide/", said).status_code == 302
    page = people.ada.client.get(address).content.decode()
    assert "收货省份在苏南" in page
    assert "维持原数" in page
    assert people.marta.client.post(f"{address}take-up/").status_code == 409


def test_a_figure_that_was_called_corrected_and_is_the_same_says_that_it_waits_for_its_source(people, definition):
    with people.ada.scope:
        made = contest(definition, people.ada)
    address = f"/t/acme/disputes/{made.public_id}/"
    assert "还没有变。" in people.marta.client.get(address).content.decode()
    said = {"outcome": "corrected", "version": 1, "reason": "补录了一单"}
    assert people.marta.client.post(f"{address}decide/", said).status_code == 302
    assert "数字还没有变" in people.ada.client.get(address).content.decode()


@pytest.mark.parametrize("number", [1, 10])
def test_the_list_asks_the_same_number_of_queries_however_many_there_are(people, definition, number):
    with people.ada.scope:
        for _ in range(number):
            contest(definition, people.ada)
    # 1 session, 1 account, 1 scope, 1 employee, 1 people near, 2 how one stands to them, 1 count, 1 disputes,
    # 1 metrics, 1 inbox
    assert_page_queries(people.marta.client, "/t/acme/disputes/", 11)

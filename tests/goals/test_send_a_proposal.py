"""A proposal and its trail of three steps (product.md §5.5): sent on a goal or held by a system, it counts with all
three."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goals import tasks
from goals.actions.evidence import attach_records
from goals.actions.goal import StaleVersion
from goals.actions.matching import judge_some
from goals.actions.proposal import AlreadyWithdrawn, Proof, prove_step, send_proposal, withdraw_proposal
from goals.actions.trail import GoalNotOpen
from goals.models import Alignment, EvidenceItem, Goal, ImprovementProposal, StepProof
from goals.queries.evidence import standing_evidence
from goals.queries.health import stale_goals
from goals.queries.match import matches
from integrations.models import EvidenceType, ProposalStep, Record, RecordReference
from perfsys.common import files
from perfsys.common.proofs import checked, shortened
from perfsys.jobs.models import Job
from tests.conftest import page_queries
from tests.jobs.three_times import run_three_times

from .conftest import NOW, TODAY
from .records import System

STEPS = list(ProposalStep)
LATER = NOW + timedelta(days=20)
AFTERWARDS = datetime(2099, 1, 1, tzinfo=UTC)


@pytest.fixture
def leaf(line):
    return line[2]


@pytest.fixture
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def proof(text="改为两级检验", **more):
    return Proof(on=TODAY, text=text, **more)


def send(goal, owner, key="once", **more):
    about = {"title": "磨削工序改为在线检测", "number": "", "proof": proof(), "actor": owner, "now": NOW} | more
    return send_proposal(goal=goal, key=key, **about)


def prove(one, step, by, version=None, key="", now=NOW, **more):
    seen = ImprovementProposal.objects.get(pk=one.pk).version if version is None else version
    about = {"proof": proof(f"{step.value} 的数据", **more), "key": key or f"{step.value} {seen}"}
    return prove_step(proposal=one, version=seen, step=step, actor=by, now=now, **about)


def prove_all(one, by, now=NOW):
    for step in STEPS[1:]:
        one = prove(one, step, by, now=now)
    return one


def evidence_part(goal):
    line = Alignment.objects.select_related("parent").get(child=goal, is_primary=True)
    line.child = Goal.objects.get(pk=goal.pk)
    (match,) = matches([line], today=TODAY)
    return next(part for part in match.parts if part.part == "evidence")


def test_it_counts_once_all_three_steps_are_proved_and_is_a_sign_of_life_then(leaf, company):
    with_it = send(leaf, company.ada, now=LATER)
    assert not with_it.counts and not standing_evidence().filter(goal=leaf).exists()
    prove(with_it, STEPS[2], company.ada, now=LATER)
    assert stale_goals(LATER.date()).filter(pk=leaf.pk).exists()  # two of three are none
    whole = prove(with_it, STEPS[1], company.ada, now=LATER)
    (piece,) = standing_evidence().filter(goal=leaf)
    assert whole.counts and (piece.type, piece.number) == ("proposal", whole.number)
    assert not stale_goals(LATER.date()).filter(pk=leaf.pk).exists()


def test_the_match_asks_for_evidence_and_finds_it_with_the_third_step(leaf, company):
    judge_some(now=NOW)
    one = send(leaf, company.ada, number="TA-17")
    prove(one, STEPS[1], company.ada)
    assert not evidence_part(leaf).applies
    prove(one, STEPS[2], company.ada)
    assert (evidence_part(leaf).points, evidence_part(leaf).of) == (25, 25)
    withdraw_proposal(proposal=one, because="重复提交", actor=company.ada, now=NOW)
    assert not evidence_part(leaf).applies


def test_pressed_twice_it_is_one_and_so_is_a_step(leaf, company):
    one = send(leaf, company.ada)
    assert send(leaf, company.ada).pk == one.pk
    for _click in range(2):
        prove(one, STEPS[1], company.ada, version=1, key="step")
    assert (ImprovementProposal.objects.count(), StepProof.objects.count()) == (1, 2)


def test_a_correction_keeps_what_was_said_and_one_that_read_an_older_trail_is_told_so(leaf, company):
    one = prove_all(send(leaf, company.ada), company.ada)
    prove(one, STEPS[1], company.ada, key="mended", number="QC-1102")
    said = StepProof.objects.filter(proposal=one, step=STEPS[1]).order_by("pk")
    assert [(row.number, row.replaced_at) for row in said] == [("", NOW), ("QC-1102", None)]
    assert standing_evidence().filter(goal=leaf).count() == 1
    with pytest.raises(StaleVersion):
        prove(one, STEPS[2], company.ada, version=1, key="late")


def handed(content=b"%PDF-1.7 before 3.1 %, after 1.9 %", name="对比.pdf"):
    return name, content


def test_a_file_goes_with_a_step_to_whoever_reads_the_goal_and_a_correction_keeps_it_or_takes_it_out(
    leaf, founded, ada, bob, media
):
    with ada.scope:
        page = f"/t/acme/proposals/{send(leaf, founded.ada).public_id}/"
    upload = SimpleUploadedFile("../对比.pdf", handed()[1])
    typed = {"on": TODAY, "text": "前后各两周", "key": "a", "version": "1", "handed": upload}
    assert ada.client.post(f"{page}steps/verification/", typed).status_code == 302
    with ada.scope:
        address = f"/t/acme/proposals/files/{StepProof.objects.get(step='verification').file_id}/"
    assert address in ada.client.get(page).content.decode()
    answer = ada.client.get(address)
    assert answer.content == handed()[1] and answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"].startswith("attachment") and "sandbox" in answer["Content-Security-Policy"]
    assert bob.client.get(address).status_code == bob.client.get(page).status_code
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(is_private=True)
    assert bob.client.get(address).status_code == 404
    for number, more, name in ((2, {}, "对比.pdf"), (3, {"without_file": "on"}, "")):
        again = {"on": TODAY, "text": f"第 {number} 稿", "key": f"{number}", "version": number} | more
        assert ada.client.post(f"{page}steps/verification/", again).status_code == 302
        with ada.scope:
            assert StepProof.objects.get(step="verification", replaced_at=None).file_name == name
    for name, content in (("a.exe", b"MZ"), ("a.pdf", b"<html>"), ("a.png", b"<svg/>"), ("a.txt", b"a\0b")):
        wrong = {**typed, "key": name, "version": "4", "handed": SimpleUploadedFile(name, content)}
        refused = ada.client.post(f"{page}steps/benefit/", wrong)
        assert refused.status_code == 422 and refused.context["form"].errors["handed"]


@pytest.mark.parametrize(("is_clean", "held"), [(True, ""), (False, "refused")])
def test_a_scanner_looks_at_it_first(leaf, founded, ada, media, settings, is_clean, held):
    settings.ATTACHMENT_SCANNER = f"{__name__}.{'finds_nothing' if is_clean else 'finds_something'}"
    with ada.scope:
        one = prove(send(leaf, founded.ada), STEPS[1], founded.ada, file=handed())
        prove(one, STEPS[1], founded.ada, key="again")  # takes the file over, which is being looked at
        row = StepProof.objects.filter(step=STEPS[1]).last()
        payload = Job.objects.get(kind="goals.scan").payload
    address = f"/t/acme/proposals/files/{row.file_id}/"
    assert ada.client.get(address).status_code == 404
    run_three_times(tasks.scan_proof, payload=payload, now=NOW)
    assert ada.client.get(address).status_code == (200 if is_clean else 404)
    assert ("检查移除" in ada.client.get(f"/t/acme/proposals/{one.public_id}/").content.decode()) != is_clean
    with ada.scope:
        assert set(StepProof.objects.filter(step=STEPS[1]).values_list("held", flat=True)) == {held}
        tasks.remove_orphans(payload={}, now=AFTERWARDS)
        assert default_storage.exists(row.file) == is_clean
        StepProof.objects.all().delete()
        tasks.remove_orphans(payload={}, now=AFTERWARDS)
    assert not default_storage.exists(row.file)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("表.csv", "工序,节拍\n磨削,42".encode("utf-16")),
        ("表.csv", "工序,节拍\n磨削,42".encode("gb18030")),
        ("报告.pdf", b"\xef\xbb\xbf%PDF-1.7"),
    ],
)
def test_what_spreadsheets_and_printers_really_write_is_taken(name, content):
    assert checked(SimpleUploadedFile(name, content)) == (name, content)


def test_a_long_name_keeps_its_ending():
    assert shortened("改" * 250 + ".pdf") == "改" * 196 + ".pdf"
    assert shortened("对比.pdf") == "对比.pdf"


def test_nobody_waits_while_the_scanner_thinks_and_a_correction_meanwhile_is_given_free_too(
    leaf, founded, ada, media, settings, monkeypatch
):
    settings.ATTACHMENT_SCANNER = f"{__name__}.finds_nothing"
    locks = []

    def thinks(*_args, **_more):
        locks.append([query["sql"] for query in asked.captured_queries if "FOR UPDATE" in query["sql"]])
        prove(one, STEPS[1], founded.ada, key="meanwhile")
        return ""

    monkeypatch.setattr(files, "verdict", thinks)
    with ada.scope:
        one = prove(send(leaf, founded.ada), STEPS[1], founded.ada, file=handed())
        with CaptureQueriesContext(connection) as asked:
            tasks.scan_proof(payload=Job.objects.get(kind="goals.scan").payload, now=NOW)
        assert list(StepProof.objects.filter(step=STEPS[1]).values_list("held", flat=True)) == ["", ""]
    assert locks == [[]]
    assert "goals_improvementproposal" in asked.captured_queries[-2]["sql"]  # then a correction waits for the word


def finds_nothing(content):
    assert content == handed()[1]
    return True


def finds_something(content):
    return False


def test_what_is_withdrawn_counts_no_more_and_takes_no_further_step(leaf, company):
    one = prove_all(send(leaf, company.ada), company.ada)
    for _click in range(2):
        withdraw_proposal(proposal=one, because="重复提交", actor=company.ada, now=NOW)
    assert not standing_evidence().filter(goal=leaf).exists() and EvidenceItem.objects.filter(goal=leaf).count() == 1
    with pytest.raises(AlreadyWithdrawn):
        prove(one, STEPS[1], company.ada, key="again")
    assert StepProof.objects.filter(proposal=one).count() == 3


def test_nothing_is_sent_on_a_goal_that_is_closed(leaf, company):
    Goal.objects.filter(pk=leaf.pk).update(status="closed", outcome="achieved", closed_at=NOW)
    with pytest.raises(GoalNotOpen):
        send(leaf, company.ada)


def test_records_of_a_system_count_together_and_lose_it_together(leaf, company):
    Goal.objects.filter(pk=leaf.pk).update(evidence_type="proposal", evidence_number="TA-9")
    system = System(company.anna, NOW, name="提案系统")

    def read(step, deleted=None):
        record = system.bring(f"R-{step}", ("proposal", "TA-9"), title=f"TA-9 {step}", at=NOW, stream="steps")
        RecordReference.objects.filter(record=record).update(step=step)
        return record

    judge_some(now=NOW)
    parts = [read(step) for step in STEPS[:2]]
    assert attach_records(now=NOW, run_id=system.run.pk).new == 0
    assert evidence_part(leaf).points == 0
    system.begin()
    parts.append(read(STEPS[2]))
    assert attach_records(now=NOW, run_id=system.run.pk).new == 3  # two of them came with an earlier sync
    assert evidence_part(leaf).points == 25
    assert attach_records(now=NOW, run_id=system.run.pk).new == 0

    system.begin()
    system.delete(parts[0])
    assert attach_records(now=NOW, run_id=system.run.pk).gone == 3
    assert evidence_part(leaf).points == 0 and not standing_evidence().filter(goal=leaf).exists()


FIRST = {"key": "once", "title": "磨削工序改为在线检测", "on": "2026-11-02", "text": "已提交班组"}


def test_on_the_pages_the_owner_sends_it_and_the_manager_sees_how_far_it_is(leaf, ada, marta, henk):
    goal = f"/t/acme/goals/{leaf.public_id}/"
    assert f"{goal}proposals/new/" in ada.client.get(goal).content.decode()
    assert f"{goal}proposals/new/" in ada.client.get(f"{goal}evidence/all/").content.decode()
    nothing = ada.client.post(f"{goal}proposals/new/", FIRST | {"text": ""})
    assert nothing.status_code == 422 and 'role="alert"' in nothing.content.decode()
    for _click in range(2):
        assert ada.client.post(f"{goal}proposals/new/", FIRST).status_code == 302
    with ada.scope:
        one = ImprovementProposal.objects.get()
    page = f"/t/acme/proposals/{one.public_id}/"
    assert "核验数据" in marta.client.get(goal).content.decode()
    assert "磨削工序改为在线检测" in marta.client.get(page).content.decode()

    step = {"key": "a", "version": "1", "on": "2026-11-02", "link": "https://files.example/qc.xlsx"}
    future = ada.client.post(f"{page}steps/verification/", step | {"on": "2026-12-02"})
    assert future.status_code == 422
    assert ada.client.post(f"{page}steps/verification/", step).status_code == 302
    stale = ada.client.post(f"{page}steps/benefit/", step | {"key": "b", "text": "每件省 0.8 元"})
    assert stale.status_code == 409 and "每件省 0.8 元" in stale.content.decode()
    assert ada.client.post(f"{page}steps/benefit/", step | {"key": "b", "version": "2"}).status_code == 302
    assert "计为证据" in marta.client.get(goal).content.decode()
    assert page in ada.client.get(f"{goal}evidence/all/").content.decode()
    assert ada.client.post(f"{page}withdraw/", {"because": "重复提交"}).status_code == 302
    assert "重复提交" in ada.client.get(page).content.decode()
    assert ada.client.get(f"{page}steps/other/").status_code == 404


def test_a_record_is_named_by_kind_and_number_or_refused(leaf, ada, founded):
    with ada.scope:
        System(founded.anna, NOW).bring("QC-7", ("report", "QC-7", True), title="十月磨削质检报告", at=NOW)
    address = f"/t/acme/goals/{leaf.public_id}/proposals/new/"
    named = FIRST | {"text": "", "record_type": EvidenceType.REPORT, "record_number": "QC-8"}
    assert ada.client.post(address, named).status_code == 422
    answer = ada.client.post(address, named | {"record_number": "QC-7"}, follow=True)
    assert "十月磨削质检报告" in answer.content.decode()
    with ada.scope:
        address = f"/t/acme/proposals/{ImprovementProposal.objects.get().public_id}/steps/submission/"
        Record.objects.update(deleted_at=NOW)  # gone in its system: it proved the step all the same
    filled = ada.client.get(address).content.decode()
    assert 'value="QC-7"' in filled and '<option value="report" selected>' in filled
    corrected = {"version": "1", "on": "2026-11-02", "text": "更正", "record_type": "report", "record_number": "QC-7"}
    assert ada.client.post(address, corrected | {"key": "a"}).status_code == 302
    half = {"key": "b", "version": "2", "record_type": ""}
    assert ada.client.post(address, corrected | half).status_code == 422
    assert ada.client.post(address, corrected | half | {"record_number": ""}).status_code == 302
    with ada.scope:
        kept = StepProof.objects.order_by("pk").values_list("text", "record__external_id")
        assert list(kept) == [("", "QC-7"), ("更正", "QC-7"), ("更正", None)]


def test_the_goal_asks_no_query_more_whatever_their_number(leaf, ada, founded):
    address = f"/t/acme/goals/{leaf.public_id}/"
    none = len(page_queries(ada.client, address))
    with ada.scope:
        for n in range(3):
            send(leaf, founded.ada, key=str(n))
    assert len(page_queries(ada.client, address)) == none

"""Records of connected systems attach themselves to the goals that name them (product.md §5.5)."""

from datetime import UTC, date, datetime, timedelta

import pytest

from goals.actions import evidence, publishing
from goals.actions.alerts import check_health
from goals.actions.evidence import Attached, attach_records
from goals.actions.imported_goals import apply_imported_goals
from goals.actions.imported_rows import ImportedGoal
from goals.actions.standing import retell_activity
from goals.actions.trail import check_in
from goals.models import CheckIn, EvidenceItem, Goal, GoalAlert, Health, Outcome, Source, Status
from goals.queries.evidence import standing_evidence
from goals.queries.health import missing_on, stale_goals
from goals.suggestions import Missing
from goals.tasks import attach_evidence
from integrations.models import Record
from perfsys.audit.models import AuditEntry
from perfsys.jobs.handlers import handler_of
from perfsys.jobs.models import Job
from perfsys.notices.models import Notice
from tests.jobs.three_times import run_three_times

from .conftest import NOW, TODAY
from .records import System

DAY = timedelta(days=1)
CUSTOMER = ("customer", "C10008")
ITSELF = (*CUSTOMER, True)


@pytest.fixture
def leaf(company):
    """Ada's goal about customer C10008, published on 3 October and silent since."""
    *_, leaf = company.tree(now=NOW - 30 * DAY)
    Goal.objects.filter(pk=leaf.pk).update(evidence_type="customer", evidence_number="C10008")
    leaf.refresh_from_db()
    return leaf


@pytest.fixture
def crm(company):
    return System(company.anna, NOW)


def fresh(goal):
    return Goal.objects.get(pk=goal.pk)


def of_run(crm):
    return attach_records(now=NOW, run_id=crm.run.pk)


def test_it_is_declared_and_asked_for_after_each_sync(settings):
    assert handler_of("goals.evidence") is attach_evidence
    assert "goals.evidence" in settings.JOBS_AFTER_SYNC


def test_a_visit_stands_on_the_goal_that_names_the_customer(leaf, crm):
    visit = crm.bring("V1", CUSTOMER, title="设备科反馈运行 6 个月无异响", at=NOW - DAY)
    assert of_run(crm) == Attached(new=1)
    item = EvidenceItem.objects.get()
    assert (item.goal, item.record, item.source) == (leaf, visit, Source.AUTOMATIC)
    assert (item.type, item.number, item.note) == (*CUSTOMER, "设备科反馈运行 6 个月无异响")
    assert (item.at, item.local_on, item.by) == (NOW - DAY, TODAY - DAY, None)


def test_its_day_is_the_companys_own(leaf, crm):
    crm.bring("V1", CUSTOMER, at=datetime(2026, 10, 14, 17, tzinfo=UTC))
    of_run(crm)
    assert EvidenceItem.objects.get().local_on == date(2026, 10, 15)


def test_without_a_time_of_its_own_it_counts_from_when_it_was_first_seen(leaf, crm):
    crm.bring("V1", CUSTOMER)
    of_run(crm)
    assert EvidenceItem.objects.get().at == NOW


def test_the_customer_itself_is_evidence_whatever_its_age_and_a_visit_before_the_period_is_not(leaf, crm):
    crm.bring("C10008", ITSELF, stream="customers", at=NOW - 2000 * DAY)
    before = datetime(2026, 9, 30, 15, 59, tzinfo=UTC)  # 23:59 in Shanghai, a minute before the period
    crm.bring("V1", CUSTOMER, at=before)
    first = crm.bring("V2", CUSTOMER, at=before + timedelta(minutes=1))
    assert of_run(crm) == Attached(new=2)
    assert sorted(EvidenceItem.objects.values_list("record__external_id", flat=True)) == ["C10008", "V2"]
    assert EvidenceItem.objects.get(record=first).local_on == leaf.period.starts_on


def test_a_record_of_another_number_or_another_type_is_not(leaf, crm):
    crm.bring("V1", ("customer", "C10009"), at=NOW)
    crm.bring("V2", ("project", "C10008"), at=NOW)
    crm.bring("V3", at=NOW)
    assert of_run(crm) == Attached()


def test_drafts_and_closed_goals_are_left_alone(leaf, crm, company):
    draft = company.draft(company.ben, "还没发布的目标", evidence_type="customer", evidence_number="C10008")
    Goal.objects.filter(pk=leaf.pk).update(status=Status.CLOSED, outcome=Outcome.ACHIEVED, closed_at=NOW)
    visit = crm.bring("V1", CUSTOMER, at=NOW)
    assert of_run(crm) == Attached()
    Goal.objects.filter(pk=leaf.pk).update(status=Status.PUBLISHED, outcome="")
    of_run(crm)
    Goal.objects.filter(pk=leaf.pk).update(status=Status.CLOSED, outcome=Outcome.ACHIEVED)
    crm.delete(visit)
    assert of_run(crm) == Attached()  # what a closed goal rested on stays as it was
    assert standing_evidence().get().goal == leaf
    assert not EvidenceItem.objects.filter(goal=draft).exists()


def test_one_record_serves_every_goal_that_names_it(leaf, crm, company):
    other = company.draft(company.ben, "另一个目标", parent=company.draft(None, "公司目标"))
    Goal.objects.filter(pk=other.pk).update(
        status=Status.PUBLISHED,
        published_at=NOW,
        published_on=TODAY,
        evidence_type="customer",
        evidence_number="C10008",
    )
    crm.bring("V1", CUSTOMER, at=NOW)
    assert of_run(crm) == Attached(new=2)
    assert set(EvidenceItem.objects.values_list("goal", flat=True)) == {leaf.pk, other.pk}


def test_a_correction_changes_what_stands_and_nothing_else(leaf, crm):
    visit = crm.bring("V1", CUSTOMER, title="电话", at=NOW - 3 * DAY)
    of_run(crm)
    before = EvidenceItem.objects.get()
    crm.begin()
    crm.correct(visit, title="现场拜访", happened_at=NOW - 2 * DAY)
    assert of_run(crm) == Attached(changed=1)
    after = EvidenceItem.objects.get()
    assert (after.pk, after.public_id) == (before.pk, before.public_id)
    assert (after.note, after.local_on) == ("现场拜访", TODAY - 2 * DAY)


def test_what_was_deleted_in_the_source_is_gone_with_a_line_in_the_history(leaf, crm, marta):
    visit = crm.bring("V1", CUSTOMER, at=NOW)
    of_run(crm)
    crm.begin()
    crm.delete(visit)
    assert of_run(crm) == Attached(gone=1)
    assert not standing_evidence().exists()
    assert EvidenceItem.objects.get().gone_at == NOW
    line = AuditEntry.objects.get(verb="goals.evidence_gone")
    assert (line.subject_id, line.about_id, line.actor_id) == (leaf.pk, leaf.owner_id, None)


def test_it_comes_back_when_the_source_has_it_again(leaf, crm):
    visit = crm.bring("V1", CUSTOMER, at=NOW)
    of_run(crm)
    crm.delete(visit)
    of_run(crm)
    crm.correct(visit, deleted_at=None)
    assert of_run(crm) == Attached(changed=1)
    assert standing_evidence().count() == EvidenceItem.objects.count() == 1


def test_a_visit_that_moves_to_another_customer_leaves_the_goal(leaf, crm):
    visit = crm.bring("V1", CUSTOMER, at=NOW)
    of_run(crm)
    crm.begin()
    crm.correct(visit, customer_id="C10009")
    crm.is_about(visit, ("customer", "C10009"))
    assert of_run(crm) == Attached(gone=1)


def test_what_people_typed_is_never_touched(leaf, crm):
    typed = EvidenceItem.objects.create(goal=leaf, at=NOW, local_on=TODAY, type="customer", number="C10008")
    visit = crm.bring("V1", CUSTOMER, at=NOW)
    of_run(crm)
    crm.delete(visit)
    of_run(crm)
    assert standing_evidence().get() == typed


def test_it_ends_an_alert_and_moves_the_last_sign_of_life(leaf, crm):
    Goal.objects.filter(pk=leaf.pk).update(own_progress=90)
    check_health(as_of=TODAY, now=NOW)
    leaf.refresh_from_db()
    assert (GoalAlert.objects.get().state, leaf.health) == ("open", Health.WATCH)
    assert Notice.objects.filter(kind="goals.stale", state="open").exists()
    crm.bring("V1", CUSTOMER, at=NOW - 3 * DAY)
    of_run(crm)
    leaf.refresh_from_db()
    assert leaf.last_activity_on == TODAY - 3 * DAY
    assert GoalAlert.objects.get().state == "ended"
    assert not Notice.objects.filter(kind="goals.stale", state="open").exists()
    assert leaf.health == Health.IDLE  # nobody has checked in: against that, evidence does not count
    assert not stale_goals(TODAY).exists()


def test_an_old_record_is_no_sign_of_life(leaf, crm):
    check_health(as_of=TODAY, now=NOW)
    crm.bring("C10008", ITSELF, stream="customers", at=NOW - 900 * DAY)
    of_run(crm)
    assert GoalAlert.objects.get().state == "open"
    assert stale_goals(TODAY).get() == leaf


def test_a_visit_that_is_still_to_come_is_no_sign_of_life(leaf, crm):
    check_health(as_of=TODAY, now=NOW)
    crm.bring("V1", CUSTOMER, at=NOW + 2 * DAY)
    of_run(crm)
    leaf.refresh_from_db()
    assert (leaf.last_activity_on, GoalAlert.objects.get().state) == (None, "open")


def test_the_night_its_day_has_come_it_is_one(leaf, crm):
    crm.bring("V1", CUSTOMER, at=NOW + 2 * DAY)
    of_run(crm)
    moved = [(check_health(as_of=TODAY + days * DAY, now=NOW + days * DAY), fresh(leaf)) for days in range(4)]
    assert [goal.last_activity_on for _checked, goal in moved] == [None, None, TODAY + 2 * DAY, TODAY + 2 * DAY]
    assert GoalAlert.objects.get().state == "ended"
    CheckIn.objects.create(goal=leaf, at=NOW, local_on=TODAY + 3 * DAY, note="导入时写的是后天")
    once = run_three_times(check_health, as_of=TODAY + 4 * DAY, now=NOW + 4 * DAY)
    assert fresh(leaf).last_activity_on == TODAY + 3 * DAY
    assert once["goals.Goal"]


def test_a_sign_that_comes_due_never_moves_the_last_one_back(leaf, crm):
    Goal.objects.filter(pk=leaf.pk).update(last_activity_on=TODAY)
    crm.bring("V1", CUSTOMER, at=NOW - 5 * DAY)
    assert retell_activity(TODAY) == 0


def test_what_is_gone_is_no_sign_of_life_any_more(leaf, crm):
    check_in(goal=leaf, actor=None, now=NOW - 20 * DAY, note="开了个头")
    visit = crm.bring("V1", CUSTOMER, at=NOW - DAY)
    of_run(crm)
    crm.delete(visit)
    of_run(crm)
    leaf.refresh_from_db()
    assert leaf.last_activity_on == TODAY - 20 * DAY
    assert stale_goals(TODAY).get() == leaf
    assert Missing.EVIDENCE in missing_on([leaf.pk])[leaf.pk]
    check_health(as_of=TODAY, now=NOW)
    assert GoalAlert.objects.filter(state="open").count() == 1


def test_a_set_that_is_published_finds_what_its_goals_name(company, crm):
    crm.bring("PRJ-1", ("project", "PRJ-1", True), stream="projects", at=NOW - 400 * DAY)
    *_, leaf = company.tree()
    jobs = Job.objects.filter(kind="goals.evidence").order_by("pk")
    assert [leaf.pk] in [job.payload["goals"] for job in jobs]
    for job in jobs:
        attach_evidence(payload=job.payload, now=NOW)
    assert standing_evidence().filter(goal=leaf).get().record.external_id == "PRJ-1"


def test_a_set_that_is_published_again_asks_again(company):
    top = company.draft(None, "突破海外市场")
    company.publish(None)
    company.draft(None, "第二个目标", weight=0)
    publishing.publish_set(place=company.place(None), period=company.period, actor=None, now=NOW)
    asked = [job.payload["goals"] for job in Job.objects.filter(kind="goals.evidence").order_by("pk")]
    assert asked[0] == [top.pk] and len(asked) == 2


def test_goals_from_a_file_find_what_they_name_and_a_corrected_number_changes_it(company, crm):
    crm.bring("C10008", ITSELF, stream="customers", at=NOW - 400 * DAY)
    crm.bring("C10009", ("customer", "C10009", True), stream="customers", at=NOW - 400 * DAY)

    def bring(number, now):
        row = ImportedGoal("GW-1", "position", "HR0003", "拜访客户", evidence_kind="customer", evidence_no=number)
        apply_imported_goals(rows=[row], period=company.period, actor=None, now=now)
        payload = Job.objects.filter(kind="goals.evidence").latest("pk").payload
        while again := attach_evidence(payload=payload, now=now):
            payload = again.payload

    bring("C10008", NOW)
    assert standing_evidence().get().number == "C10008"
    bring("C10009", NOW + timedelta(minutes=1))
    assert standing_evidence().get().number == "C10009"
    assert Job.objects.filter(kind="goals.evidence").count() == 2
    bring("C10009", NOW + timedelta(minutes=2))  # the same file again asks for nothing
    assert Job.objects.filter(kind="goals.evidence").count() == 2


def test_it_goes_on_part_by_part_and_leaves_nothing_out(leaf, crm, monkeypatch):
    monkeypatch.setattr(evidence, "RECORDS_AT_ONCE", 3)
    for n in range(8):
        crm.bring(f"V{n}", CUSTOMER, at=NOW - n * DAY)
    payload, parts = {"run": crm.run.pk}, 0
    while again := attach_evidence(payload=payload, now=NOW):
        payload, parts = again.payload, parts + 1
    assert parts == 2
    assert standing_evidence().count() == 8


@pytest.mark.parametrize("of", ["run", "goals", "period"])
def test_running_it_three_times_is_running_it_once(company, leaf, crm, of):
    visits = [crm.bring(f"V{n}", CUSTOMER, at=NOW - n * DAY) for n in range(3)]
    of_run(crm)
    crm.begin()
    crm.delete(visits[0])
    crm.correct(visits[1], title="更正")
    crm.bring("V9", CUSTOMER, at=NOW)
    payload = {of: {"run": crm.run.pk, "goals": [leaf.pk], "period": company.period.pk}[of]}
    run_three_times(attach_evidence, payload=payload, now=NOW)
    assert sorted(standing_evidence().values_list("record__external_id", flat=True)) == ["V1", "V2", "V9"]


def test_looking_again_writes_nothing(leaf, crm):
    crm.bring("V1", CUSTOMER, at=NOW)
    of_run(crm)
    lines = AuditEntry.objects.count()
    assert of_run(crm) == attach_records(now=NOW, goal_ids=[leaf.pk]) == Attached()
    assert AuditEntry.objects.count() == lines
    assert Record.objects.count() == 1

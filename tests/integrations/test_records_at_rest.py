"""Rules over records (product.md §5.9): what lies still is told to the manager with a copy to the person, once, and
both can say that it is deliberate."""

from dataclasses import replace
from datetime import timedelta

import pytest

from integrations import tasks
from integrations.actions import behaviour as actions
from integrations.actions.behaviour import AlreadyAnswered, RuleWords, make_rule
from integrations.actions.connection import StaleVersion
from integrations.adapters.base import About, Field
from integrations.models import BehaviourAlert, BehaviourRule, FoundState, Subject, SubjectLink
from perfsys.notices.models import Notice
from perfsys.people.models import EmployeeSpan
from perfsys.tenancy.scope import use_tenant
from tests.conftest import assert_page_queries
from tests.integrations.conftest import NOW, sync
from tests.integrations.fakes import VISITS, visit
from tests.jobs.three_times import run_three_times

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
# One an hour from 1 November on: at 14 days back from the 20th are those of 1 to 6 November, V000 to V143.
OLD, LAST_OLD, FRESH = 0, 143, 144


@pytest.fixture
def crm(connect, shelf):
    fields = [*VISITS.fields, Field("owner", "owner"), Field("stage", "stage")]
    shelf.declared = [replace(VISITS, fields=fields, subjects=[About("owner", "person", "owner")])]
    return connect(name="CRM")


def brings(crm, shelf, *rows, now=NOW):
    shelf.hold(list(rows))
    sync(crm, now=now)


def row(number, owner="E-ada", **more):
    return visit(number, **{"owner": owner, "stage": "报价", **more})


def rule(crm, key="once", **more):
    words = {"name": "拜访两周没有跟进", "stream": "visits", "date_field": "at", "days": 14, "person_field": "owner"}
    with use_tenant(1):
        return make_rule(words=RuleWords(connection=crm, **(words | more)), key=key, actor=None, now=NOW)


def look(now=NOW):
    with use_tenant(1):
        return actions.look(now=now)


def alerts(**of):
    with use_tenant(1):
        return {one.record.external_id: one for one in BehaviourAlert.objects.filter(**of).select_related("record")}


def told(kind="integrations.record_at_rest"):
    with use_tenant(1):
        return sorted(Notice.objects.filter(kind=kind).values_list("to__name", "about__name"))


def test_the_manager_is_told_with_a_copy_to_the_person_and_again_to_nobody(crm, shelf, ada, marta):
    brings(crm, shelf, row(LAST_OLD), row(FRESH))
    rule(crm)
    assert (look(), look(), look(NOW + DAY)) == (1, 0, 1)  # a day later the other one is two weeks old as well
    assert sorted(alerts()) == ["V143", "V144"]
    assert told() == [("Ada", "Ada"), ("Ada", "Ada"), ("Marta", "Ada"), ("Marta", "Ada")]
    with use_tenant(1):
        one = Notice.objects.filter(to=marta.employee).earliest("pk")
        assert one.sentence == "Ada · “拜访 143”：拜访两周没有跟进"


def test_it_is_over_when_the_record_moves_and_so_is_the_reminder(crm, shelf, ada):
    brings(crm, shelf, row(OLD))
    rule(crm)
    look()
    brings(crm, shelf, row(OLD, at="2026-11-20T09:00:00+08:00"), now=NOW + DAY)
    assert look(NOW + DAY) == 0
    assert alerts()["V000"].state == FoundState.ENDED
    with use_tenant(1):
        assert set(Notice.objects.values_list("state", flat=True)) == {"done"}
    assert look(NOW + 15 * DAY) == 1  # at rest again


def test_what_is_deliberate_stays_quiet_until_the_record_moves(crm, shelf, ada, marta):
    brings(crm, shelf, row(OLD))
    rule(crm)
    look()
    with use_tenant(1):
        alert = BehaviourAlert.objects.get()
        actions.confirm(alert=alert, actor=ada.employee, note="客户年底冻结预算", now=NOW)
        with pytest.raises(AlreadyAnswered):
            actions.confirm(alert=alert, actor=marta.employee, now=NOW)
        assert set(Notice.objects.values_list("state", flat=True)) == {"confirmed"}
    assert look(NOW + DAY) == 0
    brings(crm, shelf, row(OLD, at="2026-11-02T09:00:00+08:00"), now=NOW + DAY)
    assert look(NOW + 2 * DAY) == 1  # it moved, and lies still since an older day again
    with use_tenant(1):
        newest = BehaviourAlert.objects.get(state=FoundState.OPEN)
        actions.confirm(alert=newest, actor=ada.employee, now=NOW)
        assert actions.reopen_from_inbox(subject_id=newest.pk, actor=ada.employee, now=NOW)
        assert BehaviourAlert.objects.get(pk=newest.pk).state == FoundState.OPEN


def test_conditions_narrow_it_and_whose_is_nobody_here_is_listed_and_told_to_nobody(crm, shelf, ada):
    brings(crm, shelf, row(1), row(2, stage="输单"), row(3, owner="X-9"), row(4, owner=None), row(5, gone=True))
    rule(crm, filter=[{"field": "stage", "op": "ne", "value": "输单"}])
    assert look() == 3
    assert {number: one.employee_id for number, one in alerts().items()} == {
        "V001": ada.employee.pk,
        "V003": None,
        "V004": None,
    }
    assert {to for to, _about in told()} == {"Ada", "Marta"}


@pytest.mark.parametrize(
    ("field", "op", "value", "found"),
    [
        ("amount", "gt", "100", "V003"),
        ("amount", "ge", "100", "V002 V003"),
        ("amount", "lt", "100", "V001"),
        ("amount", "le", "100.00", "V001 V002"),
        ("amount", "eq", "100.0", "V002"),
        ("amount", "in", ["9", "1000"], "V001 V003"),
        ("amount", "ne", "9", "V002 V003 V004"),
        ("stage", "in", ["报价", "输单"], "V001 V002 V004"),
        ("due", "le", "2026-11-02", "V001 V002"),
        ("due", "gt", "2026-11-02", "V003"),
        ("at", "gt", "2026-11-01", ""),
        ("at", "le", "2026-11-01", "V001 V002 V003 V004"),
        ("at", "lt", "2026-11-01 02:00", "V001"),
        ("at", "lt", "9999-12-31", "V001 V002 V003 V004"),  # as it was kept once
        ("at", "in", ["2026-10-31", "2026-11-01"], "V001 V002 V003 V004"),
    ],
)
def test_a_condition_compares_numbers_as_numbers_and_days_as_days_of_the_company(crm, shelf, field, op, value, found):
    fields = [*shelf.declared[0].fields, Field("due", "due", "day")]
    shelf.declared = [replace(shelf.declared[0], fields=fields)]
    brings(
        crm,
        shelf,
        row(1, amount="9", due="2026-11-01"),
        row(2, amount="100", due="2026-11-02", stage="输单"),
        row(3, amount="1000", due="2026-11-03", stage="签约"),
        row(4, amount=None),
    )
    rule(crm, filter=[{"field": field, "op": op, "value": value}])
    look()
    assert sorted(alerts()) == found.split()


def test_a_text_from_before_the_field_was_a_number_ends_no_look(crm, shelf):
    brings(crm, shelf, row(1, stage="一千"), row(2, stage="1000"))
    more = [replace(one, type="decimal") if one.name == "stage" else one for one in shelf.declared[0].fields]
    shelf.declared = [replace(shelf.declared[0], fields=more)]
    rule(crm, filter=[{"field": "stage", "op": "ge", "value": "1000"}])
    look()
    assert sorted(alerts()) == ["V002"]
    rule(crm, key="another", name="另一条", filter=[{"field": "stage", "op": "ne", "value": "1000"}])
    assert look() == 1  # 一千 is not 1000


def test_a_person_is_whom_the_subject_is_linked_to_on_that_day(crm, shelf, ada, bob):
    brings(crm, shelf, row(1, owner="D17"))
    with use_tenant(1):
        about = {"connection": crm, "kind": "owner", "value": "D17"}
        subject = Subject.objects.filter(**about).first() or Subject.objects.create(
            of="person", first_seen_at=NOW, counted_at=NOW, **about
        )
        for who, span in ((ada, {"ends_on": NOW.date()}), (bob, {"starts_on": NOW.date()})):
            SubjectLink.objects.create(subject=subject, employee=who.employee, how="hand", at=NOW, **span)
    rule(crm)
    look()
    assert alerts()["V001"].employee_id == bob.employee.pk


def test_it_is_told_once_it_is_known_whose_it_is_and_anew_when_it_is_somebody_elses(crm, shelf, ada, bob, marta):
    brings(crm, shelf, row(1, owner="D17"))
    rule(crm)
    look()
    assert (alerts()["V001"].employee_id, told()) == (None, [])
    with use_tenant(1):
        about = {"connection": crm, "kind": "owner", "value": "D17"}
        subject = Subject.objects.filter(**about).first() or Subject.objects.create(
            of="person", first_seen_at=NOW, counted_at=NOW, **about
        )
        link = SubjectLink.objects.create(subject=subject, employee=ada.employee, how="hand", at=NOW)
    assert (look(NOW + DAY), look(NOW + DAY)) == (0, 0)
    assert told() == [("Ada", "Ada"), ("Marta", "Ada")]
    with use_tenant(1):
        SubjectLink.objects.filter(pk=link.pk).update(employee=bob.employee)
    look(NOW + 2 * DAY)
    with use_tenant(1):
        assert BehaviourAlert.objects.get().employee == bob.employee
        notices = Notice.objects.filter(kind="integrations.record_at_rest").values_list("about__name", "state")
        assert set(notices) == {("Ada", "done"), ("Bob", "open")}


def test_of_whoever_is_away_for_long_nothing_is_asked(crm, shelf, ada):
    brings(crm, shelf, row(1))
    with use_tenant(1):
        EmployeeSpan.objects.create(
            employee=ada.employee, kind="long_leave", starts_on=NOW.date(), ends_on=NOW.date() + 2 * DAY
        )
    rule(crm)
    assert (look(), look(NOW + 2 * DAY)) == (0, 1)


def test_many_are_one_line_that_leads_to_all_of_them(crm, shelf, ada, marta):
    brings(crm, shelf, *(row(number) for number in range(9)))
    rule(crm)
    assert look() == 9
    assert told() == []
    assert told("integrations.records_at_rest") == [("Ada", None), ("Marta", None)]


def test_another_wording_ends_nothing_and_another_rule_ends_what_it_found(crm, shelf, ada):
    brings(crm, shelf, row(1))
    made = rule(crm)
    look()
    words = RuleWords("换个名字", crm, "visits", "at", 14, "owner")
    with use_tenant(1):
        made = actions.change_rule(rule=made, version=1, words=words, actor=None, now=NOW)
        assert BehaviourAlert.objects.get().state == FoundState.OPEN
        with pytest.raises(StaleVersion):
            actions.change_rule(rule=made, version=1, words=words, actor=None, now=NOW)
        actions.switch_rule(rule=made, on=False, actor=None, now=NOW)
        assert BehaviourAlert.objects.get().state == FoundState.ENDED
    assert look(NOW + DAY) == 0


def test_the_job_run_three_times_leaves_what_it_left_once(crm, shelf, ada):
    brings(crm, shelf, *(row(number) for number in range(7)))
    rule(crm)
    run_three_times(tasks.look_at_behaviour, payload={}, now=NOW)
    assert len(alerts()) == 7


def test_on_the_pages_a_rule_is_set_up_seen_and_switched(crm, shelf, ada, anna, marta):
    brings(crm, shelf, row(1), row(2, stage="输单"))
    start = "/t/acme/admin/integrations/rules/"
    assert start in anna.client.get("/t/acme/admin/integrations/").content.decode()
    assert "new/?of=" in anna.client.get(f"{start}new/").content.decode()
    typed = {
        "key": "once", "name": "拜访两周没有跟进", "date_field": "at", "days": "14", "person_field": "owner",
        "field_0": "stage", "op_0": "ne", "value_0": "",
    }  # fmt: skip
    address = f"{start}new/?of={crm.public_id}:visits"
    for wrong in ({}, {"op_0": "gt", "value_0": "报价"}, {"field_0": "at", "op_0": "le", "value_0": "昨天"}):
        assert anna.client.post(address, typed | wrong).status_code == 422
    for _click in range(2):
        assert anna.client.post(address, typed | {"value_0": "输单"}).status_code == 302
    with use_tenant(1):
        made = BehaviourRule.objects.get()
    look()
    page = anna.client.get(f"{start}{made.public_id}/").content.decode()
    assert "拜访 1" in page and "拜访 2" not in page and "Ada" not in page
    assert "拜访两周没有跟进" in anna.client.get(start).content.decode()
    assert anna.client.get(f"{start}new/?of=nonsense:visits").status_code == 404

    mine = "/t/acme/records/at-rest/"
    assert "拜访 1" in ada.client.get(mine).content.decode() and "Ada" in marta.client.get(mine).content.decode()
    alert = alerts()["V001"]
    assert anna.client.post(f"{mine}{alert.public_id}/confirm/").status_code == 404
    for _click in range(2):
        assert marta.client.post(f"{mine}{alert.public_id}/confirm/").status_code == 302
    assert alerts()["V001"].state == FoundState.CONFIRMED
    assert anna.client.post(f"{start}{made.public_id}/switch/", {"on": "0"}).status_code == 302
    assert alerts()["V001"].state == FoundState.ENDED


def test_the_pages_cost_the_same_however_much_was_found(crm, shelf, ada, anna, marta):
    brings(crm, shelf, row(0))
    one = rule(crm)
    look()
    pages = [
        # 1 session, 1 account, 1 scope, 1 person, 1 rules, 1 inbox, 1 gaps
        (anna, "/t/acme/admin/integrations/rules/", 7),
        # 1 session, 1 account, 1 scope, 1 rule, 1 count, 1 page of alerts, 1 person, 1 inbox, 1 gaps
        (anna, f"/t/acme/admin/integrations/rules/{one.public_id}/", 9),
        # 1 session, 1 account, 1 scope, 1 person, 1 count, 1 page of alerts, 1 inbox
        (marta, "/t/acme/records/at-rest/", 7),
    ]
    for who, address, number in pages:
        assert_page_queries(who.client, address, number)
    brings(crm, shelf, *(row(number) for number in range(20)))
    rule(crm, key="another", name="一周没有跟进", days=7)
    look()
    for who, address, number in pages:
        assert_page_queries(who.client, address, number)

"""Asking, answering and looking back, on the pages (product.md §2.9)."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from goals.actions import adjusting as actions
from goals.actions.adjusting import Wanted
from goals.models import AdjustmentRequest, AdjustmentSettings, Goal
from goals.queries.adjusting import Whose, mark_of
from goals.queries.versions import versions_of
from perfsys.notices.models import Notice
from perfsys.people.actions.organisation import change_manager
from tests.conftest import page_queries
from tests.goals.conftest import NOW, TODAY

LIST = "/t/acme/requests/"
DAY = timedelta(days=1)


@pytest.fixture
def pair(that_day, founded, ada):
    """Ada's published goals, 40 % and 60 %, below one of 研发中心."""
    with ada.scope:
        middle = founded.tree()[1]
        Goal.objects.filter(owner=founded.ada).delete()
        for title, weight in (("新客户", 40), ("复购", 60)):
            founded.draft(founded.ada, title, parent=middle, weight=Decimal(weight), target=Decimal(100))
        founded.publish(founded.ada)
        return list(Goal.objects.filter(owner=founded.ada).order_by("pk"))


def typed(pair, first=25, second=75, **more):
    answers = {"reason": "市场转向老客户"}
    for place, (goal, weight) in enumerate(zip(pair, (first, second), strict=True)):
        said = {
            "goal": goal.public_id,
            "version": goal.version,
            "weight": weight,
            "target": 100,
            "due_on": "2026-12-31",
        }
        answers |= {f"goals-{place}-{name}": value for name, value in said.items()}
    return answers | more


def of(goal):
    return f"/t/acme/goals/{goal.public_id}/adjust/"


@pytest.fixture
def sent(pair, founded, ada):
    with ada.scope:
        return actions.ask(
            whose=Whose("position", founded.ada),
            period=founded.period,
            wanted=[Wanted(pair[0], "target", Decimal(95))],
            reason="客户推迟了订单",
            actor=founded.ada,
            now=NOW,
        )


def test_what_the_owner_asks_reaches_the_manager_and_then_holds(pair, founded, ada, marta, henk):
    answer = ada.client.post(of(pair[0]), typed(pair))
    page = answer.url
    assert answer.status_code == 302
    assert "市场转向老客户" in marta.client.get(page).content.decode()
    with ada.scope:
        assert Notice.objects.get(to=founded.marta, kind="goals.adjustment_to_answer").url == page
    seen = marta.client.get(page).context["seen"]
    assert marta.client.post(f"{page}approve/", {"seen": seen, "note": "好"}).status_code == 302
    with ada.scope:
        assert [goal.weight for goal in Goal.objects.filter(owner=founded.ada).order_by("pk")] == [25, 75]
    for person in (ada, henk):
        assert person.client.get(page).context["state"] == "approved"
    goal = ada.client.get(f"/t/acme/goals/{pair[0].public_id}/")
    assert goal.context["goal"]["health"] == "adjusted"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"second": 70}, "weight"),
        ({"first": -5, "second": 105}, "weight"),
        ({"first": "", "second": 100}, "weight"),
        ({"reason": " "}, "reason"),
    ],
)
def test_each_refusal_stands_beside_its_field_and_nothing_typed_is_lost(pair, ada, more, field):
    answer = ada.client.post(of(pair[0]), typed(pair, **more))
    form = answer.context["form"]
    name = field if field == "reason" else "goals-0-weight"
    assert (answer.status_code, name in form.errors) == (422, True)
    assert form["goals-1-weight"].value() == str(more.get("second", 75))
    with ada.scope:
        assert not AdjustmentRequest.objects.exists()


def test_what_cannot_be_read_and_what_a_rule_refuses_are_said_at_once(pair, founded, ada, marta):
    """Of a sum nothing is said while one of its weights cannot be read, nor twice of one field."""
    wrong = {"goals-0-target": "九十", "goals-1-due_on": "2026-01-01", "reason": ""}
    answer = ada.client.post(of(pair[0]), typed(pair, 25, 70, **wrong))
    form = answer.context["form"]
    assert answer.status_code == 422
    assert set(form.errors) == {"goals-0-target", "goals-1-due_on", "reason", "goals-0-weight"}
    assert [len(found) for found in form.errors.values()] == [1, 1, 1, 1]
    assert [form[name].value() for name in ("goals-0-target", "goals-1-due_on")] == ["九十", "2026-01-01"]
    form = ada.client.post(of(pair[0]), typed(pair, "廿五", 70, **wrong)).context["form"]
    assert set(form.errors) == {"goals-0-target", "goals-1-due_on", "reason", "goals-0-weight"}
    assert "100" not in str(form.errors["goals-0-weight"]).replace("0 到 100", "")
    emptied = ada.client.post(of(pair[0]), typed(pair, "", 70, **{"goals-0-target": "九十"})).context["form"]
    assert {name: len(found) for name, found in emptied.errors.items()} == {"goals-0-target": 1, "goals-0-weight": 1}
    form = ada.client.post(of(pair[0]), typed(pair, 40, 60, reason="")).context["form"]
    assert set(form.errors) == {"reason", "__all__"}
    with ada.scope:
        assert not AdjustmentRequest.objects.exists()


def test_a_core_goal_offers_no_weight(pair, ada):
    with ada.scope:
        Goal.objects.filter(pk=pair[0].pk).update(is_core=True)
    form = ada.client.get(of(pair[0])).context["form"]
    assert "goals-0-weight" not in form.fields and "goals-0-target" in form.fields


def test_a_goal_changed_while_one_was_typing_says_what_it_is_now(pair, ada):
    with ada.scope:
        Goal.objects.filter(pk=pair[0].pk).update(weight=50, version=pair[0].version + 1)
    answer = ada.client.post(of(pair[0]), typed(pair))
    assert answer.status_code == 422
    assert "50%" in str(answer.context["form"].errors["goals-0-weight"])


def test_a_draft_is_the_askers_alone_and_is_gone_on_with(pair, ada, marta):
    page = ada.client.post(of(pair[0]), typed(pair, second=70, draft="1")).url
    assert marta.client.get(page).status_code == 404
    edit = ada.client.get(page).context["edit_url"]
    form = ada.client.get(edit).context["form"]
    weights = {goal.title: form[form.name_of(goal, "weight")].value() for goal in form.goals}
    assert (weights, form["reason"].value()) == ({"新客户": "25", "复购": "70"}, "市场转向老客户")
    ada.client.post(edit, typed(pair))
    with ada.scope:
        assert AdjustmentRequest.objects.get().state == "sent"


def test_outside_the_window_it_says_when_it_goes_out(pair, ada, time_machine):
    time_machine.move_to(NOW + 8 * DAY)
    ada.client.force_login(ada.account)
    page = ada.client.post(of(pair[0]), typed(pair)).url
    shown = ada.client.get(page)
    assert shown.context["state"] == "waiting" and "12 月 1 日" in shown.content.decode()
    assert ada.client.post(f"{page}withdraw/").status_code == 302
    assert ada.client.get(page).context["state"] == "withdrawn"


def test_a_manager_asks_for_the_whole_team_on_one_form(pair, founded, ada, marta):
    form = marta.client.get(f"{LIST}new/?team=1").context["form"]
    assert {goal.owner for goal in form.goals} == {founded.ada}
    page = marta.client.post(f"{LIST}new/?team=1", typed(pair)).url
    assert marta.client.get(page).context["steps"][0]["name"] == "Wei"
    assert ada.client.get(page).status_code == 200  # it is about her goals
    assert ada.client.get(f"{LIST}new/?team=1").status_code == 403


def test_an_approver_sees_what_moved_before_it_is_agreed(sent, pair, marta):
    page = f"{LIST}{sent.public_id}/"
    seen = marta.client.get(page).context["seen"]
    with marta.scope:
        Goal.objects.filter(pk=pair[0].pk).update(target=120, version=pair[0].version + 1)
    answer = marta.client.post(f"{page}approve/", {"seen": seen, "note": "看过了"})
    assert answer.status_code == 409
    assert "/versions/?a=" in answer.context["lines"][0]["versions_url"]  # its weight has not moved, something has
    assert "120" in answer.content.decode() and "看过了" in answer.content.decode()
    assert marta.client.post(f"{page}approve/", {"seen": answer.context["seen"]}).status_code == 302
    with marta.scope:
        assert Goal.objects.get(pk=pair[0].pk).target == 95


def test_a_no_needs_a_reason(sent, marta):
    page = f"{LIST}{sent.public_id}/"
    assert marta.client.post(f"{page}refuse/", {"no-reason": ""}).status_code == 422
    assert marta.client.post(f"{page}refuse/", {"no-reason": "展会不能动"}).status_code == 302
    assert "展会不能动" in marta.client.get(page).content.decode()
    assert marta.client.post(f"{page}refuse/", {"no-reason": "再说一次"}).status_code == 409


def test_a_colleague_finds_neither_the_request_nor_its_reason(sent, founded, pair, anna):
    assert anna.client.get(f"{LIST}{sent.public_id}/").status_code == 404
    assert "客户推迟了订单" not in anna.client.get(f"/t/acme/goals/{pair[0].public_id}/versions/").content.decode()


def test_the_hr_partner_sees_all_of_hers_and_how_fast_they_are_answered(sent, founded, ada, marta, henk):
    with ada.scope:
        actions.refuse(request=sent, reason="再看看", actor=founded.marta, now=NOW + timedelta(hours=1))
    page = henk.client.get(LIST)
    assert (page.context["show"], len(page.context["rows"])) == ("units", 1)
    (month,) = page.context["months"]
    assert (month.asked, month.answered, month.hours) == (1, 1, Decimal("1.00"))
    assert [tab["url"] for tab in ada.client.get(LIST).context["filters"]] == ["?show=answer", "?show=mine"]


def test_two_versions_stand_side_by_side_with_who_and_why(sent, pair, founded, ada, marta, anna):
    with ada.scope:
        actions.approve(request=sent, seen=mark_of([pair[0]]), actor=founded.marta, now=NOW + DAY)
    url = f"/t/acme/goals/{pair[0].public_id}/versions/"
    page = ada.client.get(url)
    assert [row["label"] for row in page.context["rows"] if row["changed"]] == ["目标值"]
    newest = page.context["versions"][0]
    assert (newest["name"], newest["why"], newest["asked_by"]) == ("Marta", "客户推迟了订单", "Ada")
    numbers = [one["number"] for one in page.context["versions"]]
    assert numbers == [3, 2, 1]
    others = anna.client.get(url).context["versions"]
    assert [(one["number"], one["why"]) for one in others] == [(3, ""), (2, "")]  # its draft was not theirs to read
    back = ada.client.get(f"{url}?a=3&b=1").context
    assert (back["before"]["number"], back["after"]["number"]) == (3, 1)


# --- who is asked -----------------------------------------------------------------------------------------------------

SETTINGS = "/t/acme/goal-settings/adjustments/"


def conditions(**more):
    given = {"window_days": 5, "always_asks": "", "weight_asks": "hrbp", "weight_over": "20", "core_asks": "hrbp"}
    return {**given, "eased_asks": "hrbp", "eased_over": "10", "late_asks": "hrbp", "version": 1, **more}


def test_a_version_that_a_later_file_made_has_the_day_of_that_file(pair, ada):
    published = datetime(2000, 1, 3, tzinfo=UTC)
    with ada.scope:
        Goal.objects.filter(pk=pair[0].pk).update(version=9, published_at=published)  # no word of it in the record
        newest = versions_of(pair[0], drafts=True)[0]
    assert newest.number == 9 and newest.at > published


def test_an_administrator_says_who_is_asked_and_looks_first(pair, founded, ada, anna):
    answer = anna.client.post(SETTINGS, conditions(always_asks="above", example="Ada", preview="1"))
    cases = {one["case"]: [step["name"] for step in one["steps"]] for one in answer.context["cases"]}
    assert list(cases.values()) == [["Marta", "Wei"], *[["Marta", "Wei", "Henk"]] * 4]
    with ada.scope:
        assert not AdjustmentSettings.objects.exists()
    assert anna.client.post(SETTINGS, conditions(always_asks="above")).status_code == 302
    page = ada.client.post(of(pair[0]), typed(pair)).url
    assert [step["name"] for step in ada.client.get(page).context["steps"]] == ["Marta", "Wei"]
    assert anna.client.post(SETTINGS, conditions()).status_code == 409
    assert anna.client.post(SETTINGS, conditions(window_days=0, example="Nobody", version=2)).status_code == 422


# --- how much a page asks ---------------------------------------------------------------------------------------------


def test_the_pages_cost_the_same_however_much_there_is(sent, pair, founded, ada, marta, henk):
    one = f"{LIST}{sent.public_id}/"
    versions = f"/t/acme/goals/{pair[0].public_id}/versions/"
    pages = [
        (ada, of(pair[0])),
        (henk, f"{LIST}?show=units"),
        (marta, one),
        (ada, versions),
        (marta, f"{LIST}new/?team=1"),
    ]
    few = [len(page_queries(person.client, url)) for person, url in pages]
    with ada.scope:
        for n in range(6):
            goal = founded.draft(founded.ada, f"目标 {n}", weight=Decimal(0), target=Decimal(10))
            Goal.objects.filter(pk=goal.pk).update(status="published", published_at=NOW, published_on=TODAY, version=2)
            actions.ask(
                whose=Whose("position", founded.ada),
                period=founded.period,
                wanted=[Wanted(Goal.objects.get(pk=goal.pk), "target", Decimal(n + 1))],
                reason="客户推迟了订单",
                actor=founded.ada,
                now=NOW,
            )
    assert [len(page_queries(person.client, url)) for person, url in pages] == few
    # To each 1 session, 1 account, 1 scope, 1 employee, 1 inbox. Beside them: 1 goal, 1 its set, 1 draft, 1 settings,
    # 1 work days; 1 how many wait, 1 how many there are, 1 page of them, 1 lines, 1 who is next, 1 months; 1 units led,
    # 1 units read, 1 request, 1 lines, 1 steps; 1 goal, 2 its history, 1 record; 1 period, 1 team, 1 goals, 1 draft,
    # 1 settings, 1 work days.
    assert few == [10, 11, 10, 9, 11]


def test_who_led_the_owner_once_reads_what_he_decided_and_nothing_else(sent, pair, founded, ada, marta):
    with ada.scope:
        about = {"period": founded.period, "whose": Whose("position", founded.ada), "now": NOW}
        wanted = [Wanted(pair[1], "target", Decimal(98))]
        own = actions.ask(wanted=wanted, reason="我替她改", actor=founded.marta, **about)
        decided = actions.refuse(request=sent, reason="先不改", actor=founded.marta, now=NOW)
    pages = [f"{LIST}{one.public_id}/" for one in (own, decided)]
    assert [marta.client.get(page).status_code for page in pages] == [200, 200]
    with ada.scope:
        change_manager(employee=founded.ada, manager=founded.wei, on=TODAY, actor=None, now=NOW)
    assert [marta.client.get(page).status_code for page in pages] == [404, 200]
    assert "我替她改" not in marta.client.get(f"{LIST}?show=mine").content.decode()
    assert ada.client.get(pages[0]).status_code == 200


def test_requests_stand_at_the_foot_of_an_hr_partners_phone(founded, henk, ada):
    tabs = {person.name: [tab["url"] for tab in person.client.get(LIST).context["tabs"]] for person in (henk, ada)}
    assert LIST in tabs["henk"] and LIST not in tabs["ada"]

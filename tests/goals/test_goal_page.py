"""A goal's page: what it shows to whom, and a check-in with one thumb (product.md §2.6, screen 3)."""

from datetime import date, timedelta
from decimal import Decimal
from uuid import uuid4

import pytest

from goals.actions import trail
from goals.actions.alerts import check_health
from goals.models import (
    Alignment,
    CheckIn,
    Comment,
    EvidenceItem,
    Goal,
    GoalAlert,
    Kind,
    Milestone,
    Obstacle,
    ObstacleCause,
    Outcome,
    Status,
)
from goals.queries import page
from perfsys.audit.models import AuditEntry
from perfsys.common.beside import Rows, beside
from perfsys.tenancy import prepared
from tests.conftest import assert_page_queries, page_queries

from .conftest import NOW, TODAY


def url(goal, step=""):
    return f"/t/acme/goals/{goal.public_id}/" + (f"{step}/" if step else "")


def text(person, goal):
    answer = person.client.get(url(goal))
    assert answer.status_code == 200
    return answer.content.decode()


def said(**more):
    return {"key": str(uuid4()), "value": "", "note": "", "confidence": ""} | more


def test_everybody_reads_a_published_goal_and_what_stands_above_it(line, anna):
    top, middle, leaf = line
    page = text(anna, leaf)
    assert leaf.title in page
    assert url(middle) in page and url(top) in page
    assert leaf.title in text(anna, middle)  # carried by


def test_only_those_who_keep_it_are_asked_how_far_it_is(line, ada, marta, henk, anna):
    leaf = line[2]
    asked = {person.name: 'id="check-in-form"' in text(person, leaf) for person in (ada, marta, henk, anna)}
    assert asked == {"ada": True, "marta": True, "henk": False, "anna": False}
    assert henk.client.post(url(leaf, "check-in"), said(value="10")).status_code == 403


def test_obstacles_are_read_by_the_owner_the_managers_and_the_hr_partner_alone(line, ada, marta, henk, anna):
    seen = {person.name: "跨系统数据不通" in text(person, line[2]) for person in (ada, marta, henk, anna)}
    assert seen == {"ada": True, "marta": True, "henk": True, "anna": False}


def test_a_check_in_moves_the_goal_and_those_above(line, ada):
    top, middle, leaf = line
    answer = ada.client.post(
        url(leaf, "check-in"), said(value="42.5", note="C 版图纸已会签", confidence="high"), follow=True
    )
    assert answer.redirect_chain == [(url(leaf), 302)]
    page = answer.content.decode()
    assert "C 版图纸已会签" in page and "43%" in page
    with ada.scope:
        assert Goal.objects.get(pk=leaf.pk).own_progress == Decimal("42.5")
        assert Goal.objects.get(pk=middle.pk).rolled_progress == Decimal("42.5")
        assert Goal.objects.get(pk=top.pk).rolled_progress == Decimal("42.5")
        assert AuditEntry.objects.filter(verb="goals.checked_in", subject_id=leaf.pk).count() == 1


def test_a_figure_with_a_target_is_asked_for_in_its_own_unit(line, ada):
    leaf = line[2]
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(target=Decimal(20), baseline=Decimal(10), unit_of_measure="款")
    assert "款" in text(ada, leaf)
    ada.client.post(url(leaf, "check-in"), said(value="15"))
    with ada.scope:
        goal = Goal.objects.get(pk=leaf.pk)
        assert (goal.last_value, goal.own_progress) == (Decimal(15), Decimal(50))
    assert "15 / 20 款" in text(ada, leaf)


def test_a_figure_to_lower_that_a_file_told_in_percent_goes_on_in_percent(line, ada):
    leaf = line[2]
    figure = {"direction": "lower", "target": Decimal(15), "unit_of_measure": "分钟"}
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(**figure, own_progress=Decimal(72))
    ada.client.post(url(leaf, "check-in"), said(value="80"))
    with ada.scope:
        goal = Goal.objects.get(pk=leaf.pk)
        assert (goal.last_value, goal.own_progress) == (None, Decimal(80))
        Goal.objects.filter(pk=leaf.pk).update(own_progress=None)
    ada.client.post(url(leaf, "check-in"), said(value="21"))
    ada.client.post(url(leaf, "check-in"), said(value="18"))  # half of the way from the first reading
    with ada.scope:
        goal = Goal.objects.get(pk=leaf.pk)
        assert (goal.last_value, goal.own_progress) == (Decimal(18), Decimal(50))


def test_a_reading_far_off_is_no_fault(line, ada):
    leaf = line[2]
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(target=Decimal("0.000001"), baseline=Decimal(0))
    far = said(value="99999999999999")
    assert ada.client.post(url(leaf, "check-in"), far).status_code == 422  # it is asked about once
    assert ada.client.post(url(leaf, "check-in"), far | {"sure": "99999999999999"}).status_code == 302
    assert "100%" in text(ada, leaf)


@pytest.mark.parametrize("value", ["abc", "NaN", "-1", "1001", "9" * 30])
def test_a_figure_that_cannot_be_is_said_so_and_what_was_typed_stays(line, ada, value):
    answer = ada.client.post(url(line[2], "check-in"), said(value=value, note="已完成台架验证"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "已完成台架验证" in page and 'role="alert"' in page
    with ada.scope:
        assert not CheckIn.objects.exists()


def test_a_check_in_that_says_nothing_is_asked_again(line, ada):
    assert ada.client.post(url(line[2], "check-in"), said()).status_code == 422


def test_a_line_alone_is_a_sign_of_life(line, ada):
    assert ada.client.post(url(line[2], "check-in"), said(note="等客户回复")).status_code == 302
    with ada.scope:
        assert Goal.objects.get(pk=line[2].pk).last_activity_on == TODAY


def test_a_double_tap_is_one_check_in(line, ada):
    once = said(value="30")
    for _ in range(2):
        assert ada.client.post(url(line[2], "check-in"), once).status_code == 302
    with ada.scope:
        assert CheckIn.objects.count() == 1


def test_a_habit_is_ticked_without_a_figure(line, ada):
    leaf = line[2]
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(kind=Kind.BEHAVIOUR, cadence_times=2, cadence_per="week")
    assert 'name="value"' not in text(ada, leaf)
    assert ada.client.post(url(leaf, "check-in"), said()).status_code == 302
    with ada.scope:
        assert CheckIn.objects.filter(goal=leaf).count() == 1


def test_a_closed_goal_takes_nothing_more_and_keeps_what_was_typed(line, ada):
    leaf = line[2]
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(status=Status.CLOSED, outcome=Outcome.ACHIEVED, closed_at=NOW)
    answer = ada.client.post(url(leaf, "check-in"), said(note="补一句"))
    assert answer.status_code == 409
    assert "补一句" in answer.content.decode()
    assert 'id="check-in-form"' not in text(ada, leaf)


def test_evidence_stands_on_the_goal(line, ada):
    leaf = line[2]
    once = {"key": str(uuid4()), "type": "document", "number": "DWG-6308-2RZ-C", "note": "4 处改动已会签"}
    for _ in range(2):
        assert ada.client.post(url(leaf, "evidence"), once).status_code == 302
    page = text(ada, leaf)
    assert "DWG-6308-2RZ-C" in page and "4 处改动已会签" in page
    with ada.scope:
        assert EvidenceItem.objects.count() == 1


def test_evidence_without_number_and_words_is_asked_again(line, ada):
    answer = ada.client.post(url(line[2], "evidence"), {"key": "k", "type": "document", "number": "", "note": ""})
    assert answer.status_code == 422


def test_a_stage_is_ticked_and_the_tick_taken_back(line, ada, anna):
    leaf = line[2]
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(kind=Kind.MILESTONE)
        stage = Milestone.objects.create(goal=leaf, title="唇口低温测试", due_on=date(2026, 11, 12))
        Milestone.objects.create(goal=leaf, title="定型评审", due_on=date(2026, 12, 12))
    tick = f"/t/acme/milestones/{stage.public_id}/tick/"
    assert tick in text(ada, leaf) and tick not in text(anna, leaf)
    for _ in range(2):
        assert ada.client.post(tick).status_code == 302
    with ada.scope:
        assert Goal.objects.get(pk=leaf.pk).own_progress == Decimal(50)
    ada.client.post(tick, {"undo": "1"})
    with ada.scope:
        assert Goal.objects.get(pk=leaf.pk).own_progress == 0
    assert anna.client.post(tick).status_code == 403


def test_an_obstacle_is_taken_in_hand_by_the_hr_partner(line, henk, ada, anna):
    with ada.scope:
        found = Obstacle.objects.get()
    address = f"/t/acme/obstacles/{found.public_id}/work/"
    typed = {"state": "in_hand", "resolution": "已约海外销售周会", "version": 1}
    assert henk.client.post(address, typed).status_code == 302
    page = text(ada, line[2])
    assert "已约海外销售周会" in page and "Henk" in page
    assert anna.client.post(address, typed).status_code == 404  # that there is one is private as well
    late = typed | {"resolution": "另一位的说法"}
    answer = ada.client.post(address, late)
    assert answer.status_code == 409 and "另一位的说法" in answer.content.decode()
    assert ada.client.post(address, typed | {"state": "gone"}).status_code == 422


def test_a_draft_leads_its_owner_to_writing_and_is_not_there_for_strangers(line, founded, ada, marta, anna):
    with ada.scope:
        draft = founded.draft(founded.ada, "还没想好的目标")
    assert f"{url(draft)}edit/" in text(ada, draft)
    assert text(marta, draft)
    assert anna.client.get(url(draft)).status_code == 404


def test_an_alert_is_answered_on_the_page(line, ada, anna):
    leaf = line[2]
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(published_on=TODAY - timedelta(days=30))
        check_health(as_of=TODAY, now=NOW)
        alert = GoalAlert.objects.get()
    confirm = f"/t/acme/alerts/{alert.public_id}/confirm/"
    assert confirm in text(ada, leaf)
    assert confirm not in text(anna, leaf)


def test_the_figures_of_the_page_cost_the_same_however_much_there_is(line, founded, ada, marta, henk, anna):
    middle, leaf = line[1:]
    # 1 session, 1 account, 1 scope, 1 employee, 1 notices; 1 goal with what the reader is to it, 1 all that stands on
    # it, 1 evidence, 1 goals above, 1 how well it supports them, 1 calendar; an administrator's shell asks for gaps;
    # 1 the goals below, where there are some
    sums = [(ada, 11), (marta, 11), (henk, 11), (anna, 12)]
    for reader, few in sums:
        assert_page_queries(reader.client, url(middle), few + 1)
        assert_page_queries(reader.client, url(leaf), few)
    with ada.scope:
        for n in range(12):
            child = founded.draft(founded.ben, f"目标 {n}", parent=middle)
            Goal.objects.filter(pk=child.pk).update(status=Status.PUBLISHED, published_at=NOW, published_on=TODAY)
            trail.check_in(goal=middle, actor=None, now=NOW - timedelta(days=n), percent=Decimal(n))
            trail.add_evidence(goal=middle, actor=None, now=NOW, type="document", number=f"D-{n}")
            Milestone.objects.create(goal=middle, title=f"阶段 {n}", due_on=TODAY)
            Obstacle.objects.create(goal=middle, cause=ObstacleCause.objects.create(name=f"障碍 {n}"))
    for reader, few in sums:
        assert_page_queries(reader.client, url(middle), few + 1)


def test_what_carries_most_stands_first_and_all_that_one_may_read_are_counted(line, founded, ada, henk, monkeypatch):
    middle = line[1]
    monkeypatch.setattr(page, "MOST_CHILDREN", 3)
    monkeypatch.setattr(prepared, "question_of", prepared.question_of.__wrapped__)  # none that was kept with another
    with ada.scope:
        shares = {"两成": 20, "没写": None, "四成": 40, "草稿": 30}
        for title, share in shares.items():
            child = founded.draft(founded.ben, title, parent=middle)
            Alignment.objects.filter(child=child).update(contribution=share)
            if title != "草稿":
                Goal.objects.filter(pk=child.pk).update(status=Status.PUBLISHED, published_at=NOW, published_on=TODAY)

    def below(person):
        context = person.client.get(url(middle)).context
        return [one["title"] for one in context["supported"]], context["supported_count"]

    # Ada is neither Ben's manager nor his HR partner; her own goal says no share and is as heavy as 没写.
    assert below(ada) == (["四成", "两成", line[2].title], 4)
    assert below(henk) == (["四成", "草稿", "两成"], 5)


def test_the_page_stays_within_its_limit_where_everything_asks_for_one_more(line, founded, ada, henk):
    leaf = line[2]
    with ada.scope:
        founded.draft(founded.ben, "还没想好的目标", parent=leaf)
        Goal.objects.filter(pk=leaf.pk).update(published_on=TODAY - timedelta(days=30))
        check_health(as_of=TODAY, now=NOW)
        GoalAlert.objects.update(told_lines_on=TODAY)
        Goal.objects.filter(pk__in=[one.pk for one in line[1:]]).update(is_private=True)
    # the 11 of everybody, 1 who reads the private goal, 1 the private one above, 1 the draft below, 1 suggestions
    assert_page_queries(henk.client, url(leaf), 15)


def test_lists_read_together_are_what_they_are_one_by_one(line, ada):
    leaf = line[2]
    with ada.scope:
        trail.check_in(goal=leaf, actor=ada.employee, now=NOW, percent=Decimal("33.333333"), note="C 版图纸已会签")
        trail.check_in(goal=leaf, actor=None, now=NOW - timedelta(days=1), percent=None)
        said = CheckIn.objects.filter(goal=leaf).order_by("pk")
        goals = Goal.objects.filter(pk=leaf.pk)
        found = beside(goals, said=Rows(said, author=("name",)), goals=Rows(goals, "title", "away", "weight"))
        first, second = found["said"]
        plain = list(said)
        assert [vars_of(one) for one in found["said"]] == [vars_of(one) for one in plain]
        assert (first.author.name, second.author) == (ada.employee.name, None)
        assert found["goals"][0].get_deferred_fields() >= {"number", "owner_id"}
        assert (found["goals"][0].weight, found["goals"][0].away) == (leaf.weight, [])
        assert beside(goals.none(), said=Rows(said)) == {"said": []}


def vars_of(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_what_people_said_stands_in_the_history_by_its_day_and_costs_no_query_more(line, ada):
    leaf = line[2]
    with ada.scope:
        for n in range(25):
            trail.check_in(goal=leaf, actor=None, now=NOW - timedelta(days=1), percent=Decimal(n))
        Comment.objects.create(goal=leaf, author=ada.employee, text="模具已到厂", at=NOW, local_on=TODAY)
        Comment.objects.create(goal=leaf, author=None, text="早先一句", at=NOW - timedelta(days=2), local_on=TODAY)
    answer = ada.client.get(url(leaf))
    said = [(one["what"], one["by"] and one["by"]["name"]) for one in answer.context["history"]]
    assert ("模具已到厂", ada.employee.name) in said[:2]  # published at the same moment
    assert len(said) == 20 and "早先一句" not in [what for what, _ in said]
    assert len(answer.context["life"]) == 2  # drafted and published: not pushed out by the check-ins
    assert_page_queries(ada.client, url(leaf), 11)


def test_my_goals_are_listed_with_what_they_wait_for(line, founded, ada):
    with ada.scope:
        draft = founded.draft(founded.ada, "还没想好的目标", weight=Decimal(20))
    page = ada.client.get("/t/acme/goals/").content.decode()
    assert url(line[2]) in page and f"{url(draft)}edit/" in page
    assert "/t/acme/goals/publish/" in page


def test_my_goals_cost_the_same_however_many(line, founded, ada):
    few = len(page_queries(ada.client, "/t/acme/goals/"))
    with ada.scope:
        for n in range(8):
            child = founded.draft(founded.ada, f"目标 {n}")
            Goal.objects.filter(pk=child.pk).update(status=Status.PUBLISHED, published_at=NOW, published_on=TODAY)
    assert len(page_queries(ada.client, "/t/acme/goals/")) == few


def test_my_goals_tell_the_way_up_and_what_moved_week_by_week(line, ada):
    top, middle, leaf = line
    ada.client.post(url(leaf, "check-in"), said(value="20"))
    answer = ada.client.get("/t/acme/goals/")
    found = answer.context["goals"][0]
    assert [above["title"] for above in found["path"]] == [middle.title, top.title]
    heat = answer.context["heat"]
    assert (heat["heads"][0], heat["heads"][-1]) == ("9/28", "11/2")  # the weeks of the quarter, up to this one
    assert [cell["count"] for cell in heat["rows"][0]["cells"]] == [0, 0, 0, 0, 0, 1]
    assert heat["rows"][0]["cells"][-1]["url"] == heat["rows"][0]["url"] + "#trail"


def test_the_trail_draws_the_plan_to_the_end_and_each_stage_planned_and_real(line, ada):
    leaf = line[2]
    due = (date(2026, 10, 20), date(2026, 11, 20))
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(kind=Kind.MILESTONE)
        for n, day in enumerate(due):
            Milestone.objects.create(goal=leaf, title=f"阶段 {n}", due_on=day, weight=Decimal(n + 1))
        trail.tick_milestone(milestone=Milestone.objects.get(title="阶段 0"), done=True, actor=None, now=NOW)
    answer = ada.client.get(url(leaf))
    points = {point.on: point for point in answer.context["trail"]}
    assert (min(points), max(points)) == (leaf.starts_on, leaf.due_on)
    assert round(points[TODAY].actual) == 33 and points[due[0]].actual is None
    plan = [round(points[day].expected) for day in (due[0] - timedelta(days=1), due[0], due[1], leaf.due_on)]
    assert plan == [0, 33, 100, 100]
    page = answer.content.decode()
    assert "比计划晚 13 天" in page and "trail lane" in page

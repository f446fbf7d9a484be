"""Goals of one owner are published together, and the owner answers (product.md §2.1-2.5)."""

from datetime import timedelta
from decimal import Decimal

import pytest

from goals.actions import goal as goal_actions
from goals.actions.publishing import AlreadyAnswered, NotReady, acknowledge_set, publish_set, refuse_set
from goals.models import Goal, GoalSet, ObstacleCause
from perfsys.audit.models import AuditEntry

from .conftest import NOW, TODAY


def problems_of(place, period, actor=None):
    with pytest.raises(NotReady) as refused:
        publish_set(place=place, period=period, actor=actor, now=NOW)
    return {problem.code for problem in refused.value.problems}


def test_a_whole_line_is_published_from_the_top_down(company):
    _, _, leaf = company.tree()
    assert (leaf.status, leaf.published_on, leaf.published_at) == ("published", TODAY, NOW)
    assert leaf.version == 2


def test_a_set_below_the_usual_number_is_published_all_the_same(company):
    company.tree()
    assert GoalSet.objects.get(owner=company.ada).acknowledged_at == NOW


def test_nothing_to_publish_is_refused(company):
    assert problems_of(company.place(company.ada), company.period) == {"nothing_to_publish"}


def test_a_position_goal_without_parent_evidence_and_obstacles_is_refused(company):
    company.draft(company.ada, evidence_type="", evidence_number="", new_causes=[])
    found = problems_of(company.place(company.ada), company.period)
    assert found == {"alignment_missing", "evidence_type_missing", "obstacles_missing"}
    assert not Goal.objects.exclude(status="draft").exists()


def test_weights_that_do_not_add_up_and_too_many_goals_are_refused(company):
    _, middle, _ = company.tree()
    for number in range(5):
        company.draft(company.ada, f"第 {number} 个", parent=middle, weight=Decimal(10))
    found = problems_of(company.place(company.ada), company.period)
    assert found == {"weights_not_100", "too_many_goals"}


def test_four_obstacles_are_one_too_many(company):
    _, middle, _ = company.tree()
    company.draft(company.ben, parent=middle, new_causes=["甲", "乙", "丙", "丁"])
    assert problems_of(company.place(company.ben), company.period) == {"obstacles_too_many"}


def test_a_goal_cannot_stand_on_a_draft(company):
    top = company.draft(None, "突破海外市场")
    company.draft(company.units["研发中心"], parent=top)
    place = company.place(company.units["研发中心"])
    assert problems_of(place, company.period) == {"alignment_to_draft"}


def test_a_department_may_support_a_goal_of_a_unit_above_its_own_and_no_other(company):
    _, middle, _ = company.tree()
    company.draft(company.units["设计组"], parent=middle)
    company.publish(company.units["设计组"])
    company.draft(company.units["生产中心"], parent=middle)
    place = company.place(company.units["生产中心"])
    assert problems_of(place, company.period) == {"alignment_not_above_unit"}


def test_goals_published_before_count_for_the_weights(company):
    _, middle, _ = company.tree()
    company.draft(company.ada, "又一个", parent=middle, weight=Decimal(20))
    assert problems_of(company.place(company.ada), company.period) == {"weights_not_100"}


def test_what_a_manager_publishes_waits_for_the_owners_answer(company):
    _, middle, _ = company.tree()
    company.draft(company.ben, parent=middle)
    made = publish_set(place=company.place(company.ben), period=company.period, actor=company.marta, now=NOW)
    assert (made.acknowledged_at, made.refused_at) == (None, None)
    refuse_set(goal_set=made, reason="权重没有商量过", actor=company.ben, now=NOW)
    with pytest.raises(AlreadyAnswered):
        acknowledge_set(goal_set=made, actor=company.ben, now=NOW)
    made.refresh_from_db()
    assert (made.refusal, made.acknowledged_at) == ("权重没有商量过", None)
    assert AuditEntry.objects.filter(verb="goals.set_refused", about_id=company.ben.pk).exists()


def test_publishing_again_asks_the_owner_again(company):
    _, middle, _ = company.tree()
    company.draft(company.ben, parent=middle, weight=Decimal(100))
    place = company.place(company.ben)
    first = publish_set(place=place, period=company.period, actor=company.marta, now=NOW)
    refuse_set(goal_set=first, reason="权重没有商量过", actor=company.ben, now=NOW)
    Goal.objects.filter(owner=company.ben).update(weight=60)
    company.draft(company.ben, "再一个", parent=middle, weight=Decimal(40))
    again = publish_set(place=place, period=company.period, actor=company.marta, now=NOW + timedelta(days=1))
    assert (again.pk, again.refused_at, again.refusal) == (first.pk, None, "")


def test_an_obstacle_in_own_words_is_kept_but_not_offered_to_others(company):
    company.draft(company.ada, new_causes=["样件周期长"])
    assert ObstacleCause.objects.get(name="样件周期长").is_listed is False


def test_an_edit_keeps_the_words_of_whoever_saved_first(company):
    goal = company.draft(company.ada)
    goal_actions.edit_goal(goal=goal, version=1, words=company.words("先改的"), actor=company.ada, now=NOW)
    with pytest.raises(goal_actions.StaleVersion):
        goal_actions.edit_goal(goal=goal, version=1, words=company.words("后改的"), actor=company.marta, now=NOW)
    assert Goal.objects.get(pk=goal.pk).title == "先改的"


def test_a_published_goal_is_no_longer_edited(company):
    _, _, leaf = company.tree()
    with pytest.raises(goal_actions.NotADraft):
        goal_actions.edit_goal(goal=leaf, version=2, words=company.words(), actor=company.ada, now=NOW)
    with pytest.raises(goal_actions.NotADraft):
        goal_actions.drop_draft(goal=leaf, actor=company.ada, now=NOW)


def test_a_parent_that_would_close_a_circle_is_refused_in_words(company):
    first = company.draft(company.units["研发中心"])
    second = company.draft(company.units["设计组"], parent=first)
    with pytest.raises(goal_actions.WouldCloseACircle):
        goal_actions.edit_goal(goal=first, version=1, words=company.words(parent=second), actor=None, now=NOW)


def test_goals_written_by_hand_count_on(company):
    assert [company.draft(company.ada).number, company.draft(company.ben).number] == ["G-0001", "G-0002"]

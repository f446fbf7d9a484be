"""What a goal keeps about those that carry it: triggers count, and nobody learns of a goal he may not read."""

from collections import Counter
from datetime import date

import pytest

from goals import access
from goals.actions.goal import add_alignment
from goals.actions.periods import ensure_period
from goals.models import Alignment, Goal, Health, Outcome, Status
from goals.queries.below import count_below
from perfsys.people.access import Viewer

from .conftest import NOW, TODAY


def counted_anew(goal):
    """By hand: how the public goals of its period stand that carry `goal`, and how many are its branches."""
    mix, branches = {}, 0
    for line in Alignment.objects.filter(parent=goal).select_related("child"):
        child = line.child
        is_there = child.status != Status.DRAFT and child.outcome != Outcome.CANCELLED and not child.is_private
        if is_there and child.period_id == goal.period_id:
            mix.setdefault(child.layer, Counter())[child.health] += 1
            branches += line.is_primary
    return mix, branches


def assert_counts_hold():
    for goal in Goal.objects.all():
        assert (goal.below, goal.branches) == counted_anew(goal)
        assert goal.is_aligned == Alignment.objects.filter(child=goal, is_primary=True).exists()


@pytest.mark.parametrize(
    "change",
    [
        {"is_private": True},
        {"health": Health.TALK},
        {"status": Status.DRAFT},
        {"status": Status.CLOSED, "outcome": Outcome.DONE},
        {"status": Status.CLOSED, "outcome": Outcome.CANCELLED},
    ],
)
def test_whatever_becomes_of_a_goal_is_counted_above_it(company, change):
    _top, middle, leaf = company.tree()
    assert_counts_hold()
    assert Goal.objects.get(pk=middle.pk).below == {"position": {"ok": 1}}
    Goal.objects.filter(pk=leaf.pk).update(**change)
    assert_counts_hold()
    Goal.objects.filter(pk=leaf.pk).update(is_private=False, health=Health.OK, status=Status.PUBLISHED, outcome="")
    assert Goal.objects.get(pk=middle.pk).below == {"position": {"ok": 1}}


def test_lines_that_are_drawn_moved_and_taken_away_are_counted(company):
    top, middle, leaf = company.tree()
    other = company.draft(company.units["生产中心"], "磨加工 Cpk 提到 1.67", parent=top)
    company.publish(company.units["生产中心"])
    add_alignment(child=leaf, parent=other, actor=None, now=NOW)
    assert_counts_hold()
    Alignment.objects.filter(child=leaf, parent=middle).delete()
    assert_counts_hold()
    assert not Goal.objects.get(pk=leaf.pk).is_aligned  # the line that is left is no primary one
    Alignment.objects.filter(child=leaf).update(is_primary=True, parent=middle)
    assert_counts_hold()
    assert Goal.objects.get(pk=middle.pk).branches == 1


def test_many_goals_changed_at_once_are_counted_in_every_place(company):
    _top, middle, leaf = company.tree()
    for number in range(3):
        company.draft(company.ben, f"目标 {number}", parent=middle)
    Goal.objects.filter(owner=company.ben).update(status=Status.PUBLISHED, published_at=NOW, published_on=TODAY)
    Goal.objects.exclude(pk=leaf.pk).update(health=Health.WATCH)
    assert_counts_hold()
    assert Goal.objects.get(pk=middle.pk).below == {"position": {"ok": 1, "watch": 3}}


def test_a_goal_of_another_period_counts_in_its_own(line, founded, ada):
    top, middle, _leaf = line
    who = Viewer(ada.employee, ada.seat, TODAY)
    with ada.scope:
        before = ensure_period(starts_on=date(2026, 7, 1), ends_on=date(2026, 9, 30), actor=None, now=NOW)
        Goal.objects.filter(pk=top.pk).update(period=before)
        assert_counts_hold()
        shown = access.shown_goals(who, founded.period)
        found = count_below(shown, Goal.objects.filter(pk__in=[top.pk, middle.pk]), founded.period.pk)
    assert found[top.pk].mix == {"ok": 1} and found[middle.pk].number("position") == 1


@pytest.mark.parametrize(("name", "number"), [("ada", 2), ("marta", 2), ("henk", 2), ("anna", 1)])
def test_a_private_goal_counts_for_its_readers_alone(line, founded, name, number, request):
    _top, middle, leaf = line
    person = request.getfixturevalue(name)
    who = Viewer(person.employee, person.seat, TODAY)
    with person.scope:
        founded.draft(founded.ben, "整理台架", parent=middle)
        Goal.objects.filter(owner=founded.ben).update(status=Status.PUBLISHED, published_at=NOW, published_on=TODAY)
        Goal.objects.filter(pk=leaf.pk).update(is_private=True)
        shown = access.shown_goals(who, founded.period)
        found = count_below(shown, [Goal.objects.get(pk=middle.pk)], founded.period.pk)[middle.pk]
    assert (found.branches, found.number("position"), found.mix.total()) == (number, number, number)

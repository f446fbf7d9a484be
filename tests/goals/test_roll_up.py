"""The SQL roll-up and the formula of `goals.progress` are one and the same."""

import random
from datetime import date
from decimal import Decimal

import pytest

from goals.actions.rollup import roll_up_above, roll_up_period
from goals.models import Alignment, Goal, Layer
from goals.progress import Part, roll_up
from goals.standing import effective

from .conftest import NOW

LAYERS = [Layer.COMPANY] * 3 + [Layer.DEPARTMENT] * 12 + [Layer.POSITION] * 60


@pytest.fixture(params=range(3))
def forest(company, request):
    """Random goals, alignments within and across layers, contributions and progress stated or not."""
    dice = random.Random(request.param)
    goals = Goal.objects.bulk_create(
        Goal(
            number=f"R-{index}",
            period=company.period,
            layer=layer,
            owner=company.ada if layer == Layer.POSITION else None,
            unit=company.units["研发中心"] if layer != Layer.COMPANY else None,
            title="目标",
            weight=dice.choice([None, Decimal(0), Decimal(20), Decimal("33.33")]),
            own_progress=dice.choice([None, Decimal(dice.randint(-20, 140)), Decimal(dice.randint(0, 999)) / 7]),
            starts_on=date(2026, 10, 1),
            due_on=date(2026, 12, 31),
            made_at=NOW,
            published_at=NOW,
            published_on=date(2026, 10, 1),
            **dice.choice([{"status": "published"}] * 6 + [{"status": "closed", "outcome": "cancelled"}]),
        )
        for index, layer in enumerate(LAYERS)
    )
    alignments = []
    for index, child in enumerate(goals):
        above = [goal for goal in goals[:index] if goal.layer != child.layer or child.layer == Layer.DEPARTMENT]
        for parent in dice.sample(above, k=min(len(above), dice.choice([0, 1, 1, 2]))):
            stated = dice.choice([None, None, Decimal(0), Decimal(30)])
            alignments.append(Alignment(child=child, parent=parent, is_primary=False, contribution=stated))
    Alignment.objects.bulk_create(alignments)
    return goals


def expected(goals):
    """The formula, from the leaves up: goals stand in an order in which parents come first."""
    known = {goal.pk: goal for goal in goals}
    below = {}
    for alignment in Alignment.objects.all():
        below.setdefault(alignment.parent_id, []).append(alignment)
    figures = {}

    def rolled(goal):
        if goal.pk not in figures:
            parts = []
            for alignment in below.get(goal.pk, []):
                child = known[alignment.child_id]
                if child.outcome != "cancelled":
                    progress = effective(child.own_progress, rolled(child)) or Decimal(0)
                    parts.append(Part(progress, child.weight or Decimal(0), alignment.contribution))
            figures[goal.pk] = roll_up(parts)
        return figures[goal.pk]

    return {goal.pk: rolled(goal) for goal in goals}


def stored():
    return dict(Goal.objects.values_list("pk", "rolled_progress"))


def agree(found, wanted):
    assert found.keys() == wanted.keys()
    for pk, figure in wanted.items():
        if figure is None:
            assert found[pk] is None
        else:
            # Both round once, the formula halves to even: at most the last of six places differs, level by level.
            assert abs(found[pk] - figure) <= Decimal("0.00001")


def test_the_whole_period_agrees_with_the_formula(company, forest):
    roll_up_period(company.period)
    agree(stored(), expected(forest))
    before = stored()
    roll_up_period(company.period)
    assert stored() == before


def test_what_changes_below_reaches_the_top(company, forest):
    roll_up_period(company.period)
    for goal in forest[-10:]:
        goal.own_progress = Decimal(77)
        Goal.objects.filter(pk=goal.pk).update(own_progress=77)
        roll_up_above([goal.pk])
    agree(stored(), expected(forest))


def test_a_parent_that_lost_its_children_has_no_roll_up(company, forest):
    roll_up_period(company.period)
    Alignment.objects.all().delete()
    roll_up_period(company.period)
    assert set(stored().values()) == {None}

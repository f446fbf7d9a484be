"""The formulas of the penetration report over random goals (product.md §6.2)."""

import itertools
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboards import penetration
from dashboards.penetration import (
    LOOSE,
    NEGLIGIBLE,
    ROOT,
    CircularGoals,
    GoalAmounts,
    Group,
    Limits,
    Support,
    divided,
    flow_of,
    fold,
    month_part,
    overview,
    placed,
    without_circles,
)

LAYERS = ("company", "dept", "position")
amounts = st.integers(0, 10**9)
splits = st.one_of(st.none(), st.decimals(0, 100, places=2))


@st.composite
def companies(draw):
    """A DAG of goals: each may support any before it, so there is no circle; company goals support nothing."""
    count = draw(st.integers(1, 14))
    layers = [draw(st.sampled_from(LAYERS)) for _ in range(count)]
    goals = [GoalAmounts(n + 1, layers[n], draw(amounts), draw(st.one_of(st.none(), amounts))) for n in range(count)]
    supports = []
    for n, layer in enumerate(layers):
        if layer == "company" or not n:
            continue
        above = draw(st.lists(st.integers(1, n), max_size=3, unique=True))
        supports += [Support(n + 1, up, place == 0, draw(splits)) for place, up in enumerate(above)]
    return goals, supports


@given(companies())
def test_what_comes_in_goes_out_is_used_or_is_not_broken_down_at_every_goal(company):
    goals, supports = company
    flow = flow_of(goals, supports)
    assert flow.unbalanced() == []
    used = sum(balance.own + balance.left for balance in flow.balances.values())
    assert flow.total == used
    assert flow.total >= sum(goal.actual for goal in goals if goal.actual is not None)
    assert all(amount > 0 for amount in flow.links.values())


@given(companies(), st.data())
def test_folding_by_anything_balances_and_loses_nothing(company, data):
    flow = flow_of(*company)
    group = {key: data.draw(st.integers(0, 4)) for key in flow.balances if key not in (ROOT, LOOSE)}
    folded = fold(flow, lambda key: ("group", group[key]) if key in group else key)
    netted = without_circles(folded)
    for view in (folded, netted):
        assert view.unbalanced() == []
        assert view.total == flow.total
        assert sum(b.own + b.left for b in view.balances.values()) == flow.total
    assert set(placed(netted, last=[("group", 0)])) == {key for link in netted.links for key in link}


@given(companies(), st.integers(1, 3), st.integers(1, 3))
def test_the_first_page_shows_the_largest_and_folds_the_rest_by_department(company, most, departments):
    goals, supports = company
    flow = flow_of(goals, supports)
    layers = {goal.id: goal.layer for goal in goals}
    of = {goal.id: goal.id % 5 for goal in goals}
    limits = Limits(company=most, departments=departments, positions=most)
    view = fold(flow, overview(flow, layers, of, limits))
    assert view.unbalanced() == [] and view.total == flow.total
    shown = [key.of for key in view.balances if isinstance(key, Group) and key.kind == "goal"]
    smallest = min((flow.received[pk] for pk in shown if layers[pk] == "position"), default=0)
    folded = [pk for pk, layer in layers.items() if layer == "position" and pk not in shown]
    positions = [pk for pk in shown if layers[pk] == "position"]
    small = flow.total / limits.least
    assert all(flow.received[pk] >= small for pk in positions) and len(positions) <= most
    if len(positions) < most:
        assert all(flow.received[pk] < small or not flow.received[pk] for pk in folded)
    else:
        assert all(flow.received[pk] <= smallest for pk in folded)
    assert sum(isinstance(key, Group) and key.kind == "unit" for key in view.balances) <= departments


@given(amounts, st.lists(splits, min_size=1, max_size=4))
def test_an_amount_divides_without_loss_and_none_gets_less_than_nothing(amount, said):
    parts = divided(amount, [Support(1, 2 + n, n == 0, split) for n, split in enumerate(said)])
    assert sum(parts) == amount and min(parts) >= 0


@pytest.mark.parametrize(
    ("said", "parts"),
    [
        ((None, None), [100, 0]),  # nothing said: all to the primary one
        (("60", "40"), [60, 40]),
        ((None, "30"), [70, 30]),  # the primary one takes what is left
        (("80", "80"), [50, 50]),  # too much said: in proportion
        (("33.33", "33.33"), [67, 33]),
        (("0", "0"), [100, 0]),
    ],
)
def test_the_primary_parent_takes_what_nobody_else_was_given(said, parts):
    lines = [Support(1, 2 + n, n == 0, None if split is None else Decimal(split)) for n, split in enumerate(said)]
    assert divided(100, lines) == parts


@given(amounts, st.integers(1, 12))
def test_a_period_spreads_over_its_months_without_loss(amount, months):
    parts = [month_part(amount, place, months) for place in range(months)]
    assert sum(parts) == amount and max(parts) - min(parts) <= 1


def tree(**amounts_of):
    """A company goal 1, a department's 2, positions 3 and 4."""
    goals = [
        GoalAmounts(pk, layer, *amounts_of.get(f"g{pk}", ()))
        for pk, layer in enumerate(("company", "dept", "position", "position"), 1)
    ]
    return flow_of(goals, [Support(2, 1), Support(3, 2), Support(4, 2)])


def test_a_position_goal_uses_its_plan_until_the_actual_is_stated():
    flow = tree(g3=(50,), g4=(50, 20))
    assert flow.links == {(ROOT, 1): 70, (1, 2): 70, (2, 3): 50, (2, 4): 20}
    assert flow.balances[3].plan_only == 50 and flow.balances[4].plan_only == 0


def test_what_a_department_was_given_and_has_not_passed_on_is_not_broken_down():
    flow = tree(g2=(100,), g3=(30,), g4=(40,))
    assert flow.balances[2].left == 30 and flow.balances[2].over == 0
    assert flow.links[1, 2] == 100


def test_claims_beyond_the_plan_are_over_allocated_and_flow_all_the_same():
    flow = tree(g2=(1000, 500), g3=(3000,), g4=(4000,))
    assert flow.balances[2].over == 6500 and flow.balances[2].left == 0
    assert flow.links[1, 2] == 7500


def test_what_rounding_made_is_not_over_allocated():
    assert tree(g2=(100,), g3=(100 + NEGLIGIBLE,)).balances[2].over == 0


def test_a_goal_without_one_above_is_a_source_of_its_own():
    flow = flow_of([GoalAmounts(1, "company"), GoalAmounts(2, "position", 7)], [Support(2, 99)])
    assert flow.links == {(ROOT, LOOSE): 7, (LOOSE, 2): 7}
    assert flow.unbalanced() == []


def test_goals_that_carry_each_other_in_a_circle_are_no_facts():
    with pytest.raises(CircularGoals):
        flow_of([GoalAmounts(1, "dept"), GoalAmounts(2, "dept")], [Support(1, 2), Support(2, 1)])


def test_departments_that_carry_each_other_are_netted_in_the_picture():
    flow = penetration.Flow(
        {(ROOT, "a"): 10, ("a", "b"): 6, ("b", "a"): 4},
        {key: penetration.Balance(own=own) for key, own in ((ROOT, 0), ("a", 8), ("b", 2))},
    )
    netted = without_circles(flow)
    assert netted.links == {(ROOT, "a"): 10, ("a", "b"): 2}
    assert netted.unbalanced() == []


def test_the_picture_runs_from_the_left_to_the_right_edge():
    flow = tree(g3=(30,), g4=(40,))
    where = placed(flow, last=[3, 4])
    assert [where[key].column for key in (ROOT, 1, 2, 3, 4)] == [0, 1, 2, 3, 3]
    assert where[ROOT].x == 1 and where[3].x == 999
    assert where[4].y < where[3].y  # the larger one first


@given(companies())
def test_no_node_of_a_column_lies_over_another(company):
    """With the one scale that plotly draws all columns with."""
    goals, supports = company
    flow = flow_of(goals, supports)
    passing = {up for up, _low in flow.links}
    where = placed(flow, last=[key for key in flow.balances if key not in passing])
    for column in {one.column for one in where.values()}:
        here = sorted((one for one in where.values() if one.column == column), key=lambda one: one.y)
        for upper, lower in itertools.pairwise(here):
            assert upper.y + upper.tall / 2 <= lower.y - lower.tall / 2
        assert here[0].y - here[0].tall / 2 >= -1 and here[-1].y + here[-1].tall / 2 <= 1001
    shown = [key for key in where if where[key].tall > 20]
    scales = [where[key].tall / max(flow.received[key], flow.passed[key]) for key in shown]
    assert not scales or max(scales) <= 1.1 * min(scales)

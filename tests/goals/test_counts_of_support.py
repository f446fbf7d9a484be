"""How many goals carry each one is kept, not counted: whatever is written, both are the same (docs/decisions/0015)."""

from collections import Counter
from datetime import date, timedelta
from functools import partial

import pytest
from django.db import transaction
from django.db.models import Count, Sum
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from goals import access
from goals.actions import carrying, support
from goals.actions.alerts import check_health
from goals.actions.goal import drop_draft
from goals.actions.periods import ensure_period
from goals.actions.support import put_counts_in_order
from goals.models import Alignment, Goal, Health, Layer, Outcome, Period, Status, SupportCount
from goals.queries.board import board
from goals.queries.support import support_of
from goals.queries.tree import count_below
from perfsys.people.access import Viewer
from perfsys.tenancy.rows import insert_rows
from perfsys.tenancy.scope import use_tenant

from .conftest import NOW, TODAY
from .support import counted, kept, meet, wrongly_aligned

LAYERS = [Layer.COMPANY] * 2 + [Layer.DEPARTMENT] * 3 + [Layer.POSITION] * 4
ENDS = [
    {"status": Status.DRAFT, "outcome": "", "published_at": None, "published_on": None, "closed_at": None},
    {"status": Status.PUBLISHED, "outcome": "", "published_at": NOW, "published_on": TODAY},
    {"status": Status.CLOSED, "outcome": Outcome.ACHIEVED, "published_at": NOW, "published_on": TODAY},
    {"status": Status.CLOSED, "outcome": Outcome.CANCELLED, "published_at": NOW, "published_on": TODAY},
]
WORDS = list(Health.values)
places = st.integers(0, len(LAYERS) - 1)
steps = st.one_of(
    st.tuples(st.just("align"), st.lists(st.tuples(places, places, st.booleans()), max_size=6)),
    st.tuples(st.sampled_from(["part", "drop"]), st.lists(places, max_size=3)),
    st.tuples(st.just("promote"), places),
    st.tuples(st.just("move"), st.tuples(places, places)),
    st.tuples(st.just("end"), st.tuples(st.lists(places, max_size=3), st.sampled_from(ENDS))),
    st.tuples(st.just("hide"), st.tuples(places, st.booleans())),
    st.tuples(st.just("word"), st.tuples(st.lists(places, max_size=4), st.sampled_from(WORDS))),
    st.tuples(st.just("period"), st.tuples(places, st.integers(0, 1))),
    st.tuples(st.just("order"), st.none()),
)


@pytest.fixture
def somewhere(company):
    """Goals of three layers, published, and a second period."""
    other = ensure_period(starts_on=date(2027, 1, 1), ends_on=date(2027, 3, 31), actor=None, now=NOW)
    same = {"title": "目标", "starts_on": TODAY, "due_on": TODAY, "made_at": NOW, **ENDS[1], "closed_at": None}
    rows = [
        {
            "number": f"N-{n}",
            "layer": layer,
            "owner_id": company.ada.pk if layer == Layer.POSITION else None,
            "unit_id": company.units["设计组"].pk if layer == Layer.DEPARTMENT else None,
        }
        for n, layer in enumerate(LAYERS)
    ]
    insert_rows(Goal, rows, same={**same, "period_id": company.period.pk})
    goals = list(Goal.objects.order_by("pk").values_list("pk", flat=True))
    return goals, [company.period.pk, other.pk]


def lines_of(pairs, goals):
    """Upward alone, each pair once, one primary of a child."""
    found, firsts = {}, set(Alignment.objects.filter(is_primary=True).values_list("child_id", flat=True))
    standing = set(Alignment.objects.values_list("child_id", "parent_id"))
    for child, parent, is_primary in pairs:
        line = (goals[child], goals[parent])
        if LAYERS.index(LAYERS[child]) > LAYERS.index(LAYERS[parent]) and line not in standing | set(found):
            found[line] = is_primary and line[0] not in firsts
            firsts |= {line[0]} if found[line] else set()
    return [{"child_id": child, "parent_id": parent, "is_primary": it} for (child, parent), it in found.items()]


def do(step, told, goals, periods):
    if step == "align":
        there = set(Goal.objects.values_list("pk", flat=True))
        rows = [row for row in lines_of(told, goals) if {row["child_id"], row["parent_id"]} <= there]
        insert_rows(Alignment, rows)
    elif step == "part":
        Alignment.objects.filter(child__in=[goals[n] for n in told]).delete()
    elif step == "drop":
        Goal.objects.filter(pk__in=[goals[n] for n in told]).delete()
    elif step == "promote":
        lines = Alignment.objects.filter(child=goals[told])
        first = lines.order_by("pk").first()
        lines.update(is_primary=False)
        if first is not None:
            Alignment.objects.filter(pk=first.pk).update(is_primary=True)
    elif step == "move":
        child, parent = told
        if LAYERS.index(LAYERS[child]) > LAYERS.index(LAYERS[parent]):
            there = Goal.objects.filter(pk=goals[parent]).exists()
            line = Alignment.objects.filter(child=goals[child]).exclude(child__parents__parent=goals[parent]).first()
            if line is not None and there:
                Alignment.objects.filter(pk=line.pk).update(parent=goals[parent])
    elif step == "end":
        which, end = told
        Goal.objects.filter(pk__in=[goals[n] for n in which]).update(**end)
    elif step == "hide":
        Goal.objects.filter(pk=goals[told[0]]).update(is_private=told[1])
    elif step == "word":
        Goal.objects.filter(pk__in=[goals[n] for n in told[0]]).update(health=told[1])
    elif step == "period":
        Goal.objects.filter(pk=goals[told[0]]).update(period=periods[told[1]])
    else:
        assert put_counts_in_order() == 0


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(steps, max_size=12))
@example([("align", [(5, 2, True), (5, 0, False), (2, 0, True)]), ("word", ([5], "talk")), ("drop", [5, 2])])
def test_what_is_kept_is_what_is_counted_whatever_is_written(somewhere, told):
    with transaction.atomic():
        for step in told:
            do(*step, *somewhere)
        assert kept() == counted()
        assert wrongly_aligned() == set()
        assert put_counts_in_order() == 0
        assert kept() == counted()
        rows = SupportCount.objects.values("of_goal", "in_period", "layer", "health").annotate(n=Count("pk"))
        assert all(row["n"] == 1 for row in rows)
        transaction.set_rollback(True)


def test_a_goal_that_goes_before_its_lines_is_counted_off_once(somewhere):
    goals, _periods = somewhere
    insert_rows(Alignment, [{"child_id": goals[5], "parent_id": goals[2], "is_primary": True}])
    Goal.objects.filter(pk=goals[5])._raw_delete("default")
    Alignment.objects.filter(child_id=goals[5])._raw_delete("default")
    assert not SupportCount.objects.filter(of_goal=goals[2]).aggregate(n=Sum("lines"))["n"]


def test_a_count_that_is_wrong_is_put_right(somewhere):
    goals, (period, _other) = somewhere
    insert_rows(Alignment, [{"child_id": goals[5], "parent_id": goals[2], "is_primary": True}])
    SupportCount.objects.create(
        of_goal=goals[2], in_period=period, layer="position", health="talk", lines=2, primary_lines=2
    )
    assert put_counts_in_order() == 1 and kept() == counted()


def test_who_finds_somebody_else_at_it_leaves_it_and_says_so(company, monkeypatch):
    monkeypatch.setattr(support, "_ALONE", "SELECT %s < 0")  # what the lock says to the second
    with capture_logs() as logs:
        assert put_counts_in_order() == 0
    assert [one["log_level"] for one in logs] == ["info"]


def test_the_night_makes_one_row_of_many(line, company):
    _top, middle, leaf = line
    for word in ("watch", "talk", "idle", "ok", "talk"):
        Goal.objects.filter(pk=leaf.pk).update(health=word)
    assert SupportCount.objects.filter(of_goal=middle.pk).count() > 2
    check_health(as_of=TODAY, now=NOW)
    assert SupportCount.objects.filter(of_goal=middle.pk).count() == 1
    assert kept() == counted()


@pytest.mark.parametrize("few", [access.FEW_PRIVATE, 0])
def test_private_goals_are_counted_for_whoever_reads_them_alone(line, founded, ada, anna, few, monkeypatch):
    monkeypatch.setattr(access, "FEW_PRIVATE", few)  # beyond it they are asked for, not listed
    _top, middle, leaf = line
    readers = [(Viewer(one.employee, one.seat, TODAY), number) for one, number in ((ada, 1), (anna, 0))]
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(is_private=True)
        for who, number in readers:
            shown = access.shown_goals(who, founded.period)
            assert support_of(shown, [middle.pk]).get(middle.pk, Counter()).total() == number
            assert count_below(shown, [middle.pk]).get(middle.pk, 0) == number
            column = board(who, founded.period, chosen=middle, loose=False).columns[-1]
            assert (column.whole, len(column.goals)) == (number, number)


@pytest.mark.django_db(transaction=True)
def test_a_line_and_its_goal_that_change_at_once_are_counted_as_they_stand(published_line, founded):
    top, _middle, leaf = published_line
    leaves, line = Goal.objects.filter(pk=leaf.pk), Alignment.objects.filter(child=leaf)
    draw = partial(Alignment.objects.create, child=leaf, parent=top, is_primary=False)
    drawn = line.filter(is_primary=False)
    with use_tenant(1):
        leaves.update(is_private=True)
    meet(draw, partial(leaves.update, is_private=False, health="talk"))
    with use_tenant(1):
        assert SupportCount.objects.filter(of_goal=top.pk, health="talk").aggregate(n=Sum("lines"))["n"] == 1
        drawn.delete()
        leaves.update(is_private=True)
    meet(partial(leaves.update, is_private=False), draw)
    meet(partial(leaves.update, is_private=True), drawn.delete)
    meet(partial(leaves.update, is_private=False), partial(line.update, parent=top))


@pytest.mark.django_db(transaction=True)
def test_who_throws_a_draft_away_waits_for_who_divides_the_shares_below_it(published_line, founded):
    """That one holds the goal below, and wants the one above next."""
    _top, middle, leaf = published_line
    with use_tenant(1):
        Goal.objects.filter(pk=middle.pk).update(status=Status.DRAFT)
    held = Goal.objects.select_for_update(no_key=True)
    meet(
        partial(held.get, pk=leaf.pk),
        partial(drop_draft, goal=middle, actor=None, now=NOW),
        partial(held.get, pk=middle.pk),
    )
    with use_tenant(1):
        assert not Goal.objects.get(pk=leaf.pk).is_aligned


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("at_once", [True, False])
def test_who_carries_goals_over_waits_for_who_publishes_drafts_of_the_other_period(
    published_line, founded, monkeypatch, at_once
):
    """That one holds the drafts, and counts them in the period next."""
    _top, middle, leaf = published_line
    with use_tenant(1):
        into = ensure_period(starts_on=date(2027, 1, 1), ends_on=date(2027, 3, 31), actor=None, now=NOW)
        about = {"from_period": founded.period, "into": into, "actor": None}
        carrying.carry_over(goals=[leaf.pk], now=NOW, **about)  # alone: the one above is not there yet
    carry = partial(carrying.carry_over, goals=[middle.pk], now=NOW + timedelta(hours=1), **about)
    if not at_once:
        monkeypatch.setattr(carrying, "AT_ONCE", 0)
        with use_tenant(1):
            run = carry()
            assert carrying.carry_some(run_id=run.pk, now=NOW)  # the goals are written, in a step of its own
        carry = partial(carrying.carry_some, run_id=run.pk, now=NOW)
    draft, period = Goal.objects.filter(carried_from=leaf), Period.objects.filter(pk=into.pk)
    meet(partial(draft.update, version=9), carry, partial(period.update, position_goals=1))
    with use_tenant(1):
        assert draft.get().is_aligned

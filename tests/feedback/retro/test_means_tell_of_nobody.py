"""Every team that could be, and whoever reads its means: of no colleague does he learn more than he knew.

A reader knows how the means are made, the own values, and how many goals everybody has. What he cannot tell apart are
all the worlds that show him the same; in those every colleague must have more than one value.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from decimal import Decimal
from itertools import product
from typing import Any

import pytest

from feedback.retro_means import (
    Answers,
    counts_told,
    least_told,
    may_be_cut,
    most_told,
    of_check_ins,
    of_parts,
    of_shares,
)
from perfsys.people.groups import FEW

LEAST = 5  # others, as companies begin with
GOALS = [(1,) * 6, (2,) * 6, (4, 1, 1, 1, 1, 1), (3, 3, 2, 2, 1, 1), (3, 1, 1, 1, 1, 1, 1), (4, 3, 2, 1, 1, 1, 1)]
World = tuple[int, ...]


def learnt(
    worlds: Iterable[World], domains: Sequence[int], shown: Callable[[World], Hashable]
) -> list[tuple[Any, int, int]]:
    """(what is shown, who reads it, of whom there is only one value left)."""
    alike: defaultdict[Hashable, list[World]] = defaultdict(list)
    for world in worlds:
        alike[shown(world)].append(world)
    found = []
    for told, same in alike.items():
        for reader in range(len(domains)):
            values: defaultdict[int, list[set[int]]] = defaultdict(lambda: [set() for _ in domains])
            for world in same:
                for one, value in enumerate(world):
                    values[world[reader]][one].add(value)
            found += [
                (told, reader, one)
                for sets in values.values()
                for one, left in enumerate(sets)
                if one != reader and len(left) == 1 and domains[one] > 1
            ]
    return found


def all_worlds(goals: World) -> Iterable[World]:
    return product(*(range(number + 1) for number in goals))


def moved(goals: World) -> Callable[[World], Decimal | None]:
    def shown(world: World) -> Decimal | None:
        return of_parts(sum(world), sum(goals), max(goals), len(world))

    return shown


def on_plan(goals: World) -> Callable[[World], Decimal | None]:
    def shown(world: World) -> Decimal | None:
        return of_shares(mean(goals, world), len(world))

    return shown


def mean(goals: World, world: World) -> Decimal:
    shares = [Decimal(100) * done / all_of for all_of, done in zip(goals, world, strict=True)]
    return sum(shares, Decimal(0)) / len(shares)


@pytest.mark.parametrize("goals", GOALS)
def test_of_goals_moved_and_of_goals_on_plan_nobody_is_found(goals: World) -> None:
    domains = [number + 1 for number in goals]
    assert learnt(all_worlds(goals), domains, moved(goals)) == []
    assert learnt(all_worlds(goals), domains, on_plan(goals)) == []


def test_of_check_ins_which_have_no_end_nobody_is_found() -> None:
    most = 4

    def shown(world: World) -> Hashable:
        told = of_check_ins(sum(world), max(world), len(world), moved=Decimal(1))
        return world if sum(world) > most and told is not None else told  # beyond it worlds would be missing

    within = [world for world in product(range(most + 1), repeat=6) if shown(world) != world]
    assert learnt(within, [most + 1] * 6, shown) == []


def test_nor_by_setting_check_ins_beside_the_goals_that_they_moved() -> None:
    """A team of equals with one goal each. Whoever gave a check-in moved it; other things move a goal as well."""
    most = 2
    weeks = [(0, 0), *((1, given) for given in range(most + 1))]
    left: defaultdict[Hashable, set[int]] = defaultdict(set)  # whether a colleague moved it, by what a reader sees
    for reader, colleague, *others in product(weeks, repeat=6):
        team = [reader, colleague, *others]
        total, largest = sum(given for _moved, given in team), max(given for _moved, given in team)
        goals = of_parts(sum(moved for moved, _given in team), len(team), 1, len(team))
        check_ins = of_check_ins(total, largest, len(team), moved=goals)
        if check_ins is None or total <= most + FEW + 1:  # beyond it worlds would be missing
            left[goals, check_ins, reader].add(colleague[0])
    assert {shown for shown, values in left.items() if len(values) == 1} == set()


@pytest.mark.parametrize(("before", "after"), [(6, 7), (7, 6), (6, 8), (6, 10)])
def test_who_joins_or_leaves_is_not_found_by_taking_one_week_from_the_other(before: int, after: int) -> None:
    """Nobody else's week changed, which is the worst that can be."""
    everybody = (1,) * max(before, after)
    first, second = range(before), range(after)

    def shown(world: World) -> Hashable:
        earlier = on_plan(everybody[:before])(world[:before])
        if not may_be_cut(set(second), [set(first)], least=LEAST):
            return earlier, None
        return earlier, on_plan(everybody[:after])(world[:after])

    assert learnt(all_worlds(everybody), [2] * len(everybody), shown) == []


def test_whoever_reads_the_companys_answers_beside_those_of_the_own_people_learns_of_no_few() -> None:
    """Two partners look after everybody, and either may be an administrator as well."""
    sizes = (7, 8)
    found = 0
    for answered in product(range(sizes[0] + 1), range(sizes[1] + 1)):
        groups = dict(enumerate(map(Answers, sizes, answered)))
        told = counts_told(groups, Answers(sum(sizes), sum(answered)), least=LEAST)
        assert all(groups[1 - own].is_told for own in told), answered
        found += len(told)
    assert found  # it does tell, where there is nothing to hide


def test_a_mean_that_is_told_is_the_mean() -> None:
    assert of_check_ins(10, 3, 8, moved=Decimal(1)) == Decimal("1.25")
    assert of_check_ins(5, 5, 8, moved=Decimal(1)) is None and of_check_ins(10, 3, 8, moved=None) is None
    assert [of_parts(done, 12, 2, 6) for done in (2, 3, 9, 10)] == [None, Decimal("0.5"), Decimal("1.5"), None]
    assert [of_shares(Decimal(n), 10) for n in (0, 20, 34, 66, 79, 80, 100)] == [20, 20, 30, 70, 80, 80, 80]
    assert of_shares(Decimal(50), 4) is None
    assert (least_told(6), most_told(6), least_told(20), most_told(20)) == (40, 60, 10, 90)

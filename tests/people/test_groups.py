"""A figure of a group says nothing about one person (security.md §2, rule 1; T26)."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfsys.people.groups import blurred, groups_to_show, may_show

LEAST = 5
PARTITIONS = st.lists(st.integers(0, 14), min_size=1, max_size=7)


@pytest.mark.parametrize(
    ("members", "whole", "is_member", "shown"),
    [
        (5, 5, False, True),
        (5, 5, True, False),  # four others
        (6, 6, True, True),
        (6, 11, True, True),
        (6, 10, True, False),  # four are left over
        (0, 20, False, False),
    ],
)
def test_it_takes_five_others_and_none_or_five_left_over(members, whole, is_member, shown):
    assert may_show(members, whole=whole, least=LEAST, reader_is_member=is_member) is shown


def test_of_two_shown_groups_and_a_small_rest_the_smaller_one_is_hidden():
    assert groups_to_show({"a": 7, "b": 9, "c": 1}, whole=17, least=LEAST) == {"b"}
    assert groups_to_show({"a": 7, "b": 9}, whole=16, least=LEAST) == {"a", "b"}


@given(PARTITIONS, st.integers(0, 8), st.integers(1, 9), st.booleans())
def test_the_rest_of_all_shown_groups_is_nobody_or_as_many(sizes, outside, least, readers_inside):
    groups, whole = dict(enumerate(sizes)), sum(sizes) + outside
    shown = groups_to_show(groups, whole=whole, least=least, readers_inside=readers_inside)
    rest = whole - sum(groups[key] for key in shown)
    assert all(groups[key] - readers_inside >= least for key in shown)
    assert not shown or rest == 0 or rest - readers_inside >= least


@given(PARTITIONS, st.integers(0, 8), st.data())
def test_nobody_works_out_anothers_value_from_all_that_is_shown(sizes, outside, data):
    """A solver: the sums of the shown groups and of the whole are known, and so is the own value. No other person's
    value follows from these."""
    whole = sum(sizes) + outside
    shown = groups_to_show(dict(enumerate(sizes)), whole=whole, least=LEAST)
    if not shown:
        return
    starts = [sum(sizes[:place]) for place in range(len(sizes))]
    known = [row(whole, range(starts[key], starts[key] + sizes[key])) for key in shown]
    known.append(row(whole, range(whole)))
    reader = data.draw(st.integers(0, whole - 1))
    known.append(row(whole, [reader]))
    basis = in_steps(known)
    for other in range(whole):
        assert other == reader or not follows(row(whole, [other]), basis)


def test_the_solver_finds_what_two_sums_give_away():
    basis = in_steps([row(6, range(5)), row(6, range(6))])
    assert [follows(row(6, [person]), basis) for person in range(6)] == [False] * 5 + [True]


def row(whole, people):
    known = set(people)
    return [Fraction(person in known) for person in range(whole)]


def in_steps(rows):
    """The same sums in echelon form: (column, row), each row beginning with a one at its column."""
    basis = []
    for line in rows:
        rest = without(line, basis)
        column = next((place for place, value in enumerate(rest) if value), None)
        if column is not None:
            basis.append((column, [value / rest[column] for value in rest]))
    return basis


def without(line, basis):
    """What of `line` no combination of the basis makes."""
    for column, known in basis:
        if factor := line[column]:
            line = [a - factor * b if b else a for a, b in zip(line, known, strict=True)]
    return line


def follows(wanted, basis):
    """Whether `wanted` is a linear combination of the rows of the basis."""
    return not any(without(wanted, basis))


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_count_of_few_or_of_nearly_all_names_nobody(part, rest):
    whole = part + rest
    count = blurred(part, whole)
    assert 0 <= count.low <= part <= count.high <= whole
    if count.is_exact and whole:
        assert part > 2 and rest > 2

"""A change of a dated value holds until the next change already known, and forgets nothing."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from perfsys.people.timeline import Span, changed

START = date(2026, 1, 1)
Rows = list[tuple[str, date, date | None]]


def day(number: int) -> date:
    return START + timedelta(days=number)


def after(rows: Rows, value: str | None, on: date) -> Rows:
    """`rows` of one owner after the change, as the database would hold them."""
    table = {pk: [value, starts_on, ends_on] for pk, (value, starts_on, ends_on) in enumerate(rows)}
    spans = [Span(pk, 1, v, starts_on, ends_on) for pk, (v, starts_on, ends_on) in enumerate(rows)]
    edits = changed(spans, {1: value}, {1: on})
    for pk in edits.drop:
        del table[pk]
    for pk, ends_on in edits.end:
        table[pk][2] = ends_on
    for pk, corrected in edits.correct:
        table[pk][0] = corrected
    added = [(new, starts_on, ends_on) for _, new, starts_on, ends_on in edits.add]
    return sorted([(v, s, e) for v, s, e in table.values()] + added, key=lambda row: row[1])


def value_on(rows: Rows, on: date) -> str | None:
    held = [value for value, starts_on, ends_on in rows if starts_on <= on and (ends_on is None or on < ends_on)]
    assert len(held) <= 1, "two at a time"
    return held[0] if held else None


def test_a_change_closes_the_row_before_it() -> None:
    assert after([("a", day(0), None)], "b", day(5)) == [("a", day(0), day(5)), ("b", day(5), None)]


def test_a_change_on_the_day_a_row_began_corrects_it() -> None:
    assert after([("a", day(0), None)], "b", day(0)) == [("b", day(0), None)]


def test_a_change_taken_back_on_its_own_day_leaves_one_row() -> None:
    moved = after([("a", day(0), None)], "b", day(5))
    assert after(moved, "a", day(5)) == [("a", day(0), None)]


def test_what_is_planned_for_later_stays() -> None:
    planned = after([("a", day(0), None)], "c", day(9))
    assert after(planned, "b", day(5)) == [("a", day(0), day(5)), ("b", day(5), day(9)), ("c", day(9), None)]


def test_the_same_value_again_changes_nothing() -> None:
    rows: Rows = [("a", day(0), None)]
    assert after(rows, "a", day(5)) == rows


def test_nothing_any_more_ends_the_row() -> None:
    assert after([("a", day(0), None)], None, day(5)) == [("a", day(0), day(5))]
    assert after([("a", day(0), None)], None, day(0)) == []


@given(st.lists(st.tuples(st.sampled_from(["a", "b", None]), st.integers(0, 12)), max_size=12))
def test_only_the_days_until_the_next_known_change_are_different(changes: list[tuple[str | None, int]]) -> None:
    rows: Rows = []
    for value, number in changes:
        before = rows
        rows = after(rows, value, day(number))
        held = next((row for row in before if row[1] <= day(number) and (row[2] is None or day(number) < row[2])), None)
        until = held[2] if held else min((row[1] for row in before if row[1] > day(number)), default=None)
        for other in range(14):
            on = day(other)
            changed_here = on >= day(number) and (until is None or on < until)
            assert value_on(rows, on) == (value if changed_here else value_on(before, on))
        assert all(ends_on is None or ends_on > starts_on for _, starts_on, ends_on in rows)

"""Writing dated rows and what follows from them, by sets. Only actions call this."""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from typing import Any, NamedTuple, TypeVar

from django.db.models import QuerySet

from .closure import Circle, Touched, follow_reporting_lines, follow_unit_lines
from .models import Assignment, HrbpAssignment, ReportingLine, UnitLine
from .timeline import Edits, Span, changed

BATCH = 1000  # rows a statement
V = TypeVar("V")
Post = tuple[int, str]  # unit id, position


class Written(NamedTuple):
    """Ids of the owners whose rows changed, of the values (managers, parents, partners) that came or went, and the
    rows of the closure written."""

    owners: set[int]
    values: set[int]
    closure: Touched = Touched(0, 0, 0)


def write_managers(wanted: Mapping[int, int | None], on: Mapping[int, date]) -> Written:
    """Give each employee (id) that manager (id or None) from the day in `on`. Raises Circle, TooDeep."""
    _refuse_self(wanted)
    rows = _spans(ReportingLine.objects.filter(employee__in=wanted), "employee", "manager")
    edits = changed(rows, wanted, on)
    _write(ReportingLine, edits, "employee", lambda manager: {"manager_id": manager})
    owners, managers = _changed_ids(rows, edits)
    return Written(owners, managers, follow_reporting_lines(owners))


def write_unit_parents(wanted: Mapping[int, int | None], on: Mapping[int, date]) -> Written:
    """The same for units. New units are named in `wanted` too, with None for a top one."""
    _refuse_self(wanted)
    rows = _spans(UnitLine.objects.filter(unit__in=wanted), "unit", "parent")
    edits = changed(rows, wanted, on)
    _write(UnitLine, edits, "unit", lambda parent: {"parent_id": parent})
    return Written(*_changed_ids(rows, edits), follow_unit_lines(set(wanted)))


def write_posts(wanted: Mapping[int, Post | None], on: Mapping[int, date]) -> set[int]:
    """Give each employee that primary post from the day in `on`. Returns who changed."""
    primary = Assignment.objects.filter(employee__in=wanted, is_primary=True)
    rows = [
        Span(pk, owner, (unit, position), starts_on, ends_on)
        for pk, owner, unit, position, starts_on, ends_on in primary.values_list(
            "pk", "employee", "unit", "position", "starts_on", "ends_on"
        )
    ]
    edits = changed(rows, wanted, on)
    _give_way(edits, {row.id: row.owner for row in rows})
    _write(Assignment, edits, "employee", lambda post: {"unit_id": post[0], "position": post[1]})
    return _changed_ids(rows, edits)[0]


def write_partners(wanted: Mapping[int, int | None], on: Mapping[int, date]) -> Written:
    """Give each unit that HR partner of its own from the day in `on`."""
    rows = _spans(HrbpAssignment.objects.filter(unit__in=wanted), "unit", "hrbp")
    edits = changed(rows, wanted, on)
    _write(HrbpAssignment, edits, "unit", lambda hrbp: {"hrbp_id": hrbp})
    return Written(*_changed_ids(rows, edits))


def _refuse_self(wanted: Mapping[int, int | None]) -> None:
    """The smallest circle of all."""
    if alone := sorted(owner for owner, value in wanted.items() if owner == value):
        raise Circle(alone)


def _spans(rows: QuerySet[Any], owner: str, value: str) -> list[Span[int]]:
    return [Span(*row) for row in rows.values_list("pk", owner, value, "starts_on", "ends_on")]


def _changed_ids(rows: Collection[Span[V]], edits: Edits[V]) -> tuple[set[int], set[V]]:
    touched = set(edits.drop) | {pk for pk, _ in edits.end} | {pk for pk, _ in edits.correct}
    owners = {row.owner for row in rows if row.id in touched} | {owner for owner, *_ in edits.add}
    values = {row.value for row in rows if row.id in touched}
    return owners, values | {value for _, value in edits.correct} | {value for _, value, *_ in edits.add}


def _give_way(edits: Edits[Post], owner_of: Mapping[int, int]) -> None:
    """A further post in the very unit that becomes the primary one ends: one open row a person and unit."""
    units = {(owner, post[0]) for owner, post, _, ends_on in edits.add if ends_on is None}
    units |= {(owner_of[pk], post[0]) for pk, post in edits.correct}
    further = Assignment.objects.filter(
        employee__in={owner for owner, _ in units}, is_primary=False, ends_on=None
    ).values_list("pk", "employee", "unit")
    Assignment.objects.filter(pk__in=[pk for pk, owner, unit in further if (owner, unit) in units]).delete()


def _write(model: Any, edits: Edits[V], owner: str, columns: Callable[[V], dict[str, Any]]) -> None:
    """In the order of `Edits`: the database refuses two spans at a time at every single statement."""
    if edits.drop:
        model.objects.filter(pk__in=edits.drop).delete()
    ended = [model(pk=pk, ends_on=ends_on) for pk, ends_on in edits.end]
    model.objects.bulk_update(ended, ["ends_on"], batch_size=BATCH)
    corrected = [model(pk=pk, **columns(value)) for pk, value in edits.correct]
    if corrected:
        model.objects.bulk_update(corrected, list(columns(edits.correct[0][1])), batch_size=BATCH)
    model.objects.bulk_create(
        [
            model(**{f"{owner}_id": pk}, **columns(value), starts_on=starts_on, ends_on=ends_on)
            for pk, value, starts_on, ends_on in edits.add
        ],
        batch_size=BATCH,
    )

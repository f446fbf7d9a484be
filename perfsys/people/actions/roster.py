"""A whole roster at once: what an import, a demo company and a generator of any size write (product.md §1.6).

Set-based from end to end, in one transaction: units, people, posts, lines with their closure, HR partners, roles. The
same roster again writes nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, F
from django.utils.translation import gettext as _

from perfsys.audit.actions import record
from perfsys.common.bulk import AnyOf, plan_anew, writing_in_bulk

from .. import events, formers, names, spans, standing, writes
from ..formers import Record, Replaced, What
from ..models import Assignment, Employee, HrbpAssignment, OrgUnit, ReportingLine
from ..roster import RosterRow, above, circles, partners_by_unit, with_ancestors
from .core import changing_the_organisation, no_circle_of_managers, refusing, tenant_now, today_at
from .leaving import part_from, part_from_those_due
from .units import path_taken

BATCH = writes.BATCH
Progress = Callable[[int], None]


@dataclass
class RosterApplied:
    """People by what happened to them, numbers of employees; counts of what else was written."""

    created: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    left_in_circles: list[str] = field(default_factory=list)
    """Whose manager was not changed, because he would report to himself through others."""
    units_created: int = 0
    lines_changed: int = 0
    partners_changed: int = 0
    closure_rows: int = 0

    def counts(self) -> dict[str, int]:
        return {name: value if isinstance(value, int) else len(value) for name, value in vars(self).items()}


@dataclass
class _Work:
    """One application of one roster; the steps below share it."""

    rows: Sequence[RosterRow]
    on: date
    people: dict[str, Employee] = field(default_factory=dict)  # by number: those in the roster and whom they name
    before: dict[str, tuple[Any, ...]] = field(default_factory=dict)
    fresh: set[str] = field(default_factory=set)
    touched: set[int] = field(default_factory=set)  # ids whose posts or lines changed
    unit_ids: dict[str, int] = field(default_factory=dict)
    unit_starts: dict[str, date] = field(default_factory=dict)
    new_units: set[int] = field(default_factory=set)

    def since(self, row: RosterRow) -> date:
        """From when what the roster says of a person holds: a new one has been here since hired."""
        person = self.people[row.employee_no]
        if row.employee_no in self.fresh:
            return person.hired_on or self.on
        return max(self.on, person.hired_on or self.on)


def apply_roster(
    rows: Sequence[RosterRow],
    *,
    effective_on: date,
    actor: Employee | None,
    now: datetime,
    progress: Progress = lambda done: None,
    remember: Callable[[Iterable[Replaced]], None] | None = None,
) -> RosterApplied:
    """Make the organisation what `rows` say, from `effective_on`; for people new here from the day they were hired.

    Each number once (the caller has merged further posts into `units`). People and units that are not in the roster
    stay. `progress` takes rows done, of len(rows); `remember` takes what `take_back_roster` needs. Raises
    OrganisationBusy; CircleOfManagers only where lines planned for later close a circle.
    """
    with changing_the_organisation(), no_circle_of_managers(), writing_in_bulk():
        work, done = _Work(rows, effective_on), RosterApplied()
        _load_people(work)
        stood = _as_it_stands(work) if remember else None
        _write_people(work, lambda count: progress(count // 2))  # the other half is posts and lines
        _write_units(work, done)
        _write_posts(work)
        progress(len(rows) * 3 // 4)
        _write_lines(work, done)
        _write_partners(work, done)
        _end_those_who_left(work)
        work.touched |= part_from_those_due(today_at(now))
        standing.settle(today_at(now))
        _sort_by_outcome(work, done)
        if remember and stood:
            remember(_replaced(work, stood))
        progress(len(rows))
        record(events.ROSTER_APPLIED, subject=tenant_now(), actor=actor, at=now, details=done.counts())
        return done


def _load_people(work: _Work) -> None:
    numbers = {row.employee_no for row in work.rows}
    named = {no for row in work.rows for no in (row.manager_no, row.hrbp_no) if no is not None}
    for person in Employee.objects.filter(employee_no__in=numbers | named):
        work.people[person.employee_no] = person
    work.before = {no: _told_fields(person) for no, person in work.people.items()}
    work.fresh = numbers - work.people.keys()


def _as_it_stands(work: _Work) -> tuple[dict[int, Record], dict[int, Record]]:
    """People and units whose records or rows the roster may change, before it does. Ten queries."""
    told = {row.employee_no for row in work.rows}
    people = {person.pk for number, person in work.people.items() if number in told}
    leavers = [work.people[row.employee_no].pk for row in work.rows if row.has_left and row.employee_no in work.people]
    lines = ReportingLine.objects.filter(spans.ends_after(work.on), AnyOf(F("manager_id"), leavers))
    people.update(lines.values_list("employee_id", flat=True))  # they are handed over
    paths = with_ancestors({path for row in _present(work) for path in row.units})
    units = set(OrgUnit.objects.filter(AnyOf(F("path"), paths)).values_list("pk", flat=True))
    units.update(HrbpAssignment.objects.filter(AnyOf(F("hrbp_id"), leavers)).values_list("unit_id", flat=True))
    return formers.people(people), formers.units(units)


def _replaced(work: _Work, stood: tuple[dict[int, Record], dict[int, Record]]) -> Iterable[Replaced]:
    people, units = stood
    fresh = {work.people[number].pk for number in work.fresh}
    yield from formers.compared(What.PERSON, people, formers.people(people.keys() | fresh), fresh)
    yield from formers.compared(What.UNIT, units, formers.units(units.keys() | work.new_units), work.new_units)


_TOLD = formers.TOLD


def _told_fields(person: Employee) -> tuple[Any, ...]:
    return tuple(getattr(person, name) for name in _TOLD)


def _write_people(work: _Work, progress: Progress) -> None:
    for start in range(0, len(work.rows), BATCH):
        rows = work.rows[start : start + BATCH]
        new, changed = [], []
        for row in rows:
            person = work.people.get(row.employee_no)
            if person is None:
                person = Employee(employee_no=row.employee_no)
                new.append(person)
            fill(person, row, work.on)
            if row.employee_no in work.before and _told_fields(person) != work.before[row.employee_no]:
                person.version += 1
                changed.append(person)
            work.people[row.employee_no] = person
        plan_anew()
        Employee.objects.bulk_create(new)
        if changed:
            Employee.objects.bulk_update(changed, [*_TOLD, "name_key", "search_key", "version"])
        progress(start + len(rows))


def fill(person: Employee, row: RosterRow, on: date) -> None:
    """Give a record what a roster says of it from that day on; nothing is saved."""
    for name in ("position", "grade", "job_family", "email", "mobile", "hired_on"):
        value = getattr(row, name)
        if value is not None:
            setattr(person, name, value)
    if person.name != row.name:
        person.name, person.name_key, person.search_key = row.name, names.name_key(row.name), names.search_key(row.name)
    if row.has_left:
        if person.status == Employee.Status.ACTIVE:
            # Somebody known leaves on the day of the roster; of a stranger who has left nobody knows when.
            person.left_on = row.left_on or (on if person.pk else None)
        elif row.left_on is not None:
            person.left_on = row.left_on
        person.status = Employee.Status.LEFT
    elif person.status == Employee.Status.LEFT:
        person.status, person.left_on = Employee.Status.ACTIVE, row.left_on
    elif row.left_on is not None:
        person.left_on = row.left_on  # planned
    if person.hired_on and person.left_on and person.left_on < person.hired_on:
        person.left_on = None


def _write_units(work: _Work, done: RosterApplied) -> None:
    earliest: dict[str, date] = {}
    for row in _present(work):
        for path in with_ancestors(row.units):
            earliest[path] = min(earliest.get(path, work.on), work.since(row))
    open_units = OrgUnit.objects.filter(spans.ends_after(work.on)).values_list("path", "pk", "starts_on")
    for path, pk, starts_on in open_units:
        work.unit_ids[path], work.unit_starts[path] = pk, starts_on
    made: dict[int, int | None] = {}
    since: dict[int, date] = {}
    missing = [path for path in with_ancestors(earliest) if path not in work.unit_ids]
    with refusing("people_unit_open_path", path_taken(_("this name"))):
        for depth in sorted({path.count("/") for path in missing}):
            level = [path for path in missing if path.count("/") == depth]
            units = [_new_unit(work, path, earliest[path]) for path in level]
            for unit in OrgUnit.objects.bulk_create(units, batch_size=BATCH):
                work.unit_ids[unit.path], work.unit_starts[unit.path] = unit.pk, unit.starts_on
                made[unit.pk], since[unit.pk] = unit.parent_id, unit.starts_on
    writes.write_unit_parents(made, since)
    work.new_units = set(made)
    done.units_created = len(made)


def _new_unit(work: _Work, path: str, starts_on: date) -> OrgUnit:
    parent = above(path)
    if parent is not None:
        starts_on = max(starts_on, work.unit_starts[parent])
    return OrgUnit(
        name=path.rpartition("/")[2],
        path=path,
        parent_id=work.unit_ids[parent] if parent else None,
        starts_on=starts_on,
    )


def _present(work: _Work) -> list[RosterRow]:
    return [row for row in work.rows if not row.has_left]


def _write_posts(work: _Work) -> None:
    wanted: dict[int, writes.Post | None] = {}
    since: dict[int, date] = {}
    for row in _present(work):
        if row.units:
            person = work.people[row.employee_no]
            wanted[person.pk] = (work.unit_ids[row.units[0]], person.position)
            since[person.pk] = max(work.since(row), work.unit_starts[row.units[0]])
    work.touched |= writes.write_posts(wanted, since)
    _write_further_posts(work)


def _write_further_posts(work: _Work) -> None:
    """A person's further posts are those the roster names: what it no longer names ends. One in a unit that is planned
    to be the primary one ends when it becomes that."""
    told = {work.people[row.employee_no].pk: row for row in _present(work) if row.units}
    standing_posts = Assignment.objects.filter(spans.ends_after(work.on), is_primary=False, employee__in=told)
    open_posts = {(post.employee_id, post.unit_id): post for post in standing_posts}
    wanted = {(pk, work.unit_ids[path]): row for pk, row in told.items() for path in row.units[1:]}
    over = [post for key, post in open_posts.items() if key not in wanted]
    Assignment.objects.filter(pk__in=[post.pk for post in over if post.starts_on >= work.on]).delete()
    Assignment.objects.filter(pk__in=[post.pk for post in over if post.starts_on < work.on]).update(ends_on=work.on)
    primary = Assignment.objects.filter(is_primary=True, ends_on=None, employee__in=told)
    planned = {(pk, unit): day for pk, unit, day in primary.values_list("employee", "unit", "starts_on")}
    paths = {pk: path for path, pk in work.unit_ids.items()}
    new = [
        Assignment(
            employee_id=pk,
            unit_id=unit,
            is_primary=False,
            starts_on=max(work.since(row), work.unit_starts[paths[unit]]),
            ends_on=planned.get((pk, unit)),
        )
        for (pk, unit), row in wanted.items()
        if (pk, unit) not in open_posts and paths[unit] != row.units[0]
    ]
    new = [post for post in new if post.ends_on is None or post.starts_on < post.ends_on]
    Assignment.objects.bulk_create(new, batch_size=BATCH)
    work.touched |= {post.employee_id for post in [*over, *new]}


def _write_lines(work: _Work, done: RosterApplied) -> None:
    wanted: dict[int, int | None] = {}
    since: dict[int, date] = {}
    for row in _present(work):
        person, manager = work.people[row.employee_no], _superior(work, row)
        if manager is None and not row.is_top:
            continue
        wanted[person.pk] = manager.pk if manager else None
        since[person.pk] = work.since(row)
        if manager and row.employee_no in work.fresh:
            since[person.pk] = max(since[person.pk], manager.hired_on or work.on)
    number = {person.pk: no for no, person in work.people.items()}
    done.left_in_circles = sorted(number[pk] for pk in _drop_circles(wanted, work.on))
    written = writes.write_managers(wanted, since)
    work.touched |= written.owners
    done.lines_changed, done.closure_rows = len(written.owners), written.closure.total


def _superior(work: _Work, row: RosterRow) -> Employee | None:
    manager = work.people.get(row.manager_no) if row.manager_no else None
    if manager is None or not manager.is_active or manager.employee_no == row.employee_no:
        return None
    return manager


def _drop_circles(wanted: dict[int, int | None], on: date) -> set[int]:
    """Take out of `wanted` what would close a circle; those keep the manager they have. Returns who."""
    lines = ReportingLine.objects.filter(spans.holds(on)).values_list("employee", "manager")
    standing_lines: Mapping[int, int | None] = dict(lines)
    dropped: set[int] = set()
    while caught := circles({**standing_lines, **wanted}) & wanted.keys():
        for pk in caught:
            del wanted[pk]
        dropped |= caught
    return dropped


def _write_partners(work: _Work, done: RosterApplied) -> None:
    votes = [
        (row.units[0], work.people[row.hrbp_no].pk)
        for row in _present(work)
        if row.units and row.hrbp_no in work.people and work.people[row.hrbp_no].is_active
    ]
    spoken_for = _mostly_in_the_roster(work, [path for path, _ in votes])
    chosen = partners_by_unit((path, partner) for path, partner in votes if path in spoken_for)
    hired = {person.pk: person.hired_on for person in work.people.values()}
    wanted: dict[int, int | None] = {}
    since: dict[int, date] = {}
    for path, partner in chosen.items():
        unit = work.unit_ids[path]
        wanted[unit] = partner
        begins = work.unit_starts[path] if unit in work.new_units else work.on
        since[unit] = max(begins, (hired[partner] if partner else None) or begins)
    done.partners_changed = len(writes.write_partners(wanted, since).owners)


def _mostly_in_the_roster(work: _Work, voters: Sequence[str]) -> set[str]:
    """Units of which the roster lists at least half the people: three newcomers do not choose for a workshop."""
    told = Counter(voters)
    members = Assignment.objects.filter(spans.holds(work.on), is_primary=True).values_list("unit")
    size = dict(members.annotate(size=Count("pk")))
    return {path for path, count in told.items() if 2 * count >= size.get(work.unit_ids[path], 0)}


def _end_those_who_left(work: _Work) -> None:
    active = _TOLD.index("status")
    gone = [
        work.people[row.employee_no]
        for row in work.rows
        if row.has_left and work.before.get(row.employee_no, ("",) * len(_TOLD))[active] == Employee.Status.ACTIVE
    ]
    if gone:
        work.touched |= part_from(gone, on=work.on).owners


def _sort_by_outcome(work: _Work, done: RosterApplied) -> None:
    for row in work.rows:
        person = work.people[row.employee_no]
        if row.employee_no in work.fresh:
            done.created.append(row.employee_no)
        elif person.pk in work.touched or _told_fields(person) != work.before[row.employee_no]:
            done.changed.append(row.employee_no)
        else:
            done.unchanged.append(row.employee_no)

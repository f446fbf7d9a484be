"""An import of people taken back, set-based from end to end (product.md §1.6)."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F

from perfsys.audit.actions import record
from perfsys.common.bulk import AnyOf, plan_anew, writing_in_bulk
from perfsys.tenancy.models import Membership
from perfsys.tenancy.rows import insert_rows, update_rows

from .. import events, formers, names, standing, writes
from ..closure import follow_reporting_lines, follow_unit_lines
from ..formers import Node, Record, Replaced, What
from ..models import Assignment, Employee, HrbpAssignment, OrgUnit, ReportingLine, RoleGrant, UnitLine
from ..undoing import Outlook, outlook
from .core import changing_the_organisation, no_circle_of_managers, tenant_now, today_at

BATCH = writes.BATCH
Former = Mapping[int, Mapping[str, Any]]


def take_back_roster(*, replaced: Sequence[Replaced], actor: Employee | None, now: datetime) -> Outlook:
    """Remove who and what was new, give back what was changed, and leave what somebody touched since. Twice is once.
    Raises OrganisationBusy."""
    with changing_the_organisation(), no_circle_of_managers(), writing_in_bulk():
        _hold([one.node for one in replaced])
        found = outlook(replaced)
        kept: dict[Node, Record] = {one.node: dict(one.former or {}) for one in replaced}
        people, units = _restored(What.PERSON, found, kept), _restored(What.UNIT, found, kept)
        gone, closed = _removed(What.PERSON, found), _removed(What.UNIT, found)
        plan_anew()
        follow_reporting_lines(_put_back(ReportingLine, "employee_id", "managers", formers.LINE, people, gone))
        _put_back(Assignment, "employee_id", "posts", formers.POST, people, gone)
        _put_back(HrbpAssignment, "unit_id", "partners", formers.PARTNER, units, closed)
        _put_back_records(people)
        _put_back_seats(people)
        for ids in _chunks(gone):
            plan_anew()
            Employee.objects.filter(AnyOf(F("id"), ids)).delete()
        _remove_units(closed)
        standing.settle(today_at(now))
        said = {"removed": len(found.removed), "restored": len(found.restored), "left": len(found.left)}
        record(events.ROSTER_TAKEN_BACK, subject=tenant_now(), actor=actor, at=now, details=said)
        return found


def _hold(nodes: Collection[Node]) -> None:
    """Nobody gives them a goal between the look and the deed."""
    for what, model in ((What.PERSON, Employee), (What.UNIT, OrgUnit)):
        ids = [pk for kind, pk in nodes if kind is what]
        list(model.objects.filter(AnyOf(F("id"), ids)).order_by("pk").select_for_update().values_list("pk"))


def _restored(what: What, found: Outlook, kept: Mapping[Node, Record]) -> dict[int, Record]:
    return {node[1]: kept[node] for node in found.restored if node[0] is what}


def _removed(what: What, found: Outlook) -> list[int]:
    return [pk for kind, pk in found.removed if kind is what]


def _put_back(
    model: Any, owner: str, part: str, columns: Sequence[str], former: Former, gone: Collection[int]
) -> set[int]:
    """The dated rows of each owner as they were, and none of those who go; rows that stand as they stood are left
    alone. Returns owners whose rows changed."""
    wanted: dict[int, list[Any]] = {pk: kept[part] for pk, kept in former.items() if part in kept}
    wanted |= {pk: [] for pk in gone}
    missing = {(pk, *row) for pk, rows in wanted.items() for row in rows}
    over, owners = [], set()
    standing_rows = model.objects.filter(AnyOf(F(owner), list(wanted))).values_list("pk", owner, *columns)
    for row_id, pk, *values in standing_rows:
        row = (pk, *formers.plain(values))
        if row in missing:
            missing.discard(row)
        else:
            over.append(row_id)
            owners.add(pk)
    for ids in _chunks(over):
        model.objects.filter(AnyOf(F("id"), ids)).delete()
    for rows in _chunks(sorted(missing, key=str)):
        insert_rows(model, [dict(zip((owner, *columns), row, strict=True)) for row in rows])
    return owners | {row[0] for row in missing}


def _put_back_records(former: Former) -> None:
    told = {pk: kept["fields"] for pk, kept in former.items() if "fields" in kept}
    versions = dict(Employee.objects.filter(AnyOf(F("id"), list(told))).values_list("pk", "version"))
    for ids in _chunks(sorted(told)):
        plan_anew()
        rows = [
            {
                **told[pk],
                "id": pk,
                "name_key": names.name_key(told[pk]["name"]),
                "search_key": names.search_key(told[pk]["name"]),
                "version": versions[pk] + 1,
            }
            for pk in ids
        ]
        update_rows(Employee, rows)


def _put_back_seats(former: Former) -> None:
    """Who is here again signs in again, with the roles that ended with the leaving."""
    told = {pk: kept for pk, kept in former.items() if kept.get("seat_open") or "grants" in kept}
    held = Employee.objects.filter(AnyOf(F("id"), list(told)), membership__isnull=False)
    seats: dict[int, int] = dict(held.values_list("pk", "membership_id"))
    opened = [seat for pk, seat in seats.items() if told[pk].get("seat_open")]
    Membership.objects.filter(AnyOf(F("id"), opened), is_active=False).update(is_active=True, version=F("version") + 1)
    grants = [
        {"membership_id": seat, **dict(zip(formers.GRANT, row, strict=True))}
        for pk, seat in seats.items()
        for row in told[pk].get("grants", ())
    ]
    RoleGrant.objects.filter(public_id__in=[one["public_id"] for one in grants]).delete()
    insert_rows(RoleGrant, grants, ignore_conflicts=True)  # given anew meanwhile


def _remove_units(ids: Sequence[int]) -> None:
    """Those below before those above."""
    if not ids:
        return
    UnitLine.objects.filter(AnyOf(F("unit_id"), list(ids))).delete()
    follow_unit_lines(ids)
    depths = defaultdict(list)
    for pk, path in OrgUnit.objects.filter(AnyOf(F("id"), list(ids))).values_list("pk", "path"):
        depths[path.count("/")].append(pk)
    for depth in sorted(depths, reverse=True):
        OrgUnit.objects.filter(AnyOf(F("id"), depths[depth])).delete()


def _chunks(rows: Sequence[Any]) -> Iterator[Sequence[Any]]:
    return (rows[start : start + BATCH] for start in range(0, len(rows), BATCH))

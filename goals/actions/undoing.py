"""What an import of goals changed, kept while it writes and taken back later (product.md §1.6)."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from goals import events
from goals.models import Alignment, Goal, Obstacle, ObstacleState, Period, ResourceLine, Source
from goals.queries.settings import local_date
from goals.queries.undoing import CIRCLE, LOST, drawn_otherwise, outlook
from perfsys.audit.actions import record
from perfsys.common.bulk import AnyOf, plan_anew, writing_in_bulk
from perfsys.imports.kinds import Change, Undoing
from perfsys.people.models import Employee
from perfsys.tenancy.rows import insert_rows, update_rows

from .closing import tell_of_endings, tell_of_removals
from .imported_rows import chunks, plain
from .matching import look_for_matches
from .periods import count_goals
from .rollup import roll_up_period
from .standing import write_standing

GOAL = [
    "number",
    "title",
    "kind",
    "owner_id",
    "unit_id",
    "weight",
    "is_core",
    "measure",
    "unit_of_measure",
    "target",
    "direction",
    "due_on",
    "evidence_type",
    "evidence_label",
    "evidence_number",
    "status",
    "outcome",
    "published_at",
    "published_on",
    "closed_at",
    "extra",
    "flags",
    "import_digest",
]
LINE = [
    "parent_id",
    "is_primary",
    "contribution",
    "split",
    "confirmed_by_id",
    "confirmed_by_name",
    "confirmed_at",
    "confirmed_because",
    "confirmed_as",
    "version",
]
RESOURCE = ("kind", "planned", "actual", "source")


def formers(ids: Collection[int]) -> dict[int, dict[str, Any]]:
    """What these goals are before a file changes them, as plain JSON. Four queries."""
    goals = Goal.objects.filter(AnyOf(F("id"), list(ids)))
    found: dict[int, dict[str, Any]] = {
        row.pop("id"): {"goal": _plain(row), "lines": [], "causes": [], "resources": []}
        for row in goals.values("id", *GOAL)
    }
    for line in Alignment.objects.filter(AnyOf(F("child_id"), list(ids))).order_by("pk").values("child_id", *LINE):
        found[line.pop("child_id")]["lines"].append(_plain(line))
    causes = Obstacle.objects.filter(AnyOf(F("goal_id"), list(ids))).order_by("pk")
    for goal, cause in causes.values_list("goal_id", "cause_id"):
        found[goal]["causes"].append(cause)
    planned = ResourceLine.objects.filter(AnyOf(F("goal_id"), list(ids)), month=None, source=Source.IMPORT)
    for amount in planned.order_by("pk").values("goal_id", *RESOURCE):
        found[amount.pop("goal_id")]["resources"].append(_plain(amount))
    return found


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in row.items()}


@transaction.atomic
@writing_in_bulk()
def take_back_goals(
    *, changes: Sequence[Change], report: Mapping[str, Any], period: Period, actor: Employee | None, now: datetime
) -> Undoing:
    """Remove what was new, give back former values, and leave what somebody touched since."""
    list(Goal.objects.filter(AnyOf(F("id"), [one.target for one in changes])).select_for_update().values_list("pk"))
    found = outlook(changes, report)
    former = {one.target: one.former for one in changes if one.former is not None}
    partly: dict[int, str] = {}
    other = drawn_otherwise({pk: former[pk] for pk in found.restored})
    Alignment.objects.filter(AnyOf(F("child_id"), other)).delete()
    tell_of_removals(found.removed, now=now)
    for ids in chunks(found.removed):
        plan_anew()
        Goal.objects.filter(pk__in=ids).delete()
    was = dict(Goal.objects.filter(AnyOf(F("id"), found.restored)).values_list("pk", "status"))
    for ids in chunks(found.restored):
        plan_anew()
        partly |= _restore({pk: former[pk] for pk in ids}, set(other))
    count_goals(period)
    roll_up_period(period)
    write_standing(local_date(now))
    tell_of_endings(was, now=now)
    if found.restored:
        look_for_matches()
    said = {"removed": len(found.removed), "restored": len(found.restored), "left": len(found.left)}
    if partly:
        said["partly"] = len(partly)
    record(events.GOALS_TAKEN_BACK, subject=period, actor=actor, at=now, details=said)
    return replace(found, partly=partly)


def _restore(former: Mapping[int, Mapping[str, Any]], other: Collection[int]) -> dict[int, str]:
    """Those that did not get all their lines back, with a code of why."""
    ids = list(former)
    versions = dict(Goal.objects.filter(AnyOf(F("id"), ids)).values_list("pk", "version"))
    # A number that two goals swap would be taken for a moment.
    numbers = dict(Goal.objects.filter(AnyOf(F("id"), ids)).values_list("pk", "number"))
    renamed = [pk for pk in ids if numbers[pk] != former[pk]["goal"]["number"]]
    update_rows(Goal, [{"id": pk, "number": f"back-{pk}"} for pk in renamed])
    update_rows(Goal, [{"id": pk, **kept["goal"], "version": versions[pk] + 1} for pk, kept in former.items()])
    partly = _restore_lines({pk: kept for pk, kept in former.items() if pk in other})
    _restore_obstacles(former)
    ResourceLine.objects.filter(AnyOf(F("goal_id"), ids), month=None, source=Source.IMPORT).delete()
    amounts = [{**amount, "goal_id": pk, "month": None} for pk, kept in former.items() for amount in kept["resources"]]
    insert_rows(ResourceLine, amounts, ignore_conflicts=True)
    return partly


def _restore_lines(former: Mapping[int, Mapping[str, Any]]) -> dict[int, str]:
    """One that leads to a goal that is gone, or would close a circle by now, stays away and is told: the goal then
    waits for its owner to say what it supports."""
    lines = [{**line, "child_id": pk} for pk, kept in former.items() for line in kept["lines"]]
    above = Goal.objects.filter(AnyOf(F("id"), list({line["parent_id"] for line in lines})))
    there = set(above.values_list("pk", flat=True))
    partly = {line["child_id"]: LOST for line in lines if line["parent_id"] not in there}
    lines = [line for line in lines if line["parent_id"] in there]
    if not _drawn(lines):
        partly |= {line["child_id"]: CIRCLE for line in lines if not _drawn([line])}
    return partly


def _drawn(lines: list[dict[str, Any]]) -> bool:
    try:
        with transaction.atomic():
            insert_rows(Alignment, lines)
    except IntegrityError:
        return False
    return True


def _restore_obstacles(former: Mapping[int, Mapping[str, Any]]) -> None:
    wanted = {(pk, cause) for pk, kept in former.items() for cause in kept["causes"]}
    there = Obstacle.objects.filter(AnyOf(F("goal_id"), list(former)))
    standing = {(goal, cause): pk for pk, goal, cause in there.values_list("pk", "goal_id", "cause_id")}
    added = [pk for pair, pk in standing.items() if pair not in wanted]
    untouched = Q(helper=None, resolution="", state=ObstacleState.OPEN, changed_at=None)
    Obstacle.objects.filter(untouched, AnyOf(F("id"), added)).delete()
    missing = sorted(wanted - standing.keys())
    insert_rows(Obstacle, [{"goal_id": goal, "cause_id": cause} for goal, cause in missing])

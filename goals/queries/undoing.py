"""What taking back an import of goals would do: a goal that somebody touched since stays as it is (product.md §1.6)."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import F, Max, Q
from django.utils.translation import gettext_lazy as _

from goals.models import (
    Alignment,
    AlignmentEvent,
    EvidenceItem,
    Goal,
    GoalAlert,
    GoalEvent,
    Obstacle,
    ObstacleState,
    ResourceLine,
    Source,
)
from goals.redrawing import closing_circles
from perfsys.common.bulk import AnyOf
from perfsys.common.undoing import belongs_to, supported
from perfsys.imports.kinds import Change, Undoing

CHANGED, USED, SUPPORTED, TAKEN, GONE = "changed", "used", "supported", "taken", "gone"
CIRCLE, LOST = "circle", "lost"  # of a line up
WHY = {
    CHANGED: _("somebody changed it since"),
    USED: _("something was added to it since"),
    SUPPORTED: _("a goal that stays supports it"),
    TAKEN: _("its former number is another goal's now"),
    GONE: _("it is not there any more"),
    CIRCLE: _("what it supported supports it by now, over others; choose anew what it supports"),
    LOST: _("a goal that it supported is not there any more; choose anew what it supports"),
}
# What comes with an import, or by itself, is no sign that somebody touched the goal.
BY_ITSELF: Mapping[Any, Q | None] = {
    GoalEvent: None,
    Alignment: None,  # its own history tells
    AlignmentEvent: None,
    Obstacle: Q(state=ObstacleState.OPEN, helper=None, resolution="", changed_at=None),
    ResourceLine: Q(source=Source.IMPORT, month=None, actual=None),
    EvidenceItem: Q(record__isnull=False),
    GoalAlert: Q(confirmed_at=None),
}


def marks() -> dict[str, int]:
    """Up to where the history reads at the end of an import: what comes after it was somebody else."""
    goals: Any = GoalEvent.objects
    lines: Any = AlignmentEvent.objects
    return {
        "goals_up_to": goals.aggregate(last=Max("pgh_id"))["last"] or 0,
        "lines_up_to": lines.aggregate(last=Max("pgh_id"))["last"] or 0,
    }


def outlook(changes: Sequence[Change], report: Mapping[str, Any]) -> Undoing:
    """As many queries as there are tables that name a goal, however many goals."""
    ids = [one.target for one in changes]
    standing = set(Goal.objects.filter(AnyOf(F("id"), ids)).values_list("pk", flat=True))
    left = {pk: GONE for pk in ids if pk not in standing}
    left |= dict.fromkeys(_changed(ids, report) & standing, CHANGED)
    new = {one.target for one in changes if one.former is None} - left.keys()
    left |= dict.fromkeys(belongs_to(Goal, new, BY_ITSELF), USED)
    left |= _numbers_taken([one for one in changes if one.former is not None and one.target not in left])
    new -= left.keys()
    lines = list(Alignment.objects.filter(AnyOf(F("parent_id"), list(new))).values_list("child_id", "parent_id"))
    below = {child for child, _parent in lines}
    left |= dict.fromkeys(supported(below - new, lines, new), SUPPORTED)
    removed = [one.target for one in changes if one.former is None and one.target not in left]
    former = {one.target: one.former for one in changes if one.former is not None and one.target not in left}
    return Undoing(removed=removed, restored=list(former), left=left, partly=_undrawable(former, removed))


def drawn_otherwise(former: Mapping[int, Mapping[str, Any]]) -> list[int]:
    """Goals whose lines up are others now than they were. One query."""
    standing: defaultdict[int, set[tuple[int, bool]]] = defaultdict(set)
    drawn = Alignment.objects.filter(AnyOf(F("child_id"), list(former))) if former else Alignment.objects.none()
    for child, parent, is_primary in drawn.values_list("child_id", "parent_id", "is_primary"):
        standing[child].add((parent, is_primary))
    wanted = {pk: {(line["parent_id"], line["is_primary"]) for line in kept["lines"]} for pk, kept in former.items()}
    return [pk for pk in former if standing[pk] != wanted[pk]]


def _undrawable(former: Mapping[int, Mapping[str, Any]], removed: Collection[int]) -> dict[int, str]:
    """Goals that do not get all their lines back, with a code of why. A circle closes within one layer."""
    other = drawn_otherwise(former)
    wanted = [(pk, line["parent_id"]) for pk in other for line in former[pk]["lines"]]
    if not wanted:
        return {}
    above = Goal.objects.filter(AnyOf(F("id"), list({parent for _child, parent in wanted})))
    there = set(above.values_list("pk", flat=True)) - set(removed)
    partly = {child: LOST for child, parent in wanted if parent not in there}
    gone = set(removed)
    going = gone.union(other)
    level = Alignment.objects.filter(child__layer=F("parent__layer")).values_list("child_id", "parent_id")
    standing = [line for line in level if line[0] not in going and line[1] not in gone]
    refused = closing_circles(standing, [line for line in wanted if line[1] in there])
    return partly | {child: CIRCLE for child, _parent in refused}


def _changed(ids: Collection[int], report: Mapping[str, Any]) -> set[int]:
    goals: Any = GoalEvent.objects
    lines: Any = AlignmentEvent.objects
    later = goals.filter(AnyOf(F("pgh_obj_id"), list(ids)), pgh_id__gt=report["goals_up_to"])
    redrawn = lines.filter(AnyOf(F("child_id"), list(ids)), pgh_id__gt=report["lines_up_to"])
    return set(later.values_list("pgh_obj_id", flat=True)) | set(redrawn.values_list("child_id", flat=True))


def _numbers_taken(changed: Sequence[Change]) -> dict[int, str]:
    """Of goals that the import gave another number."""
    former = {one.former["goal"]["number"]: one.target for one in changed if one.former}
    named = Goal.objects.filter(number__in=list(former), period__in=_periods([*former.values()]))
    pairs = named.values_list("number", "pk")
    return {former[number]: TAKEN for number, pk in pairs if former[number] != pk}


def _periods(ids: Collection[int]) -> Any:
    return Goal.objects.filter(AnyOf(F("id"), list(ids))).values("period")


def called(ids: Sequence[int]) -> dict[int, str]:
    """A line about each; of one that is gone nothing."""
    goals = Goal.objects.filter(AnyOf(F("id"), list(ids))).select_related("owner", "unit")
    found = {one.pk: " · ".join(filter(None, (one.title, _whose(one)))) for one in goals}
    return {pk: found.get(pk, "") for pk in ids}


def _whose(goal: Goal) -> str:
    return goal.owner.name if goal.owner else goal.unit.name if goal.unit else ""

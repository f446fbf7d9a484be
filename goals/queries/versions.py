"""Every version of a goal, with who, when and why (product.md §2.9)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from goals import events
from goals.models import AdjustmentRequest, Goal, GoalEvent, KeyResultEvent, Kind, Status
from perfsys.audit.models import AuditEntry

MOST_VERSIONS = 100
VERBS = (
    events.GOAL_DRAFTED,
    events.GOAL_EDITED,
    events.GOAL_PUBLISHED,
    events.GOAL_ADJUSTED,
    events.GOAL_CLOSED,
    events.GOAL_REOPENED,
)


@dataclass(frozen=True)
class Version:
    """`row` has the goal's columns as they were, `results` those of its key results that counted then, by their ids.
    `request` is the one that led to it."""

    number: int
    row: Any
    at: datetime
    name: str
    verb: str
    request: AdjustmentRequest | None
    results: Mapping[int, Any]


def versions_of(goal: Goal, *, drafts: bool) -> list[Version]:
    """The newest first. Without `drafts` only what everybody could read: published and not private. Three queries,
    four of an objective.

    The record names the version of an adjustment; of anything else it was written in one transaction with the row of
    the history, and both carry the moment that began.
    """
    manager: Any = GoalEvent.objects  # the columns of Goal are not known to the type checker
    kept = manager.filter(pgh_obj=goal.pk)
    if not drafts:
        kept = kept.exclude(status=Status.DRAFT).exclude(is_private=True)
    last = {
        row.version: row for row in kept.order_by("pgh_id")[: 4 * MOST_VERSIONS]
    }  # several writes may keep a version
    first = {row.version: row.pgh_created_at for row in kept.order_by("-pgh_id")[: 4 * MOST_VERSIONS]}
    entries = list(
        AuditEntry.objects.filter(subject_type=Goal._meta.label_lower, subject_id=goal.pk, verb__in=VERBS).order_by(
            "pk"
        )
    )
    named = {entry.details["version"]: entry for entry in entries if "version" in entry.details}
    moment = {entry.written_at: entry for entry in entries if "version" not in entry.details}
    asked = {entry.details.get("request") for entry in named.values()}
    requests = AdjustmentRequest.objects.filter(pk__in=asked - {None}).select_related("asked_by").in_bulk()
    results = _results_at(goal, first)
    oldest = min(last, default=0)
    found = []
    for number in sorted(last, reverse=True)[:MOST_VERSIONS]:
        entry = named.get(number) or moment.get(first[number])
        found.append(
            Version(
                number=number,
                row=last[number],
                at=entry.at if entry else _told_at(last[number], first[number], is_oldest=number == oldest),
                name=entry.actor_name if entry else "",
                verb=entry.verb if entry else "",
                request=requests.get(entry.details.get("request")) if entry else None,
                results=results.get(number, {}),
            )
        )
    return found


def _told_at(row: Any, written_at: datetime, *, is_oldest: bool) -> datetime:
    """What the first file brought counts from its publication on, what a later one changed from when it came."""
    return min(written_at, row.published_at or written_at) if is_oldest else written_at


def _results_at(goal: Goal, first: Mapping[int, datetime]) -> dict[int, dict[int, Any]]:
    if goal.kind != Kind.OBJECTIVE:
        return {}
    kept: Any = KeyResultEvent.objects
    return results_at(list(kept.filter(goal=goal.pk).order_by("pgh_id")), first)


def results_at(happened: Sequence[Any], first: Mapping[int, datetime]) -> dict[int, dict[int, Any]]:
    """Of each version the key results that counted, as they last were before the next one began. `happened` is their
    history in order, `first` when each version began."""
    numbers = sorted(first)
    found = {}
    for number, following in zip(numbers, [*numbers[1:], None], strict=True):
        standing: dict[int, Any] = {}
        for row in happened:
            if following is not None and row.pgh_created_at >= first[following]:
                break
            standing.pop(row.pgh_obj_id, None)
            if row.pgh_label != "delete" and row.retired_on is None:
                standing[row.pgh_obj_id] = row
        found[number] = dict(sorted(standing.items()))
    return found

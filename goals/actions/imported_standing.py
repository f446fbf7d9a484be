"""What rows of a goal file meet: the goals that stand, and in what a row says something else. Nothing is written here:
an import asks it before it writes, and its preview to show what it would do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from goals import extras
from goals.exporting import GoalLine
from goals.models import Direction, Goal, Layer, Period
from goals.queries.exporting import lines_of
from goals.wording import plain as without_zeros

from .imported_rows import ImportedGoal

Difference = tuple[str, Any, Any]
"""A field by the name it has in files, what stands there, and what the row says."""

# By what they are called in files, where that is another name.
_NAMES = {"number": "key", "evidence_number": "evidence_no", "lowers": "direction"}
_COMPARED = [
    "number",
    "title",
    "status",
    "weight",
    "core",
    "measure",
    "target",
    "lowers",
    "unit",
    "evidence_type",
    "evidence_number",
    "budget",
    "headcount",
    "hours",
    "due",
    "layer",
]


@dataclass
class Standing:
    """A goal that is there already."""

    pk: int
    number: str
    digest: str
    version: int
    layer: str
    kind: str
    direction: str
    extra: list[Any]


def standing_for(rows: Sequence[ImportedGoal], period: Period) -> dict[str, Standing]:
    """By number. One query."""
    found = Goal.objects.filter(period=period, number__in=[row.known or row.key for row in rows])
    columns = found.values_list("pk", "number", "import_digest", "version", "layer", "kind", "direction", "extra")
    return {one.number: one for one in (Standing(*column) for column in columns)}


def differing(
    met: Sequence[tuple[ImportedGoal, Standing]], period: Period
) -> list[tuple[ImportedGoal, Standing, list[Difference]]]:
    """Those whose row says something else than at the last import and than the goal is now. A row of a file that was
    exported here and left as it was changes nothing, nor is anything lost of what a file has no column for."""
    other = [(row, found) for row, found in met if found.digest != row.digest()]
    if not other:
        return []
    lines = {line.number: line for line in lines_of(Goal.objects.filter(pk__in=[found.pk for _, found in other]))}
    compared = (
        (row, found, [*_differences(lines[found.number], _line(row, period)), *_other_answers(row, found)])
        for row, found in other
    )
    return [one for one in compared if one[2] or one[0].answers is not None]


def _line(row: ImportedGoal, period: Period) -> GoalLine:
    at: dict[str, Any] = {"owner": row.owner} if row.layer == Layer.POSITION else {"department": row.owner}
    return GoalLine(
        row.layer,
        row.key,
        row.title,
        row.status,
        **at,
        parents=row.parents,
        weight=row.weight,
        core=row.core,
        measure=row.measure[:200],
        target=row.target,
        lowers=row.direction == Direction.LOWER,
        unit=row.unit[:40],
        evidence_type=row.evidence_kind or "",
        evidence_number=row.evidence_no[:120],
        budget=row.budget,
        headcount=row.headcount,
        hours=row.hours,
        due=row.due or period.ends_on,
        obstacles=tuple(name[:120] for name in row.obstacles),
    )


def _differences(stands: GoalLine, says: GoalLine) -> Iterator[Difference]:
    """Not a person's name and unit, which are looked up, nor the order of obstacles and of further goals above."""
    places = [one.owner if one.layer == Layer.POSITION else one.department for one in (stands, says)]
    if places[0] != places[1]:
        yield "owner", places[0], places[1]
    for name in _COMPARED:
        before, after = getattr(stands, name), getattr(says, name)
        if before != after:
            yield _NAMES.get(name, name), _told(name, before), _told(name, after)
    above = [(one.parents[:1], frozenset(one.parents[1:])) for one in (stands, says)]
    if above[0] != above[1]:
        yield "parents", list(stands.parents), list(says.parents)
    if frozenset(stands.obstacles) != frozenset(says.obstacles):
        yield "obstacles", list(stands.obstacles), list(says.obstacles)


def _told(name: str, value: Any) -> Any:
    if name == "lowers":
        return str(Direction.LOWER if value else Direction.RAISE)
    if isinstance(value, Decimal):
        return without_zeros(value)
    return value.isoformat() if isinstance(value, date) else value


def _other_answers(row: ImportedGoal, found: Standing) -> Iterator[Difference]:
    """Of a person only that it is another one: kept is an id."""
    if row.answers is None:
        return
    before, after = ({one["key"]: one for one in answers} for answers in (found.extra, row.answers))
    for key in {**before, **after}:
        one: Mapping[str, Any] = after.get(key) or before[key]
        stands, says = (answers.get(key, {}).get("value") for answers in (before, after))
        if stands != says:
            yield (one["label"], None, None) if one["kind"] == extras.PERSON else (one["label"], stands, says)

"""The cross-team board (product.md §2.5)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, Count, QuerySet, Value, When

from goals.answer_time import whole_weeks
from goals.models import Blocker, BlockerReply, BlockerState
from perfsys.people.groups import groups_to_show

from .medians import Median

WEEKS = 12


@dataclass(frozen=True)
class AnswerTime:
    """How long a unit took to answer what it was asked, over the last twelve full weeks."""

    unit: str
    answers: int
    median_minutes: float


def answer_times(on: date, *, least: int) -> list[AnswerTime]:
    """By name, no order of merit; only of units with enough answers, under the group rule: neither a unit's few nor
    those left over can be told from the others. One query."""
    start, end = whole_weeks(on, WEEKS)
    rows = list(
        Blocker.objects.filter(answered_on__gte=start, answered_on__lt=end)
        .order_by()
        .values_list("to_unit", "to_unit__path", "to_unit__name")
        .annotate(answers=Count("pk"), median=Median("answer_minutes"))
        .order_by("to_unit__path")
    )
    sizes = {unit: answers for unit, _path, _name, answers, _median in rows}
    shown = groups_to_show(sizes, whole=sum(sizes.values()), least=least, readers_inside=False)
    return [AnswerTime(name, answers, median) for unit, _path, name, answers, median in rows if unit in shown]


def listed(blockers: QuerySet[Blocker]) -> QuerySet[Blocker]:
    """What waits first, the longest waiting before the others; what is solved last, the latest first."""
    first: Any = Case(
        When(state=BlockerState.OPEN, then=Value(0)),
        When(state=BlockerState.ANSWERED, then=Value(1)),
        default=Value(2),
    )
    return blockers.select_related("posted_by", "from_unit", "to_unit").order_by(first, "-solved_at", "posted_at", "pk")


def count_waiting(blockers: QuerySet[Blocker]) -> int:
    return blockers.filter(state=BlockerState.OPEN).count()


def replies_to(blocker: Blocker) -> list[BlockerReply]:
    return list(BlockerReply.objects.filter(blocker=blocker).select_related("by").order_by("at", "pk"))

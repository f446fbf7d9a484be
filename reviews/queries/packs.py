"""What a prep pack is made of (product.md §4.1), and the way back to one that was made."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, QuerySet, Subquery, Value, When
from django.utils import timezone

from feedback.access import feedback_about
from feedback.models import ActionItem, ActionState, Feedback
from feedback.queries.hot_words import words_among
from goals.access import readable_of
from goals.models import (
    AlertState,
    CheckIn,
    EvidenceItem,
    Goal,
    GoalAlert,
    Layer,
    Milestone,
    Outcome,
    Period,
    Status,
)
from goals.queries.bound import NO_MARK, contested_since, marks_of, progress_beside
from goals.queries.evidence import standing_evidence
from goals.queries.figures import expectations
from goals.queries.periods import current_period
from goals.queries.settings import tenant_zone
from perfsys.lexicon.models import Nature
from perfsys.people.access import Viewer, viewer_of
from perfsys.people.models import Employee
from reviews.models import Interview, InterviewState, PrepPack
from reviews.pack import AxisLine, ClearItem, GoalLine, Pack, WordLine, from_json

WINDOW = timedelta(days=90)
MOST_WORDS = 20


def last_held_before(interview: Interview) -> Interview | None:
    held = Interview.objects.filter(employee=interview.employee_id, state=InterviewState.HELD, at__lt=interview.at)
    return held.exclude(pk=interview.pk).order_by("-at").first()


def collect_packs(interview: Interview, *, now: datetime) -> tuple[Pack, Pack]:
    """(the manager's, the employee's): the same facts, each as far as that side may read them."""
    on = now.astimezone(tenant_zone()).date()
    last = last_held_before(interview)
    manager, employee = viewer_of(interview.manager, on), viewer_of(interview.employee, on)
    return _pack(manager, interview, last, on), _pack(employee, interview, last, on)


def _pack(who: Viewer, interview: Interview, last: Interview | None, on: date) -> Pack:
    about = interview.employee
    period = current_period(on)
    since = timezone.localdate(last.held_at, timezone=tenant_zone()) if last and last.held_at else None
    goals = _goals_of(who, about, period)
    told = list(
        feedback_about(who, about)
        .filter(local_on__gt=on - 2 * WINDOW, local_on__lte=on)
        .select_related("tag__competency", "giver")
        .order_by("at", "pk")
    )
    recent = [one for one in told if one.local_on > on - WINDOW]
    return Pack(
        as_of=on.isoformat(),
        since=since.isoformat() if since else "",
        goals=_goal_lines(goals, since or (period.starts_on if period else on), on),
        words=_words(recent, about),
        feedback_count=len(recent),
        giver_count=len({one.giver_id for one in recent}),
        radar=_radar(told, on),
        items=_items(who, about, goals, last, on),
        feedback_ids=[one.pk for one in recent],
    )


def _goals_of(who: Viewer, about: Employee, period: Period | None) -> list[Goal]:
    published = Goal.objects.filter(owner=about, layer=Layer.POSITION, period=period).exclude(status=Status.DRAFT)
    listed = list(published.exclude(outcome=Outcome.CANCELLED).order_by("-weight", "pk"))
    readable = readable_of(who, listed)
    return [goal for goal in listed if goal.pk in readable]


def _goal_lines(goals: Sequence[Goal], since: date, on: date) -> list[GoalLine]:
    ids = [goal.pk for goal in goals]
    expected = expectations(goals, on)
    moved = _counted(CheckIn.objects.filter(goal__in=ids, local_on__gt=since, local_on__lte=on))
    shown = _counted(standing_evidence().filter(goal__in=ids, local_on__gt=since, local_on__lte=on))
    ticked = _counted(Milestone.objects.filter(goal__in=ids, done_on__gt=since, done_on__lte=on))
    then = dict(
        CheckIn.objects.filter(goal__in=ids, local_on__lte=since, percent__isnull=False)
        .order_by("goal", "-at", "-pk")
        .distinct("goal")
        .values_list("goal", "percent")
    )
    marks = marks_of(goals, on)
    lines = []
    for goal in goals:
        mark = marks.get(goal.pk, NO_MARK)
        progress, plan = progress_beside(goal, mark), expected.of(goal)
        lines.append(
            GoalLine(
                public_id=str(goal.public_id),
                title=goal.title,
                health=goal.health,
                progress=_percent(progress),
                expected=_percent(plan) or 0.0,
                pace=None if progress is None or mark.is_held else _percent(progress - plan),
                progress_then=None if mark.is_held else _percent(then.get(goal.pk)),
                check_ins=moved[goal.pk],
                evidence=shown[goal.pk],
                stages=ticked[goal.pk],
                is_held=mark.is_held,
                is_disputed=mark.is_disputed,
            )
        )
    return lines


def _counted(rows: QuerySet[CheckIn] | QuerySet[EvidenceItem] | QuerySet[Milestone]) -> Counter[int]:
    """How many of each goal."""
    return Counter(dict(rows.order_by().values("goal").annotate(number=Count("pk")).values_list("goal", "number")))


def _words(told: Sequence[Feedback], about: Employee) -> list[WordLine]:
    return [
        WordLine(hot.word, hot.frequency, hot.givers, hot.is_wish, list(hot.feedback_ids))
        for hot in words_among(told, about, most=MOST_WORDS)
    ]


def _radar(told: Sequence[Feedback], on: date) -> list[AxisLine]:
    """Those that were spoken of most, first; ties in the company's own order."""
    since = on - WINDOW
    praised, wished, before = Counter[int](), Counter[int](), Counter[int]()
    competencies = {one.tag.competency_id: one.tag.competency for one in told}
    for one in told:
        if one.local_on <= since:
            before[one.tag.competency_id] += 1
        elif one.nature == Nature.POSITIVE:
            praised[one.tag.competency_id] += 1
        else:
            wished[one.tag.competency_id] += 1
    ordered = sorted(competencies.values(), key=lambda c: (-(praised[c.pk] + wished[c.pk]), c.position, c.pk))
    return [AxisLine(c.name, c.name_en, praised[c.pk], wished[c.pk], before[c.pk]) for c in ordered]


def _items(who: Viewer, about: Employee, goals: Sequence[Goal], last: Interview | None, on: date) -> list[ClearItem]:
    """The oldest first (product.md §4.1 c)."""
    told = feedback_about(who, about)
    items = [
        ClearItem("feedback", one.pk, one.local_on.isoformat(), "", str(one.public_id))
        for one in told.filter(nature=Nature.CONSTRUCTIVE, closed_at=None)
    ]
    promised = set(last.actions.values_list("action_item", flat=True)) if last else set()
    taken_on = list(ActionItem.objects.filter(owner=about, state=ActionState.OPEN))
    of_feedback = [one.feedback_id for one in taken_on if one.feedback_id]
    shared = set(told.filter(pk__in=of_feedback).values_list("pk", flat=True))
    items += [
        ClearItem(
            "promise" if one.pk in promised else "action", one.pk, one.due_on.isoformat(), one.text, str(one.public_id)
        )
        for one in taken_on
        if one.feedback_id is None or one.feedback_id in shared
    ]
    alerts = GoalAlert.objects.filter(goal__in=[goal.pk for goal in goals], state=AlertState.OPEN)
    items += [
        ClearItem("alert", alert.pk, alert.opened_on.isoformat(), alert.goal.title, str(alert.goal.public_id))
        for alert in alerts.select_related("goal")
    ]
    contested = contested_since(goals, on)
    items += [
        ClearItem("dispute", goal.pk, _day(contested[goal.pk]).isoformat(), goal.title, str(goal.public_id))
        for goal in goals
        if goal.pk in contested
    ]
    return sorted(items, key=lambda item: (item.since, item.kind, item.id))


def _day(at: datetime) -> date:
    return at.astimezone(tenant_zone()).date()


def _percent(value: Decimal | None) -> float | None:
    return None if value is None else round(float(value), 1)


@dataclass(frozen=True)
class MadePack:
    """One of an interview's packs as its reader sees it; `newest` is the highest number there is."""

    number: int
    newest: int
    made_at: datetime
    content: Pack


def made_pack(interview: Interview, *, for_manager: bool, number: int | None = None) -> MadePack | None:
    """The one of this number, else the newest; None where none was made yet. One query."""
    side = "for_manager" if for_manager else "for_employee"
    packs: Any = PrepPack.objects.filter(interview=interview)
    newest = packs.order_by("-number").values("number")[:1]
    packs = packs.annotate(newest=Subquery(newest)).only("number", "made_at", side)
    wanted = Case(When(number=number, then=Value(0)), default=Value(1)) if number is not None else Value(0)
    found = packs.order_by(wanted, "-number").first()
    return MadePack(found.number, found.newest, found.made_at, from_json(getattr(found, side))) if found else None

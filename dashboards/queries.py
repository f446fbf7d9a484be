"""What the homes show (product.md §2.11, §6.3): reads in a fixed number of queries, whatever the number of rows."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Value, When, Window
from django.utils.translation import gettext as _

from feedback import events as feedback_events
from goals import events as goal_events
from goals.access import own_alerts, partnered_alerts, partnered_obstacles, people_led, readable_of, team_alerts
from goals.cards import fact
from goals.models import (
    AlertRule,
    AlertState,
    CheckIn,
    Confidence,
    Goal,
    GoalAlert,
    Health,
    Layer,
    Obstacle,
    ObstacleCause,
    ObstacleState,
    Outcome,
    Period,
    Source,
    Status,
)
from goals.queries.bound import Mark, marks_of, progress_beside
from goals.queries.figures import Expectations, expectations, shown_progress
from goals.queries.heat import Heat, heat
from goals.queries.lines import lines_above
from perfsys.notices.models import Notice
from perfsys.notices.queries import open_items
from perfsys.people.access import Viewer, anybody
from perfsys.people.models import Employee, HrbpAssignment, OrgUnit, OrgUnitClosure, ReportingClosure
from perfsys.people.queries import members_of, reports_of, units_under
from perfsys.people.spans import holds
from perfsys.tenancy.prepared import prepared

WEEKS = 6  # of the heat map, this one included
CARDS = 5  # alerts beside a list
# On the same page, with more to do there.
SHOWN_ELSEWHERE = (
    goal_events.GOAL_STALE,
    goal_events.GOAL_WEAK,
    goal_events.GOAL_DEVIATING,
    feedback_events.RETRO_OPEN,
)
LOOK_FIRST = (Health.TALK, Health.WATCH)
WEEK = timedelta(days=7)
SEEN_WITHIN = timedelta(days=14)  # an older check-in needs no word any more


# --- an employee's week -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OwnGoal:
    """A goal of mine; `above` are the goals it carries, the nearest first."""

    goal: Goal
    progress: Decimal | None
    expected: Decimal
    above: tuple[Goal, ...] = ()
    mark: Mark | None = None


@dataclass(frozen=True)
class Cards:
    """What waits, newest first, and then what was answered and is still quiet by it; a handful. `waiting` counts all
    that wait."""

    alerts: list[GoalAlert]
    waiting: int

    @property
    def are_all(self) -> bool:
        return self.waiting <= len(self.alerts)


@dataclass(frozen=True)
class Week:
    goals: list[OwnGoal]
    marks: Mapping[int, Mark]  # of these and the goals above them, by id
    drafts: int
    alerts: Cards
    reminders: list[Notice]
    owed: list[Notice]
    heat: Heat


def week(who: Viewer, me: Employee, period: Period | None) -> Week:
    """Fourteen queries."""
    mine = own_goals(me, period)
    shown = [goal for goal in mine if not goal.is_draft]
    expected, above = expectations(shown, who.on), lines_above(who, [goal.pk for goal in shown])
    waiting = open_items(me)
    marks = marks_of([*shown, *(goal for goals in above.values() for goal in goals)], who.on)
    return Week(
        goals=[_own(goal, expected.of(goal), above.get(goal.pk, ()), marks.get(goal.pk)) for goal in shown],
        marks=marks,
        drafts=len(mine) - len(shown),
        alerts=own_cards(who, me),
        reminders=[notice for notice in waiting.reminders if notice.kind not in SHOWN_ELSEWHERE],
        owed=waiting.owed,
        heat=heat(shown, who.on, weeks=WEEKS),
    )


def _own(goal: Goal, expected: Decimal, above: tuple[Goal, ...], mark: Mark | None) -> OwnGoal:
    return OwnGoal(goal, progress_beside(goal, mark), expected, above, mark)


def own_goals(me: Employee, period: Period | None) -> list[Goal]:
    """Heaviest first; cancelled ones are gone."""
    return _own_goals(me.pk, period.pk) if period else []


@prepared
def _own_goals(me: int, period: int) -> QuerySet[Goal]:
    goals = Goal.objects.filter(owner=me, layer=Layer.POSITION, period=period)
    return goals.exclude(outcome=Outcome.CANCELLED).order_by("-weight", "pk")


# --- alerts, as each home lists them ----------------------------------------------------------------------------------


def _answerable(alerts: QuerySet[GoalAlert], on: date) -> QuerySet[Any]:
    """Each with how many of them are `waiting`."""
    first = Case(When(state=AlertState.OPEN, then=Value(0)), default=Value(1))
    shown: Any = alerts.filter(Q(state=AlertState.OPEN) | _is_quiet(on))
    waiting = Window(Count("pk", filter=Q(state=AlertState.OPEN)))
    found: QuerySet[Any] = shown.annotate(waiting=waiting).select_related("goal__owner")
    return found.order_by(first, "-opened_on", "-pk")[:CARDS]


def _cards(found: list[Any]) -> Cards:
    return Cards(found, found[0].waiting if found else 0)


def own_cards(who: Viewer, me: Employee) -> Cards:
    """Of one's own goals. One query."""
    return _cards(_own_answerable(me.pk, who.on))


@prepared
def _own_answerable(me: int, on: date) -> QuerySet[Any]:
    return _answerable(own_alerts(anybody(me, 0, on)), on)


def team_cards(who: Viewer, me: Employee) -> Cards:
    """Of direct reports' goals. One query."""
    return _cards(_team_answerable(me.pk, who.on))


@prepared
def _team_answerable(me: int, on: date) -> QuerySet[Any]:
    return _answerable(team_alerts(anybody(me, 0, on)), on)


def _is_quiet(on: date) -> Q:
    return Q(state=AlertState.CONFIRMED, quiet_until__gt=on)


# --- a manager's team -------------------------------------------------------------------------------------------------


class Ask(StrEnum):
    """What a manager may do next about one person, the most pressing first."""

    HELP = "help"  # was asked for in a check-in not yet answered
    TALK = "talk"  # a goal is off its track
    LOOK = "look"  # another rule found a goal, or its health asks for it
    SEE = "see"  # a check-in nobody has said a word to
    WRITE = "write"  # there are no goals yet


@dataclass(frozen=True)
class Step:
    """The next step about a person, and the goal it is about."""

    ask: Ask
    goal: Goal | None = None


@dataclass
class Standing:
    """How one person's published goals stand. Progress is weighted, of the goals whose data is not being checked; None
    where there are none."""

    goals: int = 0
    mix: Counter[str] = field(default_factory=Counter)
    progress: Decimal | None = None
    expected: Decimal | None = None
    touched_on: date | None = None
    says: str = ""
    step: Step | None = None
    mark: Mark | None = None


def team(who: Viewer, me: Employee, period: Period | None, *, everybody: bool = False) -> QuerySet[Employee]:
    """Direct reports, or everybody below as far as the company lets a manager read. Whose goals are off their track
    come first, then whose may need a hand, then by name: no order of merit."""
    people = reports_of(me, who.on, direct=not everybody).filter(status=Employee.Status.ACTIVE)
    if everybody:
        people = people.filter(pk__in=people_led(who).values("pk"))
    theirs = _published(period).filter(owner=OuterRef("pk"))
    off_track = team_alerts(who).filter(
        owner=OuterRef("pk"), goal__period=period, rule=AlertRule.DEVIATING, state=AlertState.OPEN
    )
    first = Case(
        When(Exists(off_track), then=Value(0)),
        When(Exists(theirs.filter(health__in=LOOK_FIRST)), then=Value(1)),
        default=Value(2),
    )
    return people.order_by(first, "name_key", "employee_no")


def standings(who: Viewer, me: Employee, people: Sequence[Employee], period: Period | None) -> dict[int, Standing]:
    """By employee id; six queries, whatever the number of people."""
    ids = [person.pk for person in people]
    published = list(_published(period).filter(owner__in=ids).order_by("-weight", "pk"))
    readable = readable_of(who, published)
    goals = [goal for goal in published if goal.pk in readable]
    expected = expectations(goals, who.on)
    listed = [goal.pk for goal in goals]
    told = _by_goal(_told_of(me.pk, who.on, tuple(listed))) if listed else {}
    unseen = dict(_unseen(me.pk, who.on, who.on - SEEN_WITHIN, tuple(listed))) if listed else {}
    marks = marks_of(goals, who.on)
    of_person: defaultdict[int, list[Goal]] = defaultdict(list)
    for goal in goals:
        of_person[goal.owner_id or 0].append(goal)
    return {
        pk: replace(_standing(of_person[pk], expected, told, unseen, marks, who.on), mark=_marked(of_person[pk], marks))
        for pk in ids
    }


def _marked(goals: Iterable[Goal], marks: Mapping[int, Mark]) -> Mark | None:
    """Whether one of somebody's figures is being checked or contested."""
    found = [marks[goal.pk] for goal in goals if goal.pk in marks]
    return Mark(any(one.is_held for one in found), any(one.is_disputed for one in found)) if found else None


@prepared
def _unseen(me: int, on: date, since: date, goals: tuple[int, ...]) -> QuerySet[CheckIn, tuple[int, str]]:
    """How sure the owner was in the latest check-in after `since` that waits for a word of `me`, by goal."""
    lines = ReportingClosure.objects.filter(holds(on), manager=me, depth=1)
    said = CheckIn.objects.filter(
        goal__in=goals,
        author=F("goal__owner"),
        author__in=lines.values("employee"),
        source=Source.TYPED,
        acknowledged_at=None,
        local_on__gt=since,
    )
    return said.order_by("at").values_list("goal", "confidence")


def _published(period: Period | None) -> QuerySet[Goal]:
    return Goal.objects.filter(layer=Layer.POSITION, period=period, status=Status.PUBLISHED)


@prepared
def _told_of(me: int, on: date, goals: tuple[int, ...]) -> QuerySet[GoalAlert]:
    found = team_alerts(anybody(me, 0, on)).filter(goal__in=goals, state=AlertState.OPEN)
    return found.select_related("goal__owner").order_by("opened_on")


def _by_goal(alerts: Iterable[GoalAlert]) -> dict[int, GoalAlert]:
    """The latest of each goal; that it is off its track comes before what else was found."""
    return {one.goal_id: one for one in sorted(alerts, key=lambda one: one.rule == AlertRule.DEVIATING)}


def _standing(
    goals: list[Goal],
    expected: Expectations,
    told: Mapping[int, GoalAlert],
    unseen: Mapping[int, str],
    marks: Mapping[int, Mark],
    on: date,
) -> Standing:
    if not goals:
        return Standing(step=Step(Ask.WRITE))
    held = {pk for pk, mark in marks.items() if mark.is_held}
    step = next_step(goals, told, unseen, held=held)
    judged = [goal for goal in goals if goal.pk not in held]
    return Standing(
        goals=len(goals),
        mix=Counter(goal.health for goal in goals),
        progress=_mean([(goal.weight, shown_progress(goal)) for goal in judged]) if judged else None,
        expected=_mean([(goal.weight, expected.of(goal)) for goal in judged]) if judged else None,
        touched_on=max((goal.last_activity_on for goal in goals if goal.last_activity_on), default=None),
        says=_worth_knowing(step, expected, told, on),
        step=step,
    )


def next_step(
    goals: Sequence[Goal], told: Mapping[int, GoalAlert], unseen: Mapping[int, str], *, held: Collection[int] = ()
) -> Step | None:
    """The first of `Ask` that holds for one of somebody's goals, the heaviest goal first; None where all goes well.
    Nobody is asked about what a figure says that is being checked (`held`, ids of goals)."""
    found: dict[Ask, Goal] = {}
    for goal in goals:
        alert, sure = told.get(goal.pk), unseen.get(goal.pk)
        holding = {
            Ask.HELP: sure == Confidence.HELP,
            Ask.TALK: alert is not None and alert.rule == AlertRule.DEVIATING and goal.pk not in held,
            Ask.LOOK: (alert is not None or goal.health in LOOK_FIRST) and goal.pk not in held,
            Ask.SEE: sure is not None,
        }
        for ask, holds_here in holding.items():
            if holds_here:
                found.setdefault(ask, goal)
    return next((Step(ask, found[ask]) for ask in Ask if ask in found), None)


def _mean(parts: Sequence[tuple[Decimal | None, Decimal | None]]) -> Decimal:
    """Weighted, each part within 0..100; alike where no weights are given."""
    weights = [weight or Decimal(0) for weight, _part in parts]
    if not any(weights):
        weights = [Decimal(1)] * len(parts)
    clamped = [min(Decimal(100), max(Decimal(0), part or Decimal(0))) for _weight, part in parts]
    return sum((w * part for w, part in zip(weights, clamped, strict=True)), Decimal(0)) / sum(weights)


def _worth_knowing(step: Step | None, expected: Expectations, told: Mapping[int, GoalAlert], on: date) -> str:
    """One fact about the goal that most needs a hand; empty where all go well."""
    if step is None or step.goal is None or step.ask == Ask.SEE:
        return ""
    goal = step.goal
    if step.ask == Ask.HELP:
        return _("The last check-in on “%(goal)s” asks for help") % {"goal": goal.title}
    if goal.pk in told:
        return fact(told[goal.pk], on)
    return _("“%(goal)s” is at %(progress)d%%, the plan for today is %(plan)d%%") % {
        "goal": goal.title,
        "progress": shown_progress(goal) or 0,
        "plan": expected.of(goal),
    }


# --- an HR partner's list ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """How many alerts each tab holds."""

    open: int
    by_rule: Mapping[str, int]
    confirmed: int

    def of_tab(self, tab: str) -> int:
        return (
            self.confirmed if tab == CONFIRMED else self.by_rule.get(tab, 0) if tab in AlertRule.values else self.open
        )


CONFIRMED = "confirmed"
NEWEST = ("-opened_on", "-pk")


def partner_alerts(who: Viewer, unit: OrgUnit | None) -> QuerySet[GoalAlert]:
    """Alerts of the partnered units, or of one of them and all below, that wait or are quiet by an answer."""
    alerts = partnered_alerts(who).filter(Q(state=AlertState.OPEN) | _is_quiet(who.on))
    if unit is not None:
        alerts = alerts.filter(owner__in=members_of(units_under(unit, who.on), who.on).order_by().values("pk"))
    return alerts


def count_alerts(alerts: QuerySet[GoalAlert]) -> Counted:
    """One query, out of an index however many thousands there are."""
    counted = alerts.order_by().values_list("state", "rule").annotate(number=Count("pk"))
    rows = {(state, rule): number for state, rule, number in counted}
    by_rule = {rule: rows[AlertState.OPEN, rule] for rule in AlertRule.values if (AlertState.OPEN, rule) in rows}
    return Counted(
        open=sum(by_rule.values()),
        by_rule=by_rule,
        confirmed=sum(number for (state, _rule), number in rows.items() if state == AlertState.CONFIRMED),
    )


def of_tab(alerts: QuerySet[GoalAlert], tab: str) -> QuerySet[GoalAlert]:
    """Newest first. `tab` is a rule, "confirmed", or anything else for all that wait."""
    if tab == CONFIRMED:
        return alerts.filter(state=AlertState.CONFIRMED).order_by(*NEWEST)
    waiting = alerts.filter(state=AlertState.OPEN).order_by(*NEWEST)
    return waiting.filter(rule=tab) if tab in AlertRule.values else waiting


def in_full(alert_ids: Iterable[int]) -> list[GoalAlert]:
    """Newest first, with goals and owners: read for the rows of one page alone."""
    return list(GoalAlert.objects.filter(pk__in=list(alert_ids)).select_related("goal__owner").order_by(*NEWEST))


# --- what stands in the way -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Cause:
    """How many goals name it and are not rid of it."""

    public_id: UUID
    name: str
    goals: int


def obstacles_left(who: Viewer, unit: OrgUnit | None = None) -> QuerySet[Obstacle]:
    """Not cleared yet, of the partnered units or of one of them and all below."""
    found = partnered_obstacles(who).exclude(state=ObstacleState.CLEARED)
    if unit is not None:
        found = found.filter(goal__owner__in=members_of(units_under(unit, who.on), who.on).order_by().values("pk"))
    return found


def by_cause(obstacles: QuerySet[Obstacle]) -> list[Cause]:
    """The most common first. Two queries: counted by key, named afterwards, which is a fifth of the time of one."""
    numbers = dict(obstacles.order_by().values_list("cause").annotate(number=Count("pk")))
    named = ObstacleCause.objects.filter(pk__in=numbers).values_list("pk", "public_id", "name")
    causes = [Cause(public_id, name, numbers[pk]) for pk, public_id, name in named]
    return sorted(causes, key=lambda one: (-one.goals, one.name))


# --- the way down -----------------------------------------------------------------------------------------------------


def units_to_choose(who: Viewer, unit: OrgUnit | None) -> list[OrgUnit]:
    """The units given to the partner, or those one below `unit`."""
    if unit is None:
        given = HrbpAssignment.objects.filter(holds(who.on), hrbp=who.employee_id).values("unit")
        return list(OrgUnit.objects.filter(pk__in=given).order_by("path"))
    below = OrgUnitClosure.objects.filter(holds(who.on), ancestor=unit, depth=1).values("descendant")
    return list(OrgUnit.objects.filter(pk__in=below).order_by("path"))

"""What the homes show (product.md §2.11, §6.3): reads in a fixed number of queries, whatever the number of rows."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, Value, When, Window
from django.utils.translation import gettext as _

from feedback import events as feedback_events
from goals import events as goal_events
from goals.access import own_alerts, partnered_alerts, partnered_obstacles, readable_of, team_alerts
from goals.cards import fact
from goals.models import (
    AlertRule,
    AlertState,
    Goal,
    GoalAlert,
    Health,
    Layer,
    Obstacle,
    ObstacleState,
    Outcome,
    Period,
    Status,
)
from goals.queries.figures import Expectations, expectations, shown_progress
from goals.queries.heat import Heat, heat
from goals.queries.lines import lines_above
from perfsys.notices.models import Notice
from perfsys.notices.queries import open_items
from perfsys.people.access import Viewer
from perfsys.people.models import Employee, HrbpAssignment, OrgUnit, OrgUnitClosure
from perfsys.people.queries import members_of, reports_of, units_under
from perfsys.people.spans import holds

WEEKS = 6  # of the heat map, this one included
CARDS = 5  # alerts beside a list
SHOWN_ELSEWHERE = (goal_events.GOAL_STALE, feedback_events.RETRO_OPEN)  # on the same page, with more to do there
LOOK_FIRST = (Health.TALK, Health.WATCH)
WEEK = timedelta(days=7)


# --- an employee's week -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class OwnGoal:
    """A goal of mine; `above` are the goals it carries, the nearest first."""

    goal: Goal
    progress: Decimal | None
    expected: Decimal
    above: tuple[Goal, ...] = ()


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
    drafts: int
    alerts: Cards
    reminders: list[Notice]
    owed: list[Notice]
    heat: Heat


def week(who: Viewer, me: Employee, period: Period | None) -> Week:
    """Thirteen queries."""
    mine = list(own_goals(me, period))
    shown = [goal for goal in mine if not goal.is_draft]
    expected, above = expectations(shown, who.on), lines_above(who, [goal.pk for goal in shown])
    waiting = open_items(me)
    return Week(
        goals=[OwnGoal(goal, shown_progress(goal), expected.of(goal), above.get(goal.pk, ())) for goal in shown],
        drafts=len(mine) - len(shown),
        alerts=answerable(own_alerts(who), who.on),
        reminders=[notice for notice in waiting.reminders if notice.kind not in SHOWN_ELSEWHERE],
        owed=waiting.owed,
        heat=heat(shown, who.on, weeks=WEEKS),
    )


def own_goals(me: Employee, period: Period | None) -> QuerySet[Goal]:
    """Heaviest first; cancelled ones are gone."""
    goals = Goal.objects.filter(owner=me, layer=Layer.POSITION, period=period)
    return goals.exclude(outcome=Outcome.CANCELLED).order_by("-weight", "pk")


# --- alerts, as each home lists them ----------------------------------------------------------------------------------


def answerable(alerts: QuerySet[GoalAlert], on: date) -> Cards:
    """One query."""
    first = Case(When(state=AlertState.OPEN, then=Value(0)), default=Value(1))
    shown: Any = alerts.filter(Q(state=AlertState.OPEN) | _is_quiet(on))
    waiting = Window(Count("pk", filter=Q(state=AlertState.OPEN)))
    found = list(
        shown.annotate(waiting=waiting).select_related("goal__owner").order_by(first, "-opened_on", "-pk")[:CARDS]
    )
    return Cards(found, found[0].waiting if found else 0)


def _is_quiet(on: date) -> Q:
    return Q(state=AlertState.CONFIRMED, quiet_until__gt=on)


# --- a manager's team -------------------------------------------------------------------------------------------------


@dataclass
class Standing:
    """How one person's published goals stand. Progress is weighted; None where there are no goals."""

    goals: int = 0
    mix: Counter[str] = field(default_factory=Counter)
    progress: Decimal | None = None
    expected: Decimal | None = None
    touched_on: date | None = None
    says: str = ""


def team(who: Viewer, me: Employee, period: Period | None, *, everybody: bool = False) -> QuerySet[Employee]:
    """Direct reports, or everybody below. Whose goals may need a hand comes first, then by name: no order of merit."""
    people = reports_of(me, who.on, direct=not everybody).filter(status=Employee.Status.ACTIVE)
    to_look_at = _published(period).filter(owner=OuterRef("pk"), health__in=LOOK_FIRST)
    first = Case(When(Exists(to_look_at), then=Value(0)), default=Value(1))
    return people.order_by(first, "name_key", "employee_no")


def standings(who: Viewer, people: Sequence[Employee], period: Period | None) -> dict[int, Standing]:
    """By employee id; four queries, whatever the number of people."""
    ids = [person.pk for person in people]
    published = list(_published(period).filter(owner__in=ids).order_by("-weight", "pk"))
    readable = readable_of(who, published)
    goals = [goal for goal in published if goal.pk in readable]
    expected = expectations(goals, who.on)
    told = _latest_by_goal(team_alerts(who).filter(goal__in=[goal.pk for goal in goals], state=AlertState.OPEN))
    of_person: defaultdict[int, list[Goal]] = defaultdict(list)
    for goal in goals:
        of_person[goal.owner_id or 0].append(goal)
    return {pk: _standing(of_person[pk], expected, told, who.on) for pk in ids}


def _published(period: Period | None) -> QuerySet[Goal]:
    return Goal.objects.filter(layer=Layer.POSITION, period=period, status=Status.PUBLISHED)


def _latest_by_goal(alerts: QuerySet[GoalAlert]) -> dict[int, GoalAlert]:
    return {alert.goal_id: alert for alert in alerts.select_related("goal__owner").order_by("opened_on")}


def _standing(goals: list[Goal], expected: Expectations, told: Mapping[int, GoalAlert], on: date) -> Standing:
    if not goals:
        return Standing()
    return Standing(
        goals=len(goals),
        mix=Counter(goal.health for goal in goals),
        progress=_mean([(goal.weight, shown_progress(goal)) for goal in goals]),
        expected=_mean([(goal.weight, expected.of(goal)) for goal in goals]),
        touched_on=max((goal.last_activity_on for goal in goals if goal.last_activity_on), default=None),
        says=_worth_knowing(goals, expected, told, on),
    )


def _mean(parts: Sequence[tuple[Decimal | None, Decimal | None]]) -> Decimal:
    """Weighted, each part within 0..100; alike where no weights are given."""
    weights = [weight or Decimal(0) for weight, _part in parts]
    if not any(weights):
        weights = [Decimal(1)] * len(parts)
    clamped = [min(Decimal(100), max(Decimal(0), part or Decimal(0))) for _weight, part in parts]
    return sum((w * part for w, part in zip(weights, clamped, strict=True)), Decimal(0)) / sum(weights)


def _worth_knowing(goals: list[Goal], expected: Expectations, told: Mapping[int, GoalAlert], on: date) -> str:
    """One fact about the goal that most needs a hand; empty where all go well."""
    for health in LOOK_FIRST:
        for goal in goals:
            if goal.health != health:
                continue
            if goal.pk in told:
                return fact(told[goal.pk], on)
            return _("“%(goal)s” is at %(progress)d%%, the plan for today is %(plan)d%%") % {
                "goal": goal.title,
                "progress": shown_progress(goal) or 0,
                "plan": expected.of(goal),
            }
    return ""


# --- an HR partner's list ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counted:
    """How many alerts each tab holds."""

    open: int
    by_rule: Mapping[str, int]
    confirmed: int


CONFIRMED = "confirmed"
NEWEST = ("-opened_on", "-pk")


def partner_alerts(who: Viewer, unit: OrgUnit | None) -> QuerySet[GoalAlert]:
    """Alerts of the partnered units, or of one of them and all below, that wait or are quiet by an answer."""
    alerts = partnered_alerts(who).filter(Q(state=AlertState.OPEN) | _is_quiet(who.on))
    if unit is not None:
        alerts = alerts.filter(goal__owner__in=members_of(units_under(unit, who.on), who.on).order_by().values("pk"))
    return alerts


class Found(NamedTuple):
    """An alert by its id alone, for lists of thousands of which a page shows few."""

    pk: int
    state: str
    rule: str
    opened_on: date


def found_alerts(alerts: QuerySet[GoalAlert]) -> list[Found]:
    """Newest first. One query for counts and pages alike: whose goals they are about is the long part of each."""
    found = [Found(*row) for row in alerts.order_by().values_list("pk", "state", "rule", "opened_on")]
    return sorted(found, key=lambda one: (one.opened_on, one.pk), reverse=True)


def count_alerts(alerts: Iterable[Found]) -> Counted:
    rows = Counter((one.state, one.rule) for one in alerts)
    by_rule = {rule: rows[AlertState.OPEN, rule] for rule in AlertRule.values if rows[AlertState.OPEN, rule]}
    return Counted(
        open=sum(by_rule.values()),
        by_rule=by_rule,
        confirmed=sum(number for (state, _rule), number in rows.items() if state == AlertState.CONFIRMED),
    )


def of_tab(alerts: Iterable[Found], tab: str) -> list[int]:
    """Ids. `tab` is a rule, "confirmed", or anything else for all that wait."""
    if tab == CONFIRMED:
        return [one.pk for one in alerts if one.state == AlertState.CONFIRMED]
    rules = {tab} if tab in AlertRule.values else set(AlertRule.values)
    return [one.pk for one in alerts if one.state == AlertState.OPEN and one.rule in rules]


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
    """The most common first. One query."""
    rows = obstacles.order_by().values_list("cause__public_id", "cause__name").annotate(number=Count("pk"))
    return [Cause(*row) for row in rows.order_by("-number", "cause__name")]


# --- the way down -----------------------------------------------------------------------------------------------------


def units_to_choose(who: Viewer, unit: OrgUnit | None) -> list[OrgUnit]:
    """The units given to the partner, or those one below `unit`."""
    if unit is None:
        given = HrbpAssignment.objects.filter(holds(who.on), hrbp=who.employee_id).values("unit")
        return list(OrgUnit.objects.filter(pk__in=given).order_by("path"))
    below = OrgUnitClosure.objects.filter(holds(who.on), ancestor=unit, depth=1).values("descendant")
    return list(OrgUnit.objects.filter(pk__in=below).order_by("path"))

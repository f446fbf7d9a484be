"""What requests are about, who is asked, and what became of them (product.md §2.9, §6.6)."""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, Count, DecimalField, F, Max, Q, QuerySet
from django.db.models.functions import TruncMonth

from goals import adjusting, approving
from goals.adjusting import LOOK_AHEAD, Change, Result, Standing, Window
from goals.approving import Around, Rules, Step
from goals.models import (
    AdjustmentLine,
    AdjustmentRequest,
    AdjustmentSettings,
    ApprovalStep,
    Direction,
    Field,
    Goal,
    KeyResult,
    Kind,
    Layer,
    Milestone,
    Outcome,
    Period,
    PeriodState,
    RequestState,
    Status,
)
from perfsys.jobs.calendar import calendar_for
from perfsys.people.models import Employee, EmployeeSpan, OrgUnit
from perfsys.people.queries import chain_above, hrbp_of, reports_of
from perfsys.people.spans import holds
from perfsys.tenancy.models import Membership
from perfsys.tenancy.roles import Role

MOST_OF_A_TEAM = 30  # people on one form
MONTHS_COUNTED = 6


@dataclass(frozen=True)
class Whose:
    """Whose goals one request is about: a person's, a unit's, with neither the company's; or a manager's team."""

    layer: str
    owner: Employee | None = None
    unit: OrgUnit | None = None
    is_team: bool = False


def whose_of(request: AdjustmentRequest) -> Whose:
    return Whose(request.layer, request.owner, request.unit, request.is_team)


def adjustment_settings() -> AdjustmentSettings:
    """The tenant's settings, or the defaults where nobody has set any; one query."""
    found: AdjustmentSettings | None = AdjustmentSettings.objects.first()
    return found or AdjustmentSettings()


def rules_of(settings: AdjustmentSettings) -> Rules:
    return Rules(
        always=settings.always_asks,
        weight=settings.weight_asks,
        weight_over=settings.weight_over,
        core=settings.core_asks,
        eased=settings.eased_asks,
        eased_over=settings.eased_over,
        late=settings.late_asks,
    )


def window_on(on: date, days: int) -> Window:
    """The window that is open on that day, else the next one."""
    return adjusting.window_at(on, days, calendar_for(on, on + LOOK_AHEAD))


# --- the goals --------------------------------------------------------------------------------------------------------


def adjustable(whose: Whose, period: Period, *, asker: Employee | None, on: date) -> QuerySet[Goal]:
    """The whole set, or the sets of everybody who reports to `asker`: what was published and not cancelled. Closed
    goals keep their weight in it."""
    standing = Goal.objects.filter(layer=whose.layer, period=period).exclude(status=Status.DRAFT)
    standing = standing.exclude(outcome=Outcome.CANCELLED)
    if whose.is_team and asker is not None:
        team = reports_of(asker, on, direct=True).values_list("pk", flat=True)[:MOST_OF_A_TEAM]
        return standing.filter(owner__in=list(team))
    if whose.layer == Layer.POSITION:
        return standing.filter(owner=whose.owner)
    return standing.filter(unit=whose.unit) if whose.layer == Layer.DEPARTMENT else standing


def in_order(goals: QuerySet[Goal]) -> list[Goal]:
    """As they stand on the form: an owner's together, the heaviest first."""
    return list(goals.select_related("owner", "unit").order_by("owner__name_key", "owner", F("weight").desc(), "pk"))


def results_of(goals: Iterable[Goal]) -> dict[int, list[KeyResult]]:
    """The key results of the objectives among them, retired ones too; one query, none without an objective."""
    objectives = [goal.pk for goal in goals if goal.kind == Kind.OBJECTIVE]
    found: dict[int, list[KeyResult]] = {}
    if objectives:
        for result in KeyResult.objects.filter(goal__in=objectives).order_by("id"):
            found.setdefault(result.goal_id, []).append(result)
    return found


def last_stages_of(goals: Collection[int]) -> dict[int, date]:
    """The latest day of a stage that is not done, by goal (ids); one query, none without goals."""
    if not goals:
        return {}
    waiting = Milestone.objects.filter(goal__in=goals, done_on=None).order_by()
    return dict(waiting.values("goal").annotate(last=Max("due_on")).values_list("goal", "last"))


def standing_of(goal: Goal, results: Iterable[KeyResult] = (), *, last_stage_on: date | None = None) -> Standing:
    held = goal.kind == Kind.KPI and goal.direction == Direction.HOLD
    reached = goal.kind == Kind.KPI and not held
    return Standing(
        key=str(goal.pk),
        title=goal.title,
        owner=str(goal.owner_id) if goal.layer == Layer.POSITION else "",
        weight=goal.weight,
        due_on=goal.due_on,
        starts_on=goal.starts_on,
        is_core=goal.is_core,
        is_open=goal.is_open,
        lowers=goal.direction == Direction.LOWER,
        baseline=goal.baseline if reached else None,
        target=goal.target if reached else None,
        hold_low=goal.hold_low if held else None,
        hold_high=goal.hold_high if held else None,
        results=tuple(_result(str(one.pk), one) for one in results),
        last_stage_on=last_stage_on,
    )


def _result(key: str, one: KeyResult) -> Result:
    lowers = one.direction == Direction.LOWER
    return Result(key, one.title, one.target, one.weight, lowers=lowers, is_standing=one.is_standing)


def changes_of(lines: Iterable[AdjustmentLine]) -> list[Change]:
    return [
        Change(
            str(line.goal_id),
            line.field,
            line.new,
            result=str(line.key_result_id or ""),
            added=_result("", line.new_result) if line.field == Field.RESULT_NEW else None,
        )
        for line in lines
    ]


def lines_of(request: AdjustmentRequest) -> list[AdjustmentLine]:
    return with_goals(AdjustmentLine.objects.filter(request=request))


def with_goals(lines: QuerySet[AdjustmentLine]) -> list[AdjustmentLine]:
    """An owner's together, a goal's together; one query."""
    named = lines.select_related("goal__owner", "key_result")
    return list(named.order_by("goal__owner__name_key", "goal", "pk"))


def asked_already(lines: Sequence[AdjustmentLine], *, beside: int | None) -> list[tuple[int, str, str]]:
    """Goal, field, and the key result's id or nothing, of those lines that stand in another open request. A new key
    result is a change of nothing that stands."""
    wanted = {
        (line.goal_id, line.field, str(line.key_result_id or "")) for line in lines if line.field != Field.RESULT_NEW
    }
    standing = AdjustmentLine.objects.filter(is_open=True, goal__in={goal for goal, _field, _result in wanted})
    if beside is not None:
        standing = standing.exclude(request=beside)
    rows = standing.values_list("goal_id", "field", "key_result_id")
    found = {(goal, field, str(result or "")) for goal, field, result in rows}
    return sorted(found & wanted)


def is_closed(period: Period) -> bool:
    return period.state == PeriodState.CLOSED


def mark_of(goals: Iterable[Goal]) -> str:
    """Of the versions of these goals: the same as long as nobody changes one of them."""
    versions = sorted((goal.pk, goal.version) for goal in goals)
    return hashlib.sha256(repr(versions).encode()).hexdigest()[:16]


# --- who is asked -----------------------------------------------------------------------------------------------------


def route_for(
    whose: Whose, owners: Collection[int], asked: dict[str, tuple[str, ...]], *, asker: Employee, on: date
) -> list[Step]:
    """Who is asked about goals of `owners`, as `asked` wants. Five queries. Raises NobodyToAsk."""
    line = [one.pk for one in chain_above(whose.owner or asker, on)]
    if whose.is_team:
        line = [asker.pk, *line]
    partnered = set(owners) if whose.layer == Layer.POSITION else {asker.pk}
    partners = sorted({partner.pk for partner in hrbp_of(partnered, on).values()})
    others = _administrators()
    people = {*line, *partners, *others}
    return approving.route(
        asked,
        Around(
            asker=asker.pk,
            owners=frozenset(owners),
            line=line,
            here=_here(people, on),
            partners=partners,
            others=others,
        ),
    )


def _here(people: Collection[int], on: date) -> frozenset[int]:
    """Those who work here and are not on a long leave."""
    away = EmployeeSpan.objects.filter(holds(on), kind=EmployeeSpan.Kind.LONG_LEAVE, employee__in=people)
    working = Employee.objects.filter(pk__in=people, status=Employee.Status.ACTIVE)
    return frozenset(working.exclude(pk__in=away.values("employee")).values_list("pk", flat=True))


def _administrators() -> list[int]:
    seats = Membership.objects.filter(granted__contains=[Role.ADMIN]).values("pk")
    return list(Employee.objects.filter(membership__in=seats).order_by("employee_no").values_list("pk", flat=True)[:5])


@dataclass(frozen=True)
class Asked:
    """For the preview: in a case, these people in this order."""

    case: str
    steps: list[tuple[Step, Employee]]


def preview(person: Employee, rules: Rules, *, on: date) -> list[Asked]:
    """Who would be asked if `person` asked today, by case: "" where no condition holds, else its code. Raises
    NobodyToAsk."""
    cases = {
        "": adjusting.Facts(),
        approving.WEIGHT: adjusting.Facts(weight_points=adjusting.UNBOUNDED),
        approving.CORE: adjusting.Facts(touches_core=True),
        approving.EASED: adjusting.Facts(eased_percent=adjusting.UNBOUNDED),
        approving.LATE: adjusting.Facts(is_late=True),
    }
    whose = Whose(Layer.POSITION, person)
    routes = {
        case: route_for(whose, {person.pk}, approving.conditions(facts, rules), asker=person, on=on)
        for case, facts in cases.items()
    }
    people = Employee.objects.in_bulk({step.approver for steps in routes.values() for step in steps})
    return [Asked(case, [(step, people[step.approver]) for step in steps]) for case, steps in routes.items()]


def steps_of(request: AdjustmentRequest) -> list[ApprovalStep]:
    return list(ApprovalStep.objects.filter(request=request).select_related("approver").order_by("position"))


def current_step(steps: Iterable[ApprovalStep]) -> ApprovalStep | None:
    """The first that has not answered; the steps are in order."""
    return next((step for step in steps if not step.decision), None)


# --- lists and counts -------------------------------------------------------------------------------------------------


def draft_of(whose: Whose, period: Period, *, asker: Employee) -> AdjustmentRequest | None:
    found: AdjustmentRequest | None = AdjustmentRequest.objects.filter(
        asked_by=asker,
        period=period,
        layer=whose.layer,
        owner=whose.owner,
        unit=whose.unit,
        is_team=whose.is_team,
        state=RequestState.DRAFT,
    ).first()
    return found


def listed(requests: QuerySet[AdjustmentRequest]) -> QuerySet[AdjustmentRequest]:
    """For a list: the newest first, with all a line of it names but what is changed (`with_lines`)."""
    named = requests.select_related("asked_by", "owner", "unit", "period")
    return named.order_by(F("sent_at").desc(nulls_first=True), "-pk")


@dataclass(frozen=True)
class Row:
    request: AdjustmentRequest
    lines: list[AdjustmentLine]
    asked: Employee | None  # who is to answer next


def rows_of(requests: Sequence[AdjustmentRequest]) -> list[Row]:
    """Two queries, whatever the number."""
    lines: defaultdict[int, list[AdjustmentLine]] = defaultdict(list)
    for line in (
        AdjustmentLine.objects.filter(request__in=requests).select_related("goal", "key_result").order_by("goal", "pk")
    ):
        lines[line.request_id].append(line)
    waiting = ApprovalStep.objects.filter(request__in=requests, decision="").select_related("approver")
    asked = {step.request_id: step.approver for step in waiting.order_by("-position")}  # the first comes last
    return [Row(one, lines[one.pk], asked.get(one.pk) if one.state == RequestState.SENT else None) for one in requests]


def open_requests_of(goal: int) -> QuerySet[AdjustmentRequest]:
    """By the id of the goal."""
    lines = AdjustmentLine.objects.filter(goal=goal, is_open=True).values("request")
    return AdjustmentRequest.objects.filter(pk__in=lines).order_by("pk")


class Median(Aggregate):
    """Of a column; NULL does not count."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"


@dataclass(frozen=True)
class Month:
    """Of the requests that owners sent in a month: how many, how many have an answer, the median of its work hours."""

    on: date
    asked: int
    answered: int
    hours: Decimal | None


def months_counted(owners: QuerySet[Any], *, on: date) -> list[Month]:
    """Employee-initiated requests of `owners` (employees) by month, this month first; months with none are missing.
    One query."""
    first = on.replace(day=1)
    for _month in range(MONTHS_COUNTED - 1):
        first = (first - timedelta(days=1)).replace(day=1)
    sent = AdjustmentRequest.objects.filter(owner__in=owners, asked_by=F("owner"), sent_on__range=(first, on))
    by_month: Any = sent.order_by().annotate(month=TruncMonth("sent_on")).values("month")
    counted = by_month.annotate(
        asked=Count("pk"),
        answered=Count("pk", filter=Q(answer_hours__isnull=False)),
        hours=Median("answer_hours", output_field=DecimalField(max_digits=8, decimal_places=2)),
    )
    return [Month(one["month"], one["asked"], one["answered"], one["hours"]) for one in counted.order_by("-month")]

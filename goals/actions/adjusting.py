"""Asking for changes of published goals, and the answers to it (product.md §2.9).

A draft is the asker's alone. Sent, it goes to the people the tenant's conditions name, one after the other; with
weights in it and the window closed it waits for the window. The last one's yes applies it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from goals import adjusting, approving, events
from goals.adjusting import Problem, Value
from goals.models import (
    RESULT_FIGURES,
    AdjustmentLine,
    AdjustmentRequest,
    ApprovalStep,
    Decision,
    Field,
    Goal,
    KeyResult,
    Layer,
    Outcome,
    Period,
    RequestState,
    Status,
)
from goals.queries.adjusting import (
    Whose,
    adjustment_settings,
    asked_already,
    changes_of,
    current_step,
    draft_of,
    is_closed,
    last_stages_of,
    lines_of,
    mark_of,
    results_of,
    route_for,
    rules_of,
    standing_of,
    steps_of,
    whose_of,
    window_on,
)
from goals.queries.settings import local_date, tenant_slug, tenant_zone
from goals.wording import told_of_line
from perfsys.audit.actions import record
from perfsys.jobs.calendar import calendar_for
from perfsys.jobs.workhours import work_hours
from perfsys.notices.actions import notify_digestable, settle
from perfsys.people.models import Employee

from .goal import KeyResultWords
from .matching import write_matches
from .own_progress import keep_away, keep_cadences, keep_objectives, retell_result, tell_anew
from .rollup import roll_up_above
from .standing import write_standing
from .trail import retell_figures

AT_ONCE = 200  # waiting requests a transaction

NobodyToAsk = approving.NobodyToAsk


class NotReady(Exception):
    """`problems` say beside which field something is in the way; nothing was sent or applied."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.sentence for problem in problems))
        self.problems = problems


class AlreadyDecided(Exception):
    """It was answered or taken back meanwhile: look at it again."""


class NotYourTurn(Exception):
    """Somebody else is asked first, or instead."""


class GoalsMoved(Exception):
    """A goal of the request was changed while the answer was being written: look at what it is now, then answer."""


@dataclass(frozen=True)
class Wanted:
    """`field` of `goal` is to be `new`; `goal` as the asker saw it. Or of its key result `result`; or `words` say what
    is to be one of them."""

    goal: Goal
    field: str
    new: Value = None
    result: KeyResult | None = None
    words: KeyResultWords | None = None

    @property
    def old(self) -> Value:
        if self.field in (Field.RESULT_NEW, Field.RESULT_GONE):
            return None
        column = RESULT_FIGURES.get(Field(self.field))
        found: Value = getattr(self.result, column) if column else getattr(self.goal, self.field)
        return found

    @property
    def says_something(self) -> bool:
        if self.field in (Field.RESULT_NEW, Field.RESULT_GONE):
            return True
        return self.new is not None and self.new != self.old


@transaction.atomic
def keep_draft(
    *,
    whose: Whose,
    period: Period,
    wanted: Sequence[Wanted],
    reason: str,
    actor: Employee,
    now: datetime,
) -> AdjustmentRequest:
    """The asker's one draft about these goals: made, or written anew. What changes nothing is left out.

    One asker's forms come one after the other, and a draft that was sent or dropped a moment ago is none any more:
    nobody rewrites what an approver is reading.
    """
    Employee.objects.select_for_update(no_key=True).get(pk=actor.pk)
    found = draft_of(whose, period, asker=actor)
    draft = _locked(found) if found is not None else None
    if draft is None or not draft.is_draft:
        draft = AdjustmentRequest.objects.create(
            period=period,
            layer=whose.layer,
            owner=whose.owner,
            unit=whose.unit,
            is_team=whose.is_team,
            asked_by=actor,
            reason=reason,
            made_at=now,
        )
    else:
        draft.reason = reason
        draft.version += 1
        draft.save(update_fields=["reason", "version"])
    AdjustmentLine.objects.filter(request=draft).delete()
    AdjustmentLine.objects.bulk_create(_line(draft, one) for one in wanted if one.says_something)
    record(events.ADJUSTMENT_DRAFTED, subject=draft, about=whose.owner, actor=actor, at=now)
    return draft


@transaction.atomic
def ask(
    *,
    whose: Whose,
    period: Period,
    wanted: Sequence[Wanted],
    reason: str,
    actor: Employee,
    now: datetime,
) -> AdjustmentRequest:
    """Draft and send in one. Raises NotReady, NobodyToAsk."""
    draft = keep_draft(whose=whose, period=period, wanted=wanted, reason=reason, actor=actor, now=now)
    if emptied := _emptied(wanted):
        raise NotReady([*emptied, *_in_the_way(draft, _lines_with_goals(draft))])
    return send(request=draft, actor=actor, now=now)


def problems_before(
    *, whose: Whose, period: Period, wanted: Sequence[Wanted], reason: str, actor: Employee
) -> list[Problem]:
    """What `ask` would refuse, with nothing written: for a form of which a part could not be read."""
    request = AdjustmentRequest(
        period=period,
        layer=whose.layer,
        owner=whose.owner,
        unit=whose.unit,
        is_team=whose.is_team,
        asked_by=actor,
        reason=reason,
    )
    in_the_way = _in_the_way(request, [_line(request, one) for one in wanted if one.says_something])
    return [*_emptied(wanted), *in_the_way]


EMPTIED = {"figure_missing", "day_missing", "weight_range", "result_weight_range"}


def _emptied(wanted: Sequence[Wanted]) -> list[Problem]:
    codes = {
        Field.WEIGHT: "weight_range",
        Field.DUE_ON: "day_missing",
        Field.RESULT_WEIGHT: "result_weight_range",
    }
    return [
        Problem(
            codes.get(Field(one.field), "figure_missing"),
            str(one.goal.pk),
            one.field,
            result=str(one.result.pk) if one.result else "",
        )
        for one in wanted
        if one.new is None and one.old is not None
    ]


@transaction.atomic
def send(*, request: AdjustmentRequest, actor: Employee, now: datetime) -> AdjustmentRequest:
    """To whom it concerns, or, with weights in it outside the window, to wait for the day it opens. Raises NotReady,
    NobodyToAsk, AlreadyDecided."""
    locked = _locked(request)
    if not locked.is_draft:
        raise AlreadyDecided
    lines = _lines_with_goals(locked)
    _check(locked, lines)
    today = local_date(now)
    if adjusting.needs_window(changes_of(lines)):
        window = window_on(today, adjustment_settings().window_days)
        if not window.holds(today):
            locked.state, locked.waits_for = RequestState.WAITING, window.first
            _save(locked, "state", "waits_for")
            _hold(locked, is_open=True)
            record(events.ADJUSTMENT_WAITS, subject=locked, about=locked.owner, actor=actor, at=now)
            return locked
    _go_out(locked, lines, today, now)
    record(events.ADJUSTMENT_SENT, subject=locked, about=locked.owner, actor=actor, at=now)
    return locked


@transaction.atomic
def send_waiting(*, now: datetime) -> bool:
    """The window has opened: send what waited for it, 200 at a time; whether there is more.

    By the day each one waits for, so that a server that was down on that day sends them late, once, with nothing lost
    for the asker. What no longer holds goes back to the asker with the reason.
    """
    today = local_date(now)
    waiting = AdjustmentRequest.objects.filter(state=RequestState.WAITING, waits_for__lte=today)
    found = list(waiting.select_related("owner", "unit", "period", "asked_by").order_by("pk")[:AT_ONCE])
    for request in found:
        _send_one_that_waited(request, today, now)
    return len(found) == AT_ONCE


@transaction.atomic
def withdraw(*, request: AdjustmentRequest, actor: Employee, now: datetime) -> None:
    """Take it back before anybody has decided it; a draft is dropped by that. Raises AlreadyDecided."""
    locked = _locked(request)
    if not (locked.is_open or locked.is_draft):
        raise AlreadyDecided
    locked.state = RequestState.WITHDRAWN
    _save(locked, "state")
    _hold(locked, is_open=False)
    settle(events.ADJUSTMENT_TO_ANSWER, [locked.pk])
    record(events.ADJUSTMENT_WITHDRAWN, subject=locked, about=locked.owner, actor=actor, at=now)


@transaction.atomic
def approve(
    *, request: AdjustmentRequest, seen: str, actor: Employee, now: datetime, note: str = ""
) -> AdjustmentRequest:
    """Yes, of whoever is asked next; the last yes applies it. `seen` is the mark of the goals as the approver saw them
    (`queries.adjusting.mark_of`). Raises AlreadyDecided, NotYourTurn, GoalsMoved, NotReady."""
    locked, step = _to_answer(request, actor)
    lines = _lines_with_goals(locked)
    if mark_of(line.goal for line in lines) != seen:
        raise GoalsMoved
    _check(locked, lines, is_seen=True)
    _decide(step, Decision.APPROVED, note, now)
    settle(events.ADJUSTMENT_TO_ANSWER, [locked.pk])
    record(events.ADJUSTMENT_STEP, subject=locked, about=locked.owner, actor=actor, at=now)
    following = current_step(steps_of(locked))
    if following is not None:
        _save(locked)
        _ask_step(locked, following, now)
        return locked
    _end(locked, RequestState.APPROVED, now)
    _apply(locked, lines, actor, now)
    record(events.ADJUSTMENT_APPROVED, subject=locked, about=locked.owner, actor=actor, at=now)
    _tell_the_end(events.ADJUSTMENT_AGREED, locked, lines, actor, note, now)
    return locked


@transaction.atomic
def refuse(*, request: AdjustmentRequest, reason: str, actor: Employee, now: datetime) -> AdjustmentRequest:
    """No, with a reason, of whoever is asked next; that ends it. Raises AlreadyDecided, NotYourTurn."""
    locked, step = _to_answer(request, actor)
    _decide(step, Decision.REFUSED, reason, now)
    _end(locked, RequestState.REFUSED, now)
    settle(events.ADJUSTMENT_TO_ANSWER, [locked.pk])
    record(events.ADJUSTMENT_REFUSED, subject=locked, about=locked.owner, actor=actor, at=now)
    _tell_the_end(events.ADJUSTMENT_NOT_AGREED, locked, lines_of(locked), actor, reason, now)
    return locked


@transaction.atomic
def end_requests_about(*, goal: Goal, actor: Employee | None, now: datetime) -> None:
    """Called by whatever closes a goal: there is nothing to answer about it any more. Open requests about it end; a
    team's loses that goal alone, with the weights of its owner that were to make up for it. Both sides are told."""
    open_lines = AdjustmentLine.objects.filter(goal=goal, is_open=True).values("request")
    for request in AdjustmentRequest.objects.filter(pk__in=open_lines).order_by("pk"):
        locked = _locked(request)
        if not locked.is_open:
            continue
        step = current_step(steps_of(locked))
        if not (locked.is_team and _leave_out(locked, goal)):
            locked.state = RequestState.ENDED
            _save(locked, "state")
            _hold(locked, is_open=False)
            settle(events.ADJUSTMENT_TO_ANSWER, [locked.pk])
        ended = locked.state == RequestState.ENDED
        verb = events.ADJUSTMENT_ENDED if ended else events.ADJUSTMENT_SHORTENED
        record(verb, subject=locked, about=locked.owner, actor=actor, at=now, details={"goal": goal.pk})
        people = [locked.asked_by, *([step.approver] if step else []), *([goal.owner] if goal.owner else [])]
        told = {person.pk: person for person in people if person != actor}
        kind = events.ADJUSTMENT_OVER if ended else events.ADJUSTMENT_WITHOUT
        _tell(kind, locked, list(told.values()), now, goal=goal.title)


def end_requests_of(*, period: Period, actor: Employee | None, now: datetime) -> int:
    """Called by whatever closes a period: what was asked about its goals and waits is over, and both sides are told.
    Drafts stay with whoever wrote them. Returns how many they were."""
    waiting = AdjustmentRequest.objects.filter(period=period, state__in=[RequestState.WAITING, RequestState.SENT])
    ended = 0
    for request in waiting.order_by("pk"):
        locked = _locked(request)
        if not locked.is_open:
            continue
        step = current_step(steps_of(locked))
        locked.state = RequestState.ENDED
        _save(locked, "state")
        _hold(locked, is_open=False)
        settle(events.ADJUSTMENT_TO_ANSWER, [locked.pk])
        record(events.ADJUSTMENT_ENDED, subject=locked, about=locked.owner, actor=actor, at=now)
        people = {one.pk: one for one in (locked.asked_by, *([step.approver] if step else [])) if one != actor}
        _tell(events.ADJUSTMENT_PERIOD_CLOSED, locked, list(people.values()), now)
        ended += 1
    return ended


def _leave_out(request: AdjustmentRequest, goal: Goal) -> bool:
    """Whether anything of the team's request is left without `goal`."""
    lines = AdjustmentLine.objects.filter(request=request)
    weights = Q(field=Field.WEIGHT, goal__owner=goal.owner_id)
    if not lines.filter(weights, goal=goal).exists():
        weights = Q(pk__in=[])
    gone = lines.filter(Q(goal=goal) | weights)
    if not lines.exclude(pk__in=gone.values("pk")).exists():
        return False
    gone.delete()
    _save(request)
    return True


# --- sending ----------------------------------------------------------------------------------------------------------


def _line(request: AdjustmentRequest, one: Wanted) -> AdjustmentLine:
    kind = "date" if one.field == Field.DUE_ON else "number"
    values: dict[str, Any] = {f"old_{kind}": one.old, f"new_{kind}": one.new, "key_result": one.result}
    if one.words is not None:
        columns = {"title": one.words.title, **one.words.columns}
        values["proposed"] = {
            name: _plain(value) if isinstance(value, Decimal) else value for name, value in columns.items()
        }
    return AdjustmentLine(request=request, goal=one.goal, goal_version=one.goal.version, field=one.field, **values)


def _lines_with_goals(request: AdjustmentRequest) -> list[AdjustmentLine]:
    """The goals are locked, in the order of ids, before they are read: of two requests about one goal the second
    waits, and then sees what the first has done."""
    goals = AdjustmentLine.objects.filter(request=request).values("goal")
    list(Goal.objects.filter(pk__in=goals).order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    return lines_of(request)


def _check(request: AdjustmentRequest, lines: Sequence[AdjustmentLine], *, is_seen: bool = False) -> None:
    """`is_seen`: an approver was shown what has moved since it was asked for, and says yes to the new value all the
    same. Raises NotReady."""
    if found := _in_the_way(request, lines, is_seen=is_seen):
        raise NotReady(found)


def _in_the_way(request: AdjustmentRequest, lines: Sequence[AdjustmentLine], *, is_seen: bool = False) -> list[Problem]:
    goals = _whole_sets(request, lines)
    results = results_of(goals)
    stages = last_stages_of({line.goal_id for line in lines if line.field == Field.DUE_ON})
    standings = [standing_of(goal, results.get(goal.pk, ()), last_stage_on=stages.get(goal.pk)) for goal in goals]
    found = adjusting.problems(
        standings, changes_of(lines), reason=request.reason, period_is_open=not is_closed(request.period)
    )
    if not is_seen:
        found += [_moved(line) for line in lines if line.has_moved]
    found += [
        Problem("asked_already", str(goal), field, result=result)
        for goal, field, result in asked_already(lines, beside=request.pk)
    ]
    return found


def _moved(line: AdjustmentLine) -> Problem:
    told = told_of_line(line, line.now)
    return Problem("moved", str(line.goal_id), line.field, {"now": told}, str(line.key_result_id or ""))


def _whole_sets(request: AdjustmentRequest, lines: Sequence[AdjustmentLine]) -> list[Goal]:
    """All goals whose weights add up with those of the lines, and those of the lines, cancelled ones too."""
    standing = Goal.objects.filter(layer=request.layer, period=request.period)
    standing = standing.exclude(status=Status.DRAFT).exclude(outcome=Outcome.CANCELLED)
    if request.layer == Layer.POSITION:
        standing = standing.filter(owner__in={line.goal.owner_id for line in lines})
    elif request.layer == Layer.DEPARTMENT:
        standing = standing.filter(unit=request.unit)
    found = {goal.pk: goal for goal in standing}
    return [*found.values(), *{line.goal_id: line.goal for line in lines if line.goal_id not in found}.values()]


def _go_out(request: AdjustmentRequest, lines: Sequence[AdjustmentLine], today: date, now: datetime) -> None:
    """Settle who is asked, and ask the first. Which parts are asked stays; who has them may change until the answer."""
    goals = {line.goal_id: line.goal for line in lines}
    results = results_of(goals.values())
    standings = [standing_of(goal, results.get(goal.pk, ())) for goal in goals.values()]
    facts = adjusting.facts(standings, changes_of(lines), period_ends_on=request.period.ends_on)
    asked = approving.conditions(facts, rules_of(adjustment_settings()))
    _write_steps(request, _route(request, lines, asked, today))
    request.state, request.sent_at, request.sent_on = RequestState.SENT, now, today
    _save(request, "state", "sent_at", "sent_on")
    _hold(request, is_open=True)
    _ask_step(request, steps_of(request)[0], now)


def _route(
    request: AdjustmentRequest, lines: Sequence[AdjustmentLine], asked: dict[str, tuple[str, ...]], today: date
) -> list[approving.Step]:
    owners = {line.goal.owner_id for line in lines if line.goal.owner_id is not None}
    return route_for(
        whose_of(request), owners if request.layer == Layer.POSITION else (), asked, asker=request.asked_by, on=today
    )


def _write_steps(request: AdjustmentRequest, route: Sequence[approving.Step], first: int = 1) -> None:
    ApprovalStep.objects.bulk_create(
        ApprovalStep(
            request=request,
            position=number,
            part=step.part,
            approver_id=step.approver,
            because=list(step.because),
            instead=step.instead,
        )
        for number, step in enumerate(route, start=first)
    )


def _send_one_that_waited(request: AdjustmentRequest, today: date, now: datetime) -> None:
    locked = _locked(request)
    if locked.state != RequestState.WAITING:
        return
    lines = _lines_with_goals(locked)
    try:
        with transaction.atomic():
            _check(locked, lines)
            _go_out(locked, lines, today, now)
    except (NotReady, NobodyToAsk) as refused:
        _give_back(locked, refused, now)
        return
    record(events.ADJUSTMENT_SENT, subject=locked, about=locked.owner, actor=None, at=now)
    _tell(events.ADJUSTMENT_WENT_OUT, locked, [locked.asked_by], now)


def _give_back(request: AdjustmentRequest, refused: Exception, now: datetime) -> None:
    """A draft again, or taken back where the asker has written another one meanwhile."""
    has_another = draft_of(whose_of(request), request.period, asker=request.asked_by) is not None
    request.refresh_from_db(fields=["state", "waits_for"])
    request.state, request.waits_for = RequestState.WITHDRAWN if has_another else RequestState.DRAFT, None
    _save(request, "state", "waits_for")
    _hold(request, is_open=False)
    why = refused.problems[0].sentence if isinstance(refused, NotReady) else str(events.NOBODY_TO_ASK)
    record(events.ADJUSTMENT_CAME_BACK, subject=request, about=request.owner, actor=None, at=now)
    _tell(events.ADJUSTMENT_NOT_SENT, request, [request.asked_by], now, why=why)


# --- who is asked today ---------------------------------------------------------------------------------------------


@transaction.atomic
def ask_who_is_here(*, now: datetime, after: int = 0) -> int | None:
    """Every night: a step that waits for somebody who has left, is on a long leave or has handed the role on goes to
    whoever has it today. What the conditions asked for when it was sent stays. Gives the id to go on after, 200
    requests at a time, None at the end."""
    today = local_date(now)
    sent = AdjustmentRequest.objects.filter(state=RequestState.SENT, pk__gt=after).order_by("pk")
    found = list(sent[:AT_ONCE])
    for request in found:
        _replace_approvers(request, today, now)
    return found[-1].pk if len(found) == AT_ONCE else None


def _replace_approvers(request: AdjustmentRequest, today: date, now: datetime) -> None:
    locked = _locked(request)
    steps = steps_of(locked) if locked.state == RequestState.SENT else []
    waiting = [step for step in steps if not step.decision]
    if not waiting:
        return
    asked: dict[str, tuple[str, ...]] = {}
    for step in steps:
        asked[step.part] = (*asked.get(step.part, ()), *step.because)
    try:
        route = _route(locked, lines_of(locked), asked, today)
    except NobodyToAsk:
        return
    answered = {step.approver_id for step in steps if step.decision}
    parts = {step.part for step in waiting}
    wanted = [step for step in route if step.part in parts and step.approver not in answered]
    before = [step.approver_id for step in waiting]
    # Where all who have the roles today have answered, somebody still has to say the last word.
    if not wanted or [step.approver for step in wanted] == before:
        return
    ApprovalStep.objects.filter(pk__in=[step.pk for step in waiting]).delete()
    _write_steps(locked, wanted, first=waiting[0].position)
    _save(locked)
    details = {"before": before, "after": [step.approver for step in wanted]}
    record(events.ADJUSTMENT_HANDED_ON, subject=locked, about=locked.owner, actor=None, at=now, details=details)
    following = current_step(steps_of(locked))
    if following is not None and following.approver_id != before[0]:
        settle(events.ADJUSTMENT_TO_ANSWER, [locked.pk])
        _ask_step(locked, following, now)


# --- answering --------------------------------------------------------------------------------------------------------


def _to_answer(request: AdjustmentRequest, actor: Employee) -> tuple[AdjustmentRequest, ApprovalStep]:
    locked = _locked(request)
    if locked.state != RequestState.SENT:
        raise AlreadyDecided
    step = current_step(steps_of(locked))
    if step is None or step.approver_id != actor.pk:
        raise NotYourTurn
    return locked, step


def _decide(step: ApprovalStep, decision: Decision, note: str, now: datetime) -> None:
    step.decision, step.decided_at, step.note = decision, now, note.strip()
    step.version += 1
    step.save(update_fields=["decision", "decided_at", "note", "version"])


def _end(request: AdjustmentRequest, state: RequestState, now: datetime) -> None:
    sent_at = request.sent_at or now
    zone, today = tenant_zone(), local_date(now)
    calendar = calendar_for(sent_at.astimezone(zone).date(), today)
    request.state, request.decided_at, request.decided_on = state, now, today
    request.answer_hours = work_hours(sent_at, now, zone, calendar)
    _save(request, "state", "decided_at", "decided_on", "answer_hours")
    _hold(request, is_open=False)


def _apply(request: AdjustmentRequest, lines: Sequence[AdjustmentLine], actor: Employee, now: datetime) -> None:
    """Each goal gets its new values as one version; progress, standing and the goals above follow."""
    today = local_date(now)
    changed: dict[int, list[AdjustmentLine]] = {}
    for line in lines:
        changed.setdefault(line.goal_id, []).append(line)
    for of_goal in changed.values():
        _adjust_goal(of_goal[0].goal, of_goal, request, actor, today, now)
    write_standing(today, goal_ids=list(changed))
    roll_up_above(list(changed))
    write_matches(today=today, goals=list(changed))


def _adjust_goal(
    goal: Goal,
    lines: Sequence[AdjustmentLine],
    request: AdjustmentRequest,
    actor: Employee,
    today: date,
    now: datetime,
) -> None:
    of_results = [line for line in lines if line.field in adjusting.OF_RESULTS]
    new: dict[str, Value] = {line.field: line.new for line in lines if line not in of_results}
    before = {name: _plain(getattr(goal, name)) for name in new}
    for name, value in new.items():
        setattr(goal, name, value)
    goal.version += 1
    columns = [*new, "version"]
    if {*new} & {*adjusting.FIGURES} and retell_figures(goal, today):
        columns.append("own_progress")
    goal.save(update_fields=columns)
    results = [_adjust_result(goal, line, today) for line in of_results]
    if Field.DUE_ON in new:
        _tell_by_the_new_day(goal, today)
    elif results:
        keep_objectives([goal.pk])
    details = {
        "version": goal.version,
        "request": request.pk,
        "changed": {name: [before[name], _plain(value)] for name, value in new.items()},
    } | ({"results": results} if results else {})
    record(events.GOAL_ADJUSTED, subject=goal, about=goal.owner, actor=actor, at=now, details=details)


def _adjust_result(goal: Goal, line: AdjustmentLine, today: date) -> dict[str, Any]:
    """What was said about it stays said; against another target it comes to another progress."""
    if line.field == Field.RESULT_NEW:
        made = line.new_result
        made.save()
        return {"result": made.pk, "field": line.field}
    result, column = line.key_result, RESULT_FIGURES.get(Field(line.field), "retired_on")
    if result is None:
        raise LookupError(line.pk)  # the database keeps such a line out
    before = _plain(getattr(result, column))
    setattr(result, column, today if line.field == Field.RESULT_GONE else line.new)
    result.goal = goal
    result.save(update_fields=[column])
    if line.field == Field.RESULT_TARGET:
        retell_result(result, today)
    told = [before, _plain(getattr(result, column))]
    return {"result": result.pk, "field": line.field, "changed": told}


def _tell_by_the_new_day(goal: Goal, today: date) -> None:
    """Another last day is another share of days on which the owner is there, and another number of ticks."""
    keep_away([goal.pk])
    goal.refresh_from_db(fields=["away"])
    tell_anew(goal, today)
    keep_objectives([goal.pk])
    keep_cadences(today, [goal.pk])


def _plain(value: Value) -> str | None:
    if value is None:
        return None
    return f"{value.normalize():f}" if isinstance(value, Decimal) else value.isoformat()


# --- telling ----------------------------------------------------------------------------------------------------------


def _ask_step(request: AdjustmentRequest, step: ApprovalStep, now: datetime) -> None:
    _tell(events.ADJUSTMENT_TO_ANSWER, request, [step.approver], now, reason=request.reason)


def _tell_the_end(
    kind: str,
    request: AdjustmentRequest,
    lines: Sequence[AdjustmentLine],
    actor: Employee,
    note: str,
    now: datetime,
) -> None:
    """Whoever asked, and whose goals they are."""
    people = {request.asked_by.pk: request.asked_by}
    people |= {line.goal.owner.pk: line.goal.owner for line in lines if line.goal.owner is not None}
    people.pop(actor.pk, None)
    _tell(kind, request, list(people.values()), now, by=actor.name, note=f"“{note.strip()}”" if note.strip() else "")


def _tell(kind: str, request: AdjustmentRequest, to: Collection[Employee], now: datetime, **params: str) -> None:
    here = [person for person in to if person.status == Employee.Status.ACTIVE]
    notify_digestable(
        kind,
        to=here,
        on=local_date(now),
        at=now,
        subject=request,
        about=request.owner,
        params={"name": request.asked_by.name, "period": request.period.name, **params},
        url=reverse("goals:request", kwargs={"tenant": tenant_slug(), "public_id": request.public_id}),
    )


# --- rows -------------------------------------------------------------------------------------------------------------


def _locked(request: AdjustmentRequest) -> AdjustmentRequest:
    found: AdjustmentRequest = (
        AdjustmentRequest.objects.select_for_update(of=["self"])
        .select_related("owner", "unit", "period", "asked_by")
        .get(pk=request.pk)
    )
    return found


def _save(request: AdjustmentRequest, *columns: str) -> None:
    request.version += 1
    request.save(update_fields=[*columns, "version"])


def _hold(request: AdjustmentRequest, *, is_open: bool) -> None:
    """Its goals and fields are in an open request, or free again."""
    AdjustmentLine.objects.filter(request=request).update(is_open=is_open)

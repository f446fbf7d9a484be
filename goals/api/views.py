"""Goals, check-ins, alignments and requests over the API. Fetched through `access.py`, judged by the forms, done by the
actions of the pages: what differs is the shape."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

from django.forms import BaseForm
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema
from rest_framework import status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from goals import access, adjust_forms, events, trail_forms, writing_forms
from goals.actions import adjusting, alignments, trail
from goals.actions import goal as drafts
from goals.actions.goal import WouldCloseACircle
from goals.actions.periods import ensure_period
from goals.adjusting import SENTENCES
from goals.alignment_forms import carried_too_much
from goals.desks import desk_of, desk_of_new
from goals.models import AdjustmentRequest, Goal, Layer
from goals.queries import adjusting as requests
from goals.queries import programs
from goals.queries.adjusting import Whose
from goals.queries.bound import NO_MARK, NOTHING_GOOD, how_it_is_bound, marks_of
from goals.queries.match import lines_of
from goals.queries.page import has_key_results
from goals.queries.writing import further_parents_for, written
from goals.wording import plain
from perfsys.people.access import Viewer, person
from perfsys.tokens.answers import CURSOR, Listed, refusals, said_in, who_asks
from perfsys.tokens.problems import Conflict, Refused

from . import serializers as shapes
from . import writing

# --- goals ------------------------------------------------------------------------------------------------------------


class Goals(Listed):
    ordering = ("public_id",)  # of its own for each, so that a page begins where the last one ended

    @extend_schema(
        operation_id="goals_list",
        filters=False,
        parameters=[shapes.GoalFilters, *CURSOR],
        responses={200: shapes.GoalPage, **refusals()},
    )
    def get(self, request: Request) -> Response:
        """The goals that the token's person may read, in no order that means anything."""
        wanted = said_in(shapes.GoalFilters, request.query_params)
        goals = programs.narrowed(access.visible_goals(who_asks(request)), wanted)
        on = who_asks(request).on
        return self.page(request, goals, shapes.GoalShown, lambda found: {"marks": marks_of(found, on)})

    @extend_schema(
        operation_id="goals_add", request=shapes.GoalMade, responses={201: shapes.WholeGoal, **refusals(409)}
    )
    def post(self, request: Request) -> Response:
        """A draft: it is published on the pages, with the others of its set."""
        who = who_asks(request)
        said = said_in(shapes.GoalMade, request.data)
        place = writing.place_of(who, said)
        sheet = writing.new_sheet(desk_of_new(who, place), said)
        sheet.judge()
        now, span = timezone.now(), sheet.form.span
        period = ensure_period(starts_on=span.starts_on, ends_on=span.ends_on, actor=who.employee, now=now)
        try:
            made = drafts.write_goal(place=place, period=period, words=sheet.words(), actor=who.employee, now=now)
        except WouldCloseACircle:
            raise _circle() from None
        goal, _rights = access.goal_to_read(who, made.public_id)
        return Response(_whole_goal(who, goal), status=status.HTTP_201_CREATED)


class OneGoal(APIView):
    @extend_schema(operation_id="goals_one", responses={200: shapes.WholeGoal, **refusals()})
    def get(self, request: Request, public_id: UUID) -> Response:
        """With key results, milestones, and what it supports."""
        who = who_asks(request)
        goal, _rights = access.goal_to_read(who, public_id)
        return Response(_whole_goal(who, goal))

    @extend_schema(
        operation_id="goals_change", request=shapes.GoalChanged, responses={200: shapes.WholeGoal, **refusals(409)}
    )
    def patch(self, request: Request, public_id: UUID) -> Response:
        """A draft; what is published changes by a request."""
        who = who_asks(request)
        goal, _rights = access.goal_to_keep(who, public_id)
        said = said_in(shapes.GoalChanged, request.data)
        if not goal.is_draft:
            raise _no_draft(goal)
        if goal.version != said["version"]:
            raise Conflict(current=_as_it_is(goal))
        parts = written(goal)
        desk = desk_of(who, goal, parts)
        stages = [{"title": title, "due_on": due_on} for title, due_on in parts.milestones]
        lists = {"milestones": stages, "key_results": parts.key_results}
        sheet = writing.changed_sheet(desk, writing_forms.initial_of(goal, parts, desk.causes), lists, said)
        sheet.judge()
        try:
            drafts.edit_goal(
                goal=goal, version=said["version"], words=sheet.words(), actor=who.employee, now=timezone.now()
            )
        except drafts.StaleVersion:
            raise Conflict(current=_as_it_is(goal)) from None
        except drafts.NotADraft:
            raise _no_draft(goal) from None
        except WouldCloseACircle:
            raise _circle() from None
        goal, _rights = access.goal_to_read(who, public_id)
        return Response(_whole_goal(who, goal))

    @extend_schema(operation_id="goals_delete", responses={204: None, **refusals(409)})
    def delete(self, request: Request, public_id: UUID) -> Response:
        """A draft is thrown away; what is published ends by being closed on its page."""
        who = who_asks(request)
        goal, _rights = access.goal_to_keep(who, public_id)
        try:
            drafts.drop_draft(goal=goal, actor=who.employee, now=timezone.now())
        except drafts.NotADraft:
            said = _("It is no draft any more: what is published is closed, with its result, on its page.")
            raise Conflict(said, _as_it_is(goal)) from None
        except Goal.DoesNotExist:
            raise Http404 from None  # somebody else was quicker
        return Response(status=status.HTTP_204_NO_CONTENT)


def _whole_goal(who: Viewer, goal: Goal) -> dict[str, Any]:
    marks = marks_of([goal], who.on)
    good = marks.get(goal.pk, NO_MARK).good or NOTHING_GOOD
    results = shapes.KeyResultShown(programs.key_results_of(goal), many=True, context={"good": good.results})
    return {
        **shapes.GoalShown(goal, context={"marks": marks}).data,
        "key_results": results.data,
        "milestones": shapes.MilestoneShown(programs.milestones_of(goal), many=True).data,
        "supports": _supports(who, goal),
    }


def _no_draft(goal: Goal) -> Conflict:
    return Conflict(_("It is no draft any more: what is published changes by a request."), _as_it_is(goal))


def _circle() -> Refused:
    return Refused({"parent": [_("That goal already supports this one, over others. Choose another.")]})


class CheckIns(Listed):
    ordering = ("-at", "public_id")

    @extend_schema(
        operation_id="check_ins_list",
        filters=False,
        parameters=CURSOR,
        responses={200: shapes.CheckInPage, **refusals()},
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        """The newest first."""
        goal, _rights = access.goal_to_read(who_asks(request), public_id)
        return self.page(request, programs.check_ins_of(goal), shapes.CheckInShown)

    @extend_schema(
        operation_id="check_ins_add",
        request=shapes.CheckInSaid,
        responses={201: shapes.CheckInShown, **refusals(409)},
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """How far it is. On a behaviour commitment each is one tick, and nothing has to be said."""
        who = who_asks(request)
        goal, _rights = access.goal_to_keep(who, public_id)
        said = said_in(shapes.CheckInSaid, request.data)
        form, more = _check_in_form(who, goal, said)
        if not form.is_valid():
            raise Refused.by(form)
        try:
            made = trail.check_in(goal=goal, actor=who.employee, now=timezone.now(), **form.said, **more)
        except trail.GoalNotOpen:
            raise _not_open(goal) from None
        return Response(shapes.CheckInShown(made).data, status=status.HTTP_201_CREATED)


class Evidence(Listed):
    ordering = ("-at", "public_id")

    @extend_schema(
        operation_id="evidence_list",
        filters=False,
        parameters=CURSOR,
        responses={200: shapes.EvidencePage, **refusals()},
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        """What shows that something happened, the newest first: added by people, or by a connected system. A feedback
        can name one of these as its fact."""
        goal, _rights = access.goal_to_read(who_asks(request), public_id)
        return self.page(request, programs.evidence_of(goal), shapes.EvidenceShown)


MEASURED = gettext_lazy(
    "The figure comes from a metric. Words are welcome; a figure with proof is told on the goal's page."
)


def _check_in_form(who: Viewer, goal: Goal, said: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The form of the page it would be typed on, and what the action takes beside what it says."""
    value = said.get("value")
    typed = {"note": said.get("note", ""), "confidence": said.get("confidence", ""), "key": str(uuid4())}
    if value is not None:
        typed["value"] = plain(value)
        typed["sure"] = plain(value) if said.get("sure") else ""
    if said.get("key_result"):
        result = access.key_result_to_check(who, said["key_result"])
        if result.goal_id != goal.pk:
            raise Refused({"key_result": [_("It is no key result of this goal.")]})
        how = how_it_is_bound(goal, who.on, result)
        if how["is_bound"]:
            raise Refused({"value": [str(MEASURED)]})
        return trail_forms.ResultCheckInForm(typed, of=result), {"key_result": result}
    how = how_it_is_bound(goal, who.on)
    if how["is_bound"] and value is not None:
        raise Refused({"value": [str(MEASURED)]})
    form = trail_forms.CheckInForm(typed, goal=goal, by_results=has_key_results(goal), is_bound=how["is_bound"])
    if value is not None and "value" not in form.fields:
        raise Refused({"value": [_("This goal takes no figure of its own: tick it, or name one of its key results.")]})
    return form, {}


def _not_open(goal: Goal) -> Conflict:
    return Conflict(_("It is a draft or closed: nothing can be added to it."), _as_it_is(goal))


def _as_it_is(goal: Goal) -> dict[str, Any]:
    return {"id": str(goal.public_id), "version": goal.version, "status": goal.status}


# --- alignments -------------------------------------------------------------------------------------------------------


class AlignmentsOfGoal(APIView):
    @extend_schema(operation_id="alignments_list", responses={200: shapes.Alignments, **refusals()})
    def get(self, request: Request, public_id: UUID) -> Response:
        """What a goal supports, as far as the reader may open it: the primary one first."""
        who = who_asks(request)
        goal, _rights = access.goal_to_read(who, public_id)
        return Response({"results": _supports(who, goal)})

    @extend_schema(
        operation_id="alignments_add",
        request=shapes.AlignmentSaid,
        responses={201: shapes.AlignmentShown, **refusals(409)},
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Another goal that this one supports as well; its part of the own resources comes off the primary one's."""
        who = who_asks(request)
        goal = access.alignments_to_change(who, public_id)
        said = said_in(shapes.AlignmentSaid, request.data)
        parent = access.readable_among(who, further_parents_for(goal, who.on)).filter(public_id=said["parent"]).first()
        if parent is None:
            raise Refused({"parent": [_("There is no goal with this id that this one could support.")]})
        try:
            made = alignments.support_also(
                goal=goal,
                parent=parent,
                shares=alignments.Shares(said.get("contribution"), said.get("split")),
                actor=who.employee,
                now=timezone.now(),
            )
        except alignments.GoalClosed:
            raise Conflict(_("It is closed: it stays as it is."), _as_it_is(goal)) from None
        except alignments.AlreadySupported:
            raise Refused({"parent": [_("It supports that one already.")]}) from None
        except WouldCloseACircle:
            raise _circle() from None
        except alignments.SplitNotWhole:
            words = _("That is more than the first one has. Give it less, or divide anew above.")
            raise Refused({"split": [words]}) from None
        except alignments.CarriedTwice as refused:
            raise Refused({"contribution": list(carried_too_much(refused).messages)}) from None
        return Response(shapes.AlignmentShown(made).data, status=status.HTTP_201_CREATED)


class OneAlignment(APIView):
    @extend_schema(operation_id="alignments_remove", responses={204: None, **refusals(409)})
    def delete(self, request: Request, public_id: UUID, parent_id: UUID) -> Response:
        """A further one is gone; the primary one is changed where the goal is written."""
        who = who_asks(request)
        line = access.alignment_to_remove(who, public_id, parent_id)
        try:
            alignments.support_no_more(alignment=line, actor=who.employee, now=timezone.now())
        except alignments.GoalClosed:
            raise Conflict(_("It is closed: it stays as it is."), _as_it_is(line.child)) from None
        return Response(status=status.HTTP_204_NO_CONTENT)


def _supports(who: Viewer, goal: Goal) -> Any:
    return shapes.AlignmentShown([line.alignment for line in lines_of(who, goal)], many=True).data


# --- requests ---------------------------------------------------------------------------------------------------------


class AskForChanges(APIView):
    @extend_schema(
        operation_id="adjustments_send",
        request=shapes.RequestSaid,
        responses={201: shapes.WholeRequest, **refusals(409)},
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Ask to change a published goal, with others of its set where weights have to make up for it."""
        who = who_asks(request)
        goal, _rights = access.goal_to_keep(who, public_id)
        if not goal.is_open:
            raise Conflict(_("Only what is published changes by a request."), _as_it_is(goal))
        said = said_in(shapes.RequestSaid, request.data)
        whose = Whose(
            goal.layer,
            goal.owner if goal.layer == Layer.POSITION else None,
            goal.unit if goal.layer == Layer.DEPARTMENT else None,
        )
        me = person(request._request)
        goals = requests.in_order(requests.adjustable(whose, goal.period, asker=me, on=who.on))
        form, names = _adjust_form(goals, said)
        if not form.is_valid():
            raise Refused.by(form, names)
        try:
            sent = adjusting.ask(
                whose=whose,
                period=goal.period,
                wanted=form.wanted(),
                reason=form.cleaned_data["reason"].strip(),
                actor=me,
                now=timezone.now(),
            )
        except adjusting.NotReady as refused:
            form.refuse(refused.problems)
            raise Refused.by(form, names) from None
        except adjusting.NobodyToAsk:
            raise Refused({"non_field_errors": [str(events.NOBODY_TO_ASK)]}) from None
        found = access.request_to_read(who, sent.public_id)
        return Response(_whole(who, found), status=status.HTTP_201_CREATED)


def _adjust_form(goals: Sequence[Goal], said: Mapping[str, Any]) -> tuple[adjust_forms.AdjustForm, dict[str, str]]:
    """The form of the page as it would be sent with these changes alone; and what its fields are called here. Raises
    Refused, Conflict."""
    blank = adjust_forms.AdjustForm(goals=goals)
    by_id = {goal.public_id: goal for goal in goals}
    data: dict[str, Any] = {"reason": said["reason"]}
    data |= {name: field.now for name, field in blank.fields.items() if hasattr(field, "now")}
    for goal in goals:
        data |= {blank.name_of(goal, "goal"): str(goal.public_id), blank.name_of(goal, "version"): goal.version}
    names: dict[str, str] = {"__all__": "non_field_errors"}
    for place, change in enumerate(said["changes"]):
        found = by_id.get(change["goal"])
        if found is None:
            words = _("There is no goal with this id in the set that is asked about.")
            raise Refused({f"changes.{place}.goal": [words]})
        if found.version != change["version"]:
            raise Conflict(current=_as_it_is(found))
        name = blank.name_of(found, change["field"])
        if name not in blank.fields:
            sentence = "core_weight" if found.is_core and change["field"] == "weight" else "no_figure"
            raise Refused({f"changes.{place}.field": [str(SENTENCES[sentence]) % {"goal": found.title}]})
        data[name], names[name] = change["new"], f"changes.{place}.new"
    return adjust_forms.AdjustForm(data, goals=goals), names


class Requests(Listed):
    ordering = ("-made_at", "public_id")

    @extend_schema(
        operation_id="adjustments_list",
        filters=False,
        parameters=[shapes.RequestFilters, *CURSOR],
        responses={200: shapes.RequestPage, **refusals()},
    )
    def get(self, request: Request) -> Response:
        """Requests that the token's person may read, the newest first."""
        wanted = said_in(shapes.RequestFilters, request.query_params)
        found = requests.listed(access.visible_requests(who_asks(request)).filter(**wanted))
        return self.page(request, found, shapes.RequestShown)


class OneRequest(APIView):
    @extend_schema(operation_id="adjustments_one", responses={200: shapes.WholeRequest, **refusals()})
    def get(self, request: Request, public_id: UUID) -> Response:
        """With what it would change and who is asked."""
        who = who_asks(request)
        return Response(_whole(who, access.request_to_read(who, public_id)))


class Approve(APIView):
    @extend_schema(
        operation_id="adjustments_approve",
        request=shapes.Agreed,
        responses={200: shapes.WholeRequest, **refusals(409)},
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Yes, of whoever is asked next; the last yes changes the goals."""
        who = who_asks(request)
        found = access.request_to_answer(who, public_id)
        form = adjust_forms.ApproveForm(said_in(shapes.Agreed, request.data))
        return _decided(who, found, form, adjusting.approve, person(request._request))


class Refuse(APIView):
    @extend_schema(
        operation_id="adjustments_refuse",
        request=shapes.NotAgreed,
        responses={200: shapes.WholeRequest, **refusals(409)},
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """No, with a reason; that ends it."""
        who = who_asks(request)
        found = access.request_to_answer(who, public_id)
        typed = said_in(shapes.NotAgreed, request.data)
        form = adjust_forms.RefuseForm({f"{adjust_forms.RefuseForm.prefix}-reason": typed["reason"]})
        return _decided(who, found, form, adjusting.refuse, person(request._request))


class Withdraw(APIView):
    @extend_schema(
        operation_id="adjustments_withdraw", request=None, responses={200: shapes.WholeRequest, **refusals(409)}
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """One's own is taken back; the goals stay as they are."""
        who = who_asks(request)
        found = access.request_to_withdraw(who, public_id)
        try:
            adjusting.withdraw(request=found, actor=person(request._request), now=timezone.now())
        except adjusting.AlreadyDecided:
            raise _over(found) from None
        found.refresh_from_db()
        return Response(_whole(who, found))


def _decided(who: Viewer, found: AdjustmentRequest, form: BaseForm, decide: Any, actor: Any) -> Response:
    if not form.is_valid():
        raise Refused.by(form)
    try:
        decide(request=found, actor=actor, now=timezone.now(), **form.cleaned_data)
    except adjusting.GoalsMoved:
        raise Conflict(current=_whole(who, found)) from None
    except adjusting.NotReady as refused:
        raise Refused({"non_field_errors": [str(one.sentence) for one in refused.problems]}) from None
    except (adjusting.AlreadyDecided, adjusting.NotYourTurn):
        raise _over(found) from None
    found.refresh_from_db()
    return Response(_whole(who, found))


def _over(found: AdjustmentRequest) -> Conflict:
    current = {"id": str(found.public_id), "version": found.version, "state": found.state}
    return Conflict(_("It has an answer already, or waits for somebody else's."), current)


def _whole(who: Viewer, found: AdjustmentRequest) -> dict[str, Any]:
    lines = requests.with_goals(access.lines_to_read(who, found))
    return {
        **shapes.RequestShown(found).data,
        "lines": shapes.LineShown(lines, many=True).data,
        "steps": shapes.StepShown(requests.steps_of(found), many=True).data,
        "seen": requests.mark_of(line.goal for line in lines),
    }

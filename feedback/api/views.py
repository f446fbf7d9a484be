"""Feedback over the API. Fetched through `access.py`, judged by the forms, done by the actions of the pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBase, QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import status
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from feedback import access, forms
from feedback.actions import feedback as actions
from feedback.actions import request as requests
from feedback.audio import MOST_BYTES as MOST_BYTES_OF_SOUND
from feedback.audio import TYPES
from feedback.handing_out import PICTURE, handed_out, type_of
from feedback.models import Feedback, Visibility
from feedback.queries import exchange, programs
from feedback.queries.request import with_goals
from feedback.queries.vague import doubt_about
from perfsys.common.pictures import MOST_BYTES
from perfsys.lexicon import opinion
from perfsys.people.access import Viewer, person
from perfsys.people.features import Feature
from perfsys.tokens.answers import CURSOR, AsItIs, Listed, refusals, said_in, who_asks
from perfsys.tokens.paging import Pages
from perfsys.tokens.problems import Conflict, Refused, TooOften
from perfsys.tokens.reading import Json

from . import serializers as shapes

RANGE = OpenApiParameter(
    "Range", OpenApiTypes.STR, OpenApiParameter.HEADER, description="`bytes=0-1999999`; at most 2 MB at a time."
)
FILES = [PICTURE, *TYPES.values()]
AN_HOUR = 3600  # seconds
DONE = {200: shapes.WholeFeedback, **refusals(409)}
NAMES = {"__all__": "non_field_errors"}


class AllFeedback(Listed):
    ordering = ("-at", "public_id")
    parser_classes = [Json, MultiPartParser]
    most_bytes_of_files = MOST_BYTES + MOST_BYTES_OF_SOUND

    @extend_schema(
        operation_id="feedback_list",
        filters=False,
        parameters=[shapes.FeedbackFilters, *CURSOR],
        responses={200: shapes.FeedbackPage, **refusals()},
    )
    def get(self, request: Request) -> Response:
        """What the token's person may read, the newest first. Withdrawn ones only among the person's own."""
        wanted = said_in(shapes.FeedbackFilters, request.query_params)
        return self.page(request, programs.listed(who_asks(request), wanted), shapes.FeedbackShown)

    @extend_schema(
        operation_id="feedback_give",
        request={"application/json": shapes.FeedbackSaid, "multipart/form-data": shapes.FeedbackSaidWithFiles},
        responses={201: shapes.WholeFeedback, **refusals()},
    )
    def post(self, request: Request) -> Response:
        """To a colleague, from the token's person, with files as a form; with `answers` it answers what that colleague
        asked. Who reads it cannot be changed afterwards."""
        who = who_asks(request)
        if who.lacks(Feature.FEEDBACK):
            raise PermissionDenied(_("%(part)s is not switched on for you yet.") % {"part": Feature.FEEDBACK.label})
        me = person(request._request)
        is_form = isinstance(request.data, QueryDict)
        said = said_in(shapes.FeedbackSaidWithFiles if is_form else shapes.FeedbackSaid, request.data)
        files = {name: said.pop(name) for name in ("picture", "audio") if name in said}
        typed = {"visibility": Visibility.MANAGER, **said, "key": str(uuid4()), "tag": programs.tag_id(said["tag"])}
        form = forms.ComposeForm(typed, files=files, who=who)
        if not form.is_valid():
            raise Refused.by(form, NAMES)
        if "answers" in said and form.said["answers"] is None:
            raise Refused({"answers": [_("No request of theirs waits for an answer from you here.")]})
        try:
            made = actions.give_feedback(giver=me, now=timezone.now(), **form.said)
        except actions.RetryLater:
            raise TooOften(_("That is 60 in an hour. Send it later."), wait=AN_HOUR) from None
        return Response(_whole(who, made.public_id), status=status.HTTP_201_CREATED)


class OneFeedback(APIView):
    @extend_schema(operation_id="feedback_one", responses={200: shapes.WholeFeedback, **refusals()})
    def get(self, request: Request, public_id: UUID) -> Response:
        """With its facts, what was said below it, and what was taken on."""
        return Response(_whole(who_asks(request), public_id))

    @extend_schema(operation_id="feedback_correct", request=shapes.FeedbackCorrected, responses=DONE)
    def patch(self, request: Request, public_id: UUID) -> Response:
        """Other words, by its giver within 24 hours; every version is kept."""
        who, now = who_asks(request), timezone.now()
        found = access.feedback_to_correct(who, public_id, now=now)
        said = said_in(shapes.FeedbackCorrected, request.data)
        form = forms.CorrectForm(said, of=found)
        if not form.is_valid():
            raise Refused.by(form, NAMES)
        words = form.cleaned_data
        doubt = doubt_about(words["text"], tag=None, nature=found.nature, judge=opinion.judge_at_hand())
        return _done(request, found, actions.correct, **words, is_vague=doubt is not None)


class Requests(Listed):
    ordering = ("-at", "public_id")

    @extend_schema(
        operation_id="feedback_requests_list",
        filters=False,
        parameters=[shapes.AskedFilters, *CURSOR],
        responses={200: shapes.AskedPage, **refusals()},
    )
    def get(self, request: Request) -> Response:
        """What colleagues asked the token's person, the newest first. Whom else they asked nobody reads."""
        who, wanted = who_asks(request), said_in(shapes.AskedFilters, request.query_params)
        pages = Pages()
        lines = pages.paginate_queryset(programs.asked(who, wanted), request, self)
        return pages.get_paginated_response(shapes.AskedShown(with_goals(who, lines), many=True).data)


class Decline(APIView):
    @extend_schema(
        operation_id="feedback_requests_decline",
        request=shapes.Declined,
        responses={200: shapes.AskedShown, **refusals(409)},
    )
    def post(self, request: Request, public_id: UUID) -> Response:
        """Rather not, and why. To answer is to send a feedback with `answers`."""
        who = who_asks(request)
        found = access.request_to_decline(who, public_id)
        said = said_in(shapes.Declined, request.data)
        form = forms.DeclineForm(said)
        if not form.is_valid():
            raise Refused.by(form, NAMES)
        try:
            requests.decline(recipient=found, actor=person(request._request), now=timezone.now(), **form.cleaned_data)
        except requests.SettledAlready:
            found.refresh_from_db(fields=["state"])
            current = {"id": str(found.public_id), "state": found.state}
            raise Conflict(_("It was settled meanwhile."), current) from None
        found.refresh_from_db(fields=["state", "settled_at"])
        return Response(shapes.AskedShown(with_goals(who, [found])[0]).data)


class FileOfFact(APIView):
    content_negotiation_class = AsItIs

    @extend_schema(
        operation_id="feedback_file",
        parameters=[RANGE],
        responses={(code, kind): bytes for kind in FILES for code in (200, 206)} | {416: None} | refusals(),
    )
    def get(self, request: Request, public_id: UUID, fact_id: UUID) -> HttpResponseBase:
        """A screenshot or a recording, whole or a piece of it."""
        found = access.fact_to_open(who_asks(request), fact_id, of=public_id)
        return handed_out(found, request.headers.get("Range", ""))


class Like(APIView):
    @extend_schema(operation_id="feedback_like", request=None, responses=DONE)
    def post(self, request: Request, public_id: UUID) -> Response:
        """ "This helped." From the receiver it closes the feedback; a second time is nothing."""
        found = access.feedback_to_like(who_asks(request), public_id, now=timezone.now())
        return _done(request, found, actions.like)

    @extend_schema(operation_id="feedback_unlike", request=None, responses=DONE)
    def delete(self, request: Request, public_id: UUID) -> Response:
        """Taken back; what nothing else has closed is open again."""
        found = access.feedback_to_like(who_asks(request), public_id, now=timezone.now())
        return _done(request, found, actions.unlike)


class Answer(APIView):
    @extend_schema(operation_id="feedback_answer", request=shapes.LineSaid, responses=DONE)
    def post(self, request: Request, public_id: UUID) -> Response:
        """The receiver's words; they close it."""
        found = _to_take_up(request, public_id)
        said = said_in(shapes.LineSaid, request.data)
        return _done(request, found, actions.answer, text=said["text"], key=str(uuid4()))


class Clarify(APIView):
    @extend_schema(operation_id="feedback_clarify", request=None, responses=DONE)
    def post(self, request: Request, public_id: UUID) -> Response:
        """It was talked about and is clear."""
        return _done(request, _to_take_up(request, public_id), actions.clarify)


class TakeOn(APIView):
    @extend_schema(operation_id="feedback_take_on", request=shapes.ActionSaid, responses=DONE)
    def post(self, request: Request, public_id: UUID) -> Response:
        """Becomes an action of the receiver's with a date, within a year."""
        found = _to_take_up(request, public_id)
        said = said_in(shapes.ActionSaid, request.data)
        form = forms.TakeOnForm({**said, "key": str(uuid4())}, on=who_asks(request).on)
        if not form.is_valid():
            raise Refused.by(form, NAMES)
        return _done(request, found, actions.take_on, **form.cleaned_data)


class Withdraw(APIView):
    @extend_schema(operation_id="feedback_withdraw", request=None, responses=DONE)
    def post(self, request: Request, public_id: UUID) -> Response:
        """By its giver within 24 hours: nobody else reads it any more."""
        found = access.feedback_to_correct(who_asks(request), public_id, now=timezone.now())
        return _done(request, found, actions.withdraw)


class Annotate(APIView):
    @extend_schema(operation_id="feedback_annotate", request=shapes.LineSaid, responses=DONE)
    def post(self, request: Request, public_id: UUID) -> Response:
        """What its giver adds after a day: the words that were sent stay."""
        found = access.feedback_to_annotate(who_asks(request), public_id, now=timezone.now())
        said = said_in(shapes.LineSaid, request.data)
        return _done(request, found, actions.annotate, text=said["text"], key=str(uuid4()))


def _to_take_up(request: Request, public_id: UUID) -> Feedback:
    return access.feedback_to_take_up(who_asks(request), public_id, now=timezone.now())


def _done(request: Request, found: Feedback, action: Callable[..., Any], **said: Any) -> Response:
    try:
        action(feedback=found, actor=person(request._request), now=timezone.now(), **said)
    except actions.AlreadyWithdrawn:
        raise Conflict(_("It was withdrawn: nothing can be added to it."), _as_it_is(found)) from None
    except actions.TooLateToCorrect:
        raise Conflict(_("After 24 hours it can only be added to."), _as_it_is(found)) from None
    except actions.ChangedMeanwhile:
        raise Conflict(current=_as_it_is(found)) from None
    return Response(_whole(who_asks(request), found.public_id))


def _as_it_is(found: Feedback) -> dict[str, Any]:
    """By now: whoever was faster has changed it since it was fetched."""
    found.refresh_from_db()
    return {"id": str(found.public_id), "version": found.version, "withdrawn": found.withdrawn_at is not None}


def _whole(who: Viewer, public_id: UUID) -> dict[str, Any]:
    now = timezone.now()
    found, _rights = access.feedback_to_read(who, public_id, now=now)
    card = exchange.one_card(who, found, now=now)
    facts = []
    for one in card.facts:
        goal = one.goal or (one.evidence.goal if one.evidence else None)
        shown = goal if goal is not None and goal.pk in card.readable_goals else None
        facts.append(
            {
                "id": one.public_id,
                "kind": one.kind,
                "url": one.url,
                "summary": one.summary,
                "goal": shown,
                "evidence": one.evidence if shown else None,
                "has_file": bool(one.file and not one.held),
                "file_type": type_of(one),
                "held": one.held,
            }
        )
    return {
        **shapes.FeedbackShown(found).data,
        "facts": shapes.FactShown(facts, many=True).data,
        "notes": shapes.NoteShown(card.notes, many=True).data,
        "actions": shapes.ActionShown(card.actions, many=True).data,
        "likes": card.likes,
        "is_liked": card.is_liked,
    }

"""Reading feedback: the wall, what was written to me and by me, what is still open, one by itself (screen 4)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from feedback import access, forms, wording
from feedback.models import Feedback, Visibility
from feedback.queries import effect
from feedback.queries import exchange as queries
from feedback.queries import request as requests
from feedback.queries.exchange import Card, Counts
from perfsys.people.access import Viewer, viewer
from perfsys.people.features import Feature
from perfsys.people.models import Employee
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .cards import shown_action, shown_card, shown_cards, url_of
from .request import shown_request

PER_PAGE = 12
MOST_PAGES = 500
BESIDE = 5
PUBLIC, MINE, SENT, OPEN = "public", "mine", "sent", "open"


@require_GET
@open_to(*EVERYONE)
def listed(request: TenantRequest) -> HttpResponse:
    """`?tab=public|mine|sent|open`, of what was sent lately `&outcome=helped|action|answered`. The wall is not counted:
    how many there are in a large company nobody needs, and counting would cost more than reading."""
    who, now = viewer(request), timezone.now()
    me = who.employee
    tab = request.GET.get("tab", PUBLIC) if me else PUBLIC
    if tab not in {PUBLIC, MINE, SENT, OPEN}:
        tab = PUBLIC
    number = _number(request.GET.get("page", ""))
    outcome = request.GET.get("outcome", "") if tab == SENT else ""
    outcome = outcome if outcome in effect.Outcome.values else ""
    rows = effect.feedback_with(me, outcome, since=who.on - effect.OVER, now=now) if me and outcome else _rows(tab, me)
    found = list(queries.with_likes(who, rows)[(number - 1) * PER_PAGE : number * PER_PAGE + 1])
    context = {
        "now": now,
        "tab": tab,
        "which": _tabs(request, tab, queries.counts(me)) if me else [],
        "cards": shown_cards(request, who, queries.cards(who, found[:PER_PAGE], now=now)),
        "newer": number - 1 if number > 1 else None,
        "older": number + 1 if len(found) > PER_PAGE else None,
        "new_url": here(request, "feedback:new") if me else "",
        "ask_url": here(request, "feedback:new_request") if me and not who.lacks(Feature.FEEDBACK) else "",
        "requests_url": here(request, "feedback:requests") if me else "",
        "outcome": effect.Outcome(outcome).label if outcome else "",
        "all_url": f"{here(request, 'feedback:list')}?tab={SENT}",
        "asked": [],
        "actions": [],
        "beside": [],
        "mentioned": _mentioned(now) if tab == PUBLIC else [],
    }
    if me and tab == OPEN:
        context["asked"] = [shown_request(request, one) for one in requests.waiting_requests(who, me)]
        context["actions"] = [shown_action(request, who, item) for item in queries.actions_at_hand(me, now=now)]
    elif me:
        context["beside"] = [_beside(request, me, one) for one in queries.unanswered(me, most=BESIDE)]
    return render(request, "feedback/list.html", context)


@require_GET
@open_to(*EVERYONE)
def one(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found, _rights = access.feedback_to_read(who, public_id, now=timezone.now())
    return feedback_page(request, who, found)


def feedback_page(
    request: TenantRequest, who: Viewer, feedback: Feedback, *, status: int = 200, **bound: Form
) -> HttpResponse:
    """`bound` are forms that came back, by name: answer, take_on, correct, annotate, follow_up."""
    now = timezone.now()
    card = queries.one_card(who, feedback, now=now)
    is_live = feedback.withdrawn_at is None
    context = {
        "now": now,
        "card": shown_card(request, who, card),
        "list_url": here(request, "feedback:list"),
        "readers": _readers(request, who, feedback),
        "earlier": queries.earlier_wordings(feedback),
        **_own_forms(request, who, card, bound, is_live=is_live),
    }
    return render(request, "feedback/one.html", context, status=status)


# --- the list ---------------------------------------------------------------------------------------------------------


def _rows(tab: str, me: Employee | None) -> QuerySet[Feedback]:
    if me is None or tab == PUBLIC:
        return queries.on_the_wall()
    return {MINE: queries.received, SENT: queries.sent, OPEN: queries.waiting_for}[tab](me)


def _number(typed: str) -> int:
    return min(MOST_PAGES, max(1, int(typed))) if typed.isascii() and typed.isdigit() else 1


def _tabs(request: TenantRequest, tab: str, counts: Counts) -> list[dict[str, Any]]:
    url = here(request, "feedback:list")
    said = [
        (PUBLIC, _("For everyone"), 0),
        (MINE, _("For me"), counts.mine),
        (SENT, _("By me"), counts.sent),
        (OPEN, _("Still open"), counts.open),
    ]
    return [
        {"label": label, "url": f"{url}?tab={name}", "current": name == tab, "count": number}
        for name, label, number in said
    ]


def _beside(request: TenantRequest, me: Employee, feedback: Feedback) -> dict[str, Any]:
    words = (
        _("You wrote to %(name)s") % {"name": feedback.receiver.name}
        if feedback.giver_id == me.pk
        else _("%(name)s wrote to you") % {"name": feedback.giver.name}
    )
    return {"title": feedback.expected_action, "url": url_of(request, feedback), "says": words, "at": feedback.at}


def _mentioned(now: datetime) -> list[dict[str, Any]]:
    """Of this month; the longest bar is the behaviour named most."""
    first = timezone.localtime(now).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = queries.often_mentioned(first)
    most = max((number for _tag, number in found), default=0)
    return [{"name": tag.shown_name, "number": number, "share": 100 * number // most} for tag, number in found]


# --- one by itself ----------------------------------------------------------------------------------------------------


def _readers(request: TenantRequest, who: Viewer, feedback: Feedback) -> str:
    shared = feedback.visibility == Visibility.MANAGER
    found = queries.readers_of(feedback.receiver, who.on) if shared else queries.Readers()
    company = request.seat.name
    return wording.readers(feedback.visibility, feedback.receiver, found, giver=feedback.giver, company=company)


def _own_forms(
    request: TenantRequest, who: Viewer, card: Card, bound: dict[str, Form], *, is_live: bool
) -> dict[str, Any]:
    """What giver and receiver may do with it: each form with its address, none where there is no right to it."""
    made: dict[str, Any] = {}
    feedback, rights = card.feedback, card.rights

    def offer(name: str, form: Form | None) -> None:
        made[name] = {"form": form, "url": here(request, f"feedback:{name}", public_id=feedback.public_id)}

    if rights.is_receiver and is_live:
        offer("answer", bound.get("answer") or forms.AnswerForm())
        is_first = all(one.owner_id != who.employee_id for one in card.actions)
        hope = {"text": feedback.expected_action if is_first else "", "due_on": queries.day_to_take_on(who.on)}
        offer("take_on", bound.get("take_on") or forms.TakeOnForm(on=who.on, initial=hope))
        if feedback.is_open:
            offer("clarify", None)
    if rights.corrects:
        offer("correct", bound.get("correct") or forms.CorrectForm(of=feedback))
        offer("withdraw", None)
    if rights.annotates:
        offer("annotate", bound.get("annotate") or forms.NoteForm())
    if "follow_up" in bound or (rights.follows_up and queries.may_follow_up(card, timezone.now())):
        offer("follow_up", bound.get("follow_up") or forms.FollowUpForm())
    return made

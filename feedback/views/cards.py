"""A feedback as templates/feedback/_card.html shows it, for every page that has one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.access import is_party
from feedback.models import ActionItem, ActionState, Closing, FactKind, Feedback, FeedbackFact, Held, NoteKind
from feedback.queries.exchange import Card
from goals.models import Goal
from perfsys.lexicon.models import Nature
from perfsys.people.access import Viewer
from perfsys.people.models import Employee
from perfsys.tenancy.routes import TenantRequest, here

LEVELS_WORTH_A_WORD = 2
HELD: dict[str, Any] = {
    Held.WAITING: gettext_lazy("The file is being checked and can be opened soon."),
    Held.REFUSED: gettext_lazy("The check found something unsafe in the file, so it was removed. The words stay."),
}
NOTES: dict[str, Any] = {NoteKind.ANNOTATION: gettext_lazy("added"), NoteKind.FOLLOW_UP: gettext_lazy("asked later")}


def shown_cards(request: TenantRequest, who: Viewer, cards: Iterable[Card]) -> list[dict[str, Any]]:
    return [shown_card(request, who, card) for card in cards]


def shown_card(request: TenantRequest, who: Viewer, card: Card) -> dict[str, Any]:
    feedback, rights, url = card.feedback, card.rights, url_of(request, card.feedback)
    like = "feedback:unlike" if card.is_liked else "feedback:like"
    return {
        "public_id": feedback.public_id,
        "url": url,
        "is_growth": feedback.nature == Nature.CONSTRUCTIVE,
        "nature": feedback.get_nature_display(),
        "giver": _person(request, feedback.giver),
        "receiver": _person(request, feedback.receiver),
        "is_mine": rights.is_receiver,
        "unit": card.unit,
        "levels_apart": feedback.levels_apart if feedback.levels_apart >= LEVELS_WORTH_A_WORD else 0,
        "is_corrected": feedback.corrected_at is not None,
        "tag": feedback.tag.shown_name,
        "at": feedback.at,
        "text": feedback.text,
        "expected": feedback.expected_action,
        "facts": [_fact(request, one, card.readable_goals) for one in card.facts],
        "likes": card.likes,
        "is_liked": card.is_liked,
        "like_url": here(request, like, public_id=feedback.public_id) if rights.likes else "",
        "reactions": [
            {
                "kind": kind.value,
                "label": kind.label,
                "number": number,
                "is_mine": is_mine,
                "url": _react_url(request, feedback, is_mine=is_mine) if rights.reacts else "",
            }
            for kind, number, is_mine in card.reactions
            if rights.reacts or number
        ],
        "take_on_url": f"{url}#take-on" if rights.is_receiver and not card.actions else "",
        "answer_url": f"{url}#answer" if rights.is_receiver else "",
        "is_open": feedback.is_open,
        "is_withdrawn": feedback.withdrawn_at is not None,
        "closed": "" if feedback.closed_how == Closing.LIKED else feedback.get_closed_how_display(),
        "closed_earlier_url": _earlier(
            request, feedback, feedback.closed_at if feedback.closed_how in (Closing.LIKED, Closing.CLARIFIED) else None
        ),
        "notes": [
            {
                "name": one.author.name,
                "text": one.text,
                "at": one.at,
                "said": NOTES.get(one.kind, ""),
                "to_earlier_url": _earlier(request, feedback, one.at if one.kind == NoteKind.ANSWER else None),
            }
            for one in card.notes
        ],
        "actions": [
            _action(request, who, one) | {"to_earlier_url": _earlier(request, feedback, one.made_at)}
            for one in card.actions
        ],
    }


def shown_action(request: TenantRequest, who: Viewer, item: ActionItem) -> dict[str, Any]:
    """By itself, so it says whose feedback it came from, to one of the two. Asks no query of one fetched with
    `feedback__giver`."""
    came_from = item.feedback if item.feedback is not None and is_party(who, item.feedback) else None
    source = {"name": came_from.giver.name, "url": url_of(request, came_from)} if came_from else None
    return _action(request, who, item) | {"source": source}


def _action(request: TenantRequest, who: Viewer, item: ActionItem) -> dict[str, Any]:
    is_own = who.employee_id is not None and item.owner_id == who.employee_id

    def url(name: str) -> str:
        return here(request, f"feedback:{name}", public_id=item.public_id)

    return {
        "public_id": item.public_id,
        "text": item.text,
        "name": item.owner.name,
        "due_on": item.due_on,
        "is_open": item.is_open,
        "is_done": item.state == ActionState.DONE,
        "state": item.get_state_display(),
        "outcome": item.outcome,
        "why_later": item.why_later if item.is_open else "",
        "finish_url": url("finish") if is_own and item.is_open else "",
        "put_off_url": url("put_off") if is_own and item.is_open else "",
        "drop_url": url("drop") if is_own and item.is_open else "",
        "reopen_url": url("reopen") if is_own and not item.is_open else "",
    }


def _react_url(request: TenantRequest, feedback: Feedback, *, is_mine: bool) -> str:
    return here(request, "feedback:unreact" if is_mine else "feedback:react", public_id=feedback.public_id)


def _earlier(request: TenantRequest, feedback: Feedback, at: datetime | None) -> str:
    """Where it stands what it said at that moment, if it was corrected since."""
    if at is None or feedback.corrected_at is None or at > feedback.corrected_at:
        return ""
    return f"{url_of(request, feedback)}#earlier"


def url_of(request: TenantRequest, feedback: Feedback) -> str:
    return here(request, "feedback:one", public_id=feedback.public_id)


def _person(request: TenantRequest, employee: Employee) -> dict[str, str]:
    return {"name": employee.name, "url": here(request, "people:person", public_id=employee.public_id)}


def _fact(request: TenantRequest, fact: FeedbackFact, readable: frozenset[int]) -> dict[str, Any]:
    """A goal behind it opens for those who may read it; for the others there is a word that says there is one."""
    shown: dict[str, Any] = {"source": fact.get_kind_display(), "reference": fact.summary, "url": "", "kind": fact.kind}
    if fact.kind == FactKind.LINK:
        return shown | {"reference": urlsplit(fact.url).hostname or fact.url, "url": fact.url, "is_outside": True}
    shown["held"] = HELD.get(fact.held, "")
    if fact.kind == FactKind.SCREENSHOT:
        if fact.held:
            return shown
        url = here(request, "feedback:fact", public_id=fact.public_id)
        return shown | {"reference": fact.summary or _("open it"), "url": url, "is_file": True}
    if fact.kind == FactKind.RECORDING:
        is_there = bool(fact.file and not fact.held)
        url = here(request, "feedback:fact", public_id=fact.public_id) if is_there else ""
        return shown | {"is_file": True, "url": url}
    goal: Goal | None = fact.goal or (fact.evidence.goal if fact.evidence else None)
    if goal is None or goal.pk not in readable:
        return shown | {"reference": _("not open to you")}
    reference = fact.evidence.known_as if fact.evidence else ""
    return shown | {"reference": reference or goal.title, "url": here(request, "goals:goal", public_id=goal.public_id)}

"""What the page of an interview and its pack both show."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.models import ActionItem
from perfsys.tenancy.routes import TenantRequest, here
from reviews.access import Rights
from reviews.facts import Fact
from reviews.models import Interview, Module
from reviews.queries.record import Record, Written, mark_of

PROMPTS = {
    Module.ATTAINMENT: gettext_lazy("You may ask: which part of it are you proud of, and what was hard?"),
    Module.SUCCESS: gettext_lazy("You may ask: what did you do differently this time that made it work?"),
    Module.DEVELOPMENT: gettext_lazy("You may ask: what would you like to get deeper into in the coming half year?"),
}
SHORT = 60  # characters of a quotation beside its box


def head(request: TenantRequest, interview: Interview, rights: Rights) -> dict[str, Any]:
    """Who talks with whom, when and where, and how it stands."""
    return {
        "public_id": interview.public_id,
        "employee": {"name": interview.employee.name, "position": interview.employee.position},
        "manager": {"name": interview.manager.name},
        "other": interview.manager.name if rights.is_employee else interview.employee.name,
        "at": interview.at,
        "minutes": interview.minutes,
        "place": interview.place,
        "state": interview.state,
        "state_name": interview.get_state_display(),
        "is_planned": interview.is_planned,
        "is_signed": interview.is_signed,
        "url": here(request, "reviews:interview", public_id=interview.public_id),
        "prep_url": here(request, "reviews:prep", public_id=interview.public_id) if rights.prepares else "",
        "list_url": here(request, "reviews:list"),
    }


def modules(request: TenantRequest, written: dict[str, Written]) -> list[dict[str, Any]]:
    """All three in their order; `now` is the first without words."""
    current = next((module for module in Module if module not in written), None)
    return [
        {
            "name": module.value,
            "label": module.label,
            "prompt": PROMPTS[module],
            "text": written[module].module.text if module in written else "",
            "kept_because": written[module].module.kept_because if module in written else "",
            "facts": [fact(request, one) for one in written[module].facts] if module in written else [],
            "hidden": written[module].hidden if module in written else 0,
            "now": module == current,
        }
        for module in Module
    ]


def action(item: ActionItem) -> dict[str, Any]:
    return {
        "text": item.text,
        "name": item.owner.name,
        "due_on": item.due_on,
        "is_open": item.is_open,
        "state_name": item.get_state_display(),
    }


def seen(interview: Interview, stands: Record) -> str:
    """What a signature on this page stands for."""
    versions = [(name, one.module.version) for name, one in stands.written.items()]
    return mark_of(interview.improvement_plan, versions, [item.pk for item in stands.agreed])


def fact(request: TenantRequest, one: Fact) -> dict[str, Any]:
    """As a chip: where it is recorded, what it says, and its page."""
    source, reference = _said(one)
    goal = one.goal or (one.evidence.goal if one.evidence is not None else None)
    url = ""
    if goal is not None and one.evidence is not None and one.evidence.record_id is not None:
        url = here(request, "goals:record", public_id=goal.public_id, piece_id=one.evidence.public_id)
    elif goal is not None:
        url = here(request, "goals:goal", public_id=goal.public_id)
    elif one.feedback is not None:
        url = here(request, "feedback:one", public_id=one.feedback.public_id)
    return {"source": source, "reference": reference, "url": url}


def fact_label(one: Fact) -> str:
    """The same in a line, beside the box it is ticked with."""
    source, reference = _said(one)
    return _("%(source)s: %(reference)s") % {"source": source, "reference": reference}


def _said(one: Fact) -> tuple[str, str]:
    """Where it is recorded, and what it says."""
    if one.goal is not None:
        return _("Goal"), one.goal.title
    if one.feedback is not None:
        return _("Feedback"), _told(one)
    if one.evidence is not None:
        return one.evidence.get_type_display() or _("Record"), _short(one.evidence.known_as)
    return _("Action"), one.action_item.text if one.action_item is not None else ""


def _told(one: Fact) -> str:
    if one.feedback is None:
        return ""
    return _("%(name)s, “%(words)s”") % {"name": one.feedback.giver.name, "words": _short(one.feedback.text)}


def _short(text: str) -> str:
    plain = " ".join(text.split())
    return plain if len(plain) <= SHORT else f"{plain[:SHORT]}…"

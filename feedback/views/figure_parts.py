"""What pages of figures share: who sees one, and the feedbacks behind a number or a word."""

from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet

from feedback import radar_wording
from feedback.models import Feedback
from perfsys.lexicon.models import Nature
from perfsys.people.access import Viewer
from perfsys.people.models import Employee
from perfsys.people.queries import hrbp_of, managers_of
from perfsys.tenancy.routes import TenantRequest, here

PER_PAGE = 20
BEHIND = "behind"  # the id of the list on the page


def seen_by(who: Viewer, about: Employee) -> str:
    """Who sees a page of what `about` was told. To oneself by name: three queries."""
    if about.pk != who.employee_id:
        return radar_wording.seen_by_others(about.name)
    manager = managers_of([about.pk], who.on).get(about.pk)
    partner = hrbp_of([about.pk], who.on).get(about.pk)
    return radar_wording.seen_by(manager.name if manager else "", partner.name if partner else "")


def behind(request: TenantRequest, found: QuerySet[Feedback], *, count: int, title: str, back: str) -> dict[str, Any]:
    """What templates/feedback/_behind.html draws. `count` is known already: no page has to count again. `back` says
    what one goes back to."""
    pages = Paginator(found, PER_PAGE)
    pages.count = count
    page = pages.get_page(request.GET.get("page"))
    return {
        "title": title,
        "back": back,
        "cards": [_card(request, feedback) for feedback in page.object_list],
        "page": page,
    }


def _card(request: TenantRequest, feedback: Feedback) -> dict[str, Any]:
    return {
        "text": feedback.text,
        "expected": feedback.expected_action,
        "tag": feedback.tag.shown_name,
        "is_growth": feedback.nature == Nature.CONSTRUCTIVE,
        "giver": feedback.giver.name,
        "on": feedback.local_on,
        "url": here(request, "feedback:one", public_id=feedback.public_id),
    }

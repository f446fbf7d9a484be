"""The words that come up most in what a person was told in the last 90 days, each with where it stands."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from feedback import access, radar_wording
from feedback.hotwords import HotWord
from feedback.queries import hot_words as queries
from feedback.views.figure_parts import BEHIND, behind, seen_by
from perfsys.people.access import Viewer, person, viewer
from perfsys.people.models import Employee
from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

HOT = 3  # so many of the heaviest words of praise stand out


@require_GET
@open_to(Role.EMPLOYEE)
def own(request: TenantRequest) -> HttpResponse:
    return _page(request, viewer(request), person(request))


@require_GET
@open_to(*EVERYONE)
def of_person(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Whose radar one may open."""
    who = viewer(request)
    return _page(request, who, access.radar_to_read(who, public_id))


def _page(request: TenantRequest, who: Viewer, about: Employee) -> HttpResponse:
    heard = queries.heard(who, about)
    is_own = about.pk == who.employee_id
    context = {
        "about": about,
        "is_own": is_own,
        "list_url": here(request, "people:list"),
        "person_url": here(request, "people:person", about.public_id),
        "radar_url": here(request, "feedback:my_radar")
        if is_own
        else here(request, "feedback:radar", public_id=about.public_id),
        "lede": radar_wording.heard(heard.feedbacks, heard.givers),
        "seen_by": seen_by(who, about),
        "words": _cloud(heard.words),
        "chosen": _chosen(request, who, about, heard.words),
    }
    return render(request, "feedback/hot_words.html", context)


def _cloud(words: Sequence[HotWord]) -> list[dict[str, Any]]:
    """The heaviest first; sizes are relative to it."""
    heaviest = max((hot.weight for hot in words), default=1)
    praised = [hot.word for hot in words if not hot.is_wish][:HOT]
    return [
        {
            "word": hot.word,
            "uses": hot.frequency,
            "givers": hot.givers,
            "size": round(100 * (hot.weight / heaviest) ** 0.5),
            "look": "ask" if hot.is_wish else ("hot" if hot.word in praised else ""),
            "is_wish": hot.is_wish,
            "url": f"?{urlencode({'word': hot.word})}#{BEHIND}",
        }
        for hot in words
    ]


def _chosen(request: TenantRequest, who: Viewer, about: Employee, words: Sequence[HotWord]) -> dict[str, Any] | None:
    """What the address asks for; a word that is none of these is as if it were not there."""
    asked = request.GET.get("word", "")
    hot: HotWord | None = next((one for one in words if one.word == asked), None)
    if hot is None:
        return None
    title = radar_wording.holding(hot.word)
    found = queries.behind(who, about, hot)
    return behind(request, found, count=len(hot.feedback_ids), title=title, back=_("Back to the words"))

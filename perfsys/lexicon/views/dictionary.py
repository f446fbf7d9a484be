"""The dictionary as everybody reads it."""

from itertools import groupby
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from perfsys.people.access import viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access, queries
from ..models import Competency, Level, Nature

PER_PAGE = 30
LONGEST_SEARCH = 80


@require_GET
@open_to(*EVERYONE)
def dictionary(request: TenantRequest) -> HttpResponse:
    """By competency; narrowed by ?competency=, ?nature=, ?level= and by words in Chinese, pinyin or English."""
    groups = queries.groups()
    asked = asked_for(request, groups)
    found = queries.find(access.listed_entries(), groups, **asked)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    tags = {group.competency.pk: group.tags for group in groups}
    context = {
        "sections": [
            {"competency": competency, "tags": tags.get(competency.pk, []), "entries": list(entries)}
            for competency, entries in groupby(page.object_list, key=lambda entry: entry.competency)
        ],
        "page": page,
        "is_narrowed": any(asked.values()),
    }
    if request.headers.get("HX-Target") == "entries":
        return render(request, "lexicon/_entries.html", context)
    context |= filters(groups, asked) | {
        "url": here(request, "lexicon:dictionary"),
        "keep_url": here(request, "lexicon:tags") if access.may_oversee(viewer(request)) else "",
    }
    return render(request, "lexicon/dictionary.html", context)


def asked_for(request: TenantRequest, groups: list[queries.TagGroup]) -> dict[str, Any]:
    """The filters of the address, as `queries.find` takes them; what names nothing is no filter."""
    nature, level = request.GET.get("nature", ""), request.GET.get("level", "")
    return {
        "typed": request.GET.get("q", "").strip()[:LONGEST_SEARCH],
        "competency": _competency(request.GET.get("competency", ""), groups),
        "nature": nature if nature in Nature.values else "",
        "level": int(level) if level in map(str, Level.values) else None,
    }


def filters(groups: list[queries.TagGroup], asked: dict[str, Any]) -> dict[str, Any]:
    """What lexicon/_filters.html shows."""
    return {
        "competencies": [group.competency for group in groups],
        "competency": asked["competency"],
        "natures": Nature.choices,
        "nature": asked["nature"],
        "levels": Level.choices,
        "level": asked["level"],
        "typed": asked["typed"],
    }


def _competency(typed: str, groups: list[queries.TagGroup]) -> Competency | None:
    try:
        wanted = UUID(typed)
    except ValueError:
        return None
    return next((group.competency for group in groups if group.competency.public_id == wanted), None)

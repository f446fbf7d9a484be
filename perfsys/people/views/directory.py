"""Everybody's view of everybody: the list, a person's page, the tree of units."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access, queries
from ..attempts import may_search
from ..models import Employee, OrgUnit
from . import pages
from .pages import PER_PAGE

SUGGESTIONS = 12
UNITS_OFFERED = 100
SUGGESTED = {  # fields of forms.py by what is typed into them
    **dict.fromkeys(("manager", "hand_over_to", "person", "hrbp"), "people"),
    **dict.fromkeys(("unit", "parent"), "units"),
}


@require_GET
@open_to(*EVERYONE)
def people(request: TenantRequest) -> HttpResponse:
    """Search as you type by name, pinyin or number; within a unit and all below it."""
    who = access.viewer(request)
    unit = unit_asked_for(request)
    found = access.listed_people(who)
    left = request.GET.get("status") == Employee.Status.LEFT and who.has(Role.ADMIN)
    found = found.filter(status=Employee.Status.LEFT if left else Employee.Status.ACTIVE)
    if unit is not None:
        branch = list(queries.units_under(unit, who.on))
        found = found.filter(pk__in=queries.members_of(branch, who.on).order_by().values("pk"))
    typed = request.GET.get("q", "").strip()[:80]
    if typed and not may_search(request.seat.membership_id):
        return too_many(request)
    found, asked = queries.matching(found, typed), request.GET.get("page", "")
    page = queries.page_found(found, asked, PER_PAGE) if typed else Paginator(found, PER_PAGE).get_page(asked or None)
    context = {
        "people": pages.rows_of(request, list(page.object_list), who),
        "page": page,
        "typed": typed,
        "shows_units": True,
        "shows_numbers": who.has(Role.ADMIN),
    }
    if request.headers.get("HX-Target") == "people":
        return render(request, "people/_list.html", context)
    context |= {
        "unit": unit,
        "units": list(queries.units_to_choose_from(who.on)[:UNITS_OFFERED]),
        "left": left,
        "new_url": here(request, "people:new") if who.has(Role.ADMIN) else "",
        "invite_url": here(request, "people:invite_all") if who.has(Role.ADMIN) else "",
        "list_url": here(request, "people:list"),
    }
    return render(request, "people/list.html", context)


@require_GET
@open_to(Role.ADMIN)
def suggestions(request: TenantRequest) -> HttpResponse:
    """People and units while a name is being typed into a form: never a list of everybody."""
    name = next((name for name in SUGGESTED if request.GET.get(name, "").strip()), "")
    typed = request.GET.get(name, "").strip()[:80]
    if typed and not may_search(request.seat.membership_id):
        return too_many(request)
    found: dict[str, Any] = {"units": [], "people": []}
    if name and SUGGESTED[name] == "people":
        found["people"] = queries.matching(access.colleagues(), typed)[:SUGGESTIONS]
    elif name:
        found["units"] = queries.units_matching(typed)[:SUGGESTIONS]
    return render(request, "people/_suggestions.html", found)


@require_GET
@open_to(*EVERYONE)
def person(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """The card for every colleague; contact and history for whom `visibility` lets read them; the forms for whoever
    keeps the record."""
    who = access.viewer(request)
    employee = access.person_to_see(who, public_id)
    return render(request, "people/person.html", pages.page_of(request, who, employee))


@require_GET
@open_to(*EVERYONE)
def units(request: TenantRequest) -> HttpResponse:
    """The top of the tree."""
    return pages.unit_page(request, access.viewer(request), None)


@require_GET
@open_to(*EVERYONE)
def unit(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """One unit: what is above, what is below, who works in it."""
    return pages.unit_page(request, access.viewer(request), access.unit_to_see(public_id))


def too_many(request: TenantRequest) -> HttpResponse:
    return render(request, "429.html", status=429)


def unit_asked_for(request: TenantRequest) -> OrgUnit | None:
    try:
        return access.unit_to_see(UUID(request.GET["unit"]))
    except (KeyError, ValueError):
        return None

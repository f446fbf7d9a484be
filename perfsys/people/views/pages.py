"""What the pages of people and units show, for the views that open them and for those that bring a form back."""

from datetime import timedelta
from typing import Any

from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here

from .. import access, forms, queries
from ..access import Viewer
from ..models import Employee, OrgUnit
from ..visibility import Kind, Right, may
from .parts import person_url, steps

PER_PAGE = 25
REPORTS_SHOWN = 50
DAY = timedelta(days=1)
RECORD_FIELDS = ("name", "email", "mobile", "grade", "job_family", "hired_on", "version")


def page_of(request: TenantRequest, who: Viewer, employee: Employee, **bound: Any) -> dict[str, Any]:
    """Context of a person's page; `bound` are forms that came back."""
    relations = access.relation_to(who, employee)
    reads = may(Kind.CONTACT, relations)
    posts = queries.posts_of(employee) if reads else []
    unit = queries.unit_among(posts, who.on) if reads else queries.primary_units([employee.pk], who.on).get(employee.pk)
    context: dict[str, Any] = {
        "employee": employee,
        "unit": unit,
        "unit_url": unit_url(request, unit),
        "has_left": not employee.is_active,
        "is_self": employee.pk == who.employee_id,
        "list_url": here(request, "people:list"),
        "radar_url": here(request, "feedback:radar", employee.public_id) if may(Kind.RADAR, relations) else "",
    }
    if reads:
        context |= _profile(request, who, employee, unit) | {"posts": steps(map(queries.step_of_post, posts))}
    if may(Kind.RECORD, relations, Right.WRITE):
        context |= _record_forms(request, who, employee, unit, bound)
    return context


def _profile(request: TenantRequest, who: Viewer, employee: Employee, unit: OrgUnit | None) -> dict[str, Any]:
    chain = queries.chain_above(employee, who.on)
    partner = queries.partners_of([unit], who.on).get(unit.pk) if unit else None
    reports = queries.reports_of(employee, who.on, direct=True)[:REPORTS_SHOWN]
    return {
        "profile": True,
        "last_day": employee.left_on - DAY if employee.left_on else None,
        "managers": [{"name": m.name, "url": person_url(request, m)} for m in chain],
        "hrbp": _partner(request, partner),
        "reports": [{"name": r.name, "position": r.position, "url": person_url(request, r)} for r in reports],
        "lines": steps(queries.managers_over_time(employee)),
        "spans": steps(queries.spans_of(employee)),
    }


def unit_page(request: TenantRequest, who: Viewer, unit: OrgUnit | None, **bound: Any) -> HttpResponse:
    """`unit` None is the top; `bound` are forms that came back."""
    context: dict[str, Any] = {
        "unit": unit,
        "units": [_unit_row(request, row) for row in queries.tree_below(unit, who.on)],
        "top_url": here(request, "people:units"),
        "list_url": here(request, "people:list"),
    }
    if unit is not None:
        context |= _own_part(request, who, unit)
    if who.has(Role.ADMIN):
        context |= _unit_forms(request, who, unit, bound)
    return render(request, "people/unit.html", context)


def _own_part(request: TenantRequest, who: Viewer, unit: OrgUnit) -> dict[str, Any]:
    """What is above this very unit, how many belong to it, and who works in it."""
    page = Paginator(queries.members_of([unit], who.on), PER_PAGE).get_page(request.GET.get("page"))
    return {
        "above": [{"name": u.name, "url": unit_url(request, u)} for u in reversed(queries.units_above(unit, who.on))],
        "headcount": queries.people_below([unit.pk], who.on).get(unit.pk, 0),
        "partner": _partner(request, queries.partners_of([unit], who.on).get(unit.pk)),
        "closed_on": unit.ends_on - DAY if unit.ends_on and unit.ends_on <= who.on else None,
        "page": page,
        "people": [row_of(request, person) for person in page.object_list],
    }


def _unit_row(request: TenantRequest, row: queries.UnitRow) -> dict[str, Any]:
    return {
        "name": row.unit.name,
        "depth": row.depth,
        "people": row.people,
        "partner": _partner(request, row.partner),
        "url": unit_url(request, row.unit),
    }


def _partner(request: TenantRequest, partner: queries.Partner | None) -> dict[str, Any] | None:
    if partner is None:
        return None
    via = partner.via.name if partner.via else ""
    return {"name": partner.hrbp.name, "url": person_url(request, partner.hrbp), "via": via}


def rows_of(request: TenantRequest, people: list[Employee], who: Viewer) -> list[dict[str, Any]]:
    """People as a list shows them, with their units. One query."""
    places = queries.primary_units([person.pk for person in people], who.on)
    return [row_of(request, person, places[person.pk].path if person.pk in places else "") for person in people]


def row_of(request: TenantRequest, person: Employee, unit: str = "") -> dict[str, Any]:
    return {
        "name": person.name,
        "position": person.position,
        "number": person.employee_no,
        "unit": unit,
        "url": person_url(request, person),
    }


def unit_url(request: TenantRequest, unit: OrgUnit | None) -> str:
    return here(request, "people:unit", public_id=unit.public_id) if unit else ""


def _record_forms(
    request: TenantRequest, who: Viewer, employee: Employee, unit: OrgUnit | None, bound: dict[str, Any]
) -> dict[str, Any]:
    """The forms of a person's page, each with its address."""

    def entry(name: str, title: Any, form: Form, **more: Any) -> dict[str, Any]:
        url = here(request, f"people:{name}", public_id=employee.public_id)
        shown = forms.with_suggestions(bound.get(name, form), here(request, "people:suggestions"), name)
        return {"key": name, "title": title, "form": shown, "url": url, **more}

    today = {"on": who.on}
    kept = [
        entry("record", _("Personal data"), forms.RecordForm(initial={f: getattr(employee, f) for f in RECORD_FIELDS}))
    ]
    if employee.is_active:
        position = {"unit": unit.path if unit else "", "position": employee.position}
        kept += [
            entry("manager", _("Another manager"), forms.ManagerForm(initial=today)),
            entry("move", _("Another unit or position"), forms.UnitForm(initial=today | position)),
            entry("span", _("Probation or long leave"), forms.SpanForm()),
            entry("leave", _("Leaving"), forms.LeaveForm()),
        ]
    waiting = queries.invitation_waiting(employee, now=timezone.now())
    return {
        "sections": kept,
        "invite": entry(
            "invite",
            _("Invite"),
            forms.InviteForm(initial={"email": employee.email, "phone": employee.mobile}),
            waiting=waiting,
            is_seated=queries.is_seated(employee),
            withdraw_url=here(request, "people:withdraw", public_id=waiting.public_id) if waiting else "",
        )
        if employee.is_active
        else None,
    }


def _unit_forms(request: TenantRequest, who: Viewer, unit: OrgUnit | None, bound: dict[str, Any]) -> dict[str, Any]:
    """A new unit below this one; another name, place, partner, or the end, for the unit itself."""

    def entry(name: str, title: Any, form: Form) -> dict[str, Any]:
        url = here(request, f"people:{name}", public_id=unit.public_id) if unit else here(request, f"people:{name}")
        shown = forms.with_suggestions(bound.get(name, form), here(request, "people:suggestions"), name)
        return {"key": name, "title": title, "form": shown, "url": url}

    if unit is None:
        return {"sections": [entry("new_top_unit", _("A new unit at the top"), forms.UnitNameForm())]}
    version = {"version": unit.version}
    return {
        "sections": [
            entry("new_unit", _("A new unit below"), forms.UnitNameForm()),
            entry("partner", _("HR partner"), forms.PartnerForm(initial={"on": who.on})),
            entry("rename_unit", _("Another name"), forms.UnitNameForm(initial={"name": unit.name} | version)),
            entry("move_unit", _("Another place"), forms.MoveUnitForm(initial={"on": who.on} | version)),
            entry("close_unit", _("Close it"), forms.CloseUnitForm(initial=version)),
        ],
    }

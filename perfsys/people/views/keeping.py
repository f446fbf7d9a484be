"""Keeping the record: what an administrator changes about people and units."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access, actions, forms, queries
from ..links import invitation_link
from ..models import Employee, OrgUnit
from . import pages
from .parts import acting, person_url, save


@require_http_methods(["GET", "POST"])
@open_to(Role.ADMIN)
def new_person(request: TenantRequest) -> HttpResponse:
    form = forms.NewPersonForm(request.POST or None)
    if request.method == "GET":
        return _new_person_page(request, form)
    made: list[Employee] = []

    def change(form: Form) -> None:
        made.append(actions.add_employee(**form.cleaned_data, actor=acting(request), now=timezone.now()))

    response = save(request, form, change, page=_new_person_page, done=here(request, "people:list"))
    return redirect(person_url(request, made[0])) if made else response


def _new_person_page(request: TenantRequest, form: Form) -> HttpResponse:
    form = forms.with_suggestions(form, here(request, "people:suggestions"))
    context = {"form": form, "url": here(request, "people:new"), "list_url": here(request, "people:list")}
    return render(request, "people/new.html", context)


@require_POST
@open_to(Role.ADMIN)
def record(request: TenantRequest, public_id: UUID) -> HttpResponse:
    def change(employee: Employee, form: Form, now: datetime) -> None:
        actions.change_employee(employee=employee, **form.cleaned_data, actor=acting(request), now=now)

    return _change_person(request, public_id, "record", forms.RecordForm(request.POST), change)


@require_POST
@open_to(Role.ADMIN)
def manager(request: TenantRequest, public_id: UUID) -> HttpResponse:
    def change(employee: Employee, form: Form, now: datetime) -> None:
        actions.change_manager(employee=employee, **form.cleaned_data, actor=acting(request), now=now)

    return _change_person(request, public_id, "manager", forms.ManagerForm(request.POST), change)


@require_POST
@open_to(Role.ADMIN)
def move(request: TenantRequest, public_id: UUID) -> HttpResponse:
    def change(employee: Employee, form: Form, now: datetime) -> None:
        actions.move_employees(employees=[employee], **form.cleaned_data, actor=acting(request), now=now)

    return _change_person(request, public_id, "move", forms.UnitForm(request.POST), change)


@require_POST
@open_to(Role.ADMIN)
def leave(request: TenantRequest, public_id: UUID) -> HttpResponse:
    form = forms.LeaveForm(request.POST)

    def change(employee: Employee, _form: Form, now: datetime) -> None:
        actions.leave(
            employee=employee,
            on=form.first_day_away,
            hand_over_to=form.cleaned_data["hand_over_to"],
            actor=acting(request),
            now=now,
        )

    return _change_person(request, public_id, "leave", form, change)


@require_POST
@open_to(Role.ADMIN)
def span(request: TenantRequest, public_id: UUID) -> HttpResponse:
    form = forms.SpanForm(request.POST)

    def change(employee: Employee, _form: Form, now: datetime) -> None:
        kind, starts_on = form.cleaned_data["kind"], form.cleaned_data["starts_on"]
        actions.add_span(
            employee=employee, kind=kind, starts_on=starts_on, ends_on=form.ends_on, actor=acting(request), now=now
        )

    return _change_person(request, public_id, "span", form, change)


@require_POST
@open_to(Role.ADMIN)
def invite(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """The link is shown once, to be copied for whoever has no e-mail address; no page shows it again."""
    form = forms.InviteForm(request.POST)
    made: list[actions.Invited] = []

    def change(employee: Employee, form: Form, now: datetime) -> None:
        made.append(
            actions.invite(
                employee=employee,
                **form.cleaned_data,
                link_to=lambda token: invitation_link(request.seat.slug, token),
                actor=acting(request),
                now=now,
            )
        )

    response = _change_person(request, public_id, "invite", form, change)
    if not made:
        return response
    invitation = made[0].invitation
    context = {"invitation": invitation, "link": made[0].link, "url": response.headers["Location"]}
    return render(request, "people/invited.html", context)


@require_POST
@open_to(Role.ADMIN)
def withdraw(request: TenantRequest, public_id: UUID) -> HttpResponse:
    invitation = access.invitation_to_withdraw(access.viewer(request), public_id)
    actions.withdraw_invitation(invitation=invitation, actor=acting(request), now=timezone.now())
    employee = invitation.employee
    return redirect(person_url(request, employee) if employee else here(request, "people:list"))


def _change_person(request: TenantRequest, public_id: UUID, name: str, form: Form, change: Any) -> HttpResponse:
    who = access.viewer(request)
    employee = access.person_to_edit(who, public_id)

    def page(request: TenantRequest, form: Form) -> HttpResponse:
        return render(request, "people/person.html", pages.page_of(request, who, employee, **{name: form}))

    return save(
        request,
        form,
        lambda form: change(employee, form, timezone.now()),
        page=page,
        done=person_url(request, employee),
    )


# --- roles ---
@require_http_methods(["GET", "POST"])
@open_to(Role.ADMIN)
def roles(request: TenantRequest) -> HttpResponse:
    """Who has which role by name, and one more."""
    form = forms.GrantForm(request.POST or None)
    if request.method == "GET":
        return _roles_page(request, form)

    def change(_form: Form) -> None:
        given = form.cleaned_data
        seat = given["person"].membership
        if seat is None:
            raise actions.NotReachable(
                _("%(name)s has not signed in yet. Invite first.") % {"name": given["person"].name}
            )
        actions.grant_role(
            membership=seat,
            role=Role(given["role"]),
            unit=given["unit"],
            reason=given["reason"],
            ends_on=form.ends_on,
            actor=acting(request),
            now=timezone.now(),
        )

    return save(request, form, change, page=_roles_page, done=here(request, "people:roles"))


@require_POST
@open_to(Role.ADMIN)
def revoke(request: TenantRequest, public_id: UUID) -> HttpResponse:
    grant = access.grant_to_revoke(access.viewer(request), public_id)
    try:
        actions.revoke_role(grant=grant, actor=acting(request), now=timezone.now())
    except actions.Refused as refusal:
        response = _roles_page(request, forms.GrantForm(), problem=str(refusal))
        response.status_code = 422
        return response
    return redirect(here(request, "people:roles"))


def _roles_page(request: TenantRequest, form: Form, problem: str = "") -> HttpResponse:
    rows = list(queries.grants(access.viewer(request).on))
    holders = queries.employees_by_seat({row.membership_id for row in rows})
    grants = [
        {
            "role": row.get_role_display(),
            "person": holders.get(row.membership_id),
            "unit": row.unit.path if row.unit else "",
            "reason": row.reason,
            "by": row.granted_by.name if row.granted_by else "",
            "starts_on": row.starts_on,
            "last_day": row.ends_on - pages.DAY if row.ends_on else None,
            "revoke_url": here(request, "people:revoke", public_id=row.public_id),
        }
        for row in rows
    ]
    form = forms.with_suggestions(form, here(request, "people:suggestions"))
    context = {"grants": grants, "form": form, "problem": problem, "url": here(request, "people:roles")}
    return render(request, "people/roles.html", context)


# --- units ---
@require_POST
@open_to(Role.ADMIN)
def new_top_unit(request: TenantRequest) -> HttpResponse:
    return _change_unit(request, None, "new_top_unit", forms.UnitNameForm(request.POST), _add_unit)


@require_POST
@open_to(Role.ADMIN)
def new_unit(request: TenantRequest, public_id: UUID) -> HttpResponse:
    return _change_unit(request, public_id, "new_unit", forms.UnitNameForm(request.POST), _add_unit)


def _add_unit(request: TenantRequest, unit: OrgUnit | None, form: Form, now: datetime) -> None:
    today = access.viewer(request).on
    actions.add_unit(name=form.cleaned_data["name"], parent=unit, starts_on=today, actor=acting(request), now=now)


@require_POST
@open_to(Role.ADMIN)
def rename_unit(request: TenantRequest, public_id: UUID) -> HttpResponse:
    def change(request: TenantRequest, unit: OrgUnit, form: Form, now: datetime) -> None:
        actions.rename_unit(unit=unit, **form.cleaned_data, actor=acting(request), now=now)

    return _change_unit(request, public_id, "rename_unit", forms.UnitNameForm(request.POST), change)


@require_POST
@open_to(Role.ADMIN)
def move_unit(request: TenantRequest, public_id: UUID) -> HttpResponse:
    def change(request: TenantRequest, unit: OrgUnit, form: Form, now: datetime) -> None:
        actions.move_unit(unit=unit, **form.cleaned_data, actor=acting(request), now=now)

    return _change_unit(request, public_id, "move_unit", forms.MoveUnitForm(request.POST), change)


@require_POST
@open_to(Role.ADMIN)
def close_unit(request: TenantRequest, public_id: UUID) -> HttpResponse:
    form = forms.CloseUnitForm(request.POST)

    def change(request: TenantRequest, unit: OrgUnit, _form: Form, now: datetime) -> None:
        version = form.cleaned_data["version"]
        actions.close_unit(unit=unit, on=form.first_day_without, version=version, actor=acting(request), now=now)

    return _change_unit(request, public_id, "close_unit", form, change)


@require_POST
@open_to(Role.ADMIN)
def partner(request: TenantRequest, public_id: UUID) -> HttpResponse:
    def change(request: TenantRequest, unit: OrgUnit, form: Form, now: datetime) -> None:
        actions.set_hrbp(unit=unit, **form.cleaned_data, actor=acting(request), now=now)

    return _change_unit(request, public_id, "partner", forms.PartnerForm(request.POST), change)


def _change_unit(request: TenantRequest, public_id: UUID | None, name: str, form: Form, change: Any) -> HttpResponse:
    who = access.viewer(request)
    unit = access.unit_to_see(public_id) if public_id else None
    done = here(request, "people:unit", public_id=unit.public_id) if unit else here(request, "people:units")
    return save(
        request,
        form,
        lambda form: change(request, unit, form, timezone.now()),
        page=lambda request, form: pages.unit_page(request, who, unit, **{name: form}),
        done=done,
    )


# --- the company ---
@require_http_methods(["GET", "POST"])
@open_to(Role.ADMIN)
def company(request: TenantRequest) -> HttpResponse:
    """Name, time zone, language, and the smallest group of which figures show (product.md §1.1)."""
    fields = ("name", "time_zone", "locale", "min_group_size", "version")
    if request.method == "GET":
        tenant = queries.company()
        return _company_page(request, forms.CompanyForm(initial={field: getattr(tenant, field) for field in fields}))

    def change(form: Form) -> None:
        actions.change_company(**form.cleaned_data, actor=acting(request), now=timezone.now())

    url = here(request, "people:company")
    return save(request, forms.CompanyForm(request.POST), change, page=_company_page, done=url)


def _company_page(request: TenantRequest, form: Form) -> HttpResponse:
    section = {
        "key": "company",
        "title": _("The company"),
        "says": _("Days begin and reports are made by its clock."),
        "form": form,
        "url": here(request, "people:company"),
    }
    context = {"sections": [section], "goal_settings_url": here(request, "goals:settings")}
    return render(request, "people/company.html", context)

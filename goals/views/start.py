"""The first fifteen minutes of a company: its people, a line of business, a published tree of three layers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from perfsys.common.kept import changed_meanwhile
from perfsys.people import actions as people_actions
from perfsys.people.access import colleagues, viewer
from perfsys.people.queries import company
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from ..actions import first_tree
from ..actions.periods import ensure_period
from ..actions.publishing import NotReady
from ..gallery import gallery_template
from ..models import Layer, Period
from ..queries.first_tree import departments, drafts_of, next_place, tree_of
from ..queries.periods import period_called
from ..queries.writing import spans_to_write_in
from ..start_forms import CompanyForm, LineForm, as_roster

NAMES_KNOWN = 20_000


@require_http_methods(["GET", "POST"])
@open_to(Role.ADMIN)
def start(request: TenantRequest) -> HttpResponse:
    """Step one: what the company is called, which period it begins in, who works there."""
    who, tenant, now = viewer(request), company(), timezone.now()
    numbers = dict(colleagues().values_list("name", "employee_no")[:NAMES_KNOWN])
    about: dict[str, Any] = {"spans": spans_to_write_in(who.on), "known": list(numbers)}
    if request.method == "GET":
        initial = {"name": tenant.name, "version": tenant.version, "period": about["spans"][0].key}
        return _start_page(request, CompanyForm(initial=initial, **about))
    form = CompanyForm(request.POST, **about)
    if not form.is_valid():
        return _start_page(request, form, status=422)
    said, span = form.cleaned_data, form.span
    try:
        if said["name"] != tenant.name:
            kept = {name: getattr(tenant, name) for name in ("time_zone", "locale", "min_group_size")}
            people_actions.change_company(
                name=said["name"], version=said["version"], **kept, actor=who.employee, now=now
            )
        if said["people"]:
            rows = as_roster(said["people"], numbers, first=next_place())
            people_actions.apply_roster(rows, effective_on=min(who.on, span.starts_on), actor=who.employee, now=now)
    except people_actions.StaleVersion:
        return changed_meanwhile(request, [form], url=request.path)
    except people_actions.Refused as refused:
        form.add_error("people", str(refused))
        return _start_page(request, form, status=422)
    period = ensure_period(starts_on=span.starts_on, ends_on=span.ends_on, actor=who.employee, now=now)
    return redirect(_url(request, "start_line", period))


@require_http_methods(["GET", "POST"])
@open_to(Role.ADMIN)
def line(request: TenantRequest) -> HttpResponse:
    """Step two: the line of business, and who begins."""
    who, period = viewer(request), period_called(request.GET.get("period", ""))
    found = departments(who.on)
    if period is None or not found:
        return redirect(here(request, "goals:start"))
    if request.method == "GET":
        return _line_page(request, LineForm(departments=found), period)
    form = LineForm(request.POST, departments=found)
    if form.is_valid():
        ready = gallery_template(form.cleaned_data["line"])
        units = [one.unit for one in form.chosen]
        try:
            if ready is not None:
                first_tree.lay_out_tree(ready=ready, units=units, period=period, actor=who.employee, now=timezone.now())
            return redirect(_url(request, "start_tree", period))
        except first_tree.HasGoals:
            form.add_error(None, _("The company has goals in this period already. Write the others from the board."))
    return _line_page(request, form, period, status=422)


@require_http_methods(["GET", "POST"])
@open_to(Role.ADMIN)
def tree(request: TenantRequest) -> HttpResponse:
    """Step three: the tree as it was laid out; by POST it is published."""
    who, period = viewer(request), period_called(request.GET.get("period", ""))
    if period is None:
        return redirect(here(request, "goals:start"))
    if request.method == "POST":
        try:
            done = first_tree.publish_tree(period=period, actor=who.employee, now=timezone.now())
        except NotReady as refused:
            return _tree_page(request, period, [one.sentence for one in refused.problems], status=422)
        if done.goals:
            messages.success(request, _("%(goals)d goals are published.") % {"goals": done.goals})
        return redirect(f"{here(request, 'goals:tree')}?{urlencode({'period': period.name})}")
    return _tree_page(request, period, [])


def _start_page(request: TenantRequest, form: CompanyForm, status: int = 200) -> HttpResponse:
    context = {
        "step": 1,
        "form": form,
        "known": len(form.known),
        "file_url": here(request, "imports:upload", kind="people"),
    }
    return render(request, "goals/start.html", context, status=status)


def _line_page(request: TenantRequest, form: LineForm, period: Period, status: int = 200) -> HttpResponse:
    context = {"step": 2, "form": form, "span": period.title, "back_url": here(request, "goals:start")}
    return render(request, "goals/start_line.html", context, status=status)


def _tree_page(request: TenantRequest, period: Period, problems: list[str], status: int = 200) -> HttpResponse:
    drafts = drafts_of(period)
    rows = [
        {
            "title": one.goal.title,
            "url": here(request, "goals:edit", public_id=one.goal.public_id),
            "depth": one.depth,
            "whose": one.goal.owner.name
            if one.goal.owner
            else (one.goal.unit.name if one.goal.unit else _("The company")),
            "layer_name": Layer(one.goal.layer).label,
            "weight": f"{one.goal.plain_weight}%",
        }
        for one in tree_of(drafts)
    ]
    context = {
        "step": 3,
        "rows": rows,
        "problems": problems,
        "span": period.title,
        "back_url": _url(request, "start_line", period),
        "board_url": here(request, "goals:board"),
        "features_url": here(request, "people:features"),
    }
    return render(request, "goals/start_tree.html", context, status=status)


def _url(request: TenantRequest, page: str, period: Period) -> str:
    return f"{here(request, f'goals:{page}')}?{urlencode({'period': period.name})}"

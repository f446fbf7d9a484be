"""The penetration report (product.md §6.2): a month, a kind of resource, the company or one node of it."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from goals.trail_forms import OnceForm
from perfsys.imports.writing import xlsx_bytes
from perfsys.people.access import Viewer, viewer
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from . import access, actions, penetration_pages, penetration_queries
from .models import PenetrationPart, PenetrationReport
from .penetration import UNIT
from .penetration_pages import BY, Names
from .sankey import drawn

READERS = (Role.HRBP, Role.EXECUTIVE, Role.ADMIN)
PER_PAGE = 25
MONTHS = 12  # to choose from
LONGEST_KEY = 40  # what a report keeps of it
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_GET
@open_to(*READERS)
def newest(request: TenantRequest) -> HttpResponse:
    """The last month that was reported on, else the month before this one."""
    months = penetration_queries.reported_months(1)
    month = months[0] if months else _month_before(viewer(request).on)
    return redirect(here(request, "dashboards:penetration", month=month))


@require_GET
@open_to(*READERS)
def report(request: TenantRequest, month: date) -> HttpResponse:
    who = viewer(request)
    found = access.report_to_read(month, _version_of(request))
    if month > who.on:
        raise Http404
    asked = penetration_queries.last_asked(month)
    context: dict[str, Any] = {
        "now": timezone.now(),
        "month": month,
        "months": _months(request, month),
        "job": _job(request, month, asked),
        "issue_url": here(request, "dashboards:issue_penetration", month=month),
        # Pressed twice, or by two people who see the same, it is asked for once.
        "form_key": f"v{found.version if found else 0}-{asked.job}",
        "report": found,
        "is_partial": month.replace(day=1) == who.on.replace(day=1),
    }
    if found is not None:
        context |= _shown(request, who, found)
    return render(request, "dashboards/penetration.html", context)


@require_POST
@open_to(*READERS)
def issue(request: TenantRequest, month: date) -> HttpResponse:
    """Work it out anew. A job does it: a large company takes seconds."""
    form = OnceForm(request.POST)
    key = form.cleaned_data["key"][:LONGEST_KEY] if form.is_valid() else str(uuid4())
    try:
        actions.ask_for_report(month=month, key=key, actor=viewer(request).employee, now=timezone.now())
    except actions.MonthNotBegun:
        raise Http404 from None
    except actions.NoGoalsThen:
        messages.error(request, _("No goals ran in that month, so there is nothing to report on."))
        return redirect(here(request, "dashboards:penetration", month=month))
    messages.info(request, _("The report is being worked out. What has not changed stays as it was issued."))
    return redirect(here(request, "dashboards:penetration", month=month))


@require_GET
@open_to(*READERS)
def status(request: TenantRequest, month: date) -> HttpResponse:
    """The progress bar alone, asked for every two seconds; sends the browser on when it has ended."""
    job = _job(request, month, penetration_queries.last_asked(month))
    if job is None:
        response = HttpResponse()
        response["HX-Redirect"] = here(request, "dashboards:penetration", month=month)
        return response
    return render(request, "components/job.html", {"job": job})


@require_GET
@open_to(*READERS)
def export(request: TenantRequest, month: date) -> HttpResponse:
    """The table of the view as a workbook: nodes, the amounts between them, then idle goals with whose they are."""
    who = viewer(request)
    found = access.report_to_read(month, _version_of(request))
    if found is None:
        raise Http404
    kind, view, _names, part = _view(request, who, found)
    readable = access.readable_goals(who, found.idle)
    unit = penetration_pages.UNITS[kind]
    heads = [_("%(head)s (%(unit)s)") % {"head": head, "unit": unit} for head in _heads()]
    rows: list[list[Any]] = [
        [_("Node"), node.level, node.name, *(amount / UNIT for amount in _amounts(node)), node.share]
        for node in (view.nodes if part is None else view.nodes[:1])
    ]
    rows += [[_("Flow"), view.nodes[up].name, view.nodes[low].name, amount / UNIT] for up, low, amount in view.links]
    for pk in found.idle:
        goal = readable.get(pk)
        if goal is None:
            rows.append([_("Idle goals"), "", _("A private goal")])
            continue
        whose = [goal.owner.name if goal.owner else "", goal.unit.name if goal.unit else ""]
        rows.append([_("Idle goals"), goal.shown_number, goal.title, *[None] * (len(heads) + 1), *whose])
    told = [_("Kind"), _("Level"), _("Node"), *heads, _("Share, percent"), _("Owner"), _("Department")]
    content = xlsx_bytes(rows, told)
    response = HttpResponse(content, content_type=XLSX)
    name = f"penetration-{month:%Y-%m}-v{found.version}-{kind}.xlsx"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _heads() -> list[str]:
    return [_("In"), _("Broken down"), _("Own use"), _("Not broken down"), _("Plan")]


def _amounts(node: penetration_pages.Node) -> list[int]:
    return [node.received, node.passed, node.own, node.left, node.planned]


def _view(
    request: TenantRequest, who: Viewer, found: PenetrationReport
) -> tuple[str, penetration_pages.View, Names, PenetrationPart | None]:
    kind = request.GET.get("by", "")
    kind = kind if kind in BY else next(iter(BY))
    part = access.part_to_read(found, of) if (of := _node_of(request)) else None
    content, behind = found.content, part.content if part else None
    names = Names(
        goals={**content["names"], **(behind or {}).get("names", {})},
        units=content["units"],
        readable=access.readable_goals(who, penetration_pages.goals_named(content, behind)).keys(),
        node_url=lambda of: _url(request, found, kind, of),
        goal_url=lambda of: here(request, "goals:goal", public_id=of),
    )
    if behind is None:
        return kind, penetration_pages.first_view(content, kind, names), names, part
    return kind, penetration_pages.node_view(content, behind, kind, names), names, part


def _shown(request: TenantRequest, who: Viewer, found: PenetrationReport) -> dict[str, Any]:
    kind, view, names, part = _view(request, who, found)
    content = found.content
    page = content["kinds"][kind]
    of = str(part.of) if part else ""
    idle = Paginator(found.idle, PER_PAGE).get_page(request.GET.get("page"))
    readable = access.readable_goals(who, list(idle.object_list))
    return {
        "kind": kind,
        "kinds": [
            {"label": label, "url": _url(request, found, code, of), "current": code == kind}
            for code, label in BY.items()
        ],
        "versions": [
            {"label": version, "url": _url(request, found, kind, of, version), "current": version == found.version}
            for version in penetration_queries.versions_of(found.month)
        ],
        "export_url": _url(request, found, kind, of, name="dashboards:penetration_export"),
        "whole_url": _url(request, found, kind, "") if part else "",
        "view": view,
        "unit": penetration_pages.UNITS[kind],
        "total": penetration_pages.with_unit(view.total, kind),
        "plan_share": penetration_pages.share_of(page["plan_only"], page["total"]),
        "facts": [] if part else penetration_pages.facts(content, kind, names),
        "chart": drawn(view, kind) if view.links else None,
        "rows": [_row(node, is_whole=part is None or node.key == 0) for node in view.nodes],
        "bars": _bars(view, kind),
        "over": [] if part else [_over(names, *row) for row in page["over"]],
        "over_count": page["over_count"],
        "unsupported": [] if part else [_named(names, pk) for pk in content["unsupported"]],
        "unsupported_count": content["unsupported_count"],
        "loose": [] if part else [_named(names, pk) for pk in content["loose"]],
        "loose_count": content["loose_count"],
        "changes": [] if part else penetration_pages.month_on_month(content, kind, names),
        "before": content["before"] and date.fromisoformat(f"{content['before']['month']}-01"),
        "idle": [_idle(request, readable.get(pk)) for pk in idle.object_list],
        "page": idle,
    }


def _row(node: penetration_pages.Node, *, is_whole: bool) -> dict[str, Any]:
    """Of a neighbour, `is_whole` false, only what passes between it and the node is told."""
    amounts = _amounts(node)
    known = [True] * len(amounts) if is_whole else [node.received > 0, node.passed > 0, False, False, False]
    return {
        "name": node.name,
        "url": node.url,
        "level": node.level,
        "amounts": [
            {"head": head, "text": penetration_pages.amount_text(amount) if is_known else "–"}
            for head, amount, is_known in zip(_heads(), amounts, known, strict=True)
        ],
        "share": node.share,
        "over": penetration_pages.amount_text(node.over) if node.over else "",
    }


def _bars(view: penetration_pages.View, kind: str) -> list[dict[str, Any]]:
    """For a phone: company goals, or what stands below a node, the largest first."""
    levels = {low for up, low, _amount in view.links if up == 0}
    ranked = sorted((view.nodes[place] for place in levels), key=lambda node: -node.received)
    most = max((node.received for node in ranked), default=0)
    return [
        {
            "name": node.name,
            "url": node.url,
            "colour": node.colour,
            "text": penetration_pages.with_unit(node.received, kind),
            "width": penetration_pages.share_of(node.received, most),
        }
        for node in ranked
    ]


def _over(names: Names, pk: int, planned: int, over: int) -> dict[str, Any]:
    return {
        **_named(names, pk),
        "planned": penetration_pages.amount_text(planned),
        "claimed": penetration_pages.amount_text(planned + over),
        "over": penetration_pages.amount_text(over),
    }


def _named(names: Names, pk: int) -> dict[str, str]:
    public_id, _title, unit, _layer, _carried = names.goals[str(pk)]
    is_readable = names.is_readable(pk)
    return {"title": names.goal(pk), "unit": unit, "url": names.goal_url(public_id) if is_readable else ""}


def _idle(request: TenantRequest, goal: Any) -> dict[str, Any]:
    if goal is None:
        return {"title": _("A private goal"), "url": "", "owner": None, "unit": "", "moved_at": None}
    return {
        "title": goal.title,
        "url": here(request, "goals:goal", public_id=goal.public_id),
        "owner": goal.owner,
        "unit": goal.unit.name if goal.unit else "",
        "moved_at": goal.last_activity_on,
    }


def _url(
    request: TenantRequest,
    found: PenetrationReport,
    kind: str,
    of: str,
    version: int | None = None,
    name: str = "dashboards:penetration",
) -> str:
    """The version stays in the address where one was asked for."""
    version = version or _version_of(request)
    asked = [f"by={kind}", f"node={of}" if of else "", f"version={version}" if version else ""]
    return f"{here(request, name, month=found.month)}?{'&'.join(filter(None, asked))}"


def _version_of(request: TenantRequest) -> int | None:
    text = request.GET.get("version", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None


def _node_of(request: TenantRequest) -> UUID | None:
    try:
        return UUID(request.GET["node"]) if request.GET.get("node") else None
    except ValueError:
        raise Http404 from None


def _months(request: TenantRequest, month: date) -> list[dict[str, Any]]:
    months = sorted({*penetration_queries.reported_months(MONTHS), month}, reverse=True)
    return [
        {"on": on, "url": here(request, "dashboards:penetration", month=on), "current": on == month} for on in months
    ]


def _job(request: TenantRequest, month: date, asked: penetration_queries.Asked) -> dict[str, Any] | None:
    """What components/job.html shows while the month is worked out, and when that was given up."""
    if not asked.state:
        return None
    is_running = asked.state == penetration_queries.AT_WORK
    return {
        "public_id": f"{month:%Y-%m}",
        "title": _("The report is being worked out"),
        "running": is_running,
        "progress": None,
        "said": _("A large company takes a few seconds."),
        "status_url": here(request, "dashboards:penetration_status", month=month),
        "failed_because": None if is_running else _("It did not work out. Ask for it again."),
    }


def _month_before(on: date) -> date:
    return (on.replace(day=1) - timedelta(days=1)).replace(day=1)

"""The decoding board and the goal tree: two ways to look at the same goals (product.md §2, screen 2)."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.core.paginator import Page, Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext
from django.views.decorators.http import require_GET

from goals import access
from goals.alignment import WEAK_BELOW
from goals.models import Goal, Health, Layer, Period
from goals.queries import board as queries
from goals.queries import tree as tree_queries
from goals.queries.bound import Mark, marks_of, progress_beside
from goals.queries.extras import Said, said_of
from goals.queries.figures import Expectations, expectations
from goals.queries.lines import lines_above
from goals.queries.match import figures_of
from goals.queries.periods import all_periods, period_of
from goals.queries.settings import bounds, goal_settings
from goals.wording import value_text
from perfsys.people.access import Viewer, viewer
from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

ROOTS_PER_PAGE = 50
LOOSE = "loose"
COLUMNS = {
    Layer.COMPANY: gettext_lazy("Company level"),
    Layer.DEPARTMENT: gettext_lazy("Department level"),
    Layer.POSITION: gettext_lazy("Position level"),
}
HEALTHS = (Health.WATCH, Health.TALK, Health.IDLE)


@require_GET
@open_to(*EVERYONE)
def board(request: TenantRequest) -> HttpResponse:
    """Three columns that drill: ?goal= is the one chosen, ?more= the column to show whole, ?view=loose the goals
    without one above."""
    who = viewer(request)
    chosen, periods = _chosen(request, who), all_periods()
    loose = chosen is None and _is_loose(request)
    period = chosen.period if chosen else _period(request, who, periods)
    found = queries.board(who, period, chosen=chosen, loose=loose, more=request.GET.get("more", ""))
    shown = expectations([goal for column in found.columns for goal in column.goals], who.on)
    here_url = here(request, "goals:board")
    context = {
        "totals": {
            "company": period.company_goals if period else 0,
            "department": period.department_goals if period else 0,
            "position": period.position_goals if period else 0,
        },
        "columns": _columns(request, who, found, shown, _kept(request, period, "goal", "view")),
        "trail": [{"title": goal.title, "url": f"{here_url}?goal={goal.public_id}"} for goal in found.trail],
        "views": _views(request, who, LOOSE if loose else "board", period),
        "new_goal_url": _new_goal_url(request, who),
        "import_url": here(request, "imports:list") if who.has(Role.ADMIN) else "",
        "is_empty": not any(column.goals for column in found.columns),
        "periods": _periods(request, periods, period),
    }
    return render(request, "goals/board.html", context)


@require_GET
@open_to(*EVERYONE)
def tree(request: TenantRequest) -> HttpResponse:
    """The tree with the branches of ?open= opened; ?health= and ?view=loose list goals wherever they stand."""
    who = viewer(request)
    periods = all_periods()
    period, health, loose = _period(request, who, periods), _health(request), _is_loose(request)
    page, rows = _page_of_tree(request, who, period)
    context = {
        "now": timezone.now(),
        "rows": rows,
        "rows_url": _address(here(request, "goals:tree_rows"), _kept(request, period, "health", "view", "page")),
        "views": _views(request, who, "tree", period),
        "filters": _filters(request, health, period, loose=loose),
        "page": page,
        "periods": _periods(request, periods, period),
        "new_goal_url": _new_goal_url(request, who),
        "import_url": here(request, "imports:list") if who.has(Role.ADMIN) else "",
        "file_url": here(request, "goals:export") + (f"?period={period.name}" if period else "")
        if access.reaches(who)
        else "",
        "filtered": bool(health or loose),
    }
    return render(request, "goals/tree.html", context)


@require_GET
@open_to(*EVERYONE)
def tree_rows(request: TenantRequest) -> HttpResponse:
    """The rows below ?parent=, or with ?open= the same page of the tree so opened."""
    who = viewer(request)
    if "parent" in request.GET:
        parent, _rights = access.goal_to_read(who, _uuid(request.GET["parent"]))
        depth = len(lines_above(who, [parent.pk]).get(parent.pk, ())) + 1
        shown = access.shown_goals(who, parent.period)
        opened = tree_queries.rows_from(shown, [parent], opened=[parent.public_id], depth=depth - 1)
        found = opened[1:]  # without the parent, which stands there already
        rows = _rows(request, who, found, [], parent.period)
    else:
        _page, rows = _page_of_tree(request, who, _period(request, who, all_periods()))
    return render(request, "goals/_tree_rows.html", {"now": timezone.now(), "rows": rows})


# --- what was asked for -----------------------------------------------------------------------------------------------


def _period(request: TenantRequest, who: Viewer, periods: list[Period]) -> Period | None:
    return period_of(periods, who.on, request.GET.get("period", ""))


def _chosen(request: TenantRequest, who: Viewer) -> Goal | None:
    if not request.GET.get("goal"):
        return None
    return access.goal_to_read(who, _uuid(request.GET["goal"]))[0]


def _is_loose(request: TenantRequest) -> bool:
    return request.GET.get("view") == LOOSE


def _health(request: TenantRequest) -> str:
    asked = request.GET.get("health", "")
    return asked if asked in Health.values else ""


def _opened(request: TenantRequest) -> list[UUID]:
    """What is no id is nothing that could be open."""
    found = []
    for typed in request.GET.get("open", "").split(",")[: tree_queries.MOST_OPEN]:
        try:
            found.append(UUID(typed))
        except ValueError:
            continue
    return found


def _uuid(typed: str) -> UUID:
    try:
        return UUID(typed)
    except ValueError as no_id:
        raise Http404 from no_id


def _kept(request: TenantRequest, period: Period | None, *names: str) -> dict[str, str]:
    """What a link takes along: those `names` that were asked for, and the period where one was chosen."""
    chosen = period is not None and ("period" in request.GET or "goal" in request.GET)
    kept = {"period": period.name} if period is not None and chosen else {}
    return kept | {name: request.GET[name] for name in names if request.GET.get(name)}


def _address(url: str, asked: dict[str, str]) -> str:
    return f"{url}?{urlencode(asked, safe=',')}" if asked else url


# --- what stands around -----------------------------------------------------------------------------------------------


def _views(request: TenantRequest, who: Viewer, current: str, period: Period | None) -> list[dict[str, Any]]:
    board_url, kept = here(request, "goals:board"), _kept(request, period)
    loose_url = _address(board_url, kept | {"view": LOOSE})
    views = [
        {"label": pgettext("view", "Columns"), "url": _address(board_url, kept), "current": current == "board"},
        {"label": _("Tree"), "url": _address(here(request, "goals:tree"), kept), "current": current == "tree"},
        {"label": _("Without a goal above"), "url": loose_url, "current": current == LOOSE},
    ]
    if who.has(Role.EMPLOYEE):
        views.append({"label": _("My line"), "url": here(request, "dashboards:week"), "current": False})
    return views


def _periods(request: TenantRequest, periods: list[Period], current: Period | None) -> list[dict[str, Any]]:
    """The last four; none to choose from where there is but one."""
    if len(periods) < 2:
        return []
    return [
        {"label": one.title, "url": f"{request.path}?{urlencode({'period': one.name})}", "current": one == current}
        for one in periods[:4]
    ]


def _filters(request: TenantRequest, health: str, period: Period | None, *, loose: bool) -> list[dict[str, Any]]:
    url, kept = here(request, "goals:tree"), _kept(request, period)
    filters = [{"label": _("All"), "url": _address(url, kept), "current": not health and not loose}]
    filters += [
        {"label": one.label, "url": _address(url, kept | {"health": one.value}), "current": health == one}
        for one in HEALTHS
    ]
    loose_url = _address(url, kept | {"view": LOOSE})
    return [*filters, {"label": _("Without a goal above"), "url": loose_url, "current": loose}]


def _new_goal_url(request: TenantRequest, who: Viewer) -> str:
    new = here(request, "goals:new")
    if who.has(Role.EMPLOYEE):
        return new
    return f"{new}?layer={Layer.COMPANY}" if access.may_write_for_company(who) else ""


# --- the board --------------------------------------------------------------------------------------------------------


def _columns(
    request: TenantRequest, who: Viewer, found: queries.Board, shown: Expectations, asked: dict[str, str]
) -> list[dict[str, Any]]:
    """`asked` is what the way to the rest of a long column takes along."""
    columns: list[dict[str, Any]] = []
    board_url = here(request, "goals:board")
    limits = bounds(goal_settings())
    chosen = found.trail[-1] if found.trail else None
    front = _front(found)
    below = [goal.pk for column in found.columns for goal in column.goals if goal.layer != Layer.COMPANY]
    figures = figures_of(below) if below else {}
    marks = marks_of([goal for column in found.columns for goal in column.goals], who.on)
    wire_from = None
    for column in found.columns:
        layer = column.layer
        columns.append(
            {
                "key": str(layer),
                "title": COLUMNS[layer],
                "hint": _hint(column, limits[layer].lower, limits[layer].upper),
                "front": layer == front,
                "goals": [
                    _card(request, who, goal, found, shown, board_url, marks.get(goal.pk))
                    | {"match": figures.get(goal.pk)}
                    for goal in column.goals
                ],
                "chosen": column.chosen,
                "wire_from": wire_from,
                "more_url": _address(board_url, asked | {"more": layer.value}) if column.more > 0 else "",
                "more_count": column.more,
                "empty": _("Nothing supports it yet.") if chosen and not column.goals else "",
            }
        )
        wire_from = column.chosen
    return columns


def _front(found: queries.Board) -> Layer:
    """The column a phone shows: below the chosen goal, else the company's, else the first that has any."""
    if found.trail:
        below = queries.LAYERS.index(Layer(found.trail[-1].layer)) + 1
        return queries.LAYERS[min(below, len(queries.LAYERS) - 1)]
    return next((column.layer for column in found.columns if column.goals), Layer.COMPANY)


def _hint(column: queries.Column, lower: int, upper: int) -> str:
    number = ngettext("%(number)d goal", "%(number)d goals", column.whole) % {"number": column.whole}
    if column.layer != Layer.COMPANY:
        return number
    return _("%(number)s, advice is %(lower)d to %(upper)d") % {"number": number, "lower": lower, "upper": upper}


def _card(
    request: TenantRequest,
    who: Viewer,
    goal: Goal,
    found: queries.Board,
    shown: Expectations,
    board_url: str,
    mark: Mark | None,
) -> dict[str, Any]:
    below = dict(found.below.get(goal.pk, ()))
    page = here(request, "goals:goal", public_id=goal.public_id)
    return {
        "public_id": goal.public_id,
        "title": goal.title,
        "url": f"{board_url}?goal={goal.public_id}" if below else page,
        "page_url": page if below else "",
        "check_in_url": here(request, "goals:check_in", public_id=goal.public_id) + "?then=board"
        if goal.is_open and who.employee_id is not None and goal.owner_id == who.employee_id
        else "",
        "mark": mark,
        "progress": progress_beside(goal, mark),
        "expected_progress": shown.of(goal),
        "owner": goal.owner,
        "unit": goal.unit.name if goal.unit and goal.layer == Layer.DEPARTMENT else "",
        "value_text": value_text(goal, mark),
        "health": goal.health,
        "below": below,
        "weight": goal.weight,
    }


# --- the tree ---------------------------------------------------------------------------------------------------------


def _page_of_tree(
    request: TenantRequest, who: Viewer, period: Period | None
) -> tuple[Page[Goal], list[dict[str, Any]]]:
    """The page of roots that was asked for, and its rows; a filtered list has no branches."""
    health, loose = _health(request), _is_loose(request)
    shown = access.shown_goals(who, period)
    tops = tree_queries.roots(shown, health=health, loose=loose)
    page = Paginator(tops, ROOTS_PER_PAGE).get_page(request.GET.get("page"))
    opened = [] if health or loose else _opened(request)
    rows = tree_queries.rows_from(shown, list(page.object_list), opened=opened)
    return page, _rows(request, who, rows, opened, period)


def _rows(
    request: TenantRequest, who: Viewer, rows: list[tree_queries.Row], opened: list[UUID], period: Period | None
) -> list[dict[str, Any]]:
    shown = expectations([row.goal for row in rows], who.on)
    kept = _kept(request, period, "page")
    figures = figures_of([row.goal.pk for row in rows if not row.more])
    said = said_of([row.goal for row in rows if not row.more], listed=True)
    marks = marks_of([row.goal for row in rows if not row.more], who.on)
    return [_row(request, row, shown, opened, kept, figures, said, marks) for row in rows]


def _row(
    request: TenantRequest,
    row: tree_queries.Row,
    shown: Expectations,
    opened: list[UUID],
    asked: dict[str, str],
    figures: Mapping[int, int],
    said: Mapping[int, list[Said]],
    marks: Mapping[int, Mark],
) -> dict[str, Any]:
    """`asked` is what the way to the same tree, opened or closed here, takes along."""
    goal = row.goal
    if row.more:
        url = f"{here(request, 'goals:board')}?{urlencode({'goal': goal.public_id})}"
        return {"more": row.more, "more_url": url, "depth": row.depth}
    others = [one for one in opened if one != goal.public_id]
    toggled = ",".join(map(str, others if row.is_open else [*others, goal.public_id]))
    return {
        "goal": {
            "public_id": goal.public_id,
            "url": here(request, "goals:goal", public_id=goal.public_id),
            "title": goal.title,
            "owner": goal.owner,
            "unit": goal.unit.name if goal.unit else _("The company"),
            "weight": None if goal.weight is None else Decimal(goal.weight),
            "progress": progress_beside(goal, marks.get(goal.pk)),
            "expected_progress": shown.of(goal),
            "health": goal.health,
            "mark": marks.get(goal.pk),
            "updated_at": goal.last_activity_on,
            "evidence": _evidence(goal),
            "match": figures.get(goal.pk),
            "said": said.get(goal.pk, []),
            "is_weak": figures.get(goal.pk, WEAK_BELOW) < WEAK_BELOW,
        },
        "depth": row.depth,
        "children": row.children,
        "open": row.is_open,
        "toggle_url": _address(here(request, "goals:tree"), asked | {"open": toggled}),
    }


def _evidence(goal: Goal) -> dict[str, str] | None:
    if not goal.evidence_type:
        return None
    source = goal.evidence_label or goal.get_evidence_type_display()
    return {"source": source, "reference": goal.evidence_number or goal.evidence_plan}

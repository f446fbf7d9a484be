"""The obstacle board of HR partners (product.md §2.5): what stands in the way, and work on it in place.

Administrators see how much each cause touches in the whole company, never whose goals (security.md §2: "R meta").
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import Form
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from goals import access
from goals.actions.goal import StaleVersion
from goals.actions.obstacles import NotForThem, work_on_obstacle
from goals.answer_time import hours
from goals.models import Obstacle, ObstacleState
from goals.queries import obstacles as queries
from goals.queries.obstacles import CauseLine, Wanted
from goals.trail_forms import NOT_FOR_THEM, ObstacleForm
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import Viewer, viewer
from perfsys.people.models import OrgUnit
from perfsys.people.queries import primary_units
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

PER_PAGE = 25
READERS = (Role.HRBP, Role.ADMIN)
STATES = {
    "left": gettext_lazy("Not cleared yet"),
    **dict(ObstacleState.choices),
    "all": gettext_lazy("All of them"),
}
HELPERS = {"": gettext_lazy("Anybody"), "me": gettext_lazy("Me"), "nobody": gettext_lazy("Nobody yet")}
DUES = {"": gettext_lazy("Any day"), "past": gettext_lazy("The day has passed"), "week": gettext_lazy("Within 7 days")}
LIST = "#one-by-one"  # below the causes, on a phone far below
ASKED = ("cause", "state", "helper", "due", "page")


@require_GET
@open_to(*READERS)
def board(request: TenantRequest) -> HttpResponse:
    return _page(request, viewer(request))


@require_http_methods(["GET", "POST"])
@open_to(Role.HRBP)
def work(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Work on one without leaving the board: the form of that one, drawn when it is asked for, as 25 of them took half
    of the page's time; then back to the same filters."""
    who = viewer(request)
    found = access.obstacle_to_work_on(who, public_id)
    if request.method == "GET":
        form = ObstacleForm(of=found)
        form.fields["state"].widget.attrs["autofocus"] = True  # what was pressed is gone: the keyboard goes on here
        if "HX-Request" not in request.headers:
            return _page(request, who, shown=(found.pk, form))
        about = {"cause": found.cause.name, "title": found.goal.title}
        urls = {"work_url": _work_url(request, found), "back_url": _back_url(request)}
        return render(request, "goals/_obstacle_form.html", {"form": form, **about, **urls})
    form = ObstacleForm(request.POST, of=found)
    back = _back_url(request)
    if form.is_valid():
        try:
            work_on_obstacle(obstacle=found, actor=who.employee, now=timezone.now(), **form.cleaned_data)
        except StaleVersion:
            return changed_meanwhile(request, [form], url=back)
        except NotForThem:
            form.add_error("helper", NOT_FOR_THEM)
    if form.errors:
        return _page(request, who, shown=(found.pk, form), status=422)
    messages.success(request, _("Noted. The owner sees it on the goal."))
    return redirect(back)


def _page(
    request: TenantRequest, who: Viewer, *, shown: tuple[int, Form] | None = None, status: int = 200
) -> HttpResponse:
    """`shown` is the obstacle whose form stands open, and the form."""
    partners = who.has(Role.HRBP)
    lines = queries.by_cause(access.posts_of_partnered(who) if partners else access.posts_counted(who))
    wanted = _wanted(request.GET, lines)
    context: dict[str, Any] = {
        "now": timezone.now(),
        "causes": [_cause(request, line, wanted, links=partners) for line in lines],
        "partners": partners,
        "causes_url": "" if partners else here(request, "goals:settings"),
        "board_url": here(request, "goals:obstacles") + LIST,
    }
    if partners:
        context |= _list(request, who, wanted, shown, length=queries.how_many(lines, wanted))
    return render(request, "goals/obstacles.html", context, status=status)


def _list(
    request: TenantRequest, who: Viewer, wanted: Wanted, form: tuple[int, Form] | None, *, length: int | None
) -> dict[str, Any]:
    found = queries.narrowed(access.partnered_obstacles(who), wanted, me=who.employee, on=who.on)
    paginator = Paginator(found.values_list("pk", flat=True), PER_PAGE)
    if length is not None:
        paginator.count = length
    page = paginator.get_page(request.GET.get("page"))
    shown = queries.in_full(list(page.object_list))
    units = primary_units([one.goal.owner_id for one in shown if one.goal.owner_id], who.on)
    return {
        "obstacles": [_obstacle(request, who, one, units, form) for one in shown],
        "page": page,
        "back_url": _back_url(request),
        "cause": wanted.cause,
        "is_narrowed": wanted != Wanted(),
        "filters": [
            _filter("state", _("Where it stands"), STATES, wanted.state),
            _filter("helper", _("Who works on it"), HELPERS, wanted.helper),
            _filter("due", _("Until when"), DUES, wanted.due),
        ],
    }


def _wanted(asked: QueryDict, lines: list[CauseLine]) -> Wanted:
    """What nobody offers is as good as nothing asked."""

    def one_of(name: str, known: Mapping[str, Any], otherwise: str) -> str:
        value = asked.get(name, "")
        return value if value in known else otherwise

    cause = one_of("cause", {str(line.public_id): line for line in lines}, "")
    return Wanted(
        cause=cause,
        state=one_of("state", STATES, "left"),
        helper=one_of("helper", HELPERS, ""),
        due=one_of("due", DUES, ""),
    )


def _address(request: TenantRequest, asked: QueryDict, **more: str) -> str:
    kept = {name: asked[name] for name in ASKED if asked.get(name)} | more
    query = urlencode({name: value for name, value in kept.items() if value})
    return here(request, "goals:obstacles") + (f"?{query}" if query else "")


def _back_url(request: TenantRequest) -> str:
    """The board as it was, no form open."""
    return _address(request, request.GET) + LIST


def _filter(name: str, label: str, choices: Mapping[str, Any], chosen: str) -> dict[str, Any]:
    return {
        "name": name,
        "label": label,
        "choices": [{"value": value, "label": words, "chosen": value == chosen} for value, words in choices.items()],
    }


def _cause(request: TenantRequest, line: CauseLine, wanted: Wanted, *, links: bool) -> dict[str, Any]:
    is_chosen = str(line.public_id) == wanted.cause
    url = _address(request, request.GET, cause="" if is_chosen else str(line.public_id), page="") + LIST
    return {
        "name": line.name,
        "url": url if links else "",
        "current": is_chosen,
        "goals": line.goals,
        "units": line.units,
        "waiting": line.waiting,
        "in_hand": line.in_hand,
        "cleared": line.cleared,
        "hours": None if line.median_minutes is None else hours(line.median_minutes),
    }


def _obstacle(
    request: TenantRequest, who: Viewer, one: Obstacle, units: dict[int, OrgUnit], form: tuple[int, Form] | None
) -> dict[str, Any]:
    goal, owner = one.goal, one.goal.owner
    unit = units.get(owner.pk) if owner else None
    is_cleared = one.state == ObstacleState.CLEARED
    return {
        "cause": one.cause.name,
        "goal": {
            "title": goal.title,
            "url": here(request, "goals:goal", public_id=goal.public_id) + "#obstacles",
        },
        "owner": {"name": owner.name if owner else "", "unit": unit.name if unit else ""},
        "state": one.get_state_display(),
        "is_waiting": one.state == ObstacleState.OPEN,
        "helper": one.helper.name if one.helper else "",
        "changed_at": one.changed_at,
        "due_on": one.due_on,
        "has_passed": one.due_on is not None and one.due_on < who.on and not is_cleared,
        "resolution": one.resolution,
        "hours": None if one.answer_minutes is None else hours(one.answer_minutes),
        "form": form[1] if form and form[0] == one.pk else None,
        "version": one.version,
        "work_url": _work_url(request, one),
    }


def _work_url(request: TenantRequest, one: Obstacle) -> str:
    """Takes along what the board was narrowed to."""
    url = here(request, "goals:work_on_board", public_id=one.public_id)
    asked = urlencode({name: request.GET[name] for name in ASKED if request.GET.get(name)})
    return f"{url}?{asked}" if asked else url

"""The cross-team board (product.md §2.5): what one unit needs from another, and the answer."""

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goals import access
from goals.actions import blockers as actions
from goals.answer_time import hours
from goals.blocker_forms import BlockerForm, ReplyForm
from goals.models import Blocker, BlockerReply, BlockerState, Goal
from goals.queries import blockers as queries
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import Viewer, part_of, person, viewer
from perfsys.people.attempts import may_search
from perfsys.people.features import Feature
from perfsys.people.queries import units_matching
from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

PER_PAGE = 25
SUGGESTIONS = 8
ALL, OURS, MINE = "", "ours", "mine"
LEFT = ""


@require_GET
@open_to(*EVERYONE)
@part_of(Feature.BLOCKERS)
def board(request: TenantRequest) -> HttpResponse:
    """`?tab=ours` is what my unit is asked, `mine` what I posted; `?state=solved` what is over; `?goal=` is of one."""
    who = viewer(request)
    tab, goal = request.GET.get("tab", ALL), _goal_asked_for(request, who)
    found = {OURS: access.blockers_to_answer, MINE: _mine}.get(tab, access.visible_blockers)(who)
    state = request.GET.get("state", LEFT)
    if state in BlockerState.values:
        found = found.filter(state=state)
    else:
        state, found = LEFT, found.exclude(state=BlockerState.SOLVED)
    if goal is not None:
        found = found.filter(goal=goal)
    page = Paginator(queries.listed(found), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "now": timezone.now(),
        "whose": _tabs(request, who, tab, state),
        "states": _states(request, tab, state, goal),
        "goal": {"title": goal.title, "url": _goal_url(request, goal)} if goal else None,
        "blockers": [_row(request, one) for one in page.object_list],
        "page": page,
        "new_url": _new_url(request, goal) if who.employee else "",
        "times": [
            {"unit": one.unit, "answers": one.answers, "hours": hours(one.median_minutes)}
            for one in queries.answer_times(who.on, least=request.seat.min_group_size)
        ],
        "weeks": queries.WEEKS,
    }
    return render(request, "goals/blockers.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(Role.EMPLOYEE)
@part_of(Feature.BLOCKERS)
def new(request: TenantRequest) -> HttpResponse:
    """`?goal=` is the own goal that it blocks."""
    who, me = viewer(request), person(request)
    goal = _goal_asked_for(request, who)
    form = BlockerForm(
        request.POST if request.method == "POST" else None,
        units=access.units_to_ask(),
        suggests=here(request, "goals:blocker_units"),
        on=who.on,
    )
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            made = actions.post_blocker(
                posted_by=me,
                to_unit=said["unit"],
                text=said["text"],
                wish_on=said["wish_on"],
                goal=goal,
                key=said["key"],
                now=timezone.now(),
            )
        except actions.OwnLine:
            form.add_error(
                "unit", _("This is your own unit or one above it. Talk to your manager, or name another unit.")
            )
        else:
            messages.success(request, _("Posted. %(unit)s is told.") % {"unit": made.to_unit.name})
            return redirect(_url(request, made))
    context = {
        "form": form,
        "goal": {"title": goal.title, "url": _goal_url(request, goal)} if goal else None,
        "board_url": here(request, "goals:blockers"),
    }
    return render(request, "goals/blocker_form.html", context, status=422 if form.errors else 200)


@require_GET
@open_to(Role.EMPLOYEE)
@part_of(Feature.BLOCKERS)
def units(request: TenantRequest) -> HttpResponse:
    """Units while a name is being typed into the form: never a list of all."""
    typed = request.GET.get("unit", "").strip()[:80]
    if typed and not may_search(request.seat.membership_id):
        return render(request, "429.html", status=429)
    found = units_matching(typed)[:SUGGESTIONS] if typed else []
    return render(request, "people/_suggestions.html", {"units": found, "people": []})


@require_GET
@open_to(*EVERYONE)
def blocker(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found, is_asked = access.blocker_to_read(who, public_id)
    return _page(request, who, found, is_asked)


@require_POST
@open_to(Role.EMPLOYEE)
def reply(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found, is_asked = access.blocker_to_reply_to(who, public_id)
    form = ReplyForm(request.POST, is_asked=is_asked)
    if not form.is_valid():
        return _page(request, who, found, is_asked, form=form, status=422)
    try:
        actions.reply_to_blocker(
            blocker=found, is_asked=is_asked, actor=person(request), now=timezone.now(), **form.cleaned_data
        )
    except actions.AlreadySolved:
        return changed_meanwhile(request, [form], url=_url(request, found))
    said = _("Answered. %(name)s is told.") % {"name": found.posted_by.name} if is_asked else _("Added.")
    messages.success(request, said)
    return redirect(_url(request, found))


@require_POST
@open_to(Role.EMPLOYEE)
def solve(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Solved, or with `undo` not after all."""
    found = access.blocker_to_solve(viewer(request), public_id)
    solved = "undo" not in request.POST
    actions.solve_blocker(blocker=found, solved=solved, actor=person(request), now=timezone.now())
    messages.success(request, _("Good that it is solved.") if solved else _("It stands on the board again."))
    return redirect(_url(request, found))


def _page(
    request: TenantRequest,
    who: Viewer,
    found: Blocker,
    is_asked: bool,
    *,
    form: ReplyForm | None = None,
    status: int = 200,
) -> HttpResponse:
    is_mine = who.employee_id is not None and found.posted_by_id == who.employee_id
    replies = (is_mine or is_asked) and not found.is_solved
    goal = found.goal if found.goal and access.readable_of(who, [found.goal]) else None
    context = {
        "now": timezone.now(),
        "blocker": _row(request, found) | {"is_solved": found.is_solved, "solved_at": found.solved_at},
        "goal": {"title": goal.title, "url": _goal_url(request, goal)} if goal else None,
        "replies": [_reply(one, found) for one in queries.replies_to(found)],
        "form": (form or ReplyForm(is_asked=is_asked)) if replies else None,
        "is_asked": is_asked,
        "reply_url": here(request, "goals:reply_to_blocker", public_id=found.public_id),
        "solve_url": here(request, "goals:solve_blocker", public_id=found.public_id) if is_mine else "",
        "board_url": "" if who.lacks(Feature.BLOCKERS) else here(request, "goals:blockers"),
    }
    return render(request, "goals/blocker.html", context, status=status)


def _mine(who: Viewer) -> QuerySet[Blocker]:
    return access.visible_blockers(who).filter(posted_by=who.employee_id)


def _goal_asked_for(request: TenantRequest, who: Viewer) -> Goal | None:
    """The goal named in the address, as far as the reader may open it."""
    try:
        return access.goal_to_read(who, UUID(request.GET["goal"]))[0]
    except (KeyError, ValueError, Http404):
        return None


def _tabs(request: TenantRequest, who: Viewer, tab: str, state: str) -> list[dict[str, Any]]:
    waiting = queries.count_waiting(access.blockers_to_answer(who)) if who.employee else 0
    known = tab if tab in (OURS, MINE) else ALL
    tabs = [(ALL, _("All that I may read"), 0), (OURS, _("Asked of my team"), waiting), (MINE, _("Posted by me"), 0)]
    return [
        {"label": label, "url": _address(request, tab=code, state=state), "current": code == known, "count": count}
        for code, label, count in tabs
    ]


def _states(request: TenantRequest, tab: str, state: str, goal: Goal | None) -> list[dict[str, Any]]:
    of_goal = str(goal.public_id) if goal else ""
    choices = [
        (LEFT, _("Not solved yet")),
        (BlockerState.OPEN, BlockerState.OPEN.label),
        (BlockerState.ANSWERED, BlockerState.ANSWERED.label),
        (BlockerState.SOLVED, BlockerState.SOLVED.label),
    ]
    return [
        {"label": label, "url": _address(request, tab=tab, state=code, goal=of_goal), "current": code == state}
        for code, label in choices
    ]


def _address(request: TenantRequest, **asked: str) -> str:
    query = urlencode({name: value for name, value in asked.items() if value})
    return here(request, "goals:blockers") + (f"?{query}" if query else "")


def _row(request: TenantRequest, one: Blocker) -> dict[str, Any]:
    return {
        "url": _url(request, one),
        "text": one.text,
        "by": one.posted_by.name,
        "from_unit": one.from_unit.name if one.from_unit else "",
        "to_unit": one.to_unit.name,
        "state": one.state,
        "state_name": one.get_state_display(),
        "posted_at": one.posted_at,
        "wish_on": one.wish_on,
        "hours": None if one.answer_minutes is None else hours(one.answer_minutes),
    }


def _reply(one: BlockerReply, of: Blocker) -> dict[str, Any]:
    return {"by": one.by.name, "at": one.at, "text": one.text, "is_posters": one.by_id == of.posted_by_id}


def _url(request: TenantRequest, one: Blocker) -> str:
    return here(request, "goals:blocker", public_id=one.public_id)


def _goal_url(request: TenantRequest, goal: Goal) -> str:
    return here(request, "goals:goal", public_id=goal.public_id)


def _new_url(request: TenantRequest, goal: Goal | None) -> str:
    return here(request, "goals:new_blocker") + (f"?goal={goal.public_id}" if goal else "")

"""What is said on a goal with one tap, and how it ends: ticks, readings of key results, "seen", closing (product.md
§2.1, §2.6)."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from goals import access, trail_forms
from goals.actions import closing, trail
from goals.models import Goal, Kind
from goals.queries.bound import how_it_is_bound
from goals.queries.page import closing_of
from goals.queries.publishing import goals_of, weights_above_100
from goals.wording import plain
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import person, viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .goal import page, way_back


@require_POST
@open_to(*EVERYONE)
def did_it(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """One tick of a commitment. Tapped twice it is one: the button brings its own key."""
    who = viewer(request)
    goal, _rights = access.goal_to_keep(who, public_id)
    if goal.kind != Kind.BEHAVIOUR:
        raise PermissionDenied
    key = request.POST.get("key", "")[:80]
    if "\x00" in key:
        raise BadRequest
    try:
        trail.check_in(goal=goal, actor=who.employee, now=timezone.now(), key=key)
    except trail.GoalNotOpen:
        return changed_meanwhile(request, [], url=_url(request, goal))
    messages.success(request, _("Done: %(what)s") % {"what": goal.delivers or goal.title})
    return redirect(way_back(request, goal))


@require_POST
@open_to(*EVERYONE)
def undo_tick(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    tick = access.tick_to_take_back(who, public_id)
    try:
        trail.take_back_tick(tick=tick, actor=person(request), now=timezone.now())
        messages.success(request, _("The tick is taken back."))
    except trail.TooLate:
        messages.info(request, _("It stands for more than a day and stays. Say what is right in a line."))
    except trail.GoalNotOpen:
        return changed_meanwhile(request, [], url=_url(request, tick.goal))
    return redirect(_url(request, tick.goal))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*EVERYONE)
def check_in_result(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """A reading of one key result; the objective counts with it."""
    who = viewer(request)
    result = access.key_result_to_check(who, public_id)
    if request.method != "POST":
        return redirect(_url(request, result.goal))
    form = trail_forms.ResultCheckInForm(request.POST, of=result, **how_it_is_bound(result.goal, who.on, result))
    if not form.is_valid():
        goal, rights = access.goal_to_read(who, result.goal.public_id)
        return page(request, who, goal, rights, result_form=(result.pk, form), status=422)
    try:
        trail.check_in(goal=result.goal, key_result=result, actor=who.employee, now=timezone.now(), **form.said)
    except (trail.GoalNotOpen, trail.FigureIsMeasured):
        return changed_meanwhile(request, [form], url=_url(request, result.goal))
    messages.success(request, _("Saved. The objective counts with it."))
    return redirect(_url(request, result.goal))


@require_POST
@open_to(*EVERYONE)
def seen(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """The manager has seen a check-in; the owner reads who and when."""
    found = access.check_in_to_acknowledge(viewer(request), public_id)
    trail.acknowledge_check_in(check_in=found, actor=person(request), now=timezone.now())
    messages.success(request, _("Noted. The owner sees that you have seen it."))
    return redirect(_url(request, found.goal))


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def close(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """How the goal ended and what was learned: settled by whoever may close it, else the manager is asked to."""
    who = viewer(request)
    goal, _rights, settles = access.goal_to_end(who, public_id)
    if request.method == "GET":
        if not goal.is_open:
            return redirect(_url(request, goal))
        said = closing_of(goal)
        initial = {name: getattr(said, name) for name in ("outcome", "result", "lesson")} if said else {}
        return _close_page(request, goal, trail_forms.ClosingForm(initial=initial), settles=settles)
    form = trail_forms.ClosingForm(request.POST)
    if not form.is_valid():
        return _close_page(request, goal, form, settles=settles, status=422)
    try:
        if settles:
            closing.close_goal(goal=goal, actor=who.employee, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("The goal is closed. What was learned stays with it."))
        else:
            closing.propose_closing(goal=goal, actor=person(request), now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("Your manager has been asked to close it. Until then it stays open."))
    except closing.GoalNotPublished:
        return changed_meanwhile(request, [form], url=_url(request, goal))
    return redirect(_url(request, goal))


@require_POST
@open_to(*EVERYONE)
def send_back(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """What the owner said about its end does not stand yet, and why."""
    who = viewer(request)
    goal = access.goal_to_settle(who, public_id)
    form = trail_forms.WhyForm(request.POST)
    if not form.is_valid():
        return _page_again(request, goal, form)
    try:
        closing.send_closing_back(goal=goal, actor=person(request), now=timezone.now(), **form.cleaned_data)
    except closing.NothingToSendBack:
        return changed_meanwhile(request, [form], url=_url(request, goal))
    messages.success(request, _("Sent back. The owner reads why, and the goal stays open."))
    return redirect(_url(request, goal))


@require_POST
@open_to(*EVERYONE)
def reopen(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """A correction while the period runs, with its reason."""
    who = viewer(request)
    goal = access.goal_to_settle(who, public_id)
    form = trail_forms.WhyForm(request.POST)
    if not form.is_valid():
        return _page_again(request, goal, form)
    try:
        closing.reopen_goal(goal=goal, actor=person(request), now=timezone.now(), **form.cleaned_data)
    except (closing.NotClosed, closing.PeriodIsClosed):
        return changed_meanwhile(request, [form], url=_url(request, goal))
    messages.success(request, _("The goal is open again."))
    whole = goals_of(layer=goal.layer, period=goal.period, owner=goal.owner, unit=goal.unit)
    if (together := weights_above_100(whole)) is not None:
        told = _(
            "The weights come to %(sum)s %% together now. Ask for a change of weights, so that they are at 100 %%."
        )
        messages.info(request, told % {"sum": plain(together)})
    return redirect(_url(request, goal))


def _page_again(request: TenantRequest, goal: Goal, form: trail_forms.WhyForm) -> HttpResponse:
    who = viewer(request)
    found, rights = access.goal_to_read(who, goal.public_id)
    return page(request, who, found, rights, why_form=form, status=422)


def _close_page(
    request: TenantRequest, goal: Goal, form: trail_forms.ClosingForm, *, settles: bool, status: int = 200
) -> HttpResponse:
    context = {
        "goal": {"title": goal.title, "url": _url(request, goal), "public_id": goal.public_id},
        "goals_url": here(request, "goals:board"),
        "form": form,
        "settles": settles,
        "close_url": here(request, "goals:close", public_id=goal.public_id),
    }
    return render(request, "goals/close.html", context, status=status)


def _url(request: TenantRequest, goal: Goal) -> str:
    return here(request, "goals:goal", public_id=goal.public_id)

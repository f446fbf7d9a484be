"""The weekly micro-retro: three taps, then the own week in figures (product.md §6.1; screen 1)."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from feedback import access, retro_cards, retro_wording
from feedback.actions import retro as actions
from feedback.models import Retro
from feedback.queries import retro as queries
from feedback.retro_forms import AnswerForm
from perfsys.people.access import Viewer, part_of, person, viewer
from perfsys.people.features import Feature
from perfsys.people.models import Employee
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to, returns_to

PER_PAGE = 20


@require_GET
@open_to(Role.EMPLOYEE)
def this_week(request: TenantRequest) -> HttpResponse:
    """The next question of my newest week, or its report; `?q=2` goes back to a question. A reminder of an earlier week
    leads here also when the retro has been switched off since: then it says so, and where one's weeks are."""
    if viewer(request).lacks(Feature.RETRO):
        return render(request, "feedback/retro_off.html", {"weeks_url": here(request, "feedback:retro_weeks")})
    return _page(request)


@require_POST
@returns_to("feedback:retro")
@open_to(Role.EMPLOYEE)
@part_of(Feature.RETRO)
def answer(request: TenantRequest, public_id: UUID) -> HttpResponse:
    retro = access.retro_to_answer(viewer(request), public_id)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, trouble=_("Choose one, the last one if none fits."), status=422)
    choice = form.cleaned_data
    try:
        actions.answer(retro=retro, **choice, now=timezone.now())
    except actions.NoSuchOption:
        return _page(request, trouble=_("Choose one, the last one if none fits."), status=422)
    except actions.TooLate:
        return _page(request, trouble=_too_late(retro, **choice), status=409)
    return redirect(here(request, "feedback:retro"))


@require_POST
@returns_to("feedback:retro")
@open_to(Role.EMPLOYEE)
@part_of(Feature.RETRO)
def skip(request: TenantRequest, public_id: UUID) -> HttpResponse:
    retro = access.retro_to_answer(viewer(request), public_id)
    try:
        actions.skip(retro=retro, now=timezone.now())
    except actions.TooLate:
        return _page(request, trouble=_too_late(retro), status=409)
    return redirect(here(request, "feedback:retro"))


@require_POST
@returns_to("feedback:retro")
@open_to(Role.EMPLOYEE)
def share(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Show the week to my manager."""
    who, me = viewer(request), person(request)
    retro = access.retro_to_answer(who, public_id)
    manager = queries.manager_to_share_with(me, who)
    if manager is None:
        return _page(request, trouble=_("Nobody is your manager at the moment."), status=409)
    try:
        actions.share(retro=retro, manager=manager, actor=me, now=timezone.now())
    except actions.AnswerFirst:
        return _page(request, trouble=_("There is nothing to show yet: the questions come first."), status=409)
    except actions.TooLate:
        return _page(request, trouble=_decided(), status=409)
    return redirect(here(request, "feedback:retro"))


@require_POST
@returns_to("feedback:retro")
@open_to(Role.EMPLOYEE)
def unshare(request: TenantRequest, public_id: UUID) -> HttpResponse:
    retro = access.retro_to_answer(viewer(request), public_id)
    try:
        actions.unshare(retro=retro, actor=person(request), now=timezone.now())
    except actions.TooLate:
        return _page(request, trouble=_decided(), status=409)
    return redirect(here(request, "feedback:retro"))


@require_GET
@open_to(Role.EMPLOYEE)
def report(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """One week's report: my own, or one that was shown to me."""
    who = viewer(request)
    retro = access.retro_to_read(who, public_id)
    is_own = retro.person_id == who.employee_id
    week = queries.seen(retro, now=timezone.now(), least=request.seat.min_group_size)
    context = {
        "report": retro_cards.report_card(request, week, is_own=is_own),
        "name": "" if is_own else retro.person.name,
        "list_url": here(request, "feedback:retro_weeks" if is_own else "feedback:retro_team"),
    }
    return render(request, "feedback/retro_report.html", context)


@require_GET
@open_to(Role.EMPLOYEE)
def weeks(request: TenantRequest) -> HttpResponse:
    """My weeks, the newest first."""
    me, now = person(request), timezone.now()
    page = Paginator(queries.weeks_of(me), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "weeks": [retro_cards.history_row(request, queries.listed(retro, now=now)) for retro in page.object_list],
        "page": page,
        "missed": queries.weeks_not_held(now),
        "retro_url": here(request, "feedback:retro"),
    }
    return render(request, "feedback/retro_weeks.html", context)


@require_GET
@open_to(Role.MANAGER)
def team(request: TenantRequest) -> HttpResponse:
    """What my people chose to show me."""
    now = timezone.now()
    page = Paginator(queries.shared_with(viewer(request)), PER_PAGE).get_page(request.GET.get("page"))
    shown = [retro_cards.shared_row(request, queries.listed(retro, now=now)) for retro in page.object_list]
    return render(request, "feedback/retro_team.html", {"shared": shown, "page": page})


@require_GET
@open_to(Role.HRBP, Role.ADMIN)
def responses(request: TenantRequest) -> HttpResponse:
    """How many answered, of groups large enough to say so; no answer of anybody."""
    page = Paginator(queries.responses(viewer(request)), PER_PAGE).get_page(request.GET.get("page"))
    rows = [retro_cards.response_row(response) for response in page.object_list]
    return render(
        request, "feedback/retro_responses.html", {"rows": rows, "page": page, "least": request.seat.min_group_size}
    )


def _page(request: TenantRequest, *, trouble: str = "", status: int = 200) -> HttpResponse:
    who, me, now = viewer(request), person(request), timezone.now()
    week = queries.newest(me, now=now, least=request.seat.min_group_size)
    missed = queries.weeks_not_held(now)
    context: dict[str, Any] = {
        "trouble": trouble,
        "missed_on": missed[0] if queries.was_missed(week, missed) else None,
        "weeks_url": here(request, "feedback:retro_weeks"),
        "week_url": here(request, "dashboards:week"),
    }
    if week is not None:
        context |= _of_week(request, week, who, me)
    return render(request, "feedback/retro.html", context, status=status)


def _of_week(request: TenantRequest, week: queries.OwnWeek, who: Viewer, me: Employee) -> dict[str, Any]:
    back_to = _asked_for(request, week)
    shows_question = week.is_open and (week.waits or back_to is not None)
    manager = queries.manager_to_share_with(me, who) if week.is_open and week.retro.answered_at else None
    return {
        "title": retro_cards.week_title(week.retro.week.monday),
        "question": retro_cards.question_card(request, week, back_to) if shows_question else None,
        "report": retro_cards.report_card(request, week, is_own=True, manager=manager)
        if week.retro.answered_at and not shows_question
        else None,
        "is_open": week.is_open,
        "is_skipped": week.retro.skipped_at is not None,
    }


def _asked_for(request: TenantRequest, week: queries.OwnWeek) -> int | None:
    """The place of the question that the address names."""
    wanted = request.GET.get("q", "")
    places = {str(place + 1): place for place in range(len(week.questions))}
    return places.get(wanted)


def _too_late(retro: Retro, ask: str = "", key: str = "") -> str:
    """Kind, and with the choice in it, so that it is not lost."""
    said = _(
        "This week closed on Monday at noon, so that came a little late. What you answered before stays; "
        "the next three questions come at the end of the week."
    )
    chosen = queries.option_of(retro, ask, key)
    if chosen is None:
        return said
    return said + " " + _("You chose “%(answer)s”.") % {"answer": retro_wording.option_text(chosen)}


def _decided() -> str:
    return _("The week is closed, so who reads it stays as you chose.")

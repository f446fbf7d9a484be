"""Gripe day: what in the process should change, said with or without a name (product.md §6.4).

Pages of whoever suggests or votes name nobody in the log. Nothing is said to the browser after a vote or an unnamed
suggestion that a row on our side would have to hold.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import resolve
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from feedback import gripe_access as access
from feedback.actions import gripe_days, gripes
from feedback.gripe_access import Keepers
from feedback.gripe_forms import (
    FEW_DAYS,
    UNNAMED,
    AdoptForm,
    DeclineForm,
    GripeDayForm,
    GripeSettingsForm,
    JoinForm,
    SuggestForm,
)
from feedback.gripes import VOTES_AFTER, Area
from feedback.models import Gripe, GripeDay, GripeState
from feedback.queries import gripes as queries
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import Viewer, person, viewer
from perfsys.people.actions import StaleVersion
from perfsys.people.attempts import may_gripe
from perfsys.people.cookies import back_to
from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import TenantRequest, here, names_nobody, open_to, returns_to, rule_of

PER_PAGE = 20
NAMED = 5
# Where each part of the process is set.
PLACES = {
    Area.GOALS: "goals:settings",
    Area.PERIODS: "goals:periods",
    Area.TEMPLATES: "goals:templates",
    Area.ADJUSTMENTS: "goals:adjustment_settings",
    Area.FEEDBACK: "feedback:settings",
    Area.TAGS: "lexicon:tags",
    Area.LANGUAGE: "lexicon:entries",
    Area.RETRO: "people:features",
    Area.INTERVIEWS: "people:features",
    Area.DATA: "integrations:list",
    Area.ROLES: "people:roles",
    Area.GRIPES: "feedback:gripe_settings",
}


@require_GET
@names_nobody
@open_to(*EVERYONE)
def listed(request: TenantRequest) -> HttpResponse:
    """`?day=` one that has been, `&area=` a part of the process. Most votes first."""
    who = viewer(request)
    days = queries.days_until(who.on)
    asked = request.GET.get("day", "")
    day = next((one for one in days if str(one.public_id) == asked), days[0] if days else None)
    area = request.GET.get("area", "")
    area = area if area in Area.values else ""
    page = Paginator(queries.ranked(day, area=area) if day else [], PER_PAGE).get_page(request.GET.get("page"))
    rows = queries.listed(who.employee, list(page.object_list))
    is_open = day is not None and day.is_open(who.on)
    context = {
        "day": _day(day) if day else None,
        "is_open": is_open,
        "is_earlier": day is not None and day != days[0],
        "votes_until": day.ends_on + VOTES_AFTER if day and day.takes_votes(who.on) else None,
        "next": _day(coming) if not is_open and (coming := queries.next_day(who.on)) else None,
        "cards": [_card(request, who, row) for row in rows],
        "page": page,
        "area": area,
        "areas": Area.choices,
        "earlier": [_day(one) | {"public_id": one.public_id} for one in days if one != day],
        "new_url": here(request, "feedback:gripe_new") if is_open and who.employee else "",
        "changes_url": here(request, "feedback:gripe_changes"),
        "settings_url": here(request, "feedback:gripe_settings") if who.has(Role.ADMIN) else "",
    }
    return render(request, "feedback/gripes.html", context)


@require_http_methods(["GET", "POST"])
@names_nobody
@open_to(Role.EMPLOYEE)
def new(request: TenantRequest) -> HttpResponse:
    who = viewer(request)
    if not may_gripe(request.seat.membership_id):
        return render(request, "429.html", status=429)
    day = queries.open_day(who.on)
    allowed = queries.unnamed_allowed(request.seat.min_group_size)
    form = SuggestForm(request.POST if request.method == "POST" else None, unnamed_allowed=allowed)
    if day is None:
        return _suggest_page(request, form, None, allowed=allowed, status=409 if form.is_bound else 200)
    if form.is_valid():
        data = dict(form.cleaned_data)
        if data.pop("name") == UNNAMED:
            gripes.suggest_unnamed(day=day, on=who.on, **data)
            messages.success(request, _("Sent, without a name. It is on the list when gripe day is over."))
            return redirect(here(request, "feedback:gripes"))
        made = gripes.suggest(day=day, author=person(request), now=timezone.now(), **data)
        messages.success(request, _("It is on the list, with your name."))
        url = here(request, "feedback:gripe", public_id=made.public_id) if made else here(request, "feedback:gripes")
        return redirect(url)
    return _suggest_page(request, form, day, allowed=allowed, status=422 if form.is_bound else 200)


@require_GET
@names_nobody
@open_to(*EVERYONE)
def one(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = access.gripe_to_read(public_id)
    if found.joined_with is not None and not viewer(request).has(*access.KEEPERS):
        return redirect(here(request, "feedback:gripe", public_id=found.joined_with.public_id))
    return _page(request, found)


@require_POST
@names_nobody
@open_to(Role.EMPLOYEE)
def vote(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = access.gripe_to_read(public_id)
    try:
        gripes.vote(gripe=found, voter=person(request), on=viewer(request).on)
    except gripes.NotOpen:
        return _page(request, found, trouble=_("The vote on this one is over. Your view still counts: tell HR."))
    return redirect(back_to(request, here(request, "feedback:gripe", public_id=public_id)))


@require_POST
@names_nobody
@open_to(Role.EMPLOYEE)
def unvote(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = access.gripe_to_read(public_id)
    try:
        gripes.unvote(gripe=found, voter=person(request), on=viewer(request).on)
    except gripes.NotOpen:
        return _page(request, found, trouble=_("The vote on this one is over, so it stays as it is."))
    return redirect(back_to(request, here(request, "feedback:gripe", public_id=public_id)))


@require_POST
@open_to(Role.EMPLOYEE)
def withdraw(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = access.gripe_to_withdraw(viewer(request), public_id)
    try:
        gripes.withdraw(gripe=found, actor=person(request), now=timezone.now())
    except gripes.HasVotes:
        return _page(request, found, trouble=_("Colleagues are for it by now, so it stays."))
    except gripes.AlreadyAnswered:
        return _page(request, found, trouble=_("It is answered or joined with another by now, so it stays."))
    messages.success(request, _("Taken back. Nothing of it is left."))
    return redirect(here(request, "feedback:gripes"))


@require_POST
@open_to(*access.KEEPERS)
def adopt(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Then on to the setting concerned, where one may open it; else whoever looks after it is led there."""
    who, found = viewer(request), access.gripe_to_read(public_id)
    form = AdoptForm(request.POST, who=_who_keeps(request, found), me=who.employee, version=found.version)
    if not form.is_valid():
        return _page(request, found, adopt=form, status=422)
    try:
        decided = gripes.adopt(gripe=found, actor=who.employee, now=timezone.now(), **form.cleaned_data)
    except (StaleVersion, gripes.AlreadyAnswered):
        return _meanwhile(request, found, form)
    place = _place(request, decided)
    if place["url"]:
        messages.success(
            request, _("On the change list. This is where it is set: “%(title)s”") % {"title": found.title}
        )
        return redirect(place["url"])
    owner = form.cleaned_data["owner"]
    if owner in form.who.setters:
        messages.success(request, _("On the change list. %(name)s is told, and can set it.") % {"name": owner.name})
    else:
        messages.success(request, _("On the change list, with today’s date."))
    return redirect(here(request, "feedback:gripe", public_id=public_id))


@require_POST
@open_to(*access.KEEPERS)
def decline(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who, found = viewer(request), access.gripe_to_read(public_id)
    form = DeclineForm(request.POST, of=found)
    if not form.is_valid():
        return _page(request, found, decline=form, status=422)
    try:
        gripes.decline(gripe=found, actor=who.employee, now=timezone.now(), **form.cleaned_data)
    except (StaleVersion, gripes.AlreadyAnswered):
        return _meanwhile(request, found, form)
    messages.success(request, _("Answered. The reason stands on the list."))
    return redirect(here(request, "feedback:gripe", public_id=public_id))


@require_POST
@open_to(*access.KEEPERS)
def join(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who, found = viewer(request), access.gripe_to_read(public_id)
    form = JoinForm(request.POST, others=queries.joinable(found))
    if not form.is_valid():
        return _page(request, found, join=form, status=422)
    to = form.cleaned_data["to"]
    try:
        gripes.join(gripe=found, to=to, actor=who.employee, now=timezone.now())
    except gripes.NotTheSame:
        return _page(request, found, trouble=_("One of the two is answered or joined by now. Look at them again."))
    messages.success(request, _("Joined: whoever voted for both counts once."))
    return redirect(here(request, "feedback:gripe", public_id=to.public_id))


@require_POST
@open_to(*access.KEEPERS)
def reopen(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = access.gripe_to_read(public_id)
    gripes.reopen(gripe=found, actor=viewer(request).employee, now=timezone.now())
    messages.success(request, _("It is open again."))
    return redirect(here(request, "feedback:gripe", public_id=public_id))


@require_GET
@names_nobody
@open_to(*EVERYONE)
def changes(request: TenantRequest) -> HttpResponse:
    """What became of gripe days: what was taken up, when, and who looks after it."""
    page = Paginator(queries.changes(), PER_PAGE).get_page(request.GET.get("page"))
    rows = [
        {
            "title": gripe.title,
            "url": here(request, "feedback:gripe", public_id=gripe.public_id),
            "area": gripe.get_area_display(),
            "answer": gripe.answer,
            "on": gripe.decided_on,
            "owner": gripe.owner.name if gripe.owner else "",
            "thanks": gripe.author.name if gripe.author else "",
        }
        for gripe in page.object_list
    ]
    context = {"rows": rows, "page": page, "gripes_url": here(request, "feedback:gripes")}
    return render(request, "feedback/gripe_changes.html", context)


@require_http_methods(["GET", "POST"])
@open_to(Role.ADMIN)
def settings(request: TenantRequest) -> HttpResponse:
    found = access.gripe_settings()
    form = GripeSettingsForm(request.POST if request.method == "POST" else None, of=found)
    if form.is_valid():
        actor, now = viewer(request).employee, timezone.now()
        try:
            gripe_days.change_settings(actor=actor, now=now, **form.cleaned_data)
        except StaleVersion:
            return changed_meanwhile(request, [form], url=request.path, version=found.version)
        messages.success(request, _("Saved."))
        return redirect(request.path)
    return _settings_page(request, form)


@require_POST
@returns_to("feedback:gripe_settings")
@open_to(Role.ADMIN)
def move_day(request: TenantRequest, public_id: UUID) -> HttpResponse:
    day = access.gripe_day_to_move(public_id)
    form = GripeDayForm(request.POST, of=day)
    url = here(request, "feedback:gripe_settings")
    if form.is_valid():
        version = form.cleaned_data["version"]
        try:
            gripe_days.move_day(
                day=day, **form.days, version=version, actor=viewer(request).employee, now=timezone.now()
            )
        except StaleVersion:
            return changed_meanwhile(request, [form], url=url, version=day.version)
        except gripe_days.NotThoseDays:
            form.add_error(
                None,
                _(
                    "Choose days of this quarter from today on, at most 31 of them. Of a gripe day that has begun only "
                    "the last day can move."
                ),
            )
        except gripe_days.TooFewWorkDays:
            form.add_error("last_on", FEW_DAYS)
        else:
            messages.success(request, _("Saved. Everybody is told in time."))
            return redirect(url)
    return _settings_page(request, GripeSettingsForm(of=access.gripe_settings()), moved=(day, form))


# --- the pages --------------------------------------------------------------------------------------------------------


def _suggest_page(
    request: TenantRequest, form: SuggestForm, day: GripeDay | None, *, allowed: bool, status: int
) -> HttpResponse:
    context = {
        "form": form,
        "day": _day(day) if day else None,
        "allowed": allowed,
        "least": request.seat.min_group_size,
        "list_url": here(request, "feedback:gripes"),
    }
    return render(request, "feedback/gripe_new.html", context, status=status)


def _page(
    request: TenantRequest, gripe: Gripe, *, trouble: str = "", status: int = 0, **bound: BaseForm
) -> HttpResponse:
    who = viewer(request)
    row = queries.one(who.employee, gripe)
    is_keeper, is_head = who.has(*access.KEEPERS), gripe.joined_with_id is None
    is_open = gripe.state == GripeState.OPEN

    def url(name: str) -> str:
        return here(request, f"feedback:gripe_{name}", public_id=gripe.public_id)

    context: dict[str, Any] = {
        "card": _card(request, who, row),
        "trouble": trouble,
        "list_url": here(request, "feedback:gripes"),
        "joined": [
            {
                "title": other.title,
                "text": other.text,
                "name": _name(other),
                "reopen_url": here(request, "feedback:gripe_reopen", public_id=other.public_id)
                if is_keeper and is_open
                else "",
            }
            for other in row.joined
        ],
        "joined_with": gripe.joined_with.title if gripe.joined_with else "",
        "place": _place(request, gripe) if gripe.state == GripeState.ADOPTED and is_keeper else None,
        "setters": "",
    }
    is_mine = who.employee_id is not None and gripe.author_id == who.employee_id
    if is_mine and is_open and is_head and not row.joined:
        context["withdraw_url"] = url("withdraw")
    if is_keeper and is_open and is_head:
        others = queries.joinable(gripe)
        keeps = _who_keeps(request, gripe)
        adopting = bound.get("adopt") or AdoptForm(who=keeps, me=who.employee, version=gripe.version)
        is_for_others = keeps.setters and who.employee not in keeps.setters
        context |= {
            "adopt": {
                "form": adopting,
                "url": url("adopt"),
                "setters": _names(keeps) if is_for_others else "",
                "opens": bool(_place(request, gripe)["url"]),
            },
            "decline": {"form": bound.get("decline") or DeclineForm(of=gripe), "url": url("decline")},
            "join": {"form": bound.get("join") or JoinForm(others=others), "url": url("join")} if others else None,
        }
    elif is_keeper:
        context["reopen_url"] = url("reopen")
        if context["place"] and not context["place"]["url"]:
            context["setters"] = _names(_who_keeps(request, gripe))
    return render(request, "feedback/gripe.html", context, status=status or (409 if trouble else 200))


def _settings_page(
    request: TenantRequest, form: GripeSettingsForm, *, moved: tuple[GripeDay, GripeDayForm] | None = None
) -> HttpResponse:
    days = [
        {
            **_day(day),
            "form": moved[1] if moved and moved[0] == day else GripeDayForm(of=day),
            "url": here(request, "feedback:gripe_move_day", public_id=day.public_id),
            "has_begun": day.starts_on <= viewer(request).on,
        }
        for day in queries.days_to_set(viewer(request).on)
    ]
    context = {
        "form": form,
        "days": days,
        "url": here(request, "feedback:gripe_settings"),
        "list_url": here(request, "feedback:gripes"),
    }
    return render(request, "feedback/gripe_settings.html", context, status=422 if form.errors or moved else 200)


def _meanwhile(request: TenantRequest, gripe: Gripe, form: BaseForm) -> HttpResponse:
    return changed_meanwhile(request, [form], url=here(request, "feedback:gripe", public_id=gripe.public_id))


def _day(day: GripeDay) -> dict[str, Any]:
    return {"first": day.starts_on, "last": day.days.last_on}


def _name(gripe: Gripe) -> str:
    return gripe.author.name if gripe.author else ""


def _card(request: TenantRequest, who: Viewer, row: queries.Listed) -> dict[str, Any]:
    gripe = row.gripe
    votes = who.employee is not None and gripe.state == GripeState.OPEN and gripe.joined_with_id is None
    can_vote = votes and gripe.day.takes_votes(who.on)
    name = "feedback:gripe_unvote" if row.is_mine else "feedback:gripe_vote"
    return {
        "public_id": gripe.public_id,
        "url": here(request, "feedback:gripe", public_id=gripe.public_id),
        "title": gripe.title,
        "text": gripe.text,
        "area": gripe.get_area_display(),
        "name": _name(gripe),
        "state": gripe.get_state_display(),
        "is_adopted": gripe.state == GripeState.ADOPTED,
        "is_declined": gripe.state == GripeState.DECLINED,
        "answer": gripe.answer,
        "on": gripe.decided_on,
        "owner": gripe.owner.name if gripe.owner else "",
        "votes": row.votes,
        "is_mine": row.is_mine,
        "joined": len(row.joined),
        "vote_url": here(request, name, public_id=gripe.public_id) if can_vote else "",
    }


def _place(request: TenantRequest, gripe: Gripe) -> dict[str, Any]:
    """The page where it is set; without an address for whoever may not open that, or where there is none."""
    name = PLACES.get(Area(gripe.area), "")
    may = bool(name) and bool(_roles_that_set(request, name) & request.seat.roles)
    return {"url": here(request, name) if may else "", "is_set": bool(name)}


def _who_keeps(request: TenantRequest, gripe: Gripe) -> Keepers:
    name = PLACES.get(Area(gripe.area), "")
    return access.who_keeps(_roles_that_set(request, name) if name else frozenset())


def _roles_that_set(request: TenantRequest, name: str) -> frozenset[str]:
    match = resolve(here(request, name))
    return frozenset(rule_of(match.func, match.view_name) or ())


def _names(keeps: Keepers) -> str:
    """A few of those who can set it: in a large company there are more of them than anybody reads."""
    return _(", ").join(one.name for one in keeps.setters[:NAMED])

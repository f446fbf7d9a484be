"""Asking colleagues for feedback, and what they make of it (product.md §3.6)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from feedback import access, forms
from feedback.actions import request as actions
from feedback.actions.feedback import key_of_other_words
from feedback.models import RequestRecipient, RequestState
from feedback.queries import exchange
from feedback.queries import request as queries
from perfsys.people.access import Viewer, part_of, person, viewer
from perfsys.people.features import Feature
from perfsys.people.models import Employee
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to, returns_to


@require_GET
@open_to(Role.EMPLOYEE)
def requests(request: TenantRequest) -> HttpResponse:
    return _page(request, viewer(request))


@require_http_methods(["GET", "POST"])
@open_to(Role.EMPLOYEE)
@part_of(Feature.FEEDBACK)
def new(request: TenantRequest) -> HttpResponse:
    """`?to=` a colleague who is ticked already."""
    who, me = viewer(request), person(request)
    form = forms.RequestForm(who=who, initial={"people": request.GET.getlist("to")})
    if request.method == "POST":
        form = forms.RequestForm(request.POST, who=who)
        if form.is_valid():
            try:
                _ask(me, form.said)
            except actions.NobodyAsked:
                form.add_error("people", _("Choose somebody to ask."))
            except actions.RetryLater:
                form.add_error(None, _("That is 20 people in a day. Ask the others tomorrow; what you wrote stays."))
            else:
                messages.success(request, _("Sent. Who answers, and who would rather not, stands here."))
                return redirect(here(request, "feedback:requests"))
    ticked = {str(one) for one in form["people"].value() or ()}
    context = {
        "form": form,
        "faces": [
            {"public_id": one.public_id, "name": one.name, "checked": str(one.public_id) in ticked}
            for one in _faces(who, ticked)
        ],
        "goals": [
            {"public_id": goal.public_id, "title": goal.title, "checked": str(goal.public_id) == form["goal"].value()}
            for goal in exchange.goals_offered(who, None)
        ],
        "list_url": here(request, "feedback:list"),
    }
    return render(request, "feedback/ask.html", context, status=422 if form.errors else 200)


def _ask(asker: Employee, said: dict[str, Any]) -> None:
    """Whoever comes back to a form that was sent, and asks somebody else, something else, or after it was taken back,
    means another one. Raises NobodyAsked, RetryLater."""
    now = timezone.now()
    made = actions.ask(asker=asker, now=now, **said)
    if made.at == now or queries.says_the_same(made, asker, **said):
        return
    ids = sorted(one.pk for one in said["people"])
    words = (said["event"].strip(), said["question"].strip(), said["goal"] and said["goal"].pk, ids, made.withdrawn_at)
    actions.ask(asker=asker, now=now, **said | {"key": key_of_other_words(said["key"], *words)})


@require_POST
@returns_to("feedback:requests")
@open_to(Role.EMPLOYEE)
def decline(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    line = access.request_to_decline(who, public_id)
    form = forms.DeclineForm(request.POST)
    if not form.is_valid():
        return _page(request, who, refused={line.pk: form}, status=422)
    try:
        actions.decline(recipient=line, actor=person(request), now=timezone.now(), **form.cleaned_data)
    except actions.SettledAlready:
        messages.info(request, _("It was settled meanwhile."))
    else:
        messages.success(request, _("%(name)s reads your reason, nobody else.") % {"name": line.request.asker.name})
    return redirect(here(request, "feedback:requests"))


@require_POST
@returns_to("feedback:requests")
@open_to(Role.EMPLOYEE)
def withdraw(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = access.request_to_withdraw(viewer(request), public_id)
    actions.withdraw(request=found, now=timezone.now())
    messages.success(request, _("Taken back. Nobody is asked any more; what was answered stays."))
    return redirect(here(request, "feedback:requests"))


def shown_request(
    request: TenantRequest, asked: queries.Asked, form: forms.DeclineForm | None = None
) -> dict[str, Any]:
    """As templates/feedback/_request.html shows it to whoever was asked."""
    line, asking = asked.line, asked.line.request
    goal = f"&goal={asked.goal.public_id}" if asked.goal else ""
    return {
        "public_id": line.public_id,
        "name": asking.asker.name,
        "event": asking.event,
        "question": asking.question,
        "goal": asked.goal.title if asked.goal else "",
        "at": asking.at,
        "answer_url": f"{here(request, 'feedback:new')}?to={asking.asker.public_id}{goal}&request={line.public_id}",
        "decline_url": here(request, "feedback:decline", public_id=line.public_id),
        "form": form,
    }


def _page(
    request: TenantRequest, who: Viewer, *, refused: dict[int, forms.DeclineForm] | None = None, status: int = 200
) -> HttpResponse:
    me, forms_back = person(request), refused or {}
    context = {
        "now": timezone.now(),
        "asked": [
            shown_request(request, one, forms_back.get(one.line.pk)) for one in queries.waiting_requests(who, me)
        ],
        "sent": [_sent(request, one) for one in queries.sent_requests(me)],
        "ask_url": "" if who.lacks(Feature.FEEDBACK) else here(request, "feedback:new_request"),
        "list_url": here(request, "feedback:list"),
    }
    return render(request, "feedback/requests.html", context, status=status)


def _sent(request: TenantRequest, sent: queries.Sent) -> dict[str, Any]:
    asking = sent.request
    waits = any(line.state == RequestState.OPEN and line.person.status == Employee.Status.ACTIVE for line in sent.lines)
    return {
        "public_id": asking.public_id,
        "event": asking.event,
        "question": asking.question,
        "goal": asking.goal.title if asking.goal else "",
        "at": asking.at,
        "is_withdrawn": asking.withdrawn_at is not None,
        "lines": [_line(request, line, is_over=asking.withdrawn_at is not None) for line in sent.lines],
        "withdraw_url": here(request, "feedback:withdraw_request", public_id=asking.public_id)
        if waits and asking.withdrawn_at is None
        else "",
    }


def _line(request: TenantRequest, line: RequestRecipient, *, is_over: bool) -> dict[str, Any]:
    return {
        "name": line.person.name,
        "says": _says(line, is_over=is_over),
        "reason": line.reason,
        "url": here(request, "feedback:one", public_id=line.feedback.public_id) if line.feedback else "",
    }


def _says(line: RequestRecipient, *, is_over: bool) -> str:
    if line.state == RequestState.OPEN and is_over:
        return _("no longer asked")
    if line.state == RequestState.OPEN and line.person.status != Employee.Status.ACTIVE:
        return _("has left")
    return str(line.get_state_display())


def _faces(who: Viewer, ticked: set[str]) -> list[Any]:
    """Who may be asked: as for writing one, and who is ticked already."""
    found = [one for one, _why in exchange.suggested_receivers(who.employee, who.on)] if who.employee else []
    more = [one for one in access.receivers_among(who, ticked) if one not in found]
    return [*more, *found]

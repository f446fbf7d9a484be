"""A template for many people in one go, and its versions (product.md §2.12)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from perfsys.people.access import Viewer, viewer
from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access
from ..actions.periods import ensure_period
from ..actions.template_drafts import OfAnotherLayer, Started, start_for_people
from ..models import GoalTemplate, Layer
from ..queries.template_versions import changes, versions_of
from ..queries.templates import goals_of
from ..queries.writing import spans_to_write_in
from ..template_forms import PeopleForm
from .set_up import WRITE_FOR_MANY


@require_http_methods(["GET", "POST"])
@open_to(*WRITE_FOR_MANY)
def start_for(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Drafts for a whole department or for chosen people. Who has them already gets none again."""
    who = viewer(request)
    found = access.template_to_read(who, public_id)
    if found.layer != Layer.POSITION:
        raise PermissionDenied
    span, now = spans_to_write_in(who.on)[0], timezone.now()
    may_be = access.people_to_start(who)
    suggests = here(request, "people:suggestions") if who.has(Role.ADMIN) else ""
    if request.method == "GET":
        return _people_page(request, found, PeopleForm(people=may_be, on=who.on, suggests=suggests), span.title)
    form = PeopleForm(request.POST, people=may_be, on=who.on, suggests=suggests)
    if not form.is_valid():
        return _people_page(request, found, form, span.title, status=422)
    period = ensure_period(starts_on=span.starts_on, ends_on=span.ends_on, actor=who.employee, now=now)
    chosen = form.cleaned_data["chosen"]
    try:
        started = start_for_people(template=found, people=chosen, period=period, actor=who.employee, now=now)
    except OfAnotherLayer:
        raise PermissionDenied from None
    messages.success(request, _told(started))
    return redirect(here(request, "goals:template", public_id=found.public_id))


def _told(started: Started) -> str:
    made = ngettext(
        "Drafts for %(people)d person: %(goals)d goals.",
        "Drafts for %(people)d people: %(goals)d goals.",
        started.owners,
    ) % {"people": started.owners, "goals": len(started.goals)}
    if not started.had_them:
        return made
    had = _("%(people)d had them already.") % {"people": started.had_them}
    return f"{made} {had}" if started.goals else had


def _people_page(
    request: TenantRequest, found: GoalTemplate, form: PeopleForm, period: str, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "template": found,
        "goals": goals_of(found),
        "span": period,
        "cancel_url": here(request, "goals:template", public_id=found.public_id),
        "templates_url": here(request, "goals:templates"),
    }
    return render(request, "goals/template_people.html", context, status=status)


@require_GET
@open_to(*EVERYONE)
def versions(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Each version with what it changed; goals keep the one they were made from."""
    who: Viewer = viewer(request)
    found = access.template_to_read(who, public_id)
    kept = versions_of(found)
    older: list[Any] = [*kept[1:], None]
    context = {
        "now": timezone.now(),
        "template": found,
        "versions": [
            {
                "number": one.number,
                "at": one.made_at,
                "name": one.made_by.name if one.made_by else "",
                "changes": changes(before, one) if before else [],
                "is_first": before is None,
            }
            for one, before in zip(kept, older, strict=True)
        ],
        "template_url": here(request, "goals:template", public_id=found.public_id),
        "templates_url": here(request, "goals:templates"),
    }
    return render(request, "goals/template_versions.html", context)

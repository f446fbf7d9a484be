"""Whom another system's records are about, and who that is here."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import viewer
from perfsys.people.models import Employee
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access
from ..actions import subject as actions
from ..actions.connection import StaleVersion
from ..forms.subject import LinkForm
from ..models import LinkedBy, SubjectLink
from ..queries import subject as queries
from . import one, parts

PER_PAGE = 50


@require_GET
@open_to(*access.KEEPERS)
def subjects(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """?kind= ?q="""
    connection, who = access.connection_to_keep(public_id), viewer(request)
    progress = queries.progress_of(connection)
    labels = queries.labels_of(connection)
    kind = request.GET.get("kind", "")
    kind = kind if kind in labels else ""
    typed = request.GET.get("q", "").strip()[:80]
    page = Paginator(queries.subjects_of(connection, who.on, kind=kind, typed=typed), PER_PAGE).get_page(
        request.GET.get("page")
    )
    shown: list[Any] = list(page.object_list)
    offered = queries.suggestions([row for row in shown if not row.links_held], who.on)
    own = parts.url(request, "subjects", connection)
    context = {
        **one.frame_of(request, connection, parts.SUBJECTS),
        "rows": [_row(request, row, offered.get(row.pk), labels) for row in shown],
        "page": page,
        "progress": progress,
        "typed": typed,
        "kind": kind,
        "kinds": [
            {"label": _("All"), "url": own, "current": not kind},
            *({"label": label, "url": f"{own}?kind={key}", "current": key == kind} for key, label in labels.items()),
        ]
        if len(labels) > 1
        else [],
        "is_declared": bool(labels),
        "accept_url": parts.url(request, "accept_subjects", connection)
        if any(each.unlinked for each in progress)
        else "",
        "text_url": parts.url(request, "settings", connection) + "?text=1#advanced",
    }
    return render(request, "integrations/subjects.html", context)


@require_POST
@open_to(*access.KEEPERS)
def accept(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """All suggestions of which nothing speaks against."""
    connection, who = access.connection_to_keep(public_id), viewer(request)
    number = actions.accept_sure_suggestions(connection=connection, on=who.on, actor=who.employee, now=timezone.now())
    if number:
        words = ngettext("%(number)d is linked now.", "%(number)d are linked now.", number)
        messages.success(request, words % {"number": number})
    else:
        messages.info(request, _("No suggestion is sure: look at each, and link by hand where there is none."))
    return redirect(parts.url(request, "subjects", connection))


@require_http_methods(["GET", "POST"])
@open_to(*access.KEEPERS)
def link(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Who it is, from when on; and who it has been."""
    subject, who = access.subject_to_link(public_id), viewer(request)
    connection = subject.connection
    posted = request.POST if request.method == "POST" else None
    form = LinkForm(posted, subject=subject)
    if posted is not None and form.is_valid():
        try:
            actions.link_subject(
                subject=subject,
                version=form.cleaned_data["version"],
                to=form.to(),
                starts_on=form.cleaned_data["starts_on"],
                how=form.cleaned_data["how"] or LinkedBy.HAND,
                actor=who.employee,
                now=timezone.now(),
            )
        except StaleVersion:
            return changed_meanwhile(request, [form], url=request.path)
        except actions.NeedsADay:
            form.add_error("starts_on", _("Somebody is linked already: say from which day the change holds."))
        except actions.LinkedAlready:
            form.add_error("to", _("That is how it stands already."))
        else:
            messages.success(request, _("Saved. Figures follow it from that day on."))
            return redirect(parts.url(request, "subjects", connection))
    context = {
        "form": form,
        "subject": subject,
        "kind": queries.labels_of(connection).get(subject.kind, subject.kind),
        "links": [_link_row(request, held) for held in queries.links_of(subject)],
        "connection": connection,
        "list_url": here(request, "integrations:list"),
        "back_url": parts.url(request, "subjects", connection),
        "now": timezone.now(),
    }
    return render(request, "integrations/subject.html", context, status=422 if posted is not None else 200)


@require_POST
@open_to(*access.KEEPERS)
def take_back(request: TenantRequest, public_id: UUID) -> HttpResponse:
    held = access.link_to_take_back(public_id)
    actions.take_back_link(link=held, actor=viewer(request).employee, now=timezone.now())
    messages.success(request, _("Taken back: it is as it was before."))
    return redirect(here(request, "integrations:subject", public_id=held.subject.public_id))


def _row(
    request: TenantRequest, subject: Any, offered: queries.Suggested | None, labels: dict[str, str]
) -> dict[str, Any]:
    links = [held for held in subject.links_held if held.ends_on is None] or subject.links_held
    return {
        "value": subject.value,
        "name": subject.name,
        "unit": subject.unit,
        "kind": labels.get(subject.kind, subject.kind),
        "records": subject.records,
        "first_on": subject.first_on,
        "is_ours": subject.of in queries.LINKED,
        "linked": _linked_name(links[0]) if links else "",
        "how": LinkedBy(links[0].how).label if links else "",
        "spans": len(subject.links_held),
        "url": here(request, "integrations:subject", public_id=subject.public_id),
        "version": subject.version,
        "offered": _offered(offered) if offered else None,
    }


def _offered(found: queries.Suggested) -> dict[str, Any]:
    who = found.who
    return {
        "name": who.name,
        "said": who.position if isinstance(who, Employee) else who.path,
        "typed": str(who) if isinstance(who, Employee) else who.path,
        "how": found.how,
        "how_said": LinkedBy(found.how).label,
        "is_sure": found.is_sure,
        "is_active": not isinstance(who, Employee) or who.is_active,
    }


def _linked_name(held: SubjectLink) -> str:
    return held.employee.name if held.employee else held.unit.path if held.unit else ""


def _link_row(request: TenantRequest, held: SubjectLink) -> dict[str, Any]:
    return {
        "name": str(held.employee) if held.employee else _linked_name(held),
        "starts_on": held.starts_on,
        "ends_on": held.ends_on,
        "how": LinkedBy(held.how).label,
        "by": held.by.name if held.by else _("the system"),
        "at": held.at,
        "take_back_url": here(request, "integrations:take_back_link", public_id=held.public_id),
    }

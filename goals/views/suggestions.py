"""The suggestion library, for administrators and HR partners (product.md §2.8)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goals import access
from goals.actions import suggestions as actions
from goals.actions.goal import StaleVersion
from goals.models import Kind
from goals.queries.suggestions import library
from goals.suggestion_forms import SuggestionForm, initial_of
from goals.suggestions import LACKS, Missing, Suggestion
from goals.writing_forms import KINDS
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import viewer
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

KEEPERS = (Role.ADMIN, Role.HRBP)
KIND_NAMES = dict(KINDS)
TOO_FEW = gettext_lazy("Every goal is offered three: add another one that fits anywhere first.")


@require_GET
@open_to(*KEEPERS)
def suggestions(request: TenantRequest) -> HttpResponse:
    """All there are, what is switched off too; ?q= are words in them."""
    asked = request.GET.get("q", "").strip().lower()[:80]
    listed = [one for one in library() if asked in f"{one.zh} {one.en} {' '.join(one.families)}".lower()]
    context = {
        "rows": [_row(request, one) for one in listed],
        "asked": asked,
        "url": here(request, "goals:suggestions"),
        "new_url": here(request, "goals:new_suggestion"),
    }
    return render(request, "goals/suggestions.html", context)


@require_http_methods(["GET", "POST"])
@open_to(*KEEPERS)
def new_suggestion(request: TenantRequest) -> HttpResponse:
    form = SuggestionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        actions.add_suggestion(words=form.words, actor=viewer(request).employee, now=timezone.now())
        messages.success(request, _("It is offered from now on, where it fits."))
        return redirect(here(request, "goals:suggestions"))
    return _form_page(request, form)


@require_http_methods(["GET", "POST"])
@open_to(*KEEPERS)
def edit_suggestion(request: TenantRequest, code: str) -> HttpResponse:
    one, kept = access.suggestion_to_edit(viewer(request), code)
    if request.method == "GET":
        return _form_page(request, SuggestionForm(initial=initial_of(one, kept)), one)
    form = SuggestionForm(request.POST)
    if form.is_valid():
        try:
            actions.change_suggestion(
                suggestion=one,
                version=form.cleaned_data["version"] or 0,
                words=form.words,
                actor=viewer(request).employee,
                now=timezone.now(),
            )
        except StaleVersion:
            version = kept.version if kept else 0
            return changed_meanwhile(request, [form], url=request.path, version=version)
        except actions.TooFewLeft:
            form.add_error(None, TOO_FEW)
        else:
            messages.success(request, _("Saved. Goals are offered it as it reads now."))
            return redirect(here(request, "goals:suggestions"))
    return _form_page(request, form, one)


@require_POST
@open_to(*KEEPERS)
def switch_suggestion(request: TenantRequest, code: str) -> HttpResponse:
    """On, or with `off` no longer offered."""
    one, _kept = access.suggestion_to_edit(viewer(request), code)
    is_offered = "off" not in request.POST
    try:
        actions.switch_suggestion(
            suggestion=one, is_offered=is_offered, actor=viewer(request).employee, now=timezone.now()
        )
    except actions.TooFewLeft:
        messages.error(request, TOO_FEW)
    else:
        messages.success(request, _("It is offered again.") if is_offered else _("It is no longer offered."))
    return redirect(here(request, "goals:suggestions"))


def _row(request: TenantRequest, one: Suggestion) -> dict[str, Any]:
    lacks = LACKS[Missing(one.missing)] if one.missing else ""
    kinds = [str(KIND_NAMES[Kind(kind)]) for kind in sorted(one.kinds)]
    return {
        "text": one.text,
        "lacks": lacks,
        "families": one.families_told[:4],
        "kinds": kinds,
        "is_offered": one.is_offered,
        "edit_url": here(request, "goals:edit_suggestion", code=one.code),
        "switch_url": here(request, "goals:switch_suggestion", code=one.code),
    }


def _form_page(request: TenantRequest, form: SuggestionForm, one: Suggestion | None = None) -> HttpResponse:
    context = {
        "form": form,
        "suggestion": one,
        "cancel_url": here(request, "goals:suggestions"),
    }
    return render(request, "goals/suggestion_form.html", context, status=422 if form.errors else 200)

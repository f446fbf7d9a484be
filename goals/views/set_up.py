"""What goals start from: templates, for administrators and HR partners; bounds and obstacles, for administrators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.forms import BaseFormSet, Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfsys.common.kept import changed_meanwhile
from perfsys.common.pace import too_often
from perfsys.people.access import Viewer, viewer
from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access, template_forms, writing_forms
from ..actions import settings as settings_actions
from ..actions import templates as actions
from ..actions.goal import StaleVersion
from ..actions.periods import ensure_period
from ..actions.template_drafts import OfAnotherLayer, start_for_many
from ..extras import ExtraField
from ..gallery import GalleryTemplate, gallery_template
from ..models import BusinessLine, GoalTemplate, Layer
from ..queries import templates as queries
from ..queries.extras import fields_shown
from ..queries.settings import cause_rows, causes_offered, goal_settings
from ..queries.writing import spans_to_write_in
from ..template_preview import preview_of
from .writing import ForWhom, for_whom, nearest

PER_PAGE = 50
OWN_UNITS_SHOWN = 50
MOST_CAUSES = 200
MOST_OWN_WORDS = 20
KEEPERS = (Role.ADMIN, Role.HRBP)
WRITE_FOR_MANY = (Role.ADMIN, Role.HRBP, Role.MANAGER)
MORE_GOALS, MOVE = "more", "move"
PREVIEWS_A_MINUTE = 90  # typing without a pause asks fifty times


# --- templates --------------------------------------------------------------------------------------------------------


@require_GET
@open_to(*EVERYONE)
def templates(request: TenantRequest) -> HttpResponse:
    """What there is to start from: the company's, and those of one's units. ?layer= narrows it to what is written."""
    who = viewer(request)
    asked = {name: request.GET[name] for name in ("owner", "unit", "layer") if request.GET.get(name)}
    found = queries.listed(access.visible_templates(who))
    if asked.get("layer") in Layer.values:
        found = found.filter(layer=asked["layer"])
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    keeps = who.has(*KEEPERS)
    carried = request.GET.urlencode() if asked else ""
    rows = [
        {
            "title": template.name,
            "url": _url(request, "goals:template", template, carried),
            "layer_name": template.get_layer_display(),
            "line_name": template.get_line_display(),
            "unit_name": template.unit.path if template.unit else "",
            "size": template.size,
            "copy_url": _url(request, "goals:copy_template", template) if keeps else "",
        }
        for template in page.object_list
    ]
    context = {
        "templates": rows,
        "page": page if page.has_other_pages() else None,
        "can_edit": keeps,
        "ready_made": [
            {
                "template": one,
                "line_name": BusinessLine(one.line).label,
                "layer_name": Layer(one.layer).label,
                "url": here(request, "goals:take_template", key=one.key),
            }
            for one in queries.ready_made(access.visible_templates(who))
        ]
        if keeps
        else [],
        "new_url": here(request, "goals:new_template") if keeps else "",
        "start_url": here(request, "goals:start") if who.has(Role.ADMIN) else "",
    }
    return render(request, "goals/templates.html", context)


@require_GET
@open_to(*EVERYONE)
def template(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """One template, and the ways from it: a goal from one of its lines, drafts of all, a copy, a change."""
    who = viewer(request)
    found = access.template_to_read(who, public_id)
    whose = _starter(request, who, found)
    keeps = access.may_keep_template(who, found)
    goals = [
        {
            "said": queries.told(goal),
            "url": whose.url(request, "goals:new", line=str(goal.public_id)) if whose else "",
        }
        for goal in queries.goals_of(found)
    ]
    context = {
        "template": found,
        "goals": goals,
        "owner_name": whose.name if whose and not whose.is_own else "",
        "use_url": _url(request, "goals:use_template", found, whose.asked) if whose and goals else "",
        "edit_url": _url(request, "goals:edit_template", found) if keeps else "",
        "copy_url": _url(request, "goals:copy_template", found) if who.has(*KEEPERS) else "",
        "drop_url": _url(request, "goals:drop_template", found) if keeps else "",
        "people_url": _url(request, "goals:start_for_people", found)
        if found.layer == Layer.POSITION and goals and who.has(*WRITE_FOR_MANY)
        else "",
        "fields": fields_shown(found.fields),
        "version": found.version,
        "versions_url": _url(request, "goals:template_versions", found),
        "steps_url": here(request, "goals:adjustment_settings") if who.has(Role.ADMIN) else "",
        "templates_url": here(request, "goals:templates"),
    }
    return render(request, "goals/template.html", context)


@require_POST
@open_to(*EVERYONE)
def use_template(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Drafts of all its goals for one owner; then to the page that says what each still needs."""
    who = viewer(request)
    found = access.template_to_read(who, public_id)
    whose = for_whom(request, who)
    span, now = spans_to_write_in(who.on)[0], timezone.now()
    period = ensure_period(starts_on=span.starts_on, ends_on=span.ends_on, actor=who.employee, now=now)
    try:
        started = start_for_many(template=found, places=[whose.place], period=period, actor=who.employee, now=now)
    except OfAnotherLayer:
        raise PermissionDenied from None
    if started.goals:
        messages.success(request, _("The drafts are there. Say for each what it supports and what may get in the way."))
    return redirect(whose.url(request, "goals:publish", period=period.name))


Keep = Callable[
    [writing_forms.TemplateForm, list[actions.TemplateGoalWords], list[ExtraField]],
    GoalTemplate,
]


@dataclass(frozen=True)
class TemplateLines:
    """The lists of a template's form: its goals, and what it asks beside."""

    goals: BaseFormSet[Any]
    fields: BaseFormSet[Any]

    @classmethod
    def new(cls) -> TemplateLines:
        return cls(writing_forms.template_goals(extra=3), template_forms.extra_fields())

    @classmethod
    def of(cls, found: GoalTemplate) -> TemplateLines:
        goals = [writing_forms.initial_of_line(goal) for goal in queries.goals_of(found)]
        fields = template_forms.initial_of_fields(found.fields)
        return cls(writing_forms.template_goals(initial=goals), template_forms.extra_fields(initial=fields))

    @classmethod
    def sent(cls, data: Any) -> TemplateLines:
        return cls(writing_forms.template_goals(data), template_forms.extra_fields(data))

    @classmethod
    def moved(cls, data: Any, move: str) -> TemplateLines:
        """All as sent, one of them in another place."""
        return cls(writing_forms.moved_template_goals(data, move), template_forms.more_extra_fields(data, move))

    @classmethod
    def more(cls, data: Any) -> TemplateLines:
        """All as sent, and a line more of what was asked for."""
        return cls(writing_forms.more_template_goals(data), template_forms.more_extra_fields(data))

    def are_valid(self, form: writing_forms.TemplateForm) -> bool:
        """All are asked, so that one answer names all there is to mend."""
        found = [form.is_valid(), self.goals.is_valid(), self.fields.is_valid()]
        if not found[1]:
            told = self.goals.non_form_errors() or [_("A goal of the template needs another look; it says what below.")]
            form.add_error(None, list(told))
        if not found[2]:
            form.add_error(None, _("An extra field needs another look; it says what below."))
        return all(found)


@require_http_methods(["GET", "POST"])
@open_to(*KEEPERS)
def new_template(request: TenantRequest) -> HttpResponse:
    who = viewer(request)
    offers = _offers(request)
    if request.method == "GET":
        return _template_page(request, who, writing_forms.TemplateForm(**offers), TemplateLines.new())

    def keep(
        form: writing_forms.TemplateForm, goals: list[actions.TemplateGoalWords], fields: list[ExtraField]
    ) -> GoalTemplate:
        return actions.write_template(
            words=form.words(),
            goals=goals,
            fields=fields,
            unit=form.cleaned_data["unit"],
            actor=who.employee,
            now=timezone.now(),
        )

    return _save_template(request, who, offers, keep)


@require_http_methods(["GET", "POST"])
@open_to(*KEEPERS)
def edit_template(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.template_to_edit(who, public_id)
    if request.method == "GET":
        form = writing_forms.TemplateForm(units=None, initial=writing_forms.initial_of_template(found))
        return _template_page(request, who, form, TemplateLines.of(found), found)

    def keep(
        form: writing_forms.TemplateForm, goals: list[actions.TemplateGoalWords], fields: list[ExtraField]
    ) -> GoalTemplate:
        return actions.edit_template(
            template=found,
            version=form.cleaned_data["version"] or 0,
            words=form.words(),
            goals=goals,
            fields=fields,
            actor=who.employee,
            now=timezone.now(),
        )

    return _save_template(request, who, {"units": None}, keep, found)


@require_http_methods(["GET", "POST"])
@open_to(*KEEPERS)
def copy_template(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """A template of its own for one department; whoever looks after the department may take any he reads."""
    who = viewer(request)
    found = access.template_to_read(who, public_id)
    offers = _offers(request) | {"whole": False}
    if request.method == "GET":
        form = writing_forms.CopyForm(initial={"name": found.name}, **offers)
        return _copy_page(request, who, found, form)
    form = writing_forms.CopyForm(request.POST, **offers)
    if form.is_valid():
        try:
            copy = actions.copy_template(template=found, **form.cleaned_data, actor=who.employee, now=timezone.now())
        except actions.NameTaken:
            form.add_error("name", _("This department has a template of that name. Choose another."))
        else:
            messages.success(request, _("The copy is there. What you change in it stays in this department."))
            return redirect(_url(request, "goals:template", copy))
    return _copy_page(request, who, found, form, status=422)


@require_http_methods(["GET", "POST"])
@open_to(*KEEPERS)
def take_template(request: TenantRequest, key: str) -> HttpResponse:
    """A ready-made template for the company or, for an HR partner, one of his units."""
    who = viewer(request)
    ready = gallery_template(key)
    if ready is None:
        raise Http404
    if request.method == "GET":
        return _take_page(request, who, ready, writing_forms.CopyForm(initial={"name": ready.name}, **_offers(request)))
    form = writing_forms.CopyForm(request.POST, **_offers(request))
    if form.is_valid():
        try:
            taken = actions.take_from_gallery(ready=ready, **form.cleaned_data, actor=who.employee, now=timezone.now())
        except actions.NameTaken:
            form.add_error("name", _("There is a template of that name. Choose another."))
        else:
            messages.success(request, _("It is yours now: change what does not fit."))
            return redirect(_url(request, "goals:template", taken))
    return _take_page(request, who, ready, form, status=422)


def _take_page(
    request: TenantRequest, who: Viewer, ready: GalleryTemplate, form: writing_forms.CopyForm, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "template": ready,
        "is_ready_made": True,
        "goals": [queries.told(goal) for goal in ready.goals],
        "fields": fields_shown([field.kept for field in ready.asked]),
        "units": _own_units(who),
        "cancel_url": here(request, "goals:templates"),
        "templates_url": here(request, "goals:templates"),
    }
    return render(request, "goals/template_copy.html", context, status=status)


@require_POST
@open_to(*KEEPERS)
def drop_template(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.template_to_edit(who, public_id)
    actions.drop_template(template=found, actor=who.employee, now=timezone.now())
    messages.success(request, _("The template is deleted. Goals written from it stay."))
    return redirect(here(request, "goals:templates"))


def _save_template(
    request: TenantRequest, who: Viewer, offers: dict[str, Any], keep: Keep, found: GoalTemplate | None = None
) -> HttpResponse:
    form = writing_forms.TemplateForm(request.POST, **offers)
    if MORE_GOALS in request.POST or MOVE in request.POST:
        move = request.POST.get(MOVE, "")
        form = writing_forms.TemplateForm(initial=writing_forms.unjudged(form), **offers)
        lines = TemplateLines.moved(request.POST, move) if move else TemplateLines.more(request.POST)
        return _template_page(request, who, form, lines, found)
    lines = TemplateLines.sent(request.POST)
    if lines.are_valid(form):
        try:
            kept = keep(form, writing_forms.template_goals_typed(lines.goals), template_forms.laid_down(lines.fields))
        except actions.NameTaken:
            form.add_error("name", _("There is a template of that name. Choose another."))
        except StaleVersion:
            version = found.version if found else None
            return changed_meanwhile(request, [form, *lines.goals, *lines.fields], url=request.path, version=version)
        else:
            messages.success(request, _("The template is saved."))
            return redirect(_url(request, "goals:template", kept))
    return _template_page(request, who, form, lines, found, status=422)


def _template_page(
    request: TenantRequest,
    who: Viewer,
    form: writing_forms.TemplateForm,
    lines: TemplateLines,
    found: GoalTemplate | None = None,
    status: int = 200,
) -> HttpResponse:
    days = goal_settings().stale_days
    reminders = [
        {
            "title": _("No sign of progress"),
            "says": _("after %(days)s days the owner is asked, then the manager and the HR partner") % {"days": days},
        },
        {"title": _("The goal above"), "says": _("named before it is published, and shown up to the company's goal")},
        {"title": _("Obstacles"), "says": _("one to three from the company's list, or in own words")},
    ]
    context = {
        "form": form,
        "goals": lines.goals,
        "fields": lines.fields,
        "template": found,
        "units": [] if found else _own_units(who),
        "reminders": reminders,
        **_preview(request, who, lines, str(form["layer"].value())),
        "cancel_url": _url(request, "goals:template", found) if found else here(request, "goals:templates"),
        "templates_url": here(request, "goals:templates"),
    }
    return render(request, "goals/template_form.html", context, status=status)


def _preview(request: TenantRequest, who: Viewer, lines: TemplateLines, layer: str) -> dict[str, Any]:
    chosen = request.POST.get("preview", "")
    return {
        "preview": preview_of(
            lines.goals,
            lines.fields,
            layer=layer,
            span=spans_to_write_in(who.on)[0],
            causes=causes_offered(),
            parents=access.public_goals().none(),
            chosen=int(chosen) if chosen.isdecimal() else 0,
        ),
        "preview_url": here(request, "goals:preview_template"),
        "now": timezone.now(),
    }


@require_POST
@open_to(*KEEPERS)
def preview_template(request: TenantRequest) -> HttpResponse:
    """Of what is typed into a template's form; nothing is kept. Asked too often, it stays silent: what stands beside
    the form stays there."""
    who = viewer(request)
    if too_often("preview", f"{who.seat.tenant_id}:{who.seat.membership_id}", most=PREVIEWS_A_MINUTE, seconds=60):
        return HttpResponse(status=204)
    shown = _preview(request, who, TemplateLines.sent(request.POST), request.POST.get("layer", ""))
    return render(request, "goals/_template_preview.html", shown)


def _copy_page(
    request: TenantRequest, who: Viewer, found: GoalTemplate, form: writing_forms.CopyForm, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "template": found,
        "units": _own_units(who),
        "cancel_url": _url(request, "goals:template", found),
        "templates_url": here(request, "goals:templates"),
    }
    return render(request, "goals/template_copy.html", context, status=status)


def _starter(request: TenantRequest, who: Viewer, found: GoalTemplate) -> ForWhom | None:
    """Whose goals are started from it: whom the address names, else the nearest the viewer may write for."""
    if any(request.GET.get(name) for name in ("owner", "unit")) or request.GET.get("layer") == Layer.COMPANY:
        asked = for_whom(request, who)
        return asked if asked.place.layer == found.layer else None
    return nearest(who, found.layer)


def _url(request: TenantRequest, name: str, found: GoalTemplate, query: str = "") -> str:
    return here(request, name, public_id=found.public_id) + (f"?{query}" if query else "")


def _own_units(who: Viewer) -> list[str]:
    """An HR partner's few units stand ready; an administrator's many are asked for while he types."""
    if who.has(Role.ADMIN):
        return []
    return [unit.path for unit in access.template_units(who).order_by("path")[:OWN_UNITS_SHOWN]]


def _offers(request: TenantRequest) -> dict[str, Any]:
    """For whom a template may be made: an administrator's are for all, or asked for by name."""
    who = viewer(request)
    is_admin = who.has(Role.ADMIN)
    suggests = here(request, "people:suggestions") if is_admin else ""
    return {"units": access.template_units(who), "suggests": suggests, "whole": is_admin}


# --- settings ---------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@open_to(Role.ADMIN)
def settings(request: TenantRequest) -> HttpResponse:
    """Bounds of the sets, days of the reminders; below them the list of obstacles."""
    if request.method == "GET":
        found = goal_settings()
        form = writing_forms.GoalSettingsForm(initial=writing_forms.initial_of_settings(found))
        return _settings_page(request, form=form)
    form = writing_forms.GoalSettingsForm(request.POST)

    def change(cleaned: dict[str, Any]) -> None:
        settings_actions.change_settings(**cleaned, actor=viewer(request).employee, now=timezone.now())

    return _save_setting(request, form, change, "form")


@require_POST
@open_to(Role.ADMIN)
def add_cause(request: TenantRequest) -> HttpResponse:
    def change(cleaned: dict[str, Any]) -> None:
        settings_actions.list_cause(name=cleaned["name"], actor=viewer(request).employee, now=timezone.now())

    return _save_setting(request, writing_forms.CauseForm(request.POST), change, "cause_form")


@require_POST
@open_to(Role.ADMIN)
def rename_cause(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    cause = access.cause_to_edit(who, public_id)

    def change(cleaned: dict[str, Any]) -> None:
        version = cleaned["version"] or 0
        settings_actions.rename_cause(
            cause=cause, name=cleaned["name"], version=version, actor=who.employee, now=timezone.now()
        )

    form = writing_forms.CauseForm(request.POST, auto_id=f"cause-{cause.pk}-%s")
    return _save_setting(request, form, change, str(cause.public_id))


@require_POST
@open_to(Role.ADMIN)
def retire_cause(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    cause = access.cause_to_edit(who, public_id)
    settings_actions.retire_cause(cause=cause, actor=who.employee, now=timezone.now())
    messages.success(request, _("It is no longer offered. Goals that name it keep it."))
    return redirect(here(request, "goals:settings"))


def _save_setting(
    request: TenantRequest, form: Form, change: Callable[[dict[str, Any]], None], name: str
) -> HttpResponse:
    """`name`: which of the page's forms comes back with what was typed."""
    if form.is_valid():
        try:
            change(form.cleaned_data)
        except StaleVersion:
            return changed_meanwhile(request, [form], url=here(request, "goals:settings"))
        except settings_actions.AlreadyListed:
            form.add_error("name", _("The list has it already."))
        else:
            messages.success(request, _("Saved."))
            return redirect(here(request, "goals:settings"))
    return _settings_page(request, status=422, **{name: form})


def _settings_page(request: TenantRequest, status: int = 200, **bound: Form) -> HttpResponse:
    form = bound.get("form") or writing_forms.GoalSettingsForm(
        initial=writing_forms.initial_of_settings(goal_settings())
    )
    causes = [
        {
            "title": row.cause.name,
            "used": row.used,
            "is_more": row.is_more,
            "key": row.cause.pk,
            "form": bound.get(str(row.cause.public_id))
            or writing_forms.CauseForm(
                initial={"name": row.cause.name, "version": row.cause.version}, auto_id=f"cause-{row.cause.pk}-%s"
            ),
            "rename_url": here(request, "goals:rename_cause", public_id=row.cause.public_id),
            "retire_url": here(request, "goals:retire_cause", public_id=row.cause.public_id),
        }
        for row in cause_rows(listed=True, most=MOST_CAUSES)
    ]
    context = {
        "form": form,
        "causes": causes,
        "own_words": cause_rows(listed=False, most=MOST_OWN_WORDS),
        "cause_form": bound.get("cause_form") or writing_forms.CauseForm(auto_id="cause-%s"),
        "url": here(request, "goals:settings"),
        "add_url": here(request, "goals:add_cause"),
        "company_url": here(request, "people:company"),
        "adjustments_url": here(request, "goals:adjustment_settings"),
        "periods_url": here(request, "goals:periods"),
    }
    return render(request, "goals/settings.html", context, status=status)

"""Writing goals and publishing them together (product.md §2.1-2.6)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import BaseFormSet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goals.queries.changes import changed_since
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import Viewer, person, unit_to_see, viewer
from perfsys.people.models import Employee, OrgUnit
from perfsys.people.queries import managers_of, primary_units, reports_of
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access, writing_forms
from ..access import Rights
from ..actions import goal as actions
from ..actions import publishing
from ..actions.goal import Place
from ..actions.periods import ensure_period
from ..actions.templates import version_of
from ..desks import desk_of, desk_of_new, parents_to_choose
from ..models import Goal, GoalSet, Layer, Period, TemplateGoal, TemplateVersion
from ..publishing import FULL_WEIGHT
from ..queries.match import lines_of
from ..queries.periods import current_period, period_called
from ..queries.publishing import Candidate, Publication, answer_of, goals_of, publication
from ..queries.settings import bounds, goal_settings
from ..queries.templates import results_of, stages_of
from ..queries.writing import (
    Span,
    Written,
    nearest_parents,
    parents_matching,
    periods_with_drafts,
    spans_called,
    spans_to_write_in,
    told_as,
    written,
)
from ..wording import plain, told_column, told_measure
from ..writing_forms import Desk
from .alignments import match_shown

SUGGESTIONS = 12
MOST_REPORTS = 30
MORE = "more"


@dataclass(frozen=True)
class ForWhom:
    """Whose goals a page writes, and the query by which its address says so."""

    place: Place
    query: dict[str, str]
    name: str
    is_own: bool = False

    @property
    def asked(self) -> str:
        return urlencode(self.query)

    def url(self, request: TenantRequest, page: str, **more: str) -> str:
        asked = urlencode({name: value for name, value in {**self.query, **more}.items() if value})
        return here(request, page) + (f"?{asked}" if asked else "")


@dataclass(frozen=True)
class Lines:
    """The lists of a goal's form: stages on the way, key results of an objective."""

    stages: BaseFormSet[Any]
    results: BaseFormSet[Any] = field(default_factory=writing_forms.key_results)

    @classmethod
    def of(cls, parts: Written) -> Lines:
        return cls(writing_forms.stages(initial=parts.milestones), writing_forms.key_results(initial=parts.key_results))

    @classmethod
    def sent(cls, data: Any) -> Lines:
        return cls(writing_forms.stages(data), writing_forms.key_results(data))

    @classmethod
    def more(cls, data: Any) -> Lines:
        """All as sent; more lines of what was asked for."""
        return cls(writing_forms.more_stages(data), writing_forms.more_key_results(data))

    def words(self, form: writing_forms.GoalForm, made_from: TemplateVersion | None = None) -> actions.GoalWords:
        said = form.words(writing_forms.stages_typed(self.stages), writing_forms.key_results_typed(self.results))
        return replace(said, made_from=made_from)

    def forms_of(self, form: writing_forms.GoalForm) -> list[Any]:
        return [form, *self.stages, *self.results]


def for_whom(request: TenantRequest, who: Viewer) -> ForWhom:
    """?owner=, ?unit= or ?layer=company; without any of them, oneself. 404 or 403 for whom it is not."""
    if request.GET.get("layer") == Layer.COMPANY:
        if not access.may_write_for_company(who):
            raise PermissionDenied
        return _of_company()
    if unit_id := public_id_in(request, "unit"):
        return _of_unit(access.unit_to_write_for(who, unit_id))
    return _of_person(who, access.owner_to_write_for(who, public_id_in(request, "owner")))


def nearest(who: Viewer, layer: str) -> ForWhom | None:
    """Oneself, the unit one leads, or the company: for whom `who` writes goals of this layer."""
    if layer == Layer.COMPANY and access.may_write_for_company(who):
        return _of_company()
    if layer == Layer.DEPARTMENT:
        unit = access.units_led(who).first()
        return _of_unit(unit) if unit else None
    return _of_person(who, who.employee) if layer == Layer.POSITION and who.employee else None


def public_id_in(request: TenantRequest, name: str) -> UUID | None:
    """An object named in the query; what is no id names nothing that there is."""
    typed = request.GET.get(name, "")
    try:
        return UUID(typed) if typed else None
    except ValueError:
        return uuid.uuid4()


def _of_company() -> ForWhom:
    return ForWhom(Place.of_company(), {"layer": Layer.COMPANY}, _("The company"))


def _of_unit(unit: OrgUnit) -> ForWhom:
    return ForWhom(Place.of_unit(unit), {"unit": str(unit.public_id)}, unit.name)


def _of_person(who: Viewer, owner: Employee) -> ForWhom:
    place = Place.of_person(owner, primary_units([owner.pk], who.on).get(owner.pk))
    is_own = owner.pk == who.employee_id
    return ForWhom(place, {} if is_own else {"owner": str(owner.public_id)}, owner.name, is_own)


def _of_goal(who: Viewer, goal: Goal) -> ForWhom:
    if goal.layer == Layer.COMPANY:
        return _of_company()
    if goal.layer == Layer.DEPARTMENT and goal.unit:
        return _of_unit(goal.unit)
    is_own = goal.owner_id == who.employee_id
    owner = {"owner": str(goal.owner.public_id)} if goal.owner and not is_own else {}
    name = goal.owner.name if goal.owner else ""
    return ForWhom(Place(Layer.POSITION, goal.owner, goal.unit), owner, name, is_own)


# --- a draft ----------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def new(request: TenantRequest) -> HttpResponse:
    """A goal for oneself, a direct report, a unit one leads, the company; from a line of a template with ?line=. It
    begins in the period of ?period=."""
    who = viewer(request)
    whose = for_whom(request, who)
    line = _line_asked_for(request, who, whose)
    desk = _new_desk(request, who, whose, line)
    if request.method == "GET":
        asked = request.GET.get("period", "")
        span = next((one for one in desk.spans if one.name == asked), desk.spans[0])
        initial = {"key": uuid.uuid4(), "kind": "kpi", "direction": "raise", "period": span.key}
        form = writing_forms.GoalForm(
            desk=desk, initial=initial | (writing_forms.initial_from(line) if line else {"evidence_type": ""})
        )
        return _form_page(request, whose, form, Lines(_stages_from(line, span), _results_from(line)), line=line)
    form = writing_forms.GoalForm(request.POST, desk=desk)
    if MORE in request.POST:
        form = writing_forms.GoalForm(desk=desk, initial=writing_forms.unjudged(form))
        return _form_page(request, whose, form, Lines.more(request.POST), line=line)
    lines = Lines.sent(request.POST)
    if _are_valid(form, lines):
        period = ensure_period(
            starts_on=form.span.starts_on, ends_on=form.span.ends_on, actor=who.employee, now=timezone.now()
        )
        try:
            actions.write_goal(
                place=whose.place,
                period=period,
                words=lines.words(form, _made_from(line, who)),
                public_id=form.cleaned_data["key"],
                actor=who.employee,
                now=timezone.now(),
            )
            return _saved(request, whose, period)
        except actions.AlreadyWritten:
            return _saved(request, whose, period)
        except actions.WouldCloseACircle:
            say_circle(form)
    return _form_page(request, whose, form, lines, line=line, status=422)


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def edit(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """Change a draft. Published or saved by somebody else meanwhile: what was typed stands on the page that says so."""
    who = viewer(request)
    goal = access.goal_to_edit(who, public_id) if request.method == "GET" else access.goal_to_keep(who, public_id)[0]
    whose = _of_goal(who, goal)
    parts = written(goal)
    desk = edit_desk(request, who, goal, parts)
    if request.method == "GET":
        form = writing_forms.GoalForm(desk=desk, initial=writing_forms.initial_of(goal, parts, desk.causes))
        return _form_page(request, whose, form, Lines.of(parts), goal=goal)
    form = writing_forms.GoalForm(request.POST, desk=desk)
    if MORE in request.POST:
        form = writing_forms.GoalForm(desk=desk, initial=writing_forms.unjudged(form))
        return _form_page(request, whose, form, Lines.more(request.POST), goal=goal)
    lines = Lines.sent(request.POST)
    if _are_valid(form, lines):
        try:
            actions.edit_goal(
                goal=goal,
                version=form.cleaned_data["version"] or 0,
                words=lines.words(form),
                actor=who.employee,
                now=timezone.now(),
            )
            return _saved(request, whose, goal.period)
        except actions.StaleVersion:
            return changed_meanwhile(
                request,
                lines.forms_of(form),
                url=request.path,
                version=goal.version,
                changes=changed_since(goal, form.cleaned_data["version"] or 0),
                of=goal,
            )
        except actions.NotADraft:
            url = here(request, "goals:goal", public_id=goal.public_id)
            return changed_meanwhile(request, lines.forms_of(form), url=url)
        except actions.WouldCloseACircle:
            say_circle(form)
    return _form_page(request, whose, form, lines, goal=goal, status=422)


@require_POST
@open_to(*EVERYONE)
def delete(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    goal = access.goal_to_edit(who, public_id)
    whose = _of_goal(who, goal)
    try:
        actions.drop_draft(goal=goal, actor=who.employee, now=timezone.now())
    except actions.NotADraft:
        messages.warning(request, _("Somebody put it forward meanwhile. It stands as it is here, nothing is deleted."))
        return redirect(here(request, "goals:goal", public_id=goal.public_id))
    messages.success(request, _("The draft is deleted."))
    return redirect(_home(request, whose, goal.period))


@require_GET
@open_to(*EVERYONE)
def parents(request: TenantRequest) -> HttpResponse:
    """Goals that could stand above, while their words are typed; ?layer=, ?unit= and ?period= say above what. Readers
    of a goal read it here too, so anybody may ask."""
    who = viewer(request)
    unit_id = public_id_in(request, "unit")
    unit = unit_to_see(unit_id) if unit_id else None
    spans = spans_called(request.GET.get("period", "")) or spans_to_write_in(who.on)
    layer = request.GET.get("layer", Layer.POSITION)
    typed = request.GET.get("parent", "").strip()[:200]
    found = parents_matching(parents_to_choose(who, layer, unit, spans), typed)
    return render(request, "goals/_parents.html", {"parents": suggested(found, layer, unit)})


def suggested(found: QuerySet[Goal], layer: str, unit: OrgUnit | None) -> list[dict[str, str]]:
    nearest_ones = nearest_parents(found, layer=layer, unit=unit, most=SUGGESTIONS)
    return [{"value": told_as(goal), "says": goal.period.title} for goal in nearest_ones]


def _line_asked_for(request: TenantRequest, who: Viewer, whose: ForWhom) -> TemplateGoal | None:
    line_id = public_id_in(request, "line")
    line = access.template_goal_to_use(who, line_id) if line_id else None
    return line if line and line.template.layer == whose.place.layer else None


def _made_from(line: TemplateGoal | None, who: Viewer) -> TemplateVersion | None:
    return version_of(line.template, actor=who.employee, now=timezone.now()) if line else None


def _new_desk(request: TenantRequest, who: Viewer, whose: ForWhom, line: TemplateGoal | None) -> Desk:
    place = whose.place
    return desk_of_new(who, place, line=line, parents_url=_parents_url(request, place.layer, place.unit))


def edit_desk(request: TenantRequest, who: Viewer, goal: Goal, parts: Written) -> Desk:
    return desk_of(who, goal, parts, parents_url=_parents_url(request, goal.layer, goal.unit, goal.period.name))


def _parents_url(request: TenantRequest, layer: str, unit: OrgUnit | None, period: str = "") -> str:
    asked = {"layer": layer, "unit": str(unit.public_id) if unit else "", "period": period}
    return here(request, "goals:parents") + "?" + urlencode({name: value for name, value in asked.items() if value})


def live_match_url(request: TenantRequest, layer: str, unit: OrgUnit | None, goal: Goal | None = None) -> str:
    """Where the match is asked for while a goal is typed; a company's goal has none above."""
    if layer == Layer.COMPANY:
        return ""
    query = (
        {"layer": layer, "unit": str(unit.public_id) if unit else ""} if goal is None else {"goal": str(goal.public_id)}
    )
    return here(request, "goals:live_match") + "?" + urlencode({name: value for name, value in query.items() if value})


def _stages_from(line: TemplateGoal | None, span: Span) -> BaseFormSet[Any]:
    found = stages_of(line) if line else []
    return writing_forms.stages(initial=[(one.title, one.due_on(span.starts_on, span.ends_on)) for one in found])


def _results_from(line: TemplateGoal | None) -> BaseFormSet[Any]:
    return writing_forms.key_results(initial=[vars(one) for one in results_of(line)] if line else [])


def _are_valid(form: writing_forms.GoalForm, lines: Lines) -> bool:
    """All are asked, so that one answer names all there is to mend."""
    are_valid = [form.is_valid(), lines.stages.is_valid(), lines.results.is_valid()]
    if not are_valid[1]:
        form.add_error(None, _("A stage needs both a name and a day."))
    elif not writing_forms.judge_stages(lines.stages, form.cleaned_data.get("due_on")):
        form.add_error(None, _("A stage lies after the goal's last day; it says what below."))
        are_valid[1] = False
    for told in lines.results.non_form_errors():
        form.add_error(None, str(told))
    if not are_valid[2] and not lines.results.non_form_errors():
        form.add_error(None, _("Something is missing in a key result."))
    return all(are_valid)


def say_circle(form: writing_forms.GoalForm) -> None:
    form.add_error("parent", _("That goal already supports this one, over others. Choose another."))


def _saved(request: TenantRequest, whose: ForWhom, period: Period) -> HttpResponse:
    messages.success(request, _("Saved as a draft."))
    return redirect(_home(request, whose, period))


def _home(request: TenantRequest, whose: ForWhom, period: Period) -> str:
    """Where the owner's goals stand together: one's own page, for others the page they are published from."""
    page = "goals:mine" if whose.is_own else "goals:publish"
    return whose.url(request, page, period=period.name)


def _form_page(
    request: TenantRequest,
    whose: ForWhom,
    form: writing_forms.GoalForm,
    lines: Lines,
    *,
    goal: Goal | None = None,
    line: TemplateGoal | None = None,
    status: int = 200,
) -> HttpResponse:
    who, place = viewer(request), whose.place
    context = {
        "form": form,
        "stages": lines.stages,
        "results": lines.results,
        "goal": goal,
        "draft_key": goal.public_id if goal else ":".join([whose.place.layer, *whose.query.values(), _id_of(line)]),
        "template": line.template if line else None,
        "owner_name": "" if whose.is_own else whose.name,
        "parents": suggested(form.desk.parents, place.layer, place.unit) if "parent" in form.fields else [],
        "bounds_hint": _bounds_hint(whose.place.layer),
        "templates_url": "" if goal else whose.url(request, "goals:templates", layer=whose.place.layer),
        "others": [] if goal else _others(request, who),
        "goals_url": here(request, "goals:mine") if who.employee else "",
        "cancel_url": _home(request, whose, goal.period) if goal else _way_back(request, whose),
        "delete_url": here(request, "goals:delete", public_id=goal.public_id) if goal else "",
        "lines": [match_shown(request, goal, line, Rights()) for line in lines_of(who, goal)] if goal else [],
        "supports_url": here(request, "goals:supports", public_id=goal.public_id) if goal else "",
        "live_url": live_match_url(request, place.layer, place.unit, goal),
    }
    return render(request, "goals/goal_form.html", context, status=status)


def _id_of(line: TemplateGoal | None) -> str:
    return str(line.public_id) if line else ""


def _way_back(request: TenantRequest, whose: ForWhom) -> str:
    return here(request, "goals:mine") if whose.is_own else whose.url(request, "goals:publish")


def _bounds_hint(layer: str) -> str:
    limits = bounds(goal_settings())[layer]
    sentences = {
        Layer.COMPANY: _("A company usually has %(lower)s to %(upper)s goals."),
        Layer.DEPARTMENT: _("A department usually has %(lower)s to %(upper)s goals."),
        Layer.POSITION: _("A person usually has %(lower)s to %(upper)s goals."),
    }
    return sentences[Layer(layer)] % {"lower": limits.lower, "upper": limits.upper}


def _others(request: TenantRequest, who: Viewer) -> list[dict[str, str]]:
    return [{"name": whose.name, "url": whose.url(request, "goals:new")} for whose in others_written_for(who)]


def others_written_for(who: Viewer) -> list[ForWhom]:
    """For whom else one may write: the company, units one leads, direct reports."""
    found = [_of_company()] if access.may_write_for_company(who) else []
    found += [_of_unit(unit) for unit in access.units_led(who)]
    for report in reports_of(who.employee, who.on, direct=True)[:MOST_REPORTS] if who.employee else []:
        found.append(ForWhom(Place.of_person(report, None), {"owner": str(report.public_id)}, report.name))
    return found


# --- publishing -------------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def publish(request: TenantRequest) -> HttpResponse:
    """What the goals of one owner still need; and, by POST, their publication together. Pressed twice is once."""
    who = viewer(request)
    whose = for_whom(request, who)
    period = _period_of(request, who, whose)
    if request.method == "POST" and period is not None:
        try:
            made = publishing.publish_set(place=whose.place, period=period, actor=who.employee, now=timezone.now())
        except publishing.NotReady as refused:
            found = _publication(whose, period, who)
            if found.drafts or not found.published:
                return _publish_page(request, who, whose, period, found, status=422 if refused.problems else 200)
        else:
            messages.success(request, _told_published(whose, made))
        return redirect(_home(request, whose, period))
    return _publish_page(request, who, whose, period, _publication(whose, period, who) if period else None)


@require_POST
@open_to(*EVERYONE)
def propose(request: TenantRequest) -> HttpResponse:
    """One's own drafts, to the manager, who publishes them. Pressed twice is once."""
    who = viewer(request)
    whose = for_whom(request, who)
    period = _period_of(request, who, whose)
    if not whose.is_own or period is None:
        raise PermissionDenied
    try:
        publishing.propose_set(place=whose.place, period=period, actor=person(request), now=timezone.now())
    except publishing.NotReady:
        return _publish_page(request, who, whose, period, _publication(whose, period, who), status=422)
    messages.success(request, _("Your manager has been asked to publish them."))
    return redirect(_home(request, whose, period))


def _told_published(whose: ForWhom, made: GoalSet) -> str:
    if made.acknowledged_at is None and not whose.is_own:
        return _("Published. %(name)s is asked whether they fit.") % {"name": whose.name}
    return _("Published. They can be read on the board from now on.")


def _period_of(request: TenantRequest, who: Viewer, whose: ForWhom) -> Period | None:
    """The one asked for; else where drafts wait; else the current one. None while there is none at all."""
    waiting = periods_with_drafts(_goals(whose))
    wanted = period_called(request.GET.get("period", ""))
    return wanted or next(iter(waiting), None) or current_period(who.on)


def _goals(whose: ForWhom, period: Period | None = None) -> QuerySet[Goal]:
    return goals_of(layer=whose.place.layer, period=period, owner=whose.place.owner, unit=whose.place.unit)


def _publication(whose: ForWhom, period: Period, who: Viewer) -> Publication:
    return publication(_goals(whose, period), on=who.on)


def _publish_page(
    request: TenantRequest,
    who: Viewer,
    whose: ForWhom,
    period: Period | None,
    found: Publication | None,
    status: int = 200,
) -> HttpResponse:
    drafts, published, of_set = (found.drafts, found.published, found.of_set) if found else ((), (), [])
    rows = [_row(request, one, found) for one in (*drafts, *published)]
    owner = whose.place.owner
    answer = answer_of(owner, period) if owner and period and published and not (drafts or whose.is_own) else None
    weights = sum((one.goal.weight or Decimal(0) for one in (*drafts, *published)), Decimal(0))
    context = {
        "owner": {"name": whose.name, "is_own": whose.is_own},
        "period": period.title if period else "",
        "goals": rows,
        "weight_total": f"{plain(weights)}%",
        "adds_up": weights == FULL_WEIGHT,
        "problems": [problem.sentence for problem in of_set if problem.refuses] if drafts else [],
        "hint": " ".join(problem.sentence for problem in of_set if not problem.refuses),
        "ready": bool(found and found.is_ready),
        "waiting": len(drafts),
        "answer": answer,
        "answer_url": here(request, "goals:agree", public_id=answer.public_id) if answer else "",
        "publish_url": whose.url(request, "goals:publish", period=period.name if period else ""),
        "propose_url": _propose_url(request, who, whose, period, drafts),
        "proposed_at": max((one.goal.proposed_at for one in drafts if one.goal.proposed_at), default=None),
        "now": timezone.now(),
        "new_url": whose.url(request, "goals:new", period=period.name if period else ""),
        "templates_url": whose.url(request, "goals:templates", layer=whose.place.layer),
        "goals_url": here(request, "goals:mine") if who.employee else "",
    }
    return render(request, "goals/publish.html", context, status=status)


def _propose_url(
    request: TenantRequest, who: Viewer, whose: ForWhom, period: Period | None, drafts: Sequence[Candidate]
) -> str:
    """Only to whoever has a manager, and drafts that are not proposed yet."""
    if not whose.is_own or who.employee is None or all(one.goal.is_proposed for one in drafts):
        return ""
    if not managers_of([who.employee.pk], who.on):
        return ""
    return whose.url(request, "goals:propose", period=period.name if period else "")


def _row(request: TenantRequest, one: Candidate, found: Publication | None) -> dict[str, Any]:
    goal = one.goal
    return {
        "title": goal.title,
        "url": here(request, "goals:goal", public_id=goal.public_id),
        "edit_url": here(request, "goals:edit", public_id=goal.public_id) if goal.is_draft else "",
        "is_draft": goal.is_draft,
        "weight": f"{goal.plain_weight}%" if goal.plain_weight else "",
        "parent": one.parent,
        "evidence_name": goal.get_evidence_type_display() if goal.evidence_type else goal.evidence_label,
        "obstacles": one.causes,
        "missing": [problem.sentence for problem in found.of_goal(goal)] if found else [],
    }


# --- the owner's answer -----------------------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def agree(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """What somebody else published for oneself; by POST, that one agrees. Manager and HR partner read the answer."""
    who = viewer(request)
    if request.method == "GET":
        return _agree_page(request, access.set_to_read(who, public_id), writing_forms.RefusalForm())
    goal_set = access.set_to_answer(who, public_id)
    try:
        publishing.acknowledge_set(goal_set=goal_set, actor=person(request), now=timezone.now())
        messages.success(request, _("Thank you: your goals are agreed."))
    except publishing.AlreadyAnswered:
        messages.info(request, _("You had answered already."))
    return redirect(here(request, "goals:agree", public_id=goal_set.public_id))


@require_POST
@open_to(*EVERYONE)
def refuse(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """One does not agree, and says why."""
    goal_set = access.set_to_answer(viewer(request), public_id)
    form = writing_forms.RefusalForm(request.POST)
    if not form.is_valid():
        return _agree_page(request, goal_set, form, status=422)
    try:
        reason = form.cleaned_data["reason"]
        publishing.refuse_set(goal_set=goal_set, reason=reason, actor=person(request), now=timezone.now())
        messages.success(request, _("Your manager and your HR partner know now, and will talk with you."))
    except publishing.AlreadyAnswered:
        messages.info(request, _("You had answered already."))
    return redirect(here(request, "goals:agree", public_id=goal_set.public_id))


def _agree_page(
    request: TenantRequest, goal_set: GoalSet, form: writing_forms.RefusalForm, status: int = 200
) -> HttpResponse:
    who = viewer(request)
    goals = goals_of(layer=goal_set.layer, period=goal_set.period, owner=goal_set.owner, unit=goal_set.unit)
    found = publication(goals, on=who.on)
    owner = goal_set.owner
    is_own = goal_set.owner_id == who.employee_id
    asked = {"owner": str(owner.public_id) if owner else "", "period": goal_set.period.name}
    writes = not is_own and owner is not None and access.reports_directly(who, owner)
    context = {
        "set": goal_set,
        "is_own": is_own,
        "name": owner.name if owner else "",
        "goals": [
            {
                **_row(request, one, None),
                "measure": told_measure(one.goal),
                "due_on": told_column(one.goal, "due_on"),
            }
            for one in found.published
        ],
        "adjust_url": here(request, "goals:adjust_set") + "?" + urlencode(asked) if writes else "",
        "form": form,
        "now": timezone.now(),
        "agree_url": here(request, "goals:agree", public_id=goal_set.public_id),
        "refuse_url": here(request, "goals:refuse", public_id=goal_set.public_id),
        "goals_url": here(request, "goals:mine"),
    }
    return render(request, "goals/agree.html", context, status=status)

"""Competencies, tags and entries as administrators keep them; HR partners look on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import viewer
from perfsys.people.actions import StaleVersion
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access, actions, queries
from ..forms import CompetencyForm, EntryForm, TagForm, TermForm, VagueForm
from ..models import BehaviourTag, Competency, LexiconEntry, Term, VagueExpression
from .dictionary import asked_for, filters

PER_PAGE = 50


@dataclass(frozen=True)
class Kind:
    """One of the four lists. `naming` is the field that must be its own; `page` the list it stands on."""

    model: type[Term]
    form: type[TermForm]
    naming: str
    page: str
    new: str | Promise
    retired: str | Promise


KINDS = {  # by the word that urls.py passes
    "competency": Kind(
        Competency,
        CompetencyForm,
        "name",
        "lexicon:tags",
        gettext_lazy("New competency"),
        gettext_lazy("It is no longer offered, nor are its tags and sentences. Feedback that carries them keeps them."),
    ),
    "tag": Kind(
        BehaviourTag,
        TagForm,
        "name",
        "lexicon:tags",
        gettext_lazy("New tag"),
        gettext_lazy("It is no longer offered. Feedback that carries it keeps it."),
    ),
    "entry": Kind(
        LexiconEntry,
        EntryForm,
        "text",
        "lexicon:entries",
        gettext_lazy("New sentence"),
        gettext_lazy("It is no longer offered. What was written with it stays."),
    ),
    "vague": Kind(
        VagueExpression,
        VagueForm,
        "text",
        "lexicon:vague",
        gettext_lazy("New vague expression"),
        gettext_lazy("Nobody is asked about it any more. What was marked before stays so."),
    ),
}


@require_GET
@open_to(*access.OVERSEERS)
def tags(request: TenantRequest) -> HttpResponse:
    """Every competency with its tags; what is no longer listed stands below."""
    keeps = access.may_keep(viewer(request))
    groups = queries.all_groups()
    context = {
        "keeps": keeps,
        "groups": [
            {
                "row": _row(request, "competency", group.competency, keeps),
                "tags": [_row(request, "tag", tag, keeps) for tag in group.tags if tag.is_listed],
                "size": getattr(group.competency, "entries_listed", 0),
                "new_tag_url": _of_competency(here(request, "lexicon:new_tag"), group.competency),
                "entries_url": _of_competency(here(request, "lexicon:entries"), group.competency),
            }
            for group in groups
            if group.competency.is_listed
        ],
        "retired": [
            *(
                _row(request, "competency", group.competency, keeps)
                for group in groups
                if not group.competency.is_listed
            ),
            *(
                _row(request, "tag", tag, keeps)
                for group in groups
                if group.competency.is_listed
                for tag in group.tags
                if not tag.is_listed
            ),
        ],
        "new_url": here(request, "lexicon:new_competency"),
        **_tabs(request, "lexicon:tags"),
    }
    return render(request, "lexicon/tags.html", context)


@require_GET
@open_to(*access.OVERSEERS)
def entries(request: TenantRequest) -> HttpResponse:
    """The dictionary line by line, or with ?listed=no what is no longer in it."""
    keeps = access.may_keep(viewer(request))
    groups = queries.all_groups()
    asked = asked_for(request, groups)
    retired = request.GET.get("listed") == "no"
    found = queries.find(access.entries_in_the_list(not retired), groups, **asked)
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "keeps": keeps,
        "rows": [_row(request, "entry", entry, keeps) for entry in page.object_list],
        "page": page,
        "retired": retired,
        "url": here(request, "lexicon:entries"),
        "new_url": here(request, "lexicon:new_entry"),
        **filters(groups, asked),
        **_tabs(request, "lexicon:entries"),
    }
    return render(request, "lexicon/entries.html", context)


@require_GET
@open_to(*access.OVERSEERS)
def vague(request: TenantRequest) -> HttpResponse:
    """What is recognised as vague while somebody writes, or with ?listed=no what no longer is."""
    keeps = access.may_keep(viewer(request))
    groups = queries.all_groups()
    asked = asked_for(request, groups)
    retired = request.GET.get("listed") == "no"
    listed = access.expressions_in_the_list(not retired)
    found = queries.find_expressions(listed, groups, typed=asked["typed"], competency=asked["competency"])
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "keeps": keeps,
        "rows": [_row(request, "vague", one, keeps) for one in page.object_list],
        "page": page,
        "retired": retired,
        "url": here(request, "lexicon:vague"),
        "new_url": here(request, "lexicon:new_vague"),
        **filters(groups, asked) | {"natures": (), "levels": ()},
        **_tabs(request, "lexicon:vague"),
    }
    return render(request, "lexicon/vague.html", context)


@require_http_methods(["GET", "POST"])
@open_to(*access.KEEPERS)
def new(request: TenantRequest, kind: str) -> HttpResponse:
    """?competency= chooses it beforehand."""
    found = KINDS[kind]
    competencies = list(access.listed_competencies().order_by("position", "id"))
    if request.method == "GET":
        initial = {"competency": request.GET.get("competency", "")}
        return _page(request, found, found.form(initial=initial, competencies=competencies))
    form = found.form(request.POST, competencies=competencies)
    if form.is_valid():
        try:
            actions.add_term(words=_words(form), actor=viewer(request).employee, now=timezone.now())
        except actions.AlreadyThere:
            form.add_error(found.naming, _already_there())
        else:
            messages.success(request, _("Saved."))
            return redirect(here(request, found.page))
    return _page(request, found, form, status=422)


@require_http_methods(["GET", "POST"])
@open_to(*access.KEEPERS)
def edit(request: TenantRequest, kind: str, public_id: UUID) -> HttpResponse:
    who, found = viewer(request), KINDS[kind]
    term: Any = access.term_to_keep(who, found.model, public_id)
    competencies = list(access.listed_competencies().order_by("position", "id"))
    own = getattr(term, "competency", None)
    if own is not None and own not in competencies:
        competencies.append(own)  # one that is no longer listed stays chosen
    if request.method == "GET":
        initial = {name: getattr(term, name) for name in found.form.base_fields}
        initial |= {"competency": str(own.public_id)} if own is not None else {}
        return _page(request, found, found.form(initial=initial, competencies=competencies), term)
    form = found.form(request.POST, competencies=competencies)
    if form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            actions.edit_term(term=term, version=version, words=_words(form), actor=who.employee, now=timezone.now())
        except StaleVersion:
            return changed_meanwhile(request, [form], url=request.path, version=term.version, of=term)
        except actions.AlreadyThere:
            form.add_error(found.naming, _already_there())
        else:
            messages.success(request, _("Saved."))
            return redirect(here(request, found.page))
    return _page(request, found, form, term, status=422)


@require_POST
@open_to(*access.KEEPERS)
def retire(request: TenantRequest, kind: str, public_id: UUID) -> HttpResponse:
    who, found = viewer(request), KINDS[kind]
    term = access.term_to_keep(who, found.model, public_id)
    actions.retire_term(term=term, actor=who.employee, now=timezone.now())
    messages.success(request, str(found.retired))
    return redirect(here(request, found.page))


@require_POST
@open_to(*access.KEEPERS)
def relist(request: TenantRequest, kind: str, public_id: UUID) -> HttpResponse:
    who, found = viewer(request), KINDS[kind]
    term = access.term_to_keep(who, found.model, public_id)
    actions.relist_term(term=term, actor=who.employee, now=timezone.now())
    messages.success(request, _("It is offered again."))
    return redirect(here(request, found.page))


def _page(
    request: TenantRequest, kind: Kind, form: TermForm, term: Term | None = None, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "title": _shown(term) if term else kind.new,
        "term": term,
        "draft": f"{kind.model._meta.model_name}-{term.public_id if term else 'new'}",
        "cancel_url": here(request, kind.page),
        **_tabs(request, kind.page),
    }
    return render(request, "lexicon/term_form.html", context, status=status)


def _row(request: TenantRequest, kind: str, term: Any, keeps: bool) -> dict[str, Any]:
    """A term as a line of a list, and what may be done with it."""
    urls = {f"{name}_url": "" for name in ("edit", "retire", "relist")}
    if keeps:
        for name in ("edit", "retire" if term.is_listed else "relist"):
            urls[f"{name}_url"] = here(request, f"lexicon:{name}_{kind}", public_id=term.public_id)
    return {"term": term, "title": _shown(term), **urls}


def _tabs(request: TenantRequest, current: str) -> dict[str, Any]:
    places = (
        ("lexicon:tags", _("Competencies and tags")),
        ("lexicon:entries", _("Sentences")),
        ("lexicon:vague", _("Vague expressions")),
    )
    return {
        "tabs_of_page": [
            {"label": label, "url": here(request, name), "current": name == current} for name, label in places
        ],
        "dictionary_url": here(request, "lexicon:dictionary"),
    }


def _shown(term: Any) -> str:
    if isinstance(term, VagueExpression):
        return str(term.text)
    return str(term.shown_text if isinstance(term, LexiconEntry) else term.shown_name)


def _words(form: Any) -> actions.Words:
    words: actions.Words = form.words()
    return words


def _of_competency(url: str, competency: Competency) -> str:
    return f"{url}?competency={competency.public_id}"


def _already_there() -> str:
    return _("There is one with these words already, perhaps no longer listed. Use that one or choose other words.")

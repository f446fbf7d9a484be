from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfsys.people.access import viewer
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import here, open_to

from . import access, actions, progress, queries, wording, writing
from .forms import ColumnsForm, UploadForm
from .kinds import ImportKind, Outcome, Undoable, all_kinds, hindrance, kind_named
from .models import ImportRun, State
from .reading.limits import UPLOAD_BYTES

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
SHOWN = 20  # lines of each list of what would be taken back
STEPS = {
    State.JUDGING: 3,
    State.APPLYING: 4,
    State.DONE: 5,
    State.UNDOING: 5,
    State.UNDONE: 5,
}  # of the five on top of each page; else the first


@require_GET
@open_to(Role.ADMIN)
def run_list(request: HttpRequest) -> HttpResponse:
    page = Paginator(access.visible_runs(), queries.PER_PAGE).get_page(request.GET.get("page"))
    kinds = [
        {"label": k.title, "says": k.says, "icon": k.icon, "url": here(request, "imports:upload", kind=k.name)}
        for k in all_kinds()
    ]
    runs = [
        {
            **queries.run_view(run),
            "url": here(request, "imports:run", public_id=run.public_id),
            "kind_name": kind_named(run.kind).title,
        }
        for run in page.object_list
    ]
    return render(request, "imports/list.html", {"kinds": kinds, "runs": runs, "page": page, "now": timezone.now()})


@require_http_methods(["GET", "POST"])
@open_to(Role.ADMIN)
def upload(request: HttpRequest, kind: str) -> HttpResponse:
    found = _kind_or_404(kind)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        run = actions.upload(
            kind=found.name,
            name=file.name,
            content=file.read(),
            actor=viewer(request).employee,
            now=timezone.now(),
        )
        return redirect(here(request, "imports:run", public_id=run.public_id))
    status = 422 if request.method == "POST" else 200
    context = {
        **_frame(request, found, step=1),
        "form": form,
        "limit": filesizeformat(UPLOAD_BYTES),
        "accept": ".xlsx,.csv",
    }
    return render(request, "imports/upload.html", context, status=status)


@require_GET
@open_to(Role.ADMIN)
def run_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Wherever the run stands: the bar of a working one, the step that waits for a person, or the result."""
    run = access.run_to_read(public_id)
    steps = {State.COLUMNS: "imports:columns", State.PREVIEW: "imports:rows"}
    if name := steps.get(State(run.state)):
        return redirect(here(request, name, public_id=run.public_id))
    kind = kind_named(run.kind)
    done = run.state == State.DONE
    job = _job(request, run, kind)
    stopped = bool(job["failed_because"])
    context = {
        **_frame(request, kind, step=STEPS.get(State(run.state), 1)),
        "heading": wording.heading(run.state, stopped=stopped),
        "lede": wording.lede(run.state, stopped=stopped, file_name=run.file_name),
        "done": done,
        "job": job if job["running"] or stopped else None,
        "again_url": here(request, "imports:upload", kind=kind.name),
    }
    if done:
        context |= {
            "counts": queries.result_counts(run, kind),
            "rejected_url": _left_out_url(request, run, kind),
            "next_url": here(request, kind.next_page),
            "next_label": kind.next_label,
        }
        if actions.can_be_undone(run):
            if why := hindrance(kind, run.report):
                context["notes"] = [why]
            else:
                context["undo_url"] = here(request, "imports:undo", public_id=run.public_id)
    if run.state == State.UNDONE:
        partly = _partly(dict(run.report.get("partly", [])), kind)
        context |= {"done": True, "counts": queries.undone_counts(run), "partly": partly}
    return render(request, "imports/run.html", context)


@require_GET
@open_to(Role.ADMIN)
def status(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Polled while a job works; sends the browser on when it has ended."""
    run = access.run_to_read(public_id)
    response = render(request, "components/job.html", {"job": _job(request, run, kind_named(run.kind))})
    if not run.is_working:
        response["HX-Redirect"] = here(request, "imports:run", public_id=run.public_id)
    return response


@require_http_methods(["GET", "POST"])
@open_to(Role.ADMIN)
def columns(request: HttpRequest, public_id: UUID) -> HttpResponse:
    run = access.run_to_read(public_id)
    if run.state not in (State.COLUMNS, State.PREVIEW):
        return redirect(here(request, "imports:run", public_id=run.public_id))
    kind = kind_named(run.kind)
    form = ColumnsForm(kind, run.sheets, run.choices, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            actions.choose_columns(run=run, choices=form.choices(), actor=viewer(request).employee, now=timezone.now())
        except (actions.AskAgainLater, actions.WrongStep):
            messages.info(request, _("This import has moved on in another window. Here is where it stands now."))
        return redirect(here(request, "imports:run", public_id=run.public_id))
    context = {
        **_frame(request, kind, step=2),
        "form": form,
        "sheets": queries.sheets_of(run, form, kind),
        "back_url": here(request, "imports:upload", kind=kind.name),
    }
    return render(request, "imports/columns.html", context, status=422 if request.method == "POST" else 200)


@require_GET
@open_to(Role.ADMIN)
def preview(request: HttpRequest, public_id: UUID) -> HttpResponse:
    run = access.run_to_read(public_id)
    if run.state != State.PREVIEW:
        return redirect(here(request, "imports:run", public_id=run.public_id))
    kind = kind_named(run.kind)
    only, outcomes = request.GET.get("only", ""), queries.outcomes_of(run)
    if only not in run.counts and only not in outcomes:
        only = ""
    page, rows = queries.rows_page(run, kind, only=only, page=request.GET.get("page"))
    context = {
        **_frame(request, kind, step=3),
        "columns_url": here(request, "imports:columns", public_id=run.public_id),
        "run_url": here(request, "imports:start", public_id=run.public_id),
        "discard_url": here(request, "imports:discard", public_id=run.public_id),
        "rejected_url": _left_out_url(request, run, kind),
        "counts": queries.tabs(run, only),
        "heads": [title for _key, title in kind.columns(run.report)],
        "rows": rows,
        "page": page,
        "good": queries.good_rows(run, kind),
        "changes_nothing": set(outcomes) == {Outcome.UNCHANGED},
        "report": kind.remarks(run.report),
        "hindrance": hindrance(kind, run.report),
    }
    return render(request, "imports/preview.html", context)


@require_POST
@open_to(Role.ADMIN)
def start(request: HttpRequest, public_id: UUID) -> HttpResponse:
    run = access.run_to_read(public_id)
    try:
        actions.apply(run=run, actor=viewer(request).employee, now=timezone.now())
    except actions.NothingToImport:
        messages.error(request, _("No row of this file can go in yet. Look at the reasons, or at the columns."))
    except actions.Hindered as why:
        messages.error(request, str(why))
    except actions.AskAgainLater:
        messages.info(request, _("Another import of this kind is under way. Start this one when it is done."))
    except actions.WrongStep:
        messages.info(request, _("This import has moved on in another window. Here is where it stands now."))
    return redirect(here(request, "imports:run", public_id=run.public_id))


@require_POST
@open_to(Role.ADMIN)
def discard(request: HttpRequest, public_id: UUID) -> HttpResponse:
    run = access.run_to_read(public_id)
    try:
        actions.discard(run=run, actor=viewer(request).employee, now=timezone.now())
    except (actions.AskAgainLater, actions.WrongStep):
        messages.info(request, _("This import is already under way or done: it cannot be discarded."))
    return redirect(here(request, "imports:list"))


@require_http_methods(["GET", "POST"])
@open_to(Role.ADMIN)
def undo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What would be taken back and what would be left, with why; sent, it is done."""
    run = access.run_to_read(public_id)
    if request.method == "POST":
        try:
            actions.undo(run=run, actor=viewer(request).employee, now=timezone.now())
        except actions.Hindered as why:
            messages.error(request, str(why))
        except actions.AskAgainLater:
            messages.info(request, _("Another import of this kind is under way. Take this one back when it is done."))
        except actions.WrongStep:
            messages.info(request, _("This import has moved on in another window. Here is where it stands now."))
        return redirect(here(request, "imports:run", public_id=run.public_id))
    kind = kind_named(run.kind)
    if not actions.can_be_undone(run) or not isinstance(kind, Undoable) or hindrance(kind, run.report):
        return redirect(here(request, "imports:run", public_id=run.public_id))
    found = kind.outlook(actions.changes_of(run), report=run.report)
    left = list(found.left)[:SHOWN]
    named = kind.called([*found.removed[:SHOWN], *found.restored[:SHOWN], *left])
    context = {
        **_frame(request, kind, step=5),
        "file_name": run.file_name,
        "removed": _shown([named[one] for one in found.removed[:SHOWN]], len(found.removed)),
        "restored": _shown([named[one] for one in found.restored[:SHOWN]], len(found.restored)),
        "partly": _partly(found.partly, kind),
        "left": _shown(_once([_left(named[one], kind.why_left(found.left[one])) for one in left]), len(found.left)),
        "back_url": here(request, "imports:run", public_id=run.public_id),
    }
    return render(request, "imports/undo.html", context)


def _partly(codes: Mapping[int, str], kind: ImportKind) -> dict[str, Any]:
    """What cannot be given back whole, each with why."""
    if not codes or not isinstance(kind, Undoable):
        return _shown([], 0)
    kept = list(codes)[:SHOWN]
    named = kind.called(kept)
    return _shown([_left(named[target], kind.why_left(codes[target])) for target in kept], len(codes))


def _once(lines: list[str]) -> list[str]:
    """Of things that are gone nothing tells one from the other."""
    return list(dict.fromkeys(lines))


def _left(name: str, why: Promise | str) -> str:
    """Of what is gone nothing but that is known."""
    return _("%(name)s: %(why)s") % {"name": name, "why": why} if name else str(why)


def _shown(lines: list[str], number: int) -> dict[str, Any]:
    return {"lines": lines, "number": number, "more": number - len(lines)}


@require_GET
@open_to(Role.ADMIN)
def left_out(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The rows that stay out, as they were, with the reason beside each: corrected, the file can be uploaded."""
    run = access.run_to_read(public_id)
    kind = kind_named(run.kind)
    if not any(run.counts.get(action) for action in kind.bad):
        raise Http404
    headings, rows = queries.rejected_rows(run, kind)
    content = writing.xlsx_bytes(rows, headings)
    name = f"{run.kind}-{timezone.localdate(timezone=request.seat.zone):%Y%m%d}.xlsx"  # type: ignore[attr-defined]
    response = HttpResponse(content, content_type=XLSX)
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _kind_or_404(name: str) -> ImportKind:
    try:
        return kind_named(name)
    except KeyError:
        raise Http404 from None


def _frame(request: HttpRequest, kind: ImportKind, *, step: int) -> dict[str, Any]:
    return {"step": step, "kind_name": kind.title, "list_url": here(request, "imports:list")}


def _left_out_url(request: HttpRequest, run: ImportRun, kind: ImportKind) -> str | None:
    if not any(run.counts.get(action) for action in kind.bad):
        return None
    return here(request, "imports:left_out", public_id=run.public_id)


def _job(request: HttpRequest, run: ImportRun, kind: ImportKind) -> dict[str, Any]:
    """What components/job.html shows."""
    if queries.has_given_up(run):
        run.error = {"code": "undo_gave_up" if run.state == State.UNDOING else "gave_up"}
    working = run.is_working and not run.error
    # While it is taken back the rows of the import itself would still stand there.
    done = progress.done_rows(run) if working and run.state != State.UNDOING else 0
    good = queries.good_rows(run, kind)
    return {
        "public_id": run.public_id,
        "title": run.file_name,
        "running": working,
        "progress": min(99, 100 * done // good) if run.state == State.APPLYING and good else None,
        "said": wording.said_while(run.state, done) if working else "",
        "status_url": here(request, "imports:status", public_id=run.public_id),
        "failed_because": wording.stopped_because(run.error) if run.error else None,
    }

"""Drafts in a table, for the keyboard: what is right is saved, what is not stays as it was typed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import groupby
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from perfsys.people.access import Viewer, viewer
from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access
from ..actions.table import RowEdit, edit_rows
from ..models import Goal, Period
from ..queries.periods import period_of
from ..queries.table import as_seen, in_order, weights_elsewhere
from ..queries.writing import periods_with_drafts
from ..table_form import COLUMNS, RowForm
from ..wording import plain

PER_PAGE = 100


@dataclass
class Row:
    """`now` says beside a cell what somebody else wrote there meanwhile."""

    goal: Goal
    form: RowForm
    now: Mapping[str, str] = field(default_factory=dict)

    @property
    def cells(self) -> list[dict[str, Any]]:
        return [{"field": self.form[name], "name": name, "now": self.now.get(name)} for name in COLUMNS]


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def table(request: TenantRequest) -> HttpResponse:
    who = viewer(request)
    is_team = request.GET.get("whose") == "team" and who.has(Role.MANAGER)
    drafts = access.drafts_to_write(who, team=is_team)
    periods = periods_with_drafts(drafts)
    period = period_of(periods, who.on, request.GET.get("period", ""))
    if request.method == "POST":
        return _save(request, who, drafts, is_team=is_team, period=period, periods=periods)
    page = Paginator(in_order(drafts.filter(period=period)), PER_PAGE).get_page(request.GET.get("page"))
    rows = [Row(goal, RowForm(None, goal=goal)) for goal in page.object_list]
    return _page(request, who, rows, is_team=is_team, period=period, periods=periods, page=page)


def _save(request: TenantRequest, who: Viewer, drafts: Any, **about: Any) -> HttpResponse:
    sent = [one for one in map(_uuid, request.POST.getlist("row")[:PER_PAGE]) if one]
    goals = list(in_order(drafts.filter(public_id__in=sent)))
    rows = [Row(goal, RowForm(request.POST, goal=goal)) for goal in goals]
    versions = {row.goal.pk: _version(request.POST, row.goal) for row in rows}
    stale = [row.goal for row in rows if versions[row.goal.pk] != row.goal.version]
    then = as_seen(stale, versions, COLUMNS)
    good: dict[int, RowEdit] = {}
    waiting: list[Row] = []
    for row in rows:
        goal = row.goal
        before = then.get(goal.pk) or {name: getattr(goal, name) for name in COLUMNS}
        is_valid = row.form.is_valid()
        if is_valid and row.form.said == before:
            continue  # nothing was typed here
        if goal in stale:
            row.now = {name: _told(getattr(goal, name)) for name in COLUMNS if getattr(goal, name) != before[name]}
            waiting.append(row)
        elif is_valid:
            good[goal.pk] = RowEdit(goal.pk, goal.version, row.form.said)
        else:
            waiting.append(row)
    saved = edit_rows(edits=good.values(), actor=who.employee, now=timezone.now()) if good else set()
    missed = [row for row in rows if row.goal.pk in good and row.goal.pk not in saved]  # between the look and the lock
    gone = _typed_for_others(request.POST, sent, {goal.public_id for goal in goals})
    if saved:
        told = ngettext("%(number)d goal is saved.", "%(number)d goals are saved.", len(saved))
        messages.success(request, told % {"number": len(saved)})
    if not (waiting or missed or gone):
        if not saved:
            messages.info(request, _("Nothing was changed."))
        return redirect(request.get_full_path())
    # An answer of 400 and above leaves nothing behind: with good rows saved it is none.
    meanwhile = missed or gone or any(row.now for row in waiting)
    status = 200 if saved else 409 if meanwhile else 422
    return _page(request, who, [*waiting, *missed], gone=gone, status=status, **about)


def _page(
    request: TenantRequest,
    who: Viewer,
    rows: list[Row],
    *,
    is_team: bool,
    period: Period | None,
    periods: list[Period],
    page: Any = None,
    gone: Any = (),
    status: int = 200,
) -> HttpResponse:
    elsewhere = weights_elsewhere([row.goal for row in rows], period) if period and rows else {}
    url = here(request, "goals:table")
    team = "&whose=team" if is_team else ""
    context = {
        "groups": [_group(list(ours), elsewhere) for _owner, ours in groupby(rows, key=lambda row: row.goal.owner_id)],
        "heads": [RowForm.base_fields[name].label for name in COLUMNS],
        "periods": [
            {"label": one.title, "url": f"?period={one.name}{team}", "current": one == period} for one in periods[:4]
        ],
        "whose": [
            {"label": _("Mine"), "url": url, "current": not is_team},
            {"label": _("My team's"), "url": f"{url}?whose=team", "current": is_team},
        ]
        if who.has(Role.MANAGER)
        else [],
        "page": page,
        "gone": gone,
        "is_refused": page is None,
        "all_url": request.get_full_path(),
        "draft_key": f"{'team' if is_team else 'own'}-{period.name if period else ''}-{page.number if page else 1}",
        "goals_url": here(request, "goals:mine"),
        "adjust_url": here(request, "goals:adjust_set"),
    }
    return render(request, "goals/table.html", context, status=status)


def _group(rows: list[Row], elsewhere: Mapping[int, Decimal]) -> dict[str, Any]:
    owner = rows[0].goal.owner
    rest = elsewhere.get(owner.pk, Decimal(0)) if owner else Decimal(0)
    total = rest + sum((row.goal.weight or Decimal(0) for row in rows), Decimal(0))
    return {
        "name": owner.name if owner else "",
        "key": owner.public_id if owner else "",
        "rows": rows,
        "rest": plain(rest),
        "total": plain(total),
    }


def _version(posted: QueryDict, goal: Goal) -> int:
    typed = posted.get(f"{goal.public_id}-version", "")
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else 0


def _typed_for_others(posted: QueryDict, sent: list[UUID], known: set[UUID]) -> list[str]:
    """What was typed for goals that are no drafts of theirs any more: shown once, so that it can be used elsewhere."""
    lines = [[posted.get(f"{one}-{name}", "") for name in COLUMNS] for one in sent if one not in known]
    return [" · ".join(filter(None, line)) for line in lines if any(line)]


def _told(value: Any) -> str:
    return "–" if value in (None, "") else plain(value) if isinstance(value, Decimal) else str(value)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None

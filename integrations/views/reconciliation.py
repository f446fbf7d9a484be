"""Pairs of metrics that should agree: how they stand, one of them day by day, the rows behind a line (product.md
§5.6)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfsys.common.charts import Cell, Chart, token
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import Viewer, person, viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access
from .. import comparing_words as words
from ..actions import holds as holding
from ..actions import reconciliation as actions
from ..actions.connection import StaleVersion
from ..forms import PairForm, ReleaseForm
from ..models import MetricDefinition, ReconciliationLine, ReconciliationPair
from ..queries import reconciliation as queries
from ..queries.disputes import unit_and_digits
from ..queries.standing import disputed_keys
from ..reconciling import CauseKind, Verdict

PER_PAGE = 50
MOST_HOLDS = 100  # that can be ticked one by one
WHOLE = "whole"  # in an address, where a subject's key stands
FIELDS = actions.CHANGEABLE


@require_GET
@open_to(*EVERYONE)
def pairs(request: TenantRequest) -> HttpResponse:
    """All that the reader may see, those with something held first."""
    who = viewer(request)
    rows = queries.pairs_page(access.visible_pairs(who))
    context = {
        "now": timezone.now(),
        "rows": [pair_row(request, row) for row in rows],
        "new_url": here(request, "integrations:pair_new") if who.has(*access.KEEPERS) else "",
        "lede": _lede(rows),
    }
    return render(request, "integrations/pairs.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*access.KEEPERS)
def new(request: TenantRequest) -> HttpResponse:
    initial = {
        "key": uuid4().hex, "has_reference": True, "by_subject": True, "tolerance": Decimal(5), "releases_needed": 1,
        "is_on": True,
    }  # fmt: skip
    metrics = list(access.metrics_to_compare())
    form = PairForm(_posted(request), metrics=metrics, initial=initial)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            made = actions.create_pair(
                a=form.cleaned_data["a"],
                b=form.cleaned_data["b"],
                key=form.cleaned_data["key"],
                actor=viewer(request).employee,
                now=now,
                **form.said(),
            )
        except actions.PairNameTaken:
            form.add_error("name", _("There is a comparison of that name. Choose another."))
        except actions.PairedAlready:
            form.add_error("b", _("These two are compared already. Change that comparison instead."))
        else:
            actions.begin_run(pair=made, key=f"made {made.pk}", now=now)
            messages.success(request, _("Set up. The first comparison has begun."))
            return redirect(_url(request, "pair", made))
    context = {"form": form, "few": len(metrics) < 2, "list_url": here(request, "integrations:pairs")}
    return render(request, "integrations/pair_form.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*access.KEEPERS)
def settings(request: TenantRequest, public_id: UUID) -> HttpResponse:
    pair = access.pair_to_read(viewer(request), public_id)
    initial = {name: getattr(pair, name) for name in FIELDS} | {"version": pair.version}
    form = PairForm(_posted(request), kept=(pair.a, pair.b), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            actions.change_pair(
                pair=pair,
                version=form.cleaned_data["version"] or 0,
                actor=viewer(request).employee,
                now=timezone.now(),
                **form.said(),
            )
        except actions.PairNameTaken:
            form.add_error("name", _("There is a comparison of that name. Choose another."))
        except StaleVersion:
            return changed_meanwhile(request, [form], url=request.path)
        else:
            messages.success(request, _("Saved. All days are compared anew within the hour."))
            return redirect(_url(request, "pair", pair))
    context = {
        "form": form,
        "pair": pair,
        "list_url": here(request, "integrations:pairs"),
        "pair_url": _url(request, "pair", pair),
    }
    return render(request, "integrations/pair_form.html", context, status=422 if form.errors else 200)


@require_GET
@open_to(*EVERYONE)
def pair(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """`?state=` waiting, agrees or apart; `?subject=` narrows lines and chart to one."""
    who = viewer(request)
    return _page(request, who, access.pair_to_read(who, public_id))


@require_POST
@open_to(*access.KEEPERS)
def compare(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """All days once more."""
    found, now = access.pair_to_read(viewer(request), public_id), timezone.now()
    actor = viewer(request).employee
    run = actions.begin_run(pair=found, key=f"asked {now.isoformat()}", now=now, actor=actor, anew=True)
    if run is None:
        messages.info(request, _("There is nothing to compare, or it is being compared already."))
    else:
        messages.success(request, _("It is being compared. This page shows it in a moment."))
    return redirect(_url(request, "pair", found))


@require_POST
@open_to(*EVERYONE)
def release(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    found = access.pair_to_release(who, public_id)
    form = ReleaseForm(request.POST)
    if not form.is_valid():
        return _page(request, who, found, form=form, status=422)
    said_in, holds = form.cleaned_data, access.holds_to_release(who, found, form.cleaned_data["holds"])
    if said_in["every"]:
        holds = access.every_hold_to_release(who, found, said_in["seen"])
    try:
        free = holding.release_holds(
            pair=found,
            holds=holds,
            reason=said_in["reason"],
            actor=person(request),
            seen=said_in["seen"],
            now=timezone.now(),
        )
    except holding.NothingHeld:
        messages.info(request, _("Nothing was left to release: these may be used already."))
        return redirect(_url(request, "pair", found))
    except holding.ReleasedByYouAlready:
        messages.info(request, _("Your word stands already. It takes another person's."))
        return redirect(_url(request, "pair", found))
    if free:
        said = ngettext("%(number)d figure may be used again.", "%(number)d figures may be used again.", free)
        messages.success(request, said % {"number": free})
    else:
        messages.success(request, _("Noted. They are free once a second person has looked."))
    return redirect(_url(request, "pair", found))


@require_GET
@open_to(*EVERYONE)
def line(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """The records that count for a subject on a day, on either side."""
    who = viewer(request)
    found = access.line_to_read(who, public_id)
    of = found.pair
    digits, unit = _written(of, found.on)
    behind = queries.behind(found, of, found.run.as_of)
    is_disputed = {(of.a_id, found.key), (of.b_id, found.key)} & disputed_keys([of.a, of.b])
    context = {
        "now": timezone.now(),
        "pair": of,
        "pair_url": _url(request, "pair", of),
        "list_url": here(request, "integrations:pairs"),
        "line": _line_row(request, found, digits),
        "subject": words.subject_of(found),
        "unit": unit,
        "causes": [
            {"name": words.CAUSES[one.kind], "amount": words.amount(one.amount, digits),
             "rows": words.rows_said(len(one.a) + len(one.b))}
            for one in behind.causes
        ],
        "is_disputed": bool(is_disputed),
        "sides": [
            _side(request, who, found, of.a, behind.a, behind.more_a, found.a, digits),
            _side(request, who, found, of.b, behind.b, behind.more_b, found.b, digits),
        ],
    }  # fmt: skip
    return render(request, "integrations/line.html", context)


def _page(
    request: TenantRequest,
    who: Viewer,
    found: ReconciliationPair,
    *,
    form: ReleaseForm | None = None,
    status: int = 200,
) -> HttpResponse:
    seen = queries.as_seen(found) or timezone.now()  # before anything else is read: what comes meanwhile is not seen
    lines, holds = access.lines_to_read(who, found), access.holds_to_read(who, found)
    state, chosen = request.GET.get("state", ""), request.GET.get("subject", "")
    key = {"": None, WHOLE: ""}.get(chosen, chosen)
    page = Paginator(queries.lines_of(lines, state=state, key=key), PER_PAGE).get_page(request.GET.get("page"))
    run = queries.last_run(found)
    digits, unit = _written(found, run.last_on if run else who.on)
    unequal = [words.unequal_row(one) for one in run.unequal] if run else []
    disputed = disputed_keys([found.a, found.b])
    held = _hold_rows(queries.open_holds(holds))
    keeps = who.has(*access.KEEPERS)
    context = {
        "now": timezone.now(),
        "pair": found,
        "unit": unit,
        "run": run,
        "is_comparing": queries.is_comparing(found),
        "unequal": unequal,
        "stops": [one for one in unequal if one["stops"]],
        "rows": [_line_row(request, one, digits, disputed=disputed) for one in page.object_list],
        "page": page,
        "states": _states(request, found, queries.counts_of(lines), state, chosen),
        "subjects": _subjects(queries.subjects_of(lines), chosen),
        "chart": _chart(queries.drawn(lines, key or ""), digits, unit),
        "holds": held[:MOST_HOLDS],
        "more_holds": max(len(held) - MOST_HOLDS, 0),
        "released": queries.released_lately(holds),
        "form": form or ReleaseForm(initial={"seen": seen.isoformat()}),
        "release_url": _url(request, "release", found) if access.may_release(who, found) else "",
        "compare_url": _url(request, "compare", found) if keeps else "",
        "settings_url": _url(request, "pair_settings", found) if keeps else "",
        "list_url": here(request, "integrations:pairs"),
    }
    return render(request, "integrations/pair.html", context, status=status)


def _posted(request: TenantRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _url(request: TenantRequest, name: str, found: ReconciliationPair) -> str:
    return here(request, f"integrations:{name}", public_id=found.public_id)


def _written(found: ReconciliationPair, on: date) -> tuple[int, str]:
    """Decimals and unit of measure of what is compared on a day."""
    (unit, digits), (_other, more) = unit_and_digits(found.a, on), unit_and_digits(found.b, on)
    return max(digits, more), unit


def _stands(row: queries.PairRow) -> str:
    """Nothing agrees that was not compared."""
    if not row.pair.is_on:
        return "off"
    if row.run is not None and any(one["stops"] for one in row.run.unequal):
        return "unequal"
    if row.holds:
        return "held"
    return "new" if row.run is None or row.newest is None else "agrees"


def _looks(stands: str) -> dict[str, str]:
    known = {
        "off": ("idle", _("Not compared at the moment")),
        "unequal": ("watch", _("Cannot be compared")),
        "held": ("talk", _("Being checked")),
        "new": ("idle", _("Not compared yet")),
        "agrees": ("ok", _("Agrees")),
    }
    return dict(zip(("state", "name"), known[stands], strict=True))


def pair_row(request: TenantRequest, row: queries.PairRow, *, of: ReconciliationLine | None = None) -> dict[str, Any]:
    """A pair on a list, with the difference of the newest day. The list of connections shows it too, with that `of` a
    day that somebody is to look at: that the newest agrees says nothing of it."""
    found, newest = row.pair, of or row.newest
    return {
        "name": found.name,
        "url": _url(request, "pair", found),
        "a": found.a.name,
        "b": found.b.name,
        "newest_on": newest.on if newest else None,
        "whose": words.subject_of(of) if of else "",
        "percent": _percent(newest.percent) if newest else "",
        "bar": _bar(newest, found) if newest else None,
        "over": row.over,
        "holds": row.holds,
        "compared_at": row.run.finished_at if row.run else None,
        "standing": _looks(_stands(row)),
    }


def _bar(newest: ReconciliationLine, found: ReconciliationPair) -> dict[str, Any] | None:
    """The tolerance stands in the middle of it."""
    if newest.percent is None or not found.tolerance:
        return None
    value = min(Decimal(100), abs(newest.percent) * 50 / found.tolerance)
    label = _("%(percent)s apart, %(tolerance)s %% may be") % {
        "percent": _percent(newest.percent),
        "tolerance": f"{found.tolerance.normalize():f}",
    }
    return {"value": int(value), "label": label, "extra": "talk" if newest.verdict == Verdict.OVER else ""}


def _percent(value: Decimal | None) -> str:
    return "–" if value is None else f"{value:+.1f}%" if round(value, 1) else "0.0%"


def _line_row(
    request: TenantRequest,
    one: ReconciliationLine,
    digits: int,
    *,
    disputed: AbstractSet[tuple[int, str]] = frozenset(),
) -> dict[str, Any]:
    causes = words.cause_rows(one.causes, digits)
    return {
        "on": one.on,
        "url": here(request, "integrations:line", public_id=one.public_id),
        "subject": words.subject_of(one),
        "a": words.amount(one.a, digits),
        "b": words.amount(one.b, digits),
        "difference": words.amount(one.difference, digits),
        "percent": _percent(one.percent) if one.difference is not None else "",
        "is_over": one.verdict == Verdict.OVER,
        "cause": causes[0] if causes else None,
        "more_causes": max(len(causes) - 1, 0),
        "badge": words.verdict_badge(one),
        "is_disputed": any(key == one.key for _definition, key in disputed),
    }


def _hold_rows(rows: Sequence[queries.HoldRow]) -> list[dict[str, Any]]:
    """One for the two figures of a subject: who has looked has looked at both. A lost day is one side's."""
    groups: dict[Any, list[queries.HoldRow]] = defaultdict(list)
    for row in rows:
        one = row.hold
        side = one.definition_id if one.because == Verdict.LOST_DAY else None
        groups[(one.covers_all, one.key, one.because, one.first_on, one.last_on, side)].append(row)
    return [_hold_row(group) for group in groups.values()]


def _hold_row(group: Sequence[queries.HoldRow]) -> dict[str, Any]:
    hold = group[0].hold
    said = [f"{one.by.name}: {one.reason}" for row in group for one in row.said]
    return {
        "key": " ".join(str(row.hold.public_id) for row in group),
        "metric": " · ".join(row.hold.definition.name for row in group),
        "subject": _("everybody") if hold.covers_all else words.subject_of(hold),
        "because": hold.get_because_display(),
        "first_on": hold.first_on,
        "last_on": hold.last_on,
        "said": list(dict.fromkeys(said)),
        "waits_for_second": bool(said),
    }


def _states(
    request: TenantRequest, found: ReconciliationPair, counts: dict[str, int], state: str, chosen: str
) -> list[dict[str, Any]]:
    known = [("", _("All"), "every"), ("waiting", _("Waits for a look"), "waiting"), ("agrees", _("Agrees"), "agrees"),
             ("apart", _("Not compared"), "apart")]  # fmt: skip
    own = _url(request, "pair", found)
    return [
        {
            "label": label,
            "url": _with(own, state=name, subject=chosen),
            "current": name == state,
            "count": counts[count],
        }
        for name, label, count in known
    ]


def _subjects(known: Sequence[tuple[str, str]], chosen: str) -> list[dict[str, Any]]:
    """Choices of a list: every subject, the whole, or one."""
    choices = [("", _("All subjects")), (WHOLE, _("The whole"))]
    choices += [(key, label or _("Without attribution")) for key, label in known]
    return [{"value": value, "label": label, "current": value == chosen} for value, label in choices]


def _with(own: str, **given: str | None) -> str:
    query = urlencode({name: value for name, value in given.items() if value})
    return f"{own}?{query}" if query else own


def _lede(rows: Sequence[queries.PairRow]) -> str:
    if not rows:
        return ""
    stand = Counter(map(_stands, rows))
    parts = []
    if number := stand["agrees"]:
        parts.append(ngettext("%(number)d pair agrees", "%(number)d pairs agree", number) % {"number": number})
    if number := stand["held"]:
        said = ngettext(
            "%(number)d is being checked, and nobody is scored by it",
            "%(number)d are being checked, and nobody is scored by them",
            number,
        )
        parts.append(said % {"number": number})
    if number := stand["unequal"]:
        said = ngettext("%(number)d cannot be compared", "%(number)d cannot be compared", number)
        parts.append(said % {"number": number})
    if number := stand["new"] + stand["off"]:
        said = ngettext("%(number)d is not compared", "%(number)d are not compared", number)
        parts.append(said % {"number": number})
    return _("%(parts)s.") % {"parts": pgettext("between clauses", ", ").join(parts)}


def _side(
    request: TenantRequest,
    who: Viewer,
    found: ReconciliationLine,
    definition: MetricDefinition,
    rows: Sequence[queries.RowBehind],
    more: int,
    value: Decimal | None,
    digits: int,
) -> dict[str, Any]:
    query = urlencode({"subject": found.key, "first": found.on.isoformat(), "last": found.on.isoformat()})
    contest_url = f"{here(request, 'integrations:dispute_new', public_id=definition.public_id)}?{query}"
    reads_rows = access.may_read_subjects(who, definition)
    return {
        "name": definition.name,
        "value": words.amount(value, digits),
        "reads_rows": reads_rows,
        "more": more if reads_rows else 0,
        "dispute_url": contest_url if access.may_contest(who, definition, found.key) else "",
        "rows": [
            {
                "number": row.entry.match or row.record.external_id,
                "title": row.record.title,
                "amount": words.amount(row.entry.amount, digits),
                "elsewhere": row.entry.subject != found.key and bool(found.key),
                "why": [words.CAUSES[kind] for kind in row.why],
            }
            for row in (rows if reads_rows else ())
        ],
    }


def _chart(lines: Sequence[ReconciliationLine], digits: int, unit: str) -> Chart | None:
    """The difference of each day, piled up of its causes."""
    if not any(one.difference for one in lines):
        return None
    kinds = [kind for kind in CauseKind if any(one["kind"] == kind for row in lines for one in row.causes)]
    kinds = [kind for kind in kinds if kind in words.COLOURS]
    days = [f"{one.on:%m-%d}" for one in lines]
    by_kind = {kind: [_cause(one, kind) for one in lines] for kind in kinds}
    data = [
        {
            "type": "bar",
            "name": str(words.CAUSES[kind]),
            "x": days,
            "y": [float(value) for value in values],
            "marker": {"color": token(words.COLOURS[kind])},
        }
        for kind, values in by_kind.items()
    ]
    layout = {
        "barmode": "relative",
        "showlegend": True,
        "legend": {"orientation": "h", "y": -0.25},
        "margin": {"l": 64, "r": 8, "t": 8, "b": 40},
        "xaxis": {"type": "category", "nticks": 8, "linecolor": token("line")},
        "yaxis": {"gridcolor": token("line"), "zerolinecolor": token("ink-3"), "title": {"text": unit}},
    }
    return Chart(
        key="causes",
        says=_("The difference of each day, and what it is made of"),
        figure={"data": data, "layout": layout, "config": {"staticPlot": True}},
        heads=[_("Day"), _("Difference"), *(str(words.CAUSES[kind]) for kind in kinds)],
        rows=[
            [
                Cell(f"{one.on:%Y-%m-%d}"),
                Cell(words.amount(one.difference, digits)),
                *(Cell(words.amount(by_kind[kind][place], digits)) for kind in kinds),
            ]
            for place, one in enumerate(lines)
        ],
    )


def _cause(one: ReconciliationLine, kind: CauseKind) -> Decimal:
    return sum((Decimal(cause["amount"]) for cause in one.causes if cause["kind"] == kind), Decimal(0))

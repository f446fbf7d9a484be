"""What the pages of connections share: how a connection, a run or a gap looks and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from perfsys.tenancy.routes import TenantRequest, here

from .. import page_queries, rhythms, showing, wording
from ..actions.connection import FORGOTTEN
from ..adapters.registry import ADAPTERS, takes_deliveries
from ..forms import SAID, CloseGapForm
from ..models import Connection, ConnectionState, Gap, GapKind, RunState, SyncRun

OVERVIEW, RUNS, ROWS, FILES, FIELDS, CHANGES = "overview", "runs", "rows", "files", "fields", "changes"
SUBJECTS = "subjects"
DELIVERIES = "deliveries"
FEW = 5  # of a list of names or days
LOOKS = {
    ConnectionState.DRAFT: "idle",
    ConnectionState.ON: "ok",
    ConnectionState.PAUSED: "idle",
    ConnectionState.STOPPED: "talk",
}
RUN_LOOKS = {RunState.WAITING: "idle", RunState.RUNNING: "adj", RunState.DONE: "ok", RunState.FAILED: "talk"}


def url(request: TenantRequest, name: str, connection: Connection) -> str:
    return here(request, f"integrations:{name}", public_id=connection.public_id)


def standing(connection: Connection, gaps: int, *, is_running: bool) -> dict[str, str]:
    """The badge of a connection: what a person has to do comes before what goes on."""
    state = ConnectionState(connection.state)
    if state == ConnectionState.ON and connection.adapter not in ADAPTERS:
        return {"state": "talk", "name": _("Cannot be read")}
    if state == ConnectionState.ON and gaps:
        said = ngettext("%(number)d gap open", "%(number)d gaps open", gaps) % {"number": gaps}
        return {"state": "watch", "name": said}
    if state == ConnectionState.ON and is_running:
        return {"state": "adj", "name": _("Being read")}
    return {"state": LOOKS[state], "name": str(_("All there") if state == ConnectionState.ON else state.label)}


def frame(
    request: TenantRequest, connection: Connection, *, tab: str, gaps: int, set_aside: int, live: SyncRun | None
) -> dict[str, Any]:
    """What stands around every page of one connection."""
    adapter = ADAPTERS.get(connection.adapter)
    tabs = [(OVERVIEW, "connection", _("Overview"), 0), (RUNS, "runs", _("Runs"), 0)]
    tabs += [(FILES, "files", _("Files"), 0)] if has_files(connection) else []
    tabs += [(DELIVERIES, "deliveries", _("Messages"), 0)] if has_deliveries(connection) else []
    tabs += [
        (ROWS, "rows", _("Rows set aside"), set_aside),
        (SUBJECTS, "subjects", _("People and units"), 0),
        (FIELDS, "fields", _("Fields"), 0),
        (CHANGES, "changes", _("Changes"), 0),
    ]
    is_on = connection.state == ConnectionState.ON
    return {
        "connection": connection,
        "standing": standing(connection, gaps, is_running=live is not None),
        "lede": _("%(kind)s, read %(rhythm)s. %(owner)s looks after it.")
        % {
            "kind": adapter.title if adapter else connection.adapter,
            "rhythm": rhythms.in_words(connection.schedule),
            "owner": connection.owner.name,
        },
        "tabs_of_it": [
            {"label": label, "url": url(request, name, connection), "current": key == tab, "count": count}
            for key, name, label, count in tabs
        ],
        "list_url": here(request, "integrations:list"),
        "settings_url_of_it": url(request, "settings", connection),
        "gone": gone(connection),
        "sync_url": url(request, "sync", connection) if is_on and adapter and live is None else "",
        "pause_url": url(request, "pause", connection) if is_on else "",
    }


def has_files(connection: Connection) -> bool:
    """Whether it has a page of files; of one whose adapter is gone, whether any ever came."""
    adapter = ADAPTERS.get(connection.adapter)
    return adapter.takes_files if adapter else page_queries.batches_of(connection).exists()


def has_deliveries(connection: Connection) -> bool:
    """Whether others send to it."""
    return takes_deliveries(connection.adapter)


def gone(connection: Connection) -> dict[str, str]:
    """What is said on every page of a connection whose adapter is not installed here any more; else nothing."""
    if connection.adapter in ADAPTERS:
        return {}
    said = wording.sentence("adapter_gone", {"adapter": connection.adapter})
    return {"says": said, "next_step": wording.next_step("adapter_gone")}


def job(request: TenantRequest, connection: Connection, run: SyncRun) -> dict[str, Any]:
    """What components/job.html shows of a run under way."""
    counts = totals(run.counts)
    known = [int(one.get("source") or 0) for one in run.counts.values()]
    source = sum(known) if all(known) else 0
    waits = run.state == RunState.WAITING
    return {
        "public_id": run.public_id,
        "title": connection.name,
        "running": run.state in (RunState.WAITING, RunState.RUNNING),
        "progress": min(99, 100 * counts["pulled"] // source) if source and not waits else None,
        "said": _("Waits for its turn.") if waits else put_off(run) or said_of(counts),
        "status_url": url(request, "status", connection),
    }


def put_off(run: SyncRun) -> str:
    """Why a run under way waits, and until when; nothing for one that reads."""
    error = run.error or {}
    until = datetime.fromisoformat(error["until"]) if error.get("until") else None
    if until is None or until <= timezone.now():
        return ""
    why = wording.sentence(error["code"], error.get("words", {}))
    return _("%(why)s It goes on by itself at %(time)s.") % {
        "why": why,
        "time": date_format(timezone.localtime(until), "H:i"),
    }


def totals(counts: Mapping[str, Any]) -> dict[str, int]:
    """Of all streams together."""
    names = ("pulled", "created", "changed", "unchanged", "deleted", "quarantined", "repeated", "contradicted", "left")
    return {name: sum(int(one.get(name) or 0) for one in counts.values()) for name in names}


def said_of(counts: Mapping[str, int]) -> str:
    """`200 rows read: 3 new, 1 changed`; what is nought is not said, but that there is more."""
    read = ngettext("%(number)d row read", "%(number)d rows read", counts["pulled"]) % {"number": counts["pulled"]}
    parts = [
        (counts["created"], _("%(number)d new")),
        (counts["changed"], _("%(number)d changed")),
        (counts["deleted"], _("%(number)d gone at the source")),
        (counts["quarantined"], _("%(number)d set aside")),
        (counts["contradicted"], _("%(number)d overruled by a later line of the same key")),
    ]
    told = [words % {"number": number} for number, words in parts if number]
    said = read
    if told:
        said = _("%(read)s: %(parts)s") % {"read": read, "parts": _(", ").join(told)}
    elif counts["pulled"]:
        said = _("%(read)s, none of them new") % {"read": read}
    return _("%(said)s. There is more, which the next sync reads.") % {"said": said} if counts["left"] else said


def run_row(run: SyncRun, now: datetime) -> dict[str, Any]:
    error = run.error or {}
    seconds = page_queries.duration(run, now)
    return {
        "at": run.started_at or run.asked_at,
        "by": run.asked_by.name if run.asked_by else _("by schedule"),
        "state": RUN_LOOKS[RunState(run.state)],
        "state_name": RunState(run.state).label,
        "said": said_of(totals(run.counts)) if run.counts else "",
        "took": took(seconds) if seconds is not None and run.finished_at else "",
        "covered_from": run.covered_from,
        "covered_until": run.covered_until,
        "problem": wording.sentence(error["code"], error.get("words", {})) if error else "",
        "next_step": wording.next_step(error["code"]) if error else "",
    }


def took(seconds: int) -> str:
    if not seconds:
        return _("under a second")
    if seconds < 60:
        return ngettext("%(number)d second", "%(number)d seconds", seconds) % {"number": seconds}
    return ngettext("%(number)d minute", "%(number)d minutes", seconds // 60) % {"number": seconds // 60}


def gap_sentence(gap: Gap) -> str:
    """Why it came to be where that is known, else what kind it is."""
    words = {**gap.words, "on": gap.on, "stream": showing.stream_title(gap.stream)}
    return wording.sentence(gap_code(gap), words)


def gap_code(gap: Gap) -> str:
    return str(gap.words.get("reason") or gap.words.get("code") or gap.kind)


def gap_row(request: TenantRequest, gap: Gap, refused: CloseGapForm | None = None) -> dict[str, Any]:
    return {
        "form": refused if refused and refused.gap.pk == gap.pk else CloseGapForm(gap=gap),
        "key": str(gap.public_id),
        "on": gap.on,
        "kind": GapKind(gap.kind).label,
        "says": gap_sentence(gap),
        "next_step": wording.next_step(gap_code(gap)),
        "opened_at": gap.opened_at,
        "is_open": gap.closed_at is None,
        "is_a_day": gap.kind == GapKind.MISSING,
        "closed_at": gap.closed_at,
        "closed_by": gap.closed_by.name if gap.closed_by else "",
        "because": gap.closed_because,
        "close_url": here(request, "integrations:close_gap", public_id=gap.public_id),
    }


def changed_words(details: Mapping[str, Any], connection: Connection) -> list[str]:
    """What an entry of the record says beyond its verb, in words."""
    said = []
    labels = {"name": _("What it is called"), "schedule": _("How often it is read"), "owner": _("Who looks after it")}
    for name, label in labels.items():
        if pair := details.get(name):
            before, after = (rhythms.in_words(word) if name == "schedule" else word for word in pair)
            words = {"what": label, "before": before, "after": after}
            said.append(_("%(what)s: “%(before)s” became “%(after)s”") % words)
    if changed := details.get("config"):
        names = (str(SAID[name][0]) if name in SAID else name for name in changed)
        said.append(_("Configuration: %(parts)s") % {"parts": _(", ").join(names)})
    if details.get("secret") == FORGOTTEN:
        said.append(_("What it signs in with was thrown away, because the address is another one"))
    if files := details.get("files"):
        said.append(_(", ").join(files[:FEW]) + (" …" if len(files) > FEW else ""))
    if kind := details.get("kind"):
        said.append(str(GapKind(kind).label))
    if on := details.get("on"):
        days = [on] if isinstance(on, str) else on
        said.append(_(", ").join(days[:FEW]) + (" …" if len(days) > FEW else ""))
    if because := details.get("because"):
        said.append(_("“%(reason)s”") % {"reason": because})
    if code := details.get("code"):
        said.append(wording.sentence(code, {"adapter": connection.adapter}))
    if rows := details.get("rows"):
        said.append(ngettext("%(number)d row", "%(number)d rows", rows) % {"number": rows})
    return said

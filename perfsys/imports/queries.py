"""Runs and rows as their pages show them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Page, Paginator
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from perfsys.jobs.models import Job

from .kinds import ImportKind, Outcome
from .models import ImportRow, ImportRun, State

PER_PAGE = 50
WRITTEN = ("created", "changed", "unchanged")
STATES = {
    State.DONE: "ok",
    State.FAILED: "talk",
    State.DISCARDED: "idle",
    State.UNDONE: "idle",
}  # how a state looks; whatever is not listed waits for somebody
LOOKS = {
    "accept": "ok",
    "accept_with_warning": "watch",
    "warn": "watch",
    "merge": "adj",
    "skip": "idle",
    "reject": "bad",
}
OUTCOME_LOOKS = {Outcome.CREATED: "ok", Outcome.CHANGED: "adj", Outcome.UNCHANGED: "idle"}


@dataclass(frozen=True, slots=True)
class RowView:
    sheet: str
    number: int
    action_name: str
    state: str
    outcome: str
    outcome_state: str
    differs: Sequence[str]
    problems: Sequence[Promise | str]
    cells: Sequence[str]
    raw: str
    """As it stands in the file, where it was not read: then there are no cells."""


def action_name(action: str) -> str:
    names = {
        "accept": _("Goes in"),
        "accept_with_warning": _("Goes in, with a note"),
        "warn": _("Goes in, with a note"),
        "merge": _("Joins another row"),
        "skip": _("Skipped"),
        "reject": _("Left out"),
    }
    return names[action]


def outcome_name(outcome: str) -> str:
    names = {Outcome.CREATED: _("New"), Outcome.CHANGED: _("Changed"), Outcome.UNCHANGED: _("As before")}
    return names[Outcome(outcome)]


def outcomes_of(run: ImportRun) -> dict[str, int]:
    """Rows by what they would do; empty where the kind does not tell."""
    return dict(run.report.get("outcomes", {}))


def rows_page(
    run: ImportRun, kind: ImportKind, *, only: str, page: str | None
) -> tuple[Page[ImportRow], list[RowView]]:
    """One page of rows (2 queries whatever the size: the count stands on the run)."""
    rows = ImportRow.objects.filter(run=run).order_by("position")
    counted = run.total_rows
    if only in OUTCOME_LOOKS:
        rows, counted = rows.filter(outcome=only), outcomes_of(run).get(only, 0)
    elif only:
        rows, counted = rows.filter(action=only), run.counts.get(only, 0)
    paginator = Paginator(rows, PER_PAGE)
    paginator.count = counted
    found = paginator.get_page(page)
    keys = [key for key, _title in kind.columns(run.report)]
    return found, [_row_view(row, kind, keys) for row in found.object_list]


def run_view(run: ImportRun) -> dict[str, Any]:
    """A line of the list; `imported` and `rejected` are None while unknown."""
    done = run.state == State.DONE
    return {
        "file_name": run.file_name,
        "state_name": State(run.state).label,
        "state": STATES.get(State(run.state), "watch"),
        "by": {"name": run.by_name},
        "at": run.uploaded_at,
        "imported": sum(run.counts.get(word, 0) for word in WRITTEN) if done else None,
        "rejected": run.counts.get("reject", 0) if run.counts else None,
    }


def has_given_up(run: ImportRun) -> bool:
    """Whether the job this run waits for failed too often to be tried again: its page must not show a bar for ever."""
    dead = Job.objects.filter(kind__startswith="imports.", payload__run=run.pk, state=Job.State.DEAD)
    return run.is_working and dead.exists()


def good_rows(run: ImportRun, kind: ImportKind) -> int:
    return sum(run.counts.get(action, 0) for action in kind.good)


def tabs(run: ImportRun, current: str) -> list[dict[str, Any]]:
    """One tab for what rows would do and for each action that occurs; the address keeps nothing else, so paging starts
    anew. That a row goes in says less than whether it changes anything."""
    outcomes = outcomes_of(run)
    shown = [(str(one), outcome_name(one), outcomes.get(one, 0)) for one in OUTCOME_LOOKS]
    shown += [(one, action_name(one), run.counts.get(one, 0)) for one in LOOKS if one != "accept" or not outcomes]
    whole = [{"label": _("All rows"), "url": "?", "current": not current, "count": run.total_rows}]
    return whole + [
        {"label": label, "url": f"?only={name}", "current": name == current, "count": count}
        for name, label, count in shown
        if count
    ]


def result_counts(run: ImportRun, kind: ImportKind) -> list[dict[str, Any]]:
    names = {"created": _("New"), "changed": _("Changed"), "unchanged": _("As before")}
    counts = [{"label": names[word], "number": run.counts.get(word, 0)} for word in WRITTEN]
    left = sum(run.counts.get(action, 0) for action in kind.bad)
    return [*counts, {"label": _("Left out"), "number": left}]


def undone_counts(run: ImportRun) -> list[dict[str, Any]]:
    names = {"removed": _("Removed again"), "restored": _("As before the import"), "left": _("Left as it is")}
    return [{"label": name, "number": run.counts.get(word, 0)} for word, name in names.items()]


def rejected_rows(run: ImportRun, kind: ImportKind) -> tuple[list[str], Iterator[list[str]]]:
    """Headings and rows of the file that goes back: the sheet's own cells, its row number and the reasons."""
    rows = ImportRow.objects.filter(run=run, action__in=kind.bad).order_by("position")
    headings: list[str] = max((sheet["headings"] for sheet in run.sheets), key=len, default=[])
    return [_("Sheet"), _("Row"), _("Why it was left out"), *headings], (
        [
            row.sheet,
            str(row.number),
            " ".join(str(kind.reason(code, words)) for code, words in row.reasons),
            *row.original,
        ]
        for row in rows.iterator(chunk_size=1000)
    )


def sheets_of(run: ImportRun, form: Any, kind: ImportKind) -> list[dict[str, Any]]:
    """The columns page: every sheet with its columns, samples and the select that decides."""
    shown = []
    placed = {sheet["name"]: position for position, sheet in enumerate(form.sheets)}
    for sheet in run.sheets:
        position = placed.get(sheet["name"])
        shown.append(
            {
                "name": sheet["name"],
                "header_row": sheet["header_row"],
                "skipped_because": None if sheet["is_data"] else skipped_because(sheet),
                "use": form[f"use-{position}"] if position is not None else None,
                "columns": [] if position is None else _columns(sheet, position, form),
            }
        )
    return shown


def skipped_because(sheet: Mapping[str, Any]) -> str:
    sentences = {
        "hidden": _("A hidden sheet is never read."),
        "empty": _("This sheet is empty."),
        "identifiers_only": _("This sheet only lists who, not what: left out."),
    }
    return sentences.get(sheet["reason"], _("This sheet does not look like rows to import."))


def _columns(sheet: Mapping[str, Any], position: int, form: Any) -> list[dict[str, Any]]:
    from openpyxl.utils.cell import get_column_letter  # not at every start: see writing.py

    because = {guess["index"]: guess["why"] for guess in sheet["columns"].values()}
    whys = {
        "heading": _("by its heading"),
        "similar_heading": _("by a similar heading"),
        "content": _("by what it holds"),
    }
    return [
        {
            "index": c,
            "letter": get_column_letter(c + 1),
            "heading": heading,
            "samples": [sample[c] for sample in sheet["samples"] if c < len(sample) and sample[c]],
            "field": form[f"column-{position}-{c}"],
            "because": whys.get(because.get(c, ""), ""),
        }
        for c, heading in enumerate(sheet["headings"])
    ]


def _row_view(row: ImportRow, kind: ImportKind, keys: Sequence[str]) -> RowView:
    state = LOOKS[row.action]
    problems = [kind.reason(code, words) for code, words in row.reasons]
    shown = kind.shown(row.values or {})
    cells = [_text(shown.get(key), kind.words.get(key, {})) for key in keys] if row.values else []
    raw = "" if row.values else " · ".join(filter(None, row.original))
    is_plain = row.outcome and row.action == "accept"
    return RowView(
        row.sheet,
        row.number,
        "" if is_plain else action_name(row.action),
        state,
        outcome_name(row.outcome) if row.outcome else "",
        OUTCOME_LOOKS[Outcome(row.outcome)] if row.outcome else "",
        [_differs(kind, *one) for one in row.differs],
        problems,
        cells,
        raw,
    )


def _differs(kind: ImportKind, field: str, stands: Any, says: Any) -> str:
    about = {"field": kind.field_title(field)}
    if stands is None and says is None:
        return str(about["field"])
    words = kind.words.get(field, {})
    about |= {"old": _text(stands, words) or "–", "new": _text(says, words) or "–"}
    return _("%(field)s: %(old)s → %(new)s") % about


def _text(value: Any, words: Mapping[str, Promise | str]) -> str:
    if value is None:
        return ""
    if isinstance(value, str) and value in words:
        return str(words[value])
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return _(", ").join(map(str, value))
    return str(value)

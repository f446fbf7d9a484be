"""From upload to result. Reading, judging and applying are jobs, each one transaction: a worker killed in the middle
leaves nothing half-written, and the job runs again from where the last one ended."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from django.db import IntegrityError, transaction

from perfsys.audit.actions import record
from perfsys.jobs.actions import enqueue
from perfsys.people.models import Employee
from perfsys.tenancy.rows import Row, insert_rows, tell_planner

from . import events, progress
from .columns import recognise_all, source_rows
from .kinds import Change, Comparable, Compare, ImportKind, Judged, JudgedRow, Undoable, hindrance, kind_named
from .models import WORKING, ImportChange, ImportFile, ImportRow, ImportRun, State
from .reading import Book, SourceRow, UnreadableFile, opened
from .sheets import describe_sheet, overrides_of, used_sheets
from .text import clean

BATCH = 1000  # rows a statement
KEPT = timedelta(days=30)  # the file and its rows; the run and its counts stay


class AskAgainLater(Exception):
    """Another file of this kind is being imported, or this one is being worked on: wait for it to end."""


class NothingToImport(Exception):
    """No row of the file can be imported: correct the file or its columns first."""


class Hindered(Exception):
    """What the file is about has been closed since; the sentence says what and what helps."""


class WrongStep(Exception):
    """The run has moved on in another window: look at it again."""


@transaction.atomic
def upload(*, kind: str, name: str, content: bytes, actor: Employee | None, now: datetime) -> ImportRun:
    """Keep the file and have it read. Raises UnreadableFile for what its first bytes already tell."""
    run = start(kind=kind, name=name, content=content, actor=actor, now=now)
    enqueue("imports.read", key=f"{run.pk}", payload={"run": run.pk})
    return run


@transaction.atomic
def start(*, kind: str, name: str, content: bytes, actor: Employee | None, now: datetime) -> ImportRun:
    """The run alone, for whoever reads and judges in the same breath: the command line, the demo."""
    run = ImportRun.objects.create(
        kind=kind_named(kind).name,
        file_name=name[-200:],
        file_size=len(content),
        file_hash=hashlib.sha256(content).hexdigest(),
        by=actor,
        by_name=actor.name if actor else "",
        uploaded_at=now,
    )
    ImportFile.objects.create(run=run, content=content)
    record(events.FILE_UPLOADED, subject=run, actor=actor, at=now, details={"kind": kind, "bytes": len(content)})
    return run


@transaction.atomic
def read(*, run_id: int, now: datetime) -> None:
    """Find sheets, header rows and columns; a person looks at the result before any row is judged."""
    run = _locked(run_id)
    if run.state != State.READING:
        return  # done by an earlier attempt
    kind = kind_named(run.kind)
    with _stopping_at_unreadable(run, now), _opened(run) as book:
        run.sheets = list(map(describe_sheet, book.sheets, recognise_all(book.sheets, kind.fields)))
        run.state = State.COLUMNS
    _save(run)


@transaction.atomic
def choose_columns(*, run: ImportRun, choices: Mapping[str, Any], actor: Employee | None, now: datetime) -> None:
    """`choices`: sheet name -> {"use": bool, "columns": {column index as text: field name or ""}}. Rows judged with
    earlier choices are thrown away. Raises AskAgainLater, WrongStep."""
    run = _locked(run.pk)
    if run.state not in (State.COLUMNS, State.PREVIEW):
        raise AskAgainLater if run.is_working else WrongStep
    run.choices = dict(choices)
    run.state = State.JUDGING
    run.done_rows = 0
    run.version += 1
    _save(run)
    record(events.COLUMNS_CHOSEN, subject=run, actor=actor, at=now)
    enqueue("imports.judge", key=f"{run.pk}:{run.version}", payload={"run": run.pk})


@transaction.atomic
def judge(*, run_id: int, now: datetime) -> Judged | None:
    """A verdict for every row, kept for the preview."""
    run = _locked(run_id)
    if run.state != State.JUDGING:
        return None
    kind = kind_named(run.kind)
    judged = None
    ImportRow.objects.filter(run=run).delete()
    with _stopping_at_unreadable(run, now), _opened(run) as book:
        used = used_sheets(run)
        ignored = [sheet.name for sheet in book.sheets if sheet.name not in used]
        judged = kind.judge(_Rows(book, run, kind), now=now, ignored_sheets=ignored)
        compare = kind.comparison(judged.report) if isinstance(kind, Comparable) else None
        counts, outcomes = _write_rows(run, kind, judged.rows, _originals(book, used), compare)
        run.counts, run.report = dict(counts), {**judged.report, "outcomes": dict(outcomes)}
        run.total_rows = sum(run.counts.values())
        run.state = State.PREVIEW
    _save(run)
    return judged


@transaction.atomic
def judge_as_read(*, run: ImportRun, now: datetime) -> Judged | None:
    """Judge with the columns as they were recognised, without asking anybody; None when the file cannot be read."""
    run.state = State.JUDGING
    _save(run)
    return judge(run_id=run.pk, now=now)


@transaction.atomic
def write_judged(*, run: ImportRun, now: datetime) -> None:
    """Write the good rows at once. Raises AskAgainLater while another file of this kind is being imported."""
    _begin_apply(run)
    write(run_id=run.pk, actor_id=None, now=now)


@transaction.atomic
def apply(*, run: ImportRun, actor: Employee | None, now: datetime) -> None:
    """Have the good rows imported. Raises NothingToImport, Hindered, AskAgainLater, WrongStep."""
    run = _locked(run.pk)
    if run.state != State.PREVIEW:
        raise AskAgainLater if run.is_working else WrongStep
    kind = kind_named(run.kind)
    if not any(run.counts.get(action) for action in kind.good):
        raise NothingToImport
    if why := hindrance(kind, run.report):
        raise Hindered(why)
    _begin_apply(run)
    enqueue(
        "imports.apply", key=f"{run.pk}:{run.version}", payload={"run": run.pk, "actor": actor.pk if actor else None}
    )


@transaction.atomic
def write(*, run_id: int, actor_id: int | None, now: datetime) -> None:
    """Write the good rows, all of them or none: the same file again changes nothing. Where that is hindered since it
    was asked for, the run is back before it, and its page says why."""
    run = _locked(run_id)
    if run.state != State.APPLYING:
        return
    kind = kind_named(run.kind)
    if hindrance(kind, run.report, hold=True):
        run.state = State.PREVIEW
        _save(run)
        return
    good = ImportRow.objects.filter(run=run, action__in=kind.good).order_by("position")
    actor = Employee.objects.filter(pk=actor_id).first() if actor_id else None
    values = (row or {} for row in good.values_list("values", flat=True).iterator(chunk_size=BATCH))
    applied = kind.apply(values, report=run.report, actor=actor, now=now, progress=progress.reporter(run))
    tell_planner(applied.created)
    run.counts = {
        **run.counts,
        "created": applied.created,
        "changed": applied.changed,
        "unchanged": applied.unchanged,
    }
    run.report = {**run.report, **applied.marks}
    kept = iter(applied.changes)
    while batch := list(islice(kept, BATCH)):
        written = [{"target": one.target, "former": one.former, "became": one.became} for one in batch]
        insert_rows(ImportChange, written, same={"run_id": run.pk})
    run.state, run.finished_at = State.DONE, now
    _save(run)
    record(events.IMPORTED, subject=run, actor=actor, at=now, details={"kind": run.kind, **run.counts})


@transaction.atomic
def undo(*, run: ImportRun, actor: Employee | None, now: datetime) -> None:
    """Have an import taken back. Raises Hindered, AskAgainLater, WrongStep."""
    run = _locked(run.pk)
    if run.is_working or ImportRun.objects.filter(kind=run.kind, state=State.APPLYING).exists():
        raise AskAgainLater
    if run.state != State.DONE or not can_be_undone(run):
        raise WrongStep
    if why := hindrance(kind_named(run.kind), run.report):
        raise Hindered(why)
    run.state = State.UNDOING
    run.version += 1
    _save(run)
    enqueue(
        "imports.undo", key=f"{run.pk}:{run.version}", payload={"run": run.pk, "actor": actor.pk if actor else None}
    )


@transaction.atomic
def take_back(*, run_id: int, actor_id: int | None, now: datetime) -> None:
    """What the job does, all of it or nothing. The file's rows stay, so that it can be seen what was in it."""
    run = _locked(run_id)
    if run.state != State.UNDOING:
        return
    kind: Any = kind_named(run.kind)
    if hindrance(kind, run.report, hold=True):
        run.state = State.DONE
        _save(run)
        return
    actor = Employee.objects.filter(pk=actor_id).first() if actor_id else None
    done = kind.undo(changes_of(run), report=run.report, actor=actor, now=now)
    said = {"removed": len(done.removed), "restored": len(done.restored), "left": len(done.left)}
    run.counts = {**run.counts, **said}
    run.report = {**run.report, "partly": [[target, code] for target, code in done.partly.items()]}
    run.state, run.finished_at = State.UNDONE, now
    _save(run)
    ImportChange.objects.filter(run=run).delete()
    record(events.UNDONE, subject=run, actor=actor, at=now, details={"kind": run.kind, **said})


def can_be_undone(run: ImportRun) -> bool:
    """As long as what it changed is kept."""
    is_kept = run.state == State.DONE and isinstance(kind_named(run.kind), Undoable)
    return is_kept and ImportChange.objects.filter(run=run).exists()


def changes_of(run: ImportRun) -> list[Change]:
    kept = ImportChange.objects.filter(run=run).order_by("target")
    return [Change(*row) for row in kept.values_list("target", "former", "became")]


@transaction.atomic
def discard(*, run: ImportRun, actor: Employee | None, now: datetime) -> None:
    """Throw the file and its rows away before they were imported. Raises AskAgainLater, WrongStep."""
    run = _locked(run.pk)
    if run.state == State.APPLYING:
        raise AskAgainLater
    if run.state in (State.DONE, State.DISCARDED, State.UNDOING, State.UNDONE):
        raise WrongStep
    run.state, run.finished_at = State.DISCARDED, now
    _save(run)
    _forget_contents(ImportRun.objects.filter(pk=run.pk))
    record(events.DISCARDED, subject=run, actor=actor, at=now)


@transaction.atomic
def forget_old(*, now: datetime) -> int:
    """Files and rows hold personal data nobody needs once the import is settled; from then on it cannot be taken back.
    Returns runs emptied."""
    old = ImportRun.objects.filter(uploaded_at__lt=now - KEPT).exclude(state__in=WORKING).filter(files__isnull=False)
    return _forget_contents(ImportRun.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:BATCH])))


def _forget_contents(runs: Any) -> int:
    ids = list(runs.values_list("pk", flat=True))
    ImportRow.objects.filter(run__in=ids).delete()
    ImportFile.objects.filter(run__in=ids).delete()
    ImportChange.objects.filter(run__in=ids).delete()
    return len(ids)


def _begin_apply(run: ImportRun) -> None:
    if ImportRun.objects.filter(kind=run.kind, state=State.UNDOING).exists():
        raise AskAgainLater
    run.state = State.APPLYING
    run.version += 1
    try:
        with transaction.atomic():
            _save(run)
    except IntegrityError as taken:
        raise AskAgainLater from taken


def _locked(run_id: int) -> ImportRun:
    return ImportRun.objects.select_for_update().get(pk=run_id)


def _save(run: ImportRun) -> None:
    run.save()


@contextmanager
def _opened(run: ImportRun) -> Iterator[Book]:
    """The file as a book of sheets; the reading itself happens in a limited child process."""
    content = ImportFile.objects.values_list("content", flat=True).get(run=run)
    with NamedTemporaryFile() as file:
        file.write(content)
        file.flush()
        del content
        with opened(Path(file.name), name=run.file_name) as book:
            yield book


@contextmanager
def _stopping_at_unreadable(run: ImportRun, now: datetime) -> Iterator[None]:
    try:
        yield
    except UnreadableFile as error:
        _fail(run, {"code": type(error).__name__, **error.details}, now)


def _fail(run: ImportRun, error: Mapping[str, Any], now: datetime) -> None:
    run.state, run.error, run.finished_at = State.FAILED, dict(error), now


class _Rows:
    """The rows of all used sheets by field; each walk reads the file anew, so a kind may look ahead."""

    def __init__(self, book: Book, run: ImportRun, kind: ImportKind) -> None:
        used = used_sheets(run)
        self._sheets = [
            (sheet, found, overrides_of(run, sheet.name))
            for sheet, found in zip(book.sheets, recognise_all(book.sheets, kind.fields), strict=True)
            if sheet.name in used
        ]

    def __iter__(self) -> Iterator[SourceRow]:
        return chain.from_iterable(source_rows(*sheet) for sheet in self._sheets)


def _originals(book: Book, used: set[str]) -> Iterator[tuple[str, int, list[str]]]:
    """Every row again, as text: walked beside the verdicts, so that no file is ever held whole."""
    for sheet in book.sheets:
        if sheet.name in used:
            for row in sheet.rows:
                yield sheet.name, row.number, [clean(cell) for cell in row.cells]


def _write_rows(
    run: ImportRun,
    kind: ImportKind,
    judged: Iterable[JudgedRow],
    originals: Iterator[tuple[str, int, list[str]]],
    compare: Compare | None,
) -> tuple[Counter[str], Counter[str]]:
    """How many rows by action, and of the good ones by what they would do."""
    counts: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()

    def rows() -> Iterator[Row]:
        for position, verdict in enumerate(judged):
            counts[verdict.action] += 1
            original = next((o[2] for o in originals if (o[0], o[1]) == (verdict.sheet, verdict.number)), [])
            yield {
                "position": position,
                "sheet": verdict.sheet[:120],
                "number": verdict.number,
                "action": verdict.action,
                "reasons": list(verdict.reasons),
                "values": verdict.values,
                "original": original,
                "outcome": "",
                "differs": [],
            }

    made = rows()
    tell = progress.reporter(run)
    while batch := list(islice(made, BATCH)):
        if compare is not None:
            good = [row for row in batch if row["action"] in kind.good]
            for row, effect in zip(good, compare([row["values"] or {} for row in good]), strict=True):
                row["outcome"], row["differs"] = effect.outcome, list(effect.differs)
                outcomes[effect.outcome] += 1
        insert_rows(ImportRow, batch, same={"run_id": run.pk})
        tell(batch[-1]["position"] + 1)
    return counts, outcomes

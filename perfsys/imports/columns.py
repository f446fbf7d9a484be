"""Which row holds the headings, and which column is which field: by what it is called, else by what stands in it.

Files differ from company to company, so nothing here knows a field: an import kind declares its `FieldSpec`s.
A person's correction wins over every guess (product.md §1.6).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter

from perfsys.imports.headings import LONGEST, STRONG, KnownHeadings, folded_heading, is_foreign_heading
from perfsys.imports.reading import BLANK, Cell, Row, Sheet, SourceRow
from perfsys.imports.text import clean, compact, line

SAMPLE_ROWS = 300
_HEADER_WITHIN_ROWS = 30
_CONTENT_SHARE = 0.6
_CONTENT_CONFIDENCE = 0.8
_FEW_ROWS = 20
_CONTENT_ALONE = 3
"""So many fields told by content alone make a sheet data even where no heading is known."""


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """A column an import kind can use."""

    name: str
    headings: tuple[str, ...]
    """What companies call it, in any language; blanks, case, punctuation and bracketed units do not matter."""
    looks_like: Callable[[Cell], bool] | None = None
    """Whether a filled cell could be one of this field's; None where content tells nothing."""
    required: bool = False
    """A sheet without this column is no data of this kind."""
    identifies: bool = False
    """The column says only who a row is about: a sheet of nothing else (a pay list, say) is no data."""
    distinct: tuple[float, float] = (0.0, 1.0)
    """Share of different values among a column's filled cells within which content may be taken for this field."""
    verbatim: bool = False
    """Only what is called exactly so is this column: a name the company gave, not one of many that mean the same."""


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    index: int
    """0-based."""
    confidence: float
    """0..1; below 0.75 a person should look."""
    why: str
    """heading, similar_heading, content"""


@dataclass(frozen=True, slots=True)
class Recognition:
    header_row: int | None
    """Number of the (last) row of headings; None where there is none: data start with the first row."""
    columns: Mapping[str, ColumnGuess]
    is_data: bool
    reason: str = ""
    """Why a sheet is no data: hidden, empty, columns_missing, identifiers_only."""
    headings: tuple[str, ...] = ()
    """Of each column as shown; of two rows of headings the lower one."""
    sampled_rows: int = 0
    """How many rows the guesses from content rest on."""


@dataclass(frozen=True, slots=True)
class _Header:
    row: int | None
    """Index in the sampled rows."""
    score: float
    headings: tuple[tuple[str, ...], ...] = field(default=())
    """Per column what it may be called, most telling first."""


def recognise_all(sheets: Sequence[Sheet], fields: Sequence[FieldSpec]) -> list[Recognition]:
    """`recognise` for the sheets of one book, which mean the same by the same heading.

    Where a heading is new to us, the sheet with the most rows tells by its content what it means in all of them: a
    department of four people says little.
    """
    alone = [recognise(sheet, fields) for sheet in sheets]
    learned: dict[str, str] = {}
    for found in sorted(alone, key=lambda found: -found.sampled_rows):
        for name, guess in found.columns.items():
            if guess.why == "content" and guess.index < len(found.headings):
                learned.setdefault(folded_heading(found.headings[guess.index]), name)
    learned.pop("", None)
    return [recognise(sheet, fields, learned=learned) for sheet in sheets] if learned else alone


def recognise(sheet: Sheet, fields: Sequence[FieldSpec], *, learned: Mapping[str, str] | None = None) -> Recognition:
    """Headings, columns and whether `sheet` holds rows of this kind at all. Looks at its first rows only.

    `learned`: what other sheets told of headings new to us, folded heading -> field.
    """
    if sheet.hidden:
        return Recognition(None, {}, is_data=False, reason="hidden")
    rows = list(islice(sheet.rows, SAMPLE_ROWS + _HEADER_WITHIN_ROWS))
    if not rows:
        return Recognition(None, {}, is_data=False, reason="empty")
    known = _known(fields)
    header = _find_header(rows, known, fields)
    below = rows[header.row + 1 :] if header.row is not None else rows
    samples = _Samples(below[:SAMPLE_ROWS], sheet.hidden_columns)
    columns = _columns_by_heading(header, known, samples, fields)
    columns |= _columns_learned(header, columns, learned or {})
    columns |= _columns_by_content(header, columns, samples, fields)
    reason = _why_no_data(columns, fields)
    return Recognition(
        header_row=rows[header.row].number if header.row is not None else None,
        columns={spec.name: columns[spec.name] for spec in fields if spec.name in columns},
        is_data=not reason,
        reason=reason,
        headings=tuple(names[0] if names else "" for names in header.headings),
        sampled_rows=samples.rows,
    )


def _known(fields: Sequence[FieldSpec]) -> KnownHeadings:
    return KnownHeadings(
        {spec.name: spec.headings for spec in fields if not spec.verbatim},
        {spec.name: spec.headings for spec in fields if spec.verbatim},
    )


def source_rows(
    sheet: Sheet, recognition: Recognition, overrides: Mapping[int, str | None] | None = None
) -> Iterator[SourceRow]:
    """The rows below the headings by field. Rows that repeat the headings (printed pages) are left out.

    `overrides` is a person's correction: 0-based column -> field, or None for a column to leave alone.
    """
    columns = corrected(recognition, overrides)
    field_of = {index: name for name, index in columns.items()}
    folded = [folded_heading(heading) for heading in recognition.headings]
    for row in sheet.rows:
        if recognition.header_row is not None and row.number <= recognition.header_row:
            continue
        if _repeats(row, folded):
            continue
        held = row.cells
        width = len(held)
        cells = {name: held[index] if index < width else BLANK for name, index in columns.items()}
        rest = tuple([cell for index, cell in enumerate(held) if cell.value is not None and index not in field_of])
        yield SourceRow(sheet.name, row.number, cells, rest)


def corrected(recognition: Recognition, overrides: Mapping[int, str | None] | None) -> dict[str, int]:
    """Field -> 0-based column, after a person's correction: one column a field, one field a column."""
    columns = {name: guess.index for name, guess in recognition.columns.items()}
    for index, name in (overrides or {}).items():
        columns = {other: held for other, held in columns.items() if held != index and other != name}
        if name is not None:
            columns[name] = index
    return columns


def _find_header(rows: Sequence[Row], known: KnownHeadings, fields: Sequence[FieldSpec]) -> _Header:
    """The row, or two rows, of headings among the first ones; where none is known, the first full row of texts."""
    best = _Header(None, 0.0)
    for index, row in enumerate(rows[:_HEADER_WITHIN_ROWS]):
        single = [(line(cell),) if line(cell) else () for cell in row.cells]
        candidate = _Header(index, _header_score(single, known), tuple(single))
        if index + 1 < len(rows) and (pair := _two_row_header(row, rows[index + 1], known)) is not None:
            both = _Header(index + 1, _header_score(pair, known), tuple(pair))
            candidate = both if both.score >= candidate.score + 1 else candidate
        if candidate.score > best.score:
            best = candidate
    if best.score >= 2:
        return best
    return _header_by_shape(rows, fields) or (best if best.score >= 1 else _Header(None, 0.0))


def _header_score(headings: Iterable[tuple[str, ...]], known: KnownHeadings) -> float:
    """How many fields the headings name; one named twice counts once, one only resembled counts half."""
    asked = [heading for names in headings for heading in names]
    named = {name for heading in asked for name in islice(known.called(heading), 1)}
    if not named:
        return 0.0
    resembled = {name for heading in asked for name in islice(known.fitness(heading), 1)} - named
    return len(named) + len(resembled) / 2


def _two_row_header(upper: Row, lower: Row, known: KnownHeadings) -> list[tuple[str, ...]] | None:
    """Headings of a group row ("contact") over its columns ("mail", "mobile"); None if `lower` is no such row.

    Under a heading that is complete in itself stands nothing, the same again where the two cells are merged, or what
    makes another heading of it ("manager", "number").
    """
    width = max(len(upper.cells), len(lower.cells))
    tops, bottoms = ([line(cell) for cell in (*row.cells, *[BLANK] * width)][:width] for row in (upper, lower))
    for top, bottom in zip(tops, bottoms, strict=True):
        if bottom not in ("", top) and known.called(top) and not known.called(f"{top}{bottom}"):
            return None
    headings: list[tuple[str, ...]] = []
    group = ""
    for top, bottom in zip(tops, bottoms, strict=True):
        group = top or group
        if bottom and bottom != top:
            headings.append((bottom, f"{group}{bottom}"))
        else:
            headings.append((top,) if top else ())
    return headings


def _header_by_shape(rows: Sequence[Row], fields: Sequence[FieldSpec]) -> _Header | None:
    """The first row as full as most, all of texts, that looks like no data itself."""
    filled = [sum(1 for cell in row.cells if clean(cell)) for row in rows]
    usual = sorted(filled)[len(filled) // 2]
    if usual < 2:
        return None
    for index, row in enumerate(rows[:_HEADER_WITHIN_ROWS]):
        texts = [cell for cell in row.cells if clean(cell)]
        if len(texts) < max(2, usual * 0.7):
            continue
        if all(isinstance(cell.value, str) and len(clean(cell)) <= LONGEST for cell in texts):
            looks = sum(1 for cell in texts if _looks_typical(cell, fields))
            if looks <= len(texts) / 4:
                return _Header(index, 0.0, tuple((line(cell),) if line(cell) else () for cell in row.cells))
        return None
    return None


def _looks_typical(cell: Cell, fields: Sequence[FieldSpec]) -> bool:
    """Whether a text carries digits or signs and looks like a field: 姓名 might be a name, HR0003 is no heading."""
    return bool(re.search(r"[\d@/]", clean(cell))) and any(
        spec.looks_like is not None and spec.looks_like(cell) for spec in fields
    )


class _Samples:
    """What stands below the headings, column by column."""

    def __init__(self, rows: Sequence[Row], hidden: frozenset[int]) -> None:
        self.hidden = hidden
        self.width = max((len(row.cells) for row in rows), default=0)
        # A row of one or two cells is a subtotal or a note, which says nothing about columns.
        least = min(3, self.width)
        full = [row for row in rows if sum(1 for cell in row.cells if cell.value is not None) >= least]
        self._columns = [
            [row.cells[index] for row in full if index < len(row.cells) and clean(row.cells[index])]
            for index in range(self.width)
        ]
        self.rows = len(full)

    def filled(self, index: int) -> list[Cell]:
        return self._columns[index] if index < self.width else []

    def share(self, index: int, spec: FieldSpec) -> float:
        """Share of the column's filled cells that look like the field."""
        cells = self.filled(index)
        if not cells or spec.looks_like is None:
            return 0.0
        return sum(1 for cell in cells if spec.looks_like(cell)) / len(cells)

    def distinct(self, index: int) -> float:
        """Share of different values among the column's filled cells."""
        cells = self.filled(index)
        return len({compact(cell) for cell in cells}) / len(cells) if cells else 0.0

    def varies_like(self, index: int, spec: FieldSpec) -> bool:
        """Whether values repeat as often as the field's do; in a few rows hardly anything repeats."""
        least, most = spec.distinct
        return least <= self.distinct(index) and (self.distinct(index) <= most or len(self.filled(index)) < _FEW_ROWS)

    def tells(self, index: int) -> bool:
        """Whether a column is filled enough for its content to be trusted."""
        return len(self.filled(index)) >= max(1, min(5, self.rows // 4))


def _columns_by_heading(
    header: _Header, known: KnownHeadings, samples: _Samples, fields: Sequence[FieldSpec]
) -> dict[str, ColumnGuess]:
    """Greedy, best fit first; where two columns or two fields fit as well, content decides, then the field's order."""
    order = {spec.name: position for position, spec in enumerate(fields)}
    specs = {spec.name: spec for spec in fields}
    candidates: list[tuple[float, float, int, int, str]] = []
    for index, names in enumerate(header.headings):
        fitting: dict[str, float] = {}
        for heading in names:
            for name, score in known.fitness(heading).items():
                fitting[name] = max(fitting.get(name, 0.0), score)
        for name, score in fitting.items():
            share = samples.share(index, specs[name]) if samples.tells(index) else 0.0
            candidates.append((-score, -round(share, 1), order[name], index, name))
    found: dict[str, ColumnGuess] = {}
    taken: set[int] = set()
    for negative_score, _, _, index, name in sorted(candidates):
        if name in found or index in taken:
            continue
        taken.add(index)
        why = "heading" if -negative_score >= STRONG else "similar_heading"
        found[name] = ColumnGuess(index, round(_doubted(-negative_score, index, specs[name], samples), 2), why)
    return found


def _doubted(confidence: float, index: int, spec: FieldSpec, samples: _Samples) -> float:
    """Less confidence where a column full of values holds hardly one that looks as it should."""
    if spec.looks_like is None or len(samples.filled(index)) < 5:
        return confidence
    return confidence if samples.share(index, spec) >= 0.2 else min(confidence, 0.5)


def _columns_learned(
    header: _Header, found: Mapping[str, ColumnGuess], learned: Mapping[str, str]
) -> dict[str, ColumnGuess]:
    taken = {guess.index for guess in found.values()}
    guessed: dict[str, ColumnGuess] = {}
    for index, names in enumerate(header.headings):
        name = learned.get(folded_heading(names[0])) if names else None
        if name and name not in found and name not in guessed and index not in taken:
            guessed[name] = ColumnGuess(index, _CONTENT_CONFIDENCE, "content")
    return guessed


def _columns_by_content(
    header: _Header, found: Mapping[str, ColumnGuess], samples: _Samples, fields: Sequence[FieldSpec]
) -> dict[str, ColumnGuess]:
    """Fields nobody named, in columns nobody knows the name of."""
    taken = {guess.index for guess in found.values()}
    candidates: list[tuple[float, int, float, int, str]] = []
    for index in range(samples.width):
        names = header.headings[index] if index < len(header.headings) else ()
        if index in taken or index in samples.hidden or not samples.tells(index):
            continue
        if any(is_foreign_heading(heading) for heading in names):
            continue
        distinct = samples.distinct(index)
        for position, spec in enumerate(fields):
            if spec.name in found or not samples.varies_like(index, spec):
                continue
            share = samples.share(index, spec)
            if share >= _CONTENT_SHARE:
                candidates.append((-round(share, 1), position, -distinct, index, spec.name))
    guessed: dict[str, ColumnGuess] = {}
    for negative_share, _, _, index, name in sorted(candidates, key=itemgetter(0, 1, 2, 3)):
        if name not in guessed and index not in taken:
            taken.add(index)
            guessed[name] = ColumnGuess(index, round(-negative_share * _CONTENT_CONFIDENCE, 2), "content")
    return guessed


def _why_no_data(columns: Mapping[str, ColumnGuess], fields: Sequence[FieldSpec]) -> str:
    if any(spec.required and spec.name not in columns for spec in fields):
        return "columns_missing"
    if all(guess.why == "content" for guess in columns.values()) and len(columns) < _CONTENT_ALONE:
        return "columns_missing"
    if all(spec.identifies for spec in fields if spec.name in columns):
        return "identifiers_only"
    return ""


def _repeats(row: Row, folded: Sequence[str]) -> bool:
    """Whether most filled cells say again what their column is called."""
    filled = 0
    same = 0
    for index, cell in enumerate(row.cells):
        if isinstance(cell.value, str) and index < len(folded) and folded[index]:
            filled += 1
            if len(cell.value) <= LONGEST and folded_heading(cell.value) == folded[index]:
                same += 1
            elif filled > 3 and not same:
                return False
    return same >= 2 and same * 2 > filled

"""Extra fields of templates as columns of a goal file (product.md §1.6, §2.12). No database.

Keys of fields say nothing outside their template, so a column belongs to a template and a label: goals of a version
that called the field otherwise stand in a column of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import chain, count
from typing import Any

from goals.extras import COMPUTED, DATE, NUMBER, PERSON, ExtraField
from goals.importing import figures
from goals.importing.goal_fields import GOAL_FIELDS
from goals.importing.words import EXTRA
from perfsys.imports.columns import FieldSpec
from perfsys.imports.headings import KnownHeadings, folded_heading
from perfsys.imports.reading import CellValue

STANDARD = KnownHeadings({spec.name: spec.headings for spec in GOAL_FIELDS})


@dataclass(frozen=True, slots=True)
class Origin:
    """A template, by whatever stays the same for it; `unit` is the department whose own copy it is."""

    key: str
    name: str
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    """Of its FieldSpec."""
    label: str
    heading: str
    template: str
    is_computed: bool


def column_name(origin: str, label: str) -> str:
    return f"{EXTRA}{origin}/{label}"


def columns_for(fields: Iterable[tuple[Origin, ExtraField]]) -> list[Column]:
    """One for each template and label. It is called as the field is, with the template behind it where a column of
    every goal file or of another template is called so."""
    found = {column_name(origin.key, str(one.label)): (origin, one) for origin, one in fields}
    labels = Counter(folded_heading(str(one.label)) for _origin, one in found.values())
    taken: set[str] = set()
    columns = []
    for name, (origin, one) in found.items():
        label = str(one.label)
        is_own = labels[folded_heading(label)] == 1
        tries = chain([label] if is_own else [], _longer(label, origin))
        heading = next(one for one in tries if (folded := folded_heading(one)) not in taken and _is_free(one, folded))
        taken.add(folded_heading(heading))
        columns.append(Column(name, label, heading, origin.name, one.kind == COMPUTED))
    return columns


def _longer(label: str, origin: Origin) -> Iterator[str]:
    yield f"{label} · {origin.name}"
    if origin.unit:
        yield f"{label} · {origin.name} · {origin.unit}"
    yield f"{label} · {origin.name} · t{origin.key}"
    for number in count(2):
        yield f"{label} · {origin.name} · t{origin.key} · {number}"


def _is_free(heading: str, folded: str) -> bool:
    return bool(folded) and not STANDARD.called(heading)


def specs_of(columns: Iterable[Column]) -> list[FieldSpec]:
    """Found by their own heading alone: what merely resembles it was called so before there was such a field."""
    return [FieldSpec(one.name, (one.heading,), verbatim=True) for one in columns]


def cell_of(kind: str, value: str, people: Mapping[str, str]) -> CellValue:
    """What a goal keeps, as a file shows it; `people` are called by public id."""
    if kind == PERSON:
        return people.get(value, value)
    if kind == DATE:
        return date.fromisoformat(value)
    if kind in (NUMBER, COMPUTED):
        return figures.cell(Decimal(value))
    return value


def answers_by_column(
    origin: str, kept: Sequence[Mapping[str, Any]], people: Mapping[str, str]
) -> dict[str, CellValue]:
    """What one goal answers."""
    return {column_name(origin, one["label"]): cell_of(one["kind"], str(one["value"]), people) for one in kept}

"""Extra fields of a template: what they are, when one is asked, and what a goal keeps of them (product.md §2.12).

No database. A goal keeps for each field its label and kind beside the value, so that every version of it can be read
without the template; of a person only the public id, never the name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .arithmetic import UnreadableFormula, names_in, read, work_out

TEXT, NUMBER, CHOICE, DATE, LINK, PERSON, COMPUTED = "text", "number", "choice", "date", "link", "person", "computed"
KINDS: Sequence[tuple[str, Promise]] = (
    (TEXT, _("Text")),
    (NUMBER, _("A number")),
    (CHOICE, _("Choice")),
    (DATE, _("Date")),
    (LINK, _("Link")),
    (PERSON, _("Person")),
    (COMPUTED, _("Computed")),
)
COMPARED = frozenset({TEXT, NUMBER, CHOICE})  # a condition can ask these
MOST_FIELDS = 20

Words = str | Promise


@dataclass(frozen=True)
class ExtraField:
    """`key` is the field's own for good. It is asked only when the field `when` says `equals`; empty: always. `formula`
    names number fields by label. `listed` ones stand in the tables of goals too."""

    key: str
    label: Words
    kind: str = TEXT
    is_required: bool = False
    choices: tuple[Words, ...] = ()
    formula: str = ""
    when: str = ""
    equals: Words = ""
    says: Words = ""
    listed: bool = False

    @property
    def kept(self) -> dict[str, Any]:
        words = {name: str(getattr(self, name)) for name in ("label", "equals", "says")}
        return asdict(self) | words | {"choices": [str(one) for one in self.choices]}


@dataclass(frozen=True)
class Fault:
    """What is wrong with field number `index`, in its `column`."""

    index: int
    column: str
    says: Words
    params: Mapping[str, str] | None = None


def fields_of(kept: Sequence[Mapping[str, Any]]) -> list[ExtraField]:
    return [ExtraField(**{**one, "choices": tuple(one.get("choices", ()))}) for one in kept]


def faults_of(fields: Sequence[ExtraField]) -> list[Fault]:
    """What has to be mended before the fields can be asked."""
    return [fault for index, field in enumerate(fields) for fault in _faults(index, field, fields)]


def _faults(index: int, field: ExtraField, fields: Sequence[ExtraField]) -> Iterator[Fault]:
    if any(other.label == field.label for other in fields[:index]):
        yield Fault(index, "label", _("Two fields are called that. Tell them apart."))
    if field.kind == CHOICE and len(set(field.choices)) < 2:
        yield Fault(index, "choices", _("Write at least two choices, one a line."))
    if field.kind == COMPUTED:
        yield from _faults_of_formula(index, field, fields)
    if field.when:
        yield from _faults_of_condition(index, field, {one.key: one for one in fields[:index]})
    elif field.equals:
        yield Fault(index, "when", _("Say which field above has to say that."))


def _faults_of_formula(index: int, field: ExtraField, fields: Sequence[ExtraField]) -> Iterator[Fault]:
    try:
        names = names_in(read(field.formula))
    except UnreadableFormula as refused:
        if refused.at:
            told = _("It cannot be read from “%(at)s” on. Write it with + - * / and ( ).")
            yield Fault(index, "formula", told, {"at": refused.at})
        else:
            yield Fault(index, "formula", _("Something is missing at the end. For example: [Price] * [Pieces]"))
        return
    numbers = {str(one.label) for one in fields if one.kind == NUMBER}
    for name in sorted(names - numbers):
        yield Fault(index, "formula", _("No number field is called “%(name)s”."), {"name": name})


def _faults_of_condition(index: int, field: ExtraField, above: Mapping[str, ExtraField]) -> Iterator[Fault]:
    asked = above.get(field.when)
    if asked is None or asked.kind not in COMPARED:
        yield Fault(index, "when", _("Name a field above it: a text, a number or a choice."))
    elif not field.equals:
        yield Fault(index, "equals", _("Say what it has to be."))
    elif asked.kind == CHOICE and field.equals not in asked.choices:
        told = _("“%(value)s” is not one of its choices.")
        yield Fault(index, "equals", told, {"value": str(field.equals)})


def answered(fields: Sequence[ExtraField], given: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """What a goal keeps, and the keys of required fields that nothing was said to. A field whose condition is not met
    is neither asked nor kept; of computed ones, those that can be worked out are kept."""
    kept: dict[str, dict[str, Any]] = {}
    missing = []
    for field in fields:
        if not is_asked(field, fields, kept):
            continue
        value = given.get(field.key)
        if field.kind == COMPUTED:
            continue  # below: a formula may name a field that stands further down
        if value in (None, ""):
            missing += [field.key] if field.is_required else []
        else:
            kept[field.key] = _answer(field, as_text(value))
    numbers = {str(one["label"]): Decimal(one["value"]) for one in kept.values() if one["kind"] == NUMBER}
    for field in fields:
        if field.kind == COMPUTED and is_asked(field, fields, kept):
            found = work_out(read(field.formula), numbers)
            if found is not None:
                kept[field.key] = _answer(field, as_text(found))
    return [kept[field.key] for field in fields if field.key in kept], missing


def missing_in(fields: Sequence[ExtraField], kept: Sequence[Mapping[str, Any]]) -> list[ExtraField]:
    """Required fields that a goal which keeps this does not answer."""
    _kept, missing = answered(fields, {one["key"]: one["value"] for one in kept})
    return [field for field in fields if field.key in missing]


def is_asked(field: ExtraField, fields: Sequence[ExtraField], kept: Mapping[str, Mapping[str, Any]]) -> bool:
    if not field.when:
        return True
    said = kept.get(field.when)
    if said is None:
        return False
    return _same(str(said["value"]), str(field.equals), is_number=said["kind"] == NUMBER)


def as_text(value: Any) -> str:
    """As a goal keeps it: a plain number, a day as 2026-03-13."""
    if isinstance(value, Decimal):
        plain = f"{value.normalize():f}"
        return "0" if plain == "-0" else plain
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def _answer(field: ExtraField, value: str) -> dict[str, Any]:
    return {"key": field.key, "label": str(field.label), "kind": field.kind, "value": value, "listed": field.listed}


def _same(said: str, wanted: str, *, is_number: bool) -> bool:
    if is_number:
        try:
            return Decimal(said) == Decimal(wanted)
        except InvalidOperation:
            return False
    return said.strip() == wanted.strip()

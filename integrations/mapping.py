"""From a row as it came to fields with types, and what a cursor value says. Pure: no database, no clock."""

import json
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from hashlib import blake2b
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from .adapters.base import UNREADABLE, WHY, Field, RawRow, SkipRow, Stream
from .adapters.values import at_path

LONGEST_KEY = 120
LONGEST_NUMBER = 120
LONGEST_TITLE = 200
LONGEST_CURSOR = 80  # as `StreamState.watermark` holds it; what is longer is no time and no number
YEARS = range(1900, 3000)  # a year outside is a slip of the pen, and would move what is covered by centuries
MOST_DIGITS = 30
YES, NO = {"true", "yes", "y", "1", "是"}, {"false", "no", "n", "0", "否"}


NUMBER = re.compile(r"[+-]?\d{1,30}(\.\d{1,30})?", re.ASCII)


class Unreadable(ValueError):
    """The value is not of the field's type."""


@dataclass(frozen=True, slots=True)
class Reference:
    """See `models.RecordReference`."""

    type: str
    number: str
    is_own: bool
    step: str = ""


@dataclass(frozen=True, slots=True)
class Mapped:
    """A row that fits. `data` holds plain JSON: times in UTC and decimals as text. `cursor` is empty where the stream
    has none."""

    external_id: str
    title: str
    happened_at: datetime | None
    data: Mapping[str, Any]
    cursor: str
    is_deleted: bool
    references: tuple[Reference, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """A field of a row: what came, what was read from it, or why it could not be."""

    field: Field
    raw: Any
    value: Any = None
    problem: SkipRow | None = None


class Good(NamedTuple):
    """A row that fits: what it says, and what came, with its digest."""

    mapped: Mapped
    payload: Any
    digest: str
    cursor: "Cursor"


class Bad(NamedTuple):
    """A row that does not, and why. `external_id` is empty where even that cannot be read."""

    external_id: str
    payload: Any
    digest: str
    problem: SkipRow


def payload_and_digest(raw: Any) -> tuple[Any, str]:
    """What came, as PostgreSQL can keep it, and its digest: 32 hexadecimal digits, the same for the same content.

    JSON of the other side may hold what jsonb refuses: a NUL, half a surrogate pair, NaN. One such row would stop its
    whole stream.
    """
    try:
        text = _one_way(raw)
        if "\\u0000" not in text:
            return raw, _digest(text.encode())
    except (TypeError, ValueError):  # UnicodeEncodeError is one
        pass
    raw = _cleaned(raw)
    return raw, _digest(_one_way(raw).encode())


class Mapper:
    """Maps the rows of one stream. `key`, `cursor`, `deleted` and the like name a mapped field, or a path of their own
    where no field has that name."""

    def __init__(self, stream: Stream, zone: ZoneInfo) -> None:
        self.stream, self.zone = stream, stream.zone_or(zone)
        self._paths = {one.name: one.path for one in stream.fields}
        self._fields = [(one.name, one.path, "." in one.path, one) for one in stream.fields]

    def read(self, raw: Any) -> Good | Bad:
        """All that can be said of a row without asking what is held."""
        payload, digest = payload_and_digest(raw)
        try:
            mapped = self.row(raw)
        except SkipRow as problem:
            return Bad(self.external_id_if_any(raw), payload, digest, problem)
        return Good(mapped, payload, digest, Cursor.read(mapped.cursor, self.zone))

    def row(self, raw: Any) -> Mapped:
        """Raises SkipRow with the first thing that does not fit."""
        if not isinstance(raw, Mapping) or UNREADABLE in raw:
            raise SkipRow(str(raw.get(WHY) or "ragged_row") if isinstance(raw, Mapping) else "ragged_row")
        stream = self.stream
        is_deleted = bool(stream.deleted) and self._is_deleted(raw)
        data = {
            name: self._value(one, at_path(raw, path) if is_deep else raw.get(path), is_deleted)
            for name, path, is_deep, one in self._fields
        }
        return Mapped(
            external_id=self.external_id(raw),
            title=_as_text(data.get(stream.title))[:LONGEST_TITLE] if stream.title else "",
            happened_at=self._moment(data.get(stream.happened)) if stream.happened else None,
            data=data,
            cursor=self._cursor(raw),
            is_deleted=is_deleted,
            references=self.references(data),
        )

    def cells(self, raw: Any) -> list[Cell]:
        """Every field with its problem, for a person who looks at the mapping."""
        found = []
        for one in self.stream.fields:
            came = at_path(raw, one.path)
            try:
                found.append(Cell(one, came, self._value(one, came)))
            except SkipRow as problem:
                found.append(Cell(one, came, problem=problem))
        return found

    def external_id(self, raw: RawRow) -> str:
        """The key, its parts joined so that no two keys make the same text. Raises SkipRow."""
        parts = [self._part(raw, name) for name in self.stream.key]
        if not any(parts):
            raise SkipRow("key_missing", field=", ".join(self.stream.key))
        found = parts[0] if len(parts) == 1 else "|".join(map(_escaped, parts))
        if len(found) > LONGEST_KEY:
            raise SkipRow("too_long", field=", ".join(self.stream.key))
        return found

    def external_id_if_any(self, raw: Any) -> str:
        """Of a row that does not fit; empty where even that cannot be read."""
        try:
            return self.external_id(raw)
        except SkipRow:
            return ""

    def _part(self, raw: RawRow, name: str) -> str:
        value = at_path(raw, self._paths.get(name, name))
        if value is None:
            return ""
        try:
            return _text(value, self.zone)
        except Unreadable:
            raise SkipRow("not_text", field=name) from None

    def _value(self, one: Field, value: Any, is_deleted: bool = False) -> Any:
        """A tombstone may hold its key and nothing else."""
        if value is False and self.stream.false_is_empty and one.type != "yes":
            value = None
        if value is None or value == "" or (isinstance(value, str) and not value.strip()):
            if one.required and not is_deleted:
                raise SkipRow("field_missing", field=one.label or one.name)
            return None
        try:
            return READERS[one.type](value, self.zone)
        except Unreadable:
            raise SkipRow(CODES[one.type], field=one.label or one.name) from None

    def _moment(self, value: Any) -> datetime | None:
        """Of a mapped value: what could be read as a time was."""
        if not isinstance(value, str):
            return None
        try:
            return read_time(value, self.zone)
        except Unreadable:
            return None

    def _cursor(self, raw: RawRow) -> str:
        for name in filter(None, (self.stream.cursor, self.stream.fallback)):
            value = at_path(raw, self._paths.get(name, name))
            if not isinstance(value, bool) and isinstance(value, str | int | float | Decimal):
                text = str(value).strip()
                if text and len(text) <= LONGEST_CURSOR:
                    return text
        return ""

    def _is_deleted(self, raw: RawRow) -> bool:
        name = self.stream.deleted
        value = at_path(raw, self._paths.get(name, name))
        try:
            return value not in (None, "") and _yes(value, self.zone)
        except Unreadable:
            raise SkipRow("not_yes", field=name) from None

    def references(self, data: Mapping[str, Any]) -> tuple[Reference, ...]:
        """What a record with these mapped fields names."""
        found: dict[tuple[str, str], Reference] = {}
        for names in self.stream.names:
            number = _plain(names.number_in(data))
            if 0 < len(number) <= LONGEST_NUMBER:  # no goal can name a longer one
                before = found.get((names.type, number), Reference(names.type, number, False))
                found[names.type, number] = Reference(
                    names.type, number, names.own or before.is_own, before.step or names.step
                )
        return tuple(found.values())


def read_time(value: Any, zone: ZoneInfo) -> datetime:
    """In UTC. Without a zone it is the tenant's own. Raises Unreadable."""
    if not isinstance(value, str):
        raise Unreadable
    try:
        found = datetime.fromisoformat(_dashed(value))
        if found.year not in YEARS:
            raise Unreadable
        return (found if found.tzinfo else found.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable from None


class Cursor(NamedTuple):
    """A cursor value as it was written, in the order of its stream: numbers among numbers and times among times. A
    column holds one kind; mixed ones keep some order, and an empty one is before all others."""

    kind: int = 0
    place: float | Decimal = 0
    text: str = ""

    @classmethod
    def read(cls, text: str, zone: ZoneInfo) -> "Cursor":
        if not text:
            return BEGINNING
        if _is_number(text):
            return cls(2, Decimal(text), text)
        try:
            return cls(3, read_time(text, zone).timestamp(), text)
        except Unreadable:
            return cls(1, 0, text)


BEGINNING = Cursor()


def greatest(first: str, second: str, zone: ZoneInfo) -> str:
    """The one further on, of two cursor values of one stream."""
    return max(Cursor.read(first, zone), Cursor.read(second, zone)).text


def begin_at(watermark: str, overlap: timedelta, zone: ZoneInfo) -> str:
    """Where to begin again: a time less the overlap, written as it was; anything else as it stands."""
    if not watermark or not overlap or _is_number(watermark):
        return watermark
    try:
        read_time(watermark, zone)
        return _written_like(watermark, datetime.fromisoformat(_dashed(watermark)) - overlap)
    except (Unreadable, OverflowError):
        return watermark


def not_after(watermark: str, now: datetime, zone: ZoneInfo) -> str:
    """One row dated in the future would keep from us all that comes before that day."""
    if not watermark or _is_number(watermark):
        return watermark
    try:
        if read_time(watermark, zone) <= now:
            return watermark
    except Unreadable:
        return watermark
    sample = datetime.fromisoformat(_dashed(watermark))
    local = now.astimezone(sample.tzinfo or zone).replace(microsecond=0)
    return _written_like(watermark, local if sample.tzinfo else local.replace(tzinfo=None))


def _dashed(text: str) -> str:
    return text.strip().replace("/", "-")


def _written_like(sample: str, moment: datetime) -> str:
    """A day stays a day, a blank a blank, and slashes are slashes."""
    sample = sample.strip()
    if re.fullmatch(r"\d{4}[-/]\d\d[-/]\d\d", sample):
        text = moment.date().isoformat()
    else:
        text = moment.isoformat(sep=" " if " " in sample else "T")
        if sample.endswith(("Z", "z")):
            text = text.replace("+00:00", "Z")
    return text.replace("-", "/", 2) if "/" in sample else text


def _is_number(text: str) -> bool:
    return NUMBER.fullmatch(text) is not None


def _escaped(part: str) -> str:
    return part.replace("\\", "\\\\").replace("|", "\\|")


# The same content makes the same text, whatever the order of its names. Made once: it is asked for every row.
_one_way = json.JSONEncoder(sort_keys=True, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode


def _digest(content: bytes) -> str:
    return blake2b(content, digest_size=16).hexdigest()


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace("\0", "\ufffd").encode("utf-8", "replace").decode()
    if isinstance(value, Mapping):
        return {_cleaned(str(name)): _cleaned(one) for name, one in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return [_cleaned(one) for one in value]
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float) and value == value and abs(value) != float("inf"):
        return value
    return _cleaned(str(value))


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


def _as_text(value: Any) -> str:
    return "" if value is None or isinstance(value, list) else str(value)


def _text(value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, str):
        return value.strip() if value.isprintable() else str(_cleaned(value)).strip()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float | Decimal):
        return str(value)
    raise Unreadable


def _whole(value: Any, zone: ZoneInfo) -> int:
    if isinstance(value, bool):
        raise Unreadable
    if isinstance(value, int) and abs(value) < 10**MOST_DIGITS:
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    if isinstance(value, str) and re.fullmatch(r"[+-]?\d{1,30}", _plain(value), re.ASCII):
        return int(_plain(value))
    raise Unreadable


def _decimal(value: Any, zone: ZoneInfo) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise Unreadable
    try:
        found = Decimal(_plain(value) if isinstance(value, str) else str(value))
    except InvalidOperation:
        raise Unreadable from None
    if not found.is_finite() or abs(found.adjusted()) >= MOST_DIGITS or len(found.as_tuple().digits) > MOST_DIGITS:
        raise Unreadable
    return f"{found:f}"


def _yes(value: Any, zone: ZoneInfo) -> bool:
    if isinstance(value, bool):
        return value
    if isinstance(value, int) and value in (0, 1):
        return bool(value)
    if isinstance(value, str) and (text := _plain(value).lower()) in YES | NO:
        return text in YES
    raise Unreadable


def _day(value: Any, zone: ZoneInfo) -> str:
    if not isinstance(value, str):
        raise Unreadable
    try:
        found = date.fromisoformat(_dashed(value))
    except ValueError:
        found = read_time(value, zone).astimezone(zone).date()
    if found.year not in YEARS:
        raise Unreadable
    return found.isoformat()


def _time(value: Any, zone: ZoneInfo) -> str:
    return read_time(value, zone).isoformat()


def _list(value: Any, zone: ZoneInfo) -> list[Any]:
    if not isinstance(value, list):
        raise Unreadable
    cleaned: list[Any] = payload_and_digest(value)[0]
    return cleaned


CODES = {type_: f"not_{type_}" for type_ in ("text", "whole", "decimal", "yes", "day", "time", "list")}
READERS: Mapping[str, Callable[[Any, ZoneInfo], Any]] = {
    "text": _text,
    "whole": _whole,
    "decimal": _decimal,
    "yes": _yes,
    "day": _day,
    "time": _time,
    "list": _list,
}

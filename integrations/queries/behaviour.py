"""Records that a rule finds, by sets, and whose they are (product.md §5.9)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Case, Count, DecimalField, Max, Q, QuerySet, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Lower

from perfsys.people.models import Employee

from ..adapters.base import Stream
from ..metrics import read_yes
from ..models import BehaviourAlert, BehaviourRule, FoundState, Record, SubjectLink, SubjectOf
from ..showing import stream_named

DATED = ("time", "day")
NUMBERS = ("whole", "decimal")
ORDERED = ("gt", "ge", "lt", "le")
LOOKUPS = {"gt": "gt", "ge": "gte", "lt": "lt", "le": "lte"}
MOST_PLACES = 60
STANDING = (FoundState.OPEN, FoundState.CONFIRMED)


@dataclass(frozen=True)
class RuleRow:
    """A rule with what stands of it; `nobodys` are those open ones whose person is nobody here."""

    rule: BehaviourRule
    open: int
    confirmed: int
    nobodys: int
    last_on: date | None


def rules_page() -> list[RuleRow]:
    """By name; one query."""
    is_open = Q(alerts__state=FoundState.OPEN)
    rows: Any = BehaviourRule.objects.select_related("connection").annotate(
        open=Count("alerts", filter=is_open),
        confirmed=Count("alerts", filter=Q(alerts__state=FoundState.CONFIRMED)),
        nobodys=Count("alerts", filter=is_open & Q(alerts__employee=None)),
        last_on=Max("alerts__opened_on"),
    )
    return [RuleRow(one, one.open, one.confirmed, one.nobodys, one.last_on) for one in rows.order_by("name")]


def found_by(rule: BehaviourRule) -> QuerySet[BehaviourAlert]:
    """What stands of a rule, the longest at rest first."""
    standing = BehaviourAlert.objects.filter(rule=rule, state__in=STANDING).select_related("record")
    return standing.defer("record__data").order_by("seen", "pk")


def at_rest(rule: BehaviourRule, on: date, zone: ZoneInfo) -> QuerySet[Record]:
    """Records that the rule finds on a day, with `said`, what their date says. None where the stream is no longer
    declared so. Times and days are kept as ISO text, which is in order as it stands."""
    stream = stream_named(rule.connection, rule.stream)
    kinds = {one.name: one.type for one in stream.fields} if stream else {}
    if kinds.get(rule.date_field) not in DATED:
        return Record.objects.none()
    records: Any = Record.objects.filter(connection=rule.connection_id, stream=rule.stream, deleted_at=None)
    records = records.annotate(said=KeyTextTransform(rule.date_field, "data"))
    for place, each in enumerate(rule.filter):
        name = f"asked_{place}"
        records = records.annotate(**{name: KeyTextTransform(each["field"], "data")})
        asked = Asked(name, kinds.get(each["field"], "text"), zone)
        records = _narrowed(records, asked, each["op"], each.get("value", ""))
    found: QuerySet[Record] = records.filter(
        said__gt="", said__lt=_first_too_new(on, rule.days, kinds[rule.date_field], zone)
    )
    return found


def people_named(rule: BehaviourRule, values: Iterable[str], on: date) -> dict[str, Employee]:
    """Who the source's ids are here on a day: as its subjects are linked, else by employee number or e-mail. Whoever
    has left is nobody. At most three queries."""
    wanted = {value for value in values if value}
    found = _linked(rule, wanted, on)
    others = {value for value in wanted - found.keys()}
    if others:
        asked = Q(employee_no__in=others) | Q(mail__in={value.lower() for value in others})
        people = Employee.objects.annotate(mail=Lower("email")).filter(asked)
        by_name: dict[str, Employee] = {}
        for one in people:
            by_name[one.email.lower()] = one
        for one in people:
            by_name[one.employee_no] = one
        found |= {value: who for value in others if (who := by_name.get(value) or by_name.get(value.lower()))}
    return {value: who for value, who in found.items() if who.status == Employee.Status.ACTIVE}


def _linked(rule: BehaviourRule, values: set[str], on: date) -> dict[str, Employee]:
    stream = stream_named(rule.connection, rule.stream)
    kinds = [
        about.kind
        for about in (stream.subjects if stream else ())
        if about.of == SubjectOf.PERSON and about.field == rule.person_field
    ]
    if not kinds:
        return {}
    covers = Q(starts_on=None) | Q(starts_on__lte=on)
    covers &= Q(ends_on=None) | Q(ends_on__gt=on)
    links = SubjectLink.objects.filter(
        covers,
        employee__isnull=False,
        subject__connection=rule.connection_id,
        subject__kind__in=kinds,
        subject__value__in=values,
    ).select_related("employee", "subject")
    return {one.subject.value: one.employee for one in links if one.employee is not None}


@dataclass(frozen=True)
class Asked:
    """A field of records that a condition looks at: the annotation that holds its text, and its type."""

    name: str
    kind: str
    zone: ZoneInfo


def _narrowed(records: QuerySet[Record], asked: Asked, op: str, value: Any) -> QuerySet[Record]:
    is_blank = Q(**{f"{asked.name}__isnull": True}) | Q(**{asked.name: ""})
    if op == "blank":
        return records.filter(is_blank)
    if op == "not_blank":
        return records.exclude(is_blank)
    if asked.kind in NUMBERS:
        records = records.annotate(**{_number_in(asked.name): _as_number(asked.name)})
    if op in ORDERED:
        return records.filter(_beyond(asked, op, value))
    same = Q(pk__in=[])
    for one in value if op == "in" else [value]:
        same |= _same(asked, one)
    if op == "ne":
        compared = _number_in(asked.name) if asked.kind in NUMBERS else asked.name
        return records.filter(~same | Q(**{f"{compared}__isnull": True}))  # what is no number is not that one
    return records.filter(same)


def _same(asked: Asked, value: str) -> Q:
    if asked.kind in NUMBERS and (number := _number(value)) is not None:
        return Q(**{_number_in(asked.name): number})
    if asked.kind == "yes" and (told := read_yes(value)) is not None:
        return Q(**{asked.name: str(told).lower()})
    if asked.kind == "time" and (span := _span(value, asked.zone)) is not None:
        return Q(**{f"{asked.name}__gte": span[0], f"{asked.name}__lt": span[1]} if span[1] else {asked.name: span[0]})
    return Q(**{asked.name: value})


def _beyond(asked: Asked, op: str, value: str) -> Q:
    """Nothing is neither more nor less than anything."""
    name = asked.name
    if asked.kind in NUMBERS:
        number = _number(value)
        return Q(pk__in=[]) if number is None else Q(**{f"{_number_in(name)}__{LOOKUPS[op]}": number})
    first, after = (_span(value, asked.zone) if asked.kind == "time" else None) or (value, "")
    if asked.kind not in DATED:
        return Q(pk__in=[])
    if op in ("ge", "lt") or not after:
        return Q(**{f"{name}__{LOOKUPS[op]}": first}) & ~Q(**{name: ""})
    return Q(**{f"{name}__gte" if op == "gt" else f"{name}__lt": after}) & ~Q(**{name: ""})


def _span(value: str, zone: ZoneInfo) -> tuple[str, str] | None:
    """A day as the moment it begins and the one it ends before, as times are kept; a moment with "" as its end. None
    where it is neither, or beyond the calendar: one rule must not end the look of all."""
    try:
        at = datetime.fromisoformat(value)
        local = at if at.tzinfo else at.replace(tzinfo=zone)
        if len(value) > len("2026-11-01"):
            return _as_kept(local), ""
        return _as_kept(local), _as_kept(datetime.combine(at.date() + timedelta(days=1), time(), tzinfo=zone))
    except (ValueError, OverflowError):
        return None


def _as_kept(moment: datetime) -> str:
    return moment.astimezone(ZoneInfo("UTC")).isoformat()


def _number_in(name: str) -> str:
    return f"{name}_number"


def _as_number(name: str) -> Case:
    """What is no number, from a time when the field was another type, is none: it must not end the whole look."""
    digits: DecimalField[Any, Any] = DecimalField(max_digits=120, decimal_places=40)
    return Case(When(**{f"{name}__regex": r"^-?[0-9]{1,60}(\.[0-9]{1,60})?$"}, then=Cast(name, digits)))


def _number(value: str) -> Decimal | None:
    try:
        found = Decimal(value)
    except InvalidOperation:
        return None
    return found if found.is_finite() and abs(found.adjusted()) < MOST_PLACES else None


def _first_too_new(on: date, days: int, kind: str, zone: ZoneInfo) -> str:
    """What a date must be before, to lie `days` days of the company's calendar back."""
    first = on - timedelta(days=days - 1)
    if kind == "day":
        return first.isoformat()
    midnight = datetime.combine(first, time(), tzinfo=zone)
    return midnight.astimezone(ZoneInfo("UTC")).isoformat()


def dated_fields(stream: Stream) -> Sequence[tuple[str, str]]:
    return [(one.name, one.label or one.name) for one in stream.fields if one.type in DATED]


def plain_fields(stream: Stream) -> Sequence[tuple[str, str]]:
    """Those that hold one value which can be compared."""
    return [(one.name, one.label or one.name) for one in stream.fields if one.type not in (*DATED, "list")]


def single_fields(stream: Stream) -> Sequence[tuple[str, str]]:
    """Those a condition can look at."""
    return [(one.name, one.label or one.name) for one in stream.fields if one.type != "list"]

"""A caliber in words: what a rule counts, for people who never saw its source (product.md §5.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from .adapters.base import About, Field, Stream
from .metrics import NO_DAY, NO_NUMBER, Condition, Figure, Rule, rounded
from .showing import stream_title


@dataclass(frozen=True)
class Part:
    """A line of a caliber; `key` is the same in all of them."""

    key: str
    label: str
    text: str


@dataclass(frozen=True)
class Changed:
    label: str
    before: str
    after: str


def fields_of_people(stream: Stream) -> set[str]:
    """What the mapping says names a person, or says more of one."""
    abouts = [one for one in stream.subjects if one.of == "person"]
    return {name for one in abouts for name in (one.field, one.name, one.email, one.unit) if name}


def finds_people(rule: Rule, stream: Stream, streams: Mapping[str, Stream]) -> bool:
    """Whether the figures are people's, whatever the rule calls them. What is looked up by a person may be nobody
    else's: it is theirs unless the mapping says what it is, a team, a customer."""
    if rule.of == "person":
        return True
    asked = [(stream, rule.attribution)]
    asked += [(streams[one.stream], one.field) for one in rule.through if one.stream in streams]
    last, field = asked[-1]
    begins_with_one = any(name in fields_of_people(at) for at, name in asked)
    return begins_with_one and field not in {one.field for one in last.subjects if one.of != "person"}


def asks_for_people(rule: Rule, stream: Stream) -> bool:
    """Whether it counts the rows of some person, or leaves them out: the whole is theirs then."""
    return any(one.field in fields_of_people(stream) for one in _conditions(rule))


def _conditions(rule: Rule) -> tuple[Condition, ...]:
    return (*rule.filter, *rule.return_lines, *rule.measure.where)


def without_people(stream: Stream, rule: Rule) -> list[Field]:
    """Of the fields those that the rule reads and that name nobody."""
    read = {rule.day, rule.measure.field, rule.measure.of, *(one.field for one in _conditions(rule))}
    if rule.of != "person":
        read.add(rule.attribution)
    return [one for one in stream.fields if one.name in read - fields_of_people(stream)]


def op_words() -> dict[str, str]:
    """How a condition compares."""
    return {
        "eq": pgettext("condition", "is"),
        "ne": pgettext("condition", "is not"),
        "in": pgettext("condition", "is one of"),
        "gt": pgettext("condition", "is more than"),
        "ge": pgettext("condition", "is at least"),
        "lt": pgettext("condition", "is less than"),
        "le": pgettext("condition", "is at most"),
        "blank": pgettext("condition", "is empty"),
        "not_blank": pgettext("condition", "is not empty"),
    }


def parts(
    rule: Rule, stream_name: str, streams: Mapping[str, Stream], *, unit_of_measure: str, digits: int, says: str
) -> list[Part]:
    """In the order a person asks. Fields that are no longer there go by their names."""
    stream = streams.get(stream_name)
    here = _labels(stream)
    return [
        Part("says", _("What it means"), says),
        Part("source", _("Counted from"), stream_title(stream_name)),
        Part("measure", _("What is counted"), _measure(rule, here)),
        Part("filter", _("Which rows"), _all_of(rule.filter, here) or _("all of them")),
        Part("returns", _("Returns"), _returns(rule, here)),
        Part("day", _("Business day"), _named(rule.day, here)),
        Part("basis", _("Time basis"), _basis(rule)),
        Part("attribution", _("Put down to"), _attribution(rule, here, streams)),
        Part("unit", _("Unit of measure"), _unit(unit_of_measure, digits)),
    ]


def changes(before: Sequence[Part], after: Sequence[Part]) -> list[Changed]:
    """The lines that say something else."""
    was = {part.key: part.text for part in before}
    return [
        Changed(part.label, was.get(part.key, ""), part.text) for part in after if was.get(part.key, "") != part.text
    ]


def amount_in_words(figure: Figure, *, unit_of_measure: str, digits: int) -> str:
    """`1,234.50 元`; a dash where there is nothing to divide by."""
    return number_in_words(figure.amount, unit_of_measure=unit_of_measure, digits=digits)


def number_in_words(amount: Decimal | None, *, unit_of_measure: str, digits: int) -> str:
    if amount is None:
        return "–"
    said = f"{rounded(amount, digits):,.{digits}f}"  # written like this in both languages
    return f"{said}{'' if unit_of_measure == '%' else ' '}{unit_of_measure}".strip()


def problem_in_words(code: str) -> str:
    """What is wrong with a row; nothing for a sound one."""
    said = {
        NO_DAY: _("It has no business day, so it counts nowhere."),
        NO_NUMBER: _("What is counted is empty or no number: it brings nothing."),
    }
    return said.get(code, "")


def subject_of(stream: Stream, field: str) -> About | None:
    """Whom a field names, where its stream says so."""
    return next((one for one in stream.subjects if one.field == field), None)


def _labels(stream: Stream | None) -> dict[str, str]:
    return {one.name: one.label or one.name for one in stream.fields} if stream else {}


def _named(field: str, labels: Mapping[str, str]) -> str:
    return _("“%(field)s”") % {"field": labels.get(field, field)}


def _all_of(conditions: Sequence[Condition], labels: Mapping[str, str]) -> str:
    return pgettext("between conditions", " and ").join(_condition(one, labels) for one in conditions)


def _condition(one: Condition, labels: Mapping[str, str]) -> str:
    value = _(", ").join(one.value) if isinstance(one.value, tuple) else one.value
    words = {"field": labels.get(one.field, one.field), "compares": op_words()[one.op], "value": value}
    if one.op in ("blank", "not_blank"):
        return _("“%(field)s” %(compares)s") % words
    return _("“%(field)s” %(compares)s “%(value)s”") % words


def _measure(rule: Rule, labels: Mapping[str, str]) -> str:
    measure = rule.measure
    field = labels.get(measure.field, measure.field)
    if measure.kind == "sum":
        said = _("“%(field)s”, added up") % {"field": field}
    elif measure.kind == "mean":
        said = _("“%(field)s”, the mean of the rows") % {"field": field}
    elif measure.kind == "count":
        said = _("the number of rows")
    else:
        above = _named(measure.field, labels) if measure.field else _("rows")
        if measure.where:
            above = _("%(what)s where %(conditions)s") % {"what": above, "conditions": _all_of(measure.where, labels)}
        below = _named(measure.of, labels) if measure.of else _("all rows")
        said = _("%(above)s as a share of %(below)s") % {"above": above, "below": below}
    if measure.times != 1:
        return _("%(what)s, times %(factor)s") % {"what": said, "factor": f"{measure.times.normalize():f}"}
    return said


def _returns(rule: Rule, labels: Mapping[str, str]) -> str:
    if rule.returns == "none":
        return _("there are none")
    told_by = _all_of(rule.return_lines, labels)
    if rule.returns == "in":
        return _("counted in; a row is a return where %(conditions)s") % {"conditions": told_by}
    return _("left out; a row is a return where %(conditions)s") % {"conditions": told_by}


def _basis(rule: Rule) -> str:
    if rule.basis == "snapshot":
        return _("as it stands when it is read; final when the day is over")
    words = ngettext(
        "settled: final %(number)d day after the business day",
        "settled: final %(number)d days after the business day",
        rule.settle_days,
    )
    return words % {"number": rule.settle_days}


def _attribution(rule: Rule, labels: Mapping[str, str], streams: Mapping[str, Stream]) -> str:
    if not rule.attribution:
        return _("nobody: the whole alone")
    steps = [_named(rule.attribution, labels)]
    for one in rule.through:
        there = _labels(streams.get(one.stream))
        words = {"list": stream_title(one.stream), "field": there.get(one.field, one.field)}
        steps.append(_("“%(field)s” of %(list)s") % words)
    return " → ".join(steps)


def _unit(unit_of_measure: str, digits: int) -> str:
    words = ngettext("%(unit)s, %(number)d decimal", "%(unit)s, %(number)d decimals", digits)
    return words % {"unit": unit_of_measure, "number": digits}

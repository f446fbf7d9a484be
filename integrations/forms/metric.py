"""A metric as it is typed: in the words of the source's fields, not of its tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfsys.common.fields import NearDayField
from perfsys.people.queries import people_named

from ..adapters.base import Stream
from ..caliber import op_words, subject_of
from ..metrics import MOST_SETTLE_DAYS, Rule, UnfitRule, condition_value, read_rule, types_of
from ..showing import stream_title
from .conditions import WITHOUT_VALUE, refused, words_of

FILTERS, WHERES, RETURNS, LOOKUPS = 4, 2, 1, 3  # rows of conditions, and steps of the way, that a form has room for


class NamedField(forms.CharField):
    """Somebody who works here, by number or by full name."""

    find = staticmethod(people_named)

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        found = self.find(typed)
        if not found:
            sentence = _("Nobody here is called %(typed)s. Type a name or a number.")
            raise ValidationError(sentence, params={"typed": typed})
        if len(found) > 1:
            numbers = ", ".join(one.employee_no for one in found[:5])
            sentence = _("Several people have this name. Type the number: %(numbers)s.")
            raise ValidationError(sentence, params={"numbers": numbers})
        return found[0]


class ConditionRow(NamedTuple):
    field: BoundField
    op: BoundField
    value: BoundField


class PeopleForm(forms.Form):
    """What a metric is called and who answers for it."""

    name = forms.CharField(
        label=_("What it is called"),
        max_length=80,
        error_messages={"required": _("Give it a name, for example “Settled sales by region”.")},
    )
    owner = NamedField(
        label=_("Who answers for it"),
        max_length=80,
        help_text=_("By name or number. Is asked when a figure is contested."),
        error_messages={"required": _("Say who answers for it.")},
    )
    interpreter = NamedField(
        label=_("Who has the last word on what it means"),
        max_length=80,
        help_text=_("By name or number. Signs for the business."),
        error_messages={"required": _("Say who has the last word.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)


class CaliberForm(forms.Form):
    """What a version counts, from the fields of one stream. `rule()` is what was said, once it is valid."""

    says = forms.CharField(
        label=_("What it means, in a sentence or two"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("As you would explain it to whoever is measured by it."),
        error_messages={"required": _("Explain it in a sentence, so that nobody has to read the rule.")},
    )
    kind = forms.ChoiceField(
        label=_("What is counted"),
        choices=[
            ("sum", _("a field, added up")),
            ("count", _("the number of rows")),
            ("mean", _("the mean of a field")),
            ("ratio", _("a share: a part of the rows over all of them")),
        ],
    )
    times = forms.DecimalField(
        label=_("Multiplied by"),
        required=False,
        max_digits=12,
        decimal_places=6,
        help_text=_("For another unit of measure: 10000 makes yuan of 万元, 100 makes a share per cent."),
    )
    basis = forms.ChoiceField(
        label=_("Time basis"),
        choices=[
            ("snapshot", _("as it stands when it is read")),
            ("settled", _("settled: final some days later")),
        ],
    )
    settle_days = forms.IntegerField(
        label=_("Days until it is final"),
        required=False,
        min_value=0,
        max_value=MOST_SETTLE_DAYS,
        help_text=_("Counted from the business day, for example 2 for T+2."),
    )
    returns = forms.ChoiceField(
        label=_("Returns"),
        choices=[
            ("none", _("there are none")),
            ("in", _("counted in, with what they take away")),
            ("out", _("left out")),
        ],
    )
    unit_of_measure = forms.CharField(
        label=_("Unit of measure"),
        max_length=20,
        help_text=_("For example 元 or 单; for a share the sign of per cent."),
        error_messages={"required": _("Say what one of it is, for example 元.")},
    )
    digits = forms.IntegerField(label=_("Decimals shown"), min_value=0, max_value=6)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Any = None, *, stream: Stream, streams: Sequence[Stream], initial: Mapping[str, Any] | None = None
    ) -> None:
        super().__init__(data, initial=dict(initial or {"digits": 2, "kind": "sum"}))
        self.stream, self.streams, self._types = stream, streams, types_of(stream)
        every = [(one.name, one.label or one.name) for one in stream.fields]
        numbers = [(one.name, one.label or one.name) for one in stream.fields if one.type in ("whole", "decimal")]
        days = [(one.name, one.label or one.name) for one in stream.fields if one.type in ("day", "time")]
        self.fields["field"] = _choice(_("Field that is counted"), numbers, _("none: the rows themselves"))
        self.fields["of"] = _choice(_("Over which field"), numbers, _("all rows"))
        self.fields["day"] = _choice(_("Business day"), days, None)
        self.fields["attribution"] = _choice(_("Whose figure it is"), every, _("nobody’s: the whole alone"))
        ways = [
            (f"{one.name}|{one.key[0]}|{field.name}", f"{stream_title(one.name)}: {field.label or field.name}")
            for one in streams
            if one.name != stream.name and len(one.key) == 1
            for field in one.fields
            if field.name != one.key[0]
        ]
        for place in range(LOOKUPS):
            label = _("looked up in") if not place else _("then in")
            self.fields[f"through-{place}"] = _choice(label, ways, _("–"))
        for prefix, number in (("filter", FILTERS), ("where", WHERES), ("return", RETURNS)):
            for place in range(number):
                self._add_condition(f"{prefix}-{place}", every)

    def _add_condition(self, prefix: str, fields: Sequence[tuple[str, str]]) -> None:
        self.fields[f"{prefix}-field"] = _choice(pgettext_lazy("of a row", "Field"), fields, _("–"))
        self.fields[f"{prefix}-op"] = forms.ChoiceField(
            label=_("Compares"), required=False, choices=list(op_words().items())
        )
        self.fields[f"{prefix}-value"] = forms.CharField(
            label=pgettext_lazy("of a row", "Value"), required=False, max_length=400
        )

    def conditions(self, prefix: str) -> list[ConditionRow]:
        found: list[ConditionRow] = []
        while f"{prefix}-{len(found)}-field" in self.fields:
            start = f"{prefix}-{len(found)}"
            found.append(ConditionRow(self[f"{start}-field"], self[f"{start}-op"], self[f"{start}-value"]))
        return found

    @property
    def filters(self) -> list[ConditionRow]:
        return self.conditions("filter")

    @property
    def wheres(self) -> list[ConditionRow]:
        return self.conditions("where")

    @property
    def return_lines(self) -> list[ConditionRow]:
        return self.conditions("return")

    @property
    def ways(self) -> list[BoundField]:
        return [self[f"through-{place}"] for place in range(LOOKUPS)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind = cleaned.get("kind")
        if kind in ("sum", "mean") and not cleaned.get("field"):
            self.add_error("field", _("Choose the field that is counted."))
        if kind == "ratio" and not cleaned.get("of") and not self._typed("where"):
            self.add_error(
                "of", _("Say what it is a share of: another field, or all rows with a condition on the part.")
            )
        if cleaned.get("basis") == "settled" and cleaned.get("settle_days") is None:
            self.add_error("settle_days", _("Say after how many days it is final."))
        if cleaned.get("returns") in ("in", "out") and not self._typed("return"):
            self.add_error("return-0-field", _("Say how a row that is a return can be told."))
        if self._through() and not cleaned.get("attribution"):
            self.add_error("attribution", _("Choose the field the way begins with."))
        for prefix in ("filter", "where", "return"):
            for row in self._typed(prefix):
                self._check_value(row)
        if not self.errors:
            try:
                self._rule = read_rule(self._written())
            except UnfitRule:
                self.add_error(None, _("This cannot be counted. Look at it once more."))
        return cleaned

    def _check_value(self, row: Mapping[str, str]) -> None:
        """By the type of its field."""
        if row["op"] in WITHOUT_VALUE:
            return
        name, kind = f"{row['start']}-value", self._types[row["field"]]
        if error := refused(kind, words_of(row["op"], row["value"])):
            self.add_error(name, error)

    def rule(self) -> Rule:
        return self._rule

    def _typed(self, prefix: str) -> list[dict[str, str]]:
        found = []
        for place in range(len(self.conditions(prefix))):
            start = f"{prefix}-{place}"
            if field := self.cleaned_data.get(f"{start}-field"):
                op, value = self.cleaned_data.get(f"{start}-op") or "eq", self.cleaned_data.get(f"{start}-value", "")
                found.append({"start": start, "field": field, "op": op, "value": value.strip()})
        return found

    def _conditions(self, prefix: str) -> list[dict[str, Any]]:
        """As a rule holds them, once they are valid."""
        found = []
        for row in self._typed(prefix):
            read = [
                condition_value(self._types[row["field"]], word) or "" for word in words_of(row["op"], row["value"])
            ]
            found.append({"field": row["field"], "op": row["op"], "value": read if row["op"] == "in" else read[0]})
        return found

    def _through(self) -> list[dict[str, str]]:
        steps = (self.cleaned_data.get(f"through-{place}") or "" for place in range(LOOKUPS))
        return [dict(zip(("stream", "key", "field"), step.split("|"), strict=True)) for step in steps if step]

    def _written(self) -> dict[str, Any]:
        said, through = self.cleaned_data, self._through()
        kind, of = self._whom(said["attribution"], through)
        counts_in = said["kind"] != "count"
        return {
            "filter": self._conditions("filter"),
            "measure": {
                "kind": said["kind"],
                "field": said["field"] if counts_in else "",
                "of": said["of"] if said["kind"] == "ratio" else "",
                "where": self._conditions("where") if said["kind"] == "ratio" else [],
                "times": f"{said['times'].normalize():f}" if said["times"] else "1",
            },
            "day": said["day"],
            "basis": said["basis"],
            "settle_days": said["settle_days"] or 0 if said["basis"] == "settled" else 0,
            "returns": said["returns"],
            "return_lines": self._conditions("return") if said["returns"] != "none" else [],
            "attribution": {"field": said["attribution"], "through": through},
            "kind": kind,
            "of": of,
        }

    def _whom(self, attribution: str, through: Sequence[Mapping[str, str]]) -> tuple[str, str]:
        """What kind of subject stands at the end of the way: as its stream says, else something named like the
        field."""
        if not attribution:
            return "", "other"
        ends_in = {one.name: one for one in self.streams}[through[-1]["stream"]] if through else self.stream
        field = through[-1]["field"] if through else attribution
        if about := subject_of(ends_in, field):
            return about.kind, about.of
        return field[:40], "other"


def initial_of(rule: Rule, *, says: str, unit_of_measure: str, digits: int, version: int) -> dict[str, Any]:
    """The form as it would have been typed."""
    found: dict[str, Any] = {
        "says": says,
        "unit_of_measure": unit_of_measure,
        "digits": digits,
        "version": version,
        "kind": rule.measure.kind,
        "field": rule.measure.field,
        "of": rule.measure.of,
        "times": f"{rule.measure.times.normalize():f}" if rule.measure.times != 1 else None,
        "day": rule.day,
        "basis": rule.basis,
        "settle_days": rule.settle_days if rule.basis == "settled" else None,
        "returns": rule.returns,
        "attribution": rule.attribution,
    }
    for prefix, conditions in (("filter", rule.filter), ("where", rule.measure.where), ("return", rule.return_lines)):
        for place, one in enumerate(conditions):
            value = "、".join(one.value) if isinstance(one.value, tuple) else one.value
            found |= {f"{prefix}-{place}-field": one.field, f"{prefix}-{place}-op": one.op}
            found[f"{prefix}-{place}-value"] = value
    for place, way in enumerate(rule.through):
        found[f"through-{place}"] = f"{way.stream}|{way.key}|{way.field}"
    return found


class AnnounceForm(forms.Form):
    effective_on = NearDayField(
        label=_("Counts from"), help_text=_("Everybody bound to it is told as soon as you announce it.")
    )
    version = forms.IntegerField(widget=forms.HiddenInput)


def _choice(label: Any, choices: Sequence[tuple[str, str]], empty: Any) -> forms.ChoiceField:
    """`empty` None: one of them must be chosen."""
    first = [] if empty is None else [("", empty)]
    return forms.ChoiceField(
        label=label,
        required=empty is None,
        choices=[*first, *choices],
        error_messages={"required": _("Choose one of these.")},
    )

"""What is typed into a rule over records (product.md §5.9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from ..actions.behaviour import RuleWords
from ..adapters.base import Stream
from ..caliber import op_words
from ..metrics import condition_value
from ..models import BehaviourRule, Connection
from ..queries.behaviour import dated_fields, plain_fields, single_fields
from .conditions import WITHOUT_VALUE, refused, words_of

CONDITIONS = 3
ORDERED, IN_ORDER = ("gt", "ge", "lt", "le"), ("whole", "decimal", "day", "time")


class RuleForm(forms.Form):
    """Of one stream of a connection; up to three conditions, all of which must hold."""

    key = forms.CharField(widget=forms.HiddenInput, max_length=80, required=False)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    name = forms.CharField(
        label=_("What it looks for"),
        help_text=_("People read it in the reminder, for example: opportunity not updated for two weeks"),
        max_length=80,
        error_messages={"required": _("Say in a few words what it looks for.")},
    )
    date_field = forms.ChoiceField(label=_("The day or time that should move"))
    days = forms.IntegerField(
        label=_("Days without a change"),
        min_value=1,
        max_value=365,
        initial=14,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": _("Write a whole number.")},
    )
    person_field = forms.ChoiceField(
        label=_("Whose record it is"),
        help_text=_("Their manager is reminded, and they get a copy"),
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, stream: Stream, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.initial.setdefault("key", str(uuid4()))
        fields = list(plain_fields(stream))
        asked, ops = [("", _("no condition")), *single_fields(stream)], list(op_words().items())
        self._types = {one.name: one.type for one in stream.fields}
        self.fields["date_field"].choices = list(dated_fields(stream))  # type: ignore[attr-defined]
        self.fields["person_field"].choices = fields  # type: ignore[attr-defined]
        for place in range(CONDITIONS):
            self.fields[f"field_{place}"] = forms.ChoiceField(
                label=_("Only where this field"), choices=asked, required=False
            )
            self.fields[f"op_{place}"] = forms.ChoiceField(label=_("Condition"), choices=ops, required=False)
            self.fields[f"value_{place}"] = forms.CharField(
                label=_("Which value"),
                help_text=_("Several with commas between, where it is one of them"),
                max_length=200,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for place in range(CONDITIONS):
            field, op = data.get(f"field_{place}"), data.get(f"op_{place}") or "eq"
            if field and op not in WITHOUT_VALUE:
                self._check(place, self._types[field], op, data.get(f"value_{place}", ""))
        return data

    def _check(self, place: int, kind: str, op: str, typed: str) -> None:
        if op in ORDERED and kind not in IN_ORDER:
            self.add_error(f"op_{place}", _("Only numbers, days and times are more or less than others."))
        elif error := refused(kind, words_of(op, typed)):
            self.add_error(f"value_{place}", error)

    def words(self, connection: Connection, stream: Stream) -> RuleWords:
        said = self.cleaned_data
        return RuleWords(
            name=said["name"],
            connection=connection,
            stream=stream.name,
            date_field=said["date_field"],
            days=said["days"],
            person_field=said["person_field"],
            filter=list(self._conditions()),
        )

    def _conditions(self) -> Iterator[dict[str, Any]]:
        said = self.cleaned_data
        for place in range(CONDITIONS):
            op = said.get(f"op_{place}") or "eq"
            if not (field := said.get(f"field_{place}")):
                continue
            value: str | list[str] = ""
            if op not in WITHOUT_VALUE:
                kind = self._types[field]
                read = [condition_value(kind, word) or "" for word in words_of(op, said[f"value_{place}"])]
                value = read if op == "in" else read[0]
            yield {"field": field, "op": op, "value": value}


def initial_of(rule: BehaviourRule) -> dict[str, Any]:
    """A rule as its form shows it."""
    found: dict[str, Any] = {
        "version": rule.version,
        "name": rule.name,
        "date_field": rule.date_field,
        "days": rule.days,
        "person_field": rule.person_field,
    }
    for place, each in enumerate(rule.filter[:CONDITIONS]):
        value = each.get("value", "")
        value = ", ".join(value) if isinstance(value, list) else value
        found |= {f"field_{place}": each["field"], f"op_{place}": each["op"], f"value_{place}": value}
    return found

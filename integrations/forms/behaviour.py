"""What is typed into a rule over records (product.md §5.9)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext_lazy as _

from ..actions.behaviour import RuleWords
from ..adapters.base import Stream
from ..models import BehaviourRule, Connection
from ..queries.behaviour import dated_fields, plain_fields

CONDITIONS = 3
OPS = [("eq", _("is")), ("ne", _("is not")), ("blank", _("is empty")), ("not_blank", _("is not empty"))]
VALUED = ("eq", "ne")


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
        self.fields["date_field"].choices = list(dated_fields(stream))  # type: ignore[attr-defined]
        self.fields["person_field"].choices = fields  # type: ignore[attr-defined]
        for place in range(CONDITIONS):
            self.fields[f"field_{place}"] = forms.ChoiceField(
                label=_("Only where this field"), choices=[("", _("no condition")), *fields], required=False
            )
            self.fields[f"op_{place}"] = forms.ChoiceField(label=_("Condition"), choices=OPS, required=False)
            self.fields[f"value_{place}"] = forms.CharField(label=_("Which value"), max_length=200, required=False)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        for place in range(CONDITIONS):
            asks = data.get(f"field_{place}") and data.get(f"op_{place}", "eq") in VALUED
            if asks and not data.get(f"value_{place}"):
                self.add_error(f"value_{place}", _("Say which value, or choose “is empty”."))
        return data

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

    def _conditions(self) -> Iterator[dict[str, str]]:
        said = self.cleaned_data
        for place in range(CONDITIONS):
            op = said.get(f"op_{place}") or "eq"
            if field := said.get(f"field_{place}"):
                yield {"field": field, "op": op, "value": said[f"value_{place}"] if op in VALUED else ""}


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
        found |= {f"field_{place}": each["field"], f"op_{place}": each["op"], f"value_{place}": each.get("value", "")}
    return found

"""What is typed about pairs of metrics and held figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from ..models import MetricDefinition
from ..queries.sides import fields_of
from .connection import IdsField


class PairForm(forms.Form):
    """`metrics` are those there are to compare; an existing pair keeps its two, `kept`."""

    a = forms.TypedChoiceField(
        label=_("The figure to check"),
        error_messages={"required": _("Choose the metric that is to be checked.")},
    )
    b = forms.TypedChoiceField(
        label=_("What it is checked against"),
        help_text=_("For example the settled figure."),
        error_messages={"required": _("Choose the metric it is checked against.")},
    )
    name = forms.CharField(
        label=_("What the comparison is called"),
        max_length=80,
        error_messages={"required": _("Give it a name, for example “Orders: BI and settlement”.")},
    )
    has_reference = forms.BooleanField(
        label=_("The second one is the reference"),
        help_text=_("The difference is then a share of it, else of the larger of the two."),
        required=False,
    )
    by_subject = forms.BooleanField(
        label=_("Also for each person, unit or other subject"), required=False, help_text=_("Else only the whole.")
    )
    tolerance = forms.DecimalField(
        label=_("How far apart they may be, in percent"),
        min_value=Decimal(0),
        max_value=Decimal(100),
        max_digits=5,
        decimal_places=2,
        help_text=_("What is further apart is held, and nobody is scored by it until somebody has looked."),
        error_messages={"required": _("Write a number between 0 and 100, for example 5.")},
    )
    releases_needed = forms.TypedChoiceField(
        label=_("How many people must look before it is free again"), choices=[(1, _("one")), (2, _("two"))], coerce=int
    )
    match_a = forms.CharField(
        label=_("Field with the number of a record, in the figure to check"),
        max_length=40,
        required=False,
        help_text=_("For example order_no. With it the search for causes finds the very records."),
    )
    match_b = forms.CharField(label=_("The same number, in the other figure"), max_length=40, required=False)
    returned_a = forms.CharField(
        label=_("Field with what was taken off for returns, in the figure to check"), max_length=40, required=False
    )
    returned_b = forms.CharField(
        label=_("The same, in the other figure"),
        max_length=40,
        required=False,
        help_text=_("Where returns are taken off within a record, and not in a line of their own."),
    )
    says = forms.CharField(
        label=_("What was agreed about comparing them"),
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    is_on = forms.BooleanField(label=_("Compare them every day"), required=False)
    key = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        data: Any = None,
        *,
        metrics: Iterable[MetricDefinition] = (),
        kept: tuple[MetricDefinition, MetricDefinition] | None = None,
        initial: dict[str, Any],
    ) -> None:
        super().__init__(data, initial=initial)
        self.kept = kept
        if kept is not None:
            del self.fields["a"], self.fields["b"]
            return
        known = {str(one.public_id): one for one in metrics}
        for name in ("a", "b"):
            field = self.fields[name]
            assert isinstance(field, forms.TypedChoiceField)  # noqa: S101  # as declared above
            field.choices = [("", _("Choose one")), *((key, one.name) for key, one in known.items())]
            field.coerce = known.__getitem__

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("a") and cleaned.get("a") == cleaned.get("b"):
            self.add_error("b", _("Choose another metric than the first."))
        a, b = self.kept or (cleaned.get("a"), cleaned.get("b"))
        for side, definition in (("a", a), ("b", b)):
            if definition is not None:
                self._read_fields(side, fields_of(definition), cleaned)
        if bool(cleaned.get("match_a")) != bool(cleaned.get("match_b")):
            missing = "match_b" if cleaned.get("match_a") else "match_a"
            self.add_error(missing, _("Records are matched by a number that both have: name both fields, or none."))
        return cleaned

    def _read_fields(self, side: str, known: Mapping[str, str], cleaned: dict[str, Any]) -> None:
        """By name or by what people call it; kept by its name."""
        by_label = {label: name for name, label in known.items()}
        for name in (f"match_{side}", f"returned_{side}"):
            typed = cleaned.get(name, "")
            cleaned[name] = typed if typed in known else by_label.get(typed, "")
            if typed and not cleaned[name]:
                sentence = _("Its records have no field “%(typed)s”. They have: %(known)s.")
                words = {"typed": typed, "known": "、".join(known.values())}
                self.add_error(name, forms.ValidationError(sentence, params=words))

    def said(self) -> dict[str, Any]:
        """What `actions.reconciliation` takes, without the two metrics."""
        return {name: value for name, value in self.cleaned_data.items() if name not in ("a", "b", "key", "version")}


class SeveralIdsField(IdsField):
    """One tick may stand for several."""

    def clean(self, value: Any) -> list[UUID]:
        return super().clean([one for ticked in value or () for one in str(ticked).split()])


class ReleaseForm(forms.Form):
    """Holds that were ticked, or with `every` all that the page speaks of, and why their figures may be used again.
    `seen`: as of when the page shows them."""

    holds = SeveralIdsField(
        label=_("Held figures"), required=False, error_messages={"required": _("Tick the figures you have looked at.")}
    )
    reason = forms.CharField(
        label=_("What you found"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write in a sentence what you found, for example “all of it is returns”.")},
    )
    every = forms.BooleanField(required=False)
    seen = forms.CharField(widget=forms.HiddenInput, max_length=40)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("holds") and not cleaned.get("every"):
            self.add_error("holds", self.fields["holds"].error_messages["required"])
        return cleaned

    def clean_seen(self) -> datetime:
        try:
            return datetime.fromisoformat(self.cleaned_data["seen"]).astimezone(UTC)
        except (ValueError, OverflowError):
            raise forms.ValidationError(_("Open the page again and look once more.")) from None

"""What is typed about what a goal supports: shares, a further goal above, a manager's reason."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from .actions.alignments import CarriedTwice, Shares
from .models import Goal
from .queries.match import Line
from .queries.writing import parents_named
from .wording import plain
from .writing_forms import Figure, is_over

PERCENT = _("Write a percentage from 0 to 100.")


class Percent(Figure):
    def __init__(self, **kwargs: Any) -> None:
        said = {name: PERCENT for name in ("min_value", "max_value", "invalid", "max_digits", "max_whole_digits")}
        super().__init__(max_digits=5, decimal_places=2, min_value=0, max_value=100, error_messages=said, **kwargs)


class SharesForm(forms.Form):
    """Two figures for each goal above: the part of its result, the part of the own resources."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=2000)

    def __init__(self, data: Mapping[str, Any] | None = None, *, lines: Sequence[Line], seen: str) -> None:
        super().__init__(data, initial={"seen": seen})
        self.lines = lines
        for line in lines:
            one = line.alignment
            contribution, split = self.names(one.parent_id)
            self.fields[contribution] = Percent(label=_("Carries (%)"), initial=one.contribution)
            self.fields[split] = Percent(label=_("Own resources (%)"), initial=one.split)

    @staticmethod
    def names(parent_id: int) -> tuple[str, str]:
        return f"contribution-{parent_id}", f"split-{parent_id}"

    @property
    def rows(self) -> list[tuple[Line, list[Any]]]:
        return [(line, [self[name] for name in self.names(line.alignment.parent_id)]) for line in self.lines]

    def say_split(self, whole: Decimal) -> None:
        told = _("The parts add up to %(whole)s %%. Make it 100, or leave all of them empty: then the first has all.")
        name = self.names(self.lines[-1].alignment.parent_id)[1]
        self.add_error(name, ValidationError(told, params={"whole": plain(whole)}))

    def say_carried(self, refused: CarriedTwice) -> None:
        self.add_error(self.names(refused.parent.pk)[0], carried_too_much(refused))

    @property
    def shares(self) -> dict[int, Shares]:
        return {
            line.alignment.parent_id: Shares(
                *(self.cleaned_data[name] for name in self.names(line.alignment.parent_id))
            )
            for line in self.lines
        }


class FurtherForm(forms.Form):
    """Another goal that this one supports as well."""

    parent = forms.CharField(
        label=_("It also supports"),
        max_length=700,
        help_text=_("A goal of another department. Type a few words or its number."),
        widget=forms.TextInput(attrs={"list": "parents-found", "autocomplete": "off"}),
        error_messages={"required": _("Type a few words of the goal, and choose it from the list.")},
    )
    contribution = Percent(label=_("Part of its result (%)"))
    split = Percent(label=_("Part of the own resources (%)"), help_text=_("Comes off the share of the first one."))

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        parents: QuerySet[Goal],
        over: Callable[[], QuerySet[Goal]] | None = None,
        parents_url: str = "",
    ) -> None:
        """`over` are goals of periods that have ended: named, they are told apart from those that do not exist."""
        super().__init__(data)
        self.parents, self.over = parents, over
        asks = {"hx-get": parents_url, "hx-trigger": "input changed delay:200ms", "hx-target": "#parents-found"}
        self.fields["parent"].widget.attrs.update(asks)

    def clean_parent(self) -> Goal:
        typed = self.cleaned_data["parent"]
        found = parents_named(self.parents, typed)
        if len(found) == 1:
            return found[0]
        if found:
            numbers = "; ".join(f"{goal.number} {goal.unit.name if goal.unit else ''}".strip() for goal in found[:5])
            told = _("Several goals are called that. Type the number: %(numbers)s.")
            raise ValidationError(told, params={"numbers": numbers})
        if self.over and (over := parents_named(self.over(), typed)):
            raise is_over(over[0])
        told = _("No goal above is called “%(typed)s”. Type a few words of it and choose from the list.")
        raise ValidationError(told, params={"typed": typed})

    @property
    def shares(self) -> Shares:
        return Shares(self.cleaned_data["contribution"], self.cleaned_data["split"])


class ConfirmationForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it is right all the same"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say in a sentence how doing it moves the goal above.")},
    )


def carried_too_much(refused: CarriedTwice) -> ValidationError:
    told = _("The other goals carry the rest already: %(left)s %% of it can still be taken.")
    return ValidationError(told, params={"left": plain(refused.left)})

"""What is typed in a decoding workshop. Sentences say what to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from goals.actions.workshop import ProposalWords
from goals.models import Goal, Overlap, PositionAction, Proposal
from goals.queries.writing import Span
from goals.trail_forms import OnceForm
from goals.writing_forms import Figure
from perfsys.people.models import Employee, OrgUnit
from perfsys.people.queries import people_named


class OneOf(forms.ChoiceField):
    """One of a few rows, by public id."""

    def offer(self, rows: Iterable[Goal | OrgUnit], named: str, empty: Any = "") -> None:
        self.rows = {str(row.public_id): row for row in rows}
        choices = [(key, getattr(row, named)) for key, row in self.rows.items()]
        self.choices = choices if len(choices) == 1 and not empty else [("", empty or "—"), *choices]

    def clean(self, value: Any) -> Any:
        return self.rows.get(super().clean(value))


class ProposalForm(OnceForm):
    """`units` None: it exists already, and stays its department's."""

    objective = OneOf(
        label=_("For which company goal"), error_messages={"required": _("Choose the company goal it carries.")}
    )
    unit = OneOf(label=_("Department"), error_messages={"required": _("Choose the department that proposes it.")})
    title = forms.CharField(
        label=_("Key result"),
        help_text=_("For example: first-pass yield of samples for overseas customers 96 %"),
        max_length=200,
        error_messages={"required": _("Say in one sentence what your department brings about.")},
    )
    measure = forms.CharField(label=_("Measured by"), max_length=200, required=False)
    target = Figure(label=_("Target"))
    unit_of_measure = forms.CharField(label=_("Unit of measure"), max_length=40, required=False)
    weight = Figure(
        label=_("Weight in percent"), help_text=_("Of the department's goals"), max_digits=6, decimal_places=2,
        min_value=0, max_value=100,
    )  # fmt: skip
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        objectives: Sequence[Goal],
        units: Sequence[OrgUnit] | None,
        **kwargs: Any,
    ) -> None:
        super().__init__(data, **kwargs)
        _one_of(self, "objective").offer(objectives, "title", _("Choose a goal"))
        if units is None:
            del self.fields["unit"]
        else:
            _one_of(self, "unit").offer(units, "path")

    @property
    def rows(self) -> list[list[Any]]:
        lines = ("objective unit", "title", "measure", "target unit_of_measure weight")
        return [[self[name] for name in line.split() if name in self.fields] for line in lines]

    def words(self) -> ProposalWords:
        said = self.cleaned_data
        names = ("title", "objective", "measure", "target", "unit_of_measure", "weight")
        return ProposalWords(**{name: said[name] for name in names})


class PositionActionForm(OnceForm):
    """`people` are those of the department."""

    title = forms.CharField(
        label=_("Action"),
        help_text=_("What one person does for it this period"),
        max_length=200,
        error_messages={"required": _("Say in one sentence what is done.")},
    )
    owner = forms.CharField(
        label=_("Who does it"),
        help_text=_("A name or a number. It may stay open for now."),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"list": "people-found", "autocomplete": "off"}),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, people: QuerySet[Employee], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.people = people

    def clean_owner(self) -> Employee | None:
        typed: str = self.cleaned_data["owner"]
        if not typed:
            return None
        named = people_named(typed)
        found = list(self.people.filter(pk__in=[one.pk for one in named])) if named else []
        if not found:
            told = _("%(typed)s is nobody of this department. Type a name or a number.")
            raise ValidationError(told, params={"typed": typed})
        if len(found) > 1:
            told = _("Several people have this name. Type the number: %(numbers)s.")
            raise ValidationError(told, params={"numbers": ", ".join(one.employee_no for one in found[:5])})
        return found[0]


class OverlapForm(forms.Form):
    note = forms.CharField(
        label=_("How you split it"),
        help_text=_("For example: quality owns the yield, manufacturing owns the rework hours"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write in a sentence who does what.")},
    )
    resolved = forms.BooleanField(label=_("This overlap is settled"), required=False)
    version = forms.IntegerField(widget=forms.HiddenInput)


class ReopenForm(forms.Form):
    reason = forms.CharField(
        label=_("Why it is opened again"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Say in a sentence why, for everybody who takes part.")},
    )

    @property
    def rows(self) -> list[list[Any]]:
        return [[self["reason"]]]


class OpenForm(forms.Form):
    period = forms.ChoiceField(label=_("For which period"))

    def __init__(self, data: Mapping[str, Any] | None = None, *, spans: Sequence[Span]) -> None:
        super().__init__(data)
        self.spans = {span.key: span for span in spans}
        field = self.fields["period"]
        if isinstance(field, forms.ChoiceField):
            field.choices = [(span.key, span.title) for span in spans]

    @property
    def span(self) -> Span:
        return self.spans[self.cleaned_data["period"]]


def initial_of_proposal(one: Proposal) -> dict[str, Any]:
    names = ("title", "measure", "target", "unit_of_measure", "weight", "version")
    objective = str(one.objective.public_id) if one.objective else ""
    return {"objective": objective, **{name: getattr(one, name) for name in names}}


def initial_of_action(one: PositionAction) -> dict[str, Any]:
    owner = f"{one.owner.name} {one.owner.employee_no}" if one.owner else ""
    return {"title": one.title, "owner": owner, "version": one.version}


def initial_of_overlap(one: Overlap) -> dict[str, Any]:
    return {"note": one.note, "resolved": one.resolved_at is not None, "version": one.version}


def _one_of(form: forms.Form, name: str) -> OneOf:
    field = form.fields[name]
    if not isinstance(field, OneOf):
        raise TypeError(name)
    return field

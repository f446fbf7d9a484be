"""For whom a goal becomes drafts, and what each of them takes of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from perfsys.people.models import Assignment, Employee
from perfsys.people.spans import holds

from .models import Goal, Share
from .queries.writing import Span
from .template_forms import PeopleForm
from .writing_forms import Weight

MOST = 20_000


class CascadeForm(PeopleForm):
    """All of a unit, all with one position, both together, people by name: whoever is meant one way or another."""

    most = MOST
    for_nobody = _("Say for whom: a department, a position, or people.")

    post = forms.CharField(
        label=_("Everybody with the position"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"list": "posts-found", "autocomplete": "off"}),
        help_text=_("With a department above: those of it alone."),
    )
    into = forms.ChoiceField(label=_("Period"))
    title = forms.CharField(label=_("What it is called"), max_length=500)
    share = forms.ChoiceField(label=_("What each takes of the target"), widget=forms.RadioSelect)
    weight = Weight(label=_("Weight"), help_text=_("Percent of each person's goals; it can stay open."))

    field_order = ("unit", "post", "people", "into", "title", "share", "weight")

    def __init__(
        self,
        data: Any,
        *,
        goal: Goal,
        spans: Sequence[Span],
        shares: Collection[str],
        people: QuerySet[Employee],
        on: Any,
        suggests: str = "",
    ) -> None:
        super().__init__(data, people=people, on=on, suggests=suggests)
        self.spans = {one.key: one for one in spans}
        self._choices("into", [(key, one.title) for key, one in self.spans.items()])
        self._choices("share", [(one.value, one.label) for one in Share if one in shares])
        self.initial = {"title": goal.title, "share": Share.EQUAL, "into": next(iter(self.spans), "")}

    def _choices(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # said above
        field.choices = list(choices)

    def clean_post(self) -> str:
        typed = " ".join(self.cleaned_data["post"].split())
        if typed and not self._with(typed).exists():
            raise forms.ValidationError(_("Nobody you may write for has this position."))
        return typed

    def group(self, cleaned: dict[str, Any]) -> QuerySet[Employee] | None:
        inside = super().group(cleaned)
        if not cleaned["post"]:
            return inside
        return (self.may_be if inside is None else inside).filter(pk__in=self._with(cleaned["post"]).values("employee"))

    def _with(self, post: str) -> QuerySet[Assignment]:
        posts = Assignment.objects.filter(holds(self.on), position=post)
        return posts.filter(employee__in=self.may_be.values("pk"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        return cleaned | {"span": self.spans.get(cleaned.get("into", ""))}

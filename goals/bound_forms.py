"""What is chosen when a goal's figure comes from a metric (product.md §5.4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from goals.models import Making
from integrations.models import MetricDefinition
from integrations.queries.sides import Named

WHOLE = "whole"  # how the empty key is written in a form


class BindForm(forms.Form):
    """`whose` and `makings` are those of the chosen metric; before, there is nothing but the metric to choose."""

    metric = forms.ChoiceField(
        label=_("Metric"),
        error_messages={"required": _("Choose a metric."), "invalid_choice": _("Choose one of these metrics.")},
    )
    subject = forms.ChoiceField(
        label=_("Whose figure"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whose figure it is."), "invalid_choice": _("Choose whose figure it is.")},
    )
    making = forms.ChoiceField(
        label=_("How the days become one figure"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how."), "invalid_choice": _("This metric cannot be put together so.")},
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        metrics: Iterable[MetricDefinition],
        whose: Sequence[Named] = (),
        makings: Collection[str] = (),
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.metrics = {str(one.public_id): one for one in metrics}
        self.whose = {one.key or WHOLE: one for one in whose}
        self._choices("metric", [("", "–"), *((key, one.name) for key, one in self.metrics.items())])
        if not self.whose:
            del self.fields["subject"], self.fields["making"]
            return
        self._choices("subject", [(key, one.label or _("The whole")) for key, one in self.whose.items()])
        labels = dict(Making.choices)
        self._choices("making", [(one, labels[one]) for one in makings])

    def _choices(self, name: str, choices: Sequence[tuple[str, Any]]) -> None:
        field: Any = self.fields[name]
        field.choices = choices

    @property
    def definition(self) -> MetricDefinition:
        return self.metrics[self.cleaned_data["metric"]]

    @property
    def named(self) -> Named:
        return self.whose[self.cleaned_data["subject"]]


class EndForm(forms.Form):
    because = forms.CharField(
        label=pgettext_lazy("adjust", "Why"),
        help_text=_("The owner reads it on the goal's record. From then on people tell the figure again."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=500,
        error_messages={"required": _("Say why in a line.")},
    )

"""What is typed on the pages of gripe day."""

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from feedback.gripe_access import Keepers
from feedback.gripes import DAY, FEWEST_WORK_DAYS, LONGEST, Area
from feedback.models import Gripe, GripeDay, GripeSettings
from goals.trail_forms import OnceForm
from perfsys.common.fields import DayField, LinesField
from perfsys.people.models import Employee

NAMED, UNNAMED = "named", "unnamed"
FEW_DAYS = _("Choose at least three work days: of fewer it could be worked out who was there to say something.")
MONTHS = ((1, _("The first")), (2, _("The second")), (3, _("The third")))


class SuggestForm(OnceForm):
    """`unnamed_allowed`: whether without a name is a choice here."""

    area = forms.ChoiceField(
        label=_("Which part of the process"),
        choices=[("", _("Choose one")), *Area.choices],
        error_messages={"required": _("Choose the part it is about.")},
    )
    title = forms.CharField(
        label=_("In one line"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say in one line what should change.")},
    )
    text = LinesField(
        label=_("What gets in the way, and what would be better"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 5, "autocomplete": "off"}),
        error_messages={"required": _("Write a sentence or two: what gets in the way, and what would be better.")},
    )
    name = forms.ChoiceField(
        label=_("With your name or without"),
        choices=[(NAMED, _("With my name")), (UNNAMED, _("Without a name"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose whether your name stands beside it.")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, unnamed_allowed: bool) -> None:
        super().__init__(data)
        if not unnamed_allowed:
            field: Any = self.fields["name"]
            field.choices = field.choices[:1]


class AdoptForm(forms.Form):
    answer = LinesField(
        label=_("What will be different"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say in a sentence what will be different; everybody reads it.")},
    )
    owner = forms.ChoiceField(
        label=pgettext_lazy("suggestion", "Who looks after it"),
        error_messages={"required": _("Choose who looks after it.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, who: Keepers, me: Employee | None, version: int
    ) -> None:
        """Proposed is whoever can set it: `me`, or the only one who can; where it is set nowhere, `me`."""
        self.who = who
        self.by_id = {str(one.public_id): one for one in (*who.setters, *who.others)}
        first = who.setters or who.others
        proposed = me if me in first else first[0] if len(who.setters) == 1 else None
        owner_id = str(proposed.public_id) if proposed else ""
        super().__init__(data, initial={"version": version, "owner": owner_id}, auto_id="adopt_%s")
        owner: Any = self.fields["owner"]
        groups = ((_("Can set it"), who.setters), (_("Can have it set"), who.others))
        shown = [(name, [(str(one.public_id), one.name) for one in people]) for name, people in groups if people]
        owner.choices = [("", _("Choose a colleague")), *(shown if who.setters else shown[0][1] if shown else [])]

    def clean_owner(self) -> Employee:
        return self.by_id[self.cleaned_data["owner"]]


class DeclineForm(forms.Form):
    answer = LinesField(
        label=_("Why not now"),
        max_length=600,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say why in a sentence; whoever proposed it reads it.")},
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, of: Gripe) -> None:
        super().__init__(data, initial={"version": of.version}, auto_id="decline_%s")


class JoinForm(forms.Form):
    to = forms.ChoiceField(
        label=_("It says the same as"), error_messages={"required": _("Choose the one it is the same as.")}
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, others: Collection[Gripe]) -> None:
        self.by_id = {str(one.public_id): one for one in others}
        super().__init__(data, auto_id="join_%s")
        to: Any = self.fields["to"]
        to.choices = [("", _("Choose one")), *((key, one.title) for key, one in self.by_id.items())]

    def clean_to(self) -> Gripe:
        return self.by_id[self.cleaned_data["to"]]


class GripeSettingsForm(forms.Form):
    is_held = forms.BooleanField(
        label=_("Hold a gripe day each quarter"),
        help_text=_(
            "It opens and closes by itself; everybody is told three days before, when it opens, and of what there is "
            "to vote on when it is over."
        ),
        required=False,
    )
    month = forms.TypedChoiceField(
        label=_("Month of the quarter"),
        help_text=_("It begins on the month’s first Monday, or the next work day."),
        choices=MONTHS,
        coerce=int,
    )
    length = forms.IntegerField(
        label=_("Days it is open"),
        help_text=_(
            "At least three, and three of them worked: nobody should be able to work out from the day who said "
            "something without a name. Where holidays fall into it, it stays open longer."
        ),
        min_value=1,
        max_value=LONGEST,
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, of: GripeSettings) -> None:
        names = ("is_held", "month", "length", "version")
        super().__init__(data, initial={name: getattr(of, name) for name in names})
        self.as_set = of.length
        self.fields["length"].widget.attrs["min"] = min(of.length, FEWEST_WORK_DAYS)

    def clean_length(self) -> int:
        """One that was set shorter before there was a least may stay as it is."""
        length: int = self.cleaned_data["length"]
        if length < FEWEST_WORK_DAYS and length != self.as_set:
            raise ValidationError(FEW_DAYS)
        return length


class GripeDayForm(forms.Form):
    """Both days inside it, as people say it."""

    starts_on = DayField(label=_("First day"))
    last_on = DayField(label=_("Last day"))
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, of: GripeDay) -> None:
        initial = {"starts_on": of.starts_on, "last_on": of.days.last_on, "version": of.version}
        super().__init__(data, initial=initial, auto_id=f"day-{of.public_id}-%s")

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        first, last = data.get("starts_on"), data.get("last_on")
        if first and last and last < first:
            raise ValidationError(_("The last day comes after the first."))
        return data

    @property
    def days(self) -> dict[str, date]:
        data = self.cleaned_data
        return {"starts_on": data["starts_on"], "ends_on": data["last_on"] + DAY}

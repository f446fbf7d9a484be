"""What is typed about an interview. Sentences say what to do; a refusal offers words and keeps what was typed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from goals.trail_forms import OnceForm
from perfsys.lexicon import opinion
from perfsys.lexicon.models import LexiconEntry
from perfsys.lexicon.queries import better_words, known_expressions
from perfsys.lexicon.rewording import clause_with, reworded
from perfsys.lexicon.vagueness import find_vague
from reviews.facts import Fact
from reviews.models import Interview, InterviewModule

LEAST_MINUTES, MOST_MINUTES = 5, 480
DUE_IN = timedelta(days=14)
FURTHEST = timedelta(days=366)
MOST_LETTERS = 2000  # of what was said in a module


class WhenForm(forms.Form):
    """A day and a time in the tenant's zone, which the page is in."""

    on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(label=_("From"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    minutes = forms.IntegerField(
        label=_("How long, in minutes"), min_value=LEAST_MINUTES, max_value=MOST_MINUTES, initial=30
    )
    place = forms.CharField(label=_("Where"), max_length=120, required=False)

    def clean_on(self) -> date:
        on: date = self.cleaned_data["on"]
        today = timezone.localdate()
        if not today <= on <= today + FURTHEST:
            raise forms.ValidationError(_("Choose a day from today on, within a year."))
        return on

    @property
    def said(self) -> dict[str, Any]:
        """As the actions take it."""
        start = datetime.combine(self.cleaned_data["on"], self.cleaned_data["time"])
        at = timezone.make_aware(start, timezone.get_current_timezone())
        return {"at": at, "minutes": self.cleaned_data["minutes"], "place": self.cleaned_data["place"]}


class PlanForm(WhenForm, OnceForm):
    field_order = ["on", "time", "minutes", "place", "key"]


class MoveForm(WhenForm):
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, data: Mapping[str, Any] | None = None, *, of: Interview) -> None:
        at = timezone.localtime(of.at)
        shown = {"on": at.date(), "time": at.time(), "minutes": of.minutes, "place": of.place, "version": of.version}
        super().__init__(data, initial=shown, auto_id="move_%s")


class CancelForm(forms.Form):
    reason = forms.CharField(label=_("Why, in a line"), max_length=500, required=False)

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="cancel_%s")


class DeclineForm(forms.Form):
    reason = forms.CharField(
        label=_("Why you would rather not"),
        help_text=_("Your manager reads it. Declining is your right and is held against nobody."),
        max_length=500,
        error_messages={"required": _("Write a line, for example “travelling next week, the week after suits me”.")},
    )

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, auto_id="decline_%s")


class TopicsForm(forms.Form):
    topics = forms.CharField(
        label=_("What I want to talk about"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=1000,
        required=False,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, of: Interview) -> None:
        super().__init__(data, initial={"topics": of.topics})


class ImprovementForm(forms.Form):
    plan = forms.CharField(
        label=_("My improvement plan"),
        help_text=_("In your own words: what you will do differently, and how one will see it"),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        required=False,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, of: Interview) -> None:
        super().__init__(data, initial={"plan": of.improvement_plan})


class SignForm(forms.Form):
    """`seen` is what stood on the page that is signed."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=40)
    dissent = forms.CharField(
        label=_("What you see differently"),
        help_text=_("It stands in the record beside your signature."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=1000,
        required=False,
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, seen: str, may_dissent: bool) -> None:
        super().__init__(data, initial={"seen": seen}, auto_id="sign_%s")
        if not may_dissent:
            del self.fields["dissent"]


class AgreeForm(OnceForm):
    """An action that one of the two takes on."""

    owner = forms.ChoiceField(label=_("Who does it"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=_("What"),
        max_length=200,
        error_messages={
            "required": _("Write what is done, for example “share the bench calendar with the test team”.")
        },
    )
    due_on = forms.DateField(label=_("By"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))

    def __init__(self, data: Mapping[str, Any] | None = None, *, of: Interview) -> None:
        self.of = of
        super().__init__(
            data, initial={"due_on": timezone.localdate() + DUE_IN, "owner": "employee"}, auto_id="agree_%s"
        )
        owner: Any = self.fields["owner"]
        owner.choices = [("employee", of.employee.name), ("manager", of.manager.name)]

    def clean_due_on(self) -> date:
        due: date = self.cleaned_data["due_on"]
        today = timezone.localdate()
        if not today <= due <= today + FURTHEST:
            raise forms.ValidationError(_("Choose a day from today on, within a year."))
        return due

    @property
    def said(self) -> dict[str, Any]:
        """As `actions.agree_on` takes it."""
        owner = self.of.employee if self.cleaned_data["owner"] == "employee" else self.of.manager
        return {"owner": owner, **{name: self.cleaned_data[name] for name in ("text", "due_on", "key")}}


class ModuleForm(forms.Form):
    """One of the three modules (product.md §4.2): words and at least one fact. Words that are known to say nothing are
    refused, with sentences to choose from; what only seems to say nothing may stay, with a reason."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    text = forms.CharField(
        label=_("Notes"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=MOST_LETTERS,
        error_messages={
            "required": _("Write what was said, for example “changed the wheel in 40 minutes that night”.")
        },
    )
    instead = forms.CharField(widget=forms.HiddenInput, max_length=400, required=False)
    kept_because = forms.CharField(label=_("Keep it all the same, because"), max_length=300, required=False)
    facts = forms.MultipleChoiceField(
        label=_("Rests on"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one fact that shows it.")},
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        name: str,
        of: InterviewModule | None,
        linked: Sequence[Fact],
        offered: Mapping[str, Fact],
        labels: Mapping[str, str],
    ) -> None:
        self.offered = offered
        self.suggestions: list[LexiconEntry] = []
        self.is_doubtful = bool(of and of.kept_because)
        shown: dict[str, Any] = {"facts": [fact.key for fact in linked]}
        if of is not None:
            shown |= {"version": of.version, "text": of.text, "kept_because": of.kept_because}
        super().__init__(data, initial=shown, auto_id=f"{name}_%s")
        facts: Any = self.fields["facts"]
        facts.choices = list(labels.items())

    @property
    def boxes(self) -> list[dict[str, Any]]:
        """The facts to tick, for the template to write by itself: as widgets, a hundred of them cost half the page."""
        ticked = set(self["facts"].value() or ())
        choices: Any = self.fields["facts"]
        return [{"key": key, "label": label, "is_ticked": key in ticked} for key, label in choices.choices]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or {}
        if text := data.get("text", ""):
            data["text"] = self._said_clearly(text, data.get("instead", ""), data)
        return data

    def _said_clearly(self, text: str, instead: str, data: dict[str, Any]) -> str:
        known, judge = known_expressions(), opinion.judge_at_hand()
        found = told = find_vague(text, known=known, judge=judge)
        if found is not None and instead:
            text = reworded(text, found, instead, known=known)
            found = find_vague(text, known=known, judge=judge)
            if len(text) > MOST_LETTERS:
                self.add_error("text", _("With that sentence it is too long. Leave something else out first."))
        if found is None:
            data["kept_because"] = ""
        elif found.expressions:
            sentence = _("“%(words)s” does not say yet what one could have seen.")
            words = clause_with(text, found.expressions[0])
            self.add_error("text", forms.ValidationError(sentence, params={"words": words}))
        elif not data.get("kept_because"):
            self.is_doubtful = True
            self.add_error("text", _("One cannot see in this yet what happened. Add it, or say below why it stays."))
        if told is not None and self.errors:  # it comes back, with the words as they were typed
            self.suggestions = better_words(told, text)
        return text

    @property
    def said(self) -> dict[str, Any]:
        """As `actions.write_module` takes it."""
        chosen = [self.offered[key] for key in self.cleaned_data["facts"]]
        return {
            "facts": chosen,
            **{name: self.cleaned_data[name] for name in ("text", "kept_because", "version")},
        }

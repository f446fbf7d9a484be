"""What is typed when goals, templates and the goal settings are written. Sentences say what to do."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import BaseFormSet, formset_factory
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from integrations.models import EvidenceType
from perfsys.common.fields import DayField
from perfsys.people.models import OrgUnit
from perfsys.people.queries import units_named

from .actions.goal import COLUMNS, GoalWords, KeyResultWords
from .actions.settings import SETTINGS
from .actions.templates import GOAL_COLUMNS, TemplateGoalWords, TemplateWords
from .extras import ExtraField
from .models import (
    BusinessLine,
    Cadence,
    Direction,
    Goal,
    GoalSettings,
    GoalTemplate,
    Kind,
    Layer,
    ObstacleCause,
    ResourceKind,
    Scoring,
    TemplateGoal,
)
from .ordered import OrderedLines, moved
from .progress import LONGEST, leads_away
from .publishing import MOST_OBSTACLES
from .queries.templates import Result, results_of, stages_of
from .queries.writing import Span, Written, parents_named, told_as
from .template_forms import PREFIX, answers_in, asked_as, initial_answers
from .wording import plain

MOST_STAGES = 20
MOST_TEMPLATE_GOALS = 12
GOALS = "goals"
SPARE_STAGES = 2
MOST_RESULTS, SPARE_RESULTS = 10, 3
STAGE_SEPARATOR = "@"
RESULT_SEPARATOR = "|"

# Which kinds of goal a field speaks of; the stylesheet hides it for others, and saving forgets what it held.
ONLY_FOR = {
    "measure": {Kind.KPI, Kind.OBJECTIVE},
    "unit_of_measure": {Kind.KPI},
    "direction": {Kind.KPI},
    "baseline": {Kind.KPI},
    "target": {Kind.KPI},
    "hold_low": {Kind.KPI},
    "hold_high": {Kind.KPI},
    "cadence_times": {Kind.BEHAVIOUR},
    "cadence_per": {Kind.BEHAVIOUR},
    "delivers": {Kind.BEHAVIOUR},
}
KINDS = [
    (Kind.KPI, _("A figure to reach")),
    (Kind.OBJECTIVE, _("An aim with its key results")),
    (Kind.MILESTONE, _("Stages to pass")),
    (Kind.BEHAVIOUR, _("A habit to keep")),
]
REACHED, HELD = ("baseline", "target"), ("hold_low", "hold_high")


@dataclass(frozen=True)
class Group:
    """Fields that stand together. `pairs` side by side where there is room; `css` ties it to a kind of goal."""

    title: Promise | str
    rows: Sequence[Sequence[Any]]
    says: Promise | str = ""
    folded: bool = False


def even_figure(typed: str) -> str:
    """As people write and a Chinese keyboard sends it: 1,200, 1.8 %, ３．２."""
    return unicodedata.normalize("NFKC", typed).replace(",", "").strip().rstrip("%").rstrip()


class Figure(forms.DecimalField):
    """A number of a measure, in the goal's own unit. Written without the zeros the column adds."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs = {"required": False, "max_digits": 20, "decimal_places": 6} | kwargs
        super().__init__(widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "short"}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return plain(value) if isinstance(value, Decimal) else value

    def to_python(self, value: Any) -> Any:
        return super().to_python(even_figure(value) if isinstance(value, str) else value)


class Weight(Figure):
    """Percent of a person's goals, 0..100. How many digits are too many goes without saying."""

    default_error_messages = {
        "min_value": _("A weight lies between 0 and 100."),
        "max_value": _("A weight lies between 0 and 100."),
    }

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_digits": None, "decimal_places": 2, "min_value": 0, "max_value": 100} | kwargs)


class GoalFields(forms.Form):
    """What a goal and a line of a template have in common."""

    kind = forms.ChoiceField(label=_("What kind of goal"), choices=KINDS, initial=Kind.KPI)
    title = forms.CharField(
        label=_("What is to be reached"),
        max_length=200,
        help_text=_("One sentence: a verb, and a figure where there is one."),
        error_messages={"required": _("Say in one sentence what is to be reached.")},
    )
    measure = forms.CharField(label=_("Measured by"), max_length=200, required=False)
    unit_of_measure = forms.CharField(
        label=_("Unit of measure"),
        max_length=40,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("%, days, pieces")}),
    )
    direction = forms.ChoiceField(
        label=_("Which way"), choices=Direction.choices, initial=Direction.RAISE, required=False
    )
    target = Figure(label=_("Target"))
    cadence_times = forms.IntegerField(label=_("How many times"), min_value=1, max_value=99, required=False)
    cadence_per = forms.ChoiceField(label=_("Per"), choices=[("", "–"), *Cadence.choices], required=False)
    delivers = forms.CharField(
        label=_("What each time delivers"),
        max_length=200,
        required=False,
        help_text=_("For example: the blockers of design stand on the cross-team board."),
    )
    weight = Weight(label=_("Weight (%)"))
    is_core = forms.BooleanField(
        label=_("A core goal"), required=False, help_text=_("Its weight stays as it is during the period.")
    )
    evidence_type = forms.ChoiceField(
        label=_("Kind of evidence"), choices=[("", _("Not chosen yet")), *EvidenceType.choices], required=False
    )
    evidence_plan = forms.CharField(
        label=_("How the evidence will come about"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": _("where there is no number yet")}),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind = cleaned.get("kind")
        for name, kinds in ONLY_FOR.items():
            if name in self.fields and kind not in kinds:
                self._forget(cleaned, name)
        cleaned["direction"] = cleaned.get("direction") or Direction.RAISE
        for name in REACHED if cleaned["direction"] == Direction.HOLD else HELD:
            self._forget(cleaned, name)
        if kind == Kind.BEHAVIOUR and bool(cleaned.get("cadence_times")) != bool(cleaned.get("cadence_per")):
            self.add_error("cadence_times", _("Say how many times, and in what time: both or neither."))
        return cleaned

    def _forget(self, cleaned: dict[str, Any], name: str) -> None:
        if name in self.fields:
            self.errors.pop(name, None)
            empties: dict[bool, Any] = {True: None, False: ""}
            cleaned[name] = empties[isinstance(self.fields[name], (Figure, forms.IntegerField))]


@dataclass(frozen=True)
class Desk:
    """What the form of one owner's goal offers. `parents` are goals it can support, `kept_parent` the one it names
    already, `over` those of periods that have ended, which can be supported no more; `spans` are the periods a new goal
    may lie in, `fields` what the goal's template asks beside."""

    layer: str
    spans: Sequence[Span]
    parents: QuerySet[Goal]
    causes: Sequence[ObstacleCause]
    parents_url: str = ""
    kept_parent: Goal | None = None
    is_new: bool = True
    fields: Sequence[ExtraField] = ()
    over: Callable[[], QuerySet[Goal]] | None = None


class GoalForm(GoalFields):
    """A draft. `key` makes a form that is sent twice one goal, `version` is what the editor saw."""

    period = forms.ChoiceField(label=_("Period"))
    parent = forms.CharField(
        label=_("The goal above that it supports"),
        max_length=700,
        required=False,
        widget=forms.TextInput(attrs={"list": "parents-found", "autocomplete": "off"}),
    )
    baseline = Figure(label=_("Where it stands today"))
    hold_low = Figure(label=_("Not below"))
    hold_high = Figure(label=_("Not above"))
    starts_on = DayField(label=_("Begins on"), required=False)
    due_on = DayField(label=_("Due on"), required=False)
    evidence_number = forms.CharField(
        label=_("Its number"),
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"placeholder": "PRJ-2601-09"}),
    )
    causes = forms.MultipleChoiceField(
        label=_("Obstacles you expect"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("One to three. Your manager and HR partner read them and can help in time; nobody else does."),
    )
    new_cause = forms.CharField(label=_("Another one, in your own words"), max_length=120, required=False)
    money = Figure(label=_("Money (10,000 yuan)"), max_digits=12, decimal_places=4, min_value=0)
    people = Figure(label=_("Headcount"), max_digits=12, decimal_places=4, min_value=0)
    hours = Figure(label=_("Hours"), max_digits=12, decimal_places=4, min_value=0)
    is_private = forms.BooleanField(
        label=_("Private"),
        required=False,
        help_text=_("Only you, the managers above and your HR partner see it, also once it is published."),
    )
    scoring = forms.ChoiceField(
        label=_("What it counts for"), choices=Scoring.choices, initial=Scoring.LINEAR, required=False
    )
    scoring_figure = Figure(
        label=_("The limit, or the points taken off"),
        max_digits=9,
        decimal_places=2,
        min_value=0,
        help_text=_("In percent of progress; for a deduction the points for each unit that is missing."),
    )
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, desk: Desk, initial: Mapping[str, Any] | None = None) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.desk = desk
        self.parent_goal: Goal | None = None
        self.fields["period"].choices = [(span.key, span.title) for span in desk.spans]  # type: ignore[attr-defined]
        self.fields["causes"].choices = [(str(c.public_id), c.name) for c in desk.causes]  # type: ignore[attr-defined]
        absent = {"version" if desk.is_new else "key"}
        if len(desk.spans) == 1 or not desk.is_new:
            absent.add("period")
        if desk.layer == Layer.COMPANY:
            absent |= {"parent", "causes", "new_cause", "is_private"}
        if desk.layer == Layer.DEPARTMENT:
            absent.add("is_private")
        for name in absent:
            del self.fields[name]
        self.fields.update({PREFIX + one.key: asked_as(one) for one in desk.fields})
        if "parent" in self.fields:
            asks = {"hx-get": desk.parents_url, "hx-trigger": "input changed delay:200ms"}
            self.fields["parent"].widget.attrs.update(asks | {"hx-target": "#parents-found"})
            self.fields["parent"].help_text = PARENT_HINTS[desk.layer]

    @property
    def groups(self) -> list[Group]:
        fields = {name: self[name] for name in self.fields}

        def rows(*names: str) -> list[list[Any]]:
            return [found for row in names if (found := [fields[n] for n in row.split() if n in fields])]

        groups = [
            Group("", rows("title", "parent", "kind weight", "period", "is_core", "is_private")),
            Group(
                _("How it is measured"),
                rows(
                    "measure unit_of_measure",
                    "direction",
                    "baseline target",
                    "hold_low hold_high",
                    "cadence_times cadence_per",
                    "delivers",
                    "starts_on due_on",
                ),
                says=_("Without days of its own it runs over the whole period."),
            ),
            Group(_("What will prove it"), rows("evidence_type evidence_number", "evidence_plan")),
            Group(
                _("How it counts in a review"),
                rows("scoring scoring_figure"),
                says=_("The score is shown with its arithmetic. It is one fact among others, never a rating."),
            ),
        ]
        if self.desk.fields:
            names = [PREFIX + one.key for one in self.desk.fields]
            groups.insert(2, Group(_("Further information"), rows(*names), says=_("Asked by the template.")))
        if "causes" in fields:
            groups.append(Group(_("What may get in the way"), rows("causes", "new_cause")))
        return groups

    @property
    def resources(self) -> Group:
        names = ("money", "people", "hours")
        is_open = any(self[name].value() or self[name].errors for name in names)
        return Group(_("What it will take"), [[self[name] for name in names]], folded=not is_open)

    @property
    def span(self) -> Span:
        """The chosen period; the only one there is where nothing is to be chosen."""
        chosen = self.cleaned_data.get("period")
        return next((span for span in self.desk.spans if span.key == chosen), self.desk.spans[0])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["starts_on"] = cleaned.get("starts_on") or self.span.starts_on
        cleaned["due_on"] = cleaned.get("due_on") or self.span.ends_on
        self._judge_days(cleaned["starts_on"], cleaned["due_on"])
        low, high = cleaned.get("hold_low"), cleaned.get("hold_high")
        if low is not None and high is not None and high < low:
            self.add_error("hold_high", _("The upper limit lies below the lower one."))
        if "target" in self.fields and cleaned["direction"] != Direction.HOLD:
            judge_direction(self, cleaned)
        self._judge_scoring(cleaned)
        cleaned["extra"] = answers_in(self.desk.fields, self)
        named = len(cleaned.get("causes") or []) + bool((cleaned.get("new_cause") or "").strip())
        if named > MOST_OBSTACLES:
            self.add_error("causes", _("Keep the three that matter most."))
        if typed := cleaned.get("parent"):
            self.parent_goal = self._parent(typed)
        return cleaned

    def _judge_days(self, starts_on: date, due_on: date) -> None:
        if {"starts_on", "due_on"} & {*self.errors}:
            return
        if due_on < starts_on:
            self.add_error("due_on", _("The last day lies before the first."))
        elif starts_on > self.span.ends_on or due_on < self.span.starts_on:
            name = "starts_on" if starts_on > self.span.ends_on else "due_on"
            told = _("None of these days lies in the period %(period)s. Choose others, or another period.")
            self.add_error(name, ValidationError(told, params={"period": self.span.title}))
        elif due_on - starts_on > LONGEST:
            self.add_error("due_on", TOO_LONG)

    def _judge_scoring(self, cleaned: dict[str, Any]) -> None:
        rule = cleaned["scoring"] = cleaned.get("scoring") or Scoring.LINEAR
        if rule == Scoring.LINEAR:
            self._forget(cleaned, "scoring_figure")
        elif cleaned.get("scoring_figure") is None and "scoring_figure" not in self.errors and rule in SCORING_ASKS:
            self.add_error("scoring_figure", SCORING_ASKS[rule])

    def _parent(self, typed: str) -> Goal | None:
        kept = self.desk.kept_parent
        if kept is not None and typed.split() == told_as(kept).split():
            if self.desk.is_new and kept.period.ends_on < self.span.starts_on:
                self.add_error("parent", is_over(kept))
            return kept  # also one that could not be chosen any more: it was carried over, or publishing judges it
        found = parents_named(self.desk.parents, typed)
        same_period = [goal for goal in found if goal.period.starts_on == self.span.starts_on]
        found = same_period if len(same_period) == 1 else found
        if len(found) == 1 and found[0].period.ends_on >= self.span.starts_on:
            return found[0]
        over = found or (parents_named(self.desk.over(), typed) if self.desk.over else [])
        if len(found) > 1:
            numbers = "; ".join(f"{goal.number} {goal.unit.name if goal.unit else ''}".strip() for goal in found[:5])
            told = _("Several goals are called that. Type the number: %(numbers)s.")
            self.add_error("parent", ValidationError(told, params={"numbers": numbers}))
        elif over:
            self.add_error("parent", is_over(over[0]))
        else:
            told = _("No goal above is called “%(typed)s”. Type a few words of it and choose from the list.")
            self.add_error("parent", ValidationError(told, params={"typed": typed}))
        return None

    def words(self, stages: Sequence[tuple[str, date]], key_results: Sequence[KeyResultWords] = ()) -> GoalWords:
        cleaned = self.cleaned_data
        by_id = {str(cause.public_id): cause for cause in self.desk.causes}
        given: dict[str, Any] = {name: cleaned[name] for name in COLUMNS if name in cleaned}
        return GoalWords(
            **given,
            parent=self.parent_goal,
            causes=[by_id[key] for key in cleaned.get("causes", [])],
            new_causes=[cleaned["new_cause"]] if cleaned.get("new_cause") else [],
            milestones=stages,
            key_results=key_results,
            extra=cleaned["extra"],
            resources={kind: cleaned[kind] for kind in ResourceKind.values if cleaned.get(kind)},
        )


def is_over(parent: Goal) -> ValidationError:
    told = _("“%(goal)s” is a goal of %(period)s, which is over by then. Choose one that still runs.")
    return ValidationError(told, params={"goal": parent.title, "period": parent.period.title})


def judge_stages(lines: BaseFormSet[Any], due_on: date | None) -> bool:
    """Says beside each stage that it lies after the goal's last day. Of lines that stand by themselves."""
    if due_on is None:
        return True
    late = [form for form in lines if (form.cleaned_data.get("due_on") or due_on) > due_on]
    day = date_format(due_on, pgettext("date format", "j F Y"))
    told = _("That is after the goal's last day, %(day)s. Choose an earlier one, or let the goal run longer.")
    for form in late:
        form.add_error("due_on", ValidationError(told, params={"day": day}))
    return not late


def judge_direction(form: forms.Form, cleaned: Mapping[str, Any]) -> None:
    """Says beside the direction that the target lies the other way."""
    baseline, target, lowers = cleaned.get("baseline"), cleaned.get("target"), cleaned["direction"] == Direction.LOWER
    if baseline is not None and target is not None and leads_away(baseline=baseline, target=target, lowers=lowers):
        params = {"from": plain(baseline), "to": plain(target)}
        form.add_error("direction", ValidationError(WRONG_WAY[lowers], params=params))


def words_of(goal: Goal, parts: Written, causes: Sequence[ObstacleCause]) -> GoalWords:
    """All that a draft says as it stands, for whoever changes a part of it."""
    return GoalWords(
        **{name: getattr(goal, name) for name in COLUMNS},
        parent=parts.parent,
        causes=[cause for cause in causes if cause.pk in parts.causes],
        milestones=parts.milestones,
        key_results=[KeyResultWords(**one) for one in parts.key_results],
        extra=goal.extra,
        resources={kind: amount for kind, amount in parts.planned.items() if amount},
    )


TOO_LONG = _("A goal runs for ten years at most. Choose an earlier last day.")
WRONG_WAY = {
    True: _("From %(from)s to %(to)s is up, not down. Choose the other way, or look at the two figures again."),
    False: _("From %(from)s to %(to)s is down, not up. Choose the other way, or look at the two figures again."),
}
SCORING_ASKS: Mapping[str, Any] = {
    Scoring.VETO: _("Say below which progress it does not count."),
    Scoring.DEDUCTION: _("Say how many points each missing unit costs."),
}
PARENT_HINTS: Mapping[str, Any] = {
    Layer.POSITION: _("A goal of your department, or of another one. Type a few words or its number."),
    Layer.DEPARTMENT: _("A goal of the company, or of a unit above yours. Type a few words or its number."),
}


def initial_of(goal: Goal, parts: Written, causes: Sequence[ObstacleCause]) -> dict[str, Any]:
    chosen = [str(cause.public_id) for cause in causes if cause.pk in parts.causes]
    return {
        **{name: getattr(goal, name) for name in COLUMNS},
        **{kind: amount for kind, amount in parts.planned.items() if amount is not None},
        "parent": told_as(parts.parent) if parts.parent else "",
        "causes": chosen,
        "version": goal.version,
        **initial_answers(goal.extra),
    }


def initial_from(line: TemplateGoal) -> dict[str, Any]:
    """A new goal as a line of a template suggests it."""
    return {name: getattr(line, name) for name in GOAL_COLUMNS}


class StageForm(forms.Form):
    """One stage of the way; an empty line is none."""

    title = forms.CharField(label=_("Stage"), max_length=200, required=False)
    due_on = DayField(label=_("Due on"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and bool(cleaned.get("title")) != bool(cleaned.get("due_on")):
            self.add_error("due_on" if cleaned.get("title") else "title", _("A stage has a name and a day."))
        return cleaned


def stages(data: Any = None, *, initial: Sequence[tuple[str, date]] = ()) -> BaseFormSet[Any]:
    """The stages of a goal with two lines to spare."""
    made = formset_factory(StageForm, extra=SPARE_STAGES, max_num=MOST_STAGES, absolute_max=MOST_STAGES)
    return made(data, prefix="stages", initial=[{"title": title, "due_on": due_on} for title, due_on in initial])


class KeyResultForm(forms.Form):
    """One key result; without a title it is none."""

    title = forms.CharField(label=_("Key result"), max_length=200, required=False)
    measure = forms.CharField(label=_("Measured by"), max_length=200, required=False)
    direction = forms.ChoiceField(
        label=_("Which way"),
        choices=[(one, one.label) for one in (Direction.RAISE, Direction.LOWER)],
        initial=Direction.RAISE,
        required=False,
    )
    baseline = Figure(label=_("Where it stands today"))
    target = Figure(label=_("Target"))
    unit_of_measure = forms.CharField(label=_("Unit of measure"), max_length=40, required=False)
    weight = Figure(label=_("Weight"), max_digits=6, decimal_places=2, min_value=0, max_value=1000, initial=Decimal(1))

    lines = (("title",), ("measure", "direction"), ("baseline", "target", "unit_of_measure", "weight"))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        says_more = any(cleaned.get(name) not in (None, "") for name in ("measure", "baseline", "target"))
        if not self.errors and says_more and not cleaned.get("title"):
            self.add_error("title", _("Say what the key result is."))
        cleaned["direction"] = cleaned.get("direction") or Direction.RAISE
        judge_direction(self, cleaned)
        return cleaned

    @property
    def rows(self) -> list[list[Any]]:
        return [[self[name] for name in line] for line in self.lines]


class KeyResultLines(BaseFormSet):  # type: ignore[type-arg]  # it takes no argument when the module is read
    def clean(self) -> None:
        titles = [title for form in self.forms if form.is_valid() and (title := form.cleaned_data.get("title"))]
        twice = next((title for title in titles if titles.count(title) > 1), None)
        if twice is not None:
            told = _("Two key results are called “%(title)s”. Tell them apart.")
            raise ValidationError(told, params={"title": twice})


NO_LINES = {"results-TOTAL_FORMS": "0", "results-INITIAL_FORMS": "0"}
RESULT_COLUMNS = ("title", "measure", "unit_of_measure", "baseline", "target", "direction", "weight")


def key_results(data: Any = None, *, initial: Sequence[Mapping[str, Any]] = ()) -> BaseFormSet[Any]:
    """The key results of an objective with lines to spare; a form that has none of them is none."""
    spare = SPARE_STAGES if initial else SPARE_RESULTS
    made = formset_factory(
        KeyResultForm, formset=KeyResultLines, extra=spare, max_num=MOST_RESULTS, absolute_max=MOST_RESULTS
    )
    sent = NO_LINES if data is not None and "results-TOTAL_FORMS" not in data else data
    return made(sent, prefix="results", initial=[dict(one) for one in initial])


def key_results_typed(formset: BaseFormSet[Any]) -> list[KeyResultWords]:
    lines = [form.cleaned_data for form in formset if form.cleaned_data.get("title")]
    return [words_of_result(line) for line in lines]


def words_of_result(said: Mapping[str, Any]) -> KeyResultWords:
    return KeyResultWords(
        **{name: said[name] for name in RESULT_COLUMNS}
        | {
            "weight": Decimal(1) if said["weight"] is None else said["weight"],
            "direction": said["direction"] or Direction.RAISE,
        }
    )


def more_key_results(data: Any) -> BaseFormSet[Any]:
    """The key results as sent, and more lines."""
    lines = [unjudged(form) for form in key_results(data)]
    return key_results(initial=[line for line in lines if line["title"] or line["target"]])


def stages_typed(formset: BaseFormSet[Any]) -> list[tuple[str, date]]:
    lines = [form.cleaned_data for form in formset if form.cleaned_data.get("title")]
    return [(line["title"], line["due_on"]) for line in lines]


def unjudged(form: forms.BaseForm) -> dict[str, Any]:
    """What was sent, to stand in a form again that is not looked at yet: "One more" is no answer."""
    return {name: form[name].value() for name in form.fields}


def more_stages(data: Any) -> BaseFormSet[Any]:
    """The stages as sent, and two more lines."""
    lines = [unjudged(form) for form in stages(data)]
    return stages(initial=[(line["title"], line["due_on"]) for line in lines if line["title"] or line["due_on"]])


class RefusalForm(forms.Form):
    reason = forms.CharField(
        label=_("What does not fit"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say in a sentence what does not fit, so that you can talk about it.")},
    )


# --- templates --------------------------------------------------------------------------------------------------------


class UnitField(forms.CharField):
    """One of `units`, by its path, or by its name where only one has it."""

    units: QuerySet[OrgUnit]
    widget = forms.TextInput(attrs={"list": "units-found", "autocomplete": "off"})

    def clean(self, value: Any) -> Any:
        typed = super().clean(value)
        if not typed:
            return None
        found = units_named(typed)
        if not found:
            raise ValidationError(_("There is no unit called %(typed)s."), params={"typed": typed})
        if len(found) > 1:
            sentence = _("Several units have this name. Type the whole path: %(path)s.")
            raise ValidationError(sentence, params={"path": found[0].path})
        if not self.units.filter(pk=found[0].pk).exists():
            told = _("%(unit)s is not one of the units you look after.")
            raise ValidationError(told, params={"unit": found[0].path})
        return found[0]


class CopyForm(forms.Form):
    """Which department gets a copy, and what it is called there."""

    name = forms.CharField(label=_("Name of the template"), max_length=80)
    unit = UnitField(
        label=_("For which department"), error_messages={"required": _("Choose the department it is for.")}
    )

    def __init__(
        self, data: Any = None, *, units: QuerySet[OrgUnit], suggests: str, whole: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        offer_units(self, units, suggests, whole)


class TemplateForm(forms.Form):
    """`unit` only for a new one: a template stays where it was made, another department gets a copy."""

    name = forms.CharField(
        label=_("Name of the template"), max_length=80, error_messages={"required": _("Give it a name.")}
    )
    line = forms.ChoiceField(label=_("Business line"), choices=BusinessLine.choices)
    layer = forms.ChoiceField(label=_("Whose goals"), choices=Layer.choices, initial=Layer.POSITION)
    unit = UnitField(label=_("For which department"), required=False)
    summary = forms.CharField(
        label=_("What it is for"), max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any = None,
        *,
        units: QuerySet[OrgUnit] | None,
        suggests: str = "",
        whole: bool = True,
        **kwargs: Any,
    ) -> None:
        """`units` None: it exists already. `whole`: it may be for the whole company."""
        super().__init__(data, **kwargs)
        if units is None:
            del self.fields["unit"]
            return
        offer_units(self, units, suggests, whole)

    def words(self) -> TemplateWords:
        cleaned = self.cleaned_data
        return TemplateWords(**{name: cleaned[name] for name in ("name", "line", "layer", "summary")})


def offer_units(form: forms.Form, units: QuerySet[OrgUnit], suggests: str, whole: bool) -> None:
    """`whole`: it may be for the whole company, by naming no unit."""
    field = form.fields["unit"]
    field.required = not whole
    field.help_text = _("Empty: for the whole company.") if whole else ""
    if isinstance(field, UnitField):
        field.units = units
    if suggests:
        asks = {"hx-get": suggests, "hx-trigger": "input changed delay:200ms", "hx-target": "#units-found"}
        field.widget.attrs.update(asks)


class TemplateGoalForm(GoalFields):
    """One goal of a template; without a title it is none. Stages are lines "title @ percent of the way"."""

    milestones = forms.CharField(
        label=_("Stages"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line, with the part of the way it is due at: sample approved @ 50"),
    )
    key_results = forms.CharField(
        label=_("Key results"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("One a line: what | measured by | target | unit. What is open is left out; ≤ before a limit."),
    )
    use_required_attribute = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["title"].required = False

    def clean_milestones(self) -> list[dict[str, Any]]:
        found = [read_stage(line) for line in self.cleaned_data["milestones"].splitlines() if line.strip()]
        if len(found) > MOST_STAGES:
            raise ValidationError(_("Keep to twenty stages."))
        return found

    def clean_key_results(self) -> list[Result]:
        found = [read_result(line) for line in self.cleaned_data["key_results"].splitlines() if line.strip()]
        if len(found) > MOST_RESULTS:
            raise ValidationError(_("Keep to ten key results."))
        titles = [one.title for one in found]
        if twice := next((title for title in titles if titles.count(title) > 1), None):
            told = _("Two key results are called “%(title)s”. Tell them apart.")
            raise ValidationError(told, params={"title": twice})
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("kind") not in (None, Kind.OBJECTIVE):
            self.errors.pop("key_results", None)
            cleaned["key_results"] = []
        if not cleaned.get("title") and self.has_changed() and not self.errors:
            self.add_error("title", _("Say in one sentence what is to be reached."))
        return cleaned

    @property
    def rows(self) -> list[list[Any]]:
        return [
            [self[name] for name in row.split()]
            for row in (
                "title",
                "kind weight",
                "measure unit_of_measure",
                "direction target",
                "cadence_times cadence_per",
                "delivers",
                "evidence_type evidence_plan",
                "key_results",
                "milestones",
                "is_core",
                "DELETE",
            )
            if row != "DELETE" or row in self.fields
        ]

    def words(self) -> TemplateGoalWords:
        return TemplateGoalWords(
            milestones=self.cleaned_data["milestones"],
            key_results=self.cleaned_data["key_results"],
            **{name: self.cleaned_data[name] for name in GOAL_COLUMNS},
        )


def read_stage(line: str) -> dict[str, Any]:
    """ "sample approved @ 50" as a template keeps it. Raises ValidationError."""
    title, _at, after = (part.strip() for part in line.replace("＠", STAGE_SEPARATOR).rpartition(STAGE_SEPARATOR))
    after = after.rstrip("%％").strip()
    if not title or len(title) > 200 or not after.isdecimal() or int(after) > 100:
        told = _("“%(line)s”: write the stage, then @ and a whole number up to 100.")
        raise ValidationError(told, params={"line": line.strip()})
    return {"title": title, "after": int(after)}


def read_result(line: str) -> Result:
    """ "customers stay | renewal rate | 95 | %" as a template keeps it. Raises ValidationError."""
    parts = [" ".join(part.split()) for part in line.replace("｜", RESULT_SEPARATOR).split(RESULT_SEPARATOR)]
    title, measure, figure, unit, *more = [*parts, "", "", ""][: max(4, len(parts))]
    lowers = figure.startswith(("≤", "<"))
    told = _("“%(line)s”: write what, measured by, target and unit, with | between them; the target is a figure.")
    try:
        target = Figure().clean(figure.lstrip("≤<= ").strip())
    except ValidationError:
        target, more = None, [figure]
    if not title or more or len(title) > 200 or len(measure) > 200 or len(unit) > 40:
        raise ValidationError(told, params={"line": line.strip()})
    return Result(title, measure, target, unit, Direction.LOWER if lowers else Direction.RAISE)


def line_of_result(one: Result) -> str:
    """What `read_result` reads."""
    figure = "" if one.target is None else plain(one.target)
    figure = f"≤ {figure}" if one.direction == Direction.LOWER else figure
    parts = [one.title, one.measure, figure, one.unit_of_measure]
    while not parts[-1]:
        parts.pop()
    return f" {RESULT_SEPARATOR} ".join(parts)


class TemplateGoalLines(OrderedLines):
    """At least one, else there is nothing that an owner could begin with."""

    def clean(self) -> None:
        if not any(self.errors) and not template_goals_typed(self):
            raise ValidationError(_("Write at least one goal: from a template without goals nobody can begin."))


def template_goals(data: Any = None, *, initial: Sequence[Mapping[str, Any]] = (), extra: int = 1) -> BaseFormSet[Any]:
    made = formset_factory(
        TemplateGoalForm,
        formset=TemplateGoalLines,
        extra=extra,
        max_num=MOST_TEMPLATE_GOALS,
        absolute_max=MOST_TEMPLATE_GOALS,
        can_delete=True,
        can_delete_extra=False,
    )
    return made(data, prefix=GOALS, initial=list(initial))


def more_template_goals(data: Any) -> BaseFormSet[Any]:
    """The goals as sent, and one more."""
    return template_goals(initial=[unjudged(form) for form in template_goals(data)])


def moved_template_goals(data: Any, move: str) -> BaseFormSet[Any]:
    """The goals as sent, one of them in another place."""
    sent = [unjudged(form) for form in template_goals(data)]
    return template_goals(initial=moved(sent, GOALS, move), extra=0)


def template_goals_typed(formset: BaseFormSet[Any]) -> list[TemplateGoalWords]:
    taken_out = formset.deleted_forms
    return [form.words() for form in formset if form not in taken_out and form.cleaned_data.get("title")]


def initial_of_line(goal: TemplateGoal) -> dict[str, Any]:
    told = "\n".join(f"{stage.title} {STAGE_SEPARATOR} {stage.after}" for stage in stages_of(goal))
    results = "\n".join(map(line_of_result, results_of(goal)))
    return {**{name: getattr(goal, name) for name in GOAL_COLUMNS}, "milestones": told, "key_results": results}


def initial_of_template(template: GoalTemplate) -> dict[str, Any]:
    return {name: getattr(template, name) for name in ("name", "line", "layer", "summary", "version")}


# --- settings ---------------------------------------------------------------------------------------------------------


class GoalSettingsForm(forms.Form):
    company_least = forms.IntegerField(label=_("Company goals, at least"), min_value=1, max_value=50)
    company_most = forms.IntegerField(label=_("Company goals, at most"), min_value=1, max_value=50)
    department_least = forms.IntegerField(label=_("Goals of a department, at least"), min_value=1, max_value=50)
    department_most = forms.IntegerField(label=_("Goals of a department, at most"), min_value=1, max_value=50)
    position_least = forms.IntegerField(label=_("Goals of a person, at least"), min_value=1, max_value=50)
    position_most = forms.IntegerField(label=_("Goals of a person, at most"), min_value=1, max_value=50)
    stale_days = forms.IntegerField(
        label=_("Days without a sign of progress"),
        min_value=1,
        max_value=90,
        help_text=_("After so many days the owner is asked whether something is in the way."),
    )
    quiet_days = forms.IntegerField(
        label=_("Days of quiet after an answer"),
        min_value=1,
        max_value=180,
        help_text=_("Who has said “a normal, deliberate change” is not asked again for so long."),
    )
    owner_first_days = forms.IntegerField(
        label=_("Work days for the owner alone"),
        min_value=0,
        max_value=10,
        help_text=_("So long only the owner is told; then manager and HR partner as well. 0: all at once."),
    )
    workshop_days = forms.IntegerField(
        label=_("Days before a period that its workshop opens"),
        min_value=0,
        max_value=90,
        help_text=_("The next quarter's decoding workshop opens by itself. 0: only when HR opens it."),
    )
    manager_levels = forms.IntegerField(
        label=_("Levels of people below that a manager reads"),
        min_value=0,
        max_value=20,
        help_text=_("Drafts, private goals and obstacles of people further down stay closed to them. 0: all levels."),
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for layer in ("company", "department", "position"):
            least, most = cleaned.get(f"{layer}_least"), cleaned.get(f"{layer}_most")
            if least is not None and most is not None and most < least:
                self.add_error(f"{layer}_most", _("The upper number is smaller than the lower one."))
        return cleaned

    @property
    def rows(self) -> list[list[Any]]:
        pairs = ([f"{layer}_least", f"{layer}_most"] for layer in ("company", "department", "position"))
        names = [*pairs, ["stale_days"], ["quiet_days"], ["owner_first_days"], ["workshop_days"], ["manager_levels"]]
        return [[self[name] for name in row] for row in names]


def initial_of_settings(settings: GoalSettings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in (*SETTINGS, "version")}


class CauseForm(forms.Form):
    """A line of the list of obstacles; with `version` one that gets another name."""

    name = forms.CharField(
        label=_("Obstacle"), max_length=120, error_messages={"required": _("Say what gets in the way.")}
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

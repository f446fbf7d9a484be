"""What is typed when changes of published goals are asked for, answered, and set up."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from perfsys.common.fields import DayField
from perfsys.people.models import Employee
from perfsys.people.queries import people_named

from .actions.adjusting import EMPTIED, Wanted
from .actions.settings import ADJUSTMENT_SETTINGS
from .adjusting import Problem
from .models import RESULT_FIGURES, AdjustmentLine, AdjustmentSettings, Asks, Field, Goal, KeyResult, Kind, Layer
from .queries.adjusting import standing_of
from .wording import plain, told_of_result, told_result, told_value
from .writing_forms import MOST_RESULTS, Figure, KeyResultForm, words_of_result

LABELS: Mapping[str, Any] = {
    Field.WEIGHT: _("Weight (%)"),
    Field.TARGET: pgettext_lazy("adjust", "Target"),
    Field.HOLD_LOW: _("Lower limit"),
    Field.HOLD_HIGH: _("Upper limit"),
    Field.DUE_ON: _("Due on"),
}
DRAFT = "draft"  # the button that keeps one
MOST_GOALS = 400  # places looked at in what was sent: a team of thirty has no more


@dataclass(frozen=True)
class ResultRow:
    """One key result on the form: its figures, and whether it is to count no longer."""

    title: str
    told: str
    figures: Sequence[Any]
    gone: Any


@dataclass(frozen=True)
class GoalRow:
    """One goal on the form, at its place. `weight` None: it stays as it is, for `fixed_because`. Of an objective its
    key results, and lines for new ones."""

    goal: Goal
    place: int
    weight: Any
    others: Sequence[Any]
    fixed_because: Any = ""
    results: Sequence[ResultRow] = ()
    additions: Sequence[Sequence[Sequence[Any]]] = ()  # of each new one the lines, of fields

    @property
    def takes_results(self) -> bool:
        return bool(self.results or self.additions)

    @property
    def of_results(self) -> list[Any]:
        """Every field about key results."""
        standing = [field for one in self.results for field in (*one.figures, one.gone)]
        return [*standing, *(field for new in self.additions for line in new for field in line)]

    @property
    def results_are_touched(self) -> bool:
        return any(field.errors or _differs(field) for field in self.of_results)

    @property
    def goal_name(self) -> str:
        return _named(self.place, "goal")

    @property
    def version_name(self) -> str:
        return _named(self.place, "version")

    @property
    def has_errors(self) -> bool:
        return any(field.errors for field in self.others)

    @property
    def is_changed(self) -> bool:
        return any(_differs(field) for field in self.others)


def _differs(field: Any) -> bool:
    return str(field.value() or "") != str(field.field.now)


class AdjustForm(forms.Form):
    """The fields of many goals on one form: weight, target or limits, due date, and the key results of objectives; and
    why. What stays as it is counts as not asked for. `lines`: of the draft that is gone on with; `results` by goal.

    Each goal has a place, and says beside its fields which goal it is: the set may have grown while one was typing.
    """

    reason = forms.CharField(
        label=pgettext_lazy("adjust", "Why"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Whoever is asked reads it, and so does the HR partner."),
        error_messages={"required": _("Say in a sentence why, so that whoever answers can follow it.")},
    )

    def __init__(
        self,
        data: Any = None,
        *,
        goals: Sequence[Goal],
        results: Mapping[int, Sequence[KeyResult]] | None = None,
        lines: Iterable[AdjustmentLine] = (),
        reason: str = "",
    ) -> None:
        super().__init__(data, initial={"reason": reason})
        self.fields["reason"].required = data is None or DRAFT not in data  # a draft may still look for it
        self.goals = goals
        self.use_required_attribute = False
        self._places = self._placed()
        self._results = {
            goal.pk: [one for one in (results or {}).get(goal.pk, ()) if one.is_standing and goal.is_open]
            for goal in goals
        }
        lines = list(lines)
        drafted = {(line.goal_id, line.field): line.new for line in lines if line.key_result_id is None}
        self._add_results(lines)
        for goal in goals:
            for field in _asked_of(goal):
                now = getattr(goal, field)
                made = _field(goal, field)
                made.initial = drafted.get((goal.pk, field), now)
                made.now = made.prepare_value(now)
                self.fields[self.name_of(goal, field)] = made
        if self.is_bound:
            self._fill_in()

    def _add_results(self, lines: Sequence[AdjustmentLine]) -> None:
        drafted = {(line.key_result_id, line.field): line for line in lines if line.key_result_id is not None}
        for goal, result in self._standing_results():
            for field, column in RESULT_FIGURES.items():
                made = _figure_of(result, field)
                standing = getattr(result, column)
                kept = drafted.get((result.pk, field))
                made.initial, made.now = kept.new if kept else standing, made.prepare_value(standing)
                self.fields[self.result_name(goal, result, field)] = made
            gone: Any = forms.BooleanField(label=_("Does not count any more"), required=False)
            gone.initial, gone.now = (result.pk, Field.RESULT_GONE) in drafted, ""
            self.fields[self.result_name(goal, result, Field.RESULT_GONE)] = gone
        self._additions = {goal.pk: self._add_new(goal, lines) for goal in self.goals}

    def _add_new(self, goal: Goal, lines: Sequence[AdjustmentLine]) -> int:
        """Room for new key results of an objective: as many as were sent or drafted, and one more; how many."""
        if goal.kind != Kind.OBJECTIVE or not goal.is_open:
            return 0
        kept = [line.new_result for line in lines if line.goal_id == goal.pk and line.field == Field.RESULT_NEW]
        count = min(len(kept) + 1, MOST_RESULTS)
        if self.is_bound:
            sent = (n for n in range(MOST_RESULTS) if self.new_name(goal, n, "title") not in self.data)
            count = max(next(sent, MOST_RESULTS), 1)
        for number in range(count):
            for name, blank in KeyResultForm.base_fields.items():
                made: Any = deepcopy(blank)
                made.now = str(made.prepare_value(blank.initial) or "")
                if number < len(kept):
                    made.initial = getattr(kept[number], name)
                self.fields[self.new_name(goal, number, name)] = made
        return count

    def _standing_results(self) -> Iterator[tuple[Goal, KeyResult]]:
        return ((goal, result) for goal in self.goals for result in self._results[goal.pk])

    def begin_with(self, goal: Goal, fields: Sequence[str]) -> None:
        """The first of these that may be asked for is where one starts to type; of none its first key result."""
        names = [self.name_of(goal, field) for field in fields]
        if not fields:
            names = [self.result_name(goal, one, Field.RESULT_TARGET) for one in self._results.get(goal.pk, ())]
        first = next((name for name in names if name in self.fields), None)
        if first is not None:
            self.fields[first].widget.attrs["autofocus"] = True

    def result_name(self, goal: Goal, result: KeyResult, field: str) -> str:
        return self.name_of(goal, f"{result.public_id.hex}-{field}")

    def new_name(self, goal: Goal, number: int, field: str) -> str:
        return self.name_of(goal, f"new{number}-{field}")

    def _fill_in(self) -> None:
        """What came to the set while one was typing stands on the form as it is."""
        came = [goal for goal in self.goals if not self._was_sent(goal)]
        given = [self.name_of(goal, field) for goal in came for field in _asked_of(goal)]
        figures = [
            self.result_name(goal, result, field)
            for goal, result in self._standing_results()
            for field in RESULT_FIGURES
        ]
        given += [name for name in figures if name not in self.data]
        if given:
            typed: Any = self.data
            self.data = typed = typed.copy()
            typed.update({name: getattr(self.fields[name], "now", "") for name in given})

    def name_of(self, goal: Goal, field: str) -> str:
        return _named(self._places[goal.public_id], field)

    def _placed(self) -> dict[UUID, int]:
        """The place each goal was sent at; those that were not sent come after them."""
        sent: dict[str, int] = {}
        if self.is_bound:
            for place in range(MOST_GOALS):
                if key := str(self.data.get(_named(place, "goal"), "")):
                    sent.setdefault(key, place)
        free = (place for place in range(2 * MOST_GOALS) if place not in sent.values())
        return {
            goal.public_id: sent[key] if (key := str(goal.public_id)) in sent else next(free) for goal in self.goals
        }

    def _was_sent(self, goal: Goal) -> bool:
        return str(self.data.get(self.name_of(goal, "goal"), "")) == str(goal.public_id)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for goal in self.goals:
            if str(self.data.get(self.name_of(goal, "version"), "")) == str(goal.version) or not self._was_sent(goal):
                continue
            for field in _asked_of(goal):
                name = self.name_of(goal, field)
                if name in cleaned and cleaned[name] != getattr(goal, field):
                    self.add_error(name, _moved(told_value(goal, field, getattr(goal, field))))
            for result in self._results[goal.pk]:
                for field, column in RESULT_FIGURES.items():
                    name, now = self.result_name(goal, result, field), getattr(result, column)
                    if name in cleaned and cleaned[name] != now:
                        self.add_error(name, _moved(told_of_result(result, column, now)))
        for goal in self.goals:
            self._name_the_new(goal, cleaned)
        return cleaned

    def _name_the_new(self, goal: Goal, cleaned: Mapping[str, Any]) -> None:
        for number in range(self._additions[goal.pk]):
            said = self._said_new(goal, number, cleaned)
            if not said["title"] and any(said[name] not in (None, "") for name in ("measure", "baseline", "target")):
                self.add_error(self.new_name(goal, number, "title"), _("Say what the key result is."))

    def wanted(self) -> list[Wanted]:
        figures = [
            Wanted(goal, field, self.cleaned_data.get(self.name_of(goal, field)))
            for goal in self.goals
            if self._was_sent(goal)
            for field in _asked_of(goal)
        ]
        return [*figures, *(one for goal in self.goals if self._was_sent(goal) for one in self._wanted_of(goal))]

    def _wanted_of(self, goal: Goal) -> Iterator[Wanted]:
        for result in self._results[goal.pk]:
            if self.cleaned_data.get(self.result_name(goal, result, Field.RESULT_GONE)):
                yield Wanted(goal, Field.RESULT_GONE, result=result)
                continue
            for field in RESULT_FIGURES:
                new = self.cleaned_data.get(self.result_name(goal, result, field))
                yield Wanted(goal, field, new, result=result)
        for number in range(self._additions[goal.pk]):
            said = self._said_new(goal, number, self.cleaned_data)
            if said["title"]:
                yield Wanted(goal, Field.RESULT_NEW, words=words_of_result(said))

    def _said_new(self, goal: Goal, number: int, cleaned: Mapping[str, Any]) -> dict[str, Any]:
        return {name: cleaned.get(self.new_name(goal, number, name)) for name in KeyResultForm.base_fields}

    def refuse(self, problems: Sequence[Problem]) -> None:
        """Each problem beside its field, the rest above the form; but for what follows from a field that says by itself
        that it cannot be read."""
        by_key = {str(goal.pk): goal for goal in self.goals}
        unread = set(self.errors)
        for problem in problems:
            if unread & set(self._follows_from(problem, by_key, unread)):
                continue
            name = self._beside(by_key[problem.goal], problem) if problem.goal in by_key else ""
            if problem.code == "reason_missing":
                name = "reason"
            self.add_error(name if name in self.fields else None, problem.sentence)
            if problem.code in EMPTIED:
                unread.add(name)  # what follows from it is not told as well

    def _follows_from(self, problem: Problem, by_key: Mapping[str, Goal], unread: set[str]) -> Iterable[str]:
        """Names of the fields without which there is no telling whether it is one."""
        if problem.code == "nothing_changed":
            return unread - {"reason"}
        if problem.code == "reason_missing":
            return ["reason"]
        goal = by_key.get(problem.goal or "")
        if goal is None:
            return ()
        if problem.code == "weights_not_100":
            same = (one for one in self.goals if goal.layer != Layer.POSITION or one.owner_id == goal.owner_id)
            return [self.name_of(one, Field.WEIGHT) for one in same]
        if problem.code == "range_upside_down":
            return [self.name_of(goal, field) for field in (Field.HOLD_LOW, Field.HOLD_HIGH)]
        return [self._beside(goal, problem)]

    def _beside(self, goal: Goal, problem: Problem) -> str:
        if problem.field == Field.RESULT_NEW:
            titles = ((self.new_name(goal, n, "title"), n) for n in reversed(range(self._additions[goal.pk])))
            return next((name for name, _n in titles if self.cleaned_data.get(name) == problem.result), "")
        if problem.result:
            found = (one for one in self._results[goal.pk] if str(one.pk) == problem.result)
            return next((self.result_name(goal, one, problem.field) for one in found), "")
        return self.name_of(goal, problem.field)

    def rows(self) -> list[GoalRow]:
        return [self._row(goal) for goal in self.goals]

    def _row(self, goal: Goal) -> GoalRow:
        asked = _asked_of(goal)
        because: Any = ""
        if not goal.is_open:
            because = _("closed")
        elif goal.is_core:
            because = _("a core goal keeps its weight")
        weight = self[self.name_of(goal, Field.WEIGHT)] if Field.WEIGHT in asked else None
        others = [self[self.name_of(goal, field)] for field in asked if field != Field.WEIGHT]
        results = [
            ResultRow(
                title=result.title,
                told=told_result(result),
                figures=[self[self.result_name(goal, result, field)] for field in RESULT_FIGURES],
                gone=self[self.result_name(goal, result, Field.RESULT_GONE)],
            )
            for result in self._results[goal.pk]
        ]
        additions = [
            [[self[self.new_name(goal, number, name)] for name in line] for line in KeyResultForm.lines]
            for number in range(self._additions[goal.pk])
        ]
        return GoalRow(goal, self._places[goal.public_id], weight, others, because, results, additions)


def _named(place: int, field: str) -> str:
    return f"goals-{place}-{field}"


def _asked_of(goal: Goal) -> list[str]:
    """What a request can ask to change on it."""
    if not goal.is_open:
        return []
    standing = standing_of(goal)
    figures = [field for field in (Field.TARGET, Field.HOLD_LOW, Field.HOLD_HIGH) if standing.value(field) is not None]
    return [*([] if goal.is_core else [Field.WEIGHT]), *figures, Field.DUE_ON]


def _field(goal: Goal, field: str) -> Any:
    if field == Field.DUE_ON:
        return DayField(label=LABELS[field])
    if field != Field.WEIGHT:
        unit = f"（{goal.unit_of_measure}）" if goal.unit_of_measure else ""
        said = {"required": _("Say the figure it is to be.")}
        return Figure(label=f"{LABELS[field]}{unit}", required=True, error_messages=said)
    bare = {"required": _("A weight lies between 0 and 100.")}
    made = Figure(label=LABELS[field], required=True, max_digits=7, decimal_places=2, error_messages=bare)
    made.widget.attrs |= {"data-weight": ""}
    return made


def _figure_of(result: KeyResult, field: str) -> Any:
    if field == Field.RESULT_WEIGHT:
        bare = {"required": _("The weight of a key result lies between 0 and 1000.")}
        return Figure(label=_("Weight"), required=True, max_digits=6, decimal_places=2, error_messages=bare)
    unit = f"（{result.unit_of_measure}）" if result.unit_of_measure else ""
    said = {"required": _("Say the figure it is to be.")}
    return Figure(label=f"{LABELS[Field.TARGET]}{unit}", required=True, error_messages=said)


def _moved(told: str) -> ValidationError:
    return ValidationError(
        _("Somebody has changed this meanwhile: it is %(now)s now. Look at it again, then send."), params={"now": told}
    )


class ApproveForm(forms.Form):
    note = forms.CharField(
        label=_("A word with it"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    seen = forms.CharField(max_length=16, widget=forms.HiddenInput)


class RefuseForm(forms.Form):
    prefix = "no"

    reason = forms.CharField(
        label=_("What does not fit"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Say in a sentence what does not fit, so that you can talk about it.")},
    )


def percent_field(label: Any, help_text: Any = "") -> forms.DecimalField:
    return Figure(
        label=label, required=True, max_digits=5, decimal_places=2, min_value=0, max_value=100, help_text=help_text
    )


class AsksField(forms.ChoiceField):
    """Nobody else is an answer too."""

    def __init__(self, *, label: Any) -> None:
        super().__init__(label=label, choices=Asks.choices)

    def validate(self, value: Any) -> None:
        if not self.valid_value(value):
            raise ValidationError(self.error_messages["invalid_choice"], params={"value": value})


class AdjustmentSettingsForm(forms.Form):
    window_days = forms.IntegerField(
        label=_("Work days at the beginning of a month"),
        min_value=1,
        max_value=23,
        help_text=_("On these weights may be asked about. What is written later waits for the next month by itself."),
    )
    always_asks = AsksField(label=_("With every request"))
    weight_asks = AsksField(label=_("When a weight moves far"))
    weight_over = percent_field(_("Far is more than so many points"))
    core_asks = AsksField(label=_("When it touches a core goal"))
    eased_asks = AsksField(label=_("When a target gets much easier"))
    eased_over = percent_field(_("Much is more than so many percent"))
    late_asks = AsksField(label=_("When a day lies past the period"))
    version = forms.IntegerField(widget=forms.HiddenInput)
    example = forms.CharField(
        label=_("For whom, as an example"),
        max_length=80,
        required=False,
        help_text=_("A name or a number. Nothing is saved by looking."),
    )

    person: Employee | None = None

    def clean_example(self) -> str:
        typed: str = self.cleaned_data["example"].strip()
        found = people_named(typed) if typed else []
        if typed and not found:
            raise ValidationError(_("Nobody here is called %(typed)s."), params={"typed": typed})
        if len(found) > 1:
            told = _("Several people have this name. Type the number: %(numbers)s.")
            raise ValidationError(told, params={"numbers": "; ".join(one.employee_no for one in found)})
        self.person = found[0] if found else None
        return typed

    @property
    def conditions(self) -> list[list[Any]]:
        rows = ("always_asks", "weight_asks weight_over", "core_asks", "eased_asks eased_over", "late_asks")
        return [[self[name] for name in row.split()] for row in rows]

    def wanted(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ADJUSTMENT_SETTINGS}

    def typed_settings(self) -> AdjustmentSettings:
        """As if they were saved, for the preview."""
        return AdjustmentSettings(**self.wanted())


def initial_of_adjustments(settings: AdjustmentSettings) -> dict[str, Any]:
    given = {name: getattr(settings, name) for name in (*ADJUSTMENT_SETTINGS, "version")}
    return {name: plain(value) if isinstance(value, Decimal) else value for name, value in given.items()}

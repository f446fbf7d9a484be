"""What a row answers to the extra fields of its goal, judged by the form the answer would be typed into."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from django.core.exceptions import ValidationError

from goals.extra_columns import cell_of, column_name
from goals.extras import CHOICE, COMPUTED, DATE, PERSON, ExtraField, answered, as_text, is_asked
from goals.importing.goal_judgement import REJECTING, GoalJudgement, GoalRow
from goals.importing.issues import Issue, action_for
from goals.importing.known_goals import number_key
from goals.template_forms import PERSON_LENGTH, PersonField, asked_as
from perfsys.imports.text import INVISIBLE, clean, day

Answers = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Asked:
    """What one version of a template asks."""

    origin: str
    fields: Sequence[ExtraField]
    version: int


@dataclass
class Answering:
    """`of_goals`: what goals that stand are asked and keep, by key of their number; `of_new`: by origin, what the
    newest version of a template asks; `labels`: of the columns of the file; `people`: whom goals name, by public id."""

    of_goals: Mapping[str, tuple[Asked, Answers]]
    of_new: Mapping[str, Asked]
    labels: Mapping[str, str]
    people: Mapping[str, str]
    _read: dict[tuple[str, str, str], Any] = field(default_factory=dict)

    def judged(self, judgement: GoalJudgement) -> GoalJudgement:
        self._look_up_people(judgement.rows)
        return replace(judgement, rows=tuple(map(self._row, judgement.rows)))

    def _look_up_people(self, rows: Iterable[GoalRow]) -> None:
        """All that are named in the file at once."""
        asked = {id(one): one for one in (*(one for one, _kept in self.of_goals.values()), *self.of_new.values())}
        columns = {
            column_name(one.origin, str(field.label))
            for one in asked.values()
            for field in one.fields
            if field.kind == PERSON
        }
        told = chain.from_iterable(row.values.extra for row in rows if row.values)
        named = {text for name, text in told if text and name in columns}
        for text, found in PersonField(max_length=PERSON_LENGTH, required=False).each(named).items() if named else ():
            self._read[PERSON, "", text] = found

    def _row(self, row: GoalRow) -> GoalRow:
        if row.values is None or not row.values.extra:
            return row
        said, issues = dict(row.values.extra), list(row.issues)
        asked, kept = self.of_goals.get(number_key(row.known), (None, ())) if row.known else (self._newly(said), ())
        issues += self._of_another(said, asked)
        found = self._answers(asked, kept, said, issues) if asked else list(kept)
        return replace(
            row,
            issues=tuple(issues),
            action=action_for(issues, rejecting=REJECTING),
            answers=None if found == list(kept) else tuple(found),
            made_from=asked.version if asked and not row.known else None,
        )

    def _newly(self, said: Mapping[str, str]) -> Asked | None:
        """The template whose fields alone a new goal answers."""
        filled = {name.split("/")[1] for name, text in said.items() if text}
        return self.of_new.get(filled.pop()) if len(filled) == 1 else None

    def _of_another(self, said: Mapping[str, str], asked: Asked | None) -> Iterator[Issue]:
        own = {column_name(asked.origin, str(one.label)) for one in asked.fields} if asked else set()
        for name, text in said.items():
            if text and name not in own:
                yield Issue("extra_not_of_goal", {"field": self.labels[name]})

    def _answers(self, asked: Asked, kept: Answers, said: Mapping[str, str], issues: list[Issue]) -> list[Any]:
        """What is kept then. A cell that cannot be read, or is needed and blank, leaves what stood there."""
        before = {str(one["key"]): one for one in kept}
        given: dict[str, Any] = {key: one["value"] for key, one in before.items()}
        told: list[ExtraField] = []
        for one in asked.fields:
            text = said.get(column_name(asked.origin, str(one.label)))
            if one.kind == COMPUTED or text is None:
                continue
            if one.key in before and text == self._shown(before[one.key]):
                continue
            told.append(one)
            self._take(one, text, given, issues)
        if not told:
            return list(kept)
        found, missing = answered(asked.fields, given)
        for one in told:
            text = said[column_name(asked.origin, str(one.label))]
            if one.key in missing and one.key in before:
                given[one.key] = before[one.key]["value"]
            if one.key in missing:
                issues.append(Issue("extra_needed", {"field": str(one.label)}))
            elif text and not is_asked(one, asked.fields, {str(it["key"]): it for it in found}):
                issues.append(Issue("extra_not_asked", {"field": str(one.label)}))
        return answered(asked.fields, given)[0]

    def _shown(self, answer: Mapping[str, Any]) -> str:
        """As `_as_typed` of a draft reads it back."""
        shown = cell_of(answer["kind"], str(answer["value"]), self.people)
        return INVISIBLE.sub("", shown).strip() if isinstance(shown, str) else clean(shown)

    def _take(self, one: ExtraField, text: str, given: dict[str, Any], issues: list[Issue]) -> None:
        if not text:
            given.pop(one.key, None)
            return
        try:
            given[one.key] = self._value(one, text)
        except ValidationError:
            about = {"field": str(one.label), "value": f"{text[:40]}…" if len(text) > 40 else text}
            if one.kind == CHOICE:
                about["choices"] = " / ".join(map(str, one.choices))
            issues.append(Issue(f"extra_{one.kind}", about))

    def _value(self, one: ExtraField, text: str) -> str:
        """Raises ValidationError. Each is judged once, as the same stand in row after row."""
        at = (one.kind, "/".join(map(str, one.choices)), text)
        if at not in self._read:
            typed = found.isoformat() if one.kind == DATE and (found := day(text)) else text
            try:
                self._read[at] = as_text(asked_as(replace(one, is_required=False)).clean(typed))
            except ValidationError as refused:
                self._read[at] = refused
        held = self._read[at]
        if isinstance(held, ValidationError):
            raise held
        return str(held)

"""Sentences of the performance language dictionary and vague expressions as kinds of import (product.md §3.3). They
stand here because the dictionary's own app does not know files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from feedback.importing.feedback_rows import as_written
from feedback.importing.words import nature_of
from goals.importing.goal_fields import headings
from perfsys.imports.columns import FieldSpec
from perfsys.imports.kinds import Applied, Compare, Effect, Judged, JudgedRow, Outcome
from perfsys.imports.reading import BLANK, Cell, SourceRow
from perfsys.imports.skipped import BLANK_ROW, FOOTER_NOTE, is_titled_note, why_skipped
from perfsys.imports.text import clean, compact
from perfsys.lexicon.actions import EntryWords, VagueWords, bring_words, words_differing
from perfsys.lexicon.models import Competency, Level, LexiconEntry, Nature
from perfsys.lexicon.vagueness import is_vague, plain_text
from perfsys.people.models import Employee

SHORTEST, LONGEST = 2, 40  # of a vague expression
Reason = tuple[str, Mapping[str, str]]

COMPETENCY = FieldSpec(
    name="competency",
    headings=headings("能力|能力项|能力维度|胜任力|素质项|维度|competency|competence|dimension|skill"),
)
SENTENCE_FIELDS: tuple[FieldSpec, ...] = (
    COMPETENCY,
    FieldSpec(name="nature", headings=headings("性质|类型|正负向|正向/改进|nature|type|kind")),
    FieldSpec(name="level", headings=headings("等级|级别|层级|水平|level|grade|stage")),
    FieldSpec(
        name="text",
        headings=headings("句子|描述|行为描述|中文|中文描述|内容|示例|sentence|text|description|behaviour|behavior"),
        required=True,
    ),
    FieldSpec(name="text_en", headings=headings("英文|英文描述|英文句子|english|text_en|sentence in english")),
    FieldSpec(name="scene", headings=headings("场景|适用场景|工作场景|scene|situation|context")),
    FieldSpec(name="scene_en", headings=headings("英文场景|scene_en|scene in english")),
)
EXPRESSION_FIELDS: tuple[FieldSpec, ...] = (
    FieldSpec(
        name="expression",
        headings=headings("模糊表达|模糊表述|模糊说法|模糊词|表达|说法|词语|expression|vague expression|phrase|words"),
        required=True,
    ),
    COMPETENCY,
)
TITLES: Mapping[str, Promise] = {
    "competency": _("Competency"),
    "nature": _("Nature"),
    "level": _("Level"),
    "text": _("Sentence"),
    "text_en": _("Sentence in English"),
    "scene": _("Scene it fits"),
    "scene_en": _("Scene in English"),
    "expression": _("Vague expression"),
}
SENTENCES: Mapping[str, tuple[Promise, Promise]] = {
    "competency_missing": (_("The row names no competency. Fill in one of the list."),) * 2,
    "competency_unknown": (
        _("“%(competency)s” is not a competency of this company. Write one that is, or add it first."),
        _("The competency is not one of this company. Write one that is, or add it first."),
    ),
    "nature_unknown": (
        _("“%(nature)s” says neither praise nor improvement. Write positive or constructive."),
        _("The row says neither praise nor improvement. Write positive or constructive."),
    ),
    "level_unknown": (
        _("“%(level)s” is no level. Write 1, 2, 3 or 4."),
        _("The row has no level. Write 1, 2, 3 or 4."),
    ),
    "text_missing": (_("The row has no sentence. Write what somebody was seen doing and what came of it."),) * 2,
    "too_long": (
        _("“%(field)s” has %(length)s characters; %(most)s at most. Leave out what can go."),
        _("A cell is too long for its column. Leave out what can go."),
    ),
    "sentence_vague": (_("One cannot see in this sentence what happened. It goes in; an example would help more."),)
    * 2,
    "too_short": (_("Write at least two characters: one alone stands in too many words."),) * 2,
    "subtotal_row": (_("A subtotal, none of the words."),) * 2,
    "footer_note": (_("A note below the table, none of the words."),) * 2,
    "expression_missing": (_("The row has no expression. Write the words that say nothing one could have seen."),) * 2,
    "stands_above": (
        _("The same words stand in row %(row)s already. They are taken over once."),
        _("The same words stand above already. They are taken over once."),
    ),
}


class _Words:
    """What the two kinds have in common: rows judged one by one, known by their text."""

    next_page = "imports:list"
    next_label: Promise | str = _("To the imports")
    icon = "talk"
    good = frozenset({"accept", "accept_with_warning"})
    bad = frozenset({"reject"})
    fields: Sequence[FieldSpec]
    naming: str
    missing: str  # why a row without the naming words stays out
    words: Mapping[str, Mapping[str, Promise | str]] = {
        "nature": {one.value: one.label for one in Nature},
        "level": {str(one.value): one.label for one in Level},
    }

    def field_title(self, field_name: str) -> Promise | str:
        return TITLES[field_name]

    def reason(self, code: str, words: Mapping[str, str]) -> str:
        with_words, without = SENTENCES[code]
        try:
            return str(with_words) % words
        except KeyError:
            return str(without) % {}

    def columns(self, report: Mapping[str, Any]) -> Sequence[tuple[str, Promise | str]]:
        return [(one.name, TITLES[one.name]) for one in self.fields]

    def shown(self, values: Mapping[str, Any]) -> Mapping[str, Any]:
        return values

    def remarks(self, report: Mapping[str, Any]) -> Sequence[str]:
        return []

    def judge(self, rows: Iterable[SourceRow], *, now: datetime, ignored_sheets: Sequence[str]) -> Judged:
        competencies, above = _competencies(), dict[str, int]()
        judged = [self._judged(row, competencies, above) for row in rows if self._why_skipped(row) != BLANK_ROW]
        counts = Counter(row.action for row in judged)
        document = {
            "rows": len(judged),
            "valid": sum(counts[action] for action in self.good),
            "items": [
                {"row": row.number, "action": row.action, "issues": [code for code, _words in row.reasons]}
                for row in judged
            ],
        }
        return Judged(rows=judged, report={}, document=lambda: document)

    def _why_skipped(self, row: SourceRow) -> str | None:
        """A sentence alone is a long text alone, as notes are; it is one of these only where it calls itself so."""
        why = why_skipped(row, telling=(self.naming,))
        own = clean(_cell(row, self.naming))
        return None if why == FOOTER_NOTE and own and not is_titled_note(own) else why

    def _judged(self, row: SourceRow, competencies: Mapping[str, Competency], above: dict[str, int]) -> JudgedRow:
        if why := self._why_skipped(row):
            return JudgedRow(row.sheet, row.number, "skip", [(why, {})], None)
        values, wrong, notes = self._read(row, competencies)
        words = plain_text(values[self.naming])
        if not words:
            wrong, notes = [(self.missing, {}), *wrong], []
        action = "reject" if wrong else "accept_with_warning" if notes else "accept"
        if not wrong and words in above:
            action, notes = "skip", [("stands_above", {"row": str(above[words])})]
        if words:
            above.setdefault(words, row.number)
        return JudgedRow(row.sheet, row.number, action, [*wrong, *notes], values)

    def _read(
        self, row: SourceRow, competencies: Mapping[str, Competency]
    ) -> tuple[dict[str, str], list[Reason], list[Reason]]:
        """(values, why it stays out, what there is to say beside)."""
        raise NotImplementedError

    def _words(self, values: Mapping[str, str], competencies: Mapping[str, Competency]) -> EntryWords | VagueWords:
        raise NotImplementedError

    def _has_its_competency(self, values: Mapping[str, str], competencies: Mapping[str, Competency]) -> bool:
        """It may have been retired or renamed since the preview; such a row stays out."""
        return not values["competency"] or _folded(values["competency"]) in competencies

    def comparison(self, report: Mapping[str, Any]) -> Compare:
        competencies = _competencies()
        differing = words_differing()

        def compare(rows: Sequence[Mapping[str, Any]]) -> list[Effect]:
            return [_effect(differing(self._words(values, competencies))) for values in rows]

        return compare

    def apply(
        self,
        rows: Iterator[Mapping[str, Any]],
        *,
        report: Mapping[str, Any],
        actor: Employee | None,
        now: datetime,
        progress: Callable[[int], None],
    ) -> Applied:
        competencies = _competencies()
        words = [self._words(values, competencies) for values in rows if self._has_its_competency(values, competencies)]
        brought = bring_words(rows=words, actor=actor, now=now)
        progress(len(words))
        return Applied(brought.created, brought.changed, brought.unchanged)


class DictionaryImport(_Words):
    name = "dictionary"
    title: Promise | str = _("Sentences of the dictionary")
    says: Promise | str = _("What somebody was seen doing: a competency, praise or improvement, a level, the sentence.")
    fields = SENTENCE_FIELDS
    naming, missing = "text", "text_missing"

    def _read(
        self, row: SourceRow, competencies: Mapping[str, Competency]
    ) -> tuple[dict[str, str], list[Reason], list[Reason]]:
        values = {one.name: " ".join(as_written(_cell(row, one.name)).split()) for one in self.fields}
        wrong = [*_wrong_competency(values, competencies, required=True)]
        nature, level = nature_of(values["nature"]), _level(values["level"])
        if nature is None:
            wrong.append(("nature_unknown", {"nature": values["nature"][:40]} if values["nature"] else {}))
        if level is None:
            wrong.append(("level_unknown", {"level": values["level"][:40]} if values["level"] else {}))
        for name in ("text", "text_en", "scene", "scene_en"):
            column: Any = LexiconEntry._meta.get_field(name)
            most: int = column.max_length
            if len(values[name]) > most:
                sizes = {"length": str(len(values[name])), "most": str(most)}
                wrong.append(("too_long", {"field": str(TITLES[name]), **sizes}))
        notes: list[Reason] = [("sentence_vague", {})] if is_vague(values["text"]) else []
        if wrong:
            return values, wrong, []
        return values | {"nature": str(nature), "level": str(level)}, wrong, notes

    def _words(self, values: Mapping[str, str], competencies: Mapping[str, Competency]) -> EntryWords:
        rest = {name: values[name] for name in ("nature", "text", "text_en", "scene", "scene_en")}
        return EntryWords(competencies[_folded(values["competency"])], level=int(values["level"]), **rest)


class VagueImport(_Words):
    name = "vague"
    title: Promise | str = _("Vague expressions")
    says: Promise | str = _("Words that say nothing one could have seen, each with the competency it has in mind.")
    fields = EXPRESSION_FIELDS
    naming, missing = "expression", "expression_missing"

    def _read(
        self, row: SourceRow, competencies: Mapping[str, Competency]
    ) -> tuple[dict[str, str], list[Reason], list[Reason]]:
        values = {one.name: " ".join(as_written(_cell(row, one.name)).split()) for one in self.fields}
        wrong = [*_wrong_competency(values, competencies, required=False)]
        length = len(plain_text(values["expression"]))
        if 0 < length < SHORTEST:
            wrong.append(("too_short", {}))
        elif length > LONGEST:
            sizes = {"length": str(length), "most": str(LONGEST)}
            wrong.append(("too_long", {"field": str(TITLES["expression"]), **sizes}))
        return values, wrong, []

    def _words(self, values: Mapping[str, str], competencies: Mapping[str, Competency]) -> VagueWords:
        return VagueWords(values["expression"], competencies.get(_folded(values["competency"])))


def _effect(differs: Mapping[str, tuple[Any, Any]] | None) -> Effect:
    """`differs` as `words_differing` tells it."""
    if differs is None:
        return Effect(Outcome.CREATED)
    told = [(name, _told(was), _told(now)) for name, (was, now) in differs.items()]
    return Effect(Outcome.CHANGED, told) if told else Effect(Outcome.UNCHANGED)


def _told(value: Any) -> str:
    return str(value) if value is not None else ""


def _cell(row: SourceRow, name: str) -> Cell:
    return row.cells.get(name, BLANK)


def _competencies() -> dict[str, Competency]:
    """By what a file may call them."""
    found = list(Competency.objects.filter(is_listed=True).order_by("-position", "-pk"))
    return {_folded(name): one for one in found for name in (one.key, one.name_en, one.name) if name}


def _wrong_competency(
    values: Mapping[str, str], competencies: Mapping[str, Competency], *, required: bool
) -> Iterator[Reason]:
    named = values["competency"]
    if not named and required:
        yield "competency_missing", {}
    elif named and _folded(named) not in competencies:
        yield "competency_unknown", {"competency": named[:40]}


def _level(text: str) -> int | None:
    """1 to 4, as a figure (L2, 2级) or as the level is called in either language."""
    figures = [mark for mark in clean(text) if mark.isdecimal()]
    if len(figures) == 1 and figures[0] in map(str, Level.values):
        return int(figures[0])
    called: dict[str, int] = {}
    for language in ("zh-hans", "en"):
        with translation.override(language):
            called |= {_folded(str(level.label)): level.value for level in Level}
    return called.get(_folded(text))


def _folded(text: str) -> str:
    return compact(text).casefold()

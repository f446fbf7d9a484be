"""The company's words as pages and the composer show them."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet

from perfsys.people.names import search_key

from . import access
from .models import BehaviourTag, Competency, LexiconEntry, VagueExpression
from .vagueness import Expressions, Vague, plain_text, standard_expressions

SUGGESTED = 3
LOOKED_THROUGH = 60
_WORD = re.compile(r"[a-z]{3,}")
ORDER = ("competency__position", "competency_id", "-nature", "level", "position", "id")
"""By competency; well done before could be better, and beginners' sentences first."""


@dataclass(frozen=True)
class TagGroup:
    competency: Competency
    tags: list[BehaviourTag] = field(default_factory=list)

    def is_meant_by(self, typed: str) -> bool:
        """Whether the competency or one of its tags is called so, in Chinese, pinyin, initials or English."""
        begins = typed.lower()
        keys = [search_key(self.competency.name), self.competency.name_en.lower(), *(t.search_key for t in self.tags)]
        names = [self.competency.name, *(tag.name for tag in self.tags)]
        return any(typed in name for name in names) or any(f" {key}".find(f" {begins}") >= 0 for key in keys)


def listed_tags() -> list[TagGroup]:
    """What the composer offers, by competency; competencies without a listed tag are left out. One query."""
    tags = access.listed_tags().select_related("competency")
    return _grouped(tags.order_by("competency__position", "competency_id", "position", "id"))


def suggested_entries(tag: BehaviourTag, nature: str, most: int = SUGGESTED) -> list[LexiconEntry]:
    """Sentences of the tag's competency to begin from, one of each level, simple ones first. One query."""
    found = access.listed_entries().filter(competency=tag.competency_id, nature=nature)
    return list(found.order_by("level", "position", "id").distinct("level")[:most])


def known_expressions() -> Expressions:
    """The vague expressions of the company, each with the key or id of its competency; the standard ones where it has
    none yet. One query."""
    rows = VagueExpression.objects.values_list(
        "text", "is_listed", "competency__is_listed", "competency__key", "competency__public_id"
    )
    found = list(rows)
    if not found:
        return standard_expressions()
    return Expressions(
        {
            text: (key or str(public_id)) if offered else ""
            for text, is_listed, offered, key, public_id in found
            if is_listed
        }
    )


def better_words(
    why: Vague, text: str, *, tag: BehaviourTag | None = None, nature: str = "", most: int = SUGGESTED
) -> list[LexiconEntry]:
    """Sentences to say instead: of the competency the expression has in mind, else of the tag's, else the first of the
    list; those that share most words with the text first, of different levels where there are. Two queries at most."""
    listed = access.listed_entries()
    if nature:
        listed = listed.filter(nature=nature)
    meant = _of_competency(why.hint, tag)
    found = _in_order(listed.filter(meant)) if meant else []
    return _fitting(found or _in_order(listed), text, most)


def _of_competency(hint: str, tag: BehaviourTag | None) -> Q | None:
    if not hint:
        return Q(competency=tag.competency_id) if tag else None
    try:
        return Q(competency__public_id=UUID(hint))
    except ValueError:
        return Q(competency__key=hint)


def _in_order(entries: QuerySet[LexiconEntry]) -> list[LexiconEntry]:
    return list(entries.order_by("level", "competency__position", "position", "pk")[:LOOKED_THROUGH])


def _fitting(entries: Sequence[LexiconEntry], text: str, most: int) -> list[LexiconEntry]:
    said = _pairs(text)
    ordered = sorted(entries, key=lambda one: -len(said & _pairs(f"{one.text} {one.scene} {one.text_en}")))
    of_level: dict[int, LexiconEntry] = {}
    for one in ordered:
        of_level.setdefault(one.level, one)
    chosen = sorted(of_level.values(), key=ordered.index)[:most]
    return [*chosen, *(one for one in ordered if one not in chosen)][:most]


def _pairs(text: str) -> set[str]:
    """Two Han characters in a row, and Latin words."""
    plain = plain_text(text)
    return {a + b for a, b in pairwise(plain) if not a.isascii() and not b.isascii()} | set(_WORD.findall(plain))


def groups() -> list[TagGroup]:
    """Every listed competency with its listed tags, also those that have none. Two queries."""
    competencies = list(access.listed_competencies().order_by("position", "id"))
    return _grouped(BehaviourTag.objects.filter(is_listed=True).order_by("position", "id"), competencies)


def all_groups() -> list[TagGroup]:
    """The same with what is no longer listed; each competency with `entries_listed`, the size of its dictionary.
    Two queries."""
    sized: Any = Competency.objects.annotate(entries_listed=Count("entries", filter=Q(entries__is_listed=True)))
    return _grouped(BehaviourTag.objects.order_by("position", "id"), list(sized.order_by("position", "id")))


def find(
    entries: QuerySet[LexiconEntry],
    among: Iterable[TagGroup],
    *,
    typed: str = "",
    competency: Competency | None = None,
    nature: str = "",
    level: int | None = None,
) -> QuerySet[LexiconEntry]:
    """`entries` narrowed and in reading order, their competencies with them. `typed` is looked for in both languages of
    sentence and scene, and in the names of `among`, so that the pinyin of a tag finds its sentences."""
    if competency is not None:
        entries = entries.filter(competency=competency)
    if nature:
        entries = entries.filter(nature=nature)
    if level:
        entries = entries.filter(level=level)
    if typed:
        words = Q(text__icontains=typed) | Q(text_en__icontains=typed)
        words |= Q(scene__icontains=typed) | Q(scene_en__icontains=typed)
        meant = [group.competency.pk for group in among if group.is_meant_by(typed)]
        entries = entries.filter(words | Q(competency__in=meant))
    return entries.select_related("competency").order_by(*ORDER)


def find_expressions(
    expressions: QuerySet[VagueExpression],
    among: Iterable[TagGroup],
    *,
    typed: str = "",
    competency: Competency | None = None,
) -> QuerySet[VagueExpression]:
    """`expressions` narrowed, by competency, those that hint at none last."""
    if competency is not None:
        expressions = expressions.filter(competency=competency)
    if typed:
        meant = [group.competency.pk for group in among if group.is_meant_by(typed)]
        expressions = expressions.filter(Q(text__icontains=typed) | Q(competency__in=meant))
    order = (F("competency__position").asc(nulls_last=True), "competency_id", "position", "id")
    return expressions.select_related("competency").order_by(*order)


def _grouped(tags: Iterable[BehaviourTag], competencies: Iterable[Competency] | None = None) -> list[TagGroup]:
    """Without `competencies`, those that the tags bring along."""
    found = {one.pk: TagGroup(one) for one in competencies or ()}
    for tag in tags:
        if competencies is None:
            found.setdefault(tag.competency_id, TagGroup(tag.competency))
        if tag.competency_id in found:
            found[tag.competency_id].tags.append(tag)
    return list(found.values())

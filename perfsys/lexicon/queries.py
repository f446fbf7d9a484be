"""The company's words as pages and the composer show them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet

from perfsys.people.names import search_key

from . import access
from .models import BehaviourTag, Competency, LexiconEntry

SUGGESTED = 3
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
    """Sentences of the tag's competency to begin from, simple ones first. One query."""
    found = access.listed_entries().filter(competency=tag.competency_id, nature=nature)
    return list(found.order_by("level", "position", "id")[:most])


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
) -> QuerySet[LexiconEntry]:
    """`entries` narrowed and in reading order, their competencies with them. `typed` is looked for in both languages of
    sentence and scene, and in the names of `among`, so that the pinyin of a tag finds its sentences."""
    if competency is not None:
        entries = entries.filter(competency=competency)
    if nature:
        entries = entries.filter(nature=nature)
    if typed:
        words = Q(text__icontains=typed) | Q(text_en__icontains=typed)
        words |= Q(scene__icontains=typed) | Q(scene_en__icontains=typed)
        meant = [group.competency.pk for group in among if group.is_meant_by(typed)]
        entries = entries.filter(words | Q(competency__in=meant))
    return entries.select_related("competency").order_by(*ORDER)


def _grouped(tags: Iterable[BehaviourTag], competencies: Iterable[Competency] | None = None) -> list[TagGroup]:
    """Without `competencies`, those that the tags bring along."""
    found = {one.pk: TagGroup(one) for one in competencies or ()}
    for tag in tags:
        if competencies is None:
            found.setdefault(tag.competency_id, TagGroup(tag.competency))
        if tag.competency_id in found:
            found[tag.competency_id].tags.append(tag)
    return list(found.values())

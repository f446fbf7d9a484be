"""What a person is told most often: read only from feedback the viewer may read, so that every word opens it.

Words few people use need no rule of their own here (product.md §9.3): whoever sees one may read where it stands.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from feedback.access import feedback_about
from feedback.hotwords import HotWord, Said, count
from feedback.models import Feedback
from feedback.radar import first_day
from perfsys.lexicon.models import Nature
from perfsys.people.access import Viewer
from perfsys.people.models import Employee

MOST = 30


@dataclass(frozen=True)
class Heard:
    """The heaviest words of the last 90 days, and out of how much."""

    words: Sequence[HotWord]
    feedbacks: int
    givers: int


def heard(who: Viewer, person: Employee, *, most: int = MOST) -> Heard:
    """One query for what was said and one for names, and those of `feedback_about`, whatever the number of
    feedbacks."""
    told = feedback_about(who, person).filter(local_on__range=(first_day(who.on), who.on)).order_by("at", "pk")
    rows = list(told.values_list("pk", "giver", "text", "expected_action", "nature", "giver__name"))
    said = [_said(pk, giver, text, hoped, nature) for pk, giver, text, hoped, nature, _name in rows]
    names = {person.name, *(row[-1] for row in rows)}
    return Heard(heaviest(said, names=names, most=most), len(rows), len({row[1] for row in rows}))


def words_among(told: Iterable[Feedback], about: Employee, *, most: int = MOST) -> list[HotWord]:
    """Of feedbacks that are at hand, with their givers. One query."""
    told = list(told)
    said = [_said(one.pk, one.giver_id, one.text, one.expected_action, one.nature) for one in told]
    return heaviest(said, names={about.name, *(one.giver.name for one in told)}, most=most)


def heaviest(said: Sequence[Said], *, names: Collection[str], most: int) -> list[HotWord]:
    """Without people's names: `names`, and whoever of the company is named in full. One query, and one more for each
    time it found a name."""
    counted, left_out = count(said), set(names)
    while True:
        found = counted.heaviest(names=left_out, most=most)
        named = _people_called({part for hot in found for part in hot.parts}) - left_out
        if not named:
            return found
        left_out |= named


def behind(who: Viewer, person: Employee, word: HotWord) -> QuerySet[Feedback]:
    """The feedbacks it stands in, newest first."""
    found = feedback_about(who, person).filter(pk__in=word.feedback_ids)
    return found.select_related("giver", "tag").order_by("-at", "-pk")


def _said(pk: int, giver: int, text: str, hoped: str, nature: str) -> Said:
    return Said(pk, giver, f"{text}\n{hoped}", nature == Nature.POSITIVE)


def _people_called(words: Collection[str]) -> set[str]:
    """Those of `words` that are somebody's name."""
    written = {*words, *(word.title() for word in words if word.isascii())}
    return set(Employee.objects.filter(name__in=written).values_list("name", flat=True))

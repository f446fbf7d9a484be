"""What the direct reports of a manager were told, side by side (product.md §3.4): counts by person and competency.

Nobody is summed up and nobody is ordered by a figure. Counted as the radar of each person is, and a number opens the
feedbacks there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet

from feedback.access import feedback_about_each, people_side_by_side
from feedback.radar import first_day
from perfsys.lexicon.models import Competency, Nature
from perfsys.people.access import Viewer
from perfsys.people.models import Employee, OrgUnit
from perfsys.people.queries import primary_units


@dataclass(frozen=True)
class Pair:
    """How often, in the last 90 days."""

    positive: int = 0
    constructive: int = 0


NOTHING = Pair()


@dataclass(frozen=True)
class Matrix:
    """`competencies` in the company's order: those it lists, and those somebody was told about."""

    people: Sequence[Employee]
    units: Mapping[int, OrgUnit]
    competencies: Sequence[Competency]
    pairs: Mapping[tuple[int, int], Pair]  # by ids of person and competency; where nothing was said there is none

    def of(self, person: Employee, competency: Competency) -> Pair:
        return self.pairs.get((person.pk, competency.pk), NOTHING)

    @property
    def most(self) -> int:
        return max((max(pair.positive, pair.constructive) for pair in self.pairs.values()), default=0)


def team(who: Viewer) -> QuerySet[Employee]:
    return people_side_by_side(who)


def matrix_of(who: Viewer, people: Sequence[Employee]) -> Matrix:
    """Three queries, and those of `feedback_about_each`, whatever the number of people and feedbacks."""
    ids = [person.pk for person in people]
    told = feedback_about_each(who, ids).filter(local_on__range=(first_day(who.on), who.on)).order_by()
    counts: dict[tuple[int, int], dict[str, int]] = {}
    for person, competency, nature, number in told.values_list("receiver", "tag__competency", "nature").annotate(
        number=Count("pk")
    ):
        counts.setdefault((person, competency), {})[nature] = number
    pairs = {
        key: Pair(found.get(Nature.POSITIVE, 0), found.get(Nature.CONSTRUCTIVE, 0)) for key, found in counts.items()
    }
    spoken = {competency for _person, competency in pairs}
    every = Competency.objects.order_by("position", "pk")
    listed = [competency for competency in every if competency.is_listed or competency.pk in spoken]
    return Matrix(people, primary_units(ids, who.on), listed, pairs)

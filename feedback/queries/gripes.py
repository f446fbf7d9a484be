"""Gripe day as its pages show it (product.md §6.4)."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce

from feedback.gripe_access import adopted_gripes, gripes_of
from feedback.models import Gripe, GripeDay, GripeState, GripeVote
from perfsys.people.models import Employee

FIRST = {GripeState.OPEN: 0, GripeState.ADOPTED: 0, GripeState.DECLINED: 1}


@dataclass(frozen=True)
class Listed:
    """A suggestion with what was joined with it."""

    gripe: Gripe
    votes: int
    is_mine: bool  # I voted for it, or for one that was joined with it
    joined: list[Gripe] = field(default_factory=list)


def days_until(on: date) -> list[GripeDay]:
    """Those that have begun, the newest first."""
    return list(GripeDay.objects.filter(starts_on__lte=on).order_by("-starts_on"))


def next_day(on: date) -> GripeDay | None:
    found: GripeDay | None = GripeDay.objects.filter(starts_on__gt=on).order_by("starts_on").first()
    return found


def open_day(on: date) -> GripeDay | None:
    found: GripeDay | None = GripeDay.objects.filter(starts_on__lte=on, ends_on__gt=on).order_by("-starts_on").first()
    return found


def days_to_set(on: date) -> list[GripeDay]:
    """Which an administrator can still move: the open one and those ahead."""
    return list(GripeDay.objects.filter(ends_on__gt=on).order_by("starts_on"))


def ranked(day: GripeDay, *, area: str = "") -> list[tuple[int, int]]:
    """(id, votes) of the day's list: most votes first, those not taken up at the end, equals in no order that tells
    anything. Two queries."""
    heads = gripes_of(day)
    if area:
        heads = heads.filter(area=area)
    votes = _votes(Q(gripe__day=day))
    rows = heads.values_list("pk", "state", "public_id")
    order = sorted(rows, key=lambda row: (FIRST[GripeState(row[1])], -votes.get(row[0], 0), row[2]))
    return [(pk, votes.get(pk, 0)) for pk, _state, _public_id in order]


def listed(me: Employee | None, rows: Collection[tuple[int, int]]) -> list[Listed]:
    """Three queries."""
    ids = [pk for pk, _votes_for in rows]
    found = {one.pk: one for one in Gripe.objects.filter(pk__in=ids).select_related("author", "owner", "day")}
    joined: dict[int, list[Gripe]] = {pk: [] for pk in ids}
    for one in Gripe.objects.filter(joined_with__in=ids).select_related("author").order_by("public_id"):
        joined[one.joined_with_id or 0].append(one)
    mine = _mine(me, ids)
    return [Listed(found[pk], votes, pk in mine, joined[pk]) for pk, votes in rows if pk in found]


def one(me: Employee | None, gripe: Gripe) -> Listed:
    votes = _votes(Q(gripe=gripe) | Q(gripe__joined_with=gripe)).get(gripe.pk, 0)
    return listed(me, [(gripe.pk, votes)])[0]


def changes() -> QuerySet[Gripe]:
    """What was taken up, the newest first."""
    return adopted_gripes().select_related("owner", "author", "day").order_by("-decided_on", "public_id")


def joinable(gripe: Gripe) -> list[Gripe]:
    """With which it may be the same: open ones of the same gripe day, of the same area first."""
    others = gripes_of(gripe.day).filter(state=GripeState.OPEN).exclude(pk=gripe.pk).defer("text")
    return sorted(others, key=lambda other: (other.area != gripe.area, other.title))


def unnamed_allowed(least: int) -> bool:
    """Without a name is only offered where nobody can be guessed: with at least `least` others who can sign in."""
    could = Employee.objects.filter(status=Employee.Status.ACTIVE, membership__is_active=True)
    return could[: least + 1].count() > least


def _votes(which: Q) -> dict[int, int]:
    """By the one whose page counts: whoever voted for both of two that were joined counts once."""
    heads = GripeVote.objects.filter(which).values_list(Coalesce("gripe__joined_with", "gripe"))
    return dict(heads.annotate(votes=Count("voter", distinct=True)).order_by())


def _mine(me: Employee | None, ids: Collection[int]) -> set[int]:
    if me is None:
        return set()
    mine = GripeVote.objects.filter(Q(gripe__in=ids) | Q(gripe__joined_with__in=ids), voter=me)
    return {head or gripe for gripe, head in mine.values_list("gripe", "gripe__joined_with")}

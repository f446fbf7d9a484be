"""What a goal supports beside the first, how much it carries of it, and the manager's word for it (product.md §2.3,
§2.7)."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import F, Sum

from goals import events
from goals.alignment import SHARED_AT_MOST
from goals.models import Alignment, AlignmentLabel, Goal, Outcome, Status
from goals.queries.match import confirmed_as
from goals.queries.settings import local_date
from perfsys.audit.actions import record
from perfsys.people.models import Employee

from .goal import StaleVersion, WouldCloseACircle
from .matching import UNCONFIRMED, look_again
from .rollup import roll_up_above, roll_up_these

WHOLE = Decimal(100)


class AlreadySupported(Exception):
    """The goal supports that one: change its shares instead."""


class GoalClosed(Exception):
    """It is over: what it supported stays as it was."""


class SplitNotWhole(Exception):
    """The own resources divide over all that the goal supports: make the parts add up to 100 %."""

    def __init__(self, whole: Decimal) -> None:
        super().__init__(f"the parts add up to {whole}")
        self.whole = whole


class CarriedTwice(Exception):
    """The goals below claim more than the whole of the one above: agree on less. `left` is what can be claimed."""

    def __init__(self, parent: Goal, left: Decimal) -> None:
        super().__init__(f"{left} of {parent} is left")
        self.parent, self.left = parent, left


@dataclass(frozen=True)
class Shares:
    """In percent, None for not said: the part of the parent's result, the part of the own resources."""

    contribution: Decimal | None = None
    split: Decimal | None = None


def seen_of(alignments: Collection[Alignment]) -> str:
    """What an editor saw, as a form brings it back."""
    return ",".join(f"{one.pk}:{one.version}" for one in sorted(alignments, key=lambda one: one.pk))


@transaction.atomic
def support_also(*, goal: Goal, parent: Goal, shares: Shares, actor: Employee | None, now: datetime) -> Alignment:
    """The goal supports `parent` too; the first is the primary one. Its part of the own resources is taken off the
    primary one's. Raises AlreadySupported, WouldCloseACircle, GoalClosed, SplitNotWhole, CarriedTwice."""
    locked = _open(goal)
    standing = {one.parent_id: one for one in Alignment.objects.filter(child=locked)}
    if parent.pk in standing:
        raise AlreadySupported
    primary = next((one for one in standing.values() if one.is_primary), None)
    _look_what_is_left([parent.pk], {parent.pk: shares.contribution}, locked)
    if shares.split is not None and primary is not None:
        own = WHOLE if primary.split is None else primary.split
        if shares.split > own:
            raise SplitNotWhole(WHOLE + shares.split - own)
        primary.split = own - shares.split
        primary.version += 1
        primary.save(update_fields=["split", "version"])
    try:
        with transaction.atomic():
            made: Alignment = Alignment.objects.create(
                child=locked,
                parent=parent,
                is_primary=primary is None,
                contribution=shares.contribution,
                split=shares.split if primary else None,
            )
    except IntegrityError as refused:
        raise WouldCloseACircle from refused
    _noted(locked, [parent.pk], actor, now, {"supports": parent.pk})
    return made


@transaction.atomic
def support_no_more(*, alignment: Alignment, actor: Employee | None, now: datetime) -> None:
    """A further one is gone; its part of the own resources is the primary one's again. A second time is nothing. Raises
    GoalClosed."""
    locked = _open(alignment.child)
    found = Alignment.objects.filter(pk=alignment.pk, is_primary=False).first()
    if found is None:
        return
    if found.split is not None:
        primary = Alignment.objects.filter(child=locked, is_primary=True, split__isnull=False)
        primary.update(split=F("split") + found.split, version=F("version") + 1)
    found.delete()
    roll_up_these([alignment.parent_id])
    _noted(locked, [alignment.parent_id], actor, now, {"no_more": alignment.parent_id})


@transaction.atomic
def set_shares(*, goal: Goal, seen: str, shares: Mapping[int, Shares], actor: Employee | None, now: datetime) -> None:
    """`shares` by the id of the goal above, `seen` what the editor saw of those he may read. Without any split all goes
    to the primary one. Raises StaleVersion, GoalClosed, SplitNotWhole, CarriedTwice."""
    locked = _open(goal)
    everything = list(Alignment.objects.filter(child=locked).order_by("pk"))
    standing = [one for one in everything if one.parent_id in shares]
    if seen_of(standing) != seen:
        raise StaleVersion
    wanted = {one.parent_id: one.split for one in everything} | {pk: one.split for pk, one in shares.items()}
    parts = [split for split in wanted.values() if split is not None]
    if parts and sum(parts) != WHOLE:
        raise SplitNotWhole(sum(parts, Decimal(0)))
    changed = [one for one in standing if shares[one.parent_id] != Shares(one.contribution, one.split)]
    parents = [one.parent_id for one in changed]
    _look_what_is_left(parents, {pk: shares[pk].contribution for pk in parents}, locked)
    for one in changed:
        one.contribution, one.split = shares[one.parent_id].contribution, shares[one.parent_id].split
        one.version += 1
        one.save(update_fields=["contribution", "split", "version"])
    if changed:
        _noted(locked, parents, actor, now, {"shares": len(changed)})


@transaction.atomic
def confirm_alignment(*, alignment: Alignment, reason: str, actor: Employee, now: datetime) -> None:
    """The manager says that it is right: it counts as 100, and says so. The two texts are kept as a label that a model
    can be trained with."""
    locked = _locked(alignment)
    child, parent = locked.child, locked.parent
    locked.confirmed_by, locked.confirmed_by_name = actor, actor.name
    locked.confirmed_at, locked.confirmed_because = now, reason.strip()[:500]
    locked.confirmed_as = confirmed_as(child.title, parent.title)
    _save(locked)
    AlignmentLabel.objects.update_or_create(
        confirmed_as=locked.confirmed_as,
        defaults={"child_text": child.title, "parent_text": parent.title, "at": now, "taken_back_at": None},
    )
    look_again([child.pk], today=local_date(now))
    record(events.ALIGNMENT_CONFIRMED, subject=child, about=child.owner, actor=actor, at=now)


@transaction.atomic
def take_back_confirmation(*, alignment: Alignment, actor: Employee, now: datetime) -> None:
    """It counts by its parts again. A second time is nothing."""
    locked = _locked(alignment)
    if locked.confirmed_at is None:
        return
    AlignmentLabel.objects.filter(confirmed_as=locked.confirmed_as, taken_back_at=None).update(taken_back_at=now)
    for name, value in UNCONFIRMED.items():
        setattr(locked, name, value)
    _save(locked)
    look_again([locked.child_id], today=local_date(now))
    record(events.ALIGNMENT_UNCONFIRMED, subject=locked.child, about=locked.child.owner, actor=actor, at=now)


def _locked(alignment: Alignment) -> Alignment:
    found: Alignment = (
        Alignment.objects.select_for_update(of=["self"]).select_related("child__owner", "parent").get(pk=alignment.pk)
    )
    return found


def _save(alignment: Alignment) -> None:
    alignment.version += 1
    alignment.save(update_fields=[*UNCONFIRMED, "version"])


def _open(goal: Goal) -> Goal:
    """Locked: two who divide the same hundred wait for each other."""
    locked: Goal = Goal.objects.select_for_update(of=["self"], no_key=True).select_related("owner").get(pk=goal.pk)
    if locked.status == Status.CLOSED:
        raise GoalClosed
    return locked


def _look_what_is_left(parents: list[int], wanted: Mapping[int, Decimal | None], child: Goal) -> None:
    """Goals below one carry all of it at most; in the order of ids, so that two who divide two never lock each other
    out."""
    for parent in Goal.objects.filter(pk__in=parents).order_by("pk").select_for_update(no_key=True):
        others = Alignment.objects.filter(parent=parent).exclude(child=child)
        others = others.exclude(child__outcome=Outcome.CANCELLED)
        claimed: Decimal = others.aggregate(whole=Sum("contribution"))["whole"] or Decimal(0)
        left = max(SHARED_AT_MOST - claimed, Decimal(0))
        if (wanted[parent.pk] or 0) > left:
            raise CarriedTwice(parent, left)


def _noted(
    goal: Goal, parents: Collection[int], actor: Employee | None, now: datetime, details: dict[str, int]
) -> None:
    siblings = Alignment.objects.filter(parent__in=parents, contribution__isnull=False).values_list("child", flat=True)
    look_again({goal.pk, *siblings}, today=local_date(now))
    roll_up_above([goal.pk])
    record(events.ALIGNMENT_CHANGED, subject=goal, about=goal.owner, actor=actor, at=now, details=details)

"""The decoding workshop (product.md §2.13): opened, written by several people at once, turned into goals.

Whoever writes holds the lock of the workshop's row: its version counts every change, and nothing is written into one
that has become goals.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse

from goals import events
from goals.access import departments, posts_of_heads
from goals.decoding import Said, pairs_alike
from goals.models import (
    Goal,
    Layer,
    Overlap,
    Period,
    PositionAction,
    Proposal,
    Workshop,
    WorkshopState,
)
from goals.queries.settings import goal_settings, local_date, tenant_slug
from goals.queries.workshop import Line, outcome_of
from goals.queries.writing import spans_to_write_in
from goals.relevance.texts import plain
from perfsys.audit.actions import record
from perfsys.common import vectors
from perfsys.jobs.actions import enqueue_once_per_transaction
from perfsys.notices.actions import Telling, notify, notify_all
from perfsys.people.models import Employee, OrgUnit, RoleGrant
from perfsys.people.queries import primary_units
from perfsys.people.spans import holds
from perfsys.tenancy.models import Membership
from perfsys.tenancy.roles import Role

from .goal import AT_ONCE, GoalWords, Place, StaleVersion, write_goals
from .matching import Vectors
from .periods import ensure_period

JOB = "goals.overlaps"


class WorkshopClosed(Exception):
    """It has become goals: change those, or have it opened again."""


class NothingReady(Exception):
    """No proposal has all that a goal needs: complete one first. The page says what each lacks."""


@dataclass(frozen=True)
class ProposalWords:
    title: str
    objective: Goal
    measure: str = ""
    target: Decimal | None = None
    unit_of_measure: str = ""
    weight: Decimal | None = None


@dataclass(frozen=True)
class Published:
    """The drafts that were made, and a sentence for each thing that was left out."""

    goals: list[Goal]
    left_out: list[str]


# --- opened -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def open_workshop(*, period: Period, actor: Employee | None, now: datetime) -> Workshop:
    """The period's workshop, opened where there is none yet; everybody who takes part is told once."""
    made: Workshop
    made, is_new = Workshop.objects.get_or_create(period=period, defaults={"opened_at": now, "opened_by": actor})
    if not is_new:
        return made
    record(events.WORKSHOP_OPENED, subject=made, actor=actor, at=now)
    notify(
        events.WORKSHOP_IS_OPEN,
        to=[one for one in _participants(now) if one != actor],
        subject=made,
        at=now,
        params={"period": period.name},
        url=reverse("goals:workshop", kwargs={"tenant": tenant_slug(), "public_id": made.public_id}),
        key=str(made.pk),
    )
    return made


@transaction.atomic
def open_the_next(*, now: datetime) -> Workshop | None:
    """The workshop of the period that begins next, as many days before as the company has set; of two that begin on
    one day the shorter one. None on every other day, and where nobody leads a department."""
    today, days = local_date(now), goal_settings().workshop_days
    soon = [one for one in spans_to_write_in(today) if today < one.starts_on <= today + timedelta(days=days)]
    if not soon or not departments(today).exists():
        return None
    span = min(soon, key=lambda one: (one.starts_on, one.ends_on))
    if Workshop.objects.filter(period__starts_on=span.starts_on, period__ends_on=span.ends_on).exists():
        return None
    period = ensure_period(starts_on=span.starts_on, ends_on=span.ends_on, actor=None, now=now)
    return open_workshop(period=period, actor=None, now=now)


def _participants(now: datetime) -> list[Employee]:
    """Whoever leads a unit, HR and executives with a seat."""
    today = local_date(now)
    granted = RoleGrant.objects.filter(holds(today), role__in=[Role.ADMIN, Role.EXECUTIVE]).values("membership")
    seats = Membership.objects.filter(derived__contains=[Role.HRBP]).values("pk")
    taking_part = Q(membership__in=granted) | Q(membership__in=seats)
    taking_part |= Q(pk__in=posts_of_heads(today).values("employee"))
    return list(Employee.objects.filter(taking_part, status=Employee.Status.ACTIVE).order_by("pk"))


# --- written ----------------------------------------------------------------------------------------------------------


@transaction.atomic
def propose(
    *, workshop: Workshop, unit: OrgUnit, words: ProposalWords, key: str, actor: Employee | None, now: datetime
) -> Proposal:
    """A department's key result. A form brings the `key`: sent twice it is one. Raises WorkshopClosed."""
    locked = _open(workshop)
    made: Proposal
    made, is_new = Proposal.objects.get_or_create(
        workshop=locked,
        key=key,
        defaults={**vars(words), "unit": unit, "written_by": actor, "written_at": now},
    )
    if is_new:
        _changed(locked)
        record(events.RESULT_PROPOSED, subject=made, actor=actor, at=now)
    return made


@transaction.atomic
def edit_proposal(
    *, proposal: Proposal, version: int, words: ProposalWords, actor: Employee | None, now: datetime
) -> Proposal:
    """`version` is what the editor saw. One that was taken out is there again. Raises StaleVersion, WorkshopClosed."""
    workshop = _open(proposal.workshop)
    locked: Proposal = _as_seen(Proposal, proposal.pk, version)
    for name, value in vars(words).items():
        setattr(locked, name, value)
    locked.written_by, locked.written_at, locked.dropped_at = actor, now, None
    locked.version += 1
    locked.save(update_fields=[*vars(words), "written_by", "written_at", "dropped_at", "version"])
    _changed(workshop)
    record(events.PROPOSAL_EDITED, subject=locked, actor=actor, at=now)
    return locked


@transaction.atomic
def drop_proposal(*, proposal: Proposal, version: int, actor: Employee | None, now: datetime) -> None:
    """Take it out with its actions; its words stay for whoever has them open. A second time is nothing. Raises
    StaleVersion, WorkshopClosed."""
    workshop = _open(proposal.workshop)
    if Proposal.objects.filter(pk=proposal.pk, dropped_at__isnull=False).exists():
        return
    locked = _as_seen(Proposal, proposal.pk, version)
    locked.dropped_at = now
    locked.version += 1
    locked.save(update_fields=["dropped_at", "version"])
    _changed(workshop)
    record(events.PROPOSAL_DROPPED, subject=locked, actor=actor, at=now)


@transaction.atomic
def add_action(
    *, proposal: Proposal, title: str, owner: Employee | None, key: str, actor: Employee | None, now: datetime
) -> PositionAction:
    """What somebody of the department does for it. Sent twice it is one. Raises WorkshopClosed."""
    workshop = _open(proposal.workshop)
    made: PositionAction
    made, is_new = PositionAction.objects.get_or_create(
        proposal=proposal, key=key, defaults={"title": title, "owner": owner}
    )
    if is_new:
        _changed(workshop, texts=False)
        record(events.POSITION_ACTION_CHANGED, subject=made, about=owner, actor=actor, at=now)
    return made


@transaction.atomic
def edit_action(
    *,
    action: PositionAction,
    version: int,
    title: str,
    owner: Employee | None,
    actor: Employee | None,
    now: datetime,
    drop: bool = False,
) -> PositionAction:
    """Change it, or with `drop` take it out. Raises StaleVersion, WorkshopClosed."""
    workshop = _open(action.proposal.workshop)
    locked: PositionAction = _as_seen(PositionAction, action.pk, version)
    locked.title, locked.owner, locked.dropped_at = title, owner, now if drop else None
    locked.version += 1
    locked.save(update_fields=["title", "owner", "dropped_at", "version"])
    _changed(workshop, texts=False)
    record(events.POSITION_ACTION_CHANGED, subject=locked, about=owner, actor=actor, at=now)
    return locked


@transaction.atomic
def settle_overlap(
    *, overlap: Overlap, version: int, note: str, resolved: bool, actor: Employee | None, now: datetime
) -> Overlap:
    """How the two split it; `resolved` only with a note. Raises StaleVersion, WorkshopClosed."""
    workshop = _open(overlap.workshop)
    locked: Overlap = _as_seen(Overlap, overlap.pk, version)
    locked.note, locked.said_by, locked.resolved_at = note, actor, now if resolved and note else None
    locked.version += 1
    locked.save(update_fields=["note", "said_by", "resolved_at", "version"])
    _changed(workshop, texts=False)
    record(events.OVERLAP_SETTLED, subject=locked, actor=actor, at=now)
    return locked


# --- overlaps ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def find_overlaps(*, now: datetime) -> int:
    """Which proposals of the open workshops read alike; returns how many pairs came or went. What somebody has said
    something about stays. Done again it changes nothing."""
    changed = 0
    for workshop in Workshop.objects.filter(state=WorkshopState.OPEN).select_for_update().order_by("pk"):
        proposals = Proposal.objects.filter(workshop=workshop, dropped_at=None).order_by("pk")
        said = [Said(one.pk, one.unit_id, one.title) for one in proposals]
        alike = set(pairs_alike(said, _vectors(said)))
        standing = {(one.one_id, one.other_id): one for one in Overlap.objects.filter(workshop=workshop)}
        gone = [one.pk for pair, one in standing.items() if pair not in alike and not one.note]
        new = [Overlap(workshop=workshop, one_id=one, other_id=other) for one, other in sorted(alike - set(standing))]
        if gone or new:
            Overlap.objects.filter(pk__in=gone).delete()
            Overlap.objects.bulk_create(new)
            Workshop.objects.filter(pk=workshop.pk).update(version=F("version") + 1)
            record(events.OVERLAPS_FOUND, subject=workshop, actor=None, at=now, details={"pairs": len(alike)})
        changed += len(gone) + len(new)
    return changed


def _vectors(said: Sequence[Said]) -> Any:
    return vectors.vectors_of({plain(one.text) for one in said}, Vectors()) if vectors.available() else None


# --- published --------------------------------------------------------------------------------------------------------


@transaction.atomic
def publish_workshop(*, workshop: Workshop, actor: Employee | None, now: datetime) -> Published:
    """A draft of the department for each proposal that has all it needs, one of its owner for each action below it;
    what became a goal before stays that goal. Then the workshop is closed, so that a second time makes nothing. As many
    statements however much was proposed. Raises WorkshopClosed, NothingReady."""
    locked = _open(workshop)
    lines = outcome_of(locked, local_date(now))
    if not any(line.is_new or line.new_steps for line in lines):
        raise NothingReady
    period: Period = Period.objects.get(pk=locked.period_id)
    about: dict[str, Any] = {"period": period, "actor": actor, "now": now}
    new = [line.proposal for line in lines if line.is_new]
    made = write_goals(drafts=[_of_department(line, period) for line in lines if line.is_new], **about)
    _became(Proposal, new, made)
    above = {line.proposal.pk: line.proposal.goal for line in lines if line.proposal.goal}
    steps = [(step.action, above[line.proposal.pk]) for line in lines for step in line.new_steps]
    units = primary_units([action.owner_id for action, _goal in steps if action.owner_id], local_date(now))
    made_below = write_goals(drafts=[_of_person(action, goal, period, units) for action, goal in steps], **about)
    _became(PositionAction, [action for action, _goal in steps], made_below)
    left_out = [told for line in lines for told in (*line.lacks, *(one for step in line.steps for one in step.lacks))]
    locked.state, locked.closed_at, locked.closed_by = WorkshopState.CLOSED, now, actor
    locked.version += 1
    locked.save(update_fields=["state", "closed_at", "closed_by", "version"])
    published = Published([*made, *made_below], left_out)
    details = {"goals": len(published.goals), "left_out": len(left_out)}
    record(events.WORKSHOP_PUBLISHED, subject=locked, actor=actor, at=now, details=details)
    _tell_owners(locked, period, published.goals, actor, now)
    return published


@transaction.atomic
def reopen_workshop(*, workshop: Workshop, reason: str, actor: Employee | None, now: datetime) -> None:
    """It became goals too early: what is proposed from now on can become goals too, and those that are there stay.
    Everybody who takes part hears why. A second time is nothing."""
    locked: Workshop = Workshop.objects.select_for_update(of=["self"]).select_related("period").get(pk=workshop.pk)
    if locked.is_open:
        return
    locked.state, locked.closed_at, locked.closed_by = WorkshopState.OPEN, None, None
    locked.version += 1
    locked.save(update_fields=["state", "closed_at", "closed_by", "version"])
    record(events.WORKSHOP_REOPENED, subject=locked, actor=actor, at=now, details={"reason": reason})
    notify(
        events.WORKSHOP_OPEN_AGAIN,
        to=[one for one in _participants(now) if one != actor],
        subject=locked,
        at=now,
        params={"period": locked.period.name, "reason": reason},
        url=reverse("goals:workshop", kwargs={"tenant": tenant_slug(), "public_id": locked.public_id}),
        key=f"{locked.pk} {locked.version}",
    )


def _of_department(line: Line, period: Period) -> tuple[Place, GoalWords]:
    one = line.proposal
    words = GoalWords(
        title=one.title,
        starts_on=period.starts_on,
        due_on=period.ends_on,
        weight=one.weight,
        measure=one.measure,
        unit_of_measure=one.unit_of_measure,
        target=one.target,
        parent=one.objective,
    )
    return Place(Layer.DEPARTMENT, line.head, one.unit), words


def _of_person(
    action: PositionAction, above: Goal, period: Period, units: Mapping[int, OrgUnit]
) -> tuple[Place, GoalWords]:
    words = GoalWords(title=action.title, starts_on=period.starts_on, due_on=period.ends_on, parent=above)
    return Place(Layer.POSITION, action.owner, units.get(action.owner_id or 0)), words


def _became(model: Any, rows: Sequence[Proposal | PositionAction], goals: Sequence[Goal]) -> None:
    for row, goal in zip(rows, goals, strict=True):
        row.goal = goal
    model.objects.bulk_update(rows, ["goal"], batch_size=AT_ONCE)


def _tell_owners(
    workshop: Workshop, period: Period, goals: Sequence[Goal], actor: Employee | None, now: datetime
) -> None:
    """Each owner once, however many drafts: a head is led to the department's, unless there are only his own."""
    counted = Counter(goal.owner_id for goal in goals)
    publish = reverse("goals:publish", kwargs={"tenant": tenant_slug()})
    told: dict[int, Telling] = {}
    for goal in goals:
        if goal.owner is None or goal.owner == actor or goal.owner.pk in told:
            continue
        of_unit = {"unit": str(goal.unit.public_id)} if goal.layer == Layer.DEPARTMENT and goal.unit else {}
        told[goal.owner.pk] = Telling(
            to_id=goal.owner.pk,
            about_id=goal.owner.pk,
            subject_id=workshop.pk,
            params={"period": period.name, "drafts": counted[goal.owner.pk]},
            url=f"{publish}?{urlencode({**of_unit, 'period': period.name})}",
            key=f"{workshop.pk} {workshop.version}",
        )
    notify_all(events.WORKSHOP_DRAFTS, list(told.values()), of=Workshop, on=local_date(now), at=now)


def _open(workshop: Workshop) -> Workshop:
    locked: Workshop = Workshop.objects.select_for_update().get(pk=workshop.pk)
    if not locked.is_open:
        raise WorkshopClosed
    return locked


def _as_seen(model: Any, pk: int, version: int) -> Any:
    found = model.objects.get(pk=pk)  # whoever writes holds the lock of the workshop
    if found.version != version:
        raise StaleVersion
    return found


def _changed(workshop: Workshop, *, texts: bool = True) -> None:
    """Its page is another one now; with `texts` what reads alike may be too."""
    Workshop.objects.filter(pk=workshop.pk).update(version=F("version") + 1)
    if texts:
        enqueue_once_per_transaction(JOB)

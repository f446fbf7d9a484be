"""A proposal sent in the app, step by step (product.md §5.5): submission, verification data, benefit calculation.

With all three it is a piece of its goal's evidence, like any other; before, and once it is withdrawn, it counts for
nothing.
"""

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from goals import events
from goals.models import EvidenceItem, Goal, ImprovementProposal, Source, StepProof
from goals.queries.settings import local_date
from integrations.models import EvidenceType, ProposalStep, Record
from perfsys.audit.actions import record
from perfsys.people.models import Employee

from .evidence import evidence_changed
from .goal import StaleVersion
from .matching import write_matches
from .trail import GoalNotOpen, evidence_moved


class AlreadyWithdrawn(Exception):
    """Send another one."""


@dataclass(frozen=True)
class Proof:
    """What shows that a step was done; one of the last four at least."""

    on: date
    text: str = ""
    number: str = ""
    link: str = ""
    record: Record | None = None


@transaction.atomic
def send_proposal(
    *, goal: Goal, title: str, number: str, proof: Proof, key: str, actor: Employee | None, now: datetime
) -> ImprovementProposal:
    """With its first step, the submission. Without a `number` it gets one. A form brings the `key`: sent twice it is
    one. Raises GoalNotOpen."""
    locked = _open(goal)
    earlier: ImprovementProposal | None = ImprovementProposal.objects.filter(goal=locked, key=key).first()
    if earlier is not None:
        return earlier
    public_id = uuid.uuid4()
    made: ImprovementProposal = ImprovementProposal.objects.create(
        public_id=public_id,
        goal=locked,
        title=title,
        number=number or f"TA-{public_id.hex[:8].upper()}",
        sent_by=actor,
        sent_at=now,
        key=key,
    )
    _keep(made, ProposalStep.SUBMISSION, proof, key=key, actor=actor, now=now)
    record(events.PROPOSAL_SENT, subject=locked, about=locked.owner, actor=actor, at=now)
    return made


@transaction.atomic
def prove_step(
    *,
    proposal: ImprovementProposal,
    version: int,
    step: ProposalStep,
    proof: Proof,
    key: str,
    actor: Employee | None,
    now: datetime,
) -> ImprovementProposal:
    """The proof of a step, or another one in its place. With the third it begins to count. Raises GoalNotOpen,
    AlreadyWithdrawn, StaleVersion."""
    goal = _open(proposal.goal)
    locked = _locked(proposal, goal)
    if StepProof.objects.filter(proposal=locked, key=key).exists():
        return locked
    if locked.is_withdrawn:
        raise AlreadyWithdrawn
    if locked.version != version:
        raise StaleVersion
    _keep(locked, step, proof, key=key, actor=actor, now=now)
    locked.version += 1
    locked.save(update_fields=["version"])
    record(events.PROPOSAL_PROVED, subject=goal, about=goal.owner, actor=actor, at=now, details={"step": step.value})
    if locked.evidence_id is None and _is_whole(locked):
        _begin_to_count(locked, goal, actor, now)
    return locked


@transaction.atomic
def withdraw_proposal(*, proposal: ImprovementProposal, because: str, actor: Employee | None, now: datetime) -> None:
    """It counts no more; what was said of it stays to be read. Said twice it is said once. Raises GoalNotOpen."""
    goal = _open(proposal.goal)
    locked = _locked(proposal, goal)
    if locked.is_withdrawn:
        return
    locked.withdrawn_at, locked.withdrawn_because = now, because
    locked.version += 1
    locked.save(update_fields=["withdrawn_at", "withdrawn_because", "version"])
    record(events.PROPOSAL_WITHDRAWN, subject=goal, about=goal.owner, actor=actor, at=now)
    piece = locked.evidence_id
    if piece is not None and EvidenceItem.objects.filter(pk=piece, gone_at=None).update(gone_at=now):
        evidence_changed([goal.pk], gone_from=[goal.pk], now=now)
        write_matches(today=local_date(now), goals=[goal.pk])


def _begin_to_count(proposal: ImprovementProposal, goal: Goal, actor: Employee | None, now: datetime) -> None:
    today = local_date(now)
    proposal.evidence = EvidenceItem.objects.create(
        goal=goal,
        by=actor,
        at=now,
        local_on=today,
        source=Source.TYPED,
        source_key=f"proposal:{proposal.public_id}",
        type=EvidenceType.PROPOSAL,
        number=proposal.number,
        note=proposal.title,
    )
    proposal.save(update_fields=["evidence"])
    evidence_moved(goal, today)
    record(events.EVIDENCE_ADDED, subject=goal, about=goal.owner, actor=actor, at=now)


def _keep(
    proposal: ImprovementProposal, step: ProposalStep, proof: Proof, *, key: str, actor: Employee | None, now: datetime
) -> None:
    """What stood before stays, with the time it stood until."""
    StepProof.objects.filter(proposal=proposal, step=step, replaced_at=None).update(replaced_at=now)
    StepProof.objects.create(proposal=proposal, step=step, by=actor, at=now, key=key, **vars(proof))


def _is_whole(proposal: ImprovementProposal) -> bool:
    return StepProof.objects.filter(proposal=proposal, replaced_at=None).count() == len(ProposalStep)


def _locked(proposal: ImprovementProposal, goal: Goal) -> ImprovementProposal:
    """Its goal is locked before it."""
    found: ImprovementProposal = ImprovementProposal.objects.select_for_update(of=["self"]).get(pk=proposal.pk)
    found.goal = goal
    return found


def _open(goal: Goal) -> Goal:
    locked: Goal = Goal.objects.select_for_update(of=["self"], no_key=True).select_related("owner").get(pk=goal.pk)
    if not locked.is_open:
        raise GoalNotOpen
    return locked

"""A proposal sent in the app, step by step (product.md §5.5): submission, verification data, benefit calculation.

With all three it is a piece of its goal's evidence, like any other; before, and once it is withdrawn, it counts for
nothing.
"""

import uuid
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from goals import events
from goals.models import EvidenceItem, Goal, ImprovementProposal, Source, StepProof
from goals.queries.settings import local_date
from integrations.models import EvidenceType, ProposalStep, Record
from perfsys.audit.actions import record
from perfsys.common import files
from perfsys.common.proofs import ProofFile, ending_of, shortened
from perfsys.jobs.actions import enqueue
from perfsys.people.models import Employee
from perfsys.tenancy.scope import current_tenant_id

from .evidence import evidence_changed
from .goal import StaleVersion
from .matching import write_matches
from .trail import GoalNotOpen, evidence_moved

SCAN = "goals.scan"


class AlreadyWithdrawn(Exception):
    """Send another one."""


@dataclass(frozen=True)
class Proof:
    """What shows that a step was done; words, a number, a link or a record at least. `file` goes with it, as its name
    and content; without one the file that stands stays, unless `without_file`."""

    on: date
    text: str = ""
    number: str = ""
    link: str = ""
    record: Record | None = None
    file: ProofFile | None = None
    without_file: bool = False


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
    """What stood before stays, with the time it stood until. The proposal is locked, or new."""
    standing = StepProof.objects.filter(proposal=proposal, step=step, replaced_at=None)
    before = standing.first()
    standing.update(replaced_at=now)
    made = StepProof(
        proposal=proposal,
        step=step,
        on=proof.on,
        text=proof.text,
        number=proof.number,
        link=proof.link,
        record=proof.record,
        by=actor,
        at=now,
        key=key,
    )
    if proof.file:
        _keep_file(made, proof.file)
    elif before is not None and not proof.without_file:
        made.file, made.file_id = before.file, before.file_id
        made.file_name, made.held = before.file_name, before.held
    made.save()


def _keep_file(proof: StepProof, handed: ProofFile) -> None:
    """The caller saves the row."""
    name, content = handed
    proof.file_id, proof.file_name = uuid.uuid4(), shortened(name)
    proof.file = files.keep(_folder(current_tenant_id()), f"{proof.file_id}{ending_of(name)}", content)
    if files.is_scanned():
        proof.held = files.WAITING
        enqueue(SCAN, str(proof.file_id), {"file": str(proof.file_id)})


def scan(*, file_id: str, now: datetime) -> bool:
    """Give a file free, or take it out, as the scanner says. Whether it has to be asked again. Nothing is locked while
    the scanner thinks; a correction that takes the file over is either done then, or reads what was said."""
    rows = StepProof.objects.filter(file_id=file_id, held=files.WAITING)
    first = rows.order_by("pk").first()
    if first is None:
        return False
    said = files.verdict(first.file, kept_at=first.at, now=now)
    if said is None:
        return True
    list(ImprovementProposal.objects.select_for_update(of=["self"]).filter(pk=first.proposal_id).values_list("pk"))
    rows.update(held=said)
    return False


def remove_orphans(*, now: datetime) -> int:
    """Returns how many."""
    return files.remove_orphans(_folder(current_tenant_id()), _named, now=now)


def _named(names: Collection[str]) -> Collection[str]:
    return list(StepProof.objects.filter(file__in=names).values_list("file", flat=True))


def _folder(tenant_id: int) -> str:
    return f"proposals/{tenant_id}"


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

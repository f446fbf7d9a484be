"""The trails of proposals that stand on a goal (product.md §5.5): those sent in the app, and the one it names that a
system holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.utils.timezone import localdate

from goals.models import Goal, ImprovementProposal, StepProof
from integrations.models import EvidenceType, ProposalStep, Record, RecordReference
from perfsys.common.beside import Rows, beside

MOST = 20  # proposals of a goal
MOST_RECORDS = 60  # of one proposal in a system


@dataclass(frozen=True)
class Step:
    """One of three; `on` None: not proved yet."""

    step: ProposalStep
    on: date | None = None
    text: str = ""
    number: str = ""
    link: str = ""
    record: Record | None = None
    by: str = ""
    at: datetime | None = None  # when it was said; None of what a system holds
    file_id: UUID | None = None
    file_name: str = ""
    held: str = ""  # why the file is not given out

    @property
    def is_proved(self) -> bool:
        return self.on is not None

    @property
    def name(self) -> str:
        return str(self.step.label)


@dataclass(frozen=True)
class Trail:
    """`proposal` None: a system holds it. `counts`: all three are proved, and it stands."""

    title: str
    number: str
    steps: Sequence[Step]
    proposal: ImprovementProposal | None = None
    systems: Sequence[str] = field(default=())

    @property
    def is_withdrawn(self) -> bool:
        return self.proposal is not None and self.proposal.is_withdrawn

    @property
    def counts(self) -> bool:
        return all(one.is_proved for one in self.steps) and not self.is_withdrawn

    @property
    def missing(self) -> list[str]:
        return [one.name for one in self.steps if not one.is_proved]


def proposal_rows(goal: Goal) -> dict[str, Rows]:
    """To be read with all else that stands on the goal (`perfsys.common.beside`)."""
    sent = ImprovementProposal.objects.filter(goal=goal.pk).order_by("-sent_at", "-pk")[:MOST]
    proofs = StepProof.objects.filter(proposal__goal=goal.pk, replaced_at=None)
    found = {"sent": Rows(sent, sent_by=("name",)), "proofs": _proofs(proofs)}
    if goal.evidence_type == EvidenceType.PROPOSAL and goal.evidence_number:
        named = RecordReference.objects.filter(type=EvidenceType.PROPOSAL, number=goal.evidence_number)
        named = named.filter(record__deleted_at=None).exclude(step="")
        latest = named.order_by("-record__happened_at", "-record__pk")[:MOST_RECORDS]
        of_record = ("title", "external_id", "happened_at", "first_seen_at")
        found["held"] = Rows(latest, "step", record=of_record, record__connection=("name",))
    return found


def trails_of(goal: Goal, found: Mapping[str, list[Any]]) -> list[Trail]:
    """From what `proposal_rows` asked for: what a system holds first, then those sent here, the newest first."""
    by_proposal: dict[int, list[StepProof]] = {}
    for proof in found["proofs"]:
        by_proposal.setdefault(proof.proposal_id, []).append(proof)
    sent = [_sent(one, by_proposal.get(one.pk, ())) for one in found["sent"]]
    return [*_held(goal.evidence_number, found.get("held", ())), *sent]


def trails_on(goal: Goal) -> list[Trail]:
    """The same, read by themselves. One query."""
    return trails_of(goal, beside(Goal.objects.filter(pk=goal.pk), **proposal_rows(goal)))


def trail_of(proposal: ImprovementProposal) -> Trail:
    """One query."""
    proofs = StepProof.objects.filter(proposal=proposal, replaced_at=None)
    return _sent(proposal, list(proofs.select_related("by", "record__connection")))


def replaced_proofs(proposal: ImprovementProposal) -> list[Step]:
    """What was said before a correction, the latest first. One query."""
    proofs = StepProof.objects.filter(proposal=proposal, replaced_at__isnull=False)
    rows = proofs.select_related("by", "record__connection").order_by("-replaced_at", "-pk")
    return [_step(one) for one in rows]


def _proofs(proofs: Any) -> Rows:
    return Rows(
        proofs.order_by("pk"),
        by=("name",),
        record=("title", "external_id"),
        record__connection=("name",),
    )


def _sent(proposal: ImprovementProposal, proofs: Iterable[StepProof]) -> Trail:
    proved = {one.step: _step(one) for one in proofs}
    steps = [proved.get(step, Step(step)) for step in ProposalStep]
    return Trail(proposal.title, proposal.number, steps, proposal)


def _step(one: StepProof) -> Step:
    by = one.by.name if one.by else ""
    said = (one.on, one.text, one.number, one.link, one.record, by, one.at)
    return Step(ProposalStep(one.step), *said, one.file_id, one.file_name, one.held)


def _held(number: str, references: Sequence[RecordReference]) -> list[Trail]:
    """Of several records of one step the latest stands for it. Days are of the zone that the page is open in."""
    if not references:
        return []
    latest: dict[str, Record] = {}
    for one in references:
        latest.setdefault(one.step, one.record)
    steps = [
        Step(step, localdate(held.happened_at or held.first_seen_at), text=held.title, record=held)
        if (held := latest.get(step))
        else Step(step)
        for step in ProposalStep
    ]
    title = next((held.title for step in ProposalStep if (held := latest.get(step)) and held.title), number)
    systems = sorted({held.connection.name for held in latest.values()})
    return [Trail(title, number, steps, systems=systems)]

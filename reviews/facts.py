"""What a module of an interview rests on (product.md §4.2): one goal, feedback, piece of evidence or action item."""

from dataclasses import dataclass
from uuid import UUID

from feedback.models import ActionItem, Feedback
from goals.models import EvidenceItem, Goal

GOAL, FEEDBACK, EVIDENCE, ACTION = "goal", "feedback", "evidence", "action"


@dataclass(frozen=True)
class Fact:
    """Exactly one is given."""

    goal: Goal | None = None
    feedback: Feedback | None = None
    evidence: EvidenceItem | None = None
    action_item: ActionItem | None = None

    @property
    def kind(self) -> str:
        if self.goal is not None:
            return GOAL
        if self.feedback is not None:
            return FEEDBACK
        return EVIDENCE if self.evidence is not None else ACTION

    @property
    def key(self) -> str:
        """What a form names it by."""
        public_id: UUID = (self.goal or self.feedback or self.evidence or self.action_item).public_id  # type: ignore[union-attr]
        return f"{self.kind}:{public_id}"

import uuid

from django.db import models
from django.db.models import Q

from integrations.models import ProposalStep, Record
from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel

from .goal import Goal
from .trail import EvidenceItem


class ImprovementProposal(TenantModel):
    """A proposal that was sent in the app (product.md §5.5): it counts as evidence of its goal once each step of its
    trail is proved, and no more once it is withdrawn.

    `evidence` is the piece it counts as, None until it has all three; what is withdrawn keeps it, gone. `key` makes a
    double press one proposal.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    goal = TenantKey(Goal, models.CASCADE, related_name="sent_proposals", db_index=False)
    title = models.CharField(max_length=200)
    number = models.CharField(max_length=120)  # the company's own, or one we gave it
    sent_by = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    sent_at = models.DateTimeField()
    key = models.CharField(max_length=80)
    evidence = TenantKey(EvidenceItem, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_because = models.CharField(max_length=500, blank=True, default="")
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_sent_proposal_public_id"),
            models.UniqueConstraint(fields=["tenant", "goal", "key"], name="goals_sent_proposal_once"),
            models.CheckConstraint(condition=~Q(title="") & ~Q(number=""), name="goals_sent_proposal_is_named"),
        ]
        indexes = [
            models.Index(fields=["tenant", "goal", "sent_at"], name="goals_sent_proposal_of_goal"),
            models.Index(
                fields=["tenant", "sent_by"], name="goals_sent_proposals_by", condition=Q(sent_by__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def is_withdrawn(self) -> bool:
        return self.withdrawn_at is not None

    @property
    def counts(self) -> bool:
        return self.evidence_id is not None and not self.is_withdrawn


class StepProof(TenantModel):
    """What proves a step of a proposal: words, a number, a link, or a record of a connected system, and a file beside
    it. Never changed: a correction is another row, and what it replaces stays with the time it stood until. `file` is
    its name in the storage and `file_id` its address, both taken over by a correction without another file; `held` says
    why it is not given out."""

    proposal = TenantKey(ImprovementProposal, models.CASCADE, related_name="proofs", db_index=False)
    step = models.CharField(max_length=12, choices=ProposalStep.choices)
    on = models.DateField()  # when it was submitted, measured or worked out
    text = models.CharField(max_length=2000, blank=True, default="")
    number = models.CharField(max_length=120, blank=True, default="")
    link = models.URLField(max_length=500, blank=True, default="")
    record = TenantKey(Record, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    file = models.CharField(max_length=200, blank=True, default="", db_default="")
    file_id = models.UUIDField(null=True, blank=True, editable=False)
    file_name = models.CharField(max_length=200, blank=True, default="", db_default="")
    held = models.CharField(max_length=8, blank=True, default="", db_default="")
    by = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    at = models.DateTimeField()
    key = models.CharField(max_length=80)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "proposal", "step"], condition=Q(replaced_at=None), name="goals_one_proof_a_step"
            ),
            models.UniqueConstraint(fields=["tenant", "proposal", "key"], name="goals_proof_once"),
            models.CheckConstraint(
                condition=~Q(text="") | ~Q(number="") | ~Q(link="") | Q(record__isnull=False),
                name="goals_proof_shows_something",
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "by"], name="goals_step_proofs_by", condition=Q(by__isnull=False)),
            models.Index(fields=["tenant", "file_id"], name="goals_proofs_of_file", condition=Q(file_id__isnull=False)),
            models.Index(fields=["tenant", "file"], name="goals_proof_files", condition=~Q(file="")),
            models.Index(fields=["tenant", "record"], name="goals_proofs_of_record", condition=Q(record__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.step} of proposal {self.proposal_id}"

"""A feedback of everything for the sweep over addresses, and who gets which answer from the pages of feedback."""

from typing import Any

from django.utils import timezone

from feedback.models import ActionItem, FactKind, Feedback, FeedbackFact, FeedbackNote, NoteKind
from perfsys.lexicon.models import BehaviourTag, Competency, LexiconEntry, Nature
from tests.matrix import Company, Row


def populate(company: Company) -> None:
    now, owner, colleague = timezone.now(), company.owner.employee, company.colleague.employee
    today = timezone.localdate(now)
    company.competency = competency = Competency.objects.create(name=f"{company.canary} 协同")
    tag = BehaviourTag.objects.create(competency=competency, name=f"{company.canary} 补位")
    LexiconEntry.objects.create(
        competency=competency, nature=Nature.POSITIVE, level=1, text=company.canary, scene=company.canary
    )
    company.feedback = feedback = Feedback.objects.create(
        giver=colleague,
        receiver=owner,
        nature=Nature.CONSTRUCTIVE,
        tag=tag,
        text=f"{company.canary} 夜班砂轮崩边。",
        expected_action=company.canary,
        at=now,
        local_on=today,
    )
    FeedbackFact.objects.create(feedback=feedback, kind=FactKind.RECORDING, summary=company.canary)
    FeedbackNote.objects.create(feedback=feedback, author=owner, kind=NoteKind.ANSWER, text=company.canary, at=now)
    ActionItem.objects.create(owner=owner, feedback=feedback, text=company.canary, due_on=today, made_at=now)


def of_owner(company: Company) -> dict[str, Any]:
    return {"public_id": company.owner.employee.public_id}


def of_competency(company: Company) -> dict[str, Any]:
    return {"competency": str(company.competency.public_id)}


MATRIX = [
    Row("feedback:one", admin=404, args=lambda c: {"public_id": c.feedback.public_id}),
    Row("feedback:my_radar", data=of_competency),
    Row("feedback:radar", colleague=403, admin=403, args=of_owner, data=of_competency),
]

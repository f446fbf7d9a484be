"""A proposal of the employee's: submitted and verified, so that one can see what is still to come."""

from datetime import datetime, timedelta

from goals.actions.proposal import Proof, prove_step, send_proposal
from goals.models import Goal, Layer, Status
from goals.queries.settings import local_date
from integrations.models import ProposalStep
from perfsys.people.models import Employee


def send_one(employee: Employee, now: datetime) -> None:
    """On the first goal of the employee's that is open; nothing where there is none."""
    theirs = Goal.objects.filter(owner=employee, layer=Layer.POSITION, status=Status.PUBLISHED)
    goal = theirs.select_related("period").order_by("pk").first()
    if goal is None:
        return
    today = local_date(now)
    submitted = Proof(today - timedelta(days=12), text="晨会上提给班组长，换型清单改成两人分工。", number="TA-2026-031")
    sent = send_proposal(
        goal=goal,
        title="换型清单改为两人分工，缩短停线时间",
        number="TA-2026-031",
        proof=submitted,
        key="demo",
        actor=employee,
        now=now - timedelta(days=12),
    )
    measured = Proof(today - timedelta(days=2), text="连续五个班次记录：停线由平均 46 分钟降到 33 分钟。")
    prove_step(
        proposal=sent,
        version=sent.version,
        step=ProposalStep.VERIFICATION,
        proof=measured,
        key="demo verification",
        actor=employee,
        now=now - timedelta(days=2),
    )

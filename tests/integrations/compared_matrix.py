"""Rows of reconciliation and disputes. The manager owns both metrics of the pair, the owner contests one of them."""

from datetime import UTC, date, datetime
from typing import Any

from integrations.models import (
    DataDispute,
    DisputeFile,
    MetricDefinition,
    MetricHold,
    ReconciliationLine,
    ReconciliationPair,
    ReconciliationRun,
)
from perfsys.people.actions import add_unit
from tests.cast import FOUNDED
from tests.matrix import Company, Row

NOW = datetime(2026, 11, 20, tzinfo=UTC)
ON = date(2026, 11, 18)
KEEPERS_ONLY = {"owner": 403, "colleague": 403, "manager": 403, "hrbp": 403}
NOT_THEIRS = {"owner": 404, "colleague": 404}
DECIDES: dict[str, Any] = {"owner": 403, "colleague": 404, "manager": 302, "hrbp": 302, "admin": 403}


def populate(company: Company) -> None:
    manager, owner = company.manager.employee, company.owner.employee
    named: dict[str, Any] = {"owner": manager, "interpreter": manager, "made_at": NOW}
    a, b = (MetricDefinition.objects.create(name=f"{company.canary} {name}", **named) for name in ("快照", "结算"))
    company.compared_metric = a
    company.pair = pair = ReconciliationPair.objects.create(name=f"{company.canary} 对账", a=a, b=b, made_at=NOW)
    run = ReconciliationRun.objects.create(
        pair=pair, key="1", first_on=ON, last_on=ON, as_of=ON, started_at=NOW, finished_at=NOW
    )
    about = {"pair": pair, "key": f"region:{company.canary}", "label": company.canary}
    company.line = ReconciliationLine.objects.create(
        **about, on=ON, verdict="over", a=2, b=1, difference=1, percent=100, run=run, changed_at=NOW
    )
    company.hold = MetricHold.objects.create(
        **about, definition=a, because="over", first_on=ON, last_on=ON, releases_needed=1, opened_at=NOW
    )
    company.dispute = DataDispute.objects.create(
        definition=a,
        first_on=ON,
        last_on=ON,
        claimant=owner,
        claim=f"{company.canary} 少了一单",
        assigned_to=manager,
        due_on=ON,
        opened_at=NOW,
    )
    company.far_unit = add_unit(name=f"{company.canary} 外地", parent=None, starts_on=FOUNDED, actor=None, now=NOW)
    company.proof = DisputeFile.objects.create(
        dispute=company.dispute, name=f"{company.canary}.txt", content=b"", by=owner, at=NOW
    )


def of_pair(name: str, method: str = "get", **more: Any) -> Row:
    return Row(f"integrations:{name}", method, **more, args=lambda c: {"public_id": c.pair.public_id})


def contested(method: str = "get", **more: Any) -> Row:
    args = lambda c: {"public_id": c.compared_metric.public_id}  # noqa: E731
    return Row("integrations:dispute_new", method, **more, args=args)


def of_dispute(name: str, method: str = "post", **more: Any) -> Row:
    return Row(f"integrations:{name}", method, **more, args=lambda c: {"public_id": c.dispute.public_id})


MATRIX = [
    Row("integrations:pairs", owner=403, colleague=403),
    Row("integrations:pair_new", **KEEPERS_ONLY),
    Row("integrations:pair_new", "post", **KEEPERS_ONLY, admin=422),
    of_pair("pair", **NOT_THEIRS),
    of_pair("pair_settings", **KEEPERS_ONLY),
    of_pair("pair_settings", "post", **KEEPERS_ONLY, admin=422),
    of_pair("compare", "post", **KEEPERS_ONLY, admin=302),
    of_pair(
        "release",
        "post",
        **NOT_THEIRS,
        manager=302,
        hrbp=302,
        admin=302,
        data=lambda c: {"holds": c.hold.public_id, "reason": "核对过", "seen": "2026-11-20T02:00+00:00"},
    ),
    Row("integrations:line", **NOT_THEIRS, args=lambda c: {"public_id": c.line.public_id}),
    Row("integrations:disputes"),
    Row("integrations:dispute_settings", **KEEPERS_ONLY),
    Row(
        "integrations:dispute_settings",
        "post",
        **KEEPERS_ONLY,
        admin=302,
        data=lambda c: {"work_days": "7", "version": "1"},
    ),
    contested(**NOT_THEIRS),  # the whole
    contested(owner=404, about="a person", data=lambda c: {"subject": f"employee:{c.manager.employee.public_id}"}),
    contested(**NOT_THEIRS, hrbp=404, about="a number", data=lambda c: {"subject": f"owner:{c.canary}"}),
    contested(**NOT_THEIRS, hrbp=404, about="a unit", data=lambda c: {"subject": f"unit:{c.far_unit.public_id}"}),
    contested(
        "post",
        **NOT_THEIRS,
        manager=302,
        hrbp=302,
        admin=302,
        data=lambda c: {"first_on": "2026-11-18", "last_on": "2026-11-18", "claim": "三号的一张订单没有算进来"},
    ),
    of_dispute("dispute", "get", colleague=404),
    Row("integrations:proof", colleague=404, admin=403, args=lambda c: {"public_id": c.proof.public_id}),
    of_dispute("dispute_take_up", **DECIDES),
    of_dispute("dispute_ask", **DECIDES, data=lambda c: {"text": "单号是多少"}),
    of_dispute(
        "dispute_answer", owner=302, colleague=404, manager=403, hrbp=403, admin=403, data=lambda c: {"text": "见附件"}
    ),
    of_dispute("dispute_escalate", owner=302, colleague=404, manager=302, hrbp=302, admin=403),
    of_dispute(
        "dispute_decide", **DECIDES, data=lambda c: {"outcome": "upheld", "reason": "已计入次日", "version": "1"}
    ),
]

"""Goals of the demo whose figure comes from a metric: of the workshops out of the MES, of sales out of the orders.

One of them is held, as the orders lost three days; the employee contests another.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from goals.actions.binding import bind_metric, check_in_some
from goals.models import Goal, Kind, Layer, Status
from goals.queries.settings import local_date
from integrations import metrics
from integrations.actions.disputes import Proof, open_dispute
from integrations.actions.subject import link_subject
from integrations.models import Connection, MetricDefinition, Record, Subject
from integrations.queries.sides import WHOLE, Named
from integrations.queries.standing import key_of_unit
from perfsys.people.models import Assignment, Employee, OrgUnit, OrgUnitClosure, ReportingClosure

from . import systems

GOOD_RATE, REPORTED_RATE = "磨加工一次交检合格率", "工单报工及时率"
GRINDING = ("M1", "M2", "M3")
SOLD_HERE = "国内签约"  # in the title of the goal of domestic sales
CLAIM = "上周三台磨床的工单当天已经报工，MES 里状态还停在“生产中”，被算成了没有报工。请按工单记录复核。"


@dataclass(frozen=True)
class Speakers:
    """Who answers for metrics, who decides what they mean, and HR."""

    admin: Employee
    manager: Employee
    hrbp: Employee


def define_metrics(people: Speakers, now: datetime) -> None:
    """Both by workshop, which is known from the line; the workshops are the company's units of that name."""
    mes = Connection.objects.get(name=systems.MES)
    workshop = metrics.Lookup("lines", "line", "workshop")
    closed = metrics.Condition("state", "eq", "CLOSED")
    percent = Decimal(100)
    good = metrics.Rule(
        metrics.Measure("ratio", "good", of="planned", times=percent),
        "ended_on",
        filter=(closed, metrics.Condition("line", "in", GRINDING)),
        attribution="line",
        through=(workshop,),
        kind="workshop",
        of="unit",
    )
    reported = metrics.Rule(
        metrics.Measure("ratio", "", where=(closed,), times=percent),
        "due_on",
        attribution="line",
        through=(workshop,),
        kind="workshop",
        of="unit",
    )
    says = {
        GOOD_RATE: (good, "磨削线完工工单的合格数量除以计划数量，按实际完工日统计，归到产线所在车间。"),
        REPORTED_RATE: (reported, "交期当天的工单中已经报工完工的比例，按交期统计，归到产线所在车间。"),
    }
    for name, (rule, words) in says.items():
        systems.put_in_force(
            name, mes, "work_orders", rule, "%", words, admin=people.admin, manager=people.manager, hrbp=people.hrbp,
            now=now,
        )  # fmt: skip
    for subject in Subject.objects.filter(connection=mes, kind="workshop").exclude(value=""):
        unit = OrgUnit.objects.filter(name=subject.value).first()
        if unit is not None:
            link_subject(subject=subject, version=subject.version, to=unit, starts_on=None, actor=people.admin, now=now)


def bind_goals(employee: Employee, manager: Employee, now: datetime) -> None:
    """What the files have of it: the employee's share of reported orders, the workshop's share of good parts, and the
    sales of the department that sells here. Then they check in."""
    workshop = _workshop_of(employee)
    whose = Named(key_of_unit(workshop.public_id), workshop.name, unit_id=workshop.pk) if workshop else WHOLE
    shares = Goal.objects.filter(status=Status.PUBLISHED, kind=Kind.KPI, unit_of_measure="%")
    own = _share_of_somebody(employee, manager, shares)
    if own is not None and own.owner is not None:
        _bind(own, REPORTED_RATE, whose, "ratio", manager, now)
        _contest(own.owner, whose, now)
    of_unit = shares.filter(unit=workshop, owner=None, title__contains="合格率").first() if workshop else None
    if of_unit is not None:
        _bind(of_unit, GOOD_RATE, whose, "ratio", manager, now)
    sold = Goal.objects.filter(status=Status.PUBLISHED, kind=Kind.KPI, title__contains=SOLD_HERE).first()
    if sold is not None:
        _bind(sold, systems.BI_AMOUNT, WHOLE, "sum", manager, now)
    check_in_some(now=now)


def _share_of_somebody(employee: Employee, manager: Employee, shares: QuerySet[Goal]) -> Goal | None:
    """The employee's; who has no such goal leaves it to a colleague of the team, else to anybody."""
    team = ReportingClosure.objects.filter(manager=manager, depth=1, ends_on=None).values("employee")
    theirs = shares.filter(layer=Layer.POSITION).select_related("owner").order_by("pk")
    asked = (theirs.filter(owner=employee), theirs.filter(owner__in=team), theirs)
    return next((found for one in asked if (found := one.first()) is not None), None)


def _workshop_of(employee: Employee) -> OrgUnit | None:
    """The linked unit the employee works in, or below."""
    posts = Assignment.objects.filter(employee=employee, is_primary=True, ends_on=None).values("unit")
    above = OrgUnitClosure.objects.filter(descendant__in=posts, ends_on=None).values("ancestor")
    known = Subject.objects.filter(connection__name=systems.MES, kind="workshop").values("links__unit")
    return OrgUnit.objects.filter(pk__in=above).filter(pk__in=known).first()


def _bind(goal: Goal, metric: str, whose: Named, making: str, actor: Employee, now: datetime) -> None:
    definition = MetricDefinition.objects.get(name=metric)
    bind_metric(goal=goal, key_result=None, definition=definition, whose=whose, making=making, actor=actor, now=now)


def _contest(employee: Employee, whose: Named, now: datetime) -> None:
    """With a work order of these days as the proof."""
    last = local_date(now) - timedelta(days=1)
    running = Record.objects.filter(connection__name=systems.MES, stream="work_orders", data__state="RUNNING")
    open_dispute(
        definition=MetricDefinition.objects.get(name=REPORTED_RATE),
        subject=whose,
        first_on=last - timedelta(days=6),
        last_on=last,
        claim=CLAIM,
        proof=Proof(record=running.order_by("pk").first()),
        claimant=employee,
        press="demo",
        now=now,
    )

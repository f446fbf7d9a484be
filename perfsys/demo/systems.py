"""The systems the demo company is connected to: its PLM, its MES and its orders, whose files were handed in, and the
CRM.

All are on and have been read once, as a worker reads them. One of the PLM's files never came, one came cut off, one
was sent again; a row of the last one does not fit. Three days of orders are lost, and the same sales are counted twice
over: as BI sees them by where they are shipped, and as they are settled by where the customer is registered.
"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal

from goals import tasks as goals
from goals.queries.settings import local_date
from integrations import metrics
from integrations.actions import connection as actions
from integrations.actions import figures
from integrations.actions import metric as defining
from integrations.actions import reconciliation as comparing
from integrations.actions.behaviour import RuleWords, look, make_rule
from integrations.actions.sync import run_sync
from integrations.adapters.base import HandedIn
from integrations.models import Connection, Gap, GapKind, MetricDefinition, MetricVersion, RunState, Side, SyncRun
from integrations.presets import PRESETS
from integrations.preview import to_try_out, try_out
from perfsys.jobs.handlers import Running
from perfsys.jobs.models import Job
from perfsys.people.models import Employee

from . import mes, orders, plm
from .crm import TOKEN

LAST_FILE = date(2026, 11, 20)
CRM, PLM, MES, ORDERS = "CRM 客户库", "PLM 图纸库", "MES 制造执行", "订单与结算"
COMPARISON = "BI 订单额与结算净额"
BI_AMOUNT, NET_AMOUNT = "BI 订单额（收货地）", "结算净额（注册地）"
SLIP = "图纸,,A.1,,HR0273,in_review,,隔圈,{on} 16:40\r\n"
TRAILER = re.compile(rb"#EOF,rows=(\d+)")
NOT_SENT_AGAIN = "PLM 当晚升级，供应商确认不再补发，当天没有新图"


class CannotRead(Exception):
    """A system of the demo did not come to the end of its first reading; says which."""


def connect_plm(owner: Employee, now: datetime) -> None:
    """Its last file is yesterday's, whatever day the demo is started on."""
    preset = PRESETS["plm"]
    made = actions.create_connection(
        preset=preset.name,
        name=PLM,
        values={"folder": ""},
        owner=owner,
        schedule=preset.schedule,
        secret={},
        actor=owner,
        now=now,
    )
    yesterday = local_date(now) - timedelta(days=1)
    files = [HandedIn(name, content) for name, content in plm.dropped((yesterday - LAST_FILE).days)]
    files[-1] = HandedIn(files[-1].name, with_a_slip(files[-1].content, yesterday))
    actions.hand_in_files(connection=made, files=files, actor=owner, now=now)
    _read(made, owner, now)
    for gap in Gap.objects.filter(connection=made, kind=GapKind.TRUNCATED, closed_at=None):
        actions.close_gap(gap=gap, reason=NOT_SENT_AGAIN, actor=owner, now=now)


def connect_orders(owner: Employee, now: datetime) -> None:
    """What BI and settlement sent until yesterday, with the customers and the map of regions."""
    preset = PRESETS["orders"]
    made = actions.create_connection(
        preset=preset.name,
        name=ORDERS,
        values={"folder": ""},
        owner=owner,
        schedule=preset.schedule,
        secret={},
        actor=owner,
        now=now,
    )
    yesterday = local_date(now) - timedelta(days=1)
    files = [HandedIn(name, content) for name, content in orders.dropped((yesterday - LAST_FILE).days)]
    actions.hand_in_files(connection=made, files=files, actor=owner, now=now)
    _read(made, owner, now)


def connect_mes(owner: Employee, now: datetime) -> None:
    """A copy of its tables until yesterday."""
    preset = PRESETS["mes_file"]
    made = actions.create_connection(
        preset=preset.name,
        name=MES,
        values={"folder": "", "file": "MES.sqlite"},
        owner=owner,
        schedule=preset.schedule,
        secret={},
        actor=owner,
        now=now,
    )
    yesterday = local_date(now) - timedelta(days=1)
    files = [HandedIn("MES.sqlite", mes.database(yesterday - LAST_FILE))]
    actions.hand_in_files(connection=made, files=files, actor=owner, now=now)
    _read(made, owner, now)


def define_metrics(admin: Employee, manager: Employee, hrbp: Employee, now: datetime) -> None:
    """The same sales in two calibers, both in force; a draft that waits for its signatures."""
    orders_ = Connection.objects.get(name=ORDERS)
    ten_thousandth = Decimal("0.0001")
    region = metrics.Lookup("region_map", "province", "region")
    customer = metrics.Lookup("customers_registered", "customer_no", "province")
    by_shipping = metrics.Rule(
        metrics.Measure("sum", "amount", times=ten_thousandth),
        "on",
        attribution="province",
        through=(region,),
        kind="sales_region",
        of="unit",
    )
    by_registered = metrics.Rule(
        metrics.Measure("sum", "net", times=ten_thousandth),
        "ordered_on",
        basis="settled",
        settle_days=2,
        returns="in",
        return_lines=(metrics.Condition("line_type", "eq", "退货冲销"),),
        attribution="customer_no",
        through=(customer, region),
        kind="sales_region",
        of="unit",
    )
    for name, stream, rule, says in (
        (BI_AMOUNT, "bi_snapshot", by_shipping, "当天下单的金额，按收货省份所在的销售区域统计，不扣退货。"),
        (
            NET_AMOUNT,
            "settlement_t2",
            by_registered,
            "下单两天后结算的净额，退货记回原下单日，按客户注册地的销售区域统计。",
        ),
    ):
        put_in_force(name, orders_, stream, rule, "万元", says, admin=admin, manager=manager, hrbp=hrbp, now=now)
    defining.create_metric(
        name="结算单数",
        owner=admin,
        interpreter=manager,
        caliber=defining.Caliber(
            orders_, "settlement_t2", metrics.Rule(metrics.Measure("count"), "ordered_on"), "单", 0, "结算的订单数。"
        ),
        actor=admin,
        now=now,
    )


def put_in_force(
    name: str,
    connection: Connection,
    stream: str,
    rule: metrics.Rule,
    unit: str,
    says: str,
    *,
    admin: Employee,
    manager: Employee,
    hrbp: Employee,
    now: datetime,
) -> None:
    """A metric of the administrator's, signed by three sides, announced, and counted for all its days."""
    definition = defining.create_metric(
        name=name,
        owner=admin,
        interpreter=manager,
        caliber=defining.Caliber(connection, stream, rule, unit, 2, says),
        actor=admin,
        now=now,
    )
    draft = MetricVersion.objects.get(definition=definition)
    for side, who in ((Side.BUSINESS, manager), (Side.IT, admin), (Side.HR, hrbp)):
        defining.sign_off(draft=draft, version=draft.version, side=side, actor=who, now=now)
    since = local_date(now) - timedelta(days=140)
    defining.announce(draft=draft, version=draft.version, effective_on=since, actor=admin, now=now)
    figures.compute(version_id=draft.pk, run_id=None, now=now)


def compare_metrics(admin: Employee, now: datetime) -> None:
    """Both calibers of the sales, compared day by day until yesterday: three days are lost, some are too far apart."""
    pair = comparing.create_pair(
        a=MetricDefinition.objects.get(name=BI_AMOUNT),
        b=MetricDefinition.objects.get(name=NET_AMOUNT),
        key="",
        actor=admin,
        now=now,
        name=COMPARISON,
        match_a="order_no",
        match_b="order_no",
        returned_b="returned",
        says="以结算净额为准，退货记回原下单日；BI 按收货地、结算按注册地归属区域。差异超过 5% 先停评，销售运营核对。",
    )
    run = comparing.begin_run(pair=pair, key="demo", now=now)
    payload = Job.objects.get(kind=comparing.JOB, key=str(run.pk)).payload if run else None
    while payload and (again := comparing.compare_some(payload, now=now)):
        payload = again.payload


def connect_crm(owner: Employee, port: int, weeks: timedelta, now: datetime) -> None:
    """`perfsys.demo.crm` answers on `port` meanwhile; its times are moved by `weeks`."""
    preset = PRESETS["crm"]
    made = actions.create_connection(
        preset=preset.name,
        name=CRM,
        values={"base_url": _address(port, weeks.days)},
        owner=owner,
        schedule=preset.schedule,
        secret={"token": TOKEN},
        actor=owner,
        now=now,
    )
    _read(made, owner, now)


def watch_opportunities(owner: Employee, now: datetime) -> None:
    """A rule over the CRM, and its first look: what lies still is told as on any morning."""
    crm = Connection.objects.filter(name=CRM, preset="crm").first()
    if crm is None:
        return
    words = RuleWords(
        name="商机两周没有更新",
        connection=crm,
        stream="opportunities",
        date_field="stage_entered_at",
        days=14,
        person_field="owner_no",
        filter=[{"field": "current_stage", "op": "ne", "value": "输单"}],
    )
    make_rule(words=words, key="demo", actor=owner, now=now)
    look(now=now)


def lead_to_crm(port: int) -> None:
    """A later start may find its port taken: the same CRM, at another door."""
    for found in Connection.objects.filter(name=CRM, preset="crm"):
        days = found.config["base_url"].rpartition("/")[2]
        if days.isdecimal() and found.config["base_url"] != _address(port, int(days)):
            found.config["base_url"] = _address(port, int(days))
            found.save(update_fields=["config"])


def with_a_slip(content: bytes, on: date) -> bytes:
    """One row more, without the number of its drawing; the last line counts it."""
    rows, _, _end = content.rpartition(b"#EOF")
    found = TRAILER.search(content)
    number = int(found[1]) if found else 0
    return rows + SLIP.format(on=on.isoformat()).encode() + f"#EOF,rows={number + 1}\r\n".encode()


def _read(made: Connection, owner: Employee, now: datetime) -> None:
    """Test, switch on, and the first reading to its end, with what it does for goals."""
    try_out(made, to_try_out(made, now=now))
    actions.note_test(connection=made, actor=owner, now=now)
    made.refresh_from_db()
    actions.switch_on(connection=made, actor=owner, now=now)
    run: SyncRun = SyncRun.objects.get(connection=made)
    job = Job.objects.get(kind="integrations.sync", key=str(run.pk))
    while run_sync(Running(run.tenant_id, job.pk, job.fence, job.kind, job.payload, _keep), now):
        run.refresh_from_db()
        if run.error:
            break
    run.refresh_from_db()
    if run.state != RunState.DONE:
        raise CannotRead(f"{made.name} was not read to its end: {run.error}")
    payload = {"run": run.pk}
    while again := goals.attach_evidence(payload=payload, now=now):
        payload = again.payload
    payload = {"run": run.pk}
    while again := figures.after_sync(payload=payload, now=now):
        payload = again.payload


def _keep(_job: Running) -> None:
    """The lease of a job that no worker has taken."""


def _address(port: int, days: int) -> str:
    return f"http://127.0.0.1:{port}/{days}"

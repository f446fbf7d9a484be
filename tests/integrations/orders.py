"""The company's orders as two metrics: BI by the address of delivery, settlement by that of registration."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from integrations.actions import figures
from integrations.adapters.csv_drop.names import read_name
from integrations.adapters.csv_drop.reading import read_content
from integrations.adapters.declared import streams_of
from integrations.mapping import Mapper
from integrations.metrics import Rule
from integrations.models import (
    Connection,
    MetricDefinition,
    MetricState,
    MetricVersion,
    ReconciliationPair,
    Record,
    RunState,
    StreamState,
    SyncRun,
)
from integrations.presets import PRESETS
from perfsys.demo.orders import dropped
from tests.integrations.test_metrics import BY_REGISTERED, BY_SHIPPING

SHANGHAI = ZoneInfo("Asia/Shanghai")
READ_AT = datetime(2026, 11, 20, 15, tzinfo=UTC)
FIRST, LAST = date(2026, 7, 24), date(2026, 11, 20)
PRESET = PRESETS["orders"]
SAYS = (
    "region diff = BI gross by shipping address - settled net (incl. refund lines received up to as_of, booked on the "
    "original order day) by registered address; percent base = settled net; exceeds when > 5 % strictly (exact cents); "
    "lost and not-yet-due days are not compared"
)


def rows(wanted: Callable[[str], bool] = lambda name: True) -> dict[str, list[Any]]:
    """The mapped rows of the files whose name is wanted, by stream."""
    streams = {one.name: one for one in streams_of(PRESET.config)}
    patterns = {one["name"]: one["pattern"] for one in PRESET.config["streams"]}
    found: dict[str, list[Any]] = defaultdict(list)
    for name, content in dropped():
        if not wanted(name):
            continue
        [stream] = [streams[one] for one, pattern in patterns.items() if read_name(pattern, name)]
        mapper = Mapper(stream, SHANGHAI)
        found[stream.name] += [mapper.row(row) for row in read_content(content).rows]
    return found


def take_in(owner: Any, held: dict[str, list[Any]], *, now: datetime = READ_AT) -> Connection:
    connection: Connection = Connection.objects.create(
        name="订单", adapter=PRESET.adapter, preset=PRESET.name, config=PRESET.config, owner=owner, made_at=now
    )
    run = SyncRun.objects.create(connection=connection, key="1", state=RunState.DONE, asked_at=now, finished_at=now)
    seen = {"first_seen_at": now, "changed_at": now, "run": run, "digest": "0" * 32, "connection": connection}
    Record.objects.bulk_create(
        Record(stream=stream, external_id=row.external_id, title=row.external_id, data=row.data, **seen)
        for stream, of_it in held.items()
        for row in of_it
    )
    StreamState.objects.bulk_create(
        StreamState(connection=connection, stream=stream, read_at=now, read_as="1") for stream in held
    )
    return connection


def metric(
    name: str, owner: Any, connection: Connection, stream: str, rule: Rule, unit: str = "元"
) -> MetricDefinition:
    """With a version in force from the first day on."""
    definition: MetricDefinition = MetricDefinition.objects.create(
        name=name, owner=owner, interpreter=owner, made_at=READ_AT
    )
    MetricVersion.objects.create(
        definition=definition,
        number=1,
        connection=connection,
        stream=stream,
        rule=rule.as_json(),
        unit_of_measure=unit,
        says=name,
        effective_on=FIRST,
        state=MetricState.IN_FORCE,
        made_at=READ_AT,
        announced_at=READ_AT,
    )
    return definition


def compute(definition: MetricDefinition, *, now: datetime = READ_AT) -> None:
    """Its figures of all days, as the records stand."""
    figures.compute(version_id=definition.versions.get().pk, run_id=None, now=now)


def paired(owner: Any, held: dict[str, list[Any]], *, now: datetime = READ_AT, **said: Any) -> ReconciliationPair:
    """Both metrics over `held`, with their figures, and the pair."""
    connection = take_in(owner, held)
    bi = metric("订单额（BI）", owner, connection, "bi_snapshot", BY_SHIPPING)
    settled = metric("结算净额", owner, connection, "settlement_t2", BY_REGISTERED)
    for one in (bi, settled):
        compute(one, now=now)
    given = {
        "name": "订单额与结算净额",
        "match_a": "order_no",
        "match_b": "order_no",
        "returned_b": "returned",
        "says": SAYS,
        "tolerance": Decimal(5),
        **said,
    }
    pair: ReconciliationPair = ReconciliationPair.objects.create(a=bi, b=settled, made_at=READ_AT, **given)
    return pair

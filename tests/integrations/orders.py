"""The company's orders as two metrics: BI by the address of delivery, settlement by that of registration."""

from collections import defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from integrations.adapters.csv_drop.names import read_name
from integrations.adapters.csv_drop.reading import read_content
from integrations.adapters.declared import streams_of
from integrations.mapping import Mapper
from integrations.metrics import Meter, Rule, measure, read_rule, table_of, types_of
from integrations.models import (
    Connection,
    MetricDefinition,
    MetricState,
    MetricValue,
    MetricVersion,
    ReconciliationPair,
    Record,
    RunState,
    Standing,
    Subject,
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
    version = definition.versions.get()
    connection, rule = version.connection, read_rule(version.rule)
    streams = {one.name: one for one in streams_of(PRESET.config)}

    def data(stream: str) -> Any:
        return Record.objects.filter(connection=connection, stream=stream).order_by("pk").values_list("data", flat=True)

    tables = [table_of(data(one.stream), one) for one in rule.through]
    meter = Meter(rule, types_of(streams[version.stream]), SHANGHAI, tables)
    figures = measure(data(version.stream), meter).everything()
    for value in {place.subject for place in figures if place.subject is not None}:
        Subject.objects.get_or_create(
            connection=connection,
            kind=rule.kind,
            value=value,
            defaults={"of": "other", "first_seen_at": now, "counted_at": now},
        )
    subjects = {one.value: one for one in Subject.objects.filter(connection=connection, kind=rule.kind)}
    MetricValue.objects.filter(of=version, replaced_at=None).update(replaced_at=now)
    MetricValue.objects.bulk_create(
        MetricValue(
            of=version,
            on=place.on,
            subject=None if place.subject is None else subjects[place.subject],
            numerator=figure.numerator,
            denominator=figure.denominator,
            rows=figure.rows,
            as_of=now,
            standing=Standing.SETTLED,
            computed_at=now,
        )
        for place, figure in figures.items()
    )


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

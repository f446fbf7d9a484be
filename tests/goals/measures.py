"""A metric with the figures of days, for goals that are bound to it."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from integrations.metrics import Condition, Measure, Rule
from integrations.models import (
    Connection,
    DataDispute,
    LinkedBy,
    MetricDefinition,
    MetricHold,
    MetricState,
    MetricValue,
    MetricVersion,
    ReconciliationPair,
    Standing,
    Subject,
    SubjectLink,
)

AMOUNT = Rule(Measure("sum", "amount"), "on", attribution="owner_no", kind="owner", of="person")
RATE = Rule(
    Measure("ratio", "", where=(Condition("state", "eq", "ok"),)),
    "on",
    attribution="owner_no",
    kind="owner",
    of="person",
)
SINCE = date(2026, 1, 1)


class Metric:
    """`say(day, amount)` is what the source says of the person `of`, and of the whole; said again it is corrected."""

    def __init__(
        self, owner: Any, of: Any, now: datetime, rule: Rule = AMOUNT, unit: str = "万元", name: str = ""
    ) -> None:
        name = name or f"回款 {rule.measure.kind}"
        self.connection = Connection.objects.create(
            name=f"CRM {name}", adapter="rest_json", config={"streams": []}, owner=owner, made_at=now
        )
        named: dict[str, Any] = {"owner": owner, "interpreter": owner, "made_at": now}
        self.definition = MetricDefinition.objects.create(name=name, **named)
        self.version = self.add_version(1, now, rule, unit, SINCE)
        self.subject = Subject.objects.create(
            connection=self.connection, kind="owner", of="person", value="E1", first_seen_at=now, counted_at=now
        )
        SubjectLink.objects.create(subject=self.subject, employee=of, how=LinkedBy.NUMBER, at=now)

    def add_version(self, number: int, now: datetime, rule: Rule, unit: str, since: date) -> MetricVersion:
        made: MetricVersion = MetricVersion.objects.create(
            definition=self.definition,
            number=number,
            connection=self.connection,
            stream="deals",
            rule=rule.as_json(),
            unit_of_measure=unit,
            says="到账的金额",
            effective_on=since,
            state=MetricState.IN_FORCE,
            made_at=now,
            announced_at=now,
        )
        return made

    def say(self, on: date, above: str, below: str | None = None, *, now: datetime, standing: str = "settled") -> None:
        for subject in (self.subject, None):
            same = MetricValue.objects.filter(of=self.version, on=on, subject=subject, replaced_at=None)
            same.update(replaced_at=now)
            MetricValue.objects.create(
                of=self.version,
                on=on,
                subject=subject,
                numerator=Decimal(above),
                denominator=None if below is None else Decimal(below),
                rows=1,
                as_of=now,
                standing=Standing(standing),
                computed_at=now,
            )

    def hold(self, key: str, first_on: date, now: datetime, **more: Any) -> MetricHold:
        other = MetricDefinition.objects.create(
            name="结算", owner=self.definition.owner, interpreter=self.definition.owner, made_at=now
        )
        pair = ReconciliationPair.objects.create(name="回款与结算", a=self.definition, b=other, made_at=now)
        made: MetricHold = MetricHold.objects.create(
            definition=self.definition,
            pair=pair,
            key=key,
            because="over",
            first_on=first_on,
            last_on=first_on + timedelta(days=1),
            releases_needed=1,
            opened_at=now,
            **more,
        )
        return made

    def contest(self, key: str, on: date, claimant: Any, now: datetime) -> DataDispute:
        made: DataDispute = DataDispute.objects.create(
            definition=self.definition,
            key=key,
            first_on=on,
            last_on=on,
            claimant=claimant,
            claim="少了一单",
            assigned_to=self.definition.owner,
            due_on=on,
            opened_at=now,
        )
        return made

"""Rules over records, what they find each night, and the human answer to it (product.md §5.9)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.urls import reverse

from integrations import events
from integrations.models import BehaviourAlert, BehaviourRule, Connection, ConnectionState, FoundState
from integrations.queries.behaviour import STANDING, at_rest, people_named
from perfsys.audit.actions import record
from perfsys.notices.actions import Telling, bundle_of_day, confirm_subject, notify_all, reopen_subject, settle
from perfsys.notices.models import Notice
from perfsys.people.models import Employee
from perfsys.people.queries import away, managers_of
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.rows import Row, insert_rows, update_rows

from .connection import NameTaken, StaleVersion

AT_ONCE = 1_000  # rows a statement
FEW = 5  # lines a person and day; whoever would get more is told once that there are several


class AlreadyAnswered(Exception):
    """Somebody answered it meanwhile, or the record has moved: look at it again."""


@dataclass(frozen=True)
class RuleWords:
    """What a person says of a rule; see `models.BehaviourRule`."""

    name: str
    connection: Connection
    stream: str
    date_field: str
    days: int
    person_field: str
    filter: Sequence[Mapping[str, Any]] = field(default=())

    @property
    def columns(self) -> dict[str, Any]:
        return {**vars(self), "filter": list(self.filter)}


@transaction.atomic
def make_rule(*, words: RuleWords, key: str, actor: Employee | None, now: datetime) -> BehaviourRule:
    """It looks for the first time tonight. A form brings the `key`: sent twice it is one. Raises NameTaken."""
    earlier: BehaviourRule | None = BehaviourRule.objects.filter(key=key).first()
    if earlier is not None:
        return earlier
    try:
        with transaction.atomic():
            made: BehaviourRule = BehaviourRule.objects.create(made_at=now, made_by=actor, key=key, **words.columns)
    except IntegrityError as error:
        raise NameTaken from error
    record(events.RULE_MADE, subject=made, actor=actor, at=now)
    return made


@transaction.atomic
def change_rule(
    *, rule: BehaviourRule, version: int, words: RuleWords, actor: Employee | None, now: datetime
) -> BehaviourRule:
    """What it had found by the rule as it was is over. Raises StaleVersion, NameTaken."""
    locked = _locked(rule, version)
    changed = {name: value for name, value in words.columns.items() if getattr(locked, name) != value}
    for name, value in changed.items():
        setattr(locked, name, value)
    locked.version += 1
    try:
        with transaction.atomic():
            locked.save()
    except IntegrityError as error:
        raise NameTaken from error
    if changed.keys() - {"name"}:
        _end(BehaviourAlert.objects.filter(rule=locked, state__in=STANDING), _today(now))
    record(events.RULE_CHANGED, subject=locked, actor=actor, at=now)
    return locked


@transaction.atomic
def switch_rule(*, rule: BehaviourRule, on: bool, actor: Employee | None, now: datetime) -> None:
    """Off: it looks no more, and what it found is over. Pressed twice is once."""
    if not BehaviourRule.objects.filter(pk=rule.pk, is_on=not on).update(is_on=on, version=F("version") + 1):
        return
    if not on:
        _end(BehaviourAlert.objects.filter(rule=rule, state__in=STANDING), _today(now))
    record(events.RULE_SWITCHED, subject=rule, actor=actor, at=now, details={"on": on})


@transaction.atomic
def look(*, now: datetime) -> int:
    """Every rule that is on, over records of connections that are not drafts: ends what has moved, opens what is at
    rest, tells managers with a copy to the person. By sets; again on the same day it finds and tells nothing new.
    Returns how many were opened."""
    zone = _zone()
    on = now.astimezone(zone).date()
    rules = BehaviourRule.objects.filter(is_on=True).exclude(connection__state=ConnectionState.DRAFT)
    opened = sum(_look_with(rule, on, zone) for rule in rules.select_related("connection").order_by("pk"))
    _tell(on, now)
    if opened:
        details = {"opened": opened}
        record(events.RULES_LOOKED, subject=Tenant.objects.get(), actor=None, at=now, details=details)
    return opened


@transaction.atomic
def confirm(*, alert: BehaviourAlert, actor: Employee, note: str = "", now: datetime) -> None:
    """ "Normal, a deliberate change": quiet until the record moves, and never held against anyone. Raises
    AlreadyAnswered."""
    answered = BehaviourAlert.objects.filter(pk=alert.pk, state=FoundState.OPEN).update(
        state=FoundState.CONFIRMED,
        confirmed_by=actor,
        confirmed_by_name=actor.name,
        confirmed_at=now,
        reason=note.strip()[:500],
        version=F("version") + 1,
    )
    if not answered:
        raise AlreadyAnswered
    confirm_subject(events.RECORD_AT_REST, alert, actor=actor, note=note.strip()[:500], now=now)
    record(events.FOUND_CONFIRMED, subject=alert, about=alert.employee, actor=actor, at=now)


def confirm_from_inbox(*, subject_id: int, actor: Employee, note: str, now: datetime) -> None:
    """The same switch, pressed in the inbox. That the record has moved meanwhile is no reason to say anything."""
    alert = BehaviourAlert.objects.select_related("employee").filter(pk=subject_id, state=FoundState.OPEN).first()
    if alert is not None:
        confirm(alert=alert, actor=actor, note=note, now=now)


@transaction.atomic
def reopen_from_inbox(*, subject_id: int, actor: Employee, now: datetime) -> bool:
    """Whether it waits for an answer again."""
    alert = BehaviourAlert.objects.select_related("employee").filter(pk=subject_id, state=FoundState.CONFIRMED).first()
    if alert is None:
        return False
    BehaviourAlert.objects.filter(pk=alert.pk).update(
        state=FoundState.OPEN,
        confirmed_by=None,
        confirmed_by_name="",
        confirmed_at=None,
        reason="",
        version=F("version") + 1,
    )
    reopen_subject(events.RECORD_AT_REST, alert)
    record(events.FOUND_REOPENED, subject=alert, about=alert.employee, actor=actor, at=now)
    return True


def _look_with(rule: BehaviourRule, on: date, zone: ZoneInfo) -> int:
    resting = at_rest(rule, on, zone)
    standing = BehaviourAlert.objects.filter(rule=rule, state__in=STANDING)
    as_then = standing.annotate(says=KeyTextTransform(rule.date_field, "record__data")).filter(seen=F("says"))
    still = as_then.filter(record__in=resting.order_by().values("pk"))
    _end(standing.exclude(pk__in=list(still.values_list("pk", flat=True))), on)
    _find_people_anew(rule, on)
    known = Exists(standing.filter(record=OuterRef("pk")))
    opened, after = 0, 0
    while True:
        new = resting.filter(~known, pk__gt=after).annotate(whose=KeyTextTransform(rule.person_field, "data"))
        rows = list(new.order_by("pk").values_list("pk", "said", "whose")[:AT_ONCE])
        if not rows:
            return opened
        opened += _open(rule, rows, on)
        after = rows[-1][0]


def _find_people_anew(rule: BehaviourRule, on: date) -> None:
    """Whose a record is may be known, or another's, since it was found: what waits for an answer is told to whoever it
    is now, and asked of nobody else any more."""
    waiting = BehaviourAlert.objects.filter(rule=rule, state=FoundState.OPEN)
    named = waiting.annotate(whose=KeyTextTransform(rule.person_field, "record__data"))
    rows = list(named.order_by("pk").values_list("pk", "version", "employee", "whose"))
    people = people_named(rule, {whose or "" for _pk, _version, _of, whose in rows}, on)
    changed: list[Row] = []
    for pk, version, of, whose in rows:
        who = people.get(whose or "")
        if (who.pk if who else None) != of:
            changed.append({"id": pk, "employee_id": who.pk if who else None, "version": version + 1})
    update_rows(BehaviourAlert, changed, same={"told_on": None})
    settle(events.RECORD_AT_REST, [one["id"] for one in changed])


def _open(rule: BehaviourRule, rows: Sequence[tuple[int, str, str | None]], on: date) -> int:
    """Of whoever is away for long nothing is asked: it opens when they are back."""
    people = people_named(rule, {whose or "" for _pk, _said, whose in rows}, on)
    absent = away([one.pk for one in people.values()], on)
    new = []
    for pk, said, whose in rows:
        who = people.get(whose or "")
        if who is None or who.pk not in absent:
            new.append({"record_id": pk, "seen": said[:40], "employee_id": who.pk if who else None})
    same = {"rule_id": rule.pk, "opened_on": on}
    insert_rows(BehaviourAlert, new, same=same, ignore_conflicts=True)
    return len(new)


def _end(alerts: QuerySet[BehaviourAlert], on: date) -> None:
    ids = list(alerts.values_list("pk", flat=True))
    for start in range(0, len(ids), AT_ONCE):
        some = ids[start : start + AT_ONCE]
        BehaviourAlert.objects.filter(pk__in=some).update(state=FoundState.ENDED, ended_on=on, version=F("version") + 1)
        settle(events.RECORD_AT_REST, some)


def _tell(on: date, now: datetime) -> None:
    """Of what is open and was told to nobody: the manager, and the person a copy; of whoever is away once they are
    back. Each up to FEW lines a day, else one that leads to all of them; either way one message (product.md §5.9)."""
    slug = Tenant.objects.get().slug
    page = reverse("integrations:found", args=[slug])
    waiting = BehaviourAlert.objects.filter(state=FoundState.OPEN, told_on=None, employee__isnull=False)
    alerts = list(waiting.select_related("rule", "record", "employee").defer("record__data").order_by("pk"))
    owners = {one.employee_id for one in alerts if one.employee_id is not None}
    owners -= set(away(owners, on))
    alerts = [one for one in alerts if one.employee_id in owners]
    managers = {pk: who for pk, who in managers_of(owners, on).items() if who.status == Employee.Status.ACTIVE}
    told: dict[int, list[BehaviourAlert]] = {}
    for one in alerts:
        for to_id in _readers(one, managers):
            told.setdefault(to_id, []).append(one)
    earlier = _told_today(told, on)
    lines, at_once = [], []
    for to_id, of_person in told.items():
        if earlier[to_id] + len(of_person) > FEW:
            at_once.append(Telling(to_id=to_id, url=page, key=on.isoformat()))
        else:
            lines += [_telling(one, to_id, page, on) for one in of_person]
    notify_all(events.RECORD_AT_REST, lines, of=BehaviourAlert, on=on, at=now)
    notify_all(events.RECORDS_AT_REST, at_once, of=BehaviourAlert, on=on, at=now)
    for start in range(0, len(alerts), AT_ONCE):
        BehaviourAlert.objects.filter(pk__in=[one.pk for one in alerts[start : start + AT_ONCE]]).update(told_on=on)


def _readers(alert: BehaviourAlert, managers: Mapping[int, Employee]) -> list[int]:
    owner = alert.employee_id or 0
    manager = managers.get(owner)
    return [owner] if manager is None or manager.pk == owner else [manager.pk, owner]


def _telling(alert: BehaviourAlert, to_id: int, page: str, on: date) -> Telling:
    who = alert.employee
    return Telling(
        to_id=to_id,
        about_id=alert.employee_id,
        subject_id=alert.pk,
        params={
            "whose": "" if who is None or to_id == who.pk else f"{who.name} · ",
            "record": alert.record.title or alert.record.external_id,
            "rule": alert.rule.name,
            "days": alert.rule.days,
        },
        url=page,
        key=f"{alert.pk} {alert.employee_id} {on}",  # once it is somebody else's it is told anew
    )


def _told_today(people: Mapping[int, object], on: date) -> Counter[int]:
    kinds = (events.RECORD_AT_REST, events.RECORDS_AT_REST)
    bundle = bundle_of_day(events.RECORD_AT_REST, on)
    counted: Counter[int] = Counter()
    rows = Notice.objects.filter(to__in=list(people), bundle=bundle, kind__in=kinds)
    for to_id, kind in rows.values_list("to", "kind"):
        counted[to_id] += FEW if kind == events.RECORDS_AT_REST else 1
    return counted


def _locked(rule: BehaviourRule, version: int) -> BehaviourRule:
    locked: BehaviourRule = BehaviourRule.objects.select_for_update(of=["self"]).get(pk=rule.pk)
    if locked.version != version:
        raise StaleVersion
    return locked


def _zone() -> ZoneInfo:
    return ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get())


def _today(now: datetime) -> date:
    return now.astimezone(_zone()).date()

"""Metrics as people define them: drafted, signed by three sides, announced, followed by a later version (product.md
§5.4)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Max, Q
from django.urls import reverse
from django.utils.module_loading import import_string

from integrations import events
from integrations.metrics import Rule
from integrations.models import (
    Connection,
    MetricDefinition,
    MetricSignOff,
    MetricState,
    MetricValue,
    MetricVersion,
    Side,
)
from integrations.queries.metrics import COUNTING
from perfsys.audit.actions import record
from perfsys.notices.actions import notify, settle
from perfsys.people.models import Employee
from perfsys.tenancy.models import Tenant

from .connection import NameTaken, StaleVersion
from .figures import ask_to_compute, ask_unless_asked, today_here

CONTENT = ("connection_id", "stream", "rule", "unit_of_measure", "digits", "says")


class NotADraft(Exception):
    """It was announced: begin a new version instead."""


class DraftedAlready(Exception):
    """A draft of the next version is there: change that one."""


class SignedAlready(Exception):
    """This side has signed, or this person for another side: three sides are three people."""


class NotSigned(Exception):
    """`sides` have not signed yet: they do so first."""

    def __init__(self, sides: Iterable[str]) -> None:
        self.sides = list(sides)
        super().__init__(", ".join(self.sides))


class TooEarly(Exception):
    """A change is announced before it takes effect: choose `first` or a later day."""

    def __init__(self, first: date) -> None:
        super().__init__(first.isoformat())
        self.first = first


@dataclass(frozen=True)
class Caliber:
    """What a version says."""

    connection: Connection
    stream: str
    rule: Rule
    unit_of_measure: str
    digits: int
    says: str

    def columns(self) -> dict[str, Any]:
        return {
            "connection_id": self.connection.pk,
            "stream": self.stream,
            "rule": self.rule.as_json(),
            "unit_of_measure": self.unit_of_measure,
            "digits": self.digits,
            "says": self.says,
        }


@transaction.atomic
def create_metric(
    *,
    name: str,
    owner: Employee,
    interpreter: Employee,
    caliber: Caliber,
    actor: Employee | None,
    now: datetime,
    key: str = "",
) -> MetricDefinition:
    """With a draft of its first version. The same `key` again gives what the first press made. Raises NameTaken."""
    definition = MetricDefinition(name=name, owner=owner, interpreter=interpreter, made_at=now, key=key)
    try:
        with transaction.atomic():
            definition.save()
    except IntegrityError:
        before: MetricDefinition | None = MetricDefinition.objects.filter(key=key).first() if key else None
        if before is None:
            raise NameTaken from None
        return before
    version = _draft(definition, 1, caliber, actor, now)
    record(events.METRIC_MADE, subject=definition, actor=actor, at=now)
    _ask_to_sign(definition, version, now)
    return definition


@transaction.atomic
def change_people(
    *,
    definition: MetricDefinition,
    version: int,
    name: str,
    owner: Employee,
    interpreter: Employee,
    actor: Employee | None,
    now: datetime,
) -> None:
    """What it is called, who answers for it, who has the last word; holds at once, and whoever is new is told. A draft
    that somebody else has signed for the business waits for whoever has the last word now. Raises StaleVersion,
    NameTaken."""
    locked = _locked(definition)
    if locked.version != version:
        raise StaleVersion
    changed = {
        field: [str(before), str(after)]
        for field, before, after in (
            ("name", locked.name, name),
            ("owner", locked.owner.name, owner.name),
            ("interpreter", locked.interpreter.name, interpreter.name),
        )
        if before != after
    }
    if not changed:
        return
    new = {one.pk: one for was, one in ((locked.owner, owner), (locked.interpreter, interpreter)) if was != one}
    another_signs = locked.interpreter != interpreter
    locked.name, locked.owner, locked.interpreter, locked.version = name, owner, interpreter, locked.version + 1
    try:
        with transaction.atomic():
            locked.save(update_fields=["name", "owner", "interpreter", "version"])
    except IntegrityError:
        raise NameTaken from None
    draft = MetricVersion.objects.select_for_update().filter(definition=locked, state=MetricState.DRAFT).first()
    if draft is not None:
        draft.definition = locked
        if another_signs:
            changed |= _signed_anew(locked, draft, now)
        if "owner" in changed:
            _another_announces(draft, now)
    _tell_who_is_new(locked, new.values(), actor, now)
    record(events.METRIC_CHANGED, subject=locked, actor=actor, at=now, details=changed)


@transaction.atomic
def begin_version(*, definition: MetricDefinition, actor: Employee | None, now: datetime) -> MetricVersion:
    """A draft that says what the newest version says, to be changed. Raises DraftedAlready."""
    locked = _locked(definition)
    versions = MetricVersion.objects.filter(definition=locked)
    if versions.filter(state=MetricState.DRAFT).exists():
        raise DraftedAlready
    newest: MetricVersion = versions.order_by("-number")[0]
    draft: MetricVersion = MetricVersion.objects.create(
        definition=locked,
        number=newest.number + 1,
        **{name: getattr(newest, name) for name in CONTENT},
        effective_on=today_here(now),
        made_by=actor,
        made_at=now,
    )
    record(events.METRIC_DRAFTED, subject=locked, actor=actor, at=now, details={"number": draft.number})
    return draft


@transaction.atomic
def change_draft(
    *, draft: MetricVersion, version: int, caliber: Caliber, actor: Employee | None, now: datetime
) -> MetricVersion:
    """Whoever signed it signed something else: the signatures are taken back. Raises NotADraft, StaleVersion."""
    locked = _draft_locked(draft)
    if locked.version != version:
        raise StaleVersion
    columns = caliber.columns()
    changed = [name.removesuffix("_id") for name in CONTENT if getattr(locked, name) != columns[name]]
    if not changed:
        return locked
    for name, value in columns.items():
        setattr(locked, name, value)
    locked.version += 1
    locked.save(update_fields=[*(name.removesuffix("_id") for name in CONTENT), "version"])
    signed, _of = MetricSignOff.objects.filter(of=locked).delete()
    settle(events.METRIC_READY, [locked.pk])
    details = {"number": locked.number, "changed": changed, "signatures": signed}
    record(events.METRIC_CHANGED, subject=locked.definition, actor=actor, at=now, details=details)
    _ask_to_sign(locked.definition, locked, now)
    return locked


@transaction.atomic
def drop_draft(*, draft: MetricVersion, actor: Employee | None, now: datetime) -> MetricDefinition | None:
    """The definition; None where this was all there was of it, and it is gone too. Raises NotADraft."""
    list(MetricDefinition.objects.select_for_update().filter(pk=draft.definition_id))  # first, as `change_people` does
    locked = _draft_locked(draft)
    definition = locked.definition
    _settle(locked)
    locked.delete()
    record(events.METRIC_DROPPED, subject=definition, actor=actor, at=now, details={"number": draft.number})
    if MetricVersion.objects.filter(definition=definition).exists():
        return definition
    definition.delete()
    return None


@transaction.atomic
def sign_off(*, draft: MetricVersion, version: int, side: Side, actor: Employee, now: datetime) -> None:
    """That this side agrees to the draft as it was shown. Raises NotADraft, StaleVersion, SignedAlready."""
    locked = _draft_locked(draft)
    if locked.version != version:
        raise StaleVersion
    try:
        with transaction.atomic():
            MetricSignOff.objects.create(of=locked, side=side, by=actor, at=now)
    except IntegrityError:
        raise SignedAlready from None
    if side == Side.BUSINESS:
        settle(events.METRIC_WAITS, [locked.pk])
    if _is_signed(locked):
        _say_it_is_ready(locked, now)
    details = {"number": locked.number, "side": side}
    record(events.METRIC_SIGNED, subject=locked.definition, actor=actor, at=now, details=details)


@transaction.atomic
def announce(*, draft: MetricVersion, version: int, effective_on: date, actor: Employee | None, now: datetime) -> None:
    """From `effective_on` on it counts like this, and everybody bound to it is told now. The first version may begin in
    the past; a change begins tomorrow at the earliest, and after whatever was announced before. Raises NotADraft,
    StaleVersion, NotSigned, TooEarly."""
    locked = _draft_locked(draft)
    if locked.version != version:
        raise StaleVersion
    signed = set(MetricSignOff.objects.filter(of=locked).values_list("side", flat=True))
    if missing := [side for side in Side.values if side not in signed]:
        raise NotSigned(missing)
    today, definition = today_here(now), locked.definition
    others = MetricVersion.objects.filter(definition=definition, state__in=COUNTING)
    newest: date | None = others.aggregate(on=Max("effective_on"))["on"]
    if newest is not None and effective_on < (first := max(today, newest) + timedelta(days=1)):
        raise TooEarly(first)
    locked.effective_on, locked.announced_at = effective_on, now
    locked.state = MetricState.IN_FORCE if effective_on <= today else MetricState.ANNOUNCED
    locked.version += 1
    locked.save(update_fields=["effective_on", "announced_at", "state", "version"])
    beyond = MetricValue.objects.filter(of__definition=definition, on__gte=effective_on, replaced_at=None)
    beyond.exclude(of=locked).update(replaced_at=now)  # days to come that the version before had counted already
    _settle(locked)
    details = {"number": locked.number, "effective_on": effective_on.isoformat()}
    record(events.METRIC_ANNOUNCED, subject=definition, actor=actor, at=now, details=details)
    if newest is not None:
        notify(
            events.METRIC_COMES,
            to=people_bound(definition),
            subject=locked,
            at=now,
            params={"name": definition.name, "on": effective_on.isoformat()},
            url=page_of_metric(definition) + f"versions/?number={locked.number}",
            key=f"{locked.pk}",
        )
    ask_to_compute(locked, key="announced")


@transaction.atomic
def recompute(*, definition: MetricDefinition, actor: Employee | None, now: datetime) -> None:
    """All days of all its versions, by jobs; what comes out otherwise is kept beside what it was. A computation that is
    under way is not begun anew."""
    for version in MetricVersion.objects.filter(definition=definition, state__in=COUNTING).order_by("number"):
        ask_unless_asked(version, key=now.isoformat())
    record(events.METRIC_RECOMPUTED, subject=definition, actor=actor, at=now)


def people_bound(definition: MetricDefinition) -> list[Employee]:
    """Who is told before it changes: who answers for it, and whom apps above have bound to it
    (settings.METRIC_BOUND: functions of a definition that give employees)."""
    found: dict[int, Employee] = {one.pk: one for one in (definition.owner, definition.interpreter)}
    for path in settings.METRIC_BOUND:
        found |= {one.pk: one for one in import_string(path)(definition)}
    return list(found.values())


def page_of_metric(definition: MetricDefinition) -> str:
    slug = Tenant.objects.values_list("slug", flat=True).get()
    return reverse("integrations:metric", kwargs={"tenant": slug, "public_id": definition.public_id})


def _draft(
    definition: MetricDefinition, number: int, caliber: Caliber, actor: Employee | None, now: datetime
) -> MetricVersion:
    version: MetricVersion = MetricVersion.objects.create(
        definition=definition,
        number=number,
        **caliber.columns(),
        effective_on=today_here(now),
        made_by=actor,
        made_at=now,
    )
    return version


def _ask_to_sign(definition: MetricDefinition, version: MetricVersion, now: datetime) -> None:
    notify(
        events.METRIC_WAITS,
        to=definition.interpreter,
        subject=version,
        at=now,
        params={"name": definition.name},
        url=page_of_metric(definition),
        key=f"{version.pk} {version.version} {definition.version}",
    )


def _signed_anew(definition: MetricDefinition, draft: MetricVersion, now: datetime) -> dict[str, list[str]]:
    """Somebody else has the last word: what was signed for the business by another is taken back, and they are asked.
    Three sides are three people, so what they signed for another side makes room for it."""
    theirs = Q(by=definition.interpreter)
    stale = Q(side=Side.BUSINESS) & ~theirs | theirs & ~Q(side=Side.BUSINESS)
    settle(events.METRIC_WAITS, [draft.pk])
    gone, _of = MetricSignOff.objects.filter(stale, of=draft).delete()
    if not MetricSignOff.objects.filter(of=draft, side=Side.BUSINESS).exists():
        _ask_to_sign(definition, draft, now)
    if not gone:
        return {}
    settle(events.METRIC_READY, [draft.pk])
    return {"signatures": [str(gone), "0"]}


def _another_announces(draft: MetricVersion, now: datetime) -> None:
    """A draft that all sides have signed waits for the new owner, and no longer for the one before."""
    settle(events.METRIC_READY, [draft.pk])
    if _is_signed(draft):
        _say_it_is_ready(draft, now)


def _is_signed(draft: MetricVersion) -> bool:
    return MetricSignOff.objects.filter(of=draft).count() == len(Side)


def _tell_who_is_new(
    definition: MetricDefinition, people: Iterable[Employee], actor: Employee | None, now: datetime
) -> None:
    """Whoever took it upon themselves knows."""
    notify(
        events.METRIC_YOURS,
        to=[one for one in people if one != actor],
        subject=definition,
        at=now,
        params={"name": definition.name},
        url=page_of_metric(definition),
        key=f"{definition.pk} {definition.version}",
    )


def _say_it_is_ready(draft: MetricVersion, now: datetime) -> None:
    notify(
        events.METRIC_READY,
        to=draft.definition.owner,
        subject=draft,
        at=now,
        params={"name": draft.definition.name},
        url=page_of_metric(draft.definition),
        key=f"{draft.pk} {draft.version} {draft.definition.version}",
    )


def _settle(draft: MetricVersion) -> None:
    """Announced or dropped: nobody is asked for it any more."""
    for kind in (events.METRIC_WAITS, events.METRIC_READY):
        settle(kind, [draft.pk])


def _locked(definition: MetricDefinition) -> MetricDefinition:
    found: MetricDefinition = (
        MetricDefinition.objects.select_for_update(of=("self",))
        .select_related("owner", "interpreter")
        .get(pk=definition.pk)
    )
    return found


def _draft_locked(draft: MetricVersion) -> MetricVersion:
    found: MetricVersion | None = (
        MetricVersion.objects.select_for_update(of=("self",))
        .select_related("definition__owner", "definition__interpreter", "connection")
        .filter(pk=draft.pk)
        .first()
    )
    if found is None or found.state != MetricState.DRAFT:
        raise NotADraft
    return found

"""A figure is contested, looked at, and corrected or upheld with a reason (product.md §5.7)."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.urls import reverse

from integrations import events
from integrations.models import (
    DECIDED,
    DataDispute,
    DisputeFile,
    DisputeSettings,
    DisputeState,
    DisputeStep,
    MetricDefinition,
    Record,
)
from integrations.queries.disputes import due_days, hr_partners_of, value_now
from integrations.queries.sides import Named
from perfsys.audit.actions import record
from perfsys.common import files
from perfsys.common.proofs import ProofFile, ending_of, shortened
from perfsys.jobs.actions import enqueue
from perfsys.jobs.calendar import calendar_for
from perfsys.jobs.workdays import WorkCalendar
from perfsys.notices.actions import notify, settle
from perfsys.people.models import Employee
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.scope import current_tenant_id

from .connection import StaleVersion

DAY = timedelta(days=1)
SCAN = "integrations.scan"
TO_DECIDE = (events.DISPUTE_FOR_YOU, events.DISPUTE_ANSWER, events.DISPUTE_QUESTION, events.DISPUTE_DUE)


class AlreadyDecided(Exception):
    """Somebody has decided meanwhile: read what they said."""


class NothingProven(Exception):
    """Attach a text, a link, a record or a file that shows it."""


class NobodyToDecide(Exception):
    """There is no HR partner but the person who contests it: ask an administrator to name one."""


@dataclass(frozen=True)
class Proof:
    """What shows that the figure is wrong; a file as its name and content."""

    link: str = ""
    record: Record | None = None
    files: Sequence[ProofFile] = ()

    def __bool__(self) -> bool:
        return bool(self.link or self.record or self.files)


@transaction.atomic
def open_dispute(
    *,
    definition: MetricDefinition,
    subject: Named,
    first_on: date,
    last_on: date,
    claim: str,
    proof: Proof,
    claimant: Employee,
    press: str,
    now: datetime,
) -> DataDispute:
    """Assigned to the metric's owner, or to an HR partner where the owner is the claimant. The same `press` again is
    the same dispute. Raises NobodyToDecide."""
    if press and (made := DataDispute.objects.filter(press=press, claimant=claimant).first()):
        return made
    zone = ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get())
    assigned = _first_to_decide(definition, claimant, now.astimezone(zone).date())
    dispute = DataDispute(
        definition=definition,
        key=subject.key,
        label=subject.label[:120],
        employee_id=subject.employee_id,
        unit_id=subject.unit_id,
        first_on=first_on,
        last_on=last_on,
        value=value_now(definition, subject.key, first_on, last_on),
        claimant=claimant,
        claim=claim,
        link=proof.link,
        record=proof.record,
        assigned_to=assigned,
        escalated_at=None if assigned.pk == definition.owner_id else now,
        due_on=due_on(now.astimezone(zone).date(), due_days()),
        opened_at=now,
        press=press,
    )
    try:
        with transaction.atomic():
            dispute.save()
    except IntegrityError:  # the second press of two at once
        return DataDispute.objects.get(press=press, claimant=claimant)
    _attach(dispute, proof.files, claimant, now)
    _step(dispute, claimant, now)
    record(events.DISPUTE_OPENED, subject=dispute, about=claimant, actor=claimant, at=now, details=_about(dispute))
    _tell(events.DISPUTE_FOR_YOU, dispute, [assigned], now, on=dispute.due_on.isoformat())
    return dispute


def due_on(since: date, work_days: int) -> date:
    """So many work days after `since`."""
    calendar = calendar_for(since, since + timedelta(days=200))
    return after_work_days(calendar, since, work_days)


def after_work_days(calendar: WorkCalendar, since: date, work_days: int) -> date:
    on = since
    for _ in range(work_days):
        on = calendar.next_work_day(on + DAY)
    return on


@transaction.atomic
def take_up(*, dispute: DataDispute, actor: Employee, now: datetime) -> None:
    """Whoever decides says that it is being looked at. Again is nothing. Raises AlreadyDecided."""
    locked = _undecided(dispute)
    if locked.state != DisputeState.SUBMITTED:
        return
    _move(locked, DisputeState.IN_REVIEW, actor, now)
    record(events.DISPUTE_TAKEN_UP, subject=locked, about=locked.claimant, actor=actor, at=now)
    _tell(events.DISPUTE_MOVED, locked, [locked.claimant], now)


@transaction.atomic
def ask_for_more(*, dispute: DataDispute, question: str, actor: Employee, now: datetime, press: str = "") -> None:
    """The same `press` again is nothing. Raises AlreadyDecided."""
    locked = _undecided(dispute)
    if _was_pressed(locked, press):
        return
    _move(locked, DisputeState.MORE_INFORMATION, actor, now, text=question, press=press)
    record(events.DISPUTE_ASKED, subject=locked, about=locked.claimant, actor=actor, at=now)
    settle(events.DISPUTE_ANSWER, [locked.pk])
    _tell(events.DISPUTE_QUESTION, locked, [locked.claimant], now)


@transaction.atomic
def answer(
    *,
    dispute: DataDispute,
    text: str,
    files: Sequence[tuple[str, bytes]],
    actor: Employee,
    now: datetime,
    press: str = "",
) -> None:
    """The claimant adds something, asked or not. The same `press` again is nothing. Raises AlreadyDecided."""
    locked = _undecided(dispute)
    if _was_pressed(locked, press):
        return
    state = DisputeState.IN_REVIEW if locked.state == DisputeState.MORE_INFORMATION else DisputeState(locked.state)
    _attach(locked, files, actor, now)
    _move(locked, state, actor, now, text=text, press=press)
    record(events.DISPUTE_ANSWERED, subject=locked, about=locked.claimant, actor=actor, at=now)
    settle(events.DISPUTE_QUESTION, [locked.pk])
    _tell(events.DISPUTE_ANSWER, locked, [locked.assigned_to], now)


@transaction.atomic
def escalate(*, dispute: DataDispute, actor: Employee, now: datetime) -> Employee:
    """To an HR partner of the claimant's, by the claimant or whoever is to decide; it is due as before. A second press
    is nothing. Raises AlreadyDecided, NobodyToDecide."""
    locked = _undecided(dispute)
    if locked.escalated_at is not None:
        return locked.assigned_to
    zone = ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get())
    partner = _partner(locked.claimant, now.astimezone(zone).date(), but=locked.assigned_to)
    before = locked.assigned_to
    locked.assigned_to, locked.escalated_at = partner, now
    locked.version += 1
    locked.save(update_fields=["assigned_to", "escalated_at", "version"])
    _step(locked, actor, now, to=partner)
    details = {"from": before.name, "to": partner.name}
    record(events.DISPUTE_ESCALATED, subject=locked, about=locked.claimant, actor=actor, at=now, details=details)
    _settle(locked)
    _tell(events.DISPUTE_FOR_YOU, locked, [partner], now, on=locked.due_on.isoformat())
    _tell(events.DISPUTE_MOVED, locked, [locked.claimant, before], now)
    return partner


@transaction.atomic
def decide(
    *, dispute: DataDispute, version: int, is_corrected: bool, reason: str, actor: Employee, now: datetime
) -> None:
    """The figure as it stands now is kept beside what it was. Raises AlreadyDecided, StaleVersion where something was
    said since the page was opened."""
    locked = _undecided(dispute)
    if locked.version != version:
        raise StaleVersion
    state = DisputeState.CORRECTED if is_corrected else DisputeState.UPHELD
    locked.value_after = value_now(locked.definition, locked.key, locked.first_on, locked.last_on)
    locked.decided_at, locked.decided_by, locked.reason = now, actor, reason
    locked.state = state
    locked.version += 1
    locked.save(update_fields=["value_after", "decided_at", "decided_by", "reason", "state", "version"])
    _step(locked, actor, now, text=reason)
    details = {**_about(locked), "outcome": state.value}
    record(events.DISPUTE_DECIDED, subject=locked, about=locked.claimant, actor=actor, at=now, details=details)
    _settle(locked)
    told = {one.pk: one for one in (locked.claimant, locked.definition.owner, locked.assigned_to) if one.pk != actor.pk}
    kind = events.DISPUTE_CORRECTED if is_corrected else events.DISPUTE_UPHELD
    _tell(kind, locked, told.values(), now)


@transaction.atomic
def change_dispute_settings(*, work_days: int, version: int, actor: Employee | None, now: datetime) -> DisputeSettings:
    """For disputes opened from now on. Raises StaleVersion."""
    DisputeSettings.objects.bulk_create([DisputeSettings()], ignore_conflicts=True)  # nobody has set any yet
    settings: DisputeSettings = DisputeSettings.objects.select_for_update().get()
    if settings.version != version:
        raise StaleVersion
    details = {"work_days": [settings.work_days, work_days]}
    settings.work_days = work_days
    settings.version += 1
    settings.save(update_fields=["work_days", "version"])
    record(events.DISPUTE_SETTINGS_CHANGED, subject=settings, actor=actor, at=now, details=details)
    return settings


@transaction.atomic
def tell_of_overdue(*, now: datetime) -> None:
    """Whoever decides and the claimant's HR partners, once, on the day after it was due."""
    zone = ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get())
    today = now.astimezone(zone).date()
    late = DataDispute.objects.filter(due_on__lt=today).exclude(state__in=DECIDED)
    for one in late.select_related("assigned_to", "claimant", "definition").order_by("pk"):
        people = {person.pk: person for person in (one.assigned_to, *hr_partners_of(one.claimant, today))}
        people.pop(one.claimant_id, None)
        _tell(events.DISPUTE_DUE, one, people.values(), now, on=one.due_on.isoformat(), key=f"{one.pk}")


def page_of(dispute: DataDispute) -> str:
    slug = Tenant.objects.values_list("slug", flat=True).get()
    return reverse("integrations:dispute", kwargs={"tenant": slug, "public_id": dispute.public_id})


def _first_to_decide(definition: MetricDefinition, claimant: Employee, on: date) -> Employee:
    """Nobody decides about what they contest, and nobody who has left decides anything."""
    owner = definition.owner
    if owner.pk != claimant.pk and owner.status == Employee.Status.ACTIVE:
        return owner
    return _partner(claimant, on)


def _partner(claimant: Employee, on: date, *, but: Employee | None = None) -> Employee:
    for one in hr_partners_of(claimant, on):
        if one.pk != claimant.pk and (but is None or one.pk != but.pk):
            return one
    raise NobodyToDecide


def _undecided(dispute: DataDispute) -> DataDispute:
    found = DataDispute.objects.select_for_update(of=("self",))
    locked: DataDispute = found.select_related("claimant", "assigned_to", "definition__owner").get(pk=dispute.pk)
    if locked.state in DECIDED:
        raise AlreadyDecided
    return locked


def _was_pressed(locked: DataDispute, press: str) -> bool:
    return bool(press) and DisputeStep.objects.filter(dispute=locked, press=press).exists()


def _move(
    dispute: DataDispute, state: DisputeState, actor: Employee, now: datetime, *, text: str = "", press: str = ""
) -> None:
    dispute.state = state
    dispute.version += 1
    dispute.save(update_fields=["state", "version"])
    _step(dispute, actor, now, text=text, press=press)


def _step(
    dispute: DataDispute, by: Employee, now: datetime, *, text: str = "", to: Employee | None = None, press: str = ""
) -> None:
    DisputeStep.objects.create(dispute=dispute, state=dispute.state, by=by, to=to, text=text, press=press, at=now)


def _attach(dispute: DataDispute, handed: Iterable[ProofFile], by: Employee, now: datetime) -> None:
    for name, content in handed:
        one = DisputeFile(dispute=dispute, name=shortened(name), by=by, at=now)
        one.file = files.keep(_folder(dispute.tenant_id), f"{one.public_id}{ending_of(name)}", content)
        if files.is_scanned():
            one.held = files.WAITING
            enqueue(SCAN, str(one.public_id), {"file": str(one.public_id)})
        one.save()


def scan(*, public_id: str, now: datetime) -> bool:
    """Give a proof free, or take it out, as the scanner says. Whether it has to be asked again. Nothing is locked while
    the scanner thinks."""
    waiting = DisputeFile.objects.filter(public_id=public_id, held=files.WAITING)
    one = waiting.first()
    if one is None:
        return False
    said = files.verdict(one.file, kept_at=one.at, now=now)
    if said is None:
        return True
    waiting.update(held=said)
    return False


def remove_orphans(*, now: datetime) -> int:
    """Returns how many."""
    return files.remove_orphans(_folder(current_tenant_id()), _named, now=now)


def _named(names: Collection[str]) -> Collection[str]:
    return list(DisputeFile.objects.filter(file__in=names).values_list("file", flat=True))


def _folder(tenant_id: int) -> str:
    return f"disputes/{tenant_id}"


def _settle(dispute: DataDispute) -> None:
    for kind in TO_DECIDE:
        settle(kind, [dispute.pk])


def _tell(
    kind: str, dispute: DataDispute, to: Iterable[Employee], now: datetime, *, key: str = "", **params: Any
) -> None:
    notify(
        kind,
        to=list(to),
        at=now,
        subject=dispute,
        params={"name": dispute.definition.name, **params},
        url=page_of(dispute),
        key=key,
    )


def _about(dispute: DataDispute) -> dict[str, Any]:
    """For the record, which is kept for ever: which metric and days; whose figure and what it was, the dispute says."""
    return {
        "metric": dispute.definition.name,
        "on": [dispute.first_on.isoformat(), dispute.last_on.isoformat()],
    }

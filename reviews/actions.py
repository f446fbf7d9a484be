"""Planning, preparing, holding and signing interviews (product.md §4.1, §4.2)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from feedback.models import ActionItem
from goals.queries.settings import local_date, tenant_slug, tenant_zone
from perfsys.audit.actions import record
from perfsys.notices.actions import notify, settle
from perfsys.people.models import Employee, ReportingClosure
from perfsys.people.spans import holds

from . import events
from .facts import Fact
from .models import (
    Interview,
    InterviewAction,
    InterviewModule,
    InterviewState,
    Module,
    ModuleFact,
    PrepPack,
)
from .queries.packs import collect_packs
from .queries.record import content_mark

AHEAD = timedelta(hours=24)
LATE = timedelta(hours=24)
"""So long after it began, a pack that nobody could make in time is still made: the record rests on it."""


class AlreadyPlanned(Exception):
    """There is a talk planned with this person: move that one."""


class InThePast(Exception):
    """Choose a time that is still to come."""


class InterviewClosed(Exception):
    """It is held, declined or cancelled, or somebody has signed it meanwhile."""


class NoFact(Exception):
    """Link at least one fact."""


class StaleVersion(Exception):
    """Somebody saved it meanwhile: look at it again."""


class ModulesMissing(Exception):
    """All three modules need words and a fact before anybody signs."""

    def __init__(self, missing: Sequence[Module]) -> None:
        super().__init__(missing)
        self.missing = list(missing)


@transaction.atomic
def plan_interview(
    *, employee: Employee, manager: Employee, at: datetime, minutes: int, place: str, key: str, now: datetime
) -> Interview:
    """`key` comes with the form: sent twice it is one. What somebody planned who was the manager before no longer takes
    place. Raises InThePast, AlreadyPlanned."""
    if earlier := Interview.objects.filter(manager=manager, key=key).first():
        return earlier
    if at <= now:
        raise InThePast
    _end_those_of_former_managers(employee, manager, now)
    interview = Interview(employee=employee, manager=manager, at=at, minutes=minutes, place=place.strip(), key=key)
    try:
        with transaction.atomic():
            interview.save()
    except IntegrityError as taken:
        if same := Interview.objects.filter(manager=manager, key=key).first():
            return same
        raise AlreadyPlanned from taken
    notify(
        events.INTERVIEW_AHEAD,
        to=employee,
        at=now,
        subject=interview,
        about=employee,
        params={"name": manager.name, "on": _day(at)},
        url=_url(interview),
    )
    record(events.INTERVIEW_PLANNED, subject=interview, about=employee, actor=manager, at=now)
    return interview


@transaction.atomic
def move_interview(
    *, interview: Interview, at: datetime, minutes: int, place: str, version: int, actor: Employee, now: datetime
) -> Interview:
    """Raises InterviewClosed, InThePast, StaleVersion."""
    locked = _open(interview, version)
    if at <= now:
        raise InThePast
    has_moved = locked.at != at
    locked.at, locked.minutes, locked.place = at, minutes, place.strip()
    _save(locked, "at", "minutes", "place")
    if has_moved:
        notify(
            events.INTERVIEW_AHEAD,
            to=locked.employee,
            at=now,
            subject=locked,
            about=locked.employee,
            params={"name": locked.manager.name, "on": _day(at)},
            url=_url(locked),
        )
    record(events.INTERVIEW_MOVED, subject=locked, about=locked.employee, actor=actor, at=now)
    return locked


@transaction.atomic
def cancel_interview(*, interview: Interview, reason: str, actor: Employee, now: datetime) -> None:
    """By the manager, until the employee has signed. Raises InterviewClosed."""
    locked = _open(interview)
    if locked.employee_signed_at is not None:
        raise InterviewClosed
    _end(locked, InterviewState.CANCELLED, reason, actor, now)


@transaction.atomic
def decline_interview(*, interview: Interview, reason: str, actor: Employee, now: datetime) -> None:
    """By the employee, with a reason, the talk itself or the record that the manager has signed (product.md §4.2); a
    right of the person, held against nobody. Raises InterviewClosed."""
    locked = _open(interview)
    if locked.employee_signed_at is not None:
        raise InterviewClosed
    _end(locked, InterviewState.DECLINED, reason, actor, now)


@transaction.atomic
def make_pack(
    *, interview: Interview, now: datetime, actor: Employee | None = None, after: int | None = None
) -> PrepPack:
    """A pack as of now: each side sees what it may. A further one does not change those before. `after` is the number
    of the newest one seen on asking: a double press makes one. Raises InterviewClosed."""
    locked = _open(interview)
    newest = PrepPack.objects.filter(interview=locked).order_by("-number").first()
    if newest is not None and after is not None and newest.number > after:
        return newest
    for_manager, for_employee = collect_packs(locked, now=now)
    pack: PrepPack = PrepPack.objects.create(
        interview=locked,
        number=newest.number + 1 if newest else 1,
        made_at=now,
        for_manager=for_manager.to_json(),
        for_employee=for_employee.to_json(),
    )
    record(events.PACK_MADE, subject=locked, about=locked.employee, actor=actor, at=now)
    return pack


@transaction.atomic
def make_due_packs(*, now: datetime, most: int = 20) -> bool:
    """For interviews of the next 24 hours, and those that began meanwhile, which have none; both are told. Returns
    whether there are more."""
    soon = Interview.objects.filter(state=InterviewState.PLANNED, at__range=(now - LATE, now + AHEAD))
    due = soon.filter(packs=None)
    found = list(due.select_related("employee", "manager").order_by("at", "pk")[: most + 1])
    for interview in found[:most]:
        make_pack(interview=interview, now=now)
        for reader, other in (
            (interview.manager, interview.employee),
            (interview.employee, interview.manager),
        ):
            notify(
                events.PACK_READY,
                to=reader,
                at=now,
                subject=interview,
                about=interview.employee,
                params={"name": other.name},
                url=_url(interview, "reviews:prep"),
                key=f"{interview.pk}",
            )
    return len(found) > most


@transaction.atomic
def write_topics(*, interview: Interview, topics: str, actor: Employee, now: datetime) -> None:
    """What the employee wants to talk about. Raises InterviewClosed."""
    locked = _unsigned(interview)
    locked.topics = topics.strip()
    _save(locked, "topics")
    record(events.TOPICS_WRITTEN, subject=locked, about=locked.employee, actor=actor, at=now)


@transaction.atomic
def write_plan(*, interview: Interview, plan: str, actor: Employee, now: datetime) -> None:
    """The employee's own improvement plan. Raises InterviewClosed."""
    locked = _unsigned(interview)
    locked.improvement_plan = plan.strip()
    _save(locked, "improvement_plan")
    record(events.PLAN_WRITTEN, subject=locked, about=locked.employee, actor=actor, at=now)


@transaction.atomic
def write_module(
    *,
    interview: Interview,
    module: str,
    text: str,
    facts: Sequence[Fact],
    kept_because: str = "",
    version: int | None,
    actor: Employee,
    now: datetime,
) -> InterviewModule:
    """`version` is the one the writer saw, None where nothing stood there; what stands there already, a button pressed
    twice, is written once. Raises InterviewClosed, NoFact, StaleVersion."""
    locked = _unsigned(interview)
    if not facts:
        raise NoFact
    said = (text.strip(), kept_because.strip())
    written = InterviewModule.objects.filter(interview=locked, module=module).first()
    if (written.version if written else None) != version:
        if written and (written.text, written.kept_because) == said and _rests_on(written, facts):
            return written
        raise StaleVersion
    if written is None:
        written = InterviewModule(interview=locked, module=module, version=0)
    written.text, written.kept_because = said
    written.version += 1
    written.save()
    ModuleFact.objects.filter(module=written).delete()
    ModuleFact.objects.bulk_create(
        [
            ModuleFact(
                module=written,
                goal=fact.goal,
                feedback=fact.feedback,
                evidence=fact.evidence,
                action_item=fact.action_item,
            )
            for fact in facts
        ],
        ignore_conflicts=True,
    )
    record(events.MODULE_WRITTEN, subject=locked, about=locked.employee, actor=actor, at=now, details={"of": module})
    return written


@transaction.atomic
def agree_on(
    *, interview: Interview, owner: Employee, text: str, due_on: date, key: str, actor: Employee, now: datetime
) -> ActionItem:
    """An action that `owner`, one of the two, takes on. Raises InterviewClosed."""
    locked = _unsigned(interview)
    item, is_new = ActionItem.objects.get_or_create(
        owner=owner, key=key, defaults={"text": text.strip(), "due_on": due_on, "made_at": now}
    )
    if is_new:
        InterviewAction.objects.create(interview=locked, action_item=item)
        record(events.ACTION_AGREED, subject=locked, about=owner, actor=actor, at=now)
    return item


@transaction.atomic
def sign(
    *, interview: Interview, actor: Employee, dissent: str = "", seen: str | None = None, now: datetime
) -> Interview:
    """By the manager or the employee, who may add a dissent; with the second signature it is held. A second time is
    nothing. `seen` is the `content_mark` of what stood on the page: nobody signs what was written meanwhile. Raises
    InterviewClosed, ModulesMissing, StaleVersion."""
    locked = _locked(interview)
    is_manager = actor.pk == locked.manager_id
    has_signed = (locked.manager_signed_at if is_manager else locked.employee_signed_at) is not None
    if has_signed and locked.state in (InterviewState.PLANNED, InterviewState.HELD):
        return locked
    if not locked.is_planned:
        raise InterviewClosed
    if seen is not None and seen != content_mark(locked):
        raise StaleVersion
    if missing := _missing_modules(locked):
        raise ModulesMissing(missing)
    if is_manager:
        locked.manager_signed_at = now
    else:
        locked.employee_signed_at, locked.dissent = now, dissent.strip()
    if locked.manager_signed_at and locked.employee_signed_at:
        locked.state, locked.held_at = InterviewState.HELD, now
        settle(events.TO_SIGN, [locked.pk])
    else:
        other, name = (locked.employee, locked.manager.name) if is_manager else (locked.manager, locked.employee.name)
        notify(
            events.TO_SIGN,
            to=other,
            at=now,
            subject=locked,
            about=locked.employee,
            params={"name": name},
            url=_url(locked),
        )
    _save(locked, "manager_signed_at", "employee_signed_at", "dissent", "state", "held_at")
    record(events.INTERVIEW_SIGNED, subject=locked, about=locked.employee, actor=actor, at=now)
    return locked


def _rests_on(module: InterviewModule, facts: Sequence[Fact]) -> bool:
    stands = ModuleFact.objects.filter(module=module).values_list("goal", "feedback", "evidence", "action_item")
    named = [(one.goal, one.feedback, one.evidence, one.action_item) for one in facts]
    return set(stands) == {tuple(thing.pk if thing else None for thing in things) for things in named}


def _missing_modules(interview: Interview) -> list[Module]:
    """In their order. One with words has a fact: `write_module` sees to it."""
    written = set(ModuleFact.objects.filter(module__interview=interview).values_list("module__module", flat=True))
    return [module for module in Module if module not in written]


def _end_those_of_former_managers(employee: Employee, manager: Employee, now: datetime) -> None:
    """They could neither hold nor cancel it any more, and it would stand in the way of every talk to come."""
    left = Interview.objects.filter(employee=employee, state=InterviewState.PLANNED).exclude(manager=manager)
    leads = ReportingClosure.objects.filter(
        holds(local_date(now)), employee=employee, manager=OuterRef("manager"), depth=1
    )
    for interview in left.exclude(Exists(leads)):
        _end(_open(interview), InterviewState.CANCELLED, "", manager, now)


def _end(locked: Interview, state: InterviewState, reason: str, actor: Employee, now: datetime) -> None:
    locked.state, locked.reason = state, reason.strip()
    _save(locked, "state", "reason")
    settle(events.TO_SIGN, [locked.pk])
    other, name = (
        (locked.employee, locked.manager.name)
        if actor.pk == locked.manager_id
        else (locked.manager, locked.employee.name)
    )
    notify(
        events.NOT_TAKING_PLACE,
        to=other,
        at=now,
        subject=locked,
        about=locked.employee,
        params={"name": name, "on": _day(locked.at)},
        url=_url(locked),
    )
    verb = events.INTERVIEW_CANCELLED if state == InterviewState.CANCELLED else events.INTERVIEW_DECLINED
    record(verb, subject=locked, about=locked.employee, actor=actor, at=now)


def _locked(interview: Interview) -> Interview:
    people = Interview.objects.select_related("employee", "manager")
    locked: Interview = people.select_for_update(of=["self"]).get(pk=interview.pk)
    return locked


def _open(interview: Interview, version: int | None = None) -> Interview:
    locked = _locked(interview)
    if not locked.is_planned:
        raise InterviewClosed
    if version is not None and locked.version != version:
        raise StaleVersion
    return locked


def _unsigned(interview: Interview) -> Interview:
    """What was signed does not change under a signature."""
    locked = _open(interview)
    if locked.is_signed:
        raise InterviewClosed
    return locked


def _day(at: datetime) -> str:
    """Kept as ISO: the notice writes it as its reader's language does."""
    return at.astimezone(tenant_zone()).date().isoformat()


def _url(interview: Interview, page: str = "reviews:interview") -> str:
    return reverse(page, kwargs={"tenant": tenant_slug(), "public_id": interview.public_id})


def _save(interview: Interview, *names: str) -> None:
    interview.version += 1
    interview.save(update_fields=[*names, "version"])

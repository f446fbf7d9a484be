"""The cross-team board (product.md §2.5): asking another unit, answering, saying that it is solved."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse

from goals import events
from goals.answer_time import MINUTES_A_DAY, work_minutes
from goals.models import Blocker, BlockerReply, BlockerState, Goal
from goals.queries.heads import heads_of
from goals.queries.settings import local_date, tenant_slug, tenant_zone
from perfsys.audit.actions import record
from perfsys.jobs.calendar import calendar_for
from perfsys.notices.actions import notify, notify_digestable, settle
from perfsys.people.models import Employee, OrgUnit, OrgUnitClosure
from perfsys.people.queries import primary_units
from perfsys.people.spans import holds
from perfsys.tenancy.models import Tenant

WAITED_DAYS = 3  # working days without an answer until the unit's manager is told, once
AT_ONCE = 500  # blockers a job step: they come oldest first, so what is not late yet stands behind what is
CALENDAR_DAYS = 300
IN_A_LINE = 120  # characters of it in a notice
DAY = timedelta(days=1)


class OwnLine(Exception):
    """It is the poster's own unit or one above: talk to the colleague or the manager, the board is for others."""


class AlreadySolved(Exception):
    """The poster said that it is solved: read it again, and post another one if something is left."""


@transaction.atomic
def post_blocker(
    *,
    posted_by: Employee,
    to_unit: OrgUnit,
    text: str,
    key: str,
    now: datetime,
    goal: Goal | None = None,
    wish_on: date | None = None,
) -> Blocker:
    """Ask another unit, and tell who leads it. A form brings the `key`: sent twice it is one. Raises OwnLine."""
    today = local_date(now)
    from_unit = primary_units([posted_by.pk], today).get(posted_by.pk)
    if from_unit and _is_in_own_line(from_unit, to_unit, today):
        raise OwnLine
    made: Blocker
    made, is_new = Blocker.objects.get_or_create(
        posted_by=posted_by,
        key=key,
        defaults={
            "from_unit": from_unit,
            "to_unit": to_unit,
            "goal": goal,
            "text": text,
            "wish_on": wish_on,
            "posted_at": now,
        },
    )
    if is_new:
        record(events.BLOCKER_POSTED, subject=made, about=posted_by, actor=posted_by, at=now)
        heads = [head for head in heads_of(to_unit, today) if head != posted_by]
        notify(events.TEAM_ASKED, to=heads, about=posted_by, subject=made, at=now, **_told(made, posted_by))
    return made


@transaction.atomic
def reply_to_blocker(
    *, blocker: Blocker, text: str, is_asked: bool, actor: Employee, key: str, now: datetime
) -> BlockerReply:
    """A line below it. `is_asked`: by one of the unit asked, whose first one is the answer that is measured; else the
    poster adds something. A form brings the `key`: sent twice it is one. Raises AlreadySolved."""
    locked = _locked(blocker)
    if earlier := BlockerReply.objects.filter(blocker=locked, key=key).first():
        return earlier
    if locked.is_solved:
        raise AlreadySolved
    reply: BlockerReply = BlockerReply.objects.create(blocker=locked, by=actor, text=text, at=now, key=key)
    if is_asked and locked.state == BlockerState.OPEN:
        _measure_answer(locked, now)
        settle(events.TEAM_ASKED, [locked.pk])
        settle(events.BLOCKER_WAITS, [locked.pk])
    record(events.BLOCKER_REPLIED, subject=locked, about=locked.posted_by, actor=actor, at=now)
    kind = events.TEAM_ANSWERED if is_asked else events.BLOCKER_SAID_MORE
    to = [locked.posted_by] if is_asked else _who_answered(locked)
    notify(kind, to=to, about=locked.posted_by, subject=locked, at=now, **_told(locked, actor, text))
    return reply


@transaction.atomic
def solve_blocker(*, blocker: Blocker, solved: bool, actor: Employee, now: datetime) -> None:
    """The poster's word, or the same taken back; pressed twice it is once. Who answered is thanked."""
    locked = _locked(blocker)
    if locked.is_solved == solved:
        return
    if solved:
        locked.state, locked.solved_at = BlockerState.SOLVED, now
        for kind in (events.TEAM_ASKED, events.BLOCKER_WAITS):
            settle(kind, [locked.pk])
        told = _told(locked, actor) | {"key": str(locked.pk)}
        notify(events.BLOCKER_OVER, to=_who_answered(locked), about=actor, subject=locked, at=now, **told)
    else:
        locked.state = BlockerState.OPEN if locked.answered_at is None else BlockerState.ANSWERED
        locked.solved_at = None
    locked.version += 1
    locked.save(update_fields=["state", "solved_at", "version"])
    verb = events.BLOCKER_SOLVED if solved else events.BLOCKER_REOPENED
    record(verb, subject=locked, about=locked.posted_by, actor=actor, at=now)


@transaction.atomic
def tell_of_waiting(*, now: datetime) -> bool:
    """Tell who leads a unit of what has waited for three working days, or past the day wished for; each once. Whether
    there may be more."""
    zone, today = tenant_zone(), local_date(now)
    calendar = calendar_for(today - CALENDAR_DAYS * DAY, today)
    waiting = Blocker.objects.filter(state=BlockerState.OPEN, told_of_wait_on=None)
    may_be_late = waiting.filter(Q(posted_at__lte=now - (WAITED_DAYS - 1) * DAY) | Q(wish_on__lt=today))
    heads: dict[int, list[Employee]] = {}
    told = []
    listed = may_be_late.select_for_update(of=["self"], skip_locked=True).select_related("posted_by", "to_unit")
    for one in listed.order_by("posted_at", "pk")[:AT_ONCE]:
        asked = max(one.posted_at, now - CALENDAR_DAYS * DAY)
        days = work_minutes(asked, now, zone=zone, calendar=calendar) // MINUTES_A_DAY
        has_passed = one.wish_on is not None and one.wish_on < today
        if days >= WAITED_DAYS or (has_passed and days > 0):
            if one.to_unit_id not in heads:
                heads[one.to_unit_id] = heads_of(one.to_unit, today)
            _tell_of_waiting(one, heads[one.to_unit_id], days, today, now)
            told.append(one.pk)
    if told:
        Blocker.objects.filter(pk__in=told).update(told_of_wait_on=today)
        record(events.BLOCKERS_WATCHED, subject=Tenant.objects.get(), actor=None, at=now, details={"told": len(told)})
    return len(told) == AT_ONCE


def _tell_of_waiting(blocker: Blocker, heads: list[Employee], days: int, today: date, now: datetime) -> None:
    to = [head for head in heads if head != blocker.posted_by]
    told = _told(blocker, blocker.posted_by, days=days) | {"key": str(blocker.pk)}
    notify_digestable(events.BLOCKER_WAITS, to=to, about=blocker.posted_by, subject=blocker, on=today, at=now, **told)


def _is_in_own_line(own: OrgUnit, asked: OrgUnit, on: date) -> bool:
    return OrgUnitClosure.objects.filter(holds(on), descendant=own, ancestor=asked).exists()


def _locked(blocker: Blocker) -> Blocker:
    locked: Blocker = (
        Blocker.objects.select_for_update(of=["self"]).select_related("posted_by", "to_unit").get(pk=blocker.pk)
    )
    return locked


def _measure_answer(blocker: Blocker, now: datetime) -> None:
    zone = tenant_zone()
    calendar = calendar_for(blocker.posted_at.astimezone(zone).date(), now.astimezone(zone).date())
    blocker.state, blocker.answered_at = BlockerState.ANSWERED, now
    blocker.answered_on = now.astimezone(zone).date()
    blocker.answer_minutes = work_minutes(blocker.posted_at, now, zone=zone, calendar=calendar)
    blocker.version += 1
    blocker.save(update_fields=["state", "answered_at", "answered_on", "answer_minutes", "version"])


def _who_answered(blocker: Blocker) -> list[Employee]:
    by = BlockerReply.objects.filter(blocker=blocker).exclude(by=blocker.posted_by).values("by")
    return list(Employee.objects.filter(pk__in=by, status=Employee.Status.ACTIVE).order_by("pk"))


def _told(blocker: Blocker, by: Employee, text: str = "", **more: int) -> dict[str, Any]:
    words = text or blocker.text
    line = words if len(words) <= IN_A_LINE else f"{words[:IN_A_LINE]}…"
    return {
        "params": {"name": by.name, "team": blocker.to_unit.name, "text": line, **more},
        "url": reverse("goals:blocker", kwargs={"tenant": tenant_slug(), "public_id": blocker.public_id}),
    }

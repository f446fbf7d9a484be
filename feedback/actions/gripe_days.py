"""Gripe day opens and closes by its days alone; what is done about it is done here (product.md §6.4): days of the next
ones, the telling, the unnamed suggestions of one that is over, and what an administrator sets."""

import random
from collections import defaultdict
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from feedback import events
from feedback.gripe_access import gripe_settings, gripes_of, keepers
from feedback.gripes import AHEAD, DAY, LONGEST, VOTES_AFTER, earliest_end, usual_days, words_of
from feedback.models import Gripe, GripeDay, GripeSettings, GripeState, GripeWaiting
from goals.actions.periods import quarter_of
from goals.queries.settings import local_date, tenant_slug
from perfsys.audit.actions import record
from perfsys.jobs.actions import enqueue_once_per_transaction
from perfsys.jobs.calendar import calendar_for
from perfsys.notices.actions import Telling, notify_all
from perfsys.people.actions import StaleVersion
from perfsys.people.models import Employee

AT_ONCE = 1_000  # people
TELL = "feedback.gripes_told"
AHEAD_TOLD, OPENING_TOLD, VOTES_TOLD, REST_TOLD = 1, 2, 3, 4
KIND_OF = {
    AHEAD_TOLD: events.GRIPES_AHEAD,
    OPENING_TOLD: events.GRIPES_OPEN,
    VOTES_TOLD: events.GRIPES_TO_VOTE_ON,
}
WORK_DAYS_TO_ANSWER = 2


class NotThoseDays(Exception):
    """Days that can still be set: from today on, within the quarter, at most a month long."""


class TooFewWorkDays(Exception):
    """At least three of them: whoever reads what has no name must not know who was there to say it."""


@transaction.atomic
def turn_the_day(*, now: datetime) -> None:
    """Again: nothing."""
    today = local_date(now)
    plan(today)
    list_unnamed(today, now)


def plan(today: date) -> None:
    """This quarter's gripe day and the next one's, where they still lie ahead."""
    settings = gripe_settings()
    if not settings.is_held:
        return
    this, last = quarter_of(today)
    calendar = calendar_for(this, quarter_of(last + DAY)[1] + AHEAD + LONGEST * DAY)
    quarters = (this, last + DAY)
    found = [(on, usual_days(on, settings.month, settings.length, calendar)) for on in quarters]
    GripeDay.objects.bulk_create(
        [
            GripeDay(quarter_on=on, starts_on=days.starts_on, ends_on=days.ends_on)
            for on, days in found
            if days.starts_on > today
        ],
        ignore_conflicts=True,
    )


def list_unnamed(today: date, now: datetime) -> None:
    """All of a gripe day that is over, at once and shuffled: neither the rows nor their places tell an order. Not one
    before: whoever knows all others of a smaller lot, because they are his own, would know the last one's morning.

    What stands there in the same words already is not listed again (a form that was sent twice, or once more with the
    name): silently, since whom to tell is not known."""
    due = GripeWaiting.objects.filter(day__ends_on__lte=today)
    days = list(GripeDay.objects.select_for_update().filter(pk__in=due.values("day")).order_by("starts_on"))
    waiting = list(due.filter(day__in=days))  # nobody else lists them: the days are locked
    random.SystemRandom().shuffle(waiting)
    said: defaultdict[int, set[str]] = defaultdict(set)
    for of_day, title, text in Gripe.objects.filter(day__in=days).values_list("day", "title", "text"):
        said[of_day].add(words_of(title, text))
    listed = []
    for one in waiting:
        if (words := words_of(one.title, one.text)) not in said[one.day_id]:
            said[one.day_id].add(words)
            listed.append(Gripe(day_id=one.day_id, area=one.area, title=one.title, text=one.text))
    Gripe.objects.bulk_create(listed)
    GripeWaiting.objects.filter(pk__in=[one.pk for one in waiting]).delete()
    for day in days:
        number = sum(one.day_id == day.pk for one in listed)
        record(events.GRIPES_LISTED, subject=day, actor=None, at=now, details={"number": number})


@transaction.atomic
def tell_some(*, now: datetime) -> bool:
    """The next 1,000 of those who are to be told today; whether there are more. Who was told stays told."""
    today = local_date(now)
    near = GripeDay.objects.filter(starts_on__lte=today + AHEAD, ends_on__gt=today - VOTES_AFTER, told__lt=VOTES_TOLD)
    for day in near.select_for_update().order_by("starts_on"):
        step = _step_of(day, today)
        if day.told >= step or (step == VOTES_TOLD and not gripes_of(day).filter(author=None).exists()):
            continue
        if day.told < step - 1:  # what comes before was not told at all, or cut short
            day.told, day.told_to = step - 1, 0
        return _tell_step(day, step, today, now)
    _tell_of_the_rest(today, now)
    return False


def _step_of(day: GripeDay, today: date) -> int:
    if day.ends_on <= today:
        return VOTES_TOLD
    return OPENING_TOLD if day.is_open(today) else AHEAD_TOLD


def _tell_of_the_rest(today: date, now: datetime) -> None:
    """Whoever answers, once, of what has no answer two work days after the day closed."""
    over = GripeDay.objects.filter(ends_on__range=(today - LONGEST * DAY, today - DAY), told__lt=REST_TOLD)
    for day in over.select_for_update().order_by("starts_on"):
        if calendar_for(day.ends_on, today + DAY).work_days_between(day.ends_on, today) < WORK_DAYS_TO_ANSWER:
            continue
        if number := gripes_of(day).filter(state=GripeState.OPEN).count():
            url = f"{reverse('feedback:gripes', kwargs={'tenant': tenant_slug()})}?day={day.public_id}"
            told = [Telling(to_id=one.pk, subject_id=day.pk, params={"number": number}, url=url) for one in keepers()]
            notify_all(events.GRIPES_LEFT_OPEN, told, of=GripeDay, on=today, at=now)
        day.told, day.told_to = REST_TOLD, 0
        day.save(update_fields=["told", "told_to"])


def _tell_step(day: GripeDay, step: int, today: date, now: datetime) -> bool:
    people = Employee.objects.filter(status=Employee.Status.ACTIVE, membership__is_active=True, pk__gt=day.told_to)
    ids = list(people.order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    url = reverse("feedback:gripes", kwargs={"tenant": tenant_slug()})
    last = day.days.last_on + (VOTES_AFTER if step == VOTES_TOLD else 0 * DAY)
    params = {"first": day.starts_on.isoformat(), "last": last.isoformat()}
    key = f"{day.pk} {day.starts_on.isoformat()}"
    told = [Telling(to_id=pk, subject_id=day.pk, params=params, url=url, key=key) for pk in ids]
    notify_all(KIND_OF[step], told, of=GripeDay, on=today, at=now)
    if len(ids) == AT_ONCE:
        day.told_to = ids[-1]
    else:
        day.told, day.told_to = step, 0
    day.save(update_fields=["told", "told_to"])
    return True  # the opening of this one, or another one, may be next


@transaction.atomic
def change_settings(
    *, is_held: bool, month: int, length: int, version: int, actor: Employee | None, now: datetime
) -> GripeSettings:
    """`version` is what the editor saw. Gripe days ahead that nobody has set by hand or been told of follow; the open
    one stays. Raises StaleVersion."""
    GripeSettings.objects.bulk_create([GripeSettings()], ignore_conflicts=True)  # nobody has set any yet
    settings: GripeSettings = GripeSettings.objects.select_for_update().get()
    if settings.version != version:
        raise StaleVersion
    wanted = {"is_held": is_held, "month": month, "length": length}
    details = {
        name: [getattr(settings, name), value] for name, value in wanted.items() if getattr(settings, name) != value
    }
    today = local_date(now)
    if details:
        for name, value in wanted.items():
            setattr(settings, name, value)
        settings.version += 1
        settings.save(update_fields=[*wanted, "version"])
        record(events.GRIPE_SETTINGS_CHANGED, subject=settings, actor=actor, at=now, details=details)
        ahead = GripeDay.objects.filter(starts_on__gt=today)
        (ahead.filter(is_moved=False, told=0, told_to=0) if is_held else ahead).delete()
    plan(today)
    return settings


@transaction.atomic
def move_day(
    *, day: GripeDay, starts_on: date, ends_on: date, version: int, actor: Employee | None, now: datetime
) -> GripeDay:
    """Days half-open. Of one that is open only the end moves. People are told anew. Raises NotThoseDays,
    TooFewWorkDays, StaleVersion."""
    locked: GripeDay = GripeDay.objects.select_for_update().get(pk=day.pk)
    if locked.version != version:
        raise StaleVersion
    today = local_date(now)
    has_begun = locked.starts_on <= today
    first, last = quarter_of(locked.quarter_on)
    fits = first <= starts_on < ends_on <= last + LONGEST * DAY and starts_on <= last
    if (
        locked.ends_on <= today
        or ends_on <= today
        or not fits
        or (ends_on - starts_on).days > LONGEST
        or (starts_on != locked.starts_on if has_begun else starts_on < today)
    ):
        raise NotThoseDays
    if (starts_on, ends_on) == (locked.starts_on, locked.ends_on):
        return locked
    if ends_on < earliest_end(starts_on, calendar_for(starts_on, ends_on + LONGEST * DAY)):
        raise TooFewWorkDays
    details = {"was": [locked.starts_on, locked.ends_on], "now": [starts_on, ends_on]}
    if starts_on != locked.starts_on:
        locked.told, locked.told_to = 0, 0
    locked.starts_on, locked.ends_on, locked.is_moved = starts_on, ends_on, True
    locked.version += 1
    locked.save(update_fields=["starts_on", "ends_on", "is_moved", "told", "told_to", "version"])
    record(events.GRIPE_DAY_MOVED, subject=locked, actor=actor, at=now, details=details)
    enqueue_once_per_transaction(TELL)
    return locked

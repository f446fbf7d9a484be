"""What comes by itself, once: an action is due, a request waits, a manager has been silent (product.md §3.2, §3.5-3.6).

Sets of 500, each a few statements. How far it has come stands in the rows themselves, or in the job.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from feedback import events
from feedback.models import ActionItem, ActionState, RequestRecipient, RequestState
from feedback.queries.silence import managers_with_silence
from goals.queries.settings import local_date, tenant_slug, tenant_zone
from perfsys.audit.actions import record
from perfsys.jobs.calendar import calendar_for
from perfsys.notices.actions import Telling, notify_all, settle, settle_before
from perfsys.people.models import Employee, EmployeeSpan
from perfsys.people.spans import holds
from perfsys.tenancy.models import Tenant

from .request import requests_url

AT_ONCE = 500
DAY = timedelta(days=1)
SOON_WORK_DAYS = 2
WAITED_WORK_DAYS = 3
LONGEST_HOLIDAYS = timedelta(days=30)


@transaction.atomic
def remind(*, now: datetime) -> bool:
    """Tell owners, once for each day they set, of what is due until the work day after next and of what is late, and
    whoever was asked for feedback once after three work days; whether there may be more. Who is away hears of it on
    coming back."""
    zone = tenant_zone()
    on = now.astimezone(zone).date()
    open_items = ActionItem.objects.filter(_is_here("owner", on), state=ActionState.OPEN, told_late_on=None)
    late = _some(open_items.filter(due_on__lt=on))
    soon = _some(open_items.filter(due_on__range=(on, _soon(on)), told_soon_on=None))
    waiting = _waiting_requests(on, zone)
    _tell_of_actions(events.ACTION_LATE, late, on, now)
    _tell_of_actions(events.ACTION_DUE, soon, on, now)
    _tell_of_requests(waiting, on, now)
    ActionItem.objects.filter(pk__in=[one.pk for one in late]).update(told_late_on=on)
    ActionItem.objects.filter(pk__in=[one.pk for one in soon]).update(told_soon_on=on)
    RequestRecipient.objects.filter(pk__in=[one.pk for one in waiting]).update(reminded_on=on)
    if told := len(late) + len(soon) + len(waiting):
        record(events.REMINDED, subject=Tenant.objects.get(), actor=None, at=now, details={"told": told})
    return AT_ONCE in (len(late), len(soon), len(waiting))


@transaction.atomic
def nudge_managers(*, after: int, now: datetime) -> int | None:
    """Tell the next 500 managers, by id, how many of their reports have not heard from them, once a week and to them
    alone; what is left of the week before is put away. Gives the last one's id, None where nobody is left."""
    on = local_date(now)
    monday = on - timedelta(days=on.weekday())
    if not after:
        settle_before(events.LONG_UNHEARD, datetime.combine(monday, time(0), tzinfo=tenant_zone()))
    found = managers_with_silence(on, after=after, most=AT_ONCE)
    url = reverse("dashboards:team", kwargs={"tenant": tenant_slug()}) + "#unheard"
    told = [
        Telling(to_id=pk, params={"number": number}, url=url, key=monday.isoformat()) for pk, number in found.items()
    ]
    notify_all(events.LONG_UNHEARD, told, of=Employee, on=on, at=now)
    if not found:
        return None
    return max(found) if len(found) == AT_ONCE else None


def _some(items: QuerySet[ActionItem]) -> list[ActionItem]:
    return list(items.select_for_update(of=["self"], skip_locked=True).order_by("pk")[:AT_ONCE])


def _soon(on: date) -> date:
    """What is due over the weekend or the holidays, or right after them, is told of before they begin."""
    days = calendar_for(on, on + LONGEST_HOLIDAYS).work_days(on + DAY, on + LONGEST_HOLIDAYS)
    return days[SOON_WORK_DAYS - 1] if len(days) >= SOON_WORK_DAYS else on + SOON_WORK_DAYS * DAY


def _waiting_requests(on: date, zone: ZoneInfo) -> list[RequestRecipient]:
    """Of those sent so long ago that three work days have passed since."""
    calendar = calendar_for(on - LONGEST_HOLIDAYS, on)
    passed = calendar.work_days(on - LONGEST_HOLIDAYS, on)[-WAITED_WORK_DAYS:]
    if not passed:
        return []
    sent_before = datetime.combine(passed[0], time(0), tzinfo=zone)
    lines = RequestRecipient.objects.filter(
        _is_here("person", on),
        state=RequestState.OPEN,
        reminded_on=None,
        request__withdrawn_at=None,
        request__asker__status=Employee.Status.ACTIVE,
        request__at__lt=sent_before,
    )
    locked = lines.select_for_update(of=["self"], skip_locked=True).select_related("request__asker")
    return list(locked.order_by("pk")[:AT_ONCE])


def _is_here(name: str, on: date) -> Q:
    away = EmployeeSpan.objects.filter(holds(on), kind=EmployeeSpan.Kind.LONG_LEAVE).values("employee")
    return Q(**{f"{name}__status": Employee.Status.ACTIVE}) & ~Q(**{f"{name}__in": away})


def _tell_of_actions(kind: str, items: Sequence[ActionItem], on: date, now: datetime) -> None:
    url = reverse("feedback:list", kwargs={"tenant": tenant_slug()}) + "?tab=open"
    told = [
        Telling(
            to_id=one.owner_id,
            about_id=one.owner_id,
            subject_id=one.pk,
            params={"day": one.due_on.isoformat(), "text": one.text},
            url=url,
            key=f"{one.pk}:{one.due_on.isoformat()}",
        )
        for one in items
    ]
    if kind == events.ACTION_LATE:
        settle(events.ACTION_DUE, [one.pk for one in items])
    notify_all(kind, told, of=ActionItem, on=on, at=now)


def _tell_of_requests(lines: Sequence[RequestRecipient], on: date, now: datetime) -> None:
    if not lines:
        return
    url = requests_url()
    told = [
        Telling(
            to_id=one.person_id,
            about_id=one.person_id,
            subject_id=one.pk,
            params={"name": one.request.asker.name, "event": one.request.event},
            url=url,
            key=str(one.pk),
        )
        for one in lines
    ]
    notify_all(events.REQUEST_REMINDER, told, of=RequestRecipient, on=on, at=now)

"""The micro-retro of a week, for everybody: made, opened, told, closed (product.md §6.1, §6.5).

One job does it, in steps of 1,000 people, set by set. How far it has come stands on the week itself, so a step that was
lost or is repeated goes on from there. Whoever is asked is asked at the same moment: nobody reads a week that is still
being made, and the means of the teams are published with it, once.
"""

from dataclasses import asdict
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Q, QuerySet
from django.urls import reverse

from feedback import events
from feedback.models import Retro, RetroResponse, RetroTeam, RetroWeek
from feedback.queries.retro_facts import weeks_of
from feedback.queries.retro_means import means_of
from feedback.retro import as_data, figures, questions
from feedback.retro_means import Answers, counts_told
from goals.queries.settings import tenant_slug, tenant_zone
from perfsys.audit.actions import record
from perfsys.notices.actions import Telling, notify_all, settle
from perfsys.people.features import Feature
from perfsys.people.models import Employee, EmployeeSpan, ReportingClosure
from perfsys.people.queries import having, hrbp_of
from perfsys.people.spans import holds
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.rows import insert_rows

AT_ONCE = 1_000  # people
NOON = time(12)
NOT_NEW = timedelta(days=60)


@transaction.atomic
def go_on(*, due_at: datetime, now: datetime) -> bool:
    """One step of the week that was due at `due_at`; whether there are more."""
    zone = tenant_zone()
    week = _week(due_at, zone, now)
    if week.closes_at <= now:
        return False
    if week.opened_at is None:
        if not _make_some(week, zone):
            _open(week, now)
        return True
    return _tell_some(week, zone, now)


@transaction.atomic
def close_weeks(*, now: datetime) -> None:
    """Put away what still waits of weeks that are over, and count, once, how many answered. Again: nothing."""
    over = RetroWeek.objects.filter(closed_at=None, closes_at__lte=now, opened_at__isnull=False)
    for week in over.select_for_update().order_by("pk"):
        waiting = Retro.objects.filter(week=week, answered_at=None, skipped_at=None)
        settle(events.RETRO_OPEN, list(waiting.values_list("pk", flat=True)))
        _count_responses(week)
        week.closed_at = now
        week.save(update_fields=["closed_at"])
        record(events.RETRO_CLOSED, subject=week, actor=None, at=now)


def monday_of(moment: datetime, zone: ZoneInfo) -> datetime:
    """The beginning of the tenant's week that holds `moment`."""
    on = moment.astimezone(zone).date()
    return datetime.combine(on - timedelta(days=on.weekday()), time(0), tzinfo=zone)


def _week(due_at: datetime, zone: ZoneInfo, now: datetime) -> RetroWeek:
    monday = monday_of(due_at, zone).date()  # of the week in which it was due, however late it runs
    closes_at = datetime.combine(monday + timedelta(weeks=1), NOON, tzinfo=zone)
    if closes_at > now:
        RetroWeek.objects.get_or_create(monday=monday, defaults={"as_of": now, "closes_at": closes_at})
    found: RetroWeek | None = RetroWeek.objects.select_for_update().filter(monday=monday).first()
    return found or RetroWeek(monday=monday, as_of=now, closes_at=closes_at)


def _make_some(week: RetroWeek, zone: ZoneInfo) -> bool:
    """The next 1,000 people; whether there were any."""
    on = week.as_of.astimezone(zone).date()
    away = EmployeeSpan.objects.filter(holds(on), kind=EmployeeSpan.Kind.LONG_LEAVE).values("employee")
    asked = (
        Employee.objects.filter(Q(hired_on=None) | Q(hired_on__lte=on), status=Employee.Status.ACTIVE)
        .exclude(pk__in=away)
        .filter(having(Feature.RETRO), pk__gt=week.made_to)
        .order_by("pk")
    )
    people = list(asked.values_list("pk", "hired_on")[:AT_ONCE])
    if not people:
        return False
    ids = [pk for pk, _hired_on in people]
    new = {pk for pk, hired_on in people if hired_on and on - hired_on < NOT_NEW}
    lines = ReportingClosure.objects.filter(holds(on), employee__in=ids, depth=1)
    managers = dict(lines.values_list("employee", "manager"))
    partners = {pk: partner.pk for pk, partner in hrbp_of(ids, on).items()}
    rows = []
    for pk, facts in weeks_of(ids, week, monday_of(week.as_of, zone), on, new).items():
        asked_of = {"week_id": week.pk, "person_id": pk, "manager_id": managers.get(pk), "partner_id": partners.get(pk)}
        said = as_data(questions(facts, monday=week.monday))
        rows.append({**asked_of, "questions": said, **asdict(figures(facts))})
    insert_rows(Retro, rows)  # the week is locked: nobody else writes them
    week.made_to, week.asked = ids[-1], week.asked + len(ids)
    week.save(update_fields=["made_to", "asked"])
    return True


def _open(week: RetroWeek, now: datetime) -> None:
    """For everybody at once, with the means that may be shown."""
    least = Tenant.objects.get().min_group_size
    RetroTeam.objects.bulk_create(means_of(week, least=least), batch_size=AT_ONCE)
    week.opened_at = now
    week.save(update_fields=["opened_at"])
    record(events.RETRO_OPENED, subject=week, actor=None, at=now, details={"people": week.asked})


def _tell_some(week: RetroWeek, zone: ZoneInfo, now: datetime) -> bool:
    """The next 1,000 who have neither answered nor skipped yet; whether there may be more."""
    waiting = _of(week).filter(person__gt=week.told_to, answered_at=None, skipped_at=None).order_by("person")
    rows = list(waiting.values_list("pk", "person")[:AT_ONCE])
    if not rows:
        return False
    url = reverse("feedback:retro", kwargs={"tenant": tenant_slug()})
    key = week.monday.isoformat()
    told = [Telling(to_id=person, about_id=person, subject_id=pk, url=url, key=key) for pk, person in rows]
    notify_all(events.RETRO_OPEN, told, of=Retro, on=now.astimezone(zone).date(), at=now)
    week.told_to = rows[-1][1]
    week.save(update_fields=["told_to"])
    return len(rows) == AT_ONCE


def _count_responses(week: RetroWeek) -> None:
    least = Tenant.objects.get().min_group_size
    numbers: dict[str, Any] = {"asked": Count("pk"), "answered": Count("pk", filter=Q(answered_at__isnull=False))}
    groups = {
        row.pop("partner"): Answers(**row)
        for row in _of(week).exclude(partner=None).values("partner").annotate(**numbers)
    }
    whole = Answers(**_of(week).aggregate(**numbers))
    kept: dict[int | None, Answers] = {key: groups[key] for key in sorted(counts_told(groups, whole, least=least))}
    if whole.asked > least:
        kept[None] = whole
    RetroResponse.objects.bulk_create(
        RetroResponse(week=week, partner_id=key, asked=one.asked, answered=one.answered) for key, one in kept.items()
    )


def _of(week: RetroWeek) -> QuerySet[Retro]:
    return Retro.objects.filter(week=week).order_by()

"""Issuing the penetration report (product.md §6.2): by the schedule on the 10th, and whenever somebody asks."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse

from goals.health import month_span
from goals.models import Period
from goals.queries.settings import local_date, tenant_zone
from perfsys.audit.actions import record
from perfsys.jobs.actions import enqueue
from perfsys.jobs.calendar import calendar_for
from perfsys.notices.actions import notify
from perfsys.people.models import Employee
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.roles import Role
from perfsys.tenancy.rows import insert_rows

from . import events
from .models import PenetrationPart, PenetrationReport
from .penetration_content import content_of, headline_of, parts_of
from .penetration_queries import facts_of, flows_of

ISSUE, TELL = "dashboards.penetration", "dashboards.penetration_told"
TOLD_AT = time(9)
BATCH = 1_000  # parts a statement
DAY, MONTHS = timedelta(days=1), timedelta(days=92)


class MonthNotBegun(ValueError):
    """There is nothing to report on yet: ask for a month that has begun."""


class NoGoalsThen(ValueError):
    """No period of goals touches the month: what is issued stays for ever, so an empty one is not begun."""


@transaction.atomic
def ask_for_report(*, month: date, key: str, actor: Employee | None, now: datetime) -> None:
    """Have the month's report worked out anew by a job. The same `key`, a button pressed twice, is one job. Raises
    MonthNotBegun, NoGoalsThen."""
    if month > local_date(now):
        raise MonthNotBegun
    first, last = month_span(month, local_date(now))
    if not Period.objects.filter(starts_on__lte=last, ends_on__gte=first).exists():
        raise NoGoalsThen
    asked = {"month": month.isoformat(), "key": key, "by": actor.pk if actor else None}
    enqueue(ISSUE, f"{month:%Y-%m} {key}", asked)
    record(
        events.REPORT_ASKED_FOR,
        subject=Tenant.objects.get(),
        actor=actor,
        at=now,
        details={"month": f"{month:%Y-%m}"},
    )


@transaction.atomic
def issue_report(
    *, month: date, as_of: date, key: str, actor: Employee | None, now: datetime, only_if_new: bool = False
) -> PenetrationReport:
    """Work the month out as known on `as_of` and keep it as its next version. The same `key` again gives what was
    issued for it; with `only_if_new`, facts that have not changed give the version there is."""
    Tenant.objects.select_for_update(no_key=True).get()  # one at a time: versions are counted
    if issued := PenetrationReport.objects.filter(key=key).first():
        return issued
    latest = PenetrationReport.objects.filter(month=month).order_by("-version").first()
    facts = facts_of(month, as_of)
    flows = flows_of(facts)
    content = content_of(facts, flows, _before(month))
    if only_if_new and latest is not None and latest.content["digest"] == content["digest"]:
        return latest
    report: PenetrationReport = PenetrationReport.objects.create(
        month=month,
        version=latest.version + 1 if latest else 1,
        key=key,
        as_of=as_of,
        made_at=now,
        made_by=actor,
        content=content,
        idle=list(facts.idle),
    )
    parts: list[dict[str, Any]] = []
    for of, part in parts_of(facts, flows):
        parts.append({"report_id": report.pk, "of": of, "content": part})
        if len(parts) == BATCH:
            insert_rows(PenetrationPart, parts)
            parts = []
    insert_rows(PenetrationPart, parts)
    details = {"month": f"{month:%Y-%m}", "version": report.version}
    record(events.REPORT_ISSUED, subject=report, actor=actor, at=now, details=details)
    return report


def issue_when_asked(*, month: date, key: str, actor_id: int | None, now: datetime) -> PenetrationReport:
    """What `ask_for_report` asked for, as known today."""
    actor = Employee.objects.filter(pk=actor_id).first() if actor_id else None
    return issue_report(
        month=month, as_of=local_date(now), key=f"asked {month:%Y-%m} {key}", actor=actor, now=now, only_if_new=True
    )


@transaction.atomic
def issue_when_due(*, due_at: datetime, now: datetime) -> PenetrationReport:
    """The schedule's own report, for the month before, with the date it was due on however late it comes. Its readers
    are told in the morning of that day, or of the next working day."""
    due_on = local_date(due_at)
    month = (due_on.replace(day=1) - DAY).replace(day=1)
    report = issue_report(month=month, as_of=due_on, key=f"due {due_at.isoformat()}", actor=None, now=now)
    told_on = calendar_for(due_on, due_on + MONTHS).next_work_day(due_on)
    told_at = datetime.combine(told_on, TOLD_AT, tzinfo=tenant_zone())
    enqueue(TELL, f"{month:%Y-%m}", {"report": report.pk}, run_after=max(now, told_at))
    return report


@transaction.atomic
def tell_readers(*, report_id: int, now: datetime) -> None:
    """HR partners, administrators and executives hear of a month once."""
    report = PenetrationReport.objects.defer("content").get(pk=report_id)
    month = f"{report.month:%Y-%m}"
    notify(
        events.REPORT_READY,
        to=readers(),
        at=now,
        subject=report,
        params={"month": month, "idle": len(report.idle)},
        url=reverse("dashboards:penetration", args=[Tenant.objects.get().slug, report.month]),
        key=month,
    )


def readers() -> QuerySet[Employee]:
    """Whose work the report is: the roles its page is open to."""
    reads = Q(membership__derived__contains=[Role.HRBP])
    reads |= Q(membership__granted__overlap=[Role.ADMIN, Role.EXECUTIVE])
    return Employee.objects.filter(reads, membership__is_active=True, status=Employee.Status.ACTIVE)


def _before(month: date) -> dict[str, Any] | None:
    """The month before, as it was issued last."""
    before = (month - DAY).replace(day=1)
    found = PenetrationReport.objects.filter(month=before).order_by("-version").first()
    return headline_of(f"{before:%Y-%m}", found.version, found.content) if found else None

"""What beat starts: insert what is due, take back what was lost. Both do no harm when done twice or by two."""

import json
from collections import defaultdict
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction

from perfsys.tenancy.scope import all_tenants

from . import schedules
from .calendar import REGION, assemble
from .models import Heartbeat, WorkDay

ALARM = "jobs.dead"
AT_MOST_ATTEMPTS = 5
KEPT_FOR = timedelta(days=30)
BATCH = 5_000
Overrides = tuple[tuple[date, bool], ...]


def tick(*, now: datetime) -> int:
    """Insert the occurrences of all schedules of all tenants since the last tick, and a job for each that is to
    run; returns how many jobs. A handful of statements whatever the number of tenants. Should another tick be at
    it, that one does it.

    The very first tick starts the record and inserts nothing, and so does a schedule that is new in a release.
    """
    with transaction.atomic(), all_tenants("insert due occurrences") as call:
        since = _beat("tick", now)
        if since is None:
            return 0
        due = _due(since, now, call)
        jobs = 0
        for start in range(0, len(due), BATCH):
            [(inserted,)] = call("insert_occurrences", json.dumps(due[start : start + BATCH]))
            jobs += inserted
        return jobs


def reap(*, now: datetime) -> int:
    """Take jobs back from workers that died, give up those lost five times, delete what has long been done;
    returns how many were taken back."""
    with transaction.atomic(), all_tenants("take lost jobs back") as call:
        if _beat("reap", now) is None:
            return 0
        lost = call("reap_jobs", now, AT_MOST_ATTEMPTS, ALARM)
        call("purge_jobs", now - KEPT_FOR, BATCH)
        return len(lost)


def schedules_by_kind() -> dict[str, schedules.Schedule]:
    return _parsed(tuple(settings.SCHEDULES.items()))


@cache
def _parsed(declared: tuple[tuple[str, tuple[str, str]], ...]) -> dict[str, schedules.Schedule]:
    return {kind: schedules.parse_schedule(words) for kind, words in declared}


def _beat(name: str, now: datetime) -> datetime | None:
    """When it last happened, written down as `now`; None where another does it, or the clock went back."""
    Heartbeat.objects.bulk_create([Heartbeat(name=name, at=now)], ignore_conflicts=True)
    row = Heartbeat.objects.select_for_update(skip_locked=True).filter(name=name, at__lte=now).first()
    if row is None:
        return None
    since, row.at = row.at, now
    row.save(update_fields=["at"])
    return since


def _due(since: datetime, until: datetime, call: Any) -> list[dict[str, Any]]:
    first, last = (since - schedules.REACH).date(), (until + schedules.REACH).date()
    of_tenants: dict[int, list[tuple[date, bool]]] = defaultdict(list)
    for tenant_id, on, is_work_day in call("calendar_overrides", first, last):
        of_tenants[tenant_id].append((on, is_work_day))
    region = list(
        WorkDay.objects.filter(region=REGION, on__year__range=(first.year, last.year)).values_list(
            "on", "is_work_day", "is_provisional"
        )
    )

    @cache  # thousands of tenants share a zone and a calendar
    def due_in(zone: str, overrides: Overrides) -> list[tuple[str, str, schedules.Verdict]]:
        days = assemble(first.year, last.year, region, dict(overrides))
        return [
            (kind, due.isoformat(), verdict)
            for kind, schedule in schedules_by_kind().items()
            for due, verdict in schedule.missed.verdicts(
                schedule.rule.due_between(since, until, ZoneInfo(zone), days), until
            )
        ]

    return [
        {"tenant_id": tenant_id, "kind": kind, "due_at": due_at, "state": verdict}
        for tenant_id, zone in call("tenant_zones")
        for kind, due_at, verdict in due_in(zone, tuple(of_tenants[tenant_id]))
    ]

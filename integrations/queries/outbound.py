"""What other systems are told of people, and how messages to them stand (product.md §5.10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Max, Min, Q, QuerySet

from perfsys.people.models import Employee
from perfsys.people.queries import managers_of, primary_units
from perfsys.tenancy.models import Tenant

from ..models import Endpoint, MessageState, OutboundMessage


@dataclass(frozen=True)
class EndpointRow:
    """An endpoint with its messages: how many wait and were given up, when one was last delivered, and since when the
    oldest that waits does."""

    endpoint: Endpoint
    waiting: int
    dead: int
    sent_at: datetime | None
    waits_since: datetime | None


def endpoints_page() -> list[EndpointRow]:
    """By name; one query."""
    waiting = Q(messages__state=MessageState.WAITING)
    rows: Any = Endpoint.objects.select_related("owner").annotate(
        waiting=Count("messages", filter=waiting),
        dead=Count("messages", filter=Q(messages__state=MessageState.DEAD)),
        sent_at=Max("messages__tried_at", filter=Q(messages__state=MessageState.SENT)),
        waits_since=Min("messages__made_at", filter=waiting),
    )
    return [EndpointRow(one, one.waiting, one.dead, one.sent_at, one.waits_since) for one in rows.order_by("name")]


def messages_of(endpoint: Endpoint, state: str = "") -> QuerySet[OutboundMessage]:
    """The newest first."""
    found = OutboundMessage.objects.filter(endpoint=endpoint).order_by("-made_at", "-pk")
    return found.filter(state=state) if state else found


def facts_of_people(people: Sequence[Employee], now: datetime) -> dict[int, dict[str, Any]]:
    """All that can be told of each on the company's day, as plain JSON values by the names of `models.Told`, and
    `status`. Three queries."""
    zone = ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get())
    on = now.astimezone(zone).date()
    ids = [one.pk for one in people]
    units, managers = primary_units(ids, on), managers_of(ids, on)
    return {
        one.pk: {
            "employee_no": one.employee_no,
            "name": one.name,
            "email": one.email,
            "mobile": one.mobile,
            "unit": units[one.pk].path if one.pk in units else "",
            "manager_no": managers[one.pk].employee_no if one.pk in managers else "",
            "position": one.position,
            "job_family": one.job_family,
            "grade": one.grade,
            "hired_on": one.hired_on.isoformat() if one.hired_on else None,
            "left_on": one.left_on.isoformat() if one.left_on else None,
            "status": one.status,
        }
        for one in people
    }

"""Connections are the work of administrators and of whoever was made an integration owner: their pages are open to
these roles alone (`KEEPERS`), and to each of them every connection of the company, since a colleague takes over where
one left."""

from collections.abc import Collection
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from perfsys.people.models import Employee
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest

from .adapters.registry import takes_deliveries
from .models import Connection, ConnectionState, Gap, QuarantinedRow

KEEPERS = (Role.ADMIN, Role.INTEGRATION_OWNER)


def visible_connections() -> QuerySet[Connection]:
    """For routes open to `KEEPERS`; by name."""
    return Connection.objects.select_related("owner").order_by("name")


def connection_to_keep(public_id: UUID) -> Connection:
    """404 where there is none, or it is another company's."""
    return get_object_or_404(visible_connections(), public_id=public_id)


def connection_sent_to(public_id: UUID) -> Connection | None:
    """For the address that other systems send to; None where nothing may be sent: one that asks by itself is none."""
    found = Connection.objects.filter(public_id=public_id).first()
    return found if found is not None and takes_deliveries(found.adapter) else None


def gap_to_close(public_id: UUID) -> Gap:
    """With its connection."""
    return get_object_or_404(Gap.objects.select_related("connection"), public_id=public_id)


def rows_to_decide_on(connection: Connection, public_ids: Collection[UUID]) -> QuerySet[QuarantinedRow]:
    """Those set aside from this connection that were ticked; 404 where one of them is not among them."""
    found = QuarantinedRow.objects.filter(connection=connection, public_id__in=public_ids).order_by("pk")
    if found.count() != len(set(public_ids)):
        raise Http404
    return found


def possible_owners(connection: Connection | None = None) -> QuerySet[Employee]:
    """Who can be told when something is missing, and open the page that says what: by name. Somebody who has lost the
    role since stays possible for the connection that is theirs."""
    may = Q(status=Employee.Status.ACTIVE, membership__is_active=True, membership__granted__overlap=list(KEEPERS))
    if connection is not None:
        may |= Q(pk=connection.owner_id)
    return Employee.objects.filter(may).order_by("name", "pk")


def something_stopped(request: TenantRequest) -> bool:
    """Whether a connection waits for the person behind the request: then the day begins there (design.md §2)."""
    keeps = bool(request.seat.roles & set(KEEPERS))
    return keeps and Connection.objects.filter(state=ConnectionState.STOPPED).exists()


def count_open_gaps() -> int:
    """For the navigation of `KEEPERS`."""
    return Gap.objects.filter(closed_at=None).count()

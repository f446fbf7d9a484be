"""Connections are the work of administrators and of whoever was made an integration owner: their pages are open to
these roles alone (`KEEPERS`), and to each of them every connection of the company, since a colleague takes over where
one left.

What a metric means is read by whoever keeps connections, by HR partners, and by those who answer for it; whose figures
they are, by the keepers and those who answer for it alone. Employees read their own figures where their goals show
them."""

from collections.abc import Collection
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from perfsys.people.access import Viewer
from perfsys.people.models import Employee
from perfsys.people.queries import reports_of
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest

from .models import (
    BehaviourAlert,
    BehaviourRule,
    Connection,
    ConnectionState,
    Endpoint,
    FoundState,
    Gap,
    MetricDefinition,
    MetricState,
    MetricValue,
    MetricVersion,
    OutboundMessage,
    QuarantinedRow,
    Side,
    Subject,
    SubjectLink,
)

KEEPERS = (Role.ADMIN, Role.INTEGRATION_OWNER)


def visible_connections() -> QuerySet[Connection]:
    """For routes open to `KEEPERS`; by name."""
    return Connection.objects.select_related("owner").order_by("name")


def connection_to_keep(public_id: UUID) -> Connection:
    """404 where there is none, or it is another company's."""
    return get_object_or_404(visible_connections(), public_id=public_id)


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


def rule_to_keep(public_id: UUID) -> BehaviourRule:
    """For routes open to `KEEPERS`; with its connection."""
    return get_object_or_404(BehaviourRule.objects.select_related("connection"), public_id=public_id)


def found_to_see(who: Viewer) -> QuerySet[BehaviourAlert]:
    """What rules found of one's own records and of those of one's direct reports, what waits for an answer first."""
    if who.employee is None:
        return BehaviourAlert.objects.none()
    theirs = Q(employee=who.employee) | Q(employee__in=reports_of(who.employee, who.on, direct=True).values("pk"))
    standing = BehaviourAlert.objects.filter(theirs, state__in=[FoundState.OPEN, FoundState.CONFIRMED])
    shown = standing.select_related("rule", "record", "employee").defer("record__data")
    return shown.order_by("-state", "seen", "pk")


def found_to_confirm(who: Viewer, public_id: UUID) -> BehaviourAlert:
    """A stranger's is not found."""
    return get_object_or_404(found_to_see(who), public_id=public_id)


def endpoint_to_keep(public_id: UUID) -> Endpoint:
    """For routes open to `KEEPERS`."""
    return get_object_or_404(Endpoint.objects.select_related("owner"), public_id=public_id)


def message_to_replay(public_id: UUID) -> OutboundMessage:
    """For routes open to `KEEPERS`; with its endpoint."""
    return get_object_or_404(OutboundMessage.objects.select_related("endpoint"), public_id=public_id)


def owners_of_endpoint(endpoint: Endpoint | None = None) -> QuerySet[Employee]:
    """As of a connection: who can be told when it stops, and open the page that says why."""
    found = possible_owners()
    return found | Employee.objects.filter(pk=endpoint.owner_id).order_by("name", "pk") if endpoint else found


# --- subjects ---


def subject_to_link(public_id: UUID) -> Subject:
    """For routes open to `KEEPERS`; with its connection."""
    return get_object_or_404(Subject.objects.select_related("connection__owner").exclude(value=""), public_id=public_id)


def link_to_take_back(public_id: UUID) -> SubjectLink:
    return get_object_or_404(SubjectLink.objects.select_related("subject__connection"), public_id=public_id)


# --- metrics ---


def visible_metrics(who: Viewer) -> QuerySet[MetricDefinition]:
    found = MetricDefinition.objects.select_related("owner", "interpreter")
    if who.has(*KEEPERS, Role.HRBP):
        return found
    return found.filter(Q(owner=who.employee_id) | Q(interpreter=who.employee_id))


def metric_to_read(who: Viewer, public_id: UUID) -> MetricDefinition:
    return get_object_or_404(visible_metrics(who), public_id=public_id)


def metric_to_edit(who: Viewer, public_id: UUID) -> MetricDefinition:
    """By whoever keeps connections, and its owner."""
    found = metric_to_read(who, public_id)
    if not may_edit_metric(who, found):
        raise PermissionDenied
    return found


def may_edit_metric(who: Viewer, definition: MetricDefinition) -> bool:
    return who.has(*KEEPERS) or (who.employee_id is not None and definition.owner_id == who.employee_id)


def may_read_subjects(who: Viewer, definition: MetricDefinition) -> bool:
    """Whether by person and unit, and the rows; else the whole alone."""
    return may_edit_metric(who, definition) or (
        who.employee_id is not None and definition.interpreter_id == who.employee_id
    )


def sides_of(who: Viewer, definition: MetricDefinition) -> list[Side]:
    """For which sides somebody may sign: the one with the last word for the business."""
    if who.employee is None:
        return []
    sides = [Side.BUSINESS] if definition.interpreter_id == who.employee_id else []
    sides += [Side.IT] if who.has(*KEEPERS) else []
    return sides + ([Side.HR] if who.has(Role.HRBP, Role.ADMIN) else [])


def draft_of(definition: MetricDefinition) -> MetricVersion:
    """404 where there is none: it was announced, or dropped."""
    drafts = MetricVersion.objects.select_related("definition__owner", "definition__interpreter", "connection__owner")
    return get_object_or_404(drafts, definition=definition, state=MetricState.DRAFT)


def value_to_read(who: Viewer, public_id: UUID) -> MetricValue:
    """A figure with its caliber. 404 for one of a subject that somebody may not read."""
    values = MetricValue.objects.select_related(
        "of__definition__owner", "of__definition__interpreter", "of__connection", "subject"
    )
    found: MetricValue = get_object_or_404(values, public_id=public_id, of__definition__in=visible_metrics(who))
    if found.subject_id is not None and not may_read_subjects(who, found.of.definition):
        raise Http404
    return found

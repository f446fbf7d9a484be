"""Connections are the work of administrators and of whoever was made an integration owner: their pages are open to
these roles alone (`KEEPERS`), and to each of them every connection of the company, since a colleague takes over where
one left.

What a metric means is read by whoever keeps connections, by HR partners, and by those who answer for it; whose figures
they are, by the keepers and those who answer for it alone. Employees read their own figures where their goals show
them."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.module_loading import import_string

from perfsys.people.access import Viewer, relation_to, relations_to, visible_people
from perfsys.people.models import Employee, OrgUnit
from perfsys.people.queries import reports_of, units_of_posts
from perfsys.people.visibility import Kind, Right, may
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest

from .adapters.registry import takes_deliveries
from .models import (
    BehaviourAlert,
    BehaviourRule,
    Connection,
    ConnectionState,
    DataDispute,
    DisputeFile,
    Endpoint,
    FoundState,
    Gap,
    MetricDefinition,
    MetricHold,
    MetricState,
    MetricValue,
    MetricVersion,
    OutboundMessage,
    QuarantinedRow,
    ReconciliationLine,
    ReconciliationPair,
    Side,
    SmsGateway,
    Subject,
    SubjectLink,
    SubjectOf,
)

KEEPERS = (Role.ADMIN, Role.INTEGRATION_OWNER)
ENDPOINT_SETTERS = (Role.ADMIN,)
"""Who decides where people's data goes: an address, its fields, its secret, and which days are sent there again.
Integration owners read no people's data (product.md §9.2); they look, try, switch, and repeat one message."""


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


# --- reconciliation (product.md §5.6) ---

COMPARE_READERS = (*KEEPERS, Role.HRBP)
"""Who sees every pair; owners and interpreters of a metric see those it is part of."""


def visible_pairs(who: Viewer) -> QuerySet[ReconciliationPair]:
    """For routes open to everybody. Refused to who neither keeps data nor answers for a metric."""
    found = ReconciliationPair.objects.select_related("a__owner", "b__owner")
    if who.has(*COMPARE_READERS):
        return found
    mine = found.filter(_answers_for(who))
    if not mine.exists():
        raise PermissionDenied
    return mine


def pair_to_read(who: Viewer, public_id: UUID) -> ReconciliationPair:
    """404 where there is none for them."""
    found = ReconciliationPair.objects.select_related("a__owner", "b__owner")
    if not who.has(*COMPARE_READERS):
        found = found.filter(_answers_for(who))
    return get_object_or_404(found, public_id=public_id)


def pair_to_release(who: Viewer, public_id: UUID) -> ReconciliationPair:
    """Whoever answers for one of the metrics, HR partners and administrators; nobody by keeping connections alone."""
    pair = pair_to_read(who, public_id)
    if not may_release(who, pair):
        raise PermissionDenied
    return pair


def may_release(who: Viewer, pair: ReconciliationPair) -> bool:
    return who.employee_id is not None and (who.has(Role.ADMIN, Role.HRBP) or _answers_for_one_of(who, pair))


def lines_to_read(who: Viewer, pair: ReconciliationPair) -> QuerySet[ReconciliationLine]:
    """Of people's figures only those whose profile they may open, except for who answers for the metric: integration
    owners read no people's data (product.md §9.2)."""
    lines = ReconciliationLine.objects.filter(pair=pair)
    return lines if _answers_for_one_of(who, pair) else lines.filter(_of_people_to_read(who, pair))


def holds_to_read(who: Viewer, pair: ReconciliationPair) -> QuerySet[MetricHold]:
    """Those of the lines above."""
    holds = MetricHold.objects.filter(pair=pair)
    return holds if _answers_for_one_of(who, pair) else holds.filter(_of_people_to_read(who, pair))


def _answers_for_one_of(who: Viewer, pair: ReconciliationPair) -> bool:
    answers = {pair.a.owner_id, pair.a.interpreter_id, pair.b.owner_id, pair.b.interpreter_id}
    return who.employee_id is not None and who.employee_id in answers


def _of_people_to_read(who: Viewer, pair: ReconciliationPair) -> Q:
    versions = MetricVersion.objects.filter(definition__in=[pair.a_id, pair.b_id])
    return names_no_person(versions) | Q(employee__in=visible_people(who).values("pk"))


def names_no_person(versions: QuerySet[MetricVersion]) -> Q:
    """Of rows with `key` and `employee`, counted from what `versions` read: whose key is no person. Whoever a source
    names and nobody has linked yet is somebody nevertheless. One query, made at once."""
    people = Subject.objects.filter(connection__in=versions.values("connection"), of=SubjectOf.PERSON).order_by()
    nobody = Q(employee=None)
    for kind in people.values_list("kind", flat=True).distinct():
        nobody &= ~Q(key__startswith=f"{kind}:") | Q(key=f"{kind}:")  # the latter is what was put down to nobody
    return nobody


def line_to_read(who: Viewer, public_id: UUID) -> ReconciliationLine:
    line = get_object_or_404(
        ReconciliationLine.objects.select_related("pair__a__owner", "pair__b__owner", "settled", "run"),
        public_id=public_id,
    )
    pair = pair_to_read(who, line.pair.public_id)
    if not lines_to_read(who, pair).filter(pk=line.pk).exists():
        raise Http404
    return line


def holds_to_release(who: Viewer, pair: ReconciliationPair, public_ids: Collection[UUID]) -> QuerySet[MetricHold]:
    """Those of the pair that were ticked; one that is free already is passed over."""
    return holds_to_read(who, pair).filter(public_id__in=public_ids, released_at=None)


def every_hold_to_release(who: Viewer, pair: ReconciliationPair, seen: datetime) -> QuerySet[MetricHold]:
    """All of the pair that were there at that moment."""
    return holds_to_read(who, pair).filter(released_at=None, opened_at__lte=seen)


def metrics_to_compare() -> QuerySet[MetricDefinition]:
    """For `KEEPERS`: those that were ever announced, by name."""
    announced = MetricVersion.objects.exclude(state=MetricState.DRAFT).values("definition")
    return MetricDefinition.objects.filter(pk__in=announced).order_by("name")


def _answers_for(who: Viewer) -> Q:
    me = who.employee_id
    return Q(a__owner=me) | Q(a__interpreter=me) | Q(b__owner=me) | Q(b__interpreter=me)


# --- disputes (product.md §5.7) ---


def metric_to_contest(public_id: UUID) -> MetricDefinition:
    """One that was ever announced. Which figure of it somebody may contest, `subject_to_contest` says."""
    found = metrics_to_compare().select_related("owner", "interpreter")
    return get_object_or_404(found, public_id=public_id)


def subject_to_contest(who: Viewer, definition: MetricDefinition, key: str) -> Employee | OrgUnit | None:
    """The person or unit whose figure this is; None for a figure of something else, or of the whole. The form shows
    the figure, so that it opens to whoever may read it alone: that of a person whose profile they may open, of the
    units of their own posts and below, the whole to whom the metric's page is open, all of them to who answers for it;
    and whatever stands on a goal of theirs (settings.METRIC_CONTESTED_BY: functions of a person, a metric and a key).
    404 else, and for a key that means nobody."""
    kind, _sep, rest = key.partition(":")
    me = who.employee
    asked = map(import_string, settings.METRIC_CONTESTED_BY)
    is_theirs = me is not None and any(one(me, definition, key) for one in asked)
    reads_all = is_theirs or may_read_subjects(who, definition)
    if kind not in ("employee", "unit"):
        reads_it = visible_metrics(who).filter(pk=definition.pk).exists()
        if not (reads_all and _is_subject_of(definition, kind, rest) if key else reads_it or is_theirs):
            raise Http404
        return None
    try:
        public_id = UUID(rest)
    except ValueError:
        raise Http404 from None
    if kind == "unit":
        units = OrgUnit.objects.all() if reads_all else units_of_posts(who.employee_id, who.on)
        return get_object_or_404(units, public_id=public_id)
    return get_object_or_404(Employee.objects.all() if reads_all else visible_people(who), public_id=public_id)


def _is_subject_of(definition: MetricDefinition, kind: str, value: str) -> bool:
    connections = MetricVersion.objects.filter(definition=definition).values("connection")
    return Subject.objects.filter(connection__in=connections, kind=kind, value=value).exists()


def may_contest(who: Viewer, definition: MetricDefinition, key: str) -> bool:
    """Whether the way to contest it leads anywhere for them."""
    try:
        subject_to_contest(who, definition, key)
    except Http404:
        return False
    return True


def visible_disputes(who: Viewer) -> QuerySet[DataDispute]:
    """Own ones, those to decide, those of a metric one answers for; those of people one manages or is the HR partner
    of; administrators see that they exist."""
    me = Q(claimant=who.employee_id) | Q(assigned_to=who.employee_id) | Q(definition__owner=who.employee_id)
    if who.employee_id is None:
        me = Q(pk__in=[])
    if who.has(Role.ADMIN):
        return DataDispute.objects.all()
    near = DataDispute.objects.filter(claimant__in=visible_people(who).values("pk")).values_list("pk", "claimant")
    people = dict(near)
    relations = relations_to(who, set(people.values())) if people else {}
    seen = [pk for pk, person in people.items() if may(Kind.DISPUTE, relations[person])]
    return DataDispute.objects.filter(me | Q(pk__in=seen))


@dataclass(frozen=True)
class DisputeRights:
    """What the viewer may do with one dispute. `reads`: also what was said and handed in."""

    reads: bool
    is_claimant: bool
    decides: bool


def dispute_to_read(who: Viewer, public_id: UUID) -> tuple[DataDispute, DisputeRights]:
    """404 for strangers."""
    found = DataDispute.objects.select_related("definition__owner", "claimant", "assigned_to", "decided_by", "record")
    dispute = get_object_or_404(found, public_id=public_id)
    rights = _rights(who, dispute)
    if rights is None:
        raise Http404
    return dispute, rights


def dispute_to_decide(who: Viewer, public_id: UUID) -> DataDispute:
    """Whoever it is assigned to, and the claimant's HR partner; nobody decides about their own."""
    dispute, rights = dispute_to_read(who, public_id)
    if not rights.decides:
        raise PermissionDenied
    return dispute


def dispute_to_answer(who: Viewer, public_id: UUID) -> DataDispute:
    """The claimant's alone."""
    dispute, rights = dispute_to_read(who, public_id)
    if not rights.is_claimant:
        raise PermissionDenied
    return dispute


def dispute_to_escalate(who: Viewer, public_id: UUID) -> DataDispute:
    dispute, rights = dispute_to_read(who, public_id)
    if not (rights.is_claimant or rights.decides):
        raise PermissionDenied
    return dispute


def proof_to_read(who: Viewer, public_id: UUID) -> DisputeFile:
    file = get_object_or_404(DisputeFile.objects.select_related("dispute"), public_id=public_id)
    _dispute, rights = dispute_to_read(who, file.dispute.public_id)
    if not rights.reads:
        raise PermissionDenied
    if file.held:
        raise Http404
    return file


def _rights(who: Viewer, dispute: DataDispute) -> DisputeRights | None:
    """None: a stranger."""
    me = who.employee_id
    if me is not None and me == dispute.claimant_id:
        return DisputeRights(reads=True, is_claimant=True, decides=False)
    if me is not None and me == dispute.assigned_to_id:
        return DisputeRights(reads=True, is_claimant=False, decides=True)
    relations = relation_to(who, dispute.claimant)
    decides = me is not None and may(Kind.DISPUTE, relations, Right.DECIDE)
    reads = decides or may(Kind.DISPUTE, relations) or (me is not None and me == dispute.definition.owner_id)
    if reads or may(Kind.DISPUTE, relations, Right.META):
        return DisputeRights(reads, is_claimant=False, decides=decides)
    return None


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


def sms_gateway() -> SmsGateway | None:
    """For routes open to `KEEPERS`: the company's one gateway for text messages, None while there is none."""
    return SmsGateway.objects.select_related("owner").first()


def sms_gateway_to_keep() -> SmsGateway:
    """The same, and 404 while there is none."""
    found = sms_gateway()
    if found is None:
        raise Http404
    return found


def owners_of_gateway(gateway: SmsGateway | None) -> QuerySet[Employee]:
    """As of a connection."""
    found = possible_owners()
    return found | Employee.objects.filter(pk=gateway.owner_id).order_by("name", "pk") if gateway else found


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


GOVERNANCE_READERS = (*KEEPERS, Role.HRBP, Role.EXECUTIVE)
"""Who sees how every metric is kept (product.md §5.8): states and names of those who answer for it, no figures."""


def governed_metrics() -> QuerySet[MetricDefinition]:
    """For routes open to `GOVERNANCE_READERS`."""
    return MetricDefinition.objects.all()


def answers_for_metrics(who: Viewer) -> bool:
    """Whether the lists of metrics and comparisons have something for them, whatever their roles are."""
    return visible_metrics(who).exists()


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
    """Whether every figure by person and unit, and the rows behind them: who answers for it, and administrators. What
    integration owners read, `values_to_read` says."""
    mine = who.employee_id is not None and who.employee_id in (definition.owner_id, definition.interpreter_id)
    return mine or who.has(Role.ADMIN)


def may_read_people_of_new(who: Viewer) -> bool:
    """The same of a metric that is only being written, and has nobody yet who answers for it."""
    return who.has(Role.ADMIN)


def may_list_subjects(who: Viewer, definition: MetricDefinition) -> bool:
    """Whether figures of subjects at all; which, `values_to_read` says."""
    return may_read_subjects(who, definition) or who.has(Role.INTEGRATION_OWNER)


def values_to_read(who: Viewer, definition: MetricDefinition) -> Q:
    """Of the `MetricValue`s of a metric: integration owners read those of regions, customers and the like, of no people
    (product.md §9.2); HR partners the wholes."""
    if may_read_subjects(who, definition):
        return Q()
    if not may_list_subjects(who, definition):
        return Q(subject=None)
    links = SubjectLink.objects.filter(subject=OuterRef("pk"), employee__isnull=False)
    people = Subject.objects.filter(Q(of=SubjectOf.PERSON) | Exists(links))
    return Q(subject=None) | ~Q(subject__in=people.values("pk"))


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
    if not MetricValue.objects.filter(values_to_read(who, found.of.definition), pk=found.pk).exists():
        raise Http404
    return found

"""Reads of the organisation. Every answer is about one day, `on`: a report about March asks for March.

Here nobody asks who is asking; `perfsys.people.access` does.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, F, Func, Max, OuterRef, Prefetch, Q, QuerySet, Subquery, Window

from perfsys.common.bulk import AnyOf
from perfsys.jobs.models import Job
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.prepared import prepared
from perfsys.tenancy.scope import use_tenant

from . import crossing
from .features import Feature
from .models import (
    Account,
    Assignment,
    Employee,
    EmployeeSpan,
    FeaturePilot,
    FeatureSwitch,
    HrbpAssignment,
    Invitation,
    InvitationRun,
    OrgUnit,
    OrgUnitClosure,
    ReportingClosure,
    ReportingLine,
    RoleGrant,
)
from .spans import ends_after, holds


def reports_of(employee: Employee, on: date, *, direct: bool = False) -> QuerySet[Employee]:
    """Those below `employee`, or only those directly below, sorted by pinyin."""
    below = ReportingClosure.objects.filter(holds(on), manager=employee)
    if direct:
        below = below.filter(depth=1)
    return Employee.objects.filter(pk__in=below.values("employee")).order_by("name_key", "employee_no")


def chain_above(employee: Employee, on: date) -> list[Employee]:
    """The managers above, the direct one first. One query."""
    above = ReportingClosure.objects.filter(holds(on), employee=employee).select_related("manager").order_by("depth")
    return [row.manager for row in above]


def managers_of(employee_ids: Collection[int], on: date) -> dict[int, Employee]:
    """Direct manager by employee id; who has none is missing. One query."""
    asked = tuple(employee_ids)
    return {line.employee_id: line.manager for line in _lines_above(asked, on)} if asked else {}


@prepared
def _lines_above(employees: tuple[int, ...], on: date) -> QuerySet[ReportingClosure]:
    return ReportingClosure.objects.filter(holds(on), employee__in=employees, depth=1).select_related("manager")


def levels_between(one: Employee, other: Employee, on: date) -> int:
    """How many levels of the organisation lie between two people, whether or not one leads the other; none where one
    of them stands in no line at all. One query, and one more for somebody at the top."""
    both = [one.pk, other.pk]
    lines = ReportingClosure.objects.filter(holds(on), employee__in=both).order_by()
    levels: dict[int, int] = dict(lines.values_list("employee").annotate(level=Max("depth")))
    if any(not has_reports(person, on) for person in (one, other) if person.pk not in levels):
        return 0
    return abs(levels.get(one.pk, 0) - levels.get(other.pk, 0))


def has_reports(employee: Employee, on: date) -> bool:
    return ReportingClosure.objects.filter(holds(on), manager=employee, depth=1).exists()


def units_under(unit: OrgUnit, on: date) -> QuerySet[OrgUnit]:
    """The unit and all below it, sorted by path."""
    below = OrgUnitClosure.objects.filter(holds(on), ancestor=unit).values("descendant")
    return OrgUnit.objects.filter(pk__in=below).order_by("path")


def units_of_posts(employee_id: int | None, on: date) -> QuerySet[OrgUnit]:
    """The units of all posts somebody has on that day, and those below them."""
    posts = Assignment.objects.filter(holds(on), employee=employee_id)
    below = OrgUnitClosure.objects.filter(holds(on), ancestor__in=posts.values("unit"))
    return OrgUnit.objects.filter(pk__in=below.values("descendant")).order_by("path")


def units_above(unit: OrgUnit, on: date) -> list[OrgUnit]:
    """The ancestors, the nearest first, without the unit itself."""
    above = OrgUnitClosure.objects.filter(holds(on), descendant=unit, depth__gt=0)
    return [row.ancestor for row in above.select_related("ancestor").order_by("depth")]


def members_of(units: QuerySet[OrgUnit] | Iterable[OrgUnit], on: date) -> QuerySet[Employee]:
    """Whose primary post is in one of `units` (pass `units_under` for a whole branch), sorted by pinyin. Of a large
    branch pass a list: nested four deep, the planner guesses one row at each level and then loops."""
    posts = Assignment.objects.filter(holds(on), is_primary=True, unit__in=units)
    return Employee.objects.filter(pk__in=posts.values("employee")).order_by("name_key", "employee_no")


def primary_units(employee_ids: Collection[int], on: date) -> dict[int, OrgUnit]:
    """Unit of the primary post by employee id; who has no post is missing. One query."""
    asked = tuple(employee_ids)
    return {post.employee_id: post.unit for post in _primary_posts(asked, on)} if asked else {}


@prepared
def _primary_posts(employees: tuple[int, ...], on: date) -> QuerySet[Assignment]:
    return Assignment.objects.filter(holds(on), employee__in=employees, is_primary=True).select_related("unit")


def hrbp_of(employee_ids: Collection[int], on: date) -> dict[int, Employee]:
    """HR partner by employee id: of the primary unit, else of the nearest unit above that has one. Two queries."""
    asked = tuple(employee_ids)
    partner = dict(_partners_of_posts(asked, on)) if asked else {}
    partners = Employee.objects.in_bulk({pk for pk in partner.values() if pk})
    return {employee: partners[pk] for employee, pk in partner.items() if pk}


@prepared
def _partners_of_posts(employees: tuple[int, ...], on: date) -> QuerySet[Assignment, tuple[int, Any]]:
    """The employee, and the id of the partner or None."""
    nearest = (
        HrbpAssignment.objects.filter(
            holds(on), holds(on, "unit__closure_below__"), unit__closure_below__descendant=OuterRef("unit")
        )
        .order_by("unit__closure_below__depth")
        .values("hrbp")[:1]
    )
    posts = Assignment.objects.filter(holds(on), employee__in=employees, is_primary=True)
    return posts.annotate(partner=Subquery(nearest)).values_list("employee", "partner")


def hrbp_units(hrbp: Employee, on: date) -> QuerySet[OrgUnit]:
    """The units an HR partner looks after: those given by name and all below them, whoever else has a part of them."""
    given = HrbpAssignment.objects.filter(holds(on), hrbp=hrbp).values("unit")
    below = OrgUnitClosure.objects.filter(holds(on), ancestor__in=given).values("descendant")
    return OrgUnit.objects.filter(pk__in=below).order_by("path")


def away(employee_ids: Collection[int], on: date) -> set[int]:
    """Those on probation or a long leave: their alerts pause (product.md §1.3)."""
    spans = EmployeeSpan.objects.filter(holds(on), employee__in=employee_ids)
    return set(spans.values_list("employee_id", flat=True))


def matching(people: QuerySet[Employee], typed: str) -> QuerySet[Employee]:
    """`people` found by what was typed: part of the name, the start of the pinyin ("wanqi", "wqx") or of the
    number. Sorted by pinyin."""
    wanted = "".join(typed.split())
    if wanted:
        key = wanted.lower()
        people = people.filter(
            Q(name__contains=wanted)
            | Q(search_key__startswith=key)
            | Q(search_key__contains=f" {key}")  # the initials stand after the whole pinyin
            | Q(employee_no__startswith=wanted.upper())
        )
    return people.order_by("name_key", "employee_no")


def page_found(found: QuerySet[Employee], asked: str, size: int) -> Page[Employee]:
    """The page `asked` for of people found by what was typed, and how many there are: everybody is looked at once for
    both, as no index finds a part of a name."""
    paginator = Paginator(found, size)
    number = int(asked) if re.fullmatch(r"[1-9][0-9]{0,4}", asked) else 1
    counted: Any = found.annotate(number_found=Window(Count("pk")))
    rows = list(counted[(number - 1) * size : number * size])
    if not rows:  # nobody, or a page behind the last
        return paginator.get_page(asked or None)
    paginator.count = rows[0].number_found
    return Page(rows, number, paginator)


@dataclass(frozen=True)
class OpenInvitation:
    """What the invitation page shows. `must_sign_in`: the address has an account, and the link may not touch it."""

    invitation: Invitation
    company: str
    name: str
    must_sign_in: bool


def open_invitation(slug: str, token: str, *, now: datetime) -> OpenInvitation | None:
    """The invitation behind a link, None for one that cannot be used. Called outside a scope."""
    found = crossing.invitation_for(slug, hash_of(token), now=now)
    if found is None:
        return None
    tenant_id, invitation_id = found
    with use_tenant(tenant_id):
        invitation = Invitation.objects.select_related("employee__membership").get(pk=invitation_id)
        account = account_at(invitation)
        return OpenInvitation(
            invitation=invitation,
            company=Tenant.objects.get().name,
            name=invitation.employee.name if invitation.employee else "",
            must_sign_in=account is not None and not resets_password(invitation, account),
        )


def hash_of(token: str) -> str:
    """What the row keeps of a link's token."""
    return hashlib.sha256(token.encode()).hexdigest()


def account_at(invitation: Invitation) -> Account | None:
    """The account that signs in with the invitation's address or number."""
    reached = Q(email=invitation.email) if invitation.email else Q(phone=invitation.phone)
    return Account.objects.filter(reached).first()


def resets_password(invitation: Invitation, account: Account) -> bool:
    """Whether the link may set a new password for an account that exists: of somebody without e-mail, by the one
    company the account has ever belonged to. Otherwise an administrator could take over an account of elsewhere."""
    seat = invitation.employee.membership if invitation.employee else None
    return (
        not account.email
        and seat is not None
        and seat.account_id == account.pk
        and crossing.sole_tenant(account.pk) == invitation.tenant_id
    )


def people_named(typed: str) -> list[Employee]:
    """Those who work here and are meant by a number, a full name, or both as suggested. At most six."""
    return people_named_each([typed])[typed]


def people_named_each(typed: Collection[str]) -> dict[str, list[Employee]]:
    """The same for many at once, by what was typed. Two queries, however many."""
    wanted = {one: " ".join(one.split()) for one in typed}
    numbers = {one: name.rpartition(" ")[2] for one, name in wanted.items()}
    here = Employee.objects.filter(status=Employee.Status.ACTIVE).order_by("employee_no")
    asked = {written for number in numbers.values() for written in (number, number.upper())}
    by_number = {one.employee_no: one for one in here.filter(AnyOf(F("employee_no"), sorted(asked)))}
    found = {
        one: [by_number[written] for written in sorted({number, number.upper()}) if written in by_number]
        for one, number in numbers.items()
    }
    names = sorted({wanted[one] for one, people in found.items() if not people})
    called: defaultdict[str, list[Employee]] = defaultdict(list)
    for person in here.filter(AnyOf(F("name"), names)) if names else ():
        called[person.name].append(person)
    return {one: people or called[wanted[one]][:6] for one, people in found.items()}


def units_named(typed: str) -> list[OrgUnit]:
    """The open unit with this path, else those with this name. At most six."""
    here = OrgUnit.objects.filter(ends_on=None)
    return list(here.filter(path=typed)) or list(here.filter(name=typed).order_by("path")[:6])


def units_matching(typed: str) -> QuerySet[OrgUnit]:
    """Open units whose path holds what was typed, for suggestions."""
    return OrgUnit.objects.filter(ends_on=None, path__icontains=typed).order_by("path")


def company() -> Tenant:
    """The company of the open scope."""
    return Tenant.objects.get()


@dataclass(frozen=True)
class Step:
    """One dated row of a person's way: where, or for whom."""

    label: str
    starts_on: date
    ends_on: date | None


def posts_of(employee: Employee) -> list[Assignment]:
    """All posts with their units, the latest first."""
    return list(Assignment.objects.filter(employee=employee).select_related("unit").order_by("-starts_on", "pk"))


def unit_among(posts: Iterable[Assignment], on: date) -> OrgUnit | None:
    """The unit of the primary post on that day, as `primary_units` answers it."""
    held = (post for post in posts if post.is_primary and post.starts_on <= on)
    return next((post.unit for post in held if post.ends_on is None or post.ends_on > on), None)


def step_of_post(post: Assignment) -> Step:
    return Step(" · ".join(filter(None, (post.unit.path, post.position))), post.starts_on, post.ends_on)


def managers_over_time(employee: Employee) -> list[Step]:
    rows = ReportingLine.objects.filter(employee=employee).select_related("manager").order_by("-starts_on")
    return [Step(row.manager.name, row.starts_on, row.ends_on) for row in rows]


def spans_of(employee: Employee) -> list[Step]:
    rows = EmployeeSpan.objects.filter(employee=employee).order_by("-starts_on")
    return [Step(row.get_kind_display(), row.starts_on, row.ends_on) for row in rows]


def invitation_waiting(employee: Employee, *, now: datetime) -> Invitation | None:
    """The link that can still be used."""
    waiting = Invitation.objects.filter(employee=employee, accepted_at=None, withdrawn_at=None, expires_at__gt=now)
    found: Invitation | None = waiting.first()
    return found


def grants(on: date) -> QuerySet[RoleGrant]:
    """Roles that hold or are planned, by role."""
    return RoleGrant.objects.filter(ends_after(on)).select_related("unit", "granted_by").order_by("role", "pk")


def is_seated(employee: Employee) -> bool:
    """Whether the person can sign in: somebody who left and came back has a closed seat until invited anew."""
    return Employee.objects.filter(pk=employee.pk, membership__is_active=True).exists()


def employees_by_seat(membership_ids: Collection[int]) -> dict[int, Employee]:
    rows = Employee.objects.filter(membership__in=membership_ids)
    return {row.membership_id: row for row in rows if row.membership_id}


def switches() -> dict[str, FeatureSwitch]:
    """By feature, with whom each is on for; two queries."""
    named = FeaturePilot.objects.select_related("unit", "employee").order_by("unit__path", "employee__name_key")
    return {row.feature: row for row in FeatureSwitch.objects.prefetch_related(Prefetch("pilots", queryset=named))}


def count_withheld() -> tuple[int, Counter[str]]:
    """How many work here, and how many of them are without each feature; two queries."""
    here = Employee.objects.filter(status=Employee.Status.ACTIVE)
    without = here.annotate(feature=Func(F("withheld"), function="unnest")).values("feature").order_by()
    return here.count(), Counter(dict(without.annotate(people=Count("pk")).values_list("feature", "people")))


def having(feature: Feature) -> Q:
    """Of employees: `feature` is switched on for them today."""
    return ~Q(withheld__contains=[feature.value])


@dataclass(frozen=True)
class Partner:
    """The HR partner of a unit. `via` is the unit above that the partner was given to, None for the unit's own."""

    hrbp: Employee
    via: OrgUnit | None


@dataclass(frozen=True)
class UnitRow:
    """A unit in the tree: how deep below the page's own, how many have their primary post in it or below."""

    unit: OrgUnit
    depth: int
    people: int
    partner: Partner | None


def tree_below(parent: OrgUnit | None, on: date) -> list[UnitRow]:
    """The next two levels as a tree is read, each unit followed by those below it. Four queries, however many people:
    the units, how many work there, their partners."""
    next_level = Q(parent=parent) | Q(parent__parent=parent)  # at the top also true of the first level: no harm
    units = list(OrgUnit.objects.filter(holds(on)).filter(next_level).order_by("name"))
    people, partner = people_below([unit.pk for unit in units], on), partners_of(units, on)
    below: dict[int | None, list[OrgUnit]] = defaultdict(list)
    for unit in units:
        below[unit.parent_id].append(unit)
    return [
        UnitRow(unit, depth, people.get(unit.pk, 0), partner.get(unit.pk))
        for upper in below[parent.pk if parent else None]
        for depth, unit in [(0, upper), *((1, lower) for lower in below[upper.pk])]
    ]


def partners_of(units: Collection[OrgUnit], on: date) -> dict[int, Partner]:
    """HR partner by unit id: its own, else that of the nearest unit above that has one; who has none is missing.
    One query."""
    given = HrbpAssignment.objects.filter(
        holds(on), holds(on, "unit__closure_below__"), unit__closure_below__descendant__in=units
    )
    rows = (
        given.annotate(of=F("unit__closure_below__descendant"), depth=F("unit__closure_below__depth"))
        .select_related("hrbp", "unit")
        .order_by("-depth")
    )
    return {row.of: Partner(row.hrbp, row.unit if row.depth else None) for row in rows}  # the nearest comes last


def units_to_choose_from(on: date) -> QuerySet[OrgUnit]:
    """The two upper levels, for a filter: what is deeper is reached through the tree."""
    upper = Q(parent=None) | Q(parent__parent=None)
    return OrgUnit.objects.filter(holds(on)).filter(upper).order_by("path")


def people_below(unit_ids: Collection[int], on: date) -> dict[int, int]:
    """How many have their primary post in each unit or below it."""
    posts = Assignment.objects.filter(
        holds(on),
        holds(on, "unit__closure_above__"),
        is_primary=True,
        unit__closure_above__ancestor__in=unit_ids,
    )
    counted = posts.values_list("unit__closure_above__ancestor").annotate(people=Count("pk"))
    return dict(counted)


# --- who has no sign-in yet -------------------------------------------------------------------------------------------


def without_sign_in(on: date) -> QuerySet[Employee]:
    """Who works here and cannot come in: no seat yet, or one that was closed."""
    here = Employee.objects.filter(Q(left_on=None) | Q(left_on__gt=on), status=Employee.Status.ACTIVE)
    return here.filter(Q(membership=None) | Q(membership__is_active=False))


def to_invite(people: QuerySet[Employee], now: datetime) -> QuerySet[Employee]:
    """Those of `people` whom an e-mail reaches and who hold no invitation that still works."""
    return people.exclude(email="").exclude(pk__in=_invited(now))


@dataclass(frozen=True)
class NotIn:
    """People without a sign-in, and of them: invited already, without an e-mail address, to be invited."""

    number: int
    invited: int
    unreachable: int
    to_invite: int


def not_in(people: QuerySet[Employee], now: datetime) -> NotIn:
    """One query."""
    is_invited = Q(pk__in=_invited(now))
    counted = people.order_by().aggregate(
        number=Count("pk"),
        invited=Count("pk", filter=is_invited),
        unreachable=Count("pk", filter=Q(email="") & ~is_invited),
        to_invite=Count("pk", filter=~Q(email="") & ~is_invited),
    )
    return NotIn(**counted)


def _invited(now: datetime) -> QuerySet[Any]:
    still = Invitation.objects.filter(accepted_at=None, withdrawn_at=None, expires_at__gt=now)
    return still.exclude(employee=None).values("employee")


def invitation_run_under_way() -> InvitationRun | None:
    found: InvitationRun | None = InvitationRun.objects.filter(finished_at=None).first()
    return found


def has_given_up(run: InvitationRun) -> bool:
    """Whether its job failed too often to be tried again, was dropped after that, or has been swept away since."""
    at_work = Job.objects.filter(kind="people.invite", key=f"{run.pk}", state__in=(Job.State.READY, Job.State.RUNNING))
    return run.finished_at is None and not at_work.exists()

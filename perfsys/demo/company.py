"""The demo: a bearing maker of 527 people out of the files its HR keeps, and a small company beside it.

The files tell of Friday 20 November 2026. Whole weeks are added to every date in them, so that the company always
stands within a week of that day and its Mondays stay Mondays.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from django.db import models
from django.db.models import Count, ExpressionWrapper, F, Q, Value

from dashboards.actions import issue_report
from feedback import radar
from feedback.actions import retro_week
from feedback.models import Feedback, Visibility
from goals import tasks
from goals.actions.imported_check_ins import apply_imported_check_ins, retell
from goals.actions.imported_goals import apply_imported_goals
from goals.actions.periods import count_goals, ensure_period, quarter_of
from goals.actions.rollup import roll_up_period
from goals.importing.goal_judgement import period_name
from goals.models import (
    AlertRule,
    AlertState,
    CheckIn,
    Comment,
    EvidenceItem,
    Goal,
    GoalAlert,
    Milestone,
    Period,
    Status,
)
from goals.queries.periods import current_period
from goals.queries.settings import local_date, tenant_zone
from goals.sample_company import SampleCompany
from perfsys.common import charts
from perfsys.imports import actions as imports
from perfsys.jobs.calendar import calendar_for
from perfsys.lexicon.models import Nature
from perfsys.people import standing
from perfsys.people.actions.roles import grant_role
from perfsys.people.actions.roster import apply_roster
from perfsys.people.models import (
    Account,
    Assignment,
    Employee,
    HrbpAssignment,
    OrgUnit,
    OrgUnitClosure,
    ReportingClosure,
    RoleGrant,
)
from perfsys.people.queries import levels_between
from perfsys.tenancy.models import Membership
from perfsys.tenancy.roles import Role
from reviews import actions as interviews

from . import measured, systems
from .boards import fill_boards
from .exchange import ask_each_other, react_on_the_wall, write_to_the_team
from .gripes import hold_gripe_days
from .proposals import send_one
from .requests import ask_for_changes
from .workshop import open_workshop

FILES = (
    ("people", "people.xlsx"),
    ("goals", "goals_2026Q4.xlsx"),
    ("check_ins", "progress_2026Q4.csv"),
    ("feedback", "feedback_history.csv"),
)
DATA = Path(__file__).parent / "data"
DAY_OF_THE_FILES = date(2026, 11, 20)
COLLEAGUES = 20
PASSWORD = "perfsys-demo-2026"  # noqa: S105 served on 127.0.0.1 only
SMALL_PEOPLE, SMALL_SEED = 30, 7
DATED: tuple[tuple[type[models.Model], tuple[str, ...]], ...] = (
    (Period, ("starts_on", "ends_on")),
    (Goal, ("starts_on", "due_on", "published_on", "published_at", "last_activity_on")),
    (Milestone, ("due_on", "done_on")),
    (CheckIn, ("at", "local_on")),
    (EvidenceItem, ("at", "local_on")),
    (Comment, ("at", "local_on")),
    (Feedback, ("at", "local_on", "closed_at")),
)
OPEN_WITHIN = timedelta(days=90)
OPEN_SINCE = (3, 9)  # days; of each persona as many
HOLIDAYS, TALK_AT = timedelta(days=31), time(10)  # no row of days off is longer
RECOGNISED_WEEKS = 4
Say = Callable[[str], None]


class CannotLoad(Exception):
    """A file of the demo was not taken; says which."""


@dataclass(frozen=True)
class Cast:
    """People whose pages show the circle: the employee has a goal that stands still, and reports to the manager."""

    employee: Employee
    manager: Employee
    hrbp: Employee
    admin: Employee


def fill(now: datetime, say: Say, crm: int | None = None) -> None:
    """In the scope of a tenant without people: everything the files tell, as if it were this week. `crm` is the port
    where `perfsys.demo.crm` answers; without one the company has no CRM."""
    for kind, name in FILES:
        say(f"importing {name}")
        _bring(kind, name, now)
    move_by(weeks_until(local_date(now)))
    leave_out_what_lies_ahead(now)
    say("connecting its PLM, its orders, its MES and its CRM")
    connect_systems(crm, now)
    say("looking for goals that stand still")
    _night(now)
    cast = _choose_cast(local_date(now))
    for persona, person in vars(cast).items():
        seat(person, persona, now=now)
    leave_open([cast.employee, cast.manager, cast.hrbp], local_date(now))
    seat_colleagues()
    put_on_the_wall(local_date(now))
    react_on_the_wall(now)
    ask_each_other(cast.employee, cast.manager, now)
    write_to_the_team(cast.manager, cast.employee, now)
    standing.refresh_derived_roles(local_date(now))
    measure_goals(cast, now)
    say("opening this week's retro, planning a talk, reporting on the month before")
    open_this_week(now)
    ask_around(cast, now)
    hold_gripe_days(cast.employee, cast.hrbp, now)
    plan_a_talk(cast, now)
    report_on_the_month_before(now)
    send_one(cast.employee, now)
    systems.watch_opportunities(cast.admin, now)


def fill_small(now: datetime, say: Say) -> None:
    """In the scope of another tenant: thirty people, the manager of the first company among them."""
    say("making a small company beside it")
    today = local_date(now)
    first, last = quarter_of(today)
    company = SampleCompany(SMALL_PEOPLE, SMALL_SEED, first, last, today)
    about: dict[str, Any] = {"actor": None, "now": now}
    apply_roster(company.roster(), effective_on=first, **about)
    period = ensure_period(starts_on=first, ends_on=last, **about)
    apply_imported_goals(rows=company.goals(), period=period, **about)
    apply_imported_check_ins(rows=company.entries(), period=period, **about)
    _night(now)
    leaders = ReportingClosure.objects.filter(depth=1, ends_on=None).values("manager")
    seat(Employee.objects.filter(pk__in=leaders).order_by("-employee_no")[0], "manager", now=now)
    standing.refresh_derived_roles(today)


def seat(person: Employee, persona: str, *, now: datetime) -> None:
    """The account of the persona, made where it is missing, and its seat in the tenant."""
    membership, _is_new = Membership.objects.get_or_create(account=account_of(persona))
    person.membership = membership
    person.save(update_fields=["membership"])
    if persona == "admin" and not RoleGrant.objects.filter(membership=membership, role=Role.ADMIN).exists():
        grant_role(membership=membership, role=Role.ADMIN, actor=None, now=now)


def seat_colleagues() -> None:
    """Of as many as take part in what needs a number of people; without a password, since nobody signs in as them."""
    for one in Employee.objects.filter(status=Employee.Status.ACTIVE, membership=None).order_by("pk")[:COLLEAGUES]:
        account = Account.objects.create_user(email=f"{one.employee_no.lower()}@demo.example", password=None)
        one.membership = Membership.objects.create(account=account)
        one.save(update_fields=["membership"])


def account_of(persona: str) -> Account:
    email = f"{persona}@demo.example"
    found: Account | None = Account.objects.filter(email=email).first()
    return found or Account.objects.create_user(email=email, password=PASSWORD)


def weeks_until(today: date) -> timedelta:
    """From the day of the files to within a week of `today`, never past it."""
    return timedelta(weeks=(today - DAY_OF_THE_FILES).days // 7)


def move_by(days: timedelta) -> None:
    """Move every date the files told."""
    if not days:
        return
    for model, names in DATED:
        model._default_manager.update(**{name: _later(model, name, days) for name in names})
    for period in Period.objects.all():
        period.name = period_name(period.starts_on, period.ends_on)
        period.save(update_fields=["name"])


def leave_out_what_lies_ahead(now: datetime) -> None:
    """The files go on for two days after their own: nobody has checked in or written tomorrow."""
    goals: set[int] = set()
    for model in (CheckIn, EvidenceItem, Comment):
        ahead = model._default_manager.filter(at__gt=now)
        goals.update(ahead.values_list("goal", flat=True))
        ahead.delete()
    Feedback.objects.filter(at__gt=now).delete()
    retell(goals, local_date(now))
    for period in Period.objects.all():
        roll_up_period(period)


def connect_systems(crm: int | None, now: datetime) -> None:
    """Before anybody looks for goals that stand still: what systems know of them is a sign of life."""
    keeper = _administrator(set())
    seat(keeper, "admin", now=now)
    systems.connect_plm(keeper, now)
    systems.connect_orders(keeper, now)
    systems.connect_mes(keeper, now)
    if crm is not None:
        # What it knows of the files' own day would lie ahead on a morning of the same weekday.
        systems.connect_crm(keeper, crm, weeks_until(local_date(now) - timedelta(days=1)), now)


def leave_open(people: list[Employee], on: date) -> None:
    """Imported feedback comes closed. The newest that hopes for a next step of each of these people waits for them
    here, so that there is something to answer, and so does that of their reports, for the manager to see: since some
    days, which is as long as a question lies in a company where people answer."""
    below = ReportingClosure.objects.filter(manager__in=people, depth=1, ends_on=None).exclude(employee__in=people)
    recent = Feedback.objects.filter(
        nature=Nature.CONSTRUCTIVE, is_vague=False, local_on__range=(on - OPEN_WITHIN, on)
    ).order_by("-at", "-pk")
    for receiver in people:
        newest = recent.filter(receiver=receiver)[: len(OPEN_SINCE)]
        for one, days in zip(newest, OPEN_SINCE, strict=False):
            _leave_open_since(one, days, on)
    reports = below.order_by("employee").values_list("employee", flat=True).distinct()
    for place, pk in enumerate(reports):
        if (last := recent.filter(receiver=pk).first()) is not None:
            _leave_open_since(last, min(OPEN_SINCE) + place % max(OPEN_SINCE), on)


def _leave_open_since(feedback: Feedback, days: int, on: date) -> None:
    later = timedelta(days=max(0, (on - feedback.local_on).days - days))
    feedback.at, feedback.local_on = feedback.at + later, feedback.local_on + later
    feedback.closed_at, feedback.closed_how = None, ""
    feedback.save(update_fields=["at", "local_on", "closed_at", "closed_how"])


def put_on_the_wall(on: date) -> None:
    """Of praise that says what was seen, the newest of each tag in each of the last weeks is for everyone."""
    praise = (
        Feedback.objects.filter(nature=Nature.POSITIVE, is_vague=False).order_by("tag", "-at", "-pk").distinct("tag")
    )
    for week in range(RECOGNISED_WEEKS):
        last = on - timedelta(weeks=week)
        newest = praise.filter(local_on__range=(last - timedelta(days=6), last)).values_list("pk", flat=True)
        for one in Feedback.objects.filter(pk__in=list(newest)).select_related("giver", "receiver"):
            one.visibility, one.levels_apart = Visibility.EVERYONE, levels_between(one.giver, one.receiver, on)
            one.save(update_fields=["visibility", "levels_apart"])


def measure_goals(cast: Cast, now: datetime) -> None:
    """Before the talk is prepared: what is held or contested stands in its pack."""
    systems.define_metrics(cast.admin, cast.manager, cast.hrbp, now)
    systems.compare_metrics(cast.admin, now)
    measured.define_metrics(measured.Speakers(cast.admin, cast.manager, cast.hrbp), now)
    measured.bind_goals(cast.employee, cast.manager, now)


def open_this_week(now: datetime) -> None:
    """Whatever day the demo is started on: the schedule finds the week open on Friday."""
    while retro_week.go_on(due_at=now, now=now):
        pass


def ask_around(cast: Cast, now: datetime) -> None:
    """Of the period that holds today, requests to change goals: open, answered, waiting for the window; blockers that
    other units are asked about, promises on goals, and the decoding workshop of the period behind it."""
    on = local_date(now)
    if (period := current_period(on)) is not None:
        ask_for_changes(cast.employee, cast.manager, period, on, now)
        fill_boards(cast.employee, cast.manager, period, on, now)
        open_workshop(cast.hrbp, period, on, now)


def plan_a_talk(cast: Cast, now: datetime) -> None:
    """Of the manager with the employee, on the next work day. Its pack is there already, however far that is."""
    tomorrow = local_date(now) + timedelta(days=1)
    on = calendar_for(tomorrow, tomorrow + HOLIDAYS).next_work_day(tomorrow)
    at = datetime.combine(on, TALK_AT, tzinfo=tenant_zone())
    people: dict[str, Any] = {"employee": cast.employee, "manager": cast.manager}
    talk = interviews.plan_interview(**people, at=at, minutes=30, place="", key="demo", now=now)
    interviews.make_pack(interview=talk, now=now)


def report_on_the_month_before(now: datetime) -> None:
    today = local_date(now)
    month = (today.replace(day=1) - timedelta(days=1)).replace(day=1)
    issue_report(month=month, as_of=today, key="demo", actor=None, now=now)


def _later(model: type[models.Model], name: str, days: timedelta) -> Any:
    field: Any = model._meta.get_field(name)
    return ExpressionWrapper(F(name) + Value(days), output_field=type(field)())


def _bring(kind: str, name: str, now: datetime) -> None:
    run = imports.start(kind=kind, name=name, content=(DATA / name).read_bytes(), actor=None, now=now)
    imports.read(run_id=run.pk, now=now)
    run.refresh_from_db()
    if imports.judge_as_read(run=run, now=now) is None:
        raise CannotLoad(f"{name} was not taken: {run.error}")
    run.refresh_from_db()
    imports.write_judged(run=run, now=now)


def _night(now: datetime) -> None:
    payload: dict[str, Any] = {}
    while again := tasks.check_health(payload=payload, now=now):
        payload = again.payload
    for period in Period.objects.all():
        count_goals(period)


def _choose_cast(on: date) -> Cast:
    """Of the employees with a goal that stands still and all the others around them the one with the fewest alerts,
    then the first by number: late in a week, when the files are days old, many goals have one. Raises CannotLoad."""
    alerts = GoalAlert.objects.filter(state=AlertState.OPEN, goal__owner__isnull=False).order_by()
    found = alerts.values("goal__owner").annotate(number=Count("pk"), still=Count("pk", filter=Q(rule=AlertRule.STALE)))
    alerts_of: dict[int, int] = dict(found.filter(still__gte=1).values_list("goal__owner", "number"))
    leading = ReportingClosure.objects.filter(depth=1, ends_on=None).values("manager")
    others = Employee.objects.filter(pk__in=alerts_of).exclude(pk__in=leading)
    others = others.exclude(assignments__unit__in=_hr_units())
    for employee in sorted(others, key=lambda one: (alerts_of[one.pk], one.employee_no)):
        goals = Goal.objects.filter(owner=employee, status=Status.PUBLISHED, parents__isnull=False).distinct().count()
        manager, hrbp = _manager_of(employee), _hrbp_of(employee, on)
        if 3 <= goals <= 5 and manager and hrbp and manager != hrbp and _is_known(employee, on):
            return Cast(employee, manager, hrbp, _administrator({employee, manager, hrbp}))
    raise CannotLoad("the files name nobody whose goals show the whole circle")


def _is_known(employee: Employee, on: date) -> bool:
    """For enough that the radar of the talk is drawn."""
    told = Feedback.objects.filter(receiver=employee, local_on__range=(radar.first_day(on), on))
    return told.values("tag__competency").distinct().count() >= charts.LEAST_AXES


def _manager_of(employee: Employee) -> Employee | None:
    """One with a team that fits a page."""
    line = ReportingClosure.objects.filter(employee=employee, depth=1, ends_on=None).select_related("manager").first()
    if line is None:
        return None
    reports = ReportingClosure.objects.filter(manager=line.manager, depth=1, ends_on=None).count()
    return line.manager if 4 <= reports <= 10 and Goal.objects.filter(owner=line.manager).exists() else None


def _hrbp_of(employee: Employee, on: date) -> Employee | None:
    post = Assignment.objects.filter(employee=employee, is_primary=True, ends_on=None).first()
    if post is None:
        return None
    above = OrgUnitClosure.objects.filter(descendant=post.unit_id, ends_on=None).order_by("depth")
    partners = {one.unit_id: one.hrbp for one in HrbpAssignment.objects.filter(ends_on=None).select_related("hrbp")}
    return next((partners[line.ancestor_id] for line in above if line.ancestor_id in partners), None)


def _administrator(others: set[Employee]) -> Employee:
    """Somebody of HR who is nobody's partner; else anybody."""
    partners = HrbpAssignment.objects.values("hrbp")
    free = Employee.objects.filter(status=Employee.Status.ACTIVE).exclude(pk__in=[one.pk for one in others])
    of_hr = free.filter(assignments__unit__name__contains="人力资源", assignments__ends_on=None).exclude(
        pk__in=partners
    )
    found = of_hr.order_by("employee_no").first() or free.order_by("employee_no").first()
    if found is None:
        raise CannotLoad("the files name too few people")
    return found


def _hr_units() -> models.QuerySet[OrgUnit]:
    return OrgUnit.objects.filter(name__contains="人力资源")

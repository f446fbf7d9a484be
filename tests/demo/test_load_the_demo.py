"""The demo company: 527 people out of HR's own files, a small company beside it, four people to sign in as."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.db.models import Count
from django.test import Client

from dashboards.models import PenetrationReport
from feedback.models import Feedback, FeedbackReaction, RequestRecipient, Retro
from feedback.queries.gripes import unnamed_allowed
from goals.models import (
    Blocker,
    BoundFigure,
    CheckIn,
    Comment,
    EvidenceItem,
    Goal,
    GoalAlert,
    Incentive,
    Layer,
    MetricBinding,
    Period,
    Proposal,
    Workshop,
)
from goals.queries.bound import NO_MARK, Mark, marks_of
from integrations.models import (
    Connection,
    Gap,
    GapKind,
    MetricValue,
    MetricVersion,
    QuarantinedRow,
    Record,
    RunState,
    SubjectLink,
    SyncRun,
)
from perfsys.demo import company, measured, systems
from perfsys.demo.crm import TOKEN, SampleCrm, serving
from perfsys.lexicon.models import BehaviourTag
from perfsys.people.models import Account, Employee
from perfsys.tenancy.scope import all_tenants, use_tenant
from reviews.models import Interview

PERSONAS = ("employee", "manager", "hrbp", "admin")
# A Friday like the day of the files, which hold two days more; 9:30 in Shanghai.
SPRING = datetime(2027, 3, 19, 1, 30, tzinfo=UTC)


def told(crm: int | None = None) -> str:
    out = StringIO()
    call_command("load_demo", crm=crm, stdout=out)
    return out.getvalue()


def tenant(slug: str) -> int:
    with all_tenants("a test looks the demo's companies up") as call:
        return int(call("tenant_named", slug)[0][0])


def counts() -> list[int]:
    found = []
    for slug in ("demo", "demo-2"):
        with use_tenant(tenant(slug)):
            found += [model.objects.count() for model in (Employee, Goal, CheckIn, GoalAlert, Period, Feedback)]
    return [*found, Account.objects.count()]


@pytest.mark.django_db
def test_the_files_become_a_company_of_this_week_with_systems_and_four_people_to_be(time_machine, settings):
    """One test: loading takes longer than all that is looked at."""
    time_machine.move_to(SPRING)
    with serving(SampleCrm(token=TOKEN)) as server:
        port = server.server_port
        settings.INTEGRATION_INTRANET = [f"demo=127.0.0.1:{port}"]
        words = told(crm=port)
    assert all(f"{persona}@demo.example" in words for persona in PERSONAS)
    with use_tenant(tenant("demo")):
        it_is_a_company_of_this_week()
        its_plm_and_crm_are_read_with_one_day_missing()
        goals_are_measured_and_one_is_held_another_contested()
    before = counts()

    # The second start finds its port taken: the same CRM stands at another door, and what was read stays read.
    assert all(f"{persona}@demo.example" in told(crm=port + 1) for persona in PERSONAS)
    assert counts() == before
    with use_tenant(tenant("demo")):
        crm = Connection.objects.get(name=systems.CRM)
        assert f":{port + 1}/" in crm.config["base_url"]
        assert SyncRun.objects.filter(connection=crm).count() == 1
        somebody_shows_the_circle_when_nobody_has_one_alert_alone()

    pages = {"employee": "week", "manager": "team", "hrbp": "goal-health", "admin": "admin/imports"}
    for persona, page in pages.items():
        client = Client()
        assert client.login(username=f"{persona}@demo.example", password=company.PASSWORD)
        assert client.get(f"/t/demo/{page}/").status_code == 200
        if persona == "manager":
            statement = client.get("/t/demo/team/").content.decode()
            assert "3 条被点了“有帮助”" in statement and "2 条变成了行动" in statement
        assert client.get("/t/demo/board/").status_code == 200
        beside = client.get("/t/demo-2/board/").status_code
        assert beside == (200 if persona == "manager" else 404)


def it_is_a_company_of_this_week():
    assert Employee.objects.filter(status=Employee.Status.ACTIVE).count() == 527
    newest = CheckIn.objects.order_by("-local_on").values_list("local_on", flat=True)[0]
    assert timedelta(0) <= SPRING.date() - newest < timedelta(14)
    for model in (CheckIn, EvidenceItem, Comment):  # nothing has happened tomorrow
        assert not model.objects.filter(at__gt=SPRING).exists()
    assert not Goal.objects.filter(last_activity_on__gt=SPRING.date()).exists()
    running, following = Period.objects.order_by("starts_on")
    assert running.covers(SPRING.date()) and not following.covers(SPRING.date())
    assert Workshop.objects.get().period == following
    assert Proposal.objects.count() == 5
    carried = Proposal.objects.order_by().values_list("objective").distinct().count()
    assert 0 < carried < Goal.objects.filter(period=following).count()  # a gap is there to be seen
    assert GoalAlert.objects.filter(state="open").exists()
    assert sorted(Blocker.objects.values_list("state", flat=True)) == ["answered", "open", "solved"]
    assert Incentive.objects.count() == 2
    employee = Employee.objects.get(membership__account__email="employee@demo.example")
    assert 3 <= Goal.objects.filter(owner=employee, layer=Layer.POSITION).count() <= 5
    assert GoalAlert.objects.filter(goal__owner=employee).count() == 1
    assert BehaviourTag.objects.filter(name="跨部门协同").exists()
    feedback = Feedback.objects.order_by("-at")
    assert timedelta(0) <= SPRING.date() - feedback[0].local_on < timedelta(14)
    waiting = [one for one in feedback if one.is_open]
    assert 1 <= len([one for one in waiting if one.receiver == employee]) <= len(company.OPEN_SINCE)
    assert max((SPRING.date() - one.local_on).days for one in waiting) <= 14  # none of ten weeks ago
    assert len(waiting) <= 20
    wall = [one for one in feedback if one.visibility == "everyone"]
    assert len(wall) >= 10
    assert all(one.nature == "positive" and not one.is_vague for one in wall)
    assert any(one.levels_apart >= 2 for one in wall) and FeedbackReaction.objects.filter(feedback=wall[0]).exists()
    assert {line.state for line in RequestRecipient.objects.all()} == {"open", "declined"}
    assert RequestRecipient.objects.filter(person=employee, state="open").exists() and unnamed_allowed(5)
    assert Retro.objects.get(person=employee).week.opened_at is not None
    talk = Interview.objects.get()
    assert (talk.employee, talk.packs.count()) == (employee, 1)
    assert talk.at == datetime(2027, 3, 22, 2, tzinfo=UTC), "Monday at ten: tomorrow is Saturday"
    assert PenetrationReport.objects.get().month < SPRING.date()


def somebody_shows_the_circle_when_nobody_has_one_alert_alone():
    """As from Monday to Thursday, when the files are days old."""
    with transaction.atomic():
        alone = GoalAlert.objects.filter(state="open").order_by().values("goal__owner").annotate(number=Count("pk"))
        owners = list(alone.filter(number=1).values_list("goal__owner", flat=True))
        assert GoalAlert.objects.filter(goal__owner__in=owners).update(state="ended")
        shows = company._choose_cast(SPRING.date()).employee
        assert GoalAlert.objects.filter(goal__owner=shows, rule="stale", state="open").exists()
        transaction.set_rollback(True)


def its_plm_and_crm_are_read_with_one_day_missing():
    names = [systems.CRM, systems.MES, systems.ORDERS, systems.PLM]
    assert {one.name: one.state for one in Connection.objects.all()} == dict.fromkeys(names, "on")
    assert {run.state for run in SyncRun.objects.all()} == {RunState.DONE}
    assert Record.objects.filter(connection__name=systems.CRM, deleted_at=None).count() == 1118
    lost = Counter(Gap.objects.filter(closed_at=None).values_list("kind", "connection__name"))
    assert lost == {(GapKind.MISSING, systems.PLM): 1, (GapKind.MISSING, systems.ORDERS): 3}
    closed = Gap.objects.get(closed_at__isnull=False)
    assert (closed.kind, closed.closed_because) == (GapKind.TRUNCATED, systems.NOT_SENT_AGAIN)
    assert QuarantinedRow.objects.get().reason == "field_missing"
    assert EvidenceItem.objects.filter(record__isnull=False).exists()
    assert not EvidenceItem.objects.filter(at__gt=SPRING).exists()
    assert MetricVersion.objects.filter(state="in_force", problem="").exclude(computed_at=None).count() == 4
    of_orders = MetricValue.objects.filter(subject=None, of__connection__name=systems.ORDERS)
    assert of_orders.count() == 117 + 118


def goals_are_measured_and_one_is_held_another_contested():
    bindings = list(MetricBinding.objects.select_related("goal", "definition").order_by("pk"))
    marks = marks_of([one.goal for one in bindings], SPRING.date())
    by_metric = {one.definition.name: marks.get(one.goal_id, NO_MARK) for one in bindings}
    assert by_metric[systems.BI_AMOUNT].is_held
    assert by_metric[measured.REPORTED_RATE] == Mark(is_held=False, is_disputed=True)
    told = {one.binding.definition.name for one in BoundFigure.objects.select_related("binding__definition")}
    assert measured.REPORTED_RATE in told and systems.BI_AMOUNT not in told
    linked = SubjectLink.objects.filter(subject__connection__name=systems.MES).values_list("unit__name", flat=True)
    assert set(linked) == {"一车间", "二车间", "热处理车间"}


@pytest.mark.django_db
def test_an_empty_company_has_its_four_seats_and_nobody_in_it():
    call_command("load_demo", "--empty", stdout=StringIO())
    with use_tenant(tenant("demo")):
        assert not Employee.objects.exists()
    client = Client()
    assert client.login(username="admin@demo.example", password=company.PASSWORD)
    assert client.get("/t/demo/admin/imports/").status_code == 200


@pytest.mark.django_db
def test_production_has_no_accounts_whose_password_everybody_knows(settings):
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="not loaded in production"):
        call_command("load_demo")
    assert not Account.objects.filter(email__endswith="@demo.example").exists()


@pytest.mark.parametrize(("days", "weeks"), [(-3, -1), (0, 0), (6, 0), (7, 1), (117, 16)])
def test_dates_move_by_whole_weeks_and_never_into_the_future(days, weeks):
    assert company.weeks_until(company.DAY_OF_THE_FILES + timedelta(days)) == timedelta(weeks=weeks)

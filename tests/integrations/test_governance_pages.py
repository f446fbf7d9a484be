"""The checklist as facts make it: what really happened with a connection, and who reads it (product.md §5.8)."""

from datetime import timedelta

import pytest

from integrations.access import governed_metrics
from integrations.actions.gaps import Missing, fill_gaps, open_gaps
from integrations.actions.reconciliation import create_pair
from integrations.adapters.base import RetryLater
from integrations.governance import Because, Norm, findings
from integrations.models import Gap, GapKind, MetricDefinition, ReconciliationRun
from integrations.queries.governance import governed
from perfsys.people.models import Employee
from perfsys.tenancy.roles import Role
from perfsys.tenancy.scope import use_tenant
from tests.cast import take_seat
from tests.conftest import page_queries
from tests.integrations.conftest import NOW, sync
from tests.integrations.test_metric_values import AMOUNT, FIRST, deal, deals, define

pytestmark = pytest.mark.django_db
__all__ = ["deals", "define"]  # fixtures of the module beside this one
PAGE = "/t/acme/metrics/governance/"
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def _on_that_day(time_machine):
    time_machine.move_to(NOW + HOUR / 2, tick=False)


@pytest.fixture
def sales(define):
    return define(AMOUNT)


def because(definition, now=NOW + HOUR / 2):
    """Of each norm, met or not."""
    with use_tenant(1):
        [one] = governed(governed_metrics().filter(pk=definition.pk), now)
        return {found.norm: found.because for found in findings(one.facts, now=now)}


def test_a_reading_that_was_put_off_and_an_alarm_that_was_told_are_seen_in_what_happened(sales, deals, shelf):
    assert because(sales)[Norm.HEALTH] == Because.NEVER_READ
    shelf.hold([deal(1, FIRST)], stream="deals")
    sync(deals)
    assert because(sales)[Norm.ALARM] == Because.NEITHER
    assert because(sales)[Norm.HEALTH] == Because.HEALTHY
    shelf.hold(RetryLater("busy", after=HOUR / 60), [deal(2, FIRST)], stream="deals")
    sync(deals, now=NOW + HOUR / 4)
    assert because(sales)[Norm.ALARM] == Because.NO_ALARM
    with use_tenant(1):
        open_gaps(deals, [Missing(GapKind.MISSING, FIRST, stream="deals")], now=NOW)
    assert because(sales)[Norm.ALARM] == Because.TRIED
    assert because(sales)[Norm.HEALTH] == Because.GAPS_OPEN
    with use_tenant(1):
        fill_gaps(deals, Gap.objects.all(), now=NOW)
    assert because(sales)[Norm.HEALTH] == Because.HEALTHY
    assert because(sales, NOW + 5 * HOUR)[Norm.HEALTH] == Because.LATE  # by its rhythm it is read hourly


def test_the_day_after_its_time_a_daily_reading_is_late(sales, connect, deals, shelf):
    with use_tenant(1):
        deals.schedule = "work days 07:00"
        deals.save(update_fields=["schedule"])
    sync(deals)  # on Friday at ten
    assert because(sales, NOW + 60 * HOUR)[Norm.HEALTH] == Because.HEALTHY  # Sunday evening
    assert because(sales, NOW + 75 * HOUR)[Norm.HEALTH] == Because.LATE  # Monday at one


def test_comparing_and_people_who_left_show_at_once(sales, define, anna, ada):
    other = define(AMOUNT, name="结算额")
    assert because(sales)[Norm.RECONCILED] == Because.NO_PAIR
    with use_tenant(1):
        pair = create_pair(a=other, b=sales, key="", actor=anna.employee, now=NOW, name="两个来源")
    assert because(sales)[Norm.RECONCILED] == Because.NOT_COMPARED
    with use_tenant(1):
        days = {"first_on": FIRST, "last_on": FIRST, "as_of": FIRST}
        ReconciliationRun.objects.create(pair=pair, key="1", started_at=NOW, finished_at=NOW, **days)
    assert because(sales)[Norm.RECONCILED] == because(other)[Norm.RECONCILED] == Because.COMPARED
    with use_tenant(1):
        Employee.objects.filter(pk=ada.employee.pk).update(status=Employee.Status.LEFT)
    assert because(sales)[Norm.INTERPRETER] == Because.HAS_LEFT
    assert because(sales)[Norm.OWNER] == Because.NAMED


def test_the_page_names_facts_and_next_steps_and_is_reached_from_metrics_and_connections(sales, anna, henk):
    page = anna.client.get(PAGE).content.decode()
    for words in ("数据治理", "字段定义已商定", "已由三方签署", "没有与任何指标对账", "打开连接"):
        assert words in page
    assert "打开连接" not in henk.client.get(PAGE).content.decode()
    chief = take_seat("acme", "carla", Role.EXECUTIVE)
    page = chief.client.get(PAGE).content.decode()
    assert "成交额" in page and f"/metrics/{sales.public_id}/" not in page
    for url in ("/t/acme/metrics/", "/t/acme/admin/integrations/", f"/t/acme/metrics/{sales.public_id}/"):
        assert PAGE in anna.client.get(url).content.decode()
    alone = anna.client.get(f"{PAGE}?metric={sales.public_id}").content.decode()
    assert "成交额" in alone and 'id="norms"' not in alone
    assert anna.client.get(f"{PAGE}?metric={sales.owner.public_id}").status_code == 404
    assert "成交额" not in anna.client.get(f"{PAGE}?norm=owner").content.decode()


def test_it_asks_the_same_number_of_queries_for_one_metric_and_for_six(sales, define, connect, anna):
    few = page_queries(anna.client, PAGE)
    for number in range(5):
        define(AMOUNT, name=f"指标 {number}", connection=connect())
    with use_tenant(1):
        assert MetricDefinition.objects.count() == 6
    many = page_queries(anna.client, PAGE)
    # 1 session, 1 account, 1 scope, 1 employee, 1 zone, 1 metrics, 1 versions, 1 sign-offs, 1 runs, 1 open gaps,
    # 1 gaps told, 1 calendar, 1 pairs, 1 settings of disputes, 1 partners, 1 inbox, 1 gaps
    assert (len(few), len(many)) == (17, 17), "\n".join(sql[:200] for sql in many)

"""Days of goals are those of the tenant: in New York while the clocks go back, in Shanghai over a Saturday at work."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from goals.actions import trail
from goals.actions.adjusting import Wanted, ask, send_waiting
from goals.actions.alerts import check_health
from goals.models import Goal, GoalAlert
from goals.queries.adjusting import Whose, window_on
from goals.queries.figures import Expectations, calendar_over
from perfsys.tenancy.models import Tenant

FIRST = datetime(2026, 10, 5, 14, tzinfo=UTC)


def utc(text):
    return datetime.fromisoformat(f"2026-{text}+00:00")


@pytest.fixture
def leaf(company):
    """Ada's goal, published in New York on 5 October; on 1 November at 6:00 UTC the clocks go back from -4 to -5."""
    Tenant.objects.update(time_zone="America/New_York")
    return company.tree(now=FIRST)[2]


@pytest.mark.parametrize(
    ("moment", "local"),
    [
        ("11-01T03:59", date(2026, 10, 31)),
        ("11-01T04:00", date(2026, 11, 1)),
        ("11-01T06:30", date(2026, 11, 1)),  # half past one, for the second time
        ("11-02T04:59", date(2026, 11, 1)),  # the day has 25 hours
        ("11-02T05:00", date(2026, 11, 2)),
    ],
)
def test_a_check_in_has_the_day_on_which_it_was_said(leaf, moment, local):
    assert trail.check_in(goal=leaf, actor=None, now=utc(moment), percent=Decimal(40)).local_on == local


def test_the_last_hour_of_the_long_day_counts_for_its_fortnight_and_no_longer(leaf):
    trail.check_in(goal=leaf, actor=None, now=utc("11-02T04:59"), percent=Decimal(40))
    for day, stale in ((date(2026, 11, 15), 0), (date(2026, 11, 16), 1)):
        check_health(as_of=day, now=utc("11-16T12:00"))
        assert GoalAlert.objects.filter(goal=leaf, rule="stale", state="open").count() == stale


def test_what_waits_for_the_window_goes_out_at_the_local_midnight(company, leaf):
    Goal.objects.filter(pk=leaf.pk).update(weight=40)
    company.draft(company.ada, "复购", parent=leaf.parents.get().parent, weight=Decimal(60))
    company.publish(company.ada, FIRST)
    pair = Goal.objects.filter(owner=company.ada).order_by("pk")
    wanted = [Wanted(goal, "weight", Decimal(weight)) for goal, weight in zip(pair, (25, 75), strict=True)]
    whose = Whose("position", company.ada)
    request = ask(
        whose=whose, period=company.period, wanted=wanted, reason="重心变了", actor=company.ada, now=utc("10-20T15:00")
    )
    assert (request.state, request.waits_for) == ("waiting", date(2026, 11, 2))
    for moment, state in (("11-02T04:59", "waiting"), ("11-02T05:00", "sent")):
        send_waiting(now=utc(moment))
        request.refresh_from_db()
        assert request.state == state


def test_a_saturday_at_work_counts_and_the_holiday_before_does_not(company):
    window = window_on(date(2026, 10, 1), 5)
    assert (window.first, window.last) == (date(2026, 10, 8), date(2026, 10, 13))  # the 10th is a Saturday at work
    first, last = date(2026, 10, 8), date(2026, 10, 12)
    done = [
        Expectations(day, calendar_over([(first, last)], day)).between(first, last)
        for day in (first - timedelta(days=1), first, date(2026, 10, 10), date(2026, 10, 11), last)
    ]
    assert done == [0, 25, 75, 75, 100]

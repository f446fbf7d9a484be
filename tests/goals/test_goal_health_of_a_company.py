"""Stale and idle as the database answers them, beside the rules over values (product.md §2.8, §6.2)."""

import json
import random
from datetime import date, datetime, timedelta
from io import StringIO
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command

from goals import health
from goals.models import CheckIn, Comment, EvidenceItem, Goal, Layer, Milestone, ResourceLine
from goals.queries.health import health_report, idle_goals, stale_goals, with_last_activity

from .conftest import NOW

DAY = date(2026, 11, 20)
MONTHS = [date(2026, 10, 1), date(2026, 11, 1)]
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(params=range(3))
def busy(company, request):
    """Random goals with what happened on them, around the edges of every rule."""
    dice = random.Random(request.param)
    goals = Goal.objects.bulk_create(
        Goal(
            number=f"R-{index:03}",
            period=company.period,
            layer=dice.choice([Layer.POSITION] * 5 + [Layer.DEPARTMENT]),
            owner=company.ada,
            unit=company.units["研发中心"],
            title="目标",
            starts_on=date(2026, 10, 1),
            due_on=date(2026, 12, 31),
            made_at=NOW,
            published_at=NOW,
            published_on=DAY - timedelta(days=dice.choice([3, 14, 15, 30, 50])),
            **dice.choice(
                [{"status": "published"}] * 8 + [{"status": "draft"}, {"status": "closed", "outcome": "achieved"}]
            ),
        )
        for index in range(150)
    )
    rows = {CheckIn: [], EvidenceItem: [], Comment: [], Milestone: [], ResourceLine: []}
    for goal in goals:
        for _ in range(dice.choice([0, 0, 1, 2])):
            on = DAY - timedelta(days=dice.choice([-3, 0, 1, 13, 14, 15, 19, 20, 30, 49, 50, 51]))
            kind = dice.choice(list(rows))
            if kind is ResourceLine:
                month = dice.choice([None, date(2026, 10, 1), date(2026, 11, 1)])
                if all((r.goal, r.kind, r.month) != (goal, "money", month) for r in rows[kind]):
                    rows[kind].append(ResourceLine(goal=goal, kind="money", month=month, planned=dice.choice([0, 5])))
            elif kind is Milestone:
                rows[kind].append(Milestone(goal=goal, title="阶段", due_on=on, done_on=dice.choice([None, on])))
            else:
                at = datetime(on.year, on.month, on.day, 9, tzinfo=SHANGHAI)
                more = {CheckIn: {"percent": 1}, EvidenceItem: {"number": "1"}, Comment: {"text": "好"}}[kind]
                rows[kind].append(kind(goal=goal, at=at, local_on=on, **more))
    for model, listed in rows.items():
        model.objects.bulk_create(listed)
    return goals, rows


def facts(goals, rows, month):
    spent = {}
    for line in rows[ResourceLine]:
        if line.month in (None, month):
            spent[line.goal.number] = spent.get(line.goal.number, 0) + line.planned
    return [
        health.GoalFacts(
            goal.number,
            goal.layer,
            goal.published_on if goal.status != "draft" else None,
            goal.status,
            budget=spent.get(goal.number, 0),
        )
        for goal in goals
    ]


def activities(rows):
    for model, kind in ((CheckIn, "check_in"), (EvidenceItem, "evidence"), (Comment, "comment")):
        yield from (health.Activity(row.goal.number, kind, row.local_on) for row in rows[model])
    yield from (health.Activity(r.goal.number, "milestone", r.done_on) for r in rows[Milestone] if r.done_on)


def test_the_database_finds_what_the_rules_say(busy):
    goals, rows = busy
    report = health_report(DAY, MONTHS)
    assert report["stale"] == health.stale_goals(facts(goals, rows, None), activities(rows), DAY)
    for month in MONTHS:
        expected = health.idle_goals(facts(goals, rows, month), activities(rows), month=month, as_of=DAY)
        assert report["idle"][f"{month:%Y-%m}"] == expected
    assert report["stale"] and all(report["idle"].values())


def test_a_month_that_has_not_begun_has_no_idle_goals(company):
    assert not idle_goals(date(2026, 12, 1), DAY).exists()


def test_the_last_sign_of_life_is_the_latest_up_to_the_day(busy):
    goals, rows = busy
    latest = {}
    for activity in activities(rows):
        if activity.kind != "comment" and activity.on <= DAY:
            latest[activity.goal] = max(activity.on, latest.get(activity.goal, activity.on))
    found = dict(with_last_activity(Goal.objects.all(), DAY).values_list("number", "active_on"))
    assert found == {goal.number: latest.get(goal.number) for goal in goals}


def test_a_tenants_own_number_of_days_moves_the_window(company):
    _, _, leaf = company.tree(now=NOW - timedelta(days=10))
    assert list(stale_goals(date(2026, 11, 2), days=9)) == [leaf]
    assert not stale_goals(date(2026, 11, 2), days=10).exists()


def look(tenant, as_of, out):
    call_command("goal_health", "--tenant", tenant, "--as-of", as_of, "--json", out, stdout=StringIO())


def test_the_command_writes_numbers_of_this_month_and_the_last(founded, ada, tmp_path):
    with ada.scope:
        _, _, leaf = founded.tree(now=NOW - timedelta(days=20))
    out = tmp_path / "health.json"
    look("acme", "2026-11-02", str(out))
    assert json.loads(out.read_text()) == {
        "stale": [leaf.number],
        "idle": {"2026-10": [leaf.number], "2026-11": [leaf.number]},
    }


def test_january_looks_back_at_december(founded, tmp_path):
    out = tmp_path / "health.json"
    look("acme", "2027-01-05", str(out))
    assert list(json.loads(out.read_text())["idle"]) == ["2026-12", "2027-01"]


def test_the_command_knows_no_such_tenant(founded, tmp_path):
    with pytest.raises(CommandError, match="nobody"):
        look("nobody", "2026-11-20", str(tmp_path / "x"))

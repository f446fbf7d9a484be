"""Planned and actual of a goal's month, typed by those who keep it (product.md §2.15)."""

from datetime import date
from decimal import Decimal

import pytest

from goals.models import ResourceLine
from perfsys.audit.models import AuditEntry
from tests.conftest import page_queries

OCTOBER = date(2026, 10, 1)


@pytest.fixture
def page(line):
    return f"/t/acme/goals/{line[2].public_id}/resources/?month=2026-10"


def lines(ada, goal):
    with ada.scope:
        found = ResourceLine.objects.filter(goal=goal, month=OCTOBER).order_by("kind")
        return list(found.values_list("kind", "planned", "actual", "source"))


def test_the_owner_states_a_month_and_takes_it_back(line, ada, page):
    assert ada.client.post(page, {"hours_actual": "40.5", "people_planned": "2"}).status_code == 302
    assert lines(ada, line[2]) == [("hours", None, Decimal("40.5"), "typed"), ("people", Decimal(2), None, "typed")]
    assert 'value="40.5"' in ada.client.get(page).content.decode()
    ada.client.post(page, {"hours_actual": "41"})
    assert lines(ada, line[2]) == [("hours", None, Decimal(41), "typed")]
    with ada.scope:
        assert AuditEntry.objects.filter(verb="goals.resources_changed", subject_id=line[2].pk).count() == 2


def test_what_stands_for_the_whole_period_stays(line, ada, page):
    with ada.scope:
        ResourceLine.objects.create(goal=line[2], kind="hours", planned=120)
    ada.client.post(page, {"hours_actual": "40"})
    with ada.scope:
        assert ResourceLine.objects.get(goal=line[2], month=None).planned == 120


def test_what_is_measured_is_not_typed_over(line, ada, page):
    with ada.scope:
        ResourceLine.objects.create(goal=line[2], kind="hours", month=OCTOBER, actual=33, source="automatic")
    ada.client.post(page, {"hours_planned": "40", "hours_actual": "99"})
    assert lines(ada, line[2]) == [("hours", Decimal(40), Decimal(33), "automatic")]


def test_an_amount_below_nothing_comes_back_with_what_was_typed(line, ada, page):
    answer = ada.client.post(page, {"hours_actual": "-1", "people_actual": "3"})
    assert answer.status_code == 422
    assert 'value="3"' in answer.content.decode() and lines(ada, line[2]) == []


def test_only_those_who_keep_the_goal_state_it(line, marta, henk, anna, page):
    assert marta.client.get(page).status_code == 200
    assert henk.client.get(page).status_code == anna.client.post(page).status_code == 403
    goal = page.partition("resources/")[0]
    assert "resources/" in marta.client.get(goal).content.decode()
    assert "resources/" not in henk.client.get(goal).content.decode()


def test_a_month_outside_the_period_is_the_newest_that_has_begun(line, ada, page):
    answer = ada.client.get(page.replace("2026-10", "2031-01"))
    assert answer.context["month"] == date(2026, 11, 1)


def test_a_month_to_come_is_planned_and_nothing_more(line, ada, page):
    december = page.replace("2026-10", "2026-12")
    assert "hours_actual" not in ada.client.get(december).content.decode()
    assert ada.client.post(december, {"hours_planned": "30", "hours_actual": "30"}).status_code == 302
    with ada.scope:
        stated = ResourceLine.objects.get(goal=line[2])
        assert (stated.month, stated.planned, stated.actual) == (date(2026, 12, 1), 30, None)


def test_what_somebody_stated_meanwhile_is_not_written_over(line, ada, marta, page):
    seen = ada.client.get(page).context["form"]["version"].value()
    assert marta.client.post(page, {"hours_actual": "40", "version": seen}).status_code == 302
    answer = ada.client.post(page, {"hours_actual": "41", "version": seen})
    assert answer.status_code == 409 and "41" in answer.content.decode()
    assert lines(ada, line[2])[0][2] == 40
    resent = {field["name"]: field["value"] for field in answer.context["resend"]["fields"]}
    assert ada.client.post(page, resent).status_code == 302 and lines(ada, line[2])[0][2] == 41


def test_every_amount_stands_there_with_its_source(line, ada, page):
    with ada.scope:
        ResourceLine.objects.create(goal=line[2], kind="hours", planned=120, source="import")
        ResourceLine.objects.create(goal=line[2], kind="hours", month=OCTOBER, actual=33, source="automatic")
    answer = ada.client.get(page)
    assert [(one["planned"], one["actual"], one["source"]) for one in answer.context["stated"]] == [
        ("120", None, "导入"),
        (None, "33", "系统采集"),
    ]
    assert "hours_actual" not in answer.content.decode()  # it is measured: nothing typed would hold


def test_the_page_asks_little(line, ada, page):
    # 1 session, 1 account, 1 scope, 1 employee, 1 inbox; 1 goal with its period, 1 lines
    assert len(page_queries(ada.client, page)) <= 7

"""The pages of reconciliation, as those who answer for the figures use them (product.md §5.6)."""

import re
from datetime import date
from typing import Any

import pytest

from integrations.models import MetricHold, ReconciliationLine, ReconciliationPair, ReconciliationRun, Subject
from perfsys.tenancy.roles import Role
from tests.cast import take_seat
from tests.conftest import assert_page_queries
from tests.integrations.orders import paired, rows
from tests.integrations.test_reconciliation_runs import NOW, READ, compare, september

pytestmark = pytest.mark.django_db
LIST = "/t/acme/admin/integrations/reconciliation/"
KEY = "sales_region:浙东"


@pytest.fixture(autouse=True)
def _on_that_day(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture(scope="module")
def some_days():
    return rows(september)


@pytest.fixture
def anna(cast: Any) -> Any:
    person = cast("acme", "anna", admin=True)
    person.client.force_login(person.account)
    return person


@pytest.fixture
def pair(anna, some_days):
    with anna.scope:
        made = paired(anna.employee, some_days, now=READ)
    compare(made)
    return made


def page_of(pair: ReconciliationPair, more: str = "") -> str:
    return f"{LIST}{pair.public_id}/{more}"


def test_the_page_names_the_calibers_that_differ_and_shows_what_is_too_far_apart_first(anna, pair):
    listed = anna.client.get(LIST).content.decode()
    assert "订单额与结算净额" in listed
    assert "核对中" in listed
    page = anna.client.get(page_of(pair)).content.decode()
    for words in ("两边口径不一致", "归属依据", "收货省份 → 销售区域", "数据核对中", "当天数据丢失"):
        assert words in page
    assert page.index("差异超限") < page.index('class="badge ok"')
    assert 'data-chart="causes"' in page
    one = anna.client.get(page_of(pair, f"?subject={KEY}&state=waiting")).content.decode()
    with anna.scope:
        waiting = ReconciliationLine.objects.filter(key=KEY, verdict="over")
        assert one.count("reconciliation/lines/") == waiting.count() > 0


def test_whoever_keeps_the_sources_sees_on_their_list_that_nobody_is_scored_by_them(anna, pair):
    page = anna.client.get("/t/acme/admin/integrations/").content.decode()
    assert "已停评，待核对" in page and "1 组数据对不上，相关评分已先停下" in page
    assert f'href="{page_of(pair)}"' in page
    with anna.scope:
        lines = ReconciliationLine.objects.filter(verdict="over", employee=None)
        worst = max(lines, key=lambda one: abs(one.percent or 0))
        assert f"{worst.percent:+.1f}%" in page
        other = ReconciliationPair.objects.create(name="反向", a=pair.b, b=pair.a, made_at=NOW)
        of_it = {"definition": pair.a, "because": "over", "first_on": lines[0].on, "last_on": lines[0].on}
        MetricHold.objects.create(**of_it, pair=other, covers_all=True, releases_needed=1, opened_at=NOW)
    assert "2 组数据对不上" in anna.client.get("/t/acme/admin/integrations/").content.decode()  # between the same two
    with anna.scope:
        MetricHold.objects.update(released_at=NOW)
    assert "已停评" not in anna.client.get("/t/acme/admin/integrations/").content.decode()


def test_each_line_opens_the_records_behind_both_sides(anna, pair):
    with anna.scope:
        line = ReconciliationLine.objects.get(on=date(2026, 9, 4), key=KEY)
    page = anna.client.get(f"{LIST}lines/{line.public_id}/").content.decode()
    assert page.count("SO260904") >= 2
    assert "退货" in page
    assert f"{line.a:,.2f}" in page
    assert f"{line.b:,.2f}" in page
    assert "subject=sales_region%3A" in page  # the way to contest it


def test_somebody_who_answers_for_it_releases_figures_with_what_they_found(anna, pair):
    with anna.scope:
        hold = MetricHold.objects.filter(key=KEY).first()
    answer = anna.client.post(page_of(pair, "release/"), {"holds": hold.public_id})
    assert answer.status_code == 422
    assert "用一句话写明核对结果" in answer.content.decode()
    said = {"holds": hold.public_id, "reason": "全部是退货", "seen": NOW.isoformat()}
    assert anna.client.post(page_of(pair, "release/"), said).status_code == 302
    with anna.scope:
        assert MetricHold.objects.get(pk=hold.pk).released_at is not None
    assert "全部是退货" in anna.client.get(page_of(pair)).content.decode()


def test_both_figures_of_a_subject_are_ticked_at_once_and_all_of_them_released(anna, pair):
    page = anna.client.get(page_of(pair)).content.decode()
    both = re.findall(r'value="([0-9a-f-]{36} [0-9a-f-]{36})"', page)
    with anna.scope:
        of_subject = MetricHold.objects.filter(covers_all=False)
        assert len(both) * 2 == of_subject.count()
    asked = {"holds": both[0], "seen": NOW.isoformat()}
    again = anna.client.post(page_of(pair, "release/"), asked).content.decode()
    assert re.findall(r'value="([^"]+)"\s+checked', again) == [both[0]]  # what was ticked stays so
    everything = {"every": "on", "reason": "已逐单核对", "seen": NOW.isoformat()}
    for said in ("已恢复使用", "没有需要解除的"):
        answer = anna.client.post(page_of(pair, "release/"), everything, follow=True)
        assert said in answer.content.decode()
    with anna.scope:
        assert not MetricHold.objects.filter(released_at=None).exists()


def test_nothing_is_said_to_agree_that_was_not_compared(anna, pair):
    with anna.scope:
        run = ReconciliationRun.objects.get(pair=pair)
        ReconciliationRun.objects.filter(pk=run.pk).update(unequal=[{"name": "measure", "a": 1, "b": 2, "stops": True}])
    assert "1 组口径不同，无法对账。" in anna.client.get(LIST).content.decode()


def test_who_keeps_connections_alone_looks_and_releases_nothing(anna, pair):
    keeper = take_seat("acme", "kim", Role.EMPLOYEE, Role.INTEGRATION_OWNER)
    assert keeper.client.get(page_of(pair)).status_code == 200
    with anna.scope:
        hold = MetricHold.objects.first()
    said = {"holds": hold.public_id, "reason": "好了", "seen": NOW.isoformat()}
    assert keeper.client.post(page_of(pair, "release/"), said).status_code == 403


def test_two_metrics_are_compared_from_the_browser(anna, pair):
    typed = {
        "a": str(pair.b.public_id), "b": str(pair.a.public_id), "name": "反过来", "tolerance": "5",
        "releases_needed": "2", "by_subject": "on", "is_on": "on", "key": "once",
    }  # fmt: skip
    assert anna.client.post(f"{LIST}new/", {**typed, "b": typed["a"]}).status_code == 422
    assert anna.client.post(f"{LIST}new/", {**typed, "match_a": "order_no"}).status_code == 422  # of one side alone
    wrong = anna.client.post(f"{LIST}new/", {**typed, "match_a": "单号", "match_b": "单号"})
    assert "没有字段“单号”" in wrong.content.decode()
    typed |= {"match_a": "订单号", "match_b": "order_no"}
    answers = [anna.client.post(f"{LIST}new/", typed) for _ in range(2)]
    assert answers[0].url == answers[1].url
    with anna.scope:
        made = ReconciliationPair.objects.get(name="反过来")
        assert (made.match_a, made.match_b) == ("order_no", "order_no")
        assert (made.releases_needed, made.has_reference) == (2, False)
        assert ReconciliationRun.objects.filter(pair=made, finished_at=None).count() == 1
    typed = {"name": "反过来看", "tolerance": "10", "releases_needed": "1", "version": "1"}
    assert anna.client.post(page_of(made, "settings/"), typed).status_code == 302
    assert anna.client.post(page_of(made, "settings/"), typed).status_code == 409


def test_all_days_are_compared_again_on_request(anna, pair):
    assert anna.client.post(page_of(pair, "compare/")).status_code == 302
    with anna.scope:
        assert ReconciliationRun.objects.filter(pair=pair).count() == 2


def test_pages_ask_the_same_number_of_queries_for_a_few_lines_and_for_many(anna, pair):
    # 1 session, 1 account, 1 scope, 1 employee, 1 pair, 1 count, 1 lines, 2 units and digits, 2 runs, 1 disputes,
    # 1 counts, 1 subjects, 1 chart, 1 as of when, 2 holds, 1 releases, 1 inbox, 1 gaps
    for more in ("?state=apart", ""):
        assert_page_queries(anna.client, page_of(pair, more), 21)
    # 1 session, 1 account, 1 scope, 1 employee, 1 pairs, 1 newest lines, 1 kinds of persons, 1 furthest apart,
    # 1 waiting, 1 holds, 1 runs, 1 inbox, 1 gaps
    assert_page_queries(anna.client, LIST, 13)


def test_people_s_figures_are_read_by_those_who_answer_for_them_and_who_may_open_their_profile(anna, ada, pair, cast):
    keeper = take_seat("acme", "kim", Role.EMPLOYEE, Role.INTEGRATION_OWNER)
    henk = cast("acme", "henk", hrbp=True)
    with anna.scope:
        of = {"connection": pair.a.versions.get().connection, "first_seen_at": NOW, "counted_at": NOW}
        Subject.objects.create(kind="owner", of="person", value="D1", **of)
        about = {"pair": pair, "key": f"employee:{ada.employee.public_id}", "label": "Ada", "employee": ada.employee}
        run = ReconciliationRun.objects.get(pair=pair)
        line = ReconciliationLine.objects.create(
            **about, on=date(2026, 9, 4), verdict="over", a=2, b=1, difference=1, percent=100, run=run, changed_at=NOW
        )
        named = {**about, "key": "owner:D1", "label": "Ada Unlinked", "employee": None}
        ReconciliationLine.objects.create(
            **named, on=date(2026, 9, 4), verdict="over", a=99, b=1, difference=98, percent=999, run=run, changed_at=NOW
        )
        hold = MetricHold.objects.create(
            **about,
            definition=pair.a,
            because="over",
            first_on=line.on,
            last_on=line.on,
            releases_needed=1,
            opened_at=NOW,
        )
    for person, reads in ((anna, True), (henk, True), (keeper, False)):
        assert ("Ada Unlinked" in person.client.get(page_of(pair)).content.decode()) is (person is anna)
        assert ("Ada" in person.client.get(page_of(pair)).content.decode()) is reads
        assert person.client.get(f"{LIST}lines/{line.public_id}/").status_code == (200 if reads else 404)
    assert hold.released_at is None
    systems = keeper.client.get("/t/acme/admin/integrations/").content.decode()
    assert "已停评" in systems and "Ada" not in systems and "+999" not in systems
    with anna.scope:
        of_region = ReconciliationLine.objects.get(on=date(2026, 9, 4), key=KEY)
    for person, reads in ((anna, True), (henk, False), (keeper, False)):  # the rows
        page = person.client.get(f"{LIST}lines/{of_region.public_id}/").content.decode()
        assert ("SO260904" in page) is reads
        assert ("disputes/new/" in page) is reads

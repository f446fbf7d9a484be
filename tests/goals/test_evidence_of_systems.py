"""What a goal's page shows of the records that attached themselves, and the record behind each (product.md §5.5)."""

from datetime import timedelta
from uuid import uuid4

import pytest

from goals.actions.evidence import attach_records
from goals.models import EvidenceItem, Goal
from integrations.models import Record
from tests.browser import too_wide
from tests.conftest import assert_page_queries, page_queries

from .conftest import NOW, PHONE, TODAY, WIDE
from .records import System

DAY = timedelta(days=1)
CUSTOMER = ("customer", "C10008")


@pytest.fixture
def leaf(line, ada):
    """Ada's published goal about customer C10008."""
    with ada.scope:
        Goal.objects.filter(pk=line[2].pk).update(evidence_type="customer", evidence_number="C10008")
    return line[2]


@pytest.fixture
def crm(leaf, founded, ada):
    with ada.scope:
        return System(founded.anna, NOW)


def visits(crm, number, first=0):
    """The newest is V0, of yesterday."""
    for n in range(first, first + number):
        at = NOW - DAY - n * timedelta(hours=1)
        crm.bring(
            f"V{n}", CUSTOMER, title=f"拜访纪要 {n}", at=at, visit_id=f"V{n}", type="电话", visit_at=at.isoformat()
        )
    attach_records(now=NOW, run_id=crm.run.pk)


def url(goal, step=""):
    return f"/t/acme/goals/{goal.public_id}/{step}"


def text(person, path, status=200):
    answer = person.client.get(path)
    assert answer.status_code == status
    return answer.content.decode()


def record_url(person, goal, external_id):
    with person.scope:
        piece = EvidenceItem.objects.get(goal=goal, record__external_id=external_id)
    return url(goal, f"evidence/{piece.public_id}/")


def test_a_record_stands_there_with_its_system_its_number_its_day_and_when_it_was_read(leaf, crm, ada):
    with ada.scope:
        visits(crm, 1)
    page = text(ada, url(leaf))
    assert "拜访纪要 0" in page and "V0" in page and "<b>CRM</b>" in page
    assert "昨天" in page and "读取" in page
    assert record_url(ada, leaf, "V0") in page


def test_many_of_one_system_are_folded_and_all_of_them_are_a_click_away(leaf, crm, ada):
    with ada.scope:
        visits(crm, 60)
        crm.bring("C10008", (*CUSTOMER, True), stream="customers", title="东钱湖重工", at=NOW - 900 * DAY)
        attach_records(now=NOW, run_id=crm.run.pk)
    page = text(ada, url(leaf))
    assert [f"拜访纪要 {n}<" in page for n in (0, 4, 5)] == [True, True, False]
    assert "查看 CRM 里全部 60 条“拜访”" in page
    assert "东钱湖重工" in page  # what is old has its own place
    everything = f"evidence/all/?system={crm.connection.public_id}&amp;stream=visits"
    assert everything in page
    first = text(ada, url(leaf, everything.replace("&amp;", "&")))
    assert "拜访纪要 49<" in first and "拜访纪要 50<" not in first and "东钱湖重工" not in first
    assert "拜访纪要 59<" in text(ada, url(leaf, everything.replace("&amp;", "&") + "&page=2"))
    assert "东钱湖重工" in text(ada, url(leaf, "evidence/all/?page=2"))


NOBODYS = "system=00000000-0000-4000-8000-000000000000&stream=visits"


@pytest.mark.parametrize("asked", ["system=x", NOBODYS, "stream=visits", "page=-1"])
def test_an_address_nobody_linked_to_is_no_fault(leaf, crm, ada, asked):
    assert text(ada, url(leaf, f"evidence/all/?{asked}"))


def test_the_record_shows_what_it_says_and_how_it_came_to_say_that(leaf, crm, ada, anna):
    with ada.scope:
        crm.connection.config = {
            "base_url": "https://crm.example",
            "auth": "none",
            "records": "items",
            "streams": [
                {
                    "name": "visits",
                    "path": "/visits",
                    "key": ["visit_id"],
                    "fields": [
                        {"name": "visit_id", "label": "拜访编号"},
                        {"name": "type", "label": "方式"},
                        {"name": "visit_at", "label": "拜访时间", "type": "time"},
                    ],
                }
            ],
        }
        crm.connection.save()
        visits(crm, 1)
        record = Record.objects.get()
        crm.now += 2 * DAY
        crm.correct(record, type="现场", phone="13800000000")
    page = text(anna, record_url(ada, leaf, "V0"))  # whoever reads the goal
    assert "拜访纪要 0" in page and leaf.title in page and "C10008" in page
    assert "2026 年 11 月 1 日 10:00" in page  # Shanghai's
    assert "方式：电话 → 现场" in page
    assert "首次读取" in page and "最近同步" in page
    assert "13800000000" not in page  # nobody maps it


def test_records_of_a_configuration_that_fits_no_more_are_still_read(leaf, crm, ada):
    with ada.scope:
        crm.connection.config = {}
        crm.connection.save()
        visits(crm, 1)
    assert "电话" in text(ada, record_url(ada, leaf, "V0"))


def test_a_stream_that_is_declared_no_more_still_shows_its_records(leaf, crm, ada):
    with ada.scope:
        visits(crm, 1)
        crm.correct(Record.objects.get(), type="现场")
    page = text(ada, record_url(ada, leaf, "V0"))
    assert "visit_id" in page and "现场" in page


def test_what_is_deleted_in_the_source_leaves_the_goal_and_its_record_says_so(leaf, crm, ada):
    with ada.scope:
        visits(crm, 2)
        crm.begin()
        crm.delete(Record.objects.get(external_id="V0"))
        attach_records(now=NOW, run_id=crm.run.pk)
    page = text(ada, url(leaf))
    assert "拜访纪要 0" not in page and "拜访纪要 1" in page
    assert "来源系统里已没有这条证据" in page
    assert "已在 CRM 中删除" in text(ada, record_url(ada, leaf, "V0"))


def test_what_is_about_another_customer_now_says_so(leaf, crm, ada):
    with ada.scope:
        visits(crm, 1)
        crm.is_about(Record.objects.get(), ("customer", "C10009"))
        attach_records(now=NOW, run_id=crm.run.pk)
    assert "不再与 C10008 有关" in text(ada, record_url(ada, leaf, "V0"))


def test_whoever_does_not_read_the_goal_does_not_read_the_record(leaf, crm, ada, marta, henk, anna):
    with ada.scope:
        visits(crm, 1)
        Goal.objects.filter(pk=leaf.pk).update(is_private=True)
    path = record_url(ada, leaf, "V0")
    answers = {person.name: person.client.get(path).status_code for person in (ada, marta, henk, anna)}
    assert answers == {"ada": 200, "marta": 200, "henk": 200, "anna": 404}
    assert anna.client.get(url(leaf, "evidence/all/")).status_code == 404


def test_a_record_is_found_under_its_own_goal_alone_and_typed_evidence_has_none(leaf, line, crm, ada):
    with ada.scope:
        visits(crm, 1)
        typed = EvidenceItem.objects.create(goal=leaf, at=NOW, local_on=TODAY, number="DWG-1")
    path = record_url(ada, leaf, "V0")
    assert ada.client.get(path.replace(str(leaf.public_id), str(line[1].public_id))).status_code == 404
    assert ada.client.get(url(leaf, f"evidence/{typed.public_id}/")).status_code == 404
    assert ada.client.get(url(leaf, f"evidence/{uuid4()}/")).status_code == 404


def test_the_goals_page_costs_the_same_however_many_records_it_has(leaf, crm, ada):
    bare = len(page_queries(ada.client, url(leaf)))
    with ada.scope:
        visits(crm, 2)
    few = len(page_queries(ada.client, url(leaf)))
    with ada.scope:
        visits(crm, 40, first=2)
    assert len(page_queries(ada.client, url(leaf))) == few == bare  # when it was read comes with the rest


def test_the_pages_behind_it_cost_the_same_however_much_there_is(leaf, crm, ada):
    with ada.scope:
        visits(crm, 3)
    # 1 session, 1 account, 1 scope, 1 person, 1 goal, 1 count, 1 page of evidence, 1 proposals, 1 inbox
    assert_page_queries(ada.client, url(leaf, "evidence/all/"), 9)
    # 1 session, 1 account, 1 scope, 1 person, 1 goal, 1 piece and its record, 1 versions, 1 reading, 1 inbox
    assert_page_queries(ada.client, record_url(ada, leaf, "V0"), 9)
    with ada.scope:
        visits(crm, 50, first=3)
        for n in range(30):
            crm.correct(Record.objects.get(external_id="V0"), next_step=f"第 {n} 步")
    assert_page_queries(ada.client, url(leaf, "evidence/all/"), 9)
    assert_page_queries(ada.client, record_url(ada, leaf, "V0"), 9)
    assert "更早还有变化" in text(ada, record_url(ada, leaf, "V0"))


@pytest.mark.parametrize("size", [WIDE, PHONE])
def test_it_is_read_on_a_desk_and_on_a_phone(leaf, crm, ada, visit, size):
    with ada.scope:
        visits(crm, 7)
        attach_records(now=NOW, run_id=crm.run.pk)
    page = visit(ada, url(leaf), size)
    page.get_by_role("link", name="V0").click()
    page.get_by_role("heading", name="拜访纪要 0").wait_for()
    assert too_wide(page) <= 0
    page.go_back()
    page.get_by_role("link", name="查看 CRM 里全部 7 条“拜访”").click()
    page.get_by_text("拜访纪要 6").wait_for()
    assert too_wide(page) <= 0

"""The page of the penetration report: who reads it, what stands on it, at what price (screen 6)."""

import io
from datetime import date
from decimal import Decimal
from html import unescape

import pytest
from openpyxl import load_workbook

from dashboards import actions, tasks
from dashboards.models import PenetrationReport
from goals.models import Goal, ResourceLine
from perfsys.jobs.models import Job
from tests.cast import take_seat
from tests.conftest import page_queries

from .conftest import NOW, TODAY, more_goals, text_of

OCTOBER = date(2026, 10, 1)
PAGE = "/t/acme/reports/penetration/2026-10/"
DANGEROUS = [
    "=1+1",
    "+A1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    '=HYPERLINK("http://x","y")',
    " =1",
]


@pytest.fixture
def spent(world):
    with world.scope.scope:
        for goal, planned in ((world.top, 30), (world.middle, 12), (world.leaf, 5)):
            ResourceLine.objects.create(goal=goal, kind="people", planned=planned)
    return world


def issue(world, key="a"):
    with world.scope.scope:
        return actions.issue_report(month=OCTOBER, as_of=TODAY, key=key, actor=None, now=NOW)


def test_the_first_page_says_where_the_heads_went(spent, henk):
    issue(spent)
    page = henk.client.get(PAGE)
    text = unescape(text_of(page))
    assert "突破海外市场" in text and "6308-2RZ 低噪音密封结构定型" in text
    rows = {row["name"]: [one["text"] for one in row["amounts"]] for row in page.context["rows"]}
    assert rows["突破海外市场"] == ["30", "12", "0", "18", "30"]
    assert rows["6308-2RZ 低噪音密封结构定型"] == ["5", "0", "5", "0", "5"]
    for row in page.context["view"].nodes[1:]:
        assert row.received == row.passed + row.own + row.left


def test_a_node_opens_what_stands_behind_it(spent, henk):
    issue(spent)
    page = henk.client.get(f"{PAGE}?by=people&node={spent.middle.public_id}")
    assert [node.name for node in page.context["view"].nodes] == [
        "三款低噪音轴承定型",
        "突破海外市场",
        "6308-2RZ 低噪音密封结构定型",
    ]
    assert page.context["whole_url"] == f"{PAGE}?by=people"
    unit = spent.company.units["研发中心"].public_id
    assert "三款低噪音轴承定型" in text_of(henk.client.get(f"{PAGE}?by=people&node={unit}"))


@pytest.mark.parametrize("asked", ["?node=0b6ecf5c-0000-4000-8000-000000000000", "?node=x", "?version=7"])
def test_what_was_never_reported_is_not_found(spent, henk, asked):
    issue(spent)
    assert henk.client.get(PAGE + asked).status_code == 404


def test_a_month_to_come_is_not_found_and_one_without_a_report_offers_it(spent, henk):
    assert henk.client.get("/t/acme/reports/penetration/2026-12/").status_code == 404
    assert 'name="key"' in text_of(henk.client.get("/t/acme/reports/penetration/2026-11/"))


def test_the_address_without_a_month_leads_to_the_newest_report(spent, henk):
    assert henk.client.get("/t/acme/reports/penetration/").url == PAGE  # the month before, while there is none
    issue(spent)
    assert henk.client.get("/t/acme/reports/penetration/").url == PAGE


def test_a_private_goal_shows_its_amount_and_its_words_only_to_who_may_read_it(spent, henk, anna):
    issue(spent)
    with spent.scope.scope:
        Goal.objects.filter(pk=spent.leaf.pk).update(is_private=True)
    behind = f"{PAGE}?by=people&node={spent.middle.public_id}"
    for address in (PAGE, behind):
        assert "密封结构" in text_of(henk.client.get(address))  # her partner reads it
        hidden = text_of(anna.client.get(address))
        assert "密封结构" not in hidden and "A private goal" not in hidden and "不公开的目标" in hidden
    book = anna.client.get(f"{PAGE}export/?by=people")
    assert "密封结构" not in str(cells(book))


def test_an_idle_private_goal_names_neither_goal_nor_owner(spent, anna):
    with spent.scope.scope:
        ResourceLine.objects.filter(goal=spent.leaf).delete()
        Goal.objects.filter(pk=spent.leaf.pk).update(is_private=True)
    issue(spent)
    page = anna.client.get(PAGE)
    assert page.context["idle"] == [{"title": "不公开的目标", "url": "", "owner": None, "unit": "", "moved_at": None}]


def test_idle_goals_lead_to_their_page(spent, henk):
    with spent.scope.scope:
        ResourceLine.objects.filter(goal=spent.leaf).delete()
    issue(spent)
    [idle] = henk.client.get(PAGE).context["idle"]
    assert idle["url"] == f"/t/acme/goals/{spent.leaf.public_id}/" and idle["owner"].name == "Ada"


def test_an_older_version_stays_in_the_addresses_it_leads_to(spent, henk):
    issue(spent)
    with spent.scope.scope:
        ResourceLine.objects.filter(goal=spent.leaf).update(planned=9)
    issue(spent, "b")
    page = henk.client.get(f"{PAGE}?version=1&by=people")
    assert page.context["report"].version == 1
    assert all("version=1" in one["url"] for one in page.context["kinds"])
    assert henk.client.get(PAGE).context["report"].version == 2


def test_an_executive_reads_it_too(spent):
    boss = take_seat("acme", "boss", "executive")
    issue(spent)
    assert boss.client.get(PAGE).status_code == 200


def test_the_button_asks_once_and_the_page_waits_until_it_is_there(spent, henk):
    for _press in range(2):
        assert henk.client.post(f"{PAGE}issue/", {"key": "k"}).url == PAGE
    waiting = henk.client.get(PAGE)
    assert waiting.context["job"]["running"] and waiting.context["report"] is None
    assert 'hx-trigger="every 2s"' in text_of(henk.client.get(f"{PAGE}status/"))
    with spent.scope.scope:
        job = Job.objects.get(kind=actions.ISSUE)
        tasks.issue_penetration(payload=job.payload, now=NOW)
        Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)
        assert PenetrationReport.objects.get().made_by == henk.employee
    assert henk.client.get(f"{PAGE}status/")["HX-Redirect"] == PAGE
    assert henk.client.get(PAGE).context["job"] is None


def test_what_was_given_up_says_so_and_can_be_asked_for_again(spent, henk):
    henk.client.post(f"{PAGE}issue/", {"key": "k"})
    with spent.scope.scope:
        Job.objects.filter(kind=actions.ISSUE).update(state=Job.State.DEAD)
    page = henk.client.get(PAGE)
    assert page.context["job"]["failed_because"] and 'name="key"' in text_of(page)


def test_a_month_to_come_cannot_be_asked_for(spent, henk):
    assert henk.client.post("/t/acme/reports/penetration/2026-12/issue/").status_code == 404


def cells(answer):
    sheet = load_workbook(io.BytesIO(answer.content)).active
    return list(sheet.iter_rows())


@pytest.mark.parametrize("title", DANGEROUS)
def test_no_title_becomes_a_formula_in_the_workbook(spent, henk, title):
    with spent.scope.scope:
        Goal.objects.filter(pk=spent.leaf.pk).update(title=title)
    issue(spent)
    answer = henk.client.get(f"{PAGE}export/?by=people")
    found = [cell for row in cells(answer) for cell in row if cell.data_type == "f"]
    assert found == []
    written = [cell for row in cells(answer) for cell in row if cell.quotePrefix]
    assert {cell.value.replace("_x000D_", "\r") for cell in written} == {title}


def test_the_workbook_is_an_attachment_with_the_figures_of_the_page(spent, henk):
    issue(spent)
    answer = henk.client.get(f"{PAGE}export/?by=people")
    assert answer["Content-Disposition"] == 'attachment; filename="penetration-2026-10-v1-people.xlsx"'
    [row] = [row for row in cells(answer) if row[2].value == "突破海外市场" and row[3].value == 30 and row[4].value]
    assert [cell.value for cell in row[3:8]] == [30, 12, 0, 18, 30]
    assert cells(henk.client.get(f"{PAGE}export/?by=money"))[0][3].value == "流入（万元）"
    assert henk.client.get("/t/acme/reports/penetration/2026-09/export/").status_code == 404


def test_an_idle_goal_stands_in_the_workbook_with_whose_it_is(spent, henk):
    goal = spent.leaf
    with spent.scope.scope:
        ResourceLine.objects.filter(goal=goal).delete()
        whose = [goal.owner.name, goal.unit.name]
    issue(spent)
    [row] = [row for row in cells(henk.client.get(f"{PAGE}export/?by=people")) if row[0].value == "空转目标"]
    assert [row[1].value, row[2].value] == [goal.shown_number, goal.title]
    assert [row[9].value, row[10].value] == whose


@pytest.mark.parametrize("count", [3, 60])
def test_the_page_asks_for_no_more_however_many_goals(spent, henk, count):
    goals = more_goals(spent, spent.company.ben, count)
    with spent.scope.scope:
        ResourceLine.objects.bulk_create(
            ResourceLine(goal=goal, kind="people", planned=Decimal(n + 1)) for n, goal in enumerate(goals)
        )
    issue(spent)
    # 1 session, 1 account, 1 scope, 1 employee, 1 inbox; 1 report with its author, 1 months, 1 job, 1 versions;
    # 1 whether any goal named is hidden, 1 those readable; the same 2 for idle goals where there are some
    assert len(page_queries(henk.client, PAGE)) <= 13
    # 1 part more
    assert len(page_queries(henk.client, f"{PAGE}?by=people&node={spent.middle.public_id}")) <= 14


def test_a_month_before_all_goals_is_not_begun(spent, henk):
    page = henk.client.post("/t/acme/reports/penetration/2000-01/issue/", {"key": "k"}, follow=True)
    assert "没有目标" in text_of(page)
    with spent.scope.scope:
        assert not Job.objects.filter(kind=actions.ISSUE).exists()


@pytest.mark.parametrize("key", ["a\x00b", "长" * 10_000, ""])
def test_whatever_key_comes_with_the_button_the_report_is_asked_for(spent, henk, key):
    assert henk.client.post(f"{PAGE}issue/", {"key": key}).url == PAGE
    with spent.scope.scope:
        assert Job.objects.filter(kind=actions.ISSUE).count() == 1

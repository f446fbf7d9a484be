"""Many drafts in a table: what is right is saved, what is not keeps what was typed, by the keyboard too."""

from datetime import date
from decimal import Decimal

import pytest

from goals.models import Goal
from perfsys.audit.models import AuditEntry
from tests.conftest import assert_page_queries
from tests.goals.conftest import WIDE

URL = "/t/acme/goals/table/"
TEAM = f"{URL}?whose=team"


@pytest.fixture
def drafts(that_day, founded, anna):
    """Two of Ada's and one of Ben's."""
    with anna.scope:
        return [
            founded.draft(founded.ada, "一次合格率", weight=Decimal(60), target=Decimal(95)),
            founded.draft(founded.ada, "交付周期", weight=Decimal(30)),
            founded.draft(founded.ben, "返工工时", weight=Decimal(100)),
        ]


def typed(*goals, **cells):
    """The form as the page shows it, and in the first row what is typed."""
    sent = {"row": [str(goal.public_id) for goal in goals]}
    for goal in goals:
        said = {"title": goal.title, "weight": goal.weight, "target": goal.target or "", "due_on": goal.due_on}
        said |= {"measure": goal.measure, "unit_of_measure": goal.unit_of_measure, "version": goal.version}
        sent |= {f"{goal.public_id}-{name}": str(value) for name, value in (said | cells).items()}
        cells = {}
    return sent


def test_good_rows_are_saved_and_the_others_keep_what_was_typed(drafts, marta):
    first, second, third = drafts
    form = typed(first, title="直通率", weight="70%", due_on="2026/11/30")
    assert marta.client.post(TEAM, typed(second, weight="170")).status_code == 422
    form |= typed(second, weight="170") | typed(third) | {"row": [str(one.public_id) for one in drafts]}
    answer = marta.client.post(TEAM, form)
    assert answer.status_code == 200  # something was done
    [group] = answer.context["groups"]
    [row] = group["rows"]
    assert (row.goal.pk, row.form["weight"].value(), list(row.form.errors)) == (second.pk, "170", ["weight"])
    assert group["rest"] == "70"
    with marta.scope:
        saved = Goal.objects.get(pk=first.pk)
        assert (saved.title, saved.weight, saved.due_on, saved.version) == ("直通率", 70, date(2026, 11, 30), 2)
        assert Goal.objects.get(pk=third.pk).version == 1  # nothing was typed there
        assert AuditEntry.objects.filter(verb="goals.edited").count() == 1


def test_the_second_editor_sees_what_the_first_one_wrote(drafts, ada, marta):
    first, second, _bens = drafts
    assert ada.client.post(URL, typed(first, weight="50")).status_code == 302
    answer = marta.client.post(TEAM, typed(first, second, weight="40"))
    assert answer.status_code == 409
    [row] = answer.context["groups"][0]["rows"]
    assert (row.now, row.form["weight"].value()) == ({"weight": "50"}, "40")
    assert f'name="{first.public_id}-version"' in answer.content.decode()
    with marta.scope:
        now = Goal.objects.get(pk=first.pk)
        assert now.weight == 50
    assert marta.client.post(TEAM, typed(now, weight="40")).status_code == 302
    assert marta.client.post(TEAM, typed(first)).status_code == 302  # an old page, where nothing was typed


def test_each_changes_drafts_of_his_own_and_of_his_team(drafts, ada, marta, henk, otto):
    first, _second, bens = drafts
    for person, url in ((ada, URL), (ada, TEAM), (henk, TEAM), (marta, URL)):
        answer = person.client.post(url, typed(bens, title="我来改"))
        assert (answer.status_code, answer.context["gone"][0].startswith("我来改")) == (409, True)
    assert otto.client.post("/t/globex/goals/table/", typed(bens, title="我来改")).status_code == 409
    assert otto.client.get(URL).status_code == 404
    with marta.scope:
        Goal.objects.filter(pk=first.pk).update(
            status="published", published_at=first.made_at, published_on="2026-10-01"
        )
        assert Goal.objects.get(pk=bens.pk).title == "返工工时"
    assert marta.client.post(TEAM, typed(first, title="发布了")).status_code == 409


def test_the_page_asks_as_many_queries_for_many_drafts_as_for_few(drafts, founded, marta):
    # 1 session, 1 account, 1 scope, 1 employee, 1 periods, 1 count, 1 drafts with owners, 1 other weights, 1 inbox
    assert_page_queries(marta.client, TEAM, 9)
    with marta.scope:
        for number in range(10):
            founded.draft(founded.ben, f"目标 {number}", weight=None)
    assert_page_queries(marta.client, TEAM, 9)


def test_keys_move_between_cells_and_a_copied_table_fills_them(visit, drafts, ada):
    first, second, _bens = drafts
    page = visit(ada, URL, WIDE)

    def cell(goal, name):
        return page.locator(f"[name='{goal.public_id}-{name}']")

    def focused():
        return page.evaluate("document.activeElement.name").removeprefix(f"{first.public_id}-")

    cell(first, "title").focus()
    page.keyboard.press("ArrowRight")
    assert focused() == "weight"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.name") == f"{second.public_id}-weight"
    page.keyboard.press("ArrowUp")
    page.keyboard.type("70")
    assert page.locator("[data-total]").inner_text() == "100%"
    page.keyboard.press("Escape")
    assert (cell(first, "weight").input_value(), page.locator("[data-total]").inner_text()) == ("60", "90%")
    page.evaluate(
        """text => {
            const data = new DataTransfer();
            data.setData("text/plain", text);
            const said = { clipboardData: data, bubbles: true, cancelable: true };
            document.activeElement.dispatchEvent(new ClipboardEvent("paste", said));
        }""",
        '55\t漏油率\r\n45\t"周期"\r\n',
    )
    assert page.locator("[data-total]").inner_text() == "100%"
    page.locator("form[data-grid] button[type=submit]").click()
    page.locator(".toast").wait_for()
    with ada.scope:
        assert list(Goal.objects.filter(owner=first.owner).order_by("pk").values_list("weight", "measure")) == [
            (55, "漏油率"),
            (45, "周期"),
        ]

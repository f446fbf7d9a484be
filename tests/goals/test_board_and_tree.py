"""The decoding board and the goal tree: what stands where, for whom, at what price (screen 2)."""

import re
from datetime import date
from decimal import Decimal
from html import unescape

import pytest

from goals import access
from goals.actions.goal import write_goals
from goals.actions.periods import ensure_period
from goals.models import Alignment, Goal, Status
from goals.queries.board import AT_FIRST, board
from goals.queries.tree import MOST_BELOW, roots, rows_from
from perfsys.people.access import Viewer
from tests.conftest import page_queries

from .conftest import NOW, TODAY

BOARD, TREE, ROWS = "/t/acme/board/", "/t/acme/tree/", "/t/acme/tree/rows/"


def text(person, address, status=200):
    answer = person.client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def viewer_of(person):
    return Viewer(person.employee, person.seat, TODAY)


def published(founded, owner, title, parent=None, **more):
    """As an import leaves it: published, though nobody asked whether the set is complete."""
    goal = founded.draft(owner, title, parent=parent, **more)
    Goal.objects.filter(pk=goal.pk).update(status=Status.PUBLISHED, published_at=NOW, published_on=TODAY)
    return Goal.objects.get(pk=goal.pk)


def test_everybody_reads_the_three_layers(line, anna):
    page = text(anna, BOARD)
    assert all(goal.title in page for goal in line)


def test_a_chosen_goal_shows_what_carries_it_and_leads_up(line, founded, anna):
    top, middle, leaf = line
    with anna.scope:
        other = published(founded, founded.units["生产中心"], "磨加工 Cpk 提到 1.67")
    page = text(anna, f"{BOARD}?goal={top.public_id}")
    assert middle.title in page and other.title not in page
    page = text(anna, f"{BOARD}?goal={middle.public_id}")
    assert top.title in page and leaf.title in page
    assert f'id="card-{middle.public_id}"' in page and page.count('aria-current="true"') >= 2


def test_goals_that_support_nothing_can_be_found(line, founded, anna):
    with anna.scope:
        stray = published(founded, founded.ben, "整理台架")
    for address in (f"{BOARD}?view=loose", f"{TREE}?view=loose"):
        page = text(anna, address)
        assert stray.title in page and line[2].title not in page


@pytest.mark.parametrize("asked", ["nonsense", "5b1c8f0e-4f5d-4c43-9f6e-0d9f6d0c7a11"])
def test_what_names_no_goal_is_not_found(line, anna, asked):
    text(anna, f"{BOARD}?goal={asked}", 404)
    text(anna, f"{ROWS}?parent={asked}", 404)
    assert line[0].title in text(anna, f"{TREE}?open={asked},,")


def test_a_private_goal_and_a_draft_stand_nowhere_for_strangers(line, founded, ada, marta, anna):
    with ada.scope:
        Goal.objects.filter(pk=line[2].pk).update(is_private=True)
        draft = founded.draft(founded.ada, "还没想好的目标", parent=line[1])
    addresses = [BOARD, f"{BOARD}?goal={line[1].public_id}", f"{ROWS}?parent={line[1].public_id}"]
    for address in addresses:
        assert line[2].title not in text(anna, address)
        assert line[2].title in text(ada, address) and line[2].title in text(marta, address)
        assert draft.title not in text(ada, address)
    text(anna, f"{BOARD}?goal={line[2].public_id}", 404)
    assert "aria-expanded" not in text(anna, f"{ROWS}?parent={line[0].public_id}")  # nothing is below it for her


@pytest.mark.parametrize("name", ["ada", "marta", "henk", "anna"])
def test_what_the_lists_show_is_what_opens(line, founded, ada, name, request):
    """List = detail: every goal on the board and in the tree opens, and every goal that opens is there."""
    with ada.scope:
        for n, (owner, private) in enumerate([(founded.ada, True), (founded.ben, False), (founded.cleo, True)]):
            goal = published(founded, owner, f"目标 {n}", parent=line[1], weight=Decimal(n))
            Goal.objects.filter(pk=goal.pk).update(is_private=private)
    who = viewer_of(request.getfixturevalue(name))
    with ada.scope:
        whole = set(access.visible_goals(who).exclude(status=Status.DRAFT).values_list("pk", flat=True))
        found = board(who, founded.period, chosen=None, loose=False, more="position")
        assert {goal.pk for column in found.columns for goal in column.goals} == whole
        everywhere = set(Goal.objects.values_list("public_id", flat=True))
        shown = access.shown_goals(who, founded.period)
        rows = rows_from(shown, list(roots(shown)), opened=everywhere)
        assert {row.goal.pk for row in rows} == whole
        for goal in shown.goals:
            assert access.goal_to_read(who, goal.public_id)[0] == goal


def test_a_branch_opens_by_its_address_and_by_itself(line, ada):
    top, middle, leaf = line
    shut = text(ada, TREE)
    assert top.title in shut and middle.title not in shut
    opened = text(ada, f"{TREE}?open={top.public_id},{middle.public_id}")
    assert opened.index(top.title) < opened.index(middle.title) < opened.index(leaf.title)
    below = text(ada, f"{ROWS}?parent={middle.public_id}")
    assert leaf.title in below and 'aria-level="3"' in below and "<html" not in below
    assert leaf.title in text(ada, f"{ROWS}?open={top.public_id},{middle.public_id}")


def test_health_filters_the_tree_wherever_a_goal_stands(line, ada):
    with ada.scope:
        Goal.objects.filter(pk=line[2].pk).update(health="talk")
    assert line[2].title in text(ada, f"{TREE}?health=talk")
    assert line[2].title not in text(ada, f"{TREE}?health=idle")


def many_below(founded, parent, number):
    """As an import leaves them: published, though nobody asked whether the set is complete."""
    place = founded.place(founded.ben)
    drafts = [(place, founded.words(f"目标 {n:03}", parent=parent)) for n in range(number)]
    made = write_goals(period=founded.period, drafts=drafts, actor=founded.ben, now=NOW)
    published_now = {"status": Status.PUBLISHED, "published_at": NOW, "published_on": TODAY}
    Goal.objects.filter(pk__in=[goal.pk for goal in made]).update(**published_now)


def test_a_long_column_is_cut_and_shown_whole_on_request(line, founded, ada):
    with ada.scope:
        many_below(founded, line[1], AT_FIRST + 3)
    page = text(ada, f"{BOARD}?goal={line[1].public_id}")
    assert page.count('id="card-') == 2 + AT_FIRST
    assert "more=position" in page
    whole = text(ada, f"{BOARD}?goal={line[1].public_id}&more=position")
    assert whole.count('id="card-') == 2 + AT_FIRST + 4


def test_a_chosen_goal_from_further_down_does_not_hide_how_many_there_are(line, founded, ada):
    with ada.scope:
        many_below(founded, line[1], AT_FIRST + 3)
        last = Goal.objects.filter(layer="position").order_by("-pk")[0]
    page = text(ada, f"{BOARD}?goal={last.public_id}")
    assert page.count('id="card-') == 2 + AT_FIRST and f"card-{last.public_id}" in page
    assert "more=position" in page


def test_a_long_branch_says_how_many_are_left_out(line, founded, ada):
    with ada.scope:
        many_below(founded, line[1], MOST_BELOW + 1)
    below = text(ada, f"{ROWS}?parent={line[1].public_id}")
    assert below.count("data-goal=") == MOST_BELOW
    assert "还有 2 个" in below and str(line[1].public_id) in below


@pytest.mark.parametrize(
    "address", [BOARD, "{board}?goal={middle}", TREE, "{tree}?open={top},{middle}", "{rows}?parent={middle}"]
)
def test_the_price_is_the_same_however_many_goals_there_are(line, founded, ada, address):
    top, middle, _leaf = line
    address = address.format(board=BOARD, tree=TREE, rows=ROWS, top=top.public_id, middle=middle.public_id)
    few = len(page_queries(ada.client, address))
    with ada.scope:
        many_below(founded, middle, 12)
        for n in range(5):
            published(founded, founded.units["研发中心"], f"部门目标 {n}", parent=top)
    assert len(page_queries(ada.client, address)) == few


def test_a_company_without_goals_is_told_how_to_begin(that_day, ada, anna):
    assert "/t/acme/goals/new/" in text(ada, BOARD)
    assert "/t/acme/admin/imports/" in text(anna, TREE)


def test_a_goal_that_supports_two_stands_once_in_the_tree_and_below_both_on_the_board(line, founded, ada):
    top, middle, leaf = line
    with ada.scope:
        second = published(founded, founded.units["生产中心"], "磨加工 Cpk 提到 1.67", parent=top)
        Alignment.objects.create(child=leaf, parent=second, is_primary=False)
    assert leaf.title in text(ada, f"{BOARD}?goal={second.public_id}")
    tree = text(ada, f"{TREE}?open={top.public_id},{middle.public_id},{second.public_id}")
    assert tree.count(f'data-goal="{leaf.public_id}"') == 1


@pytest.fixture
def last_quarter(line, founded, ada):
    """The quarter before, with a goal nobody aligned and enough others to be cut."""
    with ada.scope:
        period = ensure_period(starts_on=date(2026, 7, 1), ends_on=date(2026, 9, 30), actor=None, now=NOW)
        many_below(founded, None, AT_FIRST + 2)
        Goal.objects.filter(title__startswith="目标 ").update(period=period)
    return period


@pytest.mark.parametrize("address", [f"{BOARD}?view=loose", f"{TREE}?", f"{TREE}?view=loose", f"{TREE}?health=idle"])
def test_another_period_stays_chosen_whatever_one_looks_at(last_quarter, ada, address):
    page = text(ada, f"{address}&period={last_quarter.name}")
    ways = [way for way in re.findall(r'href="([^"]+)"', page) if way.startswith((BOARD, TREE))]
    chosen = [way for way in ways if f"period={last_quarter.name}" in unescape(way)]
    own = {BOARD, TREE}  # the way in from the navigation, which begins afresh
    others = [way for way in ways if way not in own and way not in chosen]
    assert len(chosen) >= 4
    assert [way for way in others if "period=" not in way] == []


def test_the_rest_of_a_long_column_is_the_rest_of_what_one_saw(last_quarter, ada):
    page = text(ada, f"{BOARD}?view=loose&period={last_quarter.name}")
    (rest,) = [unescape(way) for way in re.findall(r'href="([^"]+)"', page) if "more=" in way]
    assert text(ada, rest).count('id="card-') == AT_FIRST + 2


def test_branches_that_are_remembered_open_in_the_list_one_looks_at(line, last_quarter, ada):
    top, _middle, leaf = line
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(health="talk")
    for asked, own in [("health=talk", leaf.title), (f"view=loose&period={last_quarter.name}", "目标 000")]:
        page = text(ada, f"{TREE}?{asked}")
        (rows_url,) = [unescape(way) for way in re.findall(r'data-rows="([^"]+)"', page)]
        rows = text(ada, f"{rows_url}&open={top.public_id}")
        assert own in rows and top.title not in rows

"""What a goal supports, on its page: how well, how much, what else, and the manager's word (product.md §2.3, §2.7)."""

from decimal import Decimal

import pytest

from goals.actions.alignments import seen_of
from goals.models import Alignment, AlignmentLabel, Goal, Status
from goals.queries.match import judged_as
from perfsys.audit.models import AuditEntry
from tests.conftest import assert_page_queries

from .conftest import NOW, TODAY

CIRCLE = "那条目标已经间接支撑着这一条，请换一条。"
RAISE = "写出做成之后会有什么不同，例如哪个数字会变。"


def url(goal, step=""):
    return f"/t/acme/goals/{goal.public_id}/" + (f"{step}/" if step else "")


def page_of(person, address):
    answer = person.client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def judged(goal, relevance=90):
    for line in Alignment.objects.filter(child=goal).select_related("child", "parent"):
        line.judged, line.relevance = judged_as(line.child.title, line.parent.title), relevance
        line.reasons = [["moves"]] if relevance >= 70 else [["activity"]]
        line.save()


@pytest.fixture
def other(line, founded, ada):
    """A goal of another department."""
    with ada.scope:
        made = founded.draft(founded.units["生产中心"], "热处理一次合格率达到 98%")
        Goal.objects.filter(pk=made.pk).update(status=Status.PUBLISHED, published_at=NOW, published_on=TODAY)
    return Goal(pk=made.pk, public_id=made.public_id, number=made.number, title=made.title)


def test_the_goal_says_how_well_it_fits_and_what_would_raise_it(line, ada, anna):
    leaf = line[2]
    assert "匹配度正在算" in page_of(ada, url(leaf))
    with ada.scope:
        judged(leaf, 20)
    page = page_of(anna, url(leaf))
    assert "匹配度 <b" in page and "读起来像一项活动" in page
    assert RAISE in page
    assert url(leaf, "supports") in page


def test_the_board_and_the_tree_show_the_figure(line, ada):
    with ada.scope:
        judged(line[1])
        Alignment.objects.update(match=83)
    assert "匹配 83" in page_of(ada, "/t/acme/board/")
    opened = page_of(ada, f"/t/acme/tree/?open={line[0].public_id}")
    assert ">83</span>" in opened


def test_another_goal_is_supported_with_its_shares(line, other, ada):
    leaf = line[2]
    typed = {"parent": f"{other.number} {other.title} · 生产中心", "contribution": "30", "split": "20"}
    assert ada.client.post(url(leaf, "supports/also"), typed).status_code == 302
    with ada.scope:
        lines = {one.is_primary: one for one in Alignment.objects.filter(child=leaf)}
        assert (lines[False].parent_id, lines[False].contribution, lines[False].split) == (other.pk, 30, 20)
        assert lines[True].split == 80  # comes off the first one's
    assert "它已经支撑那个目标了" in ada.client.post(url(leaf, "supports/also"), typed).content.decode()
    assert ada.client.post(url(leaf, f"supports/{other.public_id}/no-more")).status_code == 302
    with ada.scope:
        assert Alignment.objects.get(child=leaf).split == 100


def refused(person, address, typed):
    answer = person.client.post(address, typed)
    assert answer.status_code == 422
    return answer.content.decode()


def test_what_cannot_be_is_refused_beside_the_field_and_kept(line, other, founded, ada):
    _, middle, leaf = line
    also = url(leaf, "supports/also")
    page = refused(ada, also, {"parent": "没有这个目标", "contribution": "7成", "split": "20"})
    assert "写一个 0 到 100 的百分比" in page and 'value="7成"' in page
    with ada.scope:
        sibling = founded.draft(founded.ben, "样件", parent=middle)
        Alignment.objects.filter(child=sibling).update(contribution=70)
        seen = seen_of(Alignment.objects.filter(child=leaf))
    shares = {"seen": seen, f"contribution-{middle.pk}": "40", f"split-{middle.pk}": ""}
    assert "还能承担 30%" in refused(ada, url(leaf, "supports"), shares)
    shares |= {f"contribution-{middle.pk}": "30", f"split-{middle.pk}": "60"}
    assert "各份加起来是 60%" in refused(ada, url(leaf, "supports"), shares)
    shares |= {f"split-{middle.pk}": "100"}
    assert ada.client.post(url(leaf, "supports"), shares).status_code == 302
    assert ada.client.post(url(leaf, "supports"), shares).status_code == 409  # somebody saved it meanwhile


def test_a_circle_is_refused_in_words(line, other, founded, ada, anna):
    middle = line[1]
    with ada.scope:
        Alignment.objects.create(child=other, parent=middle, is_primary=True)
    page = refused(anna, url(middle, "supports/also"), {"parent": other.title, "contribution": "", "split": ""})
    assert CIRCLE in page


def test_the_manager_confirms_with_a_reason_and_takes_it_back(line, ada, marta):
    _, middle, leaf = line
    address = url(leaf, f"supports/{middle.public_id}/confirm")
    assert ada.client.post(address, {"reason": "我觉得对"}).status_code == 403
    assert "用一句话说明" in refused(marta, address, {"reason": " "})
    with ada.scope:
        judged(leaf, 10)
    assert marta.client.post(address, {"reason": "密封结构就是其中一款"}).status_code == 302
    with ada.scope:
        found = Alignment.objects.get(child=leaf)
        assert (found.match, found.confirmed_by_name) == (100, "Marta")
        label = AlignmentLabel.objects.get()
        assert (label.child_text, label.parent_text, label.taken_back_at) == (leaf.title, middle.title, None)
        assert AuditEntry.objects.filter(verb="goals.alignment_confirmed").count() == 1
    page = page_of(ada, url(leaf))
    assert "密封结构就是其中一款" in page and "上级已确认" in page
    assert marta.client.post(url(leaf, f"supports/{middle.public_id}/unconfirm")).status_code == 302
    with ada.scope:
        assert Alignment.objects.get(child=leaf).match < 70
        assert AlignmentLabel.objects.get().taken_back_at is not None


def test_a_confirmation_holds_for_what_was_read_and_not_for_other_words(line, founded, ada, marta):
    from goals.actions.matching import judge_some

    _, middle, leaf = line
    marta.client.post(url(leaf, f"supports/{middle.public_id}/confirm"), {"reason": "就是其中一款"})
    with ada.scope:
        judged(leaf)
        Goal.objects.filter(pk=leaf.pk).update(title=leaf.title.replace("6308", "6309"))
        judged(leaf)
        judge_some(now=NOW)
        assert Alignment.objects.get(child=leaf).confirmed_at is not None  # a figure that moves is no other goal
        Goal.objects.filter(pk=leaf.pk).update(title="每周填十张表")
        judged(leaf)
        judge_some(now=NOW)
        assert Alignment.objects.get(child=leaf).confirmed_at is None


def test_the_page_costs_the_same_however_much_it_supports(line, founded, ada):
    leaf = line[2]
    # 1 session, 1 account, 1 scope, 1 person, 1 goal, 1 what it supports, 1 facts, 2 whether goals are hidden and those
    # to choose from, 1 count of the inbox
    assert_page_queries(ada.client, url(leaf, "supports"), 10)
    with ada.scope:
        for n in range(6):
            more = founded.draft(founded.units["生产中心"], f"目标 {n}")
            Goal.objects.filter(pk=more.pk).update(status=Status.PUBLISHED, published_at=NOW, published_on=TODAY)
            Alignment.objects.create(child=leaf, parent=more, is_primary=False, split=Decimal(0))
    assert_page_queries(ada.client, url(leaf, "supports"), 10)

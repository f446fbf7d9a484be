"""A draft is edited part by part on the page where it is read (product.md §2.2)."""

from decimal import Decimal

import pytest
from playwright.sync_api import expect

from goals.actions.goal import edit_goal
from goals.models import Goal, KeyResult, Milestone
from perfsys.audit import access as audit_access
from perfsys.common import vectors

from .conftest import NOW, PHONE

LINES = {"stages-INITIAL_FORMS": "0", "results-INITIAL_FORMS": "0"}


@pytest.fixture
def draft(line, founded, ada):
    with ada.scope:
        return founded.draft(
            founded.ada, "缩短样件交付周期", parent=line[1], milestones=[("样件评审", founded.period.ends_on)]
        )


def url(goal, part):
    return f"/t/acme/goals/{goal.public_id}/edit/{part}/"


def now(goal, ada):
    with ada.scope:
        return Goal.objects.get(pk=goal.pk)


def test_each_part_saves_its_own_fields_and_leaves_the_rest(draft, founded, ada):
    said = {
        "words": {"title": "样件交付周期压到 12 天", "parent": ""},
        "weight": {"weight": "40", "is_core": "on"},
        "measure": {
            "measure": "交付周期",
            "direction": "lower",
            "baseline": "18",
            "target": "12",
            "unit_of_measure": "天",
        },
        "stages": {"stages-TOTAL_FORMS": "1", "stages-0-title": "首件放行", "stages-0-due_on": "2026-11-30", **LINES},
        "days": {"starts_on": "2026-10-08", "due_on": "2026-12-18"},
    }
    for part, typed in said.items():
        answer = ada.client.post(url(draft, part), typed | {"version": now(draft, ada).version})
        assert answer["Location"] == f"/t/acme/goals/{draft.public_id}/#part-{part}"
    goal = now(draft, ada)
    assert (goal.title, goal.weight, goal.is_core, goal.target) == ("样件交付周期压到 12 天", 40, True, 12)
    assert (goal.measure, str(goal.due_on), goal.evidence_number) == ("交付周期", "2026-12-18", "PRJ-1")
    with ada.scope:
        assert list(Milestone.objects.filter(goal=goal).values_list("title", flat=True)) == ["首件放行"]
        assert goal.obstacles.count() == 1 and not goal.parents.exists()
    page = ada.client.get(f"/t/acme/goals/{draft.public_id}/").content.decode()
    assert "交付周期 · 18 天 → 12 天" in page and url(draft, "measure") in page


def test_key_results_are_edited_where_an_objective_is_read(line, founded, ada):
    with ada.scope:
        aim = founded.draft(founded.ada, "客户更信我们", kind="objective")
    page = ada.client.get(f"/t/acme/goals/{aim.public_id}/").content.decode()
    assert url(aim, "results") in page
    typed = {"results-TOTAL_FORMS": "1", "results-0-title": "客户签认", "results-0-target": "3", "version": "1"} | LINES
    ada.client.post(url(aim, "results"), typed)
    with ada.scope:
        assert KeyResult.objects.get(goal=aim).target == 3
    twice = typed | {"results-TOTAL_FORMS": "2", "results-1-title": "客户签认", "version": "2"}
    answer = ada.client.post(url(aim, "results"), twice)
    assert answer.status_code == 422 and "客户签认" in answer.content.decode()


def test_no_stage_lies_after_the_last_day(draft, founded, ada):
    late = {"stages-TOTAL_FORMS": "1", "stages-0-title": "首件放行", "stages-0-due_on": "2027-01-04", **LINES}
    answer = ada.client.post(url(draft, "stages"), late | {"version": 1})
    assert answer.status_code == 422 and "截止日 2026 年 12 月 31 日 之后" in answer.content.decode()
    answer = ada.client.post(url(draft, "days"), {"starts_on": "", "due_on": "2026-12-18", "version": 1})
    assert answer.status_code == 422 and "阶段“样件评审”排在这一天之后" in answer.content.decode()


def test_what_is_refused_is_said_beside_the_field_and_stays_typed(draft, ada):
    typed = {"starts_on": "2026-11-08", "due_on": "2026-10-18", "version": "1"}
    answer = ada.client.post(url(draft, "days"), typed, headers={"HX-Request": "true"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "2026-10-18" in page
    assert page.lstrip().startswith('<div class="part editing" id="part-days">')  # the form alone, to be swapped in
    assert answer.context["form"].errors["due_on"]


def test_the_second_of_two_sees_what_changed_and_saves_on_top(draft, founded, ada, marta, monkeypatch):
    with ada.scope:
        words = founded.words("缩短样件交付周期", weight=Decimal(25))
        edit_goal(goal=draft, version=1, words=words, actor=founded.marta, now=NOW)
    late = ada.client.post(url(draft, "weight"), {"weight": "35", "version": "1"})
    page = late.content.decode()
    assert late.status_code == 409 and 'value="35"' in page and "25" in page
    assert [change["now"] for change in late.context["changes"]] == ["25%"]
    assert late.context["saved_by"] == ""  # both have done something to it today
    assert now(draft, ada).weight == 25
    assert ada.client.post(url(draft, "weight"), {"weight": "35", "version": "2"}).status_code == 302
    assert now(draft, ada).weight == 35
    late = marta.client.post(url(draft, "weight"), {"weight": "30", "version": "2"})
    assert late.context["saved_by"] == ""  # an entry of hers may have been a saving
    monkeypatch.setattr(audit_access, "acting_person", lambda _request: founded.zoe)
    with ada.scope:
        assert audit_access.who_saved(None, draft) == audit_access.OTHERS  # she had nothing to do with it


def test_what_is_published_is_asked_for_instead(line, ada, marta, anna):
    leaf = line[2]
    asked = f"/t/acme/goals/{leaf.public_id}/adjust/?part=weight"
    assert ada.client.get(url(leaf, "weight"))["Location"] == asked
    form = ada.client.get(asked).content.decode()
    assert form.count("autofocus") == 1
    typed = ada.client.post(url(leaf, "weight"), {"weight": "35", "version": "2"})
    assert typed.status_code == 409 and asked in typed.content.decode() and 'value="35"' in typed.content.decode()
    page = ada.client.get(f"/t/acme/goals/{leaf.public_id}/").content.decode()
    assert url(leaf, "weight") in page and url(leaf, "words") not in page
    assert url(leaf, "weight") not in anna.client.get(f"/t/acme/goals/{leaf.public_id}/").content.decode()


def test_a_part_that_a_goal_of_its_kind_has_not_is_not_there(draft, ada):
    assert [ada.client.get(url(draft, part)).status_code for part in ("results", "nonsense")] == [404, 404]


def test_with_script_the_form_stands_where_one_reads_and_the_match_moves_with_the_words(
    draft, line, ada, visit, monkeypatch
):
    monkeypatch.setattr(vectors, "is_warm", lambda: False)
    page = visit(ada, f"/t/acme/goals/{draft.public_id}/", PHONE)
    title, weight = page.locator("#part-words"), page.locator("#part-weight")
    title.get_by_role("link", name="编辑").press("Enter")
    expect(title.locator("[name=title]")).to_be_focused()
    expect(page.locator(".htmx-added")).to_have_count(0)  # before that nobody listens to what is typed
    title.locator("[name=title]").fill("6308-2RZ 低噪音轴承定型评审通过")
    expect(page.locator("#live-match")).to_contain_text(line[1].title)
    weight.get_by_role("link", name="编辑").click()
    weight.locator("[name=weight]").fill("400")
    weight.get_by_role("button", name="保存").last.click()
    expect(weight).to_contain_text("0 到 100")
    weight.locator("[name=weight]").fill("40")
    weight.get_by_role("button", name="保存").last.click()
    expect(weight).to_contain_text("40%")
    expect(weight.get_by_role("link")).to_be_focused()
    expect(title.locator("[name=title]")).to_have_value("6308-2RZ 低噪音轴承定型评审通过")  # the other form stays
    title.get_by_role("link", name="先不了").click()
    expect(title.get_by_role("heading")).to_have_text("缩短样件交付周期")

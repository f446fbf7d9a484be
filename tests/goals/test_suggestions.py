"""Three different, specific suggestions for every goal that needs a hand (product.md §2.8)."""

from datetime import timedelta

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from goals.actions import suggestions as actions
from goals.actions.alerts import check_health
from goals.actions.goal import StaleVersion
from goals.models import (
    AdjustmentRequest,
    Alignment,
    EvidenceItem,
    Goal,
    GoalAlert,
    Kind,
    Milestone,
    SuggestionEntry,
)
from goals.queries.health import missing_on
from goals.queries.suggestions import library
from goals.suggestions import LACKS, Missing, ready_made, three
from tests.conftest import assert_page_queries

from .conftest import NOW, TODAY


@given(
    kind=st.sampled_from(Kind.values),
    job_family=st.sampled_from(["", "研发", "销售一部", "生产操作", "Quality", "客户服务", "行政", "飞行员"]),
    missing=st.sets(st.sampled_from(list(Missing))),
)
def test_there_are_always_three_and_each_is_another(kind, job_family, missing):
    found = three(kind=kind, job_family=job_family, missing=missing)
    assert len({one.code for one in found}) == 3
    assert found == three(kind=kind, job_family=job_family, missing=missing)
    assert sum(bool(one.missing) for one in found) == bool(missing)


def codes(**about):
    return [one.code for one in three(**{"kind": "kpi", "job_family": "", "missing": (), **about})]


@pytest.mark.parametrize(
    ("job_family", "expected"),
    [
        ("华东销售", "customer_tiers"),
        ("研发工程", "verification"),
        ("Production", "first_piece"),
        ("客服", "return_visit"),
    ],
)
def test_the_owners_job_family_decides_what_comes_first(job_family, expected):
    assert expected in codes(job_family=job_family)


def test_what_is_missing_is_named_first_and_once():
    assert codes(missing=[Missing.STAGES, Missing.EVIDENCE])[0] == "first_stage"
    assert codes(missing=[Missing.PARENT, Missing.EVIDENCE], job_family="研发")[1] == "verification"


def test_the_kind_of_goal_has_its_own():
    assert "fixed_time" in codes(kind="behaviour") and "fixed_time" not in codes(kind="objective")


def test_there_are_sixty_and_no_two_say_the_same():
    shipped = ready_made()
    assert len(shipped) >= 60
    for language in ("en", "zh-hans"):
        with translation.override(language):
            assert len({one.text for one in shipped}) == len({one.code for one in shipped}) == len(shipped)
    assert {one.missing for one in shipped} - {""} == set(LACKS)
    assert all(one.kinds <= set(Kind.values) for one in shipped)


def test_each_says_why_and_another_goal_is_offered_others():
    offers = three(kind="kpi", job_family="华东销售", missing=[Missing.STAGES], of="1")
    with translation.override("zh-hans"):
        assert [one.why for one in offers] == ["缺的是阶段", "来自华东销售的经验", "来自华东销售的经验"]
    found = {tuple(one.code for one in three(kind="kpi", job_family="销售", missing=(), of=str(n))) for n in range(9)}
    assert len(found) > 3


def test_a_company_keeps_its_own_words_and_always_three(company, ada):
    shipped = {one.code: one for one in library()}
    words = actions.SuggestionWords(text_zh="先请车间主任看一眼")
    about = {"actor": company.anna, "now": NOW}
    actions.change_suggestion(suggestion=shipped["next_delivery"], version=0, words=words, **about)
    with pytest.raises(StaleVersion):
        actions.change_suggestion(suggestion=shipped["next_delivery"], version=0, words=words, **about)
    own = actions.add_suggestion(words=actions.SuggestionWords(text_zh="问问夜班"), **about)
    kept = {one.code: one for one in library()}
    assert len(kept) == len(shipped) + 1
    assert (kept["next_delivery"].zh, kept[own.code].zh) == ("先请车间主任看一眼", "问问夜班")
    switched = ("unblock", "one_step_less")
    for code in switched:
        actions.switch_suggestion(suggestion=kept[code], is_offered=False, **about)
    with pytest.raises(actions.TooFewLeft):
        actions.switch_suggestion(suggestion=kept[own.code], is_offered=False, **about)
    for kind in Kind.values:
        found = three(kind=kind, job_family="飞行员", missing=(), library=library())
        assert len({one.code for one in found}) == 3 and not {one.code for one in found} & set(switched)


def test_one_taken_up_is_a_stage_of_the_goal_once(line, ada, marta, henk, anna):
    leaf = line[2]
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(published_on=TODAY - timedelta(days=30))
        check_health(as_of=TODAY, now=NOW)
        alert = GoalAlert.objects.get(rule="stale")
        GoalAlert.objects.update(told_lines_on=TODAY)
        before = Goal.objects.get(pk=leaf.pk).health
    page = ada.client.get(f"/t/acme/goals/{leaf.public_id}/").content.decode()
    adopt = f"/t/acme/alerts/{alert.public_id}/adopt/"
    assert page.count(f'action="{adopt}"') == 3
    assert adopt not in henk.client.get(f"/t/acme/goals/{leaf.public_id}/").content.decode()
    for _ in range(2):
        assert ada.client.post(adopt, {"code": "next_delivery"}).status_code == 302
    assert marta.client.post(adopt, {"code": "nobody_wrote_this"}).status_code == 404
    assert henk.client.post(adopt, {"code": "unblock"}).status_code == 403
    with ada.scope:
        stage = Milestone.objects.get(goal=leaf)
        assert (stage.adopted, stage.due_on) == ("next_delivery", TODAY + timedelta(days=14))
        check_health(as_of=TODAY, now=NOW)
        assert Goal.objects.get(pk=leaf.pk).health == before


def test_one_about_a_target_or_a_day_opens_a_draft_that_asks_for_it(line, ada, founded):
    leaf = line[2]
    with ada.scope:
        figures = {"kind": "kpi", "target": 40, "baseline": 0, "last_value": 5, "published_on": TODAY - timedelta(30)}
        Goal.objects.filter(pk=leaf.pk).update(**figures)
        alert = GoalAlert.objects.create(goal=leaf, rule="deviating", opened_on=TODAY)
    for code in ("two_weeks_more", "target_of_today", "target_of_today"):  # a second one goes beside the first
        answer = ada.client.post(f"/t/acme/alerts/{alert.public_id}/adopt/", {"code": code})
    assert answer.url == f"/t/acme/goals/{leaf.public_id}/adjust/"
    form = ada.client.get(answer.url).content.decode()
    assert 'value="2027-01-14"' in form and "申请把完成日期往后挪两周" in form
    with ada.scope:
        draft = AdjustmentRequest.objects.get()
        assert (draft.state, draft.asked_by) == ("draft", founded.ada)
        day, target = draft.lines.order_by("field")
        assert (day.new_date, 5 < target.new_number < 40) == (leaf.due_on + timedelta(days=14), True)
        assert not Milestone.objects.exists()


def test_the_library_is_kept_on_pages(founded, anna, henk, ada):
    page = anna.client.get("/t/acme/suggestions/?q=客户分级").content.decode()
    assert "加一条客户分级标准" in page and "最近五个丢掉的报价" not in page
    typed = {"text_zh": "先请班长看一眼", "families": "生产，车间", "kinds": ["kpi"], "version": "0"}
    assert henk.client.post("/t/acme/suggestions/new/", typed).status_code == 302
    assert anna.client.post("/t/acme/suggestions/first_piece/", typed).status_code == 302
    answer = anna.client.post("/t/acme/suggestions/first_piece/", typed)
    assert answer.status_code == 409
    assert anna.client.post("/t/acme/suggestions/new/", {"text_zh": ""}).status_code == 422
    assert anna.client.post("/t/acme/suggestions/worst_station/switch/", {"off": "1"}).status_code == 302
    assert ada.client.get("/t/acme/suggestions/").status_code == 403
    with ada.scope:
        assert SuggestionEntry.objects.get(code="worst_station").is_offered is False
        assert SuggestionEntry.objects.get(code="first_piece").families == ["生产", "车间"]
    # 1 session, 1 account, 1 scope, 1 person, 1 the company's lines, 2 counts of the menu: inbox and gaps
    assert_page_queries(anna.client, "/t/acme/suggestions/", 7)


def test_what_a_goal_lacks_is_asked_for_all_at_once(company, django_assert_num_queries):
    top, middle, leaf = company.tree()
    Milestone.objects.create(goal=leaf, title="密封结构定型", due_on=TODAY)
    with django_assert_num_queries(1):
        found = missing_on([top.pk, middle.pk, leaf.pk])
    assert found[leaf.pk] == {Missing.EVIDENCE, Missing.MEASURE}
    assert found[top.pk] == set(Missing)
    EvidenceItem.objects.create(goal=leaf, at=NOW, local_on=TODAY, number="WO-1")
    Alignment.objects.filter(child=leaf).delete()
    assert missing_on([leaf.pk])[leaf.pk] == {Missing.PARENT, Missing.MEASURE}

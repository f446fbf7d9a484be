"""Goals of one owner are published together, and the owner answers (product.md §2.1-2.5)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from goals.actions import goal as goal_actions
from goals.actions.periods import ensure_period
from goals.actions.publishing import AlreadyAnswered, NotReady, acknowledge_set, publish_set, refuse_set
from goals.models import Goal, GoalSet, ObstacleCause
from perfsys.audit.models import AuditEntry
from perfsys.notices.models import Notice
from tests.conftest import assert_page_queries

from .conftest import NOW, TODAY


def problems_of(place, period, actor=None):
    with pytest.raises(NotReady) as refused:
        publish_set(place=place, period=period, actor=actor, now=NOW)
    return {problem.code for problem in refused.value.problems}


def test_a_whole_line_is_published_from_the_top_down(company):
    _, _, leaf = company.tree()
    assert (leaf.status, leaf.published_on, leaf.published_at) == ("published", TODAY, NOW)
    assert leaf.version == 2


def test_a_set_below_the_usual_number_is_published_all_the_same(company):
    company.tree()
    assert GoalSet.objects.get(owner=company.ada).acknowledged_at == NOW


def test_nothing_to_publish_is_refused(company):
    assert problems_of(company.place(company.ada), company.period) == {"nothing_to_publish"}


def test_a_position_goal_without_parent_evidence_and_obstacles_is_refused(company):
    company.draft(company.ada, evidence_type="", evidence_number="", new_causes=[])
    found = problems_of(company.place(company.ada), company.period)
    assert found == {"alignment_missing", "evidence_type_missing", "obstacles_missing"}
    assert not Goal.objects.exclude(status="draft").exists()


def test_weights_that_do_not_add_up_and_too_many_goals_are_refused(company):
    _, middle, _ = company.tree()
    for number in range(5):
        company.draft(company.ada, f"第 {number} 个", parent=middle, weight=Decimal(10))
    found = problems_of(company.place(company.ada), company.period)
    assert found == {"weights_not_100", "too_many_goals"}


def test_four_obstacles_are_one_too_many(company):
    _, middle, _ = company.tree()
    company.draft(company.ben, parent=middle, new_causes=["甲", "乙", "丙", "丁"])
    assert problems_of(company.place(company.ben), company.period) == {"obstacles_too_many"}


def test_a_goal_cannot_stand_on_a_draft(company):
    top = company.draft(None, "突破海外市场")
    company.draft(company.units["研发中心"], parent=top)
    place = company.place(company.units["研发中心"])
    assert problems_of(place, company.period) == {"alignment_to_draft"}


def test_a_department_may_support_a_goal_of_a_unit_above_its_own_and_no_other(company):
    _, middle, _ = company.tree()
    company.draft(company.units["设计组"], parent=middle)
    company.publish(company.units["设计组"])
    company.draft(company.units["生产中心"], parent=middle)
    place = company.place(company.units["生产中心"])
    assert problems_of(place, company.period) == {"alignment_not_above_unit"}


def test_goals_published_before_count_for_the_weights(company):
    _, middle, _ = company.tree()
    company.draft(company.ada, "又一个", parent=middle, weight=Decimal(20))
    assert problems_of(company.place(company.ada), company.period) == {"weights_not_100"}


def test_what_a_manager_publishes_waits_for_the_owners_answer(company):
    _, middle, _ = company.tree()
    company.draft(company.ben, parent=middle)
    made = publish_set(place=company.place(company.ben), period=company.period, actor=company.marta, now=NOW)
    assert (made.acknowledged_at, made.refused_at) == (None, None)
    refuse_set(goal_set=made, reason="权重没有商量过", actor=company.ben, now=NOW)
    with pytest.raises(AlreadyAnswered):
        refuse_set(goal_set=made, reason="再说一次", actor=company.ben, now=NOW)
    made.refresh_from_db()
    assert (made.refusal, made.acknowledged_at) == ("权重没有商量过", None)
    acknowledge_set(goal_set=made, actor=company.ben, now=NOW)  # they have talked
    with pytest.raises(AlreadyAnswered):
        refuse_set(goal_set=made, reason="再说一次", actor=company.ben, now=NOW)
    made.refresh_from_db()
    assert (made.refusal, made.refused_at, made.acknowledged_at) == ("权重没有商量过", None, NOW)
    assert set(Notice.objects.filter(kind="goals.set_not_agreed").values_list("state", flat=True)) == {"done"}
    assert AuditEntry.objects.filter(verb="goals.set_refused", about_id=company.ben.pk).exists()


def test_publishing_again_asks_the_owner_again(company):
    _, middle, _ = company.tree()
    company.draft(company.ben, parent=middle, weight=Decimal(100))
    place = company.place(company.ben)
    first = publish_set(place=place, period=company.period, actor=company.marta, now=NOW)
    refuse_set(goal_set=first, reason="权重没有商量过", actor=company.ben, now=NOW)
    Goal.objects.filter(owner=company.ben).update(weight=60)
    company.draft(company.ben, "再一个", parent=middle, weight=Decimal(40))
    again = publish_set(place=place, period=company.period, actor=company.marta, now=NOW + timedelta(days=1))
    assert (again.pk, again.refused_at, again.refusal) == (first.pk, None, "权重没有商量过")


def test_an_obstacle_in_own_words_is_kept_but_not_offered_to_others(company):
    company.draft(company.ada, new_causes=["样件周期长"])
    assert ObstacleCause.objects.get(name="样件周期长").is_listed is False


def test_an_edit_keeps_the_words_of_whoever_saved_first(company):
    goal = company.draft(company.ada)
    goal_actions.edit_goal(goal=goal, version=1, words=company.words("先改的"), actor=company.ada, now=NOW)
    with pytest.raises(goal_actions.StaleVersion):
        goal_actions.edit_goal(goal=goal, version=1, words=company.words("后改的"), actor=company.marta, now=NOW)
    assert Goal.objects.get(pk=goal.pk).title == "先改的"


def test_a_published_goal_is_no_longer_edited(company):
    _, _, leaf = company.tree()
    with pytest.raises(goal_actions.NotADraft):
        goal_actions.edit_goal(goal=leaf, version=2, words=company.words(), actor=company.ada, now=NOW)
    with pytest.raises(goal_actions.NotADraft):
        goal_actions.drop_draft(goal=leaf, actor=company.ada, now=NOW)


def test_a_parent_that_would_close_a_circle_is_refused_in_words(company):
    first = company.draft(company.units["研发中心"])
    second = company.draft(company.units["设计组"], parent=first)
    with pytest.raises(goal_actions.WouldCloseACircle):
        goal_actions.edit_goal(goal=first, version=1, words=company.words(parent=second), actor=None, now=NOW)


def test_goals_written_by_hand_count_on(company):
    assert [company.draft(company.ada).number, company.draft(company.ben).number] == ["G-0001", "G-0002"]


# --- in the browser ---------------------------------------------------------------------------------------------------

PAGE = "/t/acme/goals/publish/"


@pytest.fixture
def now_is_that_day(time_machine):
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def above(now_is_that_day, founded, ada):
    """A published goal of 研发中心 for others to support."""
    with ada.scope:
        return founded.tree()[1]


def drafts_of_ben(founded, above, actor, number=4, **more):
    with actor.scope:
        return [
            founded.draft(founded.ben, f"第 {n} 个", parent=above, weight=Decimal(100) / number, **more)
            for n in range(number)
        ]


def of_ben(founded, page=PAGE):
    return f"{page}?owner={founded.ben.public_id}"


def test_the_page_says_what_each_goal_still_needs(founded, ada, now_is_that_day):
    with ada.scope:
        founded.draft(founded.ada, weight=Decimal(40), evidence_type="", evidence_number="", new_causes=[])
    answer = ada.client.get(PAGE)
    page = answer.content.decode()
    assert answer.status_code == 200 and "disabled" in page
    assert [len(row["missing"]) for row in answer.context["goals"]] == [3]
    assert len(answer.context["problems"]) == 1 and answer.context["weight_total"] == "40%"
    assert ada.client.post(PAGE).status_code == 422
    with ada.scope:
        assert not Goal.objects.exclude(status="draft").exists()


def test_the_page_speaks_the_readers_language(founded, ada, now_is_that_day):
    with ada.scope:
        founded.draft(founded.ada, weight=Decimal(40), new_causes=[])
    page = ada.client.get(PAGE, headers={"accept-language": "zh-CN"}).content.decode()
    assert "权重" in page and "障碍" in page and "The weights add up" not in page


def test_pressed_twice_it_is_published_once(founded, ada, marta, above):
    drafts_of_ben(founded, above, ada)
    url = of_ben(founded)
    assert [marta.client.post(url).status_code for _press in range(2)] == [302, 302]
    with ada.scope:
        assert Goal.objects.filter(owner=founded.ben, status="published").count() == 4
        assert AuditEntry.objects.filter(verb="goals.set_published", about_id=founded.ben.pk).count() == 1
        assert AuditEntry.objects.filter(verb="goals.published", about_id=founded.ben.pk).count() == 4
        assert Notice.objects.filter(kind="goals.set_to_answer", to=founded.ben).count() == 1


def test_ones_own_set_asks_nobody(founded, ada, now_is_that_day, above):
    with ada.scope:
        Goal.objects.filter(owner=founded.ada).update(weight=60)
        founded.draft(founded.ada, "再一个", parent=above, weight=Decimal(40))
    assert ada.client.post(PAGE).status_code == 302
    with ada.scope:
        assert GoalSet.objects.get(owner=founded.ada).acknowledged_at == NOW
        assert not Notice.objects.filter(kind="goals.set_to_answer").exists()


def test_more_than_the_bound_are_refused_on_the_page(founded, ada, marta, above):
    drafts_of_ben(founded, above, ada, number=8)
    answer = marta.client.post(of_ben(founded))
    assert answer.status_code == 422 and "8" in answer.context["problems"][0]


def test_it_is_published_by_the_owner_and_the_manager_and_nobody_else(founded, ada, marta, henk, anna, above):
    drafts_of_ben(founded, above, ada)
    pages = {person.name: person.client.get(of_ben(founded)).status_code for person in (ada, marta, henk, anna)}
    assert pages == {"ada": 403, "marta": 200, "henk": 403, "anna": 403}
    assert [person.client.post(of_ben(founded)).status_code for person in (ada, henk, anna)] == [403, 403, 403]


def test_the_companys_goals_are_published_by_the_administrator(founded, ada, anna, now_is_that_day):
    with ada.scope:
        founded.draft(None, "突破海外市场", evidence_type="", evidence_number="")
    assert ada.client.post(f"{PAGE}?layer=company").status_code == 403
    assert anna.client.post(f"{PAGE}?layer=company").status_code == 302
    with ada.scope:
        assert Goal.objects.get().status == "published"


def test_drafts_of_the_next_quarter_are_found(founded, ada, now_is_that_day):
    with ada.scope:
        founded.period = ensure_period(starts_on=date(2027, 1, 1), ends_on=date(2027, 3, 31), actor=None, now=NOW)
        founded.draft(founded.ada)
    page = ada.client.get(PAGE)
    assert page.context["period"] == "2027Q1"
    assert ada.client.get(page.context["new_url"]).context["form"]["period"].value() == "2027-01-01/2027-03-31"
    assert ada.client.get(f"{PAGE}?period=2026Q4").context["goals"] == []


def test_with_nothing_written_it_leads_to_the_first_goal(founded, ada, now_is_that_day):
    page = ada.client.get(PAGE).content.decode()
    assert "/t/acme/goals/new/" in page
    assert ada.client.post(PAGE).status_code == 422


@pytest.fixture
def asked(founded, ada, marta, above):
    """What Marta has published for Ada."""
    with ada.scope:
        Goal.objects.filter(owner=founded.ada).update(weight=60)
        founded.draft(founded.ada, "再一个", parent=above, weight=Decimal(40))
    assert marta.client.post(f"{PAGE}?owner={founded.ada.public_id}").status_code == 302
    with ada.scope:
        return GoalSet.objects.get(owner=founded.ada)


def test_the_owner_is_asked_and_agrees(founded, ada, asked):
    with ada.scope:
        url = Notice.objects.get(kind="goals.set_to_answer").url
    assert "再一个" in ada.client.get(url).content.decode()
    for _press in range(2):
        assert ada.client.post(url).status_code == 302
    with ada.scope:
        asked.refresh_from_db()
        assert (asked.acknowledged_at, asked.refused_at) == (NOW, None)
        assert Notice.objects.get(kind="goals.set_to_answer").state == "done"
        assert AuditEntry.objects.filter(verb="goals.set_acknowledged", actor_id=founded.ada.pk).count() == 1


def test_the_owner_does_not_agree_and_manager_and_partner_read_why(founded, ada, marta, henk, anna, asked):
    url = f"/t/acme/goals/sets/{asked.public_id}/refuse/"
    assert ada.client.post(url, {"reason": " "}).status_code == 422
    for _press in range(2):
        assert ada.client.post(url, {"reason": "权重没有商量过"}).status_code == 302
    with ada.scope:
        asked.refresh_from_db()
        assert (asked.refusal, asked.refused_at) == ("权重没有商量过", NOW)
        told = Notice.objects.filter(kind="goals.set_not_agreed")
        assert {notice.to_id for notice in told} == {founded.marta.pk, founded.henk.pk}
        assert {notice.params["reason"] for notice in told} == {"权重没有商量过"}
        url = told[0].url
    published = f"{PAGE}?owner={founded.ada.public_id}&period=2026Q4"
    assert url in marta.client.get(published).content.decode()
    for person in (ada, marta, henk):
        page = person.client.get(url).content.decode()
        assert "权重没有商量过" in page and (f'action="{url}"' in page) == (person is ada)
    assert "/requests/new/" in marta.client.get(url).context["adjust_url"]
    assert (henk.client.get(url).context["adjust_url"], anna.client.get(url).status_code) == ("", 404)


def test_nobody_answers_for_the_owner(marta, henk, anna, asked):
    for person in (marta, henk, anna):
        for step in ("agree", "refuse"):
            url = f"/t/acme/goals/sets/{asked.public_id}/{step}/"
            assert person.client.post(url, {"reason": "x"}).status_code == 404


def test_the_page_asks_as_many_queries_for_thirty_goals_as_for_three(founded, ada, marta, above):
    for size in (3, 27):
        drafts_of_ben(founded, above, ada, number=size)
        # 1 session, 1 account, 1 scope, 1 viewer, 1 owner, 1 is a report, 1 primary unit, 1 periods with drafts,
        # 1 goals with units, 1 alignments with parents, 1 obstacles, 1 settings, 1 inbox of the shell
        assert_page_queries(marta.client, of_ben(founded), 13)

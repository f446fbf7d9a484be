"""A draft in the browser: for oneself, a report, a unit, the company; changed, deleted, and never lost."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.utils import translation

from goals.actions.goal import NotADraft
from goals.actions.periods import ensure_period
from goals.models import Alignment, Goal, KeyResult, Milestone, Obstacle, ObstacleCause, Period, ResourceLine
from goals.queries.writing import parents_for, parents_named, spans_to_write_in, told_as
from goals.writing_forms import Weight
from perfsys.audit.models import AuditEntry
from tests.conftest import assert_page_queries
from tests.goals.conftest import NOW, TODAY

NEW = "/t/acme/goals/new/"
PERIOD = "2026-10-01/2026-12-31"


@pytest.fixture(autouse=True)
def _on_that_day(time_machine):
    time_machine.move_to(NOW)


@pytest.fixture
def tree(founded, ada):
    """Published goals of the company, of 研发中心 and of Ada, with their units."""
    with ada.scope:
        made = [goal.pk for goal in founded.tree()]
        return list(Goal.objects.filter(pk__in=made).select_related("unit").order_by("id"))


def typed(**more):
    """The least a form sends."""
    return {
        "title": "缩短样件交付周期",
        "kind": "kpi",
        "direction": "raise",
        "key": str(uuid4()),
        "period": PERIOD,
        "stages-TOTAL_FORMS": "2",
        "stages-INITIAL_FORMS": "0",
        **more,
    }


def written(person, title="缩短样件交付周期"):
    with person.scope:
        return Goal.objects.select_related("period").get(title=title)


def test_the_whole_form_is_kept(founded, ada, tree):
    with ada.scope:
        cause = ObstacleCause.objects.create(name="台架排期紧")
    answer = ada.client.post(
        NEW,
        typed(
            parent=f"{tree[1].number} {tree[1].title} · 研发中心",
            weight="40%",
            is_core="on",
            measure="交付周期",
            unit_of_measure="天",
            direction="lower",
            baseline="1,030",
            target="21.5",
            evidence_type="project",
            evidence_number="PRJ-2601-09",
            causes=[str(cause.public_id)],
            new_cause="跨系统数据不通",
            money="12.5",
            **{"stages-0-title": "样件定型", "stages-0-due_on": "2026-11-30"},
        ),
    )
    assert answer.status_code == 302, answer.context["form"].errors
    goal = written(ada)
    with ada.scope:
        assert (goal.status, goal.owner, goal.unit.name) == ("draft", founded.ada, "设计组")
        assert (goal.weight, goal.baseline, goal.target) == (Decimal(40), Decimal(1030), Decimal("21.5"))
        assert (goal.starts_on, goal.due_on) == (date(2026, 10, 1), date(2026, 12, 31))
        assert Alignment.objects.get(child=goal).parent == tree[1]
        assert set(Obstacle.objects.filter(goal=goal).values_list("cause__name", flat=True)) == {
            "台架排期紧",
            "跨系统数据不通",
        }
        assert Milestone.objects.get(goal=goal).due_on == date(2026, 11, 30)
        assert ResourceLine.objects.get(goal=goal).planned == Decimal("12.5")
        assert AuditEntry.objects.filter(verb="goals.drafted", actor_id=founded.ada.pk).exists()


def test_a_form_sent_twice_makes_one_goal(founded, ada):
    data = typed()
    assert [ada.client.post(NEW, data).status_code for _ in range(2)] == [302, 302]
    with ada.scope:
        assert Goal.objects.count() == 1


def test_what_was_typed_comes_back_with_what_is_to_be_mended(founded, ada):
    answer = ada.client.post(
        NEW,
        typed(
            title="",
            weight="140",
            target="很多",
            parent="没有这个目标",
            due_on="2026-09-01",
            **{"stages-0-title": "样件定型"},
        ),
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {"title", "weight", "target", "parent", "due_on", "__all__"}
    assert all(value in page for value in ('value="140"', 'value="很多"', 'value="没有这个目标"', 'value="样件定型"'))
    with ada.scope:
        assert not Goal.objects.exists()


@pytest.fixture
def before(founded, ada, tree):
    """A published goal of 研发中心 in the quarter before."""
    with ada.scope:
        third = ensure_period(starts_on=date(2026, 7, 1), ends_on=date(2026, 9, 30), actor=None, now=NOW)
        return Goal.objects.create(
            number="BEFORE",
            period=third,
            layer="dept",
            unit=founded.units["研发中心"],
            title="试制周期缩短",
            starts_on=third.starts_on,
            due_on=third.ends_on,
            status="published",
            published_at=NOW,
            published_on=third.starts_on,
            made_at=NOW,
        )


def test_a_goal_above_of_a_period_that_is_over_is_refused_with_its_period(founded, ada, tree, before):
    answer = ada.client.post(NEW, typed(parent="试制周期缩短"))
    assert answer.status_code == 422 and "“试制周期缩短”是 2026Q3 的目标" in answer.content.decode()
    later = ada.client.post(NEW, typed(parent="三款低噪音轴承定型", period="2027-01-01/2027-03-31"))
    assert later.status_code == 422 and "是 2026Q4 的目标" in later.content.decode()
    assert "试制周期缩短" not in ada.client.get("/t/acme/goals/parents/", {"parent": "周期"}).content.decode()
    also = ada.client.post(f"/t/acme/goals/{tree[2].public_id}/supports/also/", {"parent": "试制周期缩短"})
    assert also.status_code == 422 and "是 2026Q3 的目标" in also.content.decode()
    with ada.scope:  # what was carried over keeps the goal that it named
        draft = founded.draft(founded.ada, "缩短样件交付周期", parent=before)
        kept = f"{before.number} {before.title} · 研发中心"
    data = typed(parent=kept, version="1", weight="30")
    assert ada.client.post(f"/t/acme/goals/{draft.public_id}/edit/", data).status_code == 302


def test_a_stage_after_the_last_day_is_refused_beside_it(founded, ada):
    answer = ada.client.post(
        NEW,
        typed(due_on="2026-11-30", **{"stages-0-title": "样件定型", "stages-0-due_on": "2026-12-01"}),
    )
    assert answer.status_code == 422
    assert list(answer.context["stages"][0].errors) == ["due_on"]
    assert "2026 年 11 月 30 日" in answer.content.decode()


def test_four_obstacles_are_one_too_many(founded, ada):
    with ada.scope:
        causes = [ObstacleCause.objects.create(name=name) for name in "甲乙丙"]
    answer = ada.client.post(NEW, typed(causes=[str(c.public_id) for c in causes], new_cause="丁"))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["causes"])


def test_a_behaviour_forgets_the_figures_of_a_measure(founded, ada):
    answer = ada.client.post(NEW, typed(kind="behaviour", target="abc", cadence_times="2", cadence_per="week"))
    assert answer.status_code == 302
    goal = written(ada)
    assert (goal.target, goal.cadence_times, goal.cadence_per) == (None, 2, "week")


def test_more_stages_keep_what_is_there_and_judge_nothing(founded, ada):
    answer = ada.client.post(
        NEW, typed(title="", more="stages", **{"stages-0-title": "样件定型", "stages-0-due_on": "2026-11-30"})
    )
    page = answer.content.decode()
    assert answer.status_code == 200 and not answer.context["form"].errors
    assert 'value="样件定型"' in page and 'name="stages-2-title"' in page
    with ada.scope:
        assert not Goal.objects.exists()


def test_a_goal_of_the_next_quarter_opens_its_period(founded, ada):
    assert ada.client.post(NEW, typed(period="2027-01-01/2027-03-31")).status_code == 302
    assert written(ada).period.name == "2027Q1"


def test_a_manager_writes_for_a_direct_report_and_for_nobody_else(founded, marta):
    of_ben = f"{NEW}?owner={founded.ben.public_id}"
    assert marta.client.get(of_ben).status_code == 200
    answer = marta.client.post(of_ben, typed())
    assert answer.status_code == 302 and f"owner={founded.ben.public_id}" in answer["Location"]
    goal = written(marta)
    with marta.scope:
        assert goal.owner == founded.ben
        assert AuditEntry.objects.filter(verb="goals.drafted", about_id=founded.ben.pk, actor_id=marta.employee.pk)
    assert marta.client.post(f"{NEW}?owner={founded.cleo.public_id}", typed()).status_code == 403
    assert marta.client.post(f"{NEW}?owner={uuid4()}", typed()).status_code == 404
    assert marta.client.post(f"{NEW}?owner=nobody", typed()).status_code == 404


def test_a_colleague_writes_for_nobody_but_himself(founded, ada):
    places = [f"owner={founded.ben.public_id}", f"unit={founded.units['设计组'].public_id}", "layer=company"]
    assert [ada.client.get(f"{NEW}?{place}").status_code for place in places] == [403, 403, 403]


def test_who_leads_a_unit_writes_its_goals(founded, marta, tree):
    unit = founded.units["设计组"]
    answer = marta.client.post(f"{NEW}?unit={unit.public_id}", typed(parent=tree[0].title))
    assert answer.status_code == 302, answer.context["form"].errors
    goal = written(marta)
    with marta.scope:
        assert (goal.layer, goal.unit_id, goal.owner_id) == ("dept", unit.pk, None)
        assert Alignment.objects.get(child=goal).parent == tree[0]


def test_an_administrator_writes_the_companys_goals(founded, anna):
    page = anna.client.get(f"{NEW}?layer=company").content.decode()
    assert 'name="parent"' not in page and 'name="causes"' not in page
    assert anna.client.post(f"{NEW}?layer=company", typed()).status_code == 302
    assert written(anna).layer == "company"


def test_an_edit_saved_over_by_somebody_else_keeps_both(founded, ada, marta):
    ada.client.post(NEW, typed())
    goal = written(ada)
    url = f"/t/acme/goals/{goal.public_id}/edit/"
    assert marta.client.post(url, typed(title="主管改的", version="1")).status_code == 302
    answer = ada.client.post(url, typed(title="本人改的", version="1"))
    assert answer.status_code == 409
    assert "本人改的" in answer.content.decode()
    assert written(ada, "主管改的").version == 2
    again = {field["name"]: field["value"] for field in answer.context["resend"]["fields"]}
    assert ada.client.post(answer.context["resend"]["url"], again).status_code == 302
    assert written(ada, "本人改的").version == 3
    with ada.scope:
        edits = AuditEntry.objects.filter(verb="goals.edited").order_by("id").values_list("actor_id", flat=True)
        assert list(edits) == [marta.employee.pk, ada.employee.pk]


def test_an_edit_of_what_is_published_meanwhile_keeps_the_words(founded, ada, tree):
    url = f"/t/acme/goals/{tree[2].public_id}/edit/"
    assert ada.client.get(url).status_code == 403
    answer = ada.client.post(url, typed(title="晚了一步", version=str(tree[2].version)))
    assert answer.status_code == 409 and "晚了一步" in answer.content.decode()


def test_the_page_of_an_edit_shows_what_stands(founded, ada, tree):
    with ada.scope:
        goal = founded.draft(
            founded.ada, parent=tree[1], target=Decimal("21.50"), milestones=[("样件定型", date(2026, 11, 30))]
        )
    page = ada.client.get(f"/t/acme/goals/{goal.public_id}/edit/").content.decode()
    assert all(value in page for value in ('value="21.5"', told_as(tree[1]), 'value="样件定型"', 'value="2026-11-30"'))
    assert "checked" in page  # the obstacle in own words, which the list does not offer to others


def test_a_draft_that_is_published_in_that_moment_is_shown_and_not_deleted(founded, ada, monkeypatch):
    with ada.scope:
        goal = founded.draft(founded.ada)

    def publish_first(**about):
        raise NotADraft

    monkeypatch.setattr("goals.actions.goal.drop_draft", publish_first)
    answer = ada.client.post(f"/t/acme/goals/{goal.public_id}/delete/", follow=True)
    assert answer.status_code == 200 and "没有删除" in answer.content.decode()


def test_a_draft_is_deleted_by_who_keeps_it(founded, ada, marta, henk, tree):
    with ada.scope:
        goal = founded.draft(founded.ada)
    url = f"/t/acme/goals/{goal.public_id}/delete/"
    assert henk.client.post(url).status_code == 403
    assert marta.client.post(url).status_code == 302
    assert ada.client.post(f"/t/acme/goals/{tree[2].public_id}/delete/").status_code == 403
    with ada.scope:
        assert not Goal.objects.filter(pk=goal.pk).exists()
        assert AuditEntry.objects.filter(verb="goals.dropped", actor_id=marta.employee.pk).exists()


def test_the_parents_offered_are_those_one_layer_above(founded, ada, tree):
    def offered(layer, unit):
        with ada.scope:
            wanted = founded.units[unit]
        url = f"/t/acme/goals/parents/?layer={layer}&unit={wanted.public_id}"
        return [parent["value"] for parent in ada.client.get(url).context["parents"]]

    top, middle = (told_as(goal) for goal in tree[:2])
    assert offered("position", "设计组") == [middle]
    assert offered("dept", "设计组") == [middle, top]
    assert offered("dept", "生产中心") == [top]
    assert offered("company", "设计组") == []


def test_the_nearest_parents_come_first_and_a_word_narrows_them(founded, ada, tree):
    with ada.scope:
        founded.draft(founded.units["生产中心"], "降低换型时间", parent=tree[0])
        founded.publish(founded.units["生产中心"])
        founded.draft(founded.units["设计组"], "噪声下降 3 dB", parent=tree[1])
        founded.publish(founded.units["设计组"])
        near = founded.units["设计组"].public_id
    url = f"/t/acme/goals/parents/?unit={near}&parent="
    assert ada.client.get(url).context["parents"][0]["value"].endswith("噪声下降 3 dB · 设计组")
    assert [p["value"] for p in ada.client.get(f"{url}换型 生产").context["parents"]] == [
        "G-0004 降低换型时间 · 生产中心"
    ]


def test_a_draft_of_another_department_is_offered_to_nobody_who_may_not_read_it(founded, ada, tree):
    with ada.scope:
        founded.draft(founded.units["生产中心"], "还没定的事", parent=tree[0])
    assert "还没定的事" not in ada.client.get("/t/acme/goals/parents/?parent=还没定").content.decode()
    answer = ada.client.post(NEW, typed(parent="还没定的事"))
    assert list(answer.context["form"].errors) == ["parent"]


def test_a_parent_is_understood_by_number_by_title_and_as_suggested(company):
    top, middle, _leaf = company.tree()
    span = {"starts_on": company.period.starts_on, "ends_on": company.period.ends_on, "on": TODAY}
    found = parents_for(layer="position", unit=None, **span)
    for line in (middle.number.lower(), middle.title, told_as(middle), f"{middle.number}  {middle.title}"):
        assert parents_named(found, line) == [middle]
    assert parents_named(found, top.title) == []


def test_goals_without_a_number_of_one_title_are_told_apart_by_their_unit(company):
    top, *_ = company.tree()
    same = [company.draft(company.units[name], "提高合格率", parent=top) for name in ("研发中心", "生产中心")]
    for number, goal in enumerate(same):
        Goal.objects.filter(pk=goal.pk).update(number=f"auto-{number}")
    found = parents_for(
        layer="position",
        unit=None,
        starts_on=company.period.starts_on,
        ends_on=company.period.ends_on,
        on=TODAY,
    )
    assert parents_named(found, "提高合格率 · 生产中心") == [same[1]]
    assert len(parents_named(found, "提高合格率")) == 2


@pytest.mark.parametrize(
    ("on", "names"),
    [
        (date(2026, 11, 2), ["2026Q4", "2027Q1"]),
        (date(2026, 12, 31), ["2026Q4", "2027Q1"]),
        (date(2027, 1, 1), ["2027Q1", "2027Q2"]),
    ],
)
def test_one_writes_in_this_quarter_and_the_next(company, on, names):
    assert [span.name for span in spans_to_write_in(on)] == names


def test_goals_are_written_beside_those_of_the_running_period_also_where_it_is_no_quarter(company):
    Period.objects.update(starts_on=date(2026, 10, 8), ends_on=date(2027, 1, 7), name="2026-10-08/2027-01-07")
    with translation.override("zh-hans"):
        titles = [span.title for span in spans_to_write_in(date(2026, 11, 2))]
    assert titles == ["2026 年 10 月 8 日 – 2027 年 1 月 7 日", "2027Q1"]


def test_the_next_quarter_is_not_offered_beside_the_period_that_begins_in_it(company):
    ensure_period(starts_on=date(2027, 1, 8), ends_on=date(2027, 4, 9), actor=None, now=NOW)
    assert [span.name for span in spans_to_write_in(date(2026, 11, 2))] == ["2026Q4", "2027-01-08/2027-04-09"]


def test_the_form_asks_as_many_queries_for_forty_goals_above_as_for_four(founded, ada, tree):
    def department_goals(number):
        with ada.scope:
            for n in range(number):
                founded.draft(founded.units["生产中心"], f"目标 {number}-{n}", parent=tree[0])
                ObstacleCause.objects.create(name=f"阻碍 {number}-{n}")

    # 1 session, 1 account, 1 scope, 1 employee, 1 periods, 1 whether some are hidden, 1 goals with units and periods
    # the form: 1 primary unit, 1 goals of the own unit first, 1 obstacles, 1 settings, 1 reports, 1 inbox of the shell
    urls = {"/t/acme/goals/parents/?parent=目标": 7, NEW: 13}
    for size in (4, 36):
        department_goals(size)
        with ada.scope:
            Goal.objects.filter(layer="dept", status="draft").update(
                status="published", published_at=NOW, published_on=TODAY
            )
        for url, expected in urls.items():
            assert_page_queries(ada.client, url, expected)


def results(*lines):
    """Key results as the form sends them, with a line to spare."""
    rows = [*lines, {}]
    sent = {"results-TOTAL_FORMS": str(len(rows)), "results-INITIAL_FORMS": "0", "kind": "objective"}
    for number, row in enumerate(rows):
        sent |= {
            f"results-{number}-{name}": value for name, value in ({"direction": "raise", "weight": "1"} | row).items()
        }
    return sent


def test_an_objective_is_written_with_its_key_results_and_changed(founded, ada):
    first = {"title": "三家客户签认", "target": "3", "unit_of_measure": "家", "weight": "2"}
    second = {"title": "等待时间缩短", "direction": "lower", "baseline": "40", "target": "30"}
    assert ada.client.post(NEW, typed(**results(first, second))).status_code == 302
    goal = written(ada)
    with ada.scope:
        kept = list(KeyResult.objects.order_by("id").values_list("title", "target", "weight", "direction"))
    assert kept == [("三家客户签认", 3, 2, "raise"), ("等待时间缩短", 30, 1, "lower")]
    edit = f"/t/acme/goals/{goal.public_id}/edit/"
    assert 'value="三家客户签认"' in ada.client.get(edit).content.decode()
    answer = ada.client.post(edit, typed(version=goal.version, **results(first | {"target": "5"})))
    assert answer.status_code == 302
    with ada.scope:
        assert list(KeyResult.objects.values_list("title", "target")) == [("三家客户签认", 5)]


def test_two_key_results_of_one_name_and_one_without_are_told_apart(founded, ada):
    twice = typed(**results({"title": "签认"}, {"title": "签认"}))
    nameless = typed(**results({"target": "3"}))
    for sent in (twice, nameless):
        answer = ada.client.post(NEW, sent)
        assert answer.status_code == 422
    assert 'value="3"' in answer.content.decode()
    more = ada.client.post(NEW, typed(**results({"title": "签认"}), more="results")).content.decode()
    assert 'value="签认"' in more and 'name="results-2-title"' in more


@pytest.mark.parametrize(("rule", "figure", "status"), [("veto", "", 422), ("veto", "60", 302), ("capped", "", 302)])
def test_a_scoring_rule_asks_for_the_figure_it_needs(founded, ada, rule, figure, status):
    assert ada.client.post(NEW, typed(scoring=rule, scoring_figure=figure)).status_code == status
    if status == 302:
        goal = written(ada)
        assert (goal.scoring, goal.scoring_figure) == (rule, Decimal(figure) if figure else None)


def test_the_second_of_two_editors_sees_what_the_first_changed(founded, ada, marta):
    ada.client.post(NEW, typed(target="20", measure="交付周期"))
    goal = written(ada)
    edit = f"/t/acme/goals/{goal.public_id}/edit/"
    assert marta.client.post(edit, typed(version=goal.version, target="18", measure="交付周期")).status_code == 302
    late = ada.client.post(edit, typed(version=goal.version, target="25", measure="交付周期"))
    page = late.content.decode()
    assert late.status_code == 409
    assert "<del>20</del>" in page and "<ins>18</ins>" in page  # what stands there, from what was seen
    assert page.count("<ins>") == 1
    assert written(ada).target == 18


@pytest.mark.parametrize("typed", ["1000", "1e30", "-1"])
def test_a_weight_out_of_range_is_told_once(typed):
    with pytest.raises(ValidationError) as refused:
        Weight().clean(typed)
    assert refused.value.messages == ["权重在 0 到 100 之间。"]


@pytest.mark.parametrize(
    ("said", "beside"),
    [
        ({"direction": "raise", "baseline": "3.2", "target": "1.8"}, "direction"),
        ({"direction": "lower", "baseline": "1.8", "target": "3.2"}, "direction"),
        ({"starts_on": "2020-01-01", "due_on": "2020-03-31"}, "due_on"),
        ({"starts_on": "2028-01-01", "due_on": "2028-03-31"}, "starts_on"),
        ({"due_on": "9999-12-31"}, "due_on"),
    ],
)
def test_figures_and_days_that_cannot_be_right_are_asked_about(founded, ada, said, beside):
    """With the direction left at "raise", a reduction would count as reached from its first reading."""
    answer = ada.client.post(NEW, typed(**said))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [beside])


def test_figures_are_read_as_a_chinese_keyboard_writes_them(founded, ada):
    answer = ada.client.post(NEW, typed(direction="lower", baseline="３．２％", target="1.8 %", weight="２５"))
    assert answer.status_code == 302, answer.context["form"].errors
    goal = written(ada)
    assert (goal.baseline, goal.target, goal.weight) == (Decimal("3.2"), Decimal("1.8"), Decimal(25))


def test_a_key_result_that_leads_the_other_way_is_asked_about(founded, ada):
    line = {"results-0-title": "报废率", "results-0-baseline": "3.2", "results-0-target": "1.8"}
    counts = {"results-TOTAL_FORMS": "1", "results-INITIAL_FORMS": "0"}
    answer = ada.client.post(NEW, typed(kind="objective", **line, **counts))
    assert answer.status_code == 422
    assert list(answer.context["results"][0].errors) == ["direction"]


def test_a_draft_of_another_period_is_there_where_one_comes_back_to(founded, ada):
    answer = ada.client.post(NEW, typed(period="2027-01-01/2027-03-31"), follow=True)
    assert "缩短样件交付周期" in answer.content.decode()


def test_no_quarter_is_offered_beside_one_that_is_opened_for_the_same_weeks(founded, ada):
    with ada.scope:
        opened = Period.objects.create(name="FY27Q1", starts_on=date(2027, 1, 8), ends_on=date(2027, 4, 8))
        spans = spans_to_write_in(TODAY)
    assert [span.starts_on for span in spans if span.starts_on > TODAY] == [opened.starts_on]


def test_stages_are_asked_for_before_a_goal_that_goes_by_them_is_published(founded, ada):
    ada.client.post(NEW, typed(kind="milestone", title="样机定型", weight="100"))
    answer = ada.client.get(f"/t/acme/goals/publish/?period={written(ada, '样机定型').period.name}")
    assert "“样机定型”按阶段推进，现在一个阶段都没有" in answer.content.decode()

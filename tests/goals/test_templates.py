"""Templates: written by administrators for all and by HR partners for their units, copied, and started from."""

from decimal import Decimal
from uuid import uuid4

import pytest
from django.utils import translation

from goals import writing_forms
from goals.actions import templates as actions
from goals.actions.goal import StaleVersion
from goals.actions.template_drafts import OfAnotherLayer, start_for_many
from goals.actions.templates import NameTaken, TemplateGoalWords, TemplateWords
from goals.gallery import GALLERY
from goals.models import Goal, GoalTemplate, KeyResult, Milestone, TemplateGoal
from goals.queries.settings import bounds, goal_settings
from goals.queries.templates import Result, goals_of, results_of, told
from goals.wording import cadence
from perfsys.audit.models import AuditEntry
from tests.conftest import assert_page_queries
from tests.goals.conftest import NOW

PAGE = "/t/acme/templates/"
BROKEN = {"title": "三", "kind": "objective", "key_results": "口碑 | 回访评分 | 很高"}
NEW = f"{PAGE}new/"
LINES = (
    TemplateGoalWords(
        "缩短需求交付周期", weight=Decimal(60), measure="交付周期", evidence_type="project", is_core=True
    ),
    TemplateGoalWords("每周同步设计卡点", kind="behaviour", weight=Decimal(40), cadence_times=2, cadence_per="week"),
)


@pytest.fixture(autouse=True)
def _on_that_day(time_machine):
    time_machine.move_to(NOW)


def write(name="研发工程师", unit=None, goals=LINES, **more):
    words = TemplateWords(name=name, line="research", **more)
    return actions.write_template(words=words, goals=goals, unit=unit, actor=None, now=NOW)


@pytest.fixture
def template(founded, ada):
    with ada.scope:
        return write()


def typed(*lines, **more):
    sent = {"name": "研发工程师", "line": "research", "layer": "position", "goals-INITIAL_FORMS": "0"}
    for number, line in enumerate(lines):
        sent |= {
            f"goals-{number}-{name}": value for name, value in {"kind": "kpi", "direction": "raise", **line}.items()
        }
    return {**sent, "goals-TOTAL_FORMS": str(len(lines)), **more}


def of(template, step=""):
    return f"{PAGE}{template.public_id}/{step}"


def titles(template):
    return list(TemplateGoal.objects.filter(template=template).order_by("position").values_list("title", flat=True))


def test_an_administrator_writes_one_for_everybody(founded, ada, anna):
    named = "客户不流失 ｜续约率|95|%\n投诉 | 每月投诉 | ≤ 2\n口碑"
    sent = typed(
        {"title": "缩短需求交付周期", "weight": "60", "milestones": "样件定型 @ 50\n小批＠90%"},
        {"title": "每周同步设计卡点", "kind": "behaviour", "cadence_times": "2", "cadence_per": "week"},
        {
            "title": "留住客户",
            "kind": "objective",
            "key_results": named,
        },
        {"title": "按节点交样", "kind": "milestone", "key_results": "不算数 | | ?"},
        {},
    )
    answer = anna.client.post(NEW, sent)
    assert answer.status_code == 302, answer.context["form"].errors
    with ada.scope:
        made = GoalTemplate.objects.get()
        first, second, third, fourth = TemplateGoal.objects.order_by("position")
        assert (made.unit_id, made.line, first.weight, second.cadence_times) == (None, "research", 60, 2)
        assert first.milestones == [{"title": "样件定型", "after": 50}, {"title": "小批", "after": 90}]
        assert (fourth.key_results, [one.title for one in results_of(third)]) == ([], ["客户不流失", "投诉", "口碑"])
        assert writing_forms.initial_of_line(third)["key_results"] == (
            "客户不流失 | 续约率 | 95 | %\n投诉 | 每月投诉 | ≤ 2\n口碑"
        )
        said = told(third)
        assert [one.figure for one in said.results] == ["95%", "≤ 2", ""]
        copy = actions.copy_template(template=GoalTemplate.objects.get(), name="副本", unit=None, actor=None, now=NOW)
        assert [goal.key_results for goal in goals_of(copy)][2] == third.key_results
        assert AuditEntry.objects.filter(verb="goals.template_written", actor_id=anna.employee.pk).exists()
    assert "研发工程师" in ada.client.get(PAGE).content.decode()
    assert "缩短需求交付周期" in ada.client.get(answer["Location"]).content.decode()


def test_a_partner_writes_for_units_looked_after_and_for_no_other(founded, henk):
    sent = typed({"title": "一"})
    assert list(henk.client.post(NEW, sent).context["form"].errors) == ["unit"]
    elsewhere = henk.client.post(NEW, sent | {"unit": "生产中心"})
    assert (elsewhere.status_code, list(elsewhere.context["form"].errors)) == (422, ["unit"])
    assert henk.client.post(NEW, sent | {"unit": "恒锐/研发中心/设计组"}).status_code == 302
    with henk.scope:
        assert GoalTemplate.objects.get().unit == founded.units["设计组"]


def test_what_was_typed_comes_back_with_what_is_to_be_mended(founded, anna):
    answer = anna.client.post(
        NEW, typed({"title": "", "measure": "没有名称"}, {"title": "二", "milestones": "样件定型"}, BROKEN)
    )
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="没有名称"' in page and "样件定型" in page
    assert [list(line.errors) for line in answer.context["goals"]] == [["title"], ["milestones"], ["key_results"]]


def test_one_more_goal_judges_nothing_and_keeps_all(founded, anna):
    answer = anna.client.post(NEW, typed({"title": "一", "weight": "60"}, name="", more="goals"))
    page = answer.content.decode()
    assert answer.status_code == 200 and not answer.context["form"].errors
    assert 'value="一"' in page and 'name="goals-1-title"' in page
    with anna.scope:
        assert not GoalTemplate.objects.exists()


def test_one_without_goals_is_refused_and_keeps_what_was_typed(founded, template, anna):
    for page in (NEW, of(template, "edit/")):
        answer = anna.client.post(page, typed({}, version=template.version, summary="给研发用"))
        assert answer.status_code == 422
        assert "请至少写一条目标" in answer.content.decode() and "给研发用" in answer.content.decode()
    taken_out = typed({"title": "一", "DELETE": "on"}, version=template.version) | {"goals-INITIAL_FORMS": "1"}
    assert anna.client.post(of(template, "edit/"), taken_out).status_code == 422


def asked(*labels, **more):
    """Extra fields of these names as a form sends them, an empty line at the end."""
    sent = {"fields-TOTAL_FORMS": str(len(labels) + 1), "fields-INITIAL_FORMS": str(len(labels))}
    for number, label in enumerate([*labels, ""]):
        sent |= {f"fields-{number}-label": label, f"fields-{number}-kind": "text"}
    return {**sent, **more}


def test_lines_change_places_one_by_one_and_nothing_is_judged(founded, anna):
    sent = typed({"title": "一"}, {"title": "二", "weight": "?"}, **asked("产线", "班次", "设备"), name="")
    answer = anna.client.post(NEW, sent | {"move": "fields-2-up"})
    assert answer.status_code == 200 and not answer.context["form"].errors
    fields = answer.context["fields"]
    assert [line["label"].value() for line in fields] == ["产线", "设备", "班次", None]
    assert [[move.value for move in line.moves] for line in fields] == [
        ["fields-0-down"],
        ["fields-1-up", "fields-1-down"],
        ["fields-2-up"],
        [],
    ]
    # Pressed again, the focus is on the button that stands there then.
    assert [move.focus for move in fields[1].moves] == ["fields-0-down", "fields-2-up"]
    assert 'formaction="#fields-0-down"' in answer.content.decode()
    answer = anna.client.post(NEW, sent | {"move": "goals-0-down"})
    assert [line["title"].value() for line in answer.context["goals"]] == ["二", "一"]
    assert answer.context["goals"][0]["weight"].value() == "?"
    for nothing in ("goals-1-down", "goals-0-up", "goals-9-up", "goals-x-up", "fields-0-sideways", "?"):
        lines = anna.client.post(NEW, sent | {"move": nothing}).context
        assert [line["title"].value() for line in lines["goals"]] == ["一", "二"]
        assert [line["label"].value() for line in lines["fields"]][:3] == ["产线", "班次", "设备"]


def test_the_order_of_fields_is_the_one_they_are_asked_in(founded, template, ada, anna):
    moved = anna.client.post(of(template, "edit/"), typed({"title": "一"}, **asked("产线", "班次"), move="fields-1-up"))
    order = [line["label"].value() for line in moved.context["fields"]][:2]
    answer = anna.client.post(of(template, "edit/"), typed({"title": "一"}, version=1, **asked(*order)))
    assert answer.status_code == 302
    with ada.scope:
        assert [one["label"] for one in GoalTemplate.objects.get().fields] == ["班次", "产线"]


def test_beside_it_stands_what_the_owner_will_see(founded, template, ada, anna):
    page = anna.client.get(of(template, "edit/"))
    assert page.context["preview"].titles == [(0, "缩短需求交付周期"), (1, "每周同步设计卡点")]
    assert 'id="preview-title"' in page.content.decode()
    sent = typed(
        {"title": "一", "kind": "nonsense", "weight": "?", "milestones": "样件 @ 50\n没有数字"},
        {"title": "二", "DELETE": "on"},
        {"title": "三"},
        **asked("产线", "班次"),
    )
    sent |= {"goals-INITIAL_FORMS": "2", "fields-0-kind": "choice", "fields-0-choices": "甲\n乙"}
    seen = anna.client.post(f"{PAGE}preview/", sent | {"fields-1-when": "产线", "fields-1-equals": "甲"})
    shown = seen.context["preview"]
    assert (seen.status_code, shown.titles, shown.chosen) == (200, [(0, "一"), (2, "三")], 0)
    assert [title for title, _day in shown.stages] == ["样件"]
    text = seen.content.decode()
    assert "产线" in text and 'data-when="x_f1"' in text and 'data-equals="甲"' in text and "乙" in text
    assert "hx-get" not in text and "<button" not in text and not shown.results
    sent |= {"goals-2-kind": "objective", "goals-2-key_results": "口碑 | 回访评分 | 4.5\n| 没有名称", "preview": "2"}
    seen = anna.client.post(f"{PAGE}preview/", sent)
    assert [form["title"].value() for form in seen.context["preview"].results] == ["口碑", None]
    assert "回访评分" in seen.content.decode()
    other = anna.client.post(f"{PAGE}preview/", sent | {"preview": "2", "layer": "company"})
    assert other.context["preview"].chosen == 2 and "preview-parent" not in other.content.decode()
    assert "先写下第一条目标" in anna.client.post(f"{PAGE}preview/", typed({}, preview="?")).content.decode()
    with ada.scope:
        assert GoalTemplate.objects.get().version == 1


def test_a_name_is_given_once_in_a_department(company):
    write()
    write(unit=company.units["设计组"])
    with pytest.raises(NameTaken):
        write()


def test_a_name_that_is_taken_is_a_sentence(template, anna):
    answer = anna.client.post(NEW, typed({"title": "一"}))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["name"])


def test_an_edit_keeps_the_lines_that_stay(template, ada, anna):
    with ada.scope:
        first = TemplateGoal.objects.get(template=template, position=0)
    sent = typed({"title": "缩短交付周期"}, {"title": "每周同步", "DELETE": "on"}, {"title": "新的一条"}, version="1")
    sent["goals-INITIAL_FORMS"] = "2"
    assert anna.client.post(of(template, "edit/"), sent).status_code == 302
    with ada.scope:
        assert titles(template) == ["缩短交付周期", "新的一条"]
        assert TemplateGoal.objects.get(template=template, position=0).public_id == first.public_id


def test_an_edit_saved_over_by_somebody_else_keeps_both(template, ada, anna):
    url = of(template, "edit/")
    assert anna.client.post(url, typed({"title": "先改的"}, version="1")).status_code == 302
    answer = anna.client.post(url, typed({"title": "后改的"}, version="1"))
    assert answer.status_code == 409 and "后改的" in answer.content.decode()
    with ada.scope:
        assert titles(template) == ["先改的"]
        with pytest.raises(StaleVersion):
            actions.edit_template(template=template, version=1, words=TemplateWords("x"), goals=[], actor=None, now=NOW)


def test_a_copy_is_the_departments_own(template, ada, henk):
    sent = {"name": "设计组模板", "unit": "设计组"}
    assert henk.client.post(of(template, "copy/"), sent).status_code == 302
    with ada.scope:
        copy = GoalTemplate.objects.get(name="设计组模板")
        assert (copy.copied_from, copy.unit.name, titles(copy)) == (template, "设计组", titles(template))
        actions.edit_template(
            template=template, version=1, words=TemplateWords("研发工程师"), goals=[], actor=None, now=NOW
        )
        assert len(titles(copy)) == 2
        assert AuditEntry.objects.filter(verb="goals.template_copied", actor_id=henk.employee.pk).exists()
    assert henk.client.get(of(template, "edit/")).status_code == 403
    assert henk.client.get(of(copy, "edit/")).status_code == 200
    assert list(henk.client.post(of(template, "copy/"), sent).context["form"].errors) == ["name"]
    assert list(henk.client.post(of(template, "copy/"), sent | {"unit": "生产中心"}).context["form"].errors) == ["unit"]


def test_a_departments_template_is_read_by_those_below_it_and_no_other(founded, ada, marta, henk, anna):
    with ada.scope:
        ours, theirs = (write(name, unit=founded.units[name]) for name in ("研发中心", "生产中心"))
    read = {
        person.name: [person.client.get(of(one)).status_code for one in (ours, theirs)]
        for person in (ada, marta, henk, anna)
    }
    assert read == {"ada": [200, 404], "marta": [200, 404], "henk": [200, 404], "anna": [200, 200]}
    assert "生产中心" not in ada.client.get(PAGE).content.decode()


def test_a_line_fills_the_form_of_a_new_goal(template, ada):
    page = ada.client.get(of(template)).content.decode()
    with ada.scope:
        line = TemplateGoal.objects.get(template=template, position=0)
    url = f"/t/acme/goals/new/?line={line.public_id}"
    assert url in page
    form = ada.client.get(url).context["form"]
    assert (form["title"].value(), form["weight"].value(), form["evidence_type"].value()) == (
        "缩短需求交付周期",
        "60",
        "project",
    )
    assert ada.client.get(f"/t/acme/goals/new/?line={uuid4()}").status_code == 404


def test_drafts_of_all_are_made_once(founded, template, ada):
    with ada.scope:
        result = Result("客户不流失", "续约率", Decimal(95), "%")
        kept = [result.kept, Result("口碑", unit_of_measure="次").kept]
        stage = {"title": "样件定型", "after": 50}
        TemplateGoal.objects.filter(position=0).update(milestones=[stage], kind="objective", key_results=kept)
        line = TemplateGoal.objects.get(position=0)
    offered = ada.client.get(f"/t/acme/goals/new/?line={line.public_id}").context["results"]
    assert [form["measure"].value() for form in offered][:2] == ["续约率", ""]
    for _press in range(2):
        answer = ada.client.post(of(template, "use/"))
        assert answer.status_code == 302
    page = ada.client.get(answer["Location"])
    assert [row["title"] for row in page.context["goals"]] == ["缩短需求交付周期", "每周同步设计卡点"]
    with ada.scope:
        goals = Goal.objects.order_by("id")
        assert [(goal.owner, goal.weight, goal.status) for goal in goals] == [
            (founded.ada, 60, "draft"),
            (founded.ada, 40, "draft"),
        ]
        assert Milestone.objects.get().due_on.isoformat() == "2026-11-15"
        made = KeyResult.objects.order_by("id").values_list("title", "measure", "target", "unit_of_measure")
        assert list(made) == [("客户不流失", "续约率", 95, "%"), ("口碑", "", 100, "%")]
        assert AuditEntry.objects.filter(verb="goals.template_used").count() == 1


def test_a_manager_starts_a_report_from_one_and_nobody_else(founded, template, marta):
    assert marta.client.post(f"{of(template, 'use/')}?owner={founded.ben.public_id}").status_code == 302
    assert marta.client.post(f"{of(template, 'use/')}?owner={founded.cleo.public_id}").status_code == 403
    with marta.scope:
        assert set(Goal.objects.values_list("owner", flat=True)) == {founded.ben.pk}


def test_a_template_of_departments_makes_no_goals_of_a_person(company):
    template = write(layer="dept")
    with pytest.raises(OfAnotherLayer):
        start_for_many(
            template=template, places=[company.place(company.ada)], period=company.period, actor=company.ada, now=NOW
        )
    assert not Goal.objects.exists()


def test_a_template_of_departments_is_used_by_who_leads_one(founded, ada, marta):
    with ada.scope:
        template = write(layer="dept")
    assert "use/" not in ada.client.get(of(template)).content.decode()
    page = marta.client.get(of(template))
    assert marta.client.post(page.context["use_url"]).status_code == 302
    with ada.scope:
        assert {goal.unit.name for goal in Goal.objects.select_related("unit")} == {"设计组"}


def test_a_deleted_one_leaves_goals_and_copies(template, ada, anna):
    with ada.scope:
        copy = actions.copy_template(template=template, name="副本", unit=None, actor=None, now=NOW)
    assert ada.client.post(of(template, "delete/")).status_code == 403
    assert anna.client.post(of(template, "delete/")).status_code == 302
    with ada.scope:
        assert list(GoalTemplate.objects.values_list("pk", "copied_from")) == [(copy.pk, None)]
        assert AuditEntry.objects.filter(verb="goals.template_dropped", actor_id=anna.employee.pk).exists()


def test_the_list_asks_as_many_queries_for_forty_as_for_four(founded, ada, anna):
    for size in (4, 36):
        with ada.scope:
            for number in range(size):
                write(f"模板 {size}-{number}", unit=founded.units["设计组"])
        # 1 session, 1 account, 1 scope, 1 employee, 1 count, 1 templates with units and sizes, 1 inbox of the shell
        assert_page_queries(ada.client, PAGE, 7)
        assert_page_queries(anna.client, PAGE, 9)  # and 1 what was taken from the gallery, 1 gaps of the shell


def test_a_ready_made_one_is_taken_over_in_the_readers_language_and_offered_no_more(founded, ada, anna):
    url = f"{PAGE}ready-made/research-engineer/"
    assert url in anna.client.get(PAGE).content.decode() and url not in ada.client.get(PAGE).content.decode()
    answer = anna.client.post(url, {"name": "研发"}, headers={"accept-language": "zh-CN"})
    assert answer.status_code == 302
    with ada.scope:
        made = GoalTemplate.objects.get()
        goals = TemplateGoal.objects.filter(template=made).order_by("position")
        assert (made.gallery_key, made.unit_id, made.line) == ("research-engineer", None, "research")
        assert sum(goal.weight for goal in goals) == 100
        with translation.override("zh-hans"):
            assert goals[0].title == str(GALLERY[0].goals[0].title)
        assert [stage["after"] for stage in goals[1].milestones] == [30, 70, 100]
    assert url not in anna.client.get(PAGE).content.decode()
    assert anna.client.get(f"{PAGE}ready-made/nothing/").status_code == 404


def test_a_partner_takes_one_for_a_unit_of_his(founded, henk):
    url = f"{PAGE}ready-made/sales/"
    assert list(henk.client.post(url, {"name": "销售"}).context["form"].errors) == ["unit"]
    assert henk.client.post(url, {"name": "销售", "unit": "设计组"}).status_code == 302
    with henk.scope:
        assert GoalTemplate.objects.get().unit == founded.units["设计组"]


@pytest.mark.parametrize("ready", GALLERY, ids=lambda ready: ready.key)
def test_a_ready_made_one_is_whole(ready, company):
    made = actions.take_from_gallery(ready=ready, name=str(ready.name), unit=None, actor=None, now=NOW)
    for goal in TemplateGoal.objects.filter(template=made):
        goal.full_clean(exclude=["tenant"])
    limits = bounds(goal_settings())[ready.layer]
    assert limits.lower <= len(ready.goals) <= limits.upper
    assert sum(goal.weight for goal in ready.goals) == 100
    assert all(goal.evidence_type and goal.evidence_plan for goal in ready.goals)
    assert all(0 < after <= 100 for goal in ready.goals for _title, after in goal.stages)


def test_how_often_is_told_as_one_says_it():
    with translation.override("zh-hans"):
        assert (cadence(2, "week"), cadence(None, "week")) == ("每周 2 次", "")

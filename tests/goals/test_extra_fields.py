"""Extra fields: laid down by HR in the browser, asked in the form of a goal, shown on its page and in the tree."""

from decimal import Decimal

import pytest

from goals import extras
from goals.actions import templates as actions
from goals.actions.template_drafts import start_for_many
from goals.actions.templates import TemplateGoalWords, TemplateWords
from goals.extras import CHOICE, COMPUTED, DATE, LINK, NUMBER, PERSON, TEXT, ExtraField
from goals.models import Goal, GoalTemplate, TemplateGoal, TemplateVersion
from goals.queries.publishing import publication
from goals.template_forms import extra_fields
from tests.goals.conftest import NOW, TODAY

QUARTER = "2026-10-01/2026-12-31"
NEW = "/t/acme/templates/new/"
FIELDS = (
    ExtraField("from", "需求来源", CHOICE, is_required=True, choices=("客户", "自主"), listed=True),
    ExtraField("who", "哪个客户", TEXT, when="from", equals="客户", is_required=True),
    ExtraField("price", "单价", NUMBER),
    ExtraField("pieces", "数量", NUMBER),
    ExtraField("sum", "金额", COMPUTED, formula="[单价] * [数量]", listed=True),
    ExtraField("day", "首单日期", DATE),
    ExtraField("plm", "需求链接", LINK),
    ExtraField("buddy", "对接人", PERSON),
)


@pytest.fixture(autouse=True)
def _on_that_day(time_machine):
    time_machine.move_to(NOW)


@pytest.fixture
def line(founded, ada):
    with ada.scope:
        template = actions.write_template(
            words=TemplateWords("销售", "sales"),
            goals=[
                TemplateGoalWords("拿下首单", weight=Decimal(100), evidence_type="customer", evidence_plan="首单号")
            ],
            fields=FIELDS,
            unit=None,
            actor=None,
            now=NOW,
        )
        return TemplateGoal.objects.select_related("template").get(template=template)


def kept(**given):
    found, missing = extras.answered(FIELDS, given)
    return {one["key"]: one["value"] for one in found}, missing


def answer(**said):
    asked = {"title": "拿下首单", "kind": "kpi", "direction": "raise", "x_from": "自主", "period": QUARTER, **said}
    return asked | {"stages-TOTAL_FORMS": "0", "stages-INITIAL_FORMS": "0"}


# --- what a goal keeps ------------------------------------------------------------------------------------------------


def test_what_nobody_was_asked_is_not_kept():
    assert kept(**{"from": "自主", "who": "华星"}) == ({"from": "自主"}, [])
    assert kept(**{"from": "客户"}) == ({"from": "客户"}, ["who"])
    assert kept() == ({}, ["from"])


def test_a_condition_on_a_number_compares_numbers():
    fields = [ExtraField("n", "数量", NUMBER), ExtraField("why", "原因", TEXT, when="n", equals="10")]
    found, _missing = extras.answered(fields, {"n": Decimal("10.00"), "why": "大单"})
    assert [one["value"] for one in found] == ["10", "大单"]


def test_a_computed_field_follows_its_numbers():
    both = kept(**{"from": "自主", "price": Decimal("2.50"), "pieces": Decimal(4)})
    assert both[0]["sum"] == "10"
    assert "sum" not in kept(**{"from": "自主", "price": Decimal(2)})[0]


def test_a_field_that_hangs_on_one_that_is_not_asked_is_not_asked():
    chain = [*FIELDS[:2], ExtraField("more", "更多", TEXT, when="who", equals="华星")]
    found, _missing = extras.answered(chain, {"from": "自主", "who": "华星", "more": "x"})
    assert [one["key"] for one in found] == ["from"]


# --- laying them down -------------------------------------------------------------------------------------------------


def lines(*fields):
    sent = {"fields-TOTAL_FORMS": str(len(fields)), "fields-INITIAL_FORMS": "0"}
    for number, one in enumerate(fields):
        sent |= {f"fields-{number}-{name}": value for name, value in {"kind": "text", **one}.items()}
    return sent


def test_each_field_gets_a_key_of_its_own_and_keeps_it():
    form = extra_fields(lines({"label": "区域", "key": "f2"}, {"label": "渠道"}, {"label": ""}, {"label": "产品"}))
    assert form.is_valid()
    assert [(one.key, one.label) for one in form.laid_down] == [("f2", "区域"), ("f1", "渠道"), ("f3", "产品")]


def test_a_condition_names_the_field_above_it():
    asked = {"label": "来源", "kind": "choice", "choices": "客户\n自主"}
    form = extra_fields(lines(asked, {"label": "哪个客户", "when": "来源", "equals": "客户"}))
    assert form.is_valid()
    assert (form.laid_down[1].when, form.laid_down[1].equals) == ("f1", "客户")


@pytest.mark.parametrize(
    ("fields", "column"),
    [
        ([{"label": "渠道", "kind": "choice", "choices": "电话"}], "choices"),
        ([{"label": "单价", "kind": "number"}, {"label": "单价"}], "label"),
        ([{"label": "金额", "kind": "computed", "formula": "单价 *"}], "formula"),
        ([{"label": "金额", "kind": "computed", "formula": "[没有] * 2"}], "formula"),
        ([{"label": "金额", "kind": "computed", "formula": "2 ^ 3"}], "formula"),
        ([{"label": "金额", "kind": "text", "when": "没有", "equals": "x"}], "when"),
        ([{"label": "来源", "kind": "number"}, {"label": "二", "when": "来源"}], "equals"),
        ([{"label": "一[二]"}], "label"),
        ([{"label": "", "says": "没有名称"}], "label"),
    ],
)
def test_what_cannot_be_asked_is_refused_beside_its_field(fields, column):
    form = extra_fields(lines(*fields))
    assert not form.is_valid()
    assert list(form.forms[-1].errors) == [column]


def test_an_administrator_lays_them_down_in_the_browser(founded, ada, anna):
    head = {"name": "销售", "line": "sales", "layer": "position"}
    goals = {"goals-TOTAL_FORMS": "1", "goals-INITIAL_FORMS": "0", "goals-0-title": "拿下首单", "goals-0-kind": "kpi"}
    asked = [
        {"label": "单价", "kind": "number"},
        {"label": "金额", "kind": "computed", "formula": "单价 * 2", "listed": "on"},
    ]
    refused = anna.client.post(NEW, {**head, **goals, **lines(asked[1])})
    assert refused.status_code == 422 and "没有叫“单价”的数字字段" in refused.content.decode()
    assert 'value="单价 * 2"' in refused.content.decode()
    more = anna.client.post(NEW, {**head, **goals, **lines(asked[0]), "more": "fields"})
    assert more.status_code == 200 and 'name="fields-1-label"' in more.content.decode()
    assert anna.client.post(NEW, {**head, **goals, **lines(*asked)}).status_code == 302
    with ada.scope:
        made = GoalTemplate.objects.get()
        assert [one["label"] for one in made.fields] == ["单价", "金额"]
        assert TemplateVersion.objects.get().fields == made.fields
    page = anna.client.get(f"/t/acme/templates/{made.public_id}/").content.decode()
    assert "单价 * 2" in page


# --- asking them ------------------------------------------------------------------------------------------------------


def test_a_goal_keeps_the_answers_and_the_version_it_was_made_from(founded, line, ada, anna):
    url = f"/t/acme/goals/new/?line={line.public_id}"
    assert "哪个客户" in ada.client.get(url).content.decode()
    said = {"x_price": "1,000.5", "x_pieces": "3", "x_day": "2026-12-01", "x_plm": "https://plm.example/7"}
    sent = answer(**said, x_buddy=founded.ben.employee_no, x_who="不该留下")
    made = ada.client.post(url, sent)
    assert made.status_code == 302, made.context["form"].errors
    with ada.scope:
        goal = Goal.objects.get()
        assert goal.made_from.number == 1
        answers = {one["key"]: one["value"] for one in goal.extra}
        assert answers["sum"] == "3001.5" and "who" not in answers
        assert answers["buddy"] == str(founded.ben.public_id) and "Ben" not in str(goal.extra)
    page = ada.client.get(f"/t/acme/goals/{goal.public_id}/").content.decode()
    assert "3001.5" in page and "Ben" in page and "https://plm.example/7" in page and "销售" in page
    form = ada.client.get(f"/t/acme/goals/{goal.public_id}/edit/").context["form"]
    assert form["x_buddy"].value() == f"Ben {founded.ben.employee_no}"
    assert form["x_sum"].value() == "3001.5"


def test_a_bad_answer_is_refused_beside_its_field_and_kept(line, ada):
    url = f"/t/acme/goals/new/?line={line.public_id}"
    sent = answer(x_from="客户", x_price="很多", x_plm="javascript:alert(1)", x_buddy="查无此人", x_day="昨天")
    refused = ada.client.post(url, sent)
    assert refused.status_code == 422
    assert set(refused.context["form"].errors) == {"x_who", "x_price", "x_plm", "x_buddy", "x_day"}
    assert 'value="很多"' in refused.content.decode() and 'value="查无此人"' in refused.content.decode()
    with ada.scope:
        assert not Goal.objects.exists()


def test_a_copy_for_a_department_asks_the_same(company, line):
    copy = actions.copy_template(template=line.template, name="销售", unit=company.units["设计组"], actor=None, now=NOW)
    assert copy.fields == line.template.fields
    assert TemplateVersion.objects.get(template=copy).fields == copy.fields


def test_an_edit_of_the_template_leaves_the_goal_its_fields(founded, line, ada):
    assert ada.client.post(f"/t/acme/goals/new/?line={line.public_id}", answer()).status_code == 302
    with ada.scope:
        actions.edit_template(
            template=line.template, version=1, words=TemplateWords("销售", "sales"), goals=[], actor=None, now=NOW
        )
        goal = Goal.objects.get()
    form = ada.client.get(f"/t/acme/goals/{goal.public_id}/edit/").context["form"]
    assert form["x_from"].value() == "自主"
    sent = answer(x_from="客户", x_who="华星", version="1")
    assert ada.client.post(f"/t/acme/goals/{goal.public_id}/edit/", sent).status_code == 302
    page = ada.client.get(f"/t/acme/goals/{goal.public_id}/versions/?a=1&b=2").content.decode()
    assert "需求来源: 自主" in page and "哪个客户: 华星" in page
    assert "模板现在是第 2 版" in ada.client.get(f"/t/acme/goals/{goal.public_id}/").content.decode()


def test_a_draft_without_a_required_answer_is_not_published(company, line):
    start_for_many(
        template=line.template, places=[company.place(company.ada)], period=company.period, actor=None, now=NOW
    )
    found = publication(Goal.objects.all(), TODAY)
    assert [(one.code, one.params["field"]) for one in found.problems if one.code == "field_missing"] == [
        ("field_missing", "需求来源")
    ]


def test_listed_answers_stand_in_the_tree(founded, line, ada):
    with ada.scope:
        goal = founded.draft(None, "突破海外市场")
        answers, _missing = extras.answered(FIELDS, {"from": "客户", "who": "华星"})
        Goal.objects.filter(pk=goal.pk).update(extra=answers)
        founded.publish(None)
    page = ada.client.get("/t/acme/tree/").content.decode()
    assert "需求来源: 客户" in page and "华星" not in page

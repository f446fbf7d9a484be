"""A template for a whole department or for chosen people in one go, and its versions."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goals.actions import templates as actions
from goals.actions.goal import Place
from goals.actions.template_drafts import start_for_many
from goals.actions.templates import TemplateGoalWords, TemplateWords
from goals.extras import ExtraField
from goals.models import Goal, GoalEvent, Milestone, TemplateVersion
from goals.queries.template_versions import changes, versions_of
from perfsys.audit.models import AuditEntry
from perfsys.notices.models import Notice
from perfsys.people.models import Employee
from tests.conftest import assert_page_queries
from tests.goals.conftest import HIRED, NOW

GOALS = (
    TemplateGoalWords("提高良品率", weight=Decimal(60), milestones=[{"title": "试产", "after": 50}]),
    TemplateGoalWords("每日站会", kind="behaviour", weight=Decimal(40), cadence_times=5, cadence_per="week"),
)


@pytest.fixture(autouse=True)
def _on_that_day(time_machine):
    time_machine.move_to(NOW)


def write(goals=GOALS, **more):
    return actions.write_template(
        words=TemplateWords("班组长", "production"), goals=goals, unit=None, actor=None, now=NOW, **more
    )


@pytest.fixture
def template(founded, ada):
    with ada.scope:
        return write()


def url_of(template, step="people/"):
    return f"/t/acme/templates/{template.public_id}/{step}"


def owners(person):
    with person.scope:
        return sorted(set(Goal.objects.values_list("owner__name", flat=True)))


def test_a_whole_department_gets_drafts_and_is_told(founded, template, ada, anna):
    assert anna.client.get(url_of(template)).status_code == 200
    assert anna.client.post(url_of(template), {"unit": "研发中心"}).status_code == 302
    assert owners(ada) == ["Ada", "Ben", "Marta", "Wei"]
    with ada.scope:
        assert Goal.objects.count() == 8 and Milestone.objects.count() == 4
        ours = Goal.objects.filter(owner=founded.ada).order_by("id").first()
        assert (ours.title, ours.status, ours.unit.name, ours.made_from.number) == ("提高良品率", "draft", "设计组", 1)
        assert len(set(Goal.objects.values_list("number", flat=True))) == 8
        assert GoalEvent.objects.count() == 8
        assert AuditEntry.objects.filter(verb="goals.drafted").count() == 8
        assert AuditEntry.objects.get(verb="goals.template_used").details == {"n": 8, "owners": 4}
        assert Notice.objects.filter(kind="goals.drafts_to_complete").count() == 4


def test_a_second_press_makes_nothing_and_a_new_colleague_gets_the_rest(founded, template, ada, anna):
    for _press in range(2):
        anna.client.post(url_of(template), {"people": "Ada"})
    assert anna.client.post(url_of(template), {"people": "Ada\nBen"}).status_code == 302
    with ada.scope:
        assert Goal.objects.count() == 4
        assert AuditEntry.objects.filter(verb="goals.template_used").count() == 2


def test_who_may_lay_them_out_for_whom(founded, template, ada, marta, henk):
    assert ada.client.get(url_of(template)).status_code == 403
    elsewhere = henk.client.post(url_of(template), {"people": "Cleo"})
    assert (elsewhere.status_code, list(elsewhere.context["form"].errors)) == (422, ["people"])
    assert list(marta.client.post(url_of(template), {"people": "Wei"}).context["form"].errors) == ["people"]
    assert list(henk.client.post(url_of(template), {"unit": "生产中心"}).context["form"].errors) == ["unit"]
    assert henk.client.post(url_of(template), {"unit": "研发中心"}).status_code == 302
    assert owners(ada) == ["Ada", "Ben", "Marta", "Wei"]


def test_what_is_not_understood_comes_back_as_typed(template, anna):
    nobody = anna.client.post(url_of(template), {"people": "Ada\n查无此人"})
    assert nobody.status_code == 422 and "查无此人" in nobody.content.decode()
    assert list(nobody.context["form"].errors) == ["people"]
    assert list(anna.client.post(url_of(template), {}).context["form"].errors) == ["__all__"]
    assert list(anna.client.post(url_of(template), {"unit": "没有"}).context["form"].errors) == ["unit"]


def test_a_thousand_take_as_many_statements_as_ten_but_for_batches(company):
    template = write()
    many = Employee.objects.bulk_create(
        Employee(employee_no=f"M{n:04}", name=f"多{n}", name_key="", search_key="", hired_on=HIRED)
        for n in range(1_010)
    )
    asked = []
    for people in (many[:10], many[10:]):
        places = [Place.of_person(one, None) for one in people]
        with CaptureQueriesContext(
            connection,
        ) as found:
            started = start_for_many(template=template, places=places, period=company.period, actor=None, now=NOW)
        assert (started.owners, len(started.goals)) == (len(people), 2 * len(people))
        asked.append(len(found))
    assert asked[1] - asked[0] <= 16  # goals by 500, milestones by 500, records and notices by 1,000


# --- versions ---------------------------------------------------------------------------------------------------------


def test_an_edit_makes_a_version_that_says_what_changed(company):
    template = write(fields=[ExtraField("f1", "产线")])
    actions.edit_template(
        template=template,
        version=1,
        words=TemplateWords("班组长", "production", summary="一线"),
        goals=[
            TemplateGoalWords("提高良品率", weight=Decimal(50), milestones=[{"title": "试产", "after": 60}]),
            TemplateGoalWords("改善提案", weight=Decimal(50)),
        ],
        fields=[ExtraField("f1", "产线", is_required=True), ExtraField("f2", "班次")],
        actor=company.anna,
        now=NOW,
    )
    new, old = versions_of(template)
    assert (new.number, new.made_by, old.number) == (2, company.anna, 1)
    assert [(one.about, one.was, one.now) for one in changes(old, new)] == [
        ("", "", "一线"),
        ("提高良品率", "60%", "50%"),
        ("提高良品率", "试产 50%", "试产 60%"),
        ("改善提案", "", "改善提案"),
        ("每日站会", "每日站会", ""),
        ("产线", "否", "是"),
        ("班次", "", "班次"),
    ]


def test_versions_outlive_the_template(company):
    template = write()
    place = company.place(company.ada)
    start_for_many(template=template, places=[place], period=company.period, actor=None, now=NOW)
    actions.drop_template(template=template, actor=None, now=NOW)
    assert {goal.made_from.name for goal in Goal.objects.select_related("made_from")} == {"班组长"}
    assert TemplateVersion.objects.get().template_id is None


def test_the_page_of_versions_asks_as_many_queries_for_six_as_for_two(template, ada):
    for rounds in (1, 4):
        with ada.scope:
            for _round in range(rounds):
                template.refresh_from_db()
                words = TemplateWords(f"班组长 {template.version}", "production")
                actions.edit_template(
                    template=template, version=template.version, words=words, goals=GOALS, actor=None, now=NOW
                )
        # 1 session, 1 account, 1 scope, 1 employee, 1 template, 1 versions, 1 inbox of the shell
        assert_page_queries(ada.client, url_of(template, "versions/"), 7)


def test_the_page_for_many_asks_as_many_queries_for_ten_goals_as_for_two(founded, template, ada, anna, henk):
    # 1 session, 1 account, 1 scope, 1 employee, 1 template, 1 periods, 1 goals, 2 the shell
    assert_page_queries(anna.client, url_of(template), 9)
    with ada.scope:
        many = [TemplateGoalWords(f"目标 {number}") for number in range(10)]
        actions.edit_template(
            template=template, version=1, words=TemplateWords("班组长", "production"), goals=many, actor=None, now=NOW
        )
    assert_page_queries(anna.client, url_of(template), 9)

"""From an empty company to a published tree of three layers, with as few steps as there can be."""

import pytest
from django.urls import reverse

from goals.actions import first_tree
from goals.actions.periods import ensure_period
from goals.actions.publishing import NotReady
from goals.gallery import GALLERY, gallery_template
from goals.models import Alignment, Goal, GoalSet, GoalTemplate, Layer
from goals.queries.first_tree import departments
from goals.start_forms import CompanyForm, LineForm
from perfsys.people.actions import organisation, units
from perfsys.people.models import Employee, ReportingLine
from tests.cast import take_seat
from tests.conftest import assert_page_queries
from tests.goals.conftest import HIRED, NOW, TODAY, WIDE

LINES = [one.key for one in GALLERY if one.layer == "position"]
PEOPLE = "李伟，生产部\n王敏，生产部，李伟，13800000001\n陈可\t质量部\t李伟\tke@acme.example"
START = "/t/acme/start/"


@pytest.fixture
def boss(cast, time_machine):
    """An administrator of a company where nobody is known yet."""
    time_machine.move_to(NOW)
    return take_seat("acme", "boss", "admin")


def sent(person, **more):
    page = person.client.get(START)
    form = page.context["form"]
    return {name: form[name].value() for name in ("name", "period", "version")} | {"people": PEOPLE} | more


def form_of(people, known=()):
    class Span:
        key, title = "q", "Q"

    data = {"name": "恒锐", "period": "q", "people": people, "version": "1"}
    return CompanyForm(data, spans=[Span()], known=list(known))


@pytest.mark.parametrize(
    ("people", "told"),
    [
        ("李伟", "李伟"),
        ("李伟，生产部，没有这个人", "没有这个人"),
        ("李伟，生产部\n李伟，质量部", "李伟"),
        ("李伟，生产部，，不是地址", "不是地址"),
        ("李伟，生产部，李伟", "李伟"),
        ("", ""),
    ],
)
def test_what_is_not_understood_is_told_with_its_words(people, told):
    form = form_of(people)
    assert not form.is_valid()
    assert list(form.errors) == ["people"] and told in str(form.errors["people"])


def test_a_manager_may_be_somebody_who_is_there_already():
    form = form_of("王敏, 生产部, 李伟", known=["李伟"])
    assert form.is_valid(), form.errors
    assert form_of("", known=["李伟"]).is_valid()


@pytest.mark.parametrize("key", LINES)
def test_every_line_of_business_makes_a_tree_that_can_be_published(key, company):
    units = [one.unit for one in departments(TODAY)]
    about = {"period": company.period, "actor": None, "now": NOW}
    for _press in range(2):
        first_tree.lay_out_tree(ready=gallery_template(key), units=units, **about)
    assert not Goal.objects.exclude(layer=Layer.COMPANY).filter(parents=None).exists()
    ours = Alignment.objects.filter(child__owner=company.ada).select_related("parent__unit")
    assert {one.parent.unit.name for one in ours} == {"设计组"}
    done = first_tree.publish_tree(**about)
    assert (done.goals, done.sets) == (Goal.objects.filter(status="published").count(), 1 + 4 + 8)
    assert GoalSet.objects.count() == done.sets
    with pytest.raises(first_tree.HasGoals):
        first_tree.lay_out_tree(ready=gallery_template(key), units=units, **about)


def test_nothing_is_published_where_one_goal_is_not_ready(company):
    about = {"period": company.period, "actor": None, "now": NOW}
    first_tree.lay_out_tree(ready=gallery_template("sales"), units=[company.units["设计组"]], **about)
    Goal.objects.filter(owner=company.ada).update(weight=None)
    with pytest.raises(NotReady):
        first_tree.publish_tree(**about)
    assert not Goal.objects.filter(status="published").exists()


def test_at_first_at_most_sixty_begin(company):
    found = [type(one)(one.unit, 40) for one in departments(TODAY)[:2]]
    both = LineForm({"line": "sales", "units": [str(one.unit.public_id) for one in found]}, departments=found)
    assert list(both.errors) == ["units"] and both.fields["units"].initial is None
    assert LineForm({"line": "sales", "units": [str(found[0].unit.public_id)]}, departments=found).is_valid()


def test_typed_people_come_in_and_are_counted_on(boss):
    assert boss.client.get("/t/acme/").headers["Location"] == START
    assert boss.client.post(START, sent(boss, name="恒锐轴承")).status_code == 302
    with boss.scope:
        people = {one.name: one for one in Employee.objects.all()}
        assert sorted(people) == ["李伟", "王敏", "陈可"]
        assert (people["王敏"].mobile, people["陈可"].email) == ("13800000001", "ke@acme.example")
        assert ReportingLine.objects.filter(manager=people["李伟"]).count() == 2
    assert boss.client.post(START, sent(boss, people="赵敏，生产部，陈可")).status_code == 302
    with boss.scope:
        assert Employee.objects.get(name="赵敏").employee_no == "P0004"
    assert boss.client.get("/t/acme/").headers["Location"] != START
    refused = boss.client.post(START, sent(boss, people="赵敏，生产部"))
    assert refused.status_code == 422 and "赵敏，生产部" in refused.content.decode()


def test_the_tree_asks_as_many_queries_for_two_departments_as_for_one(founded, ada, anna, time_machine):
    time_machine.move_to(NOW)
    with ada.scope:
        period = ensure_period(starts_on=founded.period.starts_on, ends_on=founded.period.ends_on, actor=None, now=NOW)
    for name in ("生产中心", "设计组"):
        with ada.scope:
            first_tree.lay_out_tree(
                ready=gallery_template("sales"), units=[founded.units[name]], period=period, actor=None, now=NOW
            )
        # 1 session, 1 account, 1 scope, 1 employee, 1 period, 1 drafts, 1 alignments, 2 the shell
        assert_page_queries(anna.client, f"{START}tree/?period={period.name}", 9)


def test_from_sign_in_to_a_published_tree_in_five_clicks_and_three_fields(boss, live_server, page, complaints):
    steps = {"clicks": 0, "fields": 0}

    def fill(name, value):
        page.locator(f"[name={name}]").fill(value)
        steps["fields"] += 1

    def click(what):
        what.click()
        steps["clicks"] += 1

    main = page.locator("main")
    page.set_default_timeout(10_000)
    page.set_viewport_size(WIDE)
    page.goto(live_server.url + reverse("account_login"))
    fill("login", boss.account.email)
    fill("password", boss.name)
    click(page.locator("form button[type=submit]").first)
    page.wait_for_url(f"**{START}")
    fill("people", PEOPLE)
    click(main.locator(".actions button[type=submit]"))
    page.wait_for_url("**/start/line/**")
    click(main.get_by_label("产线班组长"))
    click(main.locator(".actions button[type=submit]"))
    page.wait_for_url("**/start/tree/**")
    assert page.locator("tbody tr").count() == 3 + 2 * 5 + 3 * 3
    click(main.locator("form button[type=submit]"))
    page.wait_for_url("**/tree/?period=**")
    assert steps == {"clicks": 5, "fields": 3}
    assert complaints == []
    with boss.scope:
        assert set(Goal.objects.values_list("status", flat=True)) == {"published"}
        assert set(Goal.objects.values_list("layer", flat=True)) == {"company", "dept", "position"}
        assert GoalTemplate.objects.count() == 3


def test_its_pages_ask_as_many_queries_for_many_people_as_for_few(founded, ada, anna, time_machine):
    time_machine.move_to(NOW)
    line = f"{START}line/?period={founded.period.name}"
    for size in (0, 20):
        with ada.scope:
            for number in range(size):
                unit = units.add_unit(name=f"班组 {number}", starts_on=HIRED, actor=None, now=NOW)
                organisation.add_employee(
                    employee_no=f"B{number}", name=f"班{number}", hired_on=HIRED, unit=unit, actor=None, now=NOW
                )
        # 1 session, 1 account, 1 scope, 1 employee, 1 company, 1 names, 1 periods, 2 the shell
        assert_page_queries(anna.client, START, 9)
        # 1 session, 1 account, 1 scope, 1 employee, 1 period, 2 departments, 2 the shell
        assert_page_queries(anna.client, line, 9)

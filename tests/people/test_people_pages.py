"""Finding people, opening a person, keeping the record, in the browser's terms."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone, translation

from perfsys.people import actions, queries
from perfsys.people.models import Account, Employee, OrgUnit
from perfsys.tenancy.models import Membership
from perfsys.tenancy.roles import Role
from tests.cast import today
from tests.conftest import page_queries
from tests.people.organisation import FOUNDED

pytestmark = pytest.mark.django_db
LIST = "/t/acme/people/"
NOBODY = "9d6b5b6e-0000-4000-8000-000000000000"


def shown(client: Any, **query: str) -> list[str]:
    return [row["name"] for row in client.get(LIST, query).context["people"]]


def add(person: Any, number: str, name: str, **more: Any) -> Employee:
    with person.scope:
        given = {"employee_no": number, "name": name, "hired_on": FOUNDED, "actor": None, "now": timezone.now()}
        return actions.add_employee(**given | more)


def url_of(employee: Employee, action: str = "") -> str:
    return f"/t/acme/people/{employee.public_id}/{action}"


@pytest.mark.parametrize("typed", ["琪欣", "万琪欣", "wanqi", "WQX", "wqx", "w0", "W07", "wan qi"])
def test_a_person_is_found_by_name_pinyin_initials_or_number(ada: Any, typed: str) -> None:
    add(ada, "W07", "万琪欣")
    assert shown(ada.client, q=typed) == ["万琪欣"]


def test_people_come_in_the_order_of_their_pinyin(ada: Any) -> None:
    for number, name in enumerate(["张三", "阿里", "单雄信", "王五"]):
        add(ada, f"W{number}", name)
    assert [name for name in shown(ada.client) if not name.isascii()] == ["阿里", "单雄信", "王五", "张三"]


def test_a_unit_shows_all_who_work_in_it_or_below(ada: Any) -> None:
    with ada.scope:
        top = OrgUnit.objects.get(path="制造中心")
        below = actions.add_unit(name="一车间", parent=top, starts_on=FOUNDED, actor=None, now=timezone.now())
    add(ada, "W1", "王五", unit=below)
    assert shown(ada.client, unit=str(below.public_id)) == ["王五"]
    assert "王五" in shown(ada.client, unit=str(top.public_id))


def test_who_has_left_is_found_by_the_administrator_alone(ada: Any, anna: Any) -> None:
    gone = add(ada, "W1", "王五")
    with ada.scope:
        actions.leave(employee=gone, on=today(), actor=None, now=timezone.now())
    assert shown(anna.client, status="left") == ["王五"]
    assert "王五" not in shown(ada.client, status="left")
    assert ada.client.get(url_of(gone)).status_code == 404
    assert anna.client.get(url_of(gone)).status_code == 200


@pytest.mark.parametrize(
    ("reader", "reads"),
    [("ada", True), ("marta", True), ("henk", True), ("anna", True), ("bob", False)],
)
def test_contact_data_is_for_oneself_the_chain_the_partner_and_the_administrator(
    reader: str, reads: bool, request: Any, ada: Any
) -> None:
    person = request.getfixturevalue(reader)
    page = person.client.get(url_of(ada.employee))
    assert page.status_code == 200
    assert (ada.account.email in page.content.decode()) is reads
    assert bool(page.context.get("profile")) is reads
    assert bool(page.context.get("sections")) is (reader == "anna")


def test_whoever_works_here_is_not_under_way() -> None:
    """As a period is: the two share a word in English."""
    with translation.override("zh-hans"):
        assert [str(label) for label in Employee.Status.labels] == ["在职", "离职"]


def test_a_stranger_does_not_find_the_person(ada: Any, otto: Any) -> None:
    assert otto.client.get(url_of(ada.employee)).status_code == 404
    assert otto.client.get(f"/t/globex/people/{ada.employee.public_id}/").status_code == 404


def test_nobody_reads_the_company_out_by_searching(ada: Any, bob: Any) -> None:
    with time_machine.travel("2026-11-20T09:00:00Z", tick=False):
        codes = [ada.client.get(LIST, {"q": f"w{number}"}).status_code for number in range(121)]
        assert codes == [200] * 120 + [429]
        assert ada.client.get(LIST).status_code == 200  # the list itself stays open, page by page
        assert bob.client.get(LIST, {"q": "w"}).status_code == 200


# --- keeping the record ---
def test_another_manager_from_a_day(ada: Any, henk: Any, anna: Any) -> None:
    tomorrow = today() + timedelta(days=1)
    form = {"manager": "Henk E-henk", "on": tomorrow.isoformat()}
    assert anna.client.post(url_of(ada.employee, "manager/"), form).status_code == 302
    with ada.scope:
        assert queries.managers_of([ada.employee.pk], tomorrow)[ada.employee.pk] == henk.employee


def test_a_circle_is_refused_and_what_was_typed_stays(ada: Any, marta: Any, anna: Any) -> None:
    form = {"manager": "E-ada", "on": today().isoformat()}
    page = anna.client.post(url_of(marta.employee, "manager/"), form)
    assert page.status_code == 422
    section = next(s for s in page.context["sections"] if s["key"] == "manager")
    assert section["form"].non_field_errors()
    assert section["form"]["manager"].value() == "E-ada"


def test_a_name_several_people_have_asks_for_the_number(ada: Any, anna: Any) -> None:
    for number in ("W1", "W2"):
        add(ada, number, "王五")
    form = {"manager": "王五", "on": today().isoformat()}
    page = anna.client.post(url_of(ada.employee, "manager/"), form)
    assert "W1, W2" in page.content.decode()


def test_a_record_saved_meanwhile_is_not_saved_over(ada: Any, anna: Any) -> None:
    form = {"name": "艾达", "version": ada.employee.version}
    assert anna.client.post(url_of(ada.employee, "record/"), form).status_code == 302
    late = anna.client.post(url_of(ada.employee, "record/"), form | {"name": "另一个名字"})
    assert late.status_code == 409
    assert "另一个名字" in late.content.decode()
    with ada.scope:
        assert Employee.objects.get(pk=ada.employee.pk).name == "艾达"


def test_a_field_that_is_not_on_the_form_changes_nothing(ada: Any, anna: Any) -> None:
    form = {"name": "艾达", "version": ada.employee.version, "status": "left", "employee_no": "X", "tenant": "2"}
    anna.client.post(url_of(ada.employee, "record/"), form)
    with ada.scope:
        now = Employee.objects.get(pk=ada.employee.pk)
        assert (now.status, now.employee_no, now.tenant_id) == ("active", "E-ada", 1)


def test_the_last_day_is_the_last_day(ada: Any, anna: Any) -> None:
    last = today() + timedelta(days=9)
    anna.client.post(url_of(ada.employee, "leave/"), {"last_day": last.isoformat()})
    with ada.scope:
        assert Employee.objects.get(pk=ada.employee.pk).left_on == last + timedelta(days=1)
        assert queries.primary_units([ada.employee.pk], last)
        assert not queries.primary_units([ada.employee.pk], last + timedelta(days=1))


def test_the_link_of_an_invitation_is_shown_once_and_leads_to_our_own_address(ada: Any, anna: Any) -> None:
    newcomer = add(ada, "W1", "王五")
    page = anna.client.post(url_of(newcomer, "invite/"), {"phone": "13300001080"}, headers={"host": "testserver"})
    link = re.search(r"http://127\.0\.0\.1:8000/invitation/acme/[\w-]+/", page.content.decode())
    assert link
    assert link[0] not in anna.client.get(url_of(newcomer)).content.decode()


def test_the_administrator_who_is_left_keeps_the_role(anna: Any) -> None:
    grants = anna.client.get("/t/acme/roles/").context["grants"]
    refused = anna.client.post(grants[0]["revoke_url"])
    assert refused.status_code == 422
    assert anna.client.get("/t/acme/roles/").status_code == 200


def test_a_role_is_given_with_its_reason(ada: Any, anna: Any) -> None:
    form = {"person": "E-ada", "role": "integration_owner", "reason": "负责接口"}
    assert anna.client.post("/t/acme/roles/", form).status_code == 302
    assert "integration_owner" in ada.seat.roles
    again = anna.client.post("/t/acme/roles/", form)
    assert again.status_code == 422


def test_the_companys_settings_are_kept_with_their_version(anna: Any) -> None:
    form = {"name": "新名", "time_zone": "Europe/Berlin", "locale": "en", "min_group_size": "6", "version": "1"}
    assert anna.client.post("/t/acme/company/", form).status_code == 302
    assert (anna.seat.name, anna.seat.time_zone, anna.seat.min_group_size) == ("新名", "Europe/Berlin", 6)
    assert anna.client.post("/t/acme/company/", form | {"name": "旧名"}).status_code == 409
    wrong = anna.client.post("/t/acme/company/", form | {"version": "2", "time_zone": "Mars/Base"})
    assert wrong.status_code == 422


def test_suggestions_are_few_and_only_for_what_was_typed(ada: Any, anna: Any) -> None:
    for number in range(20):
        add(ada, f"W{number}", "王五")
    assert anna.client.get("/t/acme/people/suggestions/", {"manager": "wangwu"}).content.count(b"<option") == 12
    assert b"<option" not in anna.client.get("/t/acme/people/suggestions/", {"manager": " "}).content
    assert "制造中心" in anna.client.get("/t/acme/people/suggestions/", {"unit": "制造"}).content.decode()


# --- units ---
def test_the_tree_shows_two_levels_with_how_many_work_there(ada: Any) -> None:
    with ada.scope:
        top = OrgUnit.objects.get(path="制造中心")
        below = actions.add_unit(name="一车间", parent=top, starts_on=FOUNDED, actor=None, now=timezone.now())
        team = actions.add_unit(name="车加工班", parent=below, starts_on=FOUNDED, actor=None, now=timezone.now())
    add(ada, "W1", "王五", unit=team)
    rows = ada.client.get("/t/acme/units/").context["units"]
    assert [(row["name"], row["depth"], row["people"]) for row in rows] == [("制造中心", 0, 3), ("一车间", 1, 1)]
    page = ada.client.get(rows[0]["url"])
    assert [(row["name"], row["depth"]) for row in page.context["units"]] == [("一车间", 0), ("车加工班", 1)]
    assert {row["name"] for row in page.context["people"]} == {"Ada", "Marta"}


def test_a_unit_names_its_hr_partner_and_through_whom(ada: Any, henk: Any) -> None:
    with ada.scope:
        top = OrgUnit.objects.get(path="制造中心")
        below = actions.add_unit(name="一车间", parent=top, starts_on=FOUNDED, actor=None, now=timezone.now())
        own = actions.add_unit(name="二车间", parent=top, starts_on=FOUNDED, actor=None, now=timezone.now())
        actions.set_hrbp(unit=own, hrbp=ada.employee, on=FOUNDED, actor=None, now=timezone.now())
    rows = {row["name"]: row["partner"] for row in ada.client.get("/t/acme/units/").context["units"]}
    assert {name: (partner["name"], partner["via"]) for name, partner in rows.items()} == {
        "制造中心": ("Henk", ""),
        "一车间": ("Henk", "制造中心"),
        "二车间": ("Ada", ""),
    }
    page = ada.client.get(f"/t/acme/units/{below.public_id}/")
    assert page.context["partner"]["name"] == "Henk"


def test_an_administrator_moves_renames_and_closes_a_unit(anna: Any) -> None:
    with anna.scope:
        lab = actions.add_unit(name="研发中心", starts_on=FOUNDED, actor=None, now=timezone.now())
    url, on = f"/t/acme/units/{lab.public_id}/", today()
    assert anna.client.post(f"{url}rename/", {"name": "研究院", "version": 1}).status_code == 302
    assert anna.client.post(f"{url}rename/", {"name": "研究所", "version": 1}).status_code == 409
    move = {"parent": "制造中心", "on": on.isoformat(), "version": 2}
    assert anna.client.post(f"{url}move/", move).status_code == 302
    with anna.scope:
        lab.refresh_from_db()
    close = {"last_day": (on + timedelta(days=3)).isoformat(), "version": lab.version}
    assert anna.client.post(f"{url}close/", close).status_code == 302
    with anna.scope:
        lab.refresh_from_db()
        assert (lab.path, lab.ends_on) == ("制造中心/研究院", on + timedelta(days=4))


def test_a_unit_name_taken_comes_back_as_a_sentence(anna: Any) -> None:
    page = anna.client.post("/t/acme/units/new/", {"name": "制造中心"})
    assert page.status_code == 422
    assert page.context["sections"][0]["form"].errors


# --- what pages ask of the database ---
def grow(person: Any, size: int) -> None:
    """`size` more of everything a list could show: units with people, partners, reports, roles."""
    now = timezone.now()
    with person.scope:
        top = OrgUnit.objects.get(path="制造中心")
        for number in range(size):
            unit = actions.add_unit(name=f"班{size}-{number}", parent=top, starts_on=FOUNDED, actor=None, now=now)
            someone = add(person, f"G{size}-{number}", "王五", unit=top, manager=person.employee)
            add(person, f"H{size}-{number}", "王五", unit=unit)
            actions.set_hrbp(unit=unit, hrbp=someone, on=FOUNDED, actor=None, now=now)
            seat = Membership.objects.create(account=Account.objects.create_user(email=f"{size}.{number}@g.example"))
            Employee.objects.filter(pk=someone.pk).update(membership=seat)
            reason = {"reason": "接口", "actor": person.employee, "now": now}
            actions.grant_role(membership=seat, role=Role.INTEGRATION_OWNER, **reason)


QUERIES = {  # 1 session, 1 account, 1 scope, 1 person; then the page's own, and 2 of the navigation, inbox and gaps
    "people/": 4 + 4,  # how many, page of people, their units, units to choose from
    "people/?q=wangwu": 4 + 3,  # the page tells how many
    "people/?unit={unit}": 4 + 6,  # the unit, those below it
    "units/": 4 + 3,  # units, people in them, partners
    "units/{unit}/": 4 + 9,  # the unit; units, people, partners; above, headcount, partner; how many work here, page
    # the person, how he stands to the viewer (2); posts; chain above, partner, reports; lines, spans; invitation, seat
    "people/{person}/": 4 + 11,
    "people/suggestions/?manager=wangwu": 4 + 1,
    "roles/": 4 + 2,  # grants, who holds them
    "company/": 4 + 1,
}


def test_every_page_asks_the_same_queries_at_any_size(anna: Any) -> None:
    with anna.scope:
        unit = OrgUnit.objects.get(path="制造中心")
    addresses = {shape: shape.format(unit=unit.public_id, person=anna.employee.public_id) for shape in QUERIES}
    counts = []
    for size in (2, 30):
        grow(anna, size)
        counts.append({shape: len(page_queries(anna.client, f"/t/acme/{url}")) for shape, url in addresses.items()})
    assert counts[0] == counts[1]
    counted = {shape: 0 if "suggestions" in shape else 2 for shape in QUERIES}
    assert counts[1] == {shape: expected + counted[shape] for shape, expected in QUERIES.items()}


def test_a_search_that_no_database_can_hold_is_refused_in_words(ada: Any) -> None:
    answer = ada.client.get(f"{LIST}?q=%00", headers={"accept-language": "zh-hans"})
    assert (answer.status_code, "<h1>" in answer.content.decode()) == (400, True)


def test_the_address_of_a_form_that_is_typed_shows_a_page(ada: Any) -> None:
    answer = ada.client.get("/t/acme/units/new/")
    assert (answer.status_code, "<h1>" in answer.content.decode()) == (405, True)


@pytest.mark.parametrize(
    ("sent_to", "page"),
    [
        ("units/new/", "units/"),
        (f"people/{NOBODY}/record/", f"people/{NOBODY}/"),
        ("units/new/?cause=x&due=week", "units/?cause=x&due=week"),
        (f"goals/{NOBODY}/supports/also/", f"goals/{NOBODY}/supports/"),
        (f"goals/{NOBODY}/close/back/", f"goals/{NOBODY}/close/"),
        (f"retro/{NOBODY}/answer/", "retro/"),
        (f"actions/{NOBODY}/finish/", "feedback/"),
        (f"promises/{NOBODY}/end/", ""),
    ],
)
def test_a_browser_that_asks_for_a_forms_address_is_shown_the_forms_page(ada: Any, sent_to: str, page: str) -> None:
    """As on a reload after a refusal. Programs are told that the address takes no such question."""
    answer = ada.client.get(f"/t/acme/{sent_to}", headers={"accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer["Location"]) == (302, f"/t/acme/{page}")
    assert ada.client.get(f"/t/acme/{sent_to}", headers={"accept": "application/json"}).status_code == 405

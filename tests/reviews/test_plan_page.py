"""The list of talks, and planning, moving, declining one (product.md §4.1)."""

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils.html import strip_tags

from perfsys.people.actions import change_manager
from perfsys.people.standing import refresh_derived_roles
from reviews import actions
from reviews.models import Interview, InterviewState
from tests.conftest import assert_page_queries

from .conftest import NOW

pytestmark = pytest.mark.usefixtures("that_day")
LIST, NEW = "/t/acme/meetings/", "/t/acme/meetings/new/"


def text(person: Any, address: str, **asked: Any) -> str:
    answer = person.client.get(address, asked)
    assert answer.status_code == 200
    return str(answer.content.decode())


def a_time(**more: Any) -> dict[str, Any]:
    return {"on": "2026-11-24", "time": "10:30", "minutes": 45, "place": "2 号楼", "key": str(uuid4()), **more}


def test_planned_in_the_companys_zone_and_twice_by_a_double_press_is_once(ada: Any, marta: Any) -> None:
    said = a_time()
    for _ in range(2):
        answer = marta.client.post(f"{NEW}?with={ada.employee.public_id}", said)
        assert answer.status_code == 302
    with marta.scope:
        made = Interview.objects.get()
        assert (made.at.isoformat(), made.minutes, made.place) == ("2026-11-24T02:30:00+00:00", 45, "2 号楼")
    assert "11 月 24 日" in text(ada, LIST) and "10:30" in text(marta, LIST)


@pytest.mark.parametrize(
    "wrong", [{"on": "2026-11-20", "time": "09:59"}, {"on": "2026-11-19"}, {"on": "2028-01-01"}, {"minutes": 2}]
)
def test_what_cannot_be_is_said_and_what_was_typed_stays(ada: Any, marta: Any, wrong: dict[str, Any]) -> None:
    answer = marta.client.post(f"{NEW}?with={ada.employee.public_id}", a_time(**wrong))
    assert answer.status_code == 422
    page = answer.content.decode()
    assert 'role="alert"' in page and "2 号楼" in page
    with marta.scope:
        assert not Interview.objects.exists()


def test_a_second_one_with_the_same_person_leads_to_the_first(ada: Any, marta: Any, interview: Any) -> None:
    answer = marta.client.post(f"{NEW}?with={ada.employee.public_id}", a_time())
    assert answer.status_code == 422 and "已经约了一次" in answer.content.decode()


def test_it_is_planned_with_direct_reports_alone(ada: Any, henk: Any, marta: Any, bob: Any, otto: Any) -> None:
    asked = {
        person.employee.name: marta.client.get(NEW, {"with": person.employee.public_id}).status_code
        for person in (ada, bob, henk, marta, otto)
    }
    assert asked == {"Ada": 200, "Bob": 200, "Henk": 403, "Marta": 403, "Otto": 404}
    assert ada.client.get(NEW).status_code == 403


def test_reports_are_offered_by_name(ada: Any, bob: Any, marta: Any) -> None:
    page = text(marta, NEW)
    assert f"?with={ada.employee.public_id}" in page and f"?with={bob.employee.public_id}" in page
    assert 'role="search"' not in page.partition("<main")[2]
    assert f"?with={bob.employee.public_id}" not in text(marta, NEW, q="ada")


def test_with_whom_nobody_talked_for_long_stands_there_and_no_count_of_talks(
    ada: Any, bob: Any, marta: Any, interview: Any
) -> None:
    page = text(marta, LIST)
    assert "还没坐下来聊过" in page and f"?with={bob.employee.public_id}" in page
    assert f"?with={ada.employee.public_id}" not in page, "there is one planned with her"
    assert f"?with={bob.employee.public_id}" not in text(bob, LIST)


def test_who_talked_lately_is_not_listed(bob: Any, marta: Any, cast: Any) -> None:
    with marta.scope:
        for days in (20, 90):
            at = NOW - timedelta(days=days)
            who = bob if days == 20 else cast("acme", "cleo", manager=marta)
            Interview.objects.create(
                employee=who.employee,
                manager=marta.employee,
                at=at,
                state=InterviewState.HELD,
                manager_signed_at=at,
                employee_signed_at=at,
                held_at=at,
            )
    quiet = text(marta, LIST).partition('id="quiet"')[2]
    assert "Cleo" in quiet and "Bob" not in quiet


def test_earlier_ones_go_on_on_further_pages_and_are_never_summed(ada: Any, marta: Any) -> None:
    with marta.scope:
        Interview.objects.bulk_create(
            Interview(
                employee=ada.employee,
                manager=marta.employee,
                at=NOW - timedelta(days=n),
                state=InterviewState.DECLINED,
                reason="出差",
            )
            for n in range(1, 40)
        )
    first, second = text(marta, LIST), text(marta, LIST, page=2)
    assert 'rel="next"' in first and 'rel="prev"' in second and 'rel="next"' not in second
    said = strip_tags(first.partition("<main")[2])
    assert "39" not in said and "共" not in said


def test_the_list_holds_what_can_be_opened(ada: Any, bob: Any, marta: Any, henk: Any, interview: Any) -> None:
    here = f"/t/acme/meetings/{interview.public_id}/"
    listed = {person.name: here in text(person, LIST) for person in (ada, bob, marta, henk)}
    opened = {person.name: person.client.get(here).status_code == 200 for person in (ada, bob, marta, henk)}
    assert listed == opened == {"ada": True, "bob": False, "marta": True, "henk": False}


def test_a_former_manager_finds_it_no_more(ada: Any, marta: Any, cast: Any, interview: Any, url: Any) -> None:
    nora = cast("acme", "nora")
    with marta.scope:
        change_manager(employee=ada.employee, manager=nora.employee, on=NOW.date(), actor=None, now=NOW)
        refresh_derived_roles(NOW.date())
    assert [person.client.get(url()).status_code for person in (ada, marta, nora)] == [200, 404, 404]
    assert marta.client.post(url("move"), a_time(version=1)).status_code == 404


def test_moved_the_employee_is_told_and_who_was_slower_keeps_what_was_typed(
    ada: Any, marta: Any, interview: Any, url: Any
) -> None:
    assert marta.client.post(url("move"), a_time(version=1)).status_code == 302
    answer = marta.client.post(url("move"), a_time(version=1, place="3 层茶水间"))
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "3 层茶水间" in page and 'name="version" value="2"' in page
    with marta.scope:
        assert Interview.objects.get().place == "2 号楼"


def test_declined_with_a_reason_it_is_over(ada: Any, marta: Any, interview: Any, url: Any) -> None:
    assert ada.client.post(url("decline"), {"reason": ""}).status_code == 422
    assert ada.client.post(url("decline"), {"reason": "下周出差"}).status_code == 302
    assert "下周出差" in text(marta, url())
    for step, person, said in (
        ("move", marta, a_time(version=2)),
        ("cancel", marta, {"reason": "改天"}),
        ("topics", ada, {"topics": "台架排期"}),
        ("plan", ada, {"plan": "每周晒排期"}),
        ("prep/agree", marta, {"key": "k", "owner": "manager", "text": "约周会", "due_on": "2026-12-01"}),
    ):
        answer = person.client.post(url(step), said)
        assert answer.status_code == 409, step
        kept = [value for name, value in said.items() if name in {"place", "reason", "topics", "plan", "text"}]
        assert all(value in answer.content.decode() for value in kept)


def test_what_the_employee_wants_to_talk_about_stands_beside_the_agenda(
    ada: Any, marta: Any, interview: Any, url: Any
) -> None:
    ada.client.post(url("topics"), {"topics": "台架排期总是冲突"})
    assert "台架排期总是冲突" in text(marta, url("prep")) and "台架排期总是冲突" in text(marta, url())
    assert marta.client.post(url("topics"), {"topics": "我替她写"}).status_code == 403


def test_the_lists_ask_the_same_for_2_and_25(ada: Any, marta: Any, cast: Any) -> None:
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 earlier, 1 worth a talk, 1 planned
    assert_page_queries(marta.client, LIST, 8)
    people = [cast("acme", f"p{n}", manager=marta) for n in range(12)]
    with marta.scope:
        for n, person in enumerate(people):
            state = {"state": InterviewState.DECLINED, "reason": "出差"} if n % 2 else {}
            Interview.objects.create(
                employee=person.employee, manager=marta.employee, at=NOW + timedelta(days=n + 1), **state
            )
    assert_page_queries(marta.client, LIST, 8)
    # choosing: 1 session, 1 account, 1 scope; 1 person, 1 inbox count; 1 reports
    assert_page_queries(marta.client, NEW, 6)


def test_more_than_thirty_reports_are_found_by_name(marta: Any, cast: Any) -> None:
    from perfsys.people.actions import add_employee

    with marta.scope:
        for n in range(31):
            add_employee(
                employee_no=f"N{n:03}",
                name=f"新人{n:03}",
                hired_on=date(2026, 1, 5),
                unit=marta.employee.assignments.get().unit,
                manager=marta.employee,
                actor=None,
                now=NOW,
            )
    page = text(marta, NEW).partition("<main")[2]
    assert 'role="search"' in page and page.count("?with=") == 30
    assert text(marta, NEW, q="新人007").count("?with=") == 1


def test_home_and_team_lead_there(ada: Any, bob: Any, marta: Any, interview: Any, url: Any) -> None:
    week = text(ada, "/t/acme/week/")
    assert url() in week and "下一次面谈" in week
    assert "下一次面谈" not in text(bob, "/t/acme/week/")
    team = text(marta, "/t/acme/team/")
    assert url("prep") in team and f"{NEW}?with={bob.employee.public_id}" in team


def test_planning_is_told_with_the_way_there(ada: Any, marta: Any, interview: Any, url: Any) -> None:
    from perfsys.notices.models import Notice

    with marta.scope:
        actions.make_due_packs(now=NOW + timedelta(days=2, hours=1))
        told = dict(Notice.objects.filter(to=ada.employee).values_list("kind", "url"))
    assert told == {"reviews.interview_ahead": url(), "reviews.pack_ready": url("prep")}

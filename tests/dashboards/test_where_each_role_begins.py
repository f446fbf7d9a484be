"""The first page by role, and what the navigation says is waiting (design.md §2)."""

import pytest

from perfsys.notices.actions import notify
from tests.cast import take_seat
from tests.conftest import page_queries

from .conftest import NOW


@pytest.mark.parametrize(
    ("who", "first"), [("ada", "/t/acme/week/"), ("marta", "/t/acme/team/"), ("henk", "/t/acme/goal-health/")]
)
def test_each_role_begins_on_its_own_page(world, who, first, request):
    answer = request.getfixturevalue(who).client.get("/t/acme/")
    assert answer.url == first


def test_an_administrator_who_is_no_employee_begins_with_the_imports(world):
    admin = take_seat("acme", "root", "admin")
    assert admin.client.get("/t/acme/").url == "/t/acme/admin/imports/"


def test_somebody_with_several_roles_sees_the_pages_of_each(world, marta):
    text = marta.client.get("/t/acme/week/").content.decode()
    assert 'href="/t/acme/team/"' in text and 'href="/t/acme/goal-health/"' not in text


def test_the_page_one_is_on_is_marked_and_no_other_of_its_app(world, marta):
    text = marta.client.get("/t/acme/team/").content.decode()
    side = text[text.index('class="side"') : text.index('class="side-foot"')]
    assert side.count('aria-current="page"') == 1
    assert 'href="/t/acme/team/" aria-current="page"' in side


def test_the_inbox_says_how_much_waits_and_nothing_where_nothing_does(world, ada):
    assert 'class="n warm"' not in ada.client.get("/t/acme/week/").content.decode()
    with ada.scope:
        for n in range(2):
            notify(
                "goals.set_to_answer", to=ada.employee, at=NOW, params={"name": "Marta", "period": f"2026Q{n}"}, url="/"
            )
    text = ada.client.get("/t/acme/week/").content.decode()
    assert '<span class="n warm">2</span>' in text


def test_the_count_costs_one_query_a_page(world, ada):
    asked = [sql for sql in page_queries(ada.client, "/t/acme/week/") if "COUNT(" in sql and "notices_notice" in sql]
    assert len(asked) == 1

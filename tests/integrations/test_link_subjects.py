"""Subjects of a connection: found by a sync, linked to people by date (product.md §5.3)."""

from datetime import date, timedelta

import pytest

from integrations.actions import figures
from integrations.actions.subject import LinkedAlready, NeedsADay, accept_sure_suggestions, link_subject, take_back_link
from integrations.adapters.base import About, Field, Stream
from integrations.models import Subject, SubjectLink
from perfsys.people.models import Employee
from perfsys.tenancy.scope import use_tenant
from tests.conftest import page_queries
from tests.integrations.conftest import NOW, sync

pytestmark = pytest.mark.django_db
ON = date(2026, 11, 20)
DEALS = Stream(
    name="deals",
    key=["id"],
    fields=[
        Field("id", "id", required=True),
        Field("owner_no", "owner"),
        Field("owner_name", "name"),
        Field("on", "on", "day"),
        Field("customer", "customer"),
    ],
    happened="on",
    subjects=[
        About("owner", "person", "owner_no", "负责人", name="owner_name"),
        About("customer", "customer", "customer", "客户"),
    ],
)


def deal(number, owner, name="", on="2026-11-18"):
    return {"id": f"D{number}", "owner": owner, "name": name, "on": on, "customer": f"C{number % 2}"}


@pytest.fixture
def deals(shelf, connection):
    shelf.declared = (DEALS,)

    def read(*rows, now=NOW):
        shelf.hold(list(rows), stream="deals")
        run = sync(connection, now=now)
        with use_tenant(1):
            payload = {"run": run.pk}
            while again := figures.after_sync(payload=payload, now=now):
                payload = again.payload
        return connection

    return read


def subjects(kind="owner"):
    with use_tenant(1):
        return {one.value: one for one in Subject.objects.filter(kind=kind)}


def test_whom_records_name_is_counted_with_what_the_source_last_said(deals):
    deals(deal(1, "E-ada", "阿达"), deal(2, " E-ada", "Ada", on="2026-10-02"), deal(3, None), deal(4, "E9"))
    ada = subjects()["E-ada"]
    assert (ada.records, ada.first_on, ada.name in {"阿达", "Ada"}) == (2, date(2026, 10, 2), True)
    assert set(subjects()) == {"E-ada", "E9"}
    assert {one.records for one in subjects("customer").values()} == {2}
    deals(deal(1, "E-ada", "Ada"), deal(2, "E-ada", "Ada"), deal(4, "E-bob"), now=NOW + timedelta(hours=1))
    assert {value: one.records for value, one in subjects().items()} == {"E-ada": 2, "E9": 0, "E-bob": 1}
    assert subjects()["E-ada"].name == "Ada"


def test_sure_suggestions_are_accepted_together_and_no_others(deals, ada, bob, anna):
    connection = deals(deal(1, "E-ada", "Ada"), deal(2, "Ｅ-bob"), deal(3, "E-anna", "Somebody else"), deal(4, "E9"))
    with use_tenant(1):
        assert accept_sure_suggestions(connection=connection, on=ON, actor=anna.employee, now=NOW) == 2
        assert accept_sure_suggestions(connection=connection, on=ON, actor=anna.employee, now=NOW) == 0
        links = SubjectLink.objects.values_list("subject__value", "employee__employee_no", "how", "starts_on")
        assert set(links) == {("E-ada", "E-ada", "number", None), ("E-bob", "E-bob", "number", None)}


@pytest.fixture
def desk(deals, anna):
    """The subject E1 in the hands of Anna: link(who, from), spans(), take_back(who)."""
    deals(deal(1, "E1"))

    def link(to, on):
        with use_tenant(1):
            one = Subject.objects.get(value="E1")
            link_subject(
                subject=one, version=one.version, to=to and to.employee, starts_on=on, actor=anna.employee, now=NOW
            )

    def spans():
        with use_tenant(1):
            held = SubjectLink.objects.order_by("starts_on").values_list("employee__name", "starts_on", "ends_on")
            return sorted(held, key=lambda span: span[1] or date.min)

    def take_back(who):
        with use_tenant(1):
            link = SubjectLink.objects.get(employee=who.employee)
            take_back_link(link=link, actor=anna.employee, now=NOW)
            take_back_link(link=link, actor=anna.employee, now=NOW)

    return type("Desk", (), {"link": staticmethod(link), "spans": staticmethod(spans), "back": staticmethod(take_back)})


def test_a_change_is_dated_and_can_be_taken_back(desk, ada, bob):
    desk.link(ada, None)
    with pytest.raises(NeedsADay):
        desk.link(bob, None)
    with pytest.raises(LinkedAlready):
        desk.link(ada, ON)
    desk.link(bob, ON)
    assert desk.spans() == [("Ada", None, ON), ("Bob", ON, None)]
    desk.link(None, ON + timedelta(days=5))
    assert desk.spans() == [("Ada", None, ON), ("Bob", ON, ON + timedelta(days=5))]
    desk.back(bob)
    assert desk.spans() == [("Ada", None, ON + timedelta(days=5))]


MARCH, MAY = date(2026, 3, 1), date(2026, 5, 1)


def test_taking_back_restores_what_the_link_replaced_and_nothing_it_did_not_end(desk, ada, bob, cast):
    desk.link(ada, MARCH)
    desk.link(bob, MARCH)
    assert desk.spans() == [("Bob", MARCH, None)]
    cyd = cast("acme", "cyd")
    desk.link(cyd, MARCH)
    desk.back(cyd)
    desk.back(bob)
    assert desk.spans() == [("Ada", MARCH, None)]
    desk.link(None, MAY)
    desk.link(bob, MAY)
    desk.back(bob)
    assert desk.spans() == [("Ada", MARCH, MAY)]  # ended by hand: it stays so


def test_taking_back_the_middle_of_a_chain_leaves_the_ends_joined(desk, ada, bob, cast):
    desk.link(ada, None)
    desk.link(bob, MARCH)
    cyd = cast("acme", "cyd")
    desk.link(cyd, MAY)
    desk.back(bob)
    assert desk.spans() == [("Ada", None, MAY), ("Cyd", MAY, None)]
    desk.back(cyd)
    assert desk.spans() == [("Ada", None, None)]
    desk.link(bob, MAY)
    desk.link(cyd, MARCH)
    desk.back(bob)
    assert desk.spans() == [("Ada", None, MARCH), ("Cyd", MARCH, None)]


def test_the_page_lists_whom_nobody_is_first_and_accepts_with_one_tap(deals, ada, anna):
    connection = deals(deal(1, "E-ada", "Ada"), deal(2, "E9"), deal(3, "E9"))
    url = f"/t/acme/admin/integrations/{connection.public_id}/subjects/"
    few = page_queries(anna.client, url)
    page = anna.client.get(url).content.decode()
    assert page.index("E9") < page.index("E-ada") < page.index("沿用对方系统的名称")
    assert "2 个里有 2 个还没有对应到本公司，涉及 3 条记录。" in page
    subject = subjects()["E-ada"]
    answer = anna.client.post(
        f"/t/acme/admin/integrations/subjects/{subject.public_id}/",
        {"to": "Ada E-ada", "how": "number", "version": subject.version},
    )
    assert answer.status_code == 302
    with use_tenant(1):
        assert SubjectLink.objects.get().employee == ada.employee
    stale = anna.client.post(
        f"/t/acme/admin/integrations/subjects/{subject.public_id}/",
        {"to": "E-anna", "starts_on": "2026-11-20", "version": 1},
    )
    assert stale.status_code == 409
    assert "E9" in anna.client.get(f"{url}?q=E9").content.decode()
    with use_tenant(1):
        Employee.objects.filter(pk=ada.employee.pk).update(status=Employee.Status.LEFT, left_on=ON)
    gone = subjects()["E9"]
    to_gone = f"/t/acme/admin/integrations/subjects/{gone.public_id}/"
    assert anna.client.post(to_gone, {"to": "E-ada", "version": gone.version}).status_code == 302
    deals(*(deal(number, f"E{number}") for number in range(5, 30)), now=NOW + timedelta(hours=1))
    assert len(page_queries(anna.client, url)) <= len(few) + 1, "whom it may be is asked once for all"

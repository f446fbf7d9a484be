"""History of tables that are written to by the thousand (`history_of(..., in_bulk=True)`): the versions that
pghistory's own triggers would keep."""

from datetime import date

import pghistory
import pgtrigger
import pytest
from django.db.models import F

from perfsys.people.models import Employee, EmployeeEvent
from perfsys.tenancy.rows import insert_rows, update_rows

NAMES = ("Uwe", "Vera", "Xenia")


@pytest.fixture
def three(ada):
    with ada.scope:
        Employee.objects.bulk_create(
            Employee(employee_no=f"V{n}", name=name, name_key=name.lower(), position="钳工")
            for n, name in enumerate(NAMES)
        )
        return list(Employee.objects.filter(employee_no__startswith="V").order_by("employee_no"))


def kept(*columns, without="insert"):
    """Versions of these people by employee number, but those they began with."""
    events = EmployeeEvent.objects.filter(employee_no__startswith="V").exclude(pgh_label=without)
    return sorted(events.values_list("employee_no", "pgh_label", *columns), key=str)


def test_each_of_the_rows_inserted_has_its_version_with_all_that_is_kept(ada):
    with ada.scope, pghistory.context(why="roster"):
        rows = [{"employee_no": f"V{n}", "name": name, "name_key": "", "grade": "P5"} for n, name in enumerate(NAMES)]
        insert_rows(Employee, rows, same={"hired_on": date(2026, 1, 5)})
        assert kept(without="") == [(f"V{n}", "insert") for n in range(3)]
        own = {field.name for field in EmployeeEvent._meta.fields} & {field.name for field in Employee._meta.fields}
        for event in EmployeeEvent.objects.filter(employee_no__startswith="V"):
            person = Employee.objects.get(pk=event.pgh_obj_id)
            assert {name: getattr(event, name) for name in own} == {name: getattr(person, name) for name in own}
            assert (event.tenant_id, event.pgh_context) == (1, {"why": "roster"})
            assert event.pgh_context_id is not None


def test_an_update_keeps_a_version_of_those_rows_alone_that_it_changed(three, ada):
    with ada.scope:
        Employee.objects.filter(pk=three[0].pk).update(grade="P6")
        Employee.objects.filter(pk__in=[one.pk for one in three]).update(grade="P6")
        update_rows(Employee, [{"id": three[1].pk, "position": "钳工"}, {"id": three[2].pk, "position": "铣工"}])
        assert kept("grade", "position") == [
            ("V0", "update", "P6", "钳工"),
            ("V1", "update", "P6", "钳工"),
            ("V2", "update", "P6", "钳工"),
            ("V2", "update", "P6", "铣工"),
        ]


def test_empty_and_set_are_told_apart(three, ada):
    with ada.scope:
        everybody = Employee.objects.filter(pk__in=[one.pk for one in three])
        everybody.update(left_on=None)
        assert kept() == []
        everybody.update(left_on=date(2026, 12, 1), hired_on=None)
        everybody.update(left_on=None)
        days = [day for number, _label, day in kept("left_on") if number == "V0"]
        assert days == [None, date(2026, 12, 1)] and len(kept()) == 6


def test_what_is_not_kept_makes_no_version(three, ada):
    with ada.scope:
        Employee.objects.filter(pk__in=[one.pk for one in three]).update(email="v@acme.example", search_key="v")
        Employee.objects.filter(pk=0).update(version=F("version") + 1)
        assert kept() == []


def test_rows_that_meet_others_are_updates_and_the_rest_inserts(three, ada):
    with ada.scope:
        Employee.objects.bulk_create(
            [Employee(employee_no=f"V{n}", name="Zoe", name_key="zoe") for n in (2, 3)],
            update_conflicts=True,
            unique_fields=["tenant", "employee_no"],
            update_fields=["name"],
        )
        assert kept("name") == [("V2", "update", "Zoe")]
        assert ("V3", "insert", "Zoe") in kept("name", without="")


def test_rows_deleted_together_leave_what_they_were(three, ada):
    with ada.scope:
        Employee.objects.filter(pk__in=[one.pk for one in three[:2]]).delete()
        assert kept("name") == [("V0", "delete", "Uwe"), ("V1", "delete", "Vera")]


def test_nobody_writes_without_leaving_a_version(three, ada):
    with ada.scope, pgtrigger.ignore():
        update_rows(Employee, [{"id": one.pk, "grade": "P9"} for one in three])
        assert len(kept()) == 3

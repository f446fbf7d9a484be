"""The cast is who it says it is."""

from perfsys.people.access import person
from perfsys.tenancy.roles import Role


def test_each_of_the_cast_has_the_roles_of_the_story(ada, bob, marta, henk, anna, otto):
    assert ada.seat.roles == bob.seat.roles == {Role.EMPLOYEE}
    assert marta.seat.roles == {Role.EMPLOYEE, Role.MANAGER}
    assert henk.seat.roles == {Role.EMPLOYEE, Role.HRBP}
    assert anna.seat.roles == {Role.EMPLOYEE, Role.ADMIN}
    assert otto.seat.roles == {Role.EMPLOYEE, Role.MANAGER, Role.ADMIN}
    assert (ada.seat.slug, otto.seat.slug) == ("acme", "globex")


def test_the_seat_leads_to_the_employee(ada, rf):
    request = rf.get("/")
    request.seat = ada.seat
    with ada.scope:
        assert person(request) == ada.employee

"""People for OA, learning and payroll systems: with a token that was given them, as far as its person reads."""

from tests.conftest import page_queries


def test_it_takes_a_token_that_was_given_people(anna, ada, program):
    answer = program(anna, scopes=())("get", "people/")
    assert answer.status_code == 403 and answer["Content-Type"] == "application/problem+json"
    assert program(anna, scopes=())("get", "goals/").status_code == 200


def test_an_administrators_token_reads_everybody_with_post_and_manager(anna, ada, marta, program):
    asks = program(anna)
    people = {one["employee_no"]: one for one in asks("get", "people/").json()["results"]}
    assert list(people) == sorted(people)
    found = people["E-ada"]
    assert (found["unit"], found["manager_no"], found["email"]) == ("制造中心", "E-marta", "ada@acme.example")
    assert asks("get", f"people/{found['id']}/").json() == found
    assert [one["name"] for one in asks("get", "people/", {"employee_no": "E-ada"}).json()["results"]] == ["Ada"]
    assert asks("get", "people/", {"status": "gone"}).status_code == 422


def test_everybody_elses_reads_whom_its_person_reads(ada, bob, program):
    asks = program(bob)
    assert [one["name"] for one in asks("get", "people/").json()["results"]] == ["Bob"]
    assert asks("get", f"people/{ada.employee.public_id}/").status_code == 403


def test_a_page_of_many_costs_what_one_of_few_does(anna, ada, program, cast):
    few = program(anna)
    headers = {"HTTP_AUTHORIZATION": f"Bearer {few.token}"}
    few("get", "people/")  # keeps when the token was last used
    number = len(page_queries(anna.client, "/t/acme/api/v1/people/", **headers))
    for name in ("nia", "noa", "nil"):
        cast("acme", name)
    assert len(page_queries(anna.client, "/t/acme/api/v1/people/", **headers)) == number

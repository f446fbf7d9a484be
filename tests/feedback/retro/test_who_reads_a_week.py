"""The person, and whom the person shows it; groups get counts (product.md §6.1, §9.2; security.md §2)."""

import pytest

from feedback import access, tasks
from feedback.actions import retro as actions
from feedback.models import Retro, RetroResponse
from feedback.retro import from_data
from perfsys.people.access import Relation, Viewer
from perfsys.people.actions import change_manager
from perfsys.people.visibility import MATRIX, Kind
from perfsys.tenancy.models import Tenant
from tests.conftest import assert_page_queries

from .conftest import FRIDAY, HOUR, MONDAY_NOON, hire, hold, retro_of

PAGE = "/t/acme/retro/"


def answered(person, by=None):
    with person.scope:
        return answer_all(retro_of(person), person.employee)


def answer_all(retro, person):
    for question in from_data(retro.questions):
        actions.answer(retro=retro, ask=question.ask, key="0", now=FRIDAY + HOUR)
    return Retro.objects.select_related("week").get(pk=retro.pk)


@pytest.fixture
def mine(opened, ada):
    return answered(ada)


def status(person, path):
    return person.client.get(f"{PAGE}{path}").status_code


def switch(person, retro, which):
    return person.client.post(f"{PAGE}{retro.public_id}/{which}/").status_code


def test_the_matrix_says_what_the_pages_do():
    row = {relation: "".join(sorted(MATRIX[Kind.WEEKLY_ANSWERS][relation])) for relation in Relation}
    assert row == {
        "self": "RW", "manager": "S", "chain": "", "hrbp": "G", "admin": "G", "compensation": "", "peer": "",
    }  # fmt: skip


def test_nobody_else_finds_it_before_it_is_shown(mine, marta, henk, anna):
    for person in (marta, henk, anna):
        assert status(person, f"{mine.public_id}/") == 404
        assert switch(person, mine, "share") == 404
    assert "Ada" not in marta.client.get(f"{PAGE}team/").content.decode()


def test_shown_by_choice_it_is_read_by_the_manager_and_nobody_else(mine, ada, marta, henk, anna):
    assert switch(ada, mine, "share") == 302
    assert status(marta, f"{mine.public_id}/") == 200
    assert "Ada" in marta.client.get(f"{PAGE}team/").content.decode()
    assert [status(person, f"{mine.public_id}/") for person in (henk, anna)] == [404, 404]
    assert switch(marta, mine, "unshare") == 403


def test_the_list_agrees_with_the_page(mine, opened, ada, marta):
    who = Viewer(marta.employee, marta.seat, FRIDAY.date())
    for which in ("share", "unshare"):
        switch(ada, mine, which)
        with opened.scope:
            listed = access.shared_retros(who).filter(pk=mine.pk).exists()
        assert listed is (status(marta, f"{mine.public_id}/") == 200) is (which == "share")


def test_it_is_taken_back_until_the_week_closes_and_stays_as_it_is_afterwards(mine, opened, ada, marta):
    switch(ada, mine, "share")
    assert switch(ada, mine, "unshare") == 302 and status(marta, f"{mine.public_id}/") == 404
    switch(ada, mine, "share")
    opened.clock.move_to(MONDAY_NOON, tick=False)
    for person in (ada, marta):
        person.client.force_login(person.account)
    assert switch(ada, mine, "unshare") == 409 and status(marta, f"{mine.public_id}/") == 200


def test_nothing_is_shown_before_it_is_answered(opened, ada):
    assert switch(ada, retro_of(ada), "share") == 409
    assert retro_of(ada).shared_with_manager_at is None


def test_a_second_press_shows_it_once(mine, opened, ada):
    switch(ada, mine, "share")
    before = retro_of(ada).version
    switch(ada, mine, "share")
    assert retro_of(ada).version == before


def test_a_new_manager_does_not_inherit_what_was_shown_and_the_old_one_loses_it(mine, opened, ada, marta):
    switch(ada, mine, "share")
    seat = marta.seat
    with opened.scope:
        wei, henk = opened.company.wei, opened.company.henk
        change_manager(employee=ada.employee, manager=wei, on=FRIDAY.date(), actor=None, now=FRIDAY)
        for manager in (marta.employee, wei, henk):
            who = Viewer(manager, seat, FRIDAY.date())
            assert not access.shared_retros(who).exists()


def test_who_has_no_manager_is_offered_no_switch(opened):
    with opened.scope:
        zoe = opened.company.zoe
        shown = answer_all(retro_of(zoe), zoe)
    assert shown.manager_id is None


def responses(person):
    answer = person.client.get(f"{PAGE}responses/")
    assert answer.status_code == 200
    return answer.content.decode()


def closed(world, *people):
    world.clock.move_to(MONDAY_NOON, tick=False)
    with world.scope:
        tasks.close_retro(payload={}, now=MONDAY_NOON)
    for person in people:
        person.client.force_login(person.account)


def test_a_partner_and_the_administrator_learn_how_many_answered_once_the_week_is_closed(world, ada, henk, anna):
    hire(world.company, world, 6)
    others = hire(world.company, world, 2, unit="生产中心")
    with world.scope:
        Tenant.objects.update(min_group_size=3)
    hold()
    with world.scope:
        for person in (world.company.ben, world.company.wei, world.company.ada, world.company.zoe, *others):
            answer_all(retro_of(person), person)
        assert not RetroResponse.objects.exists()
    closed(world, henk, anna)
    with world.scope:
        rows = {row.partner_id: (row.asked, row.answered) for row in RetroResponse.objects.all()}
    assert rows == {world.company.henk.pk: (16, 3), None: (22, 6)}
    assert ">16<" in responses(henk) and ">22<" not in responses(henk)
    assert ">22<" in responses(anna) and ">16<" not in responses(anna)


def test_a_count_that_leaves_one_or_two_answers_over_is_not_kept(world):
    """Taken from the company's, it would say that of the six others nobody answered."""
    hire(world.company, world, 2, unit="生产中心")
    with world.scope:
        Tenant.objects.update(min_group_size=3)
    hold()
    with world.scope:
        for person in (world.company.ben, world.company.wei, world.company.ada):
            answer_all(retro_of(person), person)
    closed(world)
    with world.scope:
        assert list(RetroResponse.objects.values_list("partner", "asked", "answered")) == [(None, 16, 3)]


def test_a_group_that_leaves_few_over_is_not_counted(opened, henk, anna):
    closed(opened, henk, anna)  # ten of Henk's; the four others would be told by the company's count
    with opened.scope:
        assert list(RetroResponse.objects.values_list("partner", "asked")) == [(None, 14)]


def test_one_or_two_who_answered_are_not_counted_out(opened, ada, anna):
    answered(ada)
    closed(opened, anna)
    assert ">1<" not in responses(anna)


def test_the_lists_ask_the_same_for_1_row_and_for_many(mine, opened, ada, marta, anna):
    switch(ada, mine, "share")
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 weeks counted, 1 weeks with their people
    assert_page_queries(marta.client, f"{PAGE}team/", 7)
    with opened.scope:
        for person in [opened.company.ben, *(opened.company.people[f"hired {n}"] for n in range(8, 14))]:
            actions.share(
                retro=answer_all(retro_of(person), person), manager=marta.employee, actor=person, now=FRIDAY + HOUR
            )
    assert_page_queries(marta.client, f"{PAGE}team/", 7)
    closed(opened, anna)
    # the five; 1 gaps count of the shell; 1 rows counted, 1 rows
    assert_page_queries(anna.client, f"{PAGE}responses/", 8)
    # the five; 1 own weeks, 1 shown ones, 1 team's mean
    marta.client.force_login(marta.account)
    assert_page_queries(marta.client, f"{PAGE}{mine.public_id}/", 8)

"""Planning an interview, and its pack (product.md §4.1)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction
from django.http import Http404

from perfsys.lexicon.models import Nature
from perfsys.notices.models import Notice
from perfsys.people.access import Viewer
from perfsys.people.models import Employee
from reviews import access, actions
from reviews.models import Interview, InterviewState, PrepPack
from reviews.pack import from_json
from reviews.queries.plans import worth_a_talk

from .conftest import NOW

EVE = NOW + timedelta(days=2, hours=1)  # within 24 hours of it


def opens(person: Any, interview: Interview) -> bool:
    seat = person.seat
    with person.scope:
        who = Viewer(person.employee, seat, NOW.date())
        listed = access.visible_interviews(who).filter(pk=interview.pk).exists()
        try:
            opened = access.interview_to_read(who, interview.public_id)[0] == interview
        except Http404:
            opened = False
    assert listed == opened, "list and detail agree"
    return opened


def hold(interview: Interview, ada: Any, marta: Any, give: Any) -> Interview:
    feedback = give(marta, ada)
    with marta.scope:
        for module in ("attainment", "success", "development"):
            actions.write_module(
                interview=interview,
                module=module,
                text="换砂轮 40 分钟，当班少停 3 小时。",
                facts=[actions.Fact(feedback=feedback)],
                version=None,
                actor=marta.employee,
                now=NOW,
            )
        actions.sign(interview=interview, actor=marta.employee, now=NOW)
        return actions.sign(interview=interview, actor=ada.employee, dissent="时间写错了", now=NOW)


def test_planned_twice_by_a_double_press_is_once_and_one_at_a_time(ada: Any, marta: Any, interview: Any) -> None:
    again: dict[str, Any] = {
        "employee": ada.employee,
        "manager": marta.employee,
        "at": NOW + timedelta(days=5),
        "minutes": 30,
        "place": "",
        "now": NOW,
    }
    with marta.scope:
        assert actions.plan_interview(key="first", **again) == interview
        with pytest.raises(actions.AlreadyPlanned):
            actions.plan_interview(key="second", **again)
        with pytest.raises(actions.InThePast):
            actions.plan_interview(key="third", **{**again, "at": NOW})
        assert Notice.objects.filter(to=ada.employee, kind="reviews.interview_ahead").count() == 1


def test_the_two_read_it_the_hr_partner_when_both_have_signed(
    ada: Any, bob: Any, marta: Any, henk: Any, anna: Any, give: Any, interview: Any
) -> None:
    people = (ada, marta, henk, bob, anna)
    assert [opens(person, interview) for person in people] == [True, True, False, False, False]
    held = hold(interview, ada, marta, give)
    assert (held.state, held.dissent) == (InterviewState.HELD, "时间写错了")
    assert [opens(person, interview) for person in people] == [True, True, True, False, False]


def test_a_manager_who_moved_on_reads_it_no_more_and_the_new_one_what_was_held(
    ada: Any, marta: Any, cast: Any, give: Any, interview: Any
) -> None:
    from perfsys.people.actions import change_manager
    from perfsys.people.standing import refresh_derived_roles

    nora = cast("acme", "nora")
    hold(interview, ada, marta, give)
    with marta.scope:
        change_manager(employee=ada.employee, manager=nora.employee, on=NOW.date(), actor=None, now=NOW)
        refresh_derived_roles(NOW.date())
    assert [opens(person, interview) for person in (marta, nora, ada)] == [False, True, True]


def test_nobody_signs_before_all_three_modules_are_written(ada: Any, marta: Any, interview: Any) -> None:
    with marta.scope, pytest.raises(actions.ModulesMissing) as missing:
        actions.sign(interview=interview, actor=marta.employee, now=NOW)
    assert [str(module) for module in missing.value.missing] == ["attainment", "success", "development"]


def test_what_was_signed_stays(ada: Any, marta: Any, give: Any, interview: Any) -> None:
    hold(interview, ada, marta, give)
    with marta.scope, pytest.raises(actions.InterviewClosed):
        actions.write_topics(interview=interview, topics="再谈谈", actor=ada.employee, now=NOW)


def test_a_pack_is_made_a_day_before_once_and_never_changes(ada: Any, marta: Any, interview: Any) -> None:
    with marta.scope:
        assert actions.make_due_packs(now=NOW) is False
        assert not PrepPack.objects.exists(), "three days before"
        for _ in range(3):
            actions.make_due_packs(now=EVE)
        pack = PrepPack.objects.get()
        assert pack.number == 1
        told = Notice.objects.filter(kind="reviews.pack_ready").values_list("to", flat=True)
        assert set(told) == {ada.employee.pk, marta.employee.pk}
        actions.make_pack(interview=interview, now=EVE, actor=marta.employee)
        assert [one.number for one in PrepPack.objects.order_by("number")] == [1, 2]
        with pytest.raises(ProgrammingError), transaction.atomic():
            PrepPack.objects.filter(pk=pack.pk).update(number=9)


def test_each_side_finds_what_it_may_read(ada: Any, bob: Any, marta: Any, give: Any, interview: Any) -> None:
    shared = give(bob, ada, nature=Nature.CONSTRUCTIVE)
    between_two = give(bob, ada, nature=Nature.CONSTRUCTIVE, visibility="receiver")
    with marta.scope:
        pack = actions.make_pack(interview=interview, now=EVE)
        manager, employee = from_json(pack.for_manager), from_json(pack.for_employee)
    assert [item.id for item in manager.items if item.kind == "feedback"] == [shared.pk]
    assert {item.id for item in employee.items if item.kind == "feedback"} == {shared.pk, between_two.pk}
    assert (manager.feedback_count, employee.feedback_count) == (1, 2)
    assert {word.word for word in employee.words} >= {"砂轮"}
    assert all(between_two.pk not in word.feedback_ids for word in manager.words)
    assert [(axis.positive, axis.constructive) for axis in manager.radar] == [(0, 1)]


def test_what_was_declined_has_a_reason_and_leaves_room_for_another(ada: Any, marta: Any, interview: Any) -> None:
    with marta.scope:
        actions.decline_interview(interview=interview, reason="下周出差", actor=ada.employee, now=NOW)
        assert Notice.objects.filter(to=marta.employee, kind="reviews.not_taking_place").count() == 1
        with pytest.raises(actions.InterviewClosed):
            actions.make_pack(interview=interview, now=NOW)


def write_all(interview: Interview, marta: Any, ada: Any, give: Any) -> None:
    feedback = give(marta, ada)
    for module in ("attainment", "success", "development"):
        actions.write_module(
            interview=interview,
            module=module,
            text="换砂轮 40 分钟，当班少停 3 小时。",
            facts=[actions.Fact(feedback=feedback)],
            version=None,
            actor=marta.employee,
            now=NOW,
        )


def test_a_talk_of_a_former_manager_does_not_stand_in_the_way_of_the_new_one(
    ada: Any, marta: Any, cast: Any, interview: Any
) -> None:
    from perfsys.people.actions import change_manager
    from perfsys.people.standing import refresh_derived_roles

    nora = cast("acme", "nora")
    seat = nora.seat
    with marta.scope:
        change_manager(employee=ada.employee, manager=nora.employee, on=NOW.date(), actor=None, now=NOW)
        refresh_derived_roles(NOW.date())
        Employee.objects.filter(pk=ada.employee.pk).update(hired_on=NOW.date() - timedelta(days=400))
        who = Viewer(nora.employee, seat, NOW.date())
        assert ada.employee in worth_a_talk(who, now=NOW)
        at = NOW + timedelta(days=5)
        planned = actions.plan_interview(
            employee=ada.employee, manager=nora.employee, at=at, minutes=30, place="", key="new", now=NOW
        )
        interview.refresh_from_db()
        assert (interview.state, planned.state) == (InterviewState.CANCELLED, InterviewState.PLANNED)
        assert Notice.objects.filter(to=marta.employee, kind="reviews.not_taking_place").exists()


def test_a_record_that_the_manager_has_signed_can_be_declined_with_a_reason(
    ada: Any, marta: Any, give: Any, interview: Any
) -> None:
    with marta.scope:
        write_all(interview, marta, ada, give)
        actions.sign(interview=interview, actor=marta.employee, now=NOW)
        actions.decline_interview(interview=interview, reason="时间写错了，改后再签", actor=ada.employee, now=NOW)
        interview.refresh_from_db()
        assert (interview.state, interview.reason) == (InterviewState.DECLINED, "时间写错了，改后再签")
        assert not Notice.objects.filter(kind="reviews.to_sign", state=Notice.State.OPEN).exists()


def test_what_the_manager_alone_has_signed_can_be_cancelled_what_the_employee_signed_cannot(
    ada: Any, marta: Any, give: Any, interview: Any
) -> None:
    with marta.scope:
        write_all(interview, marta, ada, give)
        actions.sign(interview=interview, actor=marta.employee, now=NOW)
        actions.cancel_interview(interview=interview, reason="", actor=marta.employee, now=NOW)
        again = actions.plan_interview(
            employee=ada.employee,
            manager=marta.employee,
            at=NOW + timedelta(days=5),
            minutes=30,
            place="",
            key="again",
            now=NOW,
        )
        write_all(again, marta, ada, give)
        actions.sign(interview=again, actor=ada.employee, now=NOW)
        for end in (actions.cancel_interview, actions.decline_interview):
            with pytest.raises(actions.InterviewClosed):
                end(interview=again, reason="x", actor=ada.employee, now=NOW)

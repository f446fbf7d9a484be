"""The switch that every automatic reminder carries (product.md, house rules)."""

from unittest.mock import ANY

from perfsys.audit.models import AuditEntry
from perfsys.notices.actions import confirm, confirm_subject, notify
from tests.notices.conftest import DAY, NOW, confirmations, notices, undone

STALE = {"goal": "欧洲样品测试支持", "days": 16}


def told_about_ada(ada, *others):
    with ada.scope:
        people = [person.employee for person in others]
        notify("tests.stale", to=people, about=ada.employee, subject=ada.employee, at=NOW, params=STALE)
        return notices()


def url(person, notice):
    return f"/t/{person.slug}/inbox/{notice.public_id}/confirm/"


def test_one_press_closes_it_for_everyone_who_was_told_the_same(ada, marta, henk):
    first, *_ = told_about_ada(ada, ada, marta, henk)
    with ada.scope:
        confirm(first, actor=ada.employee, note="the customer moved the trial", now=NOW + DAY)
        for notice in notices():
            assert (notice.state, notice.confirmed_by_name, notice.note) == (
                "confirmed",
                "Ada",
                "the customer moved the trial",
            )
            assert notice.confirmed_at == NOW + DAY


def test_it_is_recorded_with_who_and_about_whom(ada, marta):
    first, *_ = told_about_ada(ada, marta)
    with ada.scope:
        confirm(first, actor=marta.employee, now=NOW)
        entry = AuditEntry.objects.get(verb="notices.confirmed")
        assert (entry.actor_name, entry.about_name) == ("Marta", "Ada")


def test_the_app_it_came_from_hears_of_it_once(ada):
    first, *_ = told_about_ada(ada, ada)
    with ada.scope:
        for _ in range(2):
            confirm(first, actor=ada.employee, note="planned", now=NOW)
        assert confirmations == [{"subject_id": ada.employee.pk, "actor": ada.employee, "note": "planned", "now": NOW}]
        assert AuditEntry.objects.filter(verb="notices.confirmed").count() == 1


def test_a_second_press_by_somebody_else_does_not_replace_the_first(ada, marta):
    first, second = told_about_ada(ada, ada, marta)
    with ada.scope:
        confirm(first, actor=ada.employee, note="planned", now=NOW)
        confirm(second, actor=marta.employee, note="mine", now=NOW + DAY)
        assert {notice.confirmed_by_name for notice in notices()} == {"Ada"}


def test_reminders_of_other_subjects_stay_open(ada, marta):
    with ada.scope:
        for subject in (ada, marta):
            notify("tests.stale", to=ada.employee, subject=subject.employee, at=NOW, params=STALE)
        first, second = notices()
        confirm(first, actor=ada.employee, now=NOW)
        second.refresh_from_db()
        assert second.state == "open"


def test_a_reminder_about_no_thing_closes_alone(ada):
    with ada.scope:
        for _ in range(2):
            notify("tests.stale", to=ada.employee, at=NOW, params=STALE)
        first, second = notices()
        confirm(first, actor=ada.employee, now=NOW)
        second.refresh_from_db()
        assert second.state == "open"


def test_an_apps_own_page_closes_the_notices_without_being_called_back(ada, marta):
    told_about_ada(ada, ada, marta)
    with ada.scope:
        confirm_subject("tests.stale", ada.employee, actor=ada.employee, note="planned", now=NOW)
        assert {notice.state for notice in notices()} == {"confirmed"}
    assert confirmations == []


def test_the_person_it_is_about_presses_it_though_only_others_were_told(ada, marta):
    [notice] = told_about_ada(ada, marta)
    assert ada.client.post(url(ada, notice), {"note": "planned"}).status_code == 302
    with ada.scope:
        assert notices()[0].confirmed_by_name == "Ada"


def test_a_press_inside_the_page_swaps_the_reminder_alone(ada):
    [notice] = told_about_ada(ada, ada)
    page = ada.client.post(url(ada, notice), {"note": "planned"}, headers={"HX-Request": "true"})
    assert page.status_code == 200
    text = page.content.decode()
    assert f'id="alert-{notice.public_id}"' in text and "planned" in text
    assert "<html" not in text and 'role="switch"' not in text


def test_a_double_click_is_one_press(ada):
    [notice] = told_about_ada(ada, ada)
    answers = [ada.client.post(url(ada, notice), {"note": words}).status_code for words in ("first", "second")]
    assert answers == [302, 302]
    with ada.scope:
        assert notices()[0].note == "first"


def test_neither_a_colleague_nor_a_stranger_finds_it(ada, henk, otto):
    [notice] = told_about_ada(ada, ada)
    assert henk.client.post(url(henk, notice)).status_code == 404
    assert otto.client.post(url(otto, notice)).status_code == 404
    with ada.scope:
        assert notices()[0].state == "open"


def test_words_that_are_too_long_close_nothing(ada):
    [notice] = told_about_ada(ada, ada)
    ada.client.post(url(ada, notice), {"note": "字" * 501})
    with ada.scope:
        assert notices()[0].state == "open"


def undo_url(person, notice):
    return f"/t/{person.slug}/inbox/{notice.public_id}/undo/"


def test_whoever_answered_takes_it_back_for_everyone(ada, marta):
    first, _second = told_about_ada(ada, ada, marta)
    ada.client.post(url(ada, first), {"note": "planned"})
    assert ada.client.post(undo_url(ada, first)).status_code == 302
    with ada.scope:
        assert [(notice.state, notice.note, notice.confirmed_by) for notice in notices()] == [("open", "", None)] * 2
        assert AuditEntry.objects.filter(verb="notices.undone").count() == 1
    assert undone == [{"subject_id": ada.employee.pk, "actor": ada.employee, "now": ANY}]


def test_another_may_not_take_it_back_and_a_stranger_finds_nothing(ada, marta, otto):
    first, second = told_about_ada(ada, ada, marta)
    ada.client.post(url(ada, first))
    assert marta.client.post(undo_url(marta, second)).status_code == 403
    assert otto.client.post(undo_url(otto, first)).status_code == 404
    with ada.scope:
        assert {notice.state for notice in notices()} == {"confirmed"}


def test_it_stays_answered_where_the_app_says_it_is_too_late(ada, monkeypatch):
    [notice] = told_about_ada(ada, ada)
    ada.client.post(url(ada, notice))
    monkeypatch.setattr("tests.notices.conftest.remember_undone", lambda **_given: False)
    ada.client.post(undo_url(ada, notice))
    with ada.scope:
        assert notices()[0].state == "confirmed"


def test_the_card_of_an_answer_offers_to_take_it_back(ada):
    [notice] = told_about_ada(ada, ada)
    page = ada.client.post(url(ada, notice), headers={"HX-Request": "true"}).content.decode()
    assert undo_url(ada, notice) in page

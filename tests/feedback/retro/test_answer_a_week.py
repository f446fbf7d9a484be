"""Three taps, and the own week in figures (product.md §6.1)."""

from datetime import timedelta

import pytest

from feedback.actions import retro as actions
from feedback.models import Retro, RetroTeam
from feedback.retro import Ask, from_data
from perfsys.audit.models import AuditEntry
from perfsys.notices.models import Notice
from tests.conftest import assert_page_queries

from .conftest import DAY, FRIDAY, HOUR, MONDAY_NOON, hire, hold, retro_of

PAGE = "/t/acme/retro/"


def text(person, path=PAGE):
    answer = person.client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


def tap(person, ask, key="0", retro=None):
    retro = retro or retro_of(person)
    return person.client.post(f"{PAGE}{retro.public_id}/answer/", {"ask": ask, "key": key})


def tap_all(person):
    for question in from_data(retro_of(person).questions):
        assert tap(person, question.ask, "1").status_code == 302


def monday_afternoon(world, *people):
    world.clock.move_to(MONDAY_NOON + HOUR, tick=False)
    for person in people:
        person.client.force_login(person.account)


def test_one_question_stands_there_at_a_time_and_the_third_brings_the_report(opened, ada):
    for number, question in enumerate(from_data(retro_of(ada).questions), 1):
        shown = text(ada)
        assert f'value="{question.ask}"' in shown and shown.count('type="radio"') == len(question.options)
        assert f"{number}" in shown and 'id="figures"' not in shown
        tap(ada, question.ask, "1")
    shown = text(ada)
    assert 'id="figures"' in shown and 'type="radio"' not in shown
    assert "唇口磨损测试做完 6 组" in shown


def test_the_report_shows_own_figures_beside_the_teams(world, ada):
    hold(busy=True)
    tap_all(ada)
    shown = text(ada)
    assert "团队 2.0" in shown and "团队 约 50%" in shown and "不会说出其中任何一个人" not in shown
    assert 'id="suggestion"' in shown
    with world.scope:
        RetroTeam.objects.update(on_plan=70, check_ins=None)
    shown = text(ada)
    assert "团队 70% 或以上" in shown and "团队 2.0" not in shown and "不会说出其中任何一个人" in shown


def test_without_enough_others_the_report_says_why_there_is_no_mean(opened, ada):
    with opened.scope:
        RetroTeam.objects.all().delete()
    tap_all(ada)
    assert "团队 " not in text(ada) and "至少另有 5 人" in text(ada)


def test_a_mean_is_hidden_when_the_company_asks_for_larger_groups_later(world, ada):
    hold(busy=True)
    tap_all(ada)
    with world.scope:
        RetroTeam.objects.update(members=5)
    assert "团队 " not in text(ada)


def test_the_first_answer_of_the_third_question_closes_the_reminder_and_the_record_tells_no_administrator(opened, ada):
    tap_all(ada)
    tap_all(ada)
    with opened.scope:
        notice = Notice.objects.get(kind="feedback.retro_open", to=ada.employee)
        assert notice.state == Notice.State.DONE
        assert AuditEntry.objects.filter(actor_id=ada.employee.pk, verb__startswith="feedback").count() == 0
    assert retro_of(ada).version == 4  # three taps


def test_an_answer_can_be_changed_while_the_week_is_open(opened, ada):
    tap_all(ada)
    assert 'type="radio"' in text(ada, f"{PAGE}?q=2")
    tap(ada, Ask.SLOWED, "0")
    found = retro_of(ada)
    assert found.answers[Ask.SLOWED] == "0" and found.answered_at == FRIDAY
    assert 'id="figures"' in text(ada)


@pytest.mark.parametrize("sent", [{"ask": "slowed"}, {"ask": "slowed", "key": "9"}, {"ask": "mood", "key": "1"}, {}])
def test_what_is_no_option_is_refused_and_asks_again(opened, ada, sent):
    answer = ada.client.post(f"{PAGE}{retro_of(ada).public_id}/answer/", sent)
    assert answer.status_code == 422 and 'type="radio"' in answer.content.decode()
    assert retro_of(ada).answers == {}


def test_a_week_can_be_skipped_and_taken_up_after_all(opened, ada):
    assert ada.client.post(f"{PAGE}{retro_of(ada).public_id}/skip/").status_code == 302
    assert 'type="radio"' not in text(ada) and "?q=1" in text(ada)
    assert 'name="key"' not in text(ada, "/t/acme/week/")
    tap(ada, Ask.CLOSEST)
    assert retro_of(ada).skipped_at is None and retro_of(ada).answers == {Ask.CLOSEST: "0"}


def test_an_answer_after_monday_noon_is_refused_kindly_and_nothing_is_lost(opened, ada):
    tap(ada, Ask.CLOSEST, "1")
    monday_afternoon(opened, ada)
    answer = tap(ada, Ask.SLOWED, "1")
    assert answer.status_code == 409
    assert "跨系统数据不通" in answer.content.decode()  # what was chosen
    found = retro_of(ada)
    assert found.answers == {Ask.CLOSEST: "1"} and found.answered_at is None
    assert ada.client.post(f"{PAGE}{found.public_id}/skip/").status_code == 409
    assert 'type="radio"' not in text(ada)


def test_the_last_moment_before_noon_still_counts(opened, ada):
    with opened.scope:
        first = from_data(retro_of(ada).questions)[0]
        about = {"retro": retro_of(ada), "ask": first.ask, "key": "0"}
        actions.answer(**about, now=MONDAY_NOON - timedelta(seconds=1))
        with pytest.raises(actions.TooLate):
            actions.answer(**about | {"key": "1"}, now=MONDAY_NOON)


def test_my_week_asks_while_it_is_open_and_shows_the_rhythm_once_answered(opened, ada):
    shown = text(ada, "/t/acme/week/")
    assert 'name="key"' in shown and "/skip/" in shown
    aside = shown[shown.index('id="waiting"') :]
    assert "/t/acme/inbox/" not in aside[: aside.index("</section>")]  # the reminder does not stand there a second time
    tap_all(ada)
    shown = text(ada, "/t/acme/week/")
    assert 'name="key"' not in shown and 'class="stack sm rhythm"' in shown
    monday_afternoon(opened, ada)
    assert 'class="stack sm rhythm"' not in text(ada, "/t/acme/week/")


def test_before_the_first_friday_the_page_says_when_it_comes(world, ada):
    assert "15:00" in text(ada) and "15:00" in text(ada, f"{PAGE}weeks/")


def test_the_history_lists_every_week_with_what_became_of_it(opened, ada):
    tap_all(ada)
    opened.clock.move_to(FRIDAY + 7 * DAY, tick=False)
    ada.client.force_login(ada.account)
    hold(due=FRIDAY + 7 * DAY, now=FRIDAY + 7 * DAY)
    shown = text(ada, f"{PAGE}weeks/")
    assert shown.count('scope="row"') == 2
    with opened.scope:
        earlier, later = Retro.objects.filter(person=ada.employee).order_by("week")
    assert f"/retro/{earlier.public_id}/" in shown and f"/retro/{later.public_id}/" not in shown
    assert "唇口磨损测试做完 6 组" in text(ada, f"{PAGE}{earlier.public_id}/")


def test_the_pages_ask_the_same_for_few_weeks_and_for_many(opened, ada):
    tap_all(ada)
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 week of mine, 1 team's mean, 1 weeks that
    # were not held, 1 manager
    assert_page_queries(ada.client, PAGE, 9)
    # the five; 1 weeks counted, 1 weeks, 1 weeks that were not held
    assert_page_queries(ada.client, f"{PAGE}weeks/", 8)
    for number in range(1, 6):
        at = FRIDAY + number * 7 * DAY
        hold(due=at, now=at)
    opened.clock.move_to(FRIDAY + 35 * DAY, tick=False)
    ada.client.force_login(ada.account)
    hire(opened.company, opened, 20)
    tap_all(ada)
    assert_page_queries(ada.client, PAGE, 9)
    assert_page_queries(ada.client, f"{PAGE}weeks/", 8)

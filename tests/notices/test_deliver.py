"""How notices leave the app, against a real mail server: once, three reminders a week, the rest in one digest."""

from collections import Counter
from datetime import timedelta
from unittest.mock import patch

import pytest

from perfsys.jobs import worker
from perfsys.jobs.actions import enqueue
from perfsys.jobs.models import Heartbeat, Job, OutgoingMail
from perfsys.notices import delivering
from perfsys.notices.actions import change_preferences, notify, notify_digestable
from perfsys.notices.delivering import HIDDEN_FOR
from perfsys.notices.models import Delivery, Notice
from perfsys.notices.tasks import digest, tell_about_a_dead_job
from perfsys.people.models import Preferences
from tests.jobs.three_times import repeat, run_three_times
from tests.notices.conftest import DAY, NOW, failed_jobs, notices

STALE = {"goal": "欧洲样品测试支持", "days": 16}


def remind(ada, *people, at=NOW, count=1):
    with ada.scope:
        for _ in range(count):
            notify(
                "tests.stale",
                to=[p.employee for p in people],
                about=ada.employee,
                at=at,
                params=STALE,
                url="/t/acme/goals/7/",
            )


def mail_states(ada):
    with ada.scope:
        assert failed_jobs() == []
        return Counter(notice.mail for notice in notices())


def test_a_notice_is_mailed_with_a_link_and_without_what_it_says(ada, mailbox, work_through):
    remind(ada, ada)
    work_through()
    [message] = mailbox.messages
    text = message.get_content()
    assert message["To"] == ada.employee.email
    assert "A goal has had no sign of life for a while" in text
    assert "https://perf.example/t/acme/goals/7/" in text
    assert "欧洲样品测试支持" not in text and "欧洲样品测试支持" not in message["Subject"]
    assert mail_states(ada) == {"mailed": 1}
    with ada.scope:
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.sent_at, delivery.attempts) == ("sent", NOW, 1)
        assert str(delivery.public_id) in message["Message-ID"]


def test_a_kind_for_the_app_alone_is_not_mailed(ada, mailbox, work_through):
    with ada.scope:
        notify("tests.quiet", to=ada.employee, at=NOW, params={"name": "Marta"})
        assert not Job.objects.filter(kind="notices.deliver").exists()
    work_through()
    assert mailbox.messages == []


def test_delivering_three_times_is_delivering_once(ada, marta, mailbox):
    remind(ada, ada, marta)

    def deliver():
        with ada.scope:
            Job.objects.filter(kind="notices.deliver").update(state="ready", finished_at=None, attempts=0)
        worker.run(worker.claim(now=NOW), now=NOW)

    repeat(deliver, ignoring=("jobs.Job.fence",))
    assert len(mailbox.messages) == 2


def test_the_fourth_reminder_of_a_week_waits_for_the_digest(ada, mailbox, work_through):
    for day in range(4):
        remind(ada, ada, at=NOW + day * DAY)
        work_through(NOW + day * DAY)
    assert len(mailbox.messages) == 3
    assert mail_states(ada) == {"mailed": 3, "digest": 1}


def test_a_week_later_there_is_room_again(ada, mailbox, work_through):
    for days in (0, 0, 0, 7):
        at = NOW + days * DAY + timedelta(minutes=days)
        remind(ada, ada, at=at)
        work_through(at)
    assert len(mailbox.messages) == 4


def test_several_at_once_are_counted_too(ada, marta, mailbox, work_through):
    remind(ada, ada, marta, count=5)
    work_through()
    assert Counter(message["To"] for message in mailbox.messages) == {ada.employee.email: 3, marta.employee.email: 3}
    assert mail_states(ada) == {"mailed": 6, "digest": 4}


def test_what_was_asked_for_is_not_counted(ada, mailbox, work_through):
    remind(ada, ada, count=3)
    with ada.scope:
        for topic in ("a", "b"):
            notify("tests.request", to=ada.employee, at=NOW, params={"topic": topic})
    work_through()
    assert len(mailbox.messages) == 5


def test_alerts_of_a_day_are_one_message_and_later_ones_wait_for_the_digest(ada, mailbox, work_through):
    for _ in range(2):
        with ada.scope:
            for n in range(4):
                notify_digestable(
                    "tests.stale", to=ada.employee, on=NOW.date(), at=NOW, params=STALE, url=f"/t/acme/goals/{n}/"
                )
        work_through()
    [message] = mailbox.messages
    assert message.get_content().count("https://perf.example/t/acme/goals/") == 4
    assert mail_states(ada) == {"mailed": 4, "digest": 4}


def test_the_digest_is_one_message_of_what_still_waits(ada, mailbox, work_through):
    remind(ada, ada, count=6)
    work_through()
    mailbox.messages.clear()
    with ada.scope:
        waiting = notices(mail="digest")
        Notice.objects.filter(pk=waiting[0].pk).update(state="done")
        enqueue("notices.digest", "today")
    work_through(NOW + DAY)
    [message] = mailbox.messages
    assert "2" in message["Subject"]
    assert mail_states(ada) == {"mailed": 5, "none": 1}


def test_the_digest_three_times_is_the_digest_once(ada, mailbox, work_through):
    remind(ada, ada, count=5)
    work_through()
    run_three_times(digest, payload={}, now=NOW + DAY, ignoring=("jobs.Job.key",))
    work_through(NOW + DAY)
    assert len(mailbox.messages) == 4


def test_a_second_digest_of_the_day_is_left_for_tomorrow(ada, mailbox, work_through):
    for hours in (1, 2):
        remind(ada, ada, count=4, at=NOW)
        work_through()
        with ada.scope:
            digest(payload={}, now=NOW + timedelta(hours=hours))
        work_through(NOW + timedelta(hours=hours))
    assert len(mailbox.messages) == 4
    with ada.scope:
        digest(payload={}, now=NOW + DAY)
    work_through(NOW + DAY)
    assert len(mailbox.messages) == 5


def test_digests_of_many_people_are_made_in_chunks(
    transactional_db, ada, marta, henk, mailbox, work_through, monkeypatch
):
    monkeypatch.setattr(delivering, "DECIDED_AT_ONCE", 2)
    remind(ada, ada, marta, henk, count=4)
    work_through()
    mailbox.messages.clear()
    with ada.scope:
        enqueue("notices.digest", "today")
    work_through(NOW + DAY)
    assert len(mailbox.messages) == 3


@pytest.mark.parametrize("without", ["mail", "address", "employment"])
def test_who_cannot_or_will_not_be_mailed_finds_it_in_the_app_alone(ada, mailbox, work_through, without):
    with ada.scope:
        if without == "mail":
            change_preferences(ada.employee, by_mail=False, digest=True, now=NOW)
        elif without == "address":
            type(ada.employee).objects.filter(pk=ada.employee.pk).update(email="")
        else:
            type(ada.employee).objects.filter(pk=ada.employee.pk).update(status="left")
    remind(ada, ada)
    work_through()
    assert mailbox.messages == []
    assert mail_states(ada) == {"none": 1}


def test_who_wants_no_digest_gets_none(ada, mailbox, work_through):
    with ada.scope:
        change_preferences(ada.employee, by_mail=True, digest=False, now=NOW)
    remind(ada, ada, count=5)
    work_through()
    with ada.scope:
        digest(payload={}, now=NOW + DAY)
    work_through(NOW + DAY)
    assert len(mailbox.messages) == 3
    assert mail_states(ada) == {"mailed": 3, "none": 2}


def test_the_message_is_in_the_readers_language(ada, marta, mailbox, work_through):
    with ada.scope:
        Preferences.objects.create(membership=ada.membership, locale="en")
    remind(ada, ada, marta)
    work_through()
    english = next(m for m in mailbox.messages if m["To"] == ada.employee.email)
    assert english.get_content().startswith("Hello Ada,")
    assert "1 thing for you to look at" in english["Subject"]


def test_a_server_that_is_away_is_tried_again_and_nothing_is_lost_or_doubled(ada, mailbox, work_through, settings):
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    remind(ada, ada)
    work_through()
    with ada.scope:
        delivery = Delivery.objects.get()
        assert (delivery.state, delivery.attempts, delivery.last_error) == ("waiting", 1, "ConnectionRefusedError")
        waits = set(Job.objects.filter(kind="notices.deliver", state="ready").values_list("run_after", flat=True))
        assert waits == {NOW + timedelta(minutes=HIDDEN_FOR[0])}
    settings.EMAIL_PORT = port
    work_through(NOW + timedelta(minutes=HIDDEN_FOR[0]))
    assert len(mailbox.messages) == 1
    assert mail_states(ada) == {"mailed": 1}


def test_an_address_that_is_refused_five_times_is_given_up(ada, marta, mailbox, work_through):
    mailbox.refuses.add(ada.employee.email)
    remind(ada, ada, marta)
    now = NOW
    for _ in range(7):
        work_through(now)
        now += timedelta(minutes=120)
    with ada.scope:
        states = dict(Delivery.objects.values_list("to__name", "state"))
        assert states == {"Ada": "dead", "Marta": "sent"}
        assert not Job.objects.exclude(state="done").exists()
    assert len(mailbox.messages) == 1


def test_a_worker_that_dies_after_sending_sends_again_under_the_same_id(ada, mailbox, work_through):
    remind(ada, ada)
    with patch.object(delivering, "settle_delivery", side_effect=OSError):
        worker.run(worker.claim(now=NOW), now=NOW)
    work_through(NOW + timedelta(minutes=10))
    first, second = mailbox.messages
    assert first["Message-ID"] == second["Message-ID"]


def test_no_address_reaches_a_log(ada, mailbox, work_through, caplog):
    mailbox.refuses.add(ada.employee.email)
    remind(ada, ada)
    work_through()
    ours = " ".join(record.getMessage() for record in caplog.records if record.name != "mail.log")
    assert "a notice was not mailed" in ours
    assert ada.employee.email not in ours


def test_five_hundred_are_decided_in_a_few_queries(ada, mailbox, django_assert_max_num_queries):
    with ada.scope:
        for n in range(50):
            notify("tests.stale", to=ada.employee, at=NOW, params={"goal": str(n), "days": 1})
        with django_assert_max_num_queries(12):
            delivering.decide(now=NOW)


def test_a_dead_job_is_told_to_the_administrators_and_the_operators_once(ada, anna, settings):
    settings.PERFSYS_OPERATORS = ["ops@example.org"]
    with ada.scope:
        enqueue("audit.seal", "x")
        Job.objects.update(state="dead")
        dead = Job.objects.get()
        run_three_times(
            tell_about_a_dead_job,
            payload={"job_id": dead.pk},
            now=NOW,
            ignoring=("jobs.Job.key", "notices.Notice.public_id"),
        )
        [notice] = notices()
        assert (notice.to_id, notice.params) == (anna.employee.pk, {"kind": "audit.seal"})
    mail = OutgoingMail.objects.get()
    assert (mail.to, "/ops/jobs/" in mail.body) == ("ops@example.org", True)
    assert Heartbeat.objects.get(name="operators").at == NOW
    with ada.scope:
        tell_about_a_dead_job(payload={"job_id": dead.pk + 99}, now=NOW + DAY)
    assert OutgoingMail.objects.count() == 1


def test_the_mail_of_one_company_is_not_sent_from_another(ada, otto, mailbox, work_through):
    remind(ada, ada)
    with otto.scope:
        notify("tests.news", to=otto.employee, at=NOW, params={"name": "x"})
    work_through()
    assert {message["To"] for message in mailbox.messages} == {ada.employee.email, otto.employee.email}
    links = {m["To"]: m.get_content() for m in mailbox.messages}
    assert "/t/globex/" in links[otto.employee.email] and "/t/globex/" not in links[ada.employee.email]

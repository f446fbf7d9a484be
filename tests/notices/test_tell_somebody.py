import pytest
from django.utils import translation

from perfsys.jobs.models import Job
from perfsys.notices.actions import Telling, notify, notify_all, notify_digestable, settle
from perfsys.notices.kinds import UndeclaredKind, notice_kind
from perfsys.notices.models import Notice
from perfsys.notices.queries import count_open, open_items, told
from perfsys.people.models import Employee
from tests.notices.conftest import DAY, NOW, notices

STALE = {"goal": "欧洲样品测试支持", "days": 16}


def test_a_notice_is_kept_as_kind_and_words_and_read_as_a_sentence(ada, marta):
    with ada.scope:
        notify(
            "tests.stale", to=ada.employee, about=ada.employee, subject=marta.employee, at=NOW, params=STALE, url="/x/"
        )
        [notice] = notices()
        assert notice.sentence == "“欧洲样品测试支持” has had no sign of life for 16 days"
        assert notice.why == "because nothing was written for 16 days"
        assert (notice.subject_type, notice.subject_id, notice.url) == ("people.employee", marta.employee.pk, "/x/")
        assert (notice.state, notice.is_reminder, notice.asks, notice.at) == ("open", True, False, NOW)


def test_each_reader_gets_it_in_the_own_language(ada):
    from perfsys.notices import events

    with ada.scope:
        notify(events.JOB_DIED, to=ada.employee, at=NOW, params={"kind": "audit.seal"})
        [notice] = notices()
        with translation.override("en"):
            assert notice.sentence.startswith("“audit.seal” could not be done")


def test_days_and_periods_are_written_as_the_reader_writes_days():
    told = Notice(kind="tests.news", params={"name": "2026-10-08/2027-01-07"})
    with translation.override("zh-hans"):
        assert "2026 年 10 月 8 日 – 2027 年 1 月 7 日" in told.sentence
        drafts = Notice(kind="goals.drafts_to_complete", params={"name": "胡军", "period": "2026-10-08/2027-01-07"})
        assert drafts.sentence.startswith("胡军为你起草了 2026 年 10 月 8 日 – 2027 年 1 月 7 日的目标。")
        drafts.params = {"name": "Marta", "period": "2026Q4"}
        assert drafts.sentence.startswith("Marta 为你起草了 2026Q4 的目标。")


def test_many_are_told_in_one_statement_and_with_one_job(ada, marta, henk, django_assert_num_queries):
    with ada.scope:
        with django_assert_num_queries(4):  # the notices, the job, and the savepoint of each
            notify("tests.news", to=[ada.employee, marta.employee, henk.employee], at=NOW, params={"name": "2041Q1"})
        assert len(notices()) == 3
        assert Job.objects.filter(kind="notices.deliver").count() == 1


def test_telling_nobody_is_nothing(ada):
    with ada.scope:
        notify("tests.news", to=[], at=NOW, params={"name": "2041Q1"})
        assert (notices(), Job.objects.filter(kind="notices.deliver").count()) == ([], 0)


def test_the_same_key_is_told_once(ada, marta):
    with ada.scope:
        for _ in range(3):
            notify("tests.news", to=[ada.employee, marta.employee], at=NOW, params={"name": "2041Q1"}, key="2041Q1")
        assert len(notices()) == 2


def test_without_a_key_it_is_told_each_time(ada):
    with ada.scope:
        for _ in range(2):
            notify("tests.news", to=ada.employee, at=NOW, params={"name": "2041Q1"})
        assert len(notices()) == 2


def test_a_kind_nobody_declared_is_refused(ada):
    with ada.scope, pytest.raises(UndeclaredKind):
        notify("tests.invented", to=ada.employee, at=NOW)


def test_a_kind_has_one_meaning():
    with pytest.raises(ValueError, match="declared twice"):
        notice_kind("tests.news", "something else", outside="y")


def test_what_comes_in_numbers_is_one_bundle_a_person_and_day(ada):
    with ada.scope:
        for day in (0, 0, 1):
            notify_digestable("tests.stale", to=ada.employee, on=(NOW + day * DAY).date(), at=NOW, params=STALE)
        assert [notice.bundle for notice in notices()] == ["tests:2041-03-04", "tests:2041-03-04", "tests:2041-03-05"]


def test_the_bell_counts_what_waits_with_one_query(ada, marta, django_assert_num_queries):
    with ada.scope:
        notify("tests.stale", to=[ada.employee, marta.employee], about=ada.employee, at=NOW, params=STALE)
        notify("tests.request", to=ada.employee, at=NOW, params={"topic": "the review"})
        notify("tests.news", to=ada.employee, at=NOW, params={"name": "2041Q1"})
        with django_assert_num_queries(1):
            assert count_open(ada.employee) == 2
        assert count_open(marta.employee) == 1


def test_open_items_are_what_waits_and_what_is_told_is_the_rest(ada, django_assert_num_queries):
    with ada.scope:
        notify("tests.stale", to=ada.employee, at=NOW, params=STALE)
        notify("tests.request", to=ada.employee, at=NOW, params={"topic": "the review"})
        notify("tests.news", to=ada.employee, at=NOW, params={"name": "2041Q1"})
        with django_assert_num_queries(1):
            waiting = open_items(ada.employee)
        assert [notice.kind for notice in waiting.reminders] == ["tests.stale"]
        assert [notice.kind for notice in waiting.owed] == ["tests.request"]
        assert [notice.kind for notice in told(ada.employee)] == ["tests.news"]


def test_what_others_were_told_about_a_person_waits_for_that_person_too(ada, marta, henk):
    with ada.scope:
        notify(
            "tests.stale",
            to=[marta.employee, henk.employee],
            about=ada.employee,
            subject=ada.employee,
            at=NOW,
            params=STALE,
        )
        [reminder] = open_items(ada.employee).reminders
        assert reminder.about_id == ada.employee.pk
        assert count_open(ada.employee) == 0
        assert open_items(marta.employee).reminders[0].to_id == marta.employee.pk


def test_a_reminder_told_to_several_stands_once_and_in_the_own_copy(ada, marta):
    with ada.scope:
        notify(
            "tests.stale",
            to=[marta.employee, ada.employee],
            about=ada.employee,
            subject=ada.employee,
            at=NOW,
            params=STALE,
        )
        assert [notice.to_id for notice in open_items(ada.employee).reminders] == [ada.employee.pk]


def test_changed_facts_close_what_was_told(ada, marta):
    with ada.scope:
        notify("tests.stale", to=[ada.employee, marta.employee], subject=ada.employee, at=NOW, params=STALE)
        assert settle("tests.stale", [ada.employee.pk]) == 2
        assert settle("tests.stale", [ada.employee.pk]) == 0
        assert {notice.state for notice in notices()} == {Notice.State.DONE}
        assert count_open(ada.employee) == 0


def test_another_company_is_told_nothing(ada, otto):
    with ada.scope:
        notify("tests.stale", to=ada.employee, at=NOW, params=STALE)
    with otto.scope:
        assert notices() == []


def test_many_things_to_many_people_are_told_in_one_statement(ada, marta, django_assert_num_queries):
    told = [
        Telling(to_id=person.employee.pk, about_id=ada.employee.pk, subject_id=n, params=STALE, key=str(n))
        for person in (ada, marta)
        for n in range(30)
    ]
    with ada.scope, django_assert_num_queries(4):  # 1 savepoint, 1 insert, 1 job, 1 release
        notify_all("tests.stale", told, of=Employee, on=NOW.date(), at=NOW)
    with ada.scope:
        notify_all("tests.stale", told, of=Employee, on=NOW.date(), at=NOW)
        assert len(notices()) == 60
        assert {(notice.bundle, notice.subject_type) for notice in notices()} == {
            ("tests:2041-03-04", "people.employee")
        }

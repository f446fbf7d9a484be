from perfsys.notices.actions import notify, settle
from perfsys.notices.models import Notice, NoticePreferences
from tests.notices.conftest import NOW, notices

INBOX = "/t/acme/inbox/"
STALE = {"goal": "欧洲样品测试支持", "days": 16}


def fill(ada, marta, count):
    with ada.scope:
        for n in range(count):
            notify("tests.stale", to=ada.employee, at=NOW, params={"goal": f"目标 {n}", "days": 16}, url=f"/goal/{n}/")
            notify("tests.request", to=ada.employee, about=marta.employee, at=NOW, params={"topic": f"topic {n}"})
            notify("tests.news", to=ada.employee, at=NOW, params={"name": f"Q{n}"})


def test_an_empty_inbox_says_so(ada):
    assert ada.client.get(INBOX).status_code == 200


def test_it_shows_what_waits_and_what_was_told(ada, marta):
    fill(ada, marta, 1)
    page = ada.client.get(INBOX)
    text = page.content.decode()
    assert "“目标 0” has had no sign of life for 16 days" in text
    assert "Marta asks for your view on topic 0" in text
    assert "The period Q0 has begun" in text
    assert text.count('role="switch"') == 1
    assert 'href="/goal/0/"' in text


def test_what_was_answered_moves_to_what_was_told_with_the_answer(ada):
    with ada.scope:
        notify("tests.stale", to=ada.employee, at=NOW, params=STALE)
        [notice] = notices()
    ada.client.post(f"{INBOX}{notice.public_id}/confirm/", {"note": "planned"})
    text = ada.client.get(INBOX).content.decode()
    assert 'role="switch"' not in text
    assert "planned" in text


def test_nobody_sees_what_another_was_told(ada, marta):
    fill(ada, marta, 1)
    assert "目标 0" not in marta.client.get(INBOX).content.decode()


def test_opening_the_inbox_changes_nothing(ada, marta):
    fill(ada, marta, 1)
    ada.client.get(INBOX)
    with ada.scope:
        assert Notice.objects.filter(read_at=None).count() == 3


def test_all_read_is_a_press_and_leaves_open_what_is_open(ada, marta, time_machine):
    time_machine.move_to(NOW)
    fill(ada, marta, 1)
    ada.client.force_login(ada.account)
    assert ada.client.post(f"{INBOX}read/").status_code == 302
    with ada.scope:
        assert Notice.objects.filter(read_at=None).count() == 0
        assert Notice.objects.filter(state="open").count() == 3


def test_the_page_asks_the_same_number_of_queries_for_1_and_30_of_each(ada, marta):
    # 1 session, 1 account, 1 scope, 1 person, 1 what waits, 1 how many told, 1 page of them (none told yet: 0)
    fill(ada, marta, 1)
    few = ada.client.get(INBOX)
    assert few.status_code == 200
    counts = []
    for more in (0, 29):
        fill(ada, marta, more)
        counts.append(queries_of(ada))
    assert counts[0] == counts[1] <= 8


def queries_of(ada):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as asked:
        assert ada.client.get(INBOX).status_code == 200
    return len(asked) - 3  # the harness's own, see tests/conftest.py


def test_one_chooses_how_to_be_told(ada):
    url = f"{INBOX}preferences/"
    assert "checked" in ada.client.get(url).content.decode()
    assert ada.client.post(url, {"digest": "on"}).status_code == 302
    with ada.scope:
        wanted = NoticePreferences.objects.get()
        assert (wanted.employee_id, wanted.by_mail, wanted.digest) == (ada.employee.pk, False, True)
    ada.client.post(url, {"by_mail": "on"})
    with ada.scope:
        wanted = NoticePreferences.objects.get()
        assert (wanted.by_mail, wanted.digest) == (True, False)


def test_what_was_asked_and_is_done_is_not_called_new(ada):
    """Else a signature that was given, or a reminder that was taken back, reads as if it still waited."""
    with ada.scope:
        notify("tests.stale", to=ada.employee, subject=ada.employee, at=NOW, params=STALE)
        settle("tests.stale", [ada.employee.pk])
        notify("tests.news", to=ada.employee, at=NOW, params={"name": "Q1"})
    told = ada.client.get(INBOX).content.decode()
    assert told.count(">已了结<") == 1 and told.count(">新<") == 1

"""Gripe day: suggestions with and without a name, votes, answers, the days (product.md §6.4)."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import structlog
import time_machine
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from structlog.testing import LogCapture

from feedback import tasks
from feedback.actions import gripe_days, gripes
from feedback.gripes import Days, earliest_end, usual_days, words_of
from feedback.models import Gripe, GripeDay, GripeSettings, GripeState, GripeVote, GripeWaiting
from feedback.views import gripes as gripe_views
from perfsys.audit.models import AuditEntry
from perfsys.jobs.workdays import WorkCalendar
from perfsys.notices.models import Notice
from perfsys.people.actions import StaleVersion
from perfsys.people.models import Employee
from perfsys.tenancy.models import Tenant, TenantModel
from tests.conftest import page_queries
from tests.jobs.three_times import contents, run_three_times

NOW = datetime(2026, 12, 8, 2, tzinfo=UTC)  # Tuesday, ten in the morning for them
ON = date(2026, 12, 8)
DAY = timedelta(days=1)
LIST = "/t/acme/voice-day/"
CALENDAR = WorkCalendar(2026, 2027, {date(2026, 10, 5): False, date(2026, 10, 6): False})
SAID = {"area": "goals", "title": "少一张表", "text": "同一个数填三遍，合成一张。"}


@pytest.fixture
def clock() -> Any:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def day(clock: Any, ada: Any, bob: Any, henk: Any, anna: Any) -> GripeDay:
    """Open from Monday to Sunday; a name may be left out among these five."""
    with ada.scope:
        Tenant.objects.update(min_group_size=3)
        made: GripeDay = GripeDay.objects.create(quarter_on="2026-10-01", starts_on=ON - DAY, ends_on=ON + 6 * DAY)
        made.refresh_from_db()
    return made


def suggest(person: Any, name: str = "named", **more: Any) -> Any:
    return person.client.post(f"{LIST}new/", {**SAID, "key": f"{person.name} {name} {more}", "name": name, **more})


def only(person: Any, **which: Any) -> Gripe:
    with person.scope:
        return Gripe.objects.select_related("day", "joined_with").get(**which)


def made(day: GripeDay, title: str = "少一张表", **more: Any) -> Gripe:
    return Gripe.objects.create(day=day, area="goals", title=title, text="同一个数填三遍。", **more)


def text_of(person: Any, url: str) -> str:
    response = person.client.get(url)
    assert response.status_code == 200
    return response.content.decode()


# --- who it was stays unknown -----------------------------------------------------------------------------------------


def whole_state() -> dict[str, list[str]]:
    """All that is stored of acme, with what is random by itself (ids, the order of rows) made alike."""
    uuid = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b\d{15,}\b")
    stored = contents(ignoring=("audit.AuditEntry.id", "audit.AuditEntry.written_at"))  # sequences are not rolled back
    stored["sessions"] = [f"{row}" for row in Session.objects.order_by("pk").values_list()]
    return {table: sorted(uuid.sub("*", row) for row in rows) for table, rows in stored.items()}


def stored_when_said_by(authors: list[Any], then: Callable[[], None] | None = None) -> dict[str, list[str]]:
    with transaction.atomic():
        for number, author in enumerate(authors):
            assert suggest(author, "unnamed", key=f"form {number}", title=f"建议 {number}").status_code == 302
        if then:
            then()
        found = whole_state()
        transaction.set_rollback(True)
    return found


def test_whoever_says_it_without_a_name_the_database_is_the_same(day: GripeDay, ada: Any, bob: Any, henk: Any) -> None:
    """By brute force: every row of every table, while they wait and on the list, whoever wrote which."""

    def afterwards() -> None:
        with ada.scope:
            gripe_days.turn_the_day(now=NOW + 6 * DAY)

    afterwards()  # nothing yet: the next quarter gets its days
    for people in (ada, bob, henk):  # they look at the form and sign in beforehand, all of them
        assert people.client.get(f"{LIST}new/").status_code == 200
    for then in (None, afterwards):
        states = [
            stored_when_said_by(authors, then) for authors in ([ada, ada, bob], [bob, henk, henk], [henk, ada, henk])
        ]
        assert states[0] == states[1] == states[2]
    assert len(states[0]["feedback.Gripe"]) == 3


def test_neither_the_log_nor_the_count_of_forms_tells_it(
    day: GripeDay, ada: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    captured = LogCapture()
    before = structlog.get_config()["processors"]
    structlog.configure(processors=[structlog.contextvars.merge_contextvars, captured])
    try:
        assert suggest(ada, "unnamed").status_code == 302
        text_of(ada, LIST)
    finally:
        structlog.configure(processors=before)
    lines = [line for line in captured.entries if "voice-day" in str(line.get("request"))]
    assert len(lines) >= 2
    assert [line for line in lines if "account" in line or ("ip" in line and line["event"] == "request_finished")] == []
    counted: list[str] = []
    monkeypatch.setattr(gripe_views, "may_gripe", lambda seat: not counted.append(seat))
    ada.client.get(f"{LIST}new/")
    suggest(ada, "unnamed", key="b")
    assert len(counted) == 2  # one who only looked twice counts the same
    with ada.scope:
        assert AuditEntry.objects.filter(verb__startswith="feedback.gripe").count() == 0
        assert not any(
            field.name in {"at", "made_at", "created_at", "author", "voter"} for field in GripeWaiting._meta.fields
        )
    suggest(ada, "named", key="b")  # back to the form, and sent again with the name
    suggest(ada, "unnamed", key="b")
    with ada.scope:
        waiting = set(GripeWaiting.objects.values_list("key", flat=True))
        assert len(waiting) == 2 and not waiting & set(Gripe.objects.values_list("key", flat=True))


def test_they_appear_together_when_it_is_over_and_their_places_tell_no_order(
    day: GripeDay, ada: Any, bob: Any, henk: Any
) -> None:
    before = [text_of(bob, LIST)]
    for number in range(6):
        suggest(ada if number % 2 else bob, "unnamed", title=f"无名 {number}", key=f"{number}")
    suggest(ada, "unnamed", title="无名 0", key="0")  # a double click
    before.append(text_of(bob, LIST))
    assert re.sub(r'value="\w{64}"', "", before[0]).count("无名") == 0 == before[1].count("无名")
    with ada.scope:
        for later in range(6):  # however many wait: whoever sent all but one of a lot would know whose that one is
            gripe_days.turn_the_day(now=NOW + later * DAY)
            assert (GripeWaiting.objects.count(), Gripe.objects.count()) == (6, 0)
        GripeWaiting.objects.create(day=day, key="other form", **SAID | {"title": " 无名  0 ", "area": "feedback"})
        made(day, "无名 1", author=henk.employee)
        Gripe.objects.update(text=SAID["text"])  # the same words, by now with a name
    run_three_times(tasks.turn_gripe_day, payload={}, now=NOW + 6 * DAY)
    with ada.scope:
        assert GripeWaiting.objects.count() == 0
        rows = list(Gripe.objects.filter(author=None).values_list("title", "key"))
        assert sorted(" ".join(title.split()) for title, _key in rows) == [
            f"无名 {number}" for number in (0, 2, 3, 4, 5)
        ]
        assert {key for _title, key in rows} == {""}
        Gripe.objects.exclude(author=None).delete()
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(DISTINCT xmin::text) FROM feedback_gripe")
            assert cursor.fetchone() == (1,)  # written by one transaction: no moment of any of them
        entry = AuditEntry.objects.get(verb="feedback.gripes_listed")
        assert (entry.actor_id, entry.address, entry.details) == (None, None, {"number": 5})
    assert text_of(bob, LIST).count("不署名 ") + text_of(bob, LIST).count("不署名<") >= 5


def test_it_is_said_before_what_can_be_done_with_it_afterwards_and_not_offered_among_few(
    day: GripeDay, ada: Any
) -> None:
    page = text_of(ada, f"{LIST}new/")
    assert "不能再修改或撤回" in page and "data-draft" not in page
    with ada.scope:
        others = Employee.objects.filter(status="active", membership__is_active=True).count() - 1
        Employee.objects.create(employee_no="N1", name="还没有账号")  # works here, and could not have said it
        Tenant.objects.update(min_group_size=others)
    assert "不能再修改或撤回" in text_of(ada, f"{LIST}new/")
    with ada.scope:
        Tenant.objects.update(min_group_size=others + 1)
    assert "不能再修改或撤回" not in text_of(ada, f"{LIST}new/")
    assert suggest(ada, "unnamed").status_code == 422
    with ada.scope:
        assert not GripeWaiting.objects.exists()


# --- votes ------------------------------------------------------------------------------------------------------------


def test_everybody_votes_once_and_joining_counts_whoever_is_for_both_once(
    day: GripeDay, ada: Any, bob: Any, henk: Any
) -> None:
    with ada.scope:
        one, other = made(day, author=ada.employee), made(day, "表太多")
    for person, gripe in ((ada, one), (ada, one), (bob, one), (bob, other), (henk, other)):
        assert person.client.post(f"{LIST}{gripe.public_id}/vote/").status_code == 302
    with ada.scope:
        assert GripeVote.objects.count() == 4
        gripes.join(gripe=other, to=one, actor=henk.employee, now=NOW)
        with pytest.raises(gripes.NotTheSame):
            gripes.join(gripe=other, to=one, actor=henk.employee, now=NOW)
    page = text_of(bob, LIST)
    assert "赞成 3" in page and "合并了另外 1 条" in page and "表太多" not in page
    assert bob.client.get(f"{LIST}{other.public_id}/").headers["Location"].endswith(f"{one.public_id}/")
    bob.client.post(f"{LIST}{one.public_id}/unvote/")  # both of his
    assert "赞成 2" in text_of(bob, LIST)
    with ada.scope:
        gripes.reopen(gripe=Gripe.objects.get(pk=other.pk), actor=henk.employee, now=NOW)
        assert AuditEntry.objects.filter(verb__contains="vote").count() == 0
    assert "表太多" in text_of(bob, LIST)


def test_votes_end_a_week_after_gripe_day_and_suggestions_with_it(
    day: GripeDay, ada: Any, bob: Any, clock: Any
) -> None:
    with ada.scope:
        one = made(day)
    clock.move_to(NOW + 7 * DAY)
    assert "还可以投票" in text_of(bob, LIST)
    assert bob.client.post(f"{LIST}{one.public_id}/vote/").status_code == 302
    late = suggest(ada)
    assert late.status_code == 409 and SAID["text"] in late.content.decode()
    with ada.scope, pytest.raises(gripes.NotOpen):
        gripes.suggest_unnamed(day=day, key="k", on=ON + 7 * DAY, **SAID)
    clock.move_to(NOW + 13 * DAY)
    bob.client.force_login(bob.account)
    assert bob.client.post(f"{LIST}{one.public_id}/vote/").status_code == 409


# --- one with a name --------------------------------------------------------------------------------------------------


def test_its_author_takes_it_back_while_nobody_else_is_for_it(day: GripeDay, ada: Any, bob: Any) -> None:
    for _twice in range(2):
        assert suggest(ada, key="same").status_code == 302
    one = only(ada, author=ada.employee)
    url = f"{LIST}{one.public_id}/"
    bob.client.post(f"{url}vote/")
    assert ada.client.post(f"{url}withdraw/").status_code == 409
    bob.client.post(f"{url}unvote/")
    ada.client.post(f"{url}vote/")
    assert bob.client.post(f"{url}withdraw/").status_code == 403
    assert ada.client.post(f"{url}withdraw/").status_code == 302
    with ada.scope:
        assert not Gripe.objects.exists() and not GripeVote.objects.exists()
        labels = AuditEntry.objects.filter(verb__startswith="feedback.gripe").values_list("subject_label", flat=True)
        assert len(labels) == 2 and not any(SAID["title"] in label for label in labels)


# --- answers ----------------------------------------------------------------------------------------------------------


def test_adopting_opens_the_setting_and_stands_on_the_list_of_changes_with_thanks(
    day: GripeDay, ada: Any, bob: Any, henk: Any, anna: Any
) -> None:
    with ada.scope:
        one, same, unnamed = (
            made(day, author=ada.employee),
            made(day, "一样的", author=bob.employee),
            made(day, "无名的"),
        )
        gripes.join(gripe=same, to=one, actor=None, now=NOW)
    page = text_of(
        henk, f"{LIST}{one.public_id}/"
    )  # the HR partner, who can not set that: who can, and the only one at once
    assert f"由这些同事设置：{anna.employee.name}。" in page
    assert f'<option value="{anna.employee.public_id}" selected' in page and "可以请人设置" in page
    assert "随后会打开对应的设置页面" in text_of(anna, f"{LIST}{one.public_id}/")
    typed = {"answer": "三张合成一张", "owner": str(henk.employee.public_id), "version": 1}
    adopted = anna.client.post(f"{LIST}{one.public_id}/adopt/", typed)
    assert adopted.headers["Location"] == "/t/acme/goal-settings/"
    assert (
        henk.client.post(f"{LIST}{unnamed.public_id}/adopt/", typed)
        .headers["Location"]
        .endswith(f"{unnamed.public_id}/")
    )  # an administrator sets it
    page = text_of(bob, f"{LIST}changes/")
    assert page.count("三张合成一张") == 2 and "Henk" in page and "一位没有署名的同事" in page and "12 月 8 日" in page
    assert "谢谢提出它" in text_of(bob, f"{LIST}{unnamed.public_id}/")
    with ada.scope:
        told = {(one.kind, one.to_id) for one in Notice.objects.filter(kind__startswith="feedback.gripe")}
    thanked = {("feedback.gripe_thanked", person.employee.pk) for person in (ada, bob)}
    assert told == thanked | {("feedback.gripe_to_carry_out", henk.employee.pk)}
    assert anna.client.post(f"{LIST}{one.public_id}/adopt/", typed).status_code == 409
    assert anna.client.post(f"{LIST}{one.public_id}/reopen/").status_code == 302
    assert text_of(bob, f"{LIST}changes/").count("三张合成一张") == 1


def test_not_taking_it_up_takes_a_reason_and_the_slower_of_two_is_told(day: GripeDay, ada: Any, henk: Any) -> None:
    with ada.scope:
        one = made(day, author=ada.employee)
    url = f"{LIST}{one.public_id}/decline/"
    assert henk.client.post(url, {"answer": "", "version": 1}).status_code == 422
    with ada.scope, pytest.raises(StaleVersion):
        gripes.decline(gripe=one, answer="先不动", version=0, actor=henk.employee, now=NOW)
    assert henk.client.post(url, {"answer": "明年换系统时一起改。", "version": 1}).status_code == 302
    assert only(ada, pk=one.pk).state == GripeState.DECLINED
    assert "明年换系统时一起改。" in text_of(ada, LIST)
    with ada.scope:
        assert Notice.objects.get(kind="feedback.gripe_answered").to_id == ada.employee.pk
    slower = henk.client.post(url, {"answer": "另一个原因", "version": 1})
    assert slower.status_code == 409 and "另一个原因" in slower.content.decode()


def test_two_work_days_after_it_closed_whoever_answers_is_told_once_of_what_has_no_answer(
    day: GripeDay, ada: Any, bob: Any, henk: Any, anna: Any
) -> None:
    with ada.scope:
        _one, other = made(day), made(day, "表太多")
        gripes.decline(gripe=other, answer="先不动", version=1, actor=henk.employee, now=NOW)
    told: list[set[tuple[int, str]]] = []
    for later in (7, 8, 9):  # Tuesday; Wednesday, after two work days; Thursday
        run_three_times(tasks.tell_of_gripe_day, payload={}, now=NOW + later * DAY)
        with ada.scope:
            found = list(Notice.objects.filter(kind="feedback.gripes_left_open"))
            told.append({(notice.to_id, str(notice.params["number"])) for notice in found})
            assert len(found) == len(told[-1])
    assert told == [set(), (both := {(henk.employee.pk, "1"), (anna.employee.pk, "1")}), both]
    assert f"?day={day.public_id}" in found[0].url and "少一张表" in text_of(henk, found[0].url)


# --- the days ---------------------------------------------------------------------------------------------------------


def test_the_usual_days_begin_on_the_first_monday_that_is_worked() -> None:
    assert usual_days(date(2026, 10, 1), 3, 7, CALENDAR) == Days(date(2026, 12, 7), date(2026, 12, 14))
    assert usual_days(date(2026, 10, 1), 1, 2, CALENDAR).starts_on == date(2026, 10, 7)
    assert usual_days(date(2026, 10, 1), 3, 1, CALENDAR).ends_on == date(2026, 12, 10)  # three work days at least
    assert earliest_end(date(2026, 10, 1), CALENDAR) == date(2026, 10, 8)  # the holidays do not count
    assert words_of(" Too  MANY\nforms", "x") == words_of("too many forms", "X") != words_of("too many", "forms x")


def test_it_comes_by_itself_each_quarter_and_everybody_is_told_before_it_opens_when_it_does_and_of_the_vote(
    ada: Any, bob: Any, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = datetime(2026, 11, 20, 1, tzinfo=UTC)
    run_three_times(tasks.turn_gripe_day, payload={}, now=first)
    with ada.scope:
        days = [(one.quarter_on, one.starts_on) for one in GripeDay.objects.order_by("starts_on")]
    assert days == [(date(2026, 10, 1), date(2026, 12, 7)), (date(2027, 1, 1), date(2027, 3, 1))]

    def told(on: date) -> dict[str, int]:
        now = datetime(on.year, on.month, on.day, 1, tzinfo=UTC)
        with ada.scope:
            while gripe_days.tell_some(now=now):
                pass
            kinds = Notice.objects.values_list("kind", flat=True)
            return {kind.rpartition("_")[2]: list(kinds).count(kind) for kind in set(kinds)}

    assert told(date(2026, 12, 3)) == {}
    assert told(date(2026, 12, 4)) == told(date(2026, 12, 5)) == {"ahead": 3}
    run_three_times(tasks.tell_of_gripe_day, payload={}, now=datetime(2026, 12, 7, 1, tzinfo=UTC))
    assert told(date(2026, 12, 8)) == {"ahead": 3, "open": 3}
    with ada.scope:
        assert "2026 年 12 月 13 日" in Notice.objects.filter(kind__endswith="open")[0].sentence
        held = GripeDay.objects.earliest("starts_on")
        made(held, author=ada.employee)
    assert told(date(2026, 12, 14)) == {"ahead": 3, "open": 3}  # nothing is new on the list
    with ada.scope:
        made(held)
    monkeypatch.setattr(gripe_days, "AT_ONCE", 1)  # in steps, of which each goes on where the last one stood
    assert told(date(2026, 12, 14)) == told(date(2026, 12, 15)) == {"ahead": 3, "open": 3, "on": 3}
    with ada.scope:
        assert "2026 年 12 月 20 日" in Notice.objects.filter(kind__endswith="vote_on")[0].sentence
        later = GripeDay.objects.latest("starts_on")
    assert told(later.starts_on)["open"] == 6  # nobody was told ahead: the server was down


def test_an_administrator_sets_the_days(day: GripeDay, ada: Any, anna: Any) -> None:
    url = f"{LIST}settings/"
    with ada.scope:
        gripe_days.plan(ON)
        ahead = GripeDay.objects.get(starts_on="2027-03-01")
    assert anna.client.post(url, {"is_held": "on", "month": 1, "length": 3, "version": 1}).status_code == 302
    assert anna.client.post(url, {"is_held": "on", "month": 2, "length": 3, "version": 1}).status_code == 409
    with ada.scope:
        assert [(one.starts_on, one.ends_on) for one in GripeDay.objects.exclude(pk=day.pk)] == [
            (date(2027, 1, 4), date(2027, 1, 7))
        ]
        ahead = GripeDay.objects.exclude(pk=day.pk).get()
    move = f"{url}{ahead.public_id}/"
    for first, last in (("2026-12-20", "2026-12-21"), ("2027-01-08", "2027-02-28"), ("2027-02-02", "2027-02-01")):
        assert anna.client.post(move, {"starts_on": first, "last_on": last, "version": 1}).status_code == 422
    short = anna.client.post(move, {"starts_on": "2027-02-01", "last_on": "2027-02-02", "version": 1})
    assert short.status_code == 422 and "三个工作日" in short.content.decode()
    assert anna.client.post(move, {"starts_on": "2027-02-01", "last_on": "2027-02-03", "version": 1}).status_code == 302
    open_one = f"{url}{day.public_id}/"
    typed = {"starts_on": "2026-12-07", "last_on": "2026-12-09", "version": 1}
    assert anna.client.post(open_one, typed | {"starts_on": "2026-12-05"}).status_code == 422
    assert anna.client.post(open_one, typed).status_code == 302
    assert "12 月 9 日" in text_of(anna, LIST)
    assert anna.client.post(url, {"month": 1, "length": 3, "version": 2}).status_code == 302
    with ada.scope:
        assert GripeDay.objects.get().pk == day.pk  # those ahead are off, the open one ends as it was said


def test_fewer_than_three_days_are_refused_but_what_was_set_before_may_stay(ada: Any, anna: Any) -> None:
    url, typed = f"{LIST}settings/", {"is_held": "on", "month": 1, "version": 1}
    short = anna.client.post(url, typed | {"length": 1})
    assert short.status_code == 422 and "三个工作日" in short.content.decode()
    with ada.scope:
        GripeSettings.objects.create(length=1)
    assert anna.client.post(url, typed | {"length": 2}).status_code == 422
    assert anna.client.post(url, typed | {"length": 1}).status_code == 302
    with ada.scope:
        assert GripeSettings.objects.get().length == 1
        assert all(one.ends_on - one.starts_on >= 3 * DAY for one in GripeDay.objects.all())


# --- the list ---------------------------------------------------------------------------------------------------------


def test_the_pages_ask_the_same_whatever_is_on_them(day: GripeDay, ada: Any, bob: Any, henk: Any) -> None:
    with ada.scope:
        head = made(day, author=ada.employee)
        made(day, "一样的", joined_with=head)
        GripeVote.objects.create(gripe=head, voter=bob.employee)
    few = [len(page_queries(bob.client, url)) for url in (LIST, f"{LIST}{head.public_id}/", f"{LIST}changes/")]
    with ada.scope:
        for number in range(30):
            one = made(day, f"建议 {number}", author=ada.employee if number % 2 else None)
            made(day, "一样的", joined_with=one if number % 3 else head, author=bob.employee)
            GripeVote.objects.create(gripe=one, voter=henk.employee)
        Gripe.objects.filter(title__startswith="建议 1").exclude(pk=head.pk).update(joined_with=None)
    many = [len(page_queries(bob.client, url)) for url in (LIST, f"{LIST}{head.public_id}/", f"{LIST}changes/")]
    assert few == many
    assert "下一页" in text_of(bob, LIST) and "少一张表" in text_of(bob, f"{LIST}?area=goals&page=2") + text_of(
        bob, LIST
    )
    assert "这一部分还没有人提" in text_of(bob, f"{LIST}?area=roles")


def test_no_table_of_gripe_day_keeps_a_moment_or_a_history() -> None:
    for model in (Gripe, GripeWaiting, GripeVote):
        assert issubclass(model, TenantModel)
        assert [one.name for one in model._meta.fields if one.get_internal_type() == "DateTimeField"] == []
        assert not any(other.__name__ == f"{model.__name__}Event" for other in apps.get_models())

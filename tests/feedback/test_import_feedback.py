"""Judged rows become feedback, by sets; the same rows again change nothing (product.md §1.6)."""

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.utils import timezone
from django.utils.module_loading import import_string

from feedback.actions import feedback as actions
from feedback.actions.imported_feedback import BATCH, Applied, ImportedFeedback, apply_imported_feedback
from feedback.importing.kinds import FeedbackImport
from feedback.models import FactKind, Feedback, FeedbackEvent, FeedbackFact, Visibility
from feedback.queries import effect
from perfsys.audit.models import AuditEntry
from perfsys.jobs.models import Job
from perfsys.lexicon.actions import add_standard_terms
from perfsys.lexicon.models import BehaviourTag, Nature
from perfsys.notices.models import Notice
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.scope import use_tenant

from .conftest import NOW
from .imported_files import FILE

DATA = Path(__file__).parents[1] / "data"
AT = datetime(2026, 11, 2, 17, tzinfo=UTC)


@pytest.fixture
def row(ada: Any, bob: Any, tag: BehaviourTag) -> ImportedFeedback:
    with ada.scope:
        return ImportedFeedback(
            key="FB00001",
            giver_no=ada.employee.employee_no,
            receiver_no=bob.employee.employee_no,
            nature=Nature.CONSTRUCTIVE,
            tag=tag.name,
            text="返工60箱。\n“没人说过”😊",
            expected_action="贴前对照一次",
            at=AT,
            on=AT.date() + timedelta(days=1),
        )


@pytest.fixture
def put(ada: Any) -> Iterator[Callable[..., Applied]]:
    with ada.scope:
        yield lambda *rows, **more: apply_imported_feedback(rows=rows, actor=None, now=NOW, **more)


def test_what_is_imported_is_history(ada: Any, bob: Any, row: Any, put: Any) -> None:
    assert put(row, replace(row, key="FB00002", nature=Nature.POSITIVE, is_vague=True)) == (2, 0, 0)
    first, second = Feedback.objects.order_by("key")
    assert (first.giver, first.receiver, first.text) == (ada.employee, bob.employee, row.text)
    assert (first.visibility, first.local_on, first.source) == (Visibility.MANAGER, row.on, "import")
    assert (first.is_open, first.closed_at, first.closed_how) == (False, AT, "clarified")
    assert (second.closed_at, second.is_vague, first.is_vague) == (None, True, False)
    assert not Notice.objects.exists()
    assert not FeedbackFact.objects.exists()
    assert AuditEntry.objects.filter(verb="feedback.imported").count() == 1


def test_the_same_rows_again_change_nothing(row: Any, put: Any) -> None:
    rows = [row, replace(row, key="auto-0123456789abcdef"), replace(row, key="长" * 60 + "1", giver_no=row.giver_no)]
    put(*rows)
    before = [list(model.objects.order_by("pk").values()) for model in (Feedback, FeedbackEvent)]
    assert put(*rows) == (0, 0, 3)
    assert [list(model.objects.order_by("pk").values()) for model in (Feedback, FeedbackEvent)] == before


def test_a_corrected_record_replaces_what_it_said(ada: Any, bob: Any, row: Any, put: Any) -> None:
    put(row)
    first = Feedback.objects.get()
    corrected = replace(row, giver_no=row.receiver_no, receiver_no=row.giver_no, at=AT + timedelta(hours=1))
    assert put(corrected) == (0, 1, 0)
    found = Feedback.objects.get()
    assert (found.pk, found.public_id, found.giver, found.receiver) == (
        first.pk, first.public_id, bob.employee, ada.employee
    )  # fmt: skip
    assert (found.at, found.closed_at, found.version) == (corrected.at, corrected.at, 2)
    assert put(replace(corrected, nature=Nature.POSITIVE)) == (0, 1, 0)
    assert Feedback.objects.get().closed_at is None
    assert put(replace(corrected, nature=Nature.POSITIVE)) == (0, 0, 1)


def test_before_it_is_written_each_row_says_what_it_would_change(
    ada: Any, bob: Any, row: Any, put: Any, django_assert_num_queries: Any
) -> None:
    put(row, replace(row, key="FB2"))
    other = replace(
        row, giver_no=row.receiver_no, receiver_no=row.giver_no, nature="positive", at=AT + timedelta(hours=1)
    )
    compare = FeedbackImport().comparison({})
    rows = [one.as_json() for one in (other, replace(row, key="FB2"), replace(row, key="FB3"))]
    with django_assert_num_queries(1):
        changed, same, new = compare(rows)
    assert (changed.outcome, same.outcome, new.outcome) == ("changed", "unchanged", "created")
    names = ada.employee.name, bob.employee.name
    assert list(changed.differs) == [
        ("giver", *names),
        ("receiver", *names[::-1]),
        ("nature", "constructive", "positive"),
        ("time", "2026-11-03 01:00", "2026-11-03 02:00"),
    ]
    Feedback.objects.update(corrected_at=NOW)  # in its giver's own words by now: they stay
    assert compare(rows[:1])[0].outcome == "unchanged"
    titles = FeedbackImport()
    assert all(str(titles.field_title(name)) for name, _was, _is in changed.differs)


def test_what_the_receiver_made_of_it_stays(bob: Any, row: Any, put: Any) -> None:
    put(row)
    Feedback.objects.update(closed_at=NOW, closed_how="answered")
    put(replace(row, text="返工61箱。"))
    assert (Feedback.objects.get().closed_at, Feedback.objects.get().closed_how) == (NOW, "answered")
    Feedback.objects.update(corrected_at=NOW, text="返工 61 箱，已重贴。")
    assert put(replace(row, text="返工62箱。")) == (0, 0, 1)
    assert Feedback.objects.get().text == "返工 61 箱，已重贴。"


def test_one_that_a_file_dates_ahead_counts_from_its_day_on(ada: Any, bob: Any, row: Any, put: Any) -> None:
    put(*(replace(row, key=f"FB{n}", at=NOW + timedelta(days=9), on=NOW.date() + timedelta(days=9)) for n in range(60)))
    since = NOW.date() - timedelta(days=30)
    assert effect.effect_of(ada.employee, since=since, now=NOW) == effect.Effect()
    assert not effect.feedback_with(ada.employee, "answered", since=since, now=NOW).exists()
    assert effect.effect_of(ada.employee, since=since, now=NOW + timedelta(days=10)).given == 60
    fact = actions.Fact(FactKind.LINK, url="https://mes.example/1")
    said = {"tag": BehaviourTag.objects.get(name=row.tag), "text": row.text, "expected_action": "贴前对照"}
    actions.give_feedback(  # the imported ones are none of the 60 an hour
        giver=ada.employee, receiver=bob.employee, nature="positive", facts=[fact], visibility="manager", key="k",
        now=NOW, **said,
    )  # fmt: skip


def test_an_imported_one_can_still_be_taken_on(bob: Any, row: Any, put: Any) -> None:
    put(row)
    item = actions.take_on(
        feedback=Feedback.objects.get(), text="对照", due_on=NOW.date(), actor=bob.employee, key="k", now=NOW
    )
    assert item.is_open


def test_record_numbers_of_any_length_are_told_apart(row: Any, put: Any) -> None:
    assert put(replace(row, key="长" * 200 + "1"), replace(row, key="长" * 200 + "2")) == (2, 0, 0)


def test_whoever_has_gone_since_is_left_out(row: Any, put: Any) -> None:
    assert put(replace(row, receiver_no="gone"), replace(row, tag="gone")) == (0, 0, 0)


def test_progress_is_told_and_big_files_are_written_in_pieces(row: Any, put: Any) -> None:
    told: list[int] = []
    put(*(replace(row, key=str(number)) for number in range(BATCH + 1)), progress=told.append)
    assert told == [BATCH, BATCH + 1]
    assert Feedback.objects.count() == BATCH + 1


def test_rows_survive_the_time_they_lie_as_json(row: Any) -> None:
    assert ImportedFeedback.from_json(json.loads(json.dumps(row.as_json()))) == row


# --- the whole way ----------------------------------------------------------------------------------------------------


@pytest.fixture
def company(anna: Any) -> Any:
    """The people and tags of the data set; gives its administrator."""
    call_command("import_people", DATA / "people.xlsx", tenant="acme", verbosity=0)
    with anna.scope:
        Tenant.objects.update(name="宁波恒锐精密机械有限公司")
        add_standard_terms(now=NOW)
    return anna


def test_the_command_agrees_with_what_is_expected_and_again_changes_nothing(company: Any, tmp_path: Path) -> None:
    out = tmp_path / "out.json"
    told = json.loads((DATA / "feedback.expected.json").read_text())
    call_command("import_feedback", DATA / FILE, tenant="acme", dry_run=True, verbosity=0)
    with company.scope:
        assert not Feedback.objects.exists()
    for _ in range(2):
        call_command("import_feedback", DATA / FILE, tenant="acme", json=out, verbosity=0)
        assert json.loads(out.read_text()) == {name: told[name] for name in ("company", "rows", "valid", "items")}
        with company.scope:
            assert Feedback.objects.count() == told["valid"]
            assert Feedback.objects.filter(is_vague=True).count() == 75
            assert not Feedback.objects.filter(version__gt=1).exists()


def test_an_administrator_brings_it_in_in_the_browser(company: Any) -> None:
    client = company.client
    chosen = client.get("/t/acme/admin/imports/")
    assert "feedback" in chosen.content.decode()
    with (DATA / FILE).open("rb") as content:
        page = previewed(company, "feedback", content).removesuffix("rows/")
    preview = client.get(f"{page}rows/")
    shown = preview.content.decode()
    assert "责任担当" in shown
    assert "2026-07-01 09:14" in shown
    assert "林飞文" in shown
    left = client.get(f"{page}rows/?only=reject").content.decode()
    assert "20 个字" in left
    assert "责任心强" in left
    assert "胡红" in left
    assert "HR0181" not in left  # a row left out is shown under the same headings
    client.post(f"{page}import/")
    run_jobs()
    assert [count["number"] for count in client.get(page).context["counts"]] == [1319, 0, 0, 301]


def previewed(admin: Any, kind: str, file: Any) -> str:
    """The address of the rows, with the columns as they were recognised."""
    client = admin.client
    page = client.post(f"/t/acme/admin/imports/new/{kind}/", {"file": file})["Location"]
    run_jobs()
    columns = client.get(page)["Location"]
    form = client.get(columns).context["form"]
    chosen = {name: form[name].initial for name in form.fields}
    client.post(columns, {name: "on" if value is True else value for name, value in chosen.items() if value})
    run_jobs()
    return f"{page}rows/"


def run_jobs() -> None:
    with use_tenant(1):
        for job in Job.objects.filter(state=Job.State.READY, kind__startswith="imports.").order_by("id"):
            import_string(settings.JOB_HANDLERS[job.kind])(payload=job.payload, now=timezone.now())
            Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)

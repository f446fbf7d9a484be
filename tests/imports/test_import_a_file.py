"""From upload to result, as the administrator does it in the browser, with the jobs run in between."""

import json
from io import BytesIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone
from django.utils.module_loading import import_string
from openpyxl import load_workbook

from goals.models import CheckIn, Goal, GoalSettings, Period
from perfsys.imports import actions
from perfsys.imports.models import ImportFile, ImportRow, ImportRun, State
from perfsys.imports.queries import WRITTEN
from perfsys.jobs.models import Job
from perfsys.people.models import Employee, OrgUnit, ReportingClosure
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.scope import use_tenant
from tests.conftest import assert_page_queries

DATA = Path(__file__).parents[1] / "data"
FILES = {"people": "people.xlsx", "goals": "goals_2026Q4.xlsx", "check_ins": "progress_2026Q4.csv"}
NEW = "/t/acme/admin/imports/new/people/"


def expected(name: str):
    return json.loads((DATA / name).read_text())


def run_jobs(tenant_id: int = 1) -> None:
    """What the worker does, one job after the other."""
    with use_tenant(tenant_id):
        for job in Job.objects.filter(state=Job.State.READY, kind__startswith="imports.").order_by("id"):
            import_string(settings.JOB_HANDLERS[job.kind])(payload=job.payload, now=timezone.now())
            Job.objects.filter(pk=job.pk).update(state=Job.State.DONE)


def upload(person, kind: str, file: Path) -> str:
    with file.open("rb") as content:
        response = person.client.post(f"/t/{person.slug}/admin/imports/new/{kind}/", {"file": content})
    assert response.status_code == 302, response.content.decode()
    return response["Location"]


def through(person, kind: str) -> str:
    """Upload, accept the columns, import; the address of the run."""
    page = upload(person, kind, DATA / FILES[kind])
    run_jobs(person.tenant_id)
    columns = person.client.get(page)["Location"]
    form = person.client.get(columns).context["form"]
    answer = person.client.post(columns, {f: "on" if v is True else v or "" for f, v in initial(form).items() if v})
    assert answer.status_code == 302, answer.context["form"].errors
    run_jobs(person.tenant_id)
    assert person.client.get(page)["Location"].endswith("/rows/")
    assert person.client.post(f"{page}import/").status_code == 302
    run_jobs(person.tenant_id)
    with person.scope:  # what was said before is what came of it
        run = ImportRun.objects.latest("pk")
        told = run.report["outcomes"]
        assert told == {word: run.counts[word] for word in WRITTEN if run.counts[word]}
    return page


def initial(form):
    return {name: form[name].initial for name in form.fields}


def test_the_roster_goes_in_the_same_file_again_changes_nothing_and_it_can_be_taken_back(anna):
    summary = expected("people.expected.json")["summary"]
    with anna.scope:
        stood = Employee.objects.count(), OrgUnit.objects.count()
    page = through(anna, "people")
    done = anna.client.get(page)
    assert [count["number"] for count in done.context["counts"]] == [summary["accepted"], 0, 0, summary["rejected"]]
    with anna.scope:
        assert Employee.objects.filter(status="active", employee_no__startswith="HR").count() == summary["active"]
    again = anna.client.get(through(anna, "people"))
    assert [count["number"] for count in again.context["counts"]] == [0, 0, summary["accepted"], summary["rejected"]]
    assert "undo_url" not in again.context
    with anna.scope:
        made = OrgUnit.objects.count() - stood[1]
    undo = done.context["undo_url"]
    seen = anna.client.get(undo)
    assert seen.context["removed"]["number"] == summary["accepted"] + made
    assert (seen.context["restored"]["lines"], seen.context["left"]["number"]) == (["制造中心"], 0)  # its partner
    for _press in range(2):
        assert anna.client.post(undo).status_code == 302
    run_jobs()
    with anna.scope:
        assert (Employee.objects.count(), OrgUnit.objects.count()) == stood
        assert not ReportingClosure.objects.exists()
    assert "已撤回" in anna.client.get(page).content.decode()


def test_every_row_of_all_three_files_is_judged_as_it_should_be(anna, tmp_path):
    with anna.scope:
        Tenant.objects.update(name="宁波恒锐精密机械有限公司")
    for kind in FILES:
        call_command(f"import_{kind}", DATA / FILES[kind], tenant="acme", json=tmp_path / f"{kind}.json", verbosity=0)
    assert json.loads((tmp_path / "people.json").read_text()) == expected("people.expected.json")
    assert json.loads((tmp_path / "goals.json").read_text()) == expected("goals.expected.json")
    call_command("goal_health", "--tenant=acme", "--as-of=2026-11-20", f"--json={tmp_path / 'health.json'}")
    found = json.loads((tmp_path / "health.json").read_text())
    health = expected("expected_health.json")
    assert (found["stale"], found["idle"]) == (health["stale"], health["idle"])
    with anna.scope:
        before = (Goal.objects.count(), CheckIn.objects.count(), Goal.objects.filter(version__gt=1).count())
    for kind in FILES:
        call_command(f"import_{kind}", DATA / FILES[kind], tenant="acme", verbosity=0)
    with anna.scope:
        assert (Goal.objects.count(), CheckIn.objects.count(), Goal.objects.filter(version__gt=1).count()) == before
        assert Period.objects.get().name == "2026Q4"
        assert GoalSettings.objects.count() == 0  # judged by the defaults


def test_a_dry_run_writes_nothing_but_the_verdict(anna, tmp_path):
    call_command("import_people", DATA / "people.xlsx", tenant="acme", dry_run=True, json=tmp_path / "out.json")
    assert len(json.loads((tmp_path / "out.json").read_text())["rows"]) == 551
    with anna.scope:
        assert not Employee.objects.filter(employee_no__startswith="HR").exists()
        assert not ImportRun.objects.exists()


def test_the_command_says_what_it_did_not_find_or_could_not_write(anna, tmp_path):
    with pytest.raises(CommandError, match="nothing in it looks like feedback"):
        call_command("import_feedback", DATA / "people.xlsx", tenant="acme", dry_run=True)
    with pytest.raises(CommandError, match="No such file or directory"):
        call_command("import_people", DATA / "people.xlsx", tenant="acme", json=tmp_path / "nowhere" / "out.json")
    with anna.scope:
        assert not Employee.objects.filter(employee_no__startswith="HR").exists()


def test_a_corrected_column_is_what_counts(anna):
    page = upload(anna, "people", DATA / "people.xlsx")
    run_jobs()
    columns = anna.client.get(page)["Location"]
    values = {name: value for name, value in initial(anna.client.get(columns).context["form"]).items() if value}
    position = next(name for name, value in values.items() if value == "position")
    assert anna.client.post(columns, {**values, position: "remark"}).status_code == 422  # another column means it
    answer = anna.client.post(columns, {name: value for name, value in values.items() if name != position})
    assert answer.status_code == 302
    run_jobs()
    with anna.scope:
        assert not ImportRow.objects.filter(values__position__isnull=False).exclude(values__position=None).exists()


def test_a_sheet_without_the_needed_column_is_named(anna):
    page = upload(anna, "people", DATA / "people.xlsx")
    run_jobs()
    columns = anna.client.get(page)["Location"]
    values = {name: value for name, value in initial(anna.client.get(columns).context["form"]).items() if value}
    without = {name: value for name, value in values.items() if value != "name"}
    answer = anna.client.post(columns, without)
    assert answer.status_code == 422
    assert "花名册" in answer.content.decode()


def test_a_file_that_cannot_be_read_is_told_in_words(anna, tmp_path):
    broken = tmp_path / "people.xlsx"
    broken.write_bytes((DATA / "people.xlsx").read_bytes()[:20_000])
    page = upload(anna, "people", broken)
    run_jobs()
    answer = anna.client.get(page)
    assert answer.status_code == 200
    assert "Excel" in answer.context["job"]["failed_because"]
    assert not answer.context["job"]["running"]


def test_an_empty_upload_stays_on_the_page(anna, tmp_path):
    (tmp_path / "empty.xlsx").touch()
    with (tmp_path / "empty.xlsx").open("rb") as file:
        assert anna.client.post(NEW, {"file": file}).status_code == 422
    assert anna.client.post(NEW).status_code == 422


def test_a_column_shows_its_first_values_wherever_they_stand_and_a_row_left_out_stands_as_in_the_file(anna, tmp_path):
    lines = ["姓名,工号,部门,岗位", *(f"甲{n},,质量部," for n in range(4)), "乙,A100,质量部,检验员"]
    file = tmp_path / "late.csv"
    file.write_text("\n".join(lines), encoding="utf-8")
    page = upload(anna, "people", file)
    run_jobs()
    columns = anna.client.get(page)["Location"]
    context = anna.client.get(columns).context
    (sheet,) = context["sheets"]
    samples = {column["heading"]: column["samples"] for column in sheet["columns"]}
    assert samples == {"姓名": ["甲0", "甲1", "甲2"], "工号": ["A100"], "部门": ["质量部"], "岗位": ["检验员"]}
    chosen = {name: "on" if value is True else value for name, value in initial(context["form"]).items() if value}
    assert anna.client.post(columns, chosen).status_code == 302
    run_jobs()
    left = anna.client.get(f"{page}rows/?only=reject").context["rows"]
    assert [(row.raw, row.cells) for row in left] == [(f"甲{n} · 质量部", []) for n in range(4)]


def test_rows_left_out_come_back_with_their_reason(anna):
    page = through(anna, "people")
    answer = anna.client.get(f"{page}left-out/")
    rows = list(load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert len(rows) == 1 + expected("people.expected.json")["summary"]["rejected"]
    assert all(row[2] for row in rows[1:])


def test_the_preview_asks_as_many_queries_for_any_number_of_rows(anna):
    page = upload(anna, "people", DATA / "people.xlsx")
    run_jobs()
    columns = anna.client.get(page)["Location"]
    anna.client.post(columns, {n: v for n, v in initial(anna.client.get(columns).context["form"]).items() if v})
    run_jobs()
    # session, account, scope; employee, inbox, gaps, run, rows
    assert_page_queries(anna.client, f"{page}rows/", 8)
    assert_page_queries(anna.client, f"{page}rows/?only=reject", 8)
    assert_page_queries(anna.client, f"{page}rows/?only=created", 8)


def test_the_preview_shows_from_what_to_what(anna):
    with anna.scope:
        run = ImportRun.objects.create(
            kind="people", state=State.PREVIEW, counts={"accept": 2, "accept_with_warning": 1, "reject": 1},
            report={"detached": [], "outcomes": {"changed": 2, "unchanged": 1}}, total_rows=4, file_name="a",
            file_size=1, file_hash="", by_name="", uploaded_at=timezone.now(),
        )  # fmt: skip
        about = {"run": run, "sheet": "", "values": {"employee_no": "A7", "name": "单雄信"}}
        ImportRow.objects.create(position=0, number=2, action="accept", **about | {"outcome": "unchanged"})
        grade, left = ["level", "", "P6"], ["status", "active", "left"]
        about |= {"outcome": "changed"}
        ImportRow.objects.create(position=1, number=3, action="accept", differs=[grade, left], **about)
        note = {"action": "accept_with_warning", "reasons": [["hrbp_missing", {}]]}
        ImportRow.objects.create(position=2, number=4, differs=[["job_family", None, None]], **note, **about)
        ImportRow.objects.create(position=3, number=5, action="reject", original=["A8"], run=run, sheet="")
    page = f"/t/acme/admin/imports/{run.public_id}/rows/"
    shown = anna.client.get(page)
    assert [(tab["label"], tab["count"]) for tab in shown.context["counts"]] == [
        ("全部行", 4), ("有变化", 2), ("没变化", 1), ("导入，有提示", 1), ("不导入", 1),
    ]  # fmt: skip
    told = [(row.outcome, list(row.differs), row.action_name) for row in shown.context["rows"]]
    assert told == [
        ("没变化", [], ""),
        ("有变化", ["职级：– → P6", "状态：在职 → 离职"], ""),
        ("有变化", ["职族"], "导入，有提示"),
        ("", [], "不导入"),
    ]
    assert [row.number for row in anna.client.get(f"{page}?only=changed").context["rows"]] == [3, 4]
    assert "什么都不会改变" not in shown.content.decode()
    with anna.scope:
        ImportRun.objects.filter(pk=run.pk).update(report={"detached": [], "outcomes": {"unchanged": 3}})
    assert "什么都不会改变" in anna.client.get(page).content.decode()


def test_a_button_pressed_twice_imports_once(anna):
    page = upload(anna, "people", DATA / "people.xlsx")
    run_jobs()
    columns = anna.client.get(page)["Location"]
    anna.client.post(columns, {n: v for n, v in initial(anna.client.get(columns).context["form"]).items() if v})
    run_jobs()
    for _ in range(2):
        assert anna.client.post(f"{page}import/").status_code == 302
    with anna.scope:
        assert Job.objects.filter(kind="imports.apply").count() == 1


def test_each_step_run_three_times_leaves_what_one_run_leaves(anna):
    page = upload(anna, "people", DATA / "people.xlsx")
    with anna.scope:
        run = ImportRun.objects.get(public_id=page.rstrip("/").split("/")[-1])
        for _ in range(3):
            actions.read(run_id=run.pk, now=timezone.now())
        run.refresh_from_db()
        actions.choose_columns(run=run, choices={}, actor=None, now=timezone.now())
        for _ in range(3):
            actions.judge(run_id=run.pk, now=timezone.now())
        assert ImportRow.objects.count() == 551
        actions.apply(run=run, actor=None, now=timezone.now())
        for _ in range(3):
            actions.write(run_id=run.pk, actor_id=None, now=timezone.now())
        run.refresh_from_db()
        assert (run.state, run.counts["created"]) == (State.DONE, 534)


def test_two_files_of_a_kind_are_imported_one_after_the_other(anna):
    with anna.scope:
        first, second = (
            ImportRun.objects.create(
                kind="people", state=State.PREVIEW, counts={"accept": 1}, file_name="a", file_size=1, file_hash="",
                by_name="", uploaded_at=timezone.now(),
            )
            for _ in range(2)
        )  # fmt: skip
        actions.apply(run=first, actor=None, now=timezone.now())
        with pytest.raises(actions.AskAgainLater):
            actions.apply(run=second, actor=None, now=timezone.now())


def test_discarding_throws_file_and_rows_away(anna):
    page = upload(anna, "people", DATA / "people.xlsx")
    run_jobs()
    assert anna.client.post(f"{page}discard/").status_code == 302
    with anna.scope:
        assert not ImportFile.objects.exists()
        assert ImportRun.objects.get().state == State.DISCARDED


def test_old_files_are_forgotten_and_the_counts_stay(anna):
    upload(anna, "people", DATA / "people.xlsx")
    run_jobs()
    later = timezone.now() + actions.KEPT * 2
    with anna.scope:
        assert [actions.forget_old(now=later) for _ in range(3)] == [1, 0, 0]
        assert ImportRun.objects.count() == 1


def test_only_administrators_of_the_company_come_near(anna, ada, marta, otto, client):
    page = upload(anna, "people", DATA / "people.xlsx")
    for url in ("/t/acme/admin/imports/", NEW, page, f"{page}columns/", f"{page}rows/", f"{page}left-out/"):
        assert ada.client.get(url).status_code == 403
        assert marta.client.get(url).status_code == 403
        assert otto.client.get(url).status_code == 404
        assert otto.client.get(url.replace("/acme/", "/globex/")).status_code in (200, 404)
        assert client.get(url).status_code in (302, 404)
    assert otto.client.get(page.replace("/acme/", "/globex/")).status_code == 404

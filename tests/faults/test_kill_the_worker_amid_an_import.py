"""kill -9 for a worker that is writing a company's file: nothing half-written, nothing lost, nothing twice."""

import json
from pathlib import Path

import pytest

from perfsys.audit.models import AuditEntry
from perfsys.imports.models import ImportRow, ImportRun, State
from perfsys.jobs.models import Job
from perfsys.people.models import Assignment, Employee
from tests.cast import Person, employ
from tests.workers import REAP, Process, send, wake

from .conftest import Ground

DATA = Path(__file__).parents[1] / "data"
# Where it dies: the verdicts half kept; then nobody written yet, everybody without a post, all but the last word.
WHILE_JUDGING = ["imports_importrow"]
WHILE_WRITING = ["people_employee", "people_assignment", "audit_auditentry"]


@pytest.fixture
def anna(ground: Ground) -> Person:
    return employ("acme", "anna", admin=True)


def after_the_lease(ground: Ground, worker: Process, anna: Person, state: State) -> ImportRun:
    ground.let_leases_end()
    ground.let_pauses_end()
    send(ground.broker.address, REAP)
    wake(ground.broker.address)

    def arrived() -> bool:
        with anna.scope:
            return ImportRun.objects.get().state == state

    ground.until(arrived, worker)
    with anna.scope:
        return ImportRun.objects.get()


def test_whenever_it_is_killed_the_file_is_imported_once_and_whole(ground: Ground, anna: Person) -> None:
    expected = json.loads((DATA / "people.expected.json").read_text())
    with (DATA / "people.xlsx").open("rb") as file:
        page = anna.client.post("/t/acme/admin/imports/new/people/", {"file": file})["Location"]
    with ground.worker() as worker:
        after_the_lease(ground, worker, anna, State.COLUMNS)
    columns = anna.client.get(page)["Location"]
    form = anna.client.get(columns).context["form"]
    chosen = {name: form[name].initial for name in form.fields if form[name].initial}
    assert anna.client.post(columns, chosen).status_code == 302

    for table in WHILE_JUDGING:
        ground.killed_before(table)
        with anna.scope:
            assert (ImportRun.objects.get().state, ImportRow.objects.count()) == (State.JUDGING, 0)
        ground.let_leases_end()
        ground.sql("SELECT app.reap_jobs(now(), 5, 'jobs.dead')")
    with ground.worker() as worker:
        after_the_lease(ground, worker, anna, State.PREVIEW)
    with anna.scope:
        assert ImportRow.objects.count() == len(expected["rows"])

    assert anna.client.post(f"{page}import/").status_code == 302
    with anna.scope:
        before = (Employee.objects.count(), Assignment.objects.count(), AuditEntry.objects.count())
    for table in WHILE_WRITING:
        ground.killed_before(table)
        with anna.scope:
            assert (Employee.objects.count(), Assignment.objects.count(), AuditEntry.objects.count()) == before
            assert ImportRun.objects.get().state == State.APPLYING
            assert Job.objects.get(kind="imports.apply").state == Job.State.RUNNING
        ground.let_leases_end()
        ground.sql("SELECT app.reap_jobs(now(), 5, 'jobs.dead')")
    with ground.worker() as worker:
        run = after_the_lease(ground, worker, anna, State.DONE)
    with anna.scope:
        assert run.counts["created"] == expected["summary"]["accepted"] == Employee.objects.count() - before[0]
        numbers = list(Employee.objects.values_list("employee_no", flat=True))
        assert len(numbers) == len(set(numbers))
        assert AuditEntry.objects.filter(verb="imports.imported").count() == 1
        job = Job.objects.get(kind="imports.apply")
        assert (job.state, job.attempts) == (Job.State.DONE, 1 + len(WHILE_WRITING))

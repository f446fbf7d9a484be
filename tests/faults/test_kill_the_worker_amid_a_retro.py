"""kill -9 for a worker that is asking a whole company about its week: everybody is asked once, and told once."""

from contextlib import closing
from datetime import timedelta

import pytest
from django.utils import timezone

from feedback.events import RETRO_OPEN, RETRO_OPENED
from feedback.models import Retro, RetroWeek
from perfsys.audit.models import AuditEntry
from perfsys.jobs.models import Job
from perfsys.notices.models import Notice
from perfsys.people.models import Employee
from perfsys.tenancy.scope import use_tenant
from tests.workers import REAP, send, wake

from .conftest import QUICK, Ground
from .handlers import RETRO_STEP

PEOPLE = 6 * RETRO_STEP + 30
OPENING = PEOPLE + RETRO_STEP
# Where it dies, by gate (see handlers.py): amid the making, at the opening, amid the telling; and what stands then.
DEATHS = [
    (3 * RETRO_STEP, (2 * RETRO_STEP, 0, 0)),
    (OPENING, (PEOPLE, 0, 0)),
    (OPENING + 3 * RETRO_STEP, (PEOPLE, 1, 2 * RETRO_STEP)),
]


@pytest.fixture
def crowd(ground: Ground) -> None:
    with use_tenant(1):
        Employee.objects.bulk_create(
            Employee(employee_no=f"C{n:04}", name=f"同事{n}", name_key=f"tong shi {n:04}") for n in range(PEOPLE)
        )


def killed_at(ground: Ground, gate: int) -> None:
    """Start a worker, hold it up at `gate` with a step written and not yet committed, and kill it there."""
    with closing(ground.cluster.connect("faults")) as link:
        link.cursor().execute("SELECT pg_advisory_lock(%s)", [gate])
        with ground.worker(f"until-{gate}", settings=QUICK) as worker:
            ground.let_pauses_end()  # before the worker is woken: it looks once
            wake(ground.broker.address)
            waiting = "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'advisory'"
            ground.until(lambda: bool(ground.sql(waiting)), worker)
            worker.kill()
    ground.let_sessions_end()


def standing() -> tuple[int, int, int]:
    """People asked, weeks open, people told."""
    with use_tenant(1):
        opened = RetroWeek.objects.exclude(opened_at=None).count()
        return Retro.objects.count(), opened, Notice.objects.filter(kind=RETRO_OPEN).count()


def test_whenever_it_is_killed_everybody_is_asked_and_told_once(ground: Ground, crowd: None) -> None:
    due_at = (timezone.now() - timedelta(hours=1)).isoformat()
    with use_tenant(1):
        Job.objects.bulk_create([Job(kind="feedback.retro", key=due_at, payload={"due_at": due_at})])

    for gate, left in DEATHS:
        killed_at(ground, gate)
        assert standing() == left
        [job] = ground.jobs(kind="feedback.retro")
        assert job.state == Job.State.RUNNING
        ground.let_leases_end()
        ground.sql("SELECT app.reap_jobs(now(), 5, 'jobs.dead')")
    with ground.worker(settings=QUICK) as worker:
        ground.let_pauses_end()
        send(ground.broker.address, REAP)
        wake(ground.broker.address)
        ground.until(lambda: bool(ground.jobs(kind="feedback.retro", state=Job.State.DONE)), worker)

    assert standing() == (PEOPLE, 1, PEOPLE)
    with use_tenant(1):
        everybody = set(Employee.objects.values_list("pk", flat=True))
        assert len(everybody) == PEOPLE
        assert set(Retro.objects.values_list("person", flat=True)) == everybody
        told = Notice.objects.filter(kind=RETRO_OPEN)
        assert set(told.values_list("to", flat=True)) == everybody
        assert set(told.values_list("subject_id", flat=True)) == set(Retro.objects.values_list("pk", flat=True))
        assert RetroWeek.objects.get().asked == PEOPLE
        assert AuditEntry.objects.filter(verb=RETRO_OPENED).count() == 1

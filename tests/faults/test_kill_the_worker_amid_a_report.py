"""kill -9 for a worker that is issuing the penetration report: it is issued once, whole, and told of once."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from dashboards.events import REPORT_ISSUED
from dashboards.models import PenetrationPart, PenetrationReport
from goals.actions.imported_goals import apply_imported_goals
from goals.actions.periods import ensure_period, quarter_of
from goals.sample_company import SampleCompany
from perfsys.audit.models import AuditEntry
from perfsys.jobs.models import Job
from perfsys.people.actions.roster import apply_roster
from perfsys.tenancy.scope import use_tenant
from tests.cast import today
from tests.workers import REAP, send, wake

from .conftest import Ground

# Where it dies: all worked out and nothing written, the first page written, all but the last word.
DEATHS = ["dashboards_penetrationreport", "dashboards_penetrationpart", "audit_auditentry"]
ISSUE, TELL = "dashboards.penetration", "dashboards.penetration_told"


@pytest.fixture
def company(ground: Ground) -> None:
    """Sixty people with goals of this quarter, and the report on this month due on the 10th of the next."""
    on, now = today(), timezone.now()
    first, last = quarter_of(on)
    sample = SampleCompany(60, 1, first, last, on)
    next_month = (on.replace(day=1) + timedelta(days=31)).replace(day=10)
    due_at = datetime.combine(next_month, time(6), tzinfo=ZoneInfo("Asia/Shanghai")).isoformat()
    with use_tenant(1):
        apply_roster(sample.roster(), effective_on=first, actor=None, now=now)
        period = ensure_period(starts_on=first, ends_on=last, actor=None, now=now)
        apply_imported_goals(rows=sample.goals(), period=period, actor=None, now=now)
        Job.objects.all().delete()
        Job.objects.bulk_create([Job(kind=ISSUE, key=due_at, payload={"due_at": due_at})])


def standing() -> tuple[int, int, int, int]:
    """Reports, parts of them, lines of the record, and jobs that tell the readers."""
    with use_tenant(1):
        issued = AuditEntry.objects.filter(verb=REPORT_ISSUED).count()
        told = Job.objects.filter(kind=TELL).count()
        return PenetrationReport.objects.count(), PenetrationPart.objects.count(), issued, told


def test_whenever_it_is_killed_the_report_is_issued_once_and_whole(ground: Ground, company: None) -> None:
    for table in DEATHS:
        ground.killed_before(table)
        assert standing() == (0, 0, 0, 0)
        [job] = ground.jobs(kind=ISSUE)
        assert job.state == Job.State.RUNNING
        ground.let_leases_end()
        ground.sql("SELECT app.reap_jobs(now(), 5, 'jobs.dead')")
    with ground.worker() as worker:
        ground.let_pauses_end()
        send(ground.broker.address, REAP)
        wake(ground.broker.address)
        ground.until(lambda: bool(ground.jobs(kind=ISSUE, state=Job.State.DONE)), worker)

    reports, parts, issued, told = standing()
    assert (reports, issued, told) == (1, 1, 1)
    assert parts > 0
    with use_tenant(1):
        report = PenetrationReport.objects.get()
        assert report.version == 1
        assert any(kind["nodes"] for kind in report.content["kinds"].values())
        assert set(PenetrationPart.objects.values_list("report", flat=True)) == {report.pk}

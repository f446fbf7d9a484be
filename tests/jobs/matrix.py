"""Who may see and decide about jobs: the administrator of the company; the operators' page exists for nobody here."""

from typing import Any

from django.utils import timezone

from perfsys.jobs.actions import enqueue
from perfsys.jobs.models import Job, Occurrence
from tests.matrix import Company, Row, everybody

ADMIN_ONLY: dict[str, int] = {"owner": 403, "colleague": 403, "manager": 403, "hrbp": 403}


def populate(company: Company) -> None:
    enqueue("audit.seal", f"{company.canary} job")
    company.dead_job = Job.objects.get(kind="audit.seal", key=f"{company.canary} job")
    Job.objects.filter(pk=company.dead_job.pk).update(state=Job.State.DEAD)
    company.late = Occurrence.objects.create(kind="audit.seal", due_at=timezone.now(), state=Occurrence.State.WAITING)


def job(company: Company) -> dict[str, Any]:
    return {"job_id": company.dead_job.pk}


MATRIX = [
    Row("jobs:jobs", **ADMIN_ONLY),
    Row("jobs:retry", "post", admin=302, args=job, **ADMIN_ONLY),
    Row("jobs:discard", "post", admin=302, args=job, **ADMIN_ONLY),
    Row("jobs:run_late", "post", admin=302, args=lambda c: {"occurrence_id": c.late.pk}, **ADMIN_ONLY),
    everybody("operators", 404),
]

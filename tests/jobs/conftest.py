from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from perfsys.jobs.actions import enqueue
from perfsys.jobs.models import CalendarOverride, Job
from perfsys.tenancy.scope import use_tenant
from tests.jobs.handlers import HANDLERS

# Jobs are ready when the database's clock says so: the tests' own stands ahead of it, and is passed as an argument.
NOW = datetime(2041, 3, 4, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def kinds(settings: Any) -> None:
    settings.JOB_HANDLERS = {**settings.JOB_HANDLERS, **HANDLERS}
    settings.JOBS_PER_TENANT = 2
    settings.CELERY_BROKER_URL = "redis://127.0.0.1:1/0"


@pytest.fixture
def put(db: None) -> Callable[..., None]:
    """put("tests.mark", n=3, tenant_id=2): a job whose key is its payload."""

    def enqueue_one(kind: str, *, tenant_id: int = 1, key: str | None = None, **payload: Any) -> None:
        with use_tenant(tenant_id):
            enqueue(kind, key if key is not None else str(sorted(payload.items())), payload)

    return enqueue_one


def jobs(tenant_id: int = 1, **filters: Any) -> list[Job]:
    with use_tenant(tenant_id):
        return list(Job.objects.filter(**filters).order_by("pk"))


def job(tenant_id: int = 1, **filters: Any) -> Job:
    [found] = jobs(tenant_id, **filters)
    return found


def marked(tenant_id: int = 1) -> list[date]:
    with use_tenant(tenant_id):
        return sorted(CalendarOverride.objects.values_list("on", flat=True))

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from perfsys.jobs.actions import enqueue
from perfsys.jobs.models import Job
from perfsys.jobs.worker import claim, run
from perfsys.notices import kinds
from perfsys.notices.kinds import notice_kind
from perfsys.notices.models import Delivery, Notice
from perfsys.tenancy.scope import use_tenant
from tests.jobs.smtp import Received, smtp_server

# Ahead of the database's clock, so that what is enqueued is ready at it.
NOW = datetime(2041, 3, 4, 9, tzinfo=UTC)
DAY = timedelta(days=1)

confirmations: list[dict[str, Any]] = []


def remember(**given: Any) -> None:
    """The hook of the kind below."""
    confirmations.append(given)


undone: list[dict[str, Any]] = []


def remember_undone(**given: Any) -> bool:
    undone.append(given)
    return True


@pytest.fixture(autouse=True)
def declared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "KINDS", dict(kinds.KINDS))
    confirmations.clear()
    undone.clear()
    notice_kind(
        "tests.stale",
        "“%(goal)s” has had no sign of life for %(days)d days",
        outside="A goal has had no sign of life for a while",
        why="because nothing was written for %(days)d days",
        reminder=True,
        on_confirm="tests.notices.conftest.remember",
        on_undo="tests.notices.conftest.remember_undone",
    )
    notice_kind(
        "tests.request", "Marta asks for your view on %(topic)s", outside="Somebody asks for your view", asks=True
    )
    notice_kind("tests.news", "The period %(name)s has begun", outside="A new period has begun")
    notice_kind("tests.quiet", "%(name)s liked it", outside="x", by_mail=False)


@pytest.fixture
def mailbox(settings: Any) -> Iterator[Received]:
    settings.PUBLIC_URL = "https://perf.example"
    with smtp_server(settings) as received:
        yield received


@pytest.fixture
def work_through(settings: Any) -> Callable[..., None]:
    """Runs the jobs that are due at `now`, until there are none."""
    settings.JOBS_PER_TENANT = 5

    def until_done(now: datetime = NOW) -> None:
        # A test is one transaction, and one transaction gets one job: the later ones it would have got are made here.
        for tenant_id in (1, 2):
            with use_tenant(tenant_id):
                if Notice.objects.filter(mail=Notice.Mail.WAITING).exists() or Delivery.objects.exists():
                    enqueue("notices.deliver", f"at {now} {uuid4()}")
        while (claimed := claim(now=now)) is not None:
            run(claimed, now=now)

    return until_done


def notices(**filters: Any) -> list[Notice]:
    return list(Notice.objects.filter(**filters).order_by("pk"))


def failed_jobs() -> list[str]:
    return list(Job.objects.exclude(last_error="").values_list("last_error", flat=True))

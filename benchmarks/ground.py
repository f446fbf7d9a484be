"""Where the benchmarks run: a private PostgreSQL, as the app role, with companies out of `goals.sample_company`."""

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any
from urllib.parse import quote

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))
os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
os.environ.setdefault("DATABASE_URL", "postgresql://pm_app@127.0.0.1:1/none")  # replaced by the cluster's own
os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")

import django

django.setup()

from django.db import connection
from django.test import Client
from django.utils import timezone

from feedback.models import Closing, FactKind, Feedback, FeedbackFact, Visibility
from goals.actions.imported_check_ins import apply_imported_check_ins
from goals.actions.imported_goals import apply_imported_goals
from goals.actions.periods import ensure_period, quarter_of
from goals.queries.settings import local_date, tenant_zone
from goals.sample_company import SampleCompany
from perfsys.common.bulk import writing_in_bulk
from perfsys.lexicon.actions import add_standard_terms
from perfsys.lexicon.models import BehaviourTag, Nature
from perfsys.people import standing
from perfsys.people.actions.roles import grant_role
from perfsys.people.actions.roster import apply_roster
from perfsys.people.models import Account, Employee, HrbpAssignment
from perfsys.tenancy import prepared
from perfsys.tenancy.models import Membership
from perfsys.tenancy.roles import Role
from perfsys.tenancy.rows import Row, insert_rows
from perfsys.tenancy.scope import use_tenant
from tests.cluster import Cluster
from tests.conftest import build_template, clone, finish_template

prepared.examiner = None  # the tests' own: it puts together anew what is to be measured
TENANTS = {"acme": 1, "globex": 2}
Took = dict[str, float]


@dataclass(frozen=True)
class Somebody:
    client: Client
    employee: Employee


def database_url() -> str:
    """For another process: the ground that Django stands on here."""
    place = connection.settings_dict
    host = quote(str(place["HOST"]), safe="")
    return f"postgresql://{place['USER']}:{place['PASSWORD']}@{host}/{place['NAME']}"


@contextmanager
def ground() -> Iterator[Callable[[], None]]:
    """Gives what autovacuum does within a minute: fresh statistics, and pages known to be visible to all."""
    cluster = Cluster.temporary()
    try:
        finish_template(cluster, build_template(cluster))
        with clone(cluster, "benchmark"), closing(cluster.connect("benchmark")) as link:
            link.autocommit = True
            # The tests' 20 s and a deployment's 60 are clock time: beside other work they end what is quick.
            link.cursor().execute("ALTER ROLE pm_app SET statement_timeout = '10min'")
            yield lambda: link.cursor().execute("VACUUM ANALYZE")
    finally:
        cluster.stop()


def timed(work: Callable[[], Any]) -> float:
    """Seconds."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def spent(work: Callable[[], Any]) -> float:
    """Seconds of the processor, Python's here and PostgreSQL's: what the clock says of a busy machine tells nothing."""
    before = _processor()
    work()
    return _processor() - before


def processor_of(process: int) -> float:
    """Seconds a process of this machine has had, as Linux counts them; nothing where it does not."""
    told = Path(f"/proc/{process}/schedstat")
    return int(told.read_text().split()[0]) / 1e9 if told.exists() else float("nan")


@dataclass(frozen=True)
class Cost:
    """Seconds on the clock; of processor, Python's and the database session's; MB the process grew by at its peak."""

    clock: float
    processor: float
    grew: float


def costs(work: Callable[[], Any]) -> Cost:
    """What the clock says tells little on a machine with other work on it; what the processors did, does.

    What parallel workers of PostgreSQL did is not in it. Linux alone: it reads /proc.
    """
    gc.collect()
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here on
    before, resident, began = _processor(), _memory("VmRSS"), time.perf_counter()
    work()
    return Cost(time.perf_counter() - began, _processor() - before, max(0.0, _memory("VmHWM") - resident))


def _processor() -> float:
    """Seconds of this process and of the one that PostgreSQL keeps for it."""
    connection.ensure_connection()
    return time.process_time() + processor_of(connection.connection.info.backend_pid)


def _memory(name: str) -> float:
    """MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(f"{name}:"))


def fill(slug: str, people: int, *, with_goals: bool = True, with_check_ins: bool = True) -> Took:
    """A company of so many people with goals and a quarter of check-ins; what each part took, in seconds."""
    now = timezone.now()
    about: dict[str, Any] = {"actor": None, "now": now}
    with use_tenant(TENANTS[slug]):
        today = local_date(now)
        first, last = quarter_of(today)
        company = SampleCompany(people, 1, first, last, today)
        took = {"people": timed(lambda: apply_roster(company.roster(), effective_on=first, **about))}
        if not with_goals:
            return took
        period = ensure_period(starts_on=first, ends_on=last, **about)
        took["goals"] = timed(lambda: apply_imported_goals(rows=company.goals(), period=period, **about))
        if with_check_ins:
            took["check-ins"] = timed(lambda: apply_imported_check_ins(rows=company.entries(), period=period, **about))
    return took


def fill_with_feedback(slug: str, *, each: int, most: int, days: int = 90) -> float:
    """`each` feedbacks a person over so many days, `most` for the one `cast` calls the employee; every third is what
    could be better and open for a while, every fourth praise stands on the wall. Gives seconds."""
    now = timezone.now()
    with use_tenant(TENANTS[slug]):
        add_standard_terms(now=now)
        zone = tenant_zone()
        tags = list(BehaviourTag.objects.order_by("pk").values_list("pk", flat=True))
        people = list(Employee.objects.order_by("employee_no").values_list("pk", flat=True))
        wanted = [each] * len(people)
        wanted[-2] = most

        def rows() -> Iterator[Row]:
            for place, number in enumerate(wanted):
                for n in range(number):
                    at = now - timedelta(days=days) * (n + 1) / (number + 1) - timedelta(seconds=place)
                    hoped, is_closed = n % 3 == 2, n % 2 == 0
                    yield {
                        "giver_id": people[(place + 1 + n * 7 % (len(people) - 1)) % len(people)],
                        "receiver_id": people[place],
                        "nature": Nature.CONSTRUCTIVE if hoped else Nature.POSITIVE,
                        "tag_id": tags[(place + n) % len(tags)],
                        "text": f"夜班换砂轮崩边，第 {n} 次带着徒弟换好，当班少停 3 小时。",
                        "expected_action": "把换砂轮步骤教给夜班二组",
                        "visibility": Visibility.EVERYONE if not hoped and n % 4 == 0 else Visibility.MANAGER,
                        "at": at,
                        "local_on": at.astimezone(zone).date(),
                        "key": f"benchmark:{place}:{n}",
                        "closed_at": at if hoped and is_closed else None,
                        "closed_how": Closing.CLARIFIED if hoped and is_closed else "",
                    }

        @writing_in_bulk()
        def write() -> None:
            remaining = rows()
            while chunk := list(islice(remaining, 1_000)):
                written = insert_rows(Feedback, chunk, returning=["id", "key"])
                facts = [
                    {"feedback_id": pk, "kind": FactKind.LINK, "url": f"https://mes.example/orders/{key}"}
                    for pk, key in written
                ]
                insert_rows(FeedbackFact, facts)

        return timed(write)


def cast(slug: str, people: int) -> dict[str, Somebody]:
    """An employee without a team, the manager of eight, the partner of a large unit, the administrator."""
    with use_tenant(TENANTS[slug]):
        everybody = {person.employee_no: person for person in Employee.objects.all()}
        partner = HrbpAssignment.objects.order_by("pk").select_related("hrbp")[0].hrbp
        persons = {
            "employee": everybody[f"S{people - 2:05}"],
            "manager": everybody[f"S{(people - 4) // 8 - 2:05}"],
            "hrbp": partner,
            "admin": everybody[f"S{people - 1:05}"],
        }
        return {name: seated(slug, person, is_admin=name == "admin") for name, person in persons.items()}


def seated(slug: str, person: Employee, *, is_admin: bool = False) -> Somebody:
    account = Account.objects.create_user(email=f"{person.employee_no}@{slug}.example", password="benchmark")
    person.membership = Membership.objects.create(account=account)
    person.save(update_fields=["membership"])
    if is_admin:
        grant_role(membership=person.membership, role=Role.ADMIN, actor=None, now=timezone.now())
    standing.refresh_derived_roles(timezone.localdate(), only=[person.pk])
    client = Client()
    client.force_login(account)
    return Somebody(client, person)

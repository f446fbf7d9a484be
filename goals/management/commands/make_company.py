import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from goals.actions.imported_check_ins import apply_imported_check_ins
from goals.actions.imported_goals import apply_imported_goals
from goals.actions.periods import ensure_period, quarter_of
from goals.queries.settings import local_date
from goals.sample_company import SampleCompany
from perfsys.people.actions.roster import apply_roster
from perfsys.tenancy.rows import tell_planner
from perfsys.tenancy.scope import all_tenants, use_tenant


class Command(BaseCommand):
    help = "Fill a tenant with a company of any size: units, people, lines, goals in three layers, check-ins."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--people", type=int, required=True, metavar="N")
        parser.add_argument("--seed", type=int, default=1, metavar="S")

    def handle(self, *args: Any, slug: str, people: int, seed: int, **options: Any) -> None:
        with all_tenants("a command names its tenant, or makes it") as call:
            found = call("tenant_named", slug) or call("create_tenant", slug, slug)
        now = timezone.now()
        started = time.monotonic()
        with use_tenant(found[0][0]):
            today = local_date(now)
            first, last = quarter_of(today)
            company = SampleCompany(people, seed, first, last, today)
            about: dict[str, Any] = {"actor": None, "now": now}
            apply_roster(company.roster(), effective_on=first, **about)
            self._say(f"{people} people", started)
            period = ensure_period(starts_on=first, ends_on=last, **about)
            goals = apply_imported_goals(rows=company.goals(), period=period, **about)
            self._say(f"{goals.created} goals", started)
            entries = apply_imported_check_ins(rows=company.entries(), period=period, **about)
            tell_planner(goals.created + entries.created)
            self._say(f"{entries.created} check-ins", started)

    def _say(self, what: str, started: float) -> None:
        self.stdout.write(f"{what}, {time.monotonic() - started:.1f} s")

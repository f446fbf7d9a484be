import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from goals.queries.health import health_report
from perfsys.tenancy.scope import all_tenants, use_tenant


class Command(BaseCommand):
    help = "Stale goals on a day, and idle goals of its month and the one before, by goal number."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--as-of", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD", dest="as_of")
        parser.add_argument("--json", required=True, type=Path, metavar="OUT", dest="out")

    def handle(self, *args: Any, tenant: str, as_of: date, out: Path, **options: Any) -> None:
        with all_tenants("a command names its tenant") as call:
            found = call("tenant_named", tenant)
        if not found:
            raise CommandError(f"There is no tenant {tenant!r}.")
        this_month = as_of.replace(day=1)
        before = date(this_month.year - (this_month.month == 1), (this_month.month - 2) % 12 + 1, 1)
        with use_tenant(found[0][0]):
            report = health_report(as_of, [before, this_month])
        out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        self.stdout.write(f"{len(report['stale'])} stale")

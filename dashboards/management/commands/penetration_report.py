import json
from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from dashboards.actions import issue_report
from dashboards.penetration_content import flows_by_number
from dashboards.penetration_queries import facts_of, flows_of
from goals.queries.settings import local_date
from perfsys.tenancy.scope import all_tenants, use_tenant


def month(text: str) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is no month: write 2026-10") from None


class Command(BaseCommand):
    help = "Where the money, people and hours of a month went, and its idle goals, by goal number."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--month", required=True, type=month, metavar="YYYY-MM")
        parser.add_argument("--as-of", type=date.fromisoformat, metavar="YYYY-MM-DD", dest="as_of", help="else today")
        parser.add_argument("--json", required=True, type=Path, metavar="OUT", dest="out")
        parser.add_argument("--issue", action="store_true", help="keep it as the month's next version as well")

    def handle(
        self, *args: Any, tenant: str, month: date, as_of: date | None, out: Path, issue: bool, **options: Any
    ) -> None:
        with all_tenants("a command names its tenant") as call:
            found = call("tenant_named", tenant)
        if not found:
            raise CommandError(f"There is no tenant {tenant!r}.")
        now = timezone.now()
        with use_tenant(found[0][0]):
            on = as_of or local_date(now)
            facts = facts_of(month, on)
            report = flows_by_number(facts, flows_of(facts))
            if issue:
                kept = issue_report(month=month, as_of=on, key=f"command {uuid4()}", actor=None, now=now)
                self.stdout.write(f"issued as version {kept.version}")
            try:  # in the scope still: what cannot be handed over is not issued
                out.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
            except OSError as error:
                raise CommandError(f"{out}: {error.strerror}.") from error
        self.stdout.write(f"{len(report['nodes'])} goals, {len(report['links'])} links, {len(report['idle'])} idle")

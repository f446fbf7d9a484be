import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from integrations.models import ReconciliationPair
from integrations.queries.comparing import Comparison
from integrations.queries.reconciliation_report import report
from perfsys.tenancy.scope import all_tenants, use_tenant


class Command(BaseCommand):
    help = "How the two metrics of a pair agree, day by day and subject by subject, as their figures stand now."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--from", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD", dest="first")
        parser.add_argument("--to", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD", dest="last")
        parser.add_argument("--as-of", type=date.fromisoformat, metavar="YYYY-MM-DD", dest="as_of", help="else --to")
        parser.add_argument("--pair", default="", metavar="NAME", help="needed where there are several")
        parser.add_argument("--json", required=True, type=Path, metavar="OUT", dest="out")

    def handle(
        self,
        *args: Any,
        tenant: str,
        first: date,
        last: date,
        as_of: date | None,
        pair: str,
        out: Path,
        **options: Any,
    ) -> None:
        if last < first:
            raise CommandError("--to lies before --from.")
        with all_tenants("a command names its tenant") as call:
            found = call("tenant_named", tenant)
        if not found:
            raise CommandError(f"There is no tenant {tenant!r}.")
        with use_tenant(found[0][0]):
            named = _pair(pair)
            made = report(named, first=first, last=last, as_of=as_of or last)
            stops = [one for one in Comparison(named, as_of=as_of or last).unequal(last) if one.stops]
        try:
            out.write_text(json.dumps(made, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{out}: {error.strerror}.") from error
        for one in stops:
            self.stderr.write(f"They cannot be compared by {one.name}: {one.a} against {one.b}.")
        counted = made["summary"]
        self.stdout.write(
            f"{counted['compared_days']} days compared, {len(made['lost_days'])} lost,"
            f" {counted['region_days_over_5pct']} of {counted['region_days']} figures over"
        )


def _pair(name: str) -> ReconciliationPair:
    pairs = ReconciliationPair.objects.select_related("a", "b").order_by("name")
    found = list(pairs.filter(name=name) if name else pairs)
    if len(found) == 1:
        return found[0]
    if not found:
        raise CommandError("There is no such pair: have two metrics compared in the browser first.")
    raise CommandError("Name one with --pair: " + ", ".join(one.name for one in found))

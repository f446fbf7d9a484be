"""Move old raw rows into a file: `manage.py archive_raw --tenant acme --before 2026-06-01 --to DIRECTORY`."""

from datetime import date, datetime, time
from itertools import count
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import ProgrammingError
from django.utils import timezone

from integrations.actions.raw import YOUNGEST, TooYoung, put_away
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.scope import all_tenants, use_tenant


class Command(BaseCommand):
    help = "Move what other systems said before a day, and said anew since, from the raw layer into a file."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--before", required=True, type=date.fromisoformat, metavar="YYYY-MM-DD")
        parser.add_argument("--to", required=True, type=Path, metavar="DIRECTORY", dest="directory")

    def handle(self, *args: Any, tenant: str, before: date, directory: Path, **options: Any) -> None:
        if not directory.is_dir():
            raise CommandError(f"{directory} is no directory.")
        with all_tenants("a command names its tenant") as call:
            found = call("tenant_named", tenant)
        if not found:
            raise CommandError(f"There is no tenant {tenant!r}.")
        file = _new_file(directory, f"raw.{tenant}.before-{before}")
        try:
            moved = _move(found[0][0], before, file)
        except TooYoung:
            raise CommandError(f"The last {YOUNGEST.days} days stay: choose an earlier day.") from None
        except ProgrammingError as error:
            raise CommandError("Only the owner of the tables may do this: see docs/scale.md.") from error
        self.stdout.write(f"{moved} rows moved to {file}" if moved else "Nothing to move.")


def _move(tenant_id: int, before: date, file: Path) -> int:
    """A transaction for each part: what was moved stays moved, whatever becomes of the rest."""
    now, moved, after = timezone.now(), 0, 0
    while True:
        with use_tenant(tenant_id):
            zone = ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get())
            begins = datetime.combine(before, time.min, zone)
            number, after = put_away(before=begins, after=after, into=file, now=now)
        if not number:
            return moved
        moved += number


def _new_file(directory: Path, name: str) -> Path:
    """One that does not stand there: of a run that was killed the file may end in the middle of a part."""
    numbered = (directory / f"{name}.{number}.jsonl.gz" for number in count(1))
    return next(path for path in numbered if not path.exists())

"""Bring raw rows back out of files of archive_raw: `manage.py restore_raw --tenant acme FILE...`."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from integrations.actions.raw import NotAnArchive, OtherRows, bring_back, rows_of
from perfsys.tenancy.scope import all_tenants, use_tenant


class Command(BaseCommand):
    help = "Bring what other systems said back into the raw layer, out of files that archive_raw wrote."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("files", nargs="+", type=Path, metavar="FILE")

    def handle(self, *args: Any, tenant: str, files: list[Path], **options: Any) -> None:
        """A transaction for each part: what was brought back stays, and the same again brings nothing."""
        with all_tenants("a command names its tenant") as call:
            found = call("tenant_named", tenant)
        if not found:
            raise CommandError(f"There is no tenant {tenant!r}.")
        now, brought, strange = timezone.now(), 0, 0
        for file in files:
            try:
                for rows in rows_of(file):
                    with use_tenant(found[0][0]):
                        number, others = bring_back(rows=rows, file=file.name, now=now)
                    brought, strange = brought + number, strange + others
            except NotAnArchive:
                raise CommandError(f"{file} is no whole file of archive_raw; {brought} rows came back.") from None
            except OtherRows:
                raise CommandError(
                    f"{file} was put away in another installation, or after the backup this one comes from: "
                    "its numbers are taken here, or not given yet."
                ) from None
        self.stdout.write(f"{brought} rows brought back, {strange} of no record here.")

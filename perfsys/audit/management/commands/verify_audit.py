"""Compare a tenant's record with its seals: `manage.py verify_audit --tenant acme [--anchor 12:9f86d0...]`."""

import argparse
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from perfsys.audit import chain
from perfsys.tenancy.scope import all_tenants, use_tenant


class Command(BaseCommand):
    help = "Names every audit entry that was changed, removed, swapped or never sealed; exit code 1 where there is one."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument(
            "--anchor",
            action="append",
            default=[],
            type=_anchor,
            metavar="POSITION:LINK",
            help="a head of the chain kept elsewhere: the log line 'audit sealed' has both",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with all_tenants("find the tenant whose record is checked") as call:
            found = call("tenant_named", options["tenant"])
        if not found:
            raise CommandError(f"There is no tenant {options['tenant']}.")
        with use_tenant(found[0][0]):
            report = chain.verify(dict(options["anchor"]))
        for fault in report.faults:
            self.stderr.write(fault)
        position, link = report.head
        self.stdout.write(f"{report.entries} entries under {position} seals, head {position}:{link}")
        if report.faults:
            raise CommandError(f"{len(report.faults)} faults in the record of {options['tenant']}.")


def _anchor(words: str) -> tuple[int, str]:
    position, _, link = words.partition(":")
    if not position.isdecimal() or len(link) != 2 * chain.SHA:
        raise argparse.ArgumentTypeError(f"{words!r} is not POSITION:LINK")
    return int(position), link

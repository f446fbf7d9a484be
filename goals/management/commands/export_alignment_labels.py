"""Write what managers confirmed as labelled pairs, for `train_alignment --confirmed` (docs/decisions/0008)."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from goals.models import AlignmentLabel
from perfsys.tenancy.scope import all_tenants, use_tenant


class Command(BaseCommand):
    help = "Write the confirmed alignments of companies as labelled pairs: texts of their own, for nobody else."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--tenant", required=True, action="append", metavar="SLUG", dest="tenants")
        parser.add_argument("--out", required=True, type=Path, metavar="FILE.jsonl")

    def handle(self, *args: Any, tenants: list[str], out: Path, **options: Any) -> None:
        lines = [line for slug in tenants for line in _labels(slug)]
        out.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
        self.stdout.write(f"{len(lines)} pairs")


def _labels(slug: str) -> list[str]:
    """Those that nobody took back; neither names nor reasons."""
    with all_tenants("a command names its tenant") as call:
        found = call("tenant_named", slug)
    if not found:
        raise CommandError(f"There is no tenant {slug!r}.")
    with use_tenant(found[0][0]):
        rows = AlignmentLabel.objects.filter(taken_back_at=None).order_by("pk")
        texts = list(rows.values_list("confirmed_as", "child_text", "parent_text"))
    return [
        json.dumps({"id": f"{slug}-{key}", "child": child, "parent": parent, "label": 1}, ensure_ascii=False)
        for key, child, parent in texts
    ]

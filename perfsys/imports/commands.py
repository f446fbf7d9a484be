"""The import engine on the command line: the same steps as in the browser, in one breath and one transaction."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from perfsys.tenancy.scope import all_tenants, use_tenant

from . import actions, wording
from .kinds import kind_named
from .models import State


class ImportCommand(BaseCommand):
    """Subclasses name the kind. Prints counts; `--json` writes every row's verdict, `--dry-run` writes nothing else."""

    kind: str

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--tenant", required=True, metavar="SLUG")
        parser.add_argument("--dry-run", action="store_true", help="judge the rows, import nothing")
        parser.add_argument("--json", type=Path, metavar="OUT", help="write the verdict on every row")

    def handle(self, *, file: Path, tenant: str, dry_run: bool, json: Path | None, **_options: Any) -> None:
        try:
            content = file.read_bytes()
        except OSError as error:
            raise CommandError(f"{file}: {error.strerror}.") from error
        with all_tenants("a command names its company") as call:
            found = call("tenant_named", tenant)
        if not found:
            raise CommandError(f"no company is called {tenant}: make it with create_tenant.")
        with use_tenant(found[0][0]):
            self._run(file.name, content, dry_run=dry_run, out=json)

    def _run(self, name: str, content: bytes, *, dry_run: bool, out: Path | None) -> None:
        now = timezone.now()
        run = actions.start(kind=self.kind, name=name, content=content, actor=None, now=now)
        actions.read(run_id=run.pk, now=now)
        run.refresh_from_db()
        if run.state == State.FAILED:
            raise CommandError(wording.stopped_because(run.error or {}))
        judged = actions.judge_as_read(run=run, now=now)
        run.refresh_from_db()
        if judged is None:
            raise CommandError(wording.stopped_because(run.error or {}))
        if not run.counts:
            raise CommandError(f"{name}: nothing in it looks like {self.kind}.")
        if out:
            try:
                out.write_text(json.dumps(judged.document(), ensure_ascii=False, indent=1), encoding="utf-8")
            except OSError as error:
                raise CommandError(f"{out}: {error.strerror}.") from error
        del judged  # every row of the file, which the writing does not need
        good = sum(run.counts.get(action, 0) for action in kind_named(self.kind).good)
        if good and not dry_run:
            actions.write_judged(run=run, now=now)
            run.refresh_from_db()
        if dry_run:
            transaction.set_rollback(True)
        counts = ", ".join(f"{action}: {rows}" for action, rows in run.counts.items())
        self.stdout.write(f"{name}: {counts}" + (" (dry run: nothing was imported)" if dry_run else ""))

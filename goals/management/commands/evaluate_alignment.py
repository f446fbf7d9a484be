"""How well relevance tells supporting pairs from others, on labelled ones (product.md §2.7)."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from goals.queries.match import model_file
from goals.relevance import relevances
from goals.relevance.evaluation import evaluate
from goals.relevance.model import OtherModelFormat
from goals.relevance.pairs import UnreadablePairs, read_pairs


class Command(BaseCommand):
    help = "Print AUC and accuracy at 70 on labelled pairs as JSON, and every pair that 70 puts on the wrong side."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a JSON object a line: id, child, parent, label 1 or 0")
        parser.add_argument(
            "--model", type=Path, metavar="FILE", help="as train_alignment writes it (default: the one in use here)"
        )
        parser.add_argument("--words-only", action="store_true", help="judge as a machine without the encoder does")

    def handle(self, *, file: Path, model: Path | None, words_only: bool, **_options: Any) -> None:
        used = model or model_file()
        try:
            pairs = read_pairs(file)
            found = relevances([(pair.child, pair.parent) for pair in pairs], words_only=words_only, model=used)
        except (UnreadablePairs, OSError) as error:
            raise CommandError(str(error)) from error
        except OtherModelFormat as error:
            raise CommandError(f"{used} is of another version of the program: train it anew.") from error
        self.stdout.write(json.dumps(evaluate(pairs, [one.score for one in found]), ensure_ascii=False, indent=1))

"""How well vague wording is told from behaviour, on labelled texts (product.md §3.3)."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from perfsys.lexicon import opinion
from perfsys.lexicon.vagueness import evaluate

LABELS = {"vague": True, "behavioural": False}


class Command(BaseCommand):
    help = "Print precision, recall and F1 of recognising vague texts, and every text that was taken for the other."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="a JSON object a line: id, text, label (vague or behavioural)")
        parser.add_argument("--words-only", action="store_true", help="as on a machine without the encoder")

    def handle(self, *, file: Path, words_only: bool, **_options: Any) -> None:
        try:
            lines = file.read_text(encoding="utf-8-sig").splitlines()
        except (OSError, UnicodeDecodeError) as error:
            raise CommandError(f"{file} cannot be read: give a UTF-8 file.") from error
        texts = [_labelled(number, line) for number, line in enumerate(lines, start=1) if line.strip()]
        judge = None if words_only else opinion.judge_if_installed()
        if judge is not None:
            opinion.prepare(text for _key, text, _label in texts)
        self.stdout.write(json.dumps(evaluate(texts, judge=judge), ensure_ascii=False, indent=1))


def _labelled(number: int, line: str) -> tuple[str, str, bool]:
    try:
        held = json.loads(line)
        return str(held["id"]), str(held["text"]), LABELS[held["label"]]
    except (ValueError, KeyError, TypeError) as error:
        raise CommandError(
            f"line {number}: an object with id, text and label vague or behavioural is needed."
        ) from error

"""The ready-made dictionary: what people of a manufacturing company were seen doing, in sentences that can be sent as
they are once the figures are one's own. A constructive one says what was seen and what it led to, of nobody's
character. Levels: 1 begins, 2 does it alone, 3 takes others along, 4 changes how it is done. They stand in
data/entries.csv, by competency, well done first, and level; a key stays when words are improved."""

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FILE = Path(__file__).parent / "data" / "entries.csv"


@dataclass(frozen=True)
class StandardEntry:
    key: str
    competency: str
    nature: str
    level: int
    text: str
    text_en: str
    scene: str
    scene_en: str


def _read() -> tuple[StandardEntry, ...]:
    with FILE.open(encoding="utf-8", newline="") as file:
        rows: list[dict[str, Any]] = list(csv.DictReader(file))
    return tuple(StandardEntry(**row | {"level": int(row["level"])}) for row in rows)


ENTRIES = _read()

"""The files a PLM dropped over 120 days, in data/plm as they were handed over.

One is missing, one is cut off, one was sent again twice.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

FILES = Path(__file__).parent / "data" / "plm"
_NAME = re.compile(r"PLM_([0-9]{4})([0-9]{2})([0-9]{2})(.*)")
_MOMENT = re.compile(rb"([0-9]{4}-[0-9]{2}-[0-9]{2})(?= [0-9]{2}:[0-9]{2})")


def dropped(days: int = 0) -> Iterator[tuple[str, bytes]]:
    """Name and content of each, by day and number, `days` later: in the name and in every line."""
    by = timedelta(days=days)

    def later(found: re.Match[bytes]) -> bytes:
        return (date.fromisoformat(found[1].decode()) + by).isoformat().encode()

    for file in sorted(FILES.glob("PLM_*.csv"), key=lambda path: path.stem):
        said = _NAME.fullmatch(file.name)
        assert said  # noqa: S101 the files are ours
        on = date(int(said[1]), int(said[2]), int(said[3])) + by
        yield f"PLM_{on:%Y%m%d}{said[4]}", _MOMENT.sub(later, file.read_bytes())

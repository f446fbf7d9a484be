"""What BI and settlement handed over of 120 days of orders, in data/orders, with customers and sales regions.

Three days of BI are lost. Settlement comes two days after the order; a line of a return carries the day of its order.
"""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

FILES = Path(__file__).parent / "data" / "orders"
DATED = ("bi_snapshot", "settlement_t2")
_NAME = re.compile(r"([A-Z_]+)([0-9]{8})\.csv")
_DAY = re.compile(rb"(?<![0-9-])[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9-])")


def dropped(days: int = 0) -> Iterator[tuple[str, bytes]]:
    """Name and content of each, lists first, the others by day, `days` later: in the name and in every line; what is
    counted stays."""
    by = timedelta(days=days)

    def later(found: re.Match[bytes]) -> bytes:
        return (date.fromisoformat(found[0].decode()) + by).isoformat().encode()

    for name in ("customers_registered.csv", "region_map.csv"):
        yield name, (FILES / name).read_bytes()
    for folder in DATED:
        for file in sorted((FILES / folder).glob("*.csv")):
            said = _NAME.fullmatch(file.name)
            assert said  # noqa: S101 the files are ours
            on = date.fromisoformat(f"{said[2][:4]}-{said[2][4:6]}-{said[2][6:]}") + by
            yield f"{said[1]}{on:%Y%m%d}.csv", _DAY.sub(later, file.read_bytes())

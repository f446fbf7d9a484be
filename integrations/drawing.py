"""A metric as a line by day, with the same as a table."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import NamedTuple

from perfsys.common.charts import Cell, Chart, plain, token

DAY = timedelta(days=1)


class Point(NamedTuple):
    """A day's figure; `amount` None where there is nothing to divide by. `text` is how people write it, `mark` what
    puts it in doubt."""

    on: date
    amount: Decimal | None
    text: str
    is_settled: bool
    url: str
    mark: str = ""


def line_by_day(
    points: Sequence[Point], *, says: str, name: str, heads: Sequence[str], standings: tuple[str, str]
) -> Chart:
    """`points` from the earliest on; the line breaks where days are missing, as a line over them would invent what they
    were. Days that are not final yet are drawn hollow, those in doubt as diamonds.
    `standings`: what a final and a provisional one are called."""
    drawn = list(_with_breaks(points))
    marks = [token("brand") if one.is_settled else token("surface") for one in drawn]
    symbols = ["diamond" if one.mark else "circle" for one in drawn]
    trace = {
        "type": "scatter",
        "mode": "lines+markers",
        "name": plain(name),
        "x": [one.on.isoformat() for one in drawn],
        "y": [None if one.amount is None else float(one.amount) for one in drawn],
        "text": [plain(_with_mark(one.text, one)) for one in drawn],
        "hovertemplate": "%{x|%Y-%m-%d}<br>%{text}<extra></extra>",
        "line": {"color": token("brand"), "width": 2},
        "marker": {"size": 7, "symbol": symbols, "color": marks, "line": {"color": token("brand"), "width": 2}},
    }
    axis = {"gridcolor": token("line"), "zeroline": False, "linecolor": token("line"), "automargin": True}
    figure = {
        "data": [trace],
        "layout": {
            "margin": {"l": 8, "r": 12, "t": 12, "b": 8},
            "xaxis": {**axis, "type": "date", "tickformat": "%m-%d", "nticks": 8, "fixedrange": True},
            "yaxis": {**axis, "rangemode": "tozero", "nticks": 5, "tickformat": ",~f", "fixedrange": True},
        },
        "config": {"responsive": False},
    }
    rows = [
        [Cell(one.on.isoformat()), Cell(one.text, one.url), Cell(_with_mark(standings[not one.is_settled], one))]
        for one in reversed(points)
    ]
    return Chart("metric-by-day", says, figure, heads, rows)


def _with_breaks(points: Sequence[Point]) -> Iterator[Point]:
    """With a day of nothing wherever days lie between two of them."""
    for before, one in zip((None, *points), points, strict=False):
        if before is not None and one.on - before.on > DAY:
            yield Point(before.on + DAY, None, "", True, "")
        yield one


def _with_mark(text: str, point: Point) -> str:
    return f"{text} · {point.mark}" if point.mark else text

"""A metric as a line by day: what is not there is not drawn."""

from datetime import date
from decimal import Decimal

from integrations.drawing import Point, line_by_day


def point(day: int) -> Point:
    return Point(date(2026, 11, day), Decimal(day), f"{day} 件", True, "")


def test_days_that_are_missing_break_the_line_and_are_no_row_of_the_table():
    """Three lost days read as a steady line would say that nothing was lost."""
    chart = line_by_day(
        [point(22), point(23), point(27)], says="", name="报废", heads=("", "", ""), standings=("定值", "暂定")
    )
    [trace] = chart.figure["data"]
    assert trace["x"] == ["2026-11-22", "2026-11-23", "2026-11-24", "2026-11-27"]
    assert trace["y"] == [22, 23, None, 27]
    assert len(trace["text"]) == len(trace["marker"]["symbol"]) == len(trace["marker"]["color"]) == 4
    assert len(chart.rows) == 3

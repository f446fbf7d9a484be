"""What a person typed, and what is compared and stored."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from perfsys.imports.reading import Cell, CellValue
from perfsys.imports.text import clean, compact, day, line, number


@pytest.mark.parametrize(
    ("held", "text"),
    [
        ("ＨＲ００６３ ", "HR0063"),
        ("胡\u3000红", "胡 红"),
        ("董春岩\xa0", "董春岩"),
        ("\ufeff姓名\u200b", "姓名"),
        ("a\x00b\x07", "ab"),
        ("白桂永\n", "白桂永"),
        (None, ""),
        (True, "TRUE"),
        (13300001080, "13300001080"),
        (10023.0, "10023"),
        (0.1, "0.1"),
        (datetime(2020, 5, 1), "2020-05-01"),  # noqa: DTZ001
        (datetime(2020, 5, 1, 8, 30), "2020-05-01 08:30:00"),  # noqa: DTZ001
        (date(2020, 5, 1), "2020-05-01"),
    ],
)
def test_clean_text_has_one_form(held: CellValue, text: str) -> None:
    assert clean(held) == clean(Cell(held)) == text


def test_formulas_have_no_text() -> None:
    assert clean(Cell("=ROW()-4", formula=True)) == ""


def test_names_lose_inner_blanks_and_lines_keep_one() -> None:
    assert compact(" 胡\u3000 娜冬\n") == "胡娜冬"
    assert line(" 张 三 \n\t李四") == "张 三 李四"


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    for normalise in (clean, compact, line):
        assert normalise(normalise(text)) == normalise(text)
    assert "\x00" not in clean(text)


@pytest.mark.parametrize(
    ("held", "value"),
    [
        ("1,200.50", Decimal("1200.50")),
        ("95%", Decimal(95)),
        ("９５％", Decimal(95)),
        (0.1, Decimal("0.1")),
        ("-3", Decimal(-3)),
        (".5", Decimal("0.5")),
        ("12,34", None),
        ("约5", None),
        ("", None),
        ("nan", None),
        (True, None),
        (float("inf"), None),
        (datetime(2020, 5, 1), None),  # noqa: DTZ001
    ],
)
def test_numbers_are_exact_or_none(held: CellValue, value: Decimal | None) -> None:
    assert number(held) == value


@pytest.mark.parametrize(
    ("held", "found"),
    [
        (20101217, date(2010, 12, 17)),
        ("20101217", date(2010, 12, 17)),
        (43295, date(2018, 7, 14)),
        (43295.75, date(2018, 7, 14)),
        ("43295", date(2018, 7, 14)),
        ("2016/11/26", date(2016, 11, 26)),
        ("2019.02.13", date(2019, 2, 13)),
        ("2021年2月14日", date(2021, 2, 14)),
        ("2021 年 2 月 14 日", date(2021, 2, 14)),
        ("2021-2-14 08:30:00", date(2021, 2, 14)),
        ("２０１９／４／２", date(2019, 4, 2)),
        (datetime(2020, 5, 1, 9), date(2020, 5, 1)),  # noqa: DTZ001
        ("26-Nov-2016", date(2016, 11, 26)),
        ("November 26, 2016", date(2016, 11, 26)),
        ("31/12/2016", date(2016, 12, 31)),
        ("12/31/2016", date(2016, 12, 31)),
        ("2017年9月", None),
        ("2017-09", None),
        ("2021-02-30", None),
        ("3/4/2016", None),
        ("26-Nov", None),
        ("2016-11/26", None),
        (99999999, None),
        (7, None),
        ("待定", None),
        (None, None),
        (True, None),
    ],
)
def test_a_day_is_read_or_left_to_a_person(held: CellValue, found: date | None) -> None:
    assert day(held) == found


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2099, 12, 31)), st.integers(0, 5))
def test_every_spelling_of_a_day_means_it(meant: date, spelling: int) -> None:
    spellings: list[CellValue] = [
        meant.isoformat(),
        f"{meant.year}/{meant.month}/{meant.day}",
        f"{meant.year}年{meant.month}月{meant.day}日",
        int(meant.strftime("%Y%m%d")),
        (meant - date(1899, 12, 30)).days,
        meant.strftime("%d-%b-%Y"),
    ]
    assert day(spellings[spelling]) == meant


@given(st.text() | st.floats() | st.integers() | st.booleans() | st.none())
def test_no_cell_makes_them_fail(held: CellValue) -> None:
    for reader in (clean, compact, line, number, day):
        reader(held)

"""The day and the number of a sending, read out of the name of a file."""

import re
import string
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.adapters.base import UNDATED
from integrations.adapters.csv_drop.names import GRAMMAR, Sent, UnfitPattern, read_name, write_name

PLM = "PLM_{yyyymmdd}[_R{n}].csv"
LETTERS = st.text(string.ascii_letters + "图纸_-. ()+*^$|", max_size=6)
DAYS = st.sampled_from(["{yyyymmdd}", "{yyyy}-{mm}-{dd}", "{yyyy}年{mm}月{dd}日"])
NUMBERS = st.sampled_from(["[_R{n}]", "[ 第{n}次]", "-{n}", "[({n})]", ""])
SENT = st.builds(Sent, st.dates(date(2000, 1, 1), date(2100, 12, 31)), st.integers(0, 9999))


@given(LETTERS, DAYS, LETTERS, NUMBERS, LETTERS, SENT)
def test_a_name_written_by_a_pattern_is_read_by_it(
    before: str, day: str, between: str, number: str, behind: str, sent: Sent
) -> None:
    pattern = before + day + between + number + behind
    expected = sent if "{n}" in number else Sent(sent.on, 0)
    assert read_name(pattern, write_name(pattern, expected)) == expected


@given(st.text(max_size=30), LETTERS, DAYS, NUMBERS)
def test_no_name_breaks_a_pattern(name: str, before: str, day: str, number: str) -> None:
    assert read_name(PLM, name) is None
    found = read_name(before + day + number, name)
    assert found is None or isinstance(found.on, date)


@given(st.text("{}[]ynmd/\\ab", max_size=14))
def test_a_pattern_is_in_the_grammar_or_refused(pattern: str) -> None:
    try:
        read_name(pattern, "x")
    except UnfitPattern:
        assert not re.search(GRAMMAR, pattern)
    else:
        assert re.search(GRAMMAR, pattern)


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("PLM_20261014.csv", (date(2026, 10, 14), 0)),
        ("PLM_20261014_R1.csv", (date(2026, 10, 14), 1)),
        ("plm_20261014_r02.CSV", (date(2026, 10, 14), 2)),
        ("PLM_20280229.csv", (date(2028, 2, 29), 0)),
        ("PLM_20261014_R0.csv", (date(2026, 10, 14), 0)),
        ("PLM_20260229.csv", None),
        ("PLM_20261399.csv", None),
        ("PLM_00000101.csv", None),
        ("PLM_00010101.csv", None),
        ("PLM_19261014.csv", None),
        ("PLM_21261014.csv", None),
        ("PLM_２０２６１０１４.csv", None),
        ("PLM_20261014_R.csv", None),
        ("PLM_20261014_R12345.csv", None),
        ("PLM_20261014 (1).csv", None),
        ("PLM_20261014.csv.tmp", None),
        ("PLM_20261014.csv\n", None),
        ("../PLM_20261014.csv", None),
        ("xPLM_20261014.csv", None),
        ("PLM_20261014xcsv", None),
    ],
)
def test_the_names_plm_gives(name: str, sent: Any) -> None:
    assert read_name(PLM, name) == sent


@pytest.mark.parametrize(
    ("name", "sent"),
    [
        ("region_map.csv", (UNDATED, 0)),
        ("REGION_MAP_R3.CSV", (UNDATED, 3)),
        ("region_map (1).csv", None),
        ("region_map_20261014.csv", None),
    ],
)
def test_a_list_that_is_sent_whole_has_no_day(name: str, sent: Any) -> None:
    assert read_name("region_map[_R{n}].csv", name) == sent


@pytest.mark.parametrize(
    "pattern",
    ["", "{mm}.csv", "{n}_{yyyymmdd}", "{yyyymmdd}{yyyymmdd}", "{mm}{dd}{yyyy}", "a/{yyyymmdd}", "{yyyymmdd}[a][b]",
     "{yyyymmdd}[[a]]", "{yyyymmdd}[a", "{yyyymmdd}]", "{yyyymmdd}{hh}", "..\\{yyyymmdd}", "{yyyymmdd}\n"],
)  # fmt: skip
def test_a_pattern_that_means_nothing_is_refused(pattern: str) -> None:
    with pytest.raises(UnfitPattern):
        read_name(pattern, "PLM_20261014.csv")

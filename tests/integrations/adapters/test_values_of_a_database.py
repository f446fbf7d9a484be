"""Cells of a database as JSON, and places in a reading as a run keeps them."""

import json
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.adapters.sql.cells import BYTES, as_json, as_list, kept, opened, typed_like
from integrations.adapters.values import storable
from tests.integrations.adapters.sources import SHANGHAI

AT = datetime(2026, 11, 20, 8, 0)  # noqa: DTZ001 as most databases hold it
CELLS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**18), 10**18)
    | st.text()
    | st.floats()
    | st.decimals()
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | st.dates()
    | st.binary(max_size=8)
)


@given(st.recursive(CELLS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8))
def test_whatever_a_cell_holds_a_json_column_can_keep(cell: Any) -> None:
    found = as_json(cell)
    assert storable(found) == found
    assert json.loads(json.dumps(found, allow_nan=False)) == found


PLACES = st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False) | st.dates() | st.binary()
PLACES |= st.decimals(allow_nan=False) | st.datetimes(timezones=st.just(UTC) | st.none())


@given(st.lists(PLACES))
def test_a_place_is_found_again_to_the_last_digit(values: list[Any]) -> None:
    found = opened(json.loads(json.dumps(kept(values))))
    assert found == values and list(map(type, found)) == list(map(type, values))


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        (Decimal("12.50"), "12.50"),
        (Decimal("1E+3"), "1000"),
        (Decimal("0.1000000000000000000000000001"), "0.1000000000000000000000000001"),
        (float("nan"), "nan"),
        (AT.replace(microsecond=250), "2026-11-20 08:00:00.000250"),
        (datetime(2026, 11, 20, 8, 0, tzinfo=timezone(timedelta(hours=8))), "2026-11-20 08:00:00+08:00"),
        (date(2026, 11, 20), "2026-11-20"),
        (time(7, 30), "07:30:00"),
        (timedelta(hours=-1, minutes=-5), "-01:05:00"),
        (b"\xff\xd8 a picture", BYTES),
        (memoryview(b"x"), BYTES),
        ("a\0b", "a\ufffdb"),
        (UUID(int=7), str(UUID(int=7))),
        ([Decimal("1.0"), None], ["1.0", None]),
    ],
)
def test_a_cell_is_written_as_exactly_as_it_was_held(cell: Any, expected: Any) -> None:
    assert as_json(cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"), [('[1, "二"]', [1, "二"]), ("[1, 2", "[1, 2"), ("no list", "no list"), ([1.5], [1.5])]
)
def test_a_list_may_come_as_its_text(cell: Any, expected: Any) -> None:
    assert as_list(cell) == expected


@pytest.mark.parametrize(
    ("watermark", "sample", "expected"),
    [
        ("2026-11-20 08:00:00", AT, AT),
        ("2026/11/20 08:00:00", AT, AT),
        ("2026-11-20T00:00:00+00:00", AT, AT),  # theirs has no zone, so it is the company's
        ("2026-11-20 08:00:00", datetime.now(UTC), AT.replace(tzinfo=SHANGHAI)),
        ("2026-11-20", date(2020, 1, 1), date(2026, 11, 20)),
        ("3569", 1, 3569),
        ("3569.5", 1, None),
        ("3569.5", Decimal(1), Decimal("3569.5")),
        ("2.5", 1.0, 2.5),
        ("WO-9", "WO-1", "WO-9"),
        ("gibberish", AT, None),
        ("2026-11-20", None, None),  # there is no row with a cursor
    ],
)
def test_a_watermark_becomes_what_its_column_holds(watermark: str, sample: Any, expected: Any) -> None:
    assert typed_like(watermark, sample, SHANGHAI) == expected

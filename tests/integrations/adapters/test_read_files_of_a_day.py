"""Files that come once a day: what is believed, what is refused, and what is never opened."""

import csv
import io
import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.adapters.base import UNREADABLE, Context, HandedIn, NeedsReconnect, Page, digest_of
from integrations.adapters.csv_drop import CsvDrop
from integrations.adapters.csv_drop.reading import FILE_BYTES, read_content
from integrations.presets import PRESETS
from perfsys.demo import plm
from tests.integrations.adapters.sources import NOW, SHANGHAI, Nowhere

ADAPTER = CsvDrop()
EXPECTED = json.loads((Path(__file__).parents[2] / "data" / "plm.expected.json").read_text())
TRAILER = "#EOF,rows={n}"
HEADING = "记录类型,对象编号,版本,项目编号,责任人工号,状态,等级,说明,发生时间"
LINE = "图纸,HR-DW-1,A.1,,HR0454,released,,内圈,2026-11-20 08:00"
CONFIG: Mapping[str, Any] = PRESETS["plm"].config


def a_file(*lines: str, heading: str = HEADING, trailer: str = TRAILER) -> bytes:
    last = [trailer.replace("{n}", str(len(lines)))] if trailer else []
    return "\r\n".join([heading, *lines, *last, ""]).encode()


def context(**changes: Any) -> Context:
    return Context(**{"outside": Nowhere(), "zone": SHANGHAI, "now": NOW, "tenant": "acme", **changes})


def read(config: Mapping[str, Any] = CONFIG, *, position: Any = None, **changes: Any) -> list[Page]:
    return list(ADAPTER.pages(config, ADAPTER.streams(config)[0], context(**changes), since="", position=position))


def handed(*files: tuple[str, bytes]) -> list[HandedIn]:
    return [HandedIn(name, content) for name, content in files]


def refused(pages: Sequence[Page]) -> dict[str, str]:
    return {page.batch.name: page.batch.refused for page in pages if page.batch}


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Path:
    settings.INTEGRATION_DROPS = tmp_path
    made = tmp_path / "acme" / "plm"
    made.mkdir(parents=True)
    return made


# --- 120 days of PLM


def test_the_plm_drop_agrees_with_what_is_expected(folder: Path) -> None:
    for name, content in plm.dropped():
        (folder / name).write_bytes(content)
    pages = read({**CONFIG, "folder": "plm"})
    days: dict[str, Page] = {}
    for page in pages:  # a higher number takes the day's place
        assert page.batch
        if not page.batch.refused:
            days[page.batch.on.isoformat()] = page
    assert {day: len(page.rows) for day, page in days.items()} == EXPECTED["rows_by_day"]
    assert Counter(row["记录类型"] for page in days.values() for row in page.rows) == EXPECTED["totals"]
    span = [date(2026, 7, 24) + timedelta(days=day) for day in range(120)]
    came = {page.batch.on for page in pages if page.batch}
    assert [day.isoformat() for day in span if day not in came] == EXPECTED["missing_days"]
    cut_off = {page.batch.on.isoformat(): page.batch for page in pages if page.batch and page.batch.refused}
    assert {day: batch.rows_declared for day, batch in cut_off.items()} == {
        each["day"]: each["rows_declared"] for each in EXPECTED["truncated"]
    }
    assert {batch.refused for batch in cut_off.values()} == {"truncated"}
    (resent,) = EXPECTED["resent"]
    assert [page.batch.name for page in pages if page.batch and page.batch.on.isoformat() == resent["day"]] == resent[
        "files"
    ]
    assert days[resent["day"]].batch.name == resent["valid"]  # type: ignore[union-attr]


def test_the_key_of_plm_tells_every_row_of_every_day_apart() -> None:
    key = ("记录类型", "对象编号", "版本", "发生时间")
    rows = [
        row
        for page in read(handed_in=handed(*plm.dropped()))
        if page.batch and page.batch.on != date(2026, 10, 14)
        for row in page.rows
    ]
    assert len({tuple(row[name] for name in key) for row in rows}) == len(rows)


def test_later_files_are_moved_in_name_and_lines() -> None:
    moved = dict(plm.dropped(days=7))
    assert set(moved) == {page_name(name, 7) for name, _ in plm.dropped()}
    pages = read(handed_in=handed(*moved.items()))
    assert refused(pages)["PLM_20261001.csv"] == "truncated"  # 24 September and a week
    assert all(
        row["发生时间"].startswith(page.batch.on.isoformat()) for page in pages if page.batch for row in page.rows
    )


def page_name(name: str, days: int) -> str:
    return f"PLM_{datetime.strptime(name[4:12], '%Y%m%d').replace(tzinfo=UTC) + timedelta(days=days):%Y%m%d}{name[12:]}"


# --- which files, in which order


def test_sendings_of_a_day_come_one_after_another_and_days_in_order(folder: Path) -> None:
    for name in ("PLM_20261015.csv", "PLM_20261014_R10.csv", "PLM_20261014_R2.csv", "PLM_20261014.csv", "notes.txt"):
        (folder / name).write_bytes(a_file(f"{LINE}{name}"))
    pages = read({**CONFIG, "folder": "plm"})
    assert [(str(page.batch.on), page.batch.revision) for page in pages if page.batch] == [
        ("2026-10-14", 0),
        ("2026-10-14", 2),
        ("2026-10-14", 10),
        ("2026-10-15", 0),
    ]


def test_files_judged_before_are_not_handed_on_again(folder: Path) -> None:
    for day in (18, 19, 20):
        (folder / f"PLM_202611{day}.csv").write_bytes(a_file())
    config = {**CONFIG, "folder": "plm"}
    first = read(config)
    seen = frozenset(page.batch.digest for page in first if page.batch)
    assert len(seen) == 3, "three quiet days hold the same bytes and are three files"
    assert read(config, seen_batches=seen) == []
    (folder / "PLM_20261119.csv").write_bytes(a_file(LINE))  # sent again under its name
    (page,) = read(config, seen_batches=seen)
    assert page.batch and (page.batch.on.day, page.batch.rows, page.position) == (19, 1, None)


def test_a_file_both_dropped_and_handed_in_is_one(folder: Path) -> None:
    (folder / "PLM_20261120.csv").write_bytes(a_file(LINE))
    files = handed(("PLM_20261120.csv", a_file(LINE)), ("PLM_20261119.csv", a_file(LINE)), ("holiday.csv", b"x"))
    pages = read({**CONFIG, "folder": "plm"}, handed_in=files)
    assert [page.batch.on.day for page in pages if page.batch] == [19, 20]
    assert pages[0].batch and pages[0].batch.digest == digest_of("PLM_20261119.csv", a_file(LINE))


def test_a_reading_goes_on_behind_the_file_it_had_read() -> None:
    files = handed(*((f"PLM_202611{day}.csv", a_file(LINE)) for day in range(10, 15)))
    whole = read(handed_in=files)
    assert read(handed_in=files, position=json.loads(json.dumps(whole[2].position))) == whole[3:]


def test_without_a_last_line_a_file_waits_until_nobody_writes_to_it(folder: Path) -> None:
    stream = {name: value for name, value in CONFIG["streams"][0].items() if name != "trailer"}
    config = {"folder": "plm", "streams": [stream]}
    file = folder / "PLM_20261120.csv"
    file.write_bytes(a_file(LINE, trailer=""))
    written = NOW.timestamp()
    for age, pages in ((5, 0), (-5, 0), (61, 1), (-3600, 1)):
        os.utime(file, (written - age, written - age))
        assert len(read(config)) == pages, age


# --- what is never opened


def test_a_link_is_not_followed(folder: Path, tmp_path: Path) -> None:
    secret = tmp_path / "outside.csv"
    secret.write_bytes(a_file(LINE))
    (folder / "PLM_20261120.csv").symlink_to(secret)
    (folder / "PLM_20261119.csv").write_bytes(a_file(LINE))
    os.mkfifo(folder / "PLM_20261118.csv")
    (folder / "PLM_20261117.csv").mkdir()
    assert list(refused(read({**CONFIG, "folder": "plm"}))) == ["PLM_20261119.csv"]


@pytest.mark.parametrize("name", ["..", ".", "a/b", "../globex/plm", "missing", "linked", "a\0b", "file.csv"])
def test_a_folder_that_is_none_of_the_companys_is_gone(name: str, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "globex" / "plm").mkdir(parents=True)
    (tmp_path / "acme" / "linked").symlink_to(tmp_path / "globex" / "plm")
    (tmp_path / "acme" / "file.csv").write_bytes(b"")
    for do in (lambda c: ADAPTER.test(c, context()), read):
        with pytest.raises(NeedsReconnect, match="folder_gone"):
            do({**CONFIG, "folder": name})


def test_another_company_reads_its_own_folder(folder: Path, tmp_path: Path) -> None:
    (folder / "PLM_20261120.csv").write_bytes(a_file(LINE))
    (tmp_path / "globex" / "plm").mkdir(parents=True)
    assert read({**CONFIG, "folder": "plm"}, tenant="globex") == []
    ADAPTER.test({**CONFIG, "folder": "plm"}, context(tenant="globex"))


def test_a_companys_own_folder_may_not_be_a_link(tmp_path: Path, settings: Any) -> None:
    (tmp_path / "elsewhere" / "plm").mkdir(parents=True)
    (tmp_path / "drops").mkdir()
    (tmp_path / "drops" / "acme").symlink_to(tmp_path / "elsewhere")
    settings.INTEGRATION_DROPS = tmp_path / "drops"
    with pytest.raises(NeedsReconnect, match="folder_gone"):
        read({**CONFIG, "folder": "plm"})


def test_without_a_place_for_folders_files_are_handed_in(settings: Any) -> None:
    settings.INTEGRATION_DROPS = None
    ADAPTER.test(CONFIG, context())
    assert read() == []
    assert len(read(handed_in=handed(("PLM_20261120.csv", a_file(LINE))))) == 1
    with pytest.raises(NeedsReconnect, match="no_drop_folders"):
        ADAPTER.test({**CONFIG, "folder": "plm"}, context())


# --- what is believed


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "truncated"),
        (a_file(LINE)[:-30], "truncated"),
        (a_file(LINE).replace(b"rows=1", b"rows=2"), "truncated"),
        (a_file(LINE).replace(b"rows=1", b"rows="), "truncated"),
        (a_file(LINE) + LINE.encode(), "truncated"),
        (a_file(LINE) + a_file(LINE), "truncated"),
        (f"{HEADING}\n图纸,".encode()[:-2], "truncated"),
        (f'{HEADING}\n"图纸,HR-'.encode(), "truncated"),
        (a_file('"图纸,HR-DW-1,A.1'), "not_csv"),
        (a_file('"图纸"x,HR-DW-1,A.1,,,,,,2026-11-20 08:00'), "not_csv"),
        (a_file(LINE).decode().encode("utf-16"), "encoding"),
        (b"\xef\xbb\xbf" + a_file(LINE).decode().encode("gb18030"), "encoding"),
        (b"\xff\xff" + a_file(LINE), "encoding"),
        (a_file(LINE).replace("图纸".encode(), "图纸".encode()[:-1] + b"\xc7"), "encoding"),
        (a_file(LINE, heading=HEADING.replace("对象编号", "对象号")), "columns_missing"),
        (a_file(LINE, heading=HEADING.replace("版本", "版次")), "columns_missing"),
        (a_file(LINE, heading=HEADING.replace("等级", "状态")), "columns_twice"),
        (a_file(LINE, heading=HEADING.replace("等级", "")), "columns_twice"),
        (a_file(LINE) + b" " * FILE_BYTES, "file_too_large"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_whole_loads_nothing(content: bytes, code: str) -> None:
    (page,) = read(handed_in=handed(("PLM_20261120.csv", content)))
    assert page.batch and page.batch.refused == code
    assert list(page.rows) == []


@pytest.mark.parametrize(
    "content",
    [
        a_file(LINE),
        b"\xef\xbb\xbf" + a_file(LINE),
        a_file(LINE).decode().encode("gb18030"),
        a_file(LINE).replace(b"\r\n", b"\n"),
        a_file(LINE) + b"\r\n\r\n",
        a_file(LINE).replace(b"rows=1", b"rows=1,,,,,,,"),
        a_file(LINE, "", ",,,,,,,,").replace(b"rows=3", b"rows=1"),
        a_file(LINE + ",,", heading=HEADING + ",,"),
        a_file(LINE, heading=HEADING.replace(",", " , ")),
    ],
)
def test_a_whole_file_is_read_however_it_was_saved(content: bytes) -> None:
    (page,) = read(handed_in=handed(("PLM_20261120.csv", content)))
    assert page.batch and (page.batch.refused, page.batch.rows, page.batch.rows_declared) == ("", 1, 1)
    assert page.rows == [dict(zip(HEADING.split(","), LINE.split(","), strict=True))]


def test_a_day_on_which_nothing_happened_is_a_whole_file() -> None:
    (page,) = read(handed_in=handed(("PLM_20261120.csv", a_file())))
    assert page.batch and (page.batch.refused, page.batch.rows, page.batch.rows_declared) == ("", 0, 0)


def test_a_column_more_is_handed_on_and_one_not_needed_may_lack() -> None:
    content = a_file(LINE + ",急", heading=HEADING.replace("等级", "优先级") + ",备注")
    (page,) = read(handed_in=handed(("PLM_20261120.csv", content)))
    assert page.batch and page.batch.refused == ""
    assert page.rows[0]["备注"] == "急" and "等级" not in page.rows[0]


def test_a_line_with_a_comma_too_many_is_told_apart_from_the_rest() -> None:
    content = a_file(
        LINE, LINE.replace("内圈", "内圈,已改"), "图纸,HR-DW-2", '图纸,HR-DW-3,"A,1",,,,,"两\n行",2026-11-20 08:00'
    )
    (page,) = read(handed_in=handed(("PLM_20261120.csv", content)))
    assert page.batch and (page.batch.refused, page.batch.rows) == ("", 4)
    assert [UNREADABLE in row for row in page.rows] == [False, True, True, False]
    assert page.rows[2] == {UNREADABLE: ["图纸", "HR-DW-2"]}
    assert (page.rows[3]["版本"], page.rows[3]["说明"]) == ("A,1", "两\n行")


def test_letters_no_database_keeps_are_replaced() -> None:
    (page,) = read(handed_in=handed(("PLM_20261120.csv", a_file(LINE.replace("内圈", "内\x00圈")))))
    assert page.rows[0]["说明"] == "内\ufffd圈"


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)
ROWS = st.lists(
    st.lists(CELLS, min_size=3, max_size=3).filter(lambda row: any(cell.strip() for cell in row)), max_size=8
)


def saved(rows: list[list[str]], count: int) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerows([["a", "b", "c"], *rows])
    return out.getvalue() + TRAILER.replace("{n}", str(count))


@given(ROWS, st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]))
def test_what_was_written_is_read_letter_by_letter(rows: list[list[str]], encoding: str) -> None:
    content = saved(rows, len(rows)).encode(encoding)
    try:
        is_also_utf8 = encoding == "gb18030" and not content.isascii() and bool(content.decode())
    except UnicodeDecodeError:
        is_also_utf8 = False
    found = read_content(content, trailer=TRAILER, needed=["a"])
    if not is_also_utf8 and not content.startswith((b"\xff\xfe", b"\xfe\xff")):
        assert (found.refused, found.counted, found.declared) == ("", len(rows), len(rows))
        assert [list(row.values()) for row in found.rows] == rows


@given(ROWS, st.data())
def test_a_file_cut_off_anywhere_is_never_taken_for_whole(rows: list[list[str]], data: st.DataObject) -> None:
    content = saved(rows, len(rows)).encode()
    cut = data.draw(st.integers(0, len(content) - 1))
    found = read_content(content[:cut], trailer=TRAILER)
    assert found.refused and found.rows == ()


@given(ROWS, st.integers(0, 30))
def test_a_count_that_disagrees_is_never_believed(rows: list[list[str]], count: int) -> None:
    found = read_content(saved(rows, count).encode(), trailer=TRAILER)
    assert bool(found.refused) == (count != len(rows))


@given(st.binary(max_size=200), st.sampled_from(["", TRAILER, "END {n}"]))
def test_no_bytes_break_the_reading(content: bytes, trailer: str) -> None:
    found = read_content(content, trailer=trailer, needed=["a"])
    assert found.refused or all(isinstance(row, dict) for row in found.rows)

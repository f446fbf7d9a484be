"""The systems the demo connects to: a CRM that answers over http, and what a PLM dropped."""

import json
import sqlite3
import urllib.error
import urllib.request
from contextlib import closing
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from perfsys.demo import mes, plm
from perfsys.demo.crm import PAGES, STREAMS, TOKEN, SampleCrm, pages_of, serving


def get(server: SampleCrm, path: str, token: str = TOKEN) -> Any:
    asked = urllib.request.Request(server.address + path, headers={"Authorization": f"Bearer {token}"})
    with urllib.request.urlopen(asked, timeout=5) as answer:
        return json.load(answer)


def status(server: SampleCrm, path: str, token: str = TOKEN) -> int:
    with pytest.raises(urllib.error.HTTPError) as refused:
        get(server, path, token)
    refused.value.close()
    return refused.value.code


def test_its_pages_are_those_of_the_files_one_behind_the_other() -> None:
    assert sum(len(pages_of(stream)) for stream in STREAMS) == len(list(PAGES.glob("*.json"))) == 39
    with serving(SampleCrm(token=TOKEN)) as server:
        first = get(server, "/visits?size=30")
        second = get(server, f"/visits?cursor={first['data']['next_cursor']}")
    assert first["data"]["items"][-1] == second["data"]["items"][0], "one item stands on both"


def test_it_lets_nobody_in_without_its_token_and_knows_no_other_place() -> None:
    with serving(SampleCrm(token=TOKEN)) as server:
        assert status(server, "/visits", "another") == 401
        assert status(server, "/visits?cursor=x") == 400
        assert status(server, "/../people") == 404
        assert status(server, "/x/visits") == 404


def test_its_times_are_later_by_the_days_its_address_names() -> None:
    with serving(SampleCrm()) as server:
        moved, still = get(server, "/7/opportunities")["data"]["items"], get(server, "/opportunities")["data"]["items"]
    assert [item["opportunity_id"] for item in moved] == [item["opportunity_id"] for item in still]
    for late, early in zip(moved, still, strict=True):
        for after, before in zip(late["stage_history"], early["stage_history"], strict=True):
            moments = datetime.fromisoformat(after["entered_at"]), datetime.fromisoformat(before["entered_at"])
            assert moments[0] - moments[1] == timedelta(days=7)


def test_dropped_files_move_in_name_and_lines_and_nothing_else_changes() -> None:
    still, moved = list(plm.dropped()), list(plm.dropped(days=14))
    assert len(still) == len(moved) == 121
    assert moved[0][0] == "PLM_20260807.csv" and b"2026-08-07 08:00" in moved[0][1]
    assert [len(content) for _, content in still] == [len(content) for _, content in moved]


def test_the_days_of_the_mes_move_and_its_numbers_stay() -> None:
    def orders(content: bytes) -> list[tuple[str, str, int]]:
        with closing(sqlite3.connect(":memory:")) as held:
            held.deserialize(content)
            return held.execute("SELECT WO_NO, DUE_DT, GOOD_QTY FROM T_MES_WIP_ORDER ORDER BY WO_NO").fetchall()

    still, moved = orders(mes.FILE.read_bytes()), orders(mes.database(timedelta(days=14)))
    later = [(number, (date.fromisoformat(on) + timedelta(days=14)).isoformat(), good) for number, on, good in still]
    assert moved == later and len(moved) > 400

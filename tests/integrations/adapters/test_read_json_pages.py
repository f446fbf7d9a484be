"""Pages of JSON behind a cursor, as the configuration says they come."""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from integrations.adapters.base import (
    AdapterBroken,
    Answer,
    Context,
    NeedsReconnect,
    Page,
    Request,
    RetryLater,
    SyncProblem,
)
from integrations.adapters.contract import CANARY, everything_logged
from integrations.adapters.rest_json import RestJson
from tests.integrations.adapters.sources import NOW, SHANGHAI, FaultyCrm, context_to, crm_config

ADAPTER = RestJson()
EXPECTED = json.loads((Path(__file__).parents[2] / "data" / "crm.expected.json").read_text())
CONFIG: Mapping[str, Any] = {
    "base_url": "https://api.example.com/v1/",
    "records": "items",
    "paging": {"param": "page_token", "next": "next"},
    "streams": [{"name": "things", "path": "/things", "key": ["id"], "fields": [{"name": "id"}], "since": "after"}],
}


class Answers:
    """An `Outside` that gives these answers one after another and remembers what it was asked; an exception among them
    is raised in its place."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, Mapping[str, str], Mapping[str, str]]] = []
        self.requests: list[Request] = []

    def get_json(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        return self.ask(Request(url, params, headers)).body

    def ask(self, request: Request) -> Answer:
        self.asked.append((request.url, dict(request.params), dict(request.headers)))
        self.requests.append(request)
        given = self.answers.pop(0)
        if isinstance(given, Exception):
            raise given
        return given if isinstance(given, Answer) else Answer(given)


def read(
    outside: Any, config: Mapping[str, Any] = CONFIG, *, since: str = "", position: Any = None, **secret: str
) -> list[Page]:
    context = Context(outside=outside, zone=SHANGHAI, now=NOW, tenant="acme", secret=secret)
    return list(ADAPTER.pages(config, ADAPTER.streams(config)[0], context, since=since, position=position))


def problem(outside: Any, config: Mapping[str, Any] = CONFIG, **secret: str) -> SyncProblem:
    with pytest.raises(SyncProblem) as caught:
        read(outside, config, **secret)
    return caught.value


def test_the_crm_agrees_with_what_is_expected(crm: FaultyCrm) -> None:
    config = crm_config(crm)
    found: dict[str, Any] = {}
    for stream in ADAPTER.streams(config):
        pages = list(ADAPTER.pages(config, stream, context_to(crm), since="", position=None))
        rows = [row for page in pages for row in page.rows]
        ids = Counter(row[stream.key[0]] for row in rows)
        found[stream.name] = {"unique": len(ids), "lines": len(rows), "pages": len(pages)}
        if stream.name == "customers":
            found["deleted_customers"] = sum(row["is_deleted"] for row in rows)
        if stream.name == "opportunities":
            found["opportunities_without_amount"] = sum(row["amount_wan"] is None for row in rows)
    assert found == EXPECTED


def test_resets_and_busy_answers_on_the_way_lose_and_double_nothing(crm: FaultyCrm) -> None:
    config = crm_config(crm)
    stream = ADAPTER.streams(config)[2]
    calm = list(ADAPTER.pages(config, stream, context_to(crm), since="", position=None))
    crm.faults.extend(["", "reset", "", (429, {"Retry-After": "1"}), (503, {}), "", "cut"] * 3)
    assert list(ADAPTER.pages(config, stream, context_to(crm), since="", position=None)) == calm


def test_a_source_that_asks_for_a_minute_gets_it_and_the_reading_goes_on_there(crm: FaultyCrm) -> None:
    config = crm_config(crm)
    stream = ADAPTER.streams(config)[1]
    crm.faults.extend(["", "", (429, {"Retry-After": "60"})])
    pages = ADAPTER.pages(config, stream, context_to(crm), since="", position=None)
    first = list(islice(pages, 2))
    with pytest.raises(RetryLater) as put_off:
        next(pages)
    assert put_off.value.after == timedelta(seconds=60)
    rest = list(ADAPTER.pages(config, stream, context_to(crm), since="", position=first[-1].position))
    assert len({row["opportunity_id"] for page in first + rest for row in page.rows}) == 320
    assert sum(len(page.rows) for page in first + rest) == 321


def test_it_signs_in_with_a_token(crm: FaultyCrm) -> None:
    config = crm_config(crm)
    ADAPTER.test(config, context_to(crm))
    assert {headers["Authorization"] for _, headers in crm.asked} == {f"Bearer {crm.token}"}
    assert [path for path, _ in crm.asked] == ["/customers", "/opportunities", "/visits"]
    with pytest.raises(NeedsReconnect, match="sign_in_refused"):
        ADAPTER.test(config, context_to(crm, secret={"token": "another"}))


def test_it_signs_in_with_a_key_in_a_header_of_its_own() -> None:
    outside = Answers({"items": []}, {"items": []})
    config = {**CONFIG, "auth": "api_key", "headers": {"X-Company": "42"}}
    read(outside, config, key="k1")
    read(outside, {**config, "auth_header": "X-Token"}, key="k2")
    assert [headers for _, _, headers in outside.asked] == [
        {"X-Company": "42", "X-API-Key": "k1"},
        {"X-Company": "42", "X-Token": "k2"},
    ]
    assert problem(outside, config).code == "secret_missing"
    assert len(outside.asked) == 2


def test_it_signs_in_with_a_key_in_a_parameter_where_a_system_knows_no_other_way() -> None:
    outside = Answers({"items": [], "next": "a"}, {"items": []})
    read(outside, {**CONFIG, "auth": "api_key", "auth_param": "ak"}, key="k1")
    assert [(params, headers) for _, params, headers in outside.asked] == [
        ({"ak": "k1"}, {}),
        ({"ak": "k1", "page_token": "a"}, {}),
    ]


def test_a_key_in_the_address_reaches_no_log(crm: FaultyCrm) -> None:
    crm.token = ""
    config = crm_config(crm, auth="api_key", auth_param="ak")
    with everything_logged() as lines:
        ADAPTER.test(config, context_to(crm, secret={"key": CANARY}))
        crm.faults.append((403, {}))
        with pytest.raises(NeedsReconnect) as refused:
            ADAPTER.test(config, context_to(crm, secret={"key": CANARY}))
    assert f"ak={CANARY}" in crm.asked[-1][0]
    assert CANARY not in f"{lines}{refused.value!r}{refused.value.words}{refused.value.__cause__!r}"


def test_pages_follow_the_cursor_with_the_parameters_they_began_with() -> None:
    outside = Answers(
        {"items": [{"id": 1}], "next": "a"}, {"items": [{"id": 2}], "next": 7}, {"items": [], "next": None}
    )
    config = {**CONFIG, "streams": [{**CONFIG["streams"][0], "params": {"size": "50"}}]}
    pages = read(outside, config, since="2026-11-01")
    assert [page.position for page in pages] == [
        {"cursor": "a", "since": "2026-11-01"},
        {"cursor": "7", "since": "2026-11-01"},
        None,
    ]
    asked = {"size": "50", "after": "2026-11-01"}
    assert [params for _, params, _ in outside.asked] == [
        asked,
        {**asked, "page_token": "a"},
        {**asked, "page_token": "7"},
    ]
    assert {url for url, _, _ in outside.asked} == {"https://api.example.com/v1/things"}


def test_a_reading_that_goes_on_asks_since_the_time_it_began_with() -> None:
    outside = Answers({"items": []})
    read(outside, since="2026-11-20", position={"cursor": "a", "since": "2026-11-01"})
    assert outside.asked[0][1] == {"page_token": "a", "after": "2026-11-01"}


@pytest.mark.parametrize("cursors", [["a", "a"], ["a", "b", "a"], ["a", "b", "c", "b"]])
def test_pages_that_lead_in_a_circle_are_left(cursors: list[str]) -> None:
    refused = problem(Answers(*({"items": [], "next": each} for each in cursors)))
    assert isinstance(refused, AdapterBroken) and refused.code == "goes_round"


def test_a_circle_back_to_where_a_reading_went_on_is_left() -> None:
    with pytest.raises(AdapterBroken, match="goes_round"):
        read(Answers({"items": [], "next": "a"}), position={"cursor": "a", "since": ""})


@pytest.mark.parametrize(
    ("answer", "ends"),
    [
        ({"items": [], "more": False, "next": "a"}, True),
        ({"items": [], "more": False}, True),
        ({"items": [], "more": True, "next": "a"}, False),
    ],
)
def test_what_it_says_about_more_comes_before_the_cursor(answer: Any, ends: bool) -> None:
    config = {**CONFIG, "paging": {**CONFIG["paging"], "more": "more"}}
    pages = read(Answers(answer, {"items": [], "more": False}), config)
    assert len(pages) == (1 if ends else 2)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"items": [], "more": True}, "no_cursor"),
        ({"items": [], "more": True, "next": ""}, "no_cursor"),
        ({"items": [], "more": True, "next": ["a"]}, "no_cursor"),
        ({"items": [], "more": True, "next": True}, "no_cursor"),
        ({"items": [], "more": True, "next": "x" * 2001}, "no_cursor"),
        ({"items": [], "next": "a"}, "no_cursor"),
        ({"items": [], "more": "yes", "next": "a"}, "no_cursor"),
        ({"items": {}, "more": False}, "no_records"),
        ({"items": [1], "more": False}, "no_records"),
        ({"rows": [], "more": False}, "no_records"),
        ([], "no_records"),
        (None, "no_records"),
        ("text", "no_records"),
    ],
)
def test_an_answer_of_another_shape_stops_the_connection(answer: Any, code: str) -> None:
    config = {**CONFIG, "paging": {**CONFIG["paging"], "more": "more"}}
    refused = problem(Answers(answer), config)
    assert isinstance(refused, AdapterBroken) and refused.code == code


def test_without_paging_one_page_is_all() -> None:
    config = {name: value for name, value in CONFIG.items() if name not in ("paging", "records")}
    (page,) = read(Answers([{"id": 1}]), config)
    assert (page.rows, page.position) == ([{"id": 1}], None)


@pytest.mark.parametrize(
    ("said", "kind", "code", "words"),
    [
        (40101, NeedsReconnect, "sign_in_refused", {"said": 40101}),
        ("E_TOKEN", NeedsReconnect, "sign_in_refused", {}),
        (42900, RetryLater, "busy", {"said": 42900}),
        (50000, AdapterBroken, "says_no", {"said": 50000}),
        ("a whole sentence of theirs", AdapterBroken, "says_no", {}),
        (None, AdapterBroken, "says_no", {}),
        (False, AdapterBroken, "says_no", {"said": False}),
    ],
)
def test_a_200_that_says_no_inside_is_a_no(said: Any, kind: type[SyncProblem], code: str, words: Any) -> None:
    ok = {"path": "code", "equals": 0, "reconnect": [40101, "E_TOKEN"], "later": [42900]}
    refused = problem(Answers({"code": said, "items": []}), {**CONFIG, "ok": ok})
    assert type(refused) is kind and (refused.code, refused.words) == (code, words)


@pytest.mark.parametrize(
    ("said", "total"), [(7, 7), ("7", 7), (0, 0), (-1, None), (True, None), ("many", None), (None, None)]
)
def test_the_sources_count_is_a_number_or_none(said: Any, total: int | None) -> None:
    (page,) = read(Answers({"items": [], "count": said}), {**CONFIG, "total": "count"})
    assert page.total == total

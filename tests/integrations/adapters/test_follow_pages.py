"""How a reading goes from page to page, for each kind of paging, and what it asks since when."""

from datetime import timedelta
from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import reach
from integrations.adapters.base import AdapterBroken, Answer, Page, Request
from integrations.adapters.rest_json.asking import written_since
from integrations.adapters.rest_json.paging import KINDS, Came, links_next, next_url, pager_of
from integrations.adapters.values import at_path, put_at
from integrations.checking import check_config
from tests.integrations.adapters.sources import SHANGHAI
from tests.integrations.adapters.test_read_json_pages import CONFIG, Answers, read

STREAM = CONFIG["streams"][0]
URL = "https://api.example.com/v1/things"


def with_paging(stream: dict[str, Any] | None = None, **paging: Any) -> dict[str, Any]:
    config = {**CONFIG, "paging": paging, "streams": [{**STREAM, **(stream or {})}]}
    assert check_config("rest_json", config) == []
    return config


def items(*ids: int, **more: Any) -> dict[str, Any]:
    return {"items": [{"id": number} for number in ids], **more}


def ids(pages: list[Page]) -> list[int]:
    return [row["id"] for page in pages for row in page.rows]


def test_by_number_until_a_page_is_empty() -> None:
    outside = Answers(items(1, 2), items(3), items(4), items())
    pages = read(outside, with_paging(kind="page", param="p", size=2, size_param="n"), since="2026-11-01")
    assert ids(pages) == [1, 2, 3, 4]  # a page that is not full is not the last one
    assert [one.params["p"] for one in outside.requests] == ["1", "2", "3", "4"]
    assert {(one.params["n"], one.params["after"]) for one in outside.requests} == {("2", "2026-11-01")}
    assert [page.position for page in pages][::3] == [{"page": 2, "since": "2026-11-01"}, None]


def test_by_number_as_far_as_the_answer_says() -> None:
    outside = Answers(items(1, meta={"pages": 2}), items(2, meta={"pages": 2}))
    assert ids(read(outside, with_paging(kind="page", param="p", first=0, pages="meta.pages"))) == [1, 2]
    assert [one.params["p"] for one in outside.requests] == ["0", "1"]
    outside = Answers(items(1, more=True), items(2, more=False))
    assert ids(read(outside, with_paging(kind="page", param="p", more="more"))) == [1, 2]
    with pytest.raises(AdapterBroken, match="no_cursor"):
        read(Answers(items(1)), with_paging(kind="page", param="p", pages="meta.pages"))


def test_by_offset_as_many_rows_as_came_and_some_of_them_again() -> None:
    outside = Answers(items(1, 2, 3), items(3, 4), items(4))
    pages = read(outside, with_paging(kind="offset", param="o", size=5, size_param="n", again=1))
    assert ids(pages) == [1, 2, 3, 3, 4, 4]
    assert [one.params["o"] for one in outside.requests] == ["0", "2", "3"]


def test_where_rows_go_meanwhile_none_is_passed_over() -> None:
    class Shrinking(Answers):
        rows = list(range(20))

        def ask(self, request: Request) -> Answer:
            start = int(request.params["o"])
            answer = items(*self.rows[start : start + 5])
            del self.rows[:1]  # one of those that were read goes, and all others move up
            return Answer(answer)

    found = ids(read(Shrinking(), with_paging(kind="offset", param="o", size=5, size_param="n", again=2)))
    assert set(found) == set(range(20))


@given(st.lists(st.integers(0, 7), max_size=12), st.integers(0, 9))
def test_an_offset_always_comes_to_an_end(sizes: list[int], again: int) -> None:
    how, place = {"kind": "offset", "param": "o", "again": again}, {"offset": 0, "end": 0}
    offsets = [-1]
    for size in (*sizes, 0, 0):
        assert place["offset"] > offsets[-1]
        offsets.append(place["offset"])
        following = pager_of(how).after(how, place, Came(Answer(None), range(size), URL))
        if following is None:
            return
        assert following["offset"] <= following["end"]  # nothing is passed over
        place = dict(following)
    raise AssertionError("an empty page ends it")


def test_by_the_header_that_names_the_next_address() -> None:
    link = f"{URL}?status=open&status=won&q=%E4%B8%80+b&&c=2&key=k1"
    following = Answer(items(1), [("link", f'<{link}>; rel="next", </>; rel=first')])
    outside = Answers(following, Answer(items(2), [("link", '<?c=1>; rel="prev"')]))
    pages = read(outside, {**with_paging(kind="link"), "auth": "api_key", "auth_param": "key"}, since="1", key="k1")
    assert ids(pages) == [1, 2]
    assert [dict(one.params) for one in outside.requests] == [{"after": "1", "key": "k1"}, {"key": "k1"}]
    assert outside.requests[1].url == f"{URL}?status=open&status=won&q=%E4%B8%80+b&&c=2"
    assert pages[0].position == {"url": outside.requests[1].url, "since": "1"}  # the key is not kept with it


@pytest.mark.parametrize(
    ("header", "found"),
    [
        ('<a>; rel="next"', ["a"]),
        ('<a>; rel="prev", <b?x=1,2>; title="x, y"; rel=next', ["b?x=1,2"]),
        ('<a>; rel="prev next"', ["a"]),
        ('<a>; rel="nextish"', []),
        ("nonsense", []),
        ("", []),
    ],
)
def test_a_link_header_is_read(header: str, found: list[str]) -> None:
    assert list(links_next(header)) == found


def test_by_an_address_in_the_answer() -> None:
    outside = Answers(items(1, links={"next": "/v1/things?c=2"}), items(2, links={}))
    assert ids(read(outside, with_paging(kind="next_url", next="links.next"))) == [1, 2]
    assert (outside.requests[1].url, outside.requests[1].params) == (f"{URL}?c=2", {})


@pytest.mark.parametrize(
    "found",
    [
        "https://evil.example/things",
        "http://api.example.com/v1/things",
        "//evil.example/x",
        "https://api.example.com:8443/v1",
        "https://api.example.com@evil.example/",
        "https://u@api.example.com/v1",
        "file:///etc/passwd",
        "https://[/",
        "?" + "x" * 3000,
    ],
)
def test_an_address_elsewhere_is_not_followed(found: str) -> None:
    with pytest.raises(AdapterBroken, match="leads_away"):
        next_url(URL, found)
    with pytest.raises(AdapterBroken, match="leads_away"):
        read(Answers(items(1, next=found)), with_paging(kind="next_url", next="next"))


def test_the_address_of_the_same_place_may_be_written_in_its_ways() -> None:
    assert next_url(URL, '?a=一 "b"&c=%20') == f"{URL}?a=%E4%B8%80%20%22b%22&c=%20"
    assert next_url(URL, "https://API.example.com:443/x#part") == "https://API.example.com:443/x"
    assert (
        next_url("https://h.example/odata/Orders?a=1", "Orders?$skiptoken=5")
        == "https://h.example/odata/Orders?$skiptoken=5"
    )


@pytest.mark.parametrize("kind", ["page", "offset"])
def test_a_source_that_does_not_listen_is_left(kind: str) -> None:
    with pytest.raises(AdapterBroken, match="goes_round"):
        read(Answers(*[items(1, 2)] * 3), with_paging(kind=kind, param="p"))


def test_a_request_with_a_body_has_what_is_asked_in_its_places() -> None:
    body = {"params": {"args": [["changed", ">=", ""]], "limit": 0}}
    stream = {
        "method": "POST",
        "body": body,
        "since": "params.args.0.2",
        "since_form": "utc_blank",
        "since_begin": "1970-01-01 00:00:00",
    }
    paging = {"kind": "offset", "param": "params.offset", "size": 2, "size_param": "params.limit"}
    outside = Answers(items(1), items())
    read(outside, with_paging(stream, **paging), since="2026-11-01T08:00:00+08:00")
    read(Answers(items()), with_paging(stream, **paging))
    sent = [one.json["params"] for one in outside.requests]
    assert sent[0] == {"args": [["changed", ">=", "2026-11-01 00:00:00"]], "limit": 2, "offset": 0}
    assert sent[1]["offset"] == 1 and {one.method for one in outside.requests} == {"POST"}
    assert body == {"params": {"args": [["changed", ">=", ""]], "limit": 0}}
    first = Answers(items())
    read(first, with_paging(stream, **paging))
    assert first.requests[0].json["params"]["args"] == [["changed", ">=", "1970-01-01 00:00:00"]]
    with pytest.raises(AdapterBroken, match="config_unfit"):
        read(Answers(items()), with_paging({**stream, "since": "params.args.7.2"}, **paging), since="1")


def test_a_request_with_a_body_may_ask_behind_its_address() -> None:
    stream = {"method": "POST", "body": {"a": 1}, "asks_in": "query"}
    outside = Answers(items())
    read(outside, with_paging(stream, kind="page", param="p", pages="n") | {"paging": {"kind": "none"}}, since="7")
    assert (outside.requests[0].params, outside.requests[0].json) == ({"after": "7"}, {"a": 1})


@pytest.mark.parametrize(
    ("form", "written"),
    [
        ("as_it_came", "2026-11-01T08:30:15+08:00"),
        ("utc", "2026-11-01T00:30:15Z"),
        ("utc_blank", "2026-11-01 00:30:15"),
        ("local_blank", "2026-11-01 08:30:15"),
        ("minutes", "2026-11-01 08:30"),
        ("day", "2026-11-01"),
        ("seconds", "1793493015"),
        ("milliseconds", "1793493015000"),
    ],
)
def test_a_time_is_written_as_the_system_expects_it(form: str, written: str) -> None:
    assert written_since({"since_form": form}, "2026-11-01T08:30:15+08:00", SHANGHAI) == written
    if form != "as_it_came":
        assert written_since({"since_form": form}, "2026/11/01 08:30:15", SHANGHAI) == written
        assert written_since({"since_form": form}, "4711", SHANGHAI) == "4711"


def test_words_around_it_are_plain_and_nothing_in_it_can_end_them() -> None:
    here = {"since_prefix": '[["modified",">=","', "since_suffix": '"]]', "since_form": "local_blank"}
    assert written_since(here, "2026-11-01T08:00:00+08:00", SHANGHAI) == '[["modified",">=","2026-11-01 08:00:00"]]'
    assert written_since(here, "", SHANGHAI) == ""
    assert written_since(here, '"]],["x","=","', SHANGHAI) == ""  # then everything is read


@given(st.text(max_size=90))
def test_no_watermark_writes_its_own_question(since: str) -> None:
    found = written_since({"since_prefix": "a >= '", "since_suffix": "'"}, since, SHANGHAI)
    assert found == "" or not set(found[6:-1]) & set("'\"\\()[]{}&|;\n\r")


def test_values_are_put_where_they_belong() -> None:
    body: dict[str, Any] = {"a": [{"b": 1}, [2]]}
    for path, value in (("a.0.b", 3), ("a.-1.0", 4), ("c.d", 5)):
        put_at(body, path, value)
        assert at_path(body, path) == value
    for path in ("a.5", "a.x.y", "a.0.b.c"):
        with pytest.raises(KeyError):
            put_at(body, path, 0)


@pytest.mark.parametrize(
    ("paging", "place"),
    [
        ({"param": "c"}, "next"),
        ({"kind": "cursor", "next": "n"}, "param"),
        ({"kind": "page"}, "param"),
        ({"kind": "next_url"}, "next"),
        ({"kind": "next_url", "next": ""}, "paging.next"),
        ({"kind": "page", "param": "p", "size": 10}, "size_param"),
        ({"kind": "magic"}, "paging.kind"),
    ],
)
def test_a_paging_that_is_not_written_down_whole(paging: Any, place: str) -> None:
    assert place in " ".join(check_config("rest_json", {**CONFIG, "paging": paging}))


def test_a_pace_is_kept_and_never_by_a_person_who_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []
    clock = count(0.0, 0.25)
    monkeypatch.setattr(reach.time, "monotonic", lambda: next(clock))
    pace = reach._Pace(1.0, waited.append)
    for _ in range(3):
        pace.wait()
    assert [round(each, 2) for each in waited] == [0.75, 1.5]
    assert reach.Reach("acme", per_minute=6, within=5)._pace._apart == 0.0
    assert timedelta(seconds=reach.Reach("acme", per_minute=6)._pace._apart) == timedelta(seconds=10)


def test_every_kind_is_called_as_it_is_written() -> None:
    assert set(KINDS) == {"none", "cursor", "page", "offset", "link", "next_url"}

"""An OData service, as the protocol has it: what is asked, and how its pages follow each other."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from integrations.adapters.base import AdapterBroken, Context, NeedsReconnect
from integrations.adapters.contract import AdapterContract
from integrations.adapters.odata import OData
from integrations.adapters.odata.asking import literal, options_of
from integrations.checking import check_config
from integrations.reach import Reach
from tests.integrations.adapters.sources import NOW, SHANGHAI
from tests.integrations.adapters.stub import ODataService, Stub, serving

ADAPTER = OData()
ORDERS = [
    {
        "Order": f"{4500 + number}",
        "Customer": {"Name": f"C{number % 3}"},
        "Changed": f"2026-11-{1 + number // 2:02}T08:00:00Z" if number % 5 else None,
        "Created": f"2026-10-{1 + number:02}T00:00:00Z",
        "Net": "12.50",
        "Secret": "not asked for",
    }
    for number in range(11)
]
CUSTOMERS = [{"Id": f"C{number}", "Name": "甲"} for number in range(3)]
STREAMS: list[dict[str, Any]] = [
    {
        "name": "orders",
        "entity_set": "SalesOrder",
        "key": ["order"],
        "cursor": "changed",
        "fields": [
            {"name": "order", "path": "Order"},
            {"name": "customer", "path": "Customer.Name"},
            {"name": "changed", "path": "Changed", "type": "time"},
            {"name": "net", "path": "Net", "type": "decimal"},
        ],
    },
    {"name": "customers", "entity_set": "Customers", "key": ["Id"], "fields": [{"name": "Id"}, {"name": "Name"}]},
]


def context_to(server: Stub, **secret: str) -> Context:
    outside = Reach("acme", intranet=[f"acme=127.0.0.1:{server.server_port}"])
    return Context(outside=outside, zone=SHANGHAI, now=NOW, tenant="acme", secret=secret)


class ODataContract(AdapterContract):
    adapter = ADAPTER
    extra: Mapping[str, Any] = {}
    service = ODataService({"SalesOrder": ORDERS, "Customers": CUSTOMERS}, authorization="Bearer t-1")

    @pytest.fixture(autouse=True)
    def _source(self) -> Iterator[None]:
        with serving(self.service) as self.server:
            self.config = {"base_url": self.server.address + "/v4/", "auth": "bearer", "streams": STREAMS, **self.extra}
            yield

    def context(self) -> Context:
        return context_to(self.server, token="t-1")

    def expected(self) -> Mapping[str, int]:
        return {"orders": 11, "customers": 3}


class TestOData(ODataContract):
    def test_it_asks_for_what_is_mapped_in_an_order_that_stays(self) -> None:
        assert check_config("odata", self.config) == []
        pages = self.pages(self.streams()[0])
        first, *rest = self.server.asked
        assert first.params == {
            "$orderby": "Changed,Order",
            "$count": "true",
            "$select": "Order,Customer,Changed,Net",
        }
        assert [one.params["$skiptoken"] for one in rest] == ["4", "8"]
        assert {one.headers["Prefer"] for one in self.server.asked} == {"odata.maxpagesize=200"}
        assert {page.total for page in pages} == {11}
        assert not [name for page in pages for row in page.rows for name in row if "@" in name or name == "Secret"]

    def test_rows_without_a_cursor_value_come_every_time(self) -> None:
        [stream, _] = self.streams()
        since = "2026-11-06T08:00:00Z"
        pages = ADAPTER.pages(self.config, stream, self.context(), since=since, position=None)
        assert {row["Order"] for page in pages for row in page.rows} == {"4500", "4505", "4510"}


CREATED = {"name": "created", "path": "Created", "type": "time"}
VALUE = "2026-11-03T08:00:00Z"


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, f"Changed ge {VALUE} or Changed eq null"),
        ({"never_null": ["changed"]}, f"Changed ge {VALUE}"),
        (
            {"fallback": "created"},
            f"Changed ge {VALUE} or (Changed eq null and (Created ge {VALUE} or Created eq null))",
        ),
        (
            {"fallback": "created", "never_null": ["created"], "filter": "Net ge 1"},
            f"(Net ge 1) and (Changed ge {VALUE} or (Changed eq null and (Created ge {VALUE})))",
        ),
    ],
)
def test_it_asks_since_the_cursor_and_where_that_is_null_since_the_fallback(changes: Any, asked: str) -> None:
    stream = {**STREAMS[0], "fields": [*STREAMS[0]["fields"], CREATED], **changes}
    config = {"base_url": "https://erp.example.com/v4", "auth": "bearer", "streams": [stream]}
    assert check_config("odata", config) == []
    [declared] = ADAPTER.streams(config)
    options = options_of(stream, declared, "2026-11-03T16:00:00+08:00", SHANGHAI, count=True, by_key=False)
    assert options["$filter"] == asked


class TestODataWithoutLinks(ODataContract):
    extra: Mapping[str, Any] = {"paging": "skip", "page_rows": 4}
    service = ODataService(ODataContract.service.sets, links=False, authorization="Bearer t-1")
    repeats = {"orders": 9, "customers": 1}  # half of each page is asked again, so that nothing slips between two

    def test_it_goes_on_by_key_and_asks_some_rows_again(self) -> None:
        list(self.pages(self.streams()[0]))
        assert [one.params.get("$skip", "0") for one in self.server.asked] == ["0", "2", "4", "6", "8", "10"]
        assert {(one.params["$orderby"], one.params["$top"]) for one in self.server.asked} == {("Order", "4")}


def read(answer: Any, **config: Any) -> list[Any]:
    with serving(lambda asked: (200, {}, answer)) as server:
        config = {"base_url": server.address, "streams": STREAMS[1:], **config}
        [stream] = ADAPTER.streams(config)
        return list(ADAPTER.pages(config, stream, context_to(server), since="", position=None))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"value": [], "@odata.nextLink": "https://evil.example/Customers"}, "leads_away"),
        ({"value": [], "@odata.nextLink": 7}, "no_cursor"),
        ({"value": [], "@odata.nextLink": "Customers"}, "goes_round"),
        ({"d": {"results": []}}, "no_records"),  # OData 2
        ({"value": [1]}, "no_records"),
        ([], "no_records"),
    ],
)
def test_an_answer_that_is_not_of_the_protocol_stops_the_connection(answer: Any, code: str) -> None:
    with pytest.raises(AdapterBroken, match=code):
        read(answer)


def test_a_service_that_skips_nothing_is_left() -> None:
    with pytest.raises(AdapterBroken, match="goes_round"):
        read({"value": [{"Id": "1"}, {"Id": "2"}]}, paging="skip", page_rows=2)


def test_numbers_beyond_a_float_come_as_text_and_are_counted() -> None:
    [page] = read({"value": [{"Id": "9007199254740993"}], "@odata.count": "1"})
    assert (page.total, page.rows) == (1, [{"Id": "9007199254740993"}])


def test_a_reader_who_is_refused_is_asked_for_anew() -> None:
    with serving(ODataService({"Customers": CUSTOMERS}, authorization="Basic eDp5")) as server:
        config = {"base_url": server.address, "auth": "basic", "streams": STREAMS[1:]}
        ADAPTER.test(config, context_to(server, user="x", password="y"))
        with pytest.raises(NeedsReconnect, match="sign_in_refused"):
            ADAPTER.test(config, context_to(server, user="x", password="z"))


@pytest.mark.parametrize(
    ("kind", "value", "written"),
    [
        ("time", "2026-11-01T08:00:00.5+08:00", "2026-11-01T00:00:00.500000Z"),
        ("time", "2026-11-01 08:00:00", "2026-11-01T00:00:00Z"),
        ("time", "soon", ""),
        ("day", "2026-11-01", "2026-11-01"),
        ("whole", "-12", "-12"),
        ("decimal", "1.50", "1.50"),
        ("whole", "1 or 1 eq 1", ""),
        ("text", "O'Neil' or '1' eq '1", "'O''Neil'' or ''1'' eq ''1'"),
    ],
)
def test_a_value_is_written_as_a_literal_and_as_nothing_else(kind: str, value: str, written: str) -> None:
    assert literal(kind, value, SHANGHAI) == written


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"entity_set": "Orders?$top=1"}, "entity_set"),
        ({"entity_set": "../x"}, "entity_set"),
        ({"expand": ["a\nb"]}, "expand"),
        ({"select": "everything"}, "select"),
    ],
)
def test_a_configuration_that_would_ask_for_something_else_is_refused(change: Any, place: str) -> None:
    config = {"base_url": "https://erp.example.com/v4", "streams": [{**STREAMS[1], **change}]}
    assert place in " ".join(check_config("odata", config))

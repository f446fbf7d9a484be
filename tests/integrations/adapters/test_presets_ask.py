"""What ready-made connections ask, and what they make of an answer as such systems give it. None of
these systems was here to be tried (docs/adapters/tried.md)."""

from typing import Any

from integrations.adapters.base import Answer, Context
from integrations.adapters.registry import adapter_named
from integrations.asked import filled
from integrations.checking import check_config
from integrations.mapping import Mapped, Mapper
from integrations.presets import PRESETS
from tests.integrations.adapters.sources import NOW, SHANGHAI
from tests.integrations.adapters.test_read_json_pages import Answers

PERSON = {"user": "perf", "password": "p"}


def read(preset: str, outside: Answers, stream: str, *, since: str = "", **values: Any) -> list[Mapped]:
    ready = PRESETS[preset]
    adapter = adapter_named(ready.adapter)
    config = filled(ready.config, {"base_url": "https://erp.example.com", **values}, adapter.schema)
    assert check_config(ready.adapter, config) == []
    context = Context(outside, SHANGHAI, NOW, "acme", {**PERSON, "token": "t"})
    chosen = next(one for one in adapter.streams(config) if one.name == stream)
    pages = adapter.pages(config, chosen, context, since=since, position=None)
    return [Mapper(chosen, SHANGHAI).row(row) for page in pages for row in page.rows]


def test_odoo_is_asked_by_json_rpc_and_its_times_are_utc() -> None:
    order = {
        "id": 7, "name": "S00007", "partner_id": [12, "甬江"], "state": "sale", "amount_total": 12.5, "user_id": False,
        "date_order": "2026-11-01 00:30:00", "create_date": "2026-11-01 00:00:00", "write_date": "2026-11-02 03:00:00",
    }  # fmt: skip
    login = Answer({"result": {"uid": 2}}, [("set-cookie", "session_id=s1; Path=/")])
    outside = Answers(login, {"jsonrpc": "2.0", "result": [order]}, {"jsonrpc": "2.0", "result": []})
    [mapped] = read("odoo", outside, "orders", since="2026-11-01 00:00:00", **{"session.body.params.db": "acme"})
    asked = outside.requests[1]
    assert outside.requests[0].json["params"] == {"db": "acme", "login": "perf", "password": "p"}
    assert asked.url == "https://erp.example.com/web/dataset/call_kw/sale.order/search_read"
    assert asked.json["params"]["kwargs"]["domain"] == [["write_date", ">=", "2026-11-01 00:00:00"]]
    assert asked.json["params"]["kwargs"]["limit"] == 200 and asked.headers["Cookie"] == "session_id=s1"
    assert (mapped.external_id, mapped.cursor) == ("7", "2026-11-02 03:00:00")
    assert (mapped.data["partner"], mapped.data["partner_id"], mapped.data["user"]) == ("甬江", 12, None)
    assert mapped.data["date_order"] == "2026-11-01T00:30:00+00:00"
    assert {(one.type, one.number, one.is_own) for one in mapped.references} == {
        ("project", "S00007", True),
        ("customer", "12", False),
    }


def test_odoo_says_inside_that_its_session_is_over() -> None:
    login = Answer({"result": {"uid": 2}}, [("set-cookie", "session_id=s1")])
    over = {"jsonrpc": "2.0", "error": {"code": 100, "message": "Odoo Session Expired"}}
    row = {"id": 1, "name": "WH/MO/1", "write_date": "2026-11-02 03:00:00"}
    outside = Answers(login, {"result": [row]}, over, login, {"result": []})
    assert [one.external_id for one in read("odoo", outside, "work_orders")] == ["1"]


def test_erpnext_is_asked_for_a_doctype_with_a_filter() -> None:
    row = {"name": "SAL-ORD-1", "customer": "甬江", "grand_total": 5, "modified": "2026-11-02 11:00:00.123456"}
    outside = Answers({"data": [row]}, {"data": []})
    [mapped] = read("erpnext", outside, "orders", since="2026-11-01 08:00:00.5")
    asked = outside.requests[0]
    assert asked.url == "https://erp.example.com/api/resource/Sales%20Order"
    assert asked.params["filters"] == '[["modified",">=","2026-11-01 08:00:00"]]'
    assert (asked.params["limit_start"], asked.params["limit_page_length"]) == ("0", "200")
    assert asked.headers["Authorization"].startswith("Basic ")
    assert mapped.data["modified"] == "2026-11-02T03:00:00.123456+00:00"


def test_jira_is_asked_by_jql_from_the_first_time_on() -> None:
    fields = {
        "summary": "焊接",
        "status": {"name": "Done"},
        "project": {"key": "PRJ"},
        "updated": "2026-11-02T03:00:00.000+0800",
    }
    outside = Answers({"issues": [{"id": "10", "key": "PRJ-1", "fields": fields}], "total": 1}, {"issues": []})
    [mapped] = read("jira", outside, "issues")
    assert outside.requests[0].params["jql"] == 'updated >= "1970-01-01 00:00" ORDER BY key ASC'
    assert outside.requests[0].headers == {"Authorization": "Bearer t"}
    assert (mapped.title, mapped.data["updated"]) == ("焊接", "2026-11-01T19:00:00+00:00")
    later = Answers({"issues": []})
    read("jira", later, "issues", since="2026-11-02T03:00:00.000+0800")
    assert later.requests[0].params["jql"].startswith('updated >= "2026-11-02 03:00" ')


def test_sap_is_asked_for_sales_orders_that_have_changed() -> None:
    row = {"SalesOrder": "4711", "SoldToParty": "1000", "TotalNetAmount": "12.50", "CreationDate": "2026-11-01"}
    outside = Answers({"value": [{**row, "LastChangeDateTime": "2026-11-01T00:00:00.1234567Z"}]})
    [mapped] = read("sap", outside, "orders", since="2026-11-01T08:00:00+08:00")
    assert outside.requests[0].params["$filter"] == (
        "LastChangeDateTime ge 2026-11-01T00:00:00Z or LastChangeDateTime eq null"
    )
    assert outside.requests[0].params["$orderby"] == "LastChangeDateTime,SalesOrder"
    assert (mapped.external_id, mapped.data["TotalNetAmount"]) == ("4711", "12.50")


def test_whom_a_row_is_about_is_said_wherever_a_row_names_somebody() -> None:
    """Without that, a figure put down to a person is nobody's here, whatever number stands in the row."""
    named = {
        ("mes", "work_orders", "operator_no"), ("mes", "defects", "employee_no"), ("crm", "visits", "visitor_no"),
        ("yonyou", "sales_orders", "person_no"), ("odoo", "orders", "user"), ("jira", "issues", "assignee"),
        ("erpnext", "opportunities", "opportunity_owner"), ("tryton_sql", "opportunities", "employee"),
        ("plm", "changes", "owner_no"),
    }  # fmt: skip
    said = {
        (name, stream["name"], about["field"])
        for name, preset in PRESETS.items()
        for stream in preset.config.get("streams", ())
        for about in stream.get("subjects", ())
        if about["of"] == "person"
    }
    assert named <= said

"""Figures out of records by a rule (product.md §5.4)."""

import json
from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.adapters.csv_drop.names import read_name
from integrations.adapters.csv_drop.reading import read_content
from integrations.adapters.declared import streams_of
from integrations.mapping import Mapper
from integrations.metrics import (
    Condition,
    Figure,
    Lookup,
    Measure,
    Meter,
    Place,
    Rule,
    UnfitRule,
    as_key,
    condition_value,
    is_settled,
    measure,
    read_rule,
    table_of,
    total,
    types_of,
    unknown_fields,
)
from integrations.presets import PRESETS
from perfsys.demo.orders import dropped

SHANGHAI = ZoneInfo("Asia/Shanghai")
EXPECTED = json.loads((Path(__file__).parents[1] / "data" / "reconciliation.expected.json").read_text())
TYPES = {"on": "day", "at": "time", "who": "text", "amount": "decimal", "qty": "whole", "good": "yes", "kind": "text"}
ORDERS = PRESETS["orders"].config
BY_SHIPPING = Rule(
    Measure("sum", "amount"),
    "on",
    attribution="province",
    through=(Lookup("region_map", "province", "region"),),
    kind="sales_region",
    of="unit",
)
BY_REGISTERED = Rule(
    Measure("sum", "net"),
    "ordered_on",
    basis="settled",
    settle_days=2,
    returns="in",
    return_lines=(Condition("line_type", "eq", "退货冲销"),),
    attribution="customer_no",
    through=(
        Lookup("customers_registered", "customer_no", "province"),
        Lookup("region_map", "province", "region"),
    ),
    kind="sales_region",
    of="unit",
)


def meter(rule: Rule, *tables: dict[str, str]) -> Meter:
    return Meter(rule, TYPES, SHANGHAI, tables)


@pytest.fixture(scope="module")
def orders() -> dict[str, list[Any]]:
    """The records of 120 days by stream, as the ready-made configuration maps them."""
    streams = {one.name: one for one in streams_of({"streams": ORDERS["streams"]})}
    patterns = {one["name"]: one["pattern"] for one in ORDERS["streams"]}
    found: dict[str, list[Any]] = defaultdict(list)
    for name, content in dropped():
        [stream] = [streams[one] for one, pattern in patterns.items() if read_name(pattern, name)]
        mapper = Mapper(stream, SHANGHAI)
        found[stream.name] += [mapper.row(row).data for row in read_content(content).rows]
    return found


def of_orders(orders: dict[str, list[Any]], stream: str, rule: Rule) -> Any:
    streams = {one.name: one for one in streams_of({"streams": ORDERS["streams"]})}
    assert not unknown_fields(rule, streams[stream], streams)
    tables = [table_of(orders[one.stream], one) for one in rule.through]
    return measure(orders[stream], Meter(rule, types_of(streams[stream]), SHANGHAI, tables))


def test_orders_by_region_come_to_what_is_expected_in_both_calibers(orders):
    bi, settled = of_orders(orders, "bi_snapshot", BY_SHIPPING), of_orders(orders, "settlement_t2", BY_REGISTERED)
    compared = {place.on for place in bi.by_place} - set(map(date.fromisoformat, EXPECTED["not_due_days"]))
    assert len(compared) == EXPECTED["summary"]["compared_days"]
    for region, totals in EXPECTED["region_totals"].items():
        for figures, name in ((bi, "bi_cents"), (settled, "settled_cents")):
            there = [one for place, one in figures.by_place.items() if place.on in compared and place.subject == region]
            found = total(there)
            assert found is not None
            assert found.numerator * 100 == totals[name], (region, name)
    assert not bi.problems
    assert not settled.problems
    assert (bi.unattributed, settled.unattributed) == (0, 0)


def test_the_day_of_a_return_is_the_day_of_its_order_and_it_can_be_left_out(orders):
    with_returns = of_orders(orders, "settlement_t2", BY_REGISTERED).whole()
    gross_rule = read_rule({**BY_REGISTERED.as_json(), "returns": "out"})
    without = of_orders(orders, "settlement_t2", gross_rule).whole()
    lines = [row for row in orders["settlement_t2"] if row["line_type"] == "退货冲销"]
    assert lines
    returned = sum(Decimal(row["net"]) for row in lines)
    assert sum(one.numerator for one in with_returns.values()) == returned + sum(
        one.numerator for one in without.values()
    )


AMOUNTS = st.decimals(-10_000, 10_000, places=2).map(str)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "on": st.sampled_from(["2026-11-01", "2026-11-02", "2026-11-03", None, "soon"]),
            "who": st.sampled_from(["E1", "E2", " E1", "", None]),
            "amount": AMOUNTS | st.sampled_from([None, "", "many"]),
            "good": st.booleans(),
        }
    ),
    max_size=25,
)
KINDS = st.sampled_from([Measure("sum", "amount"), Measure("count"), Measure("mean", "amount"),
                         Measure("ratio", "", "", (Condition("good", "eq", "true"),)),
                         Measure("ratio", "amount", "amount", (Condition("good", "eq", "是"),))])  # fmt: skip


@settings(max_examples=60)
@given(ROWS, KINDS, st.randoms())
def test_subjects_add_up_to_the_whole_in_any_order_and_no_row_is_lost(rows, kind, random):
    rule = Rule(kind, "on", attribution="who", kind="owner")
    figures = measure(rows, meter(rule))
    assert figures.rows + figures.problems["no_day"] == len(rows)
    assert sum(one.rows for one in figures.by_place.values()) == figures.rows
    assert measure(rows, meter(Rule(kind, "on"))).everything() == {
        place: one for place, one in figures.everything().items() if place.subject is None
    }
    shuffled = random.sample(rows, len(rows))
    assert measure(shuffled, meter(rule)).by_place == figures.by_place
    one_day = date(2026, 11, 2)
    alone = measure(rows, meter(rule), days={one_day}).by_place
    assert alone == {place: one for place, one in figures.by_place.items() if place.on == one_day}


@settings(max_examples=40)
@given(st.lists(st.tuples(st.sampled_from(["2026-11-01", "2026-11-02"]), AMOUNTS), min_size=1, max_size=20))
def test_the_mean_of_days_is_the_mean_of_their_rows(pairs):
    rows = [{"on": on, "amount": amount} for on, amount in pairs]
    days = measure(rows, meter(Rule(Measure("mean", "amount"), "on"))).whole().values()
    together = total(days)
    assert together is not None
    assert together.amount == sum(Decimal(amount) for _, amount in pairs) / len(pairs)


CONDITIONS = st.builds(
    Condition, st.sampled_from(sorted(TYPES)), st.sampled_from(["eq", "ne", "gt", "le"]), st.text(max_size=8)
) | st.builds(Condition, st.sampled_from(sorted(TYPES)), st.just("in"), st.tuples(st.text(max_size=5)))


@settings(max_examples=60)
@given(st.lists(CONDITIONS, max_size=3).map(tuple), KINDS, ROWS)
def test_a_rule_is_read_as_it_was_written_and_takes_any_row(conditions, kind, rows):
    rule = Rule(
        kind, "on", conditions, attribution="who", through=(Lookup("map", "a", "b"),), kind="owner", of="person"
    )
    read = read_rule(json.loads(json.dumps(rule.as_json())))
    assert read == rule
    try:
        made = meter(read, {"E1": "x"})
    except UnfitRule:  # compares a number with what is none
        return
    assert measure(rows, made).rows <= len(rows)


@pytest.mark.parametrize(
    ("condition", "data", "holds"),
    [
        (("amount", "gt", "9"), {"amount": "10.50"}, True),
        (("amount", "eq", "10.5"), {"amount": "10.50"}, True),
        (("amount", "lt", "9"), {"amount": None}, False),
        (("amount", "ne", "9"), {"amount": None}, True),
        (("on", "ge", "2026-11-02"), {"on": "2026-11-02"}, True),
        (("at", "eq", "2026-11-02"), {"at": "2026-11-01T17:00:00+00:00"}, True),
        (("at", "le", "2026-11-02"), {"at": "2026-11-02T15:59:59+00:00"}, True),
        (("at", "gt", "2026-11-02"), {"at": "2026-11-02T15:59:59+00:00"}, False),
        (("at", "lt", "2026-11-02 09:00"), {"at": "2026-11-02T00:59:00+00:00"}, True),
        (("at", "in", ("2026-11-01", "2026-11-02")), {"at": "2026-11-01T17:00:00+00:00"}, True),
        (("at", "in", ("2026-11-01", "2026-11-02")), {"at": "2026-11-02T17:00:00+00:00"}, False),
        (("good", "eq", "是"), {"good": True}, True),
        (("kind", "in", ("a", "ｂ")), {"kind": "b "}, True),
        (("kind", "blank", ""), {"kind": "  "}, True),
        (("kind", "not_blank", ""), {}, False),
    ],
)
def test_a_condition_reads_a_value_by_its_type(condition, data, holds):
    rule = Rule(Measure("count"), "on", (Condition(*condition),))
    assert meter(rule).is_meant({"on": "2026-11-01", **data}) is holds


def test_a_condition_compares_only_with_what_its_field_can_hold():
    """Else `1,000` is nothing, and equal to every empty number."""
    for name, value in (("amount", "1,000"), ("at", "gestern"), ("good", "vielleicht")):
        with pytest.raises(UnfitRule):
            meter(Rule(Measure("count"), "on", (Condition(name, "eq", value),)))
    said = (("decimal", " 1000.50 "), ("day", "2026/11/1"), ("time", "2026/11/01 08:00"), ("time", "2026-11-1"))
    assert [condition_value(*one) for one in said] == ["1000.50", "2026-11-01", "2026-11-01T08:00:00", "2026-11-01"]
    assert [condition_value(*one) for one in (("whole", "1,000"), ("day", "2026"), ("yes", "?"))] == [None] * 3
    assert condition_value("time", "9999-12-31 08:00") is condition_value("time", "9999-12-31") is None


def test_a_moment_belongs_to_the_day_it_is_over_here():
    late = {"at": "2026-11-01T16:30:00+00:00"}
    assert meter(Rule(Measure("count"), "at")).read(late).on == date(2026, 11, 2)


def test_whoever_is_not_found_by_the_chain_is_kept_without_attribution():
    rule = Rule(Measure("count"), "on", attribution="who", through=(Lookup("map", "no", "region"),), kind="region")
    rows = [{"on": "2026-11-01", "who": who} for who in ("E1", "E9", None)]
    figures = measure(rows, meter(rule, table_of([{"no": "Ｅ1", "region": "north"}], rule.through[0])))
    assert {place.subject: one.rows for place, one in figures.by_place.items()} == {"north": 1, "": 2}
    assert figures.unattributed == 2


def test_a_factor_makes_another_unit_of_measure():
    rule = Rule(Measure("sum", "amount", times=Decimal(10_000)), "on")
    figures = measure([{"on": "2026-11-01", "amount": "1.25"}], meter(rule))
    assert figures.by_place == {Place(date(2026, 11, 1), None): Figure(Decimal(12_500), None, 1)}


def test_a_figure_settles_with_its_basis():
    as_of = datetime(2026, 11, 20, 2, tzinfo=UTC)
    settled = [date(2026, 11, 20) - timedelta(days=n) for n in range(4) if is_settled(
        date(2026, 11, 20) - timedelta(days=n), BY_REGISTERED, as_of, SHANGHAI)]  # fmt: skip
    assert settled == [date(2026, 11, 18), date(2026, 11, 17)]
    assert not is_settled(date(2026, 11, 20), BY_SHIPPING, as_of, SHANGHAI)
    assert is_settled(date(2026, 11, 19), BY_SHIPPING, as_of, SHANGHAI)


@pytest.mark.parametrize(
    "change",
    [
        {"measure": {"kind": "median"}},
        {"measure": {"kind": "sum"}},
        {"measure": {"kind": "ratio"}},
        {"measure": {"kind": "count", "times": "0"}},
        {"measure": {"kind": "count", "times": "NaN"}},
        {"day": ""},
        {"basis": "settled", "settle_days": 400},
        {"returns": "out"},
        {"returns": "maybe"},
        {"filter": [{"field": "", "op": "eq", "value": "1"}]},
        {"filter": [{"field": "a", "op": "like", "value": "1"}]},
        {"filter": [{"field": "a", "op": "in", "value": 3}]},
        {"attribution": {"field": "who"}},
        {"attribution": {"field": "", "through": [{"stream": "a", "key": "b", "field": "c"}]}},
        {"attribution": {"field": "who", "through": [{"stream": "a"}]}, "kind": "owner"},
    ],
)
def test_what_is_no_rule_is_refused(change):
    fits = {"measure": {"kind": "count"}, "day": "on"}
    read_rule(fits)
    with pytest.raises(UnfitRule):
        read_rule({**fits, **change})


def test_a_key_is_written_in_one_way():
    assert as_key(" Ｄ１021 ") == as_key("D1021") == "D1021"
    assert as_key(1021) == "1021"
    assert as_key(["D1021"]) == ""

"""A row as it came becomes fields with types, or a reason why it does not."""

import json
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations import wording
from integrations.adapters.base import UNREADABLE, Field, Names, SkipRow, Stream
from integrations.adapters.values import at_path
from integrations.mapping import CODES, READERS, Mapper, begin_at, greatest, not_after, payload_and_digest, read_time
from tests.integrations.fakes import VISITS, visit

SHANGHAI = ZoneInfo("Asia/Shanghai")
PARTS = st.text(alphabet="ab|\\/ 零", max_size=5).map(str.strip)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2200, 1, 1))  # noqa: DTZ001  # the zone is what is being tried
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(alphabet=st.characters()),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)


def of(*fields, key=("id",), **named):
    return Mapper(Stream("s", key, fields, **named), SHANGHAI)


def value(kind, came):
    return of(Field("x", "x", kind)).cells({"x": came})[0]


@pytest.mark.parametrize(
    ("kind", "came", "read"),
    [
        ("text", "  a b ", "a b"),
        ("text", 7, "7"),
        ("text", True, "true"),
        ("whole", "42", 42),
        ("whole", "-7", -7),
        ("whole", 3.0, 3),
        ("decimal", 19.18, "19.18"),
        ("decimal", "０.５０", "0.50"),
        ("decimal", 0.1 + 0.2, "0.30000000000000004"),
        ("decimal", "1e3", "1000"),
        ("yes", 1, True),
        ("yes", "否", False),
        ("yes", " TRUE ", True),
        ("day", "2026/10/01", "2026-10-01"),
        ("day", "20261001", "2026-10-01"),
        ("day", "2026-09-30T17:00:00Z", "2026-10-01"),
        ("time", "2026-07-24 08:00", "2026-07-24T00:00:00+00:00"),
        ("time", "2026-10-15T09:53:00+08:00", "2026-10-15T01:53:00+00:00"),
        ("time", "2026/7/24", None),
        ("list", [1, {"a": None}], [1, {"a": None}]),
        ("whole", "1,000", None),
        ("whole", 2.5, None),
        ("whole", True, None),
        ("decimal", "nan", None),
        ("decimal", "1e400", None),
        ("decimal", True, None),
        ("yes", "vielleicht", None),
        ("yes", 2, None),
        ("day", "2026-02-30", None),
        ("day", 20261001, None),
        ("time", "0001-01-01T00:00:00+08:00", None),
        ("time", "9999-12-31T23:59:59-08:00", None),
        ("list", "[]", None),
        ("text", {"a": 1}, None),
    ],
)
def test_a_value_is_read_as_its_type_or_not_at_all(kind, came, read):
    cell = value(kind, came)
    assert cell.value == read
    assert (cell.problem is None) == (read is not None)
    if cell.problem:
        assert (cell.problem.code, cell.problem.words) == (f"not_{kind}", {"field": "x"})


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_an_empty_value_is_none_unless_it_must_be_there(nothing):
    assert value("whole", nothing).value is None
    with pytest.raises(SkipRow) as refused:
        of(Field("x", "x", required=True, label="金额")).row({"id": 1, "x": nothing})
    assert (refused.value.code, refused.value.words) == ("field_missing", {"field": "金额"})


def test_paths_go_down_and_count_from_either_end():
    row = {"id": 1, "a": {"b": [{"c": "first"}, {"c": "last"}]}, "No.": 7}
    fields = [Field("first", "a.b.0.c"), Field("last", "a.b.-1.c"), Field("dotted", "No."), Field("none", "a.b.5.c")]
    assert of(*fields).row(row).data == {"first": "first", "last": "last", "dotted": "7", "none": None}


def test_a_line_that_was_not_cut_into_fields_is_set_aside():
    for row in ({UNREADABLE: ["a", "b"]}, ["a"], "a", None):
        with pytest.raises(SkipRow) as refused:
            of().row(row)
        assert refused.value.code == "ragged_row"


def test_the_cursor_is_the_fallback_where_it_is_empty():
    mapper = of(Field("changed", "meta.changed", "time"), cursor="changed", fallback="made")
    row = {"id": 1, "made": "2026-01-01T00:00:00Z", "meta": {"changed": "2026-02-02T00:00:00Z"}}
    assert mapper.row(row).cursor == "2026-02-02T00:00:00Z"
    assert mapper.row({**row, "meta": {"changed": None}}).cursor == "2026-01-01T00:00:00Z"
    assert mapper.row({"id": 1}).cursor == ""


def test_a_record_names_what_its_fields_name():
    names = [
        Names("document", "number", own=True, when="kind", among=["drawing"]),
        Names("work_order", "number", own=True, when="kind", among=["rework"]),
        Names("project", "project"),
    ]
    mapper = of(Field("number", "number"), Field("kind", "kind"), Field("project", "project"), names=names)
    named = mapper.row({"id": 1, "number": " ＤＷ-1 ", "kind": "drawing", "project": "x" * 121}).references
    assert [(one.type, one.number, one.is_own) for one in named] == [("document", "DW-1", True)]


def test_a_tombstone_needs_nothing_but_its_key():
    mapper = Mapper(replace(VISITS, happened=""), SHANGHAI)
    assert mapper.row({"id": "V1", "gone": True}).is_deleted
    with pytest.raises(SkipRow):
        mapper.row({"id": "V1", "gone": False})
    with pytest.raises(SkipRow):
        mapper.row({"id": "V1", "at": "2026-01-01", "gone": "perhaps"})


def test_what_only_looks_like_a_place_in_a_list_finds_nothing():
    assert [at_path({"a": [1, 2]}, path) for path in ("a.-1", "a.1", "a.2", "a.--1", "a.-", "a.²")] == [
        2,
        2,
        None,
        None,
        None,
        None,
    ]


@given(st.lists(PARTS, min_size=2, max_size=4), st.lists(PARTS, min_size=2, max_size=4))
def test_no_two_keys_make_the_same_text(first, second):
    def key(parts):
        named = {f"k{n}": part for n, part in enumerate(parts)}
        return of(key=list(named)).external_id_if_any(named)

    if len(first) == len(second) and any(first):
        assert (key(first) == key(second)) == (first == second)


@given(ANYTHING)
def test_whatever_came_can_be_kept_and_known_again(came):
    kept, digest = payload_and_digest(came)
    text = json.dumps(kept, ensure_ascii=False, allow_nan=False)
    assert text.encode()
    assert "\0" not in text.replace("\\\\", "").replace("\\u0000", "\0")
    assert len(digest) == 32
    assert payload_and_digest(kept) == (kept, digest)


@given(ANYTHING)
def test_no_row_stops_the_mapping(came):
    """It fits, or it is set aside: nothing else happens, whatever the other side sends."""
    fields = [Field(kind, "x", kind) for kind in ("text", "whole", "decimal", "yes", "day", "time", "list")]
    for one in fields:
        mapper = of(one, cursor="x", deleted="x", title=one.name, happened=one.name, names=[Names("project", one.name)])
        for row in (came, {"id": 1, "x": came}):
            mapper.cells(row)
            with suppress(SkipRow):
                assert json.dumps(mapper.row(row).data, allow_nan=False).encode()


@given(TIMES, st.sampled_from(["{:%Y-%m-%dT%H:%M:%S}+08:00", "{:%Y-%m-%d %H:%M:%S}", "{:%Y-%m-%dT%H:%M:%S}Z"]))
def test_a_run_begins_the_overlap_earlier_written_as_it_was(moment, form):
    watermark, overlap = form.format(moment), timedelta(hours=49, seconds=7)
    since = begin_at(watermark, overlap, SHANGHAI)
    assert since == form.format(moment - overlap)


@given(TIMES)
def test_a_watermark_is_never_after_now(moment):
    now = datetime(2026, 11, 20, 2, tzinfo=UTC)
    for form in ("{:%Y-%m-%dT%H:%M:%S}+08:00", "{:%Y-%m-%d %H:%M:%S}", "{:%Y-%m-%dT%H:%M:%S}Z", "{:%Y/%m/%d}"):
        written = form.format(moment)
        kept = not_after(written, now, SHANGHAI)
        assert read_time(kept, SHANGHAI) <= now
        assert kept == written or read_time(written, SHANGHAI) > now


@given(st.lists(TIMES.map("{:%Y-%m-%dT%H:%M:%S}+08:00".format) | TIMES.map("{:%Y-%m-%dT%H:%M:%S}Z".format)))
def test_the_greatest_cursor_is_the_latest_moment_whatever_the_order(cursors):
    found = ""
    for cursor in cursors:
        found = greatest(found, cursor, SHANGHAI)
    backwards = ""
    for cursor in reversed(cursors):
        backwards = greatest(backwards, cursor, SHANGHAI)
    if cursors:
        latest = max(read_time(cursor, SHANGHAI) for cursor in cursors)
        assert read_time(found, SHANGHAI) == read_time(backwards, SHANGHAI) == latest


def test_numbers_are_compared_as_numbers_and_have_no_overlap():
    assert greatest("9", "10", SHANGHAI) == "10"
    assert begin_at("10", timedelta(days=1), SHANGHAI) == "10"
    assert not_after("99999999999", datetime(2026, 1, 1, tzinfo=UTC), SHANGHAI) == "99999999999"


def test_every_type_has_a_reader_and_a_sentence_for_what_is_none_of_it():
    assert READERS.keys() == CODES.keys()
    assert set(CODES.values()) <= wording.CODES.keys()


def test_the_sample_fits():
    assert Mapper(VISITS, SHANGHAI).row(visit(1)).external_id == "V001"


def test_a_record_of_a_proposal_says_which_step_of_its_trail_it_is():
    steps = [
        Names("proposal", "no", when="kind", among=[kind], step=step)
        for kind, step in (("提", "submission"), ("效", "benefit"))
    ]
    mapper = Mapper(
        Stream("steps", ["id"], [Field(name, name) for name in ("id", "no", "kind")], names=steps), SHANGHAI
    )
    found = [mapper.references({"id": "1", "no": "TA-1", "kind": kind}) for kind in ("效", "提", "别的")]
    assert [[(one.number, one.step) for one in some] for some in found] == [
        [("TA-1", "benefit")],
        [("TA-1", "submission")],
        [],
    ]

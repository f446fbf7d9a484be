"""The goal and check-in files of the data set as plain values, and whom and what their rows are judged against."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from goals.importing.check_in_fields import CHECK_IN_FIELDS
from goals.importing.check_in_rows import CheckInJudgement, judge_check_ins
from goals.importing.goal_fields import GOAL_FIELDS
from goals.importing.goal_judgement import GoalJudgement
from goals.importing.goal_rows import judge_goals
from goals.importing.known_goals import GoalIndex, KnownGoal
from goals.importing.owners import KnownPerson, Owners
from perfsys.imports.columns import FieldSpec, recognise, source_rows
from perfsys.imports.reading import Cell, Row, Sheet, SourceRow, opened

DATA = Path(__file__).parent.parent / "data"
COMPANY = "宁波恒锐精密机械有限公司"
START, END = date(2026, 10, 1), date(2026, 12, 31)
LIMITS = {"company": (3, 5), "dept": (5, 8), "position": (3, 5)}
SHANGHAI = ZoneInfo("Asia/Shanghai")


@cache
def expected(name: str) -> Any:
    return json.loads((DATA / name).read_text(encoding="utf-8"))


@cache
def known_owners() -> Owners:
    roster = expected("people.expected.json")
    listed = [row["normalized"] for row in roster["rows"] if row["normalized"] and "status" in row["normalized"]]
    people = [
        KnownPerson(one["employee_no"], one["name"], tuple(one["departments"]), active=one["status"] != "left")
        for one in listed
    ]
    return Owners(people, roster["org_units"])


@cache
def sheets_of(name: str) -> tuple[Sheet, ...]:
    """Read once, kept in memory."""
    with opened(DATA / name) as book:
        return tuple(
            Sheet(sheet.name, sheet.hidden, list(sheet.rows), sheet.hidden_columns)
            for sheet in book.sheets
            if not sheet.hidden
        )


def rows_of(sheets: Iterable[Sheet], fields: Sequence[FieldSpec]) -> Iterable[SourceRow]:
    for sheet in sheets:
        found = recognise(sheet, fields)
        assert found.is_data, (sheet.name, found.reason, found.columns)
        yield from source_rows(sheet, found)


def judged(rows: Iterable[SourceRow], *, known_goals: Iterable[KnownGoal] = ()) -> GoalJudgement:
    return judge_goals(
        rows,
        period_start=START,
        period_end=END,
        company_name=COMPANY,
        owners=known_owners(),
        limits=LIMITS,
        known_goals=known_goals,
    )


@cache
def judged_file() -> GoalJudgement:
    return judged(rows_of(sheets_of("goals_2026Q4.xlsx"), GOAL_FIELDS))


@cache
def judged_check_ins() -> CheckInJudgement:
    return judge_check_ins(
        rows_of(sheets_of("progress_2026Q4.csv"), CHECK_IN_FIELDS),
        goals=index_of(judged_file()),
        people=known_owners(),
        zone=SHANGHAI,
        period_start=START,
        period_end=END,
    )


def index_of(judgement: GoalJudgement) -> GoalIndex:
    return GoalIndex(known_after(judgement))


def known_after(judgement: GoalJudgement) -> list[KnownGoal]:
    """What stands once the judgement's good rows are imported."""
    return [
        KnownGoal(row.key, row.values.layer, row.values.owner_key, row.values.title)
        for row in judgement.rows
        if row.values
    ]


def goal_row(sheet: str = "岗位级", number: int = 4, **cells: object) -> SourceRow:
    """A row of a goal file; a value may be a Cell."""
    return SourceRow(sheet, number, _cells(cells))


def position_row(number: int = 4, **cells: object) -> SourceRow:
    """A good row of 万琪欣, HR0003; cells given replace its own, None takes one away."""
    usual: dict[str, object] = {
        "employee_no": "HR0003",
        "goal_no": f"GW-{number}",
        "title": f"目标{number}:准时交付率提升到95%",
        "parent": "BM-1",
        "weight": 25,
        "target": 95,
        "unit": "%",
        "evidence_type": "项目编号",
        "evidence_no": "PRJ-26-001",
        "due": "2026-12-31",
        "obstacles": "供应商单一",
        "status": "已发布",
    }
    return goal_row(number=number, **{**usual, **cells})


def _cells(cells: Mapping[str, Any]) -> dict[str, Cell]:
    return {
        name: value if isinstance(value, Cell) else Cell(value) for name, value in cells.items() if value is not None
    }


anything = st.builds(
    Cell,
    st.none()
    | st.text("0159.-+eE%‰/:,;()≤≥ \n\t\0\u200b\u3000\uff0c\uff15、年月日时分季底万个前上午周汉字Qz", max_size=20)
    | st.sampled_from(["1" * 400, "1e999", "-", "%", "::::", "((((", "2026-99-99", "0000-00-00", "=1+1", "、、、"])
    | st.integers()
    | st.floats()
    | st.booleans()
    | st.dates()
    | st.datetimes(),
    percent=st.booleans(),
    formula=st.booleans(),
)
"""Whatever a cell may hold."""


def table(name: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, above: int = 0) -> Sheet:
    """A sheet in memory: `above` title rows, the headings, then the rows."""
    titles = [Row(number, (Cell("2026年第四季度目标"),)) for number in range(1, above + 1)]
    head = Row(above + 1, tuple(map(Cell, headings)))
    body = [Row(number, tuple(cells)) for number, cells in enumerate(rows, start=above + 2)]
    return Sheet(name, hidden=False, rows=[*titles, head, *body])

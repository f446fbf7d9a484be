"""What is exported comes back through the import as it was (product.md §1.6)."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from hypothesis import given, settings
from hypothesis import strategies as st

from goals import access
from goals.actions.imported_goals import apply_imported_goals
from goals.actions.imported_rows import Applied, ImportedGoal
from goals.exporting import GoalLine, cells, headings
from goals.importing import figures
from goals.importing.goal_fields import GOAL_FIELDS
from goals.importing.goal_rows import judge_goals
from goals.importing.goal_values import obstacles_in
from goals.importing.known_goals import KnownGoal
from goals.importing.owners import KnownPerson, Owners
from goals.models import Alignment, Goal, Kind
from goals.queries.exporting import lines_of
from perfsys.audit.models import AuditEntry
from perfsys.imports.reading import opened
from perfsys.imports.text import clean
from perfsys.imports.writing import csv_bytes, write_xlsx
from perfsys.people.access import Viewer
from tests.dashboards.conftest import seat
from tests.goals.conftest import NOW, TODAY
from tests.goals.imported_files import rows_of

PEOPLE = [
    KnownPerson("HR0003", "Ada", ("恒锐/研发中心/设计组",)),
    KnownPerson("HR0002", "Marta", ("恒锐/研发中心/设计组",)),
]
UNITS = ["恒锐", "恒锐/研发中心", "恒锐/研发中心/设计组"]
TOP = GoalLine("company", "GS-01", "突破海外市场", "published", weight=Decimal(100))
MIDDLE = GoalLine("dept", "YF-01", "三款低噪音轴承定型", "published", department="恒锐/研发中心", parents=("GS-01",))
LEAF = GoalLine(
    "position",
    "YF-01-3",
    "6308-2RZ 低噪音密封结构定型",
    "published",
    owner="HR0003",
    name="Ada",
    department="恒锐/研发中心/设计组",
    parents=("YF-01",),
    obstacles=("跨系统数据不通",),
    evidence_type="project",
    evidence_number="PRJ-1",
    due=date(2026, 12, 20),
)
WRITTEN = ["kind", "title", "weight", "due_on", "direction", "evidence_number", "import_digest", "version"]


def again(lines, folder, *, chinese=True, known=()):
    """Written, read and judged."""
    path = folder / "goals.xlsx"
    write_xlsx(cells(lines, chinese=chinese), headings(chinese=chinese), path)
    with opened(path) as book:
        judged = judge_goals(
            rows_of(book.sheets, GOAL_FIELDS),
            period_start=date(2026, 10, 1),
            period_end=date(2026, 12, 31),
            company_name="宁波恒锐精密机械有限公司",
            owners=Owners(PEOPLE, UNITS),
            limits={"company": (0, 99), "dept": (0, 99), "position": (0, 99)},
            known_goals=known,
        )
    return [ImportedGoal.of_row(row) for row in judged.rows]


amounts = st.decimals(0, 99999, places=2)


rows = st.fixed_dictionaries(
    {
        "target": st.none() | st.decimals("0.01", 99999, places=2),
        "lowers": st.booleans(),
        "unit": st.sampled_from(["%", "天", "万元", "ppm"]),
        "weight": st.none() | st.decimals("0.01", 100, places=2),
        "core": st.booleans(),
        "status": st.sampled_from(["draft", "published", "done", "missed", "cancelled"]),
        "evidence_type": st.sampled_from(
            ["project", "customer", "system_log", "work_order", "document", "report", "proposal"]
        ),
        "title": st.sampled_from(
            ["把交付周期缩短到7天以内", "=HYPERLINK(1)", "一次合格率不低于95%", "-1 不再返工的目标"]
        ),
        "amount": amounts,
    }
)


@settings(max_examples=12)
@given(rows=st.lists(rows, min_size=5, max_size=8), chinese=st.booleans())
def test_every_column_comes_back(tmp_path_factory, rows, chinese):
    """Several goals in each file: to write one and to read it takes longer than all that is in it."""
    leaves = [leaf_of(row, f"YF-01-{place}") for place, row in enumerate(rows)]
    _top, _middle, *found = again([TOP, MIDDLE, *leaves], tmp_path_factory.mktemp("book"), chinese=chinese)
    for leaf, one in zip(leaves, found, strict=True):
        assert (one.key, one.layer, one.owner, one.parents) == (leaf.number, "position", "HR0003", ("YF-01",))
        assert (one.title, one.status, one.core, one.weight) == (leaf.title, leaf.status, leaf.core, leaf.weight)
        assert (one.target, one.unit, one.direction == "lower") == (leaf.target, leaf.unit, leaf.lowers)
        assert (one.evidence_kind, one.evidence_no) == (leaf.evidence_type, "PRJ-1")
        assert (one.budget, one.headcount, one.hours) == (leaf.budget, leaf.headcount, leaf.hours)
        assert (one.due, one.obstacles) == (leaf.due, ("跨系统数据不通",))


def leaf_of(row, number):
    amounts = dict.fromkeys(["budget", "headcount", "hours"], row["amount"])
    told = {name: value for name, value in row.items() if name != "amount"}
    told["lowers"] = row["lowers"] and row["target"] is not None
    return replace(LEAF, **told, **amounts, number=number)


@pytest.mark.parametrize(
    "name",
    [
        "供应商交期长, 且无备选",
        "研发/生产排期冲突",
        "1. 台架不足",
        '"加急"订单',
        '客户说"再等等", 没有定论',
        "无",
        "a；b",
    ],
)
def test_an_obstacle_is_one_whatever_stands_in_its_name(tmp_path, name):
    *_above, found = again([TOP, MIDDLE, replace(LEAF, obstacles=("缺人", name))], tmp_path)
    assert [clean(one) for one in found.obstacles] == ["缺人", clean(name)]


def test_files_that_put_no_name_in_quotes_read_as_before():
    assert obstacles_in('1. 缺人、2）客户"加急"；台架/排期\n* 交期') == ["缺人", '客户"加急"', "台架", "排期", "交期"]


def test_what_was_exported_and_left_alone_changes_nothing(line, ada, founded, tmp_path):
    _top, _middle, leaf = line
    with ada.scope:
        late = founded.period.ends_on + timedelta(days=13)  # a request was agreed to
        Goal.objects.filter(pk=leaf.pk).update(kind=Kind.BEHAVIOUR, due_on=late)  # a file has no column for a kind
        lines = list(lines_of(Goal.objects.all()))
        known = [KnownGoal(one.number, one.layer, one.owner or one.department, one.title, one.due) for one in lines]
        rows = again(lines, tmp_path, known=known)
        before = list(Goal.objects.order_by("pk").values(*WRITTEN))
        found = apply_imported_goals(rows=rows, period=founded.period, actor=None, now=NOW)
        assert found == Applied(unchanged=3)
        assert list(Goal.objects.order_by("pk").values(*WRITTEN)) == before
        changed = [replace(row, title="6308-2RZ 密封结构通过试装") if row.layer == "position" else row for row in rows]
        assert apply_imported_goals(rows=changed, period=founded.period, actor=None, now=NOW) == Applied(0, 1, 2)
        leaf.refresh_from_db()
        assert (leaf.title, leaf.kind) == ("6308-2RZ 密封结构通过试装", Kind.BEHAVIOUR)


@pytest.mark.parametrize("chinese", [True, False])
def test_the_headings_are_known_to_the_import(chinese):
    assert len(headings(chinese=chinese)) == len(set(headings(chinese=chinese))) == 20


def test_a_file_is_written_in_five_queries(line, ada, django_assert_num_queries):
    with ada.scope, django_assert_num_queries(5):  # goals with owners, units, lines up, obstacles, resources
        assert len(list(lines_of(Goal.objects.all()))) == 3


def test_the_administrator_takes_them_out_with_a_reason_that_is_kept(line, anna, founded):
    page = "/t/acme/goals/export/"
    assert anna.client.get(page).status_code == 200
    asked = {"period": founded.period.name, "whose": "all", "reason": ""}
    refused = anna.client.post(page, asked)
    assert refused.status_code == 422
    assert "用几个字说明" in refused.content.decode()
    file = anna.client.post(page, asked | {"reason": "季度复盘"})
    assert file["Content-Disposition"] == 'attachment; filename="goals-2026-10-2026-12.xlsx"'
    assert file.content[:2] == b"PK"
    with anna.scope:
        kept = AuditEntry.objects.filter(verb="goals.exported").get()
        assert kept.details == {"whose": "all", "goals": 3, "reason": "季度复盘"}
    for _again in range(4):
        assert anna.client.post(page, asked | {"reason": "季度复盘"}).status_code == 200
    assert anna.client.post(page, asked | {"reason": "季度复盘"}).status_code == 429


@pytest.fixture
def various(line, ada, founded):
    """Beside the line: a private goal of Ben's that also supports a private one of Cleo's; drafts of Ada, 研发中心."""
    top, middle, leaf = line
    with ada.scope:
        hidden = founded.draft(founded.cleo, "磨加工线换型时间缩短到 25 分钟", parent=middle)
        founded.publish(founded.cleo)
        bens = founded.draft(founded.ben, "密封圈供方切换完成", parent=middle)
        founded.publish(founded.ben)
        Goal.objects.filter(pk__in=[hidden.pk, bens.pk]).update(is_private=True)
        Alignment.objects.create(child=bens, parent=hidden, is_primary=False)
        founded.draft(founded.ada, "台架排期提前一周", weight=Decimal(20), parent=leaf)
        founded.draft(founded.units["研发中心"], "样件交付不超期", weight=Decimal(20), parent=top)
    return founded


@pytest.mark.parametrize(
    ("name", "roles", "owned"),
    [
        ("ada", (), {"own": {"Ada"}}),
        ("marta", ("manager",), {"own": set(), "team": {"Ada", "Ben"}, "below": {"Ada", "Ben"}}),
        ("wei", ("manager",), {"own": set(), "team": {"研发中心"}, "below": {"研发中心", "Ada", "Ben"}}),
        ("henk", ("hrbp",), {"own": set(), "units": {"研发中心", "Ada", "Ben"}}),
    ],
)
def test_a_file_holds_all_that_its_reader_may_read_of_these_people_and_nothing_else(various, ada, name, roles, owned):
    with ada.scope:
        who = Viewer(various.people[name], seat("employee", *roles), TODAY)
        assert {reach.value for reach in access.reaches(who)} == set(owned)
        for reach, owners in owned.items():
            taken = set(access.goals_to_export(who, reach))
            of_them = Q(owner__name__in=owners) | Q(layer="dept", unit__name__in=owners)
            assert taken == set(access.visible_goals(who).filter(of_them))
            for goal in taken:
                _goal, rights = access.goal_to_read(who, goal.public_id)
                assert rights.reads_obstacles  # a column of the file
        for reach in {"all", "units", "team"} - set(owned):
            with pytest.raises(PermissionDenied):
                access.goals_to_export(who, reach)


def test_a_manager_takes_out_the_teams_from_the_teams_page_and_nobody_elses(various, marta, ada, tmp_path):
    page = "/t/acme/goals/export/"
    assert f"{page}?whose=team" in marta.client.get("/t/acme/team/").content.decode()
    assert f"{page}?whose=own" in ada.client.get("/t/acme/goals/").content.decode()
    shown = marta.client.get(page, {"whose": "team"})
    assert shown.context["form"]["whose"].value() == "team"
    asked = {"period": various.period.name, "whose": "team"}
    assert marta.client.post(page, asked).status_code == 422  # others' data: what for?
    path = tmp_path / "team.xlsx"
    path.write_bytes(marta.client.post(page, asked | {"reason": "周会"}).content)
    with opened(path) as book:
        cells_read = [row.cells for row in rows_of(book.sheets, GOAL_FIELDS)]
    rows = [{name: row[name].value for name in ("title", "parent")} for row in cells_read]
    assert {row["title"] for row in rows} == {"6308-2RZ 低噪音密封结构定型", "密封圈供方切换完成", "台架排期提前一周"}
    above = {row["title"]: row["parent"] for row in rows}
    assert above["密封圈供方切换完成"] == above["6308-2RZ 低噪音密封结构定型"]  # Cleo's is not hers to read
    assert marta.client.post(page, asked | {"whose": "all", "reason": "周会"}).status_code == 422
    assert ada.client.post(page, {"period": various.period.name, "whose": "own"}).content[:2] == b"PK"


def test_a_great_many_come_as_csv_and_mean_the_same(tmp_path):
    path = tmp_path / "goals.csv"
    path.write_bytes(csv_bytes(cells([replace(TOP, weight=Decimal(30))], chinese=True), headings(chinese=True)))
    with opened(path) as book:
        (row,) = rows_of(book.sheets, GOAL_FIELDS)
    assert figures.share(row.cells["weight"]).value == 30

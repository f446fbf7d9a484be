"""Extra fields as columns of a goal file: each its own, read back with the checks of the form, nothing lost."""

from dataclasses import replace
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goals.actions import templates
from goals.actions.templates import TemplateGoalWords, TemplateWords
from goals.exporting import cells, headings
from goals.extra_columns import Origin, column_name, columns_for
from goals.extras import CHOICE, COMPUTED, DATE, LINK, NUMBER, PERSON, TEXT, ExtraField, answered
from goals.importing.kinds import GoalImport
from goals.models import Goal
from goals.queries.exporting import lines_of
from goals.queries.extra_columns import columns_of
from perfsys.imports import actions as imports
from perfsys.imports import queries
from perfsys.imports.columns import recognise, source_rows
from perfsys.imports.reading import opened
from perfsys.imports.writing import csv_bytes, xlsx_bytes

from .conftest import NOW

FIELDS = (
    ExtraField("f1", "需求来源", CHOICE, is_required=True, choices=("客户", "自主")),
    ExtraField("f2", "哪个客户", TEXT, when="f1", equals="客户", is_required=True),
    ExtraField("f3", "单价", NUMBER),
    ExtraField("f4", "加倍", COMPUTED, formula="[单价] * 2"),
    ExtraField("f5", "截止日期", DATE),  # every goal file has such a column
    ExtraField("f6", "需求链接", LINK),
    ExtraField("f7", "对接人", PERSON),
)
WRITTEN = ["title", "kind", "weight", "due_on", "made_from", "extra", "import_digest", "version"]
OTHER = (ExtraField("f1", "单价", TEXT), ExtraField("f2", "=产线", TEXT))


# --- what columns are called ------------------------------------------------------------------------------------------


def called(*fields):
    return [one.heading for one in columns_for(fields)]


def test_a_column_is_called_as_the_field_unless_another_is():
    sales, line, own = Origin("1", "销售"), Origin("2", "产线"), Origin("3", "销售", "恒锐/销售部")
    price, due = ExtraField("f1", "单价(元)"), ExtraField("f2", "截止日期")
    assert called((sales, price), (line, due)) == ["单价(元)", "截止日期 · 产线"]
    assert called((sales, price), (line, ExtraField("f9", "单价 元"))) == ["单价(元) · 销售", "单价 元 · 产线"]
    assert called((sales, price), (own, price)) == ["单价(元) · 销售", "单价(元) · 销售 · 恒锐/销售部"]
    assert called((sales, price), (own, replace(price)), (Origin("4", "销售"), price))[2] == "单价(元) · 销售 · t4"


def test_the_same_field_of_two_versions_is_one_column_and_another_label_is_another():
    sales = Origin("1", "销售")
    renamed = (ExtraField("f1", "单价"), ExtraField("f1", "单价", NUMBER), ExtraField("f1", "含税单价"))
    assert called(*((sales, one) for one in renamed)) == ["单价", "含税单价"]


# --- out and back -----------------------------------------------------------------------------------------------------


@pytest.fixture
def asked(line, ada, founded):
    """Ada's goal and her department's are each of a template; both ask 单价."""
    _top, middle, leaf = line
    with ada.scope:
        given = {"f1": "客户", "f2": "=1+1 ＡＢ 无", "f3": "12.5", "f5": "2026-11-05", "f6": "https://plm.cn/?a=1"}
        given["f7"] = str(founded.marta.public_id)
        for goal, name, fields, said in (
            (leaf, "销售", FIELDS, given),
            (middle, "产线", OTHER, {"f1": "面议", "f2": "-3"}),
        ):
            template = templates.write_template(
                words=TemplateWords(name, "sales"),
                goals=[TemplateGoalWords("x")],
                fields=fields,
                unit=None,
                actor=None,
                now=NOW,
            )
            version = templates.version_of(template, actor=None, now=NOW)
            Goal.objects.filter(pk=goal.pk).update(made_from=version, extra=answered(fields, said)[0])
        leaf.refresh_from_db()
        yield leaf


def written(changes=(), *, as_csv=False):
    """The file, with cells changed by goal and heading."""
    goals = Goal.objects.all()
    extra, lines = columns_of(goals), list(lines_of(goals, with_extra=True))
    named = headings(chinese=True, extra=extra)
    rows = [list(row) for row in cells(lines, chinese=True, extra=extra)]
    for number, heading, value in changes:
        next(row for row in rows if row[4] == number)[named.index(heading)] = value
    return (csv_bytes if as_csv else xlsx_bytes)(rows, named)


def rows_of(content, folder, kind, *, as_csv=False):
    path = folder / ("goals.csv" if as_csv else "goals.xlsx")
    path.write_bytes(content)
    with opened(path) as book:
        return [row for sheet in book.sheets for row in source_rows(sheet, recognise(sheet, kind.fields))]


def read(content, folder, *, as_csv=False):
    """Judged and applied: what came of it, and codes by row."""
    kind = GoalImport()
    judged = kind.judge(rows_of(content, folder, kind, as_csv=as_csv), now=NOW, ignored_sheets=[])
    found = list(judged.rows)
    done = kind.apply(
        iter([row.values for row in found]), report=judged.report, actor=None, now=NOW, progress=lambda done: None
    )
    reasons = [(code, words) for row in found for code, words in row.reasons if code.startswith("extra_")]
    return (done.created, done.changed, done.unchanged), reasons


def said(goal):
    goal.refresh_from_db()
    return {one["key"]: one["value"] for one in goal.extra}


@pytest.mark.parametrize("as_csv", [False, True])
def test_what_is_left_alone_changes_nothing(asked, tmp_path, as_csv):
    before = list(Goal.objects.order_by("pk").values(*WRITTEN))
    assert read(written(as_csv=as_csv), tmp_path, as_csv=as_csv) == ((0, 0, 3), [])
    assert list(Goal.objects.order_by("pk").values(*WRITTEN)) == before
    assert said(asked)["f4"] == "25"


def test_each_field_is_a_column_of_its_own(asked):
    found = [one.heading for one in columns_of(Goal.objects.all())]
    own = ["需求来源", "哪个客户", "单价 · 销售", "加倍", "截止日期 · 销售", "需求链接", "对接人"]
    assert found == ["单价 · 产线", "=产线", *own]


def test_a_changed_cell_changes_just_that(asked, founded, tmp_path):
    before = said(asked)
    changes = [
        (asked.number, "单价 · 销售", 3),
        (asked.number, "截止日期 · 销售", date(2026, 12, 1)),
        (asked.number, "对接人", "HR0003"),
        (asked.number, "加倍", 99),
    ]
    assert read(written(changes), tmp_path) == ((0, 1, 2), [])
    after = {**before, "f3": "3", "f4": "6", "f5": "2026-12-01", "f7": str(founded.ada.public_id)}
    assert said(asked) == after


def test_many_names_in_a_column_of_people_ask_no_more_than_few(asked, tmp_path):
    template = TemplateWords("名单", "sales")
    fields = tuple(ExtraField(f"f{n}", f"名单 {n}", PERSON) for n in range(12))
    about = {"goals": [TemplateGoalWords("x")], "unit": None, "actor": None, "now": NOW}
    made = templates.write_template(words=template, fields=fields, **about)
    version = templates.version_of(made, actor=None, now=NOW)
    Goal.objects.filter(pk=asked.pk).update(made_from=version, extra=[])
    counts = []
    for size in (3, 12):
        names = ["HR0003", "ada hr0003", "Ada", *(f"没有 {n}" for n in range(9))][:size]
        changes = [(asked.number, f"名单 {n}", name) for n, name in enumerate(names)]
        kind = GoalImport()
        rows = rows_of(written(changes), tmp_path, kind)
        with CaptureQueriesContext(connection) as asking:
            found = [code for row in kind.judge(rows, now=NOW, ignored_sheets=[]).rows for code, _words in row.reasons]
        counts.append(len(asking))
        assert found.count("extra_person") == size - 3
    assert counts[0] == counts[1]


def test_the_preview_has_a_column_for_each_extra_field_that_holds_something(asked):
    content = written([(asked.number, "需求来源", "展会"), (asked.number, "需求链接", None)])
    run = imports.start(kind="goals", name="goals.xlsx", content=content, actor=None, now=NOW)
    imports.read(run_id=run.pk, now=NOW)
    run.refresh_from_db()
    imports.judge_as_read(run=run, now=NOW)
    run.refresh_from_db()
    kind = GoalImport()
    heads = [str(title) for _key, title in kind.columns(run.report)]
    assert "需求来源" in heads and "需求链接" not in heads
    _page, rows = queries.rows_page(run, kind, only="", page=None)
    shown = {head: cell for row in rows for head, cell in zip(heads, row.cells, strict=True) if cell}
    assert (shown["需求来源"], shown["单价 · 销售"], shown["单价 · 产线"]) == ("展会", "12.5", "面议")


@pytest.mark.parametrize(
    ("heading", "value", "code"),
    [
        ("单价 · 销售", "面议", "extra_number"),
        ("需求来源", "展会", "extra_choice"),
        ("截止日期 · 销售", "下周", "extra_date"),
        ("需求链接", "见 邮件", "extra_link"),
        ("对接人", "查无此人", "extra_person"),
        ("哪个客户", "长" * 301, "extra_text"),
        ("哪个客户", None, "extra_needed"),
        ("=产线", "三号线", "extra_not_of_goal"),
    ],
)
def test_a_bad_cell_is_told_and_leaves_what_stood_there(asked, tmp_path, heading, value, code):
    before = said(asked)
    done, reasons = read(written([(asked.number, heading, value)]), tmp_path)
    ((found, words),) = reasons
    assert (found, done, said(asked)) == (code, (0, 0, 3), before)
    assert words["field"] in heading and words["field"] in GoalImport().reason(code, words)


def test_what_is_not_asked_any_more_goes(asked, tmp_path):
    done, reasons = read(written([(asked.number, "需求来源", "自主"), (asked.number, "哪个客户", "华星")]), tmp_path)
    assert (done, [code for code, _words in reasons]) == ((0, 1, 2), ["extra_not_asked"])
    assert {"f1", "f2"} & said(asked).keys() == {"f1"}


def test_a_new_goal_is_of_the_template_whose_fields_it_answers(asked, tmp_path):
    content = written()
    version = asked.made_from_id
    Goal.objects.filter(pk=asked.pk).delete()
    done, reasons = read(content, tmp_path)
    made = Goal.objects.get(number=asked.number)
    assert (done, reasons, made.made_from_id, made.extra) == ((1, 0, 2), [], version, asked.extra)


def test_columns_that_only_resemble_a_field_are_none(asked):
    fields = GoalImport().fields
    assert {spec.name for spec in fields if spec.verbatim} >= {column_name(str(asked.made_from.template_id), "单价")}
    assert GoalImport().field_title(column_name(str(asked.made_from.template_id), "加倍")) == "加倍（自动计算，不读取）"

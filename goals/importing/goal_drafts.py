"""The first walk over a goal file: which rows are goals, on which layer, and whose (product.md §1.6, §2.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

from goals.importing import figures, words
from goals.importing.goal_fields import TITLE_HEADINGS
from goals.importing.goal_judgement import GoalValues
from goals.importing.goal_values import read_values, text_in
from goals.importing.issues import Issue
from goals.importing.owners import Owners
from goals.importing.words import COMPANY, DEPT, EXTRA, POSITION
from perfsys.imports.reading import BLANK, Cell, SourceRow
from perfsys.imports.text import INVISIBLE, clean, compact, line

_COMPANY_WORDS = frozenset({"公司", "全公司", "本公司", "集团", "企业", "company", "corporate", "group"})
NUMBER_LENGTH = 64
_LONGEST_HEADING = max(map(len, TITLE_HEADINGS))
_TOTALS = frozenset({"合计", "小计", "总计", "共计", "汇总", "total", "subtotal", "sum"})
_LEGAL_FORM = re.compile(
    r"(?:集团)?(?:股份)?(?:有限)?(?:责任)?(?:公司|集团|厂)$|[,，]?\s*(?:Co\.?,?\s*)?(?:Ltd|Inc|LLC|GmbH|Corp)\.?$", re.I
)
_TRADES = (
    "精密 机械 科技 技术 电子 电气 电器 制造 实业 工业 工程 汽车 材料 新材料 化工 医药 药业 生物 食品 服饰 纺织 软件 "
    "信息 网络 智能 物流 贸易 商贸 "
    "能源 新能源 电力 环保 建设 建筑 装备 设备 仪器 模具 塑料 橡胶 金属 钢铁 轴承 传动 自动化 半导体 光电 通信 通讯 "
    "咨询 服务 文化 传媒 教育 控股 投资 发展 重工 股份"
)


@dataclass(frozen=True)
class Context:
    """What every row of one file is judged against."""

    period_start: date
    period_end: date
    company_name: str
    owners: Owners

    @cached_property
    def company(self) -> str:
        """How the company is shown as the owner of its goals."""
        return short_company_name(self.company_name)

    @cached_property
    def company_words(self) -> frozenset[str]:
        return _COMPANY_WORDS | {words.folded(self.company_name), words.folded(self.company)}


@dataclass(slots=True)
class Owner:
    key: str | None
    """None while nobody is found."""
    shown: str
    unit: str = ""
    """The unit in which a namesake of the parent is looked for first."""


@dataclass(slots=True)
class Draft:
    """A row between the first walk, which reads it alone, and the second, which sees the whole file.

    Holds no cell of the source: 80,000 of these stand in memory at once.
    """

    sheet: str
    number: int
    goal_no: str | None
    layer: str | None
    owner: Owner
    title: str
    parent_text: str
    parent_title: str
    weight: figures.Share
    values: GoalValues
    issues: list[Issue]
    extra: tuple[tuple[str, str], ...] = ()
    """What the columns of extra fields hold, by their name; blank ones too."""
    key: str = ""
    known: str | None = None

    @property
    def place(self) -> str:
        """The owner's key, or what the row calls an owner who was not found."""
        return self.owner.shown if self.owner.key is None else self.owner.key


def short_company_name(name: str) -> str:
    """The name a company goes by: place and brand, "宁波恒锐" of "宁波恒锐精密机械有限公司"."""
    bare = _LEGAL_FORM.sub("", line(name)).strip()
    # Place and brand take four characters at least; a trade word before that is part of the brand.
    cuts = [at for trade in _TRADES.split() if (at := bare.find(trade, 4)) > 0]
    return bare[: min(cuts)] if cuts else bare


def read_drafts(rows: Iterable[SourceRow], context: Context) -> list[Draft]:
    """The rows that are goals, each read by itself."""
    drafts: list[Draft] = []
    for row in rows:
        above = drafts[-1] if drafts and drafts[-1].sheet == row.sheet else None
        draft = _read_draft(row, above, context)
        if draft is not None:
            drafts.append(draft)
    return drafts


def _read_draft(row: SourceRow, above: Draft | None, context: Context) -> Draft | None:
    title = text_in(row, "title") or text_in(row, "measure")
    goal_no = compact(row.cells.get("goal_no", BLANK)) or None
    if not _is_goal(title, goal_no):
        return None
    issues: list[Issue] = []
    if goal_no and len(goal_no) > NUMBER_LENGTH:
        issues.append(Issue("goal_no_too_long", {"length": str(NUMBER_LENGTH)}))
    layer, owner = _place(row, context, issues)
    if owner is None and above is not None and layer in {None, above.layer} and _lists_owner_above(row, above, context):
        layer, owner = above.layer, above.owner
        issues.append(Issue("owner_from_row_above", {"owner": owner.shown}))
    if owner is None:
        owner = Owner(None, "")
        issues.append(Issue("owner_missing") if layer else Issue("layer_unknown", {"layer": text_in(row, "layer")}))
    weight = figures.share(row.cells.get("weight"))
    return Draft(
        sheet=row.sheet,
        number=row.number,
        goal_no=goal_no,
        layer=layer,
        owner=owner,
        title=title,
        parent_text=_parent(row, "parent"),
        parent_title=_parent(row, "parent_title"),
        weight=weight,
        values=read_values(
            row,
            layer=layer,
            owner=owner,
            title=title,
            start=context.period_start,
            end=context.period_end,
            issues=issues,
        ),
        issues=issues,
        extra=tuple((name, _as_typed(cell)) for name, cell in row.cells.items() if name.startswith(EXTRA)),
    )


def _as_typed(cell: Cell) -> str:
    """A text as it stands: what a person wrote into a field is kept as it was, full width and all."""
    is_text = isinstance(cell.value, str) and not cell.formula
    return INVISIBLE.sub("", str(cell.value)).strip() if is_text else clean(cell)


def _parent(row: SourceRow, name: str) -> str:
    cell = row.cells.get(name, BLANK)
    return "" if figures.is_nothing(cell) else clean(cell)


def _lists_owner_above(row: SourceRow, above: Draft, context: Context) -> bool:
    """Files often name an owner once, on the first of their goals."""
    names_nobody = not any(text_in(row, name) for name in ("employee_no", "name", "department"))
    return names_nobody and above.layer in {DEPT, POSITION}


def _is_goal(title: str, goal_no: str | None) -> bool:
    """False for blank rows, totals, footers and a heading repeated on every printed page."""
    if len(title) > _LONGEST_HEADING:
        return True
    bare = words.folded(title)
    return bool(title or goal_no) and bare not in _TOTALS and bare not in TITLE_HEADINGS


def _place(row: SourceRow, context: Context, issues: list[Issue]) -> tuple[str | None, Owner | None]:
    """The row's layer and owner: the layer column says it, else the sheet's name, else who is named."""
    written = words.layer_word(text_in(row, "layer"))
    layer = written or _layer_of_sheet(row.sheet, context) or _layer_by_owner(row, context)
    if layer == COMPANY:
        return layer, Owner("", context.company)
    if layer == DEPT:
        return layer, _unit_owner(row, context, issues)
    if layer == POSITION:
        return layer, _person_owner(row, context, issues)
    return None, None


def _layer_of_sheet(name: str, context: Context) -> str | None:
    if _is_company(name, context):
        return COMPANY
    # A sheet for each department holds the department's goals and its people's.
    return None if context.owners.find_units(name) else words.layer_in_sheet_name(name)


def _layer_by_owner(row: SourceRow, context: Context) -> str | None:
    number, name, department = (text_in(row, key) for key in ("employee_no", "name", "department"))
    if number or (name and not _is_company(name, context) and not context.owners.find_units(name)):
        return POSITION
    if _is_company(name, context) or _is_company(department, context):
        return COMPANY
    if name or department or context.owners.find_units(row.sheet):
        return DEPT
    return None if text_in(row, "parent") or text_in(row, "parent_title") else COMPANY


def _is_company(text: str, context: Context) -> bool:
    return bool(text) and words.folded(text) in context.company_words


def _unit_owner(row: SourceRow, context: Context, issues: list[Issue]) -> Owner | None:
    given = text_in(row, "department") or text_in(row, "name")
    found = context.owners.find_units(given) if given else context.owners.find_units(row.sheet)
    if len(found) == 1:
        return Owner(found[0], context.owners.unit_label(found[0]), found[0])
    if not given:
        return None
    issues.append(Issue("owner_ambiguous" if found else "owner_not_found", {"owner": given}))
    return Owner(None, given)


def _person_owner(row: SourceRow, context: Context, issues: list[Issue]) -> Owner | None:
    number, name = compact(row.cells.get("employee_no", BLANK)), text_in(row, "name")
    unit = text_in(row, "department") or row.sheet
    match = context.owners.find_person(number=number, name=name, unit=unit)
    if match is None:
        return None
    person = match.person
    if person is None:
        issues.append(Issue("owner_ambiguous" if match.ambiguous else "owner_not_found", {"owner": match.given}))
        return Owner(None, match.given)
    if match.name_differs:
        issues.append(Issue("owner_name_differs", {"owner": person.number, "name": person.name}))
    if not person.active:
        issues.append(Issue("owner_departed", {"owner": f"{person.name} {person.number}"}))
    stated = context.owners.find_units(unit)
    return Owner(person.number, person.number, stated[0] if len(stated) == 1 else next(iter(person.units), ""))

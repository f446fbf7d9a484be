"""Every page with believable content and in its awkward states, for looking at and for the tests in this folder.

A sample is a template and its context, without database or address: names and figures are the design's.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from types import SimpleNamespace as Thing
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.utils.datastructures import MultiValueDict

from feedback import gripe_forms
from feedback.forms import AnswerForm, ComposeForm, CorrectForm, NoteForm, OutcomeForm, TakeOnForm
from feedback.forms import SettingsForm as FeedbackSettingsForm
from feedback.gripe_access import Keepers
from feedback.models import Feedback, FeedbackSettings, Gripe
from goals import adjust_forms, part_forms, period_forms, template_forms, writing_forms
from goals.access import Reach
from goals.alignment_forms import ConfirmationForm, FurtherForm, SharesForm
from goals.blocker_forms import BlockerForm, ReplyForm
from goals.bound_forms import BindForm, EndForm
from goals.carry_form import CarryForm
from goals.cascade_form import CascadeForm
from goals.gallery import GALLERY
from goals.incentive_form import PromiseForm
from goals.models import AdjustmentSettings, Goal, KeyResult, Obstacle, Period
from goals.queries import templates as template_queries
from goals.queries.extras import fields_shown
from goals.queries.periods import StillOpen
from goals.queries.template_versions import Change
from goals.queries.writing import Span
from goals.resource_form import ResourceForm
from goals.start_forms import CompanyForm, LineForm
from goals.suggestion_forms import SuggestionForm
from goals.table_form import RowForm
from goals.template_forms import PeopleForm
from goals.template_preview import preview_of
from goals.trail_forms import ClosingForm, EvidenceForm, ObstacleForm, ResultCheckInForm, WhyForm
from goals.views.exporting import ExportForm
from goals.workshop_forms import OpenForm, OverlapForm, PositionActionForm, ProposalForm, ReopenForm
from integrations.forms import CloseGapForm, ConnectionForm, FilesForm, SettingsForm
from integrations.forms.reconciliation import ReleaseForm
from integrations.queries.sides import Named
from perfsys.common import charts
from perfsys.lexicon.forms import EntryForm
from perfsys.lexicon.models import Nature
from perfsys.people.features import SAYS, Feature
from perfsys.people.forms import FeatureForm
from perfsys.people.models import Employee, OrgUnit
from reviews.forms import (
    AgreeForm,
    CancelForm,
    DeclineForm,
    ImprovementForm,
    ModuleForm,
    MoveForm,
    PlanForm,
    SignForm,
    TopicsForm,
)

NOW = datetime(2026, 3, 13, 8, 30, tzinfo=UTC)  # Friday, 16:30 in Shanghai
LONG = "一个写得特别长的目标标题，长到在任何一列里都放不下，看看它会不会把版面撑破，或者遮住旁边的数字和健康状态"


def ago(days: int = 0, hours: int = 0) -> datetime:
    return NOW - timedelta(days=days, hours=hours)


def person(name: str, position: str = "", unit: str = "") -> Thing:
    return Thing(name=name, position=position, unit=unit, url="#")


LIN, ZHOU, HE = person("林晓雯", "密封设计工程师"), person("周启明", "轴承设计组组长"), person("何静", "HRBP")


def nav(current: str, *groups: tuple[str, list[tuple[str, str, str, int, bool]]]) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "items": [
                {
                    "label": label,
                    "url": "#",
                    "icon": icon,
                    "key": key,
                    "count": count,
                    "warm": warm,
                    "current": label == current,
                }
                for label, icon, key, count, warm in items
            ],
        }
        for title, items in groups
    ]


def shell(current: str = "我的一周", who: Thing = LIN, role: str = "employee") -> dict[str, Any]:
    own = [("我的一周", "home", "g h", 0, False), ("我的目标", "target", "g t", 4, False)]
    company = [("战略解码看板", "board", "g b", 0, False)]
    team = [("团队看板", "person", "g m", 2, True)]
    unit = [("值得看一眼的目标", "pulse", "", 12, True)]
    setup = [
        ("目标模板", "template", "", 0, False),
        ("导入", "upload", "", 0, False),
        ("公司设置", "gear", "", 0, False),
    ]
    groups = {
        "employee": [("", own), ("公司", company)],
        "manager": [("", own), ("团队", team), ("公司", company)],
        "hrbp": [("", own), ("组织", unit), ("公司", company)],
        "admin": [("配置", setup), ("公司", company)],
    }[role]
    return {
        "tenant": Thing(name="澄远轴承"),
        "person": who,
        "nav": nav(current, *groups),
        "tabs": [
            {"label": "我的一周", "url": "#", "icon": "home", "current": current == "我的一周"},
            {"label": "目标", "url": "#", "icon": "board", "current": current == "战略解码看板"},
            {"label": "收件箱", "url": "#", "icon": "inbox", "current": current == "收件箱"},
            {"label": "我的", "url": "#", "icon": "person", "current": current == "我的设置"},
        ],
        "period": "2026 年一季度 · 第 11 周",
        "memberships_url": "#",
        "inbox_url": "#",
        "inbox_count": 2,
        "settings_url": "#",
        "theme_url": "#",
        "language_url": "#",
        "logout_url": "#",
        "scope": "chengyuan:7",
        "now": NOW,
    }


def cells(*counts: int) -> list[Thing]:
    return [Thing(count=count) for count in counts]


def goal(
    title: str, progress: float | None = 72, expected: float | None = 68, health: str = "ok", **more: Any
) -> Thing:
    given = {
        "public_id": f"{abs(hash(title)) % 10**12:012d}",
        "title": title,
        "url": "#",
        "progress": progress,
        "expected_progress": expected,
        "health": health,
        "penetration": penetration,
        "penetration-none": penetration_none,
        "resources": resources,
        "value_text": "",
        "owner": None,
        "unit": "",
        "weight": None,
        "match": None,
        "evidence": None,
        "updated_at": ago(hours=3),
        "below": {},
        "page_url": "",
        "path": [],
    }
    return Thing(**{**given, **more})


def alert(fact: str = "“欧洲样品测试支持”有 16 天没更新", **more: Any) -> Thing:
    given = {
        "public_id": f"a{abs(hash(fact)) % 10**8}",
        "fact": fact,
        "why": "连续两周没有进度时会提醒一次。周启明和何静也看得到，但先听你怎么说。",
        "offers": [
            {"text": "补充客户分级标准", "url": "#", "post": True},
            {"text": "增加技术验证节点", "url": "#", "post": True},
            {"text": "请何静协调海外样品库存", "url": "", "post": False},
        ],
        "confirm_url": "/confirm/",
        "confirm_hint": "打开后不再提醒，你的说明会同步",
        "confirmed": None,
        "undo_url": "",
    }
    return Thing(**{**given, **more})


def confirmed() -> Thing:
    mark = Thing(by=LIN, at=ago(1), note="客户把测试挪到了 4 月，样品先给展会用。")
    return alert("MES 本周少同步了 1 天数据", confirmed=mark, undo_url="#")


def page_of(number: int = 7, size: int = 4, at: int = 1) -> Any:
    return Paginator(range(number), size).page(at)


def week() -> tuple[str, dict[str, Any]]:
    path = ["3 款低噪音轴承定型", "P4 级准时交付"]
    p4, sea = (
        goal("P4 级轴承准时交付率 ≥ 95%", value_text="现在 92.8%"),
        goal("海外营收占比 32%", value_text="现在 27.1%"),
    )
    sight = [
        {
            "company": p4,
            "departments": [
                {
                    "goal": goal("3 款低噪音轴承定型", value_text="你负责第 2 款"),
                    "goals": [
                        goal("6308-2RZ 低噪音密封结构定型", path=path),
                        goal("每周 2 次同步设计卡点", 82, 80, value_text="18 / 22", path=path),
                    ],
                },
                {
                    "goal": goal("一次试制合格率 ≥ 88%", value_text="现在 86.4%"),
                    "goals": [goal("每月 1 份密封失效分析模板", 67, 67, value_text="2 / 3", path=path)],
                },
            ],
        },
        {
            "company": sea,
            "departments": [
                {
                    "goal": goal("样品响应 ≤ 5 天"),
                    "goals": [goal("欧洲样品测试支持", 30, 55, "watch", path=["样品响应 ≤ 5 天"])],
                }
            ],
        },
        {"company": None, "departments": [{"goal": None, "goals": [goal(LONG, None, None, "idle")]}]},
    ]
    heat = Thing(
        caption="近 6 周每个目标的进度更新次数",
        heads=["2/2", "2/9", "2/16", "2/24", "3/2", "3/9"],
        rows=[
            Thing(title="6308-2RZ 低噪音密封结构定型", url="#", cells=cells(2, 1, 0, 3, 2, 2)),
            Thing(title="欧洲样品测试支持", url="#", cells=cells(1, 1, 1, 0, 0, 0)),
        ],
        most=3,
    )
    return "dashboards/week.html", {
        **shell(),
        "greeting": "周五下午好，晓雯",
        "lede": "这周你更新了 3 次进度，6308-2RZ 从 64% 走到 72%。",
        "sight": sight,
        "alerts": [alert(), confirmed()],
        "waiting": 2,
        "owed": [{"title": "二季度目标等你确认", "meta": "周启明发布，3 月 12 日", "url": "#", "label": "看一看"}],
        "retro": {"question": retro_question(), "url": "#"},
        "heat": heat,
        "board_url": "#",
        "goals_url": "#",
        "recent_feedback": [feedback()],
        "feedback_url": "#",
        "own_actions": [deed()],
        "actions_url": "#",
    }


def week_empty() -> tuple[str, dict[str, Any]]:
    return "dashboards/week.html", {
        **shell(),
        "greeting": "早上好，晓雯",
        "sight": [],
        "alerts": [],
        "new_goal_url": "#",
    }


VIEWS = [
    {"label": "分栏", "url": "#", "current": True},
    {"label": "目标树", "url": "#", "current": False},
    {"label": "只看我这条线", "url": "#", "current": False},
]


def board() -> tuple[str, dict[str, Any]]:
    company = [
        goal("海外营收占比提升到 32%", value_text="27.1%", below={"ok": 5, "watch": 2, "talk": 1, "idle": 1}),
        goal("P4 级轴承准时交付率 ≥ 95%", value_text="92.8%", below={"ok": 9, "watch": 2}),
        goal("客户投诉率下降 20%", value_text="已降 11.3%", below={"ok": 6, "watch": 1}),
        goal("人均产出提升 8%", value_text="+4.6%", below={"ok": 2, "watch": 1, "idle": 1}),
    ]
    department = [
        goal("3 款低噪音密封轴承定型", owner=person("郑淑敏"), unit="研发中心", match=94, below={"ok": 8, "watch": 2}),
        goal("磨加工工序 Cpk ≥ 1.67", owner=person("马骏"), unit="生产部", match=91, below={"ok": 14, "watch": 3}),
        goal(LONG, owner=person("吴桐"), unit="质量部", match=88, below={"ok": 6, "watch": 1}),
        goal(
            "套圈热处理外协周期 ≤ 6 天",
            owner=person("孙薇"),
            unit="采购部",
            match=66,
            below={"ok": 1, "watch": 2, "talk": 1},
        ),
    ]
    position = [
        goal("6308-2RZ 低噪音密封结构定型", owner=LIN),
        goal("6206 保持架噪声下降 3 dB", owner=person("黄子昂"), health="adjusted"),
        goal("唇口磨损台架验证 12 组", owner=person("钱昊"), health="talk"),
    ]

    for number, drilling in enumerate((*company, *department), 1):
        drilling.url, drilling.page_url = f"?goal={number}", "/goal/"

    def column(
        key: str, title: str, goals: list[Thing], chosen: int | None, wire_from: int | None, **more: Any
    ) -> Thing:
        given = {"hint": "", "front": False, "more_url": "", "more_count": 0, "empty": ""}
        return Thing(
            **{**given, "key": key, "title": title, "goals": goals, "chosen": chosen, "wire_from": wire_from, **more}
        )

    return "goals/board.html", {
        **shell("战略解码看板", HE, "hrbp"),
        "totals": Thing(company=4, department=31, position=1843),
        "columns": [
            column("company", "公司级", company, 1, None, hint="4 个，建议 3 至 5"),
            column(
                "department", "部门级", department, 0, 1, hint="支撑它的 11 个里，前 4 个", more_url="#", more_count=7
            ),
            column("position", "岗位级", position, None, 0, hint="3 个，3 位同事", front=True),
        ],
        "trail": [company[1], department[0]],
        "views": VIEWS,
        "new_goal_url": "#",
    }


def tree_rows() -> list[Thing]:
    chip = Thing(source="PLM", reference="RD-2026-014", url="", is_file=False)
    said = [
        (
            0,
            2,
            True,
            goal("P4 级轴承准时交付率 ≥ 95%", 74, 70, unit="公司", evidence=Thing(source="MES", reference="交付批次")),
        ),
        (
            1,
            2,
            True,
            goal("3 款低噪音密封轴承定型", 61, 60, owner=person("郑淑敏"), weight=30, match=94, evidence=chip),
        ),
        (
            2,
            0,
            False,
            goal("6308-2RZ 低噪音密封结构定型", owner=LIN, weight=40, match=96, evidence=chip, updated_at=ago(1)),
        ),
        (
            2,
            0,
            False,
            goal(
                "唇口磨损台架验证 12 组", 25, 60, "talk", owner=person("钱昊"), weight=30, match=68, updated_at=ago(15)
            ),
        ),
        (
            1,
            3,
            False,
            goal(
                "套圈热处理外协周期 ≤ 6 天",
                48,
                58,
                "watch",
                owner=person("孙薇"),
                weight=70,
                match=66,
                updated_at=ago(3),
            ),
        ),
        (0, 0, False, goal(LONG, None, None, "idle", unit="公司", updated_at=None)),
    ]
    return [
        Thing(goal=g, depth=depth, children=children, open=opened, toggle_url="?open=")
        for depth, children, opened, g in said
    ]


def tree() -> tuple[str, dict[str, Any]]:
    filters = [{"label": "全部", "url": "#", "current": True}, {"label": "留意", "url": "#", "current": False}]
    return "goals/tree.html", {
        **shell("战略解码看板", HE, "hrbp"),
        "rows": tree_rows(),
        "rows_url": "/rows/",
        "views": [{**view, "current": view["label"] == "目标树"} for view in VIEWS],
        "filters": filters,
        "file_url": "#",
    }


def goals_as_a_file() -> tuple[str, dict[str, Any]]:
    given = {"period": "2026 Q4", "whose": "all", "reason": ""}
    form = ExportForm(given, periods=[("2026 Q4", "2026 年第四季度")], reaches=[Reach.TEAM, Reach.ALL])
    return "goals/export.html", {**shell("目标树", HE, "admin"), "form": form, "tree_url": "#", "cancel_url": "#"}


class CheckInForm(forms.Form):
    value = forms.DecimalField(label="进度", widget=forms.NumberInput(attrs={"inputmode": "decimal", "step": "1"}))
    confidence = forms.ChoiceField(
        label="按时完成的把握",
        choices=[("high", "有把握"), ("medium", "一般"), ("low", "有点悬")],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label="说一句", required=False, widget=forms.Textarea(attrs={"rows": 2}), help_text="发生了什么，记在哪里"
    )


def match_line(title: str = "3 款低噪音密封轴承定型", figure: int | None = 96, **more: Any) -> Thing:
    parts = [
        Thing(name="含义", applies=True, points="40", of=40, words=["读起来能推动上级目标。"], would_raise=[]),
        Thing(
            name="证据",
            applies=True,
            points="15",
            of=25,
            words=["证据编号对得上记录。"],
            would_raise=["补上最近的记录。"],
        ),
        Thing(name="贡献", applies=False, points="0", of=0, words=["不计入：还没写承担多少。"], would_raise=[]),
    ]
    given = {
        "title": title,
        "url": "#",
        "unit": "研发中心",
        "is_primary": True,
        "figure": figure,
        "is_weak": False,
        "words": "",
        "parts": parts,
        "contribution": None,
        "split": None,
        "is_confirmed": False,
        "confirm_url": "",
        "unconfirm_url": "",
        "remove_url": "",
        "key": 1,
    }
    return Thing(**{**given, **more})


def match_lines() -> list[Thing]:
    waiting = match_line("样品响应 ≤ 5 天", None, is_primary=False, parts=[], key=2)
    return [match_line(), waiting, match_line(LONG, 58, is_primary=False, is_weak=True, key=3)]


def supports(refused: bool = False) -> tuple[str, dict[str, Any]]:
    lines: Any = [
        Thing(alignment=Thing(parent_id=n, contribution=None, split=None), parent=Thing(title=LONG)) for n in (1, 2)
    ]
    typed = {"seen": "1:1", "contribution-1": "160", "split-1": "两成", "parent": "", "contribution": "x"}
    nobody_asks: Any = None
    shown = match_lines()
    shown[0].confirm_url, shown[0].confirm_form = "#", ConfirmationForm({} if refused else None, auto_id="confirm-1-%s")
    shown[1].remove_url = "#"
    shown[2].is_confirmed, shown[2].unconfirm_url, shown[2].words = True, "#", "周启明已确认，按 100 计。"
    return "goals/supports.html", {
        **shell("我的目标"),
        "goal": goal("6308-2RZ 低噪音密封结构定型"),
        "goal_url": "#",
        "goals_url": "#",
        "lines": shown,
        "shares": SharesForm(typed if refused else None, lines=lines, seen="1:1"),
        "shares_url": "#",
        "further": FurtherForm(typed if refused else None, parents=nobody_asks),
        "further_url": "#",
        "parents": [],
        "edit_url": "#",
    }


def suggestion_row(text: str, **more: Any) -> Thing:
    given = {"lacks": "", "families": [], "kinds": [], "is_offered": True, "edit_url": "#", "switch_url": "#"}
    return Thing(**{**given, "text": text, **more})


def suggestions(*rows: Thing) -> tuple[str, dict[str, Any]]:
    return "goals/suggestions.html", {
        **shell("建议库"),
        "rows": rows,
        "asked": "客户",
        "url": "#",
        "new_url": "#",
    }


def suggestions_some() -> tuple[str, dict[str, Any]]:
    return suggestions(
        suggestion_row("加一条客户分级标准", families=["销售", "市场"]),
        suggestion_row("定出第一个阶段，两周内能拿出来看", lacks="阶段"),
        suggestion_row(LONG, kinds=["要达到的数"], is_offered=False),
        suggestion_row("约好下一次交什么、哪天交"),
    )


def suggestion_form(refused: bool = False) -> tuple[str, dict[str, Any]]:
    return "goals/suggestion_form.html", {
        **shell("建议库"),
        "form": SuggestionForm({"text_zh": "", "families": "长" * 41} if refused else None),
        "suggestion": Thing(text=LONG) if refused else None,
        "cancel_url": "#",
    }


def goal_page(form: forms.Form | None = None) -> tuple[str, dict[str, Any]]:
    days = [
        (0, 5, 4),
        (7, 12, 11),
        (14, 18, 18),
        (21, 30, 26),
        (28, 34, 34),
        (42, 38, 41),
        (50, 46, 50),
        (56, 58, 59),
        (67, 72, 68),
    ]
    start = date(2026, 1, 5)
    it = goal(
        "6308-2RZ 低噪音密封结构定型",
        owner=LIN,
        weight=40,
        rollup=64,
        layer_name="岗位级",
        kind_name="KPI",
        period_name="2026 年一季度",
        status_name="已发布",
        is_published=True,
        number="GW-0398-1",
        pace=4,
        behind=0,
        unit_name="%",
        is_percent=True,
    )
    told = {"words": ("要达到什么", ""), "weight": ("权重", "40%"), "measure": ("衡量方式", "噪声 · 38 → 32 dB")}
    told |= {
        "days": ("起止", "2026年1月5日 – 2026年3月27日"),
        "stages": ("途中的阶段", ""),
        "results": ("关键结果", ""),
    }
    parts = {
        name: {
            "name": name,
            "label": label,
            "says": says,
            "url": "#" if name != "days" else "",
            "swaps": name != "weight",
        }
        for name, (label, says) in told.items()
    }
    return "goals/goal.html", {
        **shell("我的目标"),
        "goal": it,
        "goals_url": "#",
        "lines": match_lines(),
        "supports_url": "#",
        "parts": parts,
        "facts": [parts[name] for name in ("weight", "measure", "days")],
        "path": [goal("3 款低噪音密封轴承定型"), goal("P4 级轴承准时交付率 ≥ 95%")],
        "supported": [goal("唇口磨损台架验证 12 组", 25, 60, "talk", owner=person("钱昊"), contribution=60)],
        "supported_count": 3,
        "board_url": "#",
        "alerts": [],
        "milestones": [
            stage("客户噪声指标确认", date(2026, 1, 16), date(2026, 1, 16), moved="正好在计划当天"),
            stage("唇口低温测试", date(2026, 3, 6), date(2026, 3, 12), moved="比计划晚 6 天"),
            stage("30 套小批试制", date(2026, 3, 20), now=True, note="进行中"),
            stage("定型评审", date(2026, 3, 27)),
        ],
        "named": Thing(source="客户ID", reference="C10008", says="写目标时写明", at=date(2026, 1, 5)),
        "evidence": [
            Thing(
                pieces=[
                    Thing(
                        source="上传",
                        reference="低温磨损报告.pdf",
                        url="#",
                        is_file=True,
                        says="-40℃ 下 200 小时无渗漏",
                        at=ago(1),
                    ),
                ],
                system="",
                whole=1,
                more=0,
                all_url="#",
            ),
            Thing(pieces=pieces(), system="CRM", stream="拜访", whole=27, more=25, all_url="#", read_at=ago(hours=1)),
            Thing(pieces=pieces()[:1], system="CRM", stream="客户", whole=1, more=0, all_url="#", read_at=None),
        ],
        "obstacles": [
            Thing(
                title="客户决策链长",
                status_name="处理中",
                note="何静已约海外销售周会同步",
                form=ObstacleForm(of=Obstacle(pk=3, state="in_hand", resolution="已约周会")),
                is_open=True,
                url="#",
            )
        ],
        "promise_url": "#",
        "promises": [
            Thing(
                promise="展会名额一个",
                on=None,
                quota=10,
                left=7,
                taken=3,
                own=2,
                places=[Thing(number=1, name="林晓雯", at=ago(1))],
                end_url="#",
            ),
            Thing(promise=LONG, on=Thing(title=LONG, url="#"), quota=None, taken=0),
            Thing(promise="弹性假两天", on=None, quota=3, left=0, taken=3),
            Thing(promise="导师计划 <b>", on=None, quota=3, left=2, taken=1, is_ended=True),
        ],
        "ask_url": "#",
        "blockers_url": "#",
        "today": NOW.date(),
        "drawn_stages": [
            Thing(due_on=date(2026, 1, 16), done_on=date(2026, 1, 16)),
            Thing(due_on=date(2026, 3, 6), done_on=date(2026, 3, 12)),
            Thing(due_on=date(2026, 3, 20), done_on=None),
        ],
        "trail": [Thing(on=start + timedelta(days=d), actual=a, expected=e) for d, a, e in days],
        "check_ins": [
            Thing(
                at=ago(1),
                by=LIN,
                value_text="",
                progress=72,
                note="唇口低温测试通过",
                confidence_name="有把握",
                automatic=False,
                about="",
                seen_at=ago(hours=3),
                seen_by="周楠",
                seen_url="",
            ),
            Thing(
                at=ago(9),
                by=None,
                value_text="",
                progress=64,
                note="",
                confidence_name="",
                automatic=True,
                about="客户签认 3 家",
                seen_at=None,
                seen_by="",
                seen_url="#",
            ),
        ],
        "confidences": [Thing(key=key, name=name, at=ago(3)) for key, name in [("ok", "有把握"), ("watch", "说不准")]],
        "key_results": [],
        "retired_results": [],
        "ticks": None,
        "prorated": Thing(there=60, whole=90, target="40 款"),
        "score": Thing(points="72", says="进度 72%，按实际计分。", rule_name="按实际进度"),
        "life": [
            Thing(at=ago(60), by=LIN, what="写了草稿", kind=""),
            Thing(at=ago(50), by=ZHOU, what="发布了目标", kind=""),
        ],
        "closing": None,
        "close_url": "#",
        "send_back_url": "",
        "reopen_url": "",
        "settles": False,
        "why_form": None,
        "history": [
            Thing(at=ago(1), by=LIN, what="唇口低温测试通过", kind=""),
            Thing(at=ago(15), by=ZHOU, what="计划改到 3 月 27 日评审", kind="info"),
        ],
        "form": form or CheckInForm(initial={"value": 72}),
        "check_in_url": "/check-in/",
        "evidence_form": EvidenceForm(),
        "evidence_url": "#",
        "edit_url": "",
    }


def pieces() -> list[Thing]:
    return [
        Thing(
            source="CRM",
            reference="V000753",
            url="#",
            says="采购说年度框架还在比价,对手降了7%",
            at=ago(hours=7),
        ),
        Thing(source="CRM", reference="V000759", url="#", says=LONG, at=ago(3)),
    ]


def all_evidence(number: int = 60) -> tuple[str, dict[str, Any]]:
    return "goals/evidence.html", {
        **shell("目标"),
        "goal": goal("6308-2RZ 低噪音密封结构定型"),
        "goal_url": "#",
        "system": "CRM" if number else "",
        "stream": "拜访" if number else "",
        "read_at": ago(hours=1) if number else None,
        "everything_url": "#",
        "page": Paginator(range(number), 50).page(1),
        "pieces": pieces() if number else [],
    }


def record_page(*, is_gone: bool = False) -> tuple[str, dict[str, Any]]:
    change = Thing(label="下一步", before="", after="安排工厂参观")
    return "goals/record.html", {
        **shell("目标"),
        "goal": goal("6308-2RZ 低噪音密封结构定型"),
        "goal_url": "#",
        "title": "采购说年度框架还在比价,对手降了7%",
        "system": "CRM",
        "piece": Thing(get_type_display="客户", number="C10008", gone_at=ago(1) if is_gone else None),
        "record": Thing(
            external_id="V000753",
            happened_at=ago(20),
            first_seen_at=ago(19),
            changed_at=ago(2),
            deleted_at=None,
        ),
        "fields": [
            Thing(label="方式", text="视频"),
            Thing(label="纪要", text=LONG),
            Thing(label="阶段", text="一\n二"),
        ],
        "versions": [
            Thing(at=ago(2), is_first=False, changes=[change]),
            Thing(at=ago(5), is_first=False, changes=[]),
            Thing(at=ago(19), is_first=True, changes=[]),
        ],
        "older": is_gone,
        "read_at": ago(hours=1),
    }


def record_deleted() -> tuple[str, dict[str, Any]]:
    template, context = record_page()
    context["record"].deleted_at = ago(1)
    return template, context


def goal_page_refused() -> tuple[str, dict[str, Any]]:
    template, context = goal_page(CheckInForm({"value": "多", "note": "快好了"}))
    return template, {**context, "alerts": [alert()], "supported": [], "trail": [], "check_ins": [], "history": []}


CAUSES = [
    Thing(pk=n, public_id=f"c{n}", name=name)
    for n, name in enumerate(["跨系统数据不通", "客户决策链长", "台架排期紧", LONG])
]
QUARTERS = [
    Span("2026Q1", date(2026, 1, 1), date(2026, 3, 31)),
    Span("2026Q2", date(2026, 4, 1), date(2026, 6, 30)),
]


def goal_objective() -> tuple[str, dict[str, Any]]:
    """An objective with key results, whose end its owner has proposed."""
    template, context = goal_page()
    result = {"measure": "签认书", "unit_name": "家", "from": "", "to": "3 家", "weight": "2", "url": "#"}
    result |= {"lowers": False, "now": "1 家", "progress": 33}
    typed = ResultCheckInForm({"value": "很多", "key": "k"}, of=KeyResult(pk=2, title=LONG))
    end = {
        "outcome_name": "已达成",
        "result": LONG,
        "lesson": "早一周约台架",
        "is_closed": False,
        "by": LIN,
        "at": ago(1),
    }
    return template, {
        **context,
        "key_results": [
            Thing(**result, title="客户签认", form=ResultCheckInForm(of=KeyResult(pk=1)), is_open=False),
            Thing(**{**result, "lowers": True, "from": "3.2%", "progress": None}, title=LONG, form=typed, is_open=True),
        ],
        "retired_results": [Thing(title=LONG, on=ago(3).date(), now="3 家")],
        "closing": Thing(**end),
        "settles": True,
        "send_back_url": "#",
        "why_form": WhyForm({"why": ""}),
    }


def goal_commitment() -> tuple[str, dict[str, Any]]:
    """A commitment, closed and open to be opened again."""
    template, context = goal_page()
    rhythm = {"done": 7, "due": 8, "cadence": "每周 2 次", "delivers": "设计卡点已同步到跨部门看板"}
    return template, {
        **context,
        "ticks": Thing(**rhythm, last_at=ago(1), key="k", tick_url="#", undo_url="#"),
        "closing": Thing(outcome_name="未达成", result="只做到一半", lesson=LONG, is_closed=True, by=ZHOU, at=ago(1)),
        "settles": True,
        "close_url": "",
        "reopen_url": "#",
        "why_form": WhyForm(),
    }


def goal_close(settles: bool = False) -> tuple[str, dict[str, Any]]:
    return "goals/close.html", {
        **shell("关闭目标"),
        "goal": Thing(title=LONG, url="#", public_id="g1"),
        "goals_url": "#",
        "form": ClosingForm({"outcome": "", "result": LONG, "lesson": ""}),
        "settles": settles,
        "close_url": "#",
    }


def goal_desk() -> Any:
    nobody_asks: Any = None  # a search in the database, which samples do not have
    return writing_forms.Desk("position", QUARTERS, nobody_asks, CAUSES, parents_url="#")  # type: ignore[arg-type]


def goal_form(form: Any = None, stages: Any = None) -> tuple[str, dict[str, Any]]:
    first = {"title": "6308-2RZ 低噪音密封结构定型", "kind": "kpi", "direction": "lower", "weight": 40}
    return "goals/goal_form.html", {
        **shell("我的目标"),
        "form": form or writing_forms.GoalForm(desk=goal_desk(), initial=first),
        "results": writing_forms.key_results(initial=[{"title": "客户签认", "target": 3}]),
        "stages": stages or writing_forms.stages(initial=[("样件评审", date(2026, 2, 13))]),
        "goal": None,
        "draft_key": "new",
        "owner_name": "",
        "parents": [{"value": "D-12 3 款低噪音密封轴承定型 · 研发中心", "says": "2026Q1"}],
        "others": [Thing(name="研发中心", url="#"), Thing(name="钱昊", url="#")],
        "cancel_url": "#",
        "goals_url": "#",
        "templates_url": "#",
        "delete_url": "",
        "bounds_hint": "岗位级目标一般 3 至 5 个。",
    }


def goal_part(name: str = "words", **more: Any) -> tuple[str, dict[str, Any]]:
    part, it = part_forms.PARTS[name], Thing(kind="objective" if name == "results" else "kpi")
    first = {"title": "6308-2RZ 低噪音密封结构定型", "direction": "lower", "weight": 40, "version": 3}
    return "goals/part.html", {
        **shell("我的目标"),
        "part": part,
        "form": part_forms.PartForm(goal=it, part=part, desk=goal_desk(), initial=first),  # type: ignore[arg-type]
        "stages": writing_forms.stages(initial=[("样件评审", date(2026, 2, 13))]) if name == "stages" else None,
        "results": writing_forms.key_results(initial=[{"title": "客户签认", "target": 3}])
        if name == "results"
        else None,
        "goal": Thing(title="6308-2RZ 低噪音密封结构定型", public_id="g1"),
        "url": "#",
        "goal_url": "#",
        "parents": [],
        "is_late": False,
        "changes": [],
        "request_url": "",
        "live_url": "#" if name == "words" else "",
        "in_place": False,
        **more,
    }


def goal_part_late() -> tuple[str, dict[str, Any]]:
    changes = [{"label": "目标值", "was": "32 dB", "now": "30 dB"}]
    return goal_part("measure", is_late=True, changes=changes)


def goal_form_refused() -> tuple[str, dict[str, Any]]:
    data = {
        "title": "",
        "kind": "kpi",
        "direction": "lower",
        "weight": "400",
        "target": "很多",
        "starts_on": "2026-02-01",
        "due_on": "2026-01-01",
        "period": QUARTERS[0].key,
        "causes": ["c0", "c1", "c2", "c3"],
    }
    form = writing_forms.GoalForm(
        MultiValueDict({k: v if isinstance(v, list) else [v] for k, v in data.items()}), desk=goal_desk()
    )
    lines = {"stages-TOTAL_FORMS": "1", "stages-INITIAL_FORMS": "0", "stages-0-title": "只有名称"}
    return goal_form(form, writing_forms.stages(lines))


def publish() -> tuple[str, dict[str, Any]]:
    def draft(title: str, weight: int, missing: list[str]) -> Thing:
        return Thing(
            url="#",
            edit_url="#",
            title=title,
            weight=f"{weight}%",
            parent=None if missing else goal("3 款低噪音轴承定型"),
            evidence_name="" if missing else "PLM 图纸",
            obstacles=[] if missing else ["台架排期紧"],
            missing=missing,
            is_draft=True,
        )

    return "goals/publish.html", {
        **shell("我的目标"),
        "owner": Thing(name="林晓雯", is_own=True),
        "period": "2026Q1",
        "waiting": 2,
        "new_url": "#",
        "goals": [
            draft("6308-2RZ 低噪音密封结构定型", 60, []),
            draft("欧洲样品测试支持", 30, ["选一条支撑的上级目标。", "写上证据从哪里来。"]),
        ],
        "weight_total": "90%",
        "adds_up": False,
        "problems": ["权重合计 90%，还差 10%。", "“欧洲样品测试支持”还没写支撑哪条目标。"],
        "hint": "岗位级目标一般 3 至 5 个，现在是 2 个。",
        "ready": False,
        "publish_url": "#",
    }


def agree(**answer: Any) -> tuple[str, dict[str, Any]]:
    nothing = {"acknowledged_at": None, "refused_at": None, "refusal": ""}
    row = Thing(title="6308-2RZ 低噪音密封结构定型", url="#", weight="60%", parent=goal(LONG))
    row.measure, row.due_on = "漏油率 · 5% → 2%", "2026 年 3 月 31 日"  # type: ignore[attr-defined]
    return "goals/agree.html", {
        **shell("我的目标"),
        "set": Thing(
            **{"period": Thing(name="2026Q1"), "published_by": ZHOU, "published_at": ago(1), **nothing, **answer}
        ),
        "is_own": True,
        "name": LIN.name,
        "goals": [row],
        "form": writing_forms.RefusalForm(),
        "agree_url": "#",
        "refuse_url": "#",
        "goals_url": "#",
    }


def agree_refused() -> tuple[str, dict[str, Any]]:
    return agree(refused_at=ago(hours=2), refusal="权重没有商量过。\n欧洲样品这条我一个人做不了。")


def agree_read() -> tuple[str, dict[str, Any]]:
    name, found = agree_refused()
    return name, {**found, "is_own": False, "adjust_url": "#"}


def templates() -> tuple[str, dict[str, Any]]:
    def row(title: str, layer: str, unit: str, size: int) -> Thing:
        more = {"line_name": "研发", "unit_name": unit, "size": size}
        return Thing(url="#", title=title, layer_name=layer, copy_url="#", **more)

    return "goals/templates.html", {
        **shell("目标模板", HE, "admin"),
        "templates": [row("研发工程师", "岗位级", "恒锐/研发中心", 4), row(LONG, "部门级", "", 6)],
        "new_url": "#",
        "page": page_of(),
    }


def templates_empty() -> tuple[str, dict[str, Any]]:
    ready = [{"template": one, "line_name": "研发", "layer_name": "岗位级", "url": "#"} for one in GALLERY]
    return "goals/templates.html", {
        **shell("目标模板", HE, "admin"),
        "templates": [],
        "new_url": "#",
        "ready_made": ready,
    }


def template_ready_made() -> tuple[str, dict[str, Any]]:
    name, context = template_copy()
    goals = [template_queries.told(one) for one in GALLERY[0].goals]
    fields = fields_shown([one.kept for one in GALLERY[0].asked])
    return name, {**context, "template": GALLERY[0], "goals": goals, "fields": fields, "is_ready_made": True}


def goal_template() -> Thing:
    return Thing(
        name="研发工程师",
        public_id="t1",
        summary="新需求从立项到定型，一个季度四条。",
        get_layer_display="岗位级",
        get_line_display="研发",
        unit=Thing(path="恒锐/研发中心"),
    )


def template() -> tuple[str, dict[str, Any]]:
    def line(title: str, **more: Any) -> dict[str, Any]:
        known = {"facts": ["指标", "40%", "核心"], "measure": "", "delivers": "", "evidence": "项目", **more}
        stages = [Thing(title="样件评审", after=50), Thing(title="小批", after=90)]
        return {"said": Thing(title=title, stages=stages, **known), "url": "#"}

    return "goals/template.html", {
        **shell("目标模板", HE, "admin"),
        "template": goal_template(),
        "goals": [line("缩短需求交付周期", measure="降低 · 交付周期 (天)"), line(LONG, delivers=LONG)],
        "fields": fields_shown([one.kept for ready in GALLERY[:2] for one in ready.asked]),
        **dict.fromkeys(("use_url", "people_url", "edit_url", "copy_url", "drop_url", "steps_url"), "#"),
        "version": 3,
        "versions_url": "#",
        "templates_url": "#",
        "owner_name": "",
    }


def template_people() -> tuple[str, dict[str, Any]]:
    nobody: Any = None
    form = PeopleForm({"unit": "", "people": ""}, people=nobody, on=date(2026, 3, 13))
    return "goals/template_people.html", {
        **shell("目标模板", HE, "admin"),
        "form": form,
        "template": goal_template(),
        "goals": [Thing(title=LONG)] * 3,
        "span": "2026 年第一季度",
        "cancel_url": "#",
        "templates_url": "#",
    }


def carry() -> tuple[str, dict[str, Any]]:
    periods = [Period(name="2026Q1", starts_on=date(2026, 1, 1), ends_on=date(2026, 3, 31))]
    typed = {"of": "2026Q1", "into": QUARTERS[0].key, "whose": "all", "unit": "", "people": ""}
    nobody: Any = None
    form = CarryForm(
        typed,
        periods=periods,
        spans=QUARTERS,
        whose=["own", "team", "chosen", "all"],
        people=nobody,
        on=date(2026, 3, 13),
    )
    ours = Thing(title=LONG, layer="position", owner=Thing(name="李伟"), unit=None)
    units = Thing(title="三款轴承定型", layer="dept", owner=None, unit=Thing(name="研发中心"))
    return "goals/carry.html", {
        **shell("我的目标", HE, "admin"),
        "form": form,
        "has_periods": True,
        "goals_url": "#",
        "found": Thing(come=range(1_240), left=dict.fromkeys(range(12)), owners=310, loose=7),
        "come": [ours, units, Thing(title="突破海外市场", layer="company", owner=None, unit=None)],
        "more": 1_237,
        "reasons": [{"says": "已经结转过了。", "number": 9}, {"says": "目标已经取消。", "number": 3}],
        "left": [{"title": LONG, "owner": "王芳", "says": "已经结转过了。"}],
        "left_more": 11,
    }


def carry_run() -> tuple[str, dict[str, Any]]:
    return "goals/carry_run.html", {
        **shell("我的目标", HE, "admin"),
        "run": Thing(finished_at=NOW, made=1_231, left=9, into_period=Thing(title="2026 年第二季度")),
        "job": job(running=False),
        "waiting": [{"name": "公司", "number": 4, "url": "#"}, {"name": LIN.name, "number": 1, "url": "#"}],
        "mine_url": "#",
        "again_url": "#",
        "goals_url": "#",
    }


def carry_running() -> tuple[str, dict[str, Any]]:
    name, found = carry_run()
    run = Thing(finished_at=None, made=0, left=0, into_period=Thing(title="2026 年第二季度"))
    return name, {**found, "run": run, "job": job()}


def drafts_table() -> tuple[str, dict[str, Any]]:
    goal: Any = Thing(
        public_id="7f8e0e54-7d1d-4b3c-9a57-0c7a6f6b7a01",
        title=LONG,
        weight=Decimal(40),
        measure="漏油率",
        target=Decimal(2),
        unit_of_measure="%",
        starts_on=date(2026, 1, 1),
        due_on=date(2026, 3, 31),
        kind="kpi",
        direction="lower",
        baseline=None,
        version=1,
    )
    form = RowForm({f"{goal.public_id}-title": "", f"{goal.public_id}-weight": "120"}, goal=goal)
    names = ("title", "weight", "measure", "target", "unit_of_measure", "due_on")
    cells = [{"field": form[name], "name": name, "now": "45" if name == "weight" else None} for name in names]
    return "goals/table.html", {
        **shell("我的目标", HE, "manager"),
        "groups": [{"name": "李伟", "key": "k", "rest": "60", "total": "100", "rows": [Thing(goal=goal, cells=cells)]}],
        "heads": ["目标", "权重", "衡量指标", "目标值", "单位", "截止"],
        "periods": [{"label": "2026 年第一季度", "url": "#", "current": True}] * 2,
        "whose": [{"label": "我的", "url": "#", "current": True}, {"label": "我团队的", "url": "#", "current": False}],
        "page": None,
        "gone": [LONG],
        "is_refused": True,
        "all_url": "#",
        "draft_key": "own",
        "goals_url": "#",
        "adjust_url": "#",
    }


def cascade() -> tuple[str, dict[str, Any]]:
    nobody: Any = None
    form = CascadeForm(
        None,
        goal=Thing(title="三款轴承定型"),
        spans=QUARTERS,
        shares=["equal", "split", "open"],
        people=nobody,
        on=date(2026, 3, 13),
    )
    return "goals/cascade.html", {
        **shell("我的目标", HE, "admin"),
        "form": form,
        "goal": {"title": LONG, "unit": "研发中心"},
        "goal_url": "#",
        "posts": ["结构工程师", "工艺工程师"],
        "found": Thing(come=range(1_240), left=dict.fromkeys(range(12))),
        "takes": "每人承担 8 或 9 个。",
        "come": [Thing(name="李伟", employee_no="HR0017"), Thing(name="王芳", employee_no="HR0018")],
        "more": 1_238,
        "reasons": [{"says": "已有一个支撑它的目标。", "number": 12}],
        "left": [{"name": "王芳", "says": "已有一个支撑它的目标。"}],
        "left_more": 11,
    }


def cascade_run() -> tuple[str, dict[str, Any]]:
    return "goals/cascade_run.html", {
        **shell("我的目标", HE, "admin"),
        "run": Thing(finished_at=NOW, made=1_231, left=9, title=LONG, period=Thing(title="2026 年第二季度")),
        "job": job(running=False),
        "goal_url": "#",
        "again_url": "#",
    }


def cascade_running() -> tuple[str, dict[str, Any]]:
    name, found = cascade_run()
    run = Thing(finished_at=None, made=0, left=0, title=LONG, period=Thing(title="2026 年第二季度"))
    return name, {**found, "run": run, "job": job()}


def start() -> tuple[str, dict[str, Any]]:
    typed = {"name": "", "period": "", "people": "李伟", "version": "1"}
    form = CompanyForm(typed, spans=QUARTERS, known=["何静"])
    return "goals/start.html", {**shell("目标模板", HE, "admin"), "step": 1, "form": form, "known": 1, "file_url": "#"}


def start_line() -> tuple[str, dict[str, Any]]:
    units: list[Any] = [
        Thing(unit=Thing(public_id=f"u{n}", path=path), people=40) for n, path in enumerate((LONG, "质量部"))
    ]
    form = LineForm({"line": "sales", "units": ["u0", "u1"]}, departments=units)
    return "goals/start_line.html", {
        **shell("目标模板", HE, "admin"),
        "step": 2,
        "form": form,
        "span": "2026 年第一季度",
        "back_url": "#",
    }


def start_tree() -> tuple[str, dict[str, Any]]:
    def row(title: str, depth: int, whose: str) -> dict[str, Any]:
        return {"title": title, "url": "#", "depth": depth, "whose": whose, "layer_name": "部门", "weight": "40%"}

    return "goals/start_tree.html", {
        **shell("目标模板", HE, "admin"),
        "step": 3,
        "rows": [row("答应客户的，按时做到", 0, "公司"), row(LONG, 1, "质量部"), row("减少返工", 2, "林晓雯")],
        "problems": [LONG],
        "span": "2026 年第一季度",
        "back_url": "#",
        "features_url": "#",
        "board_url": "#",
    }


def template_versions() -> tuple[str, dict[str, Any]]:
    changes = [Change("缩短需求交付周期", "权重", "40%", "50%"), Change(LONG, "目标", "", LONG)]
    first = {"number": 1, "at": ago(9), "name": "", "changes": [], "is_first": True}
    return "goals/template_versions.html", {
        **shell("目标模板", HE, "admin"),
        "template": goal_template(),
        "versions": [{"number": 2, "at": ago(1), "name": "何静", "changes": changes, "is_first": False}, first],
        "template_url": "#",
        "templates_url": "#",
    }


def template_form() -> tuple[str, dict[str, Any]]:
    line = {"title": "缩短需求交付周期", "kind": "kpi", "direction": "lower", "milestones": "样件评审 @ 50"}
    goals = writing_forms.template_goals(initial=[line, {"title": LONG, "kind": "milestone"}])
    asked = template_forms.initial_of_fields([one.kept for one in GALLERY[0].asked])
    fields = template_forms.extra_fields(initial=asked)
    span = Span("2026 Q1", date(2026, 1, 1), date(2026, 3, 31))
    nobody_asks: Any = None
    return "goals/template_form.html", {
        **shell("目标模板", HE, "admin"),
        "form": writing_forms.TemplateForm(units=None, initial={"name": "研发工程师", "line": "research"}),
        "goals": goals,
        "fields": fields,
        "preview": preview_of(goals, fields, layer="position", span=span, causes=[], parents=nobody_asks),
        "preview_url": "#",
        "template": goal_template(),
        "reminders": [{"title": "多久没有进度", "says": "14 天，提醒本人、直属上级和 HRBP"}],
        "cancel_url": "#",
        "templates_url": "#",
    }


def periods() -> tuple[str, dict[str, Any]]:
    left = StillOpen(position=12, requests=2)
    about = {"starts_on": date(2026, 1, 1), "ends_on": date(2026, 3, 31), "state": "进行中"}
    return "goals/periods.html", {
        **shell("目标设置", HE, "admin"),
        "periods": [Thing(title="2026Q1", left=left, url="#", **about)],
        "page": page_of(1),
        "settings_url": "#",
    }


def period_to_close(**more: Any) -> tuple[str, dict[str, Any]]:
    about = {"starts_on": date(2025, 10, 1), "ends_on": date(2025, 12, 31), "state": "复盘中"}
    line = Thing(title=LONG, url="#", owner="林晓雯", layer_name="岗位", due_on=date(2025, 12, 20))
    return "goals/period.html", {
        **shell("目标设置", HE, "admin"),
        "title": "2025Q4",
        **about,
        "is_closed": False,
        "still_runs": False,
        "left": StillOpen(position=12, requests=2),
        "counts": [Thing(label="个人目标", number=12), Thing(label="等待答复的调整申请", number=2)],
        "goals": [line],
        "unseen": 3,
        "page": page_of(1),
        "close_form": period_forms.CloseForm(initial={"version": 1}),
        "reopen_form": period_forms.ReopenForm({"version": 1, "why": ""}),
        "close_url": "#",
        "reopen_url": "#",
        "steps": [Thing(at=ago(3), by="何静", is_closing=True, why="")],
        "periods_url": "#",
        **more,
    }


def period_closed() -> tuple[str, dict[str, Any]]:
    return period_to_close(is_closed=True)


def template_copy() -> tuple[str, dict[str, Any]]:
    nobody_asks: Any = None
    return "goals/template_copy.html", {
        **shell("目标模板", HE, "admin"),
        "form": writing_forms.CopyForm(units=nobody_asks, suggests="#", initial={"name": "研发工程师"}),
        "template": goal_template(),
        "units": ["恒锐/研发中心", "恒锐/生产中心"],
        "cancel_url": "#",
        "templates_url": "#",
    }


def goal_settings() -> tuple[str, dict[str, Any]]:
    def cause(number: int, title: str, used: int) -> dict[str, Any]:
        form = writing_forms.CauseForm(initial={"name": title, "version": 1}, auto_id=f"cause-{number}-%s")
        return {"title": title, "used": used, "form": form, "rename_url": "#", "retire_url": "#"}

    data = {name: 3 for name in writing_forms.SETTINGS} | {
        "version": 1,
        "position_least": 6,
        "owner_first_days": 0,
        "workshop_days": 21,
        "manager_levels": 0,
    }
    return "goals/settings.html", {
        **shell("公司设置", HE, "admin"),
        "form": writing_forms.GoalSettingsForm(data),
        "causes": [cause(1, "跨系统数据不通", 41), cause(2, LONG, 1)],
        "own_words": [Thing(cause=Thing(name="台架排期紧"), used=3)],
        "cause_form": writing_forms.CauseForm(auto_id="cause-%s"),
        **dict.fromkeys(("url", "add_url", "company_url"), "#"),
    }


def adjusted_goals() -> list[Goal]:
    day = NOW.date()
    about: dict[str, Any] = {"starts_on": day - timedelta(days=60), "due_on": day + timedelta(days=30)}
    about |= {"status": "published", "kind": "kpi"}
    return [
        Goal(title="新客户签约 12 家", weight=Decimal(40), target=Decimal(12), unit_of_measure="家", **about),
        Goal(title=LONG, weight=Decimal(20), hold_low=Decimal(2), hold_high=Decimal(4), direction="hold", **about),
        Goal(
            title="P4 级轴承准时交付率 ≥ 95%",
            weight=Decimal(40),
            target=Decimal(95),
            unit_of_measure="%",
            is_core=True,
            **about,
        ),
        Goal(pk=1, title="打开欧洲市场", weight=Decimal(0), **about | {"kind": "objective"}),
    ]


def adjusted_results() -> dict[int, list[KeyResult]]:
    return {
        1: [KeyResult(pk=1, title="客户签认", unit_of_measure="家"), KeyResult(pk=2, title=LONG, baseline=Decimal(3))]
    }


def adjust(**more: Any) -> tuple[str, dict[str, Any]]:
    form = more.pop("form", None) or adjust_forms.AdjustForm(goals=adjusted_goals(), results=adjusted_results())
    group = {"name": "林晓雯", "key": "lin", "total": "100", "whole": "100", "rows": form.rows()}
    return "goals/adjust.html", {
        **shell("我的目标"),
        "form": form,
        "groups": [group],
        "first_id": form.goals[0].public_id,
        "own": True,
        "name": "林晓雯",
        "period": "2026Q1",
        "window": Thing(first=NOW.date(), last=NOW.date() + timedelta(days=4)),
        "window_open": True,
        "draft": None,
        "draft_key": "lin",
        "goal_url": "#",
        "goal_title": LONG,
        "requests_url": "#",
        "cancel_url": "#",
        **more,
    }


def adjust_refused() -> tuple[str, dict[str, Any]]:
    goals = adjusted_goals()
    typed = {"goals-0-goal": goals[0].public_id, "goals-0-version": "0", "reason": "市场变了"}
    typed |= {"goals-0-weight": "140", "goals-0-target": "很多", "goals-0-due_on": "2026-01-01"}
    typed |= {"goals-3-goal": goals[3].public_id, "goals-3-version": "1", "goals-3-new0-title": ""}
    typed |= {"goals-3-new0-target": "3"}
    form = adjust_forms.AdjustForm(typed, goals=goals, results=adjusted_results())
    form.is_valid()
    form.add_error("goals-0-due_on", "这一天在目标开始之前，选一个晚些的日期。")
    return adjust(form=form, window_open=False, draft=Thing())


def adjust_none() -> tuple[str, dict[str, Any]]:
    return adjust(groups=[])


def a_change(
    goal: str = "新客户签约 12 家", field: str = "权重", old: str = "40%", new: str = "25%", **more: Any
) -> Any:
    given = {"goal": goal, "field": field, "old": old, "new": new, "url": "#", "owner": "", "now": ""}
    return Thing(**{**given, "versions_url": "", **more})


def request_list(**more: Any) -> tuple[str, dict[str, Any]]:
    def row(state: str, name: str, **other: Any) -> Thing:
        given = {"url": "#", "whose": "林晓雯", "asked_by": "", "changes": [a_change()], "more": 0, "state": state}
        given |= {"state_name": name, "waits_for": None, "asked": "", "at": ago(1)}
        return Thing(**{**given, **other})

    rows = [
        row(
            "sent",
            "等答复",
            asked="周启明",
            changes=[a_change(), a_change(LONG, "截止日期", "12 月 1 日", "12 月 20 日")],
        ),
        row("waiting", "等窗口期", waits_for=NOW.date() + timedelta(days=19), asked_by="周启明", more=2),
        row("approved", "已同意", whose="周启明的团队"),
        row("refused", "未同意", changes=[]),
    ]
    filters = [("等我答复", 2, False), ("我的", 0, False), ("我负责的人", 0, True)]
    return "goals/requests.html", {
        **shell("调整", HE, "hrbp"),
        "show": "units",
        "filters": [{"label": label, "url": "#", "count": count, "current": on} for label, count, on in filters],
        "rows": rows,
        "page": page_of(),
        "months": [
            Thing(on=date(2026, 3, 1), asked=7, answered=5, hours=6.25),
            Thing(on=date(2026, 2, 1), asked=1, answered=0, hours=None),
        ],
        **dict.fromkeys(("ask_url", "team_url", "settings_url"), "#"),
        **more,
    }


def request_list_empty() -> tuple[str, dict[str, Any]]:
    return request_list(show="mine", rows=[], months=[], page=None)


def request_one(state: str = "sent", name: str = "等答复", **more: Any) -> tuple[str, dict[str, Any]]:
    def step(who: str, part: str, **other: Any) -> Thing:
        given = {"name": who, "part": part, "because": [], "instead": "", "decision": "", "decision_name": ""}
        return Thing(**{**given, "at": None, "note": "", "is_current": False, **other})

    told = {"decision": "approved", "decision_name": "已同意", "at": ago(1), "note": "同意，先把老客户稳住"}
    return "goals/request.html", {
        **shell("调整", ZHOU, "manager"),
        "request_": Thing(period=Thing(title="2026Q1"), sent_at=ago(2), reason="市场转向老客户", waits_for=NOW.date()),
        "state": state,
        "state_name": name,
        "whose": "林晓雯",
        "asked_by": "林晓雯",
        "lines": [
            a_change(),
            a_change(LONG, "目标值", "12 家", "10 家", now="11 家", versions_url="#", owner="林晓雯"),
        ],
        "has_moved": True,
        "steps": [
            step("周启明", "直属上级", **told),
            step("何静", "HRBP", is_current=True, because=["目标值明显放宽"], instead="直属上级不在，所以问再上一级。"),
        ],
        "yes": adjust_forms.ApproveForm(),
        "no": adjust_forms.RefuseForm(),
        "seen": "0123456789abcdef",
        **dict.fromkeys(("approve_url", "refuse_url", "requests_url"), "#"),
        "withdraw_url": "",
        "edit_url": "",
        **more,
    }


def request_waiting() -> tuple[str, dict[str, Any]]:
    bare: dict[str, Any] = {"yes": None, "no": None, "steps": [], "has_moved": False}
    return request_one("waiting", "等窗口期", withdraw_url="#", edit_url="#", **bare)


def versions() -> tuple[str, dict[str, Any]]:
    def version(number: int, **more: Any) -> Thing:
        given = {"number": number, "at": ago(20 - number), "name": "周启明", "what": "同意了目标调整", "why": ""}
        return Thing(**{**given, "asked_by": "", "request_url": "", **more})

    newest = version(3, why="市场转向老客户", asked_by="林晓雯", request_url="#")
    found = [newest, version(2, what="发布了目标"), version(1, name="", what="")]
    return "goals/versions.html", {
        **shell("我的目标"),
        "goal": Thing(title=LONG),
        "goal_url": "#",
        "versions": found,
        "before": found[1],
        "after": newest,
        "rows": [
            Thing(label="权重", before="40%", after="25%", changed=True),
            Thing(label="目标", before=LONG, after=LONG, changed=False),
        ],
    }


def adjustment_settings() -> tuple[str, dict[str, Any]]:
    held = adjust_forms.initial_of_adjustments(AdjustmentSettings())
    steps = [Thing(name="周启明", part="直属上级", instead=""), Thing(name="何静", part="HRBP", instead="没有人了")]
    return "goals/adjustment_settings.html", {
        **shell("公司设置", HE, "admin"),
        "form": adjust_forms.AdjustmentSettingsForm(initial=held),
        "of": "林晓雯",
        "is_preview": True,
        "cases": [Thing(case="其他情况", steps=steps[:1]), Thing(case="涉及核心目标", steps=steps)],
        "nobody": "",
        "url": "#",
        "settings_url": "#",
    }


def feedback_settings() -> tuple[str, dict[str, Any]]:
    data = {"chain_reads": "on", "history_months": 99, "version": 1}
    return "feedback/settings.html", {
        **shell("反馈设置", HE, "admin"),
        "form": FeedbackSettingsForm(data, of=FeedbackSettings()),
        "since": ago(3),
        "company_url": "#",
    }


def word(kind: str, number: int, name: str, name_en: str = "", **more: Any) -> Thing:
    """A competency, tag or sentence of the dictionary."""
    given = {"pk": number, "public_id": f"{kind}-{number}", "name": name, "name_en": name_en, "shown_name": name}
    return Thing(**{**given, "shown_meaning": "", **more})


def word_row(term: Thing, title: str = "", is_listed: bool = True) -> dict[str, Any]:
    urls = {"edit_url": "#", "retire_url": "#" if is_listed else "", "relist_url": "" if is_listed else "#"}
    return {"term": term, "title": title or term.name, **urls}


QUALITY = word("competency", 1, "质量", "Quality", shown_meaning="第一次就做对，发现问题不往下流")
TAGS = [word("tag", 1, "质量意识", "Minds quality"), word("tag", 2, LONG[:20], "")]
SENTENCE_TABS = [
    {"label": "能力项和标签", "url": "#", "current": False},
    {"label": "句子", "url": "#", "current": True},
]


def sentences() -> list[Thing]:
    def sentence(number: int, text: str, nature: Nature, scene: str = "") -> Thing:
        shown = {"shown_text": text, "shown_scene": scene, "level_name": "能独立完成", "competency": QUALITY}
        return word("entry", number, "", nature=nature.value, get_nature_display=str(nature.label), **shown)

    return [
        sentence(1, "首件测得外径偏大 3 微米，停机叫来检验，拦下 42 件。", Nature.POSITIVE, "首件检验"),
        sentence(2, LONG, Nature.CONSTRUCTIVE),
    ]


def filtered(found: list[Any]) -> dict[str, Any]:
    return {
        "competencies": [QUALITY],
        "competency": QUALITY,
        "natures": Nature.choices,
        "nature": "",
        "typed": "首件",
        "page": Paginator(found, 1).page(1),
        "url": "#",
        "dictionary_url": "#",
    }


def dictionary() -> tuple[str, dict[str, Any]]:
    return "lexicon/dictionary.html", {
        **shell("绩效语言词典", HE, "hrbp"),
        **filtered(sentences()),
        "sections": [{"competency": QUALITY, "tags": TAGS, "entries": sentences()}],
        "keep_url": "#",
    }


def dictionary_empty() -> tuple[str, dict[str, Any]]:
    name, context = dictionary()
    return name, {**context, "sections": [], "page": None, "is_narrowed": True, "keep_url": ""}


def behaviour_tags() -> tuple[str, dict[str, Any]]:
    group = {"row": word_row(QUALITY), "size": 7, "new_tag_url": "#", "entries_url": "#"}
    bare = group | {"row": word_row(word("competency", 2, LONG[:40])), "tags": [], "size": 0}
    return "lexicon/tags.html", {
        **shell("行为标签", HE, "admin"),
        "keeps": True,
        "groups": [group | {"tags": [word_row(tag) for tag in TAGS]}, bare],
        "retired": [word_row(word("tag", 3, "守住质量"), is_listed=False)],
        "tabs_of_page": SENTENCE_TABS,
        **dict.fromkeys(("new_url", "dictionary_url"), "#"),
    }


def sentence_list() -> tuple[str, dict[str, Any]]:
    return "lexicon/entries.html", {
        **shell("行为标签", HE, "admin"),
        **filtered(sentences()),
        "keeps": True,
        "rows": [word_row(one, one.shown_text) for one in sentences()],
        "tabs_of_page": SENTENCE_TABS,
        "new_url": "#",
    }


def sentence_list_empty() -> tuple[str, dict[str, Any]]:
    name, context = sentence_list()
    return name, {**context, "rows": [], "keeps": False, "retired": True}


def sentence_form() -> tuple[str, dict[str, Any]]:
    form = EntryForm({"nature": "", "text": LONG * 5, "scene": "首件检验", "version": 1})
    return "lexicon/term_form.html", {
        **shell("行为标签", HE, "admin"),
        "form": form,
        "title": LONG,
        "term": sentences()[0],
        "draft": "lexiconentry-1",
        "tabs_of_page": SENTENCE_TABS,
        **dict.fromkeys(("cancel_url", "dictionary_url"), "#"),
    }


def team() -> tuple[str, dict[str, Any]]:
    def member(name: str, progress: float | None, says: str, days: int) -> Thing:
        return Thing(
            name=name,
            position="设计工程师",
            url="#",
            goals=4 if progress is not None else 0,
            mix={"ok": 3, "watch": 1} if progress is not None else {},
            progress=progress,
            expected_progress=60,
            says=says,
            last_touched_at=ago(days),
            step={"label": "聊聊这个目标", "url": "#", "about": "唇口磨损台架验证"} if says else None,
        )

    return "dashboards/team.html", {
        **shell("团队看板", ZHOU, "manager"),
        "effect": Thing(given=14, helped=11, hopes=9, became_actions=6),
        "unheard": [Thing(name="田小禾", url="#", last_on=date(2026, 2, 22), write_url="#")],
        "greeting": "启明，这是你的团队",
        "lede": "6 位同事，23 个目标；这周有 17 个目标更新过。",
        "alerts": [alert("“唇口磨损台架验证”偏离上级目标", confirm_url="")],
        "waiting": 1,
        "people": [
            member("钱昊", 41, "“唇口磨损台架验证”匹配度 68%", 15),
            member("林晓雯", 72, "", 1),
            member("田小禾", None, "入职第 3 个月", 40),
        ],
        "awaiting": [{"title": "邵宁的目标等你确认匹配", "meta": "2 条", "url": "#", "label": "看一看"}],
        "export_url": "#",
    }


def health() -> tuple[str, dict[str, Any]]:
    def row(title: str, fact: str, state: str, mark: Thing | None = None) -> Thing:
        return Thing(
            public_id="x",
            goal=goal(title),
            owner=person("钱昊", unit="轴承设计组"),
            fact=fact,
            health=state,
            since=ago(2),
            confirmed=mark,
        )

    return "dashboards/health.html", {
        **shell("值得看一眼的目标", HE, "hrbp"),
        "filters": [
            {"label": "两周没更新", "url": "#", "current": True, "count": 9},
            {"label": "匹配度偏低", "url": "#", "current": False, "count": 3},
        ],
        "units": [{"label": "全部", "url": "#", "current": True}, {"label": "研发中心", "url": "#", "current": False}],
        "alerts": [
            row("唇口磨损台架验证 12 组", "16 天没更新", "watch"),
            row("欧洲样品测试支持", "匹配度 62%", "talk", Thing(by=LIN, at=ago(1), note="客户推迟到 4 月")),
        ],
        "page": page_of(12),
        "export_url": "#",
        "causes": [Thing(name="跨系统数据不通", goals=12, url="#"), Thing(name="客户决策链长 <b>", goals=1, url="#")],
        "obstacles_url": "#",
    }


def obstacles() -> tuple[str, dict[str, Any]]:
    found = Obstacle(pk=5, state="in_hand", resolution="约了信息部周四对接口", due_on=date(2026, 3, 10))
    return "goals/obstacles.html", {
        **shell("障碍", HE, "hrbp"),
        "partners": True,
        "causes": [
            Thing(
                name="跨系统数据不通",
                goals=12,
                units=4,
                waiting=5,
                in_hand=4,
                cleared=3,
                hours=6.5,
                url="#",
                current=True,
            ),
            Thing(name="客户决策链长 <b>", goals=1, units=1, waiting=1, in_hand=0, cleared=0, hours=None, url="#"),
        ],
        "board_url": "#",
        "back_url": "#",
        "cause": "1",
        "is_narrowed": True,
        "filters": [
            Thing(
                name="state",
                label="进展",
                choices=[Thing(value="left", label="还没清除", chosen=True), Thing(value="all", label="全部")],
            )
        ],
        "obstacles": [
            Thing(
                cause="跨系统数据不通",
                goal=goal("唇口磨损台架验证 12 组"),
                owner=person("钱昊", unit="轴承设计组"),
                state="处理中",
                helper="何静",
                resolution="约了信息部周四对接口",
                changed_at=ago(2),
                due_on=date(2026, 3, 10),
                has_passed=True,
                hours=6.5,
                form=ObstacleForm(of=found),
                is_open=True,
                work_url="#",
            ),
            Thing(
                cause="跨系统数据不通",
                goal=goal(LONG),
                owner=person("钱昊", unit="轴承设计组"),
                state="预判",
                is_waiting=True,
                form=ObstacleForm(of=Obstacle(pk=6)),
                version=1,
                work_url="#",
            ),
        ],
        "page": page_of(13),
    }


def obstacles_counted() -> tuple[str, dict[str, Any]]:
    template, shown = obstacles()
    return template, shown | {"partners": False, "causes_url": "#", "obstacles": []}


def stage(title: str, planned_on: date, done_on: date | None = None, **more: Any) -> Thing:
    given = {"now": False, "note": "", "moved": "", "tick_url": "#", "on": done_on or planned_on, "done": bool(done_on)}
    return Thing(title=title, planned_on=planned_on, done_on=done_on, **(given | more))


def a_blocker(**more: Any) -> Thing:
    given = {
        "url": "#",
        "text": "PLM 导出从周一起缺图号，周五的试制工单要用，先手工补 12 张也行",
        "by": "林晓雯",
        "from_unit": "轴承设计组",
        "to_unit": "信息部",
        "state": "answered",
        "state_name": "已答复",
        "posted_at": ago(3),
        "wish_on": date(2026, 3, 16),
        "hours": 6.5,
    }
    return Thing(**(given | more))


def blockers() -> tuple[str, dict[str, Any]]:
    return "goals/blockers.html", {
        **shell("跨部门看板", LIN),
        "whose": [
            Thing(label="我能看到的", url="#", current=True, count=0),
            Thing(label="问我团队的", url="#", current=False, count=2),
        ],
        "states": [Thing(label="还没解决", url="#", current=True), Thing(label="已解决", url="#", current=False)],
        "goal": None,
        "blockers": [a_blocker(), a_blocker(text=LONG + " <b>", state_name="等答复", wish_on=None, hours=None)],
        "page": page_of(2),
        "new_url": "#",
        "times": [Thing(unit="信息部", answers=9, hours=6.5), Thing(unit="采购部", answers=6, hours=0.3)],
        "weeks": 12,
    }


def blockers_none() -> tuple[str, dict[str, Any]]:
    template, shown = blockers()
    return template, shown | {"blockers": [], "times": [], "goal": Thing(title=LONG, url="#")}


def blocker() -> tuple[str, dict[str, Any]]:
    return "goals/blocker.html", {
        **shell("跨部门看板", LIN),
        "blocker": a_blocker(is_solved=False, solved_at=None),
        "goal": Thing(title="6308-2RZ 低噪音密封结构定型", url="#"),
        "replies": [
            Thing(by="吴敏", at=ago(2), text="接口改好了，今晚重跑，明早 9 点前补齐。", is_posters=False),
            Thing(by="林晓雯", at=ago(1), text="收到，周五那张先给我就行。", is_posters=True),
        ],
        "form": ReplyForm({"key": "x", "text": ""}, is_asked=True),
        "is_asked": True,
        "reply_url": "#",
        "solve_url": "#",
        "board_url": "#",
    }


def blocker_solved() -> tuple[str, dict[str, Any]]:
    template, shown = blocker()
    solved = a_blocker(is_solved=True, solved_at=ago(0, 3), state="solved", state_name="已解决")
    return template, shown | {"blocker": solved, "form": None, "goal": None, "replies": []}


def blocker_form() -> tuple[str, dict[str, Any]]:
    typed = {"key": "x", "unit": "", "text": "", "wish_on": "2026-03-01"}
    return "goals/blocker_form.html", {
        **shell("跨部门看板", LIN),
        "form": BlockerForm(typed, units=OrgUnit.objects, suggests="#", on=NOW.date()),
        "goal": Thing(title=LONG, url="#"),
        "board_url": "#",
    }


# --- the decoding workshop --------------------------------------------------------------------------------------------


def a_card(title: str = "海外样件一次合格率 96%", **more: Any) -> dict[str, Any]:
    told = {"key": "c1", "url": "#", "unit": "质量部", "title": title, "measure": "一次合格率", "target": "96%"}
    acts = [
        {"title": "首件三方会检", "owner": "林晓雯", "url": "#", "goal_url": ""},
        {"title": LONG + " <b>", "owner": "", "url": "#", "goal_url": ""},
    ]
    return {**told, "weight": "30", "goal_url": "", "has_goal": False, "actions": acts} | more


def workshop_live() -> dict[str, Any]:
    topic = {"key": "o1", "title": "突破海外市场", "measure": "海外营收占比", "target": "32%", "is_draft": False}
    split = {"key": "x1", "url": "#", "one": Thing(title="海外样件一次合格率 96%", unit="质量部"), "said_by": "吴敏"}
    split |= {
        "other": Thing(title=LONG, unit="制造中心"),
        "note": "质量部管合格率，制造中心管返工工时",
        "is_settled": True,
    }
    return {
        "state_url": "#",
        "mark": "4.2.9",
        "is_open": True,
        "objectives": [
            topic | {"is_gone": False, "cards": [a_card(), a_card(LONG, key="c2", actions=[])], "begin_url": "#"},
            topic | {"key": "o2", "title": LONG, "is_draft": True, "cards": [], "begin_url": "#"},
        ],
        "unsupported": [LONG],
        "silent": ["供应链部", "信息部"],
        "overlaps": [split, split | {"key": "x2", "note": "", "said_by": "", "is_settled": False}],
        "company_url": "#",
    }


def a_proposal_form(data: Any = None, **more: Any) -> ProposalForm:
    return ProposalForm(data, objectives=[Goal(title="突破海外市场")], units=[OrgUnit(path="质量部")], **more)


def workshop() -> tuple[str, dict[str, Any]]:
    return "goals/workshop.html", {
        **shell("解码会", HE, "manager"),
        **workshop_live(),
        "workshop": Thing(title="2026Q2", is_open=True, closed_at=None),
        "form": a_proposal_form({"key": "x", "title": ""}),
        "is_begun": True,
        **dict.fromkeys(("propose_url", "publish_url", "reopen_url", "workshops_url"), "#"),
        "reopening": None,
    }


def workshop_closed() -> tuple[str, dict[str, Any]]:
    template, shown = workshop()
    made = a_card(goal_url="#", has_goal=True, weight="", measure="", target="")
    topic = shown["objectives"][0] | {"cards": [made, made | {"key": "c2", "goal_url": ""}], "begin_url": ""}
    gone = topic | {"key": "gone", "title": "已经不在的目标", "is_gone": True, "cards": [a_card(key="c3")]}
    closed = {
        "is_open": False,
        "form": None,
        "publish_url": "",
        "reopening": ReopenForm({}, auto_id="reopen-%s"),
        "overlaps": [],
        "unsupported": [],
        "silent": [],
    }
    closed |= {"workshop": Thing(title="2026Q2", is_open=False, closed_at=ago(2)), "objectives": [topic, gone]}
    return template, shown | closed


def workshop_empty() -> tuple[str, dict[str, Any]]:
    template, shown = workshop()
    return template, shown | {"objectives": [], "overlaps": [], "form": None, "unsupported": []}


def workshops() -> tuple[str, dict[str, Any]]:
    row = Thing(title="2026Q2", url="#", is_open=True, state="进行中", opened_at=ago(3), proposed=12)
    return "goals/workshops.html", {
        **shell("解码会", HE, "manager"),
        "workshops": [row],
        "page": page_of(1),
        "keeps": True,
        "form": OpenForm({"period": ""}, spans=[Span("2026Q2", date(2026, 4, 1), date(2026, 6, 30))]),
    }


def workshops_none() -> tuple[str, dict[str, Any]]:
    template, shown = workshops()
    return template, shown | {"workshops": [], "form": None}


def proposal() -> tuple[str, dict[str, Any]]:
    return "goals/proposal.html", {
        **shell("解码会", HE, "manager"),
        "proposal": a_card(objective="突破海外市场"),
        "is_dropped": False,
        "written_by": "吴敏",
        "written_at": ago(1),
        "version": 2,
        "actions": a_card()["actions"],
        "writes": True,
        "form": a_proposal_form({"key": "x", "title": "", "weight": "300"}),
        "action_form": PositionActionForm({"key": "x", "title": ""}, people=Employee.objects, auto_id="action-%s"),
        "people": [Thing(name="林晓雯", employee_no="E017")],
        **dict.fromkeys(("add_url", "drop_url", "workshop_url"), "#"),
        "workshop_title": "2026Q2",
    }


def proposal_to_read() -> tuple[str, dict[str, Any]]:
    template, shown = proposal()
    shown |= {"writes": False, "form": None, "action_form": None, "people": [], "actions": [], "is_dropped": True}
    return template, shown | {"proposal": a_card(LONG, objective="", weight="", goal_url="#", has_goal=True)}


def position_action() -> tuple[str, dict[str, Any]]:
    return "goals/position_action.html", {
        **shell("解码会", HE, "manager"),
        "form": PositionActionForm({"key": "x", "title": ""}, people=Employee.objects),
        "people": [Thing(name="林晓雯", employee_no="E017")],
        "proposal": Thing(title=LONG, url="#"),
        "workshop_url": "#",
        "is_dropped": False,
    }


def overlap() -> tuple[str, dict[str, Any]]:
    return "goals/overlap.html", {
        **shell("解码会", HE, "manager"),
        "pair": [a_card(objective="突破海外市场"), a_card(LONG, objective="", target="", unit="制造中心")],
        "note": "",
        "said_by": "",
        "is_settled": False,
        "form": OverlapForm({"note": ""}),
        "workshop_url": "#",
    }


def overlap_settled() -> tuple[str, dict[str, Any]]:
    template, shown = overlap()
    said = {"note": "质量部管合格率，制造中心管返工工时", "said_by": "吴敏", "is_settled": True}
    return template, shown | said | {"form": None}


def workshop_publish() -> tuple[str, dict[str, Any]]:
    step = {"title": "首件三方会检", "owner": "林晓雯", "lacks": []}
    lacking = {"head": "", "lacks": ["“换型”还没有权重，填一个即可。"], "steps": []}
    return "goals/workshop_publish.html", {
        **shell("解码会", HE, "manager"),
        "workshop": Thing(title="2026Q2", url="#"),
        "lines": [
            a_card(head="吴敏", lacks=[], steps=[step, step | {"owner": "", "lacks": ["还没有人"]}]),
            a_card(LONG, **lacking),
            a_card(head="吴敏", lacks=[], has_goal=True, steps=[step | {"has_goal": True}]),
        ],
        "ready": 1,
        "steps": 1,
        "left_out": 2,
    }


def workshop_publish_none() -> tuple[str, dict[str, Any]]:
    template, shown = workshop_publish()
    return template, shown | {"lines": [], "ready": 0, "steps": 0, "left_out": 0}


def promise_form() -> tuple[str, dict[str, Any]]:
    return "goals/promise_form.html", {
        **shell("我的目标", ZHOU, "manager"),
        "form": PromiseForm({"key": "x", "promise": "", "quota": "0"}, is_for="children"),
        "goal": Thing(title=LONG, url="#"),
        "for_children": True,
        "goals_url": "#",
    }


RADAR = {  # competency: praise, hopes
    "主动补位": (12, 0),
    "跨部门协同": (11, 1),
    "质量": (9, 0),
    "客户同理": (3, 1),
    "知识沉淀": (6, 0),
    "风险预判 R&D <b>": (2, 5),
}


def radar() -> tuple[str, dict[str, Any]]:
    praise, hopes = zip(*RADAR.values(), strict=True)
    outlines = [
        charts.Outline("认可", praise, "brand"),
        charts.Outline("希望更好", hopes, "talk", is_dotted=True),
    ]
    card = Thing(
        text="唇口材料换供应商的事，如果能提前一周告诉质量组，我们就来得及安排 72 小时老化试验。",
        expected="换料前 5 个工作日知会质量组",
        tag="风险预判",
        is_growth=True,
        giver="吴桐",
        on=ago(3).date(),
        url="#",
    )
    weeks = range(14)
    return "feedback/radar.html", {
        **shell("我的雷达"),
        "about": LIN,
        "is_own": True,
        "lede": "近 90 天：认可 43 条，希望更好 7 条。",
        "seen_by": "只有你、周启明和何静看得到这一页。",
        "chart": charts.Chart(
            key="radar",
            says="行为雷达图：主动补位最多，12 次",
            figure=charts.radar(list(RADAR), outlines),
            heads=["胜任力", "认可", "希望更好"],
            rows=[
                [charts.Cell(name), charts.Cell(well, "?a#behind"), charts.Cell(hope)]
                for name, (well, hope) in RADAR.items()
            ],
        ),
        "not_drawn": 2,
        "heat": Thing(
            caption="近 90 天每周",
            heads=[f"{week // 4 + 1}/{week % 4 * 7 + 1}" for week in weeks],
            rows=[
                Thing(
                    title=name,
                    url="#",
                    cells=[Thing(count=(week * well) % 4, url="?a#behind", label=f"{name} {week}") for week in weeks],
                )
                for name, (well, _hope) in RADAR.items()
            ],
            most=3,
        ),
        "scenes": [
            Thing(
                competency="风险预判",
                url="?a#behind",
                reason="同事有 5 次希望更好，2 次认可。",
                scene="换料、换供应商之前",
                example="换料前 5 个工作日把影响清单发给质量组。",
                tags=[],
            ),
            Thing(competency="安全守护", url="", reason="还没有人写到它。", scene="", example="", tags=["安全守护"]),
        ],
        "chosen": {
            "title": "风险预判，近 90 天",
            "back": "所有能力",
            "cards": [card, card],
            "page": Paginator(range(45), 20).page(1),
        },
        "words_url": "/radar/words/",
    }


def radar_empty() -> tuple[str, dict[str, Any]]:
    template, context = radar()
    others = {"about": LIN, "is_own": False, "list_url": "#", "person_url": "#", "empty": True, "chart": None}
    return template, {**context, **others, "chosen": None}


def penetration() -> tuple[str, dict[str, Any]]:
    amounts = [
        {"head": head, "text": text}
        for head, text in zip(("流入", "已分解", "计划"), ("380", "362", "400"), strict=True)
    ]
    row = {"name": "P4 级准时交付", "url": "#", "level": "公司", "amounts": amounts, "share": 42, "over": ""}
    named = {"title": "海外营收占比", "unit": "海外事业部", "url": "#"}
    flow = {"node": {"label": ["a 3", "b 3"]}, "link": {"source": [0], "target": [1], "value": [3]}, "type": "sankey"}
    return "dashboards/penetration.html", {
        **shell("目标穿透报告", HE, "hrbp"),
        "month": date(2026, 2, 1),
        "months": [{"on": date(2026, 2, 1), "url": "#", "current": True}],
        "job": None,
        "issue_url": "#",
        "form_key": "k",
        "report": Thing(as_of=date(2026, 3, 10), made_by=HE, made_at=ago(3), version=2),
        "kinds": [{"label": "人数", "url": "#", "current": True}, {"label": "资金", "url": "#", "current": False}],
        "versions": [{"label": 2, "url": "#", "current": True}, {"label": 1, "url": "#", "current": False}],
        "export_url": "#",
        "view": Thing(title="整个公司", goal_url="", links=[(0, 1, 3)]),
        "total": "9,840 人天",
        "unit": "人天",
        "plan_share": 30,
        "facts": [{"figure": "11%", "says": "的人力投向海外营收"}, {"figure": "7", "says": "个目标在空转"}],
        "chart": charts.Chart(
            "flow", "9,840 人天从公司流到岗位", {"data": [flow], "layout": {}, "config": {}}, ["从", "到"], []
        ),
        "bars": [{"name": LONG, "url": "#", "colour": 1, "text": "4,120 人天", "width": 100}],
        "rows": [row, row | {"name": LONG, "over": "38"}],
        "over": [named | {"planned": "12", "claimed": "50", "over": "38"}],
        "over_count": 1,
        "unsupported": [named],
        "unsupported_count": 1,
        "loose": [named],
        "loose_count": 1,
        "changes": [Thing(name="全部投入", before="300", now="380", change="+80")],
        "before": date(2026, 1, 1),
        "idle": [
            {"title": "班组微课每月 2 节", "url": "#", "owner": LIN, "unit": "轴承设计组", "moved_at": ago(26)},
            {"title": "不公开的目标", "url": "", "owner": None, "unit": "", "moved_at": None},
        ],
        "page": page_of(2),
    }


def penetration_none() -> tuple[str, dict[str, Any]]:
    return "dashboards/penetration.html", {
        **shell("目标穿透报告", HE, "hrbp"),
        "month": date(2026, 2, 1),
        "months": [{"on": date(2026, 2, 1), "url": "#", "current": True}],
        "job": None,
        "issue_url": "#",
        "form_key": "k",
        "report": None,
    }


def resources() -> tuple[str, dict[str, Any]]:
    return "goals/resources.html", {
        **shell(),
        "goal": Thing(title=LONG),
        "goal_url": "#",
        "form": ResourceForm(lines=[]),
        "stated": [
            {"month": None, "kind": "工时", "planned": "120", "actual": None, "source": "导入"},
            {"month": date(2026, 2, 1), "kind": "资金", "planned": None, "actual": "12", "source": "手工填写"},
        ],
        "month": date(2026, 3, 1),
        "months": [
            {"on": date(2026, 3, 1), "url": "#", "current": True},
            {"on": date(2026, 2, 1), "url": "#", "current": False},
        ],
    }


def inbox() -> tuple[str, dict[str, Any]]:
    return "notices/inbox.html", {
        **shell("收件箱"),
        "alerts": [alert()],
        "owed": [{"title": "二季度目标等你确认", "meta": "周启明发布", "url": "#", "label": "看一看"}],
        "notices": [
            Thing(
                title="“3 款低噪音轴承定型”更新到 61%",
                text="郑淑敏补充了评审结论。",
                url="#",
                at=ago(hours=2),
                read=False,
            ),
            Thing(title="导入完成", text="527 位同事，2 行没有导入。", url="", at=ago(3), read=True),
        ],
        "page": page_of(),
        "read_url": "#",
    }


def inbox_empty() -> tuple[str, dict[str, Any]]:
    return "notices/inbox.html", {**shell("收件箱"), "alerts": [], "owed": [], "notices": []}


def settings_page() -> tuple[str, dict[str, Any]]:
    account = Thing(email="linxw@chengyuan.example", phone="138 0000 0000")
    return "people/settings.html", {**shell("我的设置"), "account": account, "mfa": False}


class BoundsForm(forms.Form):
    low = forms.IntegerField(label="岗位级目标，最少")
    high = forms.IntegerField(label="岗位级目标，最多")


def company() -> tuple[str, dict[str, Any]]:
    sections = [
        Thing(
            key="bounds",
            title="目标个数",
            says="超过上限不能发布；低于下限会提示。",
            form=BoundsForm(initial={"low": 3, "high": 5}),
            url="#",
        )
    ]
    return "people/company.html", {
        **shell("公司设置", HE, "admin"),
        "sections": sections,
        "goal_settings_url": "#",
    }


def features() -> tuple[str, dict[str, Any]]:
    pilots = [
        {"name": "制造中心/总装车间", "is_unit": True, "drop_url": "#"},
        {"name": "周慧 E0217", "is_unit": False, "drop_url": "#"},
    ]
    return "people/features.html", {
        **shell("功能", HE, "admin"),
        "everybody": 527,
        "features": [
            {
                "key": feature.value,
                "title": feature.label,
                "says": SAYS[feature],
                "people": 64 if feature == "retro" else 527,
                "form": FeatureForm(
                    initial={"reach": "some" if feature == "retro" else "everyone", "version": 1},
                    auto_id=f"{feature.value}-%s",
                ),
                "url": "#",
                "pilots": pilots if feature == "retro" else [],
            }
            for feature in Feature
        ],
    }


class TokenForm(forms.Form):
    name = forms.CharField(label="用途", help_text="例如将使用它的系统")
    reach = forms.ChoiceField(
        label="权限", choices=[("read", "读取"), ("write", "读取和写入")], widget=forms.RadioSelect
    )
    expires_on = forms.DateField(label="最后一天", widget=forms.DateInput(attrs={"type": "date"}))


def access_tokens() -> tuple[str, dict[str, Any]]:
    about = {"acts_as": "何敏", "expires_on": date(2026, 12, 31), "revoke_url": "#"}
    return "tokens/list.html", {
        **shell("访问令牌", HE, "admin"),
        "tokens": [
            Thing(name="OA 考核流程", reach="读取和写入", last_used_at=ago(1), state="", **about),
            Thing(name="数据仓库", reach="读取", last_used_at=None, state="已收回", **about),
        ],
        "form": TokenForm(),
        "token": "pm_Zx3fTqk9b2JmN0sVw7uYcR4eHdLa8gPi5oKtQnXyB1M",
        "url": "#",
        "address": "https://perf.example/t/acme/api/v1/goals/",
        "description_url": "#",
    }


def operators() -> tuple[str, dict[str, Any]]:
    return "jobs/operators.html", {
        "now": NOW,
        "pulse": Thing(ticked_at=ago(), oldest_ready=ago(hours=1)),
        "raised": {"jobs_wait", "jobs_dead", "mail_dead"},
        "figures": [
            {"label": "排队中", "number": 12, "warm": False},
            {"label": "进行中", "number": 2, "warm": False},
            {"label": "停下的", "number": 1, "warm": True},
        ],
        "counts": [Thing(slug="hengrui", kind="imports.apply", state_name="停下的", jobs=1, oldest=ago(1))],
    }


def job(**more: Any) -> Thing:
    given = {
        "public_id": "j1",
        "title": "导入 527 位同事",
        "running": True,
        "progress": 71,
        "step": 3,
        "steps": 4,
        "said": "374 行完成，2 行要你看一眼。",
        "status_url": "/job/",
        "stop_url": "#",
        "result_url": "",
        "result_label": "",
        "failed_because": "",
    }
    return Thing(**{**given, **more})


def imports_shell(step: int) -> dict[str, Any]:
    return {**shell("导入", HE, "admin"), "step": step, "kind_name": "人员", "list_url": "#"}


def import_list() -> tuple[str, dict[str, Any]]:
    runs = [
        Thing(
            url="#",
            file_name="2026 花名册（最终版 3）.xlsx",
            kind_name="人员",
            state="ok",
            state_name="已完成",
            by=HE,
            at=ago(1),
            imported=525,
            rejected=2,
        ),
        Thing(
            url="#",
            file_name="goals.csv",
            kind_name="目标",
            state="watch",
            state_name="等你核对",
            by=HE,
            at=ago(3),
            imported=None,
            rejected=None,
        ),
    ]
    kinds = [
        {"label": "人员和组织", "says": "花名册：工号、姓名、部门、上级", "url": "#", "icon": "people"},
        {"label": "目标", "says": "目标、权重、支撑关系、证据", "url": "#", "icon": "target"},
    ]
    return "imports/list.html", {**shell("导入", HE, "admin"), "runs": runs, "kinds": kinds, "page": page_of(2)}


class UploadForm(forms.Form):
    file = forms.FileField(label="文件", help_text="支持 .xlsx 和 .csv")


def upload() -> tuple[str, dict[str, Any]]:
    return "imports/upload.html", {**imports_shell(1), "form": UploadForm(), "limit": "20 MB", "accept": ".xlsx,.csv"}


def upload_refused() -> tuple[str, dict[str, Any]]:
    return "imports/upload.html", {**imports_shell(1), "form": UploadForm({}), "limit": "20 MB", "accept": ".xlsx,.csv"}


class ColumnsForm(forms.Form):
    c0 = forms.ChoiceField(choices=[("", "不导入"), ("number", "工号"), ("name", "姓名")], required=False)
    c1 = forms.ChoiceField(choices=[("", "不导入"), ("number", "工号"), ("name", "姓名")], required=False)


def columns() -> tuple[str, dict[str, Any]]:
    form = ColumnsForm(initial={"c0": "number", "c1": "name"})
    sheets = [
        Thing(
            name="在职",
            header_row=3,
            rows=527,
            skipped_because="",
            columns=[
                Thing(
                    index=0,
                    letter="A",
                    heading="员工编号",
                    samples=["CY0001", "CY0002"],
                    field=form["c0"],
                    because="表头和内容都像工号",
                ),
                Thing(
                    index=1, letter="B", heading="姓 名", samples=["林晓雯", "周启明"], field=form["c1"], because="表头"
                ),
            ],
        ),
        Thing(name="说明", header_row=None, rows=0, skipped_because="没有找到表头，已跳过", columns=[]),
    ]
    return "imports/columns.html", {
        **imports_shell(2),
        "form": form,
        "sheets": sheets,
        "missing": ["部门"],
        "back_url": "#",
    }


def preview() -> tuple[str, dict[str, Any]]:
    rows = [
        Thing(
            number=4,
            sheet="在职",
            cells=["CY0001", "林晓雯", "研发中心/轴承设计组", "周启明"],
            action_name="新增",
            state="ok",
            problems=[],
        ),
        Thing(
            number=5,
            sheet="在职",
            cells=["CY0002", "周启明", "研发中心", ""],
            action_name="更新",
            state="adj",
            problems=["职位：组长 → 主任"],
        ),
        Thing(
            number=9,
            sheet="在职",
            cells=["CY0007", "", "研发中心", "？"],
            action_name="不导入",
            state="bad",
            problems=["姓名是空的，补上再传一次。"],
        ),
    ]
    counts = [
        {"label": "全部", "url": "#", "current": True, "count": 527},
        {"label": "有问题", "url": "#", "current": False, "count": 2},
    ]
    return "imports/preview.html", {
        **imports_shell(3),
        "counts": counts,
        "heads": ["工号", "姓名", "部门", "上级"],
        "rows": rows,
        "page": page_of(527, 50),
        "good": 525,
        "columns_url": "#",
        "run_url": "#",
        "rejected_url": "#",
    }


def run() -> tuple[str, dict[str, Any]]:
    said = {"heading": "正在导入", "lede": "没问题的行一起写入。"}
    return "imports/run.html", {**imports_shell(4), **said, "job": job()}


def run_failed() -> tuple[str, dict[str, Any]]:
    return "imports/run.html", {
        **imports_shell(1),
        "heading": "这个文件没能读进来",
        "lede": "数据没有任何改动。",
        "job": job(running=False, failed_because="文件在读取时变了，请重新上传一次。"),
        "again_url": "#",
    }


def run_done() -> tuple[str, dict[str, Any]]:
    return "imports/run.html", {
        **imports_shell(5),
        "heading": "导好了",
        "lede": "员工花名册.xlsx",
        "done": True,
        "counts": [{"label": "新增", "number": 498}, {"label": "更新", "number": 27}, {"label": "未导入", "number": 2}],
        "notes": ["12 个人没有写上级，先按部门负责人补上。"],
        "rejected_url": "#",
        "next_url": "#",
        "next_label": "接着导入目标",
        "again_url": "#",
        "undo_url": "#",
    }


def run_undone() -> tuple[str, dict[str, Any]]:
    return "imports/run.html", {
        **imports_shell(5),
        "heading": "这次导入已经撤回",
        "lede": "之后有人动过的内容保持原样。",
        "done": True,
        "counts": [
            {"label": "已删除", "number": 498},
            {"label": "已恢复", "number": 27},
            {"label": "保持原样", "number": 2},
        ],
        "partly": {"lines": [f"{LONG} · 李伟: 对齐关系没有恢复"], "number": 1, "more": 0},
        "again_url": "#",
    }


def import_undo() -> tuple[str, dict[str, Any]]:
    return "imports/undo.html", {
        **imports_shell(5),
        "file_name": "2026 年第一季度目标.xlsx",
        "removed": {"lines": [f"{LONG} · 李伟", "三款轴承定型 · 研发中心"], "number": 498, "more": 496},
        "restored": {"lines": ["缩短样件交付周期 · 王芳"], "number": 1, "more": 0},
        "partly": {"lines": ["缩短样件交付周期 · 王芳: 它原来支撑的目标已经不在了"], "number": 1, "more": 0},
        "left": {"lines": [f"{LONG} · 王芳: 之后有人添加了内容"], "number": 1, "more": 0},
        "back_url": "#",
    }


class LoginForm(forms.Form):
    login = forms.CharField(widget=forms.TextInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}))
    remember = forms.BooleanField(label="记住我", required=False)


class PasswordForm(forms.Form):
    password1 = forms.CharField(label="新密码", widget=forms.PasswordInput, help_text="至少 12 个字符")


def login() -> tuple[str, dict[str, Any]]:
    return "account/login.html", {"form": LoginForm(), "language_url": "#"}


def login_refused() -> tuple[str, dict[str, Any]]:
    form = LoginForm({"login": "linxw@chengyuan.example", "password": ""})
    form.add_error(None, "手机号、邮箱或密码不对。")
    return "account/login.html", {"form": form, "language_url": "#"}


def tenants() -> tuple[str, dict[str, Any]]:
    memberships = [
        {"tenant": Thing(name="澄远轴承"), "position": "密封设计工程师", "waiting": 2, "url": "#", "last": True},
        {"tenant": Thing(name="甬江传动"), "position": "外部评审人", "waiting": 0, "url": "#", "last": False},
    ]
    return "people/tenants.html", {
        "person_name": "晓雯",
        "memberships": memberships,
        "logout_url": "#",
        "language_url": "#",
    }


def tenants_none() -> tuple[str, dict[str, Any]]:
    return "people/tenants.html", {"memberships": [], "logout_url": "#"}


def invitation() -> tuple[str, dict[str, Any]]:
    invited = Thing(tenant=Thing(name="澄远轴承"), name="林晓雯", expired=False)
    return "people/invitation.html", {"invitation": invited, "form": PasswordForm(), "language_url": "#"}


def totp() -> tuple[str, dict[str, Any]]:
    form = PasswordForm()
    form.secret = "JBSWY3DPEHPK3PXP"  # type: ignore[attr-defined]  # as django-allauth's form has it
    return "mfa/totp/activate_form.html", {"form": form, "totp_svg_data_uri": "data:image/svg+xml;base64,PHN2Zy8+"}


def recovery_codes() -> tuple[str, dict[str, Any]]:
    codes = ["a1b2c3d4", "e5f6a7b8", "c9d0e1f2"]
    return "mfa/recovery_codes/index.html", {
        "unused_codes": codes,
        "total_count": 10,
        "can_view_codes": True,
        "can_download_codes": True,
    }


def mfa_index() -> tuple[str, dict[str, Any]]:
    return "mfa/index.html", {"authenticators": {"totp": True, "recovery_codes": True}, "is_mfa_enabled": True}


def conflict() -> tuple[str, dict[str, Any]]:
    return "409.html", {
        "changed_by": "周启明",
        "changed_at": ago(hours=1),
        "now": NOW,
        "kept": [
            {"label": "目标名称", "value": "6308-2RZ 低噪音密封结构定型"},
            {"label": "说明", "value": "第一行\n第二行"},
        ],
        "url": "#",
    }


def fact(kind: str = "link", source: str = "链接", reference: str = "mes.example", **more: Any) -> Thing:
    given = {"kind": kind, "source": source, "reference": reference, "url": "#", "is_file": False, "is_outside": False}
    return Thing(**{**given, **more})


def deed(text: str = "下周二夜班前讲一遍", **more: Any) -> Thing:
    given = {
        "public_id": f"d{abs(hash(text)) % 10**8}",
        "text": text,
        "name": "马骏",
        "due_on": date(2026, 3, 17),
        "is_open": True,
        "is_done": False,
        "state": "待办",
        "outcome": "",
        "source": LIN,
        "finish_url": "#",
        "drop_url": "#",
        "reopen_url": "",
    }
    return Thing(**{**given, **more})


def feedback(text: str = "夜班砂轮崩边，没等设备科，带着两个徒弟 40 分钟换好，当班少停 3 小时。", **more: Any) -> Thing:
    given = {
        "public_id": f"f{abs(hash(text)) % 10**8}",
        "url": "#",
        "giver": LIN,
        "receiver": person("马骏"),
        "unit": "磨加工三班",
        "tag": "主动补位",
        "nature": "做得好",
        "at": ago(hours=8),
        "text": text,
        "expected": "把换砂轮步骤教给夜班二组",
        "facts": [fact("goal", "目标", "磨加工工序 Cpk ≥ 1.67"), fact("screenshot", "截图", "打开看", is_file=True)],
        "likes": 14,
        "is_liked": True,
        "like_url": "#",
        "is_mine": False,
        "is_growth": False,
        "is_open": False,
        "is_withdrawn": False,
        "closed": "",
        "notes": [],
        "actions": [],
        "take_on_url": "",
        "answer_url": "",
    }
    return Thing(**{**given, **more})


def feedback_list() -> tuple[str, dict[str, Any]]:
    said = [Thing(name="马骏", text="下周二夜班前讲一遍。", at=ago(hours=2), is_answer=True)]
    growth = feedback(
        "唇口材料换供应商的事，如果能提前一周告诉质量组，我们就来得及安排 72 小时老化试验。",
        tag="风险预判",
        nature="可以更好",
        is_growth=True,
        is_open=True,
        is_mine=True,
        likes=0,
        is_liked=False,
        facts=[fact("recording", "录音摘要", "会上说换料通知走邮件，质量组不在收件人里。", url="")],
        take_on_url="#",
        answer_url="#",
    )
    done = deed("整理一份异音问答", is_open=False, is_done=True, state="已完成", outcome="已发给销售", reopen_url="#")
    done.finish_url = done.drop_url = ""
    return "feedback/list.html", {
        "mentioned": [Thing(name="主动补位", number=12, share=100), Thing(name="守住质量 <b>", number=3, share=25)],
        **shell("反馈"),
        "compose_url": "#",
        "tab": "public",
        "which": [
            {"label": "公开", "url": "#", "current": True, "count": 0},
            {"label": "给我的", "url": "#", "current": False, "count": 12},
            {"label": "待闭环", "url": "#", "current": False, "count": 2},
        ],
        "cards": [feedback(notes=said, actions=[deed()]), growth, feedback(LONG, actions=[done], facts=[])],
        "newer": None,
        "older": 2,
        "beside": [Thing(title="换料前 5 个工作日知会质量组", url="#", says="吴桐写给你", at=ago(3))],
        "actions": [],
        "new_url": "#",
        "ask_url": "#",
        "requests_url": "#",
    }


def feedback_empty() -> tuple[str, dict[str, Any]]:
    return "feedback/list.html", {**shell("反馈"), "tab": "public", "which": [], "cards": [], "new_url": "#"}


def feedback_one() -> tuple[str, dict[str, Any]]:
    def own(form: forms.Form | None = None) -> dict[str, Any]:
        return {"form": form, "url": "#"}

    written = Feedback(text="换料前没有知会质量组。", expected_action="提前知会")
    return "feedback/one.html", {
        **shell("反馈"),
        "card": feedback(
            is_growth=True, is_open=True, is_corrected=True, closed_earlier_url="#earlier", facts=[fact()]
        ),
        "readers": "马骏、周启明（直属上级）",
        "earlier": [Thing(text="换料前没有说。", expected_action="提前知会", until=ago(hours=2))],
        "list_url": "#",
        "answer": own(AnswerForm()),
        "clarify": own(),
        "take_on": own(TakeOnForm(on=NOW.date())),
        "correct": own(CorrectForm({"text": "一。二。三。四。"}, of=written)),
        "withdraw": own(),
        "annotate": own(NoteForm()),
    }


def team_matrix() -> tuple[str, dict[str, Any]]:
    def cell(praise: int, hopes: int) -> Thing:
        kinds = [
            Thing(count=number, is_hope=is_hope, url="#" if number else "", label=f"{is_hope} {number}")
            for number, is_hope in ((praise, False), (hopes, True))
        ]
        return Thing(competency="安全守护", is_empty=not praise + hopes, kinds=kinds)

    return "feedback/team_matrix.html", {
        **shell("团队看板", ZHOU, "manager"),
        "team_url": "#",
        "looks": [{"label": "矩阵", "url": "#", "current": True}, {"label": "列表", "url": "#", "current": False}],
        "is_list": False,
        "page": page_of(2, 1),
        "empty": False,
        "heads": list(RADAR),
        "most": 4,
        "rows": [
            Thing(name=name, unit="磨加工三班", url="#", cells=[cell(n % 5, n % 3) for n in range(len(RADAR))])
            for name in ("马骏", LONG[:30])
        ],
    }


def hot_words() -> tuple[str, dict[str, Any]]:
    def word(text: str, size: int, look: str = "") -> Thing:
        return Thing(word=text, uses=3, givers=2, size=size, look=look, is_wish=look == "ask", url="#")

    return "feedback/hot_words.html", {
        **shell("我的雷达"),
        "is_own": True,
        "radar_url": "#",
        "lede": "近 90 天 12 条反馈，来自 7 人。",
        "seen_by": "只有你和周启明看得到这一页。",
        "words": [word("换料前", 100, "hot"), word("写一页", 40, "ask"), word(LONG[:40], 12)],
        "chosen": None,
    }


def suggestion(title: str = "改期要填三张表", **more: Any) -> Thing:
    given = {
        "public_id": f"s{abs(hash(title)) % 10**8}",
        "url": "#",
        "title": title,
        "text": "同一个日期在三张表里各改一遍，常常漏一处。",
        "area": "目标制定与发布",
        "name": "",
        "is_adopted": False,
        "is_declined": False,
        "answer": "",
        "votes": 21,
        "is_mine": True,
        "joined": 1,
        "vote_url": "#",
    }
    return Thing(**{**given, **more})


def gripe_list() -> tuple[str, dict[str, Any]]:
    day = Thing(first=ago(2).date(), last=ago(-4).date(), public_id="d1")
    answered = {"state": "已采纳", "on": ago(1).date(), "owner": "何静", "vote_url": "", "joined": 0}
    return "feedback/gripes.html", {
        **shell("吐槽日"),
        "day": day,
        "is_open": True,
        "cards": [suggestion(), suggestion(LONG, name=LONG[:30], is_adopted=True, answer="合成一张。", **answered)],
        "page": page_of(2, 1),
        "area": "",
        "areas": [("goals", "目标制定与发布")],
        "earlier": [day],
        **dict.fromkeys(("new_url", "changes_url", "settings_url"), "#"),
    }


def gripe() -> tuple[str, dict[str, Any]]:
    he, xu = Employee(name="何静"), Employee(name="徐铭悦")
    adopting = gripe_forms.AdoptForm({"answer": ""}, who=Keepers([xu], [he]), me=he, version=1)
    return "feedback/gripe.html", {
        **shell("吐槽日", HE, "hrbp"),
        "card": suggestion(LONG),
        "list_url": "#",
        "joined": [Thing(title="完成日期只在一个地方改", text=LONG, name="", reopen_url="#")],
        "adopt": {"form": adopting, "url": "#", "setters": "徐铭悦", "opens": False},
        "decline": {"form": gripe_forms.DeclineForm({"answer": ""}, of=Gripe()), "url": "#"},
        "join": {"form": gripe_forms.JoinForm(others=[Gripe(title=LONG)]), "url": "#"},
    }


def composer(form: Any = None) -> tuple[str, dict[str, Any]]:
    who: Any = Thing()
    tags = ["主动补位", "快速试错", "客户同理", "风险预判", "跨部门协同", "知识沉淀", "守住质量", "把话说清"]
    names = ["马骏", "黄子昂", "吴桐", "赵磊", "周启明"]
    faces = [Thing(public_id=f"p{n}", name=name, says="") for n, name in enumerate(names)]
    rare = Thing(public_id="t9", name="安全守护", search="安全守护 anquanshouhu", checked=False)
    goals = [("g1", "磨加工工序 Cpk ≥ 1.67", True), ("g2", LONG, False)]
    return "feedback/new.html", {
        **shell("反馈"),
        "compose_url": "#",
        "form": form or ComposeForm(who=who),
        "draft": "feedback",
        "receiver": faces[0],
        "suggested": faces,
        "is_settled": False,
        "typed": "",
        "found": [],
        "new_url": "#",
        "people_url": "/people/",
        "words_url": "/words/",
        "words": [{"key": 1, "text": "换砂轮 40 分钟，<b>当班</b>少停 3 小时。"}],
        "about_url": "/about/",
        "list_url": "#",
        "tags": [Thing(public_id=f"t{n}", name=name, search=name, checked=n == 0) for n, name in enumerate(tags)],
        "more_tags": [Thing(name="安全", tags=[rare])],
        "is_rare_tag": False,
        "natures": [
            {"value": "positive", "label": "做得好", "checked": True},
            {"value": "constructive", "label": "可以更好", "checked": False},
        ],
        "goals": [Thing(public_id=pk, title=title, checked=checked) for pk, title, checked in goals],
        "readers": [
            {"value": "manager", "says": "马骏、周启明（直属上级）、何静（HRBP）", "checked": True},
            {"value": "receiver", "says": "仅马骏", "checked": False},
            {"value": "everyone", "says": "澄远轴承的所有人", "checked": False},
        ],
        "sentences": 0,
        "most_sentences": 3,
        "length": (0, 20),
    }


def composer_refused() -> tuple[str, dict[str, Any]]:
    who: Any = Thing()
    typed = {
        "key": "k",
        "text": "一。二。三。四。",
        "expected_action": "请在下个季度之前把所有相关流程全部重新梳理一遍",
    }
    return composer(ComposeForm(MultiValueDict({name: [value] for name, value in typed.items()}), who=who))


def outcome() -> tuple[str, dict[str, Any]]:
    form = OutcomeForm({"outcome": ""}, why=True)
    return "feedback/outcome.html", {**shell("反馈"), "item": deed(), "form": form, "url": "#", "list_url": "#"}


RHYTHM = [
    {"label": "有进展的目标", "mine": "3 / 4", "team": "2.6"},
    {"label": "更新进度的次数", "mine": "5", "team": "3.1"},
    {"label": "按计划的目标", "mine": "75%", "team": "71%"},
]


def retro_question(**more: Any) -> dict[str, Any]:
    options = [
        {"key": "1", "text": "完成唇口低温磨损测试", "goal": "6308-2RZ 低噪音密封结构定型", "is_chosen": False},
        {"key": "2", "text": LONG, "goal": "每周 2 次同步设计卡点", "is_chosen": True},
        {"key": "0", "text": "都不是", "goal": "", "is_chosen": False},
    ]
    return {
        "text": "这周，哪个动作最接近你的目标？",
        "ask": "closest",
        "options": options,
        "number": 1,
        "of": 3,
        "is_last": False,
        "answer_url": "#",
        "skip_url": "#",
        "back_url": "",
        "closes_at": ago(-3),
        **more,
    }


def retro_report(**more: Any) -> dict[str, Any]:
    answers = [
        {
            "question": "这周，哪个动作最接近你的目标？",
            "answer": "完成唇口低温磨损测试",
            "goal": "6308-2RZ 定型",
            "change_url": "#",
        },
        {"question": "什么拖慢了你？", "answer": "台架排期紧", "goal": "", "change_url": "#"},
        {"question": "下一步，先往哪里走？", "answer": "周一再看", "goal": "", "change_url": ""},
    ]
    return {
        "title": "3月9日 至 3月15日",
        "as_of": ago(0, 1),
        "closes_at": ago(-3),
        "figures": RHYTHM,
        "has_mean": True,
        "least": 5,
        "answers": answers,
        "suggestion": {"say": "周一和一位帮得上忙的人说说“台架排期紧”。", "why": "你说这周是它拖慢了你。"},
        "share": {"name": "周启明", "is_on": False, "url": "#"},
        **more,
    }


def retro(**more: Any) -> Callable[[], tuple[str, dict[str, Any]]]:
    context = {"title": "3月9日 至 3月15日", "is_open": True, "weeks_url": "#", "week_url": "#", **more}
    return lambda: ("feedback/retro.html", {**shell("周微复盘"), **context})


def retro_weeks() -> tuple[str, dict[str, Any]]:
    weeks = [
        {"title": "3月9日 至 3月15日", "state": "已答", "url": "#", "figures": RHYTHM, "is_shared": True},
        {"title": "3月2日 至 3月8日", "state": "已跳过", "url": "", "figures": RHYTHM, "is_shared": False},
    ]
    context = {"weeks": weeks, "page": page_of(2), "missed": [ago(14)], "retro_url": "#"}
    return "feedback/retro_weeks.html", {**shell("周微复盘"), **context}


def retro_weeks_empty() -> tuple[str, dict[str, Any]]:
    return "feedback/retro_weeks.html", {**shell("周微复盘"), "weeks": [], "missed": [], "retro_url": "#"}


def retro_off() -> tuple[str, dict[str, Any]]:
    return "feedback/retro_off.html", {**shell("周微复盘"), "weeks_url": "#"}


def retro_shown() -> tuple[str, dict[str, Any]]:
    report = retro_report(closes_at=None, share=None, has_mean=False)
    return "feedback/retro_report.html", {
        **shell("给我看的周报", ZHOU, "manager"),
        "report": report,
        "name": "林晓雯",
        "list_url": "#",
    }


def retro_team() -> tuple[str, dict[str, Any]]:
    one = {
        "name": "林晓雯",
        "position": "密封设计工程师",
        "title": "3月9日 至 3月15日",
        "url": "#",
        "figures": RHYTHM,
        "answers": retro_report()["answers"],
    }
    return "feedback/retro_team.html", {
        **shell("给我看的周报", ZHOU, "manager"),
        "shared": [one, {**one, "name": "钱昊"}],
        "page": page_of(2),
    }


def retro_team_empty() -> tuple[str, dict[str, Any]]:
    return "feedback/retro_team.html", {**shell("给我看的周报", ZHOU, "manager"), "shared": []}


def retro_responses() -> tuple[str, dict[str, Any]]:
    rows = [
        {"title": "3月9日 至 3月15日", "group": "你负责的同事", "asked": 186, "answered": "131"},
        {"title": "3月2日 至 3月8日", "group": "全公司", "asked": 527, "answered": "至少 525"},
    ]
    return "feedback/retro_responses.html", {
        **shell("微复盘参与情况", HE, "hrbp"),
        "rows": rows,
        "page": page_of(2),
        "least": 5,
    }


def retro_responses_empty() -> tuple[str, dict[str, Any]]:
    return "feedback/retro_responses.html", {**shell("微复盘参与情况", HE, "hrbp"), "rows": [], "least": 5}


def week_answered() -> tuple[str, dict[str, Any]]:
    template, context = week()
    return template, {**context, "retro": {"figures": RHYTHM, "has_mean": True, "url": "#"}}


def plain(template: str, **context: Any) -> Callable[[], tuple[str, dict[str, Any]]]:
    return lambda: (template, context)


def talk(name: str = "林晓雯", **more: Any) -> dict[str, Any]:
    start = {"at": NOW + timedelta(days=3, hours=-6), "minutes": 30, "place": "2 号楼 3 层茶水间", "url": "#"}
    return {"name": name, "state": "planned", "state_name": "已约好", "prep_url": "#", **start, **more}


def talk_head(**more: Any) -> dict[str, Any]:
    people = {"employee": LIN, "manager": ZHOU, "other": "林晓雯", "public_id": "8f0c"}
    return talk(is_planned=True, is_signed=False, list_url="#", **people, **more)


def talks() -> tuple[str, dict[str, Any]]:
    return "reviews/list.html", {
        **shell("面谈", ZHOU, "manager"),
        "leads": True,
        "new_url": "#",
        "planned": [talk(waits_for_me=True), talk(LONG[:20], place="")],
        "quiet": [Thing(name="钱昊", talked_at=ago(75), url="#"), Thing(name="马骏", talked_at=None, url="#")],
        "past": [talk("吴桐", led_by="何静", state_name="已谈过"), talk("钱昊", state_name="已婉拒")],
        "newer_page": 0,
        "older_page": 2,
    }


def talks_none() -> tuple[str, dict[str, Any]]:
    return "reviews/list.html", {**shell("面谈"), "planned": [], "past": [], "quiet": [], "newer_page": 0}


def talk_new() -> tuple[str, dict[str, Any]]:
    form = PlanForm({"on": "2026-03-13", "time": "", "minutes": "2"})
    return "reviews/new.html", {**shell("面谈", ZHOU, "manager"), "form": form, "report": LIN, "list_url": "#"}


def talk_choose() -> tuple[str, dict[str, Any]]:
    given = {
        "reports": [LIN, person("马骏", "工艺工程师")],
        "asks": True,
        "has_more": True,
        "typed": "",
        "list_url": "#",
    }
    return "reviews/choose.html", {**shell("面谈", ZHOU, "manager"), **given}


def linked(source: str, reference: str) -> Thing:
    return Thing(source=source, reference=reference, url="#", is_file=False)


AGENDA: list[dict[str, Any]] = [
    {
        "name": "attainment",
        "label": "回顾目标达成",
        "prompt": "可以问：哪一部分你最满意，哪里最难？",
        "text": "C 版图纸 3 月 9 日会签，三轮台架试验过了两轮。",
        "kept_because": "",
        "facts": [linked("PLM", "DWG-6308-2RZ-C"), linked("反馈", "赵磊，“带着图纸下车间，和班组一起改。”")],
        "hidden": 1,
        "now": False,
        "url": "#",
    },
    {"name": "success", "label": "识别成功因素", "prompt": "可以问：这次你做了什么不一样的？", "now": True, "url": "#"},
    {"name": "development", "label": "探讨发展意愿", "prompt": "可以问：最想把哪件事做深？", "url": "#"},
]


def module_form(name: str, data: dict[str, Any] | None = None) -> ModuleForm:
    labels = {"goal:1": f"目标：{LONG}", "feedback:2": "反馈：赵磊，“带着图纸下车间，和班组一起改。”"}
    return ModuleForm(data, name=name, of=None, linked=[], offered={}, labels=labels)


def prep() -> tuple[str, dict[str, Any]]:
    axes = {"主动补位": (12, 8), "跨部门协同": (11, 5), "守住质量": (9, 9), "快速试错": (7, 6), "风险预判": (2, 2)}
    now, before = zip(*axes.values(), strict=True)
    outlines = [charts.Outline("近 90 天", now, "brand"), charts.Outline("前 90 天", before, "ink-3", is_dotted=True)]
    refused = module_form("success")
    refused.suggestions = [Thing(shown_text="换料前 5 天知会质量组。"), Thing(shown_text="卡点当天发到协作看板。")]  # type: ignore[list-item]
    refused.is_doubtful = True
    agenda = [dict(AGENDA[0], form=module_form("attainment")), dict(AGENDA[1], form=refused)]
    agenda.append(dict(AGENDA[2], form=module_form("development")))
    words = [
        ("下车间", 8, "hot"),
        ("夹具改法", 5, "hot"),
        ("提前知会", 4, "ask"),
        ("带徒弟", 2, ""),
        (LONG[:12], 2, ""),
    ]
    return "reviews/prep.html", {
        **shell("面谈", ZHOU, "manager"),
        "interview": talk_head(),
        "rights": Thing(is_manager=True, is_employee=False, writes=True, signs=True),
        "topics": "台架排期总是和测试组冲突，想换一种约法。",
        "pack": Thing(made_at=ago(hours=7), number=2, newest=3, older_url="#", newer_url="#"),
        "make_url": "#",
        "newest": 3,
        "since": date(2025, 12, 12),
        "goals": [
            Thing(
                title="6308-2RZ 低噪音密封结构定型",
                url="#",
                health="ok",
                progress=72,
                expected=68,
                moved="+17",
                check_ins=3,
                evidence=2,
                stages=1,
            ),
            Thing(
                title=LONG,
                url="#",
                health="watch",
                progress=30,
                expected=55,
                moved="",
                check_ins=0,
                evidence=0,
                stages=0,
            ),
        ],
        "words": [
            Thing(word=word, number=number, size=number * 12, look=look, is_wish=look == "ask", url="#")
            for word, number, look in words
        ],
        "quote": Thing(text="带着图纸下车间，和班组一起改。", name="赵磊", on=ago(1).date(), word="下车间"),
        "feedback_count": 47,
        "giver_count": 19,
        "items": [
            Thing(
                title="换料前 5 个工作日知会质量组",
                who="吴桐",
                tag="风险预判",
                waited="3 天没有闭环",
                quote=True,
                asks="当时从你那边看，是什么情形？",
                url="#",
            ),
            Thing(
                title=LONG, who="系统提醒", tag="", waited="16 天没有闭环", asks="是计划变了，还是哪里卡住了？", url="#"
            ),
        ],
        "chart": charts.Chart(
            key="radar",
            says="同事说得最多的：主动补位 12",
            figure=charts.radar(list(axes), outlines),
            heads=["胜任力", "认可", "希望更好", "前 90 天"],
            rows=[[charts.Cell(name), charts.Cell(a), charts.Cell(0), charts.Cell(b)] for name, (a, b) in axes.items()],
        ),
        "is_drawn": True,
        "moved_most": Thing(name="跨部门协同", before=5, now=11),
        "agenda": agenda,
        "is_complete": False,
        "actions": [Thing(text="台架预约表共享给测试组", name="林晓雯", due_on=date(2026, 3, 27))],
        "agree_form": AgreeForm(of=Thing(employee=LIN, manager=ZHOU)),  # type: ignore[arg-type]
        "agree_url": "#",
    }


def prep_none() -> tuple[str, dict[str, Any]]:
    template, context = prep()
    agenda = [dict(one, text="", facts=[], hidden=0) for one in AGENDA]
    gone = {"pack": None, "is_drawn": False, "newest": 0, "agenda": agenda, "actions": [], "topics": ""}
    return template, {**context, **gone}


def prep_bare() -> tuple[str, dict[str, Any]]:
    """Little is known yet, and the employee reads it."""
    template, context = prep()
    rights = Thing(is_manager=False, is_employee=True, writes=False, signs=False)
    gone = {"goals": [], "words": [], "quote": None, "items": [], "is_drawn": False, "moved_most": None, "since": None}
    return template, {**context, **gone, "rights": rights, "agenda": AGENDA, "agree_form": None, "is_complete": True}


def prep_words() -> tuple[str, dict[str, Any]]:
    told = Thing(
        name="赵磊",
        tag="跨部门协同",
        is_wish=False,
        text="带着图纸下车间，和班组一起改。",
        expected="把改法写成模板",
        at=ago(1),
        url="#",
    )
    wish = Thing(name="吴桐", tag="风险预判", is_wish=True, text=LONG, expected="提前知会", at=ago(40), url="#")
    given = {"word": "下车间", "says": "3 位同事说了 8 次", "feedback": [told, wish], "back_url": "#"}
    return "reviews/words.html", {**shell("面谈", ZHOU, "manager"), "interview": talk_head(), **given}


def interview_page() -> tuple[str, dict[str, Any]]:
    """All is written down, and the employee has the page open."""
    head = talk_head() | {"other": "周启明"}
    of: Any = Thing(topics="台架排期", improvement_plan="每周一晒排期", at=NOW, minutes=30, place="", version=1)
    return "reviews/interview.html", {
        **shell("面谈"),
        "interview": head,
        "rights": Thing(is_manager=False, is_employee=True, writes=False, plans=True, signs=True),
        "modules": [AGENDA[0], dict(AGENDA[0], label="识别成功因素"), dict(AGENDA[0], label="探讨发展意愿")],
        "is_complete": True,
        "actions": [Thing(text=LONG, name="林晓雯", due_on=date(2026, 3, 27), is_open=False, state_name="完成了")],
        "plan": "每周一晒排期",
        "signatures": [{"name": "周启明", "at": ago(hours=1)}, {"name": "林晓雯", "at": None}],
        "move_form": MoveForm(of=of),
        "cancel_form": CancelForm(),
        "decline_form": DeclineForm({"reason": ""}),
        "topics_form": TopicsForm(of=of),
        "plan_form": ImprovementForm(of=of),
        "sign_form": SignForm(seen="", may_dissent=True),
    }


def interview_held() -> tuple[str, dict[str, Any]]:
    template, context = interview_page()
    forms = {name: None for name in context if name.endswith("_form")}
    head = talk_head() | {"is_planned": False, "is_signed": True, "state": "held", "state_name": "已谈过"}
    signed = [{"name": "周启明", "at": ago(2)}, {"name": "林晓雯", "at": ago(1)}]
    said = {"dissent": "第二件事不是我做的。", "topics": "台架排期", "signatures": signed}
    return template, {**context, **forms, **said, "interview": head, "rights": Thing()}


def interview_declined() -> tuple[str, dict[str, Any]]:
    template, context = interview_held()
    head = talk_head() | {"is_planned": False, "state": "declined", "state_name": "已婉拒"}
    modules = [dict(one, text="", facts=[], hidden=0) for one in AGENDA]
    gone = {"dissent": "", "plan": "", "topics": "", "actions": [], "is_complete": False}
    return template, {**context, **gone, "interview": head, "modules": modules, "reason": "下周整周出差"}


CONNECTION_FORM: dict[str, Any] = {
    "asks": {
        "base_url": {"minLength": 1, "pattern": "^https?://.+"},
        "auth": {"enum": ["none", "bearer", "api_key"]},
    },
    "secrets": {"token": "访问令牌", "key": "API 密钥"},
    "owners": [Thing(public_id=1, name="孙薇", position="销售运营"), Thing(public_id=2, name="陈可", position="")],
    "initial": {
        "name": "CRM 客户库",
        "asked-base_url": "https://crm.example.com/api",
        "asked-auth": "bearer",
        "schedule": "every 60 minutes",
        "owner": "1",
        "more": '{\n  "records": "data",\n  "streams": []\n}',
    },
}


def connections(*rows: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    return "integrations/list.html", {
        **shell("数据集成", HE, "admin"),
        "lede": "3 个系统在供数，其中 1 个有缺口，1 个停了，等你处理。" if rows else "",
        "rows": rows,
        "new_url": "#",
        "sync_all_url": "#" if rows else "",
    }


def connections_some() -> tuple[str, dict[str, Any]]:
    def row(name: str, state: str, words: str, **more: Any) -> dict[str, Any]:
        return {
            "name": name,
            "url": "#",
            "rhythm": "每小时",
            "last_success_at": ago(hours=1),
            "covered_from": ago(200),
            "covered_until": ago(1),
            "records": 21118,
            "set_aside": 0,
            "says": "",
            "waits": False,
            "standing": {"state": state, "name": words},
            **more,
        }

    return connections(
        row("CRM 客户库", "ok", "正常"),
        row("MES 制造执行", "watch", "有 2 处缺口", says="3 月 11 日的数据没有来。", set_aside=3),
        row(LONG, "talk", "停了，等你处理", says="对方系统不让这个连接登录。", waits=True),
        row("学习平台", "idle", "还没启用", last_success_at=None, covered_until=None, records=0),
    )


def connection_choose() -> tuple[str, dict[str, Any]]:
    ready = [
        {"label": "CRM", "says": "客户、商机和拜访，通过 JSON 分页接口读取。", "icon": "people", "url": "#"},
        {"label": "PLM", "says": "图纸、版本和签批，每天一个 CSV 文件。", "icon": "file", "url": "#"},
    ]
    return "integrations/choose.html", {**shell("数据集成", HE, "admin"), "ready": ready, "list_url": "#"}


def connection_new(form: Any = None) -> tuple[str, dict[str, Any]]:
    return "integrations/new.html", {
        **shell("数据集成", HE, "admin"),
        "form": form or ConnectionForm(**CONNECTION_FORM),
        "preset": Thing(title="CRM", says="客户、商机和拜访，通过 JSON 分页接口读取。"),
        "choose_url": "#",
        "list_url": "#",
    }


def connection_new_refused() -> tuple[str, dict[str, Any]]:
    typed = {"name": "", "asked-base_url": "crm.example.com", "secret-token": "geheim", "schedule": "daily 02:00"}
    return connection_new(ConnectionForm({**typed, "owner": "1"}, **CONNECTION_FORM))


def connection_settings(form: Any = None) -> tuple[str, dict[str, Any]]:
    return "integrations/settings.html", {
        **shell("数据集成", HE, "admin"),
        "form": form or SettingsForm(kept=("token",), **CONNECTION_FORM),
        "connection": Thing(name="CRM 客户库"),
        "secret": Thing(set_at=ago(3), set_by=HE),
        "connection_url": "#",
        "delete_url": "#",
        "fields_url": "#",
        "list_url": "#",
    }


GONE = {
    "says": "这个连接要用“odata”来读，而这台服务器上已经没有“odata”这个适配器。",
    "next_step": "现在什么也不读，读过的都还在。请运维把适配器装回来。",
}


def connection_settings_gone() -> tuple[str, dict[str, Any]]:
    template, context = connection_settings()
    return template, {**context, "form": None, "gone": GONE}


def connection_settings_refused() -> tuple[str, dict[str, Any]]:
    typed = {**CONNECTION_FORM["initial"], "more": '{"auth": "bearer",'}
    return connection_settings(SettingsForm(typed, kept=("token",), **CONNECTION_FORM))


def connection_frame(state: str = "ok", words: str = "正常", tab: int = 0, **more: Any) -> dict[str, Any]:
    labels = ("概况", "同步记录", "文件", "搁置的行", "字段对应", "改动记录")
    return {
        **shell("数据集成", HE, "admin"),
        "connection": Thing(name="PLM 图纸库"),
        "standing": {"state": state, "name": words},
        "lede": "每日文件（CSV），每小时读取，由孙薇照看。",
        "tabs_of_it": [
            {"label": label, "url": "#", "current": n == tab, "count": 3 if n == 3 else 0}
            for n, label in enumerate(labels)
        ],
        "list_url": "#",
        "settings_url_of_it": "#",
        "sync_url": "#",
        "pause_url": "#",
        **more,
    }


def connection_gap(**more: Any) -> dict[str, Any]:
    key = more.get("key", 1)
    return {
        "key": str(key),
        "form": CloseGapForm(gap=Thing(pk=key)),
        "on": date(2026, 3, 11),
        "kind": "缺一天",
        "says": "2026 年 3 月 11 日的数据没有来。",
        "is_a_day": True,
        "next_step": "请对方重发那一天的文件，或在这里交上来。",
        "opened_at": ago(1),
        "closed_at": None,
        "closed_by": "",
        "because": "",
        "close_url": "#",
        **more,
    }


def connection_runs() -> list[dict[str, Any]]:
    done = {"state": "ok", "state_name": "完成", "said": "读到 200 行：新增 3 条、更正 1 条、搁置 2 行", "problem": ""}
    failed = {"state": "talk", "state_name": "没有做完", "said": "", "problem": "crm.example.com 没有应答。"}
    rest = {"covered_from": None, "covered_until": None}
    return [
        {"at": ago(hours=1), "by": "按频率", "took": "12 秒", "next_step": "", **done, **rest},
        {
            "at": ago(hours=2),
            "by": "陈可",
            "took": "",
            "next_step": "会自动再试。如果一直这样，问对方。",
            **failed,
            **rest,
        },
    ]


def connection_overview(**more: Any) -> tuple[str, dict[str, Any]]:
    health = Thing(
        last_success_at=ago(hours=1),
        covered_from=ago(200),
        covered_until=ago(1),
        records=21118,
        next_due_at=ago(hours=-1),
        set_aside=3,
        is_behind=False,
    )
    stream = {
        "title": "客户",
        "records": 38,
        "covered_from": ago(200),
        "covered_until": ago(1),
        "watermark": "2026-03-12 23:00",
        "last": "读到 40 行：新增 38 条、对方删除 2 条",
    }
    closed = {"closed_at": ago(1), "closed_by": "陈可", "because": "当天工厂放假"}
    return "integrations/overview.html", {
        **connection_frame("watch", "有 2 处缺口"),
        "health": health,
        "streams": [stream, {**stream, "title": "拜访", "watermark": "", "last": ""}],
        "open_gaps": [connection_gap(), connection_gap(key=2, form=CloseGapForm({"reason": ""}, gap=Thing(pk=2)))],
        "many_days": True,
        "more_gaps": 3,
        "closed_gaps": [connection_gap(key=3, **closed), connection_gap(key=4, closed_at=ago(2))],
        "runs": connection_runs(),
        "runs_url": "#",
        "rows_url": "#",
        **more,
    }


def connection_draft() -> tuple[str, dict[str, Any]]:
    def step(title: str, says: str, label: str, url: str = "#", **more: bool) -> dict[str, Any]:
        return {"title": title, "says": says, "url": url, "label": label, "is_done": False, "is_next": False, **more}

    steps = [
        step("测试连接", "连得上，也登录得进去。", "再测一次", is_done=True),
        step("看二十行数据", "什么都不存。", "看数据"),
        step("启用", "马上读一次，之后按频率读取。", "启用", url="", is_next=True),
    ]
    nothing = Thing(last_success_at=None, next_due_at=None, set_aside=0)
    lists: dict[str, Any] = {key: [] for key in ("streams", "open_gaps", "closed_gaps", "runs")}
    frame = connection_frame("idle", "还没启用", sync_url="", pause_url="")
    return connection_overview(**frame, **lists, begin=steps, health=nothing)


def connection_stopped() -> tuple[str, dict[str, Any]]:
    frame = connection_frame("talk", "停了，等你处理", sync_url="", pause_url="")
    why = {"stopped_because": "crm.example.com 不让这个连接登录。", "stopped_next": "重新填写登录凭证，再测试连接。"}
    return connection_overview(**frame, **why, open_gaps=[])


def connection_reading() -> tuple[str, dict[str, Any]]:
    frame = connection_frame("adj", "正在读取", sync_url="")
    return connection_overview(**frame, job=job(title="PLM 图纸库", running=True, progress=40, said="读到 200 行"))


def connection_run_list() -> tuple[str, dict[str, Any]]:
    page = Paginator(connection_runs(), 50).get_page(1)
    return "integrations/runs.html", {**connection_frame(tab=1), "runs": list(page), "page": page}


def connection_rows(**more: Any) -> tuple[str, dict[str, Any]]:
    row = {
        "key": "0f0e0d0c-0b0a-4908-8706-050403020100",
        "id": "V000017",
        "stream": "拜访",
        "on": date(2026, 3, 11),
        "at": ago(1),
        "ended_at": None,
        "says": "缺少客户编号。",
        "next_step": "请对方更正，或在配置里调整这个字段，然后收下这一行。",
        "came": '{\n "visit_id": "V000017",\n "summary": "' + LONG + '"\n}',
    }
    rows = more.pop("rows", [row, {**row, "key": "0f0e0d0c-0b0a-4908-8706-050403020101", "id": "", "on": None}])
    return "integrations/rows.html", {
        **connection_frame(tab=3),
        "rows": rows,
        "page": Paginator(rows, 50).get_page(1),
        "states": [
            {"label": "搁置中", "url": "#", "current": True},
            {"label": "后来收进来了", "url": "#", "current": False},
        ],
        "waits": True,
        "take_in_url": "#",
        "drop_url": "#",
        **more,
    }


def connection_files(**more: Any) -> tuple[str, dict[str, Any]]:
    batch = {
        "on": date(2026, 3, 11),
        "name": "PLM_20260311.csv",
        "rows": 17,
        "state": "ok",
        "state_name": "已载入",
        "problem": "",
        "next_step": "",
        "seen_at": ago(1),
    }
    cut = {
        "state": "watch",
        "state_name": "没有载入",
        "problem": "2026 年 3 月 10 日的文件不完整。",
        "next_step": "请重发。",
    }
    batches = [batch, {**batch, **cut}]
    return "integrations/files.html", {
        **connection_frame(tab=2),
        "form": FilesForm(),
        "limit": "5 MB",
        "waiting": 2,
        "batches": batches,
        "page": Paginator(batches, 50).get_page(1),
        "states": [
            {"label": "全部文件", "url": "#", "current": True},
            {"label": "没有载入", "url": "#", "current": False},
        ],
        **more,
    }


def connection_files_refused() -> tuple[str, dict[str, Any]]:
    return connection_files(form=FilesForm({}, MultiValueDict()), batches=[], waiting=0)


def connection_fields() -> tuple[str, dict[str, Any]]:
    key = {"label": "客户编号", "path": "customer_id", "type": "文本", "required": True, "means": "用来区分每一行"}
    stage = {"label": "进入阶段时间", "path": "stage_history.-1.entered_at", "type": "日期和时间", "required": False}
    return "integrations/fields.html", {
        **connection_frame(tab=4),
        "streams": [{"key": "customers", "title": "客户", "fields": [key, {**stage, "means": ""}]}],
        "preview_url": "#",
        "text_url": "#",
    }


def connection_fields_gone() -> tuple[str, dict[str, Any]]:
    frame = connection_frame("talk", "读不了", tab=4, gone=GONE, sync_url="")
    return "integrations/fields.html", {**frame, "streams": [], "preview_url": "", "text_url": "#"}


def connection_changes() -> tuple[str, dict[str, Any]]:
    entries = [
        {"at": ago(1), "by": "陈可", "did": "改了连接的设置", "words": ["多久读一次：从“每小时”改为“每天 02:00”"]},
        {"at": ago(9), "by": "系统", "did": "发现缺数据", "words": ["缺一天", "2026-03-11"]},
    ]
    page = Paginator(entries, 50).get_page(1)
    return "integrations/changes.html", {**connection_frame(tab=5), "entries": entries, "page": page}


def connection_preview(**more: Any) -> tuple[str, dict[str, Any]]:
    def cell(text: str, problem: str = "") -> dict[str, str]:
        return {"text": text, "problem": problem}

    return "integrations/preview.html", {
        **shell("数据集成", HE, "admin"),
        "connection": Thing(name="CRM 客户库"),
        "list_url": "#",
        "connection_url": "#",
        "settings_url_of_it": "#",
        "preview_url": "#",
        "switch_on_url": "#",
        "streams": [{"name": "customers", "title": "客户", "current": True}, {"name": "visits", "title": "拜访"}],
        "heads": [
            {"label": "客户编号", "type": "文本", "required": True},
            {"label": "金额（万元）", "type": "数字", "required": False},
        ],
        "rows": [
            {"problem": "", "is_deleted": False, "cells": [cell("C10001"), cell("19.18")]},
            {"problem": "", "is_deleted": True, "cells": [cell("C10002"), cell("")]},
            {
                "problem": "金额（万元）不是数字。",
                "is_deleted": False,
                "cells": [cell("C10003"), cell("面议", "金额（万元）不是数字。")],
            },
        ],
        "unfit": 1,
        "unknown": ["source_channel"],
        "total": 320,
        "file": "",
        "refused": [{"name": "PLM_20260310.csv", "says": "文件不完整。"}],
        **more,
    }


def connection_preview_problem() -> tuple[str, dict[str, Any]]:
    said = {"problem": "crm.example.com 不让这个连接登录。", "next_step": "重新填写登录凭证，再测试连接。"}
    return connection_preview(**said, rows=[], heads=[], unknown=[], refused=[], unfit=0)


def connection_preview_empty() -> tuple[str, dict[str, Any]]:
    return connection_preview(rows=[], unknown=[], refused=[], unfit=0, total=None)


# --- figures of metrics ---


def measured_figure(**more: Any) -> dict[str, Any]:
    return {
        "of": "",
        "metric": "磨加工一次交检合格率",
        "whose": "一车间",
        "making": "按记录计算的比率",
        "text": "98.82%",
        "problem": "",
        "first_on": date(2026, 1, 5),
        "last_on": date(2026, 3, 12),
        "as_of": ago(hours=3),
        "is_settled": False,
        "number": 2,
        "is_held": False,
        "sound": "",
        "sound_on": None,
        "is_disputed": False,
        "url": "#",
        "contest_url": "#",
        "end_url": "#",
        **more,
    }


def _bind_form(sent: dict[str, str] | None) -> BindForm:
    metric = Thing(public_id="m1", name="磨加工一次交检合格率")
    whose = [Named("unit:1", "一车间"), Named("employee:1", LIN.name), Named("")]
    known: Any = {"metrics": [metric], "whose": whose if sent else (), "makings": ("ratio", "mean", "latest")}
    return BindForm(sent, **known)


def goal_bind(**more: Any) -> tuple[str, dict[str, Any]]:
    form = _bind_form({"metric": "m1", "subject": "unit:1", "making": "ratio"})
    form.is_valid()
    return "goals/bind.html", {
        **shell("我的目标"),
        "now": NOW,
        "goal": {"title": LONG, "url": "#"},
        "of": "",
        "result": "",
        "form": form,
        "has_metrics": True,
        "preview": {
            "problem": "",
            "fits": True,
            "text": "98.82%",
            "first_on": date(2026, 1, 5),
            "last_on": date(2026, 3, 12),
            "days": 48,
            "as_of": ago(hours=3),
            "is_settled": False,
            "is_held": True,
        },
        **more,
    }


def goal_bind_refused() -> tuple[str, dict[str, Any]]:
    form = _bind_form({"metric": "m1", "subject": "unit:9", "making": ""})
    form.is_valid()
    return goal_bind(form=form, preview={"problem": "指标按 % 统计，目标的单位是批，请先统一单位。", "fits": False})


def goal_unbind() -> tuple[str, dict[str, Any]]:
    form = EndForm({"because": ""})
    form.is_valid()
    return "goals/unbind.html", {
        **shell("团队看板", ZHOU, "manager"),
        "goal": {"title": LONG, "url": "#"},
        "metric": "磨加工一次交检合格率",
        "form": form,
    }


def goal_figure() -> tuple[str, dict[str, Any]]:
    held: dict[str, Any] = {"is_held": True, "sound": "98.90%", "sound_on": date(2026, 3, 9), "is_disputed": True}
    told = {"text": "98.82%", "rows": 4, "is_settled": False, "is_running": False, "url": "#", "is_open": False}
    return "goals/figure.html", {
        **shell("我的目标"),
        "now": NOW,
        "goal": {"title": LONG, "url": "#"},
        "figure": measured_figure(**held),
        "number": 2,
        "parts": [
            {"label": "含义", "text": "磨削线完工工单的合格数量除以计划数量。"},
            {"label": "来源", "text": "工单"},
        ],
        "days": [
            told | {"on": NOW.date(), "is_running": True},
            told | {"on": date(2026, 3, 12), "is_open": True},
            told | {"on": date(2026, 3, 11), "is_settled": True},
        ],
        "earlier": [
            {"at": ago(1), "text": "98.82%", "last_on": date(2026, 3, 12), "is_settled": False, "number": 2},
        ],
        "reads_rows": True,
        "rows": {
            "on": date(2026, 3, 12),
            "number": 1204,
            "heads": ["工单号", "产线", "合格数量"],
            "lines": [{"id": "MES-WO-2603-0148", "cells": ["MES-WO-2603-0148", "M1", "198"]}],
        },
        "rows_problem": "",
    }


def metrics_list() -> tuple[str, dict[str, Any]]:
    row = {"url": "#", "source": "MES 制造执行 · 工单", "owner": HE.name, "interpreter": ZHOU.name, "problem": ""}
    held, contested = {"state": "talk", "name": "数据核对中"}, {"state": "watch", "name": "有异议"}
    counts = {"state": "ok", "state_name": "生效中", "last_on": date(2026, 3, 12)}
    return "integrations/metrics.html", {
        **shell("指标", HE, "admin"),
        "new_url": "#",
        "governance_url": "#",
        "rows": [
            row | counts | {"name": "磨加工一次交检合格率", "marks": [held, contested]},
            row | {"name": LONG, "state": "idle", "state_name": "草稿，已签 1 / 3", "last_on": None, "marks": []},
            row | counts | {"name": "结算净额", "marks": [], "problem": "来源里没有“数量”这个字段了。"},
        ],
    }


def metric_draft() -> tuple[str, dict[str, Any]]:
    parts = [{"label": "含义", "text": LONG}, {"label": "统计哪些行", "text": "状态 是 CLOSED"}]
    side = {"by": "", "at": None, "may_sign": False}
    return "integrations/metric.html", {
        **shell("指标", HE, "admin"),
        "now": NOW,
        "metrics_url": "#",
        "definition": Thing(name="磨加工一次交检合格率", owner=HE, interpreter=ZHOU),
        "state": "idle",
        "state_name": "草稿，已签 1 / 3",
        "problem": "",
        "chart": None,
        "draft": {
            "is_first": True,
            "is_signed": False,
            "parts": parts,
            "version": 1,
            "sides": [
                side | {"key": "business", "label": "业务", "by": ZHOU.name, "at": ago(1)},
                side | {"key": "it", "label": "信息部", "may_sign": True},
                side | {"key": "hr", "label": "人力资源"},
            ],
            "edit_url": "#",
            "drop_url": "#",
            "sign_url": "#",
            "announce_url": "#",
        },
        "people_url": "#",
        "governance_url": "#",
    }


def pairs_list() -> tuple[str, dict[str, Any]]:
    row = {"url": "#", "a": "BI 订单额", "b": "结算净额", "compared_at": ago(hours=2), "over": 3, "holds": 4}
    bar = {"value": 62, "label": "差异 6.2 %", "extra": "watch"}
    apart = {"newest_on": date(2026, 3, 10), "percent": "6.20 %", "bar": bar}
    return "integrations/pairs.html", {
        **shell("对账", HE, "admin"),
        "now": NOW,
        "lede": "1 组在核对，相关评分已先停下，1 组没有比对。",
        "new_url": "#",
        "rows": [
            row | apart | {"name": "BI 订单额与结算净额", "standing": {"state": "talk", "name": "数据核对中"}},
            row
            | {"name": LONG, "newest_on": None, "compared_at": None, "over": 0}
            | {"standing": {"state": "idle", "name": "还没比对"}},
        ],
    }


def pair_page() -> tuple[str, dict[str, Any]]:
    line = {"url": "#", "on": date(2026, 3, 10), "a": "118.20", "b": "125.60", "difference": "-7.40", "is_over": True}
    cause = {"name": "BI 缺 1 天", "amount": "-6.10", "rows": "12 条"}
    hold = {"key": "h1", "metric": "BI 订单额", "because": "差异超过约定", "said": [], "waits_for_second": True}
    days = {"first_on": date(2026, 3, 9), "last_on": date(2026, 3, 10), "subject": "浙东"}
    badge = {"state": "watch", "name": "待核对"}
    found = line | {"subject": "浙东", "percent": "5.89 %", "cause": cause, "more_causes": 1, "badge": badge}
    people = Thing(name="BI 订单额"), Thing(name="结算净额")
    return "integrations/pair.html", {
        **shell("对账", HE, "admin"),
        "now": NOW,
        "list_url": "#",
        "pair": Thing(
            name="BI 订单额与结算净额", a=people[0], b=people[1], tolerance=Decimal(5), says="以结算净额为准。"
        ),
        "unit": "万元",
        "run": Thing(finished_at=ago(hours=2), as_of=date(2026, 3, 12)),
        "unequal": [
            {"name": "归属", "a": "收货省份", "b": "客户注册地", "stops": False, "likely": "归属不同"},
            {"name": "计量单位", "a": "万元", "b": "元", "stops": True, "likely": ""},
        ],
        "stops": [],
        "holds": [hold | days],
        "release_url": "#",
        "form": ReleaseForm(initial={"seen": NOW.isoformat()}),
        "states": [
            {"url": "#", "label": "全部", "count": 42, "current": True},
            {"url": "#", "label": "待核对", "count": 3, "current": False},
        ],
        "subjects": [{"value": "", "label": "全部", "current": True}],
        "rows": [found | {"is_disputed": True}, found | {"is_disputed": False, "cause": None, "percent": ""}],
        "page": Paginator([1, 2], 25).get_page(1),
        "compare_url": "#",
        "settings_url": "#",
    }


def disputes_list() -> tuple[str, dict[str, Any]]:
    row = {
        "url": "#",
        "metric": "工单报工及时率",
        "subject": "一车间",
        "first_on": date(2026, 3, 6),
        "last_on": date(2026, 3, 12),
        "claimant": LIN.name,
        "assigned_to": HE.name,
        "due_on": date(2026, 3, 12),
        "decided_at": None,
        "is_late": True,
        "badge": {"state": "watch", "name": "已提出"},
    }
    decided = {"decided_at": ago(2), "is_late": False, "badge": {"state": "ok", "name": "已更正"}}
    return "integrations/disputes.html", {
        **shell("数据异议", HE, "admin"),
        "now": NOW,
        "rows": [row, row | decided | {"metric": LONG}],
        "page": Paginator([1, 2], 25).get_page(1),
        "metrics_url": "#",
        "settings_url": "#",
    }


def rules_list() -> tuple[str, dict[str, Any]]:
    row = {"url": "#", "system": "CRM 客户库", "stream": "商机", "days": 14, "open": 6, "confirmed": 2, "nobodys": 1}
    rows = [row | {"name": "商机两周没有更新", "is_on": True}, row | {"name": LONG, "is_on": False}]
    return "integrations/rules.html", {
        **shell("数据集成", HE, "admin"),
        "now": NOW,
        "new_url": "#",
        "list_url": "#",
        "rows": rows,
    }


def endpoints_list() -> tuple[str, dict[str, Any]]:
    row = {
        "url": "#",
        "kinds": "人员变动、目标结束",
        "waiting": 0,
        "dead": 0,
        "sent_at": ago(hours=1),
        "waits_since": None,
    }
    late = {"waiting": 12, "dead": 3, "waits_since": ago(hours=6), "state": "talk", "state_name": "停了，等你处理"}
    return "integrations/endpoints.html", {
        **shell("数据集成", HE, "admin"),
        "now": NOW,
        "new_url": "#",
        "list_url": "#",
        "rows": [row | {"name": "学习平台", "state": "ok", "state_name": "正常"}, row | late | {"name": LONG}],
    }


def goal_bound() -> tuple[str, dict[str, Any]]:
    """A goal whose figure is held and contested: the marks beside it, and the block that says why."""
    template, context = goal_page()
    told = {"is_held": True, "is_disputed": True, "sound": "98.90%", "sound_on": date(2026, 3, 9)}
    return template, context | {"figures": [measured_figure(**told)]}


SAMPLES: dict[str, Callable[[], tuple[str, dict[str, Any]]]] = {
    "goal-bind": goal_bind,
    "goal-bind-refused": goal_bind_refused,
    "goal-bound": goal_bound,
    "goal-unbind": goal_unbind,
    "goal-figure": goal_figure,
    "metrics": metrics_list,
    "metric-draft": metric_draft,
    "pairs": pairs_list,
    "pair": pair_page,
    "disputes": disputes_list,
    "rules": rules_list,
    "endpoints": endpoints_list,
    "talks": talks,
    "retro-off": retro_off,
    "periods": periods,
    "period": period_to_close,
    "period-closed": period_closed,
    "talks-none": talks_none,
    "talk-new": talk_new,
    "talk-choose": talk_choose,
    "prep": prep,
    "prep-none": prep_none,
    "prep-bare": prep_bare,
    "prep-words": prep_words,
    "interview": interview_page,
    "interview-held": interview_held,
    "interview-declined": interview_declined,
    "week": week,
    "week-empty": week_empty,
    "week-answered": week_answered,
    "retro": retro(question=retro_question(number=2, back_url="#")),
    "retro-refused": retro(question=retro_question(), trouble="选一个就好，都不合适就选最后一个。"),
    "retro-report": retro(report=retro_report()),
    "retro-skipped": retro(is_skipped=True),
    "retro-closed": retro(is_open=False, missed_on=ago(0, 1)),
    "retro-first": retro(title="", is_open=False),
    "retro-weeks": retro_weeks,
    "retro-weeks-empty": retro_weeks_empty,
    "retro-shown": retro_shown,
    "retro-team": retro_team,
    "retro-team-empty": retro_team_empty,
    "retro-responses": retro_responses,
    "retro-responses-empty": retro_responses_empty,
    "board": board,
    "tree": tree,
    "goal": goal_page,
    "supports": supports,
    "suggestions": suggestions_some,
    "suggestions-none": suggestions,
    "suggestion-new": suggestion_form,
    "suggestion-refused": lambda: suggestion_form(refused=True),
    "supports-refused": lambda: supports(refused=True),
    "goal-refused": goal_page_refused,
    "goal-objective": goal_objective,
    "goal-commitment": goal_commitment,
    "goal-close": goal_close,
    "goal-close-settled": lambda: goal_close(settles=True),
    "evidence": all_evidence,
    "evidence-none": lambda: all_evidence(0),
    "record": record_page,
    "record-gone": lambda: record_page(is_gone=True),
    "record-deleted": record_deleted,
    "goal-form": goal_form,
    "goal-part": goal_part,
    "goal-part-late": goal_part_late,
    "goal-part-published": lambda: goal_part("weight", is_late=True, request_url="#"),
    "goal-part-stages": lambda: goal_part("stages"),
    "goal-part-results": lambda: goal_part("results"),
    "goal-form-refused": goal_form_refused,
    "publish": publish,
    "templates": templates,
    "agree": agree,
    "agree-refused": agree_refused,
    "agree-read": agree_read,
    "templates-empty": templates_empty,
    "template": template,
    "template-form": template_form,
    "template-copy": template_copy,
    "goals-as-a-file": goals_as_a_file,
    "template-people": template_people,
    "carry": carry,
    "carry-run": carry_run,
    "carry-running": carry_running,
    "drafts-table": drafts_table,
    "cascade": cascade,
    "cascade-run": cascade_run,
    "cascade-running": cascade_running,
    "start": start,
    "start-line": start_line,
    "start-tree": start_tree,
    "template-versions": template_versions,
    "template-ready-made": template_ready_made,
    "goal-settings": goal_settings,
    "adjust": adjust,
    "adjust-refused": adjust_refused,
    "adjust-none": adjust_none,
    "requests": request_list,
    "requests-empty": request_list_empty,
    "request": request_one,
    "request-waiting": request_waiting,
    "versions": versions,
    "adjustment-settings": adjustment_settings,
    "feedback-settings": feedback_settings,
    "dictionary": dictionary,
    "dictionary-empty": dictionary_empty,
    "behaviour-tags": behaviour_tags,
    "sentences": sentence_list,
    "sentences-empty": sentence_list_empty,
    "sentence-form": sentence_form,
    "team": team,
    "health": health,
    "workshops": workshops,
    "workshops-none": workshops_none,
    "workshop": workshop,
    "workshop-closed": workshop_closed,
    "workshop-empty": workshop_empty,
    "proposal": proposal,
    "proposal-to-read": proposal_to_read,
    "position-action": position_action,
    "overlap": overlap,
    "overlap-settled": overlap_settled,
    "workshop-publish": workshop_publish,
    "workshop-publish-none": workshop_publish_none,
    "blockers": blockers,
    "blockers-none": blockers_none,
    "blocker": blocker,
    "blocker-solved": blocker_solved,
    "blocker-form": blocker_form,
    "promise-form": promise_form,
    "obstacles": obstacles,
    "obstacles-counted": obstacles_counted,
    "radar": radar,
    "radar-empty": radar_empty,
    "inbox": inbox,
    "inbox-empty": inbox_empty,
    "settings": settings_page,
    "company": company,
    "features": features,
    "operators": operators,
    "access-tokens": access_tokens,
    "import-list": import_list,
    "import-upload": upload,
    "import-upload-refused": upload_refused,
    "import-columns": columns,
    "import-preview": preview,
    "import-run": run,
    "import-failed": run_failed,
    "import-done": run_done,
    "import-undone": run_undone,
    "import-undo": import_undo,
    "feedback": feedback_list,
    "feedback-empty": feedback_empty,
    "feedback-one": feedback_one,
    "connections": connections_some,
    "connections-none": connections,
    "connection-choose": connection_choose,
    "connection-new": connection_new,
    "connection-new-refused": connection_new_refused,
    "connection-settings": connection_settings,
    "connection-settings-refused": connection_settings_refused,
    "connection-settings-gone": connection_settings_gone,
    "connection": connection_overview,
    "connection-draft": connection_draft,
    "connection-stopped": connection_stopped,
    "connection-reading": connection_reading,
    "connection-runs": connection_run_list,
    "connection-runs-none": lambda: ("integrations/runs.html", {**connection_frame(tab=1), "runs": []}),
    "connection-rows": connection_rows,
    "connection-rows-none": lambda: connection_rows(rows=[]),
    "connection-rows-refused": lambda: connection_rows(problem="先勾选要处理的行。"),
    "connection-files": connection_files,
    "connection-files-refused": connection_files_refused,
    "connection-fields": connection_fields,
    "connection-fields-gone": connection_fields_gone,
    "connection-files-gone": lambda: connection_files(form=None, gone=GONE, sync_url="", waiting=0),
    "connection-changes": connection_changes,
    "connection-preview": connection_preview,
    "connection-preview-problem": connection_preview_problem,
    "connection-preview-empty": connection_preview_empty,
    "composer": composer,
    "composer-refused": composer_refused,
    "outcome": outcome,
    "team-matrix": team_matrix,
    "hot-words": hot_words,
    "gripes": gripe_list,
    "gripe": gripe,
    "feedback-withdrawn": plain("feedback/withdrawn.html", kept=[{"label": "你的回复", "value": "下周讲"}], url="#"),
    "login": login,
    "login-refused": login_refused,
    "tenants": tenants,
    "tenants-none": tenants_none,
    "invitation": invitation,
    "totp": totp,
    "recovery-codes": recovery_codes,
    "mfa": mfa_index,
    "400": plain("400.html"),
    "403": plain("403.html", ask=HE),
    "403-csrf": plain("403_csrf.html"),
    "404": plain("404.html"),
    "409": conflict,
    "413": plain("413.html", limit="20 MB"),
    "413-many": plain("413.html", most_files=200),
    "429": plain("429.html"),
    "500": plain("500.html", request_id="A3F9"),
    "503": plain("503.html"),
}

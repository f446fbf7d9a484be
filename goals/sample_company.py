"""A company of any size, from a seed: for trying the product out and for measuring it. Pure: same seed, same company.

Eight reports to a manager, one unit to each of them; four goals a person, five to eight a department, four of the
company; a check-in a week for the quarter so far.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from goals.actions.imported_rows import ImportedEntry, ImportedGoal
from perfsys.people.roster import RosterRow

REPORTS = 8
POSITION_WEIGHTS = (40, 30, 20, 10)
DEPARTMENT_WEIGHTS = (30, 25, 20, 15, 10)
COMPANY_WEIGHTS = (40, 30, 20, 10)
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎"
GIVEN = "子涵雨泽欣怡浩宇诗琪博文佳宁思远明轩婉清志强美玲建国晓燕立新海燕文静俊杰雪梅永刚丽华国栋秀英"
TOP_UNITS = ("研发中心", "制造中心", "销售中心", "质量部", "客户服务部", "供应链部", "职能中心", "海外事业部")
MAIN = ("突破海外市场", "准时交付率达到 95%", "客户投诉率下降 20%", "人均产出提升 8%")
AIMS = (
    "缩短交付周期",
    "提高一次合格率",
    "降低换型时间",
    "新客户样件交付",
    "关键工序能力达标",
    "备件响应时间",
    "培训覆盖率",
    "工装改进",
)
OBSTACLES = ("跨系统数据不通", "客户决策链长", "样件周期长", "人手不足", "供应商单一", "跨部门优先级冲突")
EVIDENCE = (("project", "项目编号"), ("work_order", "MES工单"), ("customer", "客户ID"), ("document", "图纸号"))


@dataclass(frozen=True)
class SampleUnit:
    path: str
    leader: int  # index of the person who leads it
    depth: int


@dataclass
class SampleCompany:
    """`people` heads. Person 0 is at the top, the manager of person n is (n - 1) // 8."""

    people: int
    seed: int
    starts_on: date
    ends_on: date
    today: date
    units: list[SampleUnit] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.units = [SampleUnit("总部", 0, 0)]
        path_of = {0: "总部"}
        for person in range(1, self.people):
            if REPORTS * person + 1 >= self.people:
                break  # nobody below: no unit of one's own
            above = path_of[(person - 1) // REPORTS]
            name = TOP_UNITS[person - 1] if person <= len(TOP_UNITS) else f"{person} 组"
            path_of[person] = f"{above}/{name}" if above != "总部" else name
            self.units.append(SampleUnit(path_of[person], person, path_of[person].count("/") + 1))
        self.path_of = path_of

    def home(self, person: int) -> str:
        """The unit somebody works in: the one led, else the manager's."""
        return self.path_of.get(person) or self.path_of[(person - 1) // REPORTS]

    def roster(self) -> list[RosterRow]:
        dice = random.Random(self.seed)
        return [
            RosterRow(
                employee_no=number(person),
                name=dice.choice(SURNAMES) + "".join(dice.sample(GIVEN, k=dice.choice((1, 2)))),
                units=(self.home(person),),
                position="经理" if person in self.path_of else "专员",
                grade="M" if person in self.path_of else "P",
                manager_no=number((person - 1) // REPORTS) if person else None,
                is_top=person == 0,
                # Each top unit has a partner from among its own leader's first reports.
                hrbp_no=number(min(self.people - 1, self._partner(person))) if person else None,
                hired_on=date(2015, 1, 5) + timedelta(days=dice.randrange(3000)),
            )
            for person in range(self.people)
        ]

    def _partner(self, person: int) -> int:
        while person > REPORTS:
            person = (person - 1) // REPORTS
        return REPORTS * person + 1

    def goals(self) -> Iterator[ImportedGoal]:
        dice = random.Random(self.seed + 1)
        for place, weight in enumerate(COMPANY_WEIGHTS):
            yield self._goal(dice, f"C-{place + 1}", "company", "", MAIN[place], (), weight)
        for index, unit in enumerate(self.units[1:], 1):
            for place, weight in enumerate(DEPARTMENT_WEIGHTS):
                yield self._goal(
                    dice,
                    f"D-{index}-{place + 1}",
                    "dept",
                    unit.path,
                    dice.choice(AIMS),
                    self._above(dice, index),
                    weight,
                )
        unit_of_leader = {unit.leader: index for index, unit in enumerate(self.units)}
        for person in range(1, self.people):
            leader = person if person in unit_of_leader else (person - 1) // REPORTS
            index = unit_of_leader[leader] or 1
            for place, weight in enumerate(POSITION_WEIGHTS):
                parent = f"D-{index}-{dice.randrange(len(DEPARTMENT_WEIGHTS)) + 1}"
                title = f"{dice.choice(AIMS)}（{person}-{place + 1}）"
                key = f"P-{person}-{place + 1}"
                yield self._goal(dice, key, "position", number(person), title, (parent,), weight)

    def _above(self, dice: random.Random, index: int) -> tuple[str, ...]:
        """Most departments carry the company, one in four the department above."""
        leader = self.units[index].leader
        if self.units[index].depth > 1 and dice.random() < 0.25:
            above = next(n for n, unit in enumerate(self.units) if unit.leader == (leader - 1) // REPORTS)
            return (f"D-{above}-{dice.randrange(len(DEPARTMENT_WEIGHTS)) + 1}",)
        return (f"C-{dice.randrange(len(COMPANY_WEIGHTS)) + 1}",)

    def _goal(
        self, dice: random.Random, key: str, layer: str, owner: str, title: str, parents: tuple[str, ...], weight: int
    ) -> ImportedGoal:
        kind, label = dice.choice(EVIDENCE)
        return ImportedGoal(
            key=key,
            layer=layer,
            owner=owner,
            title=title,
            parents=parents,
            weight=Decimal(weight),
            core=weight >= 30,
            measure="完成率",
            target=Decimal(dice.choice((80, 90, 95, 100))),
            unit="%",
            direction="raise",
            evidence_label=label,
            evidence_kind=kind,
            evidence_no=f"{kind[:3].upper()}-{dice.randrange(10**6):06}",
            hours=Decimal(dice.choice((0, 16, 40))),
            obstacles=tuple(dice.sample(OBSTACLES, k=dice.choice((1, 2)))) if layer == "position" else (),
        )

    def entries(self) -> Iterator[ImportedEntry]:
        """A check-in a goal and week, a few left out: those goals are stale."""
        dice = random.Random(self.seed + 2)
        weeks = max(0, (min(self.today, self.ends_on) - self.starts_on).days // 7)
        span = max(1, (self.ends_on - self.starts_on).days // 7)
        for person in range(1, self.people):
            for place in range(len(POSITION_WEIGHTS)):
                quiet_after = dice.randrange(weeks + 1) if dice.random() < 0.1 else weeks
                pace = dice.uniform(0.6, 1.15)
                for week in range(quiet_after):
                    on = self.starts_on + timedelta(days=7 * week + dice.randrange(5))
                    yield ImportedEntry(
                        key=f"{person}-{place}-{week}",
                        goal=f"P-{person}-{place + 1}",
                        employee_no=number(person),
                        at=datetime(on.year, on.month, on.day, 2, dice.randrange(60), tzinfo=UTC),
                        on=on,
                        kind="check_in",
                        percent=Decimal(round(min(100, 100 * pace * (week + 1) / span))),
                        note=dice.choice(("按计划推进", "", "样件已寄出", "等客户确认")),
                    )


def number(person: int) -> str:
    return f"S{person:05}"

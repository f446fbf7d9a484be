"""Two gripe days: the one of the quarter before, answered, and one that is open today. What nobody put a name to is on
the list of the one that is over; of today's it still waits."""

from datetime import datetime, timedelta

from feedback.actions import gripes
from feedback.gripes import DAY
from feedback.models import Gripe, GripeDay, GripeVote
from goals.actions.periods import quarter_of
from goals.queries.settings import local_date
from perfsys.people.models import Employee

BEFORE = (
    ("goals", "改期要填三张表", "调整一个完成日期，目标表、周报、项目表各改一遍，常常漏一处。", 21),
    ("goals", "完成日期只在一个地方改", "别的表自己跟过来就好。", 9),
    ("retro", "微复盘改到周四", "周五下午产线换班，夜班的人答不了。", 6),
)
OPEN = (
    ("language", "词典里加一些车间的说法", "“及时响应”在产线上是几分钟？给几句带数字的例子。", 14),
    ("periods", "季度初的目标制定多留一周", "国庆后只剩三天，和上游对不齐就先发布了。", 32),
    ("feedback", "反馈能不能语音转文字", "戴着手套不好打字，站在机台边说一句最快。", 8),
)
WAITING = ("data", "CRM 的回款晚两天", "周一看到的还是上周四的数，解释起来费劲。")
LIVELY = 100  # people who vote at all


def hold_gripe_days(employee: Employee, hrbp: Employee, now: datetime) -> None:
    """`employee` is one of those with a name; `hrbp` answers."""
    today = local_date(now)
    this = quarter_of(today)[0]
    before = quarter_of(this - DAY)[0]
    people = list(Employee.objects.filter(status=Employee.Status.ACTIVE).order_by("pk")[:LIVELY])
    held = GripeDay.objects.create(quarter_on=before, starts_on=this - 24 * DAY, ends_on=this - 17 * DAY, told=2)
    tables, date_once, thursday = (_with_votes(held, *one, author=None, people=people) for one in BEFORE)
    at = now - timedelta(days=(today - held.ends_on).days - 3)
    gripes.join(gripe=date_once, to=tables, actor=hrbp, now=at)
    answer = "完成日期只在目标上改，周报和项目表从这里取。"
    gripes.adopt(gripe=tables, answer=answer, owner=hrbp, version=tables.version, actor=hrbp, now=at)
    reason = "排班表接进来之前没法按班次分别开放；接入后第一个试。"
    gripes.decline(gripe=thursday, answer=reason, version=thursday.version, actor=hrbp, now=at)
    GripeDay.objects.filter(quarter_on=this).delete()  # planned for its usual days, which nobody was told of
    running = GripeDay.objects.create(
        quarter_on=this, starts_on=today - DAY, ends_on=today + 5 * DAY, is_moved=True, told=2
    )
    for place, one in enumerate(OPEN):
        _with_votes(running, *one, author=people[-place] if place else employee, people=people)
    area, title, text = WAITING
    gripes.suggest_unnamed(day=running, area=area, title=title, text=text, key="demo", on=today)


def _with_votes(
    day: GripeDay, area: str, title: str, text: str, votes: int, *, author: Employee | None, people: list[Employee]
) -> Gripe:
    made: Gripe = Gripe.objects.create(day=day, area=area, title=title, text=text, author=author)
    GripeVote.objects.bulk_create([GripeVote(gripe=made, voter=voter) for voter in people[:votes]])
    return made

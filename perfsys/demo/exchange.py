"""What the manager wrote to the team these weeks and what became of it, for the statement on the manager's home."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from feedback.actions import feedback as actions
from feedback.actions.feedback import Fact
from feedback.models import ActionState, FactKind, Feedback, Visibility
from goals.models import Goal, Layer, Status
from goals.queries.settings import local_date
from perfsys.lexicon.models import BehaviourTag, Nature
from perfsys.people.models import Employee, ReportingClosure

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Written:
    """So many days ago; turned into an action or not, which has an outcome or is still to be done."""

    days_ago: int
    nature: Nature
    tag: str
    text: str
    hope: str
    is_liked: bool = False
    action: str = ""
    outcome: str = ""


WRITTEN = (
    Written(
        24,
        Nature.CONSTRUCTIVE,
        "知识沉淀",
        "换班时口头交代了三件事，早上只接到一件。",
        "换班前写一行交接",
        is_liked=True,
        action="每班下班前写一行交接",
        outcome="漏交从每周 4 件到 1 件",
    ),
    Written(
        17,
        Nature.POSITIVE,
        "主动补位",
        "周三系统报警，没等通知就先带人查，两小时恢复。",
        "把排查顺序写成一页",
        is_liked=True,
    ),
    Written(
        10,
        Nature.CONSTRUCTIVE,
        "跨部门协同",
        "两次改期都是当天才告诉下一道工序，他们白等半天。",
        "改期前一天打个招呼",
        is_liked=True,
        action="改期前一天在群里说一声",
    ),
    Written(4, Nature.CONSTRUCTIVE, "数据说话", "周会上的进度只说了“差不多”，没有数。", "下周带上三个数"),
)


def write_to_the_team(manager: Employee, but: Employee, now: datetime) -> None:
    """To two of the team in turn; the others, `but` among them, have not heard from the manager for a while."""
    below = ReportingClosure.objects.filter(manager=manager, depth=1, ends_on=None).exclude(employee=but)
    reports = Employee.objects.filter(pk__in=below.values("employee"), status=Employee.Status.ACTIVE)
    goals = Goal.objects.filter(owner__in=reports, layer=Layer.POSITION, status=Status.PUBLISHED)
    owned = goals.select_related("owner").order_by("-owner_id", "-pk")
    of_report = {goal.owner: goal for goal in owned if goal.owner}
    receivers = list(of_report)[-2:]
    for place, one in enumerate(WRITTEN if receivers else ()):
        receiver = receivers[place % len(receivers)]
        _write(one, manager, receiver, of_report[receiver], now)


def _write(one: Written, manager: Employee, receiver: Employee, goal: Goal, now: datetime) -> None:
    at = now - one.days_ago * DAY
    given: Feedback = actions.give_feedback(
        giver=manager,
        receiver=receiver,
        nature=one.nature,
        tag=BehaviourTag.objects.get(name=one.tag),
        text=one.text,
        expected_action=one.hope,
        facts=[Fact(FactKind.GOAL, goal=goal)],
        visibility=Visibility.MANAGER,
        key=f"demo {one.days_ago}",
        now=at,
    )
    if one.is_liked:
        actions.like(feedback=given, actor=receiver, now=at + DAY)
    if one.action:
        due_on = local_date(at + 14 * DAY)
        item = actions.take_on(
            feedback=given, text=one.action, due_on=due_on, actor=receiver, key=f"demo {one.days_ago}", now=at + DAY
        )
        if one.outcome:
            actions.finish_action(
                item=item, state=ActionState.DONE, outcome=one.outcome, actor=receiver, now=at + 10 * DAY
            )

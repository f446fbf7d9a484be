"""What the manager wrote to the team these weeks and what became of it, for the statement on the manager's home; what
people ask each other, and say to what stands on the wall."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from feedback.actions import feedback as actions
from feedback.actions import request as requests
from feedback.actions.feedback import Fact
from feedback.models import ActionState, FactKind, Feedback, FeedbackLike, FeedbackReaction, ReactionKind, Visibility
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


# Of the newest on the wall, one after the other: how many found it helpful, and how many said which word.
SAID_TO_IT: tuple[tuple[int, dict[ReactionKind, int]], ...] = (
    (9, {ReactionKind.THANKS: 4, ReactionKind.SAW_IT: 6}),
    (5, {ReactionKind.LEARNED: 3}),
    (3, {ReactionKind.THANKS: 2}),
    (12, {ReactionKind.SAW_IT: 1, ReactionKind.LEARNED: 7}),
    (2, {}),
)


def react_on_the_wall(now: datetime) -> None:
    people = list(Employee.objects.filter(status=Employee.Status.ACTIVE).order_by("-pk")[:30])
    wall = Feedback.objects.filter(visibility=Visibility.EVERYONE).order_by("-at", "-pk")
    likes, reactions = [], []
    for feedback, (helped, said) in zip(wall, SAID_TO_IT, strict=False):
        readers = [one for one in people if one.pk != feedback.giver_id]
        likes += [FeedbackLike(feedback=feedback, person=one, at=now) for one in readers[:helped]]
        for kind, number in said.items():
            reactions += [
                FeedbackReaction(feedback=feedback, person=one, kind=kind, at=now) for one in readers[-number:]
            ]
    FeedbackLike.objects.bulk_create(likes)
    FeedbackReaction.objects.bulk_create(reactions)


def ask_each_other(employee: Employee, manager: Employee, now: datetime) -> None:
    """The employee asks two of the team, one of whom would rather not, and the manager asks the employee."""
    below = ReportingClosure.objects.filter(manager=manager, depth=1, ends_on=None).exclude(employee=employee)
    team = Employee.objects.filter(pk__in=below.values("employee"), status=Employee.Status.ACTIVE).order_by("pk")[:2]
    event, question = "周三的早会", "我讲产量那一段，哪里没讲清楚？"
    asked = requests.ask(
        people=list(team), event=event, question=question, goal=None, asker=employee, key="demo", now=now - 2 * DAY
    )
    if line := asked.recipients.order_by("-person").select_related("person").first():
        reason = "那天我在夜班，没听到。"
        requests.decline(recipient=line, reason=reason, actor=line.person, now=now - DAY)
    event, question = "上周的目标对齐会", "我把节奏压得太紧了吗？一句话也行。"
    requests.ask(
        people=[employee], event=event, question=question, goal=None, asker=manager, key="demo", now=now - 3 * DAY
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

"""One interview of everything for the sweep over addresses, and who gets which answer from its pages."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from feedback.models import ActionItem
from reviews.models import Interview, InterviewAction, InterviewModule, ModuleFact, PrepPack
from reviews.pack import GoalLine, Pack, WordLine
from reviews.queries.record import content_mark
from tests.matrix import Company, Row

IN_A_WEEK = timedelta(days=7)


def populate(company: Company) -> None:
    now = timezone.now()
    interview = Interview.objects.create(
        employee=company.owner.employee,
        manager=company.manager.employee,
        at=now + IN_A_WEEK,
        place=f"{company.canary} 茶水间",
        topics=f"{company.canary} 排期",
    )
    goal = GoalLine(str(company.goal.public_id), company.goal.title, "ok", 40.0, 50.0, -10.0, None, 0, 0, 0)
    word = WordLine(f"{company.canary}砂轮", 2, 2, False, [])
    pack = Pack(as_of=timezone.localdate().isoformat(), since="", goals=[goal], words=[word]).to_json()
    PrepPack.objects.create(interview=interview, number=1, made_at=now, for_manager=pack, for_employee=pack)
    for name in ("attainment", "success", "development"):
        module = InterviewModule.objects.create(
            interview=interview, module=name, text=f"{company.canary} 换砂轮 40 分钟"
        )
        ModuleFact.objects.create(module=module, goal=company.goal)
    action = ActionItem.objects.create(
        owner=company.owner.employee, text=f"{company.canary} 共享排期", due_on=now.date(), made_at=now
    )
    InterviewAction.objects.create(interview=interview, action_item=action)
    company.interview, company.seen = interview, content_mark(interview)


def of_interview(company: Company) -> dict[str, Any]:
    return {"public_id": company.interview.public_id}


def of_module(company: Company) -> dict[str, Any]:
    return {"public_id": company.interview.public_id, "module": "attainment"}


def with_the_owner(company: Company) -> dict[str, Any]:
    return {"with": company.owner.employee.public_id}


def a_time(company: Company) -> dict[str, Any]:
    on = timezone.localdate() + IN_A_WEEK
    return {"on": on.isoformat(), "time": "10:00", "minutes": 30, "place": "茶水间"}


def another_time(company: Company) -> dict[str, Any]:
    return a_time(company) | {"version": company.interview.version}


def a_colleagues_time(company: Company) -> dict[str, Any]:
    return a_time(company) | {"with": company.colleague.employee.public_id, "key": "once"}


def what_was_said(company: Company) -> dict[str, Any]:
    """With a reason, so that any words stay: they are judged by what they say, not by whose they are."""
    said = {"text": "换砂轮 40 分钟，当班少停 3 小时", "kept_because": "原话如此"}
    return said | {"facts": f"goal:{company.goal.public_id}", "version": 1}


def an_action(company: Company) -> dict[str, Any]:
    due = timezone.localdate() + IN_A_WEEK
    return {"key": "once", "owner": "employee", "text": "共享排期表", "due_on": due.isoformat()}


LEADS = {"owner": 403, "colleague": 403, "hrbp": 403, "admin": 403}
# Until both have signed it is nobody's but the two; to the others it does not exist.
THE_TWO = {"colleague": 404, "hrbp": 404, "admin": 404}
MANAGERS = THE_TWO | {"owner": 403, "manager": 302}
EMPLOYEES = THE_TWO | {"owner": 302, "manager": 403}
BOTH = THE_TWO | {"owner": 302, "manager": 302}

MATRIX: list[Any] = [
    Row("reviews:list"),
    Row("reviews:new", **LEADS, data=with_the_owner),
    Row("reviews:new", "post", **LEADS, manager=302, data=a_colleagues_time),
    Row("reviews:interview", **THE_TWO, args=of_interview),
    Row("reviews:move", "post", **MANAGERS, args=of_interview, data=another_time),
    Row("reviews:cancel", "post", **MANAGERS, args=of_interview, data=lambda c: {"reason": "换到下周"}),
    Row("reviews:decline", "post", **EMPLOYEES, args=of_interview, data=lambda c: {"reason": "下周出差"}),
    Row("reviews:topics", "post", **EMPLOYEES, args=of_interview, data=lambda c: {"topics": "台架排期"}),
    Row("reviews:plan", "post", **EMPLOYEES, args=of_interview, data=lambda c: {"plan": "每周一晒排期"}),
    Row("reviews:sign", "post", **BOTH, args=of_interview, data=lambda c: {"seen": c.seen}),
    Row("reviews:prep", **THE_TWO, args=of_interview),
    Row("reviews:make", "post", **BOTH, args=of_interview, data=lambda c: {"after": 1}),
    Row("reviews:words", **THE_TWO, args=of_interview, data=lambda c: {"word": f"{c.canary}砂轮"}),
    Row("reviews:module", "post", **MANAGERS, args=of_module, data=what_was_said),
    Row("reviews:agree", "post", **MANAGERS, args=of_interview, data=an_action),
]

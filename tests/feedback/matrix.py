"""One of everything of feedback for the sweep over addresses, and who gets which answer."""

from typing import Any

from django.utils import timezone

from feedback.actions import feedback as actions
from feedback.actions import request as requests
from feedback.actions.feedback import Fact
from feedback.models import ActionItem, FactKind, Feedback, FeedbackFact, FeedbackNote, RequestRecipient
from tests.cast import today
from tests.feedback import gripe_matrix, retro_matrix
from tests.matrix import Company, Row


def populate(company: Company) -> None:
    """The owner's feedback, shared with the manager: the colleague is its receiver, which gives him rights here."""
    now = timezone.now()
    giver, receiver = company.owner.employee, company.colleague.employee
    company.feedback = actions.give_feedback(
        giver=giver,
        receiver=receiver,
        nature="constructive",
        tag=company.tag,
        text=f"{company.canary} 换料前没有知会质量组。",
        expected_action=f"{company.canary} 提前知会",
        facts=[Fact(FactKind.LINK, url=f"https://mes.example/{company.slug}")],
        visibility="manager",
        key="k",
        now=now,
    )
    company.picture = FeedbackFact.objects.create(
        feedback=company.feedback, kind=FactKind.SCREENSHOT, summary=company.canary, file="feedback/gone.webp"
    )
    FeedbackNote.objects.create(feedback=company.feedback, author=receiver, kind="answer", text=company.canary, at=now)
    company.deed = ActionItem.objects.create(
        owner=receiver, feedback=company.feedback, text=company.canary, due_on=today(), made_at=now
    )
    company.old = Feedback.objects.create(
        giver=giver,
        receiver=company.hrbp.employee,
        nature="positive",
        tag=company.tag,
        text=company.canary,
        expected_action=company.canary,
        visibility="receiver",
        at=now - 2 * actions.CORRECTED_WITHIN,
        local_on=today(),
    )
    company.praise = Feedback.objects.create(
        giver=giver,
        receiver=receiver,
        nature="positive",
        tag=company.tag,
        text="没等排期，带着图纸下车间一起改好。",
        expected_action="把改法写进工艺卡",
        visibility="everyone",
        at=now,
        local_on=today(),
    )
    company.feedback_request = requests.ask(
        people=[receiver], event=company.canary, question=company.canary, goal=None, asker=giver, key="k", now=now
    )
    company.feedback_asked = RequestRecipient.objects.get(request=company.feedback_request)
    retro_matrix.populate(company)
    gripe_matrix.populate(company)


def of_praise(company: Company) -> dict[str, Any]:
    return {"public_id": company.praise.public_id}


def of_request(company: Company) -> dict[str, Any]:
    return {"public_id": company.feedback_request.public_id}


def of_asked(company: Company) -> dict[str, Any]:
    return {"public_id": company.feedback_asked.public_id}


def a_request(company: Company) -> dict[str, Any]:
    return {
        "key": "once",
        "people": company.manager.employee.public_id,
        "event": "周二评审会",
        "question": "讲得清楚吗？",
    }


def of_owner(company: Company) -> dict[str, Any]:
    return {"public_id": company.owner.employee.public_id}


def of_competency(company: Company) -> dict[str, Any]:
    return {"competency": str(company.competency.public_id)}


def a_word(_company: Company) -> dict[str, Any]:
    return {"word": "换料"}


def of_feedback(company: Company) -> dict[str, Any]:
    return {"public_id": company.feedback.public_id}


def of_old(company: Company) -> dict[str, Any]:
    return {"public_id": company.old.public_id}


def of_picture(company: Company) -> dict[str, Any]:
    return {"public_id": company.picture.public_id}


def of_deed(company: Company) -> dict[str, Any]:
    return {"public_id": company.deed.public_id}


def a_feedback(company: Company) -> dict[str, Any]:
    return {
        "key": "once",
        "to": company.manager.employee.public_id,
        "tag": company.tag.public_id,
        "nature": "positive",
        "text": "没等排期，带着图纸下车间一起改好。",
        "expected_action": "把改法写进工艺卡",
        "link": "https://mes.example/17",
        "visibility": "manager",
    }


def a_line(company: Company) -> dict[str, Any]:
    return {"key": "once", "text": "下周二讲一遍"}


def an_action(company: Company) -> dict[str, Any]:
    return {"key": "once", "text": "换料前知会", "due_on": today().isoformat()}


def other_words(company: Company) -> dict[str, Any]:
    return {"text": "换料前两天才知会。", "expected_action": "提前五天知会", "version": 1}


ADMIN_READS_NONE = {"admin": 404}
RECEIVERS = ADMIN_READS_NONE | {"owner": 403, "colleague": 302, "manager": 403, "hrbp": 403}
GIVERS = ADMIN_READS_NONE | {"owner": 302, "colleague": 403, "manager": 403, "hrbp": 403}

ADMINS = {"owner": 403, "colleague": 403, "manager": 403, "hrbp": 403}

BY_TOKEN = {"other": 401, "anonymous": 401}
RECEIVING = BY_TOKEN | RECEIVERS | {"colleague": 200}
GIVING = BY_TOKEN | GIVERS | {"owner": 200}

API = [
    Row("feedback_api:list", **BY_TOKEN),
    Row(
        "feedback_api:list",
        "post",
        **BY_TOKEN,
        **dict.fromkeys(("owner", "colleague", "manager", "hrbp", "admin"), 422),
    ),
    Row("feedback_api:requests", **BY_TOKEN),
    Row(
        "feedback_api:decline",
        "post",
        **BY_TOKEN,
        owner=403,
        colleague=422,
        manager=404,
        hrbp=404,
        admin=404,
        args=of_asked,
    ),
    Row("feedback_api:one", **BY_TOKEN, **ADMIN_READS_NONE, args=of_feedback),
    Row("feedback_api:one", "patch", **GIVING | {"owner": 422}, args=of_feedback),
    # As of the page: the file itself is not there.
    Row(
        "feedback_api:file",
        **BY_TOKEN,
        **dict.fromkeys(("owner", "colleague", "manager", "hrbp", "admin"), 404),
        args=lambda c: of_feedback(c) | {"fact_id": c.picture.public_id},
    ),
    Row("feedback_api:like", "post", **RECEIVING, args=of_feedback),
    Row("feedback_api:like", "delete", **RECEIVING, args=of_feedback),
    Row("feedback_api:answer", "post", **RECEIVING | {"colleague": 422}, args=of_feedback),
    Row("feedback_api:clarify", "post", **RECEIVING, args=of_feedback),
    Row("feedback_api:take_on", "post", **RECEIVING | {"colleague": 422}, args=of_feedback),
    Row("feedback_api:withdraw", "post", **GIVING, args=of_feedback),
    Row(
        "feedback_api:annotate",
        "post",
        **BY_TOKEN,
        owner=422,
        colleague=404,
        manager=404,
        hrbp=403,
        admin=404,
        args=of_old,
    ),
]

MATRIX: list[Any] = [
    Row("feedback:list"),
    Row("feedback:new"),
    Row(
        "feedback:new",
        "post",
        owner=302,
        colleague=302,
        manager=422,
        hrbp=302,
        admin=302,
        data=a_feedback,
    ),
    Row("feedback:settings", **ADMINS),
    Row(
        "feedback:settings",
        "post",
        **ADMINS | {"admin": 302},
        data=lambda company: {"history_months": 6, "version": 1},
    ),
    Row("feedback:people"),
    Row("feedback:about"),
    Row("feedback:words"),
    Row("feedback:vague", "post", data=lambda company: {"text": "表现良好"}),
    Row("feedback:one", **ADMIN_READS_NONE, args=of_feedback),
    # The file itself is not there, which only who may read it could tell; test_facts.py has one that is.
    Row("feedback:fact", owner=404, colleague=404, manager=404, hrbp=404, admin=404, args=of_picture),
    Row("feedback:like", "post", **RECEIVERS, args=of_feedback),
    Row("feedback:unlike", "post", **RECEIVERS, args=of_feedback),
    Row("feedback:answer", "post", **RECEIVERS, args=of_feedback, data=a_line),
    Row("feedback:clarify", "post", **RECEIVERS, args=of_feedback),
    Row("feedback:take_on", "post", **RECEIVERS, args=of_feedback, data=an_action),
    Row("feedback:correct", "post", **GIVERS, args=of_feedback, data=other_words),
    Row("feedback:withdraw", "post", **GIVERS, args=of_feedback),
    # That one is two days old and for the HR partner alone.
    Row(
        "feedback:annotate",
        "post",
        owner=302,
        colleague=404,
        manager=404,
        hrbp=403,
        admin=404,
        args=of_old,
        data=a_line,
    ),
    # The question is asked after a week: too early for the owner, who gave it two days ago.
    Row(
        "feedback:follow_up",
        "post",
        owner=422,
        colleague=404,
        manager=404,
        hrbp=403,
        admin=404,
        args=of_old,
        data=a_line,
    ),
    # Recognition is read by all; its giver does not answer it.
    Row(
        "feedback:react",
        "post",
        owner=403,
        colleague=302,
        manager=302,
        hrbp=302,
        admin=302,
        args=of_praise,
        data=lambda c: {"kind": "thanks"},
    ),
    Row(
        "feedback:unreact",
        "post",
        owner=403,
        colleague=302,
        manager=302,
        hrbp=302,
        admin=302,
        args=of_praise,
        data=lambda c: {"kind": "thanks"},
    ),
    Row("feedback:requests"),
    Row("feedback:new_request"),
    Row(
        "feedback:new_request",
        "post",
        owner=302,
        colleague=302,
        manager=422,
        hrbp=302,
        admin=302,
        data=a_request,
    ),
    Row(
        "feedback:decline",
        "post",
        owner=403,
        colleague=302,
        manager=404,
        hrbp=404,
        admin=404,
        args=of_asked,
        data=lambda c: {"reason": "那天不在场"},
    ),
    Row(
        "feedback:withdraw_request",
        "post",
        owner=302,
        colleague=403,
        manager=404,
        hrbp=404,
        admin=404,
        args=of_request,
    ),
    Row(
        "feedback:put_off",
        "post",
        **RECEIVERS,
        args=of_deed,
        data=lambda c: {"due_on": today().isoformat(), "why": "等料"},
    ),
    Row("feedback:finish", "post", **RECEIVERS, args=of_deed),
    Row("feedback:drop", "post", **RECEIVERS, args=of_deed, data=lambda c: {"outcome": "工艺改了"}),
    Row("feedback:reopen", "post", **RECEIVERS, args=of_deed),
    Row("feedback:my_radar", data=of_competency),
    Row("feedback:radar", colleague=403, admin=403, args=of_owner, data=of_competency),
    Row("feedback:my_words", data=a_word),
    Row("feedback:words_of", colleague=403, admin=403, args=of_owner, data=a_word),
    Row("feedback:team_matrix", owner=403, colleague=403, hrbp=403, admin=403),
    *API,
    *retro_matrix.ROWS,
    *gripe_matrix.ROWS,
]

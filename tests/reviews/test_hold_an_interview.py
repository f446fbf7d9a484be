"""Writing an interview down and signing it: three modules, each with words and a fact (product.md §4.2)."""

from typing import Any
from uuid import uuid4

import pytest

from feedback.actions.feedback import withdraw
from feedback.models import ActionItem, Feedback
from goals.actions.evidence import attach_records
from goals.models import EvidenceItem, Goal
from perfsys.audit.models import AuditEntry
from perfsys.lexicon.models import LexiconEntry
from reviews.models import Interview, InterviewModule, InterviewState, ModuleFact
from tests.conftest import assert_page_queries
from tests.goals.records import System

from .conftest import NOW, SAID

pytestmark = pytest.mark.usefixtures("that_day")
MODULES = ("attainment", "success", "development")


def text(person: Any, address: str) -> str:
    answer = person.client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


@pytest.fixture
def key(filled: Any, marta: Any) -> str:
    """Of a goal that the pack holds."""
    pack = filled(3)
    return f"goal:{pack.for_manager['goals'][0]['public_id']}"


@pytest.fixture
def write(marta: Any, url: Any, key: str) -> Any:
    def written(module: str = "success", **said: Any) -> Any:
        return marta.client.post(url(f"prep/{module}"), {"text": SAID, "facts": [key], "version": "", **said})

    return written


@pytest.fixture
def sign(interview: Interview, url: Any) -> Any:
    """`sign(ada, dissent="…")`: what stands on the page is what is signed."""

    def signed(person: Any, **more: Any) -> Any:
        page = text(person, url())
        seen = page.partition('name="seen" value="')[2].partition('"')[0]
        return person.client.post(url("sign"), {"seen": seen, **more})

    return signed


def test_words_and_a_fact_make_a_module(marta: Any, write: Any, url: Any) -> None:
    assert write().status_code == 302
    with marta.scope:
        module = InterviewModule.objects.get()
        assert (module.text, module.kept_because) == (SAID, "")
        assert ModuleFact.objects.get().goal is not None
    assert SAID in text(marta, url()) and "砂轮改进第 1 项" in text(marta, url())


def test_feedback_evidence_and_actions_can_be_the_fact(marta: Any, write: Any, url: Any) -> None:
    with marta.scope:
        feedback, action = Feedback.objects.first(), ActionItem.objects.first()
    page = text(marta, url("prep"))
    offered = {value for value in page.split('"') if value.startswith(("goal:", "feedback:", "evidence:", "action:"))}
    assert {value.partition(":")[0] for value in offered} == {"goal", "feedback", "evidence", "action"}
    assert {f"feedback:{feedback.public_id}", f"action:{action.public_id}"} <= offered
    assert write(facts=sorted(offered)).status_code == 302
    with marta.scope:
        assert ModuleFact.objects.count() == len(offered)


def test_a_record_of_a_system_stays_the_fact_when_it_is_deleted_there(
    marta: Any, anna: Any, write: Any, url: Any
) -> None:
    with marta.scope:
        goal = Goal.objects.order_by("pk")[0]
        Goal.objects.filter(pk=goal.pk).update(evidence_type="customer", evidence_number="C10008")
        crm = System(anna.employee, NOW)
        visit = crm.bring("V1", ("customer", "C10008"), title="客户确认样件", at=NOW)
        attach_records(now=NOW, run_id=crm.run.pk)
        piece = EvidenceItem.objects.get(record=visit)
    offered = f"evidence:{piece.public_id}"
    assert offered in text(marta, url("prep")) and "客户：客户确认样件" in text(marta, url("prep"))
    assert write(facts=[offered]).status_code == 302
    with marta.scope:
        crm.delete(visit)
        attach_records(now=NOW, run_id=crm.run.pk)
        assert ModuleFact.objects.get().evidence == piece
    assert f"/t/acme/goals/{goal.public_id}/evidence/{piece.public_id}/" in text(marta, url())
    assert offered not in text(marta, url("prep")).partition("prep/development/")[2]


def test_without_a_fact_it_is_refused_and_the_words_stay(marta: Any, write: Any) -> None:
    answer = write(facts=[])
    page = answer.content.decode()
    assert answer.status_code == 422 and "至少勾一条" in page and SAID in page
    with marta.scope:
        assert not InterviewModule.objects.exists()


def test_a_fact_that_is_not_in_the_pack_cannot_be_named(write: Any) -> None:
    assert write(facts=[f"goal:{uuid4()}"]).status_code == 422


def test_a_vague_expression_is_refused_with_words_of_the_dictionary(marta: Any, write: Any) -> None:
    answer = write(text="配合度高，但需加强沟通", kept_because="就这样")
    page = answer.content.decode()
    assert answer.status_code == 422 and "还没有说到具体行为" in page and "配合度高，但需加强沟通" in page
    offered = page.count('name="instead"')
    assert 2 <= offered <= 3
    with marta.scope:
        assert LexiconEntry.objects.filter(text__in=page.split('"')).count() == offered
        assert not InterviewModule.objects.exists()


def test_a_sentence_chosen_instead_stands_there(marta: Any, write: Any) -> None:
    said = "换砂轮很快。配合度高，但需加强沟通！"
    page = write(text=said).content.decode()
    sentence = page.partition('name="instead" value="')[2].partition('"')[0]
    assert write(text=said, instead=sentence).status_code == 302
    with marta.scope:
        assert InterviewModule.objects.get().text == f"换砂轮很快。{sentence}"


def test_a_sentence_that_makes_it_too_long_is_refused_with_what_was_typed(marta: Any, write: Any) -> None:
    said = "换" * 1990 + "。表现良好。"
    page = write(text=said).content.decode()
    sentence = page.partition('name="instead" value="')[2].partition('"')[0]
    answer = write(text=said, instead=sentence)
    assert answer.status_code == 422 and said in answer.content.decode()
    with marta.scope:
        assert not InterviewModule.objects.exists()


def test_chosen_without_a_fact_it_is_offered_again(write: Any) -> None:
    page = write(text="需加强沟通").content.decode()
    sentence = page.partition('name="instead" value="')[2].partition('"')[0]
    answer = write(text="需加强沟通", instead=sentence, facts=[])
    assert answer.status_code == 422 and 'name="instead"' in answer.content.decode()


def test_what_only_seems_to_say_nothing_may_stay_with_a_reason(marta: Any, write: Any, url: Any) -> None:
    answer = write(text="和那边不太一样")
    assert answer.status_code == 422 and 'name="kept_because"' in answer.content.decode()
    assert write(text="和那边不太一样", kept_because="原话如此").status_code == 302
    assert "原话如此" in text(marta, url())


def test_who_was_slower_keeps_what_was_typed(marta: Any, write: Any) -> None:
    assert write().status_code == 302
    answer = write(text="第二次写的 40 分钟")
    page = answer.content.decode()
    assert answer.status_code == 409 and "第二次写的 40 分钟" in page and 'name="version" value="1"' in page
    assert write(text="第二次写的 40 分钟", version="1").status_code == 302


def test_two_presses_write_once(marta: Any, write: Any) -> None:
    for _ in range(2):
        assert write().status_code == 302
    assert write(facts=[f"goal:{uuid4()}"]).status_code == 422
    with marta.scope:
        assert InterviewModule.objects.get().version == 1
        assert AuditEntry.objects.filter(verb="reviews.module_written").count() == 1


def test_two_presses_agree_once(ada: Any, marta: Any, interview: Any, key: str, url: Any) -> None:
    said = {"key": "once", "owner": "employee", "text": "共享台架预约表", "due_on": "2026-12-04"}
    for _ in range(2):
        assert marta.client.post(url("prep/agree"), said).status_code == 302
    with marta.scope:
        assert ActionItem.objects.filter(key="once").get().owner == ada.employee
        assert AuditEntry.objects.filter(verb="reviews.action_agreed").count() == 1
    assert "共享台架预约表" in text(ada, url())
    wrong = marta.client.post(url("prep/agree"), said | {"key": "other", "due_on": "2026-11-01", "text": ""})
    assert wrong.status_code == 422


def test_both_sign_and_then_it_stays(ada: Any, marta: Any, henk: Any, write: Any, sign: Any, url: Any) -> None:
    for module in MODULES:
        assert write(module).status_code == 302
    assert ada.client.post(url("plan"), {"plan": "每周一晒台架排期"}).status_code == 302
    assert sign(marta).status_code == 302
    assert write("success", version="1").status_code == 409, "it is signed"
    assert ada.client.post(url("plan"), {"plan": "改主意"}).status_code == 409
    assert henk.client.get(url()).status_code == 404
    for _ in range(2):
        ada.client.post(url("sign"), {"seen": "", "dissent": ""})
    seen = text(ada, url()).partition('name="seen" value="')[2].partition('"')[0]
    for _ in range(2):
        assert ada.client.post(url("sign"), {"seen": seen, "dissent": "第二件事不是我做的"}).status_code == 302
    with ada.scope:
        held = Interview.objects.get()
        assert (held.state, held.dissent) == (InterviewState.HELD, "第二件事不是我做的")
        assert AuditEntry.objects.filter(verb="reviews.interview_signed").count() == 2
    for person in (ada, marta, henk):
        page = text(person, url())
        assert "第二件事不是我做的" in page and "每周一晒台架排期" in page
        assert 'method="post"' not in page.partition("<main")[2]
    assert henk.client.get(url("prep")).status_code == 403


def test_nobody_signs_before_all_three_are_written(marta: Any, write: Any, url: Any) -> None:
    write("attainment")
    assert 'name="seen"' not in text(marta, url())
    answer = marta.client.post(url("sign"), {"seen": "guessed"})
    assert answer.status_code == 409
    with marta.scope:
        assert Interview.objects.get().manager_signed_at is None


def test_nobody_signs_what_was_written_meanwhile(ada: Any, marta: Any, write: Any, url: Any) -> None:
    for module in MODULES:
        write(module)
    seen = text(ada, url()).partition('name="seen" value="')[2].partition('"')[0]
    write("success", version="1", text="换了说法，换砂轮 50 分钟")
    answer = ada.client.post(url("sign"), {"seen": seen, "dissent": "我没有说过"})
    assert answer.status_code == 409 and "我没有说过" in answer.content.decode()
    with ada.scope:
        assert Interview.objects.get().employee_signed_at is None


def test_feedback_withdrawn_later_leaves_the_record_without_its_words(
    ada: Any, bob: Any, marta: Any, write: Any, url: Any
) -> None:
    with bob.scope:
        told = Feedback.objects.get()
    assert write(facts=[f"feedback:{told.public_id}"]).status_code == 302
    assert told.text[:20] in text(ada, url())
    with bob.scope:
        withdraw(feedback=told, actor=bob.employee, now=NOW)
    page = text(ada, url())
    assert told.text[:20] not in page and "另有 1 条事实你看不到" in page


def test_the_employee_writes_no_module(ada: Any, key: str, url: Any) -> None:
    assert ada.client.post(url("prep/success"), {"text": SAID, "facts": [key]}).status_code == 403
    assert ada.client.post(url("prep/agree"), {}).status_code == 403
    assert 'name="facts"' not in text(ada, url("prep"))


def test_a_module_nobody_knows_is_not_found(marta: Any, key: str, url: Any) -> None:
    assert marta.client.post(url("prep/gossip"), {"text": SAID, "facts": [key]}).status_code == 404


def test_the_record_asks_the_same_for_one_and_many(marta: Any, write: Any, filled: Any, url: Any) -> None:
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 interview, 2 modules and their facts,
    # 1 what the company has set about feedback, 1 feedback, 1 actions
    with marta.scope:
        told = Feedback.objects.get()
    write(facts=[f"feedback:{told.public_id}"])
    assert_page_queries(marta.client, url(), 11)
    pack = filled(9)
    goals = [f"goal:{line['public_id']}" for line in pack.for_manager["goals"]]
    with marta.scope:
        feedback = [f"feedback:{one.public_id}" for one in Feedback.objects.exclude(pk=told.pk)]
    for module in ("attainment", "development"):
        assert write(module, facts=goals + feedback).status_code == 302
    assert_page_queries(marta.client, url(), 11)
    # With a pack beside it 1 pack, 1 goals, 1 evidence more.
    assert_page_queries(marta.client, url("prep"), 14)

"""Writing a feedback on a phone: a handful of taps, sent once, and counted as the server counts."""

import json
from typing import Any

import pytest

from feedback import rules
from feedback.models import Feedback, FeedbackFact
from goals.actions.trail import add_evidence
from goals.models import Goal
from perfsys.lexicon.actions import add_standard_terms
from tests.browser import too_wide
from tests.feedback.counted import COUNTED
from tests.goals import conftest as goals_company
from tests.goals.conftest import NOW, PHONE

ada, marta, henk, anna = goals_company.ada, goals_company.marta, goals_company.henk, goals_company.anna
founded, that_day, visit = goals_company.founded, goals_company.that_day, goals_company.visit
published_line, line = goals_company.published_line, goals_company.line
NEW = "/t/acme/feedback/new/"


@pytest.fixture
def worded(line: Any, ada: Any) -> None:
    with ada.scope:
        add_standard_terms(now=NOW)


def test_six_taps_write_a_feedback_and_two_quick_ones_send_it_once(visit: Any, worded: None, ada: Any) -> None:
    page = visit(ada, NEW, PHONE)
    assert too_wide(page) <= 0
    taps = [
        page.locator("[data-faces] label", has_text="Marta"),
        page.locator("label", has_text="主动补位"),
        page.locator("[name=text]"),
        page.locator("#compose-goals label").first,
        page.locator("[name=expected_action]"),
        page.locator(".send-bar button"),
    ]
    assert len(taps) <= 6
    with page.expect_response(lambda answer: "/about/" in answer.url):
        taps[0].click()
    taps[1].click()
    taps[2].click()
    page.keyboard.type("夜班砂轮崩边，带着两个徒弟 40 分钟换好。")
    page.locator("#compose-goals label", has_text="低噪音").wait_for()
    taps[3].click()
    taps[4].click()
    page.keyboard.type("把换砂轮步骤教给夜班二组")
    assert page.locator("[data-length]").inner_text().split() == ["12", "/", "20"]
    assert taps[5].inner_text() == "发给Marta"
    assert "Wei（直属上级）" in page.locator("#compose-readers").inner_text()
    taps[5].dblclick()
    page.wait_for_url(lambda url: "/new/" not in url)
    page.locator(".toast").wait_for()
    with ada.scope:
        sent = Feedback.objects.get()
        assert (sent.receiver.name, sent.tag.name, sent.visibility) == ("Marta", "主动补位", "manager")
        assert [fact.kind for fact in FeedbackFact.objects.all()] == ["goal"]


def test_a_vague_text_is_noticed_while_it_is_typed_and_a_sentence_takes_its_place(
    visit: Any, worded: None, ada: Any
) -> None:
    page = visit(ada, NEW, PHONE)
    page.locator("label", has_text="主动补位").click()
    page.locator("[name=text]").click()
    page.keyboard.type("会后他留下来了。但需加强沟通")
    page.locator("#compose-vague [data-instead]").first.wait_for()
    assert "“但需加强沟通”" in page.locator("#compose-vague").inner_text() and too_wide(page) <= 0
    said = page.locator("#compose-vague li span").first.inner_text()
    with page.expect_response(lambda answer: "/vague/" in answer.url):
        page.locator("#compose-vague [data-instead]").first.click()
    assert page.locator("[name=text]").input_value() == f"会后他留下来了。{said}"
    page.locator("#compose-vague [data-instead]").first.wait_for(state="detached")
    assert page.url.endswith(NEW)


def test_somebody_found_by_name_stays_chosen(visit: Any, worded: None, ada: Any) -> None:
    page = visit(ada, NEW, PHONE)
    page.locator("[name=find_name]").press_sequentially("cle")
    page.locator("#compose-found label", has_text="Cleo").click()
    assert page.locator(".send-bar button").inner_text() == "发给Cleo"
    assert page.locator("[data-faces] [name=to]:checked").get_attribute("data-name") == "Cleo"


def test_what_could_be_better_is_kept_off_the_wall(visit: Any, worded: None, ada: Any) -> None:
    page = visit(ada, NEW, PHONE)
    page.locator("[name=visibility][value=everyone]").check()
    page.locator("[name=nature][value=constructive]").check(force=True)
    assert page.locator("[name=visibility]:checked").get_attribute("value") == "manager"
    assert not page.locator(".check.everyone").is_visible()


def test_words_not_sent_are_back_at_the_next_visit(visit: Any, worded: None, ada: Any) -> None:
    page = visit(ada, NEW, PHONE)
    page.on("dialog", lambda dialog: dialog.accept())
    page.locator("[name=text]").fill("客户半夜来电问异音。")
    page.wait_for_function("() => Object.keys(localStorage).some(key => key.includes('draft:'))")
    page.goto(page.url)
    assert page.locator("[name=text]").input_value() == "客户半夜来电问异音。"
    assert page.locator("[data-sentences]").inner_text().startswith("1")


def test_the_page_counts_as_the_server_does(visit: Any, worded: None, ada: Any) -> None:
    page = visit(ada, NEW, PHONE)
    counted = page.evaluate(
        """async (said) => {
            const { actionLength, sentences } = await import("/static/js/lengths.js");
            return said.map((text) => [sentences(text), actionLength(text)]);
        }""",
        list(COUNTED),
    )
    assert counted == json.loads(json.dumps([[rules.sentences(text), rules.action_length(text)] for text in COUNTED]))


def test_a_record_of_the_goal_is_the_fact_and_a_copied_screenshot_goes_in_where_one_writes(
    visit: Any, worded: None, ada: Any, tmp_path: Any, settings: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    with ada.scope:
        goal = Goal.objects.filter(owner=ada.employee).earliest("pk")
        shown = add_evidence(goal=goal, type="project", number="WO-17", actor=ada.employee, now=NOW)
    page = visit(ada, NEW, PHONE)
    page.locator("[data-faces] label", has_text="Marta").click()
    page.locator("#compose-goals label", has_text="WO-17").click()
    page.locator("label", has_text="主动补位").first.click()
    page.locator("[name=text]").fill("夜班砂轮崩边，他带着两个徒弟换好。")
    page.locator("[name=expected_action]").fill("把换砂轮步骤教给夜班二组")
    paste = """async () => {
        const canvas = Object.assign(document.createElement("canvas"), { width: 8, height: 8 });
        const drawn = await new Promise((done) => canvas.toBlob(done, "image/png"));
        const clipboardData = new DataTransfer();
        clipboardData.items.add(new File([drawn], "copied.png", { type: "image/png" }));
        const pasted = new ClipboardEvent("paste", { clipboardData, bubbles: true });
        document.querySelector("[name=text]").dispatchEvent(pasted);
    }"""
    said = page.locator("label:has([name=picture]) [data-chosen]")
    page.evaluate(paste)
    page.locator("[data-unchoose=picture]").click()  # the wrong one
    assert said.inner_text() == "截图"
    page.evaluate(paste)
    assert said.inner_text() == "copied.png"
    small = page.evaluate(
        """() => Array.from(document.querySelectorAll(".composer label:has(input[type=radio]), .composer .btn"))
            .filter((one) => one.offsetParent && one.getBoundingClientRect().height < 40).map((one) => one.innerText)"""
    )
    assert small == []
    page.locator(".send-bar button").click()
    page.locator(".toast").wait_for()
    with ada.scope:
        facts = FeedbackFact.objects.order_by("kind")
        assert [(one.kind, one.evidence_id) for one in facts] == [("evidence", shown.pk), ("screenshot", None)]

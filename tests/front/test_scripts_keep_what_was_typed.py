"""The small scripts: drafts that survive, one tap one request, keys, toasts, failed requests that say so."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.front.conftest import SITE, Server

Visit = Callable[[str], Any]


@pytest.fixture(autouse=True)
def _leave_pages_freely(page: Any) -> None:
    page.on("dialog", lambda dialog: dialog.accept())  # "leave without saving?": these tests do leave


def note(page: Any) -> Any:
    return page.locator("#check-in-form [name=note]")


def typed(page: Any, text: str) -> None:
    note(page).fill(text)
    page.wait_for_function("() => Object.keys(localStorage).some(key => key.includes('draft:'))")


def test_words_not_sent_are_back_at_the_next_visit(visit: Visit) -> None:
    typed(visit("goal"), "台架被占用了两周")
    page = visit("goal")
    assert note(page).input_value() == "台架被占用了两周"
    assert page.locator("[data-draft-note]").is_visible()


def test_words_put_back_can_be_dropped(visit: Visit) -> None:
    typed(visit("goal"), "台架被占用了两周")
    page = visit("goal")
    page.locator("[data-draft-note] button").click()
    assert note(page).input_value() == ""
    assert note(visit("goal")).input_value() == ""


def test_words_stay_with_the_person_who_wrote_them(
    visit: Visit, answers: dict[str, Server], render: Callable[..., str], page: Any
) -> None:
    typed(visit("goal"), "只给自己看的话")
    answers["/theirs/"] = lambda _request: (200, render("goal", scope="chengyuan:8"))
    page.goto(f"{SITE}/theirs/")
    assert note(page).input_value() == ""


def test_a_password_is_never_kept(answers: dict[str, Server], render: Callable[..., str], page: Any) -> None:
    html = render("invitation", scope="chengyuan:7").replace("data-guard", 'data-draft="x"')
    assert 'data-draft="x"' in html
    answers["/door/"] = lambda _request: (200, html)
    page.goto(f"{SITE}/door/")
    page.locator("[name=password1]").fill("a long secret word")
    page.dispatch_event("[name=password1]", "input")
    visible = page.evaluate("new Promise(done => setTimeout(() => done(JSON.stringify(localStorage)), 600))")
    assert "secret" not in visible


def test_saved_words_are_forgotten(visit: Visit, answers: dict[str, Server], render: Callable[..., str]) -> None:
    answers["/check-in/"] = lambda _request: (200, render("goal"))
    page = visit("goal")
    typed(page, "唇口低温测试通过")
    with page.expect_response("**/check-in/"):
        page.locator("#check-in-form button[type=submit]").click()
    page.wait_for_function("() => !Object.keys(localStorage).some(key => key.includes('draft:'))")
    assert note(visit("goal")).input_value() == ""


def test_a_refused_form_keeps_the_words_and_takes_the_focus(
    visit: Visit, answers: dict[str, Server], render: Callable[..., str]
) -> None:
    answers["/check-in/"] = lambda _request: (422, render("goal-refused"))
    page = visit("goal")
    typed(page, "快好了")
    page.locator("#check-in-form button[type=submit]").click()
    page.locator("[data-summary]").wait_for()
    page.wait_for_function("() => document.activeElement.matches('[data-summary]')")
    assert note(page).input_value() == "快好了"


@pytest.mark.parametrize(("status", "says"), [(500, "A3F9|500"), (404, "刷新|Reload")])
def test_a_failed_request_says_so_and_keeps_everything(
    status: int, says: str, visit: Visit, answers: dict[str, Server]
) -> None:
    answers["/check-in/"] = lambda _request: (status, "")
    page = visit("goal")
    typed(page, "唇口低温测试通过")
    page.locator("#check-in-form button[type=submit]").click()
    page.locator("#trouble:visible").wait_for()
    assert re.search(says, page.locator("#trouble").inner_text())
    assert note(page).input_value() == "唇口低温测试通过"
    assert page.locator("#check-in-form button[type=submit]").get_attribute("aria-disabled") is None
    assert note(visit("goal")).input_value() == "唇口低温测试通过"


def test_two_taps_send_one_request(visit: Visit, answers: dict[str, Server], render: Callable[..., str]) -> None:
    sent: list[str] = []

    def slow(request: Any) -> tuple[int, str]:
        sent.append(request.method)
        return 200, render("goal")

    answers["/check-in/"] = slow
    page = visit("goal")
    with page.expect_response("**/check-in/"):
        page.evaluate(
            """() => { const button = document.querySelector("#check-in-form button[type=submit]");
            button.click(); button.click(); button.click(); }"""
        )
    assert sent == ["POST"]


def test_one_tap_on_the_switch_confirms_a_reminder(visit: Visit, answers: dict[str, Server], engine: Any) -> None:
    from tests.front.samples import NOW, alert, confirmed

    done = confirmed()
    done.public_id = alert().public_id
    body = engine.get_template("components/alert.html").render({"alert": done, "now": NOW})
    answers["/confirm/"] = lambda _request: (200, body)
    page = visit("inbox")
    page.get_by_role("switch").click()
    page.locator(".confirm.done").wait_for()
    assert page.get_by_role("switch").count() == 0


def test_keys_go_where_the_page_has_a_place(visit: Visit) -> None:
    page = visit("week")
    for key in ("g", "t"):
        page.keyboard.press(key)
    assert page.url == f"{SITE}/week/#"


def test_keys_rest_while_somebody_types(visit: Visit) -> None:
    page = visit("goal")
    note(page).focus()
    for key in ("g", "t"):
        page.keyboard.press(key)
    assert note(page).input_value() == "gt"
    assert page.url == f"{SITE}/goal/"


def test_help_lists_the_keys_of_this_page_and_can_switch_them_off(visit: Visit) -> None:
    page = visit("week")
    page.keyboard.press("?")
    keys = page.locator("#shortcuts dt").all_inner_texts()
    assert "G H" in keys and "N" not in keys  # nothing to jot feedback with on this page
    page.locator("#shortcuts input").uncheck()
    page.keyboard.press("Escape")
    for key in ("g", "t"):
        page.keyboard.press(key)
    assert page.url == f"{SITE}/week/"


def test_a_toast_goes_by_itself_unless_somebody_looks_at_it(
    page: Any, answers: dict[str, Server], render: Callable[..., str]
) -> None:
    class Message(str):
        level_tag = "success"

    answers["/saved/"] = lambda _request: (200, render("week", messages=[Message("进度已保存")]))
    page.clock.install()
    page.goto(f"{SITE}/saved/")
    toast = page.locator("[data-toast]")
    toast.hover()
    page.clock.run_for(20_000)
    assert toast.count() == 1
    page.mouse.move(0, 0)
    page.clock.run_for(7_000)
    assert toast.count() == 0


def test_the_phone_menu_closes_on_escape_and_gives_focus_back(page: Any, visit: Visit) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    visit("week")
    page.locator(".topbar summary").click()
    assert page.locator(".topbar .menu-body").is_visible()
    page.keyboard.press("Escape")
    assert not page.locator(".topbar .menu-body").is_visible()
    assert page.evaluate("document.activeElement.tagName") == "SUMMARY"


def test_arrow_keys_move_between_the_cards_of_the_board(visit: Visit) -> None:
    page = visit("board")
    focused = "document.activeElement.querySelector('h3')?.textContent"
    page.locator("a.gcard").first.focus()
    page.keyboard.press("ArrowDown")
    assert page.evaluate(focused) == "P4 级轴承准时交付率 ≥ 95%"
    page.keyboard.press("ArrowRight")
    assert page.evaluate(focused) == "3 款低噪音密封轴承定型"
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(focused) == "P4 级轴承准时交付率 ≥ 95%"


def test_steps_beside_a_number_change_it(visit: Visit) -> None:
    page = visit("goal")
    page.locator("[data-step='1']").click()
    assert page.locator("[name=value]").input_value() == "73"


def test_a_chosen_file_is_named(visit: Visit) -> None:
    page = visit("import-upload")
    page.set_input_files("[type=file]", {"name": "花名册.xlsx", "mimeType": "", "buffer": b"x" * 2_000_000})
    assert page.locator("[data-chosen]").inner_text() == "花名册.xlsx · 2.0 MB"


def test_a_job_asks_again_until_it_is_done(page: Any, visit: Visit, answers: dict[str, Server], engine: Any) -> None:
    from tests.front.samples import job

    done = job(running=False, result_url="#", result_label="看结果")
    answers["/job/"] = lambda _request: (200, engine.get_template("components/job.html").render({"job": done}))
    page.clock.install()
    visit("import-run")
    page.clock.run_for(2_500)
    page.get_by_text("看结果").wait_for()
    assert page.locator("#job-j1").get_attribute("hx-get") is None


def test_a_question_before_the_irreversible_opens_and_closes(
    page: Any, answers: dict[str, Server], render: Callable[..., str], engine: Any
) -> None:
    asked = {
        "id": "sure",
        "title": "停用这条阻碍？",
        "text": "已经用到的目标不受影响。",
        "action": "#",
        "label": "停用",
    }
    dialog = engine.get_template("components/dialog.html").render(asked)
    opener = '<a href="/elsewhere/" data-dialog="sure" id="opener">停用</a>'
    answers["/asking/"] = lambda _request: (200, render("week").replace("</main>", f"{opener}{dialog}</main>"))
    page.goto(f"{SITE}/asking/")
    page.locator("#opener").click()
    assert page.locator("#sure").is_visible()
    page.locator("#sure [data-close]").click()
    assert not page.locator("#sure").is_visible()
    assert page.evaluate("document.activeElement.id") == "opener"
    assert page.url == f"{SITE}/asking/"


def test_what_a_saved_form_has_to_say_is_said(
    visit: Visit, answers: dict[str, Server], render: Callable[..., str]
) -> None:
    class Message(str):
        level_tag = "success"

    answers["/check-in/"] = lambda _request: (200, render("goal", messages=[Message("进度已保存")]))
    page = visit("goal")
    page.locator("#check-in-form button[type=submit]").click()
    assert page.locator("[data-toast]").inner_text().strip() == "进度已保存"
    assert page.locator("[data-close]").first.is_visible()


def test_a_sentence_of_the_dictionary_is_copied_with_one_press(visit: Visit) -> None:
    page = visit("dictionary")
    button = page.locator("[data-copy]").first
    button.click()
    page.wait_for_function("() => document.querySelector('[data-copy]').innerText.includes('已复制')")
    page.locator("[name=q]").fill("")
    page.locator("[name=q]").press("Control+V")
    assert page.locator("[name=q]").input_value() == page.locator("#entry-1").inner_text()

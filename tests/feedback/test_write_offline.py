"""Written without network: kept on the device, sent once and by its writer alone."""

import io
from typing import Any

import pytest
from django.conf import settings
from PIL import Image

from feedback.models import FactKind, Feedback, FeedbackFact
from perfsys.lexicon.actions import add_standard_terms
from perfsys.people.features import Feature
from perfsys.people.models import Employee
from tests.goals import conftest as goals_company
from tests.goals.conftest import NOW, PHONE

ada, marta, henk, anna = goals_company.ada, goals_company.marta, goals_company.henk, goals_company.anna
founded, that_day = goals_company.founded, goals_company.that_day
published_line, line = goals_company.published_line, goals_company.line
NEW = "/t/acme/feedback/new/"
WAITING = "1 条等待网络，联网后自动发出"
AS_MANY = "async (number) => 'outbox' in globalThis && (await outbox.kept()).length === number"


@pytest.fixture
def worded(line: Any, ada: Any, tmp_path: Any, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    with ada.scope:
        add_standard_terms(now=NOW)


@pytest.fixture
def sign_in(live_server: Any, page: Any) -> Any:
    """`sign_in(ada)` in this browser; nobody with None."""
    page.set_default_timeout(10_000)
    page.set_viewport_size(PHONE)

    def signed_in(person: Any) -> None:
        page.context.clear_cookies()
        if person is not None:
            name = settings.SESSION_COOKIE_NAME
            value = person.client.cookies[name].value
            page.context.add_cookies([{"name": name, "value": value, "url": live_server.url, "httpOnly": True}])

    return signed_in


def write(page: Any, text: str) -> None:
    page.locator("[data-faces] label", has_text="Marta").click()
    page.locator("label", has_text="主动补位").first.click()
    page.locator("[name=text]").fill(text)
    drawn = io.BytesIO()
    Image.new("RGB", (8, 8), "teal").save(drawn, "PNG")
    page.set_input_files("[name=picture]", {"name": "a.png", "mimeType": "image/png", "buffer": drawn.getvalue()})
    page.locator("[name=expected_action]").fill("把换砂轮步骤教给夜班二组")


def sent(person: Any) -> list[str]:
    with person.scope:
        return list(Feedback.objects.order_by("pk").values_list("text", flat=True))


def test_what_is_written_without_network_is_sent_once_when_it_is_back(
    sign_in: Any, page: Any, live_server: Any, worded: None, ada: Any, marta: Any
) -> None:
    sign_in(ada)
    page.goto(live_server.url + NEW)
    page.locator("[data-opens-offline]").wait_for(state="attached")
    page.context.set_offline(True)
    for number, text in enumerate(
        ["夜班砂轮崩边，他带着两个徒弟换好。", "换料前他先问了质量组，少报废 12 件。"], start=1
    ):
        page.goto(live_server.url + NEW)
        page.locator("#kept-feedback").wait_for()
        write(page, text)
        assert "Wei" not in page.locator("#compose-readers").inner_text()  # no names that nobody has looked up
        page.locator(".send-bar button").dblclick()
        page.locator("#kept-feedback", has_text=f"{number} 条等待网络，联网后自动发出").wait_for()
        assert page.locator("[name=text]").input_value() == ""
    assert sent(ada) == []

    sign_in(marta)  # somebody else meanwhile, in the same browser
    page.context.set_offline(False)
    page.goto(live_server.url + NEW)
    page.locator("[data-opens-offline]").wait_for(state="attached")
    assert not page.locator("#kept-feedback").is_visible()
    assert page.evaluate("async () => (await outbox.send()).sent") == 0  # as the worker does, for all it holds
    assert page.evaluate("async () => (await caches.keys()).filter((name) => name.startsWith('composer:')).length") == 1
    with marta.scope:
        mine = f"composer:acme:{marta.employee.public_id}"
    assert page.evaluate("caches.keys()").count(mine) == 1

    sign_in(ada)
    page.goto(live_server.url + "/t/acme/feedback/")
    page.locator("#kept-feedback", has_text="已发出").wait_for()
    page.wait_for_function(AS_MANY, arg=0)
    assert len(sent(ada)) == 2 and len(set(sent(ada))) == 2
    with ada.scope:
        assert list(FeedbackFact.objects.values_list("kind", flat=True)) == [FactKind.SCREENSHOT] * 2


def test_a_sign_in_that_is_over_is_asked_for_a_refusal_comes_back_and_signing_out_forgets(
    sign_in: Any, page: Any, live_server: Any, worded: None, ada: Any
) -> None:
    sign_in(ada)
    page.goto(live_server.url + NEW)
    page.locator("[data-opens-offline]").wait_for(state="attached")
    page.context.set_offline(True)
    page.goto(live_server.url + NEW)
    write(page, "一。二。三。四。")
    page.locator(".send-bar button").click()
    page.locator("#kept-feedback", has_text=WAITING).wait_for()

    sign_in(None)
    page.context.set_offline(False)
    page.evaluate("window.dispatchEvent(new Event('online'))")
    page.locator("#kept-feedback a", has_text="登录").wait_for()
    page.wait_for_function(AS_MANY, arg=1)

    sign_in(ada)
    page.goto(live_server.url + NEW)
    page.locator("#kept-feedback [data-open]").click()
    page.locator("[data-summary]").wait_for()
    assert "现在是 4 句" in page.locator("main").inner_text()
    assert page.locator("[name=text]").input_value() == "一。二。三。四。" and sent(ada) == []
    page.wait_for_function(AS_MANY, arg=0)
    page.wait_for_function("() => Object.keys(localStorage).some((key) => key.endsWith('draft:feedback'))")

    page.context.set_offline(True)
    page.locator("[name=text]").fill("夜班砂轮崩边，他带着两个徒弟换好。")
    page.locator(".send-bar button").click()
    page.locator("#kept-feedback", has_text=WAITING).wait_for()
    with ada.scope:  # what nobody takes any more does not wait for ever: its writer is asked
        Employee.objects.filter(pk=ada.employee.pk).update(withheld=[Feature.FEEDBACK])
    page.context.set_offline(False)
    page.goto(live_server.url + "/t/acme/week/")
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="不发了").click()
    page.wait_for_function(AS_MANY, arg=0)
    assert not page.locator("#kept-feedback").is_visible()

    with ada.scope:
        Employee.objects.filter(pk=ada.employee.pk).update(withheld=[])
    page.goto(live_server.url + NEW)
    page.context.set_offline(True)
    page.goto(live_server.url + NEW)
    write(page, "夜班砂轮崩边，他带着两个徒弟换好。")
    page.locator(".send-bar button").click()
    page.locator("#kept-feedback", has_text=WAITING).wait_for()
    page.context.set_offline(False)
    page.goto(live_server.url + "/accounts/logout/")
    page.locator("form button[type=submit]").click()
    page.wait_for_url("**/accounts/login/")
    page.wait_for_function(AS_MANY, arg=0)
    assert page.evaluate("async () => (await caches.keys()).length") == 0

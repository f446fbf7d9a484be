"""The composer: whom it suggests, what it refuses, and that it forgets nothing."""

import io
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from feedback.actions import feedback as actions
from feedback.models import Feedback, FeedbackFact
from tests.conftest import assert_page_queries

NEW = "/t/acme/feedback/new/"


@pytest.fixture(autouse=True)
def _media(tmp_path: Path, settings: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


def words(person: Any, tag: Any, **more: Any) -> dict[str, Any]:
    return {
        "key": str(uuid4()),
        "to": person.employee.public_id,
        "tag": tag.public_id,
        "nature": "positive",
        "text": "夜班砂轮崩边，带着两个徒弟换好。",
        "expected_action": "把步骤教给夜班二组",
        "link": "http://mes/orders/WO-17",
        "visibility": "manager",
        **more,
    }


def test_the_people_around_are_suggested(ada: Any, bob: Any, marta: Any, cast: Any, tag: Any) -> None:
    cast("acme", "eve", manager=bob)
    page = ada.client.get(NEW).content.decode()
    places = [page.index(said) for said in ('data-name="Marta"', "你的上级", 'data-name="Bob"', "同部门")]
    assert places == sorted(places)
    assert 'data-name="Ada"' not in page


def test_the_word_that_it_is_sent_takes_it_back_with_one_press(ada: Any, bob: Any, tag: Any) -> None:
    page = ada.client.post(NEW, words(bob, tag), follow=True).content.decode()
    toast = page.partition('class="toasts"')[2].partition("</div>")[0]
    with ada.scope:
        sent = Feedback.objects.get()
    assert f'action="/t/acme/feedback/{sent.public_id}/withdraw/"' in toast
    assert ada.client.post(f"/t/acme/feedback/{sent.public_id}/withdraw/").status_code == 302
    with ada.scope:
        assert Feedback.objects.get().withdrawn_at is not None


def test_whom_one_wrote_to_last_stands_before_the_unit(ada: Any, bob: Any, cast: Any, give: Any) -> None:
    zac = cast("acme", "zac")
    give(ada, zac)
    page = ada.client.get(NEW).content.decode()
    assert page.index('data-name="Zac"') < page.index('data-name="Bob"')


def test_a_link_settles_for_whom_it_is_and_names_who_will_read_it(
    ada: Any, bob: Any, marta: Any, henk: Any, tag: Any
) -> None:
    page = ada.client.get(f"{NEW}?to={bob.employee.public_id}").content.decode()
    assert "发给Bob" in page
    assert "Bob、Marta（直属上级）、Henk（HRBP）" in page and "仅Bob" in page


def test_somebody_is_found_by_name_but_not_oneself(ada: Any, bob: Any, tag: Any) -> None:
    found = ada.client.get(f"{NEW}people/", {"find_name": "bo"}).content.decode()
    assert "Bob" in found and bob.employee.employee_no not in found
    assert "Ada" not in ada.client.get(f"{NEW}people/", {"find_name": "ada"}).content.decode()


def test_without_script_a_name_is_found_and_what_was_typed_stays(ada: Any, bob: Any, tag: Any) -> None:
    typed = words(bob, tag, to="", find="1", find_name="bob")
    answer = ada.client.post(NEW, typed)
    page = answer.content.decode()
    assert answer.status_code == 200 and typed["text"] in page and typed["key"] in page
    assert f'value="{bob.employee.public_id}"' in page and 'role="alert" tabindex' not in page


def test_it_is_sent_once_however_often_the_button_is_pressed(ada: Any, bob: Any, tag: Any) -> None:
    once = words(bob, tag)
    first, second = (ada.client.post(NEW, once) for _ in range(2))
    assert first.status_code == 302 and first.url == second.url
    with ada.scope:
        assert Feedback.objects.count() == 1
        assert FeedbackFact.objects.get().url == "http://mes/orders/WO-17"
    assert "已发给Bob" in ada.client.get(first.url).content.decode()
    other = [ada.client.post(NEW, once | {"text": "换料前先问了质量组，少报废 12 件。"}).url for _ in range(2)]
    assert other[0] == other[1] != first.url  # back, other words, sent again: another one
    corrected = {"text": "改过。", "expected_action": "照做", "version": 1}
    assert ada.client.post(f"{first.url}correct/", corrected).status_code == 302
    assert ada.client.post(NEW, once).url == first.url
    assert "之前已经发出" not in ada.client.get(first.url).content.decode()
    ada.client.post(NEW, once | {"visibility": "receiver"})
    assert "之前已经发出" in ada.client.get(first.url).content.decode()  # not: sent
    third = ada.client.post(NEW, once | {"text": "夜班停机两次，都先看了日志。"}).url
    assert third not in (first.url, other[0])  # other words although the first was corrected
    ada.client.post(f"{first.url}withdraw/")
    ada.client.get(first.url)
    assert ada.client.post(NEW, once).url == first.url
    assert "这条你已经收回" in ada.client.get(first.url).content.decode()


def test_what_another_person_left_in_this_browser_is_not_sent(ada: Any, bob: Any, marta: Any, tag: Any) -> None:
    kept = words(marta, tag, scope=f"acme:{ada.employee.public_id}")
    assert bob.client.post(NEW, kept).status_code == 403
    assert f'name="scope" value="{kept["scope"]}"' in ada.client.get(NEW).content.decode()
    assert ada.client.post(NEW, kept).status_code == 302
    with ada.scope:
        assert Feedback.objects.get().giver == ada.employee


def test_whatever_is_typed_is_kept_and_shown_as_text(ada: Any, bob: Any, tag: Any) -> None:
    said = "<script>alert(1)</script> “他说：行！”\r\n\u202e反\u202c 👨\u200d👩\u200d👧 {{ 7 }} & 100%"
    answer = ada.client.post(NEW, words(bob, tag, text=said, expected_action="<b>先问</b> & 再换"))
    assert answer.status_code == 302
    with ada.scope:
        kept = Feedback.objects.get()
    assert (kept.text, kept.expected_action) == (said.replace("\r\n", "\n"), "<b>先问</b> & 再换")
    page = bob.client.get(answer.url).content.decode()
    assert "<script>alert(1)" not in page and "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert (
        "<b>先问" not in page and "&lt;b&gt;先问&lt;/b&gt; &amp; 再换" in page and "👨\u200d👩\u200d👧 {{ 7 }}" in page
    )
    lines = "他问了质量组，\r\n" + "好" * 591  # 600 letters where a line break is one
    assert ada.client.post(NEW, words(bob, tag, text=lines, vague_seen="1")).status_code == 302
    refused = ada.client.post(NEW, words(bob, tag, text="问" * 10_000))
    page = refused.content.decode()
    assert refused.status_code == 422 and "最多 600 个字，现在是 10000 个" in page and "问" * 10_000 in page
    assert 'maxlength="600"' not in page  # by which a browser cuts off what is pasted, and says nothing


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"to": ""}, "选一位要写给的同事"),
        ({"to": str(uuid4())}, "选一位在职的同事"),
        ({"tag": ""}, "选 1 个你看到的行为"),
        ({"text": ""}, "写一句话"),
        ({"text": "一。二。三。四。"}, "现在是 4 句"),
        ({"expected_action": "请在下个季度之前把所有相关流程全部重新梳理"}, "最多 20 个字"),
        ({"expected_action": " ".join(["word"] * 13)}, "最多 12 个词"),
        ({"link": ""}, "说明事实记在哪里"),
        ({"link": "javascript:alert(1)"}, "粘贴完整的链接"),
        ({"link": "https://user:secret@mes.example/"}, "粘贴完整的链接"),
        ({"goals": str(uuid4())}, "有一个目标已经不在了"),
        ({"evidence": str(uuid4())}, "有一条记录已经不在了"),
        ({"evidence": "x"}, "有一个目标已经不在了"),
        ({"nature": "constructive", "visibility": "everyone"}, "不上公开墙"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    ada: Any, bob: Any, tag: Any, wrong: dict[str, str], says: str
) -> None:
    typed = words(bob, tag, recording="" if "link" in wrong else "会上说的") | wrong
    answer = ada.client.post(NEW, typed)
    page = answer.content.decode()
    assert answer.status_code == 422 and says in page
    assert typed["text"] in page and typed["expected_action"] in page and typed["key"] in page
    with ada.scope:
        assert not Feedback.objects.exists()


def test_oneself_is_nobody_to_write_to(ada: Any, tag: Any) -> None:
    answer = ada.client.post(NEW, words(ada, tag))
    assert answer.status_code == 422 and "选一位在职的同事" in answer.content.decode()


def test_after_sixty_an_hour_the_words_wait(ada: Any, bob: Any, tag: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(actions, "MOST_AN_HOUR", 0)
    typed = words(bob, tag)
    answer = ada.client.post(NEW, typed)
    assert answer.status_code == 422
    assert "歇一会儿再发" in answer.content.decode() and typed["text"] in answer.content.decode()


# --- screenshots ------------------------------------------------------------------------------------------------------


def picture(kind: str, size: tuple[int, int] = (40, 30), **more: Any) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "teal").save(made, kind, **more)
    return made.getvalue()


def sent_with(ada: Any, bob: Any, tag: Any, content: bytes, name: str = "shot.png") -> Any:
    upload = SimpleUploadedFile(name, content, content_type="image/png")
    return ada.client.post(NEW, words(bob, tag, link="", picture=upload))


def test_a_screenshot_is_drawn_anew_and_opens_for_its_readers_alone(
    ada: Any, bob: Any, anna: Any, otto: Any, tag: Any
) -> None:
    exif = Image.Exif()
    exif[0x010E] = "机密说明"
    exif[0x0112] = 6  # lying on its side
    assert sent_with(ada, bob, tag, picture("JPEG", exif=exif), "../../etc/passwd.php").status_code == 302
    with ada.scope:
        fact = FeedbackFact.objects.get()
    assert (fact.width, fact.height) == (30, 40)
    assert "passwd" not in fact.file
    address = f"/t/acme/feedback/facts/{fact.public_id}/"
    answer = bob.client.get(address)
    assert answer["Content-Type"] == "image/webp" and answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Cache-Control"] == "no-store" and answer["Content-Disposition"].startswith("inline")
    assert not answer.streaming
    kept = Image.open(io.BytesIO(answer.content))
    assert kept.format == "WEBP" and not kept.getexif() and "机密说明".encode() not in answer.content
    assert anna.client.get(address).status_code == otto.client.get(address).status_code == 404


def bomb() -> bytes:
    """A PNG that says it is 30,000 pixels wide and high."""
    content = bytearray(picture("PNG"))
    content[16:24] = (30_000).to_bytes(4, "big") * 2
    return bytes(content)


POLYGLOTS = {
    "gif": picture("GIF") + b"<script>alert(1)</script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
    "html": b"<!doctype html><script>alert(1)</script>",
    "empty": b"\n",
    "truncated": picture("PNG", (400, 400))[:120],
    "bomb": bomb(),
}


@pytest.mark.parametrize("kind", POLYGLOTS)
def test_what_is_no_picture_is_refused_in_words(ada: Any, bob: Any, tag: Any, kind: str) -> None:
    answer = sent_with(ada, bob, tag, POLYGLOTS[kind])
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "截图要再选一次" in page and "夜班砂轮崩边" in page
    with ada.scope:
        assert not Feedback.objects.exists()
    assert not list(Path(settings.MEDIA_ROOT).rglob("*.*"))


def test_what_hides_behind_a_picture_is_not_kept(ada: Any, bob: Any, tag: Any) -> None:
    assert sent_with(ada, bob, tag, picture("PNG") + b"<?php system('id'); ?>").status_code == 302
    with ada.scope:
        fact = FeedbackFact.objects.get()
    assert b"php" not in bob.client.get(f"/t/acme/feedback/facts/{fact.public_id}/").content


# --- what it costs ----------------------------------------------------------------------------------------------------


def test_the_page_costs_the_same_however_many_there_are(ada: Any, bob: Any, cast: Any, give: Any, tag: Any) -> None:
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 4 suggestions: lines, receivers, who works
    # beside one, the people; 2 tags and how often they were given, 1 goals
    give(ada, bob)
    assert_page_queries(ada.client, NEW, 12)
    for number in range(12):
        give(ada, cast("acme", f"p{number}", manager=ada))
    ada.client.force_login(ada.account)
    assert_page_queries(ada.client, NEW, 12)


def test_with_a_receiver_it_costs_no_more(ada: Any, bob: Any, tag: Any) -> None:
    # 1 session, 1 account, 1 scope; 1 person, 1 inbox count of the shell; 1 receiver, 2 tags, 1 goals, 3 readers: the
    # manager, the HR partners, the settings
    assert_page_queries(ada.client, f"{NEW}?to={bob.employee.public_id}", 12)


def test_sentences_of_the_dictionary_stand_beside_the_words_once_a_behaviour_is_chosen(ada: Any, tag: Any) -> None:
    def said(**asked: Any) -> str:
        return ada.client.get(f"{NEW}words/", asked).content.decode()

    praise = said(tag=tag.public_id, nature="positive")
    assert praise.count("data-copy=") == 3 and "词典里可以这样说" in praise
    assert said(tag=tag.public_id, nature="constructive") != praise
    assert [said(tag=tag.public_id).strip(), said(tag="x", nature="positive").strip(), said().strip()] == ["", "", ""]
    assert "词典里可以这样说" not in ada.client.get(NEW).content.decode()


def test_a_form_that_comes_back_has_them_as_well(ada: Any, bob: Any, tag: Any) -> None:
    assert "词典里可以这样说" in ada.client.post(NEW, words(bob, tag, text="")).content.decode()

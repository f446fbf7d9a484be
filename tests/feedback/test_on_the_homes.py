"""Feedback on the homes of employee and manager (product.md §3.5, §6.3)."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from perfsys.lexicon.models import Nature
from tests.cast import today

WEEK, TEAM = "/t/acme/week/", "/t/acme/team/"


def text(person: Any, address: str) -> str:
    answer = person.client.get(address)
    assert answer.status_code == 200
    return str(answer.content.decode())


def unheard(marta: Any) -> str:
    page = text(marta, TEAM)
    return page[page.index('id="unheard"') :] if 'id="unheard"' in page else ""


def test_what_i_was_told_lately_and_have_taken_on_stand_on_my_week(ada: Any, bob: Any, give: Any) -> None:
    told = give(ada, bob, nature=Nature.CONSTRUCTIVE, now=timezone.now())
    taken = {"key": "k", "text": "带两个徒弟练一遍", "due_on": today().isoformat()}
    bob.client.post(f"/t/acme/feedback/{told.public_id}/take-on/", taken)
    page = text(bob, WEEK)
    assert "夜班砂轮崩边" in page and "带两个徒弟练一遍" in page
    assert "夜班砂轮崩边" not in text(ada, WEEK)


def test_a_manager_sees_what_became_of_the_own_words(marta: Any, ada: Any, bob: Any, give: Any) -> None:
    assert 'class="statement"' not in text(marta, TEAM)
    told = give(marta, ada, nature=Nature.CONSTRUCTIVE, now=timezone.now())
    give(marta, bob, now=timezone.now())
    ada.client.post(f"/t/acme/feedback/{told.public_id}/like/")
    page = text(marta, TEAM)
    assert "你近 30 天写下的 2 条反馈，" in page and "<em>1 条被点了“有帮助”</em>" in page
    taken = {"key": "k", "text": "做", "due_on": today().isoformat()}
    ada.client.post(f"/t/acme/feedback/{told.public_id}/take-on/", taken)
    page = text(marta, TEAM)
    assert '<em class="became">1 条变成了行动</em>' in page and "<em>1 条七天内有了回应</em>" in page
    for outcome, number in (("helped", 1), ("action", 1), ("answered", 1), ("nonsense", 2)):
        address = f"/t/acme/feedback/?tab=sent&outcome={outcome}"
        assert outcome == "nonsense" or f'href="{address.replace("&", "&amp;")}"' in page or address in page
        assert text(marta, address).count('class="fb"') == number


def test_who_has_not_heard_for_two_weeks_is_named_to_the_manager(marta: Any, ada: Any, bob: Any, give: Any) -> None:
    give(marta, ada, now=timezone.now() - timedelta(days=20))
    give(marta, bob, now=timezone.now())
    part = unheard(marta)
    assert "Ada" in part and "上次是 20 天前" in part and "Bob" not in part
    assert f"/t/acme/feedback/new/?to={ada.employee.public_id}" in part
    give(marta, ada, now=timezone.now())
    assert unheard(marta) == ""


def test_a_colleagues_page_and_the_top_of_every_page_lead_to_writing(ada: Any, bob: Any) -> None:
    to_bob = f'href="/t/acme/feedback/new/?to={bob.employee.public_id}"'
    assert to_bob in text(ada, f"/t/acme/people/{bob.employee.public_id}/")
    assert to_bob not in text(bob, f"/t/acme/people/{bob.employee.public_id}/")
    page = text(ada, WEEK)
    assert 'data-key="n"' in page and 'class="add"' in page

"""The words that come up in what somebody was told: for whom, out of what, and where each stands."""

import re
from html import unescape
from typing import Any

import pytest
from django.utils import timezone

from feedback.models import Visibility
from perfsys.lexicon.models import Nature
from perfsys.people.models import Employee
from tests.cast import employ
from tests.conftest import assert_page_queries

OWN = "/t/acme/radar/words/"


def of(person: Any) -> str:
    return f"/t/acme/people/{person.employee.public_id}/radar/words/"


def page(person: Any, url: str) -> str:
    answer = person.client.get(url)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def cloud(html: str) -> dict[str, tuple[str, int]]:
    """word -> its address, how often"""
    found = re.findall(r'<li class="v-\d+[^"]*"><a href="([^"]+)">([^<]+)</a><sup>(\d+)</sup>', html)
    return {word: (url.partition("#")[0], int(number)) for url, word, number in found}


def test_each_word_opens_the_feedback_it_stands_in(ada: Any, marta: Any, tags: Any, tell: Any) -> None:
    assert "还没有词出现过两次" in page(ada, OWN)
    tell(tags[0], number=2, text="提前沟通了换料。", expected_action="写进工艺卡")
    tell(tags[1], giver=marta, text="提前沟通，客户放心。", expected_action="教给二组", nature=Nature.CONSTRUCTIVE)
    tell(tags[1], days=90, number=5, text="提前沟通")
    tell(tags[1], number=5, text="提前沟通", withdrawn_at=timezone.now())
    words = cloud(page(ada, OWN))
    assert words["提前沟通"][1] == 3 and next(iter(words)) == "提前沟通"
    behind = page(ada, OWN + words["提前沟通"][0])
    assert behind.count("<blockquote") == 3 and "客户放心" in behind
    assert page(ada, OWN + words["换料"][0]).count("<blockquote") == 2
    assert "<blockquote" not in page(ada, OWN + "?word=无此词")
    assert f'href="{OWN}"' in page(ada, "/t/acme/radar/")


def test_nobodys_name_is_a_word(ada: Any, bob: Any, tags: Any, tell: Any) -> None:
    with ada.scope:
        employ("acme", "eve")
        Employee.objects.filter(pk=bob.employee.pk).update(name="陈胜利")
        Employee.objects.filter(employee_no="E-eve").update(name="高峰")
    tell(tags[0], number=3, text="胜利和高峰一起改好了夹具。")
    words = cloud(page(ada, OWN))
    assert "夹具" in words and not {"胜利", "高峰", "陈胜利"} & set(words)


def test_it_counts_and_shows_only_what_the_reader_may_read(
    ada: Any, bob: Any, marta: Any, anna: Any, otto: Any, tags: Any, tell: Any
) -> None:
    tell(tags[0], number=2, text="夹具很快。")
    tell(tags[0], number=3, text="夹具私下说。", visibility=Visibility.RECEIVER)
    assert cloud(page(ada, OWN))["夹具"][1] == 5
    html = page(marta, of(ada) + "?word=夹具")
    assert cloud(html)["夹具"][1] == 2 and html.count("<blockquote") == 2 and "私下" not in html
    assert [person.client.get(of(ada)).status_code for person in (bob, anna, otto)] == [403, 403, 404]


@pytest.mark.parametrize("number", [2, 100])
def test_it_asks_as_much_for_two_feedbacks_as_for_a_hundred(
    ada: Any, marta: Any, henk: Any, tags: Any, tell: Any, number: int
) -> None:
    tell(tags[0], number=number, text="夹具很快。")
    # 1 session, 1 account, 1 scope, 1 employee, 1 feedback with givers, 1 names, 1 manager, 2 HR partner, 1 feedbacks,
    # 1 inbox
    assert_page_queries(ada.client, OWN + "?word=夹具", 11)
    # 1 session, 1 account, 1 scope, 1 employee, 1 person, 2 relation, 2 settings (for words and for feedbacks),
    # 1 feedback with givers, 1 names, 1 feedbacks, 1 inbox
    assert_page_queries(marta.client, of(ada) + "?word=夹具", 13)

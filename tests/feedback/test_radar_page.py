"""The page of a radar: who opens it, what it counts for whom, and the feedbacks behind each number."""

import re
from datetime import UTC, date, datetime, time, timedelta
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from feedback.models import Visibility
from perfsys.lexicon.models import Nature
from perfsys.tenancy.models import Tenant
from tests.cast import today
from tests.conftest import assert_page_queries

OWN = "/t/acme/radar/"


def of(person: Any) -> str:
    return f"/t/acme/people/{person.employee.public_id}/radar/"


def page(person: Any, url: str) -> str:
    answer = person.client.get(url)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def table(html: str) -> dict[str, list[int]]:
    """Of the chart: competency -> praise, hopes, together."""
    rows = re.findall(r'<th scope="row">(\S+?)</th>(.*?)</tr>', html.partition('<table class="heat">')[0], re.S)
    return {name: [int(n) for n in re.findall(r">(\d+)<", cells)] for name, cells in rows}


def heat_sum(html: str) -> int:
    return sum(int(n) for n in re.findall(r'class="cell v-\d+"[^>]*>(\d+)<', html))


def test_praise_and_hopes_are_counted_apart_within_ninety_days(ada: Any, tags: Any, tell: Any) -> None:
    tell(tags[0], number=2)
    tell(tags[0], days=89, nature=Nature.CONSTRUCTIVE)
    tell(tags[1], days=90, number=5)
    tell(tags[2], withdrawn_at=timezone.now())
    html = page(ada, OWN)
    assert table(html)["协同"] == [2, 1, 3]
    assert table(html)["质量"] == table(html)["同理"] == [0, 0, 0]
    assert heat_sum(html) == 3


def test_every_number_opens_exactly_its_feedbacks(ada: Any, tags: Any, tell: Any) -> None:
    tell(tags[0], number=3, text="带两个徒弟换好了砂轮。")
    tell(tags[0], days=40, number=2, nature=Nature.CONSTRUCTIVE)
    tell(tags[1], days=7)
    html = page(ada, OWN)
    links = re.findall(r'<a class="(?:link|cell[^"]*)"[^>]*?href="(\?[^"#]*)#behind"[^>]*>(\d+)</a>', html, re.S)
    assert len(links) == 3 + 2 + 3, "praise, hopes and both; praise and both; three weeks"
    for url, number in links:
        assert page(ada, OWN + url).count('<blockquote class="voice">') == int(number)
    assert "带两个徒弟换好了砂轮。" in page(ada, OWN + links[0][0])


def test_a_long_list_comes_in_pages_that_keep_the_choice(ada: Any, tags: Any, tell: Any) -> None:
    tell(tags[0], number=25)
    url = f"{OWN}?competency={tags[0].competency.public_id}"
    assert page(ada, url).count("<blockquote") == 20
    onward = re.findall(r'rel="next"\s+href="([^"]+)"', page(ada, url))[0]
    assert page(ada, OWN + onward).count("<blockquote") == 5


def test_a_manager_counts_only_what_a_manager_reads(ada: Any, marta: Any, henk: Any, tags: Any, tell: Any) -> None:
    tell(tags[0], number=2)
    tell(tags[0], number=3, visibility=Visibility.RECEIVER, text="只写给你一个人的话。")
    assert table(page(ada, of(ada)))["协同"] == [5, 0, 5]
    for reader in (marta, henk):
        html = page(reader, f"{of(ada)}?competency={tags[0].competency.public_id}")
        assert table(html)["协同"] == [2, 0, 2]
        assert html.count("<blockquote") == 2 and "只写给你一个人的话" not in html


def test_who_may_open_it(ada: Any, bob: Any, marta: Any, henk: Any, anna: Any, otto: Any, cast: Any) -> None:
    chain = cast("acme", "zoe")
    with chain.scope:
        from perfsys.people.actions import change_manager

        change_manager(employee=marta.employee, manager=chain.employee, on=today(), actor=None, now=timezone.now())
    readers = {"ada": ada, "bob": bob, "marta": marta, "henk": henk, "anna": anna, "otto": otto, "zoe": chain}
    answers = {name: person.client.get(of(ada)).status_code for name, person in readers.items()}
    assert answers == {"ada": 200, "bob": 403, "marta": 200, "henk": 200, "anna": 403, "otto": 404, "zoe": 403}


def test_the_page_says_who_sees_it(ada: Any, marta: Any, henk: Any, tags: Any) -> None:
    assert "只有你、Marta和Henk看得到这一页" in page(ada, OWN)
    assert "Ada、直接上级和 HRBP 看得到" in page(marta, of(ada))


def test_scenes_come_with_their_reason(ada: Any, tags: Any, tell: Any) -> None:
    tell(tags[0], number=6)
    tell(tags[1], number=2, nature=Nature.CONSTRUCTIVE)
    html = page(ada, OWN)
    assert "同事有 2 次希望更好，0 次认可。" in html
    assert "可以用在：换型之后的第一件" in html and "首件先送检，再开批量。" in html
    assert "还没有人写到它。" in html and "同理的行为" in html


def test_without_feedback_there_is_an_invitation(ada: Any, tags: Any) -> None:
    html = page(ada, OWN)
    assert "先写一句给帮过你的人" in html and "plotly" not in html


def test_the_way_there_stands_where_it_may_be_gone(ada: Any, bob: Any, marta: Any) -> None:
    person = f"/t/acme/people/{ada.employee.public_id}/"
    assert of(ada) in page(ada, person) and of(ada) in page(marta, person)
    assert of(ada) not in page(bob, person)
    assert f'href="{OWN}"' in page(ada, "/t/acme/week/")


@pytest.mark.parametrize("number", [1, 200])
def test_it_asks_as_much_for_one_feedback_as_for_two_hundred(
    ada: Any, marta: Any, henk: Any, tags: Any, tell: Any, number: int
) -> None:
    for place, tag in enumerate(tags):
        nature = Nature.CONSTRUCTIVE if place == 1 else Nature.POSITIVE
        tell(tag, days=place * 15, number=number, nature=nature)
    chosen = f"?competency={tags[0].competency.public_id}"
    # 1 session, 1 account, 1 scope, 1 employee, 1 competencies, 1 counts, 2 scenes and tags, 1 manager, 2 HR partner,
    # 1 inbox
    assert_page_queries(ada.client, OWN, 12)
    assert_page_queries(ada.client, OWN + chosen, 13)  # and 1 feedbacks
    # 1 session, 1 account, 1 scope, 1 employee, 1 person, 2 relation, 2 settings (for counts and for feedbacks),
    # 1 competencies, 1 counts, 2 scenes and tags, 1 feedbacks, 1 inbox
    assert_page_queries(marta.client, of(ada) + chosen, 15)


@pytest.mark.parametrize("name", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York"])
def test_the_ninety_days_begin_and_end_at_the_companys_midnight(
    ada: Any, bob: Any, give: Any, time_machine: Any, name: str
) -> None:
    """In New York the clock went back in between."""
    zone, moment = ZoneInfo(name), timedelta(microseconds=1)
    with ada.scope:
        Tenant.objects.update(time_zone=name)
    first, last = (datetime.combine(on, time(0), tzinfo=zone) for on in (date(2026, 8, 23), date(2026, 11, 21)))

    def counted(now: datetime) -> int:
        time_machine.move_to(now, tick=False)
        ada.client.force_login(ada.account)
        return heat_sum(page(ada, OWN))

    for number, at in enumerate((first - moment, first, last - moment)):
        give(bob, ada, now=at.astimezone(UTC), key=str(number))
    assert counted(last - moment) == 2, "not what was said before the first midnight"
    assert counted(last) == 1, "the first of the 90 days is over"

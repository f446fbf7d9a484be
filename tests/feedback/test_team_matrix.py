"""What a manager's direct reports were told, side by side: the same numbers as on each radar, and nobody ranked."""

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

URL = "/t/acme/team/feedback/"
NUMBER = re.compile(r'<a class="(?:cell|link)[^"]*" href="([^"#]*)#behind" aria-label="([^"]+)">(\d+)</a>')


def page(person: Any, url: str = URL) -> str:
    answer = person.client.get(url)
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def names(html: str) -> list[str]:
    return re.findall(r'<th scope="row"><a class="link"[^>]*>([^<]+)</a>', html)


def test_praise_and_hopes_stand_apart_by_person_and_competency(
    ada: Any, bob: Any, marta: Any, tags: Any, tell: Any
) -> None:
    assert "这 90 天里没有你能看到的反馈" in page(marta)
    tell(tags[0], number=3)
    tell(tags[0], days=89, nature=Nature.CONSTRUCTIVE)
    tell(tags[1], receiver=bob, giver=ada, number=2, nature=Nature.CONSTRUCTIVE)
    tell(tags[1], days=90)
    tell(tags[2], withdrawn_at=timezone.now())
    tell(tags[2], visibility=Visibility.RECEIVER)
    for html in (page(marta), page(marta, URL + "?as=list")):
        found = {label: int(number) for _url, label, number in NUMBER.findall(html)}
        assert found == {"Ada，协同，认可：3": 3, "Ada，协同，希望更好：1": 1, "Bob，质量，希望更好：2": 2}
    for url, _label, number in NUMBER.findall(page(marta)):
        assert page(marta, url).count('<blockquote class="voice">') == int(number)
    assert f'href="{URL}"' in page(marta, "/t/acme/team/")
    assert f'href="{URL}"' not in page(marta, "/t/acme/team/?below=all")


def test_direct_reports_come_by_name_whatever_they_were_told(
    ada: Any, bob: Any, marta: Any, tags: Any, tell: Any
) -> None:
    with ada.scope:
        employ("acme", "eve", manager=bob)
        cleo = employ("acme", "cleo", manager=marta)
        Employee.objects.filter(pk=ada.employee.pk).update(status="left")
    tell(tags[0], receiver=cleo, giver=ada, number=9)
    html = page(marta)
    assert names(html) == ["Bob", "Cleo"] and ">9<" in html
    assert "合计" not in html and cleo.client.get(URL).status_code == 403


@pytest.mark.parametrize("number", [1, 12])
def test_it_asks_as_much_for_two_people_as_for_thirteen(
    ada: Any, marta: Any, tags: Any, tell: Any, number: int
) -> None:
    with ada.scope:
        hired = [employ("acme", f"eve{n}", manager=marta) for n in range(number)]
    for person in (ada, *hired):
        tell(tags[0], receiver=person, number=number)
    # 1 session, 1 account, 1 scope, 1 employee, 1 people counted, 1 people, 1 settings, 1 counts, 1 competencies,
    # 1 units, 1 inbox
    assert_page_queries(marta.client, URL, 11)

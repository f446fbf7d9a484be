"""200 feedbacks sent at one moment, every fifth by a double click: none is lost, none is there twice, none fails."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.conf import settings
from django.utils import timezone

from feedback.events import FEEDBACK_GIVEN, HOPE_RECEIVED, PRAISE_RECEIVED
from feedback.models import Feedback, FeedbackFact
from perfsys.audit.models import AuditEntry
from perfsys.lexicon.actions import add_standard_terms
from perfsys.lexicon.models import BehaviourTag
from perfsys.notices.models import Notice
from tests.cast import Person, employ

from .conftest import Ground

GIVERS, EACH = 20, 10  # within the 60 an hour
DOUBLE = 5  # every fifth
NEW = "/t/acme/feedback/new/"


@dataclass
class Browser:
    """A person's cookies, and what the composer's page gave with them."""

    site: str
    person: Person
    cookies: str = ""
    token: str = ""
    key: str = ""

    def open(self) -> None:
        session = f"{settings.SESSION_COOKIE_NAME}={self.person.client.cookies[settings.SESSION_COOKIE_NAME].value}"
        status, headers, page = self._ask("GET", session)
        assert status == 200
        self.cookies = f"{session}; {headers['Set-Cookie'].partition(';')[0]}"
        self.token, self.key = (hidden(page, name) for name in ("csrfmiddlewaretoken", "key"))

    def send(self, fields: dict[str, Any]) -> tuple[int, str]:
        status, headers, _page = self._ask(
            "POST", self.cookies, urlencode({"csrfmiddlewaretoken": self.token, **fields})
        )
        return status, headers.get("Location", "")

    def _ask(self, method: str, cookies: str, body: str = "") -> tuple[int, Any, str]:
        link = HTTPConnection(self.site, timeout=60)
        try:
            link.request(method, NEW, body, {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"})
            answer = link.getresponse()
            return answer.status, answer.headers, answer.read().decode()
        finally:
            link.close()


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, f"the composer has no field {name}"
    return found.group(1)


@pytest.fixture
def givers(ground: Ground) -> list[Person]:
    people = [employ("acme", f"giver{n:02}") for n in range(GIVERS)]
    with people[0].scope:
        add_standard_terms(now=timezone.now())
    return people


def test_none_is_lost_none_is_there_twice_and_none_fails(ground: Ground, givers: list[Person]) -> None:
    with givers[0].scope:
        tag = BehaviourTag.objects.get(name="主动补位")
    with ground.web() as site:
        browsers = [Browser(site, person) for person in givers]
        clicks: list[tuple[Browser, dict[str, Any]]] = []
        for place, browser in enumerate(browsers):
            browser.open()
            receiver = givers[(place + 1) % GIVERS].employee
            for n in range(EACH):
                fields = {
                    "key": browser.key if n == 0 else str(uuid4()),  # each form that is opened has its own
                    "to": receiver.public_id,
                    "tag": tag.public_id,
                    "nature": "constructive" if n % 2 else "positive",
                    "text": f"第 {n} 次换砂轮，带着徒弟换好。",
                    "expected_action": "把步骤教给夜班",
                    "link": f"https://mes.example/orders/{place}-{n}",
                    "visibility": "manager",
                }
                clicks += [(browser, fields)] * (2 if n % DOUBLE == 0 else 1)
        together = threading.Barrier(len(clicks))

        def click(one: tuple[Browser, dict[str, Any]]) -> tuple[int, str]:
            browser, fields = one
            together.wait(60)
            return browser.send(fields)

        with ThreadPoolExecutor(len(clicks)) as pool:
            answers = list(pool.map(click, clicks))

    assert len(clicks) == 240
    assert {status for status, _page in answers} == {302}
    pages: dict[str, set[str]] = {}
    for (_browser, fields), (_status, page) in zip(clicks, answers, strict=True):
        pages.setdefault(fields["key"], set()).add(page)
    assert all(len(opened) == 1 for opened in pages.values())  # both clicks of a double one lead to the same feedback
    with givers[0].scope:
        kept = dict(Feedback.objects.values_list("key", "pk"))
        assert Feedback.objects.count() == len(kept) == GIVERS * EACH
        assert set(kept) == set(pages)
        assert FeedbackFact.objects.count() == GIVERS * EACH
        notices = Notice.objects.filter(kind__in=[PRAISE_RECEIVED, HOPE_RECEIVED])
        assert sorted(notices.values_list("subject_id", flat=True)) == sorted(kept.values())
        assert AuditEntry.objects.filter(verb=FEEDBACK_GIVEN).count() == GIVERS * EACH

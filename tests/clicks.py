"""People who send a feedback over http, each from an open composer, all at one moment."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client

PATIENCE = 60  # seconds


@dataclass(frozen=True)
class Composer:
    """An open page: whose cookies it has, and what it gave with its form."""

    site: str
    path: str
    cookies: str
    token: str
    key: str

    @classmethod
    def opened(cls, site: str, client: Client, path: str = "/t/acme/feedback/new/") -> "Composer":
        """`client` is signed in to the database that the server behind `site` reads."""
        session = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
        status, headers, page = _ask(site, "GET", path, session)
        assert status == 200, page[:500]
        cookies = f"{session}; {headers['Set-Cookie'].partition(';')[0]}"
        return cls(site, path, cookies, _hidden(page, "csrfmiddlewaretoken"), _hidden(page, "key"))


@dataclass(frozen=True)
class Click:
    composer: Composer
    fields: dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """`page` is where it leads; `waited` is in seconds, from the click to the last byte."""

    status: int
    page: str
    waited: float


def about(receiver: object, tag: object, key: str, n: int) -> dict[str, Any]:
    """A form as it is filled in: every other one hopes for a next step."""
    return {
        "key": key,
        "to": receiver,
        "tag": tag,
        "nature": "constructive" if n % 2 else "positive",
        "text": f"第 {n} 次换砂轮，带着徒弟换好。",
        "expected_action": "把步骤教给夜班",
        "link": f"https://mes.example/orders/{key}",
        "visibility": "manager",
    }


def all_at_once(clicks: list[Click], over: float = 0) -> list[Answer]:
    """Within the same instant, or one after the other within `over` seconds, whether others are answered or not."""
    together = threading.Barrier(len(clicks))

    def send(place: int) -> Answer:
        click = clicks[place]
        body = urlencode({"csrfmiddlewaretoken": click.composer.token, **click.fields})
        together.wait(PATIENCE)
        time.sleep(over * place / len(clicks))
        began = time.perf_counter()
        status, headers, _page = _ask(click.composer.site, "POST", click.composer.path, click.composer.cookies, body)
        return Answer(status, headers.get("Location", ""), time.perf_counter() - began)

    with ThreadPoolExecutor(len(clicks)) as pool:
        return list(pool.map(send, range(len(clicks))))


def _ask(site: str, method: str, path: str, cookies: str, body: str = "") -> tuple[int, Any, str]:
    link = HTTPConnection(site, timeout=PATIENCE)
    try:
        link.request(method, path, body, {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"})
        answer = link.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    finally:
        link.close()


def _hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]+)"', page)
    assert found, f"the composer has no field {name}"
    return found.group(1)

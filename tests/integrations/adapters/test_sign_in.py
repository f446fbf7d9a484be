"""What a request carries for each way to sign in, and what happens when it has run out."""

from typing import Any

import pytest

from integrations.adapters.base import AdapterBroken, Answer, Context, NeedsReconnect, Request, RetryLater
from integrations.adapters.contract import CANARY
from integrations.adapters.rest_json import RestJson
from integrations.adapters.signing import signed_in
from integrations.checking import check_config
from tests.integrations.adapters.sources import NOW, SHANGHAI
from tests.integrations.adapters.test_read_json_pages import CONFIG, Answers

ADAPTER = RestJson()
TOKEN_URL = "https://id.example.com/token"
REFUSED = NeedsReconnect("sign_in_refused", host="api.example.com", status=401)
PERSON = {"user": "perf", "password": "pä:ss"}
CLIENT = {"client_id": "a b", "client_secret": "s/1"}
LOGIN = {"path": "/login", "user": "params.login", "password": "params.password", "body": {"params": {"db": "acme"}}}


def read(outside: Answers, secret: dict[str, str], **config: Any) -> list[Any]:
    context = Context(outside=outside, zone=SHANGHAI, now=NOW, tenant="acme", secret=secret)
    config = {**CONFIG, **config}
    assert check_config("rest_json", config) == []
    return [row for stream in ADAPTER.streams(config) for page in pages(config, stream, context) for row in page.rows]


def pages(config: Any, stream: Any, context: Context) -> Any:
    return ADAPTER.pages(config, stream, context, since="", position=None)


def test_with_name_and_password() -> None:
    outside = Answers({"items": []})
    read(outside, PERSON, auth="basic")
    assert outside.requests[0].headers == {"Authorization": "Basic cGVyZjpww6Q6c3M="}
    with pytest.raises(NeedsReconnect, match="secret_missing"):
        read(outside, {"user": "perf"}, auth="basic")


@pytest.mark.parametrize("way", ["basic", "body"])
def test_with_a_token_for_a_client(way: str) -> None:
    outside = Answers({"access_token": "t1", "token_type": "Bearer"}, {"items": [], "next": "a"}, {"items": []})
    read(outside, CLIENT, auth="oauth2", token_url=TOKEN_URL, scope="read all", token_auth=way)
    asked, *rest = outside.requests
    assert (asked.url, asked.method, asked.params) == (TOKEN_URL, "POST", {})
    form = {"grant_type": "client_credentials", "scope": "read all"}
    if way == "basic":  # both halves quoted, as RFC 6749 says
        assert (asked.form, asked.headers) == (form, {"Authorization": "Basic YSUyMGI6cyUyRjE="})
    else:
        assert (asked.form, asked.headers) == ({**form, **CLIENT}, {})
    assert [one.headers for one in rest] == [{"Authorization": "Bearer t1"}] * 2


@pytest.mark.parametrize(
    ("answer", "kind", "code"),
    [
        (AdapterBroken("refused_request", host="id", status=400), NeedsReconnect, "sign_in_refused"),
        (AdapterBroken("not_found", host="id", status=404), AdapterBroken, "not_found"),
        ({"access_token": "t", "token_type": "mac"}, AdapterBroken, "no_token"),
        ({"access_token": "t\r\nX: y"}, AdapterBroken, "no_token"),
        ({"token": "t"}, AdapterBroken, "no_token"),
    ],
)
def test_a_client_that_gets_no_token(answer: Any, kind: type[Exception], code: str) -> None:
    with pytest.raises(kind, match=code):
        read(Answers(answer), CLIENT, auth="oauth2", token_url=TOKEN_URL)


def test_with_a_session_that_is_cookies() -> None:
    outside = Answers(
        Answer(None, [("set-cookie", "session_id=abc; Path=/; HttpOnly"), ("set-cookie", "lang=zh; Secure")]),
        {"items": [{"id": 1}]},
    )
    assert read(outside, PERSON, auth="session", session=LOGIN) == [{"id": 1}]
    login, asked = outside.requests
    assert (login.url, login.method) == ("https://api.example.com/v1/login", "POST")
    assert login.json == {"params": {"db": "acme", "login": "perf", "password": "pä:ss"}}
    assert login.any_body and asked.headers == {"Cookie": "session_id=abc; lang=zh"}
    assert LOGIN["body"] == {"params": {"db": "acme"}}  # nothing of it has got into the configuration


def test_with_a_session_that_is_a_token() -> None:
    how = {
        "path": "/login",
        "send": "form",
        "user": "u",
        "password": "p",
        "body": {"lang": "zh"},
        "token": "data.token",
    }
    outside = Answers({"data": {"token": "s1"}}, {"items": []})
    read(outside, PERSON, auth="session", session={**how, "token_header": "X-Session", "token_prefix": ""})
    assert outside.requests[0].form == {"lang": "zh", "u": "perf", "p": "pä:ss"}
    assert outside.requests[1].headers == {"X-Session": "s1"}


@pytest.mark.parametrize("login", [LOGIN, {**LOGIN, "token": "result.token"}])
def test_a_login_that_gives_nothing_is_refused(login: Any) -> None:
    with pytest.raises(NeedsReconnect, match="sign_in_refused"):
        read(
            Answers(Answer({"result": {"token": None}}, [("set-cookie", "=;;")])), PERSON, auth="session", session=login
        )


COOKIE = [Answer(None, [("set-cookie", f"s={number}")]) for number in range(4)]


def test_what_has_run_out_is_fetched_once_more_and_the_page_is_asked_again() -> None:
    outside = Answers(COOKIE[0], {"items": [], "next": "a"}, REFUSED, COOKIE[1], {"items": [{"id": 2}]})
    assert read(outside, PERSON, auth="session", session=LOGIN) == [{"id": 2}]
    assert [one.headers.get("Cookie") for one in outside.requests] == [None, "s=0", "s=0", None, "s=1"]
    assert outside.requests[2].params == outside.requests[4].params == {"page_token": "a"}


def test_an_answer_that_says_so_inside_counts_as_run_out_too() -> None:
    ok = {"path": "error", "equals": None, "code": "error.code", "reconnect": [100]}
    outside = Answers(
        COOKIE[0], {"items": [], "next": "a"}, {"error": {"code": 100}}, COOKIE[1], {"items": [{"id": 2}]}
    )
    assert read(outside, PERSON, auth="session", session=LOGIN, ok=ok) == [{"id": 2}]
    with pytest.raises(AdapterBroken, match="says_no"):
        read(Answers(COOKIE[0], {"error": {"code": 200}}), PERSON, auth="session", session=LOGIN, ok=ok)


@pytest.mark.parametrize(
    "answers",
    [
        [COOKIE[0], REFUSED],  # a fresh session is refused: anew would be the same
        [COOKIE[0], {"items": [], "next": "a"}, REFUSED, COOKIE[1], REFUSED],
        [COOKIE[0], {"items": [], "next": "a"}, NeedsReconnect("sign_in_refused", host="h", status=403)],
        [COOKIE[0], {"items": [], "next": "a"}, REFUSED, REFUSED],
    ],
)
def test_a_person_is_asked_for_after_one_more_try(answers: list[Any]) -> None:
    outside = Answers(*answers)
    with pytest.raises(NeedsReconnect, match="sign_in_refused"):
        read(outside, PERSON, auth="session", session=LOGIN)
    assert outside.answers == []


def test_a_server_that_is_busy_is_no_session_that_has_run_out() -> None:
    outside = Answers(COOKIE[0], {"items": [], "next": "a"}, RetryLater("busy"))
    with pytest.raises(RetryLater):
        read(outside, PERSON, auth="session", session=LOGIN)


def test_one_session_serves_all_streams_of_a_reading() -> None:
    second = {**CONFIG["streams"][0], "name": "others", "path": "/others"}
    outside = Answers(COOKIE[0], {"items": [{"id": 1}]}, {"items": [{"id": 2}]})
    read(outside, PERSON, auth="session", session=LOGIN, streams=[CONFIG["streams"][0], second])
    assert [one.headers.get("Cookie") for one in outside.requests] == [None, "s=0", "s=0"]


def test_nothing_that_signs_in_is_shown_by_what_carries_it() -> None:
    context = Context(outside=Answers(), zone=SHANGHAI, now=NOW, tenant="acme", secret={"token": CANARY})
    context.session["signed"] = signed_in({"auth": "bearer"}, context)
    request = Request(
        "https://a.example", {}, {"Authorization": CANARY}, "POST", json={"p": CANARY}, form={"p": CANARY}
    )
    assert CANARY not in repr(context) + repr(request)


@pytest.mark.parametrize(
    ("config", "place"),
    [
        ({"auth": "oauth2"}, "token_url"),
        ({"auth": "oauth2", "token_url": ""}, "token_url"),
        ({"auth": "oauth2", "token_url": "https://u:p@id.example.com/"}, "token_url"),
        ({"auth": "session"}, "session"),
        ({"auth": "session", "session": {"path": "https://elsewhere.example/login"}}, "session"),
        (
            {"auth": "session", "session": {**LOGIN, "body": {"params": {"api_key": "k"}}}},
            "session.body.params.api_key",
        ),
        ({"streams": [{**CONFIG["streams"][0], "method": "POST", "body": {"password": "x"}}]}, "body.password"),
    ],
)
def test_a_way_to_sign_in_that_is_not_written_down_whole(config: Any, place: str) -> None:
    assert place in " ".join(check_config("rest_json", {**CONFIG, **config}))

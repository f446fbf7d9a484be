import io
import logging
import sys
import uuid
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import ResolverMatch

from perfsys import logs
from perfsys.middleware import NoStore, RequestLog, client_ip


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/health/", "/no-such-page/"])
def test_every_answer_carries_the_headers(client: Any, path: str) -> None:
    headers = client.get(path).headers
    policy = dict(part.strip().split(" ", 1) for part in headers["Content-Security-Policy"].split(";"))
    assert policy == {
        "default-src": "'self'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "object-src": "'none'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
        "form-action": "'self'",
    }
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "DENY"


def respond(cookies: dict[str, str], response: HttpResponse) -> HttpResponse:
    request = RequestFactory().get("/")
    request.COOKIES = cookies
    return NoStore(lambda _request: response)(request)


def test_only_what_a_session_touched_is_kept_from_caches() -> None:
    name = settings.SESSION_COOKIE_NAME
    assert not respond({}, HttpResponse()).has_header("Cache-Control")
    assert respond({name: "x"}, HttpResponse())["Cache-Control"] == "no-store"
    signing_in = HttpResponse()
    signing_in.set_cookie(name, "x")
    assert respond({}, signing_in)["Cache-Control"] == "no-store"
    kept = HttpResponse(headers={"Cache-Control": "max-age=60"})
    assert respond({name: "x"}, kept)["Cache-Control"] == "max-age=60"


def test_a_line_names_the_route_and_ids_but_nothing_a_user_typed() -> None:
    request = RequestFactory().get("/accounts/reset/secret-token/?q=salary")
    assert RequestLog.format_request(request) == "GET '/accounts/reset/secret-token/'"  # not resolved: what was asked
    goal = uuid.uuid4()
    kwargs = {"tenant": "acme", "goal": goal, "key": "secret-token"}
    request.resolver_match = ResolverMatch(
        lambda _request: None, (), kwargs, route="t/<slug:tenant>/goals/<uuid:goal>/reset/<key>/"
    )
    assert RequestLog.format_request(request) == f"GET t/acme/goals/{goal}/reset/<key>/"


@pytest.mark.django_db
def test_a_proxys_request_id_is_kept_and_a_forged_one_is_not(client: Any) -> None:
    assert client.get("/no-such-page/", HTTP_X_REQUEST_ID="abc-123").headers["X-Request-ID"] == "abc-123"
    forged = client.get("/no-such-page/", HTTP_X_REQUEST_ID="x\ny=1 level=error").headers["X-Request-ID"]
    assert uuid.UUID(forged)


def test_the_clients_address_is_what_our_own_proxy_saw(settings: Any) -> None:
    request = RequestFactory().get("/", HTTP_X_FORWARDED_FOR="6.6.6.6, 1.2.3.4", REMOTE_ADDR="10.0.0.1")
    for count, seen in {0: "10.0.0.1", 1: "1.2.3.4", 2: "6.6.6.6", 3: "10.0.0.1"}.items():
        settings.TRUSTED_PROXY_COUNT = count
        assert client_ip(request) == seen


@pytest.mark.parametrize("as_json", [True, False])
def test_a_traceback_is_logged_without_variables_or_rows(as_json: bool) -> None:
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(formatter(as_json=as_json))
    salary = "canary-" + "9999"  # in two pieces: a traceback quotes source lines
    message = "duplicate key\nDETAIL:  Key (email)=(ada@{}) already exists.".format("example.com")
    try:
        raise ValueError(message)
    except ValueError:
        record = logging.LogRecord("goals", logging.ERROR, __file__, 1, "it failed", (), sys.exc_info())
    record.salary = salary
    line = handler.format(record)
    assert "duplicate key" in line
    assert "it failed" in line
    assert "ada@example.com" not in line
    assert salary not in line


def formatter(*, as_json: bool) -> logging.Formatter:
    given = dict(logs.configuration(as_json=as_json, level="INFO")["formatters"]["ours"])
    made: logging.Formatter = given.pop("()")(**given)
    logs.configuration(as_json=False, level="INFO")
    return made


def test_a_line_break_in_a_message_cannot_begin_a_line_of_its_own_in_production() -> None:
    record = logging.LogRecord("goals", logging.INFO, __file__, 1, "asked for %s", ("a\nb",), None)
    assert "\n" not in formatter(as_json=True).format(record)

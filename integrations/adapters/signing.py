"""How a connection signs in to a system that speaks http: what is typed for it, and what each request then carries.

In a configuration: "auth", and for some ways what belongs to it.

    {"auth": "api_key", "auth_header": "X-API-Key"}      or "auth_param" where a system knows no other place
    {"auth": "oauth2", "token_url": "https://id.example.com/token", "scope": "read", "token_auth": "body"}
    {"auth": "session", "session": {"path": "/login", "user": "params.login", "password": "params.password",
                                    "body": {"params": {"db": "acme"}}, "token": "result.token"}}

A token or a session is fetched once a reading (`Context.session`), and once more where the system says that it has run
out. Where a login gives no "token" its cookies are the session.
"""

from __future__ import annotations

import base64
import copy
import re
from collections.abc import Callable, Mapping
from http.cookies import CookieError, SimpleCookie
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import quote, unquote_plus, urlsplit

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .base import AdapterBroken, Answer, Context, NeedsReconnect, Request
from .values import at_path, put_at

_TAKEN = "host|connection|content-length|content-type|transfer-encoding|accept-encoding|authorization|cookie"
HEADER = rf"^(?!(?i:{_TAKEN})$)[A-Za-z0-9-]{{1,60}}\Z"
URL = r"^https?://[^\s/?#@]+(/[^\s?#]*)?\Z"
PARAM = {"type": "string", "minLength": 1, "maxLength": 60}
PATH = {"type": "string", "maxLength": 200}
WAYS = ("none", "basic", "bearer", "api_key", "oauth2", "session")

_SESSION: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "path": {"type": "string", "pattern": r"^/[^\s?#]*\Z", "maxLength": 300},
        "send": {"enum": ["json", "form"]},
        "user": {**PATH, "minLength": 1},
        "password": {**PATH, "minLength": 1},
        "body": {"type": "object", "maxProperties": 30},
        "token": PATH,
        "token_header": {"type": "string", "pattern": r"^[A-Za-z0-9-]{1,60}\Z"},
        "token_prefix": {"type": "string", "maxLength": 20, "pattern": r"^[\x20-\x7e]*\Z"},
    },
    "required": ["path", "user", "password"],
    "additionalProperties": False,
}
_BY_WAY: Mapping[str, Mapping[str, Any]] = {
    "api_key": {"auth_header": {"type": "string", "pattern": HEADER}, "auth_param": PARAM},
    "oauth2": {
        "token_url": {"type": "string", "maxLength": 500, "pattern": rf"({URL})|^\Z"},
        "scope": {"type": "string", "maxLength": 300, "pattern": r"^[\x21\x23-\x5b\x5d-\x7e ]*\Z"},
        "token_auth": {"enum": ["basic", "body"]},
    },
    "session": {"session": _SESSION},
}
_NEEDS = {"oauth2": "token_url", "session": "session"}
_SECRETS: Mapping[str, Mapping[str, Promise | str]] = {
    "basic": {"user": _("User name"), "password": _("Password")},
    "bearer": {"token": _("Access token")},
    "api_key": {"key": _("API key")},
    "oauth2": {"client_id": _("Client id"), "client_secret": _("Client secret")},
    "session": {"user": _("User name"), "password": _("Password")},
}


def signing_schema(*ways: str) -> dict[str, Any]:
    """The properties of a configuration that say how it signs in, one of `ways`."""
    found: dict[str, Any] = {"auth": {"enum": list(ways)}}
    for way in ways:
        found |= _BY_WAY.get(way, {})
    return found


def signing_rules(*ways: str) -> dict[str, Any]:
    """What goes with what, for the schema: what belongs to a way of signing in needs it, and it needs that."""
    rules = [
        {
            "if": {"properties": {"auth": {"const": way}}, "required": ["auth"]},
            "then": {"required": [name], "properties": {name: {"minLength": 1}}},
        }
        for way, name in _NEEDS.items()
        if way in ways
    ]
    of_a_way = [name for way in ways for name in _BY_WAY.get(way, ()) if name not in ("token_url", "scope")]
    return {"dependentRequired": {name: ["auth"] for name in of_a_way}, "allOf": rules}


def secrets_of(config: Mapping[str, Any]) -> Mapping[str, Promise | str]:
    return _SECRETS.get(config.get("auth", "none"), {})


class Signed(NamedTuple):
    """What it signs in with, where each request carries it."""

    headers: Mapping[str, str] = MappingProxyType({})
    params: Mapping[str, str] = MappingProxyType({})


def ask_signed(
    config: Mapping[str, Any],
    context: Context,
    request: Request,
    *,
    check: Callable[[Answer], None] = lambda answer: None,
) -> Answer:
    """The answer to `request`, signed in. `check` raises what an answer says inside. Where the session or the token has
    run out it signs in anew, once. Raises what `Outside.ask` raises, NeedsReconnect("secret_missing")."""
    is_fresh = _fetches(config) and "signed" not in context.session

    def asked() -> Answer:
        answer = context.outside.ask(_carrying(request, signed_in(config, context)))
        check(answer)
        return answer

    try:
        return asked()
    except NeedsReconnect as refused:
        if is_fresh or not _fetches(config) or refused.code != "sign_in_refused" or refused.words.get("status") == 403:
            raise
    context.session.pop("signed", None)
    return asked()


def signed_in(config: Mapping[str, Any], context: Context) -> Signed:
    """What its requests carry; a token or a session is fetched where there is none yet."""
    secret = context.secret
    if not all(secret.get(name) for name in secrets_of(config)):
        raise NeedsReconnect("secret_missing")
    match config.get("auth", "none"):
        case "basic":
            return Signed(headers={"Authorization": _basic(secret["user"], secret["password"])})
        case "bearer":
            return Signed(headers={"Authorization": f"Bearer {secret['token']}"})
        case "api_key" if name := config.get("auth_param"):
            return Signed(params={name: secret["key"]})
        case "api_key":
            return Signed(headers={config.get("auth_header", "X-API-Key"): secret["key"]})
        case "oauth2" | "session" as way:
            if "signed" not in context.session:
                fetch = _by_token if way == "oauth2" else _by_login
                context.session["signed"] = fetch(config, context)
            signed: Signed = context.session["signed"]
            return signed
    return Signed()


def without_key(config: Mapping[str, Any], url: str) -> str:
    """An address that the other side wrote, without the key that it may have put back in. All else of it stays as it
    came: a parameter may stand there twice."""
    bare, _, query = url.partition("?")
    name = config.get("auth_param")
    rest = "&".join(one for one in query.split("&") if unquote_plus(one.partition("=")[0]) != name)
    return f"{bare}?{rest}" if rest else bare


def _fetches(config: Mapping[str, Any]) -> bool:
    return config.get("auth") in ("oauth2", "session")


def _carrying(request: Request, signed: Signed) -> Request:
    return Request(
        request.url,
        {**request.params, **signed.params},
        {**request.headers, **signed.headers},
        request.method,
        request.json,
        request.form,
        request.any_body,
    )


def _basic(user: str, password: str) -> str:
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


def _by_token(config: Mapping[str, Any], context: Context) -> Signed:
    """OAuth 2.0 client credentials (RFC 6749 §4.4)."""
    secret, form, headers = context.secret, {"grant_type": "client_credentials"}, {}
    if scope := config.get("scope"):
        form["scope"] = scope
    if config.get("token_auth", "basic") == "basic":
        headers["Authorization"] = _basic(_quoted(secret["client_id"]), _quoted(secret["client_secret"]))
    else:
        form |= {"client_id": secret["client_id"], "client_secret": secret["client_secret"]}
    try:
        answer = context.outside.ask(Request(config["token_url"], {}, headers, "POST", form=form))
    except AdapterBroken as refused:
        if refused.words.get("status") == 400:  # how RFC 6749 §5.2 says that a client is unknown
            raise NeedsReconnect("sign_in_refused", **refused.words) from None
        raise
    token, kind = at_path(answer.body, "access_token"), at_path(answer.body, "token_type")
    if not _sendable(token) or str(kind or "bearer").lower() != "bearer":
        raise AdapterBroken("no_token", host=urlsplit(config["token_url"]).hostname or "")
    return Signed(headers={"Authorization": f"Bearer {token}"})


def _by_login(config: Mapping[str, Any], context: Context) -> Signed:
    """A login as a person's browser would do it; what it gives is a token in the answer, or cookies."""
    how, secret = config["session"], context.secret
    body = copy.deepcopy(how.get("body", {}))
    for name in ("user", "password"):
        put_at(body, how[name], secret[name])
    url = config["base_url"].rstrip("/") + how["path"]
    headers = dict(config.get("headers", {}))
    as_form = how.get("send") == "form"
    form = {name: str(value) for name, value in body.items()} if as_form else None
    answer = context.outside.ask(Request(url, {}, headers, "POST", None if as_form else body, form, any_body=True))
    host = urlsplit(url).hostname or ""
    if path := how.get("token"):
        token = at_path(answer.body, path)
        if not _sendable(token):  # a 200 that gives none: many systems say so to a wrong password
            raise NeedsReconnect("sign_in_refused", host=host)
        return Signed(headers={how.get("token_header", "Authorization"): how.get("token_prefix", "Bearer ") + token})
    cookies = _cookies(answer)
    if not cookies:
        raise NeedsReconnect("sign_in_refused", host=host)
    return Signed(headers={"Cookie": cookies})


def _cookies(answer: Answer) -> str:
    """Names and values to send back. Domain and path do not matter: all requests go to the one host."""
    found: dict[str, str] = {}
    for name, value in answer.headers:
        if name == "set-cookie":
            try:
                found |= {key: morsel.coded_value for key, morsel in SimpleCookie(value).items()}
            except CookieError:
                continue
    return "; ".join(f"{key}={value}" for key, value in found.items() if _sendable(f"{key}={value}"))


def _sendable(token: Any) -> bool:
    return isinstance(token, str) and re.fullmatch(r"[\x21-\x7e]{1,8000}", token) is not None


def _quoted(text: str) -> str:
    """As RFC 6749 §2.3.1 wants both halves in a Basic header."""
    return quote(text, safe="")

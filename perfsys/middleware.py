"""What concerns every response: one log line, and no copy of a signed-in page in anyone's cache."""

import re
import time
import uuid
from collections.abc import Callable
from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.loader import render_to_string
from django.urls import Resolver404, resolve, reverse
from django_structlog.middlewares import RequestMiddleware

PLAIN_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")


class RequestLog(RequestMiddleware):
    """django-structlog's middleware, told less: neither query strings nor whatever a path may carry besides ids."""

    def __call__(self, request: HttpRequest) -> Any:
        # Asked every few seconds; what is wrong they log themselves.
        return self.get_response(request) if request.path.startswith("/health/") else super().__call__(request)

    def prepare(self, request: HttpRequest) -> None:
        request_id = request.META.get("HTTP_X_REQUEST_ID", "")  # not .headers, which would keep the first answer
        # A proxy's id is kept; anything else under that name would be free text in our log.
        request.META["HTTP_X_REQUEST_ID"] = request_id if PLAIN_ID.fullmatch(request_id) else uuid.uuid4().hex
        request.META.pop("HTTP_X_CORRELATION_ID", None)
        request._log_started = time.perf_counter()  # type: ignore[attr-defined]  # ours alone, read below
        super().prepare(request)
        structlog.contextvars.bind_contextvars(ip=client_ip(request))

    def process_view(self, request: HttpRequest, view: Any, _args: Any, _kwargs: Any) -> None:
        if getattr(view, "names_nobody", False):  # perfsys.tenancy.routes
            request._names_nobody = True  # type: ignore[attr-defined]  # ours alone, read below
            structlog.contextvars.unbind_contextvars("ip", "account")

    def handle_response(self, request: HttpRequest, response: HttpResponseBase) -> None:
        response["X-Request-ID"] = request.META["HTTP_X_REQUEST_ID"]  # what a user quotes to support
        elapsed = time.perf_counter() - request._log_started  # type: ignore[attr-defined]
        structlog.contextvars.bind_contextvars(ms=round(elapsed * 1000))
        super().handle_response(request, response)  # type: ignore[arg-type]  # it asks for no more than the base has

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        """`GET t/acme/goals/<uuid>/`: of a path's values only the tenant's and the random ids are written out, for a
        reset link carries its secret there."""
        if (match := request.resolver_match) is None:
            return f"{request.method} {request.path[:200]!r}"

        def shown(parameter: re.Match[str]) -> str:
            value = match.kwargs.get(parameter[1])
            return str(value) if parameter[1] == "tenant" or isinstance(value, uuid.UUID) else parameter[0]

        return f"{request.method} {PARAMETER.sub(shown, match.route)}"

    @staticmethod
    def bind_user_id(request: HttpRequest) -> None:
        """The account, where something has loaded it: a log line alone is worth no query."""
        account: Any = getattr(request, "_cached_user", None)
        if account is not None and not getattr(request, "_names_nobody", False):
            structlog.contextvars.bind_contextvars(account=account.pk)


def client_ip(request: HttpRequest) -> str:
    """The address our outermost proxy saw. Entries further left in X-Forwarded-For are the client's own words."""
    count = settings.TRUSTED_PROXY_COUNT
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    return hops[-count][:45] if 0 < count <= len(hops) else str(request.META.get("REMOTE_ADDR", ""))


class RefuseInWords:
    """What no page of ours asks for gets a page that says so, not a fault and not a blank window. The address that a
    form is sent to stands in the browser after a refusal: a reload, or a window opened again, shows the form's page."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if "%00" in request.META.get("QUERY_STRING", ""):  # PostgreSQL keeps no NUL; forms refuse it by themselves
            raise BadRequest("a NUL in the address")
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:  # a form's address, typed or kept
            if request.method in {"GET", "HEAD"} and "text/html" in request.headers.get("Accept", ""):
                return HttpResponseRedirect(page_of(request))
            response.content = render_to_string("400.html", request=request)
        return response


def page_of(request: HttpRequest) -> str:
    """The page of the form that is sent to this address: the one its view names (`returns_to`), else the nearest above,
    with the same query. Whether the reader may open it is that page's to say."""
    match = request.resolver_match
    query = f"?{request.META['QUERY_STRING']}" if request.META.get("QUERY_STRING") else ""
    if match is not None and (name := getattr(match.func, "returns_to", "")):
        return reverse(name, kwargs={"tenant": match.kwargs["tenant"]})
    path = request.path_info
    while (path := path.rstrip("/").rpartition("/")[0] + "/") != "/":
        try:
            resolve(path)
        except Resolver404:
            continue
        return request.path.removesuffix(request.path_info) + path + query
    return request.path.removesuffix(request.path_info) + "/"


class NoStore:
    """`Cache-Control: no-store` on what a session has touched (security.md §3, item 17): the next person at a shared
    computer must not find it with the back button. A view that set the header itself keeps its word."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        name = settings.SESSION_COOKIE_NAME
        if (name in request.COOKIES or name in response.cookies) and not response.has_header("Cache-Control"):
            response["Cache-Control"] = "no-store"
        return response

"""Every route declares who may open it. The scope opens inside the view callback: ATOMIC_REQUESTS and
middleware do not cover TemplateResponse rendering, and a transaction opened in middleware commits after a 500."""

from collections.abc import Callable, Iterator
from functools import lru_cache, partial, wraps
from inspect import iscoroutinefunction
from typing import Any, Concatenate, NamedTuple, ParamSpec
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLResolver, get_resolver, get_script_prefix, get_urlconf, reverse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect

from .scope import NotAMember, NoTenantScope, Seat, open_as_member

P = ParamSpec("P")
ANY_ID = uuid4()  # stands nowhere else in an address
View = Callable[..., HttpResponseBase]


class Meanwhile(NamedTuple):
    """What a view answers that must wait for somebody else's system: its transaction ends, `ask` runs in none, and
    `then` goes on with what it gave, in another one. Whoever may not do this any more by then gets no answer."""

    ask: Callable[[], Any]
    then: Callable[[Any], HttpResponseBase]


class TenantRequest(HttpRequest):
    """What a view behind `open_to` receives."""

    seat: Seat


def open_to(*roles: str) -> Callable[[Callable[Concatenate[TenantRequest, P], HttpResponseBase | Meanwhile]], View]:
    """Open the tenant of the path for its members with one of `roles`.

    A visitor is sent to sign in, a stranger gets 404, a member without the role 403. The view runs, and its
    response is rendered, in one transaction, in two around a `Meanwhile`; an exception or an answer of 400 and above
    leaves nothing behind (DRF turns exceptions into answers before anybody else sees them).
    """

    def decorate(view: Callable[Concatenate[TenantRequest, P], HttpResponseBase | Meanwhile]) -> View:
        _refuse_async(view)
        allowed = frozenset(roles)

        @wraps(view)
        def scoped(request: Any, tenant: str, **kwargs: Any) -> HttpResponseBase:
            if not request.user.is_authenticated:  # session and account are read before the transaction begins
                return _to_sign_in(request)

            def answer(half: Callable[[], HttpResponseBase | Meanwhile]) -> HttpResponseBase | Meanwhile:
                # The tenant's zone is the page's: all that is stored is UTC (product.md §9.9).
                with open_as_member(tenant, request.user.pk) as request.seat, timezone.override(request.seat.zone):
                    if not request.seat.roles & allowed:
                        raise PermissionDenied
                    response = half()
                    if isinstance(response, Meanwhile):
                        return response
                    response = _finished(response)
                    if response.status_code >= 400:
                        transaction.set_rollback(True)
                    return response

            try:
                response = answer(partial(view, request, **kwargs))
                while isinstance(response, Meanwhile):
                    response = answer(partial(response.then, response.ask()))
                return response
            except NotAMember:
                raise Http404 from None

        return _declare(scoped, frozenset(roles))

    return decorate


def public(view: View) -> View:
    """For everybody, signed in or not, and in no tenant."""
    _refuse_async(view)

    @wraps(view)
    def open_view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    return _declare(open_view, "public")


def returns_to(name: str) -> Callable[[View], View]:
    """Of a view that only takes what a form sends: the page its form stands on, where that is not the nearest one above
    its address. Whoever asks for the address itself is shown that page (perfsys.middleware.RefuseInWords)."""

    def decorate(view: View) -> View:
        view.returns_to = name  # type: ignore[attr-defined]  # read by the middleware; `wraps` carries it outwards
        return view

    return decorate


def names_nobody(view: View) -> View:
    """Of a view whose visits are nobody's business: its log lines name neither account nor address
    (perfsys.middleware.RequestLog), and what it records has no address either."""
    view.names_nobody = True  # type: ignore[attr-defined]  # read by the middleware; `wraps` carries it outwards
    return view


def rule_of(view: View, view_name: str) -> "frozenset[str] | str | None":
    """The roles a view is open to, "public", or None for one that declares nothing and is not in PUBLIC_VIEWS."""
    rule: frozenset[str] | str | None = getattr(view, "declared_rule", None)
    return "public" if rule is None and view_name in settings.PUBLIC_VIEWS else rule


class Route(NamedTuple):
    """One URL pattern. `name` is what `request.resolver_match.view_name` says, `pattern` the whole path."""

    name: str
    pattern: str
    view: View
    converters: dict[str, Any]

    @property
    def rule(self) -> "frozenset[str] | str | None":
        return rule_of(self.view, self.name)


def every_route(within: URLResolver | None = None, before: str = "", spaces: tuple[str, ...] = ()) -> Iterator[Route]:
    """All URL patterns of the project, included ones as well; for the checks and the access matrix."""
    resolver = within or get_resolver()
    for entry in resolver.url_patterns:
        pattern, converters = before + str(entry.pattern), entry.pattern.converters
        if isinstance(entry, URLResolver):
            inner = (*spaces, entry.namespace) if entry.namespace else spaces
            for route in every_route(entry, pattern, inner):
                yield route._replace(converters={**converters, **route.converters})
        else:
            yield Route(":".join((*spaces, entry.name or entry.lookup_str)), pattern, entry.callback, dict(converters))


def here(request: HttpRequest, name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page of the tenant this request is in; arguments as for `reverse`, by place or by name."""
    seat: Seat | None = getattr(request, "seat", None)
    if seat is None:
        raise NoTenantScope(f"{name}: this request is in no tenant")
    place = (seat.slug, get_urlconf() or settings.ROOT_URLCONF, get_script_prefix())
    if not args and not kwargs:
        return _of_tenant(name, *place)
    values = (*args, *kwargs.values())
    if len(values) == 1 and type(values[0]) is UUID:
        before, after = _around_an_id(name, next(iter(kwargs), ""), *place)
        return f"{before}{values[0]}{after}"
    if args:
        return reverse(name, args=[seat.slug, *args], kwargs=kwargs or None)
    return reverse(name, kwargs={"tenant": seat.slug, **kwargs})


@lru_cache(maxsize=4096)
def _of_tenant(name: str, slug: str, _urls: Any, _below: str) -> str:
    """A page asks for thirty of these for its navigation. What else an address depends on is named, though not read."""
    return reverse(name, kwargs={"tenant": slug})


@lru_cache(maxsize=4096)
def _around_an_id(name: str, named: str, slug: str, _urls: Any, _below: str) -> tuple[str, str]:
    """Most addresses of a page differ in one random id alone, and every id goes through the same pattern."""
    path = reverse(name, kwargs={"tenant": slug, named: ANY_ID}) if named else reverse(name, args=[slug, ANY_ID])
    before, _id, after = path.partition(str(ANY_ID))
    return before, after


class RefuseUndeclaredRoutes:
    """Deny by default, loudly: a view without a rule is a programming error, not an open door."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> None:
        name = request.resolver_match.view_name if request.resolver_match else ""
        if rule_of(view, name) is None:
            raise ImproperlyConfigured(f"{dotted_name(view)} ({name or request.path}) declares no access rule")


def dotted_name(view: Any) -> str:
    """Of a function, of a class behind `as_view()`, or of whatever else was called a view."""
    shown = getattr(view, "view_class", getattr(view, "cls", view))
    return f"{shown.__module__}.{getattr(shown, '__qualname__', type(shown).__qualname__)}"


def _declare(view: View, rule: frozenset[str] | str) -> View:
    view.declared_rule = rule  # type: ignore[attr-defined]  # read by `rule_of`, copied outwards by functools.wraps
    return view


def _refuse_async(view: Any) -> None:
    if iscoroutinefunction(view):
        raise ImproperlyConfigured(
            f"{dotted_name(view)} is async: the scope would follow the task, the connection would not"
        )


def _finished(response: HttpResponseBase) -> HttpResponseBase:
    """Render now: lazy querysets in a template or a stream would run after the scope has closed."""
    if response.streaming and getattr(response, "file_to_stream", None) is None:
        raise TypeError("stream files, not querysets: build exports in a job")
    render = getattr(response, "render", None)
    return render() if callable(render) else response


def _to_sign_in(request: HttpRequest) -> HttpResponseBase:
    """Afterwards back to the page; never to a form's address, which answers to POST alone."""
    if request.headers.get("HX-Request") == "true":  # a fragment must not become a sign-in page inside a page
        back = request.headers.get("HX-Current-URL", "/")
        return HttpResponseClientRedirect(redirect_to_login(back).url)
    return redirect_to_login(request.get_full_path() if request.method in {"GET", "HEAD"} else "/")

"""Every route declares who may open it. The scope opens inside the view callback: ATOMIC_REQUESTS and
middleware do not cover TemplateResponse rendering, and a transaction opened in middleware commits after a 500."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse

from .scope import NoTenantScope, NotAMember, Seat, open_as_member

View = Callable[..., HttpResponseBase]


def open_to(*roles: str) -> Callable[[View], View]:
    """Open the tenant of the path for its members with one of `roles`; a stranger gets 404, a member 403."""

    def decorate(view: View) -> View:
        allowed = frozenset(roles)

        @wraps(view)
        def scoped(request: HttpRequest, tenant: str, **kwargs: Any) -> HttpResponseBase:
            account_id = request.user.pk  # session and account are read before the transaction begins
            try:
                with open_as_member(tenant, account_id) as request.seat:
                    if not request.seat.roles & allowed:
                        raise PermissionDenied
                    return _finished(view(request, **kwargs))
            except NotAMember:
                raise Http404 from None

        scoped.declared_rule = roles
        return scoped

    return decorate


def public(view: View) -> View:
    view.declared_rule = "public"
    return view


def _finished(response: HttpResponseBase) -> HttpResponseBase:
    """Render now: lazy querysets in a template or a stream would run after the scope has closed."""
    if response.streaming:
        raise TypeError("stream files, not querysets: build exports in a job")
    render = getattr(response, "render", None)
    return render() if callable(render) else response


def here(request: HttpRequest, name: str, *args: Any, **kwargs: Any) -> str:
    """The address of a page of the tenant this request is in; arguments as for `reverse`, all by place or all by name."""
    seat: Seat | None = getattr(request, "seat", None)
    if seat is None:
        raise NoTenantScope(f"{name}: this request is in no tenant")
    if args:
        return reverse(name, args=[seat.slug, *args], kwargs=kwargs or None)
    return reverse(name, kwargs={"tenant": seat.slug, **kwargs})


class RefuseUndeclaredRoutes:
    """Deny by default, loudly: a view without a rule is a programming error, not an open door."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> None:
        if not hasattr(view, "declared_rule"):
            raise ImproperlyConfigured(f"{view.__module__}.{view.__qualname__} declares no access rule")

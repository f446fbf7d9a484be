"""How long a sign-in lasts, and how strong it must be (security.md §3, items 4, 8 and 9).

Twelve hours at most; idle eight hours, or thirty minutes for whoever administers, is HR partner or handles pay. The
session is written when it begins and then once in five minutes at most, not at each request.
"""

import time
from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django_htmx.http import HttpResponseClientRedirect

from .crossing import is_privileged
from .models import Account

ABSOLUTE = 12 * 60 * 60  # seconds
IDLE = 8 * 60 * 60
IDLE_PRIVILEGED = 30 * 60
WRITE_EVERY = 5 * 60
KEPT = "sign_in"  # in the session: began, seen, idle, second_step_due


def note_sign_in(request: HttpRequest, account: Account) -> None:
    """Called when somebody has signed in; Django has given the session a new id."""
    request.session[KEPT] = {"began": time.time(), **_strength(account)}


def needs_second_step(account: Account) -> bool:
    """Compulsory for privileged accounts in production; the demo on plain http has no secrets."""
    return bool(settings.SECOND_STEP_COMPULSORY) and _is_privileged(account)


def has_second_step(account: Account) -> bool:
    return Authenticator.objects.filter(user_id=account.pk, type=Authenticator.Type.TOTP).exists()


def _strength(account: Account) -> dict[str, Any]:
    return {
        "seen": time.time(),
        "idle": IDLE_PRIVILEGED if _is_privileged(account) else IDLE,
        "second_step_due": needs_second_step(account) and not has_second_step(account),
    }


def _is_privileged(account: Account) -> bool:
    return account.email in settings.PERFSYS_OPERATORS or is_privileged(account.pk)


class SignInLimits:
    """Ends a sign-in that is over, and leads a privileged one without a second step to setting it up."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self._check(request) or self.get_response(request)
        match = request.resolver_match
        if request.method == "POST" and match and match.url_name == "account_logout":
            # Item 17: nothing of it for the next person at a shared computer; look and language may stay.
            response["Clear-Site-Data"] = '"cache", "storage"'
        return response

    def _check(self, request: HttpRequest) -> HttpResponseBase | None:
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or request.path.startswith("/health/"):
            return None  # no session, or nobody asks about it: not read
        if SESSION_KEY not in request.session:
            return None
        now = time.time()
        kept = request.session.get(KEPT)
        if kept is None or now - kept["began"] > ABSOLUTE or now - kept["seen"] > kept["idle"]:
            logout(request)
            return None  # the page itself says where to sign in
        # Roles change meanwhile, and whoever is led to the second step sets it up.
        if (now - kept["seen"] > WRITE_EVERY or kept["second_step_due"]) and isinstance(request.user, Account):
            request.session[KEPT] = kept = {**kept, **_strength(request.user)}
        if kept["second_step_due"] and not _leads_to_second_step(request):
            return _go_to(request, reverse("mfa_activate_totp"))
        return None


def _leads_to_second_step(request: HttpRequest) -> bool:
    free = ("account_logout", "account_reauthenticate", "account_reset_password", "mfa_activate_totp")
    return request.path in {reverse(name) for name in free} or request.path.startswith(reverse("mfa_index"))


def _go_to(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponseClientRedirect(url) if request.headers.get("HX-Request") == "true" else redirect(url)

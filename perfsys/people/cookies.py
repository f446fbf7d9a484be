"""Look and language travel in cookies, so that no page asks the database for them."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.http import url_has_allowed_host_and_scheme

from .models import Preferences

THEME = "theme"
YEAR = 365 * 24 * 60 * 60


def set_theme(response: HttpResponseBase, theme: str) -> None:
    """`theme` as in `Preferences.Theme`; static/js reads the cookie to colour the page before it is drawn."""
    if theme == Preferences.Theme.SYSTEM:
        response.delete_cookie(THEME, samesite="Lax")
    else:
        response.set_cookie(THEME, theme, max_age=YEAR, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE)


def set_language(response: HttpResponseBase, locale: str) -> None:
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        locale,
        max_age=YEAR,
        path=settings.LANGUAGE_COOKIE_PATH,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )


def back_to(request: HttpRequest, default: str) -> str:
    """Where a small form was sent from, as long as it is ours (security.md §3, item 16)."""
    wanted = request.POST.get("next", "")
    own = {request.get_host()}
    safe = url_has_allowed_host_and_scheme(wanted, own, require_https=request.is_secure())
    is_address = wanted.startswith(("/", "http://", "https://"))  # a bare word is safe too, and names no page
    return wanted if safe and is_address else default

"""What is one's own: the way to the first page, look and language, sign-in."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch
from django.utils.module_loading import import_string
from django.views.decorators.http import require_GET, require_POST

from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access, actions, cookies
from ..models import Account, Preferences
from ..sessions import has_second_step

# The first of these that exists is where a role begins; the strongest role first.
LANDINGS = (
    (Role.HRBP, ("dashboards:health",)),
    (Role.MANAGER, ("dashboards:team",)),
    (Role.EXECUTIVE, ("goals:board", "goals:tree")),
    (Role.EMPLOYEE, ("dashboards:week",)),
    (Role.ADMIN, ("imports:list",)),
)
THEMES = {"auto": Preferences.Theme.SYSTEM, "light": Preferences.Theme.LIGHT, "dark": Preferences.Theme.DARK}


@require_GET
@open_to(*EVERYONE)
def home(request: TenantRequest) -> HttpResponse:
    """Where a seat begins; on the way look and language come along to a new browser."""
    response = redirect(landing(request))
    preferences = access.preferences_of(request.seat)
    if preferences is not None:
        cookies.set_theme(response, preferences.theme)
    if preferences is not None and preferences.locale:
        cookies.set_language(response, preferences.locale)
    elif settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        cookies.set_language(response, request.seat.locale)
    return response


def landing(request: TenantRequest) -> str:
    """The address of the first page: where something waits that is urgent, else by role: health for HR partners, team
    for managers, week for employees."""
    for name, holds in settings.URGENT_PAGES.items():
        if import_string(holds)(request):
            return here(request, name)
    for role, names in LANDINGS:
        if role in request.seat.roles:
            for name in names:
                try:
                    return here(request, name)
                except NoReverseMatch:  # an app that is not installed
                    continue
    return here(request, "notices:inbox")  # everybody has one


@require_GET
@open_to(*EVERYONE)
def settings_page(request: TenantRequest) -> HttpResponse:
    context = {
        "theme_url": here(request, "people:theme"),
        "language_url": here(request, "people:language"),
        "account": request.user,
        "mfa": isinstance(request.user, Account) and has_second_step(request.user),
    }
    return render(request, "people/settings.html", context)


@require_POST
@open_to(*EVERYONE)
def set_theme(request: TenantRequest) -> HttpResponse:
    response = redirect(cookies.back_to(request, here(request, "people:me")))
    theme = THEMES.get(request.POST.get("theme", ""))
    if theme is not None:
        actions.set_preferences(membership_id=request.seat.membership_id, theme=theme)
        cookies.set_theme(response, theme)
    return response


@require_POST
@open_to(*EVERYONE)
def set_language(request: TenantRequest) -> HttpResponse:
    response = redirect(cookies.back_to(request, here(request, "people:me")))
    locale = request.POST.get("language", "")
    if locale in dict(settings.LANGUAGES):
        actions.set_preferences(membership_id=request.seat.membership_id, locale=locale)
        cookies.set_language(response, locale)
    return response

"""What stands around every page inside a tenant (templates/shell.html): navigation by role, and nothing that is not
there yet. A page appears in the navigation by one line of `PAGES`."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from perfsys.people.access import viewer
from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import here
from perfsys.tenancy.scope import scope_is_open

THEMES = ("light", "dark")


@dataclass(frozen=True)
class Page:
    """A place in the navigation, for whoever has one of `roles`; `tab`: also among the five at the foot of a phone."""

    name: str  # of its URL
    group: Promise | str
    label: Promise | str
    icon: str
    roles: frozenset[Role]
    key: str = ""
    tab: bool = False


SET_UP = _("Set up")
PAGES: tuple[Page, ...] = (
    Page("notices:inbox", "", _("Inbox"), "inbox", frozenset(EVERYONE), key="g i", tab=True),
    Page("imports:list", SET_UP, _("Import"), "upload", frozenset({Role.ADMIN}), tab=True),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Outside a tenant (sign-in, errors) only the theme is known."""
    context: dict[str, Any] = {"theme": theme_of(request)}
    seat = getattr(request, "seat", None)
    if seat is None or not scope_is_open():  # an error page is drawn after the scope has closed
        return context
    who = viewer(request)
    pages = [page for page in PAGES if page.roles & seat.roles]
    items = {page: _item(request, page) for page in pages}
    groups: dict[Any, list[dict[str, Any]]] = {}
    for page in pages:
        groups.setdefault(page.group, []).append(items[page])
    return context | {
        "tenant": {"name": seat.name},
        "person": {
            "name": who.employee.name if who.employee else str(request.user),
            "position": who.employee.position if who.employee else "",
        },
        "scope": f"{seat.slug}:{who.employee.public_id if who.employee else seat.membership_id}",
        "nav": [{"title": title, "items": listed} for title, listed in groups.items()],
        "tabs": [items[page] for page in pages if page.tab][:5],
        "now": timezone.now(),
        "inbox_url": here(request, "notices:inbox"),
        "settings_url": here(request, "people:me"),
        "theme_url": here(request, "people:theme"),
        "language_url": here(request, "people:language"),
        "memberships_url": reverse("door:tenants"),
        "logout_url": reverse("account_logout"),
    }


def theme_of(request: HttpRequest) -> str:
    """ "" follows the system."""
    theme = request.COOKIES.get("theme", "")
    return theme if theme in THEMES else ""


def _item(request: HttpRequest, page: Page) -> dict[str, Any]:
    match = request.resolver_match
    return {
        "label": page.label,
        "url": here(request, page.name),
        "icon": page.icon,
        "key": page.key,
        "current": match is not None and match.app_name == page.name.partition(":")[0],
    }

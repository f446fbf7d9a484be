"""What stands around every page inside a tenant (templates/shell.html): navigation by role, and nothing that is not
there yet. A page appears in the navigation by one line of `PAGES`."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from integrations.access import KEEPERS, count_open_gaps
from perfsys.notices.queries import count_open
from perfsys.people.access import Viewer, owner_in_browser, viewer
from perfsys.people.features import Feature
from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import here
from perfsys.tenancy.scope import scope_is_open

THEMES = ("light", "dark")
TABS = 4


@dataclass(frozen=True, eq=False)  # each is itself alone: to compare and hash all of it took longer than to draw it
class Page:
    """A place in the navigation, for whoever has one of `roles`. `tab`: among which come first at the foot of a phone,
    where four have a place beside the button in the middle; 0 is none of them."""

    name: str  # of its URL
    group: Promise | str
    label: Promise | str
    icon: str
    roles: frozenset[Role]
    key: str = ""
    tab: int = 0
    short: Promise | str = ""  # at the foot of a phone, where five share the width
    tab_for: frozenset[Role] = frozenset()  # on whose phones it has that place; empty is everybody's
    feature: Feature | None = None  # not there where this is not switched on


TEAM = _("Team")
ORGANISATION = _("Organisation")
SET_UP = _("Set up")
INBOX, CONNECTIONS = "notices:inbox", "integrations:list"
PAGES: tuple[Page, ...] = (
    Page("dashboards:week", "", _("My week"), "home", frozenset({Role.EMPLOYEE}), key="g h", tab=2),
    Page("goals:mine", "", _("My goals"), "target", frozenset({Role.EMPLOYEE}), key="g o", tab=3),
    Page(
        "goals:requests",
        "",
        _("Adjustments"),
        "sliders",
        frozenset({Role.EMPLOYEE}),
        tab=2,
        short=pgettext_lazy("tab", "Requests"),
        tab_for=frozenset({Role.HRBP}),
    ),
    Page("feedback:list", "", _("Feedback"), "talk", frozenset(EVERYONE), key="g f", tab=4, feature=Feature.FEEDBACK),
    Page(
        "feedback:retro",
        "",
        _("Weekly retro"),
        "calendar",
        frozenset({Role.EMPLOYEE}),
        key="g w",
        feature=Feature.RETRO,
    ),
    Page(
        "reviews:list",
        "",
        _("Interviews"),
        "people",
        frozenset({Role.EMPLOYEE}),
        key="g v",
        feature=Feature.INTERVIEWS,
    ),
    Page(
        "feedback:my_radar",
        "",
        _("My radar"),
        "growth",
        frozenset({Role.EMPLOYEE}),
        key="g r",
        feature=Feature.FEEDBACK,
    ),
    Page(
        "goals:board",
        "",
        _("Decoding board"),
        "board",
        frozenset(EVERYONE),
        key="g b",
        tab=5,
        short=pgettext_lazy("tab", "Board"),
    ),
    Page(
        "goals:blockers",
        "",
        _("Cross-team board"),
        "link",
        frozenset(EVERYONE),
        key="g x",
        feature=Feature.BLOCKERS,
    ),
    Page(INBOX, "", _("Inbox"), "inbox", frozenset(EVERYONE), key="g i", tab=6),
    Page("dashboards:team", TEAM, _("My team"), "person", frozenset({Role.MANAGER}), key="g m", tab=1),
    Page("integrations:found", TEAM, _("Records at rest"), "clock", frozenset({Role.MANAGER})),
    Page("feedback:retro_team", TEAM, _("Weeks shown to me"), "eye", frozenset({Role.MANAGER})),
    Page("dashboards:health", ORGANISATION, _("Goal health"), "pulse", frozenset({Role.HRBP}), tab=1),
    Page(
        "goals:obstacles",
        ORGANISATION,
        pgettext_lazy("page", "Obstacles"),
        "flag",
        frozenset({Role.HRBP, Role.ADMIN}),
    ),
    Page(
        "dashboards:penetrations",
        ORGANISATION,
        _("Goal penetration report"),
        "flow",
        frozenset({Role.HRBP, Role.EXECUTIVE, Role.ADMIN}),
    ),
    Page(
        "goals:workshops",
        ORGANISATION,
        _("Decoding workshops"),
        "people",
        frozenset({Role.MANAGER, Role.HRBP, Role.EXECUTIVE, Role.ADMIN}),
    ),
    Page("integrations:metrics", ORGANISATION, _("Metrics"), "board", frozenset({*KEEPERS, Role.HRBP})),
    # Whoever has the page above comes to it from there.
    Page("integrations:governance", ORGANISATION, _("Data governance"), "check", frozenset({Role.EXECUTIVE})),
    Page("people:list", ORGANISATION, _("People"), "people", frozenset(EVERYONE), key="g p"),
    Page("people:units", ORGANISATION, _("Units"), "flow", frozenset(EVERYONE)),
    Page("feedback:retro_responses", ORGANISATION, _("Retro responses"), "check", frozenset({Role.HRBP, Role.ADMIN})),
    Page("lexicon:dictionary", ORGANISATION, _("Performance language"), "book", frozenset(EVERYONE)),
    Page("integrations:disputes", ORGANISATION, _("Data disputes"), "flag", frozenset(EVERYONE)),
    Page("feedback:gripes", ORGANISATION, _("Gripe day"), "horn", frozenset(EVERYONE)),
    Page("goals:templates", SET_UP, _("Goal templates"), "template", frozenset({Role.ADMIN, Role.HRBP})),
    Page("goals:suggestions", SET_UP, _("Suggestions"), "bulb", frozenset({Role.ADMIN, Role.HRBP})),
    Page("lexicon:tags", SET_UP, _("Behaviour tags"), "flag", frozenset({Role.ADMIN})),
    Page("imports:list", SET_UP, _("Import"), "upload", frozenset({Role.ADMIN}), tab=1),
    Page(CONNECTIONS, SET_UP, _("Data sources"), "plug", frozenset(KEEPERS), tab=1),
    Page(
        "integrations:pairs",
        SET_UP,
        _("Reconciliation"),
        "sliders",
        frozenset({*KEEPERS, Role.HRBP}),
    ),
    Page("people:roles", SET_UP, _("Roles"), "lock", frozenset({Role.ADMIN})),
    Page("goals:settings", SET_UP, _("Goal settings"), "sliders", frozenset({Role.ADMIN})),
    Page("feedback:settings", SET_UP, _("Feedback settings"), "talk", frozenset({Role.ADMIN})),
    Page("people:company", SET_UP, _("Company settings"), "gear", frozenset({Role.ADMIN})),
    Page("people:features", SET_UP, _("Features"), "check", frozenset({Role.ADMIN})),
    Page("tokens:list", SET_UP, _("Access tokens"), "lock", frozenset({Role.ADMIN})),
    Page("jobs:jobs", SET_UP, _("Jobs"), "sync", frozenset({Role.ADMIN})),
    Page("audit:record", SET_UP, _("Who did what"), "eye", frozenset({Role.ADMIN})),
)


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Outside a tenant (sign-in, errors) only the theme is known."""
    context: dict[str, Any] = {"theme": theme_of(request)}
    seat = getattr(request, "seat", None)
    if seat is None or not scope_is_open():  # an error page is drawn after the scope has closed
        return context
    who = viewer(request)
    pages = [page for page in PAGES if page.roles & seat.roles and not (page.feature and who.lacks(page.feature))]
    waiting = _count_when_asked(who)
    counts: dict[str, Callable[[], int]] = {INBOX: waiting, CONNECTIONS: cache(count_open_gaps)}
    urls = {page: here(request, page.name) for page in pages}
    current = _page_one_is_on(request, urls)
    items = {page: _item(page, url, page is current, counts.get(page.name, 0)) for page, url in urls.items()}
    compose_url = here(request, "feedback:new") if who.employee and not who.lacks(Feature.FEEDBACK) else ""
    groups: dict[Any, list[dict[str, Any]]] = {}
    for page in pages:
        groups.setdefault(page.group, []).append(items[page])
    return context | {
        "tenant": {"name": seat.name},
        "person": {
            "name": who.employee.name if who.employee else str(request.user),
            "position": who.employee.position if who.employee else "",
        },
        "scope": owner_in_browser(request),
        "nav": [{"title": title, "items": listed} for title, listed in groups.items()],
        "tabs": _tabs([page for page in pages if not page.tab_for or page.tab_for & seat.roles], items, compose_url),
        "compose_url": compose_url,
        "now": timezone.now(),
        "inbox_url": here(request, INBOX),
        "inbox_count": waiting,
        "settings_url": here(request, "people:me"),
        "theme_url": here(request, "people:theme"),
        "language_url": here(request, "people:language"),
        "memberships_url": reverse("door:tenants"),
        "logout_url": reverse("account_logout"),
    }


def _tabs(pages: list[Page], items: dict[Page, dict[str, Any]], compose_url: str) -> list[dict[str, Any]]:
    """Four places, and in the middle what is done most: writing down what somebody did well (design.md §2)."""
    first = sorted((page for page in pages if page.tab), key=lambda page: page.tab)[:TABS]
    tabs = [{**items[page], "label": page.short or page.label} for page in pages if page in first]
    if compose_url:
        tabs.insert(len(tabs) // 2, {"label": _("Jot feedback"), "url": compose_url, "icon": "plus", "add": True})
    return tabs


def theme_of(request: HttpRequest) -> str:
    """ "" follows the system."""
    theme = request.COOKIES.get("theme", "")
    return theme if theme in THEMES else ""


def _count_when_asked(who: Viewer) -> Callable[[], int]:
    """How much waits for the person: one query, and none for a fragment, which draws no navigation."""

    @cache
    def count() -> int:
        return count_open(who.employee) if who.employee else 0

    return count


def _page_one_is_on(request: HttpRequest, urls: dict[Page, str]) -> Page | None:
    """Where one is: the page itself or the one whose address this one goes on from; else the only page of its app."""
    match = request.resolver_match
    if match is None:
        return None
    if above := [page for page, url in urls.items() if request.path.startswith(url)]:
        return max(above, key=lambda page: len(urls[page]))
    of_app = [page for page in urls if page.name.partition(":")[0] == match.app_name]
    return of_app[0] if len(of_app) == 1 else None


def _item(page: Page, url: str, is_current: bool, count: Callable[[], int] | int) -> dict[str, Any]:
    return {
        "label": page.label,
        "url": url,
        "icon": page.icon,
        "key": page.key,
        "current": is_current,
        "count": count,
        "warm": bool(count),  # whatever is counted waits for you
    }

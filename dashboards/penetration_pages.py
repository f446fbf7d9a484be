"""A kept report as its page shows it: rows, facts and comparisons out of the stored figures, in words."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from goals.models import ResourceKind

from .penetration import UNIT

Json = Mapping[str, Any]
Link = Callable[..., str]  # the address of what stands behind a node, by its public id
BY: Mapping[str, Promise | str] = {
    ResourceKind.PEOPLE: gettext_lazy("Headcount"),
    ResourceKind.MONEY: gettext_lazy("Money"),
    ResourceKind.HOURS: gettext_lazy("Hours"),
}
UNITS: Mapping[str, Promise | str] = {
    ResourceKind.PEOPLE: gettext_lazy("heads"),
    ResourceKind.MONEY: gettext_lazy("10,000 yuan"),
    ResourceKind.HOURS: gettext_lazy("hours"),
}
GREY = 6  # the colour of what hangs on no company goal, or was not broken down
COLOURS = 5  # of company goals; the sixth and all after it share the last
EXACT_BELOW = 1000 * UNIT  # above it nobody reads tenths


@dataclass(frozen=True)
class Node:
    """A row of the table and a block of the picture. `share` is the percent of all, `goals` how many it stands for."""

    key: int
    kind: str
    name: str
    level: str
    url: str
    goals: int
    received: int
    passed: int
    own: int
    left: int
    planned: int
    over: int
    share: int | None = None
    colour: int = GREY

    @property
    def amount(self) -> int:
        return max(self.received, self.passed)

    @property
    def is_end(self) -> bool:
        return not self.passed


@dataclass(frozen=True)
class View:
    """What one address shows: nodes and the amounts between them, by place in `nodes`."""

    title: str
    nodes: list[Node]
    links: list[tuple[int, int, int]]
    total: int
    goal_url: str = ""


@dataclass(frozen=True)
class Names:
    """Words for what a report holds. `readable` are goals by id that the viewer may read."""

    goals: Json  # [public id, title, unit, layer, whether others carry it] by goal id as text
    units: Json  # [public id, name] by unit id as text
    readable: Collection[int]
    node_url: Link
    goal_url: Link

    def goal(self, pk: int) -> str:
        return self.goals[str(pk)][1] if self.is_readable(pk) else _("A private goal")

    def is_readable(self, pk: int) -> bool:
        return pk in self.readable

    def unit(self, pk: int | None) -> str:
        return self.units[str(pk)][1] if str(pk) in self.units else _("other departments")

    def url(self, pk: int) -> str:
        """Behind a goal that others carry stands its own view, behind any other its page."""
        public_id, _title, _unit, _layer, is_carried = self.goals[str(pk)]
        if is_carried:
            return self.node_url(public_id)
        return self.goal_url(public_id) if self.is_readable(pk) else ""


def amount_text(amount: int) -> str:
    """`1,240` or `12.5`: whole numbers from a thousand on, a tenth below."""
    value = Decimal(amount) / UNIT
    places = Decimal(1) if amount >= EXACT_BELOW else Decimal("0.1")
    rounded = value.quantize(places, ROUND_HALF_UP)
    if amount and not rounded:
        return _("under %(least)s") % {"least": "0.1"}
    shown = rounded.normalize() if rounded == rounded.to_integral_value() else rounded
    return f"{shown:,f}"  # by thousands in both languages: the Chinese locale would group by ten thousands


def with_unit(amount: int, kind: str) -> str:
    return f"{amount_text(amount)} {UNITS[kind]}"


def share_of(part: int, whole: int) -> int | None:
    return round(100 * part / whole) if whole else None


def colours_of(content: Json, kind: str) -> dict[int, int]:
    """1 to 5 by company goal, the largest first: the goal keeps its colour through the report."""
    ranked = sorted(
        (
            node
            for node in content["kinds"][kind]["nodes"]
            if node[0] == "goal" and _layer(content, node[1]) == "company"
        ),
        key=lambda node: -node[3],
    )
    return {node[1]: min(COLOURS, place) for place, node in enumerate(ranked, 1)}


def first_view(content: Json, kind: str, names: Names) -> View:
    """The whole company: company goals, departments, the largest position goals and the rest."""
    page = content["kinds"][kind]
    colours, total = colours_of(content, kind), page["total"]
    nodes = [
        _node(place, stored, names, total, colours.get(stored[1], GREY) if stored[0] == "goal" else GREY)
        for place, stored in enumerate(page["nodes"])
    ]
    nodes = [replace(node, received=node.passed) if node.kind == "root" else node for node in nodes]
    links = [(up, low, amount) for up, low, amount in page["links"]]
    return View(_("The whole company"), _coloured(nodes, links), links, total)


def node_view(content: Json, part: Json, kind: str, names: Names) -> View:
    """One node between what it gets and what it passes on."""
    star = part["kinds"][kind]
    colours, here = colours_of(content, kind), star["node"]
    total = here[3]
    nodes = [_node(0, here, names, total, colours.get(here[1], GREY) if here[0] == "goal" else GREY)]
    links: list[tuple[int, int, int]] = []
    for pk, amount in star["above"]:
        stored = ["goal", pk, 1, 0, amount, 0, 0, 0, 0, 0] if pk else ["root", None, 0, 0, amount, 0, 0, 0, 0, 0]
        links.append((len(nodes), 0, amount))
        nodes.append(_node(len(nodes), stored, names, total, colours.get(pk, GREY)))
    if (rest := total - sum(amount for _pk, amount in star["above"])) > 0:
        links.append((len(nodes), 0, rest))
        nodes.append(_node(len(nodes), ["sources", None, 0, 0, rest, 0, 0, 0, 0, 0], names, total, GREY))
    for pk, amount in star["below"]:
        links.append((0, len(nodes), amount))
        nodes.append(_node(len(nodes), ["goal", pk, 1, amount, 0, amount, 0, 0, 0, 0], names, total, GREY))
    for department, goals, amount in star["rest"]:
        links.append((0, len(nodes), amount))
        stored = ["rest", department, goals, amount, 0, amount, 0, 0, 0, 0]
        nodes.append(_node(len(nodes), stored, names, total, GREY))
    is_goal = here[0] == "goal"
    title = names.goal(here[1]) if is_goal else names.unit(here[1])
    goal_url = names.goal_url(names.goals[str(here[1])][0]) if is_goal and names.is_readable(here[1]) else ""
    return View(title, _coloured(nodes, links), links, total, goal_url)


def goals_named(content: Json, part: Json | None) -> list[int]:
    return [int(pk) for source in (content, part or {}) for pk in source.get("names", {})]


@dataclass(frozen=True)
class Change:
    """A line of month on month; texts, the change with its sign."""

    name: str
    before: str
    now: str
    change: str


def month_on_month(content: Json, kind: str, names: Names) -> list[Change]:
    """Against the month before as it was issued; empty where there is none."""
    before = content["before"]
    if not before:
        return []
    now, then = content["kinds"][kind], before["kinds"][kind]
    rows = [_change(pgettext("resources", "All of it"), then["total"], now["total"])]
    rows += [
        _change(names.goal(pk), then["company"].get(str(pk), 0), received)
        for kind_of, pk, _goals, received, *_rest in now["nodes"]
        if kind_of == "goal" and _layer(content, pk) == "company"
    ]
    rows.append(_change(_("On no company goal"), then["loose"], now["loose"]))
    for name, key in ((_("Idle goals"), "idle_count"), (_("Company goals nobody supports"), "unsupported_count")):
        rows.append(_change(name, before[key] * UNIT, content[key] * UNIT))
    return rows


def _change(name: str, before: int, now: int) -> Change:
    difference = now - before
    sign = "+" if difference > 0 else "−" if difference < 0 else ""
    return Change(name, amount_text(before), amount_text(now), sign + amount_text(abs(difference)))


def facts(content: Json, kind: str, names: Names) -> list[dict[str, str]]:
    """Three sentences with a figure each, as facts."""
    page, told = content["kinds"][kind], []
    colours = colours_of(content, kind)
    largest = next((pk for pk, colour in colours.items() if colour == 1), None)
    if largest is not None and page["total"]:
        [received] = [node[3] for node in page["nodes"] if node[:2] == ["goal", largest]]
        said = _("go to “%(goal)s”, more than to any other company goal")
        told.append({"figure": f"{share_of(received, page['total'])}%", "says": said % {"goal": names.goal(largest)}})
    if page["loose"]:
        told.append({"figure": with_unit(page["loose"], kind), "says": _("hang on no company goal")})
    elif page["left"]:
        said = _("were given to goals and have not been broken down")
        told.append({"figure": with_unit(page["left"], kind), "says": said})
    idle, before = content["idle_count"], content["before"]
    said = ngettext(
        "goal stands idle: no resource, and no check-in", "goals stand idle: no resource, and no check-in", idle
    )
    if before:
        said += _(". The month before: %(number)d") % {"number": before["idle_count"]}
    return [*told, {"figure": str(idle), "says": said}]


def _node(place: int, stored: list[Any], names: Names, total: int, colour: int) -> Node:
    kind, of, goals, *figures = stored
    received, passed, own, left, planned, over, _plan_only = figures
    name, level, url = _words(kind, of, goals, names)
    amount = max(received, passed)
    return Node(
        place,
        kind,
        name,
        level,
        url,
        goals,
        received,
        passed,
        own,
        left,
        planned,
        over,
        share_of(amount, total),
        colour,
    )


def _words(kind: str, of: int | None, goals: int, names: Names) -> tuple[str, str, str]:
    """Name, level and address."""
    if kind == "goal" and of is not None:
        layer = names.goals[str(of)][3]
        return names.goal(of), str(LEVELS[layer]), names.url(of)
    department = names.node_url(names.units[str(of)][0]) if str(of) in names.units else ""
    if kind == "unit":
        return names.unit(of), _("Department"), department
    if kind == "rest":
        said = ngettext("%(number)d more goal of %(unit)s", "%(number)d more goals of %(unit)s", goals)
        return said % {"number": goals, "unit": names.unit(of)}, _("Position"), department
    words = {
        "root": (pgettext("resources", "All of it"), _("In total")),
        "loose": (_("On no company goal"), _("Company")),
        "goals": (_("Smaller company goals"), _("Company")),
        "units": (_("Other departments"), _("Department")),
        "sources": (_("Smaller goals above"), _("Above")),
    }
    return (*words[kind], "")


LEVELS = {
    "company": gettext_lazy("Company"),
    "dept": gettext_lazy("Department"),
    "position": gettext_lazy("Position"),
}


def _coloured(nodes: list[Node], links: list[tuple[int, int, int]]) -> list[Node]:
    """A node that is no company goal takes the colour most of it comes from; two passes reach from the company to
    positions and from a department to departments below."""
    colours = {node.key: node.colour for node in nodes}
    fixed = {node.key for node in nodes if node.colour != GREY or node.kind in ("root", "loose", "goals", "sources")}
    for _pass in range(3):
        for node in nodes:
            if node.key in fixed:
                continue
            coming = [(amount, colours[up]) for up, low, amount in links if low == node.key]
            if coming:
                colours[node.key] = max(coming)[1]
    return [replace(node, colour=colours[node.key]) for node in nodes]


def _layer(content: Json, pk: int) -> str:
    found: str = content["names"][str(pk)][3]
    return found

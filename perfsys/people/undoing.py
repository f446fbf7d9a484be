"""What taking back an import of people would do: whoever somebody touched since stays as he is (product.md §1.6)."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import F
from django.utils.translation import gettext_lazy as _

from perfsys.common.bulk import AnyOf
from perfsys.common.undoing import belongs_to, supported

from . import circles, formers
from .closure import DEEPEST
from .formers import Node, Record, Replaced, What
from .models import (
    Assignment,
    Employee,
    HrbpAssignment,
    Invitation,
    OrgUnit,
    OrgUnitClosure,
    ReportingClosure,
    ReportingLine,
    UnitLine,
)

CHANGED, USED, SEATED, NEEDED, LOST, CIRCLE, GONE = "changed", "used", "seated", "needed", "lost", "circle", "gone"
WHY = {
    CHANGED: _("somebody changed it since"),
    USED: _("has goals, feedback or other entries since"),
    SEATED: _("has been invited or can sign in since"),
    NEEDED: _("people or units that stay depend on it"),
    LOST: _("the manager, unit or HR partner of before is not there any more"),
    CIRCLE: _("the manager of before reports here by now"),
    GONE: _("it is not there any more"),
}
# The dated organisation itself is looked at row by row.
ORGANISATION: Mapping[Any, None] = dict.fromkeys(
    (Assignment, HrbpAssignment, Invitation, OrgUnit, OrgUnitClosure, ReportingClosure, ReportingLine, UnitLine)
)
_ALWAYS = ""  # sorts before every day


@dataclass(frozen=True, slots=True)
class Outlook:
    """`removed` were new, `restored` get back what they were, `left` stay as they are, each with a code of why."""

    removed: Sequence[Node]
    restored: Sequence[Node]
    left: Mapping[Node, str]


def outlook(replaced: Sequence[Replaced]) -> Outlook:
    """As many queries as there are tables that name a person or a unit, however many of them. Who stays may need
    others: so they are asked until nobody more stays."""
    found = _Facts(replaced)
    left = found.left
    before = -1
    while before != len(left):
        before = len(left)
        left |= dict.fromkeys(supported(found.staying(), found.stands_on, found.new.keys() - left.keys()), NEEDED)
        left |= dict.fromkeys(found.without_place(), LOST)
        left |= dict.fromkeys(found.in_circles(), CIRCLE)
    nodes = sorted(one.node for one in replaced)  # people before units
    return Outlook(
        removed=[node for node in nodes if node in found.new and node not in left],
        restored=[node for node in nodes if node in found.former and node not in left],
        left={node: left[node] for node in nodes if node in left},
    )


class _Facts:
    """What is read once; `left` grows."""

    def __init__(self, replaced: Sequence[Replaced]) -> None:
        self.new = {one.node: one for one in replaced if one.former is None}
        self.former = {one.node: one.former for one in replaced if one.former is not None}
        self.now: dict[Node, Record] = {
            **_by_node(What.PERSON, formers.people(_ids(What.PERSON, [one.node for one in replaced]))),
            **_by_node(What.UNIT, formers.units(_ids(What.UNIT, [one.node for one in replaced]))),
        }
        self.left = self._touched(replaced)
        self.stands_on = list(self._stands_on())
        self._people, self._units = self._named()
        redrawn = any("managers" in former for former in self.former.values())
        self._lines = _all_lines() if redrawn else {}

    def going(self, node: Node) -> bool:
        """Whether it is removed or gets back what it was."""
        return node not in self.left and (node in self.new or node in self.former)

    def staying(self) -> set[Node]:
        return {node for node, _on in self.stands_on if not self.going(node)}

    def without_place(self) -> set[Node]:
        """Whom or what their former rows name is gone, or is not there as long as they say."""
        return {
            node
            for node, former in self.former.items()
            if node not in self.left and any(self._is_gone(named, until) for named, until in _names(former))
        }

    def in_circles(self) -> set[Node]:
        redrawn = {pk: former["managers"] for (_what, pk), former in self._restored() if "managers" in former}
        if not redrawn:
            return set()
        lines = {pk: rows for pk, rows in self._lines.items() if not self._is_removed((What.PERSON, pk))} | redrawn
        return {(What.PERSON, pk) for pk in circles.would_close(lines, redrawn, DEEPEST)}

    def _touched(self, replaced: Sequence[Replaced]) -> dict[Node, str]:
        left = {one.node: GONE for one in replaced if one.node not in self.now}
        for one in replaced:
            if one.node in self.now and formers.mark_of(one.node[0], self.now[one.node]) != one.became:
                left[one.node] = CHANGED
        for what, model in ((What.PERSON, Employee), (What.UNIT, OrgUnit)):
            new = _ids(what, self.new.keys() - left.keys())
            left |= {(what, pk): USED for pk in belongs_to(model, new, ORGANISATION)}
        return left | dict.fromkeys(self._seated() - left.keys(), SEATED)

    def _seated(self) -> set[Node]:
        new = _ids(What.PERSON, self.new)
        invited = Invitation.objects.filter(AnyOf(F("employee_id"), new)).values_list("employee_id", flat=True)
        back = {node for node, former in self.former.items() if former.get("fields", {}).get("status") == "left"}
        seated = {(What.PERSON, pk) for pk in new if self._seat_open((What.PERSON, pk)) is not None}
        return seated | {(What.PERSON, pk) for pk in invited} | {node for node in back if self._seat_open(node)}

    def _seat_open(self, node: Node) -> bool | None:
        return self.now.get(node, {}).get("seat_open")

    def _stands_on(self) -> Iterator[tuple[Node, Node]]:
        """Whose rows name somebody or something new."""
        people, units = _ids(What.PERSON, self.new), _ids(What.UNIT, self.new)
        named: tuple[tuple[Any, What, str, What, str, list[int]], ...] = (
            (ReportingLine, What.PERSON, "employee_id", What.PERSON, "manager_id", people),
            (Assignment, What.PERSON, "employee_id", What.UNIT, "unit_id", units),
            (HrbpAssignment, What.UNIT, "unit_id", What.PERSON, "hrbp_id", people),
            (UnitLine, What.UNIT, "unit_id", What.UNIT, "parent_id", units),
            (OrgUnit, What.UNIT, "id", What.UNIT, "parent_id", units),
        )
        for model, owner, owner_id, value, value_id, ids in named:
            for pk, on in model.objects.filter(AnyOf(F(value_id), ids)).values_list(owner_id, value_id):
                yield (owner, pk), (value, on)

    def _named(self) -> tuple[dict[int, tuple[str, str | None]], dict[int, str | None]]:
        """Whom former rows name: status and last day of people, last day of units."""
        nodes = {named for former in self.former.values() for named, _until in _names(former)}
        people = Employee.objects.filter(AnyOf(F("id"), _ids(What.PERSON, nodes)))
        units = OrgUnit.objects.filter(AnyOf(F("id"), _ids(What.UNIT, nodes)))
        return (
            {pk: (status, _text(left)) for pk, status, left in people.values_list("pk", "status", "left_on")},
            {pk: _text(ends_on) for pk, ends_on in units.values_list("pk", "ends_on")},
        )

    def _is_gone(self, named: Node, until: str | None) -> bool:
        what, pk = named
        if what is What.UNIT:
            return pk not in self._units or _is_over(self._units[pk], until)
        if pk not in self._people:
            return True
        status, left_on = self._people[pk]
        if self.going(named):  # perhaps it is this import that said he had left
            fields = self.former.get(named, {}).get("fields", {})
            status, left_on = fields.get("status", status), fields.get("left_on", left_on)
        return status == Employee.Status.LEFT and (until is None or _is_over(left_on, until))

    def _restored(self) -> Iterator[tuple[Node, Mapping[str, Any]]]:
        return ((node, former) for node, former in self.former.items() if node not in self.left)

    def _is_removed(self, node: Node) -> bool:
        return node in self.new and node not in self.left


def _ids(what: What, nodes: Collection[Node]) -> list[int]:
    return [pk for kind, pk in nodes if kind is what]


def _by_node(what: What, records: Mapping[int, Record]) -> dict[Node, Record]:
    return {(what, pk): record for pk, record in records.items()}


def _names(former: Mapping[str, Any]) -> Iterator[tuple[Node, str | None]]:
    """Whom and what former rows name, with the day until they do (None: from now on)."""
    for manager, _since, until in former.get("managers", ()):
        yield (What.PERSON, manager), until
    for partner, _since, until in former.get("partners", ()):
        yield (What.PERSON, partner), until
    for unit, _position, _is_primary, _since, until in former.get("posts", ()):
        yield (What.UNIT, unit), until
    for _public_id, _role, unit, *_more in former.get("grants", ()):
        if unit is not None:
            yield (What.UNIT, unit), _ALWAYS


def _is_over(ends_on: str | None, until: str | None) -> bool:
    """Whether something that ends then ends too early for a row that holds until then."""
    return ends_on is not None and (until is None or until > ends_on)


def _text(day: Any) -> str | None:
    return str(day) if day else None


def _all_lines() -> dict[int, list[circles.Line]]:
    found: dict[int, list[circles.Line]] = {}
    rows = ReportingLine.objects.values_list("employee_id", "manager_id", "starts_on", "ends_on")
    for employee, manager, since, until in rows.iterator(chunk_size=2000):
        found.setdefault(employee, []).append((manager, str(since), _text(until)))
    return found


def called(nodes: Collection[Node]) -> dict[Node, str]:
    """A line about each; of one that is gone nothing."""
    people = Employee.objects.filter(AnyOf(F("id"), _ids(What.PERSON, nodes)))
    units = OrgUnit.objects.filter(AnyOf(F("id"), _ids(What.UNIT, nodes)))
    found: dict[Node, str] = {
        (What.PERSON, pk): f"{name} · {number}" for pk, name, number in people.values_list("pk", "name", "employee_no")
    }
    found |= {(What.UNIT, pk): path for pk, path in units.values_list("pk", "path")}
    return {node: found.get(node, "") for node in nodes}

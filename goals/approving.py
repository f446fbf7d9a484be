"""Who is asked about a request, in what order and why (product.md §2.9). Pure: people are ids here.

The manager first, then the manager above, then the HR partner, as the tenant's conditions say. Nobody answers his own
request. Where somebody is missing the next one up the line is asked in his place, then the HR partner, then an
administrator, and the step says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from .adjusting import Facts

MANAGER, ABOVE, HRBP, BOTH, NOBODY = "manager", "above", "hrbp", "both", ""
ORDER = (MANAGER, ABOVE, HRBP)
ALWAYS, WEIGHT, CORE, EASED, LATE = "always", "weight", "core", "eased", "late"
ASKS: Mapping[str, tuple[str, ...]] = {NOBODY: (), ABOVE: (ABOVE,), HRBP: (HRBP,), BOTH: (ABOVE, HRBP)}


class NobodyToAsk(Exception):
    """There is nobody above, no HR partner and no other administrator: have an HR partner named first."""


@dataclass(frozen=True, slots=True)
class Rules:
    """Who is asked beside the manager, by condition: "", "hrbp", "above" or "both"."""

    always: str = NOBODY
    weight: str = NOBODY
    weight_over: Decimal = Decimal(20)
    core: str = NOBODY
    eased: str = NOBODY
    eased_over: Decimal = Decimal(10)
    late: str = NOBODY


@dataclass(frozen=True, slots=True)
class Around:
    """The people around a request. `line` are the managers above whose goals these are, the nearest first; `here` are
    those who can be asked today; `partners` the HR partners of the owners; `others` administrators, the last resort."""

    asker: int
    owners: frozenset[int]
    line: Sequence[int]
    here: frozenset[int]
    partners: Sequence[int] = ()
    others: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Step:
    part: str
    approver: int
    because: tuple[str, ...] = ()
    instead: str = ""


def conditions(found: Facts, rules: Rules) -> dict[str, tuple[str, ...]]:
    """Which parts are asked, in order, each with the conditions that ask for it."""
    holding = [
        (ALWAYS, rules.always, True),
        (WEIGHT, rules.weight, found.weight_points > rules.weight_over),
        (CORE, rules.core, found.touches_core),
        (EASED, rules.eased, found.eased_percent > rules.eased_over),
        (LATE, rules.late, found.is_late),
    ]
    because: dict[str, tuple[str, ...]] = {part: () for part in ORDER}
    for code, asks, holds in holding:
        for part in ASKS[asks] if holds else ():
            because[part] = (*because[part], code)
    return {part: because[part] for part in ORDER if part == MANAGER or because[part]}


def route(asked: Mapping[str, tuple[str, ...]], around: Around) -> list[Step]:
    """The steps, nobody twice. Raises NobodyToAsk."""
    line, direct_is_asker = _line_above(around)
    able = [one for one in line if _can(one, around)]
    partners = [one for one in dict.fromkeys(around.partners) if _can(one, around)]
    steps: list[Step] = []
    for part in ORDER:
        if part in asked:
            found = _of_part(part, line, able, partners, direct_is_asker, steps)
            steps += [replace(step, because=asked[part]) for step in found]
    steps = _once(steps)
    if not steps:
        last = next((one for one in around.others if _can(one, around)), None)
        if last is None:
            raise NobodyToAsk
        steps = [Step(MANAGER, last, instead="nobody")]
    return steps


def _line_above(around: Around) -> tuple[Sequence[int], bool]:
    """The line from above the asker on, where he stands in it."""
    if around.asker not in around.line:
        return around.line, False
    place = list(around.line).index(around.asker)
    return around.line[place + 1 :], True


def _can(person: int, around: Around) -> bool:
    return person in around.here and person != around.asker and person not in around.owners


def _of_part(
    part: str,
    line: Sequence[int],
    able: Sequence[int],
    partners: Sequence[int],
    direct_is_asker: bool,
    before: Sequence[Step],
) -> list[Step]:
    taken = {step.approver for step in before}
    if part == MANAGER:
        if able:
            instead = "" if able[0] == line[0] and not direct_is_asker else "asks" if direct_is_asker else "absent"
            return [Step(MANAGER, able[0], instead=instead)]
        return [Step(MANAGER, one, instead="no_manager") for one in partners[:1]]
    free = [one for one in able if one not in taken]
    if part == ABOVE:
        if free:
            return [Step(ABOVE, free[0])]
        return [Step(ABOVE, one, instead="no_above") for one in partners[:1]]
    if partners:
        return [Step(HRBP, one) for one in partners]
    return [Step(HRBP, one, instead="no_partner") for one in free[:1]]


def _once(steps: Sequence[Step]) -> list[Step]:
    """Whoever is asked as two things is asked once, for both reasons."""
    merged: dict[int, Step] = {}
    for step in steps:
        if known := merged.get(step.approver):
            both = tuple(dict.fromkeys((*known.because, *step.because)))
            merged[step.approver] = replace(known, because=both)
        else:
            merged[step.approver] = step
    return list(merged.values())


INSTEAD: Mapping[str, Promise] = {
    "asks": _("The manager asks, so the line above answers."),
    "absent": _("The manager is not here, so the line above is asked."),
    "no_manager": _("There is no manager to ask, so the HR partner is asked."),
    "no_above": _("There is nobody further up, so the HR partner is asked."),
    "no_partner": _("There is no HR partner to ask, so the line above is asked."),
    "nobody": _("There is no manager and no HR partner to ask, so an administrator is asked."),
}
BECAUSE: Mapping[str, Promise] = {
    ALWAYS: _("asked every time"),
    WEIGHT: _("a weight moves far"),
    CORE: _("it touches a core goal"),
    EASED: _("a target gets much easier"),
    LATE: _("a day lies past the period"),
}

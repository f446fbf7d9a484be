"""A report as it is kept: the first page, and a part for each node that has something behind it. Bounded: the largest
goals by name, the rest by department. Pure over what `penetration_queries` read.

Nodes are `[kind, of, goals, received, passed, own, left, planned, over, plan_only]`, amounts whole ten-thousandths.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from dashboards.penetration import COMPANY, LOOSE, ROOT, Flow, Group, Key, Limits, fold, overview, without_circles

from .penetration_queries import Facts

LIMITS = Limits()
MOST_NAMED = 20  # of a list on the page
MOST_DEPARTMENTS = 12  # that the rest of a node is told by
Json = dict[str, Any]


def content_of(facts: Facts, flows: Mapping[str, Flow], before: Json | None) -> Json:
    """The first page. `before` is `headline_of` the month before, as it was issued last."""
    named: set[int] = set()
    kinds = {kind: _first_page(facts, flow, named) for kind, flow in flows.items()}
    carried, departments = facts.carried, _departments(facts)
    unsupported = [pk for pk, goal in facts.goals.items() if goal.layer == COMPANY and pk not in carried]
    loose = _loose(facts)
    named.update(unsupported[:MOST_NAMED], loose[:MOST_NAMED])
    counts: defaultdict[str, int] = defaultdict(int)
    for goal in facts.goals.values():
        counts[goal.layer] += 1
    return {
        "goals": counts,
        "kinds": kinds,
        "unsupported": unsupported[:MOST_NAMED],
        "unsupported_count": len(unsupported),
        "loose": loose[:MOST_NAMED],
        "loose_count": len(loose),
        "idle_count": len(facts.idle),
        "names": _names(facts, named),
        "units": {pk: [unit.public_id, unit.name] for pk, unit in facts.units.items() if pk in departments},
        "before": before,
        "digest": _digest(facts, flows),
    }


def headline_of(month: str, version: int, content: Json) -> Json:
    """What the month after is compared with."""
    return {
        "month": month,
        "version": version,
        "idle_count": content["idle_count"],
        "unsupported_count": content["unsupported_count"],
        "kinds": {
            kind: {
                "total": one["total"],
                "loose": one["loose"],
                "company": {
                    str(of): received
                    for what, of, _goals, received, *_rest in one["nodes"]
                    if what == "goal" and content["names"][str(of)][3] == COMPANY
                },
            }
            for kind, one in content["kinds"].items()
        },
    }


def parts_of(facts: Facts, flows: Mapping[str, Flow]) -> Iterator[tuple[UUID, Json]]:
    """What stands behind each goal that others carry, and behind each department."""
    below = {kind: _neighbours(flow, downward=True) for kind, flow in flows.items()}
    above = {kind: _neighbours(flow, downward=False) for kind, flow in flows.items()}
    carried = facts.carried
    for pk, goal in facts.goals.items():
        if pk not in carried:
            continue
        named: set[int] = {pk}
        kinds = {
            kind: _star(facts, _node(flow, Group("goal", pk), pk, 1), above[kind][pk], below[kind][pk], named)
            for kind, flow in flows.items()
        }
        yield UUID(goal.public_id), {"kinds": kinds, "names": _names(facts, named)}
    for department, kinds in _department_stars(facts, flows).items():
        named = {pk for star in kinds.values() for side in ("above", "below") for pk, _ in star[side] if pk}
        yield UUID(facts.units[department].public_id), {"kinds": kinds, "names": _names(facts, named)}


def flows_by_number(facts: Facts, flows: Mapping[str, Flow]) -> Json:
    """All of it, for `manage.py penetration_report`: amounts as decimal text, None as the source of all."""
    numbers: dict[Key, str | None] = {ROOT: None, LOOSE: None, **{pk: one.number for pk, one in facts.goals.items()}}
    nodes = [
        {
            "goal": goal.number,
            "layer": goal.layer,
            **{kind: _figures(flow, pk) for kind, flow in flows.items() if flow.received[pk] or flow.balances[pk].over},
        }
        for pk, goal in facts.goals.items()
    ]
    links = [
        {"kind": kind, "from": numbers[up], "to": numbers[low], "amount": text(amount)}
        for kind, flow in flows.items()
        for (up, low), amount in flow.links.items()
        if low != LOOSE
    ]
    return {
        "month": f"{facts.month:%Y-%m}",
        "as_of": facts.as_of.isoformat(),
        "totals": {kind: text(flow.total) for kind, flow in flows.items()},
        "nodes": nodes,
        "links": links,
        "idle": sorted(facts.idle.values()),
    }


def _digest(facts: Facts, flows: Mapping[str, Flow]) -> str:
    """The same for the same facts, whatever a part shows of them."""
    seen = hashlib.sha256()
    for goal in facts.goals.values():
        seen.update(repr(goal).encode())
    for kind, flow in flows.items():
        seen.update(repr((kind, list(flow.links.items()))).encode())
        seen.update(repr([(pk, flow.balances[pk].planned) for pk in facts.goals]).encode())
    seen.update(repr(list(facts.idle)).encode())
    return seen.hexdigest()


def text(amount: int) -> str:
    whole, part = divmod(amount, 10_000)
    return f"{whole}.{part:04d}".rstrip("0").rstrip(".")


def _figures(flow: Flow, key: Key) -> Json:
    balance = flow.balances[key]
    figures = {
        "in": flow.received[key],
        "out": flow.passed[key],
        "own": balance.own,
        "not_broken_down": balance.left,
        "planned": balance.planned,
        "over": balance.over,
    }
    return {name: text(amount) for name, amount in figures.items()}


def _first_page(facts: Facts, flow: Flow, named: set[int]) -> Json:
    layer_of = {pk: goal.layer for pk, goal in facts.goals.items()}
    department_of = {pk: facts.department(pk) for pk in facts.goals}
    bucket = overview(flow, layer_of, department_of, LIMITS)
    view = without_circles(fold(flow, bucket))
    sizes: defaultdict[Key, int] = defaultdict(int)
    for pk in facts.goals:
        if flow.received[pk]:
            sizes[bucket(pk)] += 1
    shown = [key for key in view.balances if view.received[key] or view.passed[key]]
    shown.sort(key=lambda key: (_rank(key, layer_of), -view.received[key]))
    place = {key: n for n, key in enumerate(shown)}
    over = sorted((pk for pk in facts.goals if flow.balances[pk].over), key=lambda pk: -flow.balances[pk].over)
    named.update(key.of for key in shown if isinstance(key, Group) and key.kind == "goal" and key.of is not None)
    named.update(over[:MOST_NAMED])
    return {
        "total": flow.total,
        "plan_only": sum(balance.plan_only for balance in flow.balances.values()),
        "left": sum(balance.left for balance in flow.balances.values()),
        "loose": flow.passed[LOOSE],
        "nodes": [_node(view, _group(key), key, sizes[key]) for key in shown],
        "links": [[place[up], place[low], amount] for (up, low), amount in view.links.items()],
        "over": [[pk, flow.balances[pk].planned, flow.balances[pk].over] for pk in over[:MOST_NAMED]],
        "over_count": len(over),
    }


def _rank(key: Key, layer_of: Mapping[int, str]) -> int:
    """The order of the table: from all of it down to positions."""
    group = _group(key)
    if group.kind == "goal" and group.of is not None:
        return 1 if layer_of[group.of] == COMPANY else 4
    return {"root": 0, "goals": 1, "loose": 2, "unit": 3, "units": 3}.get(group.kind, 4)


def _group(key: Key) -> Group:
    return key if isinstance(key, Group) else Group(str(key))


def _node(flow: Flow, group: Group, key: Key, goals: int) -> list[Any]:
    one = flow.balances[key]
    figures = (flow.received[key], flow.passed[key], one.own, one.left, one.planned, one.over, one.plan_only)
    return [group.kind, group.of, goals, *figures]


Lines = dict[int, int]  # amount by goal; 0 for the source of all


def _neighbours(flow: Flow, *, downward: bool) -> defaultdict[int, Lines]:
    found: defaultdict[int, Lines] = defaultdict(dict)
    for (up, low), amount in flow.links.items():
        here, there = (up, low) if downward else (low, up)
        if isinstance(here, int):
            found[here][there if isinstance(there, int) else 0] = amount
    return found


def _star(facts: Facts, node: list[Any], above: Lines, below: Lines, named: set[int]) -> Json:
    """A node, what it gets from where, and what goes where: the largest, and the rest by department."""
    shown, rest = _largest(below)
    sources, _smaller = _largest(above)
    named.update(pk for pk, _amount in (*shown, *sources) if pk)
    return {"node": node, "above": sources, "below": shown, "rest": _by_department(facts, rest)}


def _department_stars(facts: Facts, flows: Mapping[str, Flow]) -> dict[int, dict[str, Json]]:
    """A department's own goals, by what comes to each from outside: what they pass to each other is not seen."""
    stars: dict[int, dict[str, Json]] = {of: {} for of in _departments(facts)}
    for kind, flow in flows.items():
        above: defaultdict[int, Lines] = defaultdict(lambda: defaultdict(int))
        below: defaultdict[int, Lines] = defaultdict(lambda: defaultdict(int))
        for (up, low), amount in flow.links.items():
            department = _own_department(facts, low)
            if department is not None and department != _own_department(facts, up):
                above[department][up if isinstance(up, int) else 0] += amount
                below[department][low] += amount  # type: ignore[index]  # what has a department is a goal
        for department, star in stars.items():
            coming = sum(below[department].values())
            node = ["unit", department, len(below[department]), coming, coming, 0, 0, 0, 0, 0]
            star[kind] = _star(facts, node, above[department], below[department], set())
    return stars


def _own_department(facts: Facts, key: Key) -> int | None:
    if not isinstance(key, int) or facts.goals[key].layer != "dept":
        return None
    return facts.department(key)


def _departments(facts: Facts) -> set[int]:
    found = {facts.department(pk) for pk, goal in facts.goals.items() if goal.layer != COMPANY}
    return {of for of in found if of in facts.units}


def _largest(lines: Lines) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    ranked = sorted(lines.items(), key=lambda line: (-line[1], line[0]))
    return ranked[: LIMITS.below], ranked[LIMITS.below :]


def _by_department(facts: Facts, rest: Iterable[tuple[int, int]]) -> list[list[Any]]:
    """`[department or None, goals, amount]`, the largest first; beyond a dozen, the others together."""
    found: defaultdict[int | None, list[int]] = defaultdict(lambda: [0, 0])
    for pk, amount in rest:
        one = found[facts.department(pk)]
        one[0], one[1] = one[0] + 1, one[1] + amount
    ranked = sorted(found.items(), key=lambda one: -one[1][1])
    told: list[list[Any]] = [[of, *numbers] for of, numbers in ranked[:MOST_DEPARTMENTS]]
    if others := ranked[MOST_DEPARTMENTS:]:
        told.append([None, sum(n for _of, (n, _a) in others), sum(a for _of, (_n, a) in others)])
    return told


def _loose(facts: Facts) -> list[int]:
    """Goals that support none of these, the company's own aside."""
    supporting = {line.child for line in facts.supports if line.parent in facts.goals}
    return [pk for pk, goal in facts.goals.items() if goal.layer != COMPANY and pk not in supporting]


def _names(facts: Facts, named: Iterable[int]) -> Json:
    """By goal: public id, title, name of the unit, layer, whether others carry it."""
    found: Json = {}
    carried = facts.carried
    for pk in sorted(named):
        goal = facts.goals[pk]
        unit = facts.units.get(goal.unit) if goal.unit else None
        found[str(pk)] = [goal.public_id, goal.title, unit.name if unit else "", goal.layer, pk in carried]
    return found

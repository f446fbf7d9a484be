"""Which alignments can be drawn again without closing a circle."""

from collections import defaultdict
from collections.abc import Iterable

Line = tuple[int, int]  # the goal below, the goal above


def closing_circles(standing: Iterable[Line], wanted: Iterable[Line]) -> set[Line]:
    """Of `wanted`, drawn one after the other beside those that stand, the ones that would close a circle and are
    therefore not drawn."""
    above: defaultdict[int, set[int]] = defaultdict(set)
    for child, parent in standing:
        above[child].add(parent)
    refused = set()
    for child, parent in wanted:
        if _leads_to(above, parent, child):
            refused.add((child, parent))
        else:
            above[child].add(parent)
    return refused


def _leads_to(above: defaultdict[int, set[int]], start: int, end: int) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        if here == end:
            return True
        new = above.get(here, set()) - seen
        seen |= new
        waiting += new
    return False

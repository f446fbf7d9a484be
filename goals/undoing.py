"""Which goals an import made can be removed again."""

from collections import defaultdict
from collections.abc import Collection, Iterable


def supported(kept: Collection[int], lines: Iterable[tuple[int, int]], removable: Collection[int]) -> set[int]:
    """Those of `removable` that must stay because a goal that stays supports them, however many layers below. `lines`
    are (child, parent); `kept` the children that stay."""
    above: defaultdict[int, list[int]] = defaultdict(list)
    for child, parent in lines:
        above[child].append(parent)
    found: set[int] = set()
    waiting = list(kept)
    while waiting:
        for parent in above[waiting.pop()]:
            if parent in removable and parent not in found:
                found.add(parent)
                waiting.append(parent)
    return found

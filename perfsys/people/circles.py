"""Circles among dated lines, found before they are written. Pure."""

from collections.abc import Collection, Mapping, Sequence

Line = tuple[int, str, str | None]  # who stands above, from, until (None: open); days as ISO texts, which sort


def would_close(lines: Mapping[int, Sequence[Line]], of: Collection[int], deepest: int) -> set[int]:
    """Those of `of` who would stand above themselves on some day, over at most `deepest` others."""
    return {one for one in of if _comes_back(lines, one, deepest)}


def _comes_back(lines: Mapping[int, Sequence[Line]], start: int, deepest: int) -> bool:
    waiting = [(top, since, until, 1) for top, since, until in lines.get(start, ())]
    while waiting:
        here, since, until, depth = waiting.pop()
        if here == start:
            return True
        if depth == deepest:
            continue
        for top, line_since, line_until in lines.get(here, ()):
            later, sooner = max(since, line_since), _sooner(until, line_until)
            if sooner is None or later < sooner:
                waiting.append((top, later, sooner, depth + 1))
    return False


def _sooner(one: str | None, other: str | None) -> str | None:
    if one is None or other is None:
        return one or other
    return min(one, other)

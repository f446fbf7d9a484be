"""Geometry of the few lines we draw on the server: wires between goals and the trail of a goal's progress.

Everything is a path of an SVG that is stretched to its box (`preserveAspectRatio="none"`), so x runs over a fixed
width and y over the rows or percents given; strokes keep their width by CSS. Pure values in, strings out.
"""

from collections.abc import Iterable, Sequence

WIRE_WIDTH = 10
TRAIL_WIDTH = 100
TRAIL_HEIGHT = 100


def _number(value: float) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".")


def wire(start: float, end: float, width: int = WIRE_WIDTH) -> str:
    """One wire from height `start` on the left to height `end` on the right; level ends give a straight line."""
    a, b, middle = _number(start), _number(end), _number(width / 2)
    return f"M0 {a}H{width}" if a == b else f"M0 {a}C{middle} {a} {middle} {b} {width} {b}"


def fan_in(sizes: Iterable[int]) -> tuple[int, list[str]]:
    """Wires from stacked blocks of `sizes` rows to the middle of them all: (rows, one path a block)."""
    rows, middles = 0, []
    for size in sizes:
        middles.append(rows + size / 2)
        rows += size
    return rows, [wire(middle, rows / 2) for middle in middles]


def fan_out(start: float, ends: Sequence[float]) -> list[str]:
    """Wires from one height to each of `ends`, in their order."""
    return [wire(start, end) for end in ends]


def steps(points: Sequence[tuple[float, float]]) -> str:
    """A fact as a step line: each value holds until the next one. Points are (x, percent) in rising x, both 0..100."""
    if not points:
        return ""
    x, value = points[0]
    path = f"M{_number(x)} {_number(TRAIL_HEIGHT - value)}"
    for x, value in points[1:]:
        path += f"H{_number(x)}V{_number(TRAIL_HEIGHT - value)}"
    return path


def below(points: Sequence[tuple[float, float]]) -> str:
    """What lies below the step line of `steps`, as a closed shape."""
    if not points:
        return ""
    return f"{steps(points)}V{TRAIL_HEIGHT}H{_number(points[0][0])}Z"


def slope(points: Sequence[tuple[float, float]]) -> str:
    """A plan as a line from point to point. Points as for `steps`."""
    joined = "L".join(f"{_number(x)} {_number(TRAIL_HEIGHT - value)}" for x, value in points)
    return f"M{joined}" if joined else ""


def dots(points: Sequence[tuple[float, float]]) -> str:
    """Points as strokes of no length: with round caps they stay round however the drawing is stretched."""
    return "".join(f"M{_number(x)} {_number(TRAIL_HEIGHT - value)}h0" for x, value in points)


def upright(x: float) -> str:
    """A line over the whole height of a trail."""
    return f"M{_number(x)} 0V{TRAIL_HEIGHT}"


def spans(pairs: Iterable[tuple[float, float]], y: float) -> str:
    """Level lines at one height, each from one x to another."""
    return "".join(f"M{_number(start)} {_number(y)}H{_number(end)}" for start, end in pairs)

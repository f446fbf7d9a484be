"""Charts as data: what plotly.js draws, written by Python and coloured by the page (static/js/charts.js).

A colour or a font is a name in static/app.css, so that a chart follows light and dark: `token("brand")`, or
`token("brand", 0.16)` for a fill that lets through. plotly reads a little markup in labels: words that people wrote go
through `plain`.
"""

import html
import math
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
LEAST_AXES, MOST_AXES = 3, 8
RINGS = 4  # of a radar, at most
LEAST_MARGIN, MOST_MARGIN = 60, 112  # pixels beside a radar
NEAR = 70  # pixels of its radius on a phone


@dataclass(frozen=True)
class Cell:
    text: str | int
    url: str = ""


@dataclass(frozen=True)
class Chart:
    """What templates/components/chart.html wants. `says` is the finding in one line, for whoever does not see it; the
    table holds the same figures, the first cell of a row is its name."""

    key: str  # of its element; once on a page
    says: str
    figure: Json
    heads: Sequence[str]
    rows: Sequence[Sequence[Cell]]


@dataclass(frozen=True)
class Outline:
    """One shape of a radar. `dash` lets two be told apart without colour."""

    name: str
    values: Sequence[int]
    colour: str
    is_dotted: bool = False


def token(name: str, alpha: float = 1) -> Json:
    return {"token": name} if alpha == 1 else {"token": name, "alpha": alpha}


def plain(words: str) -> str:
    return html.escape(words, quote=False)


def _label(words: str) -> str:
    return "<br>".join(plain(line) for line in _lines(words))


def _lines(words: str) -> list[str]:
    """Short enough to stand beside a radar on a phone; a Chinese character is as wide as two letters. A long English
    word stays in one piece."""
    is_wide = _is_wide(words)
    return textwrap.wrap(words, 6 if is_wide else 12, break_long_words=is_wide)


def _is_wide(words: str) -> bool:
    return any(letter >= "\u2e80" for letter in words)


def _margin(axes: Sequence[str]) -> int:
    """What the longest label beside a radar takes; above and below it labels have the whole width."""
    needed = [0.0]
    for place, words in enumerate(axes):
        letters = max((len(line) for line in _lines(words)), default=0)
        beside = abs(math.sin(2 * math.pi * place / len(axes)))
        needed.append(letters * (13 if _is_wide(words) else 7.5) - NEAR * (1 - beside))
    return round(min(MOST_MARGIN, max(LEAST_MARGIN, max(needed) + 12)))


def radar(axes: Sequence[str], outlines: Sequence[Outline]) -> Json:
    """Clockwise from the top; the first outline is filled, a second lies over it as a line. Nothing on it moves: the
    figures stand in the table below, so a finger that scrolls the page is not caught."""
    if not LEAST_AXES <= len(axes) <= MOST_AXES or len(outlines) > 2:
        raise ValueError("a radar has three to eight axes and one or two outlines")
    most = max((value for outline in outlines for value in outline.values), default=0)
    margin = _margin(axes)
    return {
        "data": [_outline([_label(axis) for axis in axes], one, is_first=one is outlines[0]) for one in outlines],
        "layout": {
            "margin": {"l": margin, "r": margin, "t": 36, "b": 36},
            "polar": {
                "bgcolor": "rgba(0,0,0,0)",
                "radialaxis": {
                    "range": [0, max(RINGS, most)],
                    "dtick": -(-max(RINGS, most) // RINGS),
                    "showticklabels": False,
                    "gridcolor": token("line"),
                    "linecolor": "rgba(0,0,0,0)",
                    "ticks": "",
                },
                "angularaxis": {
                    "direction": "clockwise",
                    "ticks": "",
                    "gridcolor": token("line"),
                    "linecolor": token("line"),
                    "tickfont": {"size": 13, "color": token("ink-2")},
                },
            },
        },
        "config": {"staticPlot": True},
    }


def _outline(axes: list[str], outline: Outline, *, is_first: bool) -> Json:
    values = list(outline.values)
    return {
        "type": "scatterpolar",
        "mode": "lines+markers",
        "name": plain(outline.name),
        "r": [*values, *values[:1]],
        "theta": [*axes, *axes[:1]],
        "fill": "toself" if is_first else "none",
        "fillcolor": token(outline.colour, 0.16),
        "line": {
            "color": token(outline.colour),
            "width": 2.5 if is_first else 2,
            "dash": "dot" if outline.is_dotted else "solid",
        },
        "marker": {"size": 6, "color": token(outline.colour), "symbol": "circle" if is_first else "diamond"},
    }

"""The picture of the penetration report: positions are worked out here, plotly only draws (design.md §4)."""

from collections import Counter
from itertools import accumulate
from typing import Any

from django.utils.translation import gettext as _

from perfsys.common.charts import Cell, Chart, plain, token

from .penetration import Balance, Flow, Key, Placed, gap_of, placed
from .penetration_pages import GREY, Node, View, amount_text, with_unit

USED, LEFT = "used", "left"
LONGEST = 32  # of a label, a Chinese character counted twice; the table has all of it
WIDE = "\u2e80"
TOP, BOTTOM = 32, 8  # pixels: the headings stand above
HEIGHT = 560 - TOP - BOTTOM  # .flow .chart in static/app.css
Json = dict[str, Any]


def drawn(view: View, kind: str) -> Chart:
    """What a node in the middle uses itself or has not broken down runs to
    an end of its own, so that what comes in is seen to go out."""
    nodes = [*view.nodes]
    links = [*view.links]
    for name, says in ((USED, _("Used at goals above")), (LEFT, _("Not broken down"))):
        flowing = [(node, node.own if name == USED else node.left) for node in view.nodes if not node.is_end]
        flowing += [(node, node.left) for node in view.nodes if node.is_end and node.left and name == LEFT]
        whole = sum(amount for _node, amount in flowing)
        if whole:
            end = Node(len(nodes), name, says, "", "", 0, whole, 0, whole, 0, 0, 0)
            links += [(node.key, end.key, amount) for node, amount in flowing if amount]
            nodes.append(end)
    where = placed(
        Flow({(up, low): amount for up, low, amount in links}, {node.key: Balance() for node in nodes}),
        last=_ends(nodes, links),
    )
    shown = [node for node in nodes if node.key in where]
    place = {node.key: n for n, node in enumerate(shown)}
    says = _("%(total)s from %(title)s down to positions") % {
        "total": with_unit(view.total, kind),
        "title": view.title,
    }
    return Chart(
        key="flow",
        says=says,
        figure={
            "data": [
                {
                    "type": "sankey",
                    "arrangement": "fixed",
                    "valueformat": ",.6~g",
                    "valuesuffix": f" {with_unit(0, kind).split(' ', 1)[1]}",
                    "node": {
                        "label": [_label(node) for node in shown],
                        "x": [where[node.key].x / 1000 for node in shown],
                        "y": [where[node.key].y / 1000 for node in shown],
                        "color": [token(f"c{node.colour}") for node in shown],
                        "pad": gap_of(max(Counter(one.column for one in where.values()).values())) * HEIGHT / 1000,
                        "thickness": 10,
                        "line": {"width": 0},
                        "hoverinfo": "skip",
                    },
                    "link": {
                        "source": [place[up] for up, _low, _amount in links],
                        "target": [place[low] for _up, low, _amount in links],
                        "value": [amount / 10_000 for _up, _low, amount in links],
                        "color": [token(f"c{_colour(nodes[up], nodes[low])}", 0.3) for up, low, _amount in links],
                        "hoverinfo": "none",
                    },
                    "textfont": {"size": 13, "color": token("ink"), "shadow": "none"},
                }
            ],
            "layout": {"margin": {"l": 0, "r": 0, "t": TOP, "b": BOTTOM}, "annotations": _headings(shown, where)},
            "config": {"staticPlot": True},
        },
        heads=[_("From"), _("To"), _("Amount")],
        rows=[
            [Cell(nodes[up].name), Cell(nodes[low].name, nodes[low].url), Cell(amount_text(amount))]
            for up, low, amount in links
        ],
    )


def _ends(nodes: list[Node], links: list[tuple[int, int, int]]) -> list[Key]:
    passing = {up for up, _low, _amount in links}
    return [node.key for node in nodes if node.key not in passing]


def _headings(shown: list[Node], where: dict[Key, Placed]) -> list[Json]:
    """Above each column the level that most of its nodes have."""
    levels: dict[int, Counter[str]] = {}
    for node in shown:
        if node.level:
            levels.setdefault(where[node.key].column, Counter())[node.level] += 1
    widest = max((one.column for one in where.values()), default=0)
    sides = {0: "left", widest: "right"}
    return [
        {
            "text": plain(counted.most_common(1)[0][0]),
            "x": column / max(1, widest),
            "y": 1,
            "yshift": 10,
            "xanchor": sides.get(column, "center"),
            "yanchor": "bottom",
            "xref": "paper",
            "yref": "paper",
            "showarrow": False,
            "font": {"size": 13, "color": token("ink-3")},
        }
        for column, counted in sorted(levels.items())
    ]


def _label(node: Node) -> str:
    return f"{plain(_cut(node.name))} {amount_text(node.amount)}"


def _cut(words: str) -> str:
    widths = list(accumulate(2 if letter >= WIDE else 1 for letter in words))
    if not widths or widths[-1] <= LONGEST:
        return words
    return words[: sum(width < LONGEST for width in widths)].rstrip() + "…"


def _colour(up: Node, low: Node) -> int:
    if low.kind in (USED, LEFT, "loose"):
        return GREY
    return low.colour if up.kind == "root" else up.colour

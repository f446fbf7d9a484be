"""What the one stylesheet promises the pages: its numbers, its two dark blocks, its contrast, its smallest type."""

import re
from itertools import product
from pathlib import Path

import pytest

CSS = (Path(__file__).parents[2] / "static/app.css").read_text(encoding="utf-8")
MINIMUM = 13


def tokens(block: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+): (#[0-9A-Fa-f]{6});", block))


def block_after(start: str) -> str:
    at = CSS.index(start) + len(start)
    return CSS[at : CSS.index("}", at)]


THEMES = {"light": tokens(block_after(":root {")), "dark": tokens(block_after(':root[data-theme="dark"] {'))}


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2 defines it, 0..1."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_dark_is_the_same_whether_chosen_or_from_the_system() -> None:
    assert tokens(block_after(':root:not([data-theme="light"]) {')) == THEMES["dark"]


def test_dark_names_every_colour_that_light_names() -> None:
    assert THEMES["dark"].keys() == THEMES["light"].keys()


@pytest.mark.parametrize("theme", THEMES)
def test_text_is_readable_on_every_surface(theme: str) -> None:
    colours = THEMES[theme]
    texts = ("ink", "ink-2", "ink-3", "brand", "warm", "watch", "talk", "info", "error")
    weak = {(t, s): contrast(colours[t], colours[s]) for t, s in product(texts, ("bg", "surface"))}
    weak |= {(t, "sunk"): contrast(colours[t], colours["sunk"]) for t in ("ink", "ink-2", "ink-3")}
    assert {pair: ratio for pair, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_text_is_readable_on_its_fill(theme: str) -> None:
    colours = THEMES[theme]
    pairs = {
        name: (f"{name}-ink", f"{name}-soft") for name in ("brand", "warm", "watch", "talk", "info", "idle", "error")
    }
    pairs["button"] = ("on-brand", "brand")
    weak = {name: contrast(colours[text], colours[fill]) for name, (text, fill) in pairs.items()}
    assert {name: ratio for name, ratio in weak.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_borders_of_inputs_can_be_seen(theme: str) -> None:
    colours = THEMES[theme]
    assert min(contrast(colours["edge"], colours[surface]) for surface in ("bg", "surface")) >= 3


@pytest.mark.parametrize(("letter", "most"), [("v", 100), ("p", 100), ("d", 9)])
def test_every_number_a_page_may_write_has_its_class(letter: str, most: int) -> None:
    found = re.findall(rf"\.{letter}-(\d+)\{{--{letter}:(\d+)\}}", CSS)
    assert found == [(str(n), str(n)) for n in range(most + 1)]


def test_nothing_is_set_smaller_than_thirteen_pixels() -> None:
    sizes = re.findall(r"(?:font-size: |font: (?:[\w.]+ )?|--t-\d+: )([\d.]+)(rem|px)", CSS)
    in_pixels = [float(size) * {"rem": 16, "px": 1}[unit] for size, unit in sizes]
    assert len(in_pixels) > 10
    assert min(in_pixels) >= MINIMUM, sorted(in_pixels)[:3]


def test_chinese_is_never_letter_spaced() -> None:
    assert "letter-spacing" not in CSS


def test_motion_stops_for_those_who_ask_for_it() -> None:
    assert "animation: none !important; transition: none !important" in block_after("prefers-reduced-motion: reduce) {")

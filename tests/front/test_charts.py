"""Charts in a real browser under the strict policy: drawn, themed, and the same without script."""

import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import plotly.graph_objects
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders

from integrations import drawing
from perfsys.common import charts
from perfsys.static import PREFIX, PackagedFiles
from tests.browser import too_wide
from tests.front.conftest import ROOT, SITE

PLOTLY = Path(PackagedFiles().find("vendor/plotly.min.js"))
HEAD = (ROOT / "templates/components/chart_head.html").read_text(encoding="utf-8")
DRAWN = "#main .chart[data-drawn] svg .scatterlayer .trace"
LINE = """() => getComputedStyle(document.querySelector(".chart .scatterlayer .js-line")).stroke"""


def test_a_chart_is_drawn_and_the_policy_has_nothing_to_refuse(page: Any, visit: Any, complaints: list[str]) -> None:
    visit("radar").wait_for_selector(DRAWN, state="attached")
    assert page.locator(DRAWN).count() == 2
    labels = page.locator(".chart .angularaxistick text").all_text_contents()
    assert "主动补位" in labels and "风险预判R&D<b>" in labels, "words that people wrote are no markup"
    assert page.locator(".modebar").count() == 0
    assert page.locator("head style, body style").count() == 0
    assert complaints == []


@pytest.mark.parametrize("width", [1440, 390])
def test_a_chart_keeps_its_height_and_follows_the_width(width: int, page: Any, visit: Any) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    visit("radar").wait_for_selector(DRAWN, state="attached")
    page.set_viewport_size({"width": width, "height": 900})
    page.wait_for_function(
        "() => document.querySelector('.chart .main-svg').getBoundingClientRect().width"
        " === document.querySelector('.chart').clientWidth"
    )
    assert page.evaluate("document.querySelector('.chart').clientHeight") == 300
    assert too_wide(page) <= 0


def test_a_chart_turns_dark_with_the_page(page: Any, visit: Any) -> None:
    page.emulate_media(color_scheme="light")
    visit("radar").wait_for_selector(DRAWN, state="attached")
    assert page.evaluate(LINE) in {"rgb(23, 105, 95)", "rgb(123, 70, 136)"}
    page.emulate_media(color_scheme="dark")
    page.wait_for_function(f"() => ['rgb(99, 191, 174)', 'rgb(199, 147, 211)'].includes(({LINE})())")
    page.evaluate("document.documentElement.dataset.theme = 'light'")
    page.wait_for_function(f"() => ['rgb(23, 105, 95)', 'rgb(123, 70, 136)'].includes(({LINE})())")


def test_without_script_the_table_says_it(browser: Any, render: Callable[..., str]) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    css = (ROOT / "static/app.css").read_text(encoding="utf-8")

    def serve(route: Any) -> None:
        if route.request.url.endswith("app.css"):
            route.fulfill(body=css, content_type="text/css")
        else:
            route.fulfill(body=render("radar"), content_type="text/html; charset=utf-8")

    page.route("**/*", serve)
    page.goto(f"{SITE}/radar/")
    assert not page.locator(".chart").is_visible()
    page.get_by_text("以表格查看").click()
    assert page.locator("details[open] tbody tr").count() == 6
    assert page.locator("details[open]").get_by_role("link", name="12").is_visible()
    context.close()


def test_without_plotly_no_empty_box_is_left(page: Any, answers: dict[str, Any], visit: Any) -> None:
    answers[f"{settings.STATIC_URL}vendor/plotly.min.js"] = lambda _request: (404, "")
    visit("radar").locator(".chart").wait_for(state="hidden")
    assert page.get_by_text("以表格查看").is_visible()


def test_our_stylesheet_holds_the_rules_this_plotly_would_insert(page: Any) -> None:
    """Another version of plotly brings others: static/plotly.css is then its head, and what the left side lists."""
    page.set_content("<body></body>")
    page.add_script_tag(path=str(PLOTLY))
    rules = "id => [...document.getElementById(id).sheet.cssRules].map(rule => rule.cssText)"
    inserted = page.evaluate(rules, "plotly.js-style-global")
    styles = page.evaluate("[...document.querySelectorAll('style')].map(style => style.id)")
    ours = (ROOT / "static/plotly.css").read_text(encoding="utf-8")
    page.set_content(f"<style id='ours'>{ours}</style>")
    assert inserted == page.evaluate(rules, "ours")
    assert len(inserted) > 50
    assert sorted(styles) == sorted(re.findall(r'<(?:link|template)[^>]*?\sid="([^"]+)"', HEAD))


def test_one_file_of_plotly_is_served() -> None:
    served = [name for name, storage in PackagedFiles().list() if "plotly" in str(storage.location)]
    assert served == ["plotly.min.js"]
    assert finders.find(f"{PREFIX}/plotly.min.js") == str(PLOTLY)
    assert finders.find(f"{PREFIX}/widgetbundle.js") is None


def test_only_pages_with_charts_load_plotly(render: Callable[..., str]) -> None:
    assert "plotly" in render("radar")
    assert "plotly" not in render("week") + render("radar-empty")


def resolved(part: Any) -> Any:
    """As the page does it: a colour where a token stands."""
    if isinstance(part, dict):
        return "#123456" if "token" in part else {key: resolved(value) for key, value in part.items()}
    return [resolved(one) for one in part] if isinstance(part, list) else part


def test_plotly_knows_every_word_of_a_figure() -> None:
    one = charts.Outline("认可", [3, 0, 1], "brand")
    figure = resolved(charts.radar(["甲", "乙", "丙"], [one]))
    drawn = plotly.graph_objects.Figure(
        data=figure["data"], layout=figure["layout"]
    )  # raises for what it does not know
    assert list(drawn.data[0].r) == [3, 0, 1, 3], "the outline closes"


def test_plotly_knows_every_word_of_a_line_by_day() -> None:
    days = [date(2026, 11, 1), date(2026, 11, 2)]
    points = [drawing.Point(on, Decimal(n), str(n), bool(n), "#") for n, on in enumerate(days)]
    chart = drawing.line_by_day(points, says="", name="净额", heads=("日", "额", "状态"), standings=("定", "暂"))
    figure = resolved(chart.figure)
    plotly.graph_objects.Figure(data=figure["data"], layout=figure["layout"])
    assert [[cell.text for cell in row] for row in chart.rows] == [["2026-11-02", "1", "定"], ["2026-11-01", "0", "暂"]]


def test_every_token_is_in_the_stylesheet() -> None:
    css = (ROOT / "static/app.css").read_text(encoding="utf-8")

    def tokens(part: Any) -> set[str]:
        if isinstance(part, dict):
            return {part["token"]} if "token" in part else {name for value in part.values() for name in tokens(value)}
        return {name for value in part for name in tokens(value)} if isinstance(part, list) else set()

    outlines = [charts.Outline("认可", [1, 1, 1], "brand"), charts.Outline("希望", [1, 1, 1], "talk", is_dotted=True)]
    found = tokens(charts.radar(["甲", "乙", "丙"], outlines))
    assert found and {name for name in found if f"--{name}:" not in css} == set()


@pytest.mark.parametrize("axes", [2, 9])
def test_a_radar_has_three_to_eight_axes(axes: int) -> None:
    with pytest.raises(ValueError, match="three to eight"):
        charts.radar(["甲"] * axes, [charts.Outline("认可", [1] * axes, "brand")])

"""The pack on paper: two A4 pages, whatever it holds (design.md §6, Print)."""

import re
from pathlib import Path
from typing import Any

import pytest

from reviews import actions

from .conftest import NOW, WIDE

pytestmark = pytest.mark.usefixtures("that_day")
A4 = (595, 842)  # points


def printed(page: Any, path: Path) -> bytes:
    page.locator(".chart[data-drawn]").wait_for(state="attached")
    content: bytes = page.pdf(path=path, prefer_css_page_size=True, print_background=False)
    return content


def pages_of(pdf: bytes) -> list[tuple[int, int]]:
    """Width and height of each page in points."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf)
    return [(round(float(width)), round(float(height))) for width, height in boxes]


@pytest.mark.parametrize("size", [(1, 1, 2), (5, 20, 10), (30, 30, 30)], ids=["small", "full", "large"])
def test_it_is_two_pages(
    visit: Any, ada: Any, marta: Any, filled: Any, interview: Any, url: Any, tmp_path: Path, size: tuple[int, int, int]
) -> None:
    count, words, items = size
    filled(count, words=words, items=items)
    with ada.scope:
        actions.write_topics(interview=interview, topics="台架排期，" * count, actor=ada.employee, now=NOW)
    pdf = printed(visit(marta, url("prep"), WIDE), tmp_path / "pack.pdf")
    assert pages_of(pdf) == [A4, A4]


def test_a_talk_that_was_written_down_is_two_pages_as_well(
    visit: Any, ada: Any, marta: Any, filled: Any, interview: Any, goals: Any, url: Any, tmp_path: Path
) -> None:
    filled(5, words=20, items=10)
    with marta.scope:
        for module in ("attainment", "success", "development"):
            actions.write_module(
                interview=interview,
                module=module,
                text="夜班换砂轮 40 分钟，当班少停 3 小时。" * 6,
                facts=[actions.Fact(goal=goal) for goal in goals(2)],
                version=None,
                actor=marta.employee,
                now=NOW,
            )
    pdf = printed(visit(marta, url("prep"), WIDE), tmp_path / "pack.pdf")
    assert len(pages_of(pdf)) == 2


def test_what_belongs_to_the_talk_is_on_it_and_nothing_else(
    visit: Any, ada: Any, marta: Any, filled: Any, url: Any
) -> None:
    filled(5, words=20, items=10)
    page = visit(marta, url("prep"), WIDE)
    page.emulate_media(media="print")
    for words in ("目标进度", "他人反馈热词", "待澄清事项", "行为雷达", "结构化面谈", "仅供面谈双方使用", "可以问："):
        assert page.get_by_text(words).first.is_visible(), words
    assert page.locator(".lined:visible").count() == 4  # room to write in each module, and for what is agreed on
    for gone in (".side", ".topbar", "button", "form", "input", "summary"):
        assert page.locator(f"{gone}:visible").count() == 0, gone

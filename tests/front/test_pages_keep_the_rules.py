"""Every template compiles, every sample renders in both languages, and none breaks the content security policy."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.template.backends.django import DjangoTemplates
from django.utils import translation

from dashboards.shell import PAGES
from tests.front.samples import SAMPLES

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SOURCES = {str(path.relative_to(ROOT / "templates")): path.read_text(encoding="utf-8") for path in TEMPLATES}
CONTEXTLESS = ["400.html", "403.html", "403_csrf.html", "404.html", "413.html", "429.html", "500.html", "503.html"]


@pytest.mark.parametrize("name", SOURCES)
def test_it_compiles(name: str, engine: DjangoTemplates) -> None:
    engine.get_template(name)


def broken(pattern: str) -> dict[str, list[str]]:
    return {name: found for name, source in SOURCES.items() if (found := re.findall(pattern, source))}


def test_no_page_carries_a_style_or_a_script_inline() -> None:
    assert broken(r"""\sstyle=|<style|<script(?![^>]*\ssrc=)|\son\w+=|javascript:""") == {}


def test_no_page_trusts_text_as_markup() -> None:
    assert broken(r"\|safe\b|\{% autoescape off") == {}


def test_every_icon_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([\w-]+)"', (ROOT / "static/icons.svg").read_text(encoding="utf-8")))
    named = {icon for source in SOURCES.values() for icon in re.findall(r'\{% icon "([\w-]+)"', source)}
    assert (named | {page.icon for page in PAGES}) - sprite == set()


def test_every_posting_form_carries_the_token() -> None:
    forms = {name: re.findall(r'<form[^>]*method="post".*?</form>', source, re.S) for name, source in SOURCES.items()}
    assert [name for name, found in forms.items() for form in found if "{% csrf_token %}" not in form] == []


def test_every_template_says_what_it_wants() -> None:
    silent = [
        name
        for name, source in SOURCES.items()
        if "{% comment %}" not in source and not name.startswith(("account/", "mfa/", "django/"))
    ]
    assert silent == []


@pytest.mark.parametrize("name", CONTEXTLESS)
def test_an_error_page_needs_nothing_but_itself(name: str, engine: DjangoTemplates) -> None:
    assert "<h1>" in engine.get_template(name).render()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_has_one_heading_one_main_and_its_language(name: str, language: str, render: Callable[..., str]) -> None:
    html = render(name, language)
    assert (html.count("<h1"), html.count("<main")) == (1, 1)
    assert ('<html lang="en"' if language == "en" else '<html lang="zh-Hans"') in html
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert sorted(set(ids)) == sorted(ids)


def test_a_page_is_small_enough_for_a_phone_on_the_shop_floor(render: Callable[..., str]) -> None:
    sizes = {name: len(render(name).encode()) for name in SAMPLES}
    assert {name: size for name, size in sizes.items() if size > 80_000} == {}  # performance.md: the aim


def test_a_person_of_one_company_is_offered_no_switch(render: Callable[..., str]) -> None:
    assert "切换公司" in render("week") or "Switch company" in render("week", "en")
    assert "Switch company" not in render("week", "en", memberships_url="")


def test_what_does_not_exist_yet_is_not_on_the_page(render: Callable[..., str]) -> None:
    html = render("week")
    assert 'role="search"' not in html and 'data-key="n"' not in html
    assert 'role="search"' in render("week", search_url="/search/")
    assert 'data-key="n"' in render("week", compose_url="/feedback/new/")


def test_a_reminder_always_carries_the_switch_for_those_who_may_use_it(render: Callable[..., str]) -> None:
    html = render("inbox")
    assert html.count('<article class="alert"') == html.count('role="switch"') == 1


def test_an_error_is_never_a_toast(engine: DjangoTemplates) -> None:
    class Message:
        level_tag = "error"

        def __str__(self) -> str:
            return "没存上"

    with translation.override("en"):
        toasts: Any = engine.get_template("components/toasts.html").render({"messages": [Message()]})
        problems: Any = engine.get_template("components/problems.html").render({"messages": [Message()]})
    assert "没存上" not in toasts and "没存上" in problems


def test_a_refused_field_says_what_to_do_where_it_is_read_out(render: Callable[..., str]) -> None:
    html = render("goal-form-refused")
    described = re.findall(r'aria-describedby="([^"]+)"', html)
    ids = set(re.findall(r'\sid="([^"]+)"', html))
    named = {part for value in described for part in value.split()}
    assert named and named <= ids
    assert html.count('aria-invalid="true"') >= 4


def test_words_stand_in_the_catalogue_and_not_in_a_template() -> None:
    without_comments = {
        name: re.sub(r"\{% comment %\}.*?\{% endcomment %\}", "", s, flags=re.S) for name, s in SOURCES.items()
    }
    chinese = {
        name: set(re.findall(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+", s)) for name, s in without_comments.items()
    }
    # The product's name and a language's name for itself are the same in every language.
    assert {name: words for name, words in chinese.items() if words - {"陪跑", "中文"}} == {}


def test_the_stylesheet_and_the_pages_name_the_same_classes() -> None:
    scripts = [path.read_text(encoding="utf-8") for path in (ROOT / "static/js").glob("*.js")]
    parts = (ROOT / "perfsys/templatetags/ui.py").read_text(encoding="utf-8")
    everything = "\n".join([*SOURCES.values(), *scripts, parts])
    css = re.sub(r"/\*.*?\*/", "", (ROOT / "static/app.css").read_text(encoding="utf-8"), flags=re.S)
    selectors = " ".join(re.findall(r"([^{}]+)\{", css))
    styled = {name for name in re.findall(r"\.([a-z][\w-]*)", selectors) if not re.fullmatch(r"[vpd]-\d+|c\d", name)}
    unused = {name for name in styled if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", everything)}
    assert unused == {"htmx-request"}  # htmx sets it

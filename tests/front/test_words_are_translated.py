"""Chinese is the first language: every word of the source stands in its catalogue, with words of its own."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"')


@cache
def catalogue() -> dict[str, list[str]]:
    """msgid -> its translations."""
    found: dict[str, list[str]] = {}
    for entry in CATALOGUE.read_text(encoding="utf-8").split("\n\n")[1:]:
        parts: list[tuple[str, str]] = []
        for line in entry.splitlines():
            if line.startswith(("msgid", "msgstr")):
                parts.append((line.partition(" ")[0], ""))
            if parts and (quoted := QUOTED.search(line)) and not line.startswith(("#", "msgctxt")):
                name, text = parts[-1]
                parts[-1] = (name, text + ast.literal_eval(quoted[0]))
        if parts:
            found[parts[0][1]] = [text for name, text in parts if name.startswith("msgstr")]
    return found


def in_python() -> set[str]:
    tops = ("perfsys", "integrations", "goals", "feedback", "reviews", "dashboards")
    files = [file for top in tops for file in (ROOT / top).rglob("*.py") if "migrations" not in file.parts]
    calls = [node for file in files for node in ast.walk(ast.parse(file.read_text())) if isinstance(node, ast.Call)]
    said = [call for call in calls if getattr(call.func, "id", "") in CALLS and call.args]
    places = [(call, 1 if getattr(call.func, "id", "").startswith("p") else 0) for call in said]
    words = [call.args[place] for call, place in places if len(call.args) > place]
    return {word.value for word in words if isinstance(word, ast.Constant) and isinstance(word.value, str)}


def in_templates() -> set[str]:
    pages = [file.read_text(encoding="utf-8") for file in (ROOT / "templates").rglob("*.html")]
    said = re.compile(r'\{% translate "([^"]+)"|(?<![\w.])_\("([^"]+)"\)')
    return {word for page in pages for found in said.findall(page) for word in found if word}


@pytest.mark.parametrize("words", [in_python, in_templates], ids=["python", "templates"])
def test_every_word_is_in_the_catalogue(words):
    found = words()
    assert len(found) > 100
    assert sorted(found - catalogue().keys()) == []


def test_every_word_has_a_translation():
    assert [word for word, translations in catalogue().items() if not all(translations)] == []


def test_a_translation_keeps_the_names_it_is_given():
    def names(text: str) -> set[str]:
        return set(re.findall(r"%\((\w+)\)", text))

    wrong = {
        word: text for word, translations in catalogue().items() for text in translations if names(text) - names(word)
    }
    assert wrong == {}


def test_sentences_of_django_are_said_as_the_project_says_them():
    with translation.override("zh-hans"):
        refused = forms.CharField(max_length=2)
        with pytest.raises(ValidationError) as told:
            refused.clean("写得太长")
        messages = told.value.messages
    assert messages == ["最多 2 个字，现在有 4 个，写短一点。"]


def test_what_libraries_say_wrongly_or_stiffly_is_said_in_our_words():
    with translation.override("zh-hans"):
        assert (
            translation.gettext("Null characters are not allowed.")
            == "里面有一个看不见、存不下的字符，重新写一遍就好。"
        )
        assert translation.gettext("You do not have permission to perform this action.") == "你没有做这件事的权限。"

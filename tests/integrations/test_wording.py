"""Each code is a sentence and a next step, in both languages, with or without its words."""

import ast
import re
from datetime import date
from pathlib import Path

import pytest
from django.utils.translation import override

from integrations.models import GapKind
from integrations.wording import CODES, GENERAL, next_step, sentence

ROOT = Path(__file__).parents[2] / "integrations"
PROBLEMS = {"RetryLater", "SkipRow", "NeedsReconnect", "AdapterBroken"}


def said_in_the_source() -> set[str]:
    """Codes that a problem is raised with, and those that refuse a file."""
    calls = [
        node
        for file in ROOT.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.Call)
    ]
    raised = [call.args[0] for call in calls if getattr(call.func, "id", "") in PROBLEMS and call.args]
    refusing = [word.value for call in calls for word in call.keywords if word.arg == "refused"]
    refusing += [call.args[3] for call in calls if getattr(call.func, "id", "") == "Content" and len(call.args) > 3]
    constants = [node for place in raised + refusing for node in ast.walk(place) if isinstance(node, ast.Constant)]
    return {node.value for node in constants if isinstance(node.value, str) and re.fullmatch("[a-z_0-9]+", node.value)}


def test_every_code_of_the_source_has_its_words() -> None:
    found = said_in_the_source()
    assert len(found) > 20
    assert found - CODES.keys() == set()
    assert set(GapKind.values) <= CODES.keys()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_code_alone_still_makes_a_sentence(language: str) -> None:
    with override(language):
        for code in [*CODES, "from_a_newer_version"]:
            for text in (sentence(code, {}), next_step(code)):
                assert text and "%(" not in text and "%s" not in text, code


def test_every_word_of_a_sentence_has_a_general_form() -> None:
    wanted = {name for said in CODES.values() for name in re.findall(r"%\((\w+)\)", str(said.sentence))}
    assert wanted <= GENERAL.keys()


def test_words_are_shown_as_people_write_them() -> None:
    with override("en"):
        assert sentence("unreachable", {"host": "crm.example.com"}) == "crm.example.com does not answer."
        assert sentence("unreachable", {}) == "The system does not answer."
        assert sentence("failing", {"host": "crm", "status": 502}) == "crm has a fault of its own (502)."
        days = {sentence("missing", {"on": each}) for each in (date(2026, 8, 26), "2026-08-26")}
        assert len(days) == 1 and "2026" in days.pop()
        assert "a, b." in sentence("schema", {"stream": "visits", "fields": ["a", "b"]})
        assert "not-a-date" in sentence("missing", {"on": "not-a-date"})
        assert sentence("unreachable", {"code": "failing", "host": "crm", "status": 502}).startswith("crm has a fault")
        assert "GB18030" in sentence("truncated", {"reason": "encoding", "on": "2026-08-26"})
        assert "cut off" in sentence("truncated", {"reason": "truncated", "on": "2026-08-26"})
        assert "100 %" in sentence("no_records", {"path": "100 %"})
    with override("zh-hans"):
        assert "2026" in sentence("missing", {"on": "2026-08-26"})

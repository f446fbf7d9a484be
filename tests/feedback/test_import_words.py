"""Sentences of the dictionary and vague expressions come from a file, and the same file twice changes nothing."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command

from feedback.importing.dictionary_kinds import DictionaryImport, VagueImport
from perfsys.audit.models import AuditEntry
from perfsys.lexicon.models import BehaviourTag, LexiconEntry, VagueExpression
from perfsys.lexicon.standard_entries import FILE

from .conftest import NOW
from .test_import_feedback import previewed

SENTENCE = "首件测完贴上标签，班长签字后才开批量，当班 120 件没有返工。"


@pytest.fixture
def bring(tag: BehaviourTag, tmp_path: Path) -> Any:
    """`bring("vague_expressions", "模糊表达,能力", "很给劲,质量")`: what the command concludes."""

    def brought(command: str, *lines: str) -> Any:
        file, out = tmp_path / "words.csv", tmp_path / "out.json"
        file.write_text("\n".join(lines), encoding="utf-8")
        call_command(f"import_{command}", file, tenant="acme", json=out, verbosity=0)
        return json.loads(out.read_text())

    return brought


def test_sentences_go_in_change_and_stay(bring: Any, ada: Any) -> None:
    head = "能力,性质,等级,句子,英文,场景"
    lines = [
        head,
        f"质量,正向,2,{SENTENCE},Signed before the lot,首件",
        f"quality,positive,L2,{SENTENCE},,",
        "没有这项,表扬,5,看板两周没有人更新，最近一条是 19 天前的,,",
        "安全,改进,能带动别人,这个人责任心不强,,",
        "安全,改进,1,,,",
        ",,,,,",
        "合计 5 条,,,,,",
        "注：由人力资源部维护,,,,,",
    ]
    for _run in range(2):
        told = bring("dictionary", *lines)
        assert (told["rows"], told["valid"]) == (7, 2)
        assert [(one["action"], one["issues"]) for one in told["items"]] == [
            ("accept", []),
            ("skip", ["stands_above"]),
            ("reject", ["competency_unknown", "level_unknown"]),
            ("accept_with_warning", ["sentence_vague"]),
            ("reject", ["text_missing"]),
            ("skip", ["subtotal_row"]),
            ("skip", ["footer_note"]),
        ]
        with ada.scope:
            added = LexiconEntry.objects.get(text=SENTENCE)
            assert (added.competency.key, added.nature, added.level) == ("quality", "positive", 2)
            assert (added.text_en, added.scene, added.version, added.key) == ("Signed before the lot", "首件", 1, "")
            assert LexiconEntry.objects.get(text="这个人责任心不强").level == 3
    with ada.scope:  # renamed between the preview and the writing
        values = {"competency": "已改名", "nature": "positive", "level": "1", "text": "新的一句话", "text_en": ""}
        values |= {"scene": "", "scene_en": ""}
        gone = DictionaryImport().apply(iter([values]), report={}, actor=None, now=NOW, progress=lambda _n: None)
        assert gone.created == 0 and not LexiconEntry.objects.filter(text="新的一句话").exists()
    bring("dictionary", head, f"安全,正向,3,{SENTENCE},,")
    with ada.scope:
        added.refresh_from_db()
        assert (added.competency.key, added.level, added.scene, added.version) == ("safety", 3, "首件", 2)
        counts = (
            AuditEntry.objects.filter(verb="lexicon.entry_changed").order_by("pk").values_list("details", flat=True)
        )
        assert [one["imported"]["created"] for one in counts] == [2, 0, 0]


def test_the_ready_made_file_can_be_read_back(bring: Any, ada: Any) -> None:
    told = bring("dictionary", *FILE.read_text(encoding="utf-8").splitlines())
    assert told["valid"] == told["rows"] == 252
    with ada.scope:
        assert LexiconEntry.objects.count() == 252 and not LexiconEntry.objects.filter(version__gt=1).exists()


def test_vague_expressions_go_in_with_what_they_have_in_mind(bring: Any, ada: Any) -> None:
    lines = ["模糊表达,能力", "很 给劲！,质量", "好,质量", "干劲十足,", "很给劲!,", "说不清,没有这项", "长" * 41 + ","]
    lines += [",质量", "说明：表达按能力归类,"]
    for _run in range(2):
        told = bring("vague_expressions", *lines)
        assert [(one["action"], one["issues"]) for one in told["items"]] == [
            ("accept", []),
            ("reject", ["too_short"]),
            ("accept", []),
            ("skip", ["stands_above"]),
            ("reject", ["competency_unknown"]),
            ("reject", ["too_long"]),
            ("reject", ["expression_missing"]),
            ("skip", ["footer_note"]),
        ]
        with ada.scope:
            found = VagueExpression.objects.order_by("position").values_list("text", "competency__key", "version")
            assert list(found) == [("很给劲!", "quality", 1), ("干劲十足", None, 1)]


@pytest.mark.parametrize("kind", [DictionaryImport(), VagueImport()], ids=["dictionary", "vague"])
def test_every_reason_and_field_is_a_sentence(kind: Any) -> None:
    for field in kind.fields:
        assert str(kind.field_title(field.name))
    for code in ("competency_unknown", "level_unknown", "too_long", "stands_above"):
        assert "%" not in kind.reason(code, {})
    assert kind.reason("level_unknown", {"level": "9"}).count("9") == 1


def test_the_browser_shows_each_row_with_what_it_would_change(bring: Any, anna: Any) -> None:
    head = "能力,性质,等级,句子,英文,场景"
    bring("dictionary", head, f"质量,正向,2,{SENTENCE},,首件", "质量,正向,1,首件贴了标签才开批量。,,")
    lines = [
        head,
        f"安全,正向,3,{SENTENCE},Signed before the lot,",
        "质量,正向,1,首件贴了标签才开批量。,,",
        "质量,正向,1,班前会上先念昨天的两件返工。,,",
        "质量,正向,1,,,",
    ]
    file = ContentFile("\n".join(lines).encode(), "词典.csv")
    preview = previewed(anna, "dictionary", file)
    page = anna.client.get(preview).content.decode()
    assert "能力项：质量 → 安全" in page and "层级：能独立完成 → 能带动别人" in page
    assert "句子（英文）：– → Signed before the lot" in page
    assert "这一行没有句子" in page and page.count("做得好") >= 3
    shown = {one["label"]: one.get("count") for one in anna.client.get(preview).context["counts"]}
    assert (shown["新增"], shown["有变化"], shown["没变化"], shown["不导入"]) == (1, 1, 1, 1)
    file = ContentFile("模糊表达,能力\n很给劲,质量\n,安全\n".encode(), "表达.csv")
    assert "很给劲" in anna.client.get(previewed(anna, "vague", file)).content.decode()

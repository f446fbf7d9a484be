"""Sentences and characters, counted as a Chinese reader counts (product.md §3.1)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feedback import rules


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

"""Words of colleagues' feedback, by frequency times givers (product.md §4.1)."""

from hypothesis import given
from hypothesis import strategies as st

from feedback.hotwords import HotWord, Said, hot_words, words_of


def said(*lines: tuple[int, str], is_praise: bool = True) -> list[Said]:
    return [Said(number, giver, text, is_praise) for number, (giver, text) in enumerate(lines)]


def found(words: list[HotWord]) -> dict[str, tuple[int, int, int]]:
    return {hot.word: (hot.frequency, hot.givers, hot.weight) for hot in words}


def test_one_person_who_repeats_himself_makes_no_theme() -> None:
    lines = said((1, "图纸"), (1, "图纸"), (1, "图纸"), (2, "夹具"), (3, "夹具"))
    assert found(hot_words(lines)) == {"夹具": (2, 2, 4), "图纸": (3, 1, 3)}


def test_every_word_leads_to_the_feedbacks_it_stands_in() -> None:
    lines = said((1, "带着图纸下车间，图纸清楚"), (2, "图纸改了两处"), (3, "别的事"))
    [drawing] = [hot for hot in hot_words(lines) if hot.word == "图纸"]
    assert (drawing.frequency, drawing.feedback_ids) == (3, (0, 1))


def test_names_figures_and_words_that_say_nothing_stay_out() -> None:
    text = "周启明今天没有用40分钟，启明和大家一起把图纸改了"
    assert set(found(hot_words(said((1, text), (2, text)), names=["周启明"]))) == {"图纸"}


def test_a_word_is_a_wish_where_most_of_what_holds_it_is() -> None:
    lines = [Said(1, 1, "换料没有知会", False), Said(2, 2, "换料", False), Said(3, 3, "换料当天通知", True)]
    assert {hot.word: hot.is_wish for hot in hot_words(lines)}["换料"] is True


def test_english_is_read_as_well() -> None:
    assert list(words_of("The night shift changed the wheel in 40 minutes")) == [
        "night",
        "shift",
        "changed",
        "wheel",
        "minutes",
    ]


TEXTS = st.lists(
    st.tuples(st.integers(1, 4), st.lists(st.sampled_from(["图纸", "夹具", "客户", "的", "3"]), max_size=6)),
    max_size=12,
)


@given(TEXTS)
def test_weights_are_frequency_times_givers_whatever_the_order(lines: list[tuple[int, list[str]]]) -> None:
    spoken = said(*((giver, "，".join(words)) for giver, words in lines))
    for hot in hot_words(spoken):
        holding = [one for one in spoken if hot.word in one.text]
        assert hot.frequency == sum(one.text.count(hot.word) for one in holding) > 1
        assert hot.givers == len({one.giver_id for one in holding})
        assert set(hot.feedback_ids) == {one.feedback_id for one in holding}
    assert found(hot_words(spoken[::-1])) == found(hot_words(spoken))


def test_two_words_side_by_side_are_a_phrase_that_stands_for_both() -> None:
    lines = said((1, "提前沟通了换料计划"), (2, "提前沟通，客户放心"), (3, "客户投诉少了，先提前沟通"))
    words = found(hot_words(lines))
    assert words["提前沟通"] == (3, 3, 9)
    assert "提前" not in words and "沟通" not in words, "they stand nowhere else"
    assert "客户" in words and "客户投诉" not in words, "said once"


def test_a_word_that_stands_elsewhere_too_stays_beside_its_phrase() -> None:
    words = found(hot_words(said((1, "提前沟通"), (2, "提前沟通"), (3, "沟通很清楚"))))
    assert words["提前沟通"] == (2, 2, 4) and words["沟通"] == (3, 3, 9)


def test_no_phrase_goes_over_a_mark_a_line_a_stop_word_or_a_name() -> None:
    texts = ["提前，沟通", "提前\n沟通", "提前进行沟通", "提前启明沟通", "提前 沟通", "沟通沟通"]
    for text in texts:
        words = found(hot_words(said((1, text), (2, text)), names=["周启明"]))
        assert set(words) <= {"提前", "沟通"}, text


def test_a_phrase_of_latin_words_keeps_its_blank() -> None:
    words = found(
        hot_words(said((1, "Night shift went well"), (2, "night shift helped"), (3, "PLM 系统"), (4, "PLM系统")))
    )
    assert words["night shift"] == (2, 2, 4) and words["plm系统"] == (2, 2, 4)


def test_a_latin_name_stays_out_by_either_part() -> None:
    text = "Lovelace explained the drawing to Ada"
    assert set(found(hot_words(said((1, text), (2, text)), names=["Ada Lovelace"]))) == {"explained", "drawing"}

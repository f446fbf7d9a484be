"""A sentence of the dictionary takes the place of what says nothing, and what the writer saw stays."""

import pytest

from perfsys.lexicon.rewording import clause_with, reworded
from perfsys.lexicon.vagueness import Vague, find_vague

SENTENCE = "延误两小时，当场告诉了下道班组。"


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("表现良好", SENTENCE),
        ("表现良好。", SENTENCE),
        ("  配合度高，但需加强沟通！ ", "延误两小时，当场告诉了下道班组。"),
        ("换砂轮很快。配合度高，但需加强沟通！", f"换砂轮很快。{SENTENCE}"),
        ("责任心强，陪客户看了现场", "延误两小时，当场告诉了下道班组，陪客户看了现场"),
        ("他有想法", SENTENCE),
    ],
)
def test_clauses_that_are_to_blame_give_way(text: str, whole: str) -> None:
    why = find_vague("表现良好") if find_vague(text) is None else find_vague(text)
    assert why is not None
    if text.startswith("责任心强"):
        why = find_vague("责任心强")
        assert why is not None
    assert reworded(text, why, SENTENCE) == whole


def test_where_no_expression_is_known_clauses_without_a_trace_give_way() -> None:
    why = Vague("nothing_observable")
    assert reworded("整天乐呵呵的，陪客户看了现场", why, SENTENCE) == "延误两小时，当场告诉了下道班组，陪客户看了现场"
    # Where every clause tells a little, it is added.
    assert reworded("整个下午都在客户那里", why, SENTENCE) == f"整个下午都在客户那里。{SENTENCE}"
    assert reworded("With the customer.", why, "Stopped the line.") == "With the customer. Stopped the line."


def test_figures_are_not_cut_apart() -> None:
    why = find_vague("needs to improve")
    assert why is not None
    told = "Cut scrap to 3.5 kg. Needs to improve"
    assert reworded(told, why, "Asked “who?” first.").endswith("kg. Asked “who?” first.")
    assert reworded(told, why, "Asked the crew first.") == "Cut scrap to 3.5 kg. Asked the crew first."


def test_the_clause_is_shown_as_it_was_typed() -> None:
    assert clause_with("换砂轮很快，但需 加强 沟通！", "沟通") == "但需 加强 沟通"
    assert clause_with("换砂轮很快", "沟通") == "沟通"

"""Gaps and overlaps of a decoding workshop, from ids and texts alone (product.md §2.13)."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from goals.decoding import Said, gaps, pairs_alike
from goals.relevance.texts import plain

IDS = st.integers(1, 8)
TEXTS = st.sampled_from(
    ["一次合格率达到98%", "产品一次合格率提升到97.5%", "换型时间压到32分钟", "80%", "新客户签约12家"]
)
PROPOSALS = st.lists(st.tuples(IDS, TEXTS), max_size=8).map(
    lambda rows: [Said(key, department, text) for key, (department, text) in enumerate(rows, 1)]
)


@given(st.sets(IDS), st.sets(IDS), st.lists(st.tuples(IDS | st.none(), IDS)))
def test_a_gap_is_exactly_what_no_proposal_names(objectives, departments, proposals):
    found = gaps(sorted(objectives), sorted(departments), proposals)
    assert set(found.unsupported) == objectives - {objective for objective, _ in proposals}
    assert set(found.silent) == departments - {department for _, department in proposals}


@given(PROPOSALS, st.integers(0, 5))
def test_pairs_are_of_two_departments_each_once_whatever_the_order(proposals, most):
    department = {one.key: one.department for one in proposals}
    found = pairs_alike(proposals)
    assert len(set(found)) == len(found)
    assert all(one < other and department[one] != department[other] for one, other in found)
    assert pairs_alike(proposals[::-1]) == found
    assert pairs_alike(proposals, most=most) == found[:most]


def test_by_words_the_same_result_reads_alike_and_figures_alone_say_nothing():
    said = [Said(1, 1, "一次合格率达到98%"), Said(2, 2, "产品一次合格率提升到97.5%"), Said(3, 3, "换型时间压到32分钟")]
    assert pairs_alike([*said, Said(4, 4, "80%"), Said(5, 5, "90%")]) == [(1, 2)]


def test_by_meaning_it_goes_by_the_vectors():
    texts = ["客户投诉率降低20%", "投诉次数减少两成", "准时交付率达到95%"]
    near = {plain(text): np.array(vector) for text, vector in zip(texts, ([1, 0], [0.8, 0.6], [0, 1]), strict=True)}
    said = [Said(key, key, text) for key, text in enumerate(texts, 1)]
    assert pairs_alike(said, near) == [(1, 2)]

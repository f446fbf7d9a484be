"""Who answers a request, by the tenant's conditions and with whoever there is (product.md §2.9)."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals.adjusting import Facts
from goals.approving import ABOVE, BOTH, HRBP, INSTEAD, MANAGER, Around, NobodyToAsk, Rules, conditions, route

ADA, MARTA, WEI, ZOE, HENK, ANNA = range(1, 7)
EVERYBODY = frozenset(range(1, 7))
LINE = (MARTA, WEI, ZOE)


def around(asker=ADA, **more):
    given = {"owners": frozenset({ADA}), "line": LINE, "here": EVERYBODY, "partners": (HENK,), "others": (ANNA,)}
    return Around(asker=asker, **{**given, **more})


def steps(asked, people):
    return [(step.part, step.approver, step.instead) for step in route(asked, people)]


FIRST, BOTH_AND_ABOVE = {MANAGER: ()}, {MANAGER: (), ABOVE: ("core",), HRBP: ("late",)}


def test_the_manager_alone_is_asked_where_nothing_else_is_set():
    everything = Facts(Decimal(90), touches_core=True, eased_percent=Decimal(90), is_late=True)
    assert conditions(everything, Rules()) == {MANAGER: ()}


@pytest.mark.parametrize(
    ("found", "because"),
    [
        (Facts(weight_points=Decimal(20)), {}),  # not more than 20
        (Facts(weight_points=Decimal("20.01")), {HRBP: ("weight",)}),
        (Facts(touches_core=True), {ABOVE: ("core",)}),
        (Facts(eased_percent=Decimal(10)), {}),
        (Facts(eased_percent=Decimal("10.01")), {ABOVE: ("eased",), HRBP: ("eased",)}),
        (Facts(is_late=True), {HRBP: ("late",)}),
        (Facts(weight_points=Decimal(30), is_late=True), {HRBP: ("weight", "late")}),
    ],
)
def test_each_condition_asks_whom_the_tenant_named(found, because):
    assert conditions(found, Rules(weight=HRBP, core=ABOVE, eased=BOTH, late=HRBP)) == {MANAGER: (), **because}


def test_everybody_is_there():
    assert steps(BOTH_AND_ABOVE, around()) == [(MANAGER, MARTA, ""), (ABOVE, WEI, ""), (HRBP, HENK, "")]


@pytest.mark.parametrize(
    ("people", "expected"),
    [
        (around(here=EVERYBODY - {MARTA}), [(MANAGER, WEI, "absent")]),
        (around(asker=MARTA), [(MANAGER, WEI, "asks")]),
        (around(line=()), [(MANAGER, HENK, "no_manager")]),
        (around(line=(), partners=()), [(MANAGER, ANNA, "nobody")]),
        (around(line=(), partners=(ADA,)), [(MANAGER, ANNA, "nobody")]),  # nobody answers his own request
    ],
)
def test_who_stands_in_for_a_manager_there_is_not(people, expected):
    assert steps(FIRST, people) == expected


def test_who_stands_in_for_the_others():
    assert steps(BOTH_AND_ABOVE, around(partners=())) == [
        (MANAGER, MARTA, ""),
        (ABOVE, WEI, ""),
        (HRBP, ZOE, "no_partner"),
    ]
    assert steps(BOTH_AND_ABOVE, around(line=(MARTA,))) == [(MANAGER, MARTA, ""), (ABOVE, HENK, "no_above")]
    assert steps(BOTH_AND_ABOVE, around(line=(MARTA,), partners=())) == [(MANAGER, MARTA, "")]


def test_a_manager_who_is_the_hr_partner_too_is_asked_once_for_both_reasons():
    found = route({MANAGER: (), HRBP: ("core", "late")}, around(partners=(MARTA,)))
    assert [(step.approver, step.because) for step in found] == [(MARTA, ("core", "late"))]


def test_with_nobody_at_all_it_is_refused_rather_than_agreed():
    with pytest.raises(NobodyToAsk):
        route(FIRST, around(line=(), partners=(), others=(ADA,)))


@given(
    st.permutations(range(1, 7)),
    st.integers(0, 5),
    st.frozensets(st.integers(1, 6)),
    st.lists(st.integers(1, 6), max_size=3),
    st.sampled_from([FIRST, BOTH_AND_ABOVE]),
    st.integers(1, 6),
    st.frozensets(st.integers(1, 6), max_size=2),
)
def test_nobody_answers_his_own_request_and_nobody_is_asked_twice(order, length, here, partners, asked, asker, owners):
    people = Around(asker, owners, order[:length], here, partners, (1, 2, 3, 4, 5, 6))
    able = here - owners - {asker}
    if not able:
        with pytest.raises(NobodyToAsk):
            route(asked, people)
        return
    found = route(asked, people)
    approvers = [step.approver for step in found]
    assert found and len(set(approvers)) == len(approvers) and set(approvers) <= able
    assert all(step.instead in {"", *INSTEAD} for step in found)

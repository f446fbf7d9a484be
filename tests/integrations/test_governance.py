"""Eight norms, each met or not by what happened (product.md §5.8)."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.governance import (
    RECENT,
    Because,
    ConnectionFacts,
    MetricFacts,
    Named,
    Norm,
    PairFacts,
    VersionFacts,
    findings,
    met,
)
from integrations.governance_words import FACTS, NORMS, STEPS, fact, next_step

NOW = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
AGO = NOW - timedelta(hours=1)
FIRST = VersionFacts(1, date(2026, 7, 1), date(2026, 7, 20))
SECOND = VersionFacts(2, date(2026, 9, 1), date(2026, 8, 25))
SOURCE = ConnectionFacts("订单", is_on=True, read_at=AGO, carried_on_at=AGO, told_at=AGO)
KEPT = MetricFacts(
    owner=Named("Ada"),
    interpreter=Named("Marta"),
    versions=(FIRST, SECOND),
    connection=SOURCE,
    pairs=(PairFacts("结算净额", is_on=True, compared_at=AGO),),
)
GONE = Named("Bob", works_here=False)


def unmet(facts):
    return {one.norm: one.because for one in findings(facts, now=NOW) if not one.is_met}


def test_a_metric_that_is_kept_well_meets_all_eight():
    assert unmet(KEPT) == {}
    assert [one.norm for one in findings(KEPT, now=NOW)] == list(Norm)
    assert unmet(replace(KEPT, versions=(FIRST,))) == {}  # a first version may begin in the past


@pytest.mark.parametrize(
    ("changed", "norm", "because"),
    [
        ({"versions": (FIRST, replace(SECOND, missing=("hr",)))}, Norm.FIELDS, Because.NOT_SIGNED),
        ({"versions": (FIRST, replace(SECOND, announced_on=date(2026, 9, 1)))}, Norm.CHANGES, Because.NOT_ANNOUNCED),
        ({"connection": replace(SOURCE, is_on=False)}, Norm.HEALTH, Because.NOT_ON),
        ({"connection": replace(SOURCE, read_at=None)}, Norm.HEALTH, Because.NEVER_READ),
        ({"connection": replace(SOURCE, missed_at=AGO)}, Norm.HEALTH, Because.LATE),
        ({"connection": replace(SOURCE, open_gaps=3)}, Norm.HEALTH, Because.GAPS_OPEN),
        ({"connection": replace(SOURCE, carried_on_at=None)}, Norm.ALARM, Because.NO_RETRY),
        ({"connection": replace(SOURCE, told_at=None)}, Norm.ALARM, Because.NO_ALARM),
        ({"connection": replace(SOURCE, carried_on_at=None, told_at=None)}, Norm.ALARM, Because.NEITHER),
        ({"interpreter": GONE}, Norm.INTERPRETER, Because.HAS_LEFT),
        ({"owner": GONE}, Norm.OWNER, Because.HAS_LEFT),
        ({"owner": Named("Ada", has_account=False)}, Norm.DISPUTES, Because.NO_ACCOUNT),
        ({"pairs": ()}, Norm.RECONCILED, Because.NO_PAIR),
        ({"pairs": (PairFacts("结算净额", is_on=False, compared_at=AGO),)}, Norm.RECONCILED, Because.PAIR_OFF),
        ({"pairs": (PairFacts("结算净额", is_on=True),)}, Norm.RECONCILED, Because.NOT_COMPARED),
    ],
)
def test_one_fact_that_is_missing_is_one_norm_that_is_not_met(changed, norm, because):
    assert unmet(replace(KEPT, **changed)) == {norm: because}


def test_without_a_version_in_force_nothing_about_its_source_is_known():
    assert set(unmet(replace(KEPT, versions=(), connection=None))) == {
        Norm.FIELDS, Norm.HEALTH, Norm.CHANGES, Norm.ALARM,
    }  # fmt: skip


def test_who_has_left_decides_nothing_and_somebody_else_must():
    left = replace(KEPT, owner=GONE)
    assert Norm.DISPUTES not in unmet(left)
    assert unmet(replace(left, has_partners=False))[Norm.DISPUTES] == Because.NOBODY_DECIDES


@given(hours=st.integers(0, 24 * 30))
def test_a_comparison_counts_for_a_week(hours):
    at = NOW - timedelta(hours=hours)
    pairs = (PairFacts("停用的", is_on=False, compared_at=NOW), PairFacts("结算净额", is_on=True, compared_at=at))
    assert (Norm.RECONCILED not in unmet(replace(KEPT, pairs=pairs))) is (timedelta(hours=hours) <= RECENT)


@given(
    st.builds(
        MetricFacts,
        owner=st.builds(Named, st.just("Ada"), st.booleans(), st.booleans()),
        interpreter=st.builds(Named, st.just("Bob"), st.booleans()),
        versions=st.lists(
            st.builds(VersionFacts, st.integers(1, 9), st.dates(), st.dates(), st.sampled_from([(), ("hr", "it")])),
            max_size=3,
        ),
        connection=st.none()
        | st.builds(
            ConnectionFacts,
            st.just("订单"),
            st.booleans(),
            *[st.none() | st.just(AGO)] * 2,
            st.integers(0, 2),
            *[st.none() | st.just(AGO)] * 2,
        ),
        pairs=st.lists(st.builds(PairFacts, st.just("结算"), st.booleans(), st.none() | st.just(AGO)), max_size=2),
        has_partners=st.booleans(),
    )
)
def test_every_finding_has_its_words_and_what_is_not_met_its_next_step(facts):
    found = findings(facts, now=NOW)
    assert [one.norm for one in found] == list(NORMS)
    assert met(found) == sum(1 for one in found if not next_step(one))
    assert all(fact(one) and "%(" not in fact(one) for one in found)


def test_no_reason_is_without_a_sentence():
    assert set(FACTS) == set(Because)
    assert set(STEPS) < set(FACTS)

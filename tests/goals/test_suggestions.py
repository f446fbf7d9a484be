"""Three different, specific suggestions for every goal that needs a hand (product.md §2.8)."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from goals.models import Alignment, EvidenceItem, Kind, Milestone
from goals.queries.health import missing_on
from goals.suggestions import LIBRARY, Missing, three

from .conftest import NOW, TODAY


@given(
    kind=st.sampled_from(Kind.values),
    job_family=st.sampled_from(["", "研发", "销售一部", "生产操作", "Quality", "客户服务", "行政", "飞行员"]),
    missing=st.sets(st.sampled_from(list(Missing))),
)
def test_there_are_always_three_and_each_is_another(kind, job_family, missing):
    found = three(kind=kind, job_family=job_family, missing=missing)
    assert len({one.code for one in found}) == 3
    assert found == three(kind=kind, job_family=job_family, missing=missing)
    assert sum(bool(one.missing) for one in found) == bool(missing)


def codes(**about):
    return [one.code for one in three(**{"kind": "kpi", "job_family": "", "missing": (), **about})]


@pytest.mark.parametrize(
    ("job_family", "expected"),
    [
        ("华东销售", "customer_tiers"),
        ("研发工程", "verification"),
        ("Production", "first_piece"),
        ("客服", "return_visit"),
    ],
)
def test_the_owners_job_family_decides_what_comes_first(job_family, expected):
    assert expected in codes(job_family=job_family)


def test_what_is_missing_is_named_first_and_once():
    assert codes(missing=[Missing.STAGES, Missing.EVIDENCE])[0] == "first_stage"
    assert codes(missing=[Missing.PARENT, Missing.EVIDENCE], job_family="研发")[1] == "verification"


def test_the_kind_of_goal_has_its_own():
    assert "fixed_time" in codes(kind="behaviour") and "fixed_time" not in codes(kind="objective")


def test_no_two_say_the_same():
    with translation.override("en"):
        assert len({str(one.text) for one in LIBRARY}) == len({one.code for one in LIBRARY}) == len(LIBRARY)


def test_what_a_goal_lacks_is_asked_for_all_at_once(company, django_assert_num_queries):
    top, middle, leaf = company.tree()
    Milestone.objects.create(goal=leaf, title="密封结构定型", due_on=TODAY)
    with django_assert_num_queries(1):
        found = missing_on([top.pk, middle.pk, leaf.pk])
    assert found[leaf.pk] == {Missing.EVIDENCE, Missing.MEASURE}
    assert found[top.pk] == set(Missing)
    EvidenceItem.objects.create(goal=leaf, at=NOW, local_on=TODAY, number="WO-1")
    Alignment.objects.filter(child=leaf).delete()
    assert missing_on([leaf.pk])[leaf.pk] == {Missing.PARENT, Missing.MEASURE}

"""What the database itself keeps true about the goal tree."""

import uuid
from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from goals.models import Alignment, Goal, GoalEvent, Layer, Period
from perfsys.people.models import OrgUnit

NOW = datetime(2026, 10, 5, 1, tzinfo=UTC)


@pytest.fixture
def period(ada):
    with ada.scope:
        yield Period.objects.create(name="2026Q4", starts_on=date(2026, 10, 1), ends_on=date(2026, 12, 31))


@pytest.fixture
def unit(period):
    return OrgUnit.objects.create(name="研发部", path="研发部", starts_on=date(2020, 1, 1))


@pytest.fixture
def make(period, unit):
    def one(layer=Layer.DEPARTMENT, **more):
        return Goal.objects.create(
            number=uuid.uuid4().hex[:12],
            period=period,
            layer=layer,
            unit=unit if layer != Layer.COMPANY else None,
            title="缩短交付周期",
            starts_on=period.starts_on,
            due_on=period.ends_on,
            made_at=NOW,
            **more,
        )

    return one


def align(child, parent, **more):
    return Alignment.objects.create(child=child, parent=parent, **more)


def test_a_circle_of_alignments_is_refused(make):
    first, second, third = make(), make(), make()
    align(first, second)
    align(second, third)
    with pytest.raises(IntegrityError, match="circle"), transaction.atomic():
        align(third, first, is_primary=False)
    Alignment.objects.filter(child=second).delete()
    align(third, first)


def test_a_circle_closed_within_one_statement_is_refused(make):
    first, second = make(), make()
    with pytest.raises(IntegrityError, match="circle"), transaction.atomic():
        Alignment.objects.bulk_create([Alignment(child=first, parent=second), Alignment(child=second, parent=first)])


def test_a_goal_supports_no_goal_of_a_layer_below(make):
    with pytest.raises(IntegrityError, match="own layer or above"), transaction.atomic():
        align(make(Layer.COMPANY), make())


def test_an_aligned_goal_keeps_its_layer(make):
    child, parent = make(), make(Layer.COMPANY)
    align(child, parent)
    with pytest.raises(IntegrityError, match="keeps its layer"), transaction.atomic():
        Goal.objects.filter(pk=child.pk).update(layer=Layer.COMPANY)


def test_a_goal_has_one_primary_alignment(make):
    child = make()
    align(child, make(Layer.COMPANY))
    with pytest.raises(IntegrityError, match="goals_one_primary"), transaction.atomic():
        align(child, make(Layer.COMPANY))
    align(child, make(Layer.COMPANY), is_primary=False)


def test_a_weight_is_between_nothing_and_all(make):
    with pytest.raises(IntegrityError, match="goals_goal_weight"), transaction.atomic():
        make(weight=101)


def test_a_position_goal_has_an_owner(make):
    with pytest.raises(IntegrityError, match="goals_position_has_an_owner"), transaction.atomic():
        make(Layer.POSITION)


def test_figures_that_are_worked_out_leave_no_version(make):
    goal = make()
    Goal.objects.filter(pk=goal.pk).update(own_progress=12, health="watch", last_activity_on=date(2026, 10, 6))
    assert GoalEvent.objects.filter(pgh_obj=goal).count() == 1
    Goal.objects.filter(pk=goal.pk).update(title="缩短样件交付周期")
    assert list(GoalEvent.objects.filter(pgh_obj=goal).order_by("pgh_id").values_list("pgh_label", "title")) == [
        ("insert", "缩短交付周期"),
        ("update", "缩短样件交付周期"),
    ]

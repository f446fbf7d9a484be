"""A figure that cannot be right is asked about once beside its field; an honest outlier is taken (product.md §2.6)."""

from decimal import Decimal

import pytest

from goals.models import Goal, KeyResult
from goals.trail_forms import CheckInForm, ResultCheckInForm

FORMS = {
    "goal": lambda typed: CheckInForm(
        typed, goal=Goal(kind="kpi", direction="raise", baseline=Decimal(5), target=Decimal(40))
    ),
    "result": lambda typed: ResultCheckInForm(typed, of=KeyResult(pk=1, baseline=Decimal(5), target=Decimal(40))),
}


def typed(value, **more):
    return {"value": value, "note": "海外大单", "key": "k", **more}


@pytest.mark.parametrize("of", FORMS)
@pytest.mark.parametrize(("value", "is_taken"), [("400", True), ("-400", True), ("401", False), ("1e13", False)])
def test_what_is_ten_times_the_target_is_taken_and_more_is_asked_about(of, value, is_taken):
    form = FORMS[of](typed(value))
    assert form.is_valid() is is_taken
    assert ("value" in form.errors) is not is_taken and form["value"].value() == value


@pytest.mark.parametrize("of", FORMS)
def test_an_honest_outlier_is_taken_when_it_is_sent_again(of):
    asked = FORMS[of](typed("5000"))
    assert "5000" in asked.errors["value"][0] and "40" in asked.errors["value"][0]
    assert FORMS[of](typed("5000", sure=asked["sure"].value())).is_valid()
    assert not FORMS[of](typed("50000", sure=asked["sure"].value())).is_valid()
    assert not FORMS[of](typed("1e30", sure="1" + "0" * 30)).is_valid()  # nothing is this much


def test_a_goal_that_knows_no_figure_asks_nothing():
    goal = Goal(kind="kpi", direction="lower", target=Decimal(0))
    assert CheckInForm(typed("0"), goal=goal).is_valid() and CheckInForm(typed("17"), goal=goal).is_valid()

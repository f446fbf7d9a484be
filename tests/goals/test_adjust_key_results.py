"""The key results of a published objective change by request (product.md §2.2, §2.9)."""

from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace

import pytest

from goals.actions import adjusting as actions
from goals.actions import trail
from goals.actions.goal import KeyResultWords
from goals.models import AdjustmentLine, AdjustmentRequest, Goal, KeyResult
from goals.queries.adjusting import Whose, mark_of
from goals.queries.versions import results_at, versions_of
from tests.conftest import page_queries
from tests.goals.conftest import NOW

DAY = timedelta(days=1)


@pytest.fixture
def objective(that_day, founded, ada):
    """Ada's published objective: 打样 at half of its way with weight 3, 签约 with weight 1; and its key results."""
    with ada.scope:
        middle = founded.tree()[1]
        Goal.objects.filter(owner=founded.ada).delete()
        results = [
            KeyResultWords("打样", target=Decimal(10), unit_of_measure="件", weight=Decimal(3)),
            KeyResultWords("签约", target=Decimal(4), unit_of_measure="家"),
        ]
        made = founded.draft(founded.ada, "打开欧洲市场", parent=middle, kind="objective", key_results=results)
        founded.publish(founded.ada)
        samples, deals = KeyResult.objects.filter(goal=made).order_by("pk")
        trail.check_in(goal=made, key_result=samples, value=Decimal(5), actor=founded.ada, now=NOW)
        return Goal.objects.get(pk=made.pk), samples, deals


def address(goal, page="adjust/"):
    return f"/t/acme/goals/{goal.public_id}/{page}"


def typed(objective, **more):
    """The form as it comes, with `more` by what stands behind the place: `打样_kr_target`, `new0_title`."""
    goal, *results = objective
    said = {"goal": goal.public_id, "version": goal.version, "weight": 100, "due_on": "2026-12-31"}
    names = {}
    for one in results:
        said |= {f"{one.public_id.hex}-kr_target": one.target, f"{one.public_id.hex}-kr_weight": one.weight}
        names[one.title] = one.public_id.hex
    for name, value in more.items():
        first, _, rest = name.partition("_")
        said[f"{names.get(first, first)}-{rest}"] = value
    return {"reason": "客户改了排期"} | {f"goals-0-{name}": value for name, value in said.items()}


def agree(request, *people):
    goals = [line.goal for line in AdjustmentLine.objects.filter(request=request).select_related("goal")]
    for person in people:
        actions.approve(request=request, seen=mark_of(goals), actor=person, now=NOW + DAY)


def progress(goal):
    return Goal.objects.get(pk=goal.pk).own_progress


def test_agreed_changes_count_and_stand_in_the_versions(objective, founded, ada, marta):
    goal, *_results = objective
    assert goal.own_progress == Decimal("37.5")
    new = {
        "new0_title": "复购",
        "new0_target": 2,
        "new0_unit_of_measure": "家",
        "new0_weight": 1,
        "new0_direction": "raise",
    }
    answer = ada.client.post(address(goal), typed(objective, 打样_kr_target=20, 签约_kr_gone="on", **new))
    assert answer.status_code == 302
    with ada.scope:
        request = AdjustmentRequest.objects.get()
        assert request.state == "sent"  # no window for what is weighed against each other
    shown = marta.client.get(answer.url).content.decode()
    for words in ("关键结果的目标：打样", "10 件", "20 件", "不再计入", "复购", "2 家"):
        assert words in shown, words
    with ada.scope:
        agree(request, founded.marta, founded.henk)  # one that no longer counts makes the objective easier
        found = {one.title: one for one in KeyResult.objects.filter(goal=goal)}
        assert (found["打样"].target, found["打样"].progress, found["打样"].last_value) == (20, 25, 5)
        assert found["签约"].retired_on == (NOW + DAY).date() and found["复购"].weight == 1
        assert progress(goal) == Decimal("18.75")  # 25 % with weight 3, nothing yet with weight 1
        newest = versions_of(goal, drafts=True)[0]
        assert {row.title: row.target for row in newest.results.values()} == {"打样": 20, "复购": 2}
    side_by_side = ada.client.get(address(goal, "versions/")).content.decode()
    assert "关键结果：打样" in side_by_side and "关键结果：复购" in side_by_side
    page = ada.client.get(address(goal, "")).content.decode()
    assert "“签约”不再计入" in page


def test_each_version_has_the_key_results_that_counted_then():
    def happened(key, minute, label="update", retired_on=None, target=10):
        told = {"pgh_obj_id": key, "pgh_label": label, "retired_on": retired_on, "target": target}
        return SimpleNamespace(pgh_created_at=NOW + timedelta(minutes=minute), **told)

    rows = [
        happened(1, 0, "insert"),
        happened(2, 0, "insert"),
        happened(3, 1, "insert"),  # brought after the goal was written, before its next version
        happened(2, 5, "delete"),
        happened(1, 9, target=20),
        happened(3, 9, retired_on=NOW.date()),
        happened(4, 9, "insert"),
    ]
    found = results_at(rows, {1: NOW, 2: NOW + timedelta(minutes=5), 3: NOW + timedelta(minutes=9)})
    assert {number: [(key, row.target) for key, row in told.items()] for number, told in found.items()} == {
        1: [(1, 10), (2, 10), (3, 10)],
        2: [(1, 10), (3, 10)],
        3: [(1, 20), (4, 10)],
    }


def test_nobody_checks_in_on_what_no_longer_counts(objective, founded, ada):
    goal, samples, _deals = objective
    with ada.scope:
        KeyResult.objects.filter(pk=samples.pk).update(retired_on=NOW.date())
        with pytest.raises(trail.GoalNotOpen):
            trail.check_in(goal=goal, key_result=samples, value=Decimal(6), actor=founded.ada, now=NOW)
        assert KeyResult.objects.get(pk=samples.pk).last_value == 5


def test_what_is_in_the_way_stands_beside_its_field(objective, ada):
    goal, samples, deals = objective
    gone = typed(objective, 打样_kr_gone="on", 签约_kr_gone="on")
    answer = ada.client.post(address(goal), gone)
    assert answer.status_code == 422
    form = answer.context["form"]
    assert list(form.errors) == [f"goals-0-{deals.public_id.hex}-kr_gone"]
    twice = ada.client.post(address(goal), typed(objective, new0_title="签约", new0_target=3)).context["form"]
    assert list(twice.errors) == ["goals-0-new0-title"]
    nameless = ada.client.post(address(goal), typed(objective, new0_target=3)).context["form"]
    assert list(nameless.errors) == ["goals-0-new0-title"]
    empty = ada.client.post(address(goal), typed(objective, 打样_kr_target="")).context["form"]
    assert list(empty.errors) == [f"goals-0-{samples.public_id.hex}-kr_target"]


def test_a_draft_is_gone_on_with_and_has_room_for_one_more(objective, ada):
    goal, samples, _deals = objective
    answers = typed(objective, 打样_kr_weight=2, new0_title="复购", new0_target=3, new1_title="转介绍")
    assert ada.client.post(address(goal), answers | {"draft": "1"}).status_code == 302
    form = ada.client.get(address(goal)).context["form"]
    assert form[f"goals-0-{samples.public_id.hex}-kr_weight"].value() == "2"
    assert [form[f"goals-0-new{n}-title"].value() for n in range(3)] == ["复购", "转介绍", None]
    assert form["goals-0-new0-target"].value() == "3"


def test_one_open_request_about_a_figure_of_a_key_result(objective, founded, ada):
    goal, samples, deals = objective

    def ask(result):
        return actions.ask(
            whose=Whose("position", founded.ada),
            period=founded.period,
            wanted=[actions.Wanted(goal, "kr_target", Decimal(8), result=result)],
            reason="客户改了排期",
            actor=founded.ada,
            now=NOW,
        )

    with ada.scope:
        assert ask(samples).state == "sent" and ask(deals).state == "sent"
        with pytest.raises(actions.NotReady) as refused:
            ask(samples)
        assert [(one.code, one.result) for one in refused.value.problems] == [("asked_already", str(samples.pk))]


def test_the_form_takes_one_query_more_whatever_the_number_of_objectives(objective, founded, ada):
    goal, *_results = objective
    few = len(page_queries(ada.client, address(goal)))
    with ada.scope:
        for number in range(3):
            other = Goal.objects.get(pk=goal.pk)
            other.pk, other.public_id, other.number = None, None, f"O-{number}"
            other.public_id = KeyResult().public_id
            other.save()
            KeyResult.objects.create(goal=other, title="签约")
    assert len(page_queries(ada.client, address(goal))) == few

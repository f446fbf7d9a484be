"""What programs read and write: the same goals, by the same rules, as on the pages."""

from datetime import timedelta
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from goals.events import GOAL_DROPPED
from goals.models import Alignment, CheckIn, Goal, KeyResult, MetricBinding, Obstacle, Period
from goals.queries import programs
from perfsys.audit.models import AuditEntry
from perfsys.tokens.actions import ANSWERS_KEPT, forget_old
from perfsys.tokens.problems import PROBLEM
from tests.conftest import page_queries
from tests.goals import conftest as goals_company
from tests.goals.conftest import founded, line, one_of_the_cast, published_line, that_day
from tests.goals.measures import Metric

__all__ = ["founded", "line", "published_line", "that_day"]
ada, marta, henk, anna = (one_of_the_cast(name) for name in goals_company.CAST)


@pytest.fixture
def leaf(line, ada):
    with ada.scope:
        return Goal.objects.select_related("owner", "period").get(layer="position")


def at(goal, *parts):
    return "/".join(["goals", str(goal.public_id), *parts, ""])


def test_a_goal_stands_in_the_list_and_is_read_whole(program, ada, leaf):
    ask = program(ada, "read")
    listed = {one["id"] for one in ask("get", "goals/").json()["results"]}
    assert str(leaf.public_id) in listed and len(listed) == 3
    whole = ask("get", at(leaf)).json()
    assert (whole["title"], whole["weight"], whole["version"]) == (leaf.title, "100", leaf.version)
    assert whole["owner"] == {"id": str(leaf.owner.public_id), "name": leaf.owner.name}
    assert [one["is_primary"] for one in whole["supports"]] == [True]


def test_a_key_result_that_no_longer_counts_is_not_told(program, ada, leaf):
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(kind="objective")
        KeyResult.objects.create(goal=leaf, title="签约")
        KeyResult.objects.create(goal=leaf, title="旧口径", retired_on=leaf.starts_on)
    told = program(ada, "read")("get", at(leaf)).json()["key_results"]
    assert [one["title"] for one in told] == ["签约"]


def test_in_a_period_that_was_closed_all_is_read_and_nothing_written(program, ada, leaf):
    with ada.scope:
        Period.objects.update(state="closed")
    ask = program(ada)
    assert ask("get", at(leaf)).status_code == 200
    refused = ask("post", at(leaf, "check-ins"), {"value": "40"})
    assert (refused.status_code, refused["Content-Type"]) == (403, PROBLEM)
    assert "2026Q4 已关闭" in refused.json()["detail"]


def test_a_figure_that_comes_from_a_metric_is_not_told_by_programs(program, founded, ada, leaf):
    with ada.scope:
        definition = Metric(founded.zoe, founded.ada, timezone.now()).definition
        MetricBinding.objects.create(goal=leaf, definition=definition, making="sum", bound_at=timezone.now())
    ask = program(ada)
    refused = ask("post", at(leaf, "check-ins"), {"value": "40"})
    assert (refused.status_code, refused["Content-Type"]) == (422, PROBLEM)
    assert ask("post", at(leaf, "check-ins"), {"note": "客户在走付款流程"}).status_code == 201


def test_the_list_is_narrowed_and_a_wrong_filter_is_told(program, ada, leaf):
    ask = program(ada, "read")

    def found(query):
        return [one["id"] for one in ask("get", f"goals/?{query}").json()["results"]]

    mine = [str(leaf.public_id)]
    period, owner = leaf.period.public_id, leaf.owner.public_id
    assert found(f"layer=position&period={period}&owner={owner}&status=published") == mine
    assert found(f"owner={uuid4()}") == found("updated_since=2030-01-01T00:00:00Z") == []
    told = ask("get", "goals/?layer=team&period=q4")
    assert (told.status_code, set(told.json()["errors"])) == (422, {"layer", "period"})


def test_each_goal_is_on_one_page(program, ada, leaf):
    ask = program(ada, "read")
    pages, path = [], "goals/?page_size=2"
    while path:
        page = ask("get", path).json()
        pages.append([one["id"] for one in page["results"]])
        path = page["next"] and page["next"].partition("/api/v1/")[2]
    assert [len(page) for page in pages] == [2, 1]
    assert len({one for page in pages for one in page}) == 3


def test_a_page_costs_the_same_however_long_it_is(program, ada, leaf):
    ask = program(ada, "read")
    ask("get", "goals/")  # notes that it was used
    headers = {"headers": {"Authorization": f"Bearer {ask.token}"}}
    # the door: 1 slug, 1 scope, 1 token with its seat, 1 tenant; then 1 scope, 1 viewer, 1 goals with all they name,
    # 1 whether any has a figure of a metric
    for size in (1, 3):
        sent = page_queries(ada.client, f"/t/acme/api/v1/goals/?page_size={size}", **headers)
        work = [one for one in sent if not one.startswith(("SAVEPOINT", "RELEASE"))]
        assert len(work) == 8, work


def test_a_check_in_is_said_once_for_a_key(program, ada, leaf):
    ask = program(ada)
    said = {"value": "40", "note": "样件已送检", "confidence": "high"}
    answers = [ask("post", at(leaf, "check-ins"), said, **{"Idempotency-Key": "oa-17"}) for _twice in range(2)]
    assert [one.status_code for one in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()
    assert (answers[0].json()["percent"], answers[0].json()["author"]["name"]) == ("40", leaf.owner.name)
    assert len(ask("get", at(leaf, "check-ins")).json()["results"]) == 1
    with ada.scope:
        assert Goal.objects.get(pk=leaf.pk).own_progress == Decimal(40)


@pytest.mark.parametrize(
    ("said", "field"),
    [({"value": "-1"}, "value"), ({}, "value"), ({"value": "much"}, "value"), ({"key_result": "x"}, "key_result")],
)
def test_a_check_in_breaks_no_rule_of_the_form(program, ada, leaf, said, field):
    told = program(ada)("post", at(leaf, "check-ins"), said)
    assert (told.status_code, list(told.json()["errors"])) == (422, [field])
    with ada.scope:
        assert not CheckIn.objects.exists()


def test_a_goal_supports_another_and_no_longer(program, founded, ada, leaf):
    ask = program(ada)
    with ada.scope:
        other = founded.draft(founded.units["生产中心"], "关键客户准时交付", parent=Goal.objects.get(layer="company"))
        founded.publish(founded.units["生产中心"])
    made = ask("post", at(leaf, "alignments"), {"parent": str(other.public_id), "split": "30"})
    assert (made.status_code, made.json()["split"]) == (201, "30")
    again = ask("post", at(leaf, "alignments"), {"parent": str(other.public_id)})
    assert (again.status_code, list(again.json()["errors"])) == (422, ["parent"])
    assert ask("delete", at(leaf, "alignments", str(other.public_id))).status_code == 204
    with ada.scope:
        assert Alignment.objects.filter(child=leaf).count() == 1


def test_a_request_goes_to_the_manager_and_changes_the_goal(program, ada, marta, leaf):
    wanted = {"goal": str(leaf.public_id), "version": leaf.version, "field": "due_on", "new": "2026-12-18"}
    sent = program(ada)("post", at(leaf, "adjustments"), {"reason": "展会提前", "changes": [wanted]})
    assert (sent.status_code, sent.json()["state"]) == (201, "sent"), sent.json()
    assert sent.json()["lines"][0]["new"] == "2026-12-18"
    answer, path = program(marta), f"adjustments/{sent.json()['id']}/"
    assert answer("post", f"{path}approve/", {"seen": "0" * 16}).status_code == 409
    agreed = answer("post", f"{path}approve/", {"seen": answer("get", path).json()["seen"]})
    assert (agreed.status_code, agreed.json()["state"]) == (200, "approved")
    with ada.scope:
        assert str(Goal.objects.get(pk=leaf.pk).due_on) == "2026-12-18"
    assert program(ada)("post", f"{path}withdraw/").status_code == 409


def test_a_request_of_an_old_version_shows_what_stands_there(program, ada, leaf):
    wanted = {"goal": str(leaf.public_id), "version": leaf.version + 1, "field": "due_on", "new": "2026-12-18"}
    told = program(ada)("post", at(leaf, "adjustments"), {"reason": "展会提前", "changes": [wanted]})
    assert (told.status_code, told.json()["current"]["version"]) == (409, leaf.version)


def test_a_request_that_breaks_a_rule_says_which(program, ada, leaf):
    wanted = {"goal": str(leaf.public_id), "version": leaf.version, "field": "weight", "new": "50"}
    told = program(ada)("post", at(leaf, "adjustments"), {"reason": "展会提前", "changes": [wanted]})
    assert (told.status_code, list(told.json()["errors"])) == (422, ["changes.0.new"])
    nowhere = program(ada)(
        "post", at(leaf, "adjustments"), {"reason": "展会提前", "changes": [wanted | {"field": "hold_low"}]}
    )
    assert list(nowhere.json()["errors"]) == ["changes.0.field"]


DRAFT = {
    "title": "报废率降到 1.8%",
    "direction": "lower",
    "baseline": "3.2",
    "target": "1.8",
    "weight": "40",
    "milestones": [{"title": "换模具", "due_on": "2026-11-30"}],
    "obstacles": ["模具排期"],
}


def test_a_draft_is_written_and_changed(program, ada, leaf, line):
    ask = program(ada)
    with ada.scope:
        above = Goal.objects.get(layer="dept")
    made = ask("post", "goals/", DRAFT | {"parent": str(above.public_id)})
    assert made.status_code == 201, made.json()
    told = made.json()
    assert (told["status"], told["owner"]["name"], told["target"]) == ("draft", leaf.owner.name, "1.8")
    assert [one["parent"]["id"] for one in told["supports"]] == [str(above.public_id)]
    path = f"goals/{told['id']}/"
    changed = ask("patch", path, {"version": told["version"], "target": "1.5", "parent": None})
    assert changed.status_code == 200, changed.json()
    now = changed.json()
    assert (now["target"], now["baseline"], now["supports"]) == ("1.5", "3.2", [])
    assert [one["title"] for one in now["milestones"]] == ["换模具"]
    with ada.scope:
        assert Obstacle.objects.filter(goal__public_id=told["id"]).count() == 1
    late = ask("patch", path, {"version": told["version"], "target": "1.2"})
    assert (late.status_code, late.json()["current"]["version"]) == (409, now["version"])
    assert ask("patch", at(leaf), {"version": leaf.version, "target": "1"}).status_code == 409  # it is published


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "a\0b"}, "title"),
        ({"due_on": "2020-01-01"}, "due_on"),
        ({"period": "1999Q1"}, "period"),
        ({"parent": str(uuid4())}, "parent"),
        ({"owner": str(uuid4())}, "owner"),
        ({"layer": "dept"}, "unit"),
        ({"obstacles": ["一", "二"]}, "obstacles"),
        ({"kind": "behaviour", "cadence_times": 3}, "cadence_times"),
        ({"scoring": "veto"}, "scoring_figure"),
        ({"key_results": [{"title": "签约"}] * 2}, "key_results"),
        ({"milestones": [{"title": "换模具"}]}, "milestones.0.due_on"),
        ({"milestones": [{"title": "换模具", "due_on": "2027-02-01"}]}, "milestones.0.due_on"),
    ],
)
def test_a_draft_breaks_no_rule_of_the_form(program, ada, leaf, said, field):
    told = program(ada)("post", "goals/", {"title": "报废率", **said})
    assert (told.status_code, list(told.json()["errors"])) == (422, [field])


def test_a_draft_is_thrown_away_once_and_nothing_else_is(program, founded, ada, henk, leaf):
    ask = program(ada)
    with ada.scope:
        draft, hidden = founded.draft(founded.ada, "拿下越南首单"), founded.draft(founded.cleo, "换线时间减半")
    assert ask("delete", at(hidden)).status_code == 404
    assert program(henk)("delete", at(draft)).status_code == 403  # he reads it
    assert program(ada, "read")("delete", at(draft)).status_code == 403
    assert [ask("delete", at(draft)).status_code for _time in range(2)] == [204, 404]
    with ada.scope:
        assert not Goal.objects.filter(pk=draft.pk).exists()
        assert AuditEntry.objects.filter(verb=GOAL_DROPPED).count() == 1
    refused = ask("delete", at(leaf))
    assert (refused.status_code, refused["Content-Type"]) == (409, PROBLEM)
    assert refused.json()["current"]["status"] == "published"
    with ada.scope:
        assert Goal.objects.filter(pk=leaf.pk).exists()


def test_only_those_write_a_goal_who_write_it_on_the_page(program, ada, marta, anna, leaf):
    for_ada = {"title": "报废率", "owner": str(leaf.owner.public_id)}
    assert program(marta)("post", "goals/", for_ada).status_code == 201
    assert program(anna)("post", "goals/", for_ada).status_code == 403
    assert program(ada)("post", "goals/", {"title": "报废率", "layer": "company"}).status_code == 403


def test_whatever_is_sent_twice_with_a_key_is_done_once(program, ada, leaf):
    ask, key = program(ada), {"Idempotency-Key": "oa-18"}
    refused = ask("post", "goals/", {"title": ""}, **key)
    answers = [ask("post", "goals/", DRAFT, **key) for _twice in range(2)]
    assert [one.status_code for one in (refused, *answers)] == [422, 201, 201]  # what was refused is not kept
    assert answers[0].json() == answers[1].json()
    assert answers[0]["Content-Type"] == answers[1]["Content-Type"]
    for other in (ask("post", "goals/", DRAFT | {"weight": "30"}, **key), ask("post", at(leaf, "check-ins"), **key)):
        assert (other.status_code, list(other.json()["errors"])) == (422, ["Idempotency-Key"])
    with ada.scope:
        assert Goal.objects.filter(title=DRAFT["title"]).count() == 1
        later = timezone.now() + ANSWERS_KEPT + timedelta(minutes=1)
        assert [forget_old(now=later) for _twice in range(2)] == [1, 0]


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("goals/17/", 404),
        ("goals/a%00b/", 404),
        ("nothing/", 404),
        ("goals/?owner=a%00b", 400),
        ("goals/?cursor=cD1ub3RoaW5n", 404),
        ("goals/?cursor=cD0lMDA=", 404),
    ],
)
def test_an_address_that_is_none_is_a_problem_too(program, ada, leaf, path, status):
    answer = program(ada, "read")("get", path)
    assert (answer.status_code, answer["Content-Type"]) == (status, PROBLEM)
    assert answer.json()["status"] == status


def test_a_body_nested_without_end_cannot_be_read(program, ada, leaf):
    token = program(ada).token
    answer = Client().post(
        "/t/acme/api/v1/goals/", "[" * 100_000, "application/json", headers={"Authorization": f"Bearer {token}"}
    )
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)


def test_what_has_changed_since_is_found_by_an_index(ada, leaf):
    with ada.scope, connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = programs.narrowed(Goal.objects.all(), {"updated_since": timezone.now()}).explain()
    assert "goals_goal_changed_since" in plan
    assert "goals_check_in_since" in plan


def test_a_draft_is_read_by_those_alone_who_read_it_on_its_page(program, founded, ada, henk, anna):
    with ada.scope:
        draft = founded.draft(founded.ada, "还没想好")
    assert program(ada)("get", at(draft)).status_code == program(henk)("get", at(draft)).status_code == 200
    assert program(anna)("get", at(draft)).status_code == 404
    assert program(anna)("get", "goals/").json()["results"] == []

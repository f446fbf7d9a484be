"""Pages of a figure that comes from a metric: chosen, opened to its rows, held, ended (product.md §2.6, §5.4, §5.6)."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from goals.actions import binding as actions
from goals.api.serializers import GoalShown
from goals.models import Goal, MetricBinding
from goals.queries.bound import contested_since, marks_of
from integrations.models import Subject, SubjectLink
from integrations.queries.sides import Named
from integrations.queries.standing import key_of_person
from reviews.queries.packs import _goal_lines
from tests.goals.conftest import NOW, TODAY
from tests.goals.measures import AMOUNT, Metric
from tests.goals.records import System
from tests.goals.test_figures_of_a_metric import DAY, FIRST, SECOND


@pytest.fixture
def leaf(line, ada):
    with ada.scope:
        Goal.objects.filter(pk=line[2].pk).update(unit_of_measure="万元", target=100, measure="回款", kind="kpi")
        return Goal.objects.get(pk=line[2].pk)


@pytest.fixture
def metric(founded, ada, leaf):
    with ada.scope:
        made = Metric(founded.zoe, founded.ada, NOW)
        made.say(FIRST, "30", now=NOW)
        made.say(SECOND, "20", now=NOW, standing="provisional")
        return made


@pytest.fixture
def bound(founded, ada, leaf, metric):
    with ada.scope:
        made = actions.bind_metric(
            goal=leaf,
            key_result=None,
            definition=metric.definition,
            whose=Named(key_of_person(founded.ada.public_id), "Ada", founded.ada.pk),
            making="sum",
            actor=founded.ada,
            now=NOW,
        )
        actions.check_in_some(now=NOW)
    for person in (ada,):
        person.client.force_login(person.account)
    return made


def page(goal):
    return f"/t/acme/goals/{goal.public_id}/"


def text(person, url, status=200):
    person.client.force_login(person.account)
    answer = person.client.get(url)
    assert answer.status_code == status, url
    return answer.content.decode()


def test_it_is_chosen_with_a_look_at_the_figure_first(ada, leaf, metric):
    url = f"{page(leaf)}metric/"
    assert url in text(ada, page(leaf))
    assert metric.definition.name in text(ada, url)
    shown = text(ada, f"{url}?metric={metric.definition.public_id}")
    assert "50 万元" in shown
    key = f"employee:{ada.employee.public_id}"
    sent = {"metric": metric.definition.public_id, "subject": key, "making": "sum"}
    assert ada.client.post(url, sent).status_code == 302
    with ada.scope:
        made = MetricBinding.objects.get()
        assert (made.goal_id, made.key, made.making, made.bound_by_id) == (leaf.pk, key, "sum", ada.employee.pk)
    assert "50 万元" in text(ada, page(leaf))


def test_another_unit_of_measure_is_said_in_a_sentence(ada, leaf, metric):
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(unit_of_measure="次")
    url = f"{page(leaf)}metric/"
    assert "万元" in text(ada, f"{url}?metric={metric.definition.public_id}")
    key = f"employee:{ada.employee.public_id}"
    sent = {"metric": metric.definition.public_id, "subject": key, "making": "sum"}
    assert ada.client.post(url, sent).status_code == 422


def test_nobody_measures_a_goal_by_somebody_else(ada, founded, leaf, metric):
    with ada.scope:
        ben = f"employee:{founded.ben.public_id}"
    sent = {"metric": metric.definition.public_id, "subject": ben, "making": "sum"}
    ada.client.force_login(ada.account)
    assert ada.client.post(f"{page(leaf)}metric/", sent).status_code == 422
    assert ada.client.post(f"{page(leaf)}metric/", sent | {"subject": "whole"}).status_code == 422


def test_no_figure_is_typed_until_the_metric_is_held(ada, leaf, metric, bound):
    shown = text(ada, page(leaf))
    assert 'name="note"' in shown
    assert 'name="value"' not in shown
    answer = ada.client.post(f"{page(leaf)}check-in/", {"value": "99", "key": "a", "note": "好"})
    assert answer.status_code == 302
    with ada.scope:
        assert Goal.objects.get(pk=leaf.pk).last_value == Decimal(50)
        metric.hold(key_of_person(ada.employee.public_id), SECOND, NOW)
    shown = text(ada, page(leaf))
    assert 'name="value"' in shown
    assert 'name="proof"' in shown
    assert ada.client.post(f"{page(leaf)}check-in/", {"value": "40", "key": "b"}).status_code == 422
    sent = {"value": "40", "key": "c", "proof": "回单 0871"}
    assert ada.client.post(f"{page(leaf)}check-in/", sent).status_code == 302
    with ada.scope:
        assert Goal.objects.get(pk=leaf.pk).last_value == Decimal(40)


def test_while_it_is_held_the_page_tells_the_last_sound_figure_and_the_score_waits(ada, leaf, metric, bound):
    with ada.scope:
        metric.hold(key_of_person(ada.employee.public_id), SECOND, NOW)
    shown = text(ada, page(leaf))
    assert "badge talk" in shown
    assert "30 / 100 万元" in shown
    assert "50 / 100" not in shown
    assert f"{FIRST} – {FIRST}" in shown and f"– {SECOND}" not in shown  # the days of the figure that is shown


def test_lists_and_homes_mark_what_is_held_or_disputed(ada, marta, line, founded, leaf, metric, bound):
    top, middle, _leaf = (one.public_id for one in line)
    pages = [(ada, "goals/"), (ada, "week/"), (ada, f"board/?goal={middle}"), (ada, f"tree/?open={top},{middle}")]
    pages += [(marta, "team/"), (ada, f"goals/{middle}/")]
    marks = ('class="badge talk">数据核对中', 'class="badge watch">有异议')
    assert not any(mark in text(who, f"/t/acme/{path}") for who, path in pages for mark in marks)
    with ada.scope:
        key = key_of_person(ada.employee.public_id)
        metric.hold(key, SECOND, NOW)
        metric.contest(key, SECOND, founded.ada, NOW)
    for who, path in pages:
        shown = text(who, f"/t/acme/{path}")
        assert all(mark in shown for mark in marks), path
        assert "50 / 100" not in shown, path
    with ada.scope:
        leaf.refresh_from_db()
        [shown] = _goal_lines([leaf], TODAY - 20 * DAY, TODAY)
        assert (shown.is_held, shown.is_disputed, shown.pace, shown.progress_then) == (True, True, None, None)
        assert list(contested_since([leaf], TODAY).values()) == [NOW]
        assert shown.progress == 30.0
        told = GoalShown(leaf, context={"marks": marks_of([leaf], TODAY)}).data
        assert (told["held"], told["own_progress"], told["last_value"]) == (True, "30", "30")


def test_everybody_reads_the_figure_and_its_caliber_but_not_the_rows(ada, marta, henk, anna, founded, bound):
    url = f"/t/acme/figures/{bound.public_id}/"
    rows = f"?on={FIRST:%Y-%m-%d}"
    for person, reads in ((ada, True), (marta, True), (henk, True), (anna, False)):
        shown = text(person, url)
        assert "50 万元" in shown
        assert "到账的金额" in shown
        assert (rows in shown) is reads, person.employee.name


def test_the_rows_of_a_company_figure_are_for_who_answers_for_the_metric(ada, marta, founded, leaf, metric):
    with ada.scope:
        made = actions.bind_metric(
            goal=leaf,
            key_result=None,
            definition=metric.definition,
            whose=Named(""),
            making="sum",
            actor=founded.zoe,
            now=NOW,
        )
    url = f"/t/acme/figures/{made.public_id}/"
    assert f"?on={FIRST:%Y-%m-%d}" not in text(ada, url)
    with ada.scope:
        type(metric.definition).objects.update(interpreter=marta.employee)
    assert f"?on={FIRST:%Y-%m-%d}" in text(marta, url)


def test_whoever_leads_the_owner_ends_it_with_a_reason(ada, marta, leaf, bound):
    url = f"/t/acme/figures/{bound.public_id}/end/"
    assert url not in text(ada, page(leaf))
    assert ada.client.post(url, {"because": "我来填"}).status_code == 403
    assert url in text(marta, page(leaf))
    assert marta.client.post(url, {"because": ""}).status_code == 422
    assert marta.client.post(url, {"because": "口径不合适"}).status_code == 302
    assert 'name="value"' in text(ada, page(leaf))


STREAM = {
    "name": "deals",
    "path": "/deals",
    "key": ["id"],
    "fields": [
        {"name": "id", "path": "id", "type": "text"},
        {"name": "owner__no", "path": "owner_no", "type": "text"},
        {"name": "customer_no", "path": "customer_no", "type": "text"},
        {"name": "on", "path": "on", "type": "day"},
        {"name": "amount", "path": "amount", "type": "decimal"},
    ],
    "subjects": [
        {"kind": "owner", "of": "person", "field": "owner__no"},
        {"kind": "customer", "of": "customer", "field": "customer_no"},
    ],
}


def test_nobody_reads_a_customer_by_typing_its_number(ada, marta, founded, leaf):
    """Ada names a customer as her evidence; the source says whose it is."""
    with ada.scope:
        Goal.objects.filter(pk=leaf.pk).update(evidence_type="customer", evidence_number="C7")
        rule = replace(AMOUNT, attribution="customer_no", kind="customer", of="customer")
        metric = Metric(founded.zoe, founded.ada, NOW, rule)
        metric.connection.config = {"base_url": "https://crm.example", "streams": [STREAM]}
        metric.connection.save(update_fields=["config"])
        seen = {"connection": metric.connection, "first_seen_at": NOW, "counted_at": NOW}
        metric.subject = Subject.objects.create(**seen, kind="customer", of="customer", value="C7", name="海工集团")
        metric.say(FIRST, "30", now=NOW)
        system = System(founded.zoe, NOW, name="another")
        system.connection = metric.connection
        system.begin()
        deal = {"customer_no": "C7", "on": FIRST.isoformat(), "amount": "30"}
        system.bring("1", ("customer", "C7"), stream="deals", owner__no="E2", **deal)
        # Another thing of that number says nothing of the customer.
        system.bring("0", ("project", "C7"), stream="deals", owner__no="E1", **deal | {"customer_no": "C1"})
    url = f"{page(leaf)}metric/?metric={metric.definition.public_id}"
    assert "海工集团" not in text(ada, url)
    sent = {"metric": metric.definition.public_id, "subject": "customer:C7", "making": "sum"}
    assert ada.client.post(f"{page(leaf)}metric/", sent).status_code == 422
    assert "海工集团" not in text(marta, url)
    with ada.scope:
        metric.definition.owner = marta.employee
        metric.definition.save(update_fields=["owner"])
    assert "海工集团" in text(marta, url)
    assert marta.client.post(f"{page(leaf)}metric/", sent).status_code == 302
    with ada.scope:
        bound = MetricBinding.objects.get()
    rows = f"?on={FIRST:%Y-%m-%d}"
    shown = f"/t/acme/figures/{bound.public_id}/"
    assert rows not in text(ada, shown) and "E2" not in text(ada, shown + rows)
    assert rows in text(marta, shown)

    with ada.scope:
        hers = system.bring("2", ("customer", "C7"), stream="deals", owner__no="E1", **deal)
    assert "海工集团" in text(ada, url) and rows in text(ada, shown)
    day = timedelta(days=1)
    for happened_at, span, is_hers in [
        (NOW, {"starts_on": NOW.date()}, True),
        (NOW - 9 * day, {"starts_on": NOW.date()}, False),  # the number was another one's then
        (None, {"starts_on": NOW.date()}, True),
        (NOW - 9 * day, {"starts_on": None, "ends_on": NOW.date()}, False),  # she has it no more
        (NOW - 9 * day, {"ends_on": None}, True),
    ]:
        with ada.scope:
            type(hers).objects.filter(pk=hers.pk).update(happened_at=happened_at)
            SubjectLink.objects.update(**span)
        assert (rows in text(ada, shown)) == is_hers
    with ada.scope:
        type(hers).objects.filter(pk=hers.pk).update(deleted_at=NOW)
    assert rows not in text(ada, shown)


def test_what_was_ended_offers_no_way_to_end_it(marta, founded, bound):
    url = f"/t/acme/figures/{bound.public_id}/"
    assert f"{url}end/" in text(marta, url)
    with marta.scope:
        actions.unbind_metric(binding=bound, because="口径不合适", actor=founded.marta, now=NOW)
    assert f"{url}end/" not in text(marta, url)
    assert marta.client.get(f"{url}end/").status_code == 403

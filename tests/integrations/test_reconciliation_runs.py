"""Pairs are compared day by day; what is too far apart is held until people have looked (product.md §5.6)."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from integrations import events, tasks
from integrations.actions.connection import StaleVersion
from integrations.actions.holds import ReleasedByYouAlready, release_holds
from integrations.actions.reconciliation import PairedAlready, PairNameTaken, begin_run, change_pair, create_pair
from integrations.actions.subject import link_subject
from integrations.models import (
    MetricDefinition,
    MetricHold,
    MetricValue,
    MetricVersion,
    ReconciliationLine,
    ReconciliationRun,
    Record,
    Subject,
)
from integrations.queries.sides import Asked, MetricSide
from integrations.queries.standing import key_of_person, standing_of
from perfsys.audit.models import AuditEntry
from perfsys.jobs.models import Job
from perfsys.notices.models import Notice
from perfsys.tenancy.scope import use_tenant
from tests.integrations.orders import SHANGHAI, compute, paired, rows
from tests.jobs.three_times import run_three_times

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
LOST = date(2026, 9, 8)  # and the 9th: BI never had them


def september(name: str) -> bool:
    """Files of 2 to 11 September; the settled ones of two days later."""
    return "2026" not in name or any(
        f"202609{n:02}" in name for n in range(2 if "BI" in name else 4, 12 if "BI" in name else 14)
    )


@pytest.fixture(scope="module")
def some_days():
    return rows(september)


@pytest.fixture
def pair(anna, some_days):
    with anna.scope:
        return paired(anna.employee, some_days, now=READ)


READ = datetime.fromisoformat("2026-09-13T22:00+08:00")
NOW = datetime.fromisoformat("2026-09-14T06:00+08:00")  # as of the 13th: settled is the 11th


def compare(pair, *, now=NOW, key="1"):
    """A run from its beginning to its end."""
    with use_tenant(pair.tenant_id):
        run = begin_run(pair=pair, key=key, now=now)
        if run is None:
            return None
        payload = Job.objects.get(kind="integrations.reconcile_pair", key=str(run.pk)).payload
        while (again := tasks.reconcile_pair(payload=payload, now=now)) is not None:
            payload = again.payload
        run.refresh_from_db()
        return run


def line(on, key="sales_region:浙东"):
    return ReconciliationLine.objects.get(on=on, key=key)


def test_while_a_side_is_computed_in_parts_nothing_is_compared_and_a_run_waits(pair):
    with use_tenant(pair.tenant_id):
        run = begin_run(pair=pair, key="1", now=NOW)
        sides = MetricVersion.objects.filter(definition__in=[pair.a_id, pair.b_id])
        sides.filter(definition=pair.b_id).update(computing={"key": "1", "bounds": []})
        asked = Job.objects.get(kind="integrations.reconcile_pair", key=str(run.pk)).payload
        again = tasks.reconcile_pair(payload=asked, now=NOW)
        assert (again.payload, again.after > timedelta(0)) == (asked, True)
        assert not ReconciliationLine.objects.exists()
        ReconciliationRun.objects.update(started_at=NOW - timedelta(days=1))  # given up
        assert begin_run(pair=pair, key="2", now=NOW, anew=True) is None
        sides.update(computing={})
        assert begin_run(pair=pair, key="2", now=NOW, anew=True) is not None


def test_a_run_keeps_a_line_for_each_day_and_subject_and_says_how_the_calibers_differ(pair, anna):
    run = compare(pair)
    with anna.scope:
        assert ReconciliationLine.objects.filter(verdict="lost_day").count() == 2
        assert ReconciliationLine.objects.filter(verdict="not_due").count() == 2  # the 12th and the 13th
        assert run.counts["lost_day"] == 2
        assert [one["name"] for one in run.unequal] == ["basis", "settle_days", "returns", "attribution"]
        assert run.unequal[3]["a"] == ["收货省份", "销售区域"]
        assert run.unequal[3]["b"] == ["客户编码", "注册省份", "销售区域"]
        over = line(date(2026, 9, 4))
        assert over.verdict == "over"
        assert sum(Decimal(one["amount"]) for one in over.causes) == over.difference
        assert {one["kind"] for one in over.causes} <= {"attribution", "returns", "unsettled"}
        [missing] = line(LOST, "").causes
        assert missing["kind"] == "missing_day"
        assert Decimal(missing["amount"]) > 0


def test_a_record_moves_to_where_the_other_side_counts_it_and_those_make_the_cause(pair, anna):
    """By hand: where the customer is registered, of what is put down to the address of delivery. One of 浙东 moves."""
    with anna.scope:
        order = Record.objects.filter(stream="bi_snapshot", data__on="2026-09-04", data__province="浙江").first()
        customer = Record.objects.get(stream="customers_registered", data__customer_no=order.data["customer_no"])
        customer.data["province"] = "江苏"
        customer.save()
        compute(pair.b, now=READ)
    compare(pair)
    with anna.scope:
        lists = {"region_map": ("province", "region"), "customers_registered": ("customer_no", "province")}
        regions, customers = (
            {data[key]: data[value] for data in Record.objects.filter(stream=stream).values_list("data", flat=True)}
            for stream, (key, value) in lists.items()
        )
        orders = {str(pk): data for pk, data in Record.objects.filter(stream="bi_snapshot").values_list("pk", "data")}
        here = {ref: f"sales_region:{regions[data['province']]}" for ref, data in orders.items()}
        there = {ref: f"sales_region:{regions[customers[data['customer_no']]]}" for ref, data in orders.items()}
        over = ReconciliationLine.objects.filter(verdict="over").exclude(key="")
        a, b = (MetricSide(one, SHANGHAI) for one in (pair.a, pair.b))
        by_day = a.entries({one.on for one in over}, Asked("order_no"), b)
        entries = [one for some in by_day.values() for one in some]
        assert {one.ref: (one.subject, one.moved_to) for one in entries} == {
            one.ref: (here[one.ref], there[one.ref]) for one in entries
        }
        told = 0
        for one in over:
            moved = [
                (ref, Decimal(data["amount"]) * (1 if here[ref] == one.key else -1))
                for ref, data in orders.items()
                if data["on"] == f"{one.on}" and here[ref] != there[ref] and one.key in (here[ref], there[ref])
            ]
            causes = [(Decimal(c["amount"]), c["a"]) for c in one.causes if c["kind"] == "attribution"]
            assert causes == ([(sum(amount for _ref, amount in moved), len(moved))] if moved else []), one
            told += len(moved)
        assert told


def test_what_is_too_far_apart_is_held_for_both_and_a_lost_day_for_all_of_its_side(pair, anna):
    compare(pair)
    with anna.scope:
        [lost] = MetricHold.objects.filter(covers_all=True)
        assert (lost.definition_id, lost.first_on, lost.last_on) == (pair.a_id, LOST, LOST + DAY)
        of_region = MetricHold.objects.filter(key="sales_region:浙东")
        assert {one.definition_id for one in of_region} == {pair.a_id, pair.b_id}
        [told] = Notice.objects.filter(kind=events.FIGURES_HELD)
        assert told.to_id == anna.employee.pk


def test_a_run_is_begun_once_and_comparing_three_times_is_comparing_once(pair, anna):
    with anna.scope:
        tasks.reconcile(payload={}, now=NOW)
        payload = Job.objects.get(kind="integrations.reconcile_pair").payload
    run_three_times(tasks.reconcile_pair, payload=payload, now=NOW)
    run_three_times(tasks.reconcile, payload={}, now=NOW)
    with anna.scope:
        assert ReconciliationRun.objects.count() == 1
        assert ReconciliationLine.objects.exists()


def test_the_next_day_only_what_is_new_is_compared(pair, anna):
    first = compare(pair)
    assert compare(pair, now=NOW + timedelta(hours=1), key="2") is None
    run = compare(pair, now=NOW + DAY, key="3")
    assert (run.first_on, run.last_on) == (date(2026, 9, 12), date(2026, 9, 14))
    assert run.pk != first.pk


def test_late_data_are_compared_again_and_only_their_days(pair, anna):
    compare(pair)
    with anna.scope:
        held = line(date(2026, 9, 4))
        row = Record.objects.filter(stream="settlement_t2", data__ordered_on="2026-09-04").first()
        row.data["net"] = "1.00"
        row.save()
        touched = MetricValue.objects.filter(on=date(2026, 9, 4), of__definition=pair.b)
        touched.update(replaced_at=NOW + timedelta(hours=2))
        later = NOW + timedelta(hours=2)
        MetricValue.objects.bulk_create(
            MetricValue(
                of=one.of, on=one.on, subject=one.subject, numerator=one.numerator - 7, rows=one.rows, as_of=later,
                standing=one.standing, computed_at=later,
            )
            for one in touched
        )  # fmt: skip
    run = compare(pair, now=NOW + timedelta(hours=3), key="late")
    assert (run.first_on, run.last_on) == (date(2026, 9, 4), date(2026, 9, 4))
    with anna.scope:
        assert line(date(2026, 9, 4)).b == held.b - 7


def test_other_terms_compare_every_day_anew(pair, anna):
    compare(pair)
    with anna.scope:
        change_pair(pair=pair, version=1, tolerance=Decimal(90), actor=anna.employee, now=NOW)
        with pytest.raises(StaleVersion):
            change_pair(pair=pair, version=1, tolerance=Decimal(80), actor=anna.employee, now=NOW)
        pair.refresh_from_db()
    run = compare(pair, now=NOW + timedelta(hours=1), key="2")
    assert run.first_on == date(2026, 9, 2)
    with anna.scope:
        assert not ReconciliationLine.objects.filter(verdict="over", key="").exists()


def test_figures_in_other_units_are_not_compared_and_the_field_is_named(pair, anna):
    with anna.scope:
        pair.b.versions.update(unit_of_measure="万元")
    run = compare(pair)
    assert run.unequal[0] == {"name": "unit_of_measure", "a": "元", "b": "万元", "stops": True}
    with anna.scope:
        assert not ReconciliationLine.objects.exists()


def test_a_pair_is_made_once_and_its_name_too(pair, anna):
    with anna.scope:
        with pytest.raises(PairedAlready):
            create_pair(a=pair.a, b=pair.b, key="", name="再来", actor=anna.employee, now=NOW)
        with pytest.raises(PairNameTaken):
            create_pair(a=pair.b, b=pair.a, key="", name=pair.name, actor=anna.employee, now=NOW)
        made = create_pair(a=pair.b, b=pair.a, key="k", name="反过来", actor=anna.employee, now=NOW)
        assert create_pair(a=pair.b, b=pair.a, key="k", name="反过来", actor=anna.employee, now=NOW) == made


def test_whoever_is_linked_after_a_comparison_is_held_by_the_next_one(pair, anna, ada):
    compare(pair)
    with anna.scope:
        region = Subject.objects.get(kind="sales_region", value="浙东")
        said = {"starts_on": None, "actor": anna.employee, "now": NOW}
        link_subject(subject=region, version=region.version, to=ada.employee, **said)
    compare(pair, now=NOW + timedelta(hours=1), key="2")
    with anna.scope:
        key = key_of_person(ada.employee.public_id)
        assert {one.definition_id for one in MetricHold.objects.filter(key=key)} == {pair.a_id, pair.b_id}
        assert standing_of(pair.b, key, date(2026, 9, 10)).is_held


def test_figures_that_a_job_was_still_writing_are_compared_by_the_next_run(pair, anna):
    compare(pair)
    with anna.scope:
        came = MetricValue.objects.filter(on=date(2026, 9, 4), of__definition=pair.b)
        came.update(computed_at=NOW - timedelta(minutes=10))  # its job began before the run, and ended after it
    assert compare(pair, now=NOW + timedelta(hours=1), key="2").first_on == date(2026, 9, 4)


# --- holds ------------------------------------------------------------------------------------------------------------


def test_a_released_figure_stays_released_while_it_stays_the_same(pair, anna):
    compare(pair)
    with anna.scope:
        said = {"reason": "退货与口径差异，已逐单核对", "actor": anna.employee, "seen": NOW, "now": NOW}
        number = MetricHold.objects.count()
        with CaptureQueriesContext(connection) as asked:
            assert release_holds(pair=pair, holds=MetricHold.objects.all(), **said) == number
        assert (len(asked), number) == (25, 15)  # and as many for a thousand
        assert not MetricHold.objects.filter(released_at=None).exists()
        assert Notice.objects.get(kind=events.FIGURES_HELD).state == Notice.State.DONE
        settled = ReconciliationLine.objects.filter(settled__isnull=False)
        assert settled.filter(verdict="lost_day").count() == 2
        [entry] = AuditEntry.objects.filter(verb=events.RELEASED)
        assert set(entry.details) == {"holds", "free"}
        begin_run(pair=pair, key="again", now=NOW, anew=True, actor=anna.employee)
    compare(pair, now=NOW + DAY, key="2")
    with anna.scope:
        assert not MetricHold.objects.filter(released_at=None).exists()
        changed = line(date(2026, 9, 4))
        later = NOW + DAY + timedelta(hours=1)
        values = MetricValue.objects.filter(replaced_at=None, on=changed.on, of__definition=pair.a)
        values.update(numerator=1, computed_at=later)
    compare(pair, now=NOW + 2 * DAY, key="3")
    with anna.scope:
        assert line(changed.on).settled is None
        assert MetricHold.objects.filter(released_at=None, key=changed.key).count() == 2


def test_a_released_mean_stays_released(pair, anna):
    """Its quotient has no end, and a line keeps ten places of it."""
    with anna.scope:
        for version in MetricVersion.objects.filter(definition__in=[pair.a, pair.b]):
            version.rule["measure"]["kind"] = "mean"
            version.save()
            MetricValue.objects.filter(of=version).update(denominator=7)
        MetricValue.objects.filter(of__definition=pair.b).update(numerator=F("numerator") * 3)
    compare(pair)
    with anna.scope:
        assert MetricHold.objects.filter(key="sales_region:浙东").exists()
        said = {"reason": "已逐单核对", "actor": anna.employee, "seen": NOW, "now": NOW}
        release_holds(pair=pair, holds=MetricHold.objects.all(), **said)
    with anna.scope:
        begin_run(pair=pair, key="again", now=NOW, anew=True)
    compare(pair, now=NOW + DAY, key="2")
    with anna.scope:
        change_pair(pair=pair, version=1, says="同前", actor=anna.employee, now=NOW)
        pair.refresh_from_db()
    assert compare(pair, now=NOW + 2 * DAY, key="3").first_on == date(2026, 9, 2)
    with anna.scope:
        assert not MetricHold.objects.filter(released_at=None, key="sales_region:浙东", last_on__lt=LOST).exists()
        assert line(date(2026, 9, 4)).settled is not None


def test_a_pair_compared_as_a_whole_holds_every_subject(anna, some_days):
    with anna.scope:
        pair = paired(anna.employee, some_days, now=READ, by_subject=False, tolerance=Decimal(0))
    compare(pair)
    with anna.scope:
        held = standing_of(pair.b, "employee:somebody", date(2026, 9, 10)).hold
        assert (held.key, held.covers_all) == ("", True)
        said = {"reason": "已逐单核对", "actor": anna.employee, "seen": NOW, "now": NOW}
        release_holds(pair=pair, holds=MetricHold.objects.all(), **said)
        assert not ReconciliationLine.objects.filter(verdict="over", settled=None).exists()


def test_days_that_came_after_the_page_was_read_are_held_anew(anna, marta, some_days):
    with anna.scope:
        pair = paired(anna.employee, some_days, now=READ, releases_needed=2)
    compare(pair)
    with anna.scope:
        holds = MetricHold.objects.filter(key="sales_region:浙东", definition=pair.b)
        said = {"pair": pair, "reason": "核对过"}
        release_holds(holds=holds, actor=anna.employee, seen=NOW, now=NOW, **said)
        later = NOW + timedelta(hours=1)
        ReconciliationLine.objects.filter(on=date(2026, 9, 4), key="sales_region:浙东").update(changed_at=later)
        release_holds(holds=holds, actor=marta.employee, seen=later, now=later, **said)
        again = MetricHold.objects.get(key="sales_region:浙东", definition=pair.b, released_at=None)
        assert (again.first_on, again.last_on) == (date(2026, 9, 4), date(2026, 9, 4))
        assert line(date(2026, 9, 4)).settled is None


def test_where_two_are_needed_nobody_counts_twice(anna, marta, some_days):
    with anna.scope:
        pair = paired(anna.employee, some_days, now=READ, releases_needed=2)
    compare(pair)
    with anna.scope:
        MetricDefinition.objects.filter(pk=pair.a_id).update(interpreter=marta.employee)
        pair.refresh_from_db()
        holds = MetricHold.objects.filter(key="sales_region:浙东", definition=pair.a)
        said = {"reason": "核对过", "seen": NOW, "now": NOW}
        assert release_holds(pair=pair, holds=holds, actor=anna.employee, **said) == 0
        second = Notice.objects.get(kind=events.FIGURES_SECOND)
        assert (second.to_id, second.params["reason"]) == (marta.employee.pk, "核对过")
        with pytest.raises(ReleasedByYouAlready):
            release_holds(pair=pair, holds=holds, actor=anna.employee, **said)
        assert MetricHold.objects.filter(pk__in=holds, released_at=None).exists()
        assert release_holds(pair=pair, holds=holds, actor=marta.employee, **said) == 1
        second.refresh_from_db()
        assert second.state == Notice.State.DONE


def test_while_a_figure_is_held_its_last_good_value_is_known(pair, anna):
    compare(pair)
    with anna.scope:
        key = "sales_region:浙东"
        held = standing_of(pair.a, key, date(2026, 9, 10))
        assert held.is_held
        good = line(held.good_on)
        assert good.on <= date(2026, 9, 10)
        assert held.sound_until == held.hold.first_on - DAY
        assert (good.verdict, good.a) == ("agrees", held.good)
        assert not standing_of(pair.a, key, held.hold.first_on - DAY).is_held
        # Of a goal that begins later, the days until the next one in doubt are sound.
        first, again = held.hold.first_on, held.hold.first_on + 3 * DAY
        ReconciliationLine.objects.filter(pair=pair, key=key, on=again).update(verdict="over")
        MetricHold.objects.filter(pk=held.hold.pk).update(last_on=again)
        assert standing_of(pair.a, key, again, since=first + DAY).sound_until == again - DAY
        assert standing_of(pair.a, key, again).sound_until == first - DAY
        # A lost day is lost to everybody whose figure comes from that side, and to nobody else.
        assert standing_of(pair.a, "employee:somebody", date(2026, 9, 10)).hold.covers_all
        assert not standing_of(pair.b, "employee:somebody", date(2026, 9, 10)).is_held

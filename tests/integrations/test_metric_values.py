"""Values of metrics: computed after a sync, kept with what they were (product.md §5.4)."""

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event
from types import SimpleNamespace

import pytest
from django.db import connections

from integrations.actions import figures
from integrations.actions.metric import (
    Caliber,
    announce,
    begin_version,
    change_draft,
    create_metric,
    recompute,
    sign_off,
)
from integrations.actions.subject import link_subject
from integrations.adapters.base import About, Field, Stream, digest_of
from integrations.metrics import Condition, Lookup, Measure, Rule
from integrations.models import (
    DropFile,
    Gap,
    MetricDefinition,
    MetricState,
    MetricValue,
    MetricVersion,
    Side,
    Standing,
    Subject,
    SyncRun,
)
from integrations.presets import PRESETS
from integrations.queries.metrics import (
    WHOLE,
    Progress,
    SubjectKey,
    daily_figures,
    definitions_page,
    in_parts_now,
    last_day,
    progress_of,
    rows_behind,
    still_counting,
    subject_totals,
)
from integrations.queries.sides import MetricSide
from integrations.queries.standing import standing_of
from perfsys.demo.orders import dropped
from perfsys.jobs.models import Job
from perfsys.tenancy.scope import use_tenant
from tests.integrations.conftest import NOW, sync
from tests.integrations.test_metrics import BY_REGISTERED, BY_SHIPPING, SHANGHAI
from tests.jobs.three_times import run_three_times

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST, SECOND, THIRD = (date(2026, 11, day) for day in (17, 18, 19))

DEALS = Stream(
    name="deals",
    key=["id"],
    fields=[
        Field("id", "id", required=True),
        Field("owner_no", "owner"),
        Field("owner_name", "name"),
        Field("on", "on", "day"),
        Field("amount", "amount", "decimal"),
        Field("state", "state"),
    ],
    subjects=[About("owner", "person", "owner_no", "负责人", name="owner_name")],
)
TEAMS = Stream(
    name="teams",
    key=["no"],
    fields=[Field("no", "no", required=True), Field("team", "team")],
    subjects=[About("team", "unit", "team")],
)
AMOUNT = Rule(Measure("sum", "amount"), "on", attribution="owner_no", kind="owner", of="person")
BY_TEAM = Rule(
    Measure("mean", "amount"), "on", (Condition("state", "ne", "lost"),), attribution="owner_no",
    through=(Lookup("teams", "no", "team"),), kind="team", of="unit",
)  # fmt: skip


def deal(number, on, owner="E1", amount="10", **more):
    return {"id": f"D{number}", "on": f"{on}", "owner": owner, "amount": amount, "state": "won", **more}


@pytest.fixture
def deals(shelf, connection):
    shelf.declared = (DEALS, TEAMS)
    shelf.hold([{"no": "E1", "team": "north"}, {"no": "E2", "team": "south"}], stream="teams")
    return connection


@pytest.fixture
def define(ada, anna, henk, deals):
    """`define(rule)`: a metric in force since ever, signed by three people."""

    def made(rule, *, name="成交额", stream="deals", connection=deals, since=date(2026, 1, 1)):
        with use_tenant(1):
            caliber = Caliber(connection, stream, rule, "元", 2, "成交的金额")
            definition = create_metric(
                name=name, owner=anna.employee, interpreter=ada.employee, caliber=caliber, actor=anna.employee, now=NOW
            )
            put_in_force(definition, since)
        return definition

    def put_in_force(definition, since, now=NOW):
        draft = MetricVersion.objects.get(definition=definition, state=MetricState.DRAFT)
        for side, who in ((Side.BUSINESS, ada), (Side.IT, anna), (Side.HR, henk)):
            sign_off(draft=draft, version=draft.version, side=side, actor=who.employee, now=now)
        announce(draft=draft, version=draft.version, effective_on=since, actor=anna.employee, now=now)

    made.put_in_force = put_in_force
    return made


def work(now=NOW):
    """Every job of figures that waits, to its end."""
    with use_tenant(1):
        jobs = Job.objects.filter(kind__in=["integrations.figures", "integrations.metric"], state=Job.State.READY)
        for job in jobs.order_by("pk"):
            payload = job.payload
            handler = figures.compute_all if job.kind == "integrations.metric" else figures.after_sync
            while again := handler(payload=payload, now=now):
                payload = json.loads(json.dumps(again.payload))
            job.state = Job.State.DONE
            job.save(update_fields=["state"])


def synced(connection, now=NOW):
    run = sync(connection, now=now)
    assert run.error is None
    work(now)


def stands(definition, **more):
    with use_tenant(1):
        found = daily_figures(definition, first=FIRST, last=THIRD, **more)
    return {(on, key.value or ("all" if key == WHOLE else key)): one.figure.amount for (on, key), one in found.items()}


def test_figures_follow_a_sync_by_day_and_subject_and_computing_again_changes_nothing(deals, define, shelf):
    shelf.hold([deal(1, FIRST), deal(2, FIRST, "E2", "2.5"), deal(3, SECOND, amount=""), deal(4, "")], stream="deals")
    definition = define(AMOUNT)
    synced(deals)
    assert stands(definition) == {
        (FIRST, "all"): Decimal("12.5"),
        (FIRST, "E1"): 10,
        (FIRST, "E2"): Decimal("2.5"),
        (SECOND, "all"): 0,
        (SECOND, "E1"): 0,
    }
    with use_tenant(1):
        version, run = MetricVersion.objects.get(), SyncRun.objects.get()
        assert version.computed_as["problems"] == {"no_day": 1, "no_number": 1}
        assert Subject.objects.get(value="E1", kind="owner").records == 3

    def every_job(now):
        payload = {"run": run.pk}
        while again := figures.after_sync(payload=payload, now=now):
            payload = again.payload
        figures.compute_all(payload={"version": version.pk}, now=now)
        payload = {}
        while again := figures.each_night(payload=payload, now=now):
            payload = again.payload

    run_three_times(every_job, now=NOW)


def test_late_rows_change_the_days_they_touch_and_what_was_before_is_kept(deals, define, shelf, monkeypatch):
    shelf.hold([deal(1, FIRST), deal(2, SECOND), deal(3, THIRD)], stream="deals")
    definition = define(AMOUNT)
    synced(deals)
    looked_at = []
    measured = figures.measured
    monkeypatch.setattr(figures, "measured", lambda source, days: looked_at.append(days) or measured(source, days))
    shelf.hold([deal(1, FIRST), deal(2, FIRST, amount="7"), deal(3, THIRD)], stream="deals")
    synced(deals, NOW + HOUR)
    assert [days.only for days in looked_at] == [{FIRST, SECOND}]
    assert stands(definition) == {
        (FIRST, "all"): 17, (FIRST, "E1"): 17, (THIRD, "all"): 10, (THIRD, "E1"): 10,
    }  # fmt: skip
    assert stands(definition, as_of=NOW + HOUR / 2)[FIRST, "E1"] == 10
    with use_tenant(1):
        old = MetricValue.objects.filter(on=FIRST, subject=None).order_by("computed_at")
        assert [(one.numerator, one.replaced_at) for one in old] == [(10, NOW + HOUR), (17, None)]
        assert MetricValue.objects.filter(on=THIRD).count() == 2
        assert [record.external_id for record in rows_behind(old[1], start=0, size=9, zone=SHANGHAI).records] == [
            "D1", "D2",
        ]  # fmt: skip


@pytest.fixture
def in_parts(deals, define, shelf, monkeypatch):
    """A metric whose days take three parts, and how the job that computes them is carried on."""
    monkeypatch.setattr(figures, "PART", 2)
    rows = [deal(n, on, amount=f"{n}") for n, on in enumerate((FIRST, FIRST, SECOND, SECOND, THIRD))]
    shelf.hold([*rows, deal(8, THIRD, amount=""), deal(9, "")], stream="deals")
    definition = define(AMOUNT)
    assert sync(deals).error is None
    with use_tenant(1):
        job = Job.objects.get(kind="integrations.metric")
        [version] = MetricVersion.objects.all()

    def step(now=NOW):
        with use_tenant(1):
            again = figures.compute_all(payload=job.payload, now=now)
            version.refresh_from_db()
            return again and progress_of(version)

    return SimpleNamespace(definition=definition, version=version, job=job, step=step)


def test_many_records_are_computed_in_parts_and_a_killed_worker_goes_on_behind_the_last(in_parts, monkeypatch):
    assert (in_parts.step(), stands(in_parts.definition)) == (Progress(0, 3), {})
    assert in_parts.step() == Progress(1, 3)
    assert stands(in_parts.definition) == {(THIRD, "all"): 4, (THIRD, "E1"): 4}  # the newest first
    keep = figures._keep

    def killed(*given):
        keep(*given)
        raise KeyboardInterrupt

    monkeypatch.setattr(figures, "_keep", killed)
    with pytest.raises(KeyboardInterrupt):
        in_parts.step()
    monkeypatch.setattr(figures, "_keep", keep)
    with use_tenant(1):
        in_parts.version.refresh_from_db()
        assert progress_of(in_parts.version) == Progress(1, 3)
    assert in_parts.step() == Progress(2, 3)
    assert in_parts.step() is None
    assert stands(in_parts.definition) == {
        (FIRST, "all"): 1, (FIRST, "E1"): 1, (SECOND, "all"): 5, (SECOND, "E1"): 5, (THIRD, "all"): 4, (THIRD, "E1"): 4,
    }  # fmt: skip
    assert (in_parts.version.computing, in_parts.version.computed_at) == ({}, NOW)
    assert in_parts.version.computed_as["problems"] == {"no_day": 1, "no_number": 1}
    with use_tenant(1):  # once, when all of it is what it is to be
        told = Job.objects.filter(kind="goals.bound").values_list("payload", flat=True)
        assert list(told) == [{"definition": in_parts.definition.pk}]

    def asked_again(now):
        figures.ask_to_compute(in_parts.version, key="announced")
        while figures.compute_all(payload=in_parts.job.payload, now=now):
            pass

    run_three_times(asked_again, now=NOW)


def test_what_comes_between_two_parts_counts_and_what_is_asked_anew_begins_anew(in_parts, deals, shelf, monkeypatch):
    in_parts.step(), in_parts.step()
    shelf.hold([deal(10, FIRST, amount="100")], stream="deals")
    assert sync(deals, now=NOW + HOUR).error is None
    with use_tenant(1):
        run = SyncRun.objects.latest("pk")
        left = figures.after_sync(payload={"run": run.pk}, now=NOW + HOUR)
        figures.after_sync(payload=left.payload, now=NOW + HOUR)
    assert stands(in_parts.definition)[FIRST, "all"] == 101  # and the other parts are to come
    with use_tenant(1):
        assert [one.pk for one in in_parts_now()] == [in_parts.version.pk]
        assert not Job.objects.filter(kind="goals.bound").exists()
    shelf.hold([{"no": "E1", "team": "west"}], stream="teams")
    with use_tenant(1):
        figures.ask_to_compute(in_parts.version, key="pressed")
        assert figures.compute_all(payload=in_parts.job.payload, now=NOW) is None
        Job.objects.filter(pk=in_parts.job.pk).update(state=Job.State.DONE)
    work(NOW + HOUR)
    assert {on for on, _key in stands(in_parts.definition)} == {FIRST, SECOND, THIRD}
    with use_tenant(1):
        in_parts.version.refresh_from_db()
        assert in_parts.version.computing == {}
        values = MetricValue.objects.filter(subject=None, replaced_at=None)
        assert sum(values.values_list("rows", flat=True)) == 7


@pytest.mark.parametrize("computed_at", [None, NOW])
def test_a_computation_that_was_given_up_is_asked_for_again_by_night(in_parts, computed_at):
    in_parts.step(), in_parts.step()
    with use_tenant(1):
        MetricVersion.objects.update(computed_at=computed_at)
        MetricValue.objects.update(standing=Standing.SETTLED)
        Job.objects.filter(pk=in_parts.job.pk).update(state=Job.State.DEAD)
        assert progress_of(in_parts.version) is None
        [version] = still_counting(THIRD)
        figures.settle_or_compute(version_id=version.pk, now=NOW + DAY)
    work(NOW + DAY)
    assert {on for on, _key in stands(in_parts.definition)} == {FIRST, SECOND, THIRD}
    with use_tenant(1):
        assert not in_parts_now().exists()


def test_a_run_after_a_computation_that_was_given_up_computes_all_days(in_parts, deals, shelf):
    in_parts.step(), in_parts.step()
    with use_tenant(1):
        read = MetricVersion.objects.get().computing["read"]
        MetricVersion.objects.update(computed_at=NOW, computed_as={"streams": read})
        Job.objects.filter(pk=in_parts.job.pk).update(state=Job.State.DEAD)
    shelf.hold([deal(10, FIRST, amount="100")], stream="deals")
    synced(deals, NOW + HOUR)
    work(NOW + HOUR)  # what the run asked for
    assert {on for on, _key in stands(in_parts.definition)} == {FIRST, SECOND, THIRD}


def test_a_source_that_asks_for_all_days_again_and_again_lets_a_computation_end(in_parts, deals, monkeypatch):
    in_parts.step(), in_parts.step()
    monkeypatch.setattr(figures, "days_touched", lambda *_of: None)
    with use_tenant(1):
        run = SyncRun.objects.latest("pk")
        for _time in range(2):
            figures.compute(version_id=in_parts.version.pk, run_id=run.pk, now=NOW)
    assert [in_parts.step(), in_parts.step()] == [Progress(2, 3), None]
    assert {on for on, _key in stands(in_parts.definition)} == {FIRST, SECOND, THIRD}
    with use_tenant(1):
        again = Job.objects.exclude(pk=in_parts.job.pk).get(kind="integrations.metric")
        assert (again.run_after, in_parts.version.computing) == (NOW + figures.REST, {"key": again.payload["key"]})
        assert not in_parts_now().exists()  # its figures are used until then
        assert figures.compute_all(payload=again.payload, now=NOW + figures.REST) is not None


def test_computing_anew_leaves_what_is_under_way_and_whoever_is_busy_is_come_back_to(in_parts, anna, monkeypatch):
    in_parts.step(), in_parts.step()
    with use_tenant(1):
        recompute(definition=in_parts.definition, actor=anna.employee, now=NOW + HOUR)
        in_parts.version.refresh_from_db()
        assert in_parts.version.computing["done"] == 1
        version, run = in_parts.version.pk, SyncRun.objects.latest("pk").pk

        def busy(_version_id):
            raise figures.Busy

        monkeypatch.setattr(figures, "_locked", busy)
        later = figures.after_sync(payload={"run": run, "left": [version, 7]}, now=NOW)
        assert (later.payload, later.after) == ({"run": run, "left": [7, version]}, figures.ASK_AGAIN)
        part = figures.compute_all(payload=in_parts.job.payload, now=NOW)
        assert (part.payload, part.after) == (in_parts.job.payload, figures.ASK_AGAIN)


def test_nobody_waits_for_the_lock_of_who_computes(transactional_db, define, anna):
    definition = define(AMOUNT)
    has_locked, may_go = Event(), Event()

    def compute():
        with use_tenant(1):
            MetricVersion.objects.select_for_update(no_key=True).get()
            has_locked.set()
            may_go.wait(20)
        connections.close_all()

    with use_tenant(1):
        Job.objects.update(state=Job.State.DONE)
        version = MetricVersion.objects.get().pk
    with ThreadPoolExecutor(1) as pool:
        at_it = pool.submit(compute)
        try:
            assert has_locked.wait(20)
            with use_tenant(1):
                with pytest.raises(figures.Busy):
                    figures.compute(version_id=version, run_id=None, now=NOW)
                recompute(definition=definition, actor=anna.employee, now=NOW)
                asked = Job.objects.get(kind="integrations.metric", state=Job.State.READY)
                assert asked.payload == {"version": version, "key": NOW.isoformat(), "asks": True}
        finally:
            may_go.set()
        at_it.result()


def test_a_job_that_nobody_noted_asks_itself_unless_another_is_under_way(in_parts):
    in_parts.step(), in_parts.step()
    asked = {"version": in_parts.version.pk, "key": "pressed", "asks": True}
    with use_tenant(1):
        assert figures.compute_all(payload=asked, now=NOW) is None
        Job.objects.filter(pk=in_parts.job.pk).update(state=Job.State.DEAD)
        again = figures.compute_all(payload=asked, now=NOW)
        assert again.payload == {"version": in_parts.version.pk, "key": "pressed"}
        while again := figures.compute_all(payload=again.payload, now=NOW):
            pass
    assert {on for on, _key in stands(in_parts.definition)} == {FIRST, SECOND, THIRD}


def test_what_an_earlier_version_wrote_beyond_its_end_is_replaced_once_the_later_one_is_computed(in_parts, define):
    while in_parts.step():
        pass
    with use_tenant(1):
        [old] = MetricVersion.objects.filter(pk=in_parts.version.pk)
        later = begin_version(definition=in_parts.definition, actor=None, now=NOW)
        whole = {"state": MetricState.ANNOUNCED, "announced_at": NOW, "effective_on": THIRD}
        MetricVersion.objects.filter(pk=later.pk).update(**whole)
        figures.ask_to_compute(later, key="announced")  # a part of `old` committed its days since, THIRD too
        while figures.compute_all(payload={"version": later.pk, "key": "announced"}, now=NOW + HOUR):
            pass
        still = MetricValue.objects.filter(replaced_at=None, subject=None).order_by("on", "pk")
        assert list(still.values_list("on", "of")) == [(FIRST, old.pk), (SECOND, old.pk), (THIRD, later.pk)]


def test_another_table_to_look_up_in_changes_all_days(deals, define, shelf):
    rows = [deal(1, FIRST, amount="4"), deal(2, FIRST, "E2", "2"), deal(3, FIRST, state="lost"), deal(4, SECOND, "E9")]
    shelf.hold(rows, stream="deals")
    definition = define(BY_TEAM)
    synced(deals)
    assert stands(definition)[FIRST, "all"] == 3
    assert {key: amount for (on, key), amount in stands(definition).items() if on == FIRST} == {
        "all": 3, "north": 4, "south": 2,
    }  # fmt: skip
    with use_tenant(1):
        nobody = MetricValue.objects.get(on=SECOND, subject__value="")
        assert (nobody.numerator, nobody.rows) == (10, 1)
    shelf.hold([{"no": "E1", "team": "south"}, {"no": "E2", "team": "south"}], stream="teams")
    synced(deals, NOW + HOUR)
    assert stands(definition)[FIRST, "south"] == 3
    assert (FIRST, "north") not in stands(definition)


def test_a_figure_is_whose_the_subject_was_on_its_day(deals, define, shelf, ada, bob, anna):
    shelf.hold([deal(1, FIRST), deal(2, SECOND), deal(3, SECOND, "E2", "1")], stream="deals")
    definition = define(AMOUNT)
    synced(deals)
    with use_tenant(1):
        for value, to, on in (("E1", ada, None), ("E1", bob, SECOND), ("E2", bob, None)):
            subject = Subject.objects.get(value=value)
            link_subject(
                subject=subject, version=subject.version, to=to.employee, starts_on=on, actor=anna.employee, now=NOW
            )
        found = daily_figures(definition, first=FIRST, last=THIRD)
    assert found[FIRST, SubjectKey(employee_id=ada.employee.pk)].figure.amount == 10
    with use_tenant(1):
        version = MetricVersion.objects.get(definition=definition)
        totals = subject_totals(version, first=FIRST, last=THIRD, most=9)
    said = [(one.subject.value, one.name, one.figure.amount, one.newest.on) for one in totals]
    assert said == [("E1", "Ada", 10, FIRST), ("E1", "Bob", 10, SECOND), ("E2", "Bob", 1, SECOND)]
    both = found[SECOND, SubjectKey(employee_id=bob.employee.pk)]
    assert (both.figure.amount, both.figure.rows, len(both.values)) == (11, 2, 2)


def test_what_is_gone_from_the_source_is_said_and_the_figures_stay(deals, define, shelf):
    shelf.hold([deal(1, FIRST)], stream="deals")
    definition = define(AMOUNT)
    synced(deals)
    shelf.declared = (Stream("deals", ["id"], [Field("id", "id"), Field("on", "on", "day")]), TEAMS)
    shelf.hold([deal(1, FIRST), deal(2, FIRST)], stream="deals")
    synced(deals, NOW + HOUR)
    with use_tenant(1):
        assert MetricVersion.objects.get().problem == figures.UNFIT
    assert stands(definition)[FIRST, "E1"] == 10


def test_a_number_too_large_stops_its_own_metric_and_a_day_to_come_waits(deals, define, shelf):
    ahead = date(2062, 11, 17)
    shelf.hold([deal(1, FIRST, amount="9" * 30), deal(2, SECOND), deal(3, ahead)], stream="deals")
    large = define(replace(AMOUNT, measure=Measure("sum", "amount", times=Decimal(1000))), name="太大")
    definition = define(Rule(Measure("count"), "on"))
    synced(deals)
    with use_tenant(1):
        assert MetricVersion.objects.get(definition=large).problem == "metric_too_large"
        version = MetricVersion.objects.get(definition=definition)
        assert (version.problem, version.computed_as["problems"]) == ("", {"ahead": 1})
        assert last_day(definition, until=THIRD) == SECOND
        [row] = definitions_page(MetricDefinition.objects.filter(pk=definition.pk), today=THIRD)
        assert row.last_on == SECOND
        assert MetricSide(definition, SHANGHAI).span(THIRD) == (FIRST, SECOND)


def test_while_a_day_of_its_source_is_missing_a_figure_is_held(deals, define, shelf):
    """With no second source to be compared with."""
    shelf.hold([deal(1, FIRST), deal(2, THIRD)], stream="deals")
    definition = define(AMOUNT)
    synced(deals)
    with use_tenant(1):
        about = {"connection": deals, "kind": "missing", "opened_at": NOW}
        Gap.objects.create(stream="teams", on=FIRST, **about)  # nothing is counted from it
        gap = Gap.objects.create(stream="deals", on=SECOND, **about)
        held = standing_of(definition, "owner:E1", THIRD)
        assert (held.is_held, held.gap, held.sound_until) == (True, gap, FIRST)
        assert not standing_of(definition, "owner:E1", FIRST).is_held
        Gap.objects.filter(pk=gap.pk).update(closed_at=NOW)
        assert not standing_of(definition, "owner:E1", THIRD).is_held


def test_a_new_version_counts_from_its_day_on(deals, define, shelf, anna):
    shelf.hold([deal(n, on) for n, on in enumerate((FIRST, THIRD, date(2026, 11, 23)))], stream="deals")
    definition = define(AMOUNT)
    synced(deals)
    with use_tenant(1):
        draft = begin_version(definition=definition, actor=anna.employee, now=NOW)
        caliber = Caliber(deals, "deals", Rule(Measure("count"), "on"), "单", 0, "成交的单数")
        change_draft(draft=draft, version=draft.version, caliber=caliber, actor=anna.employee, now=NOW)
        define.put_in_force(definition, date(2026, 11, 23))
    work(NOW + HOUR)
    with use_tenant(1):
        found = daily_figures(definition, first=FIRST, last=date(2026, 11, 30))
        amounts = {on: one.figure.amount for (on, key), one in found.items() if key == WHOLE}
        assert amounts == {FIRST: 10, THIRD: 10, date(2026, 11, 23): 1}
        assert list(MetricVersion.objects.order_by("number").values_list("state", flat=True)) == [
            MetricState.IN_FORCE, MetricState.ANNOUNCED,
        ]  # fmt: skip
        figures.turn_versions(now=NOW + 3 * DAY)
        assert list(MetricVersion.objects.order_by("number").values_list("state", flat=True)) == [
            MetricState.ENDED, MetricState.IN_FORCE,
        ]  # fmt: skip


def test_days_settle_by_their_basis_when_they_are_over(deals, define, shelf):
    shelf.hold([deal(1, SECOND), deal(2, THIRD)], stream="deals")
    settled_later = Rule(Measure("count"), "on", basis="settled", settle_days=2)
    define(settled_later)
    synced(deals)
    with use_tenant(1):
        assert dict(MetricValue.objects.values_list("on", "standing")) == {
            SECOND: Standing.SETTLED, THIRD: Standing.PROVISIONAL,
        }  # fmt: skip
    shelf.hold([], stream="deals")
    sync(deals, now=NOW + DAY)
    with use_tenant(1):
        payload = {}
        while again := figures.each_night(payload=payload, now=NOW + DAY):
            payload = again.payload
        value = MetricValue.objects.get(on=THIRD)
    assert (value.standing, value.as_of) == (Standing.SETTLED, NOW + DAY)


def test_orders_come_through_a_connection_to_what_is_expected(connect, define):
    """Three days, of both calibers, by sales region; then a province moves to another region."""
    preset = PRESETS["orders"]
    orders = connect(adapter=preset.adapter, preset="orders", config=dict(preset.config))
    days = [date(2026, 11, 16) + n * DAY for n in range(5)]
    wanted = {f"BI_ORD_{on:%Y%m%d}.csv" for on in days[:3]} | {f"SETTLE_{on:%Y%m%d}.csv" for on in days[2:]}
    hand_in(orders, {name: content for name, content in dropped() if name in wanted or name.islower()})
    bi = define(BY_SHIPPING, name="BI 订单额", stream="bi_snapshot", connection=orders, since=days[0])
    settled = define(BY_REGISTERED, name="结算净额", stream="settlement_t2", connection=orders, since=days[0])
    synced(orders)
    expected = json.loads((Path(__file__).parents[1] / "data" / "reconciliation.expected.json").read_text())
    compared = 0
    for one in expected["day_regions"]:
        on = date.fromisoformat(one["day"])
        if on in days[:3]:
            compared += 1
            for definition, cents in ((bi, one["bi_ship_cents"]), (settled, one["settled_registered_cents"])):
                with use_tenant(1):
                    found = daily_figures(definition, first=on, last=on)
                figure = found.get((on, SubjectKey("sales_region", one["region"])))
                assert (figure.figure.numerator * 100 if figure else 0) == cents, one
    assert compared > 12
    with use_tenant(1):
        assert set(Subject.objects.filter(kind="sales_region").values_list("value", flat=True)) > {"浙东", "苏南"}
    lists = dict(dropped())["region_map.csv"].decode().replace("上海,苏南", "上海,浙东")
    hand_in(orders, {"region_map.csv": lists.encode()}, at=NOW + HOUR)
    with use_tenant(1):
        before = daily_figures(bi, first=days[0], last=days[0])
    synced(orders, NOW + HOUR)
    with use_tenant(1):
        after = daily_figures(bi, first=days[0], last=days[0])
    east = (days[0], SubjectKey("sales_region", "浙东"))
    assert after[east].figure.numerator > before[east].figure.numerator
    assert after[days[0], WHOLE].figure == before[days[0], WHOLE].figure


def hand_in(connection, files, at=NOW):
    with use_tenant(1):
        DropFile.objects.bulk_create(
            DropFile(connection=connection, name=name, content=content, digest=digest_of(name, content), at=at)
            for name, content in files.items()
        )

"""A goal's figure comes from a metric: bound, checked in by itself, corrected, ended (product.md §2.6, §5.4)."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goals import tasks
from goals.actions import binding as actions
from goals.actions import trail
from goals.actions.alerts import check_health
from goals.actions.closing import close_goal
from goals.actions.imported_check_ins import apply_imported_check_ins
from goals.actions.imported_rows import ImportedEntry
from goals.actions.telling import tell_owners
from goals.bound import figure_of, makings_of
from goals.models import (
    AlertRule,
    AlertState,
    BoundFigure,
    CheckIn,
    Goal,
    GoalAlert,
    KeyResult,
    MetricBinding,
    Source,
    Status,
)
from goals.queries.bound import (
    Good,
    binding_of,
    has_on_a_goal,
    held_goals,
    marks_of,
    measured,
    owners_bound,
    progress_beside,
)
from goals.wording import brief, value_text
from integrations.actions.holds import release_holds
from integrations.metrics import Figure
from integrations.models import Gap, GapKind, MetricHold, MetricValue
from integrations.queries.sides import Named
from integrations.queries.standing import key_of_person
from perfsys.audit.models import AuditEntry
from perfsys.jobs.models import Job
from perfsys.notices.models import Notice
from tests.goals.conftest import NOW, TODAY, ada_of
from tests.goals.measures import AMOUNT, RATE, Metric
from tests.jobs.three_times import run_three_times

FIRST, SECOND = date(2026, 10, 8), date(2026, 10, 20)
DAY = timedelta(days=1)
amounts = st.decimals(min_value=-(10**6), max_value=10**6, places=2)


@given(st.lists(amounts, min_size=1, max_size=20))
def test_days_add_up_and_the_mean_lies_between_them(listed):
    days = [Figure(one, None, 1) for one in listed]
    assert figure_of(days, "sum") == sum(listed)
    assert min(listed) <= figure_of(days, "mean") <= max(listed)
    assert figure_of(days, "latest") == listed[-1]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 50)), min_size=1, max_size=20))
def test_a_ratio_counts_records_and_not_days(listed):
    days = [Figure(Decimal(above), Decimal(below), below) for above, below in listed]
    whole = Decimal(sum(above for above, _ in listed)) / sum(below for _, below in listed)
    assert figure_of(days, "ratio") == whole.quantize(Decimal("0.000001"))


def test_no_days_say_nothing_and_means_do_not_add_up():
    assert figure_of([], "sum") is None
    assert figure_of([Figure(Decimal(1), Decimal(0), 0)], "ratio") is None
    assert figure_of([Figure(Decimal(10) ** 15, None, 1)], "sum") is None
    assert "sum" not in makings_of("mean")
    assert "ratio" not in makings_of("count")


@pytest.mark.parametrize(
    ("value", "limits", "digits", "told"),
    [
        ("99.996", ["99.999"], 2, "99.996"),  # typed
        ("1.625500", [], 2, "1.6255"),
        ("66.666667", ["100"], 2, "66.67"),
        ("66.666667", ["100.125"], 2, "66.667"),
        ("66.666667", ["100"], 4, "66.6667"),
        ("2.675005", [], 2, "2.68"),
        ("-2.675005", [], 2, "-2.68"),
        ("0.123456", [], 2, "0.1235"),
        ("-0.000012", [], 2, "0"),
        ("0.062450", [], 2, "0.0625"),
        ("99.999996", ["100"], 2, "99.999996"),  # not reached
        ("100.000000", ["100"], 2, "100"),
        ("89.999999", ["90", "95.5"], 2, "89.999999"),
    ],
)
def test_a_reading_is_told_in_short_and_reaches_no_limit_by_that(value, limits, digits, told):
    assert brief(Decimal(value), [Decimal(one) for one in limits], digits=digits) == told


@given(st.decimals(min_value=-(10**6), max_value=10**6, places=6), st.decimals(min_value=0, max_value=100, places=3))
def test_told_in_short_a_reading_lies_on_the_same_side_of_its_limit(value, limit):
    told = Decimal(brief(value, [limit]))
    assert (told < limit, told > limit) == (value < limit, value > limit)
    assert abs(told - value) <= Decimal("0.005")


def values(goal):
    return [one.value for one in CheckIn.objects.filter(goal=goal).order_by("pk")]


def test_it_checks_in_by_itself_and_a_correction_is_another_check_in(company, metric, goal, bind):
    metric.say(FIRST, "30", now=NOW)
    metric.say(SECOND, "20.5", now=NOW, standing="provisional")
    bound = bind()
    run_three_times(tasks.check_in_bound, payload={}, now=NOW)
    entry = CheckIn.objects.get(goal=goal)
    assert (entry.value, entry.percent, entry.author_id, entry.source) == (
        Decimal("50.5"), Decimal("50.5"), None, Source.AUTOMATIC,
    )  # fmt: skip
    told = BoundFigure.objects.get(check_in=entry)
    assert (told.first_on, told.last_on, told.is_settled, told.counted_as) == (FIRST, SECOND, False, metric.version)
    goal.refresh_from_db()
    assert (goal.last_value, goal.own_progress, goal.last_activity_on) == (Decimal("50.5"), Decimal("50.5"), TODAY)

    metric.say(FIRST, "10", now=NOW + DAY)
    tasks.check_in_bound(payload={"definition": metric.definition.pk}, now=NOW + DAY)
    assert values(goal) == [Decimal("50.5"), Decimal("30.5")]
    assert Goal.objects.get(pk=goal.pk).own_progress == Decimal("30.5")
    assert [one.value for one in bound.figures.order_by("pk")] == [Decimal("50.5"), Decimal("30.5")]


def test_the_same_figure_settles_without_another_check_in(company, metric, goal, bind):
    metric.say(FIRST, "30", now=NOW, standing="provisional")
    bind()
    actions.check_in_some(now=NOW)
    MetricValue.objects.update(standing="settled", as_of=NOW + DAY)
    actions.check_in_some(now=NOW + DAY)
    told = BoundFigure.objects.get()
    assert (told.is_settled, told.as_of, len(values(goal))) == (True, NOW + DAY, 1)


def test_days_outside_the_goal_and_of_others_do_not_count(company, metric, goal, bind):
    metric.say(goal.starts_on - DAY, "7", now=NOW)
    metric.say(FIRST, "30", now=NOW)
    metric.say(TODAY + DAY, "7", now=NOW)
    bound = bind(whose=Named(key_of_person(company.ben.public_id), "Ben", company.ben.pk))
    assert measured([bound], TODAY)[bound.pk].value is None
    actions.unbind_metric(binding=bound, because="选错了人", actor=company.marta, now=NOW)
    again = bind()
    assert measured([again], TODAY)[again.pk].value == Decimal(30)


def test_many_goals_check_in_with_as_many_statements_as_few(company, metric, goal, bind, django_assert_max_num_queries):
    metric.say(FIRST, "30", now=NOW)
    bind()
    with django_assert_max_num_queries(40):
        actions.check_in_some(now=NOW)


def test_what_does_not_fit_is_refused(company, metric, goal, bind):
    with pytest.raises(actions.DoesNotAddUp):
        bind("ratio")
    with pytest.raises(actions.OtherUnit, match="%"):
        bind(metric=Metric(company.zoe, company.ben, NOW, RATE, unit="%"), making="ratio")
    bind()
    with pytest.raises(actions.BoundAlready):
        bind()


def test_another_unit_of_measure_from_a_day_on_stops_it(company, metric, goal, bind):
    bound = bind()
    metric.say(FIRST, "30", now=NOW)
    metric.version = metric.add_version(2, NOW, AMOUNT, "元", SECOND)
    metric.say(SECOND, "200000", now=NOW)
    found = measured([bound], TODAY)[bound.pk]
    assert (found.value, found.problem) == (None, "other_unit")
    actions.check_in_some(now=NOW)
    assert values(goal) == []


def test_people_tell_no_figure_but_words_and_with_proof_while_it_is_held(company, metric, goal, bind):
    metric.say(FIRST, "30", now=NOW)
    bind()
    actions.check_in_some(now=NOW)
    with pytest.raises(trail.FigureIsMeasured):
        trail.check_in(goal=goal, actor=company.ada, now=NOW, value=Decimal(99))
    trail.check_in(goal=goal, actor=company.ada, now=NOW, note="客户在走付款流程")
    held = metric.hold(key_of_person(company.ada.public_id), FIRST, NOW)
    metric.say(FIRST, "1", now=NOW)
    actions.check_in_some(now=NOW)
    assert values(goal) == [Decimal(30), None]
    with pytest.raises(trail.FigureIsMeasured):
        trail.check_in(goal=goal, actor=company.ada, now=NOW, value=Decimal(40))
    trail.check_in(goal=goal, actor=company.ada, now=NOW, value=Decimal(40), proof="银行回单 0871")
    assert Goal.objects.get(pk=goal.pk).last_value == Decimal(40)
    assert [one.note for one in goal.evidence.all()] == ["银行回单 0871"]
    metric.say(FIRST, "30", now=NOW)
    held.released_at = NOW
    held.save(update_fields=["released_at"])
    for _ in range(2):  # upheld: the metric tells it again, once
        actions.check_in_some(now=NOW)
    assert values(goal) == [Decimal(30), None, Decimal(40), Decimal(30)]


def test_while_it_is_held_nobody_is_alerted_and_the_last_sound_figure_stands(company, metric, goal, bind):
    metric.say(FIRST, "30", now=NOW)
    metric.say(SECOND, "20", now=NOW)
    bound = bind()
    key = key_of_person(company.ada.public_id)
    held = metric.hold(key, SECOND, NOW)
    found = measured([bound], TODAY)[bound.pk]
    assert (found.sound, found.sound_on, found.standing.is_held) == (Decimal(30), FIRST, True)
    actions.check_in_some(now=NOW)
    goal.refresh_from_db()
    mark = marks_of([goal], TODAY)[goal.pk]
    assert mark.is_held and mark.good == Good(Decimal(30), Decimal(30))
    assert (progress_beside(goal, mark), value_text(goal, mark)) == (Decimal(30), "30 / 100 万元")
    later = TODAY + 30 * DAY
    check_health(as_of=later, now=NOW + 30 * DAY)
    about = GoalAlert.objects.filter(goal=goal, rule__in=[AlertRule.STALE, AlertRule.DEVIATING])
    assert not about.exists()
    held.released_at = NOW
    held.save(update_fields=["released_at"])
    check_health(as_of=later, now=NOW + 30 * DAY)
    assert set(about.values_list("rule", flat=True)) == {AlertRule.STALE, AlertRule.DEVIATING}


def test_a_day_that_has_not_come_holds_it_until_it_has(company, metric, goal, bind):
    metric.say(FIRST, "30", now=NOW)
    metric.say(SECOND, "20", now=NOW)
    bound = bind()
    [version] = metric.definition.versions.all()
    lost = {"connection": version.connection, "stream": version.stream, "opened_at": NOW}
    Gap.objects.create(**lost, kind=GapKind.MISSING, on=goal.starts_on - DAY)
    Gap.objects.create(**{**lost, "stream": "another"}, kind=GapKind.MISSING, on=SECOND)
    Gap.objects.create(**lost, kind=GapKind.SCHEMA, on=SECOND)
    Gap.objects.create(**lost, kind=GapKind.MISSING, on=goal.due_on + DAY)
    metric.hold(key_of_person(company.ada.public_id), goal.due_on + DAY, NOW)
    assert set(held_goals(goal.due_on + 30 * DAY)) == set()
    assert not measured([bound], goal.due_on + 30 * DAY)[bound.pk].standing.is_held
    assert marks_of([goal], TODAY) == {} and not measured([bound], TODAY)[bound.pk].standing.is_held
    gap = Gap.objects.create(**lost, kind=GapKind.MISSING, on=SECOND)
    found = measured([bound], TODAY)[bound.pk]
    assert (found.sound, found.standing.is_held) == (Decimal(30), True)
    assert marks_of([goal], TODAY)[goal.pk].is_held and set(held_goals(TODAY)) == {goal.pk}
    gap.closed_at = NOW
    gap.save(update_fields=["closed_at"])
    assert marks_of([goal], TODAY) == {}


def test_who_is_measured_by_a_figure_may_contest_it(company, metric, goal, bind):
    region = Named("sales_region:浙东", "浙东")
    assert not has_on_a_goal(company.ada, metric.definition, region.key)
    bound = bind(whose=region)
    assert has_on_a_goal(company.ada, metric.definition, region.key)
    assert not has_on_a_goal(company.zoe, metric.definition, region.key)
    bound.ended_at, bound.ended_because = NOW, "换了口径"
    bound.save(update_fields=["ended_at", "ended_because"])
    assert not has_on_a_goal(company.ada, metric.definition, region.key)


def test_a_disputed_figure_is_marked(company, metric, goal, bind):
    bind()
    metric.contest(key_of_person(company.ada.public_id), FIRST, company.ada, NOW)
    mark = marks_of([goal], TODAY)[goal.pk]
    assert (mark.is_held, mark.is_disputed) == (False, True)


def test_it_is_on_record_and_owners_are_told_before_the_metric_changes(company, metric, goal, bind):
    bound = bind()
    assert company.ada in owners_bound(metric.definition)
    for _ in range(2):
        actions.unbind_metric(binding=bound, because="口径不合适", actor=company.marta, now=NOW)
    assert binding_of(goal) is None
    assert owners_bound(metric.definition) == []
    verbs = AuditEntry.objects.filter(verb__startswith="goals.metric_").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["goals.metric_bound", "goals.metric_unbound"]
    assert MetricBinding.objects.get().ended_because == "口径不合适"


def test_a_figure_in_a_file_stays_as_words(company, metric, goal, bind):
    metric.say(FIRST, "30", now=NOW)
    bind()
    actions.check_in_some(now=NOW)
    about = {"kind": "check_in", "goal": goal.number, "employee_no": company.ada.employee_no, "evidence_no": ""}
    rows = [
        ImportedEntry(**about, key=key, at=at, on=at.date(), percent=Decimal(80), note="月报")
        for key, at in (("before", NOW - DAY), ("since", NOW + DAY))
    ]
    apply_imported_check_ins(rows=rows, period=company.period, actor=company.anna, now=NOW + DAY)
    told = CheckIn.objects.filter(goal=goal, source=Source.IMPORT).order_by("at").values_list("percent", "note")
    assert list(told) == [(Decimal(80), "月报"), (None, "80% 月报")]
    assert Goal.objects.get(pk=goal.pk).own_progress == Decimal(30)


def test_a_key_result_takes_its_figure_from_a_metric(company, metric, goal):
    Goal.objects.filter(pk=goal.pk).update(kind="objective", target=None)
    result = KeyResult.objects.create(goal=goal, title="回款", target=Decimal(60), unit_of_measure="万元")
    metric.say(FIRST, "30", now=NOW)
    given = {"goal": goal, "definition": metric.definition, "whose": ada_of(company), "making": "latest"}
    actions.bind_metric(key_result=result, actor=company.ada, now=NOW, **given)
    with pytest.raises(actions.NotAFigure):
        actions.bind_metric(key_result=None, actor=company.ada, now=NOW, **given)
    for _ in range(2):
        actions.check_in_some(now=NOW)
    result.refresh_from_db()
    assert (result.last_value, result.progress) == (Decimal(30), Decimal(50))
    assert Goal.objects.get(pk=goal.pk).own_progress == Decimal(50)
    assert [(one.key_result_id, one.percent) for one in CheckIn.objects.filter(goal=goal)] == [(result.pk, Decimal(50))]
    with pytest.raises(trail.FigureIsMeasured):
        trail.check_in(goal=goal, key_result=result, actor=company.ada, now=NOW, value=Decimal(1))

    KeyResult.objects.create(goal=goal, title="走访", target=Decimal(10), progress=Decimal(20))
    metric.say(SECOND, "6000", now=NOW)
    metric.hold(key_of_person(company.ada.public_id), SECOND, NOW)
    good = marks_of([goal], TODAY)[goal.pk].good
    assert good is not None and good.results == {result.pk: Good(Decimal(30), Decimal(50))}
    assert good.progress == Decimal(35)


def test_what_is_released_or_computed_anew_asks_the_goals(company, metric, goal, bind):
    key = key_of_person(company.ada.public_id)
    held = metric.hold(key, FIRST, NOW)
    release_holds(pair=held.pair, holds=[held], reason="对过了", seen=NOW, actor=company.zoe, now=NOW)
    assert Job.objects.filter(kind="goals.bound", payload={"definition": metric.definition.pk}).count() == 1


def test_whoever_is_measured_hears_that_it_is_checked_and_that_it_is_free_and_no_reminder_stands(
    company, metric, goal, bind
):
    """The story of the brief: some days are lost, the figure falls behind, people are told so; then it is found out."""
    metric.say(FIRST, "30", now=NOW)
    bound = bind()
    actions.check_in_some(now=NOW)
    behind = GoalAlert.objects.create(goal=goal, rule=AlertRule.DEVIATING, opened_on=TODAY)
    tell_owners(GoalAlert.objects.filter(pk=behind.pk), on=TODAY, now=NOW)
    told = Notice.objects.filter(to=company.ada)
    assert told.get(kind="goals.deviating").state == Notice.State.OPEN

    held = metric.hold(key_of_person(company.ada.public_id), FIRST, NOW)
    payload = {"definition": metric.definition.pk}
    run_three_times(tasks.tell_of_held, payload=payload, now=NOW)
    behind.refresh_from_db()
    assert (behind.state, told.get(kind="goals.deviating").state) == (AlertState.ENDED, Notice.State.DONE)
    checked = told.get(kind="goals.figure_checked")
    assert (checked.subject_id, checked.params["goal"]) == (bound.pk, goal.title)
    assert goal.title in str(checked.sentence) and "正在核对" in str(checked.sentence)

    metric.say(FIRST, "45", now=NOW + DAY)
    release_holds(pair=held.pair, holds=[held], reason="补齐了", seen=NOW, actor=company.zoe, now=NOW + DAY)
    assert Job.objects.filter(kind="goals.held", payload=payload).count() == 1
    run_three_times(tasks.tell_of_held, payload=payload, now=NOW + DAY)
    assert told.get(kind="goals.figure_free").params["figure"] == "45.00 万元"
    assert not told.filter(kind="goals.figure_checked", state=Notice.State.OPEN).exists()


def test_held_once_more_at_once_it_is_not_told_twice(company, metric, goal, bind):
    metric.say(FIRST, "30", now=NOW)
    bind()
    held = metric.hold(key_of_person(company.ada.public_id), FIRST, NOW)
    tasks.tell_of_held(payload={"definition": metric.definition.pk}, now=NOW)
    MetricHold.objects.filter(pk=held.pk).update(released_at=NOW)
    same = {"definition": held.definition, "pair": held.pair, "key": held.key, "because": "over", "opened_at": NOW}
    MetricHold.objects.create(**same, first_on=FIRST, last_on=FIRST, releases_needed=1)
    tasks.tell_of_held(payload={"definition": metric.definition.pk}, now=NOW + DAY)
    assert Notice.objects.filter(kind__startswith="goals.figure_").count() == 1


def test_a_day_that_is_missing_too_is_waited_for_before_it_is_called_free(company, metric, goal, bind):
    metric.say(FIRST, "30", now=NOW)
    bind()
    held = metric.hold(key_of_person(company.ada.public_id), FIRST, NOW)
    payload = {"definition": metric.definition.pk}
    tasks.tell_of_held(payload=payload, now=NOW)
    gap = Gap.objects.create(
        connection=metric.connection, stream="deals", kind=GapKind.MISSING, on=FIRST, opened_at=NOW
    )
    MetricHold.objects.filter(pk=held.pk).update(released_at=NOW)
    tasks.tell_of_held(payload=payload, now=NOW)
    assert not Notice.objects.filter(kind="goals.figure_free").exists()
    Gap.objects.filter(pk=gap.pk).update(closed_at=NOW)
    tasks.check_in_bound(payload={"definition": 0}, now=NOW + DAY)  # of another metric
    assert not Job.objects.filter(kind="goals.held", payload=payload, key__startswith="look").exists()
    tasks.check_in_bound(payload={}, now=NOW + DAY)
    assert Job.objects.filter(kind="goals.held", payload=payload, key__startswith="look").count() == 1
    tasks.tell_of_held(payload=payload, now=NOW + DAY)
    assert Notice.objects.filter(kind="goals.figure_free", to=company.ada).count() == 1


def test_two_workers_at_once_call_it_free_once(company, metric, goal, bind, monkeypatch):
    metric.say(FIRST, "30", now=NOW)
    bind()
    held = metric.hold(key_of_person(company.ada.public_id), FIRST, NOW)
    payload = {"definition": metric.definition.pk}
    tasks.tell_of_held(payload=payload, now=NOW)
    MetricHold.objects.filter(pk=held.pk).update(released_at=NOW)
    tasks.tell_of_held(payload=payload, now=NOW + DAY)
    Notice.objects.filter(kind="goals.figure_checked").update(state=Notice.State.OPEN)  # as the other one read it
    tasks.tell_of_held(payload=payload, now=NOW + 2 * DAY)
    assert Notice.objects.filter(kind="goals.figure_free").count() == 1


@pytest.mark.parametrize("how", ["closed", "unbound", "by a file"])
def test_nobody_goes_on_reading_that_it_is_checked_once_the_goal_is_over_or_measured_otherwise(
    company, metric, goal, bind, how
):
    metric.say(FIRST, "30", now=NOW)
    bound = bind()
    metric.hold(key_of_person(company.ada.public_id), FIRST, NOW)
    tasks.tell_of_held(payload={"definition": metric.definition.pk}, now=NOW)
    checked = Notice.objects.get(kind="goals.figure_checked")
    if how == "closed":
        close_goal(goal=goal, outcome="cancelled", result="没有做", lesson="不做了", actor=company.marta, now=NOW)
    elif how == "unbound":
        actions.unbind_metric(binding=bound, because="口径不合适", actor=company.marta, now=NOW)
    else:
        Goal.objects.filter(pk=goal.pk).update(status=Status.CLOSED, outcome="cancelled", closed_at=NOW)
        tasks.check_in_bound(payload={}, now=NOW + DAY)
    checked.refresh_from_db()
    assert checked.state == Notice.State.DONE

"""An import of goals taken back: what nobody touched since is as before, the rest is named and stays."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from goals.actions.closing import tell_of_endings
from goals.actions.imported_goals import apply_imported_goals
from goals.actions.imported_rows import ImportedGoal
from goals.actions.undoing import formers, take_back_goals
from goals.events import GOALS_TAKEN_BACK
from goals.models import Alignment, CheckIn, Goal, Obstacle, Period, PeriodState
from goals.queries.undoing import CHANGED, CIRCLE, GONE, LOST, SUPPORTED, TAKEN, USED, marks, outlook
from goals.redrawing import closing_circles
from integrations.models import Endpoint, OutboundMessage
from perfsys.audit.models import AuditEntry
from perfsys.common.undoing import supported
from perfsys.imports import actions as imports
from perfsys.imports.models import ImportChange, ImportRow, ImportRun, State

from .conftest import NOW, TODAY

pytestmark = pytest.mark.usefixtures("counts_stay_right")


def test_what_a_goal_that_stays_supports_stays_too():
    lines = [(1, 2), (2, 3), (4, 5), (3, 9)]
    assert supported({1}, lines, {2, 3, 5}) == {2, 3}
    assert supported(set(), lines, {2, 3, 5}) == set()


def test_of_lines_that_close_a_circle_together_the_last_is_not_drawn():
    assert closing_circles([(1, 2), (2, 3)], [(3, 4), (4, 1), (4, 5)]) == {(4, 1)}
    assert closing_circles([], [(1, 2), (2, 1), (3, 3)]) == {(2, 1), (3, 3)}


def given(key, layer, owner, **more):
    return ImportedGoal(key=key, layer=layer, owner=owner, title=f"目标 {key}", **more)


LEAF = given("GW-1", "position", "HR0003", parents=("BM-1",), weight=Decimal(100), obstacles=("缺人",))
ROWS = [
    LEAF,
    given("BM-1", "dept", "恒锐/研发中心", parents=("GS-1",), hours=Decimal(40)),
    given("GS-1", "company", "", target=Decimal(95), unit="%"),
]


@pytest.fixture
def put(company):
    """Imports rows; gives what is kept of it, as a run keeps it."""

    def imported(rows):
        changes = []
        apply_imported_goals(rows=rows, period=company.period, actor=None, now=NOW, remember=changes.extend)
        return changes, marks()

    return imported


def take_back(company, kept):
    return take_back_goals(changes=kept[0], report=kept[1], period=company.period, actor=company.anna, now=NOW)


def number(text):
    return Goal.objects.get(number=text)


def test_what_was_new_goes_and_the_file_can_come_again(company, put):
    done = take_back(company, put(ROWS))
    assert (len(done.removed), done.restored, done.left) == (3, [], {})
    assert not Goal.objects.exists()
    assert len(put(ROWS)[0]) == 3


def test_what_was_changed_is_as_before(company, put):
    put(ROWS)
    ids = [one.pk for one in Goal.objects.all()]
    before = formers(ids)
    changed = [
        replace(LEAF, title="改了", parents=(), weight=Decimal(60), obstacles=("样件周期长",), due=TODAY, known=None),
        replace(ROWS[1], key="BM-9", known="BM-1", hours=Decimal(0), budget=Decimal(3)),
    ]
    kept = put(changed)
    assert formers(ids) != before
    done = take_back(company, kept)
    assert (done.removed, len(done.restored), done.left) == ([], 2, {})
    assert formers(ids) == before
    assert number("GW-1").version == 3
    assert len(put(ROWS)[0]) == 0  # the first file changes nothing again


def listen(company):
    Endpoint.objects.create(
        name="薪酬系统", url="https://hooks.example/", kinds=["goal.closed", "goal.reopened"], owner=company.anna,
        fields=["goal_number", "outcome", "owner_no"], made_at=NOW, key="once",
    )  # fmt: skip


def test_other_systems_hear_of_what_a_file_closes_and_of_its_taking_back_as_of_what_is_done_by_hand(company, put):
    listen(company)
    done = given("GW-2", "position", "HR0003", parents=("BM-1",), status="done")
    put([*ROWS, done])
    put([replace(done, title="改了")])  # it was closed before
    take_back(company, put([replace(LEAF, status="cancelled"), replace(ROWS[1], title="改了")]))
    told = OutboundMessage.objects.order_by("pk").values_list("kind", "payload__goal_number", "payload__outcome")
    assert list(told) == [
        ("goal.closed", "GW-2", "achieved"),
        ("goal.closed", "GW-1", "cancelled"),
        ("goal.reopened", "GW-1", ""),
    ]
    brought_closed = [given("GW-3", "position", "HR0003", parents=("BM-1",), status="done")]
    take_back(company, put(brought_closed))
    assert list(told.all())[3:] == [("goal.closed", "GW-3", "achieved"), ("goal.reopened", "GW-3", "")]


def test_telling_of_many_endings_asks_no_more_than_of_few(company, put):
    listen(company)
    put([*ROWS, *(given(f"GW-{n}", "position", "HR0003", parents=("BM-1",), status="done") for n in range(2, 8))])
    ended = list(Goal.objects.filter(status="closed").values_list("pk", flat=True))
    asked = []
    for number_of in (2, 6):
        with CaptureQueriesContext(connection) as queries:
            tell_of_endings(dict.fromkeys(ended[:number_of], ""), now=NOW)
        asked.append(len(queries))
    assert asked[0] == asked[1] and len(ended) == 6


def test_what_somebody_touched_stays_with_its_reason(company, put):
    kept = put([*ROWS, replace(LEAF, key="GW-2", parents=()), replace(LEAF, key="GW-3", parents=())])
    CheckIn.objects.create(goal=number("GW-1"), note="到样", at=NOW, local_on=TODAY)
    edited, gone = number("GW-2"), number("GW-3").pk
    Goal.objects.filter(pk=edited.pk).update(title="我改过")
    Goal.objects.filter(pk=gone).delete()
    found = outlook(*kept)
    assert found.left == {
        number("GW-1").pk: USED,
        number("BM-1").pk: SUPPORTED,
        number("GS-1").pk: SUPPORTED,
        edited.pk: CHANGED,
        gone: GONE,
    }
    assert take_back(company, kept) == found
    assert Goal.objects.count() == 4


def test_a_line_that_would_close_a_circle_by_now_is_told(company, put):
    upper, lower = (given(key, "dept", "恒锐/研发中心") for key in ("BM-1", "BM-2"))
    put([upper, replace(lower, parents=("BM-1",))])
    kept = put([lower])  # supports nothing any more
    Alignment.objects.create(child=number("BM-1"), parent=number("BM-2"), is_primary=True)
    foreseen = outlook(*kept)
    done = take_back(company, kept)
    assert done == foreseen
    assert (done.restored, done.left, done.partly) == ([number("BM-2").pk], {}, {number("BM-2").pk: CIRCLE})
    assert not Alignment.objects.filter(child=number("BM-2")).exists()
    assert AuditEntry.objects.filter(verb=GOALS_TAKEN_BACK).get().details["partly"] == 1


def test_a_line_to_a_goal_that_is_gone_is_told(company, put):
    put([ROWS[2], replace(LEAF, parents=("GS-1",))])
    kept = put([replace(LEAF, parents=())])
    number("GS-1").delete()
    foreseen = outlook(*kept)
    assert foreseen.partly == {number("GW-1").pk: LOST}
    assert take_back(company, kept) == foreseen


def test_an_obstacle_in_work_and_a_number_given_away_keep_it_too(company, put):
    kept = put([ROWS[2], replace(LEAF, parents=())])
    Obstacle.objects.update(helper=company.henk)
    assert outlook(*kept).left == {number("GW-1").pk: USED}
    renamed = put([replace(ROWS[2], key="GS-2", known="GS-1", title="新")])
    put([replace(ROWS[2])])
    assert outlook(*renamed).left == {number("GS-2").pk: TAKEN}


def test_looking_takes_as_many_queries_for_many_goals_as_for_few(put):
    asked = []
    for size in (2, 60):
        kept = put([replace(LEAF, key=f"X{size}-{n}", parents=(), obstacles=()) for n in range(size)])
        with CaptureQueriesContext(connection) as found:
            assert len(outlook(*kept).removed) == size
        asked.append(len(found))
    assert asked[0] == asked[1]


def imported(company):
    """A file of three good rows that went in."""
    report = {"starts_on": str(company.period.starts_on), "ends_on": str(company.period.ends_on), "owners": []}
    made = ImportRun.objects.create(
        kind="goals",
        state=State.PREVIEW,
        file_name="目标.xlsx",
        file_size=1,
        file_hash="",
        by_name="",
        counts={"accept": 3},
        report=report,
        uploaded_at=NOW,
    )
    ImportRow.objects.bulk_create(
        ImportRow(run=made, position=place, sheet="", number=place, action="accept", values=row.as_json())
        for place, row in enumerate(ROWS)
    )
    imports.write_judged(run=made, now=NOW)
    made.refresh_from_db()
    return made


@pytest.fixture
def run(company):
    return imported(company)


@pytest.mark.usefixtures("that_day")
def test_an_administrator_sees_it_and_takes_it_back_once(founded, anna):
    with anna.scope:
        run = imported(founded)
    page = f"/t/acme/admin/imports/{run.public_id}/"
    assert anna.client.get(page).context["undo_url"] == f"{page}undo/"
    seen = anna.client.get(f"{page}undo/")
    assert [seen.context[name]["number"] for name in ("removed", "restored", "partly", "left")] == [3, 0, 0, 0]
    assert "目标 GW-1 · Ada" in seen.context["removed"]["lines"]
    for _press in range(2):
        assert anna.client.post(f"{page}undo/").status_code == 302
    with anna.scope:
        for _time in range(3):
            imports.take_back(run_id=run.pk, actor_id=None, now=NOW)
        assert not Goal.objects.exists()
        assert not ImportChange.objects.exists()
    done = anna.client.get(page)
    assert [one["number"] for one in done.context["counts"]] == [3, 0, 0]
    assert "undo_url" not in done.context
    assert done.context["partly"]["number"] == 0
    with anna.scope:
        ImportRun.objects.update(report={"partly": [[0, CIRCLE]]})
    assert "重新选择它支撑什么" in anna.client.get(page).content.decode()
    assert anna.client.get(f"{page}undo/").status_code == 302


def test_when_the_file_is_forgotten_it_stays(run):
    imports.ImportFile.objects.create(run=run, content=b"")
    imports.forget_old(now=NOW + timedelta(days=31))
    assert not imports.can_be_undone(run)
    with pytest.raises(imports.WrongStep):
        imports.undo(run=run, actor=None, now=NOW)


@pytest.mark.usefixtures("that_day")
def test_once_its_period_is_closed_no_file_goes_in_and_none_is_taken_back(founded, anna):
    with anna.scope:
        done, waiting = imported(founded), imported(founded)
        ImportRun.objects.filter(pk=waiting.pk).update(state=State.PREVIEW)
        Period.objects.update(state=PeriodState.CLOSED)
    page, undo = (f"/t/acme/admin/imports/{run.public_id}/" for run in (waiting, done))
    said = "2026Q4 已关闭"
    seen = anna.client.get(f"{page}rows/")
    assert said in seen.context["hindrance"] and "disabled" in seen.content.decode()
    assert said in anna.client.post(f"{page}import/", follow=True).content.decode()
    assert said in anna.client.get(undo).content.decode()
    assert said in anna.client.post(f"{undo}undo/", follow=True).content.decode()
    with anna.scope:  # and where it is closed while the job waits
        ImportRun.objects.filter(pk=waiting.pk).update(state=State.APPLYING)
        ImportRun.objects.filter(pk=done.pk).update(state=State.UNDOING)
        imports.write(run_id=waiting.pk, actor_id=None, now=NOW)
        imports.take_back(run_id=done.pk, actor_id=None, now=NOW)
        states = dict(ImportRun.objects.values_list("pk", "state"))
    assert states == {waiting.pk: State.PREVIEW, done.pk: State.DONE}


def test_nothing_is_taken_back_while_a_file_goes_in(run):
    ImportRun.objects.create(
        kind="goals", state=State.APPLYING, file_name="b", file_size=1, file_hash="", by_name="", uploaded_at=NOW
    )
    with pytest.raises(imports.AskAgainLater):
        imports.undo(run=run, actor=None, now=NOW)

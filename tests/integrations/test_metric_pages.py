"""A metric from its form to the rows behind a figure (product.md §5.4)."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from integrations.actions.connection import close_gap
from integrations.actions.metric import NotSigned, announce, begin_version, change_people, sign_off
from integrations.adapters.base import About
from integrations.caliber import asks_for_people, finds_people
from integrations.metrics import Condition, Lookup
from integrations.models import (
    DataDispute,
    Gap,
    MetricDefinition,
    MetricSignOff,
    MetricState,
    MetricValue,
    MetricVersion,
    Side,
    Subject,
)
from integrations.queries.standing import marks_of, standing_of
from perfsys.jobs.models import Job
from perfsys.notices.models import Notice
from perfsys.tenancy.roles import Role
from perfsys.tenancy.scope import use_tenant
from tests.cast import take_seat
from tests.conftest import page_queries
from tests.integrations.conftest import NOW
from tests.integrations.test_metric_values import (
    AMOUNT,
    BY_TEAM,
    DEALS,
    FIRST,
    SECOND,
    TEAMS,
    deal,
    define,
    synced,
    work,
)

pytestmark = pytest.mark.django_db
__all__ = ["define"]  # a fixture of the module beside this one
TYPED = {
    "name": "成交额",
    "owner": "E-anna",
    "interpreter": "Ada",
    "key": "one press",
    "says": "成交的金额，按负责人统计。",
    "kind": "sum",
    "field": "amount",
    "day": "on",
    "basis": "settled",
    "settle_days": "2",
    "returns": "none",
    "attribution": "owner_no",
    "through-0": "teams|no|team",
    "filter-0-field": "state",
    "filter-0-op": "in",
    "filter-0-value": "won、signed",
    "unit_of_measure": "元",
    "digits": "2",
}


@pytest.fixture
def deals(shelf, connection):
    shelf.declared = (DEALS, TEAMS)
    shelf.hold([{"no": "E1", "team": "north"}], stream="teams")
    return connection


@pytest.fixture
def form_url(deals):
    return f"/t/acme/metrics/new/?connection={deals.public_id}&stream=deals"


def test_what_is_looked_up_by_a_person_is_theirs_unless_the_mapping_says_what_it_is():
    undeclared = replace(TEAMS, name="nicks", subjects=[])
    of_people = replace(TEAMS, name="leaders", subjects=[About("owner", "person", "team")])
    streams = {one.name: one for one in (DEALS, TEAMS, undeclared, of_people)}
    found = {
        name: finds_people(replace(BY_TEAM, through=(Lookup(name, "no", "team"),), of="other"), DEALS, streams)
        for name in ("teams", "nicks", "leaders")
    }
    assert found == {"teams": False, "nicks": True, "leaders": True}
    of_nobody = replace(BY_TEAM, attribution="state", through=(), of="other")
    assert not finds_people(of_nobody, DEALS, streams)
    assert not asks_for_people(of_nobody, DEALS)
    assert asks_for_people(replace(of_nobody, return_lines=(Condition("owner_no", "ne", "E1"),)), DEALS)


def test_a_metric_is_tried_on_real_rows_then_drafted_signed_and_announced(
    deals, shelf, form_url, ada, anna, henk, settings
):
    shelf.hold([deal(1, FIRST), deal(2, FIRST, "E9", "5"), deal(3, FIRST, state="lost"), deal(4, "")], stream="deals")
    synced(deals)
    assert "deals" in anna.client.get("/t/acme/metrics/new/").content.decode()
    assert anna.client.get(form_url).status_code == 200

    looked = anna.client.post(form_url, {**TYPED, "look": "1"})
    page = looked.content.decode()
    assert looked.status_code == 200
    assert "15.00 元" in page and "未归属" in page and "有 1 条记录没有业务日期" in page
    assert "E9" in page
    keeper = take_seat("acme", "kim", Role.EMPLOYEE, Role.INTEGRATION_OWNER).client
    page = keeper.post(form_url, {**TYPED, "look": "1"}).content.decode()
    assert "15.00 元" in page and "north" in page  # a team is nobody
    assert "E9" not in page
    by_person = {**TYPED, "attribution": "owner_no", "through-0": "", "look": "1"}
    page = keeper.post(form_url, by_person).content.decode()
    assert "15.00 元" in page
    assert "E1" not in page and "E9" not in page
    asked_for = {"filter-0-field": "owner_no", "filter-0-op": "eq", "filter-0-value": "E1", "look": "1"}
    answer = keeper.post(form_url, {**TYPED, **asked_for})
    assert (answer.status_code, "元" in answer.content.decode()) == (422, True)
    assert "10.00 元" not in answer.content.decode()
    assert "10.00 元" in anna.client.post(form_url, {**TYPED, **asked_for}).content.decode()
    with use_tenant(1):
        assert not MetricDefinition.objects.exists()

    for missing, sentence in (
        ({"field": ""}, "请选择统计的字段。"),
        ({"settle_days": ""}, "请填写几天后定值。"),
        ({"returns": "out"}, "请写明怎样识别退货记录。"),
        ({"filter-0-value": ""}, "请填写要比较的值。"),
        ({"filter-0-field": "amount", "filter-0-op": "eq", "filter-0-value": "1,000"}, "“1,000”与该字段对不上"),
        ({"attribution": ""}, "请选择从哪个字段开始查。"),
        ({"interpreter": "谁谁"}, "谁谁"),
    ):
        refused = anna.client.post(form_url, {**TYPED, **missing})
        assert refused.status_code == 422
        assert sentence in refused.content.decode()

    for _ in range(2):
        assert anna.client.post(form_url, TYPED).status_code == 302
    with use_tenant(1):
        definition = MetricDefinition.objects.get()
        draft = MetricVersion.objects.get()
        assert draft.rule["kind"] == "team" and draft.rule["of"] == "unit"
        assert draft.rule["filter"] == [{"field": "state", "op": "in", "value": ["won", "signed"]}]
        assert Notice.objects.filter(kind="integrations.metric_waits", to=ada.employee).count() == 1
    url = f"/t/acme/metrics/{definition.public_id}/"
    assert f"{url}draft/sign/" in ada.client.get(url).content.decode()
    unchanged = {**TYPED, "version": draft.version}
    assert anna.client.post(f"{url}draft/", unchanged).status_code == 302
    waiting = "等你会签"
    assert all(waiting in one.client.get("/t/acme/metrics/").content.decode() for one in (ada, anna, henk))
    for who, side in ((ada, "business"), (anna, "it"), (anna, "hr"), (henk, "hr"), (henk, "hr")):
        who.client.post(f"{url}draft/sign/", {"side": side, "version": draft.version})
    with use_tenant(1):
        assert sorted(MetricSignOff.objects.values_list("side", "by__name")) == [
            ("business", "Ada"), ("hr", "Henk"), ("it", "Anna"),
        ]  # fmt: skip
        ready = Notice.objects.get(kind="integrations.metric_ready")
        assert (ready.to, ready.state) == (definition.owner, "open")
    assert waiting not in henk.client.get("/t/acme/metrics/").content.decode()
    announced = anna.client.post(f"{url}draft/announce/", {"effective_on": "2026-01-01", "version": draft.version})
    assert announced.status_code == 302
    with use_tenant(1):
        ready.refresh_from_db()
        assert ready.state == "done"
    work()
    with use_tenant(1):
        whole = MetricValue.objects.get(subject=None)
        nobody = MetricValue.objects.get(subject__value="")
    page = anna.client.get(url).content.decode()
    assert "15.00 元" in page and "north" in page and "生效中" in page
    assert "“状态”" not in page and "属于“won，signed”" in page.replace("、", "，")
    figure = anna.client.get(f"/t/acme/metrics/values/{whole.public_id}/").content.decode()
    assert "D1" in figure and "D2" in figure and not re.search(r"\bD3\b", figure)
    assert henk.client.get(f"/t/acme/metrics/values/{whole.public_id}/").status_code == 200
    assert henk.client.get(f"/t/acme/metrics/values/{nobody.public_id}/").status_code == 404
    assert "north" not in henk.client.get(url).content.decode()
    assert ada.client.get(f"/t/acme/metrics/values/{nobody.public_id}/").status_code == 200


def test_people_s_figures_are_not_for_who_keeps_connections_and_marks_stand_beside_figures(deals, define, shelf, anna):
    shelf.hold([deal(1, FIRST, "K7"), deal(2, SECOND, "K8")], stream="deals")
    definition = define(AMOUNT)
    synced(deals)
    keeper = take_seat("acme", "kim", Role.EMPLOYEE, Role.INTEGRATION_OWNER)
    url = f"/t/acme/metrics/{definition.public_id}/"
    with use_tenant(1):
        subject = Subject.objects.get(value="K7")
        Subject.objects.filter(pk=subject.pk).update(of="customer")
        value = MetricValue.objects.filter(subject=subject).first()
        first, second = MetricValue.objects.filter(subject=None, replaced_at=None).order_by("on")
        DataDispute.objects.create(
            definition=definition, first_on=first.on, last_on=first.on, claimant=anna.employee, claim="少了",
            assigned_to=anna.employee, due_on=first.on, opened_at=NOW,
        )  # fmt: skip
        assert [one.is_disputed for one in marks_of(definition, [first, second]).values()] == [True, False]
        assert [one.is_held for one in marks_of(definition, [first, second]).values()] == [False, False]
        assert standing_of(definition, "", second.on).is_disputed  # a sum up to that day
        assert not standing_of(definition, "", second.on, since=second.on).is_disputed
    page = keeper.client.get(url).content.decode()
    assert "K7" in page and "有异议" in page
    assert "有异议" in keeper.client.get("/t/acme/metrics/").content.decode()
    with use_tenant(1):
        Subject.objects.filter(pk=subject.pk).update(of="person")
    assert "K7" not in keeper.client.get(url).content.decode()
    assert keeper.client.get(f"/t/acme/metrics/values/{value.public_id}/").status_code == 404
    assert "K7" in anna.client.get(url).content.decode()


def test_a_change_takes_signatures_back_and_waits_for_tomorrow(deals, define, ada, anna, henk):
    definition = define(AMOUNT)
    url = f"/t/acme/metrics/{definition.public_id}/"
    assert anna.client.post(f"{url}draft/begin/").status_code == 302
    with use_tenant(1):
        draft = MetricVersion.objects.get(state=MetricState.DRAFT)
    ada.client.post(f"{url}draft/sign/", {"side": "business", "version": draft.version})
    typed = {
        **TYPED,
        "kind": "count",
        "unit_of_measure": "单",
        "says": "单数",
        "version": draft.version,
        "through-0": "",
    }
    assert anna.client.post(f"{url}draft/", typed).status_code == 302
    assert anna.client.post(f"{url}draft/", typed).status_code == 409
    with use_tenant(1):
        assert not MetricSignOff.objects.filter(of=draft).exists()
        draft.refresh_from_db()
        for side, who in (("business", ada), ("it", anna), ("hr", henk)):
            MetricSignOff.objects.create(of=draft, side=side, by=who.employee, at=NOW)
    page = ada.client.get(url).content.decode()
    assert "成交的金额" in page and "单数" in page
    slip = anna.client.post(f"{url}draft/announce/", {"effective_on": "3026-01-02", "version": draft.version})
    assert slip.status_code == 422 and "请核对年份" in slip.content.decode()
    too_early = anna.client.post(f"{url}draft/announce/", {"effective_on": "2026-01-02", "version": draft.version})
    assert too_early.status_code == 422
    with use_tenant(1):
        day = date(2099, 1, 1)
    said = anna.client.post(f"{url}draft/announce/", {"effective_on": f"{day}", "version": draft.version})
    assert said.status_code == 302
    with use_tenant(1):
        told = Notice.objects.filter(kind="integrations.metric_comes")
        assert set(told.values_list("to__name", flat=True)) == {"Ada", "Anna"}
    version = ada.client.get(f"{url}versions/?number=2").content.decode()
    assert "与第 1 版的差异" in version and "记录条数" in version
    assert ada.client.get(f"{url}versions/?number=9").status_code == 404


def test_a_new_last_word_signs_anew_and_whoever_is_handed_a_metric_is_told(deals, define, ada, anna, henk, marta):
    definition = define(AMOUNT)
    with use_tenant(1):
        draft = begin_version(definition=definition, actor=anna.employee, now=NOW)
        for side, who in ((Side.BUSINESS, ada), (Side.IT, anna), (Side.HR, henk)):
            sign_off(draft=draft, version=draft.version, side=side, actor=who.employee, now=NOW)
        of_it = {"definition": definition, "name": definition.name, "actor": anna.employee, "now": NOW}
        change_people(version=1, owner=marta.employee, interpreter=ada.employee, **of_it)
        assert MetricSignOff.objects.filter(of=draft).count() == 3  # the last word is the same
        ready = Notice.objects.filter(kind="integrations.metric_ready", state="open", subject_id=draft.pk)
        assert list(ready.values_list("to__name", flat=True)) == ["Marta"]  # and no longer Anna
        change_people(version=2, owner=marta.employee, interpreter=henk.employee, **of_it)
        # His signature for HR makes room for the one that is asked of him.
        assert list(MetricSignOff.objects.filter(of=draft).values_list("side", flat=True)) == ["it"]
        assert not ready.exists()
        with pytest.raises(NotSigned):
            announce(draft=draft, version=draft.version, effective_on=date(2099, 1, 1), actor=None, now=NOW)
        waits = Notice.objects.filter(kind="integrations.metric_waits", state="open", subject_id=draft.pk)
        assert list(waits.values_list("to__name", flat=True)) == ["Henk"]
        sign_off(draft=draft, version=draft.version, side=Side.BUSINESS, actor=henk.employee, now=NOW)
        assert not waits.exists()
        sign_off(draft=draft, version=draft.version, side=Side.HR, actor=marta.employee, now=NOW)
        assert list(ready.values_list("to__name", flat=True)) == ["Marta"]  # told once more, of other signatures
        change_people(version=3, owner=anna.employee, interpreter=ada.employee, **of_it)
        assert list(waits.values_list("to__name", flat=True)) == ["Ada"]
        told = Notice.objects.filter(kind="integrations.metric_yours").order_by("pk")
        assert list(told.values_list("to__name", flat=True)) == ["Marta", "Henk", "Ada"]  # Anna did it herself


def test_a_missing_day_stands_beside_the_figure_and_frees_it_at_once_when_closed(deals, define, shelf, anna):
    shelf.hold([deal(1, FIRST)], stream="deals")
    definition = define(AMOUNT)
    synced(deals)
    with use_tenant(1):
        gap = Gap.objects.create(
            connection=deals, stream="deals", kind="missing", on=FIRST, words={"day": f"{FIRST}"}, opened_at=NOW
        )
    page = anna.client.get(f"/t/acme/metrics/{definition.public_id}/").content.decode()
    assert "数据核对中" in page and f"{FIRST}：" in page
    with use_tenant(1):
        asked = Job.objects.filter(kind="goals.bound", payload={"definition": definition.pk})
        before = asked.count()
        close_gap(gap=gap, reason="放假", actor=anna.employee, now=NOW)
        assert asked.count() == before + 1
        filled = {"connection": deals, "stream": "deals", "kind": "count", "on": FIRST, "opened_at": NOW}
        Gap.objects.create(**filled, closed_at=NOW + timedelta(hours=1))  # by the run that brings nothing new
    synced(deals, NOW + timedelta(hours=1))
    with use_tenant(1):
        assert asked.filter(key__startswith="filled").count() == 1 and asked.count() == before + 2


def test_lists_and_figures_take_as_many_queries_for_many_as_for_few(deals, define, shelf, anna):
    shelf.hold([deal(1, FIRST), deal(2, SECOND, "E2")], stream="deals")
    definition = define(AMOUNT)
    synced(deals)
    with use_tenant(1):
        value = MetricValue.objects.filter(subject=None).first()
    urls = [
        "/t/acme/metrics/",
        f"/t/acme/metrics/{definition.public_id}/",
        f"/t/acme/metrics/values/{value.public_id}/",
    ]
    few = [len(page_queries(anna.client, url)) for url in urls]
    rows = [deal(n, FIRST + timedelta(days=n % 3), f"E{n}") for n in range(1, 40)]
    shelf.hold(rows, stream="deals")
    define(AMOUNT, name="又一个")
    define(AMOUNT, name="第三个")
    synced(deals, NOW + timedelta(hours=1))
    with use_tenant(1):
        assert MetricValue.objects.filter(replaced_at=None).count() > 100
        value = MetricValue.objects.filter(subject=None, replaced_at=None).first()
    urls[2] = f"/t/acme/metrics/values/{value.public_id}/"
    assert [len(page_queries(anna.client, url)) for url in urls] == few


def test_while_all_days_are_computed_in_parts_the_page_says_how_far_that_is(define, anna):
    definition = define(AMOUNT)
    url = f"/t/acme/metrics/{definition.public_id}/"
    plan = {"read": {}, "bounds": [["2026-01-01", "2026-02-01"], ["2026-02-01", ""]], "done": 1, "problems": {}}
    with use_tenant(1):
        version = MetricVersion.objects.get()
        MetricVersion.objects.update(computing={**version.computing, **plan})
    page = anna.client.get(url).content.decode()
    assert "共 2 段，已完成 1 段" in page
    assert 'hx-trigger="every 4s"' in page and 'aria-valuenow="50"' in page
    with use_tenant(1):
        Job.objects.filter(kind="integrations.metric").update(state=Job.State.DEAD)
    assert 'id="computing"' not in anna.client.get(url).content.decode()


def test_a_draft_that_was_all_there_was_goes_with_its_metric(form_url, ada, anna):
    assert anna.client.post(form_url, TYPED).status_code == 302
    with use_tenant(1):
        definition = MetricDefinition.objects.get()
    gone = anna.client.post(f"/t/acme/metrics/{definition.public_id}/draft/drop/")
    assert gone.headers["Location"] == "/t/acme/metrics/"
    with use_tenant(1):
        assert not MetricDefinition.objects.exists()

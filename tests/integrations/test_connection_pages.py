"""The pages of connections, as an administrator and an integration owner use them (product.md §5.1-5.3)."""

import json
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from integrations import events
from integrations.actions import connection as actions
from integrations.adapters import registry
from integrations.adapters.base import HandedIn, NeedsReconnect, digest_of
from integrations.models import (
    Batch,
    BatchState,
    Connection,
    ConnectionState,
    Delivery,
    DropFile,
    Gap,
    GapKind,
    QuarantinedRow,
    Record,
    RunState,
    Secret,
    SyncRun,
)
from integrations.presets import PRESETS
from integrations.sealing import unseal
from integrations.views.one import _mapping as mapped_fields
from perfsys.audit.actions import record
from perfsys.audit.models import AuditEntry
from perfsys.tenancy.roles import Role
from perfsys.tenancy.scope import scope_is_open, use_tenant
from tests.cast import take_seat
from tests.conftest import assert_page_queries

from .conftest import NOW, sync
from .fakes import FILES, visit

LIST = "/t/acme/admin/integrations/"
DATA = Path(__file__).parents[1] / "data"
TOKEN = "token-nobody-may-read"


@pytest.fixture(autouse=True)
def _on_that_day(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)


@pytest.fixture
def anna(cast: Any) -> Any:
    """With a session of that day."""
    person = cast("acme", "anna", admin=True)
    person.client.force_login(person.account)
    return person


def page_of(connection: Connection, tab: str = "") -> str:
    return f"{LIST}{connection.public_id}/{tab}"


def typed(anna: Any, **more: str) -> dict[str, str]:
    return {
        "name": "CRM 客户库",
        "asked-base_url": "https://crm.example.com/api",
        "asked-auth": "bearer",
        "secret-token": TOKEN,
        "schedule": "every 60 minutes",
        "owner": str(anna.employee.public_id),
        "key": "one press",
        **more,
    }


def one(anna: Any) -> Connection:
    with anna.scope:
        found: Connection = Connection.objects.select_related("owner").get()
        return found


def verbs(anna: Any) -> list[str]:
    with anna.scope:
        found = AuditEntry.objects.filter(subject_type="integrations.connection").order_by("pk")
        return [entry.verb.partition(".")[2] for entry in found]


# --- setting one up ---------------------------------------------------------------------------------------------------


def test_a_connection_is_set_up_in_two_steps_and_reads_nothing_yet(anna, addresses):
    choose = anna.client.get(f"{LIST}new/")
    assert f'href="{LIST}new/crm/"' in choose.content.decode()
    answer = anna.client.post(f"{LIST}new/crm/", typed(anna))
    made = one(anna)
    assert answer.url == page_of(made)
    assert (made.state, made.owner.name, made.config["base_url"]) == ("draft", "Anna", "https://crm.example.com/api")
    assert made.config["records"] == "data.items"  # the rest is the preset's
    with anna.scope:
        assert not SyncRun.objects.exists()
    assert verbs(anna) == ["connection_made", "secret_set"]


def test_a_double_press_makes_one_connection(anna, addresses):
    answers = [anna.client.post(f"{LIST}new/crm/", typed(anna)) for _ in range(2)]
    assert answers[0].url == answers[1].url == page_of(one(anna))


def test_another_press_with_the_same_name_is_told_so(anna, addresses):
    anna.client.post(f"{LIST}new/crm/", typed(anna))
    answer = anna.client.post(f"{LIST}new/crm/", typed(anna, key="another press"))
    assert answer.status_code == 422
    assert "已有同名的连接" in answer.content.decode()
    assert one(anna)


@pytest.mark.parametrize("wrong", ["crm.example.com", "https://crm.example.com/?q=1", "ftp://crm.example.com", ""])
def test_an_address_that_is_none_is_explained_beside_it(anna, addresses, wrong):
    answer = anna.client.post(f"{LIST}new/crm/", typed(anna, **{"asked-base_url": wrong}))
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "写完整的地址，以 https:// 开头" in text
    assert TOKEN not in text
    with anna.scope:
        assert not Connection.objects.exists()


def test_only_who_may_open_the_page_can_look_after_a_connection(anna, ada, addresses):
    answer = anna.client.post(f"{LIST}new/crm/", typed(anna, owner=str(ada.employee.public_id)))
    assert answer.status_code == 422
    answer = anna.client.get(f"{LIST}new/crm/").content.decode()
    assert "Anna" in answer and "Ada" not in answer


def test_an_integration_owner_keeps_connections_and_nobody_else_does(anna, ada, cast, addresses):
    keeper = take_seat("acme", "kim", Role.EMPLOYEE, Role.INTEGRATION_OWNER)
    assert keeper.client.get(LIST).status_code == 200
    assert keeper.client.get(f"{LIST}new/plm/").status_code == 200
    assert ada.client.get(LIST).status_code == 403


@pytest.mark.parametrize(("way", "kept"), [("bearer", {"token": TOKEN}), ("api_key", {"key": "a-key"}), ("none", None)])
def test_how_it_signs_in_is_chosen_and_only_what_that_needs_is_kept(anna, addresses, way, kept):
    anna.client.post(f"{LIST}new/crm/", typed(anna, **{"asked-auth": way, "secret-key": "a-key"}))
    made = one(anna)
    assert made.config["auth"] == way
    assert secrets(anna) == ([kept] if kept else [])
    settings_page = anna.client.get(page_of(made, "settings/")).content.decode()
    assert f'<option value="{way}" selected>' in settings_page
    change(anna, made, **{"asked-auth": "api_key", "secret-key": "another"})
    assert (one(anna).config["auth"], secrets(anna)) == ("api_key", [{"key": "another"}])


def test_a_key_in_the_text_of_the_configuration_is_sent_to_its_own_field(anna, crm):
    text = {**crm.config, "headers": {"X-Auth-Token": "geheim-4711"}}
    answer = change(anna, crm, more=json.dumps(text))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "“headers.X-Auth-Token”看起来是登录凭据" in page and "“auth_header”" in page
    assert "headers" not in one(anna).config


def test_who_comes_to_change_the_text_finds_it_open(anna, crm):
    opened = page_of(crm, "settings/?text=1")
    assert f'href="{opened}#advanced"' in anna.client.get(page_of(crm, "fields/")).content.decode()
    assert 'id="advanced" open>' in anna.client.get(opened).content.decode()
    assert 'id="advanced">' in anna.client.get(page_of(crm, "settings/")).content.decode()


def test_a_field_says_everything_it_is_used_for():
    [changes] = registry.adapter_named("csv_drop").streams({**PRESETS["plm"].config})
    means = {one["path"]: one["means"] for one in mapped_fields(changes)["fields"]}
    assert means["对象编号"] == "用来区分每一行、写了同一编号的目标的证据：图纸或文档、报告或单据、工单"
    assert means["责任人工号"] == "这条记录归谁：责任人"


# --- its adapter is not installed any more ----------------------------------------------------------------------------


@pytest.fixture
def left_behind(anna: Any, connection: Connection, shelf: Any, monkeypatch: pytest.MonkeyPatch) -> Connection:
    """Read once, then its adapter is taken off the server."""
    shelf.hold([visit(1), visit(2, at=None)])
    sync(connection)
    monkeypatch.delitem(registry.ADAPTERS, shelf.name)  # type: ignore[arg-type]
    return connection


@pytest.mark.parametrize("tab", ["", "runs/", "rows/", "fields/", "changes/", "settings/"])
def test_every_page_of_a_connection_without_its_adapter_opens_and_says_so(anna, left_behind, tab):
    answer = anna.client.get(page_of(left_behind, tab))
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "这台服务器上已经没有“shelf”这个适配器" in page and "请运维把适配器装回来" in page
    assert "sync/" not in page and 'name="more"' not in page
    assert "这台服务器上已经没有“shelf”这个适配器" in anna.client.get(LIST).content.decode()


@pytest.mark.parametrize("press", ["test/", "preview/", "switch-on/", "rows/take-in/", "settings/", "files/"])
def test_nothing_pressed_there_fails_or_changes_anything(anna, left_behind, press):
    with anna.scope:
        Connection.objects.update(state=ConnectionState.PAUSED, next_due_at=None)
    before = one(anna)
    answer = anna.client.post(page_of(left_behind, press), {**typed(anna), "more": "{}", "every": "on"}, follow=True)
    assert answer.status_code == {"rows/take-in/": 422, "settings/": 422, "files/": 404}.get(press, 200)
    if press != "files/":
        assert "这台服务器上已经没有“shelf”这个适配器" in answer.content.decode()
    after = one(anna)
    assert (after.config, after.name, after.version) == (before.config, before.name, before.version)
    with anna.scope:
        assert QuarantinedRow.objects.get().state == "waiting"


def test_a_configuration_cannot_be_kept_without_what_understands_it(anna, left_behind):
    with anna.scope, pytest.raises(actions.DoesNotFit, match="shelf"):
        actions.change_connection(
            connection=left_behind,
            version=left_behind.version,
            name="",
            config={},
            owner=anna.employee,
            schedule="daily 02:00",
            secret={},
            actor=None,
            now=NOW,
        )


# --- what it signs in with --------------------------------------------------------------------------------------------


@pytest.fixture
def crm(anna: Any, addresses: None) -> Connection:
    anna.client.post(f"{LIST}new/crm/", typed(anna))
    return one(anna)


def change(anna: Any, connection: Connection, **more: str) -> Any:
    now = one(anna)
    rest = {name: value for name, value in now.config.items() if name not in ("base_url", "auth")}
    given = typed(anna, version=str(now.version), more=json.dumps(rest), **{"secret-token": ""})
    return anna.client.post(page_of(connection, "settings/"), {**given, **more})


def secrets(anna: Any) -> list[dict[str, str]]:
    with anna.scope:
        return [unseal(row) for row in Secret.objects.all()]


def test_a_secret_is_kept_sealed_and_no_page_shows_it_again(anna, crm):
    assert secrets(anna) == [{"token": TOKEN}]
    with anna.scope:
        assert TOKEN.encode() not in bytes(Secret.objects.get().sealed)
        said = list(AuditEntry.objects.values_list("details", flat=True))
    assert TOKEN not in str(said) + str(crm.config)
    for tab in ("", "settings/", "changes/", "fields/", "runs/"):
        assert TOKEN not in anna.client.get(page_of(crm, tab)).content.decode()
    text = anna.client.get(page_of(crm, "settings/")).content.decode()
    assert "由Anna填写，已加密，不再显示" in text


def test_without_a_key_to_seal_it_with_that_is_said_and_nothing_is_made(anna, addresses, settings):
    settings.PRODUCTION, settings.INTEGRATION_KEYS = True, []
    answer = anna.client.post(f"{LIST}new/crm/", typed(anna))
    assert answer.status_code == 422
    assert "联系运维配置 INTEGRATION_KEYS" in answer.content.decode()
    with anna.scope:
        assert not Connection.objects.exists()
    assert anna.client.post(f"{LIST}new/crm/", typed(anna, **{"secret-token": ""})).status_code == 302


def test_leaving_it_empty_keeps_it_and_typing_one_replaces_it(anna, crm):
    assert change(anna, crm, name="另一个名字").status_code == 302
    assert secrets(anna) == [{"token": TOKEN}]
    assert change(anna, crm, **{"secret-token": "another"}).status_code == 302
    assert secrets(anna) == [{"token": "another"}]


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/api", "https://crm.example.com:8443/api", "http://crm.example.com/api"]
)
def test_what_was_told_to_one_host_is_never_sent_to_another(anna, crm, elsewhere):
    assert change(anna, crm, **{"asked-base_url": elsewhere}).status_code == 302
    assert secrets(anna) == []
    assert "原来的登录凭证已作废" in anna.client.get(page_of(crm, "changes/")).content.decode()


def test_another_path_of_the_same_host_keeps_it(anna, crm):
    assert change(anna, crm, **{"asked-base_url": "https://CRM.example.com/api/v2"}).status_code == 302
    assert secrets(anna) == [{"token": TOKEN}]


def test_a_new_address_and_its_own_secret_go_together(anna, crm):
    change(anna, crm, **{"asked-base_url": "https://new.example.com", "secret-token": "for the new one"})
    assert secrets(anna) == [{"token": "for the new one"}]


def test_a_host_that_was_named_beside_the_one_that_is_called_does_not_become_it(anna, crm):
    rest = {name: value for name, value in crm.config.items() if name not in ("base_url", "auth")}
    rest["streams"][0]["params"] = {"ref": "https://evil.example"}
    assert change(anna, crm, more=json.dumps(rest), **{"secret-token": "typed later"}).status_code == 302
    assert secrets(anna) == [{"token": "typed later"}]
    assert change(anna, crm, **{"asked-base_url": "https://evil.example"}).status_code == 302
    assert secrets(anna) == []


# --- changing it ------------------------------------------------------------------------------------------------------


def test_changes_stand_in_its_history_in_words(anna, crm):
    change(anna, crm, schedule="daily 02:00", name="客户系统")
    text = anna.client.get(page_of(crm, "changes/")).content.decode()
    assert "从“每小时”改为“每天 02:00”" in text and "从“CRM 客户库”改为“客户系统”" in text
    change(anna, crm, **{"asked-base_url": "https://crm.example.com/v2"})
    assert "配置：系统的地址" in anna.client.get(page_of(crm, "changes/")).content.decode()


def test_who_saves_what_somebody_else_has_changed_loses_nothing_typed_and_no_secret_is_shown(anna, crm):
    answer = change(anna, crm, version="0", name="我的名字", **{"secret-token": "just typed"})
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "我的名字" in text and "just typed" not in text
    assert one(anna).name == "CRM 客户库"
    assert secrets(anna) == [{"token": TOKEN}]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ('{"auth": "bearer",\n "streams": [}', "第 2 行附近不对"),
        ("[]", "以 { 开头"),
        ('{"streams": []}', "“streams”"),
        ("[" * 100_000, "嵌套太深"),
        ('{"streams": [], "limit": NaN}', "有一个数存不下"),
        ('{"streams": [], "limit": 1e999}', "有一个数存不下"),
        ('{"limit": ' + "9" * 5000 + "}", "有一个数存不下"),
        ('{"streams": [], "label": "\\u0000"}', "存不下的字符"),
    ],
)
def test_a_configuration_that_does_not_fit_is_explained_and_kept_as_typed(anna, crm, more, said):
    answer = change(anna, crm, more=more)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert "<details" in text and 'id="advanced" open' in " ".join(text.split())
    assert one(anna).version == crm.version


def test_another_configuration_of_one_that_is_on_pauses_it_until_it_was_tested(anna, crm):
    with anna.scope:
        Connection.objects.update(state=ConnectionState.ON, tested_at=NOW, next_due_at=NOW)
    assert change(anna, crm, name="nur der Name").status_code == 302
    assert one(anna).state == "on"
    assert change(anna, crm, **{"asked-base_url": "https://crm.example.com/v2"}).status_code == 302
    now = one(anna)
    assert (now.state, now.tested_at, now.next_due_at) == ("paused", None, None)
    assert anna.client.post(page_of(crm, "switch-on/")).status_code == 302
    assert one(anna).state == "paused"


# --- test, preview, on, paused, read ----------------------------------------------------------------------------------


def test_it_is_tested_looked_at_and_switched_on_and_then_read(anna, shelf, connect):
    shelf.hold([visit(1), visit(2, amount="viel")])
    in_a_transaction: list[bool] = []
    shelf.before_page = lambda _place: in_a_transaction.append(scope_is_open())
    connection = connect(state=ConnectionState.DRAFT, tested_at=None, next_due_at=None)
    anna.client.post(page_of(connection, "switch-on/"))
    assert one(anna).state == "draft"  # not before it was tested

    anna.client.post(page_of(connection, "test/"))
    assert one(anna).tested_at == NOW
    looked = anna.client.post(page_of(connection, "preview/")).content.decode()
    assert in_a_transaction == [False, False]
    assert "拜访 1" in looked and "1 行会先搁置" in looked and "viel" in looked
    with anna.scope:
        assert not Record.objects.exists() and not SyncRun.objects.exists()

    anna.client.post(page_of(connection, "switch-on/"))
    anna.client.post(page_of(connection, "switch-on/"))
    now = one(anna)
    assert now.state == "on" and now.next_due_at is not None and now.next_due_at > NOW
    with anna.scope:
        assert SyncRun.objects.get().asked_by == anna.employee
    assert verbs(anna) == ["connection_tested", "switched_on", "sync_asked"]


def test_a_failing_test_says_why_and_what_to_do_and_counts_for_nothing(anna, shelf, connect):
    shelf.hold(NeedsReconnect("sign_in_refused", host="crm.example.com"))
    connection = connect(state=ConnectionState.DRAFT, tested_at=None, next_due_at=None)
    answer = anna.client.post(page_of(connection, "test/"), follow=True).content.decode()
    assert "crm.example.com 不让这个连接登录" in answer and "重新填写" in answer
    assert one(anna).tested_at is None
    shelf.hold(NeedsReconnect("sign_in_refused", host="crm.example.com"))
    assert "不让这个连接登录" in anna.client.post(page_of(connection, "preview/")).content.decode()


def test_paused_it_is_not_read_and_pausing_twice_is_pausing_once(anna, connection):
    for _ in range(2):
        anna.client.post(page_of(connection, "pause/"))
    now = one(anna)
    assert (now.state, now.next_due_at) == ("paused", None)
    anna.client.post(page_of(connection, "sync/"))
    with anna.scope:
        assert not SyncRun.objects.exists()
    assert verbs(anna) == ["paused"]


def test_a_run_is_shown_while_it_waits_and_the_browser_sent_on_when_it_has_ended(anna, shelf, connection):
    shelf.hold([visit(1)])
    anna.client.post(page_of(connection, "sync/"))
    text = anna.client.get(page_of(connection)).content.decode()
    assert 'hx-trigger="every 2s"' in text and "正在排队" in text
    waiting = anna.client.get(page_of(connection, "status/"))
    assert "HX-Redirect" not in waiting.headers and "正在排队" in waiting.content.decode()
    anna.client.post(page_of(connection, "sync/"))
    anna.client.post(f"{LIST}sync/")
    with anna.scope:
        run = SyncRun.objects.get()
        SyncRun.objects.update(state=RunState.DONE, finished_at=NOW)
    assert run.state == RunState.WAITING
    assert anna.client.get(page_of(connection, "status/")).headers["HX-Redirect"] == page_of(connection)


def test_reading_all_reads_those_that_are_on(anna, connect):
    connect()
    connect(state=ConnectionState.PAUSED, next_due_at=None)
    anna.client.post(f"{LIST}sync/")
    with anna.scope:
        assert SyncRun.objects.count() == 1


def test_the_page_says_what_is_held_and_how_the_last_run_went(anna, shelf, connection):
    shelf.hold([visit(1), visit(2), visit(3, at="gestern")])
    sync(connection)
    text = anna.client.get(page_of(connection)).content.decode()
    assert "读到 3 行：新增 2 条、搁置 1 行" in text
    assert "2026-11-01" in text
    assert 'class="n warm"' not in text  # nothing is missing


def test_a_stopped_one_says_why_and_asks_for_a_test_before_it_goes_on(anna, shelf, connection):
    shelf.hold(NeedsReconnect("sign_in_refused", host="crm.example.com"))
    sync(connection)
    text = anna.client.get(page_of(connection)).content.decode()
    assert "它停了，等你处理" in text and "crm.example.com 不让这个连接登录" in text
    anna.client.post(page_of(connection, "switch-on/"))
    assert one(anna).state == "stopped"
    shelf.hold([visit(1)])
    anna.client.post(page_of(connection, "test/"))
    anna.client.post(page_of(connection, "switch-on/"))
    assert one(anna).state == "on"


# --- gaps and rows ----------------------------------------------------------------------------------------------------


@pytest.fixture
def gap(anna: Any, connection: Connection) -> Gap:
    with anna.scope:
        made: Gap = Gap.objects.create(
            connection=connection, stream="visits", kind=GapKind.MISSING, on=date(2026, 11, 18), opened_at=NOW
        )
        return made


def test_a_gap_is_closed_with_a_reason_that_stands_beside_it(anna, connection, gap):
    address = f"{LIST}gaps/{gap.public_id}/close/"
    refused = anna.client.post(address, {"reason": " "})
    assert refused.status_code == 422 and "写半句话" in refused.content.decode()
    assert anna.client.post(address, {"reason": "工厂放假"}).status_code == 302
    assert anna.client.post(address, {"reason": "又一次"}).status_code == 302
    text = anna.client.get(page_of(connection)).content.decode()
    assert "由Anna关闭：工厂放假" in text and "又一次" not in text
    assert verbs(anna) == ["gap_closed"]


def test_days_that_will_never_come_are_closed_together(anna, connection, gap):
    with anna.scope:
        Gap.objects.bulk_create(
            Gap(connection=connection, stream="visits", kind=kind, on=date(2026, 10, day), opened_at=NOW)
            for day in range(1, 32)
            for kind in (GapKind.MISSING, GapKind.SMALL)
        )
    text = anna.client.get(page_of(connection)).content.decode()
    assert "缺的日子全部关闭" in text and "还有 33 处没有关闭" in text
    assert (
        anna.client.post(f"{LIST}gaps/{gap.public_id}/close/", {"reason": "周末不导出", "days": "all"}).status_code
        == 302
    )
    with anna.scope:
        assert set(Gap.objects.filter(closed_at=None).values_list("kind", flat=True)) == {GapKind.SMALL}
        assert len(AuditEntry.objects.get(verb=events.GAP_CLOSED).details["on"]) == 32


def test_the_list_and_the_navigation_say_what_is_missing(anna, connection, gap):
    text = anna.client.get(LIST).content.decode()
    assert "有 1 处缺口" in text and "2026 年 11 月 18 日的数据没有来" in text
    assert '<span class="n warm">1</span>' in text


def set_aside(anna: Any, connection: Connection, shelf: Any) -> list[str]:
    shelf.hold([visit(1, at=None), visit(2, at=None), visit(3)])
    sync(connection)
    with anna.scope:
        return [str(row.public_id) for row in QuarantinedRow.objects.order_by("external_id")]


def states(anna: Any) -> list[str]:
    with anna.scope:
        return list(QuarantinedRow.objects.order_by("external_id").values_list("state", flat=True))


def test_rows_are_dropped_or_tried_again_as_ticked(anna, shelf, connection):
    first, second = set_aside(anna, connection, shelf)
    text = anna.client.get(page_of(connection, "rows/")).content.decode()
    assert text.count('name="rows"') == 2 and "拜访 1" in text
    assert anna.client.post(page_of(connection, "rows/drop/")).status_code == 422
    anna.client.post(page_of(connection, "rows/drop/"), {"rows": [first]})
    assert states(anna) == ["dropped", "waiting"]
    with anna.scope:  # mended by hand, as a change of the mapping would
        row = QuarantinedRow.objects.get(public_id=second)
        row.payload = visit(2)
        row.save()
    again = anna.client.post(page_of(connection, "rows/take-in/"), {"every": "on"}, follow=True).content.decode()
    assert "收进 1 行" in again
    assert states(anna) == ["dropped", "replayed"]
    assert 'name="rows"' not in anna.client.get(page_of(connection, "rows/?state=dropped")).content.decode()


def test_rows_of_another_connection_are_not_found_here(anna, shelf, connect):
    here, there = connect(), connect()
    first, _second = set_aside(anna, there, shelf)
    answer = anna.client.post(page_of(here, "rows/drop/"), {"rows": [first]})
    assert answer.status_code == 404
    assert states(anna) == ["waiting", "waiting"]
    assert anna.client.post(page_of(here, "rows/drop/"), {"rows": ["no id"]}).status_code == 422


# --- files ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def plm(anna: Any, addresses: None) -> Connection:
    anna.client.post(f"{LIST}new/plm/", typed(anna, **{"asked-folder": ""}))
    return one(anna)


def file(name: str = "PLM_20261118.csv", content: bytes = b"a,b\n") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, "text/csv")


def test_files_are_handed_in_several_at_once_and_the_same_ones_once(anna, plm):
    address = page_of(plm, "files/")
    for _ in range(2):
        anna.client.post(address, {"handed": [file(), file("PLM_20261119.csv")]})
    with anna.scope:
        held = {found.name: found for found in DropFile.objects.all()}
    assert sorted(held) == ["PLM_20261118.csv", "PLM_20261119.csv"]
    assert held["PLM_20261118.csv"].digest == digest_of("PLM_20261118.csv", b"a,b\n")
    assert verbs(anna) == ["connection_made", "files_handed_in"]
    assert "2 个文件已经交进来" in anna.client.get(address).content.decode()


def test_more_files_than_go_at_once_are_told_how_many_do(anna, plm, settings):
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 3
    answer = anna.client.post(page_of(plm, "files/"), {"handed": [file(f"PLM_2026111{day}.csv") for day in range(4)]})
    assert answer.status_code == 413
    assert "一次最多 3 个，这次一个也没有读" in answer.content.decode()
    with anna.scope:
        assert not DropFile.objects.exists()


def test_files_of_one_that_is_on_are_read_at_once(anna, plm):
    anna.client.post(page_of(plm, "test/"))
    anna.client.post(page_of(plm, "switch-on/"))
    with anna.scope:
        SyncRun.objects.update(state=RunState.DONE, finished_at=NOW)
    anna.client.post(page_of(plm, "files/"), {"handed": [file()]})
    with anna.scope:
        assert SyncRun.objects.filter(state=RunState.WAITING).count() == 1


def test_nothing_an_empty_file_and_one_too_large_are_each_explained(anna, plm, monkeypatch):
    address = page_of(plm, "files/")
    assert "至少选一个文件" in anna.client.post(address).content.decode()
    assert "有一个文件是空的" in anna.client.post(address, {"handed": [file(content=b"")]}).content.decode()
    monkeypatch.setattr("integrations.forms.connection.FILES_BYTES", 7)
    assert "请分几次交" in anna.client.post(address, {"handed": [file(), file()]}).content.decode()
    monkeypatch.setattr("integrations.forms.connection.FILE_BYTES", 3)
    assert "请按天拆开" in anna.client.post(address, {"handed": [file()]}).content.decode()
    with anna.scope:
        assert not DropFile.objects.exists()


def test_a_file_under_a_name_that_nobody_reads_is_refused_with_a_word(anna, plm):
    file = SimpleUploadedFile("PLM_20260826 (1).csv", b"x")
    answer = anna.client.post(page_of(plm, "files/"), {"handed": file})
    assert answer.status_code == 422
    assert "这里不读取名为 PLM_20260826 (1).csv 的文件" in answer.content.decode()
    with anna.scope:
        assert not DropFile.objects.exists()


def test_a_connection_that_fetches_by_itself_takes_no_files(anna, crm):
    assert anna.client.get(page_of(crm, "files/")).status_code == 404
    assert anna.client.post(page_of(crm, "files/"), {"handed": [file()]}).status_code == 404


def test_a_file_that_was_not_loaded_says_why(anna, plm):
    with anna.scope:
        Batch.objects.create(
            connection=plm,
            stream="changes",
            on=date(2026, 11, 18),
            name="PLM_20261118.csv",
            digest="0" * 64,
            rows=16,
            state=BatchState.REFUSED,
            reason="truncated",
            seen_at=NOW,
        )
    text = anna.client.get(page_of(plm, "files/?state=refused")).content.decode()
    assert "PLM_20261118.csv" in text and "2026 年 11 月 18 日" in text
    assert "PLM_20261118.csv" not in anna.client.get(page_of(plm, "files/?state=loaded")).content.decode()


# --- where the day begins ---------------------------------------------------------------------------------------------


def test_whoever_keeps_connections_begins_where_one_has_stopped(anna, ada, connection):
    assert anna.client.get("/t/acme/").url == "/t/acme/week/"
    with anna.scope:
        Connection.objects.update(state=ConnectionState.STOPPED, next_due_at=None, stopped_because="sign_in_refused")
    assert anna.client.get("/t/acme/").url == LIST
    ada.client.force_login(ada.account)
    assert ada.client.get("/t/acme/").url == "/t/acme/week/"


# --- how many queries -------------------------------------------------------------------------------------------------


def fill(anna: Any, connection: Connection, number: int) -> None:
    """Everything a page lists, `number` of each."""
    moment = NOW - timedelta(days=1)
    with anna.scope:
        runs = [
            SyncRun.objects.create(
                connection=connection, key=f"{connection.pk}-{n}", state=RunState.DONE, asked_at=moment,
                finished_at=moment, asked_by=anna.employee, counts={"visits": {"pulled": n}},
            )
            for n in range(number)
        ]  # fmt: skip
        first = SimpleNamespace(connection=connection, stream="visits")
        for n in range(number):
            on = date(2026, 9, 1) + timedelta(days=n)
            about = {**vars(first)}
            Gap.objects.create(**about, kind="missing", on=on, opened_at=moment)
            Gap.objects.create(
                **about, kind="small", on=on, opened_at=moment, closed_at=moment, closed_by=anna.employee,
                closed_because="ok",
            )  # fmt: skip
            QuarantinedRow.objects.create(
                **about, run=runs[0], payload={}, digest=f"{n:032}", reason="key_missing", at=moment
            )
            record(events.PAUSED, subject=connection, actor=anna.employee, at=moment)
            Batch.objects.create(
                **about, on=on, name="f", digest=f"{n:064}", rows=1, state=BatchState.LOADED, seen_at=moment
            )


# 1 session, 1 account, 1 scope, 1 employee, 1 inbox count, 1 open gaps beside the menu
AROUND = 6
# and 1 connection with owner, 1 open gaps with rows aside, 1 run under way
FRAME = AROUND + 3
PAGES = {
    "": AROUND + 9,  # 1 connection, 6 its health, 1 gaps, 1 runs
    "runs/": FRAME + 2,  # 1 count, 1 runs
    "rows/": FRAME + 2,  # 1 count, 1 rows
    "files/": FRAME + 3,  # 1 files that wait, 1 count, 1 files
    "fields/": FRAME,
    "changes/": FRAME + 2,  # 1 count, 1 entries
    "settings/": AROUND + 3,  # 1 connection, 1 when the secret was set, 1 possible owners
}


@pytest.mark.parametrize("tab", PAGES)
def test_a_page_of_one_connection_asks_the_same_at_any_size(anna, connect, shelf, tab):
    shelf.takes_files, shelf.declared = True, (FILES,)
    small, large = connect(), connect()
    fill(anna, small, 1)
    fill(anna, large, 25)
    for connection in (small, large):
        assert_page_queries(anna.client, page_of(connection, tab), PAGES[tab])


def test_the_page_of_one_whole_file_asks_the_same_however_often_it_was_handed_in(anna, connect):
    config = {"file": "mes.sqlite", "streams": PRESETS["mes_file"].config["streams"]}
    connection = connect(adapter="sql_file", config=config, state=ConnectionState.DRAFT, next_due_at=None)
    for number in (1, 7):
        with anna.scope:
            files = [HandedIn("mes.sqlite", bytes([number, n])) for n in range(number)]
            actions.hand_in_files(connection=connection, files=files, actor=anna.employee, now=NOW)
        # 1 when it was last read, 1 files with whom handed them in
        assert_page_queries(anna.client, page_of(connection, "files/"), FRAME + 2)


def test_the_list_asks_the_same_for_1_and_12(anna, connect):
    # 5 of the page: gaps, streams, rows aside, connections, pairs of metrics
    fill(anna, connect(), 1)
    assert_page_queries(anna.client, LIST, AROUND + 5)
    for _ in range(11):
        fill(anna, connect(), 3)
    assert_page_queries(anna.client, LIST, AROUND + 5)


def test_a_stranger_finds_none_of_it(otto, connection):
    otto.client.force_login(otto.account)
    assert otto.client.get(page_of(connection)).status_code == 404
    with use_tenant(connection.tenant_id):
        assert Connection.objects.get().state == "on"
    assert Client().get(page_of(connection)).status_code == 302


def test_one_that_was_never_switched_on_can_be_deleted_with_its_secret_and_files(anna, connect):
    draft = connect(state=ConnectionState.DRAFT, next_due_at=None)
    with anna.scope:
        actions.set_secret(connection=draft, secret={"token": TOKEN}, actor=None, now=NOW)
        DropFile.objects.create(connection=draft, name="a.csv", content=b"1", digest="0" * 64, at=NOW)
    assert page_of(draft, "delete/") in anna.client.get(page_of(draft, "settings/")).content.decode()
    assert anna.client.post(page_of(draft, "delete/")).headers["Location"] == LIST
    assert anna.client.post(page_of(draft, "delete/")).status_code == 404
    with anna.scope:
        assert not (Connection.objects.exists() or Secret.objects.exists() or DropFile.objects.exists())
        assert AuditEntry.objects.get(verb=events.DRAFT_DELETED).details == {"name": draft.name}


def test_one_that_was_switched_on_is_paused_and_not_deleted(anna, connection):
    assert page_of(connection, "delete/") not in anna.client.get(page_of(connection, "settings/")).content.decode()
    told = anna.client.post(page_of(connection, "delete/"), follow=True)
    assert "暂停" in told.content.decode()
    with anna.scope:
        assert Connection.objects.get() == connection


# --- databases --------------------------------------------------------------------------------------------------------

AT = {"dialect": "mysql", "host": "mes.acme.lan", "port": "3306", "database": "MES", "user": "reader"}


def typed_for_mes(anna: Any, **more: str) -> dict[str, str]:
    given = {**typed(anna), "name": "MES", "secret-password": "s3cret", **{f"asked-{k}": v for k, v in AT.items()}}
    return {**given, **more}


def test_a_database_is_set_up_with_words_for_each_field_and_its_password_sealed(anna, addresses):
    page = anna.client.get(f"{LIST}new/mes/").content.decode()
    assert all(f'name="asked-{name}"' in page for name in AT) and 'name="secret-password"' in page
    assert "数据库主机" in page and "SQL Server" in page
    answer = anna.client.post(f"{LIST}new/mes/", typed_for_mes(anna, **{"asked-port": "70000", "asked-host": "a b"}))
    assert answer.status_code == 422 and "s3cret" not in answer.content.decode()
    assert "1 到 65535" in answer.content.decode()
    assert anna.client.post(f"{LIST}new/mes/", typed_for_mes(anna)).status_code == 302
    made = one(anna)
    assert made.config["port"] == 3306 and secrets(anna) == [{"password": "s3cret"}]
    tested = anna.client.post(page_of(made, "test/"), follow=True).content.decode()
    assert "mes.acme.lan 不在" in tested  # of the hosts the operator has listed


@pytest.mark.parametrize("elsewhere", [{"host": "evil.lan"}, {"port": "3307"}])
def test_the_password_of_a_database_is_never_sent_to_another(anna, addresses, elsewhere):
    anna.client.post(f"{LIST}new/mes/", typed_for_mes(anna))
    made = one(anna)
    rest = {name: value for name, value in made.config.items() if name not in AT}
    given = {"version": str(made.version), "more": json.dumps(rest), "secret-password": ""}
    same = typed_for_mes(anna, **given, **{"asked-user": "another"})
    assert anna.client.post(page_of(made, "settings/"), same).status_code == 302
    assert secrets(anna) == [{"password": "s3cret"}]
    moved = {f"asked-{name}": value for name, value in elsewhere.items()}
    there = typed_for_mes(anna, **{**given, "version": str(one(anna).version)}, **moved)
    assert anna.client.post(page_of(made, "settings/"), there).status_code == 302
    assert secrets(anna) == []


def test_a_select_that_writes_is_refused_with_the_word_that_does(anna, addresses):
    anna.client.post(f"{LIST}new/mes/", typed_for_mes(anna))
    made = one(anna)
    rest = {name: value for name, value in made.config.items() if name not in AT}
    del rest["streams"][0]["table"]
    rest["streams"][0]["select"] = "SELECT 1; DROP TABLE t"
    given = {"version": str(made.version), "more": json.dumps(rest), "secret-password": ""}
    answer = anna.client.post(page_of(made, "settings/"), typed_for_mes(anna, **given))
    assert answer.status_code == 422 and "只读取的 SELECT" in answer.content.decode()


def test_the_file_of_a_database_is_handed_in_tested_looked_at_and_read(anna, addresses, monkeypatch):
    anna.client.post(f"{LIST}new/mes_file/", typed(anna, **{"asked-file": "mes.sqlite", "asked-folder": ""}))
    made, content = one(anna), (DATA / "mes.sqlite").read_bytes()
    assert "名为 mes.sqlite" in anna.client.get(page_of(made, "files/")).content.decode()
    anna.client.post(page_of(made, "files/"), {"handed": [SimpleUploadedFile("mes.sqlite", b"SQLite format 3\0")]})
    assert "不是 SQLite 数据库" in anna.client.post(page_of(made, "test/"), follow=True).content.decode()
    anna.client.post(page_of(made, "files/"), {"handed": [SimpleUploadedFile("mes.sqlite", content)]})
    anna.client.post(page_of(made, "test/"))
    assert one(anna).tested_at == NOW
    looked = anna.client.post(page_of(made, "preview/"), {"stream": "work_orders"}).content.decode()
    assert "MES-WO-2607-0001" in looked and "1119" in looked.replace(",", "") and "这些行都对得上" in looked
    assert "1 个文件已经交进来" in anna.client.get(page_of(made, "files/")).content.decode()
    monkeypatch.setattr("integrations.forms.connection.FILE_BYTES", 3)
    refused = anna.client.post(page_of(made, "files/"), {"handed": [SimpleUploadedFile("mes.sqlite", content)]})
    assert "放在文件夹里的文件可以读到 64.0" in refused.content.decode()


# --- other ways to reach a system -------------------------------------------------------------------------------------


def filled_in(anna: Any, **more: str) -> dict[str, str]:
    rest = {"asked-records": "data.items", "asked-paging.kind": "none", "asked-auth": "none", "secret-token": ""}
    return typed(anna, **{**rest, **more})


def test_what_belongs_to_a_choice_is_asked_for_with_it_alone(anna, addresses):
    answer = anna.client.post(f"{LIST}new/rest/", filled_in(anna))
    made = one(anna)
    assert answer.url == page_of(made)
    assert (made.config["paging"], made.config["records"]) == ({"kind": "none"}, "data.items")
    assert not {"session", "auth_header"} & made.config.keys()
    page = anna.client.get(page_of(made, "settings/")).content.decode()
    assert 'data-with="kind" data-is="cursor next_url"' in page and 'data-with="auth" data-is="basic session"' in page


def test_a_login_and_its_pages_are_described_in_the_browser(anna, addresses):
    login = {"session.path": "/login", "session.user": "u.name", "session.password": "u.word"}
    pages = {"paging.kind": "offset", "paging.param": "o", "paging.size": "200", "paging.size_param": "n"}
    fields = {f"asked-{name}": value for name, value in {**login, **pages, "auth": "session"}.items()}
    anna.client.post(f"{LIST}new/rest/", filled_in(anna, **fields, **{"secret-user": "perf", "secret-password": TOKEN}))
    made = one(anna)
    assert made.config["session"] == {"path": "/login", "user": "u.name", "password": "u.word"}
    assert made.config["paging"] == {"kind": "offset", "param": "o", "size": 200, "size_param": "n"}
    with anna.scope:
        assert unseal(Secret.objects.get()) == {"user": "perf", "password": TOKEN}


@pytest.mark.parametrize("in_the_way", [[], "x", None])
def test_a_field_counts_where_the_text_has_something_in_its_way(anna, addresses, in_the_way):
    anna.client.post(f"{LIST}new/rest/", filled_in(anna))
    made = one(anna)
    text = json.dumps({"streams": made.config["streams"], "paging": in_the_way})
    given = filled_in(anna, version=str(made.version), more=text, **{"asked-base_url": made.config["base_url"]})
    answer = anna.client.post(page_of(made, "settings/"), given)
    assert answer.status_code == 302 and one(anna).config["paging"] == {"kind": "none"}


@pytest.mark.parametrize(
    ("chosen", "place"),
    [
        ({"asked-paging.kind": "page"}, "asked-paging.param"),
        ({"asked-paging.kind": "cursor", "asked-paging.param": "c"}, "asked-paging.next"),
        ({"asked-auth": "oauth2"}, "asked-token_url"),
        ({"asked-auth": "session", "asked-session.path": "/in", "asked-session.user": "u"}, "asked-session.password"),
        ({"asked-paging.size": "many"}, "asked-paging.size"),
    ],
)
def test_what_a_choice_needs_is_asked_for_beside_its_field(anna, addresses, chosen, place):
    answer = anna.client.post(f"{LIST}new/rest/", filled_in(anna, **chosen))
    assert answer.status_code == 422 and list(answer.context["form"].errors) == [place]


@pytest.fixture
def hook(anna, connect) -> Connection:
    made: Connection = connect(adapter="webhook", preset="webhook", config=PRESETS["webhook"].config)
    with anna.scope:
        for secret in ("the-first-secret-of-many", "the-second-secret-of-many"):
            actions.set_secret(connection=made, secret={"secret": secret}, actor=anna.employee, now=NOW)
    return made


def test_the_page_of_messages_says_where_to_send_and_ends_an_old_secret(anna, hook):
    page = anna.client.get(page_of(hook, "deliveries/")).content.decode()
    assert f"/t/acme/hooks/{hook.public_id}/" in page and "停用旧密钥" in page and "secret-of-many" not in page
    for _ in range(2):
        assert anna.client.post(page_of(hook, "end-secret/")).url == page_of(hook, "deliveries/")
    assert "停用旧密钥" not in anna.client.get(page_of(hook, "deliveries/")).content.decode()
    assert verbs(anna).count("previous_secret_ended") == 1
    with anna.scope:
        assert unseal(Secret.objects.get()) == {"secret": "the-second-secret-of-many"}


def test_the_page_of_messages_asks_the_same_at_any_size(anna, hook):
    def send(number: int) -> None:
        with anna.scope:
            kept = {"packed": b"", "size": 7, "received_at": NOW}
            Delivery.objects.create(connection=hook, key=f"m-{number}", digest=f"{number:064}", **kept)

    # 7 of the page: connection with owner, what is open and aside, run, how many and which came, waiting, secret
    for number in range(12):
        send(number)
        if number in (0, 11):
            assert_page_queries(anna.client, page_of(hook, "deliveries/"), AROUND + 7)


def test_one_that_asks_by_itself_has_no_page_of_messages(anna, connection):
    assert anna.client.get(page_of(connection, "deliveries/")).status_code == 404

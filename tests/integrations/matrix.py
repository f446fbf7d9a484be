"""Rows of the connections: administrators and integration owners; a connection of everything for the sweep."""

from datetime import date
from typing import Any

from django.utils import timezone

from integrations.models import (
    Connection,
    Delivery,
    DropFile,
    Gap,
    QuarantinedRow,
    Record,
    RunState,
    SyncRun,
)
from integrations.presets import PRESETS
from tests.matrix import Company, Row, everybody

NOT_FOR = {"owner": 403, "colleague": 403, "manager": 403, "hrbp": 403}
ON = date(2026, 11, 20)
FIELDS = {"asked-folder": "", "schedule": "daily 02:00", "key": "matrix"}


def populate(company: Company) -> None:
    now, preset = timezone.now(), PRESETS["plm"]
    company.connection = connection = Connection.objects.create(
        name=f"{company.canary} 图纸库",
        adapter=preset.adapter,
        preset=preset.name,
        config=preset.config,
        owner=company.admin.employee,
        made_at=now,
    )
    company.hook = Connection.objects.create(
        name=f"{company.canary} 车间",
        adapter="webhook",
        preset="webhook",
        config=PRESETS["webhook"].config,
        owner=company.admin.employee,
        made_at=now,
    )
    Delivery.objects.create(
        connection=company.hook, key=company.canary, digest="0" * 64, packed=b"", size=0, received_at=now
    )
    about: dict[str, Any] = {"connection": connection, "stream": "changes"}
    run = SyncRun.objects.create(connection=connection, key="1", state=RunState.DONE, asked_at=now, finished_at=now)
    DropFile.objects.create(connection=connection, name=f"{company.canary}.csv", content=b"", digest="0" * 64, at=now)
    Record.objects.create(
        **about,
        external_id=company.canary,
        title=company.canary,
        data={},
        digest="0" * 32,
        first_seen_at=now,
        changed_at=now,
        run=run,
    )
    company.row = QuarantinedRow.objects.create(
        **about,
        external_id=company.canary,
        run=run,
        payload={"说明": company.canary},
        digest="0" * 32,
        reason="key_missing",
        at=now,
    )
    company.gap = Gap.objects.create(**about, kind="schema", on=ON, words={"fields": company.canary}, opened_at=now)


def of_connection(name: str, method: str = "get", **more: Any) -> Row:
    return Row(f"integrations:{name}", method, **NOT_FOR, **more, args=lambda c: {"public_id": c.connection.public_id})


def of_hook(name: str, method: str = "get", **more: Any) -> Row:
    return Row(f"integrations:{name}", method, **NOT_FOR, **more, args=lambda c: {"public_id": c.hook.public_id})


def kept_by(company: Company) -> dict[str, Any]:
    return {"owner": company.admin.employee.public_id, "name": f"{company.canary} 2"}


def chosen(company: Company) -> dict[str, Any]:
    return {"rows": company.row.public_id}


MATRIX = [
    Row("integrations:list", **NOT_FOR),
    Row("integrations:sync_all", "post", **NOT_FOR, admin=302),
    Row("integrations:choose", **NOT_FOR),
    Row("integrations:new", **NOT_FOR, args=lambda c: {"preset": "plm"}),
    Row(
        "integrations:new",
        "post",
        **NOT_FOR,
        admin=302,
        args=lambda c: {"preset": "plm"},
        data=lambda c: {**FIELDS, **kept_by(c)},
    ),
    of_connection("connection"),
    of_connection("status"),
    of_connection("runs"),
    of_connection("rows"),
    of_connection("files"),
    of_connection("fields"),
    of_connection("changes"),
    of_connection("settings"),
    of_hook("deliveries"),
    of_hook("end_secret", "post", admin=302),
    everybody("integrations:hook", 401, "post", args=lambda c: {"public_id": c.hook.public_id}),
    of_connection("test", "post", admin=302),
    of_connection("preview", "post"),
    of_connection("switch_on", "post", admin=302),
    of_connection("delete", "post", admin=302),
    of_connection("pause", "post", admin=302),
    of_connection("sync", "post", admin=302),
    of_connection("take_in", "post", admin=302, data=chosen),
    of_connection("drop_rows", "post", admin=302, data=chosen),
    Row(
        "integrations:close_gap",
        "post",
        **NOT_FOR,
        admin=302,
        args=lambda c: {"public_id": c.gap.public_id},
        data=lambda c: {"reason": "放假"},
    ),
]

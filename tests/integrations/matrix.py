"""Rows of the connections: administrators and integration owners; a connection of everything for the sweep."""

from datetime import date
from typing import Any

from django.utils import timezone

from integrations.models import (
    BehaviourAlert,
    BehaviourRule,
    Connection,
    Delivery,
    DropFile,
    Endpoint,
    Gap,
    MetricDefinition,
    MetricState,
    MetricValue,
    MetricVersion,
    OutboundMessage,
    QuarantinedRow,
    Record,
    RunState,
    SmsGateway,
    Subject,
    SubjectLink,
    SyncRun,
    TextMessage,
)
from integrations.presets import PRESETS
from tests.integrations import compared_matrix as compared
from tests.matrix import Company, Row, everybody

NOT_FOR = {"owner": 403, "colleague": 403, "manager": 403, "hrbp": 403}
ON = date(2026, 11, 20)
FIELDS = {"asked-folder": "", "schedule": "daily 02:00", "key": "matrix"}


def populate(company: Company) -> None:
    compared.populate(company)
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
    record = Record.objects.create(
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
    company.rule = BehaviourRule.objects.create(
        name=company.canary,
        connection=connection,
        stream="changes",
        date_field="at",
        days=14,
        person_field="owner_no",
        made_at=now,
        key="matrix",
    )
    company.at_rest = BehaviourAlert.objects.create(
        rule=company.rule, record=record, employee=company.owner.employee, seen="2026-11-01", opened_on=ON
    )
    company.endpoint = Endpoint.objects.create(
        name=company.canary,
        url="https://hooks.example/",
        kinds=["goal.closed"],
        owner=company.admin.employee,
        made_at=now,
        key="matrix",
    )
    company.message = OutboundMessage.objects.create(
        endpoint=company.endpoint,
        kind="goal.closed",
        payload={"goal_number": company.canary},
        made_at=now,
        run_after=now,
    )
    gateway = SmsGateway.objects.create(
        url="https://sms.example/", phone_field="phone", text_field="text", owner=company.admin.employee, made_at=now
    )
    TextMessage.objects.create(
        gateway=gateway, to=company.owner.employee, made_at=now, run_after=now, said=company.canary[:40]
    )
    company.gap = Gap.objects.create(**about, kind="schema", on=ON, words={"fields": company.canary}, opened_at=now)
    company.subject = subject = Subject.objects.create(
        connection=connection,
        kind="owner",
        of="person",
        value=company.canary,
        name=company.canary,
        first_seen_at=now,
        counted_at=now,
    )
    company.link = SubjectLink.objects.create(
        subject=subject, employee=company.colleague.employee, how="hand", by=company.admin.employee, at=now
    )
    company.metric = definition = MetricDefinition.objects.create(
        name=f"{company.canary} 返工数",
        owner=company.admin.employee,
        interpreter=company.owner.employee,
        made_at=now,
    )
    said: dict[str, Any] = {
        "definition": definition,
        "connection": connection,
        "stream": "changes",
        "rule": RULE,
        "unit_of_measure": "件",
        "says": company.canary,
        "made_at": now,
    }
    first = MetricVersion.objects.create(
        **said, number=1, effective_on=ON, state=MetricState.IN_FORCE, announced_at=now
    )
    MetricVersion.objects.create(**said, number=2, effective_on=ON)
    for one in (company.pair.a, company.pair.b):
        of_it = {**said, "definition": one, "state": MetricState.IN_FORCE, "announced_at": now}
        MetricVersion.objects.create(**of_it, number=1, effective_on=ON)
    company.value = MetricValue.objects.create(
        of=first, on=ON, numerator=3, rows=3, as_of=now, standing="settled", computed_at=now
    )


RULE = {"measure": {"kind": "count"}, "day": "at"}
BY_TOKEN = {"other": 401, "anonymous": 401}
NOT_READ = {"colleague": 404, "manager": 404}
NOT_MADE = {"owner": 403, "hrbp": 403, **NOT_READ}


def of_metric(name: str, method: str = "get", **more: Any) -> Row:
    return Row(f"integrations:{name}", method, **more, args=lambda c: {"public_id": c.metric.public_id})


def of_connection(name: str, method: str = "get", **more: Any) -> Row:
    return Row(f"integrations:{name}", method, **NOT_FOR, **more, args=lambda c: {"public_id": c.connection.public_id})


def of_rule(company: Company) -> dict[str, Any]:
    return {"public_id": company.rule.public_id}


def of_endpoint(company: Company) -> dict[str, Any]:
    return {"public_id": company.endpoint.public_id}


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
    of_connection("read_all", "post", admin=302),
    of_connection("take_in", "post", admin=302, data=chosen),
    of_connection("drop_rows", "post", admin=302, data=chosen),
    Row("integrations:rules", **NOT_FOR),
    Row("integrations:new_rule", **NOT_FOR),
    Row("integrations:rule", **NOT_FOR, args=of_rule),
    Row("integrations:switch_rule", "post", **NOT_FOR, admin=302, args=of_rule),
    Row("integrations:endpoints", **NOT_FOR),
    Row("integrations:new_endpoint", **NOT_FOR),
    Row("integrations:new_endpoint", "post", **NOT_FOR, admin=422),
    Row("integrations:endpoint", **NOT_FOR, args=of_endpoint),
    Row("integrations:endpoint_settings", **NOT_FOR, args=of_endpoint),
    Row("integrations:endpoint_settings", "post", **NOT_FOR, admin=422, args=of_endpoint),
    Row("integrations:switch_endpoint", "post", **NOT_FOR, admin=302, args=of_endpoint),
    Row("integrations:endpoint_secret", "post", **NOT_FOR, admin=302, args=of_endpoint),
    Row("integrations:try_endpoint", "post", **NOT_FOR, admin=302, args=of_endpoint),
    Row("integrations:replay_range", "post", **NOT_FOR, admin=422, args=of_endpoint),
    Row(
        "integrations:replay_message",
        "post",
        **NOT_FOR,
        admin=302,
        args=lambda c: {"public_id": c.message.public_id},
    ),
    Row("integrations:sms", **NOT_FOR),
    Row("integrations:sms_settings", **NOT_FOR),
    Row("integrations:sms_settings", "post", **NOT_FOR, admin=422),
    Row("integrations:switch_sms", "post", **NOT_FOR, admin=302),
    Row("integrations:try_sms", "post", **NOT_FOR, admin=302),
    Row("integrations:found"),
    Row(
        "integrations:confirm_found",
        "post",
        owner=302,
        colleague=404,
        manager=302,
        hrbp=404,
        admin=404,
        args=lambda c: {"public_id": c.at_rest.public_id},
    ),
    Row(
        "integrations:close_gap",
        "post",
        **NOT_FOR,
        admin=302,
        args=lambda c: {"public_id": c.gap.public_id},
        data=lambda c: {"reason": "放假"},
    ),
    of_connection("subjects"),
    of_connection("accept_subjects", "post", admin=302),
    Row("integrations:subject", **NOT_FOR, args=lambda c: {"public_id": c.subject.public_id}),
    Row(
        "integrations:subject",
        "post",
        **NOT_FOR,
        admin=302,
        args=lambda c: {"public_id": c.subject.public_id},
        data=lambda c: {"to": c.owner.employee.employee_no, "starts_on": "2026-11-01", "version": 1},
    ),
    Row(
        "integrations:take_back_link",
        "post",
        **NOT_FOR,
        admin=302,
        args=lambda c: {"public_id": c.link.public_id},
    ),
    Row("integrations:metrics"),
    Row("integrations:governance", owner=403, manager=403),  # the colleague is an executive too
    Row("integrations:new_metric", **NOT_FOR),
    of_metric("metric", **NOT_READ),
    of_metric("metric_draft", **NOT_MADE),
    of_metric("metric_people", **NOT_MADE),
    of_metric("metric_begin", "post", **NOT_MADE, admin=302),
    of_metric("metric_drop", "post", **NOT_MADE, admin=302),
    of_metric(
        "metric_sign",
        "post",
        **NOT_READ,
        owner=302,
        hrbp=404,
        admin=404,
        data=lambda c: {"side": "business", "version": 1},
    ),
    of_metric(
        "metric_announce",
        "post",
        **NOT_MADE,
        admin=302,
        data=lambda c: {"effective_on": "2099-01-01", "version": 1},
    ),
    of_metric("metric_recompute", "post", **NOT_MADE, admin=302),
    of_metric("metric_version", **NOT_READ),
    Row("integrations:metric_value", **NOT_READ, args=lambda c: {"public_id": c.value.public_id}),
    Row("integrations_api:metrics", **BY_TOKEN),
    Row("integrations_api:metric", **NOT_READ, **BY_TOKEN, args=lambda c: {"public_id": c.metric.public_id}),
    Row("integrations_api:metric_values", **NOT_READ, **BY_TOKEN, args=lambda c: {"public_id": c.metric.public_id}),
    *compared.MATRIX,
]

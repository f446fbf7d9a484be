"""Who gets which answer from the pages of people, units, roles and the company."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.utils import timezone

from perfsys.people import actions
from perfsys.people.features import Feature, Reach
from perfsys.people.models import FeaturePilot, InvitationRun, OrgUnit
from perfsys.tenancy.roles import Role
from tests.cast import today
from tests.matrix import Company, Row, everybody

ADMIN_READS = {"owner": 403, "colleague": 403, "manager": 403, "hrbp": 403}
ADMIN_WRITES = ADMIN_READS | {"admin": 302}
ALL_WRITE = {"owner": 302, "colleague": 302, "manager": 302, "hrbp": 302, "admin": 302}


def populate(company: Company) -> None:
    now = timezone.now()
    company.unit = OrgUnit.objects.get()
    company.spare_unit = actions.add_unit(
        name=f"{company.canary}质量部", starts_on=today() - timedelta(days=9), actor=None, now=now
    )
    company.newcomer = actions.add_employee(
        employee_no=f"{company.canary}-1",
        name=f"{company.canary}新人",
        hired_on=today(),
        email=f"newcomer@{company.slug}.example",
        actor=None,
        now=now,
    )
    company.invited = actions.invite(
        employee=company.newcomer, link_to=lambda token: f"http://x/{token}", actor=None, now=now
    )
    company.invitation_run = InvitationRun.objects.create(
        people=[company.newcomer.pk], unit=company.unit, asked_at=now, finished_at=now, done=1, left=1
    )
    company.grant = actions.grant_role(
        membership=company.colleague.membership,
        role=Role.EXECUTIVE,
        unit=company.unit,
        reason=f"{company.canary} 分管",
        actor=company.admin.employee,
        now=now,
    )
    # Named, and on for everybody all the same: the rows of the other pages are of people who lack nothing.
    actions.switch_feature(
        feature=Feature.BLOCKERS, reach=Reach.EVERYONE, unit=company.spare_unit, version=0, actor=None, now=now
    )
    company.pilot = FeaturePilot.objects.get()


def of_invitation_run(company: Company) -> dict[str, Any]:
    return {"public_id": company.invitation_run.public_id}


def of_newcomer(company: Company) -> dict[str, Any]:
    return {"public_id": company.newcomer.public_id}


def of_owner(company: Company) -> dict[str, Any]:
    return {"public_id": company.owner.employee.public_id}


def of_unit(company: Company) -> dict[str, Any]:
    return {"public_id": company.spare_unit.public_id}


def on_today(**more: Any) -> Any:
    return lambda company: {"on": today().isoformat(), **more}


MATRIX = [
    everybody("door:start", 302),
    Row("door:tenants", other=200),
    everybody("door:language", 302, "post", data=lambda c: {"language": "en"}),
    # The link is of a person who has no account yet: whoever is signed in may join with the one he has.
    everybody("door:invitation", 200, args=lambda c: {"slug": c.slug, "token": c.invited.token}),
    Row("people:home", owner=302, colleague=302, manager=302, hrbp=302, admin=302),
    Row("people:me"),
    Row("people:theme", "post", **ALL_WRITE, data=lambda c: {"theme": "dark"}),
    Row("people:language", "post", **ALL_WRITE, data=lambda c: {"language": "en"}),
    Row("people:list"),
    Row("people:person", args=of_owner),
    Row("people:units"),
    Row("people:unit", args=of_unit),
    Row("people:suggestions", **ADMIN_READS),
    Row("people:new", **ADMIN_READS),
    Row("people:invite_all", **ADMIN_READS),
    Row("people:invite_all", "post", **ADMIN_WRITES),
    Row("people:invitation_run", **ADMIN_READS, args=of_invitation_run),
    Row("people:invitation_status", **ADMIN_READS, args=of_invitation_run),
    Row(
        "people:new",
        "post",
        **ADMIN_WRITES,
        data=lambda c: {"employee_no": "N1", "name": "新", "hired_on": today().isoformat()},
    ),
    Row(
        "people:record",
        "post",
        **ADMIN_WRITES,
        args=of_newcomer,
        data=lambda c: {"name": "改名", "version": c.newcomer.version},
    ),
    Row("people:manager", "post", **ADMIN_WRITES, args=of_newcomer, data=on_today(manager="E-marta")),
    Row("people:move", "post", **ADMIN_WRITES, args=of_newcomer, data=on_today(unit="制造中心")),
    Row(
        "people:span",
        "post",
        **ADMIN_WRITES,
        args=of_newcomer,
        data=lambda c: {"kind": "probation", "starts_on": today().isoformat()},
    ),
    Row(
        "people:leave",
        "post",
        **ADMIN_WRITES,
        args=of_newcomer,
        data=lambda c: {"last_day": today().isoformat()},
    ),
    Row("people:invite", "post", **ADMIN_READS, args=of_newcomer, data=lambda c: {"email": "n@acme.example"}),
    Row("people:withdraw", "post", **ADMIN_WRITES, args=lambda c: {"public_id": c.invited.invitation.public_id}),
    Row("people:new_top_unit", "post", **ADMIN_WRITES, data=lambda c: {"name": "研发中心"}),
    Row("people:new_unit", "post", **ADMIN_WRITES, args=of_unit, data=lambda c: {"name": "来料检验组"}),
    Row("people:partner", "post", **ADMIN_WRITES, args=of_unit, data=on_today(hrbp="E-henk")),
    Row(
        "people:rename_unit",
        "post",
        **ADMIN_WRITES,
        args=of_unit,
        data=lambda c: {"name": "品质部", "version": c.spare_unit.version},
    ),
    Row(
        "people:move_unit",
        "post",
        **ADMIN_WRITES,
        args=of_unit,
        data=lambda c: {"parent": "制造中心", "on": today().isoformat(), "version": c.spare_unit.version},
    ),
    Row(
        "people:close_unit",
        "post",
        **ADMIN_WRITES,
        args=of_unit,
        data=lambda c: {"last_day": today().isoformat(), "version": c.spare_unit.version},
    ),
    Row("people:roles", **ADMIN_READS),
    Row(
        "people:roles",
        "post",
        **ADMIN_WRITES,
        data=lambda c: {"person": "E-henk", "role": "integration_owner", "reason": "接口"},
    ),
    Row("people:revoke", "post", **ADMIN_WRITES, args=lambda c: {"public_id": c.grant.public_id}),
    Row("people:company", **ADMIN_READS),
    Row(
        "people:company",
        "post",
        **ADMIN_WRITES,
        data=lambda c: {
            "name": "甲公司",
            "time_zone": "Asia/Shanghai",
            "locale": settings.LANGUAGE_CODE,
            "min_group_size": 6,
            "version": 1,
        },
    ),
    Row("people:features", **ADMIN_READS),
    Row(
        "people:switch_feature",
        "post",
        **ADMIN_WRITES,
        args=lambda c: {"feature": "retro"},
        data=lambda c: {"reach": "some", "person": "E-henk", "version": 0},
    ),
    Row("people:drop_pilot", "post", **ADMIN_WRITES, args=lambda c: {"public_id": c.pilot.public_id}),
]

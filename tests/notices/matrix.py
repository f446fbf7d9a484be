"""Everybody has an inbox; a reminder is confirmed by whoever was told, and by the person it is about."""

from typing import Any

from django.utils import timezone

from perfsys.notices.actions import confirm, notify
from perfsys.notices.kinds import KINDS, notice_kind
from perfsys.notices.models import Delivery, Notice
from tests.matrix import ROLES, Company, Row

REMINDER = "tests.matrix"
EACH_302: dict[str, int] = {role: 302 for role in ROLES if role not in ("other", "anonymous")}


def populate(company: Company) -> None:
    if REMINDER not in KINDS:
        notice_kind(REMINDER, "%(title)s", outside="something", reminder=True)
    now = timezone.now()
    told = [company.manager.employee]
    notify(REMINDER, to=told, about=company.owner.employee, at=now, params={"title": f"{company.canary} reminder"})
    company.reminder = Notice.objects.get(kind=REMINDER)
    notify(REMINDER, to=told, about=company.owner.employee, at=now, params={"title": f"{company.canary} answered"})
    company.answered = Notice.objects.filter(kind=REMINDER).latest("pk")
    confirm(company.answered, actor=company.manager.employee, now=now)
    Delivery.objects.create(to=company.manager.employee, bundle="matrix", made_at=now, state=Delivery.State.SENT)


def answered(company: Company) -> dict[str, Any]:
    return {"public_id": company.answered.public_id}


def reminder(company: Company) -> dict[str, Any]:
    return {"public_id": company.reminder.public_id}


MATRIX = [
    Row("notices:inbox"),
    Row("notices:read", "post", **EACH_302),
    Row("notices:preferences"),
    Row("notices:preferences", "post", **EACH_302),
    Row("notices:undo", "post", owner=403, manager=302, colleague=404, hrbp=404, admin=404, args=answered),
    Row("notices:confirm", "post", owner=302, manager=302, colleague=404, hrbp=404, admin=404, args=reminder),
]

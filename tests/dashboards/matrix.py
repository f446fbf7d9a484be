"""Who gets which answer from the homes, of which each belongs to a role, and from the reports."""

from datetime import date
from typing import Any

from django.utils import timezone

from dashboards.actions import issue_report
from tests.matrix import Company, Row

OCTOBER = date(2026, 10, 1)


def populate(company: Company) -> None:
    issue_report(month=OCTOBER, as_of=date(2026, 11, 10), key="once", actor=None, now=timezone.now())


def of_october(company: Company) -> dict[str, Any]:
    return {"month": OCTOBER}


READERS = {"owner": 403, "manager": 403}  # the colleague reads the unit as an executive

MATRIX = [
    Row("dashboards:week"),
    Row("dashboards:team", owner=403, colleague=403, hrbp=403, admin=403),
    Row("dashboards:health", owner=403, colleague=403, manager=403, admin=403),
    Row("dashboards:penetrations", **READERS | {"colleague": 302, "hrbp": 302, "admin": 302}),
    Row("dashboards:penetration", **READERS, args=of_october),
    Row("dashboards:penetration_export", **READERS, args=of_october),
    Row("dashboards:penetration_status", **READERS, args=of_october),
    Row(
        "dashboards:issue_penetration",
        "post",
        **READERS | {"colleague": 302, "hrbp": 302, "admin": 302},
        args=of_october,
    ),
]

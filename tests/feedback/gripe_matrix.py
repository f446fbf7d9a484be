"""One of everything of gripe day for the sweep over addresses, and who gets which answer from its pages."""

from datetime import timedelta
from typing import Any

from feedback.models import Gripe, GripeDay, GripeWaiting
from tests.cast import today
from tests.matrix import Company, Row


def populate(company: Company) -> None:
    """An open gripe day with a suggestion of the owner's, another one without a name, and one that waits."""
    company.gripe_day = GripeDay.objects.create(
        quarter_on=today().replace(month=3 * ((today().month - 1) // 3) + 1, day=1),
        starts_on=today() - timedelta(days=1),
        ends_on=today() + timedelta(days=3),
    )
    said = {"day": company.gripe_day, "area": "goals", "text": company.canary}
    company.gripe = Gripe.objects.create(author=company.owner.employee, title=company.canary, **said)
    company.other_gripe = Gripe.objects.create(title=f"{company.canary} 同一件事", **said)
    GripeWaiting.objects.create(title=company.canary, key="k", **said)


def of_gripe(company: Company) -> dict[str, Any]:
    return {"public_id": company.gripe.public_id}


def of_day(company: Company) -> dict[str, Any]:
    return {"public_id": company.gripe_day.public_id}


def a_suggestion(company: Company) -> dict[str, Any]:
    return {"key": "once", "area": "goals", "title": "少一张表", "text": "同一个数填三遍。", "name": "named"}


def an_adoption(company: Company) -> dict[str, Any]:
    return {"answer": "合成一张", "owner": company.hrbp.employee.public_id, "version": 1}


def some_days(company: Company) -> dict[str, Any]:
    day = company.gripe_day
    last_on = today() + timedelta(days=20)  # three of them are worked, whatever holidays there are
    return {"starts_on": day.starts_on.isoformat(), "last_on": last_on.isoformat(), "version": 1}


KEEPERS = {"owner": 403, "colleague": 403, "manager": 403, "hrbp": 302, "admin": 302}
ADMINS = {"owner": 403, "colleague": 403, "manager": 403, "hrbp": 403}
EVERYBODY = dict.fromkeys(("owner", "colleague", "manager", "hrbp", "admin"), 302)

ROWS = [
    Row("feedback:gripes"),
    Row("feedback:gripe_new"),
    Row("feedback:gripe_new", "post", **EVERYBODY, data=a_suggestion),
    Row("feedback:gripe_changes"),
    Row("feedback:gripe", args=of_gripe),
    Row("feedback:gripe_vote", "post", **EVERYBODY, args=of_gripe),
    Row("feedback:gripe_unvote", "post", **EVERYBODY, args=of_gripe),
    Row("feedback:gripe_withdraw", "post", **EVERYBODY | ADMINS | {"owner": 302, "admin": 403}, args=of_gripe),
    Row("feedback:gripe_adopt", "post", **KEEPERS, args=of_gripe, data=an_adoption),
    Row("feedback:gripe_decline", "post", **KEEPERS, args=of_gripe, data=lambda c: {"answer": "先不动", "version": 1}),
    Row("feedback:gripe_join", "post", **KEEPERS, args=of_gripe, data=lambda c: {"to": str(c.other_gripe.public_id)}),
    Row("feedback:gripe_reopen", "post", **KEEPERS, args=of_gripe),
    Row("feedback:gripe_settings", **ADMINS),
    Row(
        "feedback:gripe_settings",
        "post",
        **ADMINS | {"admin": 302},
        data=lambda c: {"is_held": "on", "month": 2, "length": 5, "version": 1},
    ),
    Row("feedback:gripe_move_day", "post", **ADMINS | {"admin": 302}, args=of_day, data=some_days),
]

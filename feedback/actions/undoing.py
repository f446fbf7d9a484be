"""An import of feedback taken back (product.md §1.6)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from feedback import events
from feedback.models import Feedback
from feedback.queries.undoing import outlook
from goals.actions.imported_rows import chunks
from perfsys.audit.actions import record
from perfsys.common.bulk import AnyOf, plan_anew, writing_in_bulk
from perfsys.imports.kinds import Change, Undoing
from perfsys.people.models import Employee
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.rows import update_rows


@transaction.atomic
@writing_in_bulk()
def take_back_feedback(
    *, changes: Sequence[Change], report: Mapping[str, Any], actor: Employee | None, now: datetime
) -> Undoing:
    """Remove what was new, give back former words, and leave what somebody took up since."""
    targets = [one.target for one in changes]
    list(Feedback.objects.filter(AnyOf(F("id"), targets)).order_by("pk").select_for_update().values_list("pk"))
    found = outlook(changes, report)
    former = {one.target: one.former for one in changes if one.former is not None}
    for ids in chunks(found.removed):
        plan_anew()
        Feedback.objects.filter(AnyOf(F("id"), list(ids))).delete()
    for ids in chunks(found.restored):
        plan_anew()
        versions = dict(Feedback.objects.filter(AnyOf(F("id"), list(ids))).values_list("pk", "version"))
        update_rows(Feedback, [{"id": pk, **(former[pk] or {}), "version": versions[pk] + 1} for pk in ids])
    said = {"removed": len(found.removed), "restored": len(found.restored), "left": len(found.left)}
    record(events.FEEDBACK_TAKEN_BACK, subject=Tenant.objects.get(), actor=actor, at=now, details=said)
    return found

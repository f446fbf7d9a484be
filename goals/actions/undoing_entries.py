"""An import of check-ins, evidence and comments taken back (product.md §1.6): goals stand as they stood without it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef

from goals import events, progress
from goals.models import CheckIn, EvidenceItem, Goal, Kind, Milestone, Period
from goals.queries.settings import local_date
from goals.queries.undoing_entries import by_model, outlook, target_of
from perfsys.audit.actions import record
from perfsys.common.bulk import AnyOf, plan_anew, writing_in_bulk
from perfsys.imports.kinds import Change, Undoing
from perfsys.people.models import Employee
from perfsys.tenancy.rows import update_rows

from .imported_check_ins import retell
from .imported_rows import chunks
from .rollup import roll_up_period
from .standing import write_standing


@transaction.atomic
@writing_in_bulk()
def take_back_entries(
    *, changes: Sequence[Change], report: Mapping[str, Any], period: Period, actor: Employee | None, now: datetime
) -> Undoing:
    """Remove what was new, give back former words and figures, and leave what somebody answered since."""
    for model, ids in by_model(one.target for one in changes).items():
        list(model.objects.filter(AnyOf(F("id"), ids)).order_by("pk").select_for_update().values_list("pk"))
    found, today = outlook(changes, report), local_date(now)
    former = {one.target: one.former for one in changes if one.former is not None}
    goals: set[int] = set()
    for model, ids in by_model([*found.removed, *found.restored]).items():
        goals.update(model.objects.filter(AnyOf(F("id"), ids)).values_list("goal_id", flat=True))
    for targets in chunks(found.restored):
        plan_anew()
        for model, ids in by_model(targets).items():
            update_rows(model, [{"id": pk, **former[target_of(model, pk)]} for pk in ids])
    for targets in chunks(found.removed):
        plan_anew()
        for model, ids in by_model(targets).items():
            model.objects.filter(AnyOf(F("id"), ids)).delete()
    _tell_without(goals, today)
    roll_up_period(period)
    write_standing(today)
    said = {"removed": len(found.removed), "restored": len(found.restored), "left": len(found.left)}
    record(events.CHECK_INS_TAKEN_BACK, subject=period, actor=actor, at=now, details=said)
    return found


def _tell_without(goal_ids: set[int], today: date) -> None:
    """Progress from what is left. Where no figure is, there is none to tell, but of stages that are done."""
    for ids in chunks(sorted(goal_ids)):
        of_goal = {"goal": OuterRef("pk"), "percent__isnull": False, "local_on__lte": today}
        said = Exists(CheckIn.objects.filter(**of_goal))
        shown = Exists(EvidenceItem.objects.filter(gone_at=None, **of_goal))
        silent = Goal.objects.filter(AnyOf(F("id"), ids)).exclude(said).exclude(shown)
        silent.update(own_progress=None)
        staged = Milestone.objects.filter(goal=OuterRef("pk"), adopted="", done_on__isnull=False)
        for goal in silent.filter(Exists(staged), kind=Kind.MILESTONE):
            stages = Milestone.objects.filter(goal=goal, adopted="")
            told = [progress.Milestone(one.due_on, one.weight, done=one.done_on is not None) for one in stages]
            Goal.objects.filter(pk=goal.pk).update(own_progress=progress.milestone_progress(told))
    retell(goal_ids, today)

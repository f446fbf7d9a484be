"""Who reads which report. The pages are open to HR partners, executives and administrators (product.md §6.2), who see
the whole company's flows; the words of a goal only where they may read the goal today: all else is a private goal."""

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.http import Http404

from goals.access import readable_among
from goals.models import Goal
from perfsys.people.access import Viewer

from .models import PenetrationPart, PenetrationReport


def report_to_read(month: date, version: int | None = None) -> PenetrationReport | None:
    """That version or the newest; None while the month has none. A version that never was is not found."""
    found = PenetrationReport.objects.filter(month=month).select_related("made_by").order_by("-version")
    report: PenetrationReport | None = (found.filter(version=version) if version else found).first()
    if version and report is None:
        raise Http404
    return report


def part_to_read(report: PenetrationReport, of: UUID) -> PenetrationPart:
    found: PenetrationPart | None = PenetrationPart.objects.filter(report=report, of=of).first()
    if found is None:
        raise Http404
    return found


def readable_goals(who: Viewer, goal_ids: Collection[int]) -> dict[int, Goal]:
    """Those of the goals that `who` may read, with owner and unit. At most two queries."""
    if not goal_ids:
        return {}
    found = readable_among(who, Goal.objects.filter(pk__in=goal_ids)).select_related("owner", "unit")
    return {goal.pk: goal for goal in found}

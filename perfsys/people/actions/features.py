"""Parts of the product for a few people first (product.md §1.4)."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from perfsys.audit.actions import record

from .. import events, standing
from ..features import Feature, Reach
from ..models import Employee, FeaturePilot, FeatureSwitch, OrgUnit
from .core import Refused, StaleVersion, today_at


class NobodyNamed(Refused):
    """Switched on for some, and not said for whom."""


@transaction.atomic
def switch_feature(
    *,
    feature: Feature,
    reach: Reach,
    unit: OrgUnit | None = None,
    person: Employee | None = None,
    version: int,
    actor: Employee | None,
    now: datetime,
) -> FeatureSwitch:
    """Say for whom `feature` is on from now; `unit` (with all below it) and `person` join those named already.
    `version` is what the editor saw, 0 where nothing was ever set. Raises NobodyNamed, StaleVersion."""
    switch, is_new = FeatureSwitch.objects.select_for_update().get_or_create(feature=feature)
    if version != (0 if is_new else switch.version):
        raise StaleVersion
    if reach == Reach.SOME and not (unit or person or switch.pilots.exists()):
        raise NobodyNamed(_("Name a unit or a person first: otherwise nobody would have it."))
    if unit:
        FeaturePilot.objects.get_or_create(switch=switch, unit=unit)
    if person:
        FeaturePilot.objects.get_or_create(switch=switch, employee=person)
    switch.reach = reach
    switch.version += 0 if is_new else 1
    switch.save(update_fields=["reach", "version"])
    changed = standing.refresh_withheld(today_at(now))
    details = {
        "feature": feature.value,
        "reach": reach.value,
        "unit": unit.path if unit else "",
        "person": person.employee_no if person else "",
        "people": changed,
    }
    record(events.FEATURE_SWITCHED, subject=switch, actor=actor, at=now, details=details)
    return switch


@transaction.atomic
def drop_pilot(*, pilot: FeaturePilot, actor: Employee | None, now: datetime) -> None:
    """Not for these any more. The last one goes as well: then nobody has it, and the page says so."""
    switch = FeatureSwitch.objects.select_for_update().get(pk=pilot.switch_id)
    if not FeaturePilot.objects.filter(pk=pilot.pk).delete()[0]:
        return  # by somebody else, a moment ago
    switch.version += 1
    switch.save(update_fields=["version"])
    details = {"feature": switch.feature, "people": standing.refresh_withheld(today_at(now))}
    record(events.FEATURE_SWITCHED, subject=switch, actor=actor, at=now, details=details)

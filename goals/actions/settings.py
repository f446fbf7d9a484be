"""What an administrator sets about goals: bounds, days, the list of obstacles, who is asked about changes (product.md
§2.1, §2.5, §2.8, §2.9)."""

from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, transaction

from goals import events
from goals.models import AdjustmentSettings, GoalSettings, ObstacleCause
from perfsys.audit.actions import record
from perfsys.people.models import Employee

from .goal import StaleVersion

SETTINGS = (
    "company_least",
    "company_most",
    "department_least",
    "department_most",
    "position_least",
    "position_most",
    "stale_days",
    "quiet_days",
    "owner_first_days",
    "workshop_days",
    "manager_levels",
)

ADJUSTMENT_SETTINGS = (
    "window_days",
    "always_asks",
    "weight_asks",
    "weight_over",
    "core_asks",
    "eased_asks",
    "eased_over",
    "late_asks",
)


class AlreadyListed(Exception):
    """The list has a line with this name: use that one."""


@transaction.atomic
def change_settings(*, version: int, actor: Employee | None, now: datetime, **wanted: int) -> GoalSettings:
    """`wanted` names any of SETTINGS; `version` is what the editor saw. Raises StaleVersion."""
    if unknown := set(wanted) - set(SETTINGS):
        raise TypeError(f"no goal settings: {sorted(unknown)}")
    GoalSettings.objects.bulk_create([GoalSettings()], ignore_conflicts=True)  # nobody has set any yet
    settings: GoalSettings = GoalSettings.objects.select_for_update().get()
    if settings.version != version:
        raise StaleVersion
    changed = {name: value for name, value in wanted.items() if getattr(settings, name) != value}
    details = {name: [getattr(settings, name), value] for name, value in changed.items()}
    for name, value in changed.items():
        setattr(settings, name, value)
    settings.version += 1
    settings.save(update_fields=[*changed, "version"])
    record(events.SETTINGS_CHANGED, subject=settings, actor=actor, at=now, details=details)
    return settings


@transaction.atomic
def change_adjustment_settings(
    *, version: int, actor: Employee | None, now: datetime, **wanted: int | str | Decimal
) -> AdjustmentSettings:
    """`wanted` names any of ADJUSTMENT_SETTINGS. What has been sent keeps its steps. Raises StaleVersion."""
    if unknown := set(wanted) - set(ADJUSTMENT_SETTINGS):
        raise TypeError(f"no adjustment settings: {sorted(unknown)}")
    AdjustmentSettings.objects.bulk_create([AdjustmentSettings()], ignore_conflicts=True)  # nobody has set any yet
    settings: AdjustmentSettings = AdjustmentSettings.objects.select_for_update().get()
    if settings.version != version:
        raise StaleVersion
    details = {
        name: [getattr(settings, name), value] for name, value in wanted.items() if getattr(settings, name) != value
    }
    for name, (_before, value) in details.items():
        setattr(settings, name, value)
    settings.version += 1
    settings.save(update_fields=[*details, "version"])
    record(events.ADJUSTMENT_SETTINGS_CHANGED, subject=settings, actor=actor, at=now, details=details)
    return settings


@transaction.atomic
def list_cause(*, name: str, actor: Employee | None, now: datetime) -> ObstacleCause:
    """Put a line on the list: a new one, or one that an owner named or that was retired. Raises AlreadyListed."""
    name = tidy(name)
    ObstacleCause.objects.bulk_create([ObstacleCause(name=name, is_listed=False)], ignore_conflicts=True)
    cause: ObstacleCause = ObstacleCause.objects.select_for_update().get(name=name)
    if cause.is_listed:
        raise AlreadyListed
    cause.is_listed = True
    return _keep(cause, {"listed": name}, actor, now)


@transaction.atomic
def rename_cause(
    *, cause: ObstacleCause, name: str, version: int, actor: Employee | None, now: datetime
) -> ObstacleCause:
    """Goals that name it read the new name. Raises StaleVersion, AlreadyListed."""
    locked: ObstacleCause = ObstacleCause.objects.select_for_update().get(pk=cause.pk)
    if locked.version != version:
        raise StaleVersion
    before, locked.name = locked.name, tidy(name)
    try:
        with transaction.atomic():
            return _keep(locked, {"name": [before, locked.name]}, actor, now)
    except IntegrityError as taken:
        raise AlreadyListed from taken


@transaction.atomic
def retire_cause(*, cause: ObstacleCause, actor: Employee | None, now: datetime) -> ObstacleCause:
    """No longer offered; goals that name it keep it. A second time is nothing."""
    locked: ObstacleCause = ObstacleCause.objects.select_for_update().get(pk=cause.pk)
    if not locked.is_listed:
        return locked
    locked.is_listed = False
    return _keep(locked, {"retired": locked.name}, actor, now)


def tidy(name: str) -> str:
    return " ".join(name.split())


def _keep(cause: ObstacleCause, details: dict[str, object], actor: Employee | None, now: datetime) -> ObstacleCause:
    cause.version += 1
    cause.save(update_fields=["name", "is_listed", "version"])
    record(events.CAUSE_CHANGED, subject=cause, actor=actor, at=now, details=details)
    return cause

"""What an administrator sets about feedback (security.md §2): who reads it beside the direct manager."""

from datetime import datetime

from django.db import transaction

from feedback import events
from feedback.models import FeedbackSettings
from perfsys.audit.actions import record
from perfsys.people.actions import StaleVersion
from perfsys.people.models import Employee


@transaction.atomic
def change_settings(
    *, chain_reads: bool, history_months: int, version: int, actor: Employee | None, now: datetime
) -> FeedbackSettings:
    """`version` is what the editor saw. Managers further up read what is sent from `now` on. Raises StaleVersion."""
    FeedbackSettings.objects.bulk_create([FeedbackSettings()], ignore_conflicts=True)  # nobody has set any yet
    settings: FeedbackSettings = FeedbackSettings.objects.select_for_update().get()
    if settings.version != version:
        raise StaleVersion
    details: dict[str, object] = {}
    if settings.chain_reads != chain_reads:
        details["chain_reads"] = [settings.chain_reads, chain_reads]
        settings.chain_reads_since = now if chain_reads else None
    if settings.history_months != history_months:
        details["history_months"] = [settings.history_months, history_months]
        settings.history_months = history_months
    if not details:
        return settings
    settings.version += 1
    settings.save(update_fields=["chain_reads_since", "history_months", "version"])
    record(events.SETTINGS_CHANGED, subject=settings, actor=actor, at=now, details=details)
    return settings

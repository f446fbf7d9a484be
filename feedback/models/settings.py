from django.db import models

from perfsys.tenancy.models import TenantModel


class FeedbackSettings(TenantModel):
    """What a tenant has set about feedback; one row, or none while nobody has set anything (security.md §2)."""

    chain_reads = models.BooleanField(default=False)  # managers further up read what the direct manager reads
    history_months = models.PositiveSmallIntegerField(default=12)  # how far back a new manager reads
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        verbose_name_plural = "feedback settings"
        constraints = [models.UniqueConstraint(fields=["tenant"], name="feedback_one_settings")]

    def __str__(self) -> str:
        return "feedback settings"

from django.db import models

from perfsys.tenancy.models import TenantModel


class FeedbackSettings(TenantModel):
    """What a tenant has set about feedback; one row, or none while nobody has set anything (security.md §2).

    Managers further up read what the direct manager reads, of feedback that was sent since `chain_reads_since`: what
    was sent before was sent to others. Empty: they do not.
    """

    chain_reads_since = models.DateTimeField(null=True, blank=True)
    history_months = models.PositiveSmallIntegerField(default=12)  # how far back a new manager reads
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        verbose_name_plural = "feedback settings"
        constraints = [models.UniqueConstraint(fields=["tenant"], name="feedback_one_settings")]

    def __str__(self) -> str:
        return "feedback settings"

    @property
    def chain_reads(self) -> bool:
        return self.chain_reads_since is not None

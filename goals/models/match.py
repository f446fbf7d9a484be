from django.db import models

from perfsys.tenancy.models import TenantModel


class TextVector(TenantModel):
    """The sentence vector of a text that goals of this tenant have used, under the digest of its plain form
    (`goals.relevance.texts`): half floats, 1 kB. A tenant's own: what is found in a shared one has been written by
    somebody else (docs/decisions/0007)."""

    encoder = models.CharField(max_length=20)
    digest = models.CharField(max_length=32)
    vector = models.BinaryField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "encoder", "digest"], name="goals_vector_once"),
        ]

    def __str__(self) -> str:
        return f"{self.encoder} {self.digest}"


class AlignmentLabel(TenantModel):
    """A manager's word that doing one goal moves the other, with the texts as they read then: what a model can be
    trained with (docs/decisions/0008). It outlives the goals, so it names nobody."""

    child_text = models.CharField(max_length=500)
    parent_text = models.CharField(max_length=500)
    confirmed_as = models.CharField(max_length=32)
    at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "confirmed_as"], name="goals_label_once"),
        ]

    def __str__(self) -> str:
        return f"{self.child_text} supports {self.parent_text}"

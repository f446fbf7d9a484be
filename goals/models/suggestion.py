import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from perfsys.tenancy.models import TenantModel

from .goal import Kind


class SuggestionEntry(TenantModel):
    """A line of a company's suggestion library (product.md §2.8): one of its own, or with the `code` of a ready-made
    one (`goals.suggestions`) what the company made of that. Empty lists fit everywhere; `families` are parts of the
    words the company uses for job families."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    code = models.CharField(max_length=40)
    text_zh = models.CharField(max_length=200, blank=True, default="")
    text_en = models.CharField(max_length=200, blank=True, default="")
    missing = models.CharField(max_length=10, blank=True, default="")  # a code of goals.suggestions.Missing
    families = ArrayField(models.CharField(max_length=40), default=list, blank=True)
    kinds = ArrayField(models.CharField(max_length=10, choices=Kind.choices), default=list, blank=True)
    is_offered = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_suggestion_public_id"),
            models.UniqueConstraint(fields=["tenant", "code"], name="goals_suggestion_code"),
            models.CheckConstraint(condition=~Q(text_zh="") | ~Q(text_en=""), name="goals_suggestion_says_something"),
        ]

    def __str__(self) -> str:
        return self.text_zh or self.text_en

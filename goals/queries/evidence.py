"""The evidence of goals: what stands, what a page shows of it, and the record behind one piece (product.md §5.5)."""

from django.db.models import QuerySet

from goals.models import EvidenceItem


def standing_evidence() -> QuerySet[EvidenceItem]:
    """Without what was deleted in the system it came from."""
    return EvidenceItem.objects.filter(gone_at=None)

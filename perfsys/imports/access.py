"""Files hold personal data of everybody: only administrators import, and they see each other's runs (a colleague
takes over where one left)."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from .models import ImportRun


def visible_runs() -> QuerySet[ImportRun]:
    """For routes open to administrators alone; newest first."""
    return ImportRun.objects.order_by("-uploaded_at", "-id")


def run_to_read(public_id: UUID) -> ImportRun:
    """404 when there is none, or it is another tenant's."""
    return get_object_or_404(visible_runs(), public_id=public_id)

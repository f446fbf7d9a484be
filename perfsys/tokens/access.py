"""Tokens are the administrators' work: their page is open to that role alone."""

from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404

from .models import ApiToken


def visible_tokens() -> QuerySet[ApiToken]:
    """For routes open to administrators; the newest first."""
    return ApiToken.objects.select_related("acts_as", "made_by").order_by("-made_at", "-pk")


def token_to_revoke(public_id: UUID) -> ApiToken:
    return get_object_or_404(visible_tokens(), public_id=public_id)

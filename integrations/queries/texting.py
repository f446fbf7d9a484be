"""What was sent to people's phones (product.md §5.3, §8)."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from ..models import TextMessage
from ..texting import day_began


def texts() -> QuerySet[TextMessage]:
    """The newest first, with whom they went to and what they are about."""
    return TextMessage.objects.select_related("to", "notice").order_by("-made_at", "-pk")


def texts_of_day(now: datetime, zone: ZoneInfo) -> int:
    """How many were taken to be sent since the company's midnight: what the daily limit counts."""
    return TextMessage.objects.filter(tried_at__gte=day_began(now, zone)).count()

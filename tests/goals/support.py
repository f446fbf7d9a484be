"""What is kept about alignments, and the same counted anew."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from goals.models import Alignment, Goal, Outcome, Status, SupportCount
from perfsys.tenancy.scope import use_tenant

KEY = ("layer", "health")


def kept():
    """By goal, period, layer and health: all lines, and primary ones."""
    rows = SupportCount.objects.values_list("of_goal", "in_period", *KEY)
    sums = rows.annotate(n=Sum("lines"), first=Sum("primary_lines"))
    there = set(Goal.objects.values_list("pk", flat=True))
    assert not [row for row in sums if row[0] not in there and any(row[-2:])], "counted below a goal that is gone"
    return {row[:4]: row[4:] for row in sums if any(row[4:])}


def counted():
    public = Alignment.objects.exclude(child__status=Status.DRAFT).exclude(child__outcome=Outcome.CANCELLED)
    rows = (
        public.filter(child__is_private=False)
        .order_by()
        .values_list("parent", "child__period", "child__layer", "child__health")
    )
    sums = rows.annotate(n=Count("pk"), first=Count("pk", filter=Q(is_primary=True)))
    return {row[:4]: row[4:] for row in sums}


def wrongly_aligned():
    """Ids of goals that are said to support something first, or not to, and it is not so."""
    first = Exists(Alignment.objects.filter(child=OuterRef("pk"), is_primary=True))
    return set(Goal.objects.annotate(so=first).exclude(is_aligned=F("so")).values_list("pk", flat=True))


def meet(first, then, last=lambda: None):
    """`then` is asked for while what `first` wrote is not committed: it has to wait, and not in the way of `last`."""

    def ask():
        try:
            with use_tenant(1):
                then()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        with use_tenant(1), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL lock_timeout = '5s'")
            first()
            waiting = pool.submit(ask)
            with pytest.raises(TimeoutError):
                waiting.result(0.3)
            last()
        waiting.result(10)
    with use_tenant(1):
        assert kept() == counted() and not wrongly_aligned()

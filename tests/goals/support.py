"""What is kept about alignments, and the same counted anew."""

from django.db.models import Count, Exists, F, OuterRef, Q, Sum

from goals.models import Alignment, Goal, Outcome, Status, SupportCount

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

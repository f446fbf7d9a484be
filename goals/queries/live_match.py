"""How well a goal that is being written would support the one above: product.md §2.7 over words nobody has
saved. Nothing is kept of it; the match of what is saved is worked out as always (goals.queries.match)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import DecimalField, Exists, Q, Subquery, Sum, Value

from goals.alignment import AlignmentFacts, Evidence, Match, Span, alignment_match
from goals.models import Alignment, Goal, KeyResult, Kind, Outcome
from goals.relevance import relevances
from integrations.models import EvidenceType, ProposalStep, RecordReference
from perfsys.common import vectors

from .match import measures_of, model_file


@dataclass(frozen=True)
class Typed:
    """What the match is asked of, as far as it is written. `goal` is the draft it stands in, where there is one."""

    title: str
    starts_on: date
    due_on: date
    measure: str = ""
    evidence_type: str = ""
    evidence_number: str = ""
    goal: Goal | None = None


def match_of(typed: Typed, parent: Goal, *, today: date) -> Match:
    """Two queries at most, and the texts judged: by their vectors, which this process keeps by text, once the encoder
    is loaded."""
    pair = (typed.title, parent.title)
    judged = relevances([pair], words_only=not vectors.is_warm(), model=model_file())[0]
    known = _known(typed, parent)
    child = Goal(title=typed.title, measure=typed.measure)
    results = KeyResult.objects.filter(goal=parent, retired_on=None).values_list("title", "measure")
    facts = AlignmentFacts(
        relevance=judged,
        evidence=Evidence(
            source_connected=known["is_connected"],
            has_type=bool(typed.evidence_type),
            has_number=bool(typed.evidence_number),
            resolves=known["resolves"],
        ),
        measures=measures_of(child, parent, list(results) if parent.kind == Kind.OBJECTIVE else ()),
        child_span=Span(typed.starts_on, typed.due_on),
        parent_span=Span(parent.starts_on, parent.due_on),
        contribution=known["contribution"],
        siblings_sum=known["siblings_sum"] or Decimal(0),
    )
    return alignment_match(facts, today=today)


def primary_parent(goal: Goal) -> Goal | None:
    found = Alignment.objects.filter(child=goal, is_primary=True).select_related("parent__unit").first()
    return found.parent if found is not None else None


def _known(typed: Typed, parent: Goal) -> dict[str, Any]:
    """What the database adds: whether a source holds such records, and this one; what the draft's share is already."""
    records = RecordReference.objects.all()
    of_type = records.filter(type=typed.evidence_type) if typed.evidence_type else records
    shares = Alignment.objects.filter(parent=parent).exclude(child__outcome=Outcome.CANCELLED)
    own = Alignment.objects.filter(parent=parent, child=typed.goal).values("contribution")
    known: Any = Goal.objects.filter(pk=parent.pk).values(
        is_connected=Exists(of_type),
        resolves=_resolves(typed),
        contribution=Subquery(own[:1]) if typed.goal is not None else Value(None, output_field=DecimalField()),
        siblings_sum=Subquery(shares.order_by().values("parent").annotate(whole=Sum("contribution")).values("whole")),
    )
    return dict(known.get())


def _resolves(typed: Typed) -> Any:
    """A proposal does so once its trail is whole (product.md §5.5)."""
    named = RecordReference.objects.filter(type=typed.evidence_type, number=typed.evidence_number or None)
    if typed.evidence_type != EvidenceType.PROPOSAL:
        return Exists(named)
    standing = named.filter(record__deleted_at=None)
    return Q(*(Exists(standing.filter(step=step)) for step in ProposalStep.values))

"""How well goals are aligned (product.md §2.7): the facts of many alignments in one statement, for the page that shows
the parts and for the job that writes the figures. `goals.alignment` says the same over values."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from goals.access import readable_of
from goals.alignment import (
    NEAR_DAYS,
    AlignmentFacts,
    Confirmation,
    Evidence,
    Match,
    Measures,
    Span,
    alignment_match,
    names_one_of,
)
from goals.models import Alignment, Goal, Kind
from goals.relevance import Code, Reason, Relevance
from goals.relevance.model import MODEL_FILE
from goals.relevance.subjects import main_subject, subjects_of
from goals.relevance.texts import plain
from integrations.models import EvidenceType
from perfsys.common import vectors
from perfsys.people.access import Viewer
from perfsys.tenancy.prepared import prepared
from perfsys.tenancy.scope import current_tenant_id

MEASURES_KEPT = 10_000

# Of a proposal that a system holds: whether its trail has all three steps (product.md §5.5).
WHOLE_PROPOSAL = """(SELECT count(DISTINCT part.step) = 3 FROM integrations_recordreference part
            JOIN integrations_record holder ON holder.tenant_id = part.tenant_id AND holder.id = part.record_id
            WHERE part.tenant_id = %(tenant)s AND part.type = 'proposal' AND part.number = {number} AND part.step <> ''
                AND holder.deleted_at IS NULL)"""

# One line an alignment. A source is connected for a goal where one holds records of the type that it names; where it
# names none, where one holds any: a CRM does not make drawings wanting.
FACTS = """
WITH source AS (
    SELECT coalesce(array_agg(kind), '{}') AS kinds FROM unnest(%(kinds)s::text[]) AS kind
    WHERE EXISTS (SELECT FROM integrations_recordreference held WHERE held.tenant_id = %(tenant)s AND held.type = kind)
), line AS (
    SELECT a.id, a.child_id, a.parent_id, a.contribution, a.confirmed_at,
           CASE WHEN a.judged = md5(child.title || E'\\n' || parent.title || E'\\n' || %(model)s)
                THEN a.relevance END AS relevance,
           child.evidence_type, child.evidence_number,
           least(child.due_on, parent.due_on) - greatest(child.starts_on, parent.starts_on) + 1 AS days_shared,
           child.due_on - child.starts_on + 1 AS days_own,
           (child.starts_on >= parent.starts_on - %(near)s::int
                OR date_trunc('quarter', child.starts_on) = date_trunc('quarter', parent.starts_on))
           AND (child.due_on <= parent.due_on + %(near)s::int
                OR date_trunc('quarter', child.due_on) = date_trunc('quarter', parent.due_on)) AS is_near
    FROM goals_alignment a
    JOIN goals_goal child ON child.tenant_id = a.tenant_id AND child.id = a.child_id
    JOIN goals_goal parent ON parent.tenant_id = a.tenant_id AND parent.id = a.parent_id
    WHERE a.tenant_id = %(tenant)s AND a.id = ANY(%(ids)s::bigint[])
), shared AS (
    SELECT sibling.parent_id, sum(sibling.contribution) AS whole
    FROM goals_alignment sibling
    JOIN goals_goal child ON child.tenant_id = sibling.tenant_id AND child.id = sibling.child_id
    WHERE sibling.tenant_id = %(tenant)s AND child.outcome <> 'cancelled'
        AND sibling.parent_id IN (SELECT parent_id FROM line WHERE contribution IS NOT NULL)
    GROUP BY sibling.parent_id
), proof AS (
    SELECT item.goal_id, bool_or(item.type <> '' AND item.number <> '') AS is_named,
           max(item.local_on) FILTER (WHERE item.local_on <= %(today)s) AS latest_on
    FROM goals_evidenceitem item
    WHERE item.tenant_id = %(tenant)s AND item.gone_at IS NULL AND item.goal_id IN (SELECT child_id FROM line)
    GROUP BY item.goal_id
), fact AS (
    SELECT line.id, line.child_id, line.parent_id, line.relevance, line.confirmed_at IS NOT NULL AS is_confirmed,
        line.contribution, line.days_shared, line.days_own, line.is_near,
        coalesce(shared.whole, 0) AS siblings_sum,
        CASE WHEN line.evidence_type = '' THEN source.kinds <> '{}' ELSE line.evidence_type = ANY(source.kinds) END
            AS source_connected,
        proof.goal_id IS NOT NULL AS proof_attached,
        line.evidence_type <> '' OR coalesce(proof.is_named, false) AS has_type,
        line.evidence_number <> '' OR coalesce(proof.is_named, false) AS has_number,
        proof.goal_id IS NOT NULL OR (line.evidence_number <> '' AND line.evidence_type = ANY(source.kinds)
            AND EXISTS (SELECT FROM integrations_recordreference named WHERE named.tenant_id = %(tenant)s
                        AND named.type = line.evidence_type AND named.number = line.evidence_number)
            AND (line.evidence_type <> 'proposal' OR {whole})) AS resolves,
        proof.latest_on
    FROM line CROSS JOIN source
    LEFT JOIN shared ON shared.parent_id = line.parent_id LEFT JOIN proof ON proof.goal_id = line.child_id
)
""".replace("{whole}", WHOLE_PROPOSAL.format(number="line.evidence_number"))
_COLUMNS = """
SELECT id, is_confirmed, siblings_sum,
    ARRAY(SELECT ARRAY[result.title, result.measure] FROM goals_keyresult result
          WHERE result.tenant_id = %(tenant)s AND result.goal_id = fact.parent_id
              AND result.retired_on IS NULL) AS results,
    source_connected, proof_attached, has_type, has_number, resolves, latest_on
FROM fact
"""
_READ = FACTS + _COLUMNS


@dataclass(frozen=True)
class Line:
    """What a goal supports, how well, and whether the reader may open it. `match` is None while it is worked out."""

    alignment: Alignment
    match: Match | None

    @property
    def parent(self) -> Goal:
        return self.alignment.parent


def lines_of(who: Viewer, goal: Goal) -> list[Line]:
    """What `goal` supports as far as `who` may read it, the primary one first. Two queries, three where a goal above is
    not everybody's to read, one where there is none."""
    found = list(Alignment.objects.filter(child=goal).select_related("parent__unit").order_by("-is_primary", "pk"))
    readable = readable_of(who, [one.parent for one in found])
    return lines_among(goal, [one for one in found if one.parent_id in readable], who.on)


def lines_among(goal: Goal, alignments: Sequence[Alignment], today: date) -> list[Line]:
    """The same from alignments of `goal` that are read with the goals above. One query; none for none."""
    for one in alignments:
        one.child = goal
    return [Line(one, match) for one, match in zip(alignments, matches(alignments, today=today), strict=True)]


def figures_of(goal_ids: Collection[int]) -> dict[int, int]:
    """How well each goal supports the one right above it, as it was last worked out. One query."""
    asked = tuple(goal_ids)
    return {child: match for child, match in _matched(asked) if match is not None} if asked else {}


@prepared
def _matched(goals: tuple[int, ...]) -> QuerySet[Alignment, Any]:
    lines = Alignment.objects.filter(child__in=goals, is_primary=True, match__isnull=False)
    return lines.values_list("child_id", "match")


def matches(alignments: Sequence[Alignment], *, today: date) -> list[Match | None]:
    """Of alignments read with both goals. One query; none for none."""
    if not alignments:
        return []
    with connection.cursor() as cursor:
        cursor.execute(_READ, arguments([one.pk for one in alignments], today))
        rows = {row[0]: row[1:] for row in cursor.fetchall()}
    return [_match(one, rows[one.pk], today) for one in alignments]


def _match(one: Alignment, row: tuple[Any, ...], today: date) -> Match | None:
    is_confirmed, siblings_sum, results, *evidence = row
    relevance = relevance_of(one)
    confirmation = None
    if is_confirmed and one.confirmed_at is not None:
        confirmation = Confirmation(one.confirmed_by_name, one.confirmed_because, one.confirmed_at.date())
    if relevance is None:
        return None
    child, parent = one.child, one.parent
    facts = AlignmentFacts(
        relevance=relevance,
        evidence=Evidence(*evidence),
        measures=measures_of(child, parent, results if parent.kind == Kind.OBJECTIVE else ()),
        child_span=Span(child.starts_on, child.due_on),
        parent_span=Span(parent.starts_on, parent.due_on),
        contribution=one.contribution,
        siblings_sum=Decimal(siblings_sum),
        confirmation=confirmation,
    )
    return alignment_match(facts, today=today)


def measures_of(child: Goal, parent: Goal, results: Sequence[tuple[str, str]]) -> Measures:
    """`results` are the key results of `parent`: title and measure of each."""
    families = [family_of(parent.measure, parent.title), *(family_of(measure, title) for title, measure in results)]
    return Measures(
        child_family=family_of(child.measure, child.title),
        parent_families=families,
        parent_has_key_results=bool(results),
        names_key_result=names_one_of([title for title, _ in results], title=child.title, measure=child.measure),
    )


def arguments(alignment_ids: Sequence[int], today: date) -> dict[str, Any]:
    """What FACTS asks with."""
    return {
        "tenant": current_tenant_id(),
        "ids": list(alignment_ids),
        "today": today,
        "model": model_name(),
        "kinds": EvidenceType.values,
        "near": NEAR_DAYS,
    }


# --- what was judged --------------------------------------------------------------------------------------------------


def model_file() -> Path:
    """The shipped model, or the one that the operator trained (docs/decisions/0008)."""
    return Path(settings.ALIGNMENT_MODEL) if settings.ALIGNMENT_MODEL else MODEL_FILE


def model_name() -> str:
    """Names the model and how texts are read: what another one judged has to be judged again."""
    return _name_of(model_file(), vectors.ENCODER if vectors.available() else "words")


@cache
def _name_of(file: Path, encoder: str) -> str:
    return f"{encoder} {hashlib.sha256(file.read_bytes()).hexdigest()[:12]}"


def judged_as(child: str, parent: str) -> str:
    """The same as FACTS asks for."""
    words = "\n".join((child, parent, model_name()))
    return hashlib.md5(words.encode(), usedforsecurity=False).hexdigest()


def confirmed_as(child: str, parent: str) -> str:
    """The texts without their figures: a target that moves asks for no new word of the manager's."""
    words = "\n".join((plain(child), plain(parent)))
    return hashlib.md5(words.encode(), usedforsecurity=False).hexdigest()


def kept(relevance: Relevance) -> dict[str, Any]:
    """The columns of an alignment that hold a judgement."""
    return {"relevance": relevance.score, "reasons": [[one.code, *one.subjects] for one in relevance.reasons]}


def relevance_of(one: Alignment) -> Relevance | None:
    """The judgement as it was kept; None where the texts say something else by now."""
    if one.relevance is None or one.judged != judged_as(one.child.title, one.parent.title):
        return None
    reasons = tuple(Reason(Code(code), tuple(subjects)) for code, *subjects in one.reasons)
    return Relevance(one.relevance, reasons, is_sure=all(one.code != Code.BY_WORDS_ALONE for one in reasons))


@lru_cache(maxsize=MEASURES_KEPT)
def family_of(measure: str, title: str) -> str:
    """What kind of figure a measure is; "" where there is none. Two about one subject are of a family: the subject that
    its words name, else those of the goal it measures. Where neither names any, two that are called the same."""
    if not measure.strip():
        return ""
    words = plain(measure)
    return main_subject(subjects_of(words)) or main_subject(subjects_of(plain(title))) or words

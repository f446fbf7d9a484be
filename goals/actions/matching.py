"""How well goals are aligned, worked out by sets and kept on the alignment (product.md §2.7, docs/decisions/0008).

Two steps, because they cost so differently: what the texts say is judged by a job, once for each pair of texts; the
match goes by that and by facts that change daily, and is one statement for a whole company.
"""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from goals.alignment import SURE_OF_MEANING, names_one_of
from goals.models import Alignment, KeyResult, Kind, TextVector
from goals.queries.match import FACTS, arguments, confirmed_as, family_of, judged_as, kept, model_file
from goals.queries.settings import local_date
from goals.relevance import relevances
from perfsys.common.vectors import ENCODER
from perfsys.jobs.actions import enqueue_once_per_transaction
from perfsys.tenancy.rows import update_rows

JOB = "goals.match"
LOOKED_AT = 4_000  # alignments a step of the job; of these are judged at most
JUDGED = 250  # so a step takes seconds even where every text is new
WRITTEN = 5_000  # alignments a statement

_PARTS = """
, part AS (
    SELECT fact.id, fact.is_confirmed, fact.relevance,
        source_connected OR proof_attached AS asks_evidence,
        (CASE WHEN resolves AND has_type AND has_number THEN 15 ELSE 0 END)
            + (CASE WHEN latest_on >= %(today)s::date - 28 THEN 10 ELSE 0 END) AS of_evidence,
        coalesce(above.family, '') <> '' OR result.goal_id IS NOT NULL AS asks_measure,
        CASE WHEN naming.id IS NOT NULL
                  OR (own.family <> '' AND (own.family = above.family OR own.family = ANY(result.families))) THEN 15
             WHEN own.family <> '' AND fact.relevance >= %(sure)s
                  AND (coalesce(above.family, '') <> '' OR array_to_string(result.families, '') <> '')
                  THEN 15 * fact.relevance / 100.0
             ELSE 0 END AS of_measure,
        CASE WHEN is_near AND days_shared > 0 THEN 10 WHEN 2 * days_shared >= days_own THEN 5 ELSE 0 END AS of_time,
        contribution IS NOT NULL AS asks_contribution,
        CASE WHEN siblings_sum BETWEEN 60 AND 100 THEN 10 ELSE 0 END AS of_contribution
    FROM fact
    LEFT JOIN unnest(%(goals)s::bigint[], %(families)s::text[]) AS own(goal_id, family) ON own.goal_id = fact.child_id
    LEFT JOIN unnest(%(goals)s::bigint[], %(families)s::text[]) AS above(goal_id, family)
        ON above.goal_id = fact.parent_id
    LEFT JOIN (SELECT goal_id, array_agg(family) AS families
               FROM unnest(%(resulted)s::bigint[], %(result_families)s::text[]) AS one(goal_id, family)
               GROUP BY goal_id) AS result ON result.goal_id = fact.parent_id
    LEFT JOIN unnest(%(naming)s::bigint[]) AS naming(id) ON naming.id = fact.id
), found AS (
    SELECT id, CASE WHEN is_confirmed THEN 100 WHEN relevance IS NOT NULL THEN floor(round(100 * (
            relevance * 40 / 100.0 + of_time
            + CASE WHEN asks_evidence THEN of_evidence ELSE 0 END
            + CASE WHEN asks_measure THEN of_measure ELSE 0 END
            + CASE WHEN asks_contribution THEN of_contribution ELSE 0 END
        ) / (50 + CASE WHEN asks_evidence THEN 25 ELSE 0 END + CASE WHEN asks_measure THEN 15 ELSE 0 END
             + CASE WHEN asks_contribution THEN 10 ELSE 0 END), 6)) END AS match
    FROM part
)
UPDATE goals_alignment line SET match = found.match FROM found
WHERE line.tenant_id = %(tenant)s AND line.id = found.id AND line.match IS DISTINCT FROM found.match
"""
_WRITE = FACTS + _PARTS


class Vectors:
    """The tenant's kept vectors, for `goals.relevance`."""

    def get(self, digests: Iterable[str]) -> Mapping[str, bytes]:
        rows = TextVector.objects.filter(encoder=ENCODER, digest__in=list(digests))
        return {digest: bytes(vector) for digest, vector in rows.values_list("digest", "vector")}

    def put(self, vectors: Mapping[str, bytes]) -> None:
        rows = [TextVector(encoder=ENCODER, digest=digest, vector=vector) for digest, vector in sorted(vectors.items())]
        TextVector.objects.bulk_create(rows, ignore_conflicts=True)


def write_matches(*, today: date, goals: Collection[int] | None = None) -> int:
    """The match of every alignment, or of those of `goals` and of what supports the same; returns how many changed.
    Those whose texts have not been judged yet have none."""
    return sum(_write(ids, today) for ids in _chunks(_beside(goals) if goals is not None else None))


def look_again(goals: Collection[int], *, today: date) -> None:
    """Something was said about what `goals` support, or they say something else: what can be worked out at once is, and
    texts that nobody has judged are left to the job."""
    write_matches(today=today, goals=goals)
    if Alignment.objects.filter(child__in=goals, match=None).exists():
        look_for_matches()


def look_for_matches() -> None:
    """Have every pair of texts judged that is not yet."""
    enqueue_once_per_transaction(JOB)


@transaction.atomic
def judge_some(*, now: datetime, after: int = 0) -> int | None:
    """The next alignments whose texts have not been judged as they read now, and the match of all it looked at. Gives
    the id to go on after, None at the end. Done again it changes nothing."""
    columns = ("pk", "child__title", "parent__title", "judged", "confirmed_as", "child_id")
    looked_at = list(Alignment.objects.filter(pk__gt=after).order_by("pk").values_list(*columns)[:LOOKED_AT])
    waiting = [row for row in looked_at if row[3] != judged_as(row[1], row[2])]
    if waiting[JUDGED:]:
        looked_at = [row for row in looked_at if row[0] <= waiting[JUDGED - 1][0]]
    _judge([row[:3] for row in waiting[:JUDGED]])
    _withdraw([row[0] for row in looked_at if row[4] and row[4] != confirmed_as(row[1], row[2])])
    _write([row[0] for row in looked_at], local_date(now))
    return looked_at[-1][0] if waiting[JUDGED:] or len(looked_at) == LOOKED_AT else None


def _judge(rows: list[tuple[int, str, str]]) -> None:
    if not rows:
        return
    found = relevances([(child, parent) for _, child, parent in rows], store=Vectors(), model=model_file())
    update_rows(
        Alignment,
        [
            {"id": pk, "judged": judged_as(child, parent), **kept(relevance)}
            for (pk, child, parent), relevance in zip(rows, found, strict=True)
        ],
    )


def _withdraw(ids: list[int]) -> None:
    """What was confirmed says something else now."""
    if ids:
        Alignment.objects.filter(pk__in=ids).update(**UNCONFIRMED, version=F("version") + 1)


UNCONFIRMED: dict[str, Any] = {
    "confirmed_by": None,
    "confirmed_by_name": "",
    "confirmed_at": None,
    "confirmed_because": "",
    "confirmed_as": "",
}


def _write(ids: list[int], today: date) -> int:
    if not ids:
        return 0
    of_these = Alignment.objects.filter(pk__in=ids).order_by()
    families: dict[int, str] = {}
    for end in ("child", "parent"):
        measured = of_these.exclude(**{f"{end}__measure": ""})
        columns = (f"{end}_id", f"{end}__measure", f"{end}__title")
        for goal, measure, title in measured.values_list(*columns).distinct():
            families[goal] = family_of(measure, title)
    results = _key_results(ids)
    asked = arguments(ids, today) | {
        "goals": list(families),
        "families": list(families.values()),
        "resulted": [goal for goal, of_goal in results.items() for _ in of_goal],
        "result_families": [family_of(measure, title) for of_goal in results.values() for title, measure in of_goal],
        "naming": _naming(ids, results),
        "sure": SURE_OF_MEANING,
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, asked)
        return int(cursor.rowcount)


def _key_results(ids: list[int]) -> dict[int, list[tuple[str, str]]]:
    """Title and measure of those of the objectives that the alignments lead to."""
    above = Alignment.objects.filter(pk__in=ids).order_by().values("parent")
    found: dict[int, list[tuple[str, str]]] = {}
    listed = KeyResult.objects.filter(goal__in=above, goal__kind=Kind.OBJECTIVE, retired_on=None)
    for goal, title, measure in listed.values_list("goal_id", "title", "measure"):
        found.setdefault(goal, []).append((title, measure))
    return found


def _naming(ids: list[int], results: Mapping[int, list[tuple[str, str]]]) -> list[int]:
    """The alignments whose goal names a key result of the one above."""
    if not results:
        return []
    lines = Alignment.objects.filter(pk__in=ids, parent__in=list(results)).order_by()
    return [
        pk
        for pk, parent, title, measure in lines.values_list("pk", "parent_id", "child__title", "child__measure")
        if names_one_of([name for name, _ in results[parent]], title=title, measure=measure)
    ]


def _beside(goals: Collection[int]) -> list[int]:
    """Alignments of the goals themselves, and those that share a parent: their contributions are one sum."""
    parents = list(Alignment.objects.filter(child__in=goals).values_list("parent_id", flat=True))
    own = Alignment.objects.filter(child__in=goals)
    shared = Alignment.objects.filter(parent__in=parents, contribution__isnull=False)
    below = Alignment.objects.filter(parent__in=goals)  # their dates and measures are asked of the goal
    return sorted({pk for found in (own, shared, below) for pk in found.values_list("pk", flat=True)})


def _chunks(ids: list[int] | None) -> Iterable[list[int]]:
    """By id, so that the memory it takes stays the same however many there are."""
    if ids is not None:
        yield from (ids[at : at + WRITTEN] for at in range(0, len(ids), WRITTEN))
        return
    after = 0
    while some := list(Alignment.objects.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:WRITTEN]):
        yield some
        after = some[-1]

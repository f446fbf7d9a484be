"""What was written down in an interview, and the facts it may rest on; each in a fixed number of queries."""

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Prefetch, Q

from feedback.access import visible_feedback
from feedback.models import ActionItem, Feedback
from goals.access import readable_of
from goals.models import EvidenceItem, Goal
from goals.queries.evidence import standing_evidence
from perfsys.people.access import Viewer
from reviews.facts import Fact
from reviews.models import Interview, InterviewAction, InterviewModule, ModuleFact
from reviews.pack import Pack

MOST_OF_A_KIND = 10


@dataclass(frozen=True)
class Written:
    """One module; `facts` are those the reader may read, `hidden` counts the others."""

    module: InterviewModule
    facts: list[Fact]
    hidden: int = 0


@dataclass(frozen=True)
class Record:
    """What was written down, by module; what was agreed on; and of the pack beside it what can be read today: feedback
    by id, and the facts a module may rest on."""

    written: dict[str, Written]
    agreed: list[ActionItem]
    feedback: dict[int, Feedback]
    offered: list[Fact]


def record_of(who: Viewer, interview: Interview, pack: Pack | None = None) -> Record:
    """At most seven queries, and one more where goals are hidden: modules and their facts, what the company has set
    about feedback, the feedback, actions, and of a pack its goals and their evidence."""
    linked = ModuleFact.objects.select_related("goal", "evidence__goal", "action_item").order_by("pk")
    modules = list(InterviewModule.objects.filter(interview=interview).prefetch_related(Prefetch("facts", linked)))
    rows = [row for module in modules for row in module.facts.all()]
    told = {pk for row in rows if (pk := row.feedback_id or (row.action_item and row.action_item.feedback_id))}
    latest, open_items = _latest(pack), _named(pack, {"feedback"})
    quoted = pack.words[0].feedback_ids[-1:] if pack and pack.words else []
    feedback = feedback_behind(who, interview, [*told, *open_items, *latest, *quoted])
    taken_on = _named(pack, {"action", "promise"})
    actions = _actions(interview, taken_on)
    goals, evidence = _goals(who, interview, pack, [goal for row in rows if (goal := _goal_of(row))])
    readable = {goal.pk for goal in goals}
    offered = [Fact(goal=goal) for goal in goals if pack and str(goal.public_id) in _goal_ids(pack)][:MOST_OF_A_KIND]
    offered += [Fact(feedback=feedback[pk]) for pk in dict.fromkeys([*latest, *open_items]) if pk in feedback]
    offered += [Fact(evidence=piece) for piece in evidence]
    offered += [Fact(action_item=actions[pk]) for pk in taken_on if pk in actions][:MOST_OF_A_KIND]
    written = {}
    for module in modules:
        facts = [fact for row in module.facts.all() if (fact := _fact(row, readable, feedback))]
        written[module.module] = Written(module, facts, len(module.facts.all()) - len(facts))
    agreed = [item for item in actions.values() if item.is_agreed]
    return Record(written, agreed, feedback, offered)


def feedback_behind(who: Viewer, interview: Interview, ids: Iterable[int]) -> dict[int, Feedback]:
    """Those of `ids` about the employee that `who` may read today, the latest first. Two queries: what the company has
    set about reading, and the feedback."""
    wanted = set(ids)
    if not wanted:
        return {}
    found = visible_feedback(who).filter(pk__in=wanted, receiver=interview.employee_id, withdrawn_at=None)
    return {one.pk: one for one in found.select_related("giver", "tag").order_by("-at", "-pk")}


def content_mark(interview: Interview) -> str:
    """As `mark_of`, of what stands there now. Two queries."""
    modules = InterviewModule.objects.filter(interview=interview).values_list("module", "version")
    agreed = InterviewAction.objects.filter(interview=interview).values_list("action_item", flat=True)
    return mark_of(interview.improvement_plan, modules, agreed)


def mark_of(plan: str, modules: Iterable[tuple[str, int]], actions: Iterable[int]) -> str:
    """Changes with every word of the record: a signature stands under what was on the page. `modules` with their
    versions, `actions` by id, in any order."""
    said = json.dumps([plan, sorted(modules), sorted(actions)])
    return hashlib.blake2b(said.encode(), digest_size=12).hexdigest()


def _fact(row: ModuleFact, goals: Collection[int], feedback: Mapping[int, Feedback]) -> Fact | None:
    """None where the reader may not read it, or the feedback was withdrawn."""
    if row.feedback_id is not None:
        return Fact(feedback=feedback[row.feedback_id]) if row.feedback_id in feedback else None
    if row.action_item is not None:
        behind = row.action_item.feedback_id
        return Fact(action_item=row.action_item) if behind is None or behind in feedback else None
    goal = _goal_of(row)
    return Fact(goal=row.goal, evidence=row.evidence) if goal is not None and goal.pk in goals else None


def _goal_of(row: ModuleFact) -> Goal | None:
    """The goal that is the fact, or that the evidence belongs to."""
    return row.evidence.goal if row.evidence is not None else row.goal


def _latest(pack: Pack | None) -> list[int]:
    return list(reversed(pack.feedback_ids))[:MOST_OF_A_KIND] if pack else []


def _named(pack: Pack | None, kinds: Collection[str]) -> list[int]:
    return [item.id for item in pack.items if item.kind in kinds] if pack else []


def _goal_ids(pack: Pack) -> dict[str, int]:
    """In the order of the pack."""
    return {line.public_id: place for place, line in enumerate(pack.goals)}


def _actions(interview: Interview, taken_on: Collection[int]) -> dict[int, Any]:
    """What the pack names and what was agreed on (`is_agreed`), by id. One query."""
    agreed = InterviewAction.objects.filter(interview=interview)
    found: Any = ActionItem.objects.filter(
        Q(pk__in=taken_on, owner=interview.employee_id) | Q(pk__in=agreed.values("action_item"))
    )
    found = found.annotate(is_agreed=Exists(agreed.filter(action_item=OuterRef("pk"))))
    return {item.pk: item for item in found.select_related("owner").order_by("pk")}


def _goals(
    who: Viewer, interview: Interview, pack: Pack | None, linked: Sequence[Goal]
) -> tuple[list[Goal], list[EvidenceItem]]:
    """Those of the pack, in its order, and the linked ones, as far as `who` may read them; and the latest evidence of
    those of the pack as of its day."""
    order = _goal_ids(pack) if pack else {}
    named = list(Goal.objects.filter(public_id__in=order, owner=interview.employee_id)) if order else []
    readable = readable_of(who, [*named, *linked])
    named = sorted((goal for goal in named if goal.pk in readable), key=lambda goal: order[str(goal.public_id)])
    evidence: list[EvidenceItem] = []
    if named and pack:
        shown = standing_evidence().filter(goal__in=[goal.pk for goal in named], local_on__lte=pack.as_of)
        evidence = list(shown.select_related("goal").order_by("-at", "-pk")[:MOST_OF_A_KIND])
    return [*named, *(goal for goal in linked if goal.pk in readable and goal not in named)], evidence

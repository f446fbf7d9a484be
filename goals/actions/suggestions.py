"""The suggestion library as a company keeps it, and taking a suggestion up (product.md §2.8)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from uuid import uuid4

from django.db import transaction

from goals import events
from goals.models import (
    AdjustmentRequest,
    Direction,
    Field,
    Goal,
    GoalAlert,
    GoalSettings,
    Milestone,
    SuggestionEntry,
)
from goals.queries.adjusting import Whose, draft_of, lines_of
from goals.queries.figures import expectations
from goals.queries.settings import local_date
from goals.queries.suggestions import count_anywhere, library
from goals.suggestions import OFFERED, Suggestion
from perfsys.audit.actions import record
from perfsys.people.models import Employee

from .adjusting import Wanted, keep_draft
from .goal import StaleVersion
from .trail import GoalNotOpen

SHOWN_WITHIN = timedelta(days=14)  # a step is small enough to be shown by then


class TooFewLeft(Exception):
    """Three that fit anywhere have to stay: add another one first."""


@dataclass(frozen=True)
class SuggestionWords:
    text_zh: str
    text_en: str = ""
    missing: str = ""
    families: Sequence[str] = ()
    kinds: Sequence[str] = ()


@transaction.atomic
def add_suggestion(*, words: SuggestionWords, actor: Employee | None, now: datetime) -> SuggestionEntry:
    made: SuggestionEntry = SuggestionEntry.objects.create(code=f"own-{uuid4().hex[:12]}", **_columns(words))
    record(events.SUGGESTION_CHANGED, subject=made, actor=actor, at=now)
    return made


@transaction.atomic
def change_suggestion(
    *, suggestion: Suggestion, version: int, words: SuggestionWords, actor: Employee | None, now: datetime
) -> SuggestionEntry:
    """A ready-made one becomes the company's by that. `version` is what the editor saw, 0 for one that nobody has
    changed yet. Raises StaleVersion, TooFewLeft."""
    kept = _kept(suggestion)
    if kept.version != max(version, 1):
        raise StaleVersion
    for name, value in _columns(words).items():
        setattr(kept, name, value)
    return _save(kept, actor, now)


@transaction.atomic
def switch_suggestion(
    *, suggestion: Suggestion, is_offered: bool, actor: Employee | None, now: datetime
) -> SuggestionEntry:
    """Offered, or no longer; what was taken up stays on its goal. Raises TooFewLeft."""
    kept = _kept(suggestion)
    if kept.is_offered == is_offered:
        return kept
    kept.is_offered = is_offered
    return _save(kept, actor, now)


@transaction.atomic
def adopt_suggestion(*, alert: GoalAlert, suggestion: Suggestion, actor: Employee | None, now: datetime) -> Milestone:
    """It stands among the stages of the goal, to be shown within two weeks. Twice is once. Raises GoalNotOpen."""
    goal: Goal = Goal.objects.select_for_update(of=["self"], no_key=True).select_related("owner").get(pk=alert.goal_id)
    if not goal.is_open:
        raise GoalNotOpen
    today = local_date(now)
    due_on = max(today, min(today + SHOWN_WITHIN, goal.due_on))
    made: Milestone
    made, is_new = Milestone.objects.get_or_create(
        goal=goal, adopted=suggestion.code, defaults={"title": suggestion.text, "due_on": due_on}
    )
    if is_new:
        details = {"suggestion": suggestion.code}
        record(events.SUGGESTION_ADOPTED, subject=goal, about=goal.owner, actor=actor, at=now, details=details)
    return made


@transaction.atomic
def draft_adjustment(*, alert: GoalAlert, suggestion: Suggestion, actor: Employee, now: datetime) -> AdjustmentRequest:
    """One that is about a target, a day or a weight is asked for: the actor's draft about the goal, with what it comes
    to where that can be worked out, beside what he has drafted already. Raises GoalNotOpen."""
    goal: Goal = Goal.objects.select_related("owner", "unit", "period").get(pk=alert.goal_id)
    if not goal.is_open:
        raise GoalNotOpen
    whose = Whose(goal.layer, goal.owner)
    known = draft_of(whose, goal.period, asker=actor)
    lines = lines_of(known) if known else []
    wanted = [Wanted(line.goal, line.field, line.new) for line in lines]
    is_drafted = any(line.goal_id == goal.pk and line.field == suggestion.adjusts for line in lines)
    proposed = None if is_drafted else proposed_change(goal, suggestion.adjusts, local_date(now))
    if proposed is not None:
        wanted.append(Wanted(goal, suggestion.adjusts, proposed))
    reason = known.reason if known and known.reason else suggestion.text
    about = {"suggestion": suggestion.code}
    record(events.SUGGESTION_ADOPTED, subject=goal, about=goal.owner, actor=actor, at=now, details=about)
    return keep_draft(whose=whose, period=goal.period, wanted=wanted, reason=reason, actor=actor, now=now)


def proposed_change(goal: Goal, field: str, today: date) -> Decimal | date | None:
    """Two weeks more; or where the pace of today leads by the due date, short of the target. None where only a person
    can say it: to whom a weight would go, and where a figure that has not moved would end."""
    if field == Field.DUE_ON:
        return goal.due_on + SHOWN_WITHIN
    start, last, target = goal.baseline or Decimal(0), goal.last_value, goal.target
    if field != Field.TARGET or not goal.counts_values or last is None or target is None:
        return None
    expected = expectations([goal], today).of(goal)
    if goal.direction == Direction.HOLD or expected <= 0:
        return None
    ends_at = (start + (last - start) * 100 / expected).quantize(
        Decimal(1) if target == target.to_integral_value() else Decimal("0.01")
    )
    return ends_at if min(start, target) < ends_at < max(start, target) else None


def _kept(suggestion: Suggestion) -> SuggestionEntry:
    """Its row, locked; editors of the library wait for each other, as together they keep three that fit anywhere."""
    GoalSettings.objects.bulk_create([GoalSettings()], ignore_conflicts=True)
    GoalSettings.objects.select_for_update().get()
    row = {
        "text_zh": suggestion.zh,
        "text_en": suggestion.en,
        "missing": suggestion.missing,
        "families": list(suggestion.families),
        "kinds": sorted(suggestion.kinds),
        "is_offered": suggestion.is_offered,
    }
    found, _is_new = SuggestionEntry.objects.get_or_create(code=suggestion.code, defaults=row)
    kept: SuggestionEntry = found
    return kept


def _save(kept: SuggestionEntry, actor: Employee | None, now: datetime) -> SuggestionEntry:
    kept.version += 1
    kept.save()
    if count_anywhere(library()) < OFFERED:
        raise TooFewLeft
    record(events.SUGGESTION_CHANGED, subject=kept, actor=actor, at=now)
    return kept


def _columns(words: SuggestionWords) -> dict[str, object]:
    return {
        "text_zh": words.text_zh,
        "text_en": words.text_en,
        "missing": words.missing,
        "families": list(words.families),
        "kinds": list(words.kinds),
    }

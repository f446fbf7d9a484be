"""Judges the rows of an imported goal file: what each means, what is wrong with it, whose sets do not add up.

Rules: product.md §1.6 and §2.1-2.5. Rows come from `perfsys.imports.columns.source_rows`,
recognised with `GOAL_FIELDS`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

from goals.importing import figures
from goals.importing.goal_drafts import Context, Draft, read_drafts
from goals.importing.goal_judgement import REJECTING, GoalJudgement, GoalRow, Limits, OwnerIssue, in_order
from goals.importing.goal_parents import find_parents
from goals.importing.issues import Action, Issue, action_for
from goals.importing.known_goals import GoalIndex, KnownGoal, derived_key, number_key
from goals.importing.owners import Owners
from goals.importing.words import LAYERS
from perfsys.imports.reading import SourceRow

_ORDINAL = re.compile(r"\d{1,3}")


def judge_goals(
    rows: Iterable[SourceRow],
    *,
    period_start: date,
    period_end: date,
    company_name: str,
    owners: Owners,
    limits: Limits,
    known_goals: Iterable[KnownGoal] = (),
) -> GoalJudgement:
    """What an import of these rows would do. `known_goals` are those of the same period that stand already.

    Two walks over the rows, linear in their number: parents may stand below the goals that name them.
    """
    context = Context(period_start, period_end, company_name, owners)
    drafts = read_drafts(rows, context)
    _drop_ordinals(drafts)
    _scale_fraction_weights(drafts)
    known = GoalIndex(known_goals)
    index = _number_and_index(drafts, known)
    by_layer, owner_issues = _count_layers(drafts), tuple(_owner_issues(drafts, limits))
    judged = [_finish(draft, index) for draft in _given_up(drafts)]
    return GoalJudgement(
        company=company_name,
        period_start=period_start,
        period_end=period_end,
        limits=limits,
        rows=tuple(_note_rejected_parents(judged, known)),
        by_layer=by_layer,
        owner_issues=owner_issues,
    )


# --- between the walks: what only the whole file shows -------------------------------------------------------------


def _drop_ordinals(drafts: Sequence[Draft]) -> None:
    """A column that counts 1, 2, 3 anew for every owner or sheet numbers no goals."""
    numbers = [draft.goal_no for draft in drafts if draft.goal_no]
    if len(set(numbers)) < len(numbers) and all(map(_ORDINAL.fullmatch, numbers)):
        for draft in drafts:
            draft.goal_no = None


def _scale_fraction_weights(drafts: Sequence[Draft]) -> None:
    """0.3 is 30 in a sheet that writes all weights so; alone among whole percentages it is 30 with a warning."""
    fractions = figures.sheets_of_fractions((draft.sheet, draft.weight) for draft in drafts)
    for draft in drafts:
        value = draft.weight.value
        if not draft.weight.plain or value is None or not 0 < value <= 1:
            continue
        whole_sheet = draft.sheet in fractions
        if not whole_sheet and value == 1:
            continue
        draft.weight = figures.Share(figures.exact(value * 100))
        if not whole_sheet:
            draft.issues.append(Issue("weight_scaled", {"weight": f"{draft.weight.value}"}))


def _number_and_index(drafts: Sequence[Draft], known: GoalIndex) -> GoalIndex:
    """Gives every draft its key, marks what comes twice, and returns the index in which parents are found."""
    index = GoalIndex()
    taken: dict[str, int] = {}
    for draft in drafts:
        _give_key(draft, known, taken)
        if number_key(draft.key) not in taken:
            taken[number_key(draft.key)] = draft.number
            index.add(KnownGoal(draft.key, draft.layer or "", draft.place, draft.title))
    for goal in known.goals():
        index.add(goal)
    return index


def _give_key(draft: Draft, known: GoalIndex, taken: Mapping[str, int]) -> None:
    standing = known.at(draft.layer or "", draft.place, draft.title)
    if draft.goal_no:
        draft.key = draft.goal_no
        same = known.by_number(draft.goal_no)
        # A goal that came without a number keeps its identity when a later file numbers it.
        adopted = standing if standing and standing.is_derived else None
        draft.known = same.key if same else adopted.key if adopted else None
    else:
        draft.key = _free_key(draft, standing, taken)
        match = known.by_number(draft.key)
        draft.known = match.key if match else None
    match = known.by_number(draft.known) if draft.known else None
    if match and match.due == draft.values.due:  # it was agreed to that day: a request may lead past the period
        draft.issues[:] = [one for one in draft.issues if one.code != "due_out_of_period"]
    row = taken.get(number_key(draft.key))
    if row is not None:
        code = "duplicate_goal_no" if draft.goal_no else "duplicate_goal"
        draft.issues.append(Issue(code, {"goal": draft.goal_no or draft.title, "row": str(row)}))


def _free_key(draft: Draft, standing: KnownGoal | None, taken: Mapping[str, int]) -> str:
    """From layer, owner and title; two goals of one owner that share the title are told apart by their measure."""
    layer, owner = draft.layer or "", draft.place
    key = standing.key if standing else derived_key(layer, owner, draft.title)
    if number_key(key) in taken:
        return derived_key(layer, owner, draft.title, draft.values.measure)
    return key


def _count_layers(drafts: Sequence[Draft]) -> dict[str, int]:
    counted = Counter(draft.layer for draft in drafts)
    return {layer: counted[layer] for layer in LAYERS}


def _owner_issues(drafts: Sequence[Draft], limits: Limits) -> Iterator[OwnerIssue]:
    counts: Counter[tuple[str, str]] = Counter()
    sums: dict[tuple[str, str], Decimal] = {}
    for draft in drafts:
        if draft.layer and draft.owner.shown:
            place = (draft.layer, draft.owner.shown)
            counts[place] += 1
            sums[place] = sums.get(place, Decimal(0)) + (draft.weight.value or 0)
    for layer, owner in sorted(counts, key=lambda place: (LAYERS.index(place[0]), place[1])):
        count, weights = counts[layer, owner], sums[layer, owner]
        if codes := tuple(_set_problems(count, weights, *limits[layer])):
            yield OwnerIssue(layer, owner, count, weights, codes)


def _set_problems(count: int, weights: Decimal, least: int, most: int) -> Iterator[str]:
    if weights != 100:
        yield "weights_not_100"
    if count > most:
        yield "too_many_goals"
    if count < least:
        yield "too_few_goals"


# --- second walk: the row in the light of the file -----------------------------------------------------------------


def _given_up(drafts: list[Draft]) -> Iterator[Draft]:
    """Each in turn and then let go: of 80,000 rows the draft and what became of it would stand in memory twice."""
    drafts.reverse()
    while drafts:
        yield drafts.pop()


def _finish(draft: Draft, index: GoalIndex) -> GoalRow:
    parents = find_parents(draft, index)
    weight = _weight(draft)
    issues = in_order(draft.issues)
    action = action_for(issues, rejecting=REJECTING)
    values = replace(
        draft.values,
        weight=weight,
        extra=draft.extra,
        parent=parents[0].key if parents else None,
        further_parents=tuple(goal.key for goal in parents[1:]),
    )
    return GoalRow(
        sheet=draft.sheet,
        number=draft.number,
        goal_no=draft.goal_no,
        key=draft.key,
        known=draft.known,
        action=action,
        issues=issues,
        values=None if action is Action.REJECT else values,
    )


def _weight(draft: Draft) -> Decimal | None:
    weight = draft.weight
    if weight.value is not None and 0 <= weight.value <= 100:
        return weight.value
    if weight.value is not None or weight.unreadable:
        draft.issues.append(Issue("weight_unreadable", {"weight": "" if weight.value is None else f"{weight.value}"}))
    else:
        draft.issues.append(Issue("weight_missing"))
    return None


def _note_rejected_parents(rows: Sequence[GoalRow], known: GoalIndex) -> Iterator[GoalRow]:
    """A goal whose parent stays out goes in all the same, and is linked when the corrected parent comes."""
    accepted = {number_key(row.key) for row in rows if row.values}
    for row in rows:
        parent = row.values.parent if row.values else None
        if parent is None or number_key(parent) in accepted or known.by_number(parent):
            yield row
        else:
            issues = (*row.issues, Issue("parent_rejected", {"parent": parent}))
            yield replace(row, issues=issues, action=Action.WARN)

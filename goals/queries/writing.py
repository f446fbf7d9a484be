"""What stands beside somebody who writes a goal: periods, goals above to support, how far the set has come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from goals.importing.goal_judgement import period_name
from goals.models import (
    Alignment,
    Goal,
    KeyResult,
    Kind,
    Layer,
    Milestone,
    Obstacle,
    Outcome,
    Period,
    PeriodState,
    ResourceLine,
    Status,
)
from goals.models.period import period_title
from perfsys.people.models import OrgUnit, OrgUnitClosure
from perfsys.people.spans import holds

BESIDE = " · "
MOST_WORDS = 8
A_FEW_DAYS = timedelta(days=3)  # quarters differ by two


@dataclass(frozen=True)
class Span:
    """A period that goals can be written in, opened already or not; both days inside it."""

    name: str
    starts_on: date
    ends_on: date

    @property
    def key(self) -> str:
        return f"{self.starts_on}/{self.ends_on}"

    @property
    def title(self) -> str:
        return period_title(self.name, self.starts_on, self.ends_on)

    def is_no_longer_than(self, other: "Span") -> bool:
        return self.ends_on - self.starts_on <= other.ends_on - other.starts_on + A_FEW_DAYS

    @classmethod
    def of(cls, period: Period) -> "Span":
        return cls(period.name, period.starts_on, period.ends_on)


@dataclass(frozen=True)
class Written:
    """The parts of a goal that stand in tables of their own."""

    parent: Goal | None
    causes: tuple[int, ...]
    milestones: tuple[tuple[str, date], ...]
    planned: dict[str, Any]  # by kind of resource, over the whole period
    key_results: tuple[dict[str, Any], ...] = ()  # by column, of an objective


def spans_to_write_in(on: date) -> list[Span]:
    """Periods that have not ended, this quarter where no period runs, and the next (product.md §1.5); the one to begin
    with comes first."""
    open_ones = Period.objects.filter(ends_on__gte=on).exclude(state=PeriodState.CLOSED)
    spans = {span.key: span for span in map(Span.of, open_ones)}
    this = _quarter(on)
    if not any(span.starts_on <= on and span.is_no_longer_than(this) for span in spans.values()):
        spans.setdefault(this.key, this)  # else goals would be written beside those of the running period
    following = _quarter(this.ends_on + timedelta(days=1))
    coming = [span for span in spans.values() if span.starts_on > on and span.is_no_longer_than(following)]
    if not any(span.starts_on <= following.ends_on and following.starts_on <= span.ends_on for span in coming):
        spans.setdefault(following.key, following)  # nor beside those of one that is opened for the same weeks
    return sorted(spans.values(), key=lambda span: (span.starts_on > on, span.ends_on - span.starts_on, span.starts_on))


def spans_called(name: str) -> list[Span]:
    """The opened period of this name, if there is one."""
    return [Span.of(period) for period in Period.objects.filter(name=name)] if name else []


def _quarter(on: date) -> Span:
    first = date(on.year, 3 * ((on.month - 1) // 3) + 1, 1)
    following = date(first.year + first.month // 10, (first.month + 2) % 12 + 1, 1)
    last = following - timedelta(days=1)
    return Span(period_name(first, last), first, last)


def parents_for(*, layer: str, unit: OrgUnit | None, starts_on: date, ends_on: date, on: date) -> QuerySet[Goal]:
    """What a goal of this layer and unit can support (product.md §2.3): a department's for a person; the company's, or
    that of a unit above, for a department; none for the company. Not all of it is for everybody."""
    last = max(starts_on, min(on, ends_on))  # a period that has ended moves no more
    found = Goal.objects.filter(period__starts_on__lte=ends_on, period__ends_on__gte=last)
    return _of_layer_above(found.exclude(period__state=PeriodState.CLOSED), layer=layer, unit=unit, on=on)


def parents_of_before(*, layer: str, unit: OrgUnit | None, starts_on: date, ends_on: date, on: date) -> QuerySet[Goal]:
    """What `parents_for` leaves out because its period is over: named all the same, it is told so."""
    last = max(starts_on, min(on, ends_on))
    over = Goal.objects.filter(Q(period__ends_on__lt=last) | Q(period__state=PeriodState.CLOSED))
    return _of_layer_above(over, layer=layer, unit=unit, on=on)


def _of_layer_above(found: QuerySet[Goal], *, layer: str, unit: OrgUnit | None, on: date) -> QuerySet[Goal]:
    found = found.exclude(outcome=Outcome.CANCELLED).select_related("unit", "period")
    if layer == Layer.COMPANY:
        return found.none()
    if layer == Layer.POSITION:
        return found.filter(layer=Layer.DEPARTMENT)
    above = OrgUnitClosure.objects.filter(holds(on), descendant=unit, depth__gt=0).values("ancestor")
    return found.filter(Q(layer=Layer.COMPANY) | Q(layer=Layer.DEPARTMENT, unit__in=above))


def further_parents_for(goal: Goal, on: date) -> QuerySet[Goal]:
    """What a goal can support beside its primary one: goals of any department, for a department's also the company's
    (product.md §2.3), of a period that is not over. Not all of it is for everybody."""
    layers = [Layer.DEPARTMENT] if goal.layer == Layer.POSITION else [Layer.DEPARTMENT, Layer.COMPANY]
    last = max(goal.period.starts_on, min(on, goal.period.ends_on))
    found = Goal.objects.filter(
        layer__in=layers, period__starts_on__lte=goal.period.ends_on, period__ends_on__gte=last
    ).exclude(period__state=PeriodState.CLOSED)
    found = found.exclude(outcome=Outcome.CANCELLED).exclude(pk=goal.pk).select_related("unit", "period")
    return found if goal.layer != Layer.COMPANY else found.none()


def further_parents_of_before(goal: Goal, on: date) -> QuerySet[Goal]:
    """What `further_parents_for` leaves out because its period is over."""
    last = max(goal.period.starts_on, min(on, goal.period.ends_on))
    over = Goal.objects.filter(Q(period__ends_on__lt=last) | Q(period__state=PeriodState.CLOSED))
    return over.filter(layer__in=[Layer.DEPARTMENT, Layer.COMPANY]).exclude(pk=goal.pk).select_related("unit", "period")


def nearest_parents(parents: QuerySet[Goal], *, layer: str, unit: OrgUnit | None, most: int) -> list[Goal]:
    """The first of `parents_for`: for a person those of the own unit come first, for a department the company's last.
    Asked one after the other, at most two queries: sorted together, the goals of all departments are read to find a
    dozen."""
    near = Q(unit=unit) if layer == Layer.POSITION else Q(layer=Layer.DEPARTMENT)
    found = list(parents.filter(near).order_by("id")[:most]) if unit else []
    others = parents.exclude(near) if unit else parents
    return found + list(others.order_by("id")[: most - len(found)]) if len(found) < most else found


def parents_matching(parents: QuerySet[Goal], typed: str) -> QuerySet[Goal]:
    """Those with every typed word in title, number or unit."""
    for word in typed.split()[:MOST_WORDS]:
        if word != BESIDE.strip():
            inside = Q(title__icontains=word) | Q(number__istartswith=word) | Q(unit__name__icontains=word)
            parents = parents.filter(inside)
    return parents


def told_as(goal: Goal) -> str:
    """A goal in one line, as suggested and as understood again: "G-0007 title · unit"."""
    words = f"{goal.shown_number} {goal.title}".strip()
    return f"{words}{BESIDE}{goal.unit.name}" if goal.unit else words


def parents_named(parents: QuerySet[Goal], typed: str) -> list[Goal]:
    """Whom a line means: the whole line as suggested, else a number, else a title. At most six."""
    wanted = " ".join(typed.split())
    bare = wanted.rpartition(BESIDE)[0] or wanted
    number = wanted.partition(" ")[0]
    titles = {name for line in (wanted, bare) for name in (line, line.partition(" ")[2])}
    found = list(parents.filter(Q(number__iexact=number) | Q(title__in=titles - {""})).order_by("id")[:50])
    for meant in (
        [goal for goal in found if told_as(goal) == wanted],
        [goal for goal in found if goal.number.lower() == number.lower()],
        [goal for goal in found if goal.title == wanted],
    ):
        if meant:
            return meant[:6]
    return []


def written(goal: Goal) -> Written:
    """Four queries, five of an objective."""
    primary = Alignment.objects.filter(child=goal, is_primary=True).select_related("parent__unit").first()
    stages = Milestone.objects.filter(goal=goal, adopted="")
    return Written(
        parent=primary.parent if primary else None,
        causes=tuple(Obstacle.objects.filter(goal=goal).order_by("id").values_list("cause", flat=True)),
        milestones=tuple(stages.order_by("due_on", "id").values_list("title", "due_on")),
        planned=dict(ResourceLine.objects.filter(goal=goal, month=None).values_list("kind", "planned")),
        key_results=tuple(_key_results(goal)) if goal.kind == Kind.OBJECTIVE else (),
    )


def _key_results(goal: Goal) -> Iterable[dict[str, Any]]:
    columns = ("title", "measure", "unit_of_measure", "baseline", "target", "direction", "weight")
    results: Any = KeyResult.objects
    rows: Iterable[dict[str, Any]] = results.filter(goal=goal).order_by("id").values(*columns)
    return rows


def periods_with_drafts(goals: QuerySet[Goal]) -> list[Period]:
    """In which periods drafts of these goals wait, the earliest first."""
    waiting = goals.filter(status=Status.DRAFT).values("period")
    return list(Period.objects.filter(pk__in=waiting).order_by("starts_on", "ends_on"))

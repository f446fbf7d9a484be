"""Figures held until people have looked, and their word that they may be used again (product.md §5.6)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import BooleanField, Count, Exists, ExpressionWrapper, Max, Min, OuterRef, Q, QuerySet
from django.urls import reverse

from integrations import events
from integrations.models import HoldRelease, MetricHold, ReconciliationLine, ReconciliationPair, ReconciliationRun
from integrations.reconciling import TO_HOLD, Side, Verdict
from perfsys.audit.actions import record
from perfsys.notices.actions import notify, settle
from perfsys.people.models import Employee
from perfsys.tenancy.models import Membership, Tenant
from perfsys.tenancy.roles import Role
from perfsys.tenancy.rows import Row, update_rows

from .onward import tell_of_figures, tell_of_holds_on

APART = (Verdict.OVER.value, Verdict.MISSING_SIDE.value)
Place = tuple[int, str, bool]  # definition, key of the subject, whether it covers every subject


class NothingHeld(Exception):
    """They are free already."""


class ReleasedByYouAlready(Exception):
    """Your word stands already; it takes another person's."""


@transaction.atomic
def hold(pair: ReconciliationPair, *, now: datetime) -> list[MetricHold]:
    """Hold what the lines of a pair say that no person has settled, one hold for each figure and subject; one that is
    open grows by the days. The new ones."""
    held = {_place(one): one for one in MetricHold.objects.filter(pair=pair, released_at=None).select_for_update()}
    new: dict[Place, MetricHold] = {}
    grown: dict[int, MetricHold] = {}
    for wanted in _wanted(pair, now):
        one = held.get(_place(wanted)) or new.setdefault(_place(wanted), wanted)
        if one.first_on > wanted.first_on or one.last_on < wanted.last_on:
            one.first_on, one.last_on = min(one.first_on, wanted.first_on), max(one.last_on, wanted.last_on)
            if one.pk:
                grown[one.pk] = one
    MetricHold.objects.bulk_update(grown.values(), ["first_on", "last_on"], batch_size=500)
    made: list[MetricHold] = MetricHold.objects.bulk_create(new.values())
    if made:
        record(events.HELD, subject=pair, actor=None, at=now, details={"holds": len(made)})
    for definition_id in sorted({one.definition_id for one in (*grown.values(), *made)}):
        tell_of_holds_on(definition_id, key=f"held {definition_id} {pair.pk} {now.isoformat()}")
    return made


def tell_of_holds(pair: ReconciliationPair, run: ReconciliationRun, *, now: datetime) -> None:
    """The owners of both figures, once for each run that found something: also where an open hold grew."""
    found = unsettled(pair).filter(run=run).count()
    if not found:
        return
    notify(
        events.FIGURES_HELD,
        to=list({one.owner_id: one.owner for one in (pair.a, pair.b)}.values()),
        at=now,
        subject=pair,
        params={"name": pair.name, "count": found},
        url=page_of(pair),
        key=f"{run.pk}",
        bundle=f"reconciliation:{run.pk}",
    )


@transaction.atomic
def release_holds(
    *,
    pair: ReconciliationPair,
    holds: Iterable[MetricHold],
    reason: str,
    actor: Employee,
    seen: datetime,
    now: datetime,
) -> int:
    """`actor` has looked at these figures as they were at the moment `seen` and says that they may be used again. How
    many are free now: one that takes two people waits for the second. What came or changed since either of them looked
    is held anew. Raises NothingHeld where all are free already, ReleasedByYouAlready where that changes
    nothing."""
    ReconciliationPair.objects.select_for_update(no_key=True).get(pk=pair.pk)  # comparing locks it first as well
    wanted = [one.pk for one in holds]
    locked = list(MetricHold.objects.filter(pk__in=wanted, pair=pair, released_at=None).select_for_update())
    if not locked:
        raise NothingHeld
    said = set(HoldRelease.objects.filter(hold__in=locked, by=actor).values_list("hold_id", flat=True))
    fresh = [one for one in locked if one.pk not in said]
    if not fresh:
        raise ReleasedByYouAlready
    HoldRelease.objects.bulk_create(
        HoldRelease(hold=one, by=actor, reason=reason, seen_at=min(seen, now), at=now) for one in fresh
    )
    words = HoldRelease.objects.filter(hold__in=fresh).order_by().values("hold")
    said_of = {one["hold"]: one for one in words.annotate(people=Count("pk"), seen=Min("seen_at"))}
    free = [one for one in fresh if said_of[one.pk]["people"] >= one.releases_needed]
    MetricHold.objects.filter(pk__in=[one.pk for one in free]).update(released_at=now)
    _settle_lines(pair, [(one, said_of[one.pk]["seen"]) for one in free])
    hold(pair, now=now)
    for definition_id in sorted({one.definition_id for one in free}):
        tell_of_figures(definition_id, key=f"released {definition_id} {now.isoformat()}")
        tell_of_holds_on(definition_id, key=f"released {definition_id} {pair.pk} {now.isoformat()}")
    details = {"holds": len(fresh), "free": len(free)}
    record(events.RELEASED, subject=pair, actor=actor, at=now, details=details)
    if len(free) < len(fresh):
        _ask_a_second(pair, actor=actor, reason=reason, now=now)
    if not HoldRelease.objects.filter(hold__pair=pair, hold__released_at=None).exists():
        settle(events.FIGURES_SECOND, [pair.pk])
    if not MetricHold.objects.filter(pair=pair, released_at=None).exists():
        settle(events.FIGURES_HELD, [pair.pk])
    return len(free)


def _ask_a_second(pair: ReconciliationPair, *, actor: Employee, reason: str, now: datetime) -> None:
    """Whoever else answers for one of the metrics; the administrators where `actor` is all of them: else nobody would
    know that it waits."""
    answers = {one.pk: one for metric in (pair.a, pair.b) for one in (metric.owner, metric.interpreter)}
    admins = Membership.objects.filter(granted__contains=[Role.ADMIN], is_active=True)
    others = [one for one in answers.values() if one.pk != actor.pk and one.status == Employee.Status.ACTIVE]
    notify(
        events.FIGURES_SECOND,
        to=others
        or list(Employee.objects.filter(membership__in=admins, status=Employee.Status.ACTIVE).exclude(pk=actor.pk)),
        at=now,
        subject=pair,
        params={"name": pair.name, "by": actor.name, "reason": reason},
        url=page_of(pair),
        key=f"{pair.pk} {actor.pk} {now.isoformat()}",
    )


def page_of(pair: ReconciliationPair) -> str:
    slug = Tenant.objects.values_list("slug", flat=True).get()
    return reverse("integrations:pair", kwargs={"tenant": slug, "public_id": pair.public_id})


def unsettled(pair: ReconciliationPair) -> QuerySet[ReconciliationLine]:
    """Lines that hold something back, and that nobody has said anything about."""
    return ReconciliationLine.objects.filter(pair=pair, verdict__in=[one.value for one in TO_HOLD], settled=None)


def _wanted(pair: ReconciliationPair, now: datetime) -> Iterable[MetricHold]:
    """A lost day is lost to everybody whose figure comes from that side; a whole compared alone speaks for its parts.
    What is too far apart puts both in doubt: who says that the reference has read all of its own?"""
    lines = _told_alone(unsettled(pair)).order_by().values("key", "verdict", "lost", "alone")
    groups = lines.annotate(first=Min("on"), last=Max("on"))
    names = {
        line.key: line
        for line in unsettled(pair).order_by("key", "on").only("key", "label", "employee", "unit", "pair")
    }
    for group in sorted(groups, key=lambda one: (one["verdict"] != Verdict.OVER, one["key"])):
        is_lost = group["verdict"] == Verdict.LOST_DAY
        is_of_all = is_lost or group["alone"]
        sides = [Side(group["lost"])] if is_lost else [Side.A, Side.B]
        named = names[group["key"]]
        for side in sides:
            yield MetricHold(
                definition_id=pair.a_id if side == Side.A else pair.b_id,
                pair=pair,
                key="" if is_of_all else group["key"],
                label="" if is_of_all else named.label,
                employee_id=None if is_of_all else named.employee_id,
                unit_id=None if is_of_all else named.unit_id,
                covers_all=is_of_all,
                because=group["verdict"],
                first_on=group["first"],
                last_on=group["last"],
                releases_needed=pair.releases_needed,
                opened_at=now,
            )


def _told_alone(lines: QuerySet[ReconciliationLine]) -> Any:
    """`alone`: the whole of a day on which no subject was compared, so that it speaks for all of them."""
    others = ReconciliationLine.objects.filter(pair=OuterRef("pair"), on=OuterRef("on")).exclude(key="")
    return lines.annotate(alone=ExpressionWrapper(Q(key="") & ~Exists(others), BooleanField()))


def _place(one: MetricHold) -> Place:
    return one.definition_id, one.key, one.covers_all


def _settle_lines(pair: ReconciliationPair, seen: Sequence[tuple[MetricHold, datetime]]) -> None:
    """Lines of these holds as they were when they were `seen`: two statements, however many there are."""
    by_place: dict[tuple[str, bool], list[tuple[MetricHold, datetime]]] = defaultdict(list)
    for one, at in seen:
        by_place[one.key, one.covers_all].append((one, at))
    settled: list[Row] = []
    for line in _told_alone(unsettled(pair)).order_by() if seen else ():
        among = [*by_place.get((line.key, False), ()), *by_place.get(("", True), ())]
        if found := next((one for one, at in among if _is_about(one, line, pair) and line.changed_at <= at), None):
            settled.append({"id": line.pk, "settled_id": found.pk})
    update_rows(ReconciliationLine, settled)


def _is_about(one: MetricHold, line: Any, pair: ReconciliationPair) -> bool:
    """`line` with `alone`: see `_told_alone`."""
    if not one.first_on <= line.on <= one.last_on:
        return False
    if not one.covers_all:
        return line.verdict in APART
    lost = Side.A if one.definition_id == pair.a_id else Side.B
    is_lost: bool = line.verdict == Verdict.LOST_DAY and line.lost == lost
    return is_lost or (line.verdict in APART and line.alone)

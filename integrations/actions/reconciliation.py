"""Pairs of metrics, and comparing them: begun once a day and when figures changed, a few weeks at a time (product.md
§5.6)."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import Count

from integrations import events
from integrations.models import MetricDefinition, ReconciliationLine, ReconciliationPair, ReconciliationRun
from integrations.queries.comparing import Compared, Comparison
from integrations.queries.metrics import in_parts_now
from integrations.reconciling import Verdict, days_of
from perfsys.audit.actions import record
from perfsys.jobs.actions import enqueue
from perfsys.jobs.handlers import Again
from perfsys.people.models import Employee
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.rows import Row, insert_rows

from .connection import StaleVersion
from .holds import hold, tell_of_holds

JOB = "integrations.reconcile_pair"
DAYS_AT_ONCE = 14  # of a few hundred subjects each
DAY = timedelta(days=1)
GIVEN_UP_AFTER = timedelta(hours=6)  # a run that has not ended by then is not waited for
ASK_AGAIN = timedelta(minutes=5)  # while figures are being computed in parts
FARTHEST_BACK = timedelta(days=400)
COMMITTED_WITHIN = timedelta(minutes=30)  # figures carry the moment their job began, and are seen when it ends
CHANGEABLE = (
    "name", "has_reference", "tolerance", "by_subject", "releases_needed", "match_a", "match_b", "says", "is_on",
    "returned_a",
    "returned_b",
)  # fmt: skip


class PairNameTaken(Exception):
    """Choose another name."""


class PairedAlready(Exception):
    """These two are compared already: change that pair."""


@transaction.atomic
def create_pair(
    *, a: MetricDefinition, b: MetricDefinition, key: str, actor: Employee | None, now: datetime, **said: Any
) -> ReconciliationPair:
    """`said` names any of CHANGEABLE. The same `key` again is the same pair. Raises PairNameTaken, PairedAlready."""
    if key and (made := ReconciliationPair.objects.filter(key=key).first()):
        return made
    if ReconciliationPair.objects.filter(a=a, b=b).exists():
        raise PairedAlready
    pair = ReconciliationPair(a=a, b=b, key=key, made_at=now, **_known(said))
    try:
        with transaction.atomic():
            pair.save()
    except IntegrityError:
        if key and (made := ReconciliationPair.objects.filter(key=key).first()):  # the second press of two at once
            return made
        is_paired = ReconciliationPair.objects.filter(a=a, b=b).exists()
        raise (PairedAlready if is_paired else PairNameTaken) from None
    record(events.PAIR_MADE, subject=pair, actor=actor, at=now, details={"a": a.name, "b": b.name})
    return pair


@transaction.atomic
def change_pair(
    *, pair: ReconciliationPair, version: int, actor: Employee | None, now: datetime, **said: Any
) -> ReconciliationPair:
    """`said` names any of CHANGEABLE; the next run compares all days anew. Raises StaleVersion, PairNameTaken."""
    locked: ReconciliationPair = ReconciliationPair.objects.select_for_update().get(pk=pair.pk)
    if locked.version != version:
        raise StaleVersion
    changed = {name: [getattr(locked, name), value] for name, value in _known(said).items()}
    changed = {name: pair_of for name, pair_of in changed.items() if pair_of[0] != pair_of[1]}
    if not changed:
        return locked
    for name, (_before, value) in changed.items():
        setattr(locked, name, value)
    locked.version += 1
    try:
        with transaction.atomic():
            locked.save(update_fields=[*changed, "version"])
    except IntegrityError:
        raise PairNameTaken from None
    details = {name: [str(before), str(after)] for name, (before, after) in changed.items()}
    record(events.PAIR_CHANGED, subject=locked, actor=actor, at=now, details=details)
    return locked


def _known(said: dict[str, Any]) -> dict[str, Any]:
    if unknown := set(said) - set(CHANGEABLE):
        raise TypeError(f"nothing of a pair: {sorted(unknown)}")
    return said


# --- comparing --------------------------------------------------------------------------------------------------------


def reconcile_due(*, now: datetime) -> None:
    """Begin a run for each pair that has days to compare: new ones, those that are settled by now, those whose figures
    changed since. Looking again begins nothing."""
    for pair in ReconciliationPair.objects.filter(is_on=True).select_related("a", "b").order_by("pk"):
        begin_run(pair=pair, key=now.isoformat(), now=now)


@transaction.atomic
def begin_run(
    *, pair: ReconciliationPair, key: str, now: datetime, actor: Employee | None = None, anew: bool = False
) -> ReconciliationRun | None:
    """None where there is nothing to compare, the run of this key has begun, or figures are being computed in parts.
    `anew`: all days, changed or not."""
    if _is_in_parts(pair):
        return None
    zone = ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get())
    as_of = now.astimezone(zone).date() - DAY  # a day that is not over is compared with nothing
    comparison = Comparison(pair, as_of=as_of)
    days = _days_to_compare(pair, comparison, anew=anew)
    ReconciliationPair.objects.select_for_update(no_key=True).get(pk=pair.pk)
    runs = ReconciliationRun.objects.filter(pair=pair)
    under_way = runs.filter(finished_at=None, started_at__gt=now - GIVEN_UP_AFTER)
    if not days or runs.filter(key=key).exists() or under_way.exists():
        return None
    run: ReconciliationRun = ReconciliationRun.objects.create(
        pair=pair,
        key=key,
        first_on=days[0],
        last_on=days[-1],
        as_of=as_of,
        started_at=now,
        terms=comparison.written_terms,
    )
    enqueue(JOB, f"{run.pk}", {"run": run.pk, "days": [on.isoformat() for on in days]})
    if actor is not None:
        record(events.COMPARING_ASKED, subject=pair, actor=actor, at=now)
    return run


def compare_some(payload: dict[str, Any], *, now: datetime) -> Again | None:
    """The next days of a run; its last chunk ends it. Comparing a day again changes nothing that came out the same. It
    waits while figures are being computed in parts: half of them would differ from the other side for that alone."""
    run = ReconciliationRun.objects.select_for_update().filter(pk=payload["run"]).first()
    if run is None or run.finished_at is not None:
        return None
    locked = ReconciliationPair.objects.select_for_update(of=("self",), no_key=True)  # as releasing does, before lines
    pair: ReconciliationPair = locked.select_related("a__owner", "b__owner").get(pk=run.pair_id)
    if _is_in_parts(pair):
        return Again(payload, after=ASK_AGAIN)
    left = [date.fromisoformat(on) for on in payload["days"]]
    days, left = left[:DAYS_AT_ONCE], left[DAYS_AT_ONCE:]
    comparison = Comparison(pair, as_of=run.as_of)
    for on, lines in comparison.days(days):
        keep_lines(run, on, lines, now=now)
    hold(pair, now=now)
    if left:
        return Again({**payload, "days": [on.isoformat() for on in left]})
    run.finished_at = now
    lines_of_it = ReconciliationLine.objects.filter(pair=pair, on__range=(run.first_on, run.last_on)).order_by()
    run.counts = dict(lines_of_it.values_list("verdict").annotate(Count("pk")))
    run.unequal = [
        {"name": one.name, "a": one.a, "b": one.b, "stops": one.stops} for one in comparison.unequal(run.last_on)
    ]
    run.save(update_fields=["counts", "finished_at", "unequal"])
    tell_of_holds(pair, run, now=now)
    record(events.COMPARED, subject=pair, actor=None, at=now, details=dict(run.counts))
    return None


def _is_in_parts(pair: ReconciliationPair) -> bool:
    return in_parts_now().filter(definition__in=[pair.a_id, pair.b_id]).exists()


def keep_lines(run: ReconciliationRun, on: date, lines: Sequence[Compared], *, now: datetime) -> None:
    """What a day came out as: the same figures again leave their line as it is, people's word on it too."""
    held = {one.key: one for one in ReconciliationLine.objects.filter(pair=run.pair_id, on=on)}
    new: list[Row] = []
    changed: list[ReconciliationLine] = []
    for one in lines:
        line = held.pop(one.named.key, None)
        said = _said(one)
        if line is None:
            new.append({"key": one.named.key, **said})
            continue
        moved = {name for name, value in said.items() if getattr(line, name) != value}
        if not moved:
            continue
        for name in moved:
            setattr(line, name, said[name])
        line.run, line.changed_at = run, now
        if moved & {"a", "b", "verdict", "lost"}:
            line.settled = None
        changed.append(line)
    insert_rows(ReconciliationLine, new, same={"pair_id": run.pair_id, "on": on, "run_id": run.pk, "changed_at": now})
    fields = [*_FIELDS, "run", "changed_at", "settled"]
    ReconciliationLine.objects.bulk_update(changed, fields, batch_size=500)
    if held:
        ReconciliationLine.objects.filter(pk__in=[one.pk for one in held.values()]).delete()


_FIELDS = ("label", "employee_id", "unit_id", "a", "b", "difference", "percent", "verdict", "lost", "causes")


def _said(one: Compared) -> dict[str, Any]:
    line = one.line
    return {
        "label": one.named.label[:120],
        "employee_id": one.named.employee_id,
        "unit_id": one.named.unit_id,
        "a": line.a,
        "b": line.b,
        "difference": line.difference,
        "percent": line.percent,
        "verdict": line.verdict.value,
        "lost": line.lost.value if line.lost else "",
        "causes": [
            {"kind": cause.kind.value, "amount": f"{cause.amount.normalize():f}", "a": len(cause.a), "b": len(cause.b)}
            for cause in one.causes
        ],
    }


def _days_to_compare(pair: ReconciliationPair, comparison: Comparison, *, anew: bool) -> list[date]:
    span = comparison.span
    if span is None:
        return []
    first, last = max(span[0], span[1] - FARTHEST_BACK), span[1]
    every = set(days_of(first, last))
    done = ReconciliationRun.objects.filter(pair=pair, finished_at__isnull=False).order_by("-started_at", "-pk").first()
    if anew or done is None or done.terms != comparison.written_terms:
        return sorted(every)
    open_days = ReconciliationLine.objects.filter(pair=pair, verdict=Verdict.NOT_DUE).order_by()
    again: set[date] = set()
    if last > done.as_of:
        again = {*days_of(done.as_of + DAY, last), *open_days.values_list("on", flat=True).distinct()}
    for side in (comparison.a, comparison.b):
        again |= side.changed_since(done.started_at - COMMITTED_WITHIN)
    return sorted(again & every)

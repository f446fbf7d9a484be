"""Values of metrics: computed after each sync and each night, kept with what they were before (product.md §5.4)."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import DataError, transaction

from integrations.metrics import Figure, Figures, Place, Rule, UnfitRule, is_settled, read_rule
from integrations.models import (
    MetricState,
    MetricValue,
    MetricVersion,
    Record,
    Standing,
    StreamState,
    Subject,
    SyncRun,
)
from integrations.queries.metrics import (
    COMPUTES,
    Days,
    Source,
    days_of_version,
    days_touched,
    has_job,
    in_parts,
    key_of_job,
    measured,
    read_as,
    read_until,
    source_of_version,
    still_counting,
    subjects_by_value,
    to_compute,
)
from perfsys.jobs.actions import enqueue
from perfsys.jobs.handlers import Again
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.rows import insert_rows

from .onward import tell_of_figures
from .subject import find_subjects

AT_ONCE = 1_000  # rows a statement
PART = 1_000_000  # records that one task reads; others have their turn, then the next part
ASK_AGAIN = timedelta(seconds=30)  # where another task computes the same version: a part takes about so long
REST = timedelta(minutes=10)  # between two computations of all days, in which the figures are used
UNFIT, TOO_LARGE = "metric_unfit", "metric_too_large"  # codes of `integrations.wording`

Held = tuple[int, Decimal, Decimal | None, int, str]


class Busy(Exception):
    """Another task computes this version just now: come again, nobody waits for its lock."""


def after_sync(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """What is to be done once a run has brought rows, a part at a time so that others have their turn: first whom the
    rows name, then metric by metric the days they touch. `payload` is {"run": its id}."""
    run = SyncRun.objects.select_related("connection").filter(pk=payload["run"]).first()
    if run is None:
        return None
    if "left" not in payload:
        wrote = set(Record.objects.filter(run=run).values_list("stream", flat=True).distinct())
        find_subjects(connection=run.connection, streams=wrote, zone=_zone(), now=now)
        left = list(to_compute(run.connection, wrote).values_list("pk", flat=True))
    else:
        first, *left = payload["left"]
        try:
            _compute_or_say(version_id=first, run_id=run.pk, now=now)
        except Busy:
            return _others_first({"run": run.pk, "left": [*left, first]})
    return Again({"run": run.pk, "left": left}) if left else None


def each_night(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """Versions come into force and end by their day; days that are over settle; what was never computed, or could not
    be, is."""
    if "left" not in payload:
        turn_versions(now=now)
        left = list(still_counting(today_here(now)).values_list("pk", flat=True))
    else:
        first, *left = payload["left"]
        try:
            settle_or_compute(version_id=first, now=now)
        except Busy:
            return _others_first({**payload, "left": [*left, first]})
    return Again({**payload, "left": left}) if left else None


def _others_first(payload: dict[str, Any]) -> Again:
    return Again(payload, after=ASK_AGAIN)


@transaction.atomic
def turn_versions(*, now: datetime) -> None:
    """By their days: who looks at a figure goes by these, not by the state, which says the same in a word."""
    today = today_here(now)
    due = MetricVersion.objects.filter(state=MetricState.ANNOUNCED, effective_on__lte=today).order_by("effective_on")
    for version in due.select_for_update():
        older = MetricVersion.objects.filter(definition=version.definition_id, effective_on__lt=version.effective_on)
        older.filter(state__in=[MetricState.ANNOUNCED, MetricState.IN_FORCE]).update(state=MetricState.ENDED)
        MetricVersion.objects.filter(pk=version.pk).update(state=MetricState.IN_FORCE)


def ask_to_compute(version: MetricVersion, *, key: str, after: datetime | None = None) -> None:
    """All of its days, by a job, not before `after`; one that is under way comes to its end with the part at hand."""
    MetricVersion.objects.filter(pk=version.pk).update(computing={"key": key})
    enqueue(COMPUTES, key_of_job(version, key), {"version": version.pk, "key": key}, after)


def ask_unless_asked(version: MetricVersion, *, key: str) -> None:
    """The same for whoever waits for the answer to a request: what is under way is left to its end, and where a sync
    computes just now, the job asks itself once that is over."""
    if has_job(version):
        return
    if MetricVersion.objects.select_for_update(skip_locked=True, no_key=True).filter(pk=version.pk).exists():
        ask_to_compute(version, key=key)
        return
    enqueue(COMPUTES, key_of_job(version, key), {"version": version.pk, "key": key, "asks": True})


def compute_all(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """All days of a version, of many records a part at a time: each part is committed with the note that it is done, so
    that a worker that is killed loses the one at hand alone. `payload` is {"version": its id, "key": of the asking},
    and "asks" where nobody has noted yet that it was asked for."""
    on = {name: value for name, value in payload.items() if name != "asks"}
    try:
        if "asks" in payload and not _note_asked(payload["version"], payload["key"]):
            return None
        return Again(on) if _compute_part(payload["version"], payload.get("key", ""), now) else None
    except Busy:
        return Again(payload, after=ASK_AGAIN)
    except (ArithmeticError, DataError):
        MetricVersion.objects.filter(pk=payload["version"]).update(problem=TOO_LARGE, computing={})
        return None


@transaction.atomic
def _note_asked(version_id: int, key: str) -> bool:
    """False where another job computes all days by now."""
    version = _locked(version_id)
    if version is None or (version.computing.get("key") != key and has_job(version)):
        return False
    if version.computing.get("key") != key:
        MetricVersion.objects.filter(pk=version_id).update(computing={"key": key})
    return True


@transaction.atomic
def _compute_part(version_id: int, key: str, now: datetime) -> bool:
    """Whether there is more to do. While it is `in_parts_now`, nobody is told: half of its days are not what they
    are to be."""
    version = _locked(version_id)
    if version is None or version.computing.get("key", "") != key:  # asked for anew meanwhile, by another job
        return False
    work = _ready(version)
    if work is None:
        MetricVersion.objects.filter(pk=version.pk).update(computing={})
        return False
    plan = version.computing
    if plan.get("read") != work.read:  # nothing is done, or with another configuration
        parts = in_parts(work.source, days_of_version(version), PART) if _is_large(version) else []
        if len(parts) < 2:
            _compute_now(version, work, None, now)
            return False
        _end_those_before(version, now)
        bounds = [[one.first.isoformat(), one.until.isoformat() if one.until else ""] for one in parts]
        version.computing = {"key": key, "read": work.read, "bounds": bounds, "done": 0, "problems": {}}
        version.save(update_fields=["computing"])
        return True
    part = _part_of(version, plan)
    found = measured(work.source, part)
    _keep(version, work.rule, part, found.everything(), work.as_of, work.zone, now)
    problems = dict(Counter(plan["problems"]) + Counter(_problems(found, now.astimezone(work.zone).date())))
    done = plan["done"] + 1
    if done < len(plan["bounds"]):
        version.computing = {**plan, "done": done, "problems": problems}
        version.save(update_fields=["computing"])
        return True
    _is_computed(version, work, problems, now)
    tell_of_figures(version.definition_id, key=f"version {version.pk} {key} over {now.isoformat()}")
    if plan.get("again"):
        ask_to_compute(version, key=f"again {now.isoformat()}", after=now + REST)
    return False


def _end_those_before(version: MetricVersion, now: datetime) -> None:
    """Days of its own that a version before it has counted: its announcement ended them, but not those that a task was
    just about to write. Whatever is computed of an earlier version from now on ends where this one begins."""
    earlier = MetricVersion.objects.filter(definition=version.definition_id, effective_on__lt=version.effective_on)
    earlier = earlier.exclude(state=MetricState.DRAFT)
    locked = earlier.select_for_update(skip_locked=True, no_key=True).values_list("pk", flat=True)
    if len(locked) < earlier.count():
        raise Busy
    beyond = MetricValue.objects.filter(of__in=list(locked), on__gte=version.effective_on, replaced_at=None)
    beyond.update(replaced_at=now)


def _part_of(version: MetricVersion, plan: dict[str, Any]) -> Days:
    """The next one; a version that follows may have been announced since, and counts the days from its own on."""
    first, until = plan["bounds"][plan["done"]]
    ends = {date.fromisoformat(until)} if until else set()
    if (end := days_of_version(version).until) is not None:
        ends.add(end)
    return Days(date.fromisoformat(first), min(ends, default=None), undated=not plan["done"])


def _is_large(version: MetricVersion) -> bool:
    states = StreamState.objects.filter(connection=version.connection_id, stream=version.stream)
    return states.filter(records__gt=PART).exists()


def _compute_or_say(*, version_id: int, run_id: int | None, now: datetime) -> None:
    """One metric whose rows hold a number that no figure can take keeps nobody else's from being computed."""
    try:
        compute(version_id=version_id, run_id=run_id, now=now)
    except (ArithmeticError, DataError):
        MetricVersion.objects.filter(pk=version_id).update(problem=TOO_LARGE)


@transaction.atomic
def settle_or_compute(*, version_id: int, now: datetime) -> None:
    """Where nothing came there is nothing to compute: days are over, that is all. A computation of all days whose job
    was given up is begun anew."""
    version = MetricVersion.objects.select_related("connection").get(pk=version_id)
    if version.computed_at is None or version.problem or (version.computing and not has_job(version)):
        _compute_or_say(version_id=version_id, run_id=None, now=now)
        return
    rule = read_rule(version.rule)
    if as_of := read_until(version.connection, [version.stream, *rule.streams]):
        _settle(version, rule, as_of, _zone())


@transaction.atomic
def compute(*, version_id: int, run_id: int | None, now: datetime) -> int:
    """The values of a version; how many came out otherwise than before. With `run_id` the days this run touched alone,
    where nothing but rows of its own stream has changed since it was last computed. What was right stays, what was not
    is kept beside what is. Again gives the same. All days of many records are left to a job of their own."""
    version = _locked(version_id)
    if version is None or (work := _ready(version)) is None:
        return 0
    only: set[date] | None = None
    is_asked = has_job(version)
    under_way = is_asked and version.computing.get("read") == work.read
    if is_asked and _is_large(version) and (not under_way or run_id is None):
        return 0  # it reads what there is once it begins, or begins anew with another configuration
    if run_id is not None and _only_rows_came(version, work, run_id, under_way=under_way):
        only = days_touched(work.source, run_id)
    if only is None and _is_large(version):
        _ask_or_note(version, key=f"{f'run {run_id}' if run_id else 'night'} {now.isoformat()}", under_way=under_way)
        return 0
    if only is not None and under_way:  # the rest comes with the other parts, and then it is computed and told
        days = days_of_version(version, only)
        found = measured(work.source, days).everything()
        return _keep(version, work.rule, days, found, work.as_of, work.zone, now)
    return _compute_now(version, work, only, now)


def _ask_or_note(version: MetricVersion, *, key: str, under_way: bool) -> None:
    """What is under way comes to its end, however often a busy source asks for all days anew; then it begins anew."""
    if not under_way:
        ask_to_compute(version, key=key)
        return
    version.computing["again"] = True
    version.save(update_fields=["computing"])


class _Work(NamedTuple):
    """What a version is computed with: `read` is the configuration of its streams, `as_of` how far they were read."""

    rule: Rule
    source: Source
    as_of: datetime
    read: dict[str, str]
    zone: ZoneInfo


def _locked(version_id: int) -> MetricVersion | None:
    """None where it is gone or no more than a draft. Raises Busy."""
    versions = MetricVersion.objects.exclude(state=MetricState.DRAFT).filter(pk=version_id)
    locked = versions.select_for_update(of=("self",), no_key=True, skip_locked=True).select_related("connection")
    found: MetricVersion | None = locked.first()
    if found is None and versions.exists():
        raise Busy
    return found


def _ready(version: MetricVersion) -> _Work | None:
    """None where there is nothing to compute from, or no more: its values stay as they are, and it says so."""
    zone = _zone()
    try:
        rule = read_rule(version.rule)
        source = source_of_version(version, zone)
    except UnfitRule:
        MetricVersion.objects.filter(pk=version.pk).update(problem=UNFIT)
        return None
    streams = [version.stream, *rule.streams]
    as_of = read_until(version.connection, streams)
    if as_of is None:
        return None
    return _Work(rule, source, as_of, read_as(version.connection, streams), zone)


def _compute_now(version: MetricVersion, work: _Work, only: set[date] | None, now: datetime) -> int:
    if only is None:
        _end_those_before(version, now)
    days = days_of_version(version, only)
    found = measured(work.source, days)
    changed = _keep(version, work.rule, days, found.everything(), work.as_of, work.zone, now)
    whole = _problems(found, now.astimezone(work.zone).date()) if only is None else None
    _is_computed(version, work, whole, now)
    if changed:
        tell_of_figures(version.definition_id, key=f"version {version.pk} {now.isoformat()}")
    return changed


def _is_computed(version: MetricVersion, work: _Work, problems: dict[str, int] | None, now: datetime) -> None:
    """`problems` of all its rows; None where only some were looked at."""
    _settle(version, work.rule, work.as_of, work.zone)
    version.computed_at, version.problem = now, ""
    if problems is not None:
        version.computing = {}
    version.computed_as = {
        "as_of": work.as_of.isoformat(),
        "streams": work.read,
        "problems": version.computed_as.get("problems", {}) if problems is None else problems,
    }
    version.save(update_fields=["computed_at", "computed_as", "computing", "problem"])


def _problems(found: Figures, today: date) -> dict[str, int]:
    """How many rows have each; what stands on a day to come is kept, and shown when that day has come."""
    ahead = sum(figure.rows for place, figure in found.by_place.items() if place.on > today)
    return {**found.problems, **({"ahead": ahead} if ahead else {})}


def _only_rows_came(version: MetricVersion, work: _Work, run_id: int, *, under_way: bool) -> bool:
    """Not where it was never computed, or its job was given up, a configuration is another one, or a table changed that
    it looks up in. What is `under_way` with this configuration is as good as computed."""
    is_computed = version.computed_at is not None and version.computed_as.get("streams") == work.read
    is_due_whole = bool(version.computing) and not under_way
    if not under_way and (not is_computed or version.problem or is_due_whole):
        return False
    return not Record.objects.filter(run=run_id, stream__in=work.rule.streams).exists()


def _keep(
    version: MetricVersion,
    rule: Rule,
    days: Days,
    found: Mapping[Place, Figure],
    as_of: datetime,
    zone: ZoneInfo,
    now: datetime,
) -> int:
    subjects = _subjects(version, rule, {place.subject for place in found if place.subject is not None}, now)
    wanted = {(place.on, subjects.get(place.subject)): figure for place, figure in found.items()}
    values = days.filter(MetricValue.objects.filter(of=version, replaced_at=None))
    held: dict[tuple[date, int | None], Held] = {
        (on, subject_id): (pk, numerator, denominator, rows, standing)
        for pk, on, subject_id, numerator, denominator, rows, standing in values.values_list(
            "pk", "on", "subject_id", "numerator", "denominator", "rows", "standing"
        ).iterator(chunk_size=5_000)
    }
    gone = [one[0] for key, one in held.items() if not _is_same(wanted.get(key), one)]
    for some in _chunks(gone):
        MetricValue.objects.filter(pk__in=some).update(replaced_at=now)
    rows = [
        {
            "on": on,
            "subject_id": subject_id,
            "numerator": figure.numerator,
            "denominator": figure.denominator,
            "rows": figure.rows,
            "standing": Standing.SETTLED if is_settled(on, rule, as_of, zone) else Standing.PROVISIONAL,
        }
        for (on, subject_id), figure in wanted.items()
        if (on, subject_id) not in held or not _is_same(figure, held[on, subject_id])
    ]
    for chunk in _chunks(rows):
        insert_rows(MetricValue, chunk, same={"of_id": version.pk, "as_of": as_of, "computed_at": now})
    return len(rows) + len(gone)


def _is_same(figure: Figure | None, held: Held) -> bool:
    return figure is not None and (figure.numerator, figure.denominator, figure.rows) == held[1:4]


def _settle(version: MetricVersion, rule: Rule, as_of: datetime, zone: ZoneInfo) -> None:
    """Days that have become final since; a figure is as good as what was read up to then."""
    open_ = MetricValue.objects.filter(of=version, replaced_at=None, standing=Standing.PROVISIONAL)
    days = set(open_.values_list("on", flat=True).distinct())
    over = [on for on in days if is_settled(on, rule, as_of, zone)]
    open_.filter(on__in=over).update(standing=Standing.SETTLED, as_of=as_of)


def _subjects(version: MetricVersion, rule: Rule, values: set[str], now: datetime) -> dict[str | None, int | None]:
    """The ids of those the figures are put down to, made where no record of their own told of them."""
    if not values:
        return {None: None}
    known = subjects_by_value(version.connection, rule.kind, values)
    new = [{"value": value} for value in values - known.keys()]
    same = {"connection_id": version.connection_id, "kind": rule.kind, "of": rule.of}
    for chunk in _chunks(new):
        insert_rows(Subject, chunk, same={**same, "first_seen_at": now, "counted_at": now}, ignore_conflicts=True)
    if new:
        known = subjects_by_value(version.connection, rule.kind, values)
    found: dict[str | None, int | None] = {None: None}
    return found | known


def _chunks(rows: Sequence[Any]) -> Iterable[Sequence[Any]]:
    return (rows[start : start + AT_ONCE] for start in range(0, len(rows), AT_ONCE))


def _zone() -> ZoneInfo:
    return ZoneInfo(Tenant.objects.values_list("time_zone", flat=True).get())


def today_here(now: datetime) -> date:
    return now.astimezone(_zone()).date()

"""The nightly look at every goal, and the human answer to what it finds (product.md §2.8, §1.3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Coalesce

from goals import events
from goals.models import (
    AlertRule,
    AlertState,
    Alignment,
    Goal,
    GoalAlert,
    GoalSettings,
    Layer,
    Period,
    PeriodState,
    Status,
)
from goals.queries.bound import held_goals
from goals.queries.health import deviating_goals, running_on, stale_goals, weak_goals, with_last_activity
from goals.queries.settings import goal_settings, local_date
from perfsys.audit.actions import record
from perfsys.jobs.actions import enqueue
from perfsys.notices.actions import confirm_subject, reopen_subject
from perfsys.people.models import Employee, EmployeeSpan
from perfsys.people.spans import ends_after
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.rows import insert_rows

from .matching import JOB as MATCHES
from .matching import write_matches
from .own_progress import keep_figures
from .periods import count_goals
from .rollup import roll_up_period
from .standing import retell_activity, write_standing
from .support import put_counts_in_order
from .telling import KINDS, end_alerts, tell_owners

BATCH = 1000  # rows a statement
NEVER = Value(date(1, 1, 1))  # compares where NULL would not
Fact = tuple[int | str, str]  # what is told of it, and what it goes by beside the goal itself
NO_FACT: Fact = ("", "")


class AlreadyAnswered(Exception):
    """Somebody answered it meanwhile, or the goal has moved: look at it again."""


@dataclass(frozen=True)
class Checked:
    """What one look found: alerts opened, alerts that are over, goals whose standing changed."""

    opened: QuerySet[GoalAlert]
    ended: int = 0
    restated: int = 0

    def changed(self) -> dict[str, int]:
        counts = {"opened": self.opened.count(), "ended": self.ended, "restated": self.restated}
        return counts if any(counts.values()) else {}


@transaction.atomic
def confirm_alert(*, alert: GoalAlert, actor: Employee, now: datetime, note: str = "") -> GoalAlert:
    """ "Normal, a deliberate change": it stays quiet until the facts change again or the quiet days are over.

    Open to the owner, the direct manager and the HR partner, and never held against anyone. Wherever it is said, it is
    one fact: what people were told about it is closed as well. Raises AlreadyAnswered.
    """
    locked = _locked(alert)
    if locked.state != AlertState.OPEN:
        raise AlreadyAnswered
    today = local_date(now)
    locked.state = AlertState.CONFIRMED
    locked.confirmed_by, locked.confirmed_by_name = actor, actor.name
    locked.confirmed_at, locked.reason = now, note.strip()[:500]
    locked.quiet_until = today + timedelta(days=goal_settings().quiet_days)
    _save(locked)
    write_standing(today, goal_ids=[locked.goal_id])
    confirm_subject(KINDS[locked.rule], locked, actor=actor, note=locked.reason, now=now)
    record(events.ALERT_CONFIRMED, subject=locked, about=locked.goal.owner, actor=actor, at=now)
    return locked


@transaction.atomic
def reopen_alert(*, alert: GoalAlert, actor: Employee, now: datetime) -> GoalAlert:
    """Take the answer back, as if it had not been given: the work of whoever gave it. Raises AlreadyAnswered."""
    locked = _locked(alert)
    is_other_open = GoalAlert.objects.filter(goal=locked.goal_id, rule=locked.rule, state=AlertState.OPEN).exists()
    if locked.state != AlertState.CONFIRMED or is_other_open:
        raise AlreadyAnswered
    locked.state = AlertState.OPEN
    locked.confirmed_by, locked.confirmed_by_name, locked.reason = None, "", ""
    locked.confirmed_at = locked.quiet_until = None
    _save(locked)
    write_standing(local_date(now), goal_ids=[locked.goal_id])
    reopen_subject(KINDS[locked.rule], locked)
    record(events.ALERT_REOPENED, subject=locked, about=locked.goal.owner, actor=actor, at=now)
    return locked


def confirm_from_inbox(*, subject_id: int, actor: Employee, note: str, now: datetime) -> None:
    """The same switch, pressed in the inbox. That the goal has moved meanwhile is no reason to say anything."""
    alert = GoalAlert.objects.filter(pk=subject_id, state=AlertState.OPEN).first()
    if alert is not None:
        confirm_alert(alert=alert, actor=actor, now=now, note=note)


def reopen_from_inbox(*, subject_id: int, actor: Employee, now: datetime) -> bool:
    """Whether it waits for an answer again."""
    alert = GoalAlert.objects.filter(pk=subject_id).first()
    try:
        return alert is not None and bool(reopen_alert(alert=alert, actor=actor, now=now))
    except AlreadyAnswered:
        return False


@transaction.atomic
def check_health(*, as_of: date, now: datetime) -> Checked:
    """Roll up, work out the matches, end what is over, open what is new, tell its owners, and say in one word how each
    goal stands. By sets: run again for the same day it changes nothing and tells nobody."""
    settings = goal_settings()
    keep_owners()
    keep_figures(as_of)
    for period in Period.objects.filter(starts_on__lte=as_of, ends_on__gte=as_of).exclude(state=PeriodState.CLOSED):
        roll_up_period(period)
        count_goals(period)
    retell_activity(as_of)
    write_matches(today=as_of)
    if Alignment.objects.filter(match=None).exists():
        enqueue(MATCHES, f"night {as_of}")
    known = GoalAlert.objects.aggregate(last=Max("pk"))["last"] or 0
    ended = _look_for_silence(settings, as_of)
    ended += _look_for(AlertRule.WEAK, weak_goals(as_of), settings, as_of)
    off_track = deviating_goals(as_of).difference(held_goals(as_of))
    ended += _look_for(AlertRule.DEVIATING, dict.fromkeys(off_track, NO_FACT), settings, as_of)
    opened = GoalAlert.objects.filter(pk__gt=known).order_by("pk")
    tell_owners(opened, on=as_of, now=now)
    checked = Checked(opened, ended, write_standing(as_of))
    put_counts_in_order()
    if changed := checked.changed():
        record(events.HEALTH_CHECKED, subject=Tenant.objects.get(), actor=None, at=now, details=changed)
    return checked


def keep_owners() -> None:
    """Whose goals they are about, for one that was written while its goal changed hands: triggers keep the rest."""
    of_people = Q(goal__layer=Layer.POSITION, goal__status=Status.PUBLISHED)
    is_right = Q(of_people, owner=F("goal__owner")) | Q(~of_people, owner=None)
    live = GoalAlert.objects.exclude(state=AlertState.ENDED)
    wrong = live.exclude(pk__in=live.filter(is_right).values("pk"))
    wrong.update(goal=F("goal"))  # the trigger looks anew


# --- silence ----------------------------------------------------------------------------------------------------------


def _look_for_silence(settings: GoalSettings, as_of: date) -> int:
    """Not of goals whose figure is held: nobody is reminded by data that is being checked (product.md §5.6)."""
    stale = running_on(stale_goals(as_of, settings.stale_days), as_of).exclude(pk__in=held_goals(as_of))
    ended = _end_what_moved(stale, as_of)
    _open_what_is_silent(stale, settings, as_of)
    return ended


def _end_what_moved(stale: QuerySet[Goal], as_of: date) -> int:
    open_alerts = GoalAlert.objects.filter(state=AlertState.OPEN, rule=AlertRule.STALE, opened_on__lte=as_of)
    return end_alerts(open_alerts.exclude(goal__in=stale.order_by().values("pk")), on=as_of)


def _open_what_is_silent(stale: QuerySet[Goal], settings: GoalSettings, as_of: date) -> None:
    """Not where one is open, the owner said it is deliberate and nothing has moved since, or the owner was away."""
    alerts = GoalAlert.objects.filter(goal=OuterRef("pk"), rule=AlertRule.STALE)
    quiet = alerts.filter(state=AlertState.CONFIRMED, quiet_until__gt=as_of).annotate(
        seen_on=Coalesce("seen_activity_on", NEVER), now_seen=Coalesce(OuterRef("active_on"), NEVER)
    )
    found = with_last_activity(stale, as_of).exclude(Exists(alerts.filter(state=AlertState.OPEN)))
    silent: Any = found  # the annotation `active_on` is not known to the type checker
    rows = (
        silent.exclude(Exists(quiet.filter(seen_on=F("now_seen"))))
        .exclude(Exists(_away(settings, as_of)))
        .order_by("pk")
        .values_list("pk", "active_on")
    )
    _open(AlertRule.STALE, [(pk, active_on, "") for pk, active_on in rows], as_of)


# --- the other rules --------------------------------------------------------------------------------------------------


def _look_for(rule: AlertRule, found: Mapping[int, Fact], settings: GoalSettings, as_of: date) -> int:
    """End what `found` no longer names, open what it names newly; returns how many ended. Ids and short facts alone are
    held, so that 80,000 goals are a few megabytes."""
    known = GoalAlert.objects.filter(rule=rule, opened_on__lte=as_of).order_by()
    waiting = dict(known.filter(state=AlertState.OPEN).values_list("goal_id", "pk"))
    ended = _by_thousands([pk for goal, pk in waiting.items() if goal not in found], lambda ids: _end(ids, as_of))
    quiet = known.filter(state=AlertState.CONFIRMED, quiet_until__gt=as_of)
    answered = {(goal, seen.partition(" ")[2]): pk for goal, seen, pk in quiet.values_list("goal_id", "seen", "pk")}
    # What has come right meanwhile and goes wrong again is another fact.
    over = [pk for (goal, fact), pk in answered.items() if goal not in found or found[goal][1] != fact]
    _by_thousands(over, lambda ids: GoalAlert.objects.filter(pk__in=ids).update(quiet_until=as_of))
    new = [goal for goal, (_shown, fact) in found.items() if goal not in waiting and (goal, fact) not in answered]
    _by_thousands(sorted(new), lambda ids: _open_new(rule, ids, found, settings, as_of))
    return ended


def _open_new(
    rule: AlertRule, goal_ids: list[int], found: Mapping[int, Fact], settings: GoalSettings, as_of: date
) -> int:
    goals = Goal.objects.filter(pk__in=goal_ids).exclude(Exists(_away(settings, as_of))).order_by("pk")
    rows = goals.values_list("pk", "last_activity_on")
    return _open(rule, [(pk, active_on, "{} {}".format(*found[pk]).strip()) for pk, active_on in rows], as_of)


def _end(ids: list[int], as_of: date) -> int:
    return end_alerts(GoalAlert.objects.filter(pk__in=ids), on=as_of)


def _away(settings: GoalSettings, as_of: date) -> QuerySet[EmployeeSpan]:
    """Whoever comes back from a long leave gets as many days as everybody before the first reminder."""
    since = as_of - timedelta(days=settings.stale_days)
    return EmployeeSpan.objects.filter(ends_after(since), employee=OuterRef("owner"), starts_on__lte=as_of)


def _open(rule: AlertRule, rows: list[tuple[int, date | None, str]], as_of: date) -> int:
    for start in range(0, len(rows), BATCH):
        insert_rows(
            GoalAlert,
            [
                {"goal_id": goal, "seen_activity_on": active_on, "seen": seen}
                for goal, active_on, seen in rows[start : start + BATCH]
            ],
            same={"rule": rule, "opened_on": as_of},
        )
    return len(rows)


def _by_thousands(ids: list[int], do: Callable[[list[int]], int]) -> int:
    return sum(do(ids[start : start + BATCH]) for start in range(0, len(ids), BATCH))


def _locked(alert: GoalAlert) -> GoalAlert:
    found: GoalAlert = GoalAlert.objects.select_for_update(of=["self"]).select_related("goal__owner").get(pk=alert.pk)
    return found


def _save(alert: GoalAlert) -> None:
    alert.version += 1
    alert.save(
        update_fields=[
            "state",
            "confirmed_by",
            "confirmed_by_name",
            "confirmed_at",
            "reason",
            "quiet_until",
            "version",
        ]
    )

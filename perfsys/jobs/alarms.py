"""How work stands over all tenants: counts and times, nothing of a tenant's own."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from perfsys.tenancy.scope import all_tenants

from .models import Heartbeat, Job, OutgoingMail

OLDEST_READY = timedelta(minutes=5)
TICKS_APART = timedelta(minutes=3)
NOTHING_DONE = timedelta(minutes=10)


class Alarm(StrEnum):
    """What an operator should look at (security.md §4.3)."""

    JOBS_WAIT = "jobs_wait"  # the oldest ready job is more than 5 minutes old
    JOBS_DEAD = "jobs_dead"
    NO_TICK = "no_tick"  # none for 3 minutes, or never
    NOTHING_DONE = "nothing_done"  # for 10 minutes, while jobs wait
    MAIL_DEAD = "mail_dead"


@dataclass(frozen=True)
class Pulse:
    """`lost`: running jobs whose lease has ended. Times are UTC, None where there is nothing."""

    at: datetime
    ready: int
    oldest_ready: datetime | None
    dead: int
    lost: int
    last_finished: datetime | None
    ticked_at: datetime | None
    mail_waiting: int
    mail_dead: int

    @property
    def alarms(self) -> frozenset[Alarm]:
        found = {
            Alarm.JOBS_WAIT: self._older(self.oldest_ready, OLDEST_READY),
            Alarm.JOBS_DEAD: self.dead > 0,
            Alarm.NO_TICK: self.ticked_at is None or self._older(self.ticked_at, TICKS_APART),
            Alarm.NOTHING_DONE: self._older(self.oldest_ready, NOTHING_DONE)
            and (self.last_finished is None or self._older(self.last_finished, NOTHING_DONE)),
            Alarm.MAIL_DEAD: self.mail_dead > 0,
        }
        return frozenset(alarm for alarm, is_so in found.items() if is_so)

    def _older(self, moment: datetime | None, limit: timedelta) -> bool:
        return moment is not None and self.at - moment > limit


@dataclass(frozen=True)
class Count:
    """Jobs of one tenant, kind and state; `oldest` is when the first of them was or will be due."""

    slug: str
    kind: str
    state: str
    jobs: int
    oldest: datetime

    @property
    def state_name(self) -> str:
        return str(Job.State(self.state).label)


def pulse(*, now: datetime) -> Pulse:
    """Three queries and a call, whatever there is."""
    with all_tenants("see how work stands") as call:
        [(ready, oldest_ready, dead, lost, last_finished)] = call("job_pulse", now)
    return Pulse(
        at=now,
        ready=ready,
        oldest_ready=oldest_ready,
        dead=dead,
        lost=lost,
        last_finished=last_finished,
        ticked_at=Heartbeat.objects.filter(name="tick").values_list("at", flat=True).first(),
        mail_waiting=OutgoingMail.objects.filter(state=OutgoingMail.State.WAITING).count(),
        mail_dead=OutgoingMail.objects.filter(state=OutgoingMail.State.DEAD).count(),
    )


def counts() -> list[Count]:
    with all_tenants("count jobs for the operators") as call:
        return [Count(*row) for row in call("job_counts")]

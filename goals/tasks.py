"""What the job runner calls; settings.JOB_HANDLERS names each."""

from datetime import date, datetime
from typing import Any

from goals.actions import (
    adjusting,
    alerts,
    binding,
    blockers,
    carrying,
    cascading,
    evidence,
    holding,
    matching,
    proposal,
    telling,
    workshop,
)
from goals.queries.settings import local_date
from perfsys.common.files import ASK_AGAIN
from perfsys.jobs.handlers import Again


def check_health(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """Nightly, by the tenant's day. The look is one transaction; telling managers and HR partners goes on in chunks,
    for the day it began with."""
    on = date.fromisoformat(payload["on"]) if "on" in payload else local_date(now)
    if "on" not in payload:
        alerts.check_health(as_of=on, now=now)
    more = telling.tell_lines(on=on, now=now)
    return Again({**payload, "on": on.isoformat()}) if more else None


def attach_evidence(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """After a sync (`run`), and for goals that name another record now (`goals`, or all of a `period`)."""
    done = evidence.attach_some(
        now=now,
        run_id=payload.get("run"),
        goal_ids=payload.get("goals"),
        period_id=payload.get("period"),
        after=payload.get("after", 0),
    )
    return Again({**payload, "after": done.upto}) if done.upto is not None else None


def check_in_bound(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """After figures of a metric were computed (`definition`), and each night for all: goals whose figure is another one
    now check in."""
    upto = binding.check_in_some(now=now, definition_id=payload.get("definition"), after=payload.get("after", 0))
    if upto is None:
        holding.look_again(now=now, definition_id=payload.get("definition"))
    return Again({**payload, "after": upto}) if upto is not None else None


def tell_of_held(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """After figures of a metric (`definition`) were held, or are free again: whoever is measured by them."""
    upto = holding.tell_of_some(now=now, definition_id=payload["definition"], after=payload.get("after", 0))
    return Again({**payload, "after": upto}) if upto is not None else None


def send_adjustments(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """Daily: what waited for the window of weights goes out on the day it opens; then what waits for an answer goes to
    whoever is to give it today."""
    if "after" not in payload and adjusting.send_waiting(now=now):
        return Again(payload)
    after = adjusting.ask_who_is_here(now=now, after=payload.get("after", 0))
    return Again({**payload, "after": after}) if after is not None else None


def tell_of_waiting_blockers(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """Each morning: what waits on the cross-team board."""
    return Again(payload) if blockers.tell_of_waiting(now=now) else None


def open_workshop(*, payload: dict[str, Any], now: datetime) -> None:
    """Each morning: the decoding workshop of the period that begins soon, once."""
    workshop.open_the_next(now=now)


def find_overlaps(*, payload: dict[str, Any], now: datetime) -> None:
    """After a proposal was written: which of them read alike."""
    workshop.find_overlaps(now=now)


def match(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """Judge the texts of alignments that nobody has judged yet, and work out their match, a few hundred a step. Looks
    for itself what there is to do."""
    upto = matching.judge_some(now=now, after=payload.get("after", 0))
    return Again({**payload, "after": upto}) if upto is not None else None


def carry_over(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """Goals that somebody carries over, a few thousand a step. Done already it does nothing."""
    return Again(payload) if carrying.carry_some(run_id=payload["run"], now=now) else None


def cascade(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """A goal that somebody hands down, a few thousand people a step. Done already it does nothing."""
    return Again(payload) if cascading.cascade_some(run_id=payload["run"], now=now) else None


def scan_proof(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """A file beside a proof of a proposal, before anybody may open it."""
    is_to_wait = proposal.scan(file_id=payload["file"], now=now)
    return Again(payload, after=ASK_AGAIN) if is_to_wait else None


def remove_orphans(*, payload: dict[str, Any], now: datetime) -> None:
    """Each night: files that no proof of a proposal names."""
    proposal.remove_orphans(now=now)

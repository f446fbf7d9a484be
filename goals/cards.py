"""An alert as templates/components/alert.html shows it, and weeks as heat.html does, for every page that has them."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goals.access import owners_kept
from goals.models import AlertRule, AlertState, GoalAlert
from goals.queries.health import Wants, wants_of
from goals.queries.heat import Heat
from goals.queries.suggestions import library
from goals.suggestions import Missing, Suggestion, three
from perfsys.people.access import Viewer
from perfsys.tenancy.routes import TenantRequest, here


def alert_cards(
    request: TenantRequest, who: Viewer, alerts: Iterable[GoalAlert], *, keeps: bool | None = None
) -> list[dict[str, Any]]:
    """Of alerts that `who` may answer (goals.access), fetched with goal and owner. One query, two where it is not known
    whether `who` keeps all of their goals (`keeps`) and so may take suggestions up; none for none."""
    listed = list(alerts)
    if not listed:
        return []
    wants = wants_of([alert.goal_id for alert in listed])
    steps = library(next(iter(wants.values()), Wants()).entries)
    owners = {alert.goal.owner_id for alert in listed if alert.goal.owner_id is not None}
    kept = owners_kept(who, owners) if keeps is None else owners if keeps else set()
    cards = []
    for alert in listed:
        adopts = alert.goal.owner_id in kept and alert.state == AlertState.OPEN
        offers = _offers(request, alert, wants.get(alert.goal_id, Wants()), steps, adopts=adopts)
        cards.append(_card(request, who, alert, offers))
    return cards


def alert_card(request: TenantRequest, who: Viewer, alert: GoalAlert) -> dict[str, Any]:
    return alert_cards(request, who, [alert])[0]


def _card(request: TenantRequest, who: Viewer, alert: GoalAlert, offers: list[dict[str, Any]]) -> dict[str, Any]:
    is_answer = alert.state == AlertState.CONFIRMED
    by_viewer = who.employee_id is not None and alert.confirmed_by_id == who.employee_id
    return {
        "public_id": alert.public_id,
        "fact": fact(alert, who.on, whose=alert.goal.owner_id != who.employee_id),
        "url": here(request, "goals:goal", alert.goal.public_id),
        "why": why(alert),
        "offers": offers,
        "confirm_url": here(request, "goals:confirm_alert", alert.public_id) if alert.state == AlertState.OPEN else "",
        "confirm_hint": _("The owner, the manager and the HR partner see your note"),
        "confirmed": {"by": {"name": alert.confirmed_by_name}, "at": alert.confirmed_at, "note": alert.reason}
        if is_answer
        else None,
        "undo_url": here(request, "goals:reopen_alert", alert.public_id) if is_answer and by_viewer else "",
    }


def _offers(
    request: TenantRequest, alert: GoalAlert, wants: Wants, steps: Sequence[Suggestion], *, adopts: bool
) -> list[dict[str, Any]]:
    """Three, each with why; whoever keeps the goal takes one up with a press."""
    goal = alert.goal
    family = goal.owner.job_family or goal.owner.position if goal.owner else ""
    missing = set(wants.missing) | ({Missing.PARENT} if alert.rule == AlertRule.WEAK else set())
    found = three(kind=goal.kind, job_family=family, missing=missing, library=steps, of=str(goal.pk))
    url = here(request, "goals:adopt_suggestion", alert.public_id) if adopts else ""
    return [
        {
            "text": one.text,
            "why": one.why,
            "code": one.code,
            "url": "" if one.code in wants.adopted else url,
            "post": bool(url) and one.code not in wants.adopted,
            "is_taken": one.code in wants.adopted,
        }
        for one in found
    ]


def fact(alert: GoalAlert, on: date, *, whose: bool = False) -> str:
    """What the rule found, as it is on the day `on`; with the owner's name where somebody else reads it."""
    goal, told = alert.goal, ""
    if alert.rule == AlertRule.STALE:
        days = (on - silent_since(alert)).days
        words = ngettext(
            "“%(goal)s” has not moved for %(days)d day", "“%(goal)s” has not moved for %(days)d days", days
        )
        told = words % {"goal": goal.title, "days": days}
    elif alert.rule == AlertRule.WEAK:
        told = _("“%(goal)s” matches the goal above by %(match)d of 100") % {
            "goal": goal.title,
            "match": alert.match_then,
        }
    elif alert.rule == AlertRule.DEVIATING:
        told = _("“%(goal)s” has been off its track for two weeks") % {"goal": goal.title}
    return f"{goal.owner.name} · {told}" if whose and goal.owner is not None else told


def short_fact(alert: GoalAlert, on: date) -> str:
    """The same beside the goal's title."""
    if alert.rule == AlertRule.WEAK:
        return _("matches the goal above by %(match)d") % {"match": alert.match_then}
    if alert.rule == AlertRule.DEVIATING:
        return _("off its track for two weeks")
    days = (on - silent_since(alert)).days
    return ngettext("not moved for %(days)d day", "not moved for %(days)d days", days) % {"days": days}


def why(alert: GoalAlert) -> str:
    if alert.rule == AlertRule.STALE:
        return _("You see this because nothing was added since: no check-in, no milestone, no evidence.")
    if alert.rule == AlertRule.WEAK:
        return _("You see this because a match below 70 mostly means: doing it does not move the goal above.")
    return _("You see this because it was more than 25 points behind its plan at two weekly readings in a row.")


def since(alert: GoalAlert) -> date:
    """From when the fact holds, as far as anybody knows: silence from the last sign of life, else the day the night
    found it."""
    return silent_since(alert) if alert.rule == AlertRule.STALE else alert.opened_on


def silent_since(alert: GoalAlert) -> date:
    """The last sign of life when it opened, else the day the goal was published."""
    return alert.seen_activity_on or alert.goal.published_on or alert.opened_on


def heat_table(request: TenantRequest, found: Heat, caption: str) -> dict[str, Any]:
    """A number opens where the goal's check-ins and stages stand one by one."""
    heads = [f"{monday.month}/{monday.day}" for monday in found.weeks]
    words, rows = _("%(goal)s, week of %(monday)s: %(number)d"), []
    for row in found.rows:
        url = here(request, "goals:goal", public_id=row.goal.public_id)
        cells = [
            {
                "count": count,
                "url": f"{url}#trail",
                "label": words % {"goal": row.goal.title, "monday": head, "number": count},
            }
            for head, count in zip(heads, row.cells, strict=True)
        ]
        rows.append({"title": row.goal.title, "url": url, "cells": cells})
    return {"caption": caption, "heads": heads, "rows": rows, "most": found.most}

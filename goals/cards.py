"""An alert as templates/components/alert.html shows it, for every page that has one."""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from goals.models import AlertRule, AlertState, Goal, GoalAlert
from goals.queries.health import missing_on
from goals.suggestions import Missing, three
from perfsys.people.access import Viewer
from perfsys.tenancy.routes import TenantRequest, here


def alert_cards(request: TenantRequest, who: Viewer, alerts: Iterable[GoalAlert]) -> list[dict[str, Any]]:
    """Of alerts that `who` may answer (goals.access), fetched with goal and owner. One query."""
    listed = list(alerts)
    missing = missing_on([alert.goal_id for alert in listed])
    return [_card(request, who, alert, missing.get(alert.goal_id, set())) for alert in listed]


def alert_card(request: TenantRequest, who: Viewer, alert: GoalAlert) -> dict[str, Any]:
    return alert_cards(request, who, [alert])[0]


def _card(request: TenantRequest, who: Viewer, alert: GoalAlert, missing: Collection[Missing]) -> dict[str, Any]:
    is_answer = alert.state == AlertState.CONFIRMED
    by_viewer = who.employee_id is not None and alert.confirmed_by_id == who.employee_id
    return {
        "public_id": alert.public_id,
        "fact": fact(alert, who.on, whose=alert.goal.owner_id != who.employee_id),
        "url": here(request, "goals:goal", alert.goal.public_id),
        "why": why(alert),
        "offers": _offers(alert.goal, missing),
        "confirm_url": here(request, "goals:confirm_alert", alert.public_id) if alert.state == AlertState.OPEN else "",
        "confirm_hint": _("The owner, the manager and the HR partner see your note"),
        "confirmed": {"by": {"name": alert.confirmed_by_name}, "at": alert.confirmed_at, "note": alert.reason}
        if is_answer
        else None,
        "undo_url": here(request, "goals:reopen_alert", alert.public_id) if is_answer and by_viewer else "",
    }


def _offers(goal: Goal, missing: Collection[Missing]) -> list[dict[str, Any]]:
    family = goal.owner.job_family or goal.owner.position if goal.owner else ""
    return [{"text": one.text} for one in three(kind=goal.kind, job_family=family, missing=missing)]


def fact(alert: GoalAlert, on: date, *, whose: bool = False) -> str:
    """What the rule found, as it is on the day `on`; with the owner's name where somebody else reads it."""
    goal = alert.goal
    told = _("“%(goal)s”: %(rule)s") % {"goal": goal.title, "rule": alert.get_rule_display()}
    if alert.rule == AlertRule.STALE:
        days = (on - silent_since(alert)).days
        words = ngettext(
            "“%(goal)s” has not moved for %(days)d day", "“%(goal)s” has not moved for %(days)d days", days
        )
        told = words % {"goal": goal.title, "days": days}
    return f"{goal.owner.name} · {told}" if whose and goal.owner is not None else told


def short_fact(alert: GoalAlert, on: date) -> str:
    """The same beside the goal's title."""
    if alert.rule != AlertRule.STALE:
        return str(alert.get_rule_display())
    days = (on - silent_since(alert)).days
    return ngettext("not moved for %(days)d day", "not moved for %(days)d days", days) % {"days": days}


def why(alert: GoalAlert) -> str:
    if alert.rule == AlertRule.STALE:
        return _("You see this because nothing was added since: no check-in, no milestone, no evidence.")
    return ""


def silent_since(alert: GoalAlert) -> date:
    """The last sign of life when it opened, else the day the goal was published."""
    return alert.seen_activity_on or alert.goal.published_on or alert.opened_on

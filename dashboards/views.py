"""The page each role begins on: my week, my team, the goals worth a look (product.md §6.3)."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from feedback.queries import effect, exchange, retro, silence
from feedback.retro_cards import home_card
from feedback.views.cards import shown_action, shown_cards
from goals.cards import alert_cards, heat_table, short_fact, since
from goals.models import AlertRule, AlertState, Goal, GoalAlert, Layer
from goals.queries.bound import Mark, marks_of
from goals.queries.heat import Heat
from goals.queries.periods import current_period
from goals.wording import value_now, value_text
from perfsys.notices.models import Notice
from perfsys.notices.queries import open_items
from perfsys.people.access import Viewer, person, unit_to_see, viewer
from perfsys.people.features import Feature
from perfsys.people.models import Employee, OrgUnit
from perfsys.people.queries import primary_units
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to
from reviews.models import Interview, Module
from reviews.queries.plans import next_talk, next_talks

from . import queries, wording

PER_PAGE = 25
SIDE_BY_SIDE = 8  # more units than that become a list to choose from
RECENT = 3
CAUSES = 6  # of obstacles, beside what the check found
ALL = "all"


@require_GET
@open_to(Role.EMPLOYEE)
def week(request: TenantRequest) -> HttpResponse:
    """An employee's home: where my work takes the company, and what waits for me."""
    who, me, now = viewer(request), person(request), timezone.now()
    found = queries.week(who, me, current_period(who.on))
    context = {
        "now": now,
        "greeting": wording.greeting(timezone.localtime(now), me.name),
        "lede": wording.moved_this_week(found.heat.moved_this_week),
        "sight": _sight(request, found.goals, found.marks),
        **_cards(request, who, found.alerts),
        "waiting": found.alerts.waiting + len(found.owed) + len(found.reminders),
        "owed": _owed(request, found.reminders, found.owed),
        "heat": _heat(request, found.heat) if found.heat.most else None,
        "retro": home_card(request, retro.on_home(me, now=now, least=request.seat.min_group_size)),
        "drafts": found.drafts,
        "publish_url": here(request, "goals:publish"),
        "board_url": here(request, "goals:board"),
        "new_goal_url": here(request, "goals:new"),
        **_heard(request, who, me, now),
        "next_talk": _next_talk(request, next_talk(me)),
    }
    return render(request, "dashboards/week.html", context)


@require_GET
@open_to(Role.MANAGER)
def team(request: TenantRequest) -> HttpResponse:
    """A manager's home: who may need a hand first, then everybody by name."""
    who, me, now = viewer(request), person(request), timezone.now()
    everybody = request.GET.get("below") == ALL
    period = current_period(who.on)
    people = queries.team(who, me, period, everybody=everybody)
    page = Paginator(people, PER_PAGE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    standings = queries.standings(who, me, shown, period)
    waiting = open_items(me)
    shows_talks = not everybody and not who.lacks(Feature.INTERVIEWS)
    talks = _talks(request, me, shown) if shows_talks else {}
    own_page = here(request, "dashboards:team")
    context = {
        "now": now,
        "greeting": wording.greeting(timezone.localtime(now), me.name),
        "lede": wording.reports(page.paginator.count, everybody=everybody),
        "scopes": [
            {"label": _("Direct reports"), "url": own_page, "current": not everybody},
            {"label": _("Everybody below"), "url": f"{own_page}?below={ALL}", "current": everybody},
        ],
        "people": [
            _member(request, employee, standings[employee.pk], talks.get(employee.pk), is_direct=not everybody)
            for employee in shown
        ],
        "shows_talks": shows_talks,
        "page": page,
        "file_url": f"{here(request, 'goals:export')}?whose={'below' if everybody else 'team'}",
        "matrix_url": "" if everybody else here(request, "feedback:team_matrix"),
        **_cards(request, who, queries.team_cards(who, me)),
        "awaiting": _owed(request, [], waiting.owed),
        **_said(request, who, me, now),
    }
    return render(request, "dashboards/team.html", context)


@require_GET
@open_to(Role.HRBP)
def health(request: TenantRequest) -> HttpResponse:
    """An HR partner's home: what last night's check found in the own units, and what was said about it."""
    who = viewer(request)
    unit, tab = _unit_asked_for(request), request.GET.get("rule", "")
    alerts = queries.partner_alerts(who, unit)
    counted = queries.count_alerts(alerts)
    pages = Paginator(queries.of_tab(alerts, tab).values_list("pk", flat=True), PER_PAGE)
    pages.count = counted.of_tab(tab)  # told already: else it would ask once more
    page = pages.get_page(request.GET.get("page"))
    shown = queries.in_full(page.object_list)
    units = primary_units([alert.goal.owner_id for alert in shown if alert.goal.owner_id], who.on)
    marks = marks_of([alert.goal for alert in shown], who.on)
    units_offered = _units(request, who, unit, tab)
    context = {
        "now": timezone.now(),
        "filters": _tabs(request, counted, tab, unit),
        "units": units_offered,
        "many_units": len(units_offered) > SIDE_BY_SIDE,
        "rule": tab if tab in (queries.CONFIRMED, *AlertRule.values) else "",
        "alerts": [_row(request, who, alert, units) | {"mark": marks.get(alert.goal_id)} for alert in shown],
        "page": page,
        "causes": _causes(request, queries.by_cause(queries.obstacles_left(who, unit))[:CAUSES]),
        "obstacles_url": here(request, "goals:obstacles"),
        "file_url": f"{here(request, 'goals:export')}?whose=units",
    }
    return render(request, "dashboards/health.html", context)


def _cards(request: TenantRequest, who: Viewer, cards: queries.Cards) -> dict[str, Any]:
    return {
        "alerts": alert_cards(request, who, cards.alerts, keeps=True),  # one's own, and those of direct reports
        "waiting": cards.waiting,
        "more_url": "" if cards.are_all else here(request, "notices:inbox"),
    }


# --- a week -----------------------------------------------------------------------------------------------------------


def _sight(request: TenantRequest, goals: Iterable[queries.OwnGoal], marks: Mapping[int, Mark]) -> list[dict[str, Any]]:
    """Own goals by the company's goal they lead to, then by the department's; those that lead nowhere yet come last."""
    groups: dict[int | None, dict[str, Any]] = {}
    for own in goals:
        top = own.above[-1] if own.above and own.above[-1].layer == Layer.COMPANY else None
        next_up = own.above[0] if own.above and own.above[0] != top else None
        group = groups.setdefault(top.pk if top else None, {"company": _above(request, top, marks), "parts": {}})
        part = group["parts"].setdefault(next_up.pk if next_up else None, {"goal": _above(request, next_up, marks)})
        part.setdefault("goals", []).append(_own(request, own))
    ordered = sorted(groups.items(), key=lambda item: item[0] is None)
    return [{"company": group["company"], "departments": list(group["parts"].values())} for _pk, group in ordered]


def _own(request: TenantRequest, own: queries.OwnGoal) -> dict[str, Any]:
    goal = own.goal
    return {
        "url": _goal_url(request, goal),
        "title": goal.title,
        "progress": own.progress,
        "expected_progress": own.expected,
        "value_text": value_text(goal, own.mark),
        "health": goal.health,
        "mark": own.mark,
        "path": [above.title for above in own.above],
    }


def _above(request: TenantRequest, goal: Goal | None, marks: Mapping[int, Mark]) -> dict[str, Any] | None:
    if goal is None:
        return None
    mark = marks.get(goal.pk)
    return {"url": _goal_url(request, goal), "title": goal.title, "value_text": value_now(goal, mark), "mark": mark}


def _heat(request: TenantRequest, heat: Heat) -> dict[str, Any]:
    caption = _("Check-ins and milestones of each goal in the last %(number)d weeks") % {"number": queries.WEEKS}
    return heat_table(request, heat, caption)


def _owed(request: TenantRequest, reminders: Iterable[Notice], owed: Iterable[Notice]) -> list[dict[str, Any]]:
    """What somebody asked for leads to its own page, a reminder to the inbox, where its switch is."""
    inbox = here(request, "notices:inbox")
    rows = [(notice, notice.url or inbox) for notice in owed] + [(notice, inbox) for notice in reminders]
    return [{"title": notice.sentence, "meta": "", "url": url, "label": _("Have a look")} for notice, url in rows]


def _heard(request: TenantRequest, who: Viewer, me: Employee, now: datetime) -> dict[str, Any]:
    """The last feedback to me, and what I have taken on. Three queries."""
    lately = exchange.lately_received(who, me, most=RECENT, now=now)
    actions = exchange.open_actions(me, most=RECENT)
    feedback_url = here(request, "feedback:list")
    return {
        "recent_feedback": shown_cards(request, who, lately),
        "feedback_url": f"{feedback_url}?tab=mine",
        "own_actions": [shown_action(request, who, item) for item in actions],
        "actions_url": f"{feedback_url}?tab=open",
    }


def _next_talk(request: TenantRequest, talk: Interview | None) -> dict[str, Any] | None:
    if talk is None:
        return None
    return {
        "name": talk.manager.name,
        "at": talk.at,
        "minutes": talk.minutes,
        "place": talk.place,
        "modules": list(Module.labels),
        "url": here(request, "reviews:interview", public_id=talk.public_id),
    }


# --- a team -----------------------------------------------------------------------------------------------------------


def _talks(request: TenantRequest, me: Employee, people: Iterable[Employee]) -> dict[int, dict[str, Any]]:
    """By employee id: the planned talk, or where to plan one."""
    listed = list(people)
    planned = next_talks(me, [employee.pk for employee in listed])
    new = here(request, "reviews:new")
    found: dict[int, dict[str, Any]] = {}
    for employee in listed:
        talk = planned.get(employee.pk)
        plan = "" if Feature.INTERVIEWS in employee.withheld else f"{new}?with={employee.public_id}"
        url = here(request, "reviews:prep", public_id=talk.public_id) if talk else plan
        found[employee.pk] = {"at": talk.at if talk else None, "url": url}
    return found


def _member(
    request: TenantRequest,
    employee: Employee,
    standing: queries.Standing,
    talk: dict[str, Any] | None,
    *,
    is_direct: bool,
) -> dict[str, Any]:
    return {
        "name": employee.name,
        "position": employee.position,
        "url": here(request, "people:person", public_id=employee.public_id),
        "goals": standing.goals,
        "mix": standing.mix,
        "progress": standing.progress,
        "expected_progress": standing.expected,
        "says": standing.says,
        "mark": standing.mark,
        "last_touched_at": standing.touched_on,
        "talk": talk,
        "step": _step(request, employee, standing.step, is_direct=is_direct),
    }


def _step(
    request: TenantRequest, employee: Employee, step: queries.Step | None, *, is_direct: bool
) -> dict[str, Any] | None:
    if step is None or (step.ask == queries.Ask.WRITE and not is_direct):  # the direct manager writes with them
        return None
    if step.goal is None:
        url = here(request, "goals:new") + f"?owner={employee.public_id}"
    else:
        url = _goal_url(request, step.goal)
    return {"label": wording.STEPS[step.ask], "url": url, "about": step.goal.title if step.goal else ""}


def _said(request: TenantRequest, who: Viewer, me: Employee, now: datetime) -> dict[str, Any]:
    """What became of my feedback of late, and who has not heard from me for a while. Two queries."""
    compose = here(request, "feedback:new")
    return {
        "effect": effect.effect_of(me, since=who.on - effect.OVER, now=now),
        "effect_url": f"{here(request, 'feedback:list')}?tab=sent&outcome=",
        "unheard": [
            {
                "name": one.person.name,
                "url": here(request, "people:person", public_id=one.person.public_id),
                "last_on": one.last_on,
                "write_url": f"{compose}?to={one.person.public_id}",
            }
            for one in silence.long_unheard(me, who.on)
        ],
    }


# --- goals worth a look -----------------------------------------------------------------------------------------------


def _row(request: TenantRequest, who: Viewer, alert: GoalAlert, units: dict[int, OrgUnit]) -> dict[str, Any]:
    goal, owner = alert.goal, alert.goal.owner
    unit = units.get(owner.pk) if owner else None
    return {
        "public_id": alert.public_id,
        "goal": {"title": goal.title, "url": _goal_url(request, goal)},
        "owner": {"name": owner.name if owner else "", "unit": unit.name if unit else ""},
        "rule_name": alert.get_rule_display(),
        "fact": short_fact(alert, who.on),
        "since": since(alert),
        "health": goal.health,
        "confirmed": {"by": {"name": alert.confirmed_by_name}, "at": alert.confirmed_at, "note": alert.reason}
        if alert.state == AlertState.CONFIRMED
        else None,
    }


def _causes(request: TenantRequest, causes: Iterable[queries.Cause]) -> list[dict[str, Any]]:
    page = here(request, "goals:obstacles")
    return [{"name": one.name, "goals": one.goals, "url": f"{page}?cause={one.public_id}"} for one in causes]


def _tabs(request: TenantRequest, counted: queries.Counted, tab: str, unit: OrgUnit | None) -> list[dict[str, Any]]:
    """A rule has a tab where it found something; with a single rule its tab would repeat the first."""
    rules = [rule for rule in AlertRule if rule in counted.by_rule] if len(counted.by_rule) > 1 else []
    known = {*rules, queries.CONFIRMED}
    tabs = [("", _("Not answered yet"), counted.open)]
    tabs += [(rule.value, str(rule.label), counted.by_rule[rule]) for rule in rules]
    tabs += [(queries.CONFIRMED, _("A deliberate change"), counted.confirmed)]
    return [
        {
            "label": label,
            "url": _address(request, rule=code, unit=unit),
            "current": code == (tab if tab in known else ""),
            "count": count,
        }
        for code, label, count in tabs
    ]


def _units(request: TenantRequest, who: Viewer, unit: OrgUnit | None, tab: str) -> list[dict[str, Any]]:
    """The way down: all my units, the chosen one, those below it."""
    choice = queries.units_to_choose(who, unit)
    if unit is None and len(choice) < 2:  # one unit: choose among what is below it
        choice = [*choice, *(below for one in choice for below in queries.units_to_choose(who, one))]
        choice = choice[1:]
    places = [(_("All my units"), None), *([(unit.name, unit)] if unit else []), *((one.name, one) for one in choice)]
    return [
        {
            "label": label,
            "url": _address(request, rule=tab, unit=place),
            "value": place.public_id if place else "",
            "current": place == unit,
        }
        for label, place in places
    ]


def _address(request: TenantRequest, *, rule: str, unit: OrgUnit | None) -> str:
    asked = [f"rule={rule}"] if rule in (queries.CONFIRMED, *AlertRule.values) else []
    asked += [f"unit={unit.public_id}"] if unit else []
    return here(request, "dashboards:health") + ("?" + "&".join(asked) if asked else "")


def _unit_asked_for(request: TenantRequest) -> OrgUnit | None:
    try:
        return unit_to_see(UUID(request.GET["unit"]))
    except (KeyError, ValueError):
        return None


def _goal_url(request: TenantRequest, goal: Goal) -> str:
    return here(request, "goals:goal", goal.public_id)

"""The means of all teams of a week, as they are published with it (security.md §2, rule 1)."""

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Avg, Count, F, Max, Q, Sum

from feedback import retro_means
from feedback.models import Retro, RetroTeam, RetroWeek
from goals.queries.periods import current_period
from perfsys.people.groups import groups_to_show

A_QUARTER = timedelta(weeks=13)
HAS_GOALS = Q(goals__gt=0)


def means_of(week: RetroWeek, *, least: int) -> list[RetroTeam]:
    """Not saved yet; a team are those who reported to one manager at the opening. At most seven queries."""
    retros = Retro.objects.filter(week=week).order_by()
    teams = list(
        retros.exclude(manager=None)
        .values("manager")
        .annotate(
            members=Count("pk"),
            with_goals=Count("pk", filter=HAS_GOALS),
            moved=Sum("goals_moved"),
            possible=Sum("goals"),
            most_goals=Max("goals"),
            noted=Sum("check_ins"),
            most_noted=Max("check_ins"),
            planned=Avg(F("on_plan") * Decimal(100) / F("goals"), filter=HAS_GOALS),
        )
    )
    whole = retros.aggregate(all=Count("pk"), with_goals=Count("pk", filter=HAS_GOALS))
    sizes = {team["manager"]: team["members"] for team in teams}
    with_goals = {team["manager"]: team["with_goals"] for team in teams}
    shown = groups_to_show(sizes, whole=whole["all"], least=least)
    plans_shown = groups_to_show(with_goals, whole=whole["with_goals"], least=least) & shown
    plans_shown -= _cut_anew(week, plans_shown, least=least)
    made = []
    for team in teams:
        if (manager := team["manager"]) not in shown:
            continue
        members = team["members"]
        moved = retro_means.of_parts(team["moved"], team["possible"], team["most_goals"], members)
        noted = retro_means.of_check_ins(team["noted"], team["most_noted"], members, moved=moved)
        planned = retro_means.of_shares(team["planned"], team["with_goals"]) if manager in plans_shown else None
        about = {"manager_id": manager, "members": members, "with_goals": team["with_goals"]}
        made.append(RetroTeam(week=week, **about, goals_moved=moved, check_ins=noted, on_plan=planned))
    return made


def _cut_anew(week: RetroWeek, managers: frozenset[int], *, least: int) -> set[int]:
    """Those of `managers` whose people with goals differ by a few from those of a mean on plan that was told in this
    period: beside that one, theirs would be the mean of the few."""
    period = current_period(week.monday)
    since = period.starts_on if period else week.monday - A_QUARTER
    told = RetroTeam.objects.filter(
        manager__in=managers, on_plan__isnull=False, week__monday__range=(since - timedelta(days=6), week.monday)
    ).exclude(week=week)
    weeks_of: defaultdict[int, set[int]] = defaultdict(set)
    for manager, told_in in told.values_list("manager", "week"):
        weeks_of[manager].add(told_in)
    people = (
        Retro.objects.filter(HAS_GOALS, manager__in=weeks_of, week__in={week.pk, *set().union(*weeks_of.values())})
        .order_by()
        .values("manager", "week")
        .annotate(people=ArrayAgg("person"))
        .values_list("manager", "week", "people")
    )
    now: dict[int, set[int]] = {}
    before: defaultdict[int, list[set[int]]] = defaultdict(list)
    for manager, of_week, ids in people:
        if of_week == week.pk:
            now[manager] = set(ids)
        elif of_week in weeks_of[manager]:
            before[manager].append(set(ids))
    return {
        manager for manager, earlier in before.items() if not retro_means.may_be_cut(now[manager], earlier, least=least)
    }

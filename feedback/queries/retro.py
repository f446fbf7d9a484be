"""The week of a person, as the pages of the micro-retro show it (product.md §6.1)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from feedback.access import own_retros, retro_responses, shared_retros
from feedback.models import Retro, RetroResponse, RetroTeam
from feedback.retro import Ask, Figures, Option, Question, Suggestion, from_data, suggest
from feedback.retro_means import least_told, most_told
from perfsys.jobs.queries import skipped_runs
from perfsys.people.access import Viewer
from perfsys.people.models import Employee
from perfsys.people.queries import managers_of
from perfsys.tenancy.prepared import prepared, with_only

KIND = "feedback.retro"  # of the job and its schedule
LOOK_BACK = timedelta(weeks=8)


@dataclass(frozen=True)
class Mean:
    """Of the team, each None where it is not told. `on_plan` is percent, or less where `is_least`, or more where
    `is_most`."""

    goals_moved: float | None
    check_ins: float | None
    on_plan: int | None
    is_least: bool = False
    is_most: bool = False


@dataclass(frozen=True)
class OwnWeek:
    """A retro with what is made of it. `mean` is None where the group rule hides it."""

    retro: Retro
    questions: list[Question]
    is_open: bool
    mean: Mean | None = None

    @property
    def chosen(self) -> dict[Ask, Option]:
        found = {q.ask: q.option(self.retro.answers.get(q.ask, "")) for q in self.questions}
        return {ask: option for ask, option in found.items() if option is not None}

    @property
    def waits(self) -> bool:
        """Whether it still asks: open, neither answered nor skipped."""
        return self.is_open and self.retro.answered_at is None and self.retro.skipped_at is None

    @property
    def figures(self) -> Figures:
        retro = self.retro
        return Figures(retro.goals, retro.goals_moved, retro.on_plan, retro.check_ins)

    @property
    def suggestion(self) -> Suggestion:
        return suggest(self.figures, self.chosen)

    @property
    def next_question(self) -> int:
        """Index of the first one without an answer; the last one where all have one."""
        missing = [place for place, question in enumerate(self.questions) if question.ask not in self.chosen]
        return missing[0] if missing else len(self.questions) - 1


def newest(me: Employee, *, now: datetime, least: int) -> OwnWeek | None:
    """The last week that was opened for me. One query, and one for the team's mean where it is answered."""
    retro = own_retros(me).select_related("week").order_by("-week").first()
    return None if retro is None else seen(retro, now=now, least=least)


def on_home(me: Employee, *, now: datetime, least: int) -> OwnWeek | None:
    """The same, while the week is open: what my week shows beside the rest, unless it was skipped."""
    retro = next(iter(_running(me.pk, now)), None)
    return None if retro is None else seen(retro, now=now, least=least)


@prepared
def _running(me: int, now: datetime) -> QuerySet[Retro]:
    running = own_retros(with_only(Employee, id=me)).filter(week__closes_at__gt=now, skipped_at=None)
    return running.select_related("week").order_by("-week")[:1]


def seen(retro: Retro, *, now: datetime, least: int) -> OwnWeek:
    """`least` is the tenant's min_group_size of today: where it has grown since, less is shown."""
    mean = team_mean(retro, least) if retro.answered_at is not None else None
    return OwnWeek(retro, from_data(retro.questions), retro.week.closes_at > now, mean)


def listed(retro: Retro, *, now: datetime) -> OwnWeek:
    """Without the team's mean, which stands on the week's own page."""
    return OwnWeek(retro, from_data(retro.questions), retro.week.closes_at > now)


def option_of(retro: Retro, ask: str, key: str) -> Option | None:
    """What a choice was, where it is one."""
    return next((q.option(key) for q in from_data(retro.questions) if q.ask == ask), None)


def team_mean(retro: Retro, least: int) -> Mean | None:
    """What was published with the week; one query."""
    if retro.manager_id is None:
        return None
    team = RetroTeam.objects.filter(week=retro.week_id, manager=retro.manager_id, members__gt=least).first()
    if team is None:
        return None
    moved, noted, planned = team.goals_moved, team.check_ins, team.on_plan
    if team.with_goals <= least:
        planned = None
    return Mean(
        None if moved is None else float(moved),
        None if noted is None else float(noted),
        None if planned is None else int(planned),
        is_least=planned is not None and planned <= least_told(team.with_goals),
        is_most=planned is not None and planned >= most_told(team.with_goals),
    )


def weeks_of(me: Employee) -> QuerySet[Retro]:
    """Newest first."""
    return own_retros(me).select_related("week").order_by("-week")


def weeks_not_held(now: datetime) -> list[datetime]:
    """When a retro was due and came too late to be of use, in the last eight weeks; the newest first."""
    return skipped_runs(KIND, since=now - LOOK_BACK)


def was_missed(mine: OwnWeek | None, missed: list[datetime]) -> bool:
    """Whether the latest one that was due is one that was not held."""
    if not missed:
        return False
    return mine is None or timezone.localdate(missed[0]) >= mine.retro.week.monday + timedelta(weeks=1)


def manager_to_share_with(me: Employee, viewer: Viewer) -> Employee | None:
    return managers_of([me.pk], viewer.on).get(me.pk)


def shared_with(who: Viewer) -> QuerySet[Retro]:
    """Newest week first, then by name."""
    return shared_retros(who).select_related("week", "person").order_by("-week", "person__name_key", "person")


def responses(who: Viewer) -> QuerySet[RetroResponse]:
    return retro_responses(who).select_related("week", "partner").order_by("-week", "partner")

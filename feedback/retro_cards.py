"""What templates draw of a micro-retro: the question at hand, the weekly report, a line of the history."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

from feedback import retro_wording
from feedback.models import RetroResponse
from feedback.queries.retro import Mean, OwnWeek
from feedback.retro import Figures, Question
from perfsys.people.groups import blurred
from perfsys.people.models import Employee
from perfsys.tenancy.routes import TenantRequest, here

WEEK = timedelta(days=6)
DASH = "–"


def question_card(request: TenantRequest, week: OwnWeek, place: int | None = None) -> dict[str, Any]:
    """The question at `place`, or the next one without an answer."""
    place = week.next_question if place is None else place
    question, retro = week.questions[place], week.retro
    page = here(request, "feedback:retro")
    return {
        "text": retro_wording.asked(question.ask),
        "ask": question.ask.value,
        "options": _options(question, retro.answers.get(question.ask)),
        "number": place + 1,
        "of": len(week.questions),
        "is_last": place + 1 == len(week.questions),
        "answer_url": here(request, "feedback:retro_answer", retro.public_id),
        "skip_url": ""
        if retro.answered_at or retro.skipped_at
        else here(request, "feedback:retro_skip", retro.public_id),
        "back_url": f"{page}?q={place}" if place else "",
        "closes_at": retro.week.closes_at,
    }


def report_card(
    request: TenantRequest, week: OwnWeek, *, is_own: bool, manager: Employee | None = None
) -> dict[str, Any]:
    """The weekly report. `manager`: whom it can be shown to, where that is still to be decided."""
    retro = week.retro
    say, why = retro_wording.suggestion(week.suggestion)
    rows = figure_rows(week.figures, week.mean)
    return {
        "title": week_title(retro.week.monday),
        "as_of": retro.week.as_of,
        "closes_at": retro.week.closes_at if week.is_open else None,
        "figures": rows,
        "has_mean": any(row["team"] for row in rows),
        "has_gaps": not all(row["team"] for row in rows),
        "least": request.seat.min_group_size,
        "answers": _answers(request, week, can_change=is_own and week.is_open),
        "suggestion": {"say": say, "why": why},
        "share": _sharing(request, week, manager) if is_own else None,
    }


def home_card(request: TenantRequest, week: OwnWeek | None) -> dict[str, Any] | None:
    """What stands beside my week while it is open: the next question, or the figures once it is answered."""
    if week is None:
        return None
    if week.waits:
        return {"question": question_card(request, week), "url": here(request, "feedback:retro")}
    if week.retro.answered_at is None:
        return None
    rows = figure_rows(week.figures, week.mean)
    return {
        "figures": rows,
        "has_mean": any(row["team"] for row in rows),
        "url": here(request, "feedback:retro"),
    }


def figure_rows(mine: Figures, mean: Mean | None) -> list[dict[str, Any]]:
    """Each figure beside the team's mean, which is empty where it is not told."""
    moved = _("%(moved)d of %(goals)d") % {"moved": mine.goals_moved, "goals": mine.goals} if mine.goals else DASH
    share = mine.share_on_plan
    return [
        {"label": _("Goals moved"), "mine": moved, "team": _tenths(mean.goals_moved) if mean else ""},
        {"label": _("Check-ins given"), "mine": str(mine.check_ins), "team": _tenths(mean.check_ins) if mean else ""},
        {
            "label": _("Goals on plan"),
            "mine": DASH if share is None else f"{share:.0f}%",
            "team": _on_plan(mean) if mean else "",
        },
    ]


def _tenths(mean: float | None) -> str:
    return "" if mean is None else f"{mean:.1f}"


def _on_plan(mean: Mean) -> str:
    if mean.on_plan is None:
        return ""
    if mean.is_most:
        return _("%(share)d%% or more") % {"share": mean.on_plan}
    if mean.is_least:
        return _("%(share)d%% or less") % {"share": mean.on_plan}
    return _("about %(share)d%%") % {"share": mean.on_plan}


def history_row(request: TenantRequest, week: OwnWeek) -> dict[str, Any]:
    """One week of mine in a list."""
    retro = week.retro
    return {
        "title": week_title(retro.week.monday),
        "state": _state(week),
        "url": here(request, "feedback:retro_report", retro.public_id) if retro.answered_at else "",
        "figures": figure_rows(week.figures, None),
        "is_shared": retro.shared_with_manager_at is not None,
    }


def shared_row(request: TenantRequest, week: OwnWeek) -> dict[str, Any]:
    """A week that somebody showed to the reader."""
    retro = week.retro
    return {
        "name": retro.person.name,
        "position": retro.person.position,
        "title": week_title(retro.week.monday),
        "url": here(request, "feedback:retro_report", retro.public_id),
        "figures": figure_rows(week.figures, None),
        "answers": _answers(request, week, can_change=False),
    }


def response_row(response: RetroResponse) -> dict[str, Any]:
    """Few who answered, or few who did not, are not counted out."""
    count = blurred(response.answered, response.asked)
    if count.is_exact:
        said = str(count.low)
    elif count.low == 0:
        said = _("at most %(number)d") % {"number": count.high}
    else:
        said = _("at least %(number)d") % {"number": count.low}
    return {
        "title": week_title(response.week.monday),
        "group": _("The people you look after") if response.partner_id else _("The whole company"),
        "asked": response.asked,
        "answered": said,
    }


def week_title(monday: date) -> str:
    return _("%(first)s to %(last)s") % {
        "first": retro_wording.day(monday),
        "last": retro_wording.day(monday + WEEK),
    }


def _options(question: Question, chosen: str | None) -> list[dict[str, Any]]:
    return [
        {
            "key": option.key,
            "text": retro_wording.option_text(option),
            "goal": retro_wording.option_goal(option),
            "is_chosen": option.key == chosen,
        }
        for option in question.options
    ]


def _answers(request: TenantRequest, week: OwnWeek, *, can_change: bool) -> Iterable[dict[str, Any]]:
    page, chosen = here(request, "feedback:retro"), week.chosen
    return [
        {
            "question": retro_wording.asked(question.ask),
            "answer": retro_wording.option_text(chosen[question.ask]) if question.ask in chosen else DASH,
            "goal": retro_wording.option_goal(chosen[question.ask]) if question.ask in chosen else "",
            "change_url": f"{page}?q={place}" if can_change else "",
        }
        for place, question in enumerate(week.questions, 1)
    ]


def _sharing(request: TenantRequest, week: OwnWeek, manager: Employee | None) -> dict[str, Any] | None:
    """Who reads it, and the switch while it can be moved."""
    retro = week.retro
    reader = retro.shared_with if retro.shared_with_manager_at else None
    name = reader.name if reader else manager.name if manager else ""
    if not name or not (week.is_open or reader):
        return None
    return {
        "name": name,
        "is_on": reader is not None,
        "url": here(request, "feedback:retro_unshare" if reader else "feedback:retro_share", retro.public_id)
        if week.is_open
        else "",
    }


def _state(week: OwnWeek) -> str:
    if week.retro.answered_at:
        return _("Answered")
    if week.retro.skipped_at:
        return _("Skipped")
    return _("Open") if week.is_open else _("Not answered")

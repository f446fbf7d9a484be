"""One of everything of the micro-retro for the sweep over addresses, and who gets which answer from its pages."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from feedback.models import Retro, RetroResponse, RetroTeam, RetroWeek
from feedback.retro import GoalFacts, PersonWeek, as_data, questions
from tests.cast import today
from tests.matrix import Company, Row

OWNERS = {"colleague": 404, "manager": 404, "hrbp": 404, "admin": 404}


def populate(company: Company) -> None:
    """The owner's week, which is open; and one of before that was shown to the manager."""
    now = timezone.now()
    monday = today() - timedelta(days=today().weekday())
    facts = PersonWeek([GoalFacts("", f"{company.canary} 样件交付")], common=[f"{company.canary} 台架排期紧"])
    for weeks, name in ((1, "earlier_retro"), (0, "retro")):
        began = now - timedelta(weeks=weeks)
        week = RetroWeek.objects.create(
            monday=monday - timedelta(weeks=weeks),
            as_of=began,
            opened_at=began,
            closes_at=began + timedelta(days=3),
            asked=1,
        )
        asked = as_data(questions(facts, monday=week.monday))
        made = Retro.objects.create(week=week, person=company.owner.employee, questions=asked, goals=1)
        setattr(company, name, made)
    earlier = company.earlier_retro
    earlier.answers = {question["ask"]: "0" for question in earlier.questions}
    earlier.answered_at = earlier.shared_with_manager_at = earlier.week.opened_at
    earlier.shared_with = company.manager.employee
    earlier.save()
    RetroTeam.objects.create(
        week=earlier.week, manager=company.manager.employee, members=9, with_goals=9, goals_moved=1, check_ins=1
    )
    RetroResponse.objects.create(week=earlier.week, partner=company.hrbp.employee, asked=9, answered=5)


def of_retro(company: Company) -> dict[str, Any]:
    return {"public_id": company.retro.public_id}


def of_shared(company: Company) -> dict[str, Any]:
    return {"public_id": company.earlier_retro.public_id}


ROWS = [
    Row("feedback:retro"),
    Row("feedback:retro_weeks"),
    Row("feedback:retro_team", owner=403, colleague=403, hrbp=403, admin=403),
    Row("feedback:retro_responses", owner=403, colleague=403, manager=403),
    Row("feedback:retro_report", **OWNERS | {"manager": 200}, args=of_shared),
    Row(
        "feedback:retro_answer",
        "post",
        **OWNERS | {"owner": 302},
        args=of_retro,
        data=lambda c: {"ask": "closest", "key": "1"},
    ),
    Row("feedback:retro_skip", "post", **OWNERS | {"owner": 302}, args=of_retro),
    # The own one is not answered yet, and there is nothing to show; the manager's way to the earlier one is closed.
    Row("feedback:retro_share", "post", **OWNERS | {"owner": 409}, args=of_retro),
    Row("feedback:retro_unshare", "post", **OWNERS | {"owner": 409, "manager": 403}, args=of_shared),
]

"""The jobs over a whole company: python -m benchmarks.jobs [--people 20000] [--only feedback]

What the night does, what an import writes, and the roll-up beside the bare level-by-level SQL it could be at best.
"""

import argparse
import resource
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from benchmarks.ground import TENANTS, Cost, costs, fill, fill_with_feedback, ground
from dashboards.actions import issue_report
from dashboards.penetration_queries import facts_of, flows_of
from feedback.actions.gripe_days import list_unnamed, tell_some
from feedback.actions.reminders import nudge_managers, remind
from feedback.events import RETRO_OPEN
from feedback.models import ActionItem, FeedbackRequest, GripeDay, GripeWaiting, RequestRecipient, Retro
from feedback.tasks import open_retro
from goals.actions.alerts import check_health
from goals.actions.carrying import carry_over, carry_some
from goals.actions.cascading import cascade, cascade_some
from goals.actions.matching import judge_some, write_matches
from goals.actions.periods import ensure_period, quarter_of
from goals.actions.rollup import roll_up_period
from goals.actions.standing import write_standing
from goals.actions.telling import tell_lines
from goals.models import CheckIn, Goal, GoalAlert, Layer, Period, Share, Status, TextVector
from goals.queries.match import model_name
from goals.queries.settings import local_date
from perfsys.notices.models import Notice
from perfsys.people.models import Account, Employee
from perfsys.tenancy.models import Membership
from perfsys.tenancy.rows import update_rows
from perfsys.tenancy.scope import use_tenant

SLUG = "globex"
FLOOR = """
SELECT count(*) FROM (
    SELECT a.parent_id, sum(c.weight * c.own_progress) / nullif(sum(c.weight), 0)
    FROM goals_alignment a JOIN goals_goal c ON c.tenant_id = a.tenant_id AND c.id = a.child_id
    WHERE a.tenant_id = %s GROUP BY a.parent_id) AS level
"""


def weekly_retro(now: datetime) -> dict[str, Cost]:
    """Made, opened and told step by step, as the worker does it; beside it the same rows written with no thought."""
    payload: dict[str, Any] = {"due_at": now.isoformat()}
    reverse("feedback:retro", kwargs={"tenant": SLUG})  # a worker reads the addresses once in its life

    def held() -> None:
        while open_retro(payload=payload, now=now) is not None:
            pass

    took = {"micro-retro of everybody, with notices": costs(held)}
    retros, notices = list(Retro.objects.all()), list(Notice.objects.filter(kind=RETRO_OPEN))
    week = retros[0].week
    week.pk, week.monday = None, week.monday - timedelta(weeks=1)
    week.save()
    for retro in retros:
        retro.pk, retro.week, retro.public_id = None, week, uuid4()
    for notice in notices:
        notice.pk, notice.key, notice.public_id = None, "again", uuid4()

    def written() -> None:
        Retro.objects.bulk_create(retros, batch_size=1_000)
        Notice.objects.bulk_create(notices, batch_size=1_000)

    took["the same rows, one bulk insert each"] = costs(written)
    return took


def everybody_can_sign_in() -> None:
    """Whoever cannot is told of nothing."""
    people = list(Employee.objects.filter(membership=None))
    accounts = Account.objects.bulk_create(Account(email=f"{one.pk}@all.example", password="!") for one in people)
    seats = Membership.objects.bulk_create(Membership(account=account) for account in accounts)
    update_rows(Employee, [{"id": one.pk, "membership_id": seat.pk} for one, seat in zip(people, seats, strict=True)])


def something_waits(now: datetime) -> None:
    """An action of every tenth person that is due, a request to every tenth, and 1,000 suggestions without a name."""
    on, people = local_date(now), list(Employee.objects.filter(status=Employee.Status.ACTIVE).order_by("pk"))
    some = people[::10]
    ActionItem.objects.bulk_create(ActionItem(owner=one, text="写一页", due_on=on, made_at=now) for one in some)
    long_ago = now - timedelta(days=14)
    asked = [FeedbackRequest(asker=people[1], event="评审", question="清楚吗？", at=long_ago) for _one in some]
    lines = zip(FeedbackRequest.objects.bulk_create(asked), some, strict=True)
    RequestRecipient.objects.bulk_create(RequestRecipient(request=request, person=one) for request, one in lines)
    day = GripeDay.objects.create(quarter_on=quarter_of(on)[0], starts_on=on, ends_on=on + timedelta(days=7))
    GripeWaiting.objects.bulk_create(
        GripeWaiting(day=day, area="goals", title=f"少一张表 {n}", text="同一个数填三遍。", key=str(n))
        for n in range(1_000)
    )


def gripe_day(now: datetime) -> dict[str, Cost]:
    """Everybody told that it opens, in steps of 1,000 as the worker does it; then what was said without a name put on
    the list, and everybody told of that."""

    def told(at: datetime) -> None:
        while tell_some(now=at):
            pass

    after = now + timedelta(days=7)
    return {
        "gripe day, everybody told that it opens": costs(lambda: told(now)),
        "gripe day, 1,000 unnamed suggestions listed": costs(lambda: list_unnamed(local_date(after), after)),
        "gripe day, everybody told of the vote": costs(lambda: told(after)),
    }


def reminders(now: datetime) -> dict[str, Cost]:
    """What is due and what waits, and the managers' weekly look."""

    def reminded() -> None:
        while remind(now=now):
            pass

    def nudged() -> None:
        after: int | None = 0
        while after is not None:
            after = nudge_managers(after=after, now=now)

    return {
        "actions due and requests that wait, told": costs(reminded),
        "managers told who has not heard": costs(nudged),
    }


def handed_on(now: datetime) -> dict[str, Cost]:
    """Every goal carried over into the next quarter, and one handed down to everybody, step by step as the worker does
    it, each step a transaction of its own; beside each the longest of its steps."""
    period = Period.objects.order_by("starts_on")[0]
    first, last = quarter_of(period.ends_on + timedelta(days=1))
    into = ensure_period(starts_on=first, ends_on=last, actor=None, now=now)
    goals = list(Goal.objects.filter(period=period).order_by("layer", "pk").values_list("pk", flat=True))
    everybody = list(Employee.objects.filter(status=Employee.Status.ACTIVE).order_by("pk").values_list("pk", flat=True))
    above = Goal.objects.filter(layer=Layer.DEPARTMENT, status=Status.PUBLISHED).order_by("pk")[0]
    said: dict[str, Any] = {"title": "交付样件", "share": Share.EQUAL, "weight": None, "actor": None, "now": now}
    carried = carry_over(goals=goals, from_period=period, into=into, actor=None, now=now)
    handed = cascade(goal=above, people=everybody, period=period, **said)
    took: dict[str, Cost] = {}
    works: dict[str, tuple[Callable[..., bool], int]] = {
        f"{len(goals):,} goals carried over": (carry_some, carried.pk),
        f"a goal handed down to {len(everybody):,} people": (cascade_some, handed.pk),
    }
    for name, (work, pk) in works.items():
        steps: list[Cost] = []
        more = True

        def step(work: Callable[..., bool] = work, pk: int = pk) -> None:
            nonlocal more
            more = work(run_id=pk, now=now)

        while more:
            steps.append(costs(step))
        took[name] = Cost(
            sum(one.clock for one in steps), sum(one.processor for one in steps), max(one.grew for one in steps)
        )
        took[f"{name}: the longest of {len(steps)} steps"] = max(steps, key=lambda one: one.clock)
    return took


JUDGED_ALL = """
UPDATE goals_alignment line SET reasons = '[["moves"]]',
    relevance = CASE WHEN line.id %% 10 = 0 THEN 40 ELSE 75 + line.id %% 25 END,
    judged = md5(child.title || E'\n' || parent.title || E'\n' || %s)
FROM goals_goal child, goals_goal parent
WHERE line.tenant_id = %s AND child.tenant_id = line.tenant_id AND child.id = line.child_id
    AND parent.tenant_id = line.tenant_id AND parent.id = line.parent_id AND line.judged = ''
"""


def aligned(now: datetime, on: date) -> dict[str, Cost]:
    """Some texts judged by the encoder, the rest given figures as if they had been: the encoder's time is the same for
    each text, and an hour of it tells no more than a minute."""
    took: dict[str, Cost] = {}
    upto = 0

    def judged() -> None:
        nonlocal upto
        upto = judge_some(now=now, after=upto) or 0

    took["texts judged, the first 250, encoder loaded"] = costs(judged)
    took["texts judged, the next 250"] = costs(judged)
    print(f"{TextVector.objects.count()} vectors of 500 alignments")
    with connection.cursor() as cursor:
        cursor.execute(JUDGED_ALL, [model_name(), TENANTS[SLUG]])
    took["match of every goal, first time"] = costs(lambda: write_matches(today=on))
    took["match of every goal, nothing new"] = costs(lambda: write_matches(today=on))
    return took


def of_feedback(now: datetime) -> dict[str, Cost]:
    return weekly_retro(now) | gripe_day(now) | reminders(now)


def of_goals(now: datetime, on: date) -> dict[str, Cost]:
    period = Period.objects.get()

    def told() -> None:
        while tell_lines(on=on, now=now):
            pass

    def floor() -> None:
        with connection.cursor() as cursor:
            cursor.execute(FLOOR, [TENANTS[SLUG]])

    jobs = aligned(now, on)
    jobs["nightly look, first time"] = costs(lambda: check_health(as_of=on, now=now))
    found = Counter(GoalAlert.objects.values_list("rule", flat=True))
    print(f"found {dict(found)}, {Notice.objects.count()} notices to owners")
    jobs["telling those above"] = costs(told)
    jobs["nightly look, nothing new"] = costs(lambda: check_health(as_of=on, now=now + timedelta(hours=1)))
    jobs["health word of every goal"] = costs(lambda: write_standing(on))
    jobs["roll-up, nothing new"] = costs(lambda: roll_up_period(period))
    Goal.objects.update(rolled_progress=None)
    jobs["roll-up, all anew"] = costs(lambda: roll_up_period(period))
    jobs["level-by-level GROUP BY alone"] = costs(floor)
    month = on.replace(day=1)
    jobs["penetration report, worked out"] = costs(lambda: flows_of(facts_of(month, on)))
    jobs["penetration report, issued"] = costs(
        lambda: issue_report(month=month, as_of=on, key="benchmark", actor=None, now=now)
    )
    return jobs | handed_on(now)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--only", choices=["feedback"], help="goals then have no check-ins, which take longest to make")
    given = parser.parse_args()
    with ground() as analyze:
        took = fill(SLUG, given.people, with_check_ins=not given.only)
        took["feedback"] = fill_with_feedback(SLUG, each=5, most=500)
        now = timezone.now()
        with use_tenant(TENANTS[SLUG]):
            on = local_date(now)
            everybody_can_sign_in()
            something_waits(now)
        analyze()
        with use_tenant(TENANTS[SLUG]):
            print(f"{given.people} people, {Goal.objects.count()} goals, {CheckIn.objects.count()} check-ins")
            print(f"made in seconds: { ({part: round(seconds) for part, seconds in took.items()}) }")
            jobs = of_feedback(now) | ({} if given.only else of_goals(now, on))
    print("| Job | seconds | of processor | grew by, MB |\n|---|---|---|---|")
    for name, cost in jobs.items():
        print(f"| {name} | {cost.clock:.1f} | {cost.processor:.1f} | {cost.grew:.0f} |")
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()

"""The data of a goal's figure is being checked, or has been: whoever is measured by it hears of both, and what was
said by it meanwhile is taken back (product.md §5.6)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.urls import reverse

from goals import events
from goals.models import AlertRule, AlertState, GoalAlert, MetricBinding, Status
from goals.queries.bound import Measured, measured, open_bindings
from goals.queries.settings import local_date
from integrations.comparing_words import amount
from perfsys.jobs.actions import enqueue
from perfsys.notices.actions import Telling, notify_all, settle
from perfsys.notices.models import Notice
from perfsys.people.models import Employee
from perfsys.tenancy.models import Tenant

from .standing import write_standing
from .telling import end_alerts

JOB = "goals.held"
AT_ONCE = 300  # bindings
BY_FIGURE = (AlertRule.STALE, AlertRule.DEVIATING)  # what is said of a goal because of what its figure is


@transaction.atomic
def tell_of_some(*, now: datetime, definition_id: int, after: int = 0) -> int | None:
    """The next goals past the binding `after` whose figure is this metric's: alerts about one that is held end, and its
    owner hears once that it is being checked; whoever heard so hears the figure once it is free. Done again it tells
    nobody. Where the next part begins, None at the end."""
    found = open_bindings().filter(definition=definition_id, goal__status=Status.PUBLISHED, pk__gt=after)
    related = ("definition", "key_result", "goal__owner", "bound_by")
    bindings = list(found.select_related(*related).order_by("pk")[:AT_ONCE])
    today = local_date(now)
    says = measured(bindings, today)
    told = _told(bindings)
    held = [one for one in bindings if says[one.pk].standing.hold is not None]
    free = [one for one in bindings if one.pk in told and not says[one.pk].standing.is_held]
    _take_back(held, now)
    if held or free:
        write_standing(today, goal_ids=[one.goal_id for one in (*held, *free)])
    slug = Tenant.objects.get().slug
    new = [one for one in held if one.pk not in told and _whose(one)]
    lines = [_line(one, slug, key=f"{one.pk} {_hold_of(says[one.pk])}") for one in new]
    notify_all(events.FIGURE_CHECKED, lines, of=MetricBinding, on=today, at=now)
    lines = [_line(one, slug, key=f"{one.pk} {told[one.pk]}", says=says[one.pk]) for one in free if _whose(one)]
    notify_all(events.FIGURE_FREE, lines, of=MetricBinding, on=today, at=now)
    settle(events.FIGURE_CHECKED, [one.pk for one in free])
    return bindings[-1].pk if len(bindings) == AT_ONCE else None


@transaction.atomic
def look_again(*, now: datetime, definition_id: int | None = None) -> None:
    """At this metric or all, where people know that they are being checked: a figure is free again by what no person
    says, too, such as a day that came after all. Of a goal that is no longer measured by it nothing more is said."""
    open_ones = Notice.objects.filter(kind=events.FIGURE_CHECKED, state=Notice.State.OPEN)
    waiting = MetricBinding.objects.filter(pk__in=open_ones.values("subject_id"))
    if definition_id is not None:
        waiting = waiting.filter(definition=definition_id)
    still = open_bindings().filter(pk__in=waiting.values("pk"), goal__status=Status.PUBLISHED)
    settle(events.FIGURE_CHECKED, waiting.exclude(pk__in=still.values("pk")).values_list("pk", flat=True))
    for found in still.order_by("definition").values_list("definition", flat=True).distinct():
        enqueue(JOB, key=f"look {found} {now.isoformat()}", payload={"definition": found})


def _told(bindings: Collection[MetricBinding]) -> dict[int, int]:
    """Those whose owner knows that they are being checked, and nothing since, with the notice that said so."""
    open_ones = Notice.objects.filter(kind=events.FIGURE_CHECKED, state=Notice.State.OPEN)
    found = open_ones.filter(subject_id__in=[one.pk for one in bindings]).order_by("pk")
    return {subject: pk for subject, pk in found.values_list("subject_id", "pk") if subject is not None}


def _take_back(held: Sequence[MetricBinding], now: datetime) -> None:
    alerts = GoalAlert.objects.filter(goal__in=[one.goal_id for one in held], state=AlertState.OPEN, rule__in=BY_FIGURE)
    end_alerts(alerts, on=local_date(now))


def _whose(binding: MetricBinding) -> Employee | None:
    """A unit's goal has no owner: whoever had it bound answers for it (`owners_bound`)."""
    found: Employee | None = binding.goal.owner or binding.bound_by
    return found if found is not None and found.status == Employee.Status.ACTIVE else None


def _hold_of(says: Measured) -> int:
    return says.standing.hold.pk if says.standing.hold is not None else 0


def _line(binding: MetricBinding, slug: str, *, key: str, says: Measured | None = None) -> Telling:
    whose = _whose(binding)
    figure = ""
    if says is not None and says.counted_as is not None:
        figure = f"{amount(says.value, says.counted_as.digits)} {says.counted_as.unit_of_measure}"
    return Telling(
        to_id=whose.pk if whose else 0,
        about_id=binding.goal.owner_id,
        subject_id=binding.pk,
        params={"goal": binding.goal.title, "figure": figure or "–"},
        url=reverse("goals:goal", args=[slug, binding.goal.public_id]),
        key=key,
    )

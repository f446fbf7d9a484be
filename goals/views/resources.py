"""Money, people and hours of a goal in a month, for those who keep it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goals import access
from goals.actions import resources as actions
from goals.actions.goal import StaleVersion
from goals.actions.trail import GoalNotOpen
from goals.models import ResourceKind, ResourceLine
from goals.queries import resources as queries
from goals.resource_form import ResourceForm
from goals.wording import plain
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def resources(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """`month` in the address is one of the period's; anything else is the newest that has begun."""
    who = viewer(request)
    goal, _rights = access.goal_to_keep(who, public_id)
    url = here(request, "goals:goal", public_id=goal.public_id)
    months, stated = queries.months_of(goal), queries.stated(goal)
    wanted, newest = request.GET.get("month", ""), queries.month_to_begin_with(months, who.on)
    month = next((one for one in months if f"{one:%Y-%m}" == wanted), newest)
    lines = [line for line in stated if line.month == month]
    form = ResourceForm(request.POST or None, lines=lines, is_to_come=month > who.on)
    if request.method == "POST" and form.is_valid():
        try:
            actions.state_resources(
                goal=goal,
                month=month,
                stated=form.stated,
                version=form.cleaned_data["version"],
                actor=who.employee,
                now=timezone.now(),
            )
        except GoalNotOpen:
            return changed_meanwhile(request, [form], url=url)
        except StaleVersion:
            here_again = f"{request.path}?month={month:%Y-%m}"
            return changed_meanwhile(request, [form], url=here_again, version=queries.version_of(lines))
        messages.success(request, _("Saved. The next penetration report counts with it."))
        return redirect(url)
    context = {
        "goal": goal,
        "goal_url": url,
        "form": form,
        "month": month,
        "stated": [_line(line) for line in stated],
        "months": [{"on": one, "url": f"?month={one:%Y-%m}", "current": one == month} for one in months],
    }
    return render(request, "goals/resources.html", context, status=422 if form.is_bound else 200)


def _line(line: ResourceLine) -> dict[str, Any]:
    return {
        "month": line.month,
        "kind": _("Money (10,000 yuan)") if line.kind == ResourceKind.MONEY else line.get_kind_display(),
        "planned": None if line.planned is None else plain(line.planned),
        "actual": None if line.actual is None else plain(line.actual),
        "source": line.get_source_display(),
    }

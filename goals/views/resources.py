"""Money, people and hours of a goal in a month, for those who keep it."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from goals import access
from goals.actions import resources as actions
from goals.actions.trail import GoalNotOpen
from goals.queries import resources as queries
from goals.resource_form import ResourceForm
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import viewer
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.routes import TenantRequest, here, open_to


@require_http_methods(["GET", "POST"])
@open_to(*EVERYONE)
def resources(request: TenantRequest, public_id: UUID) -> HttpResponse:
    """`month` in the address is one of the period's; anything else is the newest."""
    who = viewer(request)
    goal, _rights = access.goal_to_keep(who, public_id)
    url = here(request, "goals:goal", public_id=goal.public_id)
    months = queries.months_of(goal, who.on)
    wanted = request.GET.get("month", "")
    month = next((one for one in months if f"{one:%Y-%m}" == wanted), months[0])
    form = ResourceForm(request.POST or None, lines=queries.lines_of(goal, month))
    if request.method == "POST" and form.is_valid():
        try:
            actions.state_resources(goal=goal, month=month, stated=form.stated, actor=who.employee, now=timezone.now())
        except GoalNotOpen:
            return changed_meanwhile(request, [form], url=url)
        messages.success(request, _("Saved. The next penetration report counts with it."))
        return redirect(url)
    context = {
        "goal": goal,
        "goal_url": url,
        "form": form,
        "month": month,
        "months": [{"on": one, "url": f"?month={one:%Y-%m}", "current": one == month} for one in months],
    }
    return render(request, "goals/resources.html", context, status=422 if form.is_bound else 200)

"""Who reads feedback beside the direct manager, as the administrator sets it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from feedback import access
from feedback.actions.settings import change_settings
from feedback.forms import SettingsForm
from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import viewer
from perfsys.people.actions import StaleVersion
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to


@require_http_methods(["GET", "POST"])
@open_to(Role.ADMIN)
def settings(request: TenantRequest) -> HttpResponse:
    who = viewer(request)
    found = access.settings_to_keep(who)
    form = SettingsForm(request.POST if request.method == "POST" else None, of=found)
    if request.method == "POST" and form.is_valid():
        try:
            change_settings(**form.cleaned_data, actor=who.employee, now=timezone.now())
        except StaleVersion:
            return changed_meanwhile(request, [form], url=request.path, version=found.version, of=found)
        messages.success(request, _("Saved."))
        return redirect(request.path)
    context = {
        "form": form,
        "since": found.chain_reads_since,
        "now": timezone.now(),
        "company_url": here(request, "people:company"),
    }
    return render(request, "feedback/settings.html", context, status=422 if form.errors else 200)

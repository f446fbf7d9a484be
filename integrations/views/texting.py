"""The gateway for text messages and what was sent through it (product.md §5.3, §8): administrators set it up, since
people's numbers go there; those who keep connections see that it works, try it and switch it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from perfsys.common.kept import changed_meanwhile
from perfsys.people.access import viewer
from perfsys.people.names import masked
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access, wording
from ..actions import texting as actions
from ..actions.connection import NoKeys, StaleVersion
from ..actions.outbound import AddressNotAllowed
from ..forms.texting import GatewayForm, initial_of
from ..models import MessageState, SmsGateway, TextMessage
from ..queries import texting as queries
from ..texting import NamesClash

PER_PAGE = 50
LOOKS = {MessageState.WAITING: "watch", MessageState.SENT: "ok", MessageState.DEAD: "talk"}


@require_GET
@open_to(*access.KEEPERS)
def gateway(request: TenantRequest) -> HttpResponse:
    found, who = access.sms_gateway(), viewer(request)
    page = Paginator(queries.texts(), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "now": timezone.now(),
        "gateway": found,
        "sent_today": queries.texts_of_day(timezone.now(), request.seat.zone),
        "mobile": masked(who.employee.mobile) if who.employee else "",
        "page": page,
        "rows": [_message(one, found) for one in page.object_list],
        "settings_url_of_it": here(request, "integrations:sms_settings") if _may_set(request) else "",
        "switch_url": here(request, "integrations:switch_sms"),
        "try_url": here(request, "integrations:try_sms"),
        "list_url": here(request, "integrations:list"),
        "preferences_url": here(request, "notices:preferences"),
    }
    return render(request, "integrations/sms.html", context)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@open_to(*access.ENDPOINT_SETTERS)
def settings(request: TenantRequest) -> HttpResponse:
    found, who = access.sms_gateway(), viewer(request)
    begun = {"daily_limit": 200, "owner": str(who.employee.public_id) if who.employee else None, "version": 0}
    form = GatewayForm(
        request.POST if request.method == "POST" else None,
        owners=access.owners_of_gateway(found),
        initial=initial_of(found) if found else begun,
    )
    if request.method == "POST" and form.is_valid():
        version = form.cleaned_data["version"] or 0
        try:
            actions.set_gateway(words=form.words, version=version, actor=who.employee, now=timezone.now())
        except StaleVersion:
            return changed_meanwhile(
                request, [form.without_secret()], url=here(request, "integrations:sms_settings"), of=found
            )
        except AddressNotAllowed:
            form.refuse_address()
        except NamesClash:
            form.refuse_names()
        except actions.SecretMissing:
            form.ask_for_secret()
        except NoKeys:
            form.add_error(None, _("The server has no key to keep secrets with: the operator sets INTEGRATION_KEYS."))
        else:
            messages.success(request, _("Saved."))
            return redirect(here(request, "integrations:sms"))
    context = {"form": form, "gateway": found, "sms_url": here(request, "integrations:sms")}
    return render(request, "integrations/sms_form.html", context, status=422 if form.errors else 200)


@require_POST
@open_to(*access.KEEPERS)
def switch(request: TenantRequest) -> HttpResponse:
    on = request.POST.get("on") == "1"
    found = access.sms_gateway_to_keep()
    actions.switch_gateway(gateway=found, on=on, actor=viewer(request).employee, now=timezone.now())
    said = _("Switched on. Alarms go out from now on.") if on else _("Switched off. Nothing is sent.")
    messages.success(request, said)
    return redirect(here(request, "integrations:sms"))


@require_POST
@open_to(*access.KEEPERS)
def try_out(request: TenantRequest) -> HttpResponse:
    """One message to the number of whoever presses it."""
    found, me = access.sms_gateway_to_keep(), viewer(request).employee
    try:
        if me is None:
            raise actions.NoNumber
        actions.send_test(gateway=found, actor=me, now=timezone.now())
    except actions.NoNumber:
        messages.error(request, _("There is no mobile number on your account that a message could go to."))
    except actions.LimitReached:
        messages.error(request, _("As many messages as may go today have gone. Try it tomorrow, or raise the limit."))
    else:
        messages.success(request, _("A test is on its way. What was answered stands below in a moment."))
    return redirect(here(request, "integrations:sms"))


def _message(one: TextMessage, found: SmsGateway | None) -> dict[str, Any]:
    waits = one.state == MessageState.WAITING
    host = found.url.split("/")[2] if found else ""
    return {
        "id": one.public_id,
        "to": one.to.name,
        "about": one.notice.sentence if one.notice else "",
        "made_at": one.made_at,
        "state": LOOKS[MessageState(one.state)],
        "state_name": MessageState(one.state).label,
        "attempts": one.attempts,
        "tried_at": one.tried_at,
        "code": one.code,
        "said": one.said,
        "problem": wording.sentence(one.problem, {"host": host}) if one.problem else "",
        "took_ms": one.took_ms,
        "next_at": one.run_after if waits and one.tried_at else None,
    }


def _may_set(request: TenantRequest) -> bool:
    return bool(request.seat.roles & set(access.ENDPOINT_SETTERS))

"""The address that other systems send to: no session and no form's token, a signature opens it (security.md §3 item
28). What is refused is refused alike, whether there is such a connection or not."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from perfsys.people.attempts import DELIVERIES, may_deliver
from perfsys.people.crossing import tenant_named
from perfsys.tenancy.routes import public
from perfsys.tenancy.scope import use_tenant
from perfsys.tokens.problems import refuse

from .. import access
from ..actions.deliveries import Message, Outcome, take_delivery
from ..adapters.webhook.signature import DELIVERY, SIGNATURE, TIMESTAMP

MOST_BYTES = 1024 * 1024


@csrf_exempt
@require_POST
@public
def receive(request: Any, tenant: str, public_id: UUID) -> HttpResponse:
    """202 for what is kept now, 200 for what is here already; 400, 401, 413 and 429 with the reason."""
    if not may_deliver(str(public_id)):
        words = _("That is more than may be sent here in a minute. Wait, then send it again.")
        return refuse(HTTPStatus.TOO_MANY_REQUESTS, words, Retry_After=str(DELIVERIES.seconds))
    try:
        too_large = int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES
        body = b"" if too_large else request.body
    except (RequestDataTooBig, ValueError):
        too_large, body = True, b""
    if too_large or len(body) > MOST_BYTES:
        return refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("A message may have 1 MB. Send the records in several."))
    told = request.headers.get
    message = Message(told(TIMESTAMP, ""), told(SIGNATURE, ""), told(DELIVERY, "").strip(), body)
    return _answer(_outcome(tenant, public_id, message))


def _outcome(tenant: str, public_id: UUID, message: Message) -> Outcome:
    tenant_id = tenant_named(tenant)
    if tenant_id is None:
        return Outcome.UNSIGNED
    with use_tenant(tenant_id):
        connection = access.connection_sent_to(public_id)
        if connection is None:
            return Outcome.UNSIGNED
        return take_delivery(connection=connection, message=message, now=timezone.now())


def _answer(outcome: Outcome) -> HttpResponse:
    match outcome:
        case Outcome.TAKEN:
            return JsonResponse({"status": "accepted"}, status=HTTPStatus.ACCEPTED)
        case Outcome.KNOWN:
            return JsonResponse({"status": "duplicate"})
        case Outcome.LATE:
            words = _("The time it was signed at is missing, or more than five minutes from now.")
            return refuse(HTTPStatus.BAD_REQUEST, words)
        case Outcome.UNREADABLE:
            return refuse(HTTPStatus.BAD_REQUEST, _("That is no JSON."))
        case Outcome.FULL:
            words = _("Too much waits here to be read. Send it again later.")
            return refuse(HTTPStatus.TOO_MANY_REQUESTS, words, Retry_After="3600")
    return refuse(HTTPStatus.UNAUTHORIZED, _("There is no such address, or the signature does not open it."))

"""The door of the API: a token and nothing else opens it. A session's cookie counts for nothing here, so no page of
another site can ask in somebody's name, and no form's token is needed.

A token takes the seat of the person it acts as, in the scope that pages open (`open_as_member`): what it reads and
writes goes through the same `access.py`.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial, update_wrapper
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.response import Response
from rest_framework.views import APIView

from perfsys.people.attempts import CALLS, may_call
from perfsys.people.crossing import tenant_named
from perfsys.tenancy.models import Tenant
from perfsys.tenancy.roles import EVERYONE
from perfsys.tenancy.scope import NotAMember, open_as_member, use_tenant

from .actions import PREFIX, digest_of
from .holder import CHALLENGE, ByToken, Holder
from .models import ApiToken
from .once import once
from .problems import refuse

SAFE = {"GET", "HEAD"}
METHODS = ("get", "post", "put", "patch", "delete")
USED_TO_THE = timedelta(hours=1)


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # it registers itself
    target_class = ByToken
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}


def open_to_tokens(view: type[APIView]) -> Callable[..., HttpResponseBase]:
    """The view of an address of the API, for `urls.py`. 401 without a token that works in this very company, whatever
    is wrong with it; 403 where it would write and only reads, or lacks the view's `token_scope`; 413 where it sends too
    much; 429 where it asks too often."""
    inner: Callable[..., Any] = view.as_view()
    allowed = {method.upper() for method in METHODS if hasattr(view, method)} | {"HEAD"}

    scope: str = getattr(view, "token_scope", "")
    most_bytes_of_files: int = getattr(view, "most_bytes_of_files", 0)

    def answer(request: Any, kwargs: dict[str, Any]) -> Any:
        made = inner(request, **kwargs)
        # Within the scope: rows are read as they are written out. A file is no answer of DRF's, and is written out.
        return made.render() if isinstance(made, Response) else made

    def brings_too_much(request: HttpRequest) -> bool:
        brings_files = most_bytes_of_files and request.content_type == "multipart/form-data"
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE + (most_bytes_of_files if brings_files else 0)
        return int(request.META.get("CONTENT_LENGTH") or 0) > most

    def scoped(request: Any, tenant: str, **kwargs: Any) -> HttpResponseBase:
        if request.method not in allowed:
            words = _("This address does not know that method.")
            return refuse(HTTPStatus.METHOD_NOT_ALLOWED, words, Allow=", ".join(sorted(allowed)))
        holder = _holder_of(request, tenant)
        if holder is None:
            return refuse(HTTPStatus.UNAUTHORIZED, _("No token, or none that works here."), WWW_Authenticate=CHALLENGE)
        if not may_call(holder.token_id):
            words = _("That is more than a program may ask in a minute. Wait, then go on.")
            return refuse(HTTPStatus.TOO_MANY_REQUESTS, words, Retry_After=str(CALLS.seconds))
        if request.method not in SAFE and not holder.writes:
            return refuse(HTTPStatus.FORBIDDEN, _("This token reads only. Ask an administrator for one that writes."))
        if scope and scope not in holder.scopes:
            words = _("This token does not open these addresses. Ask an administrator for one that does.")
            return refuse(HTTPStatus.FORBIDDEN, words)
        if brings_too_much(request):
            return refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, _("That is more than can be sent here at once."))
        request.holder = holder
        try:
            with open_as_member(tenant, holder.account_id) as request.seat, timezone.override(request.seat.zone):
                with translation.override(_language(request)):
                    do, takes_files = partial(answer, request, kwargs), bool(most_bytes_of_files)
                    response = once(request, holder.token_id, do, timezone.now(), takes_files=takes_files)
                if response.status_code >= HTTPStatus.BAD_REQUEST:
                    transaction.set_rollback(True)
                return response
        except NotAMember:
            return refuse(HTTPStatus.UNAUTHORIZED, _("No token, or none that works here."), WWW_Authenticate=CHALLENGE)

    update_wrapper(scoped, inner)  # DRF's marks: the class behind it, and that no form's token is asked for
    scoped.declared_rule = frozenset(EVERYONE)  # type: ignore[attr-defined]  # what `rule_of` reads: any seat may come
    return scoped


def _holder_of(request: HttpRequest, slug: str) -> Holder | None:
    """Whose token this is, if it works in this company today. Kept to the hour: when it was last used."""
    kind, _blank, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.startswith(PREFIX):
        return None
    tenant_id = tenant_named(slug)
    if tenant_id is None:
        return None
    now = timezone.now()
    with use_tenant(tenant_id):
        found = ApiToken.objects.filter(digest=digest_of(token), revoked_at=None, acts_as__membership__is_active=True)
        row = found.select_related("acts_as__membership").first()
        if row is None or row.acts_as.membership is None:
            return None
        zone = Tenant.objects.get().time_zone
        if row.expires_on < timezone.localdate(now, timezone=ZoneInfo(zone)):
            return None
        if row.last_used_at is None or now - row.last_used_at > USED_TO_THE:
            ApiToken.objects.filter(pk=row.pk).update(last_used_at=now)
        return Holder(row.pk, row.acts_as.membership.account_id, row.writes, row.name, frozenset(row.scopes))


def _language(request: Any) -> str:
    """What the program asks for, else the company's."""
    asked = request.headers.get("Accept-Language")
    return translation.get_language() or request.seat.locale if asked else request.seat.locale

"""The administrators' page of tokens, and the description of the API for programs."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from perfsys.people.access import person, viewer
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from . import access, actions
from .forms import TokenForm
from .models import Scope


@require_http_methods(["GET", "POST"])
@open_to(Role.ADMIN)
def tokens(request: TenantRequest) -> HttpResponse:
    """By POST one more, shown this once: the page that answers is the only place where it ever stands. It acts as
    whoever makes it: nobody has a program read or decide in another's name."""
    who = viewer(request)
    if request.method == "GET":
        return _page(request, TokenForm(today=who.on))
    form = TokenForm(request.POST, today=who.on)
    if form.is_valid():
        try:
            _made, token = actions.make_token(
                **form.cleaned_data, acts_as=person(request), today=who.on, actor=who.employee, now=timezone.now()
            )
        except actions.LastsTooLong:
            form.add_error("expires_on", _("Choose a day from today on, within a year."))
        else:
            return _page(request, TokenForm(today=who.on), token=token)
    return _page(request, form, status=422)


@require_POST
@open_to(Role.ADMIN)
def revoke(request: TenantRequest, public_id: UUID) -> HttpResponse:
    found = access.token_to_revoke(public_id)
    actions.revoke_token(token=found, actor=viewer(request).employee, now=timezone.now())
    messages.success(request, _("Taken back. It opens nothing any more."))
    return redirect(here(request, "tokens:list"))


@require_GET
@open_to(Role.ADMIN)
def description(request: TenantRequest) -> HttpResponse:
    """OpenAPI, to be kept as a file."""
    answer = HttpResponse(_described(), content_type="application/vnd.oai.openapi+json")
    answer["Content-Disposition"] = 'attachment; filename="perfsys-api.json"'
    return answer


class Described(APIView):
    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        return Response(_schema())


def _schema() -> dict[str, object]:
    found: dict[str, object] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


def _described() -> bytes:
    drawn: bytes = OpenApiJsonRenderer().render(_schema(), renderer_context={})
    return drawn


def _page(request: TenantRequest, form: TokenForm, token: str = "", status: int = 200) -> HttpResponse:
    today = viewer(request).on
    context = {
        "tokens": [
            {
                "name": one.name,
                "acts_as": one.acts_as.name,
                "reach": one.get_reach_display(),
                "scopes": _(", ").join(str(Scope(scope).label) for scope in one.scopes),
                "made_by": one.made_by.name if one.made_by else "",
                "expires_on": one.expires_on,
                "last_used_at": one.last_used_at,
                "state": one.state(today),
                "revoke_url": here(request, "tokens:revoke", public_id=one.public_id),
            }
            for one in access.visible_tokens()
        ],
        "form": form,
        "token": token,
        "url": here(request, "tokens:list"),
        "address": request.build_absolute_uri(here(request, "goals_api:goals")),
        "description_url": here(request, "tokens:description"),
    }
    return render(request, "tokens/list.html", context, status=status)

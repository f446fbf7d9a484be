"""Which parts of the product are on, and for whom (product.md §1.4)."""

from typing import Any
from uuid import UUID

from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

from .. import access, actions, forms, queries
from ..features import SAYS, Feature, Reach
from .parts import acting, save


@require_GET
@open_to(Role.ADMIN)
def features(request: TenantRequest) -> HttpResponse:
    return _page(request)


@require_POST
@open_to(Role.ADMIN)
def switch(request: TenantRequest, feature: str) -> HttpResponse:
    if feature not in Feature.values:
        raise Http404
    chosen = Feature(feature)

    def change(form: Form) -> None:
        said = form.cleaned_data | {"reach": Reach(form.cleaned_data["reach"])}
        actions.switch_feature(feature=chosen, **said, actor=acting(request), now=timezone.now())

    def page(request: TenantRequest, form: Form) -> HttpResponse:
        return _page(request, **{chosen.value: form})

    return save(request, forms.FeatureForm(request.POST), change, page=page, done=_url(request, chosen))


@require_POST
@open_to(Role.ADMIN)
def drop(request: TenantRequest, public_id: UUID) -> HttpResponse:
    pilot = access.pilot_to_drop(access.viewer(request), public_id)
    actions.drop_pilot(pilot=pilot, actor=acting(request), now=timezone.now())
    return redirect(_url(request, Feature(pilot.switch.feature)))


def _url(request: TenantRequest, feature: Feature) -> str:
    return here(request, "people:features") + f"#{feature.value}"


def _page(request: TenantRequest, **bound: Form) -> HttpResponse:
    """`bound` is the form of a feature that came back."""
    switches = queries.switches()
    everybody, without = queries.count_withheld()
    context = {
        "features": [
            _section(request, feature, switches.get(feature), bound.get(feature.value))
            | {"people": everybody - without.get(feature, 0)}
            for feature in Feature
        ],
        "everybody": everybody,
    }
    return render(request, "people/features.html", context)


def _section(request: TenantRequest, feature: Feature, switch: Any, bound: Form | None) -> dict[str, Any]:
    initial = {"reach": switch.reach if switch else Reach.EVERYONE, "version": switch.version if switch else 0}
    form = forms.with_suggestions(
        bound or forms.FeatureForm(initial=initial), here(request, "people:suggestions"), prefix=feature.value
    )
    return {
        "key": feature.value,
        "title": feature.label,
        "says": SAYS[feature],
        "form": form,
        "url": here(request, "people:switch_feature", feature=feature.value),
        "pilots": [
            {
                "name": pilot.unit.path if pilot.unit else f"{pilot.employee.name} {pilot.employee.employee_no}",
                "is_unit": bool(pilot.unit),
                "drop_url": here(request, "people:drop_pilot", public_id=pilot.public_id),
            }
            for pilot in (switch.pilots.all() if switch else [])
        ],
    }

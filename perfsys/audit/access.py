"""Who acts, for apps below the one that knows people. The settings name the function: PERSON_OF_REQUEST."""

from dataclasses import dataclass

from django.conf import settings
from django.http import Http404
from django.utils.module_loading import import_string

from perfsys.tenancy.routes import TenantRequest

from .actions import Person


@dataclass(frozen=True)
class SeatHolder:
    """An administrator who is no employee: known by the sign-in alone."""

    pk: None
    name: str


def acting_person(request: TenantRequest) -> Person:
    """The employee behind the request, or its account where there is none."""
    try:
        found: Person = import_string(settings.PERSON_OF_REQUEST)(request)
    except Http404:
        return SeatHolder(None, str(request.user)[:120])
    return found

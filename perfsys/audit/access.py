"""Who acts, for apps below the one that knows people. The settings name the function: PERSON_OF_REQUEST."""

from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db.models import Model
from django.db.models.functions import Now
from django.http import Http404
from django.utils.module_loading import import_string

from perfsys.tenancy.routes import TenantRequest

from .actions import Person
from .models import AuditEntry

OWN, OTHERS, UNKNOWN = "own", "others", ""
AT_MOST = 200  # entries
LONGEST_VISIT = timedelta(hours=12)  # what somebody has on a page was read within it (security.md §3 item 9)


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


def who_saved(request: TenantRequest, subject: Model, *, times: int = 1) -> str:
    """Who saved `subject`, `times` times since whoever asks opened it. OWN, in another window, where all that was done
    to it since the page can have been opened was their doing; OTHERS where nothing was; UNKNOWN where it was both - an
    entry need not be a saving, so that the newest ones prove nothing - or nothing of it stands in the record."""
    done = AuditEntry.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)
    recent = done.filter(written_at__gt=Now() - LONGEST_VISIT).order_by("-pk")
    actors: list[int | None] = list(recent.values_list("actor_id", flat=True)[:AT_MOST])
    me = acting_person(request).pk
    if me is None or not actors or None in actors[:times]:
        return UNKNOWN
    if set(actors) == {me}:
        return OWN
    return UNKNOWN if me in actors else OTHERS

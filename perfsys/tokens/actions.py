"""Making a token and taking it back."""

import hashlib
import secrets
from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction

from perfsys.audit.actions import record
from perfsys.people.models import Employee

from . import events
from .models import Answered, ApiToken

PREFIX = "pm_"  # a scanner of repositories finds by it what should not be there
LONGEST = timedelta(days=365)
ANSWERS_KEPT = timedelta(days=7)


class NoSeat(Exception):
    """This person cannot sign in, so nothing can act in the person's place: invite first."""


class LastsTooLong(Exception):
    """A token ends within a year and not in the past: choose an earlier day, or one to come."""


def digest_of(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@transaction.atomic
def make_token(
    *,
    name: str,
    reach: str,
    acts_as: Employee,
    expires_on: date,
    today: date,
    actor: Employee | None,
    now: datetime,
    scopes: Collection[str] = (),
) -> tuple[ApiToken, str]:
    """The token's row, and the token: whoever shows it is the last to have it. Raises NoSeat, LastsTooLong."""
    if acts_as.membership is None or not acts_as.membership.is_active:
        raise NoSeat
    if not today <= expires_on <= today + LONGEST:
        raise LastsTooLong
    token = PREFIX + secrets.token_urlsafe(32)
    made: ApiToken = ApiToken.objects.create(
        name=name,
        digest=digest_of(token),
        reach=reach,
        scopes=sorted(scopes),
        acts_as=acts_as,
        made_by=actor,
        made_at=now,
        expires_on=expires_on,
    )
    details = {"reach": reach, "scopes": sorted(scopes), "expires_on": expires_on}
    record(events.TOKEN_MADE, subject=made, about=acts_as, actor=actor, at=now, details=details)
    return made, token


@transaction.atomic
def revoke_token(*, token: ApiToken, actor: Employee | None, now: datetime) -> None:
    """It works no more from now on. A second time is nothing."""
    if ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
        record(events.TOKEN_REVOKED, subject=token, about=token.acts_as, actor=actor, at=now)


def forget_old(*, now: datetime) -> int:
    """What was answered a week ago nobody asks again: it may hold what its reader may no longer read."""
    return Answered.objects.filter(at__lt=now - ANSWERS_KEPT).delete()[0]

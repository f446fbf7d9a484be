"""What the job runner calls; settings.JOB_HANDLERS names each."""

from datetime import datetime
from typing import Any

from perfsys.jobs.handlers import Again
from perfsys.tenancy.models import Tenant

from . import actions
from .links import invitation_link


def turn_the_day(*, payload: dict[str, Any], now: datetime) -> None:
    actions.refresh_for_today(now=now)


def invite_all(*, payload: dict[str, Any], now: datetime) -> Again | None:
    """Some hundred invitations a step. Done already it does nothing."""
    slug = Tenant.objects.get().slug
    more = actions.invite_some(run_id=payload["run"], link_to=lambda token: invitation_link(slug, token), now=now)
    return Again(payload) if more else None

"""What the job runner calls; settings.JOB_HANDLERS names each."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from perfsys.jobs.actions import enqueue_once_per_transaction
from perfsys.jobs.handlers import Again, Running, own_transactions
from perfsys.jobs.mail import send_mail_later
from perfsys.jobs.models import Heartbeat, Job
from perfsys.people.models import Employee
from perfsys.tenancy.models import Membership
from perfsys.tenancy.roles import Role

from . import delivering, events
from .actions import DELIVER, notify

TOLD = "operators"
TELL_EVERY = timedelta(hours=1)


@own_transactions
def deliver(*, job: Running, now: datetime) -> Again | None:
    return delivering.deliver(job, now)


def digest(*, payload: dict[str, Any], now: datetime) -> Again | None:
    more = delivering.make_digests(now=now)
    enqueue_once_per_transaction(DELIVER)
    return Again(payload) if more else None


def tell_about_a_dead_job(*, payload: dict[str, Any], now: datetime) -> None:
    """The alarm: the company's administrators get a notice, the operators a mail, at most one an hour."""
    job = Job.objects.filter(pk=payload["job_id"]).first()
    if job is None:
        return
    admins = Employee.objects.filter(
        membership__in=Membership.objects.filter(granted__contains=[Role.ADMIN], is_active=True),
        status=Employee.Status.ACTIVE,
    )
    notify(events.JOB_DIED, to=admins, subject=job, at=now, params={"kind": job.kind}, key=f"{job.pk}:{job.fence}")
    _tell_the_operators(now)


def _tell_the_operators(now: datetime) -> None:
    Heartbeat.objects.bulk_create([Heartbeat(name=TOLD, at=now - 2 * TELL_EVERY)], ignore_conflicts=True)
    if not Heartbeat.objects.filter(name=TOLD, at__lte=now - TELL_EVERY).update(at=now):
        return
    for operator in settings.PERFSYS_OPERATORS:
        send_mail_later(
            operator, "陪跑 · " + _("some jobs were given up"), f"{settings.PUBLIC_URL.rstrip('/')}/ops/jobs/"
        )

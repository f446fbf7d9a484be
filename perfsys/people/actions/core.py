"""What the actions of this app share."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from perfsys.tenancy.models import Tenant

from .. import closure
from ..models import Employee


class StaleVersion(Exception):
    """Somebody else has saved this in the meantime: show both, keep what was typed (answer 409)."""


class Refused(Exception):
    """The change cannot be made as asked; the text says what to do, in the reader's language."""


class CircleOfManagers(Refused):
    """The managers would lead back to where they began."""


class CircleOfUnits(Refused):
    """A unit would come to stand below itself."""


class HasLeft(Refused):
    """Somebody who has left cannot be given people or units."""


class NumberTaken(Refused):
    """Another person has this employee number."""


class PathTaken(Refused):
    """Another unit has this name at this place."""


class OrganisationBusy(Refused):
    """Another change of the organisation is running."""


def tenant_now() -> Tenant:
    """The tenant of the open scope."""
    return Tenant.objects.get()


def today_at(now: datetime) -> date:
    """The tenant's own date at `now`."""
    return now.astimezone(ZoneInfo(tenant_now().time_zone)).date()


@contextmanager
def changing_the_organisation() -> Iterator[None]:
    """One change at a time, and what the closures refuse as sentences."""
    try:
        with transaction.atomic(), closure.one_change_at_a_time():
            yield
    except closure.OrganisationBusy as error:
        raise OrganisationBusy(
            _("The organisation is being changed right now. Please try again in a moment.")
        ) from error
    except closure.TooDeep as error:
        raise Refused(_("A chain of managers or units would become too long.")) from error


@contextmanager
def no_circle_of_managers() -> Iterator[None]:
    try:
        yield
    except closure.Circle as error:
        people = Employee.objects.filter(pk__in=error.members[:5]).order_by("name_key")
        names = _(", ").join(person.name for person in people)
        raise CircleOfManagers(
            _("%(names)s would report to themselves through others. Choose another manager.") % {"names": names}
        ) from error


@contextmanager
def refusing(constraint: str, refusal: Refused) -> Iterator[None]:
    """A unique constraint of the database as a sentence."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        if constraint not in str(error):
            raise
        raise refusal from error


def is_here(employee: Employee, on: date) -> bool:
    return employee.status == Employee.Status.ACTIVE and (employee.left_on is None or employee.left_on > on)


def must_be_here(employee: Employee, on: date) -> None:
    if not is_here(employee, on):
        raise HasLeft(_("%(name)s no longer works here on that day. Choose somebody else.") % {"name": employee.name})

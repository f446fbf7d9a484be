"""Ways in: an invitation makes an account, or lets one that exists join (product.md §1.2, security.md §3).

The link holds 32 random bytes; the row only their hash. It works once and for seven days.
"""

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from perfsys.audit.actions import record, record_many
from perfsys.common.bulk import AnyOf
from perfsys.jobs.actions import enqueue
from perfsys.jobs.mail import send_each_later, send_mail_later
from perfsys.tenancy.models import Membership
from perfsys.tenancy.scope import use_tenant

from .. import crossing, events, names, queries, standing
from ..models import Account, Employee, Invitation, InvitationRun, OrgUnit, RoleGrant
from .core import HasLeft, Refused, is_here, tenant_now, today_at

VALID_FOR = timedelta(days=7)
STEP = 500  # people a transaction


class NotReachable(Refused):
    """Neither an e-mail address nor a phone number that can be signed in with."""


class InvitationSpent(Refused):
    """Used, withdrawn or too old."""


class SignInFirst(Refused):
    """The address belongs to an account already: its owner signs in and opens the link again."""


class NotYours(Refused):
    """The signed-in account has another seat in this company already."""


@dataclass(frozen=True)
class Invited:
    """What is given to the administrator once: only the holder of the link can use it."""

    invitation: Invitation
    token: str
    link: str


@dataclass(frozen=True)
class Accepted:
    account: Account
    slug: str


@transaction.atomic
def invite(
    *,
    employee: Employee,
    email: str = "",
    phone: str = "",
    link_to: Callable[[str], str],
    actor: Employee | None,
    now: datetime,
) -> Invited:
    """Invite a person to the address or number given, else to those on record. Earlier links stop working.

    For somebody who signs in by phone alone this is also the way to a new password. Raises NotReachable, HasLeft.
    """
    if not is_here(employee, today_at(now)):
        raise HasLeft(_("%(name)s no longer works here.") % {"name": employee.name})
    email = names.email_key(email or employee.email)
    phone = names.phone_key(phone or employee.mobile) or ""
    invitation = Invitation(employee=employee, email=email, phone="" if email else phone)
    return write_invitation(invitation, link_to=link_to, actor=actor, now=now)


@transaction.atomic
def invite_all(*, people: Sequence[int], unit: OrgUnit | None, actor: Employee | None, now: datetime) -> InvitationRun:
    """Have each of `people`, by id, invited by e-mail, by a job. Asked while that goes on already, it is the one under
    way: nobody gets two."""
    running = queries.invitation_run_under_way()
    if running is not None and not queries.has_given_up(running):
        return running
    if running is not None:  # what it did not get to is asked for anew
        InvitationRun.objects.filter(pk=running.pk).update(finished_at=now)
    try:
        with transaction.atomic():
            run = InvitationRun.objects.create(people=list(people), unit=unit, by=actor, asked_at=now)
    except IntegrityError:  # somebody else pressed at the same moment
        return InvitationRun.objects.get(finished_at=None)
    enqueue("people.invite", key=f"{run.pk}", payload={"run": run.pk})
    record(events.INVITING_ALL, subject=run, actor=actor, at=now, details={"people": len(run.people)})
    return run


@transaction.atomic
def invite_some(*, run_id: int, link_to: Callable[[str], str], now: datetime) -> bool:
    """The next of the people of a run, in as many statements however many there are; whether there are more. Whoever
    has a sign-in or an open invitation by then, has left or has no address gets none."""
    run = InvitationRun.objects.select_for_update().get(pk=run_id)
    if run.finished_at is not None:
        return False
    ids = run.people[run.done : run.done + STEP]
    asked = list(queries.to_invite(queries.without_sign_in(today_at(now)).filter(AnyOf(F("id"), ids)), now))
    tokens = {employee.pk: secrets.token_urlsafe(32) for employee in asked}
    made = Invitation.objects.bulk_create(
        [
            Invitation(
                employee=employee,
                email=names.email_key(employee.email),
                token_hash=queries.hash_of(tokens[employee.pk]),
                invited_by=run.by,
                created_at=now,
                expires_at=now + VALID_FOR,
            )
            for employee in asked
        ]
    )
    company = tenant_now().name
    links = (link_to(tokens[employee.pk]) for employee in asked)
    send_each_later([(one.email, *_letter(company, link)) for one, link in zip(made, links, strict=True)])
    record_many(events.INVITED, subjects=[(one, one.employee) for one in made], actor=run.by, at=now)
    run.done += len(ids)
    run.sent += len(made)
    run.left += len(ids) - len(made)
    run.finished_at = now if run.done >= len(run.people) else None
    run.save(update_fields=["done", "sent", "left", "finished_at"])
    return run.finished_at is None


def write_invitation(
    invitation: Invitation, *, link_to: Callable[[str], str], actor: Employee | None, now: datetime
) -> Invited:
    """Fill in and save `invitation` (employee or roles, and where to), and send it where there is an e-mail address."""
    if not invitation.email and not invitation.phone:
        raise NotReachable(_("Enter an e-mail address or a mobile number first: the invitation needs one."))
    if invitation.employee is not None:
        _withdraw_open_ones(invitation.employee, now)
    token = secrets.token_urlsafe(32)
    invitation.token_hash = queries.hash_of(token)
    invitation.invited_by, invitation.created_at, invitation.expires_at = actor, now, now + VALID_FOR
    invitation.save()
    link = link_to(token)
    if invitation.email:
        send_mail_later(invitation.email, *_letter(tenant_now().name, link))
    record(events.INVITED, subject=invitation, about=invitation.employee, actor=actor, at=now)
    return Invited(invitation, token, link)


@transaction.atomic
def withdraw_invitation(*, invitation: Invitation, actor: Employee | None, now: datetime) -> None:
    """The link stops working."""
    if _open_ones().filter(pk=invitation.pk).update(withdrawn_at=now):
        record(events.INVITATION_WITHDRAWN, subject=invitation, about=invitation.employee, actor=actor, at=now)


@transaction.atomic
def accept_invitation(*, slug: str, token: str, account: Account | None, password: str, now: datetime) -> Accepted:
    """Take the seat the link offers: with `account`, who is signed in, or with a new account and `password`.

    Called outside a scope. Raises InvitationSpent, SignInFirst, NotYours.
    """
    found = crossing.invitation_for(slug, queries.hash_of(token), now=now)
    if found is None:
        raise InvitationSpent(_("This invitation has been used or is too old. Ask for a new one."))
    tenant_id, invitation_id = found
    with use_tenant(tenant_id):
        invitation = _open_ones().select_for_update().filter(pk=invitation_id).first()
        if invitation is None or not _still_meant(invitation, now):
            raise InvitationSpent(_("This invitation has been used or is too old. Ask for a new one."))
        account = account or _account_for(invitation, password)
        membership = _seat(invitation, account)
        invitation.accepted_at = now
        invitation.save(update_fields=["accepted_at"])
        _grant_roles(invitation, membership, now)
        record(
            events.INVITATION_ACCEPTED, subject=invitation, about=invitation.employee, actor=invitation.employee, at=now
        )
    return Accepted(account, slug)


def _still_meant(invitation: Invitation, now: datetime) -> bool:
    return invitation.employee is None or is_here(invitation.employee, today_at(now))


def _account_for(invitation: Invitation, password: str) -> Account:
    account = queries.account_at(invitation)
    if account is None:
        try:
            with transaction.atomic():
                return Account.objects.create_user(
                    email=invitation.email or None, phone=invitation.phone or None, password=password
                )
        except IntegrityError as error:  # made by another link a moment ago
            raise SignInFirst(_sign_in_first()) from error
    if not queries.resets_password(invitation, account):
        raise SignInFirst(_sign_in_first())
    account.set_password(password)
    account.save(update_fields=["password"])
    return account


def _seat(invitation: Invitation, account: Account) -> Membership:
    seat, _made = Membership.objects.get_or_create(account=account)
    employee = invitation.employee
    if employee is not None:
        holder = Employee.objects.filter(membership=seat).exclude(pk=employee.pk).first()
        if holder is not None:
            raise NotYours(_("You are here already as %(name)s. Sign out first.") % {"name": holder.name})
        before = employee.membership_id
        if before is not None and before != seat.pk:  # the person comes in by another account from now on
            Membership.objects.filter(pk=before).update(is_active=False, derived=[])
        Employee.objects.filter(pk=employee.pk).update(membership=seat, version=F("version") + 1)
    if not seat.is_active:
        Membership.objects.filter(pk=seat.pk).update(is_active=True)
    return seat


def _grant_roles(invitation: Invitation, seat: Membership, now: datetime) -> None:
    today = today_at(now)
    for role in invitation.roles:
        RoleGrant.objects.get_or_create(
            membership=seat, role=role, unit=None, ends_on=None, defaults={"starts_on": today}
        )
    if missing := sorted(set(invitation.roles) - set(seat.granted)):
        Membership.objects.filter(pk=seat.pk).update(granted=[*seat.granted, *missing])
    if invitation.employee is not None:
        standing.refresh_derived_roles(today, only=[invitation.employee.pk])


def _open_ones() -> QuerySet[Invitation]:
    return Invitation.objects.filter(accepted_at=None, withdrawn_at=None)


def _withdraw_open_ones(employee: Employee, now: datetime) -> None:
    _open_ones().filter(employee=employee).update(withdrawn_at=now)


def _sign_in_first() -> str:
    return _("There is an account for this address already. Sign in with it, then open the link again.")


def _letter(company: str, link: str) -> tuple[str, str]:
    body = _(
        "%(company)s invites you to 陪跑, where goals, facts and feedback come together. This link lets you in; "
        "it works once, for seven days:\n\n%(link)s\n\nIf you did not expect this, you need not do anything."
    )
    return _("%(company)s invites you") % {"company": company}, body % {"company": company, "link": link}

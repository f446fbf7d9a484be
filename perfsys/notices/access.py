"""Who may press the switch: whoever was told, and always the person it is about (product.md, house rules)."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404

from perfsys.people.models import Employee

from .models import Notice


def told_to(person: Employee) -> QuerySet[Notice]:
    return Notice.objects.filter(to=person.pk)


def reminders_for(person: Employee) -> QuerySet[Notice]:
    """Those the person may confirm."""
    return Notice.objects.filter(Q(to=person.pk) | Q(about=person.pk), is_reminder=True)


def reminder_to_confirm(person: Employee, public_id: UUID) -> Notice:
    """Answered ones too, so that a second press finds it. A stranger's is not found."""
    found = reminders_for(person).select_related("confirmed_by", "about").filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def reminder_to_undo(person: Employee, public_id: UUID) -> Notice:
    """One that the person answered; another's answer is refused, a stranger's reminder is not found."""
    found = reminder_to_confirm(person, public_id)
    if not may_undo(person, found):
        raise PermissionDenied
    return found


def may_undo(person: Employee, notice: Notice) -> bool:
    return notice.state == Notice.State.CONFIRMED and notice.confirmed_by_id == person.pk

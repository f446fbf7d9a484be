"""Who may press the switch: whoever was told, and always the person it is about (product.md, house rules)."""

from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import Http404

from perfsys.people.models import Employee

from .models import Notice


def told_to(person: Employee) -> QuerySet[Notice]:
    return Notice.objects.filter(to=person)


def reminders_for(person: Employee) -> QuerySet[Notice]:
    """Those the person may confirm."""
    return Notice.objects.filter(Q(to=person) | Q(about=person), is_reminder=True)


def reminder_to_confirm(person: Employee, public_id: UUID) -> Notice:
    """Answered ones too, so that a second press finds it. A stranger's is not found."""
    found = reminders_for(person).select_related("confirmed_by", "about").filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found

"""What stands in the inbox."""

from dataclasses import dataclass

from django.db.models import Q, QuerySet

from perfsys.common.expressions import Number
from perfsys.people.models import Employee
from perfsys.tenancy.prepared import prepared, with_only

from .access import reminders_for, told_to
from .models import Notice, NoticePreferences

AT_MOST = 50


@dataclass(frozen=True)
class OpenItems:
    """What waits for one person: reminders to answer, and what somebody asked for."""

    reminders: list[Notice]
    owed: list[Notice]


def open_items(person: Employee) -> OpenItems:
    """Newest first, at most 50; one query. A reminder about the person that only others were told stands here as
    well, once: the switch is always theirs too."""
    rows = _open(person.pk)
    # Their own copy first: it is the one that says what it means to them.
    ordered = sorted(rows, key=lambda notice: notice.to_id != person.pk)
    reminders: dict[object, Notice] = {}
    for notice in ordered:
        if notice.is_reminder:
            same = (notice.kind, notice.subject_id) if notice.subject_id is not None else notice.pk
            reminders.setdefault(same, notice)
    return OpenItems(list(reminders.values()), [notice for notice in ordered if not notice.is_reminder])


@prepared
def _open(person: int) -> QuerySet[Notice]:
    me = with_only(Employee, id=person)
    mine = told_to(me).filter(asks=True) | reminders_for(me)
    return mine.filter(state=Notice.State.OPEN).order_by("-at", "-pk")[:AT_MOST]


def count_open(person: Employee) -> int:
    """How many things wait for the person, for the bell; one query. What others were told does not count."""
    (found,) = _counted_open(person.pk)
    return found


@prepared
def _counted_open(person: int) -> QuerySet[Notice, int]:
    told = told_to(with_only(Employee, id=person))
    waiting = told.filter(Q(asks=True) | Q(is_reminder=True), state=Notice.State.OPEN)
    return waiting.values_list(Number(), flat=True)


def told(person: Employee) -> QuerySet[Notice]:
    """Everything but what still waits, newest first."""
    waiting = Q(state=Notice.State.OPEN) & (Q(asks=True) | Q(is_reminder=True))
    return told_to(person).exclude(waiting).order_by("-at", "-pk")


def preferences_of(person: Employee) -> NoticePreferences:
    """Unsaved, with the defaults, where the person never chose."""
    return NoticePreferences.objects.filter(employee=person).first() or NoticePreferences(employee=person)

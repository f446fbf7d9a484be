"""Whom the records of a connection name, who that is here, and who it may be (product.md §5.3)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Count, Exists, F, Max, Min, OuterRef, Prefetch, Q, QuerySet, Sum
from django.db.models.fields.json import KeyTextTransform

from perfsys.people.models import Assignment, Employee, OrgUnit
from perfsys.people.queries import people_named

from ..adapters.base import About, Stream
from ..metrics import as_key
from ..models import Connection, Record, Subject, SubjectLink, SubjectOf
from ..reading import streams_of
from ..subjects import Known, Named, Suggestion, folded, people_suggested, units_suggested

LINKED = (SubjectOf.PERSON, SubjectOf.UNIT)  # those that are somebody here
LONGEST_NAME, LONGEST_EMAIL = 120, 254


@dataclass(frozen=True, slots=True)
class Counted:
    """What the records of a connection say of a subject: how many name it, the day of the first, and what the source
    last said beside it."""

    of: str
    records: int
    first_on: date | None
    name: str
    email: str
    unit: str


@dataclass(frozen=True)
class Progress:
    """Of one kind: how many there are, and how many are nobody here yet; `records` are those of the latter."""

    kind: str
    label: str
    number: int
    unlinked: int
    records: int


@dataclass(frozen=True)
class Suggested:
    """`who` is an employee or a unit."""

    who: Employee | OrgUnit
    how: str
    is_sure: bool


def declared(connection: Connection) -> list[tuple[Stream, About]]:
    return [(stream, about) for stream in streams_of(connection) for about in stream.subjects]


def labels_of(connection: Connection) -> dict[str, str]:
    """What people call each kind."""
    return {about.kind: about.label or about.kind for _stream, about in reversed(declared(connection))}


def count_subjects(connection: Connection, kinds: Collection[str], zone: ZoneInfo) -> dict[tuple[str, str], Counted]:
    """By kind and value; one query for each stream and field that names such a subject, however many records."""
    found: dict[tuple[str, str], tuple[Counted, datetime | None]] = {}
    for stream, about in declared(connection):
        if about.kind not in kinds:
            continue
        for value, records, first_at, last_at, *said in _grouped(connection, stream, about):
            key = (about.kind, as_key(value))
            name, email, unit = (as_key(word) for word in said)
            first_on = first_at.astimezone(zone).date() if first_at else None
            here = Counted(about.of, records, first_on, name[:LONGEST_NAME], email[:LONGEST_EMAIL], unit)
            if key[1]:
                found[key] = _together(found.get(key), (here, last_at))
    return {key: counted for key, (counted, _at) in found.items()}


def subjects_of(connection: Connection, on: date, *, kind: str = "", typed: str = "") -> QuerySet[Subject]:
    """Those that are nobody here yet first, of these the ones with most records; with `.links_held`, the newest first,
    and `is_linked` on that day. Customers and the like behind: they are nobody of the company."""
    covers = Q(starts_on=None) | Q(starts_on__lte=on)
    covers &= Q(ends_on=None) | Q(ends_on__gt=on)
    found = Subject.objects.filter(connection=connection).exclude(value="")
    if kind:
        found = found.filter(kind=kind)
    if typed:
        found = found.filter(Q(value__icontains=typed) | Q(name__icontains=typed))
    held = SubjectLink.objects.select_related("employee", "unit", "by").order_by("-starts_on", "-pk")
    return (
        found.annotate(
            is_linked=Exists(SubjectLink.objects.filter(covers, subject=OuterRef("pk"))),
            is_ours=Q(of__in=LINKED),
        )
        .prefetch_related(Prefetch("links", queryset=held, to_attr="links_held"))
        .order_by("-is_ours", "is_linked", "-records", "value", "pk")
    )


def people_ever_named(typed: str) -> list[Employee]:
    """Those who work here and are meant; else those who did: what somebody brought before they left stays theirs. At
    most six."""
    number = " ".join(typed.split()).rpartition(" ")[2]
    left = Employee.objects.filter(Q(employee_no__in=[number, number.upper()]) | Q(name=typed))
    return people_named(typed) or list(left.order_by("employee_no")[:6])


def links_of(subject: Subject) -> QuerySet[SubjectLink]:
    """Who it is and has been, the newest first."""
    links = SubjectLink.objects.filter(subject=subject).select_related("employee", "unit", "by")
    return links.order_by(F("starts_on").desc(nulls_last=True), "-pk")


def progress_of(connection: Connection) -> list[Progress]:
    """By kind, people and units alone; two queries."""
    rows = (
        Subject.objects.filter(connection=connection, of__in=LINKED)
        .exclude(value="")
        .annotate(has_link=Exists(SubjectLink.objects.filter(subject=OuterRef("pk"), ends_on=None)))
        .values_list("kind", "has_link")
        .annotate(number=Count("pk"), named=Sum("records"))
        .order_by("kind")
    )
    labels = labels_of(connection)
    held: dict[str, list[tuple[bool, int, int]]] = defaultdict(list)
    for kind, has_link, number, named in rows:
        held[kind].append((has_link, number, named or 0))
    return [
        Progress(
            kind,
            labels.get(kind, kind),
            sum(number for _, number, _ in some),
            sum(number for has_link, number, _ in some if not has_link),
            sum(named for has_link, _, named in some if not has_link),
        )
        for kind, some in held.items()
    ]


def never_linked(connection: Connection) -> QuerySet[Subject]:
    """People and units that have never been anybody here."""
    links = SubjectLink.objects.filter(subject=OuterRef("pk"))
    found = Subject.objects.filter(~Exists(links), connection=connection, of__in=LINKED).exclude(value="")
    return found.order_by("pk")


def suggestions(subjects: Iterable[Subject], on: date) -> dict[int, Suggested]:
    """By subject; at most three queries, however many subjects."""
    held = list(subjects)
    people = [one for one in held if one.of == SubjectOf.PERSON]
    units = [one for one in held if one.of == SubjectOf.UNIT]
    found: dict[int, Suggested] = {}
    if people:
        among = _people_in_question(people)
        posts = _paths(among, on)
        known = [Known(one.pk, one.name, one.employee_no, one.email, posts.get(one.pk, ())) for one in among.values()]
        found |= _suggested(people_suggested(map(_named, people), known), among)
    if units:
        every = {one.pk: one for one in OrgUnit.objects.filter(ends_on=None)}
        known = [Known(one.pk, one.name, paths=[one.path]) for one in every.values()]
        found |= _suggested(units_suggested(map(_named, units), known), every)
    return found


def _suggested(made: Mapping[int, Suggestion], among: Mapping[int, Employee | OrgUnit]) -> dict[int, Suggested]:
    return {key: Suggested(among[one.known], one.how, one.is_sure) for key, one in made.items()}


def _named(subject: Subject) -> Named:
    return Named(subject.pk, subject.value, subject.name, subject.email, subject.unit)


def _people_in_question(subjects: Sequence[Subject]) -> dict[int, Employee]:
    """Whoever has one of the numbers, addresses or names, written in any way: of a page a few, of a list all."""
    if len(subjects) > 200:
        return {one.pk: one for one in Employee.objects.all()}
    numbers = {word for one in subjects for word in (one.value, as_key(one.value), folded(one.value).upper())}
    emails = {word for one in subjects for word in (one.email, folded(one.email), folded(one.value)) if word}
    names = {one.name for one in subjects if one.name}
    asked = Q(employee_no__in=numbers) | Q(email__in=emails) | Q(name__in=names)
    return {one.pk: one for one in Employee.objects.filter(asked)}


def _paths(among: Collection[int], on: date) -> dict[int, list[str]]:
    posts = Assignment.objects.filter(Q(ends_on=None) | Q(ends_on__gt=on), employee__in=list(among), starts_on__lte=on)
    found: dict[int, list[str]] = defaultdict(list)
    for employee_id, path in posts.values_list("employee_id", "unit__path"):
        found[employee_id].append(path)
    return found


def _grouped(connection: Connection, stream: Stream, about: About) -> Iterable[tuple[Any, ...]]:
    said = {f"said_{place}": KeyTextTransform(name, "data") for place, name in enumerate(_beside(about)) if name}
    rows: Any = (
        Record.objects.filter(connection=connection, stream=stream.name, deleted_at=None)
        .annotate(said_value=KeyTextTransform(about.field, "data"))
        .filter(said_value__isnull=False)
        .annotate(**said)
        .values("said_value", *said)
        .annotate(number=Count("pk"), first_at=Min("happened_at"), last_at=Max("changed_at"))
        .order_by()
    )
    for row in rows:
        words = (row.get(f"said_{place}") for place in range(3))
        yield row["said_value"], row["number"], row["first_at"], row["last_at"], *words


def _beside(about: About) -> tuple[str, str, str]:
    return about.name, about.email, about.unit


def _together(
    before: tuple[Counted, datetime | None] | None, here: tuple[Counted, datetime | None]
) -> tuple[Counted, datetime | None]:
    """Of two streams, or two ways of writing: what was said last, unless it says nothing."""
    if before is None:
        return here
    (one, one_at), (other, other_at) = sorted((before, here), key=lambda pair: (pair[1] is not None, pair[1] or 0))
    return (
        Counted(
            other.of,
            one.records + other.records,
            min(filter(None, (one.first_on, other.first_on)), default=None),
            other.name or one.name,
            other.email or one.email,
            other.unit or one.unit,
        ),
        other_at or one_at,
    )

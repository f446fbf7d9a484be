"""What the pages of feedback show: reads in a fixed number of queries, whatever the number of rows."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import pairwise, zip_longest
from typing import Any
from uuid import UUID

from django.db.models import (
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextChoices,
    Value,
)
from django.db.models.functions import Coalesce
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from feedback.access import (
    FOLLOWED_UP_AFTER,
    Rights,
    feedback_settings,
    given_by,
    is_recognition,
    own_actions,
    received_by,
    requests_of,
    rights_to,
    wall,
)
from feedback.models import (
    ActionItem,
    ActionState,
    Closing,
    Feedback,
    FeedbackEvent,
    FeedbackFact,
    FeedbackLike,
    FeedbackNote,
    FeedbackReaction,
    NoteKind,
    ReactionKind,
    RequestState,
    Visibility,
)
from goals.access import readable_of
from goals.models import Alignment, EvidenceItem, Goal, Status
from goals.queries.evidence import standing_evidence
from perfsys.jobs.calendar import calendar_for
from perfsys.lexicon.models import BehaviourTag, Competency, Nature
from perfsys.people.access import Viewer, anybody, colleagues
from perfsys.people.features import Feature
from perfsys.people.models import Assignment, Employee, HrbpAssignment, ReportingClosure
from perfsys.people.queries import having, primary_units
from perfsys.people.spans import holds
from perfsys.tenancy.prepared import prepared, with_only

SUGGESTED = 8  # faces in a row, tags in a grid of four by two
GOALS_EACH = 4  # of one person below the same goal, more or less
GIVEN_LATELY = 40
MENTIONED = 5  # behaviours beside the wall
GOALS_OFFERED = 6
EVIDENCE_OFFERED = 4
EVIDENCE_OF = timedelta(days=30)
ACTIONS_SHOWN = 50
TAKEN_ON_WITHIN = 10  # work days
TAKEN_ON_AT_MOST = timedelta(days=45)  # the longest holidays between them
UNDONE_WITHIN = timedelta(days=7)  # so long something finished stands beside what is open, to be taken back


# --- cards ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Card:
    """A feedback with all that its card says. `unit` is where the giver works today, `reactions` are (kind, how many,
    mine too) of each kind of a recognition."""

    feedback: Feedback
    rights: Rights
    likes: int
    is_liked: bool
    facts: list[FeedbackFact]
    readable_goals: frozenset[int]
    notes: list[FeedbackNote] = field(default_factory=list)
    actions: list[ActionItem] = field(default_factory=list)
    unit: str = ""
    reactions: list[tuple[ReactionKind, int, bool]] = field(default_factory=list)


def with_likes(who: Viewer, feedback: QuerySet[Feedback]) -> QuerySet[Feedback]:
    """With giver, receiver and tag, how many found it helpful, whether `who` did, and the unit the giver works in."""
    likes = FeedbackLike.objects.filter(feedback=OuterRef("pk")).order_by()
    counted = likes.values("feedback").annotate(number=Count("pk")).values("number")
    posts = Assignment.objects.filter(holds(who.on), employee=OuterRef("giver"), is_primary=True)
    return feedback.select_related("giver", "receiver", "tag").annotate(
        likes_number=Coalesce(Subquery(counted), 0),
        is_liked=Exists(likes.filter(person=who.employee_id)),
        unit_name=Subquery(posts.values("unit__name")[:1]),
    )


def cards(who: Viewer, rows: Sequence[Feedback], *, now: datetime) -> list[Card]:
    """Of rows that `who` may read, fetched by `with_likes`. Three queries: facts, notes, actions; one
    more for reactions where there is recognition among them."""
    ids = tuple(row.pk for row in rows)
    notes, actions = _by_feedback(_notes(ids) if ids else ()), _by_feedback(_actions(ids) if ids else ())
    said = _reactions(who, [row.pk for row in rows if row.visibility == Visibility.EVERYONE])
    return [
        _card(
            who,
            row,
            facts,
            goals,
            now,
            notes=notes[row.pk],
            actions=actions[row.pk],
            unit=getattr(row, "unit_name", None) or "",
            reactions=said.get(row.pk, []),
        )
        for row, facts, goals in _with_facts(who, rows)
    ]


def one_card(who: Viewer, feedback: Any, *, now: datetime) -> Card:
    """Of a feedback that `access` gave; five queries."""
    likes = FeedbackLike.objects.filter(feedback=feedback)
    said = likes.aggregate(number=Count("pk"), mine=Count("pk", filter=Q(person=who.employee_id)))
    feedback.likes_number, feedback.is_liked = said["number"], bool(said["mine"])
    unit = primary_units([feedback.giver_id], who.on).get(feedback.giver_id)
    feedback.unit_name = unit.name if unit else ""
    return cards(who, [feedback], now=now)[0]


def may_follow_up(card: Card, now: datetime) -> bool:
    """Whether the last question is answered and a week old; asks no query."""
    asked = [note for note in card.notes if note.kind == NoteKind.FOLLOW_UP]
    return not asked or (asked[-1].answered_at is not None and now - asked[-1].at >= FOLLOWED_UP_AFTER)


def short_cards(who: Viewer, rows: Sequence[Feedback], *, now: datetime) -> list[Card]:
    """The same without what was said underneath; one query."""
    return [_card(who, row, facts, goals, now) for row, facts, goals in _with_facts(who, rows)]


def _card(who: Viewer, row: Any, facts: list[FeedbackFact], goals: frozenset[int], now: datetime, **more: Any) -> Card:
    return Card(row, rights_to(who, row, now=now), row.likes_number, row.is_liked, facts, goals, **more)


def _with_facts(who: Viewer, rows: Sequence[Feedback]) -> Iterable[tuple[Feedback, list[FeedbackFact], frozenset[int]]]:
    facts = _facts(tuple(row.pk for row in rows)) if rows else []
    named = [goal for fact in facts if (goal := fact.goal or (fact.evidence.goal if fact.evidence else None))]
    goals, of = frozenset(readable_of(who, named)), _by_feedback(facts)
    return [(row, of[row.pk], goals) for row in rows]


@prepared
def _facts(feedback: tuple[int, ...]) -> QuerySet[FeedbackFact]:
    found = FeedbackFact.objects.filter(feedback__in=feedback)
    return found.select_related("goal", "evidence__goal").order_by("pk")


def _reactions(who: Viewer, ids: Collection[int]) -> dict[int, list[tuple[ReactionKind, int, bool]]]:
    """Of each kind in its order, those nobody has chosen too. One query, none for no recognition."""
    if not ids:
        return {}
    mine = Count("pk", filter=Q(person=who.employee_id))
    rows = FeedbackReaction.objects.filter(feedback__in=ids).order_by().values_list("feedback", "kind")
    counted = {(pk, kind): (number, bool(own)) for pk, kind, number, own in rows.annotate(number=Count("pk"), own=mine)}
    return {pk: [(kind, *counted.get((pk, kind), (0, False))) for kind in ReactionKind] for pk in ids}


def _by_feedback(rows: Iterable[Any]) -> defaultdict[int, list[Any]]:
    found: defaultdict[int, list[Any]] = defaultdict(list)
    for row in rows:
        found[row.feedback_id].append(row)
    return found


@prepared
def _notes(ids: tuple[int, ...]) -> QuerySet[FeedbackNote]:
    return FeedbackNote.objects.filter(feedback__in=ids).select_related("author").order_by("at", "pk")


@prepared
def _actions(ids: tuple[int, ...]) -> QuerySet[ActionItem]:
    return ActionItem.objects.filter(feedback__in=ids).select_related("owner").order_by("made_at", "pk")


# --- the lists --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Counts:
    """What the tabs say. `open`: what waits for me, what I was asked, and what I have taken on."""

    mine: int = 0
    sent: int = 0
    open: int = 0


def counts(me: Employee) -> Counts:
    """One query."""
    ((mine, sent, *waiting),) = _counted(me.pk)
    return Counts(mine, sent, sum(waiting))


@prepared
def _counted(person: int) -> QuerySet[Employee, Any]:
    me = with_only(Employee, id=person)
    counted = (
        received_by(me),
        given_by(me),
        waiting_for(me),
        own_actions(me).filter(state=ActionState.OPEN),
        requests_of(me).filter(state=RequestState.OPEN),
    )
    numbers = [_Number(rows.order_by().values("pk")) for rows in counted]
    return Employee.objects.filter(pk=person).values_list(*numbers)


class _Number(Subquery):
    """How many rows a subquery gives."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = IntegerField()


_IS_OPEN = Q(nature=Nature.CONSTRUCTIVE, closed_at=None, withdrawn_at=None)
NEWEST = ("-at", "-pk")


def on_the_wall() -> QuerySet[Feedback]:
    return wall().order_by(*NEWEST)


def often_mentioned(since: datetime) -> list[tuple[BehaviourTag, int]]:
    """Behaviours on the wall since then, most often named first: only what everybody reads counts. One query."""
    lately = BehaviourTag.objects.filter(is_recognition("feedback__"), feedback__at__gte=since)
    named = lately.annotate(number=Count("feedback")).order_by("-number", "pk")
    return [(tag, tag.number) for tag in named[:MENTIONED]]


def received(me: Employee) -> QuerySet[Feedback]:
    return received_by(me).order_by(*NEWEST)


def sent(me: Employee) -> QuerySet[Feedback]:
    return given_by(me).order_by(*NEWEST)


def waiting_for(me: Employee) -> QuerySet[Feedback]:
    """Hopes without an answer yet, and those somebody has asked about since; the oldest first."""
    asked = FeedbackNote.objects.filter(kind=NoteKind.FOLLOW_UP, answered_at=None, feedback__receiver=me.pk)
    return received_by(me).filter(_IS_OPEN | Q(pk__in=asked.values("feedback"))).order_by("at", "pk")


def unanswered(me: Employee, *, most: int) -> list[Feedback]:
    """On either side of it: what I was told and what I told others who are still here, without an answer. One query."""
    return _unanswered(me.pk, most=most)


@prepared
def _unanswered(me: int, *, most: int) -> QuerySet[Feedback]:
    told = Q(giver=me, receiver__status=Employee.Status.ACTIVE)
    mine = Feedback.objects.filter(_IS_OPEN).filter(Q(receiver=me) | told)
    return mine.select_related("giver", "receiver").order_by(*NEWEST)[:most]


def actions_at_hand(me: Employee, *, now: datetime) -> list[ActionItem]:
    """What is open, the next one due first; then what was finished lately. One query."""
    lately = ~Q(state=ActionState.OPEN) & Q(finished_at__gte=now - UNDONE_WITHIN)
    found = own_actions(me).filter(Q(state=ActionState.OPEN) | lately).select_related("owner", "feedback__giver")
    return list(found.order_by(F("finished_at").desc(nulls_first=True), "due_on", "pk")[:ACTIONS_SHOWN])


def open_actions(me: Employee, *, most: int) -> list[ActionItem]:
    """One query."""
    return _open_actions(me.pk, most=most)


@prepared
def _open_actions(me: int, *, most: int) -> QuerySet[ActionItem]:
    found = own_actions(with_only(Employee, id=me)).filter(state=ActionState.OPEN)
    return found.select_related("owner", "feedback__giver").order_by("due_on", "pk")[:most]


def day_to_take_on(on: date) -> date:
    """What the form begins with: ten work days on, or two weeks where the calendar has not so many. One query."""
    days = calendar_for(on, on + TAKEN_ON_AT_MOST).work_days(on + timedelta(days=1), on + TAKEN_ON_AT_MOST)
    return days[TAKEN_ON_WITHIN - 1] if len(days) >= TAKEN_ON_WITHIN else on + timedelta(weeks=2)


@dataclass(frozen=True)
class Wording:
    """What a feedback said until it was corrected."""

    text: str
    expected_action: str
    until: datetime


def earlier_wordings(feedback: Feedback) -> list[Wording]:
    """For whom may read the feedback; the newest first. One query, none for one that was never corrected."""
    if feedback.corrected_at is None:
        return []
    events: Any = FeedbackEvent.objects.all()
    kept = events.filter(pgh_obj=feedback.pk).order_by("pgh_id")
    versions = list(kept.values_list("text", "expected_action", "corrected_at"))
    return [
        Wording(text, hope, corrected_at)
        for (text, hope, _before), (_text, _hope, corrected_at) in pairwise(versions)
        if corrected_at and corrected_at != _before
    ][::-1]


def changed_since(feedback: Feedback, version: int) -> tuple[list[dict[str, str]], int]:
    """What giver and receiver changed since `version`: label, was, now; and the version that stands. Two queries."""
    feedback.refresh_from_db(fields=["text", "expected_action", "closed_how", "version"])
    events: Any = FeedbackEvent.objects
    then = events.filter(pgh_obj=feedback.pk, version=version).order_by("-pgh_id").first()
    if then is None:
        return [], feedback.version
    told = [
        (pgettext("feedback", "What happened"), then.text, feedback.text),
        (gettext("The next step you hope for"), then.expected_action, feedback.expected_action),
        (gettext("What became of it"), _closing(then.closed_how), _closing(feedback.closed_how)),
    ]
    changes = [{"label": label, "was": was, "now": now} for label, was, now in told if was != now]
    return changes, feedback.version


def _closing(how: str) -> str:
    return str(Closing(how).label) if how else ""


# --- writing one ------------------------------------------------------------------------------------------------------


class Why(TextChoices):
    """Why somebody is suggested, as the face in the composer says it."""

    MANAGER = "manager", _("your manager")
    LATELY = "lately", _("wrote to lately")
    REPORT = "report", _("reports to you")
    GOAL = "goal", _("same goal")
    UNIT = "unit", _("same unit")


def suggested_receivers(me: Employee, on: date) -> list[tuple[Employee, Why]]:
    """The direct manager, whom one wrote to last, one's reports, who works beside one: in the unit and for the same
    goal above, in turn, for a goal of the company has hundreds below it. Four queries."""
    lines = ReportingClosure.objects.filter(Q(employee=me) | Q(manager=me), holds(on), depth=1)
    pairs = list(lines.values_list("employee", "manager")[: SUGGESTED + 1])
    lately = given_by(me).order_by(*NEWEST).values_list("receiver", flat=True)[:GIVEN_LATELY]
    beside = _beside(me, on)
    whys: dict[int, Why] = {}
    alike, mates = ([(pk, why) for pk, of in beside if of == why] for why in (Why.GOAL, Why.UNIT))
    in_turn = [one for both in zip_longest(mates, alike) for one in both if one]
    for pk, why in (
        *((above, Why.MANAGER) for below, above in pairs if below == me.pk),
        *((pk, Why.LATELY) for pk in lately),
        *((below, Why.REPORT) for below, above in pairs if above == me.pk),
        *in_turn,
    ):
        whys.setdefault(pk, why)
    whys.pop(me.pk, None)
    ids = list(whys)[: 2 * SUGGESTED]  # some may have left
    found = colleagues().filter(having(Feature.FEEDBACK)).in_bulk(ids)
    return [(found[pk], whys[pk]) for pk in ids if pk in found][:SUGGESTED]


def _beside(me: Employee, on: date) -> list[tuple[int, str]]:
    """One query; a person may stand in it several times. Without DISTINCT, for which PostgreSQL walks the goals of the
    whole company in the order of their owners."""
    own = Assignment.objects.filter(holds(on), employee=me, is_primary=True).values("unit")
    mates = Assignment.objects.filter(holds(on), is_primary=True, unit__in=own).exclude(employee=me).order_by()
    above = Alignment.objects.filter(child__owner=me, child__status=Status.PUBLISHED, is_primary=True).values("parent")
    carriers = Alignment.objects.filter(parent__in=above, child__status=Status.PUBLISHED, child__owner__isnull=False)
    alike = carriers.exclude(child__owner=me).order_by()
    same_goal = alike.annotate(why=Value(Why.GOAL, output_field=CharField())).values_list("child__owner", "why")
    same_unit = mates.annotate(why=Value(Why.UNIT, output_field=CharField())).values_list("employee", "why")
    return list(same_goal[: GOALS_EACH * SUGGESTED].union(same_unit[:SUGGESTED], all=True))


def people_found(me: Employee, people: QuerySet[Employee]) -> list[Employee]:
    return list(people.exclude(pk=me.pk)[:SUGGESTED])


@dataclass(frozen=True)
class Tags:
    """`first` are the ones `me` gives most, filled up with one of each competency; `others` by competency."""

    first: list[BehaviourTag]
    others: list[tuple[Competency, list[BehaviourTag]]]


def tags_offered(me: Employee) -> Tags:
    """Two queries."""
    listed, mine = _listed_tags(), [pk for pk, _times in _tags_given(me.pk)]
    by_id = {tag.pk: tag for tag in listed}
    leading = {tag.competency_id: tag.pk for tag in reversed(listed)}  # the first of each
    ids = dict.fromkeys([*mine, *sorted(leading.values(), key=list(by_id).index), *by_id])
    first = [by_id[pk] for pk in ids if pk in by_id][:SUGGESTED]
    others: dict[int, tuple[Competency, list[BehaviourTag]]] = {}
    for tag in listed:
        if tag not in first:
            others.setdefault(tag.competency_id, (tag.competency, []))[1].append(tag)
    return Tags(first, list(others.values()))


@prepared
def _listed_tags() -> QuerySet[BehaviourTag]:
    listed = BehaviourTag.objects.filter(is_listed=True).select_related("competency")
    return listed.order_by("competency__position", "competency__name", "position", "name")


@prepared
def _tags_given(me: int) -> QuerySet[Feedback, Any]:
    used = Feedback.objects.filter(giver=me).order_by().values_list("tag").annotate(times=Count("pk"))
    return used.order_by("-times", "tag")[:SUGGESTED]


def goals_offered(who: Viewer, receiver: Employee | None, also: Collection[UUID] = ()) -> list[Goal]:
    """Those of `also` first, then the receiver's, then one's own: published ones that `who` may read. One query, and
    one more where a private one is among them."""
    owners = [pk for pk in (receiver.pk if receiver else None, who.employee_id) if pk is not None]
    goals = Goal.objects.exclude(status=Status.DRAFT).filter(
        Q(owner__in=owners, status=Status.PUBLISHED) | Q(public_id__in=also)
    )
    found = list(goals.order_by("-weight", "pk")[: 3 * GOALS_OFFERED])
    readable = readable_of(who, found)

    def place(goal: Goal) -> tuple[bool, int]:
        return goal.public_id not in also, owners.index(goal.owner_id) if goal.owner_id in owners else len(owners)

    return sorted((goal for goal in found if goal.pk in readable), key=place)[:GOALS_OFFERED]


def evidence_offered(who: Viewer, goals: Sequence[Goal], also: Collection[UUID] = ()) -> list[EvidenceItem]:
    """Those of `also` first, then the newest of the last weeks of `goals`, which `who` may read. One query, and
    one more where a private goal is among them."""
    if not goals and not also:
        return []
    lately = Q(goal__in=[goal.pk for goal in goals], local_on__gt=who.on - EVIDENCE_OF)
    found = standing_evidence().filter(lately | Q(public_id__in=also)).select_related("goal")
    rows = list(found.order_by("-local_on", "-pk")[: 3 * EVIDENCE_OFFERED])
    readable = readable_of(who, list({one.goal_id: one.goal for one in rows}.values()))
    rows = sorted((one for one in rows if one.goal_id in readable), key=lambda one: one.public_id not in also)
    named = {one.known_as: one for one in reversed(rows) if one.public_id not in also}  # one record on two goals: once
    rows = [one for one in rows if one.public_id in also or named[one.known_as] is one]
    return rows[: max(EVIDENCE_OFFERED, len(also))]


@dataclass(frozen=True)
class Readers:
    """Who reads a feedback that is shared with the manager: the people of today."""

    manager: Employee | None = None
    partners: tuple[Employee, ...] = ()
    chain_reads: bool = False


def readers_of(receiver: Employee, on: date) -> Readers:
    """Three queries."""
    line = next(iter(_line_above(receiver.pk, on)), None)
    partners = {row.hrbp_id: row.hrbp for row in _looked_after(receiver.pk, on)}
    return Readers(line.manager if line else None, tuple(partners.values()), feedback_settings().chain_reads)


@prepared
def _line_above(person: int, on: date) -> QuerySet[ReportingClosure]:
    lines = ReportingClosure.objects.filter(holds(on), employee=person, depth=1)
    return lines.select_related("manager").order_by("pk")[:1]


@prepared
def _looked_after(person: int, on: date) -> QuerySet[HrbpAssignment]:
    """By whom, the partner of the nearest unit first."""
    post = Assignment.objects.filter(holds(on), employee=person, is_primary=True).values("unit")
    given = HrbpAssignment.objects.filter(
        holds(on), holds(on, "unit__closure_below__"), unit__closure_below__descendant__in=post
    ).exclude(hrbp=person)
    return given.select_related("hrbp").order_by("unit__closure_below__depth")


# --- the homes --------------------------------------------------------------------------------------------------------


def lately_received(who: Viewer, me: Employee, *, most: int, now: datetime) -> list[Card]:
    """Two queries."""
    return short_cards(who, _lately_received(me.pk, who.on, most=most), now=now)


@prepared
def _lately_received(me: int, on: date, *, most: int) -> QuerySet[Feedback]:
    who = anybody(me, 0, on)
    return with_likes(who, received(with_only(Employee, id=me)))[:most]

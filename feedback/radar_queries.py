"""What a radar is counted from: only what the viewer may read, so that every number opens the feedbacks behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Count, QuerySet

from perfsys.lexicon.models import BehaviourTag, Competency, LexiconEntry, Nature
from perfsys.people.access import Viewer
from perfsys.people.models import Employee

from . import radar
from .access import feedback_about
from .models import Feedback

TAGS_NAMED = 3


@dataclass(frozen=True)
class Scene:
    """Something to strengthen next: a sentence of the dictionary that fits, where there is one, and the behaviours."""

    suggestion: radar.Suggestion
    competency: Competency
    entry: LexiconEntry | None
    tags: Sequence[BehaviourTag]


@dataclass(frozen=True)
class Seen:
    counted: radar.Radar
    competencies: Mapping[int, Competency]
    scenes: Sequence[Scene]


def radar_of(who: Viewer, person: Employee) -> Seen:
    """Four queries, and those of `feedback_about`, whatever the number of feedbacks."""
    known = {one.pk: one for one in Competency.objects.order_by("position", "pk")}
    counted = radar.count(_told(who, person), known, who.on)
    lines = [line for line in counted.lines if line.total or known[line.competency].is_listed]
    counted = radar.Radar(lines, counted.mondays)
    return Seen(counted, known, _scenes(counted.suggestions, known))


def feedback_behind(
    who: Viewer, person: Employee, competency: Competency, *, nature: str = "", monday: date | None = None
) -> QuerySet[Feedback]:
    """The feedbacks one number of the radar was counted from, newest first; all of the 90 days or those of a week."""
    found = feedback_about(who, person).filter(tag__competency=competency, local_on__range=_window(who.on))
    if nature:
        found = found.filter(nature=nature)
    if monday is not None:
        found = found.filter(local_on__range=(monday, monday + timedelta(days=6)))
    return found.select_related("giver", "tag").order_by("-at", "-pk")


def _window(on: date) -> tuple[date, date]:
    return radar.first_day(on), on


def _told(who: Viewer, person: Employee) -> list[radar.Told]:
    found = feedback_about(who, person).filter(local_on__range=_window(who.on)).order_by()
    rows = found.values_list("tag__competency", "tag", "nature", "local_on").annotate(number=Count("pk"))
    return [
        radar.Told(competency, tag, nature == Nature.POSITIVE, on, number)
        for competency, tag, nature, on, number in rows
    ]


def _scenes(suggestions: Sequence[radar.Suggestion], known: Mapping[int, Competency]) -> list[Scene]:
    """Two queries."""
    ids = [suggestion.line.competency for suggestion in suggestions]
    entries = LexiconEntry.objects.filter(competency__in=ids, nature=Nature.POSITIVE, is_listed=True).exclude(scene="")
    first = entries.order_by("competency", "level", "position", "pk").distinct("competency")
    entry_of = {entry.competency_id: entry for entry in first}
    tags = list(BehaviourTag.objects.filter(competency__in=ids).order_by("position", "pk"))
    return [
        Scene(one, known[one.line.competency], entry_of.get(one.line.competency), _tags_for(one, tags))
        for one in suggestions
    ]


def _tags_for(suggestion: radar.Suggestion, tags: Sequence[BehaviourTag]) -> list[BehaviourTag]:
    """Those colleagues hope for, most often named first; of what is quiet those nobody has named yet."""
    line = suggestion.line
    own = [tag for tag in tags if tag.competency_id == line.competency]
    if suggestion.reason == radar.Reason.HOPED:
        found = sorted((tag for tag in own if line.hoped[tag.pk]), key=lambda tag: -line.hoped[tag.pk])
    else:
        found = sorted((tag for tag in own if tag.is_listed), key=lambda tag: line.tags[tag.pk])
    return found[:TAGS_NAMED]

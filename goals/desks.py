"""What the form of a goal offers to whoever writes it, on a page or over the API."""

from collections.abc import Sequence

from django.db.models import QuerySet

from perfsys.people.access import Viewer
from perfsys.people.models import OrgUnit

from . import access
from .actions.goal import Place
from .extras import fields_of
from .models import Goal, Layer, TemplateGoal
from .queries.settings import causes_offered
from .queries.writing import Span, Written, parents_for, parents_of_before, spans_to_write_in
from .writing_forms import Desk


def desk_of_new(who: Viewer, place: Place, *, line: TemplateGoal | None = None, parents_url: str = "") -> Desk:
    """For a goal of `place`, from a line of a template or without one."""
    spans = spans_to_write_in(who.on)
    return Desk(
        layer=place.layer,
        spans=spans,
        parents=parents_to_choose(who, place.layer, place.unit, spans),
        over=lambda: parents_that_are_over(who, place.layer, place.unit, spans),
        causes=causes_offered() if place.layer != Layer.COMPANY else [],
        parents_url=parents_url,
        fields=fields_of(line.template.fields) if line else (),
    )


def desk_of(who: Viewer, goal: Goal, parts: Written, *, parents_url: str = "") -> Desk:
    """For a draft that is changed."""
    span = Span.of(goal.period)
    return Desk(
        layer=goal.layer,
        spans=[span],
        parents=parents_to_choose(who, goal.layer, goal.unit, [span]).exclude(pk=goal.pk),
        over=lambda: parents_that_are_over(who, goal.layer, goal.unit, [span]),
        causes=causes_offered(parts.causes) if goal.layer != Layer.COMPANY else [],
        parents_url=parents_url,
        kept_parent=parts.parent,
        is_new=False,
        fields=fields_of(goal.made_from.fields) if goal.made_from else (),
    )


def parents_that_are_over(who: Viewer, layer: str, unit: OrgUnit | None, spans: Sequence[Span]) -> QuerySet[Goal]:
    """Goals of periods that have ended, as far as `who` may read them: they cannot be supported any more."""
    starts_on, ends_on = min(span.starts_on for span in spans), max(span.ends_on for span in spans)
    found = parents_of_before(layer=layer, unit=unit, starts_on=starts_on, ends_on=ends_on, on=who.on)
    return access.readable_among(who, found)


def parents_to_choose(who: Viewer, layer: str, unit: OrgUnit | None, spans: Sequence[Span]) -> QuerySet[Goal]:
    starts_on, ends_on = min(span.starts_on for span in spans), max(span.ends_on for span in spans)
    found = parents_for(layer=layer, unit=unit, starts_on=starts_on, ends_on=ends_on, on=who.on)
    return access.readable_among(who, found)

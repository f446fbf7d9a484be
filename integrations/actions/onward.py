"""Telling the apps above that figures are other ones now, or may be used again."""

from collections.abc import Iterable

from django.conf import settings

from integrations.models import Gap, MetricVersion
from integrations.queries.metrics import COUNTING
from integrations.queries.standing import LOSSES
from perfsys.jobs.actions import enqueue


def tell_of_figures(definition_id: int, *, key: str) -> None:
    """Of one metric, by the jobs of settings.JOBS_AFTER_FIGURES."""
    for kind in settings.JOBS_AFTER_FIGURES:
        enqueue(kind, key=key, payload={"definition": definition_id})


def tell_of_days(gaps: Iterable[Gap], *, key: str) -> None:
    """Of every metric that is counted from where these gaps were, since nothing is held by them any more."""
    places = {(gap.connection_id, gap.stream) for gap in gaps if gap.kind in LOSSES}
    versions = MetricVersion.objects.filter(connection__in={place[0] for place in places}, state__in=COUNTING)
    found = versions.order_by("definition").values_list("definition", "connection", "stream")
    for definition_id in sorted({one for one, *place in found if tuple(place) in places} if places else ()):
        tell_of_figures(definition_id, key=f"{key} {definition_id}")


def tell_of_holds_on(definition_id: int, *, key: str) -> None:
    """Apps above are to say so to whoever is measured by them: figures are held, or free again."""
    for kind in settings.JOBS_AFTER_HOLDS:
        enqueue(kind, key=key, payload={"definition": definition_id})

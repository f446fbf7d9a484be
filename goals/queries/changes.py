"""What became of a goal between two versions, for whoever was writing meanwhile."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Field
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from goals.models import Goal, GoalEvent
from goals.wording import plain

LABELS: Mapping[str, Any] = {
    "title": gettext_lazy("What is to be reached"),
    "kind": gettext_lazy("What kind of goal"),
    "weight": gettext_lazy("Weight (%)"),
    "is_core": gettext_lazy("A core goal"),
    "is_private": gettext_lazy("Private"),
    "measure": gettext_lazy("Measured by"),
    "unit_of_measure": gettext_lazy("Unit of measure"),
    "direction": gettext_lazy("Which way"),
    "baseline": gettext_lazy("Where it stands today"),
    "target": gettext_lazy("Target"),
    "hold_low": gettext_lazy("Not below"),
    "hold_high": gettext_lazy("Not above"),
    "cadence_times": gettext_lazy("How many times"),
    "cadence_per": gettext_lazy("Per"),
    "delivers": gettext_lazy("What each time delivers"),
    "starts_on": gettext_lazy("Begins on"),
    "due_on": gettext_lazy("Due on"),
    "evidence_type": gettext_lazy("Kind of evidence"),
    "evidence_number": gettext_lazy("Its number"),
    "evidence_plan": gettext_lazy("How the evidence will come about"),
    "scoring": gettext_lazy("What it counts for"),
    "scoring_figure": gettext_lazy("The limit, or the points taken off"),
}


def changed_since(goal: Goal, version: int) -> list[dict[str, str]]:
    """Label, what it was in `version`, what it is now; of the goal's own columns. One query."""
    versions: Any = GoalEvent.objects
    then = versions.filter(pgh_obj_id=goal.pk, version=version).order_by("-pgh_id").values(*LABELS).first()
    if then is None:
        return []
    return [
        {"label": str(label), "was": _told(name, then[name]), "now": _told(name, getattr(goal, name))}
        for name, label in LABELS.items()
        if then[name] != getattr(goal, name)
    ]


def _told(name: str, value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Decimal):
        return plain(value)
    column: Field[Any, Any] = Goal._meta.get_field(name)  # type: ignore[assignment]
    choices: Iterable[Any] = column.flatchoices
    return str(dict(choices).get(value, value))

"""What programs ask for beside what pages show."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from feedback import access
from feedback.models import Feedback, RequestRecipient
from perfsys.lexicon.models import BehaviourTag, Nature
from perfsys.people.access import Viewer

IS_OPEN = Q(nature=Nature.CONSTRUCTIVE, closed_at=None, withdrawn_at=None)


def listed(who: Viewer, wanted: Mapping[str, Any]) -> QuerySet[Feedback]:
    """With giver, receiver and tag; by the filters of the API, out of what `who` may read."""
    me, box = who.employee, wanted.get("box")
    if box == "wall":
        found = access.wall()
    elif box is None:
        found = access.visible_feedback(who)
    elif me is None:
        found = Feedback.objects.none()
    else:
        found = access.received_by(me) if box == "received" else access.given_by(me)
    if "person" in wanted:
        found = found.filter(receiver__public_id=wanted["person"])
    if "nature" in wanted:
        found = found.filter(nature=wanted["nature"])
    if "since" in wanted:
        found = found.filter(at__gte=wanted["since"])
    if "open" in wanted:
        found = found.filter(IS_OPEN) if wanted["open"] == "true" else found.exclude(IS_OPEN)
    return found.select_related("giver", "receiver", "tag")


def asked(who: Viewer, wanted: Mapping[str, Any]) -> QuerySet[Any]:
    """What `who` was asked, with the moment `at`; with request, asker and goal."""
    lines: Any = access.requests_of(who.employee) if who.employee else RequestRecipient.objects.none()
    if "state" in wanted:
        lines = lines.filter(state=wanted["state"])
    return lines.select_related("request__asker", "request__goal").annotate(at=F("request__at"))  # type: ignore[no-any-return]


def tag_id(said: str) -> str:
    """The id of a listed behaviour that is named by its name; else what was said."""
    try:
        return str(UUID(said))
    except ValueError:
        named = BehaviourTag.objects.filter(Q(name=said) | Q(name_en=said), is_listed=True).order_by("pk").first()
        return str(named.public_id) if named else said

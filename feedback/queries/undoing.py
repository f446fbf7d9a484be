"""What taking back an import of feedback would do: one that somebody took up since stays as it is (product.md §1.6)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, Max
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from feedback.models import ActionItem, Feedback, FeedbackEvent, FeedbackLike, FeedbackNote
from perfsys.common.bulk import AnyOf
from perfsys.common.undoing import belongs_to
from perfsys.imports.kinds import Change, Undoing

CHANGED, USED, GONE = "changed", "used", "gone"
WHY = {
    CHANGED: _("somebody changed it since"),
    USED: _("somebody answered it or added to it since"),
    GONE: _("it is not there any more"),
}
SINCE = ((FeedbackLike, "at"), (FeedbackNote, "at"), (ActionItem, "made_at"))


def marks(now: datetime) -> dict[str, Any]:
    """Up to where the history reads at the end of an import: what comes after it was somebody else."""
    history: Any = FeedbackEvent.objects
    return {"feedback_up_to": history.aggregate(last=Max("pgh_id"))["last"] or 0, "feedback_at": now.isoformat()}


def outlook(changes: Sequence[Change], report: Mapping[str, Any]) -> Undoing:
    """As many queries as there are tables that name a feedback, however many there are."""
    ids = [one.target for one in changes]
    standing = set(Feedback.objects.filter(AnyOf(F("id"), ids)).values_list("pk", flat=True))
    left = {pk: GONE for pk in ids if pk not in standing}
    new = {one.target for one in changes if one.former is None} & standing
    left |= dict.fromkeys(_changed(ids, report) & standing, CHANGED)
    left |= dict.fromkeys(belongs_to(Feedback, new, {}) | _taken_up(standing - new, report), USED)
    return Undoing(
        removed=[pk for pk in ids if pk in new and pk not in left],
        restored=[pk for pk in ids if pk not in new and pk not in left],
        left=left,
    )


def _changed(ids: Collection[int], report: Mapping[str, Any]) -> set[int]:
    history: Any = FeedbackEvent.objects
    later = history.filter(AnyOf(F("pgh_obj_id"), list(ids)), pgh_id__gt=report["feedback_up_to"])
    return set(later.values_list("pgh_obj_id", flat=True))


def _taken_up(ids: Collection[int], report: Mapping[str, Any]) -> set[int]:
    """Of what stood there before the import: what was said under it earlier is no reason to keep the file's words."""
    found = set[int]()
    for model, at in SINCE if ids else ():
        rows = model.objects.filter(AnyOf(F("feedback_id"), list(ids)), **{f"{at}__gte": report["feedback_at"]})
        found |= set(rows.values_list("feedback_id", flat=True))
    return found


def called(ids: Sequence[int]) -> dict[int, str]:
    """A line about each, without its words: who to whom, the behaviour, the day. Of one that is gone nothing."""
    rows = Feedback.objects.filter(AnyOf(F("id"), list(ids))).select_related("giver", "receiver", "tag")
    found = {one.pk: _line(one) for one in rows}
    return {pk: found.get(pk, "") for pk in ids}


def _line(one: Feedback) -> str:
    day = date_format(one.local_on, pgettext("date format", "j F Y"))
    return " · ".join((f"{one.giver.name} → {one.receiver.name}", one.tag.shown_name, day))

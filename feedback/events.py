"""What is recorded and told about feedback. No text of a feedback stands in either: it is read where it stands."""

from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import verb
from perfsys.notices.kinds import notice_kind

FEEDBACK_GIVEN = verb("feedback.given", _("gave feedback"))
FEEDBACK_CORRECTED = verb("feedback.corrected", _("corrected a feedback"))
FEEDBACK_WITHDRAWN = verb("feedback.withdrawn", _("withdrew a feedback"))
FEEDBACK_CLOSED = verb("feedback.closed", _("closed a feedback"))
FEEDBACK_REOPENED = verb("feedback.reopened", _("opened a feedback again"))
FEEDBACK_ANNOTATED = verb("feedback.annotated", _("added to a feedback"))
FEEDBACK_LIKED = verb("feedback.liked", _("found a feedback helpful"))
FEEDBACK_IMPORTED = verb("feedback.imported", _("imported feedback"))
ACTION_TAKEN_ON = verb("feedback.action_taken_on", _("took on an action"))
ACTION_FINISHED = verb("feedback.action_finished", _("finished an action"))
ACTION_DROPPED = verb("feedback.action_dropped", _("dropped an action"))
ACTION_REOPENED = verb("feedback.action_reopened", _("took an action up again"))
SETTINGS_CHANGED = verb("feedback.settings_changed", _("changed the feedback settings"))

PRAISE_RECEIVED = notice_kind(
    "feedback.praise_received",
    _("%(name)s noticed something you did well: %(tag)s"),
    outside=_("A colleague noticed something you did well"),
)
HOPE_RECEIVED = notice_kind(
    "feedback.hope_received",
    _("%(name)s wrote you about %(tag)s and hopes for a next step. Your answer closes it."),
    outside=_("A colleague wrote to you and hopes for a next step"),
    asks=True,
)
FEEDBACK_MOVED = notice_kind(
    "feedback.moved",
    _("%(name)s took up what you wrote"),
    outside=_("Somebody took up what you wrote"),
)

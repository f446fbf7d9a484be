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
FEEDBACK_TAKEN_BACK = verb("feedback.taken_back", _("took back an import of feedback"))
ACTION_TAKEN_ON = verb("feedback.action_taken_on", _("took on an action"))
ACTION_FINISHED = verb("feedback.action_finished", _("finished an action"))
ACTION_DROPPED = verb("feedback.action_dropped", _("dropped an action"))
ACTION_REOPENED = verb("feedback.action_reopened", _("took an action up again"))
SETTINGS_CHANGED = verb("feedback.settings_changed", _("changed the settings of feedback"))

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

RETRO_OPENED = verb("feedback.retro_opened", _("opened the micro-retro of a week"))
RETRO_CLOSED = verb("feedback.retro_closed", _("closed the micro-retro of a week"))
RETRO_ANSWERED = verb("feedback.retro_answered", _("answered the micro-retro"))
RETRO_SKIPPED = verb("feedback.retro_skipped", _("skipped the micro-retro of a week"))
RETRO_RESUMED = verb("feedback.retro_resumed", _("took the micro-retro up after all"))
RETRO_SHARED = verb("feedback.retro_shared", _("showed the week to the manager"))
RETRO_UNSHARED = verb("feedback.retro_unshared", _("no longer shows the week to the manager"))

RETRO_OPEN = notice_kind(
    "feedback.retro_open",
    _("Your week in three taps: the micro-retro is open until Monday noon"),
    outside=_("Three questions about your week, about a minute"),
    why=_("It is asked of everybody at the end of the week. Only you read the answers, unless you show them."),
    reminder=True,
    on_confirm="feedback.actions.retro.skip_from_inbox",
    on_undo="feedback.actions.retro.resume_from_inbox",
)

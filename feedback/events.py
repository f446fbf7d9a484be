"""What is recorded and told about feedback. No text of a feedback stands in either: it is read where it stands."""

from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import between_two, thing, verb, withhold
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
FEEDBACK_REACTED = verb("feedback.reacted", _("reacted to a recognition"))
FOLLOWED_UP = verb("feedback.followed_up", _("asked how it is going"))
ACTION_PUT_OFF = verb("feedback.action_put_off", _("gave an action another day"))
ACTION_REOPENED = verb("feedback.action_reopened", _("took an action up again"))
SETTINGS_CHANGED = verb("feedback.settings_changed", _("changed the settings of feedback"))

# Who asked, who was asked and who would rather not is read by those people alone (access.py), who answered and who
# skipped a retro by nobody: none of it is recorded, and what once was is not shown.
withhold(
    "feedback.request_sent",
    "feedback.request_withdrawn",
    "feedback.request_answered",
    "feedback.request_declined",
    "feedback.request_reopened",
    "feedback.retro_answered",
    "feedback.retro_skipped",
    "feedback.retro_resumed",
)

# Nor is who gave whom a feedback read by anybody but those who may read the feedback: an administrator learns from the
# record that somebody gave one, corrected, closed or withdrew one, and when (security.md §2).
between_two(
    FEEDBACK_GIVEN,
    FEEDBACK_CORRECTED,
    FEEDBACK_WITHDRAWN,
    FEEDBACK_CLOSED,
    FEEDBACK_REOPENED,
    FEEDBACK_ANNOTATED,
    FEEDBACK_LIKED,
    FEEDBACK_REACTED,
    FOLLOWED_UP,
)

# What the record calls a thing that has no name of its own.
thing("feedback.actionitem", _("An action"))
thing("feedback.feedback", _("A feedback"))
thing("feedback.feedbacksettings", _("Settings of feedback"))
thing("feedback.gripe", _("A suggestion on the process"))
thing("feedback.gripeday", _("Gripe day"))
thing("feedback.gripesettings", _("Settings of gripe day"))
thing("feedback.retro", _("A micro-retro"))
thing("feedback.retroweek", _("The micro-retro of a week"))

REMINDED = verb("feedback.reminded", _("looked for actions that are due and requests that wait"))
MANAGERS_NUDGED = verb("feedback.managers_nudged", _("told managers who has not heard from them"))

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
WORDS_CORRECTED = notice_kind(
    "feedback.words_corrected",
    _("%(name)s corrected what you had taken up. What it said before stands below it."),
    outside=_("A feedback that you had taken up was corrected"),
)
FEEDBACK_MOVED = notice_kind(
    "feedback.moved",
    _("%(name)s took up what you wrote"),
    outside=_("Somebody took up what you wrote"),
)
FOLLOW_UP_ASKED = notice_kind(
    "feedback.follow_up_asked",
    _("%(name)s would like to know how it is going with %(tag)s. A line is enough."),
    outside=_("A colleague would like to know how something is going"),
    asks=True,
)
REQUEST_RECEIVED = notice_kind(
    "feedback.request_received",
    _("%(name)s asks what you saw: %(event)s"),
    outside=_("A colleague asks for your feedback"),
    asks=True,
)
REQUEST_SETTLED = notice_kind(
    "feedback.request_settled",
    _("%(name)s would rather not answer this time: %(event)s"),
    outside=_("There is news about a feedback you asked for"),
)
REQUEST_REMINDER = notice_kind(
    "feedback.request_reminder",
    _("%(name)s still hopes for a line from you: %(event)s"),
    outside=_("A colleague still hopes for your feedback"),
    why=_("It was asked three work days ago. This comes once; to say that you would rather not is an answer too."),
    reminder=True,
    on_record=False,
)
ACTION_DUE = notice_kind(
    "feedback.action_due",
    _("What you have taken on is due on %(day)s: %(text)s"),
    outside=_("Something you have taken on is due soon"),
    why=_("You set that day yourself. Done, not yet or no longer needed: each is an answer."),
    reminder=True,
)
ACTION_LATE = notice_kind(
    "feedback.action_late",
    _("The day for what you have taken on was %(day)s: %(text)s"),
    outside=_("The day for something you have taken on has passed"),
    why=_("This comes once for each day you set. You can choose another day, or say that it is no longer needed."),
    reminder=True,
)
LONG_UNHEARD = notice_kind(
    "feedback.long_unheard",
    _("Colleagues in your team who have not heard from you for two weeks: %(number)s. A line is enough."),
    outside=_("A look at your team: who would be glad of a line from you"),
    why=_("It comes once a week at most, to you alone. Nobody counts it, and nobody else sees it."),
    reminder=True,
    on_record=False,
)

RETRO_OPENED = verb("feedback.retro_opened", _("opened the micro-retro of a week"))
RETRO_CLOSED = verb("feedback.retro_closed", _("closed the micro-retro of a week"))
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
    on_record=False,
)

GRIPE_POSTED = verb("feedback.gripe_posted", _("made a suggestion on the process"))
GRIPE_WITHDRAWN = verb("feedback.gripe_withdrawn", _("took a suggestion on the process back"))
GRIPES_LISTED = verb("feedback.gripes_listed", _("put the unnamed suggestions of a gripe day on the list"))
GRIPE_ADOPTED = verb("feedback.gripe_adopted", _("adopted a suggestion on the process"))
GRIPE_DECLINED = verb("feedback.gripe_declined", _("declined a suggestion on the process"))
GRIPE_REOPENED = verb("feedback.gripe_reopened", _("opened a suggestion on the process again"))
GRIPES_JOINED = verb("feedback.gripes_joined", _("joined two suggestions on the process"))
GRIPE_SETTINGS_CHANGED = verb("feedback.gripe_settings_changed", _("changed the settings of gripe day"))
GRIPE_DAY_MOVED = verb("feedback.gripe_day_moved", _("set the days of a gripe day"))

GRIPES_AHEAD = notice_kind(
    "feedback.gripes_ahead",
    _("Gripe day is coming: %(first)s to %(last)s. What in our process should change?"),
    outside=_("Gripe day is coming"),
)
GRIPES_OPEN = notice_kind(
    "feedback.gripes_open",
    _("Gripe day is open until %(last)s: say what should change in our process, with or without your name, and vote"),
    outside=_("Gripe day is open"),
)
GRIPES_TO_VOTE_ON = notice_kind(
    "feedback.gripes_to_vote_on",
    _("What was said without a name is on the list of gripe day now: you can vote until %(last)s"),
    outside=_("Suggestions of gripe day to vote on"),
)
GRIPES_LEFT_OPEN = notice_kind(
    "feedback.gripes_left_open",
    _("Gripe day is over. Suggestions without an answer: %(number)s"),
    outside=_("Suggestions of gripe day have no answer yet"),
)
GRIPE_THANKED = notice_kind(
    "feedback.gripe_thanked",
    _("Your suggestion “%(title)s” is taken up. %(name)s looks after it. Thank you."),
    outside=_("A suggestion of yours is taken up"),
)
GRIPE_ANSWERED = notice_kind(
    "feedback.gripe_answered",
    _("Your suggestion “%(title)s” has an answer. Thank you for saying it."),
    outside=_("A suggestion of yours has an answer"),
)
GRIPE_TO_CARRY_OUT = notice_kind(
    "feedback.gripe_to_carry_out",
    _("You look after a suggestion that was taken up: “%(title)s”"),
    outside=_("You look after a suggestion that was taken up"),
)

"""What is recorded about goals."""

from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import thing, verb
from perfsys.notices.kinds import notice_kind

GOAL_DRAFTED = verb("goals.drafted", _("wrote a draft"))
GOAL_EDITED = verb("goals.edited", _("changed the goal"))
GOAL_DROPPED = verb("goals.dropped", _("deleted a draft"))
SET_PROPOSED = verb("goals.set_proposed", _("proposed the goals"))
GOAL_PROPOSED = verb("goals.proposed", _("proposed the goal"))
SET_PUBLISHED = verb("goals.set_published", _("published the goals"))
GOAL_PUBLISHED = verb("goals.published", _("published the goal"))
SET_ACKNOWLEDGED = verb("goals.set_acknowledged", _("agreed to the goals"))
SET_REFUSED = verb("goals.set_refused", _("did not agree to the goals"))
GOAL_CLOSED = verb("goals.closed", _("closed the goal"))
CLOSING_PROPOSED = verb("goals.closing_proposed", _("said how the goal ended"))
CLOSING_SENT_BACK = verb("goals.closing_sent_back", _("sent the end of the goal back"))
GOAL_REOPENED = verb("goals.reopened", _("opened the goal again"))
CHECKED_IN = verb("goals.checked_in", _("checked in"))
TICK_TAKEN_BACK = verb("goals.tick_taken_back", _("took back a tick"))
METRIC_BOUND = verb("goals.metric_bound", _("had the figure come from a metric"))
METRIC_UNBOUND = verb("goals.metric_unbound", _("no longer has the figure come from a metric"))
CHECK_IN_SEEN = verb("goals.check_in_seen", _("has seen the check-in"))
EVIDENCE_ADDED = verb("goals.evidence_added", _("added evidence"))
EVIDENCE_GONE = verb("goals.evidence_gone", _("evidence no longer stands in the system it came from"))
EVIDENCE_LOOKED_FOR = verb("goals.evidence_looked_for", _("attached records of connected systems to goals"))
PROPOSAL_SENT = verb("goals.proposal_sent", _("sent a proposal"))
PROPOSAL_PROVED = verb("goals.proposal_proved", _("proved a step of a proposal"))
PROPOSAL_WITHDRAWN = verb("goals.proposal_withdrawn", _("withdrew a proposal"))
COMMENTED = verb("goals.commented", _("commented"))
MILESTONE_TICKED = verb("goals.milestone_ticked", _("ticked a milestone"))
OBSTACLE_CHANGED = verb("goals.obstacle_changed", _("worked on an obstacle"))
BLOCKER_POSTED = verb("goals.blocker_posted", _("posted a blocker to another team"))
BLOCKER_REPLIED = verb("goals.blocker_replied", _("replied to a blocker"))
BLOCKER_SOLVED = verb("goals.blocker_solved", _("said that a blocker is solved"))
BLOCKER_REOPENED = verb("goals.blocker_reopened", _("said that a blocker is not solved after all"))
BLOCKERS_WATCHED = verb("goals.blockers_watched", _("looked for blockers that wait for an answer"))
INCENTIVE_PROMISED = verb("goals.incentive_promised", _("made a promise on the goal"))
INCENTIVE_ENDED = verb("goals.incentive_ended", _("ended a promise on the goal"))
PLACE_GIVEN = verb("goals.place_given", _("gave a place in a promise"))
PLACE_TAKEN_BACK = verb("goals.place_taken_back", _("freed a place in a promise, as the goal is open again"))
RESOURCES_CHANGED = verb("goals.resources_changed", _("changed the resources"))
ALERT_CONFIRMED = verb("goals.alert_confirmed", _("said it is a normal, deliberate change"))
ALERT_REOPENED = verb("goals.alert_reopened", _("took back that it is a deliberate change"))
HEALTH_CHECKED = verb("goals.health_checked", _("looked for goals worth a look"))
ALIGNMENT_CHANGED = verb("goals.alignment_changed", _("changed what the goal supports"))
ALIGNMENT_CONFIRMED = verb("goals.alignment_confirmed", _("confirmed what the goal supports"))
ALIGNMENT_UNCONFIRMED = verb("goals.alignment_unconfirmed", _("took back the confirmation of what the goal supports"))
SUGGESTION_ADOPTED = verb("goals.suggestion_adopted", _("took up a suggestion"))
SUGGESTION_CHANGED = verb("goals.suggestion_changed", _("changed the suggestion library"))
GOALS_IMPORTED = verb("goals.imported", _("imported goals"))
GOALS_TAKEN_BACK = verb("goals.taken_back", _("took an import of goals back"))
GOALS_CARRIED = verb("goals.carried", _("carried goals over into another period"))
GOAL_CASCADED = verb("goals.cascaded", _("handed the goal down to many people"))
GOALS_EXPORTED = verb("goals.exported", _("took goals out as a file"))
CHECK_INS_TAKEN_BACK = verb("goals.check_ins_taken_back", _("took an import of check-ins back"))
CHECK_INS_IMPORTED = verb("goals.check_ins_imported", _("imported check-ins"))
PERIOD_OPENED = verb("goals.period_opened", _("opened a period"))
PERIOD_CLOSED = verb("goals.period_closed", _("closed a period"))
PERIOD_REOPENED = verb("goals.period_reopened", _("opened a period again"))
SETTINGS_CHANGED = verb("goals.settings_changed", _("changed the goal settings"))
CAUSE_CHANGED = verb("goals.cause_changed", _("changed the list of obstacles"))
TEMPLATE_WRITTEN = verb("goals.template_written", _("wrote a template"))
TEMPLATE_COPIED = verb("goals.template_copied", _("copied a template"))
TEMPLATE_DROPPED = verb("goals.template_dropped", _("deleted a template"))
TEMPLATE_USED = verb("goals.template_used", _("started goals from a template"))
GOAL_ADJUSTED = verb("goals.adjusted", _("agreed to a change of the goal"))
ADJUSTMENT_DRAFTED = verb("goals.adjustment_drafted", _("wrote down what to change"))
ADJUSTMENT_WAITS = verb("goals.adjustment_waits", _("asked for a change, which waits for the window"))
ADJUSTMENT_SENT = verb("goals.adjustment_sent", _("asked for a change of goals"))
ADJUSTMENT_CAME_BACK = verb("goals.adjustment_came_back", _("a request could not go out and came back"))
ADJUSTMENT_STEP = verb("goals.adjustment_step", _("agreed to a request, as one of those asked"))
ADJUSTMENT_APPROVED = verb("goals.adjustment_approved", _("agreed to a request, which holds from then on"))
ADJUSTMENT_REFUSED = verb("goals.adjustment_refused", _("did not agree to a request"))
ADJUSTMENT_WITHDRAWN = verb("goals.adjustment_withdrawn", _("took a request back"))
ADJUSTMENT_HANDED_ON = verb("goals.adjustment_handed_on", _("a request goes to whoever has the role today"))
ADJUSTMENT_ENDED = verb("goals.adjustment_ended", _("a request ended, because its goal was closed"))
ADJUSTMENT_SHORTENED = verb("goals.adjustment_shortened", _("a request lost a goal, because it was closed"))
WORKSHOP_OPENED = verb("goals.workshop_opened", _("opened a decoding workshop"))
WORKSHOP_PUBLISHED = verb("goals.workshop_published", _("turned a decoding workshop into goals"))
WORKSHOP_REOPENED = verb("goals.workshop_reopened", _("opened a decoding workshop again"))
RESULT_PROPOSED = verb("goals.result_proposed", _("proposed a key result of a department"))
PROPOSAL_EDITED = verb("goals.proposal_edited", _("changed a proposed key result"))
PROPOSAL_DROPPED = verb("goals.proposal_dropped", _("took out a proposed key result"))
POSITION_ACTION_CHANGED = verb("goals.position_action_changed", _("changed what somebody does for a key result"))
OVERLAP_SETTLED = verb("goals.overlap_settled", _("said how two departments split an overlap"))
OVERLAPS_FOUND = verb("goals.overlaps_found", _("looked for proposals that read alike"))
ADJUSTMENT_SETTINGS_CHANGED = verb(
    "goals.adjustment_settings_changed", _("changed who is asked about changes of goals")
)

SET_TO_ANSWER = notice_kind(
    "goals.set_to_answer",
    _("%(name)s published your goals for %(period)s. Have a look and say whether you agree."),
    outside=_("Your goals wait for your answer"),
    asks=True,
)
DRAFTS_TO_COMPLETE = notice_kind(
    "goals.drafts_to_complete",
    _("%(name)s laid out drafts of your goals for %(period)s. Change what you like, then publish them together."),
    outside=_("Drafts of your goals are ready"),
)
SET_TO_PUBLISH = notice_kind(
    "goals.set_to_publish",
    _("%(name)s proposes the goals for %(period)s. Have a look, and publish them if they fit."),
    outside=_("Goals wait to be published by you"),
    asks=True,
)
CLOSING_TO_SETTLE = notice_kind(
    "goals.closing_to_settle",
    _("%(name)s says how “%(goal)s” ended. Have a look, and close it if you see it the same way."),
    outside=_("The end of a goal waits for your answer"),
    asks=True,
)
CLOSING_SETTLED = notice_kind(
    "goals.closing_settled", _("%(name)s closed “%(goal)s”."), outside=_("One of your goals was closed")
)
CLOSING_NOT_YET = notice_kind(
    "goals.closing_not_yet",
    _("%(name)s does not see “%(goal)s” at its end yet: “%(why)s”"),
    outside=_("One of your goals stays open for now"),
)
REOPENED = notice_kind(
    "goals.opened_again",
    _("%(name)s opened “%(goal)s” again: “%(why)s”"),
    outside=_("One of your goals is open again"),
)
SET_NOT_AGREED = notice_kind(
    "goals.set_not_agreed",
    _("%(name)s does not agree to the goals for %(period)s yet: “%(reason)s” A talk helps most."),
    outside=_("Somebody does not agree to the goals yet"),
    asks=True,
)

ADJUSTMENT_TO_ANSWER = notice_kind(
    "goals.adjustment_to_answer",
    _("%(name)s asks to change goals of %(period)s: “%(reason)s”"),
    outside=_("A request about goals waits for your answer"),
    asks=True,
)
ADJUSTMENT_AGREED = notice_kind(
    "goals.adjustment_agreed",
    _("%(by)s agreed: the goals of %(period)s are as asked from now on. %(note)s"),
    outside=_("A request about goals was answered"),
)
ADJUSTMENT_NOT_AGREED = notice_kind(
    "goals.adjustment_not_agreed",
    _("%(by)s did not agree to change the goals of %(period)s: %(note)s"),
    outside=_("A request about goals was answered"),
)
ADJUSTMENT_WENT_OUT = notice_kind(
    "goals.adjustment_went_out",
    _("The window is open: your request about goals of %(period)s has gone out."),
    outside=_("A request about goals has gone out"),
    by_mail=False,
)
ADJUSTMENT_NOT_SENT = notice_kind(
    "goals.adjustment_not_sent",
    _("Your request about goals of %(period)s could not go out and is a draft again: %(why)s"),
    outside=_("A request about goals came back to you"),
)
ADJUSTMENT_OVER = notice_kind(
    "goals.adjustment_over",
    _("“%(goal)s” was closed, so the request of %(name)s about it is over. There is nothing left to answer."),
    outside=_("A request about goals is over"),
)
ADJUSTMENT_WITHOUT = notice_kind(
    "goals.adjustment_without",
    _("“%(goal)s” was closed and is no part of the request of %(name)s any more. The rest of it stands."),
    outside=_("A request about goals has become shorter"),
)
ADJUSTMENT_PERIOD_CLOSED = notice_kind(
    "goals.adjustment_period_closed",
    _("%(period)s was closed, so the request of %(name)s about goals in it is over. There is nothing left to answer."),
    outside=_("A request about goals is over"),
)
NOBODY_TO_ASK = _(
    "There is nobody to ask: no manager, no HR partner, no administrator. Have an HR partner named for the unit first."
)
OBSTACLE_GIVEN = notice_kind(
    "goals.obstacle_given",
    _("%(name)s asks you to help with what stands in the way of “%(goal)s”: %(cause)s"),
    outside=_("Something that stands in the way of a goal was given to you"),
    asks=True,
)
OBSTACLE_CLEARED = notice_kind(
    "goals.obstacle_cleared",
    _("%(name)s cleared “%(cause)s” for “%(goal)s”: %(words)s"),
    outside=_("Something that stood in the way of one of your goals is cleared"),
)
TEAM_ASKED = notice_kind(
    "goals.team_asked",
    _("%(name)s is blocked and asks %(team)s: “%(text)s”"),
    outside=_("Another team is blocked and asks yours"),
    asks=True,
)
TEAM_ANSWERED = notice_kind(
    "goals.team_answered",
    _("%(name)s answered what you asked %(team)s: “%(text)s”"),
    outside=_("Your question to another team has an answer"),
)
BLOCKER_SAID_MORE = notice_kind(
    "goals.blocker_said_more",
    _("%(name)s added to what was asked of %(team)s: “%(text)s”"),
    outside=_("Somebody added to a question that you answered"),
)
BLOCKER_OVER = notice_kind(
    "goals.blocker_over",
    _("%(name)s says it is solved: “%(text)s” Thank you for the answer."),
    outside=_("Something that you answered is solved"),
)
BLOCKER_WAITS = notice_kind(
    "goals.blocker_waits",
    _("%(name)s has had no answer from %(team)s for %(days)d work days: “%(text)s”"),
    outside=_("A question to your team still waits"),
    why=_("You see this once, because a blocker on the cross-team board has no answer yet."),
    reminder=True,
)
WORKSHOP_IS_OPEN = notice_kind(
    "goals.workshop_is_open",
    _("The decoding workshop for %(period)s is open. Say what your department will carry of the company's goals."),
    outside=_("The decoding workshop is open"),
)
WORKSHOP_OPEN_AGAIN = notice_kind(
    "goals.workshop_open_again",
    _("The decoding workshop for %(period)s is open again: “%(reason)s”"),
    outside=_("The decoding workshop is open again"),
)
WORKSHOP_DRAFTS = notice_kind(
    "goals.workshop_drafts",
    _("The decoding workshop for %(period)s became goals: %(drafts)d drafts are yours. Complete them, then publish."),
    outside=_("Drafts of goals came out of the decoding workshop"),
)
PLACE_TAKEN = notice_kind(
    "goals.place_taken",
    _("“%(goal)s” is finished: you have place %(number)d in “%(promise)s”"),
    outside=_("One of your goals is finished, and a promise comes true"),
)
PLACE_FREE_AGAIN = notice_kind(
    "goals.place_free_again",
    _("“%(goal)s” is open again, so place %(number)d in “%(promise)s” is free until somebody has finished"),
    outside=_("One of your goals is open again, and its place in a promise is free"),
)

FIGURE_CHECKED = notice_kind(
    "goals.figure_checked",
    _(
        "The data of “%(goal)s” is being checked. Until that is done nobody is scored or reminded by it, and earlier "
        "reminders about its progress no longer count. With proof you may fill the figure in meanwhile"
    ),
    outside=_("The data of one of your goals is being checked"),
    why=_("You see this because the figure of your goal comes from this data, and two sources of it do not agree."),
)
FIGURE_FREE = notice_kind(
    "goals.figure_free",
    _("The data of “%(goal)s” has been checked. The figure is %(figure)s now"),
    outside=_("The data of one of your goals has been checked"),
)

# `whose` is empty for the owner, "Ada · " for everybody else; `since` the last sign of life, else the publication.
GOAL_STALE = notice_kind(
    "goals.stale",
    _("%(whose)s“%(goal)s” has shown no sign of progress since %(since)s"),
    outside=_("One of the goals has not moved for a while"),
    why=_("You see this because nothing was added for %(days)d days: no check-in, no milestone, no evidence."),
    reminder=True,
    on_confirm="goals.actions.alerts.confirm_from_inbox",
    on_undo="goals.actions.alerts.reopen_from_inbox",
)
GOAL_WEAK = notice_kind(
    "goals.weak",
    _("%(whose)s“%(goal)s” matches the goal above by %(match)d of 100"),
    outside=_("One of the goals may not reach the one above"),
    why=_("You see this because a match below 70 mostly means: doing it does not move the goal above."),
    reminder=True,
    on_confirm="goals.actions.alerts.confirm_from_inbox",
    on_undo="goals.actions.alerts.reopen_from_inbox",
)
GOAL_DEVIATING = notice_kind(
    "goals.deviating",
    _("%(whose)s“%(goal)s” has been off its track for two weeks"),
    outside=_("One of the goals has left its track"),
    why=_("You see this because it was more than 25 points behind its plan at two weekly readings in a row."),
    reminder=True,
    on_confirm="goals.actions.alerts.confirm_from_inbox",
    on_undo="goals.actions.alerts.reopen_from_inbox",
)
# In place of one notice a goal where they would be many: the page it leads to has them all.
GOALS_FOUND = notice_kind(
    "goals.found",
    _("Several goals are worth a look since today. They stand on one page."),
    outside=_("Several goals are worth a look"),
    why=_("You see this once instead of a line for each goal."),
    reminder=True,
)


def number_of(label: str) -> str:
    """Of a goal, without its title: a draft or a private one has a title as well."""
    number = label.partition(" ")[0]
    return str(_("A goal")) if number.startswith("auto-") else number


# What the record calls a thing that has no name of its own, or whose text is not for every reader of the record.
thing("goals.adjustmentrequest", _("A request to change a goal"))
thing("goals.adjustmentsettings", _("Settings of requests to change goals"))
thing("goals.alignment", _("What a goal supports"))
thing("goals.blocker", _("A blocker"))
thing("goals.blockerreply", _("An answer to a blocker"))
thing("goals.goal", number_of)
thing("goals.carryover", _("Goals carried over"))
thing("goals.cascade", _("Goals for several people"))
thing("goals.checkin", _("A check-in"))
thing("goals.closing", _("How a goal was closed"))
thing("goals.comment", _("A comment"))
thing("goals.goalalert", _("An alert"))
thing("goals.goalset", _("A set of goals"))
thing("goals.goalsettings", _("Goal settings"))
thing("goals.incentiveplace", _("A place in an incentive"))
thing("goals.metricbinding", _("A metric on a goal"))
thing("goals.obstacle", _("An obstacle"))
thing("goals.overlap", _("Two proposals that read alike"))
thing("goals.positionaction", _("An action for a proposal"))
thing("goals.proposal", _("A proposal of a workshop"))
thing("goals.resourceline", _("What a goal uses"))
thing("goals.stepproof", _("A step of a proposal"))
thing("goals.workshop", _("A decoding workshop"))

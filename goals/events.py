"""What is recorded about goals."""

from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import verb
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
CHECK_IN_SEEN = verb("goals.check_in_seen", _("has seen the check-in"))
EVIDENCE_ADDED = verb("goals.evidence_added", _("added evidence"))
EVIDENCE_GONE = verb("goals.evidence_gone", _("evidence no longer stands in the system it came from"))
EVIDENCE_LOOKED_FOR = verb("goals.evidence_looked_for", _("attached records of connected systems to goals"))
COMMENTED = verb("goals.commented", _("commented"))
MILESTONE_TICKED = verb("goals.milestone_ticked", _("ticked a milestone"))
OBSTACLE_CHANGED = verb("goals.obstacle_changed", _("worked on an obstacle"))
RESOURCES_CHANGED = verb("goals.resources_changed", _("changed the resources"))
ALERT_CONFIRMED = verb("goals.alert_confirmed", _("said it is a normal, deliberate change"))
ALERT_REOPENED = verb("goals.alert_reopened", _("took back that it is a deliberate change"))
HEALTH_CHECKED = verb("goals.health_checked", _("looked for goals without a sign of progress"))
GOALS_IMPORTED = verb("goals.imported", _("imported goals"))
CHECK_INS_IMPORTED = verb("goals.check_ins_imported", _("imported check-ins"))
PERIOD_OPENED = verb("goals.period_opened", _("opened a period"))
SETTINGS_CHANGED = verb("goals.settings_changed", _("changed the goal settings"))
CAUSE_CHANGED = verb("goals.cause_changed", _("changed the list of obstacles"))
TEMPLATE_WRITTEN = verb("goals.template_written", _("wrote a template"))
TEMPLATE_COPIED = verb("goals.template_copied", _("copied a template"))
TEMPLATE_DROPPED = verb("goals.template_dropped", _("deleted a template"))
TEMPLATE_USED = verb("goals.template_used", _("started goals from a template"))

SET_TO_ANSWER = notice_kind(
    "goals.set_to_answer",
    _("%(name)s published your goals for %(period)s. Have a look and say whether you agree."),
    outside=_("Your goals wait for your answer"),
    asks=True,
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

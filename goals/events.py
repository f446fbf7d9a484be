"""What is recorded about goals."""

from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import verb
from perfsys.notices.kinds import notice_kind

GOAL_DRAFTED = verb("goals.drafted", _("wrote a draft"))
GOAL_EDITED = verb("goals.edited", _("changed the goal"))
GOAL_DROPPED = verb("goals.dropped", _("deleted a draft"))
SET_PUBLISHED = verb("goals.set_published", _("published the goals"))
GOAL_PUBLISHED = verb("goals.published", _("published the goal"))
SET_ACKNOWLEDGED = verb("goals.set_acknowledged", _("agreed to the goals"))
SET_REFUSED = verb("goals.set_refused", _("did not agree to the goals"))
GOAL_CLOSED = verb("goals.closed", _("closed the goal"))
CHECKED_IN = verb("goals.checked_in", _("checked in"))
EVIDENCE_ADDED = verb("goals.evidence_added", _("added evidence"))
EVIDENCE_GONE = verb("goals.evidence_gone", _("evidence no longer stands in the system it came from"))
EVIDENCE_LOOKED_FOR = verb("goals.evidence_looked_for", _("attached records of connected systems to goals"))
COMMENTED = verb("goals.commented", _("commented"))
MILESTONE_TICKED = verb("goals.milestone_ticked", _("ticked a milestone"))
OBSTACLE_CHANGED = verb("goals.obstacle_changed", _("worked on an obstacle"))
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

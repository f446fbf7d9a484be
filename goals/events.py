"""What is recorded about goals."""

from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import verb

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

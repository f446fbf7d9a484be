"""What is recorded and told about connections. No value of another system stands in either: it is read where it
stands."""

from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import thing, verb
from perfsys.notices.kinds import notice_kind

from .models import GapKind

CONNECTION_MADE = verb("integrations.connection_made", _("set up a connection"))
CONNECTION_CHANGED = verb("integrations.connection_changed", _("changed a connection"))
SECRET_SET = verb("integrations.secret_set", _("typed in what a connection signs in with"))
PREVIOUS_SECRET_ENDED = verb("integrations.previous_secret_ended", _("ended the signing secret that had been replaced"))
DRAFT_DELETED = verb("integrations.draft_deleted", _("deleted a connection that was never switched on"))
CONNECTION_TESTED = verb("integrations.connection_tested", _("tested a connection"))
SWITCHED_ON = verb("integrations.switched_on", _("switched a connection on"))
PAUSED = verb("integrations.paused", _("paused a connection"))
STOPPED = verb("integrations.stopped", _("stopped a connection that a person must mend"))
FILES_HANDED_IN = verb("integrations.files_handed_in", _("handed in files"))
SYNC_ASKED = verb("integrations.sync_asked", _("had a connection read"))
READ_FROM_THE_BEGINNING = verb("integrations.read_from_the_beginning", _("had it read from the beginning"))
SYNCED = verb("integrations.synced", _("took in rows of another system"))
SYNC_FAILED = verb("integrations.sync_failed", _("gave up reading a connection"))
ROWS_REPLAYED = verb("integrations.rows_replayed", _("took in rows that had been set aside"))
ROWS_DROPPED = verb("integrations.rows_dropped", _("dropped rows that had been set aside"))
GAP_OPENED = verb("integrations.gap_opened", _("found something missing"))
GAP_FILLED = verb("integrations.gap_filled", _("saw that what was missing has come"))
GAP_CLOSED = verb("integrations.gap_closed", _("closed a gap with a reason"))
SUBJECT_LINKED = verb("integrations.subject_linked", _("said who somebody of another system is here"))
LINK_TAKEN_BACK = verb("integrations.link_taken_back", _("took back who somebody of another system is here"))
RAW_PUT_AWAY = verb("integrations.raw_put_away", _("put away what a system said long ago"))
RAW_BROUGHT_BACK = verb("integrations.raw_brought_back", _("brought back what a system said long ago"))
METRIC_MADE = verb("integrations.metric_made", _("set up a metric"))
METRIC_CHANGED = verb("integrations.metric_changed", _("changed a metric"))
METRIC_DRAFTED = verb("integrations.metric_drafted", _("began a new version of a metric"))
METRIC_DROPPED = verb("integrations.metric_dropped", _("dropped the draft of a metric"))
METRIC_SIGNED = verb("integrations.metric_signed", _("signed off a metric"))
METRIC_RECOMPUTED = verb("integrations.metric_recomputed", _("had a metric computed anew"))
METRIC_ANNOUNCED = verb("integrations.metric_announced", _("announced a version of a metric"))

OUTSIDE = _("Data of another system did not come as expected")
WHY = _("You see this because the connection is yours.")

# One kind of notice for each kind of gap. It is told once, when the gap opens, and is over when what was missing comes.
GAP_TOLD = {
    GapKind.MISSING: notice_kind(
        "integrations.missing", _("“%(name)s”: nothing came for %(on)s"), outside=OUTSIDE, why=WHY, by_text=True
    ),
    GapKind.TRUNCATED: notice_kind(
        "integrations.truncated",
        _("“%(name)s”: the file of %(on)s is not whole and was not loaded"),
        outside=OUTSIDE,
        why=WHY,
        by_text=True,
    ),
    GapKind.SMALL: notice_kind(
        "integrations.small",
        _("“%(name)s”: unusually few rows came for %(on)s (%(rows)s)"),
        outside=OUTSIDE,
        why=WHY,
        by_text=True,
    ),
    GapKind.COUNT: notice_kind(
        "integrations.count",
        _("“%(name)s” counts more rows than came (%(short)s)"),
        outside=OUTSIDE,
        why=WHY,
        by_text=True,
    ),
    GapKind.UNREACHABLE: notice_kind(
        "integrations.unreachable",
        _("“%(name)s” does not answer. It is tried again by itself."),
        outside=OUTSIDE,
        why=WHY,
        by_text=True,
    ),
    GapKind.OVERDUE: notice_kind(
        "integrations.overdue", _("“%(name)s” was due to be read, and was not"), outside=OUTSIDE, why=WHY, by_text=True
    ),
    GapKind.SCHEMA: notice_kind(
        "integrations.schema",
        _("The fields of “%(name)s” have changed: %(fields)s"),
        outside=OUTSIDE,
        why=WHY,
        by_text=True,
    ),
}
DAYS_MISSING = notice_kind(
    "integrations.days_missing",
    _("“%(name)s”: nothing came for %(count)s days between %(on)s and %(until)s"),
    outside=OUTSIDE,
    why=WHY,
    by_text=True,
)
ROWS_SET_ASIDE = notice_kind(
    "integrations.rows_set_aside",
    _("“%(name)s”: %(count)s rows do not fit and are set aside until you look at them"),
    outside=OUTSIDE,
    why=WHY,
)
CONNECTION_STOPPED = notice_kind(
    "integrations.connection_stopped",
    _("“%(name)s” has stopped. It goes on once you have seen to it."),
    outside=_("A connection to another system needs you"),
    why=WHY,
    asks=True,
    by_text=True,
)
# Of metrics: whoever is bound to one is told before it changes.
METRIC_COMES = notice_kind(
    "integrations.metric_comes",
    _("“%(name)s” is counted in a new way from %(on)s on. Read what changes."),
    outside=_("A figure is counted in a new way soon"),
    why=_("You see this because you answer for this figure, or a goal of yours is measured by it."),
)
METRIC_WAITS = notice_kind(
    "integrations.metric_waits",
    _("“%(name)s” waits for you to sign it off"),
    outside=_("A metric waits for your signature"),
    why=_("You see this because you have the last word on what this figure means."),
    asks=True,
)
METRIC_YOURS = notice_kind(
    "integrations.metric_yours",
    _("“%(name)s” is yours now: you answer for it, or have the last word on what it means"),
    outside=_("A metric is yours now"),
    why=_("You see this because somebody handed it to you."),
)
METRIC_READY = notice_kind(
    "integrations.metric_ready",
    _("All three sides have signed “%(name)s”. Choose the day it counts from and announce it"),
    outside=_("A metric of yours can be announced"),
    why=_("You answer for it."),
    asks=True,
)

# --- reconciliation and disputes ---
PAIR_MADE = verb("integrations.pair_made", _("had two metrics compared"))
PAIR_CHANGED = verb("integrations.pair_changed", _("changed how two metrics are compared"))
COMPARING_ASKED = verb("integrations.comparing_asked", _("had two metrics compared once more"))
COMPARED = verb("integrations.compared", _("compared two metrics"))
HELD = verb("integrations.held", _("held figures until somebody has looked"))
RELEASED = verb("integrations.released", _("said that held figures may be used again"))
DISPUTE_OPENED = verb("integrations.dispute_opened", _("contested a figure"))
DISPUTE_TAKEN_UP = verb("integrations.dispute_taken_up", _("took up a contested figure"))
DISPUTE_ASKED = verb("integrations.dispute_asked", _("asked about a contested figure"))
DISPUTE_ANSWERED = verb("integrations.dispute_answered", _("answered about a contested figure"))
DISPUTE_ESCALATED = verb("integrations.dispute_escalated", _("handed a contested figure to the HR partner"))
DISPUTE_DECIDED = verb("integrations.dispute_decided", _("decided about a contested figure"))
DISPUTE_SETTINGS_CHANGED = verb("integrations.dispute_settings_changed", _("changed the settings of disputes"))

FIGURES_HELD = notice_kind(
    "integrations.figures_held",
    _("“%(name)s”: %(count)s figures are further apart than agreed, or missing. Scoring by them waits for your look"),
    outside=_("Figures of your metric do not agree and are held"),
    why=_("You answer for one of the metrics."),
    asks=True,
)
FIGURES_SECOND = notice_kind(
    "integrations.figures_second",
    _("“%(name)s”: %(by)s has looked at held figures and found “%(reason)s”. They wait for a second person"),
    outside=_("Held figures wait for a second person"),
    why=_("You answer for one of the metrics, or are an administrator."),
    asks=True,
)
_OUTSIDE_DISPUTE = _("There is something new about a contested figure")
DISPUTE_FOR_YOU = notice_kind(
    "integrations.dispute_for_you",
    _("A figure of “%(name)s” is contested. It is yours to decide by %(on)s"),
    outside=_OUTSIDE_DISPUTE,
    why=_("You answer for the metric, or are the HR partner."),
    asks=True,
)
DISPUTE_MOVED = notice_kind(
    "integrations.dispute_moved",
    _("The contested figure of “%(name)s” is being looked at"),
    outside=_OUTSIDE_DISPUTE,
    why=_("You contested it, or decide about it."),
)
DISPUTE_QUESTION = notice_kind(
    "integrations.dispute_question",
    _("There is a question about the figure of “%(name)s” that you contested"),
    outside=_OUTSIDE_DISPUTE,
    why=_("You contested it."),
    asks=True,
)
DISPUTE_ANSWER = notice_kind(
    "integrations.dispute_answer",
    _("There is an answer about the contested figure of “%(name)s”"),
    outside=_OUTSIDE_DISPUTE,
    why=_("You decide about it."),
    asks=True,
)
DISPUTE_CORRECTED = notice_kind(
    "integrations.dispute_corrected",
    _("The contested figure of “%(name)s” was corrected"),
    outside=_OUTSIDE_DISPUTE,
    why=_("You contested it, or decided about it."),
)
DISPUTE_UPHELD = notice_kind(
    "integrations.dispute_upheld",
    _("The contested figure of “%(name)s” stands. The reason is written beside it"),
    outside=_OUTSIDE_DISPUTE,
    why=_("You contested it, or decided about it."),
)
DISPUTE_DUE = notice_kind(
    "integrations.dispute_due",
    _("The contested figure of “%(name)s” was to be decided by %(on)s"),
    outside=_OUTSIDE_DISPUTE,
    why=_("You answer for it, or are the HR partner of the person who contested it."),
    asks=True,
)

RULE_MADE = verb("integrations.rule_made", _("set up a rule over records"))
RULE_CHANGED = verb("integrations.rule_changed", _("changed a rule over records"))
RULE_SWITCHED = verb("integrations.rule_switched", _("switched a rule over records on or off"))
RULES_LOOKED = verb("integrations.rules_looked", _("looked for records at rest"))
FOUND_CONFIRMED = verb("integrations.found_confirmed", _("said that a record at rest is normal and deliberate"))
FOUND_REOPENED = verb("integrations.found_reopened", _("took back that a record at rest is deliberate"))
RECORD_AT_REST = notice_kind(
    "integrations.record_at_rest",
    _("%(whose)s“%(record)s”: %(rule)s"),
    outside=_("A record has not moved for a while"),
    why=_("You see this because a rule of the company looks for records that nobody has touched for %(days)d days."),
    reminder=True,
    on_confirm="integrations.actions.behaviour.confirm_from_inbox",
    on_undo="integrations.actions.behaviour.reopen_from_inbox",
)
# In place of one notice a record where they would be many: the page it leads to has them all.
RECORDS_AT_REST = notice_kind(
    "integrations.records_at_rest",
    _("Several records have not moved for a while. They stand on one page."),
    outside=_("Several records have not moved for a while"),
    why=_("You see this once instead of a line for each record."),
    reminder=True,
)

ENDPOINT_MADE = verb("integrations.endpoint_made", _("set up an endpoint of another system"))
ENDPOINT_CHANGED = verb("integrations.endpoint_changed", _("changed an endpoint of another system"))
ENDPOINT_SWITCHED = verb("integrations.endpoint_switched", _("switched an endpoint of another system on or off"))
ENDPOINT_SECRET = verb("integrations.endpoint_secret", _("changed the secret an endpoint is told with"))
ENDPOINT_TRIED = verb("integrations.endpoint_tried", _("sent a test to an endpoint"))
ENDPOINT_STOPPED = verb("integrations.endpoint_stopped", _("stopped an endpoint that did not answer for three days"))
MESSAGES_REPLAYED = verb("integrations.messages_replayed", _("had messages to another system sent again"))
PEOPLE_TOLD = verb("integrations.people_told", _("told other systems what changed about people"))
ENDPOINT_DEAD = notice_kind(
    "integrations.endpoint_dead",
    _("“%(name)s” has taken nothing for three days and is no longer told. Messages wait until you switch it on."),
    outside=_("A system that is told by this one needs you"),
    why=_("You see this because the endpoint is yours."),
    asks=True,
    by_text=True,
)

SMS_GATEWAY_SET = verb("integrations.sms_set", _("changed the gateway for text messages"))
SMS_GATEWAY_SWITCHED = verb("integrations.sms_switched", _("switched text messages on or off"))
SMS_TRIED = verb("integrations.sms_tried", _("had a text message sent to their own number"))
TEXTS_GIVEN_UP = notice_kind(
    "integrations.texts_given_up",
    _("Text messages did not reach people's phones. The page says what the gateway answered."),
    outside=_("Text messages could not be sent"),
    why=_("You see this because the gateway for text messages is yours."),
)

# What the record calls a thing that has no name of its own.
thing("integrations.behaviouralert", _("An alert of a rule"))
thing("integrations.datadispute", _("A dispute"))
thing("integrations.disputesettings", _("Settings of disputes"))
thing("integrations.gap", _("A gap"))
thing("integrations.metrichold", _("A hold"))
thing("integrations.metricversion", _("A version of a metric"))
thing("integrations.smsgateway", _("The gateway for text messages"))
thing("integrations.subjectlink", _("A link to a person or goal"))
thing("integrations.syncrun", _("A reading"))

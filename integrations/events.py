"""What is recorded and told about connections. No value of another system stands in either: it is read where it
stands."""

from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import verb
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
SYNCED = verb("integrations.synced", _("took in rows of another system"))
SYNC_FAILED = verb("integrations.sync_failed", _("gave up reading a connection"))
ROWS_REPLAYED = verb("integrations.rows_replayed", _("took in rows that had been set aside"))
ROWS_DROPPED = verb("integrations.rows_dropped", _("dropped rows that had been set aside"))
GAP_OPENED = verb("integrations.gap_opened", _("found something missing"))
GAP_FILLED = verb("integrations.gap_filled", _("saw that what was missing has come"))
GAP_CLOSED = verb("integrations.gap_closed", _("closed a gap with a reason"))

OUTSIDE = _("Data of another system did not come as expected")
WHY = _("You see this because the connection is yours.")

# One kind of notice for each kind of gap. It is told once, when the gap opens, and is over when what was missing comes.
GAP_TOLD = {
    GapKind.MISSING: notice_kind(
        "integrations.missing", _("“%(name)s”: nothing came for %(on)s"), outside=OUTSIDE, why=WHY
    ),
    GapKind.TRUNCATED: notice_kind(
        "integrations.truncated",
        _("“%(name)s”: the file of %(on)s is not whole and was not loaded"),
        outside=OUTSIDE,
        why=WHY,
    ),
    GapKind.SMALL: notice_kind(
        "integrations.small",
        _("“%(name)s”: unusually few rows came for %(on)s (%(rows)s)"),
        outside=OUTSIDE,
        why=WHY,
    ),
    GapKind.COUNT: notice_kind(
        "integrations.count", _("“%(name)s” counts more rows than came (%(short)s)"), outside=OUTSIDE, why=WHY
    ),
    GapKind.UNREACHABLE: notice_kind(
        "integrations.unreachable",
        _("“%(name)s” does not answer. It is tried again by itself."),
        outside=OUTSIDE,
        why=WHY,
    ),
    GapKind.OVERDUE: notice_kind(
        "integrations.overdue", _("“%(name)s” was due to be read, and was not"), outside=OUTSIDE, why=WHY
    ),
    GapKind.SCHEMA: notice_kind(
        "integrations.schema", _("The fields of “%(name)s” have changed: %(fields)s"), outside=OUTSIDE, why=WHY
    ),
}
DAYS_MISSING = notice_kind(
    "integrations.days_missing",
    _("“%(name)s”: nothing came for %(count)s days between %(on)s and %(until)s"),
    outside=OUTSIDE,
    why=WHY,
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
)

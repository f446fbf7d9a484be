"""What is recorded about reports, and who is told."""

from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import thing, verb
from perfsys.notices.kinds import notice_kind

REPORT_ASKED_FOR = verb("dashboards.report_asked_for", _("asked for a penetration report"))
REPORT_ISSUED = verb("dashboards.report_issued", _("issued a penetration report"))

REPORT_READY = notice_kind(
    "dashboards.report_ready",
    _("The penetration report for %(month)s is there: %(idle)d goals stand idle"),
    outside=_("The monthly report on goals is there"),
)

thing("dashboards.penetrationreport", _("A penetration report"))

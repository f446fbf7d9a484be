"""What is recorded about notices, and the notices of no other app."""

from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import thing, verb

from .kinds import notice_kind

REMINDER_CONFIRMED = verb("notices.confirmed", _("said it is a normal, deliberate change"))
CONFIRMATION_UNDONE = verb("notices.undone", _("took back that it is a deliberate change"))
PREFERENCES_CHANGED = verb("notices.preferences", _("changed how to be told"))

thing("notices.notice", _("A notice"))
thing("notices.noticepreferences", _("How to be told"))

JOB_DIED = notice_kind(
    "notices.job_died",
    _("“%(kind)s” could not be done after five tries. You can try it again or drop it."),
    outside=_("Some work in the background could not be done"),
)

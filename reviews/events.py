"""What is recorded and told about interviews."""

from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import thing, verb
from perfsys.notices.kinds import notice_kind

INTERVIEW_PLANNED = verb("reviews.interview_planned", _("planned an interview"))
INTERVIEW_MOVED = verb("reviews.interview_moved", _("moved an interview"))
INTERVIEW_CANCELLED = verb("reviews.interview_cancelled", _("cancelled an interview"))
INTERVIEW_DECLINED = verb("reviews.interview_declined", _("declined an interview"))
PACK_MADE = verb("reviews.pack_made", _("made a prep pack"))
TOPICS_WRITTEN = verb("reviews.topics_written", _("wrote what to talk about"))
MODULE_WRITTEN = verb("reviews.module_written", _("wrote down a module of an interview"))
PLAN_WRITTEN = verb("reviews.plan_written", _("wrote the own improvement plan"))
ACTION_AGREED = verb("reviews.action_agreed", _("agreed on an action in an interview"))
INTERVIEW_SIGNED = verb("reviews.interview_signed", _("signed an interview"))

INTERVIEW_AHEAD = notice_kind(
    "reviews.interview_ahead",
    _("%(name)s would like to talk with you on %(on)s"),
    outside=_("An interview is planned"),
)
PACK_READY = notice_kind(
    "reviews.pack_ready",
    _("The prep pack for your talk with %(name)s is ready"),
    outside=_("A prep pack is ready"),
)
TO_SIGN = notice_kind(
    "reviews.to_sign",
    _("%(name)s has signed the record of your talk. Have a look and say whether it is right."),
    outside=_("The record of an interview waits for you"),
    asks=True,
)
NOT_TAKING_PLACE = notice_kind(
    "reviews.not_taking_place",
    _("The talk with %(name)s on %(on)s does not take place"),
    outside=_("An interview does not take place"),
)

thing("reviews.interview", _("An interview"))
thing("reviews.preppack", _("A prep pack"))

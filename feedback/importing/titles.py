"""What the fields of a feedback file are called on the columns page and over the preview."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FEEDBACK: Mapping[str, Promise] = {
    "record_no": _("Feedback number"),
    "shown_no": _("Feedback number"),
    "time": _("Time"),
    "shown_at": _("Time"),
    "giver_no": _("Giver's employee number"),
    "giver": _("Giver"),
    "giver_department": _("Giver's department"),
    "receiver_no": _("Receiver's employee number"),
    "receiver": _("Receiver"),
    "receiver_department": _("Receiver's department"),
    "shown_nature": _("Well done or could be better"),
    "nature": _("Well done or could be better"),
    "tag": _("Behaviour tag"),
    "text": _("Fact"),
    "expected_action": _("Expected action"),
}

"""What the record says happened to people and to the organisation."""

from django.utils.translation import gettext_lazy as _

from perfsys.audit.verbs import thing, verb
from perfsys.tenancy.roles import Role

TENANT_CREATED = verb("people.tenant_created", _("set up the company"))
SETTINGS_CHANGED = verb("people.settings_changed", _("changed the company's settings"))
EMPLOYEE_ADDED = verb("people.employee_added", _("added a person"))
EMPLOYEE_CHANGED = verb("people.employee_changed", _("changed a person's record"))
MANAGER_CHANGED = verb("people.manager_changed", _("changed a person's manager"))
UNIT_CHANGED = verb("people.unit_changed", _("moved a person to another unit"))
EMPLOYEE_LEFT = verb("people.employee_left", _("recorded that a person leaves"))
SPAN_ADDED = verb("people.span_added", _("recorded a probation or long leave"))
UNIT_ADDED = verb("people.unit_added", _("added a unit"))
UNIT_RENAMED = verb("people.unit_renamed", _("renamed a unit"))
UNIT_MOVED = verb("people.unit_moved", _("moved a unit"))
UNIT_CLOSED = verb("people.unit_closed", _("closed a unit"))
REORGANISED = verb("people.reorganised", _("reorganised"))
HRBP_SET = verb("people.hrbp_set", _("named a unit's HR partner"))
ROLE_GRANTED = verb("people.role_granted", _("gave a role"))
ROLE_REVOKED = verb("people.role_revoked", _("took a role back"))
FEATURE_SWITCHED = verb("people.feature_switched", _("said for whom a part of the product is on"))
ROSTER_APPLIED = verb("people.roster_applied", _("imported people"))
ROSTER_TAKEN_BACK = verb("people.roster_taken_back", _("took an import of people back"))
INVITED = verb("people.invited", _("invited a person"))
INVITING_ALL = verb("people.inviting_all", _("invited people without a sign-in"))
INVITATION_WITHDRAWN = verb("people.invitation_withdrawn", _("withdrew an invitation"))
INVITATION_ACCEPTED = verb("people.invitation_accepted", _("accepted an invitation"))
DAY_TURNED = verb("people.day_turned", _("put planned changes into effect"))


def role_of(label: str) -> str:
    """ "admin for seat 1 from 2026-11-30": the role and the day."""
    code, *rest = label.split() or [""]
    return " ".join([str(dict(Role.choices).get(code, code)), *rest[-1:]])


# What the record calls a thing that has no name of its own.
thing("people.assignment", _("A place in a unit"))
thing("people.employeespan", _("A time away"))
thing("people.hrbpassignment", _("A unit's HR partner"))
thing("people.invitation", _("An invitation"))
thing("people.invitationrun", _("Invitations"))
thing("people.preferences", _("Personal settings"))
thing("people.reportingline", _("Who reports to whom"))
thing("people.rolegrant", role_of)
thing("tenancy.membership", _("A sign-in"))
thing("tenancy.tenant", _("The whole company"))

"""All writes of this app, by use case. `from perfsys.people import actions`."""

from .core import (
    CircleOfManagers,
    CircleOfUnits,
    HasLeft,
    NumberTaken,
    OrganisationBusy,
    PathTaken,
    Refused,
    StaleVersion,
)
from .day import refresh_for_today
from .features import NobodyNamed, drop_pilot, switch_feature
from .invitations import (
    Accepted,
    InvitationSpent,
    Invited,
    NotReachable,
    NotYours,
    SignInFirst,
    accept_invitation,
    invite,
    invite_all,
    invite_some,
    withdraw_invitation,
)
from .leaving import leave
from .organisation import (
    OverlappingSpan,
    Reorganised,
    add_employee,
    add_span,
    change_employee,
    change_manager,
    change_managers,
    move_employees,
    reorganise,
)
from .preferences import set_preferences
from .roles import AlreadyGranted, LastAdministrator, NotGrantable, grant_role, revoke_role
from .roster import RosterApplied, apply_roster
from .tenants import BadSetting, NewTenant, SlugTaken, change_company, create_tenant
from .undoing import take_back_roster
from .units import UnitNotEmpty, add_unit, close_unit, move_unit, rename_unit, set_hrbp

__all__ = [
    "Accepted",
    "AlreadyGranted",
    "BadSetting",
    "CircleOfManagers",
    "CircleOfUnits",
    "HasLeft",
    "InvitationSpent",
    "Invited",
    "LastAdministrator",
    "NewTenant",
    "NobodyNamed",
    "NotGrantable",
    "NotReachable",
    "NotYours",
    "NumberTaken",
    "OrganisationBusy",
    "OverlappingSpan",
    "PathTaken",
    "Refused",
    "Reorganised",
    "RosterApplied",
    "SignInFirst",
    "SlugTaken",
    "StaleVersion",
    "UnitNotEmpty",
    "accept_invitation",
    "add_employee",
    "add_span",
    "add_unit",
    "apply_roster",
    "change_company",
    "change_employee",
    "change_manager",
    "change_managers",
    "close_unit",
    "create_tenant",
    "drop_pilot",
    "grant_role",
    "invite",
    "invite_all",
    "invite_some",
    "leave",
    "move_employees",
    "move_unit",
    "refresh_for_today",
    "rename_unit",
    "reorganise",
    "revoke_role",
    "set_hrbp",
    "set_preferences",
    "switch_feature",
    "take_back_roster",
    "withdraw_invitation",
]

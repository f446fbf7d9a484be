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
from .roles import AlreadyGranted, LastAdministrator, NotGrantable, grant_role, revoke_role
from .roster import RosterApplied, apply_roster
from .units import UnitNotEmpty, add_unit, close_unit, move_unit, rename_unit, set_hrbp

__all__ = [
    "AlreadyGranted",
    "CircleOfManagers",
    "CircleOfUnits",
    "HasLeft",
    "LastAdministrator",
    "NotGrantable",
    "NumberTaken",
    "OrganisationBusy",
    "OverlappingSpan",
    "PathTaken",
    "Refused",
    "Reorganised",
    "RosterApplied",
    "StaleVersion",
    "UnitNotEmpty",
    "add_employee",
    "add_span",
    "add_unit",
    "apply_roster",
    "change_employee",
    "change_manager",
    "change_managers",
    "close_unit",
    "grant_role",
    "leave",
    "move_employees",
    "move_unit",
    "rename_unit",
    "reorganise",
    "revoke_role",
    "set_hrbp",
]

"""What the fields of goal and check-in files are called on the columns page and over the preview."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

GOALS: Mapping[str, Promise] = {
    "layer": _("Layer"),
    "employee_no": _("Employee number"),
    "name": _("Name"),
    "department": _("Department"),
    "owner": _("Owner"),
    "goal_no": _("Goal number"),
    "key": _("Goal number"),
    "title": _("Goal"),
    "parents": _("Supports"),
    "parent": _("Supports"),
    "parent_title": _("Supports (in words)"),
    "weight": _("Weight"),
    "core": _("Core goal"),
    "measure": _("Measure"),
    "target": _("Target"),
    "direction": _("Direction"),
    "unit": _("Unit of measure"),
    "evidence_type": _("Evidence type"),
    "evidence_no": _("Evidence number"),
    "budget": _("Budget (10,000 yuan)"),
    "budget_yuan": _("Budget (yuan)"),
    "headcount": _("People"),
    "hours": _("Hours"),
    "person_days": _("Person-days"),
    "due": _("Due"),
    "obstacles": _("Expected obstacles"),
    "status": _("Status"),
}

CHECK_INS: Mapping[str, Promise] = {
    "record_no": _("Record number"),
    "key": _("Record number"),
    "goal": _("Goal number"),
    "goal_no": _("Goal number"),
    "goal_title": _("Goal"),
    "employee_no": _("Employee number"),
    "name": _("Name"),
    "department": _("Department"),
    "time": _("Time"),
    "at": _("Time"),
    "kind": _("What it is"),
    "percent": _("Progress"),
    "note": _("Note"),
    "evidence_no": _("Evidence number"),
}

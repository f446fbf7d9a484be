"""Columns and reason codes of a roster in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

FIELDS: Mapping[str, Promise] = {
    "employee_no": _("Employee number"),
    "name": _("Name"),
    "email": _("E-mail"),
    "mobile": _("Mobile phone"),
    "hire_date": _("Hired on"),
    "leave_date": _("Left on"),
    "status": _("Status"),
    "department": _("Department"),
    "unit_1": _("Department, level 1"),
    "unit_2": _("Department, level 2"),
    "unit_3": _("Department, level 3"),
    "unit_4": _("Department, level 4"),
    "unit_5": _("Department, level 5"),
    "level": _("Grade"),
    "position": _("Position"),
    "job_family": _("Job family"),
    "manager_no": _("Manager's employee number"),
    "manager": _("Manager"),
    "hrbp_no": _("HRBP's employee number"),
    "hrbp": _("HRBP"),
    "remark": _("Remark"),
}

REASONS: Mapping[str, Promise] = {
    "missing_employee_no": _("No employee number. Fill it in."),
    "missing_name": _("No name. Fill it in."),
    "duplicate_employee_no": _("Another row uses this number for somebody else. Correct one of the two."),
    "namesake_indistinct": _("Two people of this name cannot be told apart. Add employee numbers."),
    "department_missing": _("No department. The person goes in without one."),
    "unknown_status": _("The status is not understood; taken as active."),
    "invalid_leave_date": _("The leave date cannot be read; left empty."),
    "invalid_hire_date": _("The hire date cannot be read; left empty."),
    "invalid_email": _("The e-mail address is not complete; left empty."),
    "invalid_mobile": _("The mobile number is not one of 11 digits; left empty."),
    "email_taken": _("Another person has the same e-mail address; left empty here."),
    "mobile_taken": _("Another person has the same mobile number; left empty here."),
    "root_assumed": _("Nobody is marked as the top; taken as the head of the company."),
    "manager_missing": _("No manager is named. Add one, or mark the head of the company with “/”."),
    "manager_not_found": _("The manager is not in this roster. Check the name or number."),
    "manager_ambiguous": _("Several people have the manager's name. Write the employee number."),
    "manager_mismatch": _("The manager's name and number are two different people; the number was used."),
    "manager_cycle": _("Following the managers leads back to this person. Correct one of them."),
    "manager_departed": _("The manager has left; the next one above stands in."),
    "hrbp_missing": _("No HRBP is named."),
    "hrbp_not_found": _("The HRBP is not in this roster. Check the name."),
    "hrbp_ambiguous": _("Several people have the HRBP's name. Write the employee number."),
    "hrbp_mismatch": _("The HRBP's name and number are two different people; the number was used."),
    "hrbp_departed": _("The HRBP has left. Name another one."),
    "duplicate_row": _("The same row stands above."),
    "secondary_department": _("A further post of a person above."),
    "subtotal_row": _("A subtotal, not a person."),
    "footer_note": _("A note, not a person."),
}

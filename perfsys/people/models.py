"""Accounts, and the dated organisation of a company (product.md §1.2-§1.4).

Every span is half-open: `starts_on` counts, `ends_on` does not, and an open one ends on NULL. Lines, assignments
and closures are dated rows, so a report about March uses March's organisation: a change closes one row and opens
the next. `OrgUnit.parent`, `OrgUnit.path` and `Employee.position` repeat what holds today, for lists.
"""

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import gettext_lazy as _

from perfsys.audit.models import history_of
from perfsys.tenancy.models import Membership, TenantKey, TenantModel
from perfsys.tenancy.roles import Role

from .features import Feature, Reach

NO_DOUBLE_SPAN = Func(F("starts_on"), F("ends_on"), function="daterange")  # half-open by default, NULL is open


def ordered_span(name: str) -> models.CheckConstraint:
    """An empty span is a row that never held: it is deleted, not kept."""
    return models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name=name)


class AccountManager(BaseUserManager["Account"]):
    def create_user(self, email: str | None = None, phone: str | None = None, password: str | None = None) -> "Account":
        account = self.model(email=self.normalize_email(email) if email else None, phone=phone)
        account.set_password(password)
        account.save(using=self._db)
        return account


class Account(AbstractBaseUser):
    """Global, and therefore only what signing in needs; all personal data sits on Employee (product.md §1.2)."""

    email = models.EmailField(unique=True, null=True, blank=True)
    phone = models.CharField(max_length=20, unique=True, null=True, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AccountManager()

    USERNAME_FIELD = "email"

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(email__isnull=False) | Q(phone__isnull=False), name="people_account_reachable"
            )
        ]

    def __str__(self) -> str:
        return self.email or self.phone or f"account {self.pk}"


class OrgUnit(TenantModel):
    """A department, workshop or team. `path` joins the names from the top with "/": 制造中心/一车间."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=120)
    path = models.CharField(max_length=500)
    parent = TenantKey("self", models.PROTECT, null=True, blank=True, related_name="children", db_index=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="people_unit_public_id"),
            models.UniqueConstraint(fields=["tenant", "path"], condition=Q(ends_on=None), name="people_unit_open_path"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="people_unit_not_its_own_parent"),
            ordered_span("people_unit_span"),
        ]
        indexes = [models.Index(fields=["tenant", "parent"], name="people_unit_children")]

    def __str__(self) -> str:
        return self.path


class UnitLine(TenantModel):
    """Which unit stands above which, and when: the dated truth behind `OrgUnit.parent`. A top unit has no line."""

    unit = TenantKey(OrgUnit, models.CASCADE, related_name="lines", db_index=False)
    parent = TenantKey(OrgUnit, models.PROTECT, related_name="lines_below", db_index=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "unit"], condition=Q(ends_on=None), name="people_unit_line_open"),
            models.CheckConstraint(condition=~Q(unit=F("parent")), name="people_unit_line_not_to_itself"),
            ExclusionConstraint(
                name="people_unit_line_one_at_a_time",
                expressions=[
                    (F("tenant"), RangeOperators.EQUAL),
                    (F("unit"), RangeOperators.EQUAL),
                    (NO_DOUBLE_SPAN, RangeOperators.OVERLAPS),
                ],
            ),
            ordered_span("people_unit_line_span"),
        ]
        indexes = [models.Index(fields=["tenant", "parent"], name="people_unit_lines_below")]

    def __str__(self) -> str:
        return f"unit {self.unit_id} under {self.parent_id} from {self.starts_on}"


class OrgUnitClosure(TenantModel):
    """Every unit with each unit above it, and with itself at depth 0, by span. Kept by `perfsys.people.closure`."""

    ancestor = TenantKey(OrgUnit, models.CASCADE, related_name="closure_below", db_index=False)
    descendant = TenantKey(OrgUnit, models.CASCADE, related_name="closure_above", db_index=False)
    depth = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "descendant", "ancestor", "depth", "starts_on"], name="people_unit_closure_once"
            ),
            models.CheckConstraint(
                condition=Q(depth=0, ancestor=F("descendant")) | Q(depth__gt=0) & ~Q(ancestor=F("descendant")),
                name="people_unit_closure_no_cycle",
            ),
            ordered_span("people_unit_closure_span"),
        ]
        indexes = [models.Index(fields=["tenant", "ancestor", "descendant"], name="people_unit_closure_below")]

    def __str__(self) -> str:
        return f"unit {self.ancestor_id} over {self.descendant_id} at {self.depth}"


class Employee(TenantModel):
    """A person in a company. `name_key` sorts by pinyin ("wan qi xin"); `search_key` is what is typed to find the
    person ("wanqixin wqx"); `left_on` is the first day no longer employed, NULL with status left means unknown.
    `withheld` names the parts of the product that are not switched on for the person today (`FeatureSwitch`)."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Works here")
        LEFT = "left", _("Left")

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    employee_no = models.CharField(max_length=40)
    name = models.CharField(max_length=80)
    name_key = models.CharField(max_length=200)
    search_key = models.CharField(max_length=240, blank=True, default="")
    email = models.EmailField(blank=True, default="")
    mobile = models.CharField(max_length=20, blank=True, default="")
    position = models.CharField(max_length=120, blank=True, default="")
    job_family = models.CharField(max_length=80, blank=True, default="")
    grade = models.CharField(max_length=40, blank=True, default="")
    hired_on = models.DateField(null=True, blank=True)
    left_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=8, choices=Status.choices, default=Status.ACTIVE)
    membership = TenantKey(Membership, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    withheld = ArrayField(
        models.CharField(max_length=24, choices=Feature.choices), default=list, db_default=[], blank=True
    )
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="people_employee_public_id"),
            models.UniqueConstraint(fields=["tenant", "employee_no"], name="people_employee_no"),
            models.UniqueConstraint(fields=["tenant", "membership"], name="people_employee_one_per_seat"),
            models.CheckConstraint(condition=Q(status__in=["active", "left"]), name="people_employee_status"),
            models.CheckConstraint(
                condition=Q(hired_on=None) | Q(left_on=None) | Q(left_on__gte=F("hired_on")),
                name="people_employee_span",
            ),
        ]
        indexes = [models.Index(fields=["tenant", "status", "name_key", "employee_no"], name="people_employee_by_name")]

    def __str__(self) -> str:
        return f"{self.name} {self.employee_no}"

    @property
    def is_active(self) -> bool:
        return self.status == self.Status.ACTIVE


class Assignment(TenantModel):
    """A post in a unit. One primary post at a time; further posts (兼任) beside it."""

    employee = TenantKey(Employee, models.CASCADE, related_name="assignments", db_index=False)
    unit = TenantKey(OrgUnit, models.PROTECT, related_name="assignments", db_index=False)
    position = models.CharField(max_length=120, blank=True, default="")
    is_primary = models.BooleanField(default=True)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "employee"],
                condition=Q(is_primary=True, ends_on=None),
                name="people_assignment_one_open_primary",
            ),
            models.UniqueConstraint(
                fields=["tenant", "employee", "unit"], condition=Q(ends_on=None), name="people_assignment_open_once"
            ),
            ExclusionConstraint(
                name="people_assignment_one_primary_at_a_time",
                expressions=[
                    (F("tenant"), RangeOperators.EQUAL),
                    (F("employee"), RangeOperators.EQUAL),
                    (NO_DOUBLE_SPAN, RangeOperators.OVERLAPS),
                ],
                condition=Q(is_primary=True),
            ),
            ordered_span("people_assignment_span"),
        ]
        indexes = [
            models.Index(fields=["tenant", "employee", "starts_on"], name="people_assignment_history"),
            models.Index(fields=["tenant", "unit", "ends_on"], name="people_assignment_members"),
        ]

    def __str__(self) -> str:
        return f"employee {self.employee_id} in unit {self.unit_id} from {self.starts_on}"


class ReportingLine(TenantModel):
    """Who is whose direct manager, and when. Nobody has two at a time; the top has none."""

    employee = TenantKey(Employee, models.CASCADE, related_name="lines_up", db_index=False)
    manager = TenantKey(Employee, models.PROTECT, related_name="lines_down", db_index=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "employee"], condition=Q(ends_on=None), name="people_line_one_open"
            ),
            models.CheckConstraint(condition=~Q(employee=F("manager")), name="people_line_no_self_management"),
            ExclusionConstraint(
                name="people_line_one_at_a_time",
                expressions=[
                    (F("tenant"), RangeOperators.EQUAL),
                    (F("employee"), RangeOperators.EQUAL),
                    (NO_DOUBLE_SPAN, RangeOperators.OVERLAPS),
                ],
            ),
            ordered_span("people_line_span"),
        ]
        indexes = [
            models.Index(fields=["tenant", "employee", "starts_on"], name="people_line_history"),
            models.Index(fields=["tenant", "manager", "ends_on"], name="people_line_reports"),
        ]

    def __str__(self) -> str:
        return f"employee {self.employee_id} to {self.manager_id} from {self.starts_on}"


class ReportingClosure(TenantModel):
    """Every employee with each manager above, at any depth, by span. Depth 1 is the direct manager; nobody stands
    over himself. Kept by `perfsys.people.closure`: never written elsewhere."""

    manager = TenantKey(Employee, models.CASCADE, related_name="closure_below", db_index=False)
    employee = TenantKey(Employee, models.CASCADE, related_name="closure_above", db_index=False)
    depth = models.PositiveSmallIntegerField()
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "employee", "manager", "depth", "starts_on"], name="people_closure_once"
            ),
            models.CheckConstraint(
                condition=Q(depth__gt=0) & ~Q(employee=F("manager")), name="people_closure_no_cycle"
            ),
            ordered_span("people_closure_span"),
        ]
        indexes = [models.Index(fields=["tenant", "manager", "depth", "employee"], name="people_closure_below")]

    def __str__(self) -> str:
        return f"employee {self.manager_id} over {self.employee_id} at {self.depth}"


class HrbpAssignment(TenantModel):
    """The HR partner of a unit and of all below it that have none of their own (product.md §1.3)."""

    unit = TenantKey(OrgUnit, models.CASCADE, related_name="hrbp_assignments", db_index=False)
    hrbp = TenantKey(Employee, models.PROTECT, related_name="hrbp_assignments", db_index=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "unit"], condition=Q(ends_on=None), name="people_hrbp_one_open"),
            ExclusionConstraint(
                name="people_hrbp_one_at_a_time",
                expressions=[
                    (F("tenant"), RangeOperators.EQUAL),
                    (F("unit"), RangeOperators.EQUAL),
                    (NO_DOUBLE_SPAN, RangeOperators.OVERLAPS),
                ],
            ),
            ordered_span("people_hrbp_span"),
        ]
        indexes = [models.Index(fields=["tenant", "hrbp", "ends_on"], name="people_hrbp_units")]

    def __str__(self) -> str:
        return f"unit {self.unit_id}: HR partner {self.hrbp_id} from {self.starts_on}"


class EmployeeSpan(TenantModel):
    """Probation, or a long leave: targets are prorated, alerts pause (product.md §1.3)."""

    class Kind(models.TextChoices):
        PROBATION = "probation", _("Probation")
        LONG_LEAVE = "long_leave", _("Long leave")

    employee = TenantKey(Employee, models.CASCADE, related_name="spans", db_index=False)
    kind = models.CharField(max_length=12, choices=Kind.choices)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["probation", "long_leave"]), name="people_span_kind"),
            ExclusionConstraint(
                name="people_span_one_of_a_kind",
                expressions=[
                    (F("tenant"), RangeOperators.EQUAL),
                    (F("employee"), RangeOperators.EQUAL),
                    (F("kind"), RangeOperators.EQUAL),
                    (NO_DOUBLE_SPAN, RangeOperators.OVERLAPS),
                ],
            ),
            ordered_span("people_span_span"),
        ]
        indexes = [models.Index(fields=["tenant", "kind", "starts_on"], name="people_span_by_kind")]

    def __str__(self) -> str:
        return f"employee {self.employee_id} {self.kind} from {self.starts_on}"


class RoleGrant(TenantModel):
    """A role given by name, with its reason and, where wished, its end. `Membership.granted` follows from the rows
    that hold today. `unit` bounds an executive's reading (the unit and all below); NULL is the whole company."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    membership = TenantKey(Membership, models.CASCADE, related_name="+", db_index=False)
    role = models.CharField(max_length=24, choices=Role.choices)
    unit = TenantKey(OrgUnit, models.PROTECT, null=True, blank=True, related_name="role_grants", db_index=False)
    reason = models.CharField(max_length=200, blank=True, default="")
    granted_by = TenantKey(Employee, models.PROTECT, null=True, blank=True, related_name="roles_given", db_index=False)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="people_role_grant_public_id"),
            models.UniqueConstraint(
                fields=["tenant", "membership", "role", "unit"],
                condition=Q(ends_on=None),
                nulls_distinct=False,
                name="people_role_grant_open_once",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["admin", "integration_owner", "executive", "compensation_admin"]),
                name="people_role_grant_grantable",
            ),
            models.CheckConstraint(condition=Q(unit=None) | Q(role="executive"), name="people_role_grant_unit"),
            ordered_span("people_role_grant_span"),
        ]

    def __str__(self) -> str:
        return f"{self.role} for seat {self.membership_id} from {self.starts_on}"


class InvitationRun(TenantModel):
    """Everybody who has no sign-in yet, invited in one go. `people` are those it was asked for, by id; `done` is how
    far down the list it is, `sent` counts the invitations, `left` those who had one, or a sign-in, by then. `unit` is
    the one the people were chosen by, with all below it."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    unit = TenantKey(OrgUnit, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    people = ArrayField(models.BigIntegerField())
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    done = models.PositiveIntegerField(default=0)
    sent = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="people_invitation_run_public_id"),
            # A button pressed twice, or by two people at once.
            models.UniqueConstraint(
                fields=["tenant"], condition=Q(finished_at=None), name="people_one_invitation_run_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{len(self.people)} people"


class Invitation(TenantModel):
    """A way in for one person: the link holds 32 random bytes, the row only their SHA-256. Valid seven days, once.
    `email` or `phone` becomes the sign-in; `employee` is NULL for an administrator who is no employee."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    employee = TenantKey(Employee, models.CASCADE, null=True, blank=True, related_name="invitations", db_index=False)
    email = models.EmailField(blank=True, default="")
    phone = models.CharField(max_length=20, blank=True, default="")
    roles = ArrayField(models.CharField(max_length=24, choices=Role.choices), default=list)
    token_hash = models.CharField(max_length=64)
    invited_by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="people_invitation_public_id"),
            models.UniqueConstraint(fields=["tenant", "token_hash"], name="people_invitation_token"),
            models.CheckConstraint(condition=~Q(email="") | ~Q(phone=""), name="people_invitation_reachable"),
            models.CheckConstraint(
                condition=Q(accepted_at=None) | Q(withdrawn_at=None), name="people_invitation_one_ending"
            ),
        ]
        indexes = [
            models.Index(fields=["tenant", "employee"], name="people_invitation_employee"),
        ]

    def __str__(self) -> str:
        return f"invitation {self.public_id}"


class Preferences(TenantModel):
    """What one person wants of the screen, beside the company's choice. An absent row is the default."""

    class Theme(models.TextChoices):
        SYSTEM = "system", _("As the device")
        LIGHT = "light", _("Light")
        DARK = "dark", _("Dark")

    membership = TenantKey(Membership, models.CASCADE, related_name="+", db_index=False)
    theme = models.CharField(max_length=8, choices=Theme.choices, default=Theme.SYSTEM)
    locale = models.CharField(max_length=12, blank=True, default="")

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "membership"], name="people_preferences_once")]

    def __str__(self) -> str:
        return f"preferences of seat {self.membership_id}"


class FeatureSwitch(TenantModel):
    """For whom a part of the product is switched on (product.md §1.4); one that has no row is on for everybody.
    `Employee.withheld` repeats what follows from it today."""

    feature = models.CharField(max_length=24, choices=Feature.choices)
    reach = models.CharField(max_length=8, choices=Reach.choices, default=Reach.EVERYONE)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "feature"], name="people_feature_switch_once"),
            models.CheckConstraint(condition=Q(feature__in=Feature.values), name="people_feature_known"),
            models.CheckConstraint(condition=Q(reach__in=Reach.values), name="people_feature_reach"),
        ]

    def __str__(self) -> str:
        return f"{self.feature} for {self.reach}"


class FeaturePilot(TenantModel):
    """A unit with all below it, or a person, for whom a feature is on while it is not on for everybody."""

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    switch = TenantKey(FeatureSwitch, models.CASCADE, related_name="pilots", db_index=False)
    unit = TenantKey(OrgUnit, models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    employee = TenantKey(Employee, models.CASCADE, null=True, blank=True, related_name="+", db_index=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="people_pilot_public_id"),
            models.UniqueConstraint(fields=["tenant", "switch", "unit"], name="people_pilot_unit_once"),
            models.UniqueConstraint(fields=["tenant", "switch", "employee"], name="people_pilot_person_once"),
            models.CheckConstraint(
                condition=Q(unit=None, employee__isnull=False) | Q(unit__isnull=False, employee=None),
                name="people_pilot_unit_or_person",
            ),
        ]

    def __str__(self) -> str:
        return f"switch {self.switch_id} for unit {self.unit_id} or employee {self.employee_id}"


OrgUnitEvent = history_of(OrgUnit, in_bulk=True)
EmployeeEvent = history_of(Employee, exclude=("email", "mobile", "name_key", "search_key", "withheld"), in_bulk=True)

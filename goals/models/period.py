import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext

from perfsys.tenancy.models import TenantModel


class PeriodState(models.TextChoices):
    PLANNING = "planning", _("Planning")
    ACTIVE = "active", _("Active")
    REVIEW = "review", _("In review")
    CLOSED = "closed", _("Closed")


def period_title(name: str, starts_on: date, ends_on: date) -> str:
    """The name, or its days as the reader's language writes them where it is called by them alone."""
    if name != f"{starts_on.isoformat()}/{ends_on.isoformat()}":
        return name
    days = pgettext("date format", "j F Y")
    return f"{date_format(starts_on, days)} – {date_format(ends_on, days)}"


class Period(TenantModel):
    """A performance period (product.md §1.5), both dates inside it: HR says "from 1 October to 31 December".

    The three counts are of public goals; actions and the nightly job keep them, as counting 80,000 rows for the
    board's first sentence would cost more than the board.
    """

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=40)
    starts_on = models.DateField()
    ends_on = models.DateField()
    state = models.CharField(max_length=10, choices=PeriodState.choices, default=PeriodState.ACTIVE)
    company_goals = models.PositiveIntegerField(default=0)
    department_goals = models.PositiveIntegerField(default=0)
    position_goals = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="goals_period_public_id"),
            models.UniqueConstraint(fields=["tenant", "name"], name="goals_period_name"),
            models.UniqueConstraint(fields=["tenant", "starts_on", "ends_on"], name="goals_period_span"),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="goals_period_in_order"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def title(self) -> str:
        return period_title(self.name, self.starts_on, self.ends_on)

    def covers(self, on: date) -> bool:
        return self.starts_on <= on <= self.ends_on


class GoalSettings(TenantModel):
    """What a tenant's administrator sets about goals (product.md §2.1, §2.8).

    `last_number` counts the goals that were made by hand.
    """

    company_least = models.PositiveSmallIntegerField(default=3)
    company_most = models.PositiveSmallIntegerField(default=5)
    department_least = models.PositiveSmallIntegerField(default=5)
    department_most = models.PositiveSmallIntegerField(default=8)
    position_least = models.PositiveSmallIntegerField(default=3)
    position_most = models.PositiveSmallIntegerField(default=5)
    stale_days = models.PositiveSmallIntegerField(default=14)
    quiet_days = models.PositiveSmallIntegerField(default=28)
    owner_first_days = models.PositiveSmallIntegerField(default=0)  # work days before manager and HRBP are told
    workshop_days = models.PositiveSmallIntegerField(default=21)  # before a period its workshop opens; 0: by hand
    manager_levels = models.PositiveSmallIntegerField(default=0)  # below a manager whose goals he reads whole; 0: all
    last_number = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant"], name="goals_one_settings"),
            models.CheckConstraint(
                condition=Q(company_least__lte=F("company_most"))
                & Q(department_least__lte=F("department_most"))
                & Q(position_least__lte=F("position_most")),
                name="goals_settings_bounds",
            ),
            models.CheckConstraint(
                condition=Q(stale_days__gte=1, stale_days__lte=90, quiet_days__gte=1, quiet_days__lte=180),
                name="goals_settings_days",
            ),
        ]

    def __str__(self) -> str:
        return "goal settings"

import uuid
from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel


class RetroWeek(TenantModel):
    """One week's micro-retro (product.md §6.1): made for everybody in chunks, then opened for all at once.

    `as_of` is when it was begun: facts after it do not count, for nobody. `opened_at` is empty while it is being made;
    `closes_at` is the Monday after at noon, the tenant's; `closed_at` when what still waited was put away. `made_to`
    and `told_to` are the last people (ids) it was made for and told to: a job that died goes on from there.
    """

    monday = models.DateField()
    as_of = models.DateTimeField()
    opened_at = models.DateTimeField(null=True, blank=True)
    closes_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    made_to = models.BigIntegerField(default=0)
    told_to = models.BigIntegerField(default=0)
    asked = models.PositiveIntegerField(default=0)  # people

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "monday"], name="feedback_retro_week_once"),
            models.CheckConstraint(condition=Q(monday__iso_week_day=1), name="feedback_retro_week_begins_on_monday"),
            models.CheckConstraint(condition=Q(closes_at__gt=F("as_of")), name="feedback_retro_week_in_order"),
        ]

    def __str__(self) -> str:
        return f"retro of the week of {self.monday}"


class Retro(TenantModel):
    """One person's week: what is asked, what was answered, and the figures of the week up to the opening.

    `questions` and `answers` are what `feedback.retro` reads and writes: codes and the texts of the person's own goals,
    put into words for whoever reads. `goals` are those that ran, `goals_moved` those with a sign of progress, `on_plan`
    those not behind their plan, `check_ins` on own goals. `manager` and `partner` (HR) are those of the opening: groups
    are cut once. `shared_with` is the manager the person chose to show it to, and nobody who comes after.
    """

    comes_by_itself: ClassVar[Q | None] = Q(answered_at=None, skipped_at=None)

    public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    week = TenantKey(RetroWeek, models.CASCADE, related_name="retros", db_index=False)
    person = TenantKey(Employee, models.CASCADE, related_name="retros", db_index=False)
    manager = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    partner = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    questions = models.JSONField(encoder=DjangoJSONEncoder)
    answers = models.JSONField(default=dict, encoder=DjangoJSONEncoder)
    goals = models.PositiveSmallIntegerField(default=0)
    goals_moved = models.PositiveSmallIntegerField(default=0)
    on_plan = models.PositiveSmallIntegerField(default=0)
    check_ins = models.PositiveSmallIntegerField(default=0)
    answered_at = models.DateTimeField(null=True, blank=True)
    skipped_at = models.DateTimeField(null=True, blank=True)
    shared_with = TenantKey(Employee, models.SET_NULL, null=True, related_name="+", db_index=False)
    shared_with_manager_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "public_id"], name="feedback_retro_public_id"),
            models.UniqueConstraint(fields=["tenant", "week", "person"], name="feedback_retro_once"),
            models.CheckConstraint(
                condition=Q(goals_moved__lte=F("goals"), on_plan__lte=F("goals")), name="feedback_retro_figures"
            ),
            models.CheckConstraint(
                condition=Q(answered_at=None) | Q(skipped_at=None), name="feedback_retro_answered_or_skipped"
            ),
            models.CheckConstraint(
                condition=Q(shared_with_manager_at=None) | Q(answered_at__isnull=False),
                name="feedback_retro_shared_is_answered",
            ),
        ]
        indexes = [
            models.Index(
                fields=["tenant", "manager"], name="feedback_retros_under", condition=Q(manager__isnull=False)
            ),
            models.Index(
                fields=["tenant", "partner"], name="feedback_retros_of_partner", condition=Q(partner__isnull=False)
            ),
            models.Index(fields=["tenant", "person", "-week"], name="feedback_retros_of_person"),
            models.Index(
                fields=["tenant", "shared_with", "-week"],
                name="feedback_retros_shared",
                condition=Q(shared_with_manager_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"retro of {self.person_id} in week {self.week_id}"


class RetroTeam(TenantModel):
    """What a team's week was on average, published once with the week (security.md §2, rule 1). A team are those who
    reported to the same direct manager at the opening; only teams that may be shown have a row. `on_plan` is percent in
    tens, of those `with_goals`. Each is empty where it would tell of one person (`feedback.retro_means`)."""

    week = TenantKey(RetroWeek, models.CASCADE, related_name="teams", db_index=False)
    manager = TenantKey(Employee, models.CASCADE, related_name="+", db_index=False)
    members = models.PositiveIntegerField()
    with_goals = models.PositiveIntegerField()
    goals_moved = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    check_ins = models.DecimalField(max_digits=7, decimal_places=2, null=True, blank=True)
    on_plan = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "week", "manager"], name="feedback_retro_team_once")]
        indexes = [
            models.Index(fields=["tenant", "manager"], name="feedback_teams_of"),
        ]

    def __str__(self) -> str:
        return f"team of {self.manager_id} in week {self.week_id}"


class RetroResponse(TenantModel):
    """How many of an HR partner's people answered, counted once when the week closed; `partner` is empty for the whole
    company. Only groups that may be shown have a row."""

    week = TenantKey(RetroWeek, models.CASCADE, related_name="responses", db_index=False)
    partner = TenantKey(Employee, models.CASCADE, null=True, blank=True, related_name="+", db_index=False)
    asked = models.PositiveIntegerField()
    answered = models.PositiveIntegerField()

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(
                fields=["tenant", "week", "partner"], nulls_distinct=False, name="feedback_retro_response_once"
            ),
            models.CheckConstraint(condition=Q(answered__lte=F("asked")), name="feedback_retro_response_in_order"),
        ]

    def __str__(self) -> str:
        return f"responses of week {self.week_id}"

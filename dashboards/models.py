"""Reports as they were issued. Never changed: a later correction is a version of its own (architecture.md §6)."""

from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel


class PenetrationReport(TenantModel):
    """Where a month's resources went (product.md §6.2), as seen on `as_of`.

    `month` is its first day, `made_by` None for the schedule's own. `key` names what it was issued for, a due time or
    one press of the button: the same again is nothing. `content` is the first page, in whole ten-thousandths, and a
    goal's texts as they were then; what stands behind a node is a part. `idle` are goals by id.
    """

    app_may = "SELECT, INSERT"

    month = models.DateField()
    version = models.PositiveIntegerField()
    key = models.CharField(max_length=80)
    as_of = models.DateField()
    made_at = models.DateTimeField()
    made_by = TenantKey(Employee, models.PROTECT, null=True, related_name="+", db_index=False)
    content = models.JSONField(encoder=DjangoJSONEncoder)
    idle = ArrayField(models.BigIntegerField(), default=list)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "month", "version"], name="dashboards_report_version"),
            models.UniqueConstraint(fields=["tenant", "key"], name="dashboards_report_once"),
            models.CheckConstraint(condition=Q(month__day=1), name="dashboards_report_of_a_month"),
            models.CheckConstraint(condition=Q(version__gte=1), name="dashboards_report_versions_from_1"),
        ]

    def __str__(self) -> str:
        return f"penetration {self.month:%Y-%m} v{self.version}"


class PenetrationPart(TenantModel):
    """What stands behind one node of a report: a goal that others carry, or a department. `of` is its public id."""

    app_may = "SELECT, INSERT"

    report = TenantKey(PenetrationReport, models.PROTECT, related_name="parts", db_index=False)
    of = models.UUIDField()
    content = models.JSONField(encoder=DjangoJSONEncoder)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "report", "of"], name="dashboards_part_once"),
        ]

    def __str__(self) -> str:
        return f"part {self.of} of report {self.report_id}"

from django.db import models

from perfsys.people.models import Employee
from perfsys.tenancy.models import TenantKey, TenantModel


class TemplateVersion(TenantModel):
    """A template as it stood when it was saved (product.md §2.12).

    Never changed, so that goals keep what they were made from also when the template is edited or deleted. `fields` as
    goals.extras keeps them, `content` as goals.queries.template_versions writes and compares it.
    """

    template = TenantKey("goals.GoalTemplate", models.SET_NULL, null=True, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    name = models.CharField(max_length=80)
    fields = models.JSONField(default=list)
    content = models.JSONField(default=dict)
    made_at = models.DateTimeField()
    made_by = TenantKey(Employee, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False)

    class Meta(TenantModel.Meta):
        constraints = [
            models.UniqueConstraint(fields=["tenant", "template", "number"], name="goals_template_version"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.number}"

from django.db import models

from perfsys.tenancy.models import TenantModel

from .goal import Health, Layer


class SupportCount(TenantModel):
    """How many goals carry a goal, by layer and health: the sum of its rows, kept by triggers of alignments and goals
    (docs/decisions/0015). Counted are published and finished goals that everybody reads.

    A change adds a row instead of changing one, so that writers who meet below one goal never wait for each other; the
    night makes one row of many. `of_goal` and `in_period` are ids, no keys: rows may come after their goal has gone,
    and cancel each other out.
    """

    of_goal = models.BigIntegerField()  # the goal that is carried
    in_period = models.BigIntegerField()  # of those that carry it
    layer = models.CharField(max_length=10, choices=Layer.choices)
    health = models.CharField(max_length=10, choices=Health.choices)
    lines = models.IntegerField()
    primary_lines = models.IntegerField()  # among them those of goals that support it first

    class Meta(TenantModel.Meta):
        indexes = [
            models.Index(
                fields=["tenant", "of_goal"],
                include=["in_period", "layer", "health", "lines", "primary_lines"],
                name="goals_support_counted",
            )
        ]

    def __str__(self) -> str:
        return f"{self.lines:+} {self.health} below {self.of_goal}"

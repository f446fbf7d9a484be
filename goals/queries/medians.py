from typing import Any

from django.db.models import Aggregate, FloatField


class Median(Aggregate):
    """Half of the values are no larger, half no smaller; nothing where there are none."""

    function = "PERCENTILE_CONT"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field: Any = FloatField()

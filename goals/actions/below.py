"""What a goal keeps about those that carry it. Triggers count (migration 0005); imports have them wait."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from goals.models import Period
from perfsys.tenancy.scope import current_tenant_id

_COUNT_LATER = "SELECT set_config('app.count_later', %s, true)"
_COUNT = """
SELECT app.count_below(ARRAY(
    SELECT id FROM goals_goal WHERE tenant_id = %(tenant)s AND period_id = %(period)s AND below <> '{}'
    UNION
    SELECT a.parent_id FROM goals_alignment a JOIN goals_goal above ON above.tenant_id = a.tenant_id
        AND above.id = a.parent_id
    WHERE a.tenant_id = %(tenant)s AND above.period_id = %(period)s))
"""


@contextmanager
def counting_at_the_end(period: Period) -> Iterator[None]:
    """For an import into `period`, inside its transaction: counted once, not with each thousand rows. After an error
    the transaction is lost, and the setting with it."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_LATER, ["on"])
    yield
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_LATER, [""])
        cursor.execute(_COUNT, {"tenant": current_tenant_id(), "period": period.pk})

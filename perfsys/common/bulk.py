"""Writing thousands of rows in one transaction."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Lookup


class AnyOf(Lookup):  # type: ignore[type-arg]  # not subscriptable at run time
    """`filter(AnyOf(F("external_id"), ids))`: `__in` with one parameter, however many there are. Of a thousand Django
    makes a thousand, and that takes it and the planner longer than the finding."""

    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        left, params = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s)", [*params, list(self.rhs)]


def plan_anew() -> None:
    """Between chunks of rows. How a foreign key is looked up is planned once a session, when the table it leads to may
    have been empty and any index as good as another: 20,000 goals later each line took 3 ms instead of 0.05."""
    with connection.cursor() as cursor:
        cursor.execute("DISCARD PLANS")


@contextmanager
def writing_in_bulk() -> Iterator[None]:
    """For actions that write thousands of rows, parents before children.

    Foreign keys are checked with each statement: PostgreSQL gets slower with every check that waits for the end of the
    transaction (1,000 rows with history: 0.1 s at first, 8 s after 80,000 others). And no nested loops where there is
    another way: the planner has no statistics of rows this transaction wrote, takes them for few, and walks all of them
    again for each.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET LOCAL enable_nestloop = off")
    yield
    with connection.cursor() as cursor:  # after an error the transaction is lost, and its settings with it
        cursor.execute("SET CONSTRAINTS ALL DEFERRED; SET LOCAL enable_nestloop = on")


@contextmanager
def matching_many() -> Iterator[None]:
    """For a statement that holds thousands of rows against others, in or outside `writing_in_bulk`: no nested loops.
    Statistics that were taken while the rows were being written tell of an empty table, and each row would be held
    against all others."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_nestloop")
        before = cursor.fetchone()[0]
        cursor.execute("SET LOCAL enable_nestloop = off")
    yield
    if before == "on":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_nestloop = on")

"""Expressions of SQL that Django has no word for."""

from django.db.models import Func, IntegerField


class Number(Func):
    """How many rows there are, as the one column of a statement without groups."""

    template = "COUNT(*)"
    output_field = IntegerField()

    def __init__(self) -> None:
        super().__init__()

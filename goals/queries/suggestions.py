"""A company's suggestion library: what is shipped, as the company has it, and its own."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import QuerySet
from django.db.models.functions import JSONObject

from goals.models import SuggestionEntry
from goals.suggestions import COLUMNS, Suggestion, as_kept, ready_made


def entries() -> QuerySet[Any]:
    """The company's rows as objects, for whoever reads them along with something else; see `library`."""
    return SuggestionEntry.objects.order_by("pk").values_list(JSONObject(**{name: name for name in COLUMNS}))


def library(rows: Iterable[Mapping[str, Any]] | None = None) -> list[Suggestion]:
    """The shipped ones in their order, then the company's own. One query, none with the `rows` of `entries`."""
    found = entries() if rows is None else ((row,) for row in rows)
    kept = {row["code"]: as_kept(row) for (row,) in found}
    shipped = [kept.pop(one.code, one) for one in ready_made()]
    return [*shipped, *kept.values()]


def count_anywhere(suggestions: Iterable[Suggestion]) -> int:
    """Those offered whatever the goal: three of them make that there are always three."""
    return sum(one.is_offered and one.fits_anywhere for one in suggestions)

"""A company's suggestion library: what is shipped, as the company has it, and its own."""

from collections.abc import Iterable

from goals.models import SuggestionEntry
from goals.suggestions import Suggestion, ready_made


def library() -> list[Suggestion]:
    """The shipped ones in their order, then the company's own. One query."""
    kept = {entry.code: entry for entry in SuggestionEntry.objects.order_by("pk")}
    found = [as_kept(kept.pop(one.code)) if one.code in kept else one for one in ready_made()]
    return [*found, *map(as_kept, kept.values())]


def as_kept(entry: SuggestionEntry) -> Suggestion:
    return Suggestion(
        code=entry.code,
        zh=entry.text_zh,
        en=entry.text_en,
        missing=entry.missing,
        families=tuple(entry.families),
        kinds=frozenset(entry.kinds),
        is_offered=entry.is_offered,
    )


def count_anywhere(suggestions: Iterable[Suggestion]) -> int:
    """Those offered whatever the goal: three of them make that there are always three."""
    return sum(one.is_offered and one.fits_anywhere for one in suggestions)

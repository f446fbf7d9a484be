"""The words of the record. Each app declares its own in `events.py`, one line each."""

from django.utils.functional import Promise

VERBS: dict[str, str | Promise] = {}


# What was recorded once and is for no administrator's eyes: the record is append-only, so it is left out in reading.
WITHHELD: set[str] = set()
WITHHELD_SUBJECTS: set[tuple[str, str]] = set()  # type of the subject, and how its label begins


class UndeclaredVerb(LookupError):
    """Declare it in the app's events.py: `GOAL_CLOSED = verb("goals.closed", _("closed a goal"))`."""


def verb(code: str, label: str | Promise) -> str:
    """Declare `code` ("app.what_happened") with the words a reader of the audit page sees; returns the code."""
    if VERBS.setdefault(code, label) != label:
        raise ValueError(f"the verb {code} is declared twice")
    return code


def withhold(*codes: str) -> None:
    """Entries with these words, which nobody writes any more, are shown to nobody."""
    WITHHELD.update(codes)


def withhold_subjects(subject_type: str, label: str) -> None:
    """Nor entries about subjects of that type whose label begins like this, whatever was done to them."""
    WITHHELD_SUBJECTS.add((subject_type, label))

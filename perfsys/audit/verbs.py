"""The words of the record. Each app declares its own in `events.py`, one line each."""

from collections.abc import Callable

from django.utils.functional import Promise

Words = str | Promise | Callable[[str], str]  # a function makes all that is shown out of the label

VERBS: dict[str, str | Promise] = {}


# What was recorded once and is for no administrator's eyes: the record is append-only, so it is left out in reading.
WITHHELD: set[str] = set()
WITHHELD_SUBJECTS: set[tuple[str, str]] = set()  # type of the subject, and how its label begins


# What a label says of a thing is meant for whoever looks after the tables where it names rows by their numbers, and for
# nobody's eyes here where it quotes a text: on the page it reads by these words, and the days that stand in the label.
THINGS: dict[str, Words] = {}
# Done between two people, of whom a reader of the record may not know that they had to do with each other.
BETWEEN_TWO: set[str] = set()


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


def thing(subject_type: str, words: Words) -> None:
    """Entries about subjects of that type ("app.model") are shown with these words in place of their label."""
    if THINGS.setdefault(subject_type, words) != words:
        raise ValueError(f"the words for {subject_type} are declared twice")


def between_two(*codes: str) -> None:
    """Entries with these words say who did it and when, and not about whom; nor are they found by that name."""
    BETWEEN_TWO.update(codes)

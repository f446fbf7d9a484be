"""The words of the record. Each app declares its own in `events.py`, one line each."""

from django.utils.functional import Promise

VERBS: dict[str, str | Promise] = {}


class UndeclaredVerb(LookupError):
    """Declare it in the app's events.py: `GOAL_CLOSED = verb("goals.closed", _("closed a goal"))`."""


def verb(code: str, label: str | Promise) -> str:
    """Declare `code` ("app.what_happened") with the words a reader of the audit page sees; returns the code."""
    if VERBS.setdefault(code, label) != label:
        raise ValueError(f"the verb {code} is declared twice")
    return code

"""What people can be told. Each app above declares its own kinds in `events.py`, one call each."""

from dataclasses import dataclass

from django.utils.functional import Promise

from perfsys.audit.verbs import withhold_subjects

Words = str | Promise

KINDS: dict[str, "NoticeKind"] = {}


class UndeclaredKind(LookupError):
    """Declare it in the app's events.py with `notice_kind("goals.stale", _("..."), outside=_("..."))`."""


@dataclass(frozen=True)
class NoticeKind:
    """`sentence` and `why` are what the app shows, with %(name)s for the parameters; `outside` stands in messages
    that leave the app and has none: no private content goes there (product.md §8).

    `asks`: the addressee owes something. `reminder`: nobody asked for it, so it carries the switch "normal, a
    deliberate change" and counts towards the three a week. `by_text`: an alarm, worth a text message to whoever chose
    to have those. `on_confirm`: a function by dotted path, called as
    f(subject_id=, actor=, note=, now=) when the switch is used; `on_undo`: f(subject_id=, actor=, now=) -> bool when
    the answer is taken back, False where the facts have moved on. `on_record`: whether the record that administrators
    read says who used it.
    """

    code: str
    sentence: Words
    outside: Words
    why: Words = ""
    asks: bool = False
    reminder: bool = False
    by_mail: bool = True
    on_confirm: str = ""
    on_undo: str = ""
    on_record: bool = True
    by_text: bool = False


def notice_kind(
    code: str,
    sentence: Words,
    *,
    outside: Words,
    why: Words = "",
    asks: bool = False,
    reminder: bool = False,
    by_mail: bool = True,
    on_confirm: str = "",
    on_undo: str = "",
    on_record: bool = True,
    by_text: bool = False,
) -> str:
    """Declare a kind, "app.what_is_told", and return its code."""
    kind = NoticeKind(code, sentence, outside, why, asks, reminder, by_mail, on_confirm, on_undo, on_record, by_text)
    if KINDS.setdefault(code, kind) != kind:
        raise ValueError(f"the kind {code} is declared twice")
    if not on_record:
        withhold_subjects("notices.notice", f"{code} to ")  # entries of a time when it was
    return code


def kind_of(code: str) -> NoticeKind:
    try:
        return KINDS[code]
    except KeyError:
        raise UndeclaredKind(code) from None

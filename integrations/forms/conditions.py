"""What a condition over a field compares with, as people type it: for metrics and for rules over records."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ..metrics import condition_value

WITHOUT_VALUE = ("blank", "not_blank")
HOLDS = {
    "whole": _("numbers"),
    "decimal": _("numbers"),
    "day": _("days, such as 2026-11-20"),
    "time": _("moments, such as 2026-11-20 08:00, or days"),
    "yes": _("yes or no"),
    "text": _("words"),
    "list": _("lists"),
}
_MANY = re.compile(r"[,，、;；\n]")


def words_of(op: str, typed: str) -> list[str]:
    """What a field is compared with: several for “is one of”."""
    if op != "in":
        return [typed]
    return [word.strip() for word in _MANY.split(typed) if word.strip()]


def refused(kind: str, words: Sequence[str]) -> ValidationError | None:
    """Why a field of that type is not compared with these: `1,000` is no number, and would be equal to every empty
    one."""
    if not any(words):
        return ValidationError(_("Type what it is compared with."))
    wrong = next((word for word in words if condition_value(kind, word) is None), None)
    if wrong is None:
        return None
    sentence = _("“%(value)s” fits no value of this field: it holds %(holds)s.")
    return ValidationError(sentence, params={"value": wrong, "holds": HOLDS[kind]})

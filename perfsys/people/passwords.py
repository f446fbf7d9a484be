"""What a password must be (security.md §3, items 1 and 2): long, and not one that others would try first."""

import re
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .crossing import memberships_of
from .names import search_key

SHORTEST, LONGEST = 12, 128
PRODUCT_WORDS = ("perfsys", "peipao", "陪跑")
DISTINCT = 5  # characters
WALKS = tuple(
    row[::step]
    for row in (
        "1234567890",
        "abcdefghijklmnopqrstuvwxyz",
        "qwertyuiopasdfghjklzxcvbnm",
        "1qaz2wsx3edc4rfv5tgb6yhn7ujm",
    )
    for step in (1, -1)
)
MEANINGFUL = 4  # letters left when the well-known words are taken out


class Length:
    """12 to 128 characters; the upper bound keeps hashing cheap."""

    def validate(self, password: str, user: Any = None) -> None:
        if len(password) < SHORTEST:
            text = ngettext("Use at least %(n)d character.", "Use at least %(n)d characters.", SHORTEST)
            raise ValidationError(text % {"n": SHORTEST}, code="password_too_short")
        if len(password) > LONGEST:
            raise ValidationError(_("Use at most %(n)d characters.") % {"n": LONGEST}, code="password_too_long")

    def get_help_text(self) -> str:
        return _("At least %(n)d characters; a short sentence is easiest to remember.") % {"n": SHORTEST}


class NotRepeated:
    """Not one short piece over and over, nor a walk along the keyboard: long, and guessed in a moment."""

    def validate(self, password: str, user: Any = None) -> None:
        folded = password.lower()
        repeats = folded in (folded + folded)[1:-1]  # then it consists of equal pieces
        if repeats or len(set(folded)) < DISTINCT or any(folded in walk * 3 for walk in WALKS):
            raise ValidationError(_("Use something less regular: a short sentence, for example."), code="too_regular")

    def get_help_text(self) -> str:
        return ""


class NotOurWords:
    """Not the product's or the company's name with some decoration: whoever knows where you work tries those first."""

    def validate(self, password: str, user: Any = None) -> None:
        rest = _letters(password)
        for word in sorted({_letters(word) for word in (*PRODUCT_WORDS, *company_words(user))}, key=len, reverse=True):
            if len(word) > 1:
                rest = rest.replace(word, "")
        if rest != _letters(password) and len(set(rest)) < MEANINGFUL:
            raise ValidationError(_("Leave out the names of your company and of this product."), code="our_words")

    def get_help_text(self) -> str:
        return ""


def company_words(user: Any) -> list[str]:
    """Names of the companies of an account; one that is about to join carries them as `company_words`."""
    names = list(getattr(user, "company_words", ()))
    if getattr(user, "pk", None):
        names += [word for membership in memberships_of(user.pk) for word in membership]
    return names + [word for name in names for word in search_key(name).split()[:1]]


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", text).lower()

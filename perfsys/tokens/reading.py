"""JSON as programs send it."""

from json import JSONDecodeError
from typing import Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser


class Json(JSONParser):
    """Says where it cannot be read in the language that answers: Python's own words about it are English. A body nested
    thousands of levels deep overflows Python's stack: that is the sender's fault as well."""

    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().parse(*args, **kwargs)
        except ParseError as refused:
            raise ParseError(_told(refused.__context__)) from refused
        except RecursionError:
            raise ParseError(_("It is nested too deeply to be read.")) from None


def _told(cause: BaseException | None) -> str:
    if isinstance(cause, JSONDecodeError):
        told: str = _("The body is no JSON that can be read: line %(line)d, character %(column)d.")
        return told % {"line": cause.lineno, "column": cause.colno}
    if isinstance(cause, UnicodeError):
        return _("The body is not written in UTF-8.")
    return _("The body holds a number that JSON does not know.")

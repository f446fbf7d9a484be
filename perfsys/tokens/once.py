"""A POST that is sent twice with the same `Idempotency-Key` is one, and both are answered alike: a program whose line
broke asks again without a second thought. So at every address of the API; the actions know nothing of it."""

import hashlib
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext as _
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter
from psycopg2.errors import LockNotAvailable

from .models import Answered
from .problems import Refused, refuse

HEADER = "Idempotency-Key"
MOST_KEY = 80
A_WHILE = 10  # seconds
ONCE = OpenApiParameter(
    HEADER,
    {"type": "string", "maxLength": MOST_KEY, "pattern": "^[ -~]*$"},
    OpenApiParameter.HEADER,
    description="The same sent twice with the same key is done once, and answered alike for a week.",
)


class Schema(AutoSchema):
    """What the description says of every POST, as the door does it for every POST."""

    def get_override_parameters(self) -> list[Any]:
        return [ONCE] if self.method == "POST" else []


def once(
    request: HttpRequest, token_id: int, do: Callable[[], Any], now: datetime, *, takes_files: bool = False
) -> HttpResponseBase:
    """`do()`, or what it was answered before. The second of two at once waits for the first one's transaction, and is
    sent away where that takes long. 422 where the key came with something else."""
    key = request.headers.get(HEADER, "").strip()
    if request.method != "POST" or not key:
        return do()  # type: ignore[no-any-return]  # of DRF
    if len(key) > MOST_KEY or not (key.isascii() and key.isprintable()):
        return _refused(_("A key is made of at most 80 plain characters."))
    try:
        asked = _digest(request, takes_files and request.content_type == "multipart/form-data")
    except (MultiPartParserError, SuspiciousOperation):  # before anybody else reads the form
        return refuse(HTTPStatus.BAD_REQUEST, _("The form cannot be read."))
    try:
        kept, is_first = Answered.objects.get_or_create(
            token_id=token_id, key=key, defaults={"asked": asked, "at": now}
        )
    except OperationalError as error:
        if not isinstance(error.__cause__, LockNotAvailable):
            raise
        words = _("The same is being done at this moment. Ask again in a while for its answer.")
        return refuse(HTTPStatus.CONFLICT, words, Retry_After=str(A_WHILE))
    if kept.asked != asked:
        return _refused(_("This key was sent with something else before. Take a new one."))
    if not is_first:
        return HttpResponse(kept.body, status=kept.status, content_type="application/json")
    answer = do()
    kept.status, kept.body = answer.status_code, answer.content.decode()
    kept.save(update_fields=["status", "body"])
    return answer  # type: ignore[no-any-return]


def _digest(request: HttpRequest, has_files: bool) -> str:
    """Of what was said and where. A form with files comes apart at another line each time, so its parts are taken."""
    said = hashlib.sha256(request.get_full_path().encode() + b"\n")
    if not has_files:
        said.update(request.body)
        return said.hexdigest()
    parts = [(name, value) for name, values in request.POST.lists() for value in values]
    for name, files in request.FILES.lists():
        for file in files:
            parts += [(name, file.name or ""), (name, hashlib.file_digest(file, "sha256").hexdigest())]
            file.seek(0)
    said.update(repr(sorted(parts)).encode())
    return said.hexdigest()


def _refused(words: str) -> HttpResponseBase:
    return refuse(HTTPStatus.UNPROCESSABLE_ENTITY, Refused.default_detail, {HEADER: [words]})

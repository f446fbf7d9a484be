"""Every refusal of the API in one shape: `application/problem+json` (RFC 9457)."""

import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import BaseForm
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions, serializers
from rest_framework.response import Response

PROBLEM = "application/problem+json"
OF_API = re.compile(r"/t/[^/]+/api/")
Fields = Mapping[str, list[str]]


class Problem(serializers.Serializer[Any]):
    """As the description of the API shows it."""

    type = serializers.CharField()
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField()
    errors = serializers.DictField(  # type: ignore[assignment]  # DRF takes fields out of the class: nothing is hidden
        child=serializers.ListField(child=serializers.CharField()), required=False
    )
    current = serializers.DictField(required=False, help_text="At 409: what stands there now.")


class Refused(exceptions.APIException):
    """What was sent breaks a rule; `fields` says which of it, and how to mend it."""

    status_code = HTTPStatus.UNPROCESSABLE_ENTITY
    default_detail = _("Something in it cannot be taken as it is. See the errors.")
    default_code = "refused"

    def __init__(self, fields: Fields) -> None:
        super().__init__()
        self.fields = fields

    @classmethod
    def by(cls, form: BaseForm, names: Mapping[str, str] | None = None) -> "Refused":
        """By a form's own rules; `names` are fields that are called otherwise here."""
        told: dict[str, list[str]] = {}
        for name, errors in form.errors.items():
            told.setdefault((names or {}).get(name, name), []).extend(map(str, errors))
        return cls(told)


class Conflict(exceptions.APIException):
    """Somebody was faster, or it is no longer in a state for this. `current` is what stands there now."""

    status_code = HTTPStatus.CONFLICT
    default_detail = _("It has changed meanwhile. Look at it as it is now, then decide again.")
    default_code = "conflict"

    def __init__(self, detail: Any = None, current: dict[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.current = current


class TooOften(exceptions.APIException):
    """More than one person may do in a while; after `wait` seconds it goes on."""

    status_code = HTTPStatus.TOO_MANY_REQUESTS
    default_code = "too_often"

    def __init__(self, detail: Any, *, wait: int) -> None:
        super().__init__(detail)
        self.wait = wait


def problem(status: int, detail: Any, **more: Any) -> dict[str, Any]:
    said = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": int(status), "detail": str(detail)}
    return said | {name: value for name, value in more.items() if value}


def refuse(status: int, detail: Any, errors: Fields | None = None, **headers: str) -> JsonResponse:
    """Before DRF has the request."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    said = problem(status, detail, errors=errors)
    return JsonResponse(said, status=status, content_type=PROBLEM, headers=named)


def in_its_shape(status: int, detail: Any, page: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """What answers for `handler404` and its like: a problem at an address of the API, else `page`."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return refuse(status, detail) if OF_API.match(request.path_info) else page(request, *args, **kwargs)

    return answer


def answer_to(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler. None: it is a fault of ours, and goes the way of all faults."""
    if isinstance(error, Http404):
        error = exceptions.NotFound()
    elif isinstance(error, PermissionDenied):
        error = exceptions.PermissionDenied(str(error) or None)  # where it says why
    if isinstance(error, exceptions.ValidationError):
        error = Refused(_flat(error.detail))
    if not isinstance(error, exceptions.APIException):
        return None
    more = {"errors": getattr(error, "fields", None), "current": getattr(error, "current", None)}
    said, wait = problem(error.status_code, error.detail, **more), getattr(error, "wait", None)
    headers = {"Retry-After": str(wait)} if wait else None
    return Response(said, status=error.status_code, content_type=PROBLEM, headers=headers)


def _flat(detail: Any, at: str = "") -> dict[str, list[str]]:
    """DRF nests errors as the data is nested: here the path is the name, `changes.0.goal`."""
    if isinstance(detail, Mapping):
        parts = [(str(name), inner) for name, inner in detail.items()]
    elif isinstance(detail, list) and any(isinstance(one, Mapping | list) for one in detail):
        parts = [(str(place), inner) for place, inner in enumerate(detail)]
    else:
        listed = detail if isinstance(detail, list) else [detail]
        return {at or "non_field_errors": [str(one) for one in listed]} if listed else {}
    told: dict[str, list[str]] = {}
    for name, inner in parts:
        told |= _flat(inner, f"{at}.{name}" if at else name)
    return told

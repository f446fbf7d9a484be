"""What the views of the API share, whichever app they are of."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from perfsys.people.access import Viewer, viewer

from .paging import Pages
from .problems import PROBLEM, Problem

CURSOR = [
    OpenApiParameter("cursor", OpenApiTypes.STR, description="Out of `next` or `previous`."),
    OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}),
]


def refusals(*codes: int) -> dict[Any, Any]:
    """Those that every address knows, and `codes`."""
    return {(code, PROBLEM): Problem for code in (400, 401, 403, 404, 405, 413, 415, 422, 429, *codes)}


def who_asks(request: Request) -> Viewer:
    return viewer(request._request)


def said_in(shape: type[Serializer[Any]], data: Any) -> dict[str, Any]:
    """What was sent, if it has that shape. Raises DRF's ValidationError."""
    said = shape(data=data)
    said.is_valid(raise_exception=True)
    found: dict[str, Any] = said.validated_data
    return found


class AsItIs(DefaultContentNegotiation):
    """For a view that answers with a file, which is of its own kind whatever the asker would rather have."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type


class Listed(APIView):
    """A view that answers with a page of rows."""

    ordering: tuple[str, ...] = ()

    def page(
        self,
        request: Request,
        rows: QuerySet[Any],
        shape: type[Serializer[Any]],
        beside: Callable[[Sequence[Any]], dict[str, Any]] = lambda _found: {},
    ) -> Response:
        """`beside` gives what the shape needs to know of the rows of the page, as its context."""
        pages = Pages()
        found = pages.paginate_queryset(rows, request, self) or []
        return pages.get_paginated_response(shape(found, many=True, context=beside(found)).data)

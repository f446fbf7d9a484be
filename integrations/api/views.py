"""Metrics and their figures over the API: read alone. Whose figures they are is told to whom the pages tell it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from integrations import access
from integrations.queries import metrics as queries
from integrations.queries.standing import marks_of
from perfsys.tokens.answers import CURSOR, Listed, refusals, said_in, who_asks

from . import serializers as shapes


class Metrics(Listed):
    ordering = ("public_id",)

    @extend_schema(
        operation_id="metrics_list",
        filters=False,
        parameters=[*CURSOR],
        responses={200: shapes.MetricPage, **refusals()},
    )
    def get(self, request: Request) -> Response:
        """The metrics that the token's person may read."""
        return self.page(request, access.visible_metrics(who_asks(request)), shapes.MetricShown)


class OneMetric(APIView):
    @extend_schema(operation_id="metrics_one", responses={200: shapes.WholeMetric, **refusals()})
    def get(self, request: Request, public_id: UUID) -> Response:
        """With its versions, the newest first: what each counts, who signed it, and from which day on."""
        definition = access.metric_to_read(who_asks(request), public_id)
        shown = dict(shapes.MetricShown(definition).data)
        shown["versions"] = shapes.VersionShown(queries.versions_of(definition), many=True).data
        return Response(shown)


class MetricValues(Listed):
    ordering = ("-on", "-id")

    @extend_schema(
        operation_id="metrics_values",
        filters=False,
        parameters=[shapes.ValueFilters, *CURSOR],
        responses={200: shapes.ValuePage, **refusals()},
    )
    def get(self, request: Request, public_id: UUID) -> Response:
        """The figures as they stand, the newest day first. By subject for whoever may read whose they are."""
        who = who_asks(request)
        definition = access.metric_to_read(who, public_id)
        wanted = said_in(shapes.ValueFilters, request.query_params)
        values = queries.standing_values(
            definition, first=wanted.get("first", date.min), last=wanted.get("last", date.max)
        )
        values = values.filter(access.values_to_read(who, definition))
        if wanted["whole"]:
            values = values.filter(subject=None)
        return self.page(request, values, shapes.ValueShown, lambda found: {"marks": marks_of(definition, list(found))})

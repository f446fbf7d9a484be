"""Metrics with their figures, and people, over the API: read alone. Whose figures they are is told to whom the pages
tell it; people with a token that was given people, and those whose profile its person may open (product.md §5.10)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from integrations import access
from integrations.queries import metrics as queries
from integrations.queries.outbound import facts_of_people
from perfsys.people.access import person_to_read, visible_people
from perfsys.people.models import Employee
from perfsys.tokens.answers import CURSOR, Listed, refusals, said_in, who_asks
from perfsys.tokens.models import Scope
from perfsys.tokens.paging import Pages

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
        if wanted["whole"] or not access.may_read_subjects(who, definition):
            values = values.filter(subject=None)
        return self.page(request, values, shapes.ValueShown)


class People(Listed):
    token_scope = Scope.PEOPLE
    ordering = ("employee_no",)

    @extend_schema(
        operation_id="people_list",
        filters=False,
        parameters=[shapes.PersonFilters, *CURSOR],
        responses={200: shapes.PersonPage, **refusals()},
    )
    def get(self, request: Request) -> Response:
        """By employee number, with posts and managers as of today."""
        wanted = said_in(shapes.PersonFilters, request.query_params)
        pages = Pages()
        found = pages.paginate_queryset(visible_people(who_asks(request)).filter(**wanted), request, self)
        return pages.get_paginated_response(_read(found))


class OnePerson(APIView):
    token_scope = Scope.PEOPLE

    @extend_schema(operation_id="people_one", responses={200: shapes.PersonRead, **refusals()})
    def get(self, request: Request, public_id: UUID) -> Response:
        """As of today."""
        return Response(_read([person_to_read(who_asks(request), public_id)])[0])


def _read(people: Sequence[Employee]) -> list[dict[str, Any]]:
    facts = facts_of_people(people, timezone.now())
    return [{"id": str(one.public_id), **facts[one.pk]} for one in people]

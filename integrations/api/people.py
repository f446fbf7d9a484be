"""People over the API, for OA, learning and payroll systems (product.md §5.10): those whose profile the token's person
may open, and only with a token that was given people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from integrations.queries.outbound import facts_of_people
from perfsys.people.access import person_to_read, visible_people
from perfsys.people.models import Employee
from perfsys.tokens.answers import CURSOR, Listed, refusals, said_in, who_asks
from perfsys.tokens.models import Scope
from perfsys.tokens.paging import Pages

from . import people_shapes as shapes


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

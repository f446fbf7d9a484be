"""What a manager's direct reports were told, side by side: for noticing, and not for comparing (product.md §3.4)."""

from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from feedback import radar_wording
from feedback.queries import matrix as queries
from feedback.queries.matrix import Matrix
from feedback.views.figure_parts import BEHIND
from perfsys.lexicon.models import Competency, Nature
from perfsys.people.access import viewer
from perfsys.people.models import Employee
from perfsys.tenancy.roles import Role
from perfsys.tenancy.routes import TenantRequest, here, open_to

PER_PAGE = 20
LIST = "list"


@require_GET
@open_to(Role.MANAGER)
def team(request: TenantRequest) -> HttpResponse:
    """By name; `?as=list` is the same line by line, which reads well on a phone and aloud."""
    who = viewer(request)
    page = Paginator(queries.team(who), PER_PAGE).get_page(request.GET.get("page"))
    matrix = queries.matrix_of(who, list(page.object_list))
    is_list = request.GET.get("as") == LIST
    at = f"page={page.number}" if page.number > 1 else ""
    context = {
        "team_url": here(request, "dashboards:team"),
        "is_list": is_list,
        "looks": [
            {"label": _("Matrix"), "url": f"?{at}", "current": not is_list},
            {"label": _("List"), "url": f"?as={LIST}&{at}".rstrip("&"), "current": is_list},
        ],
        "page": page,
        "empty": not matrix.pairs,
        "heads": [competency.shown_name for competency in matrix.competencies],
        "most": matrix.most,
        "rows": [_row(request, matrix, person) for person in matrix.people],
    }
    return render(request, "feedback/team_matrix.html", context)


def _row(request: TenantRequest, matrix: Matrix, person: Employee) -> dict[str, Any]:
    unit, radar = matrix.units.get(person.pk), here(request, "feedback:radar", public_id=person.public_id)
    return {
        "name": person.name,
        "unit": unit.name if unit else "",
        "url": radar,
        "cells": [_cell(matrix, person, competency, radar) for competency in matrix.competencies],
    }


def _cell(matrix: Matrix, person: Employee, competency: Competency, radar: str) -> dict[str, Any]:
    pair = matrix.of(person, competency)
    return {
        "competency": competency.shown_name,
        "is_empty": pair == queries.NOTHING,
        "kinds": [
            {
                "count": number,
                "is_hope": nature == Nature.CONSTRUCTIVE,
                "url": _address(radar, competency, nature) if number else "",
                "label": radar_wording.cell_label(person.name, competency.shown_name, nature, number),
            }
            for nature, number in ((Nature.POSITIVE, pair.positive), (Nature.CONSTRUCTIVE, pair.constructive))
        ],
    }


def _address(radar: str, competency: Competency, nature: str) -> str:
    asked = urlencode({"competency": str(competency.public_id), "nature": nature})
    return f"{radar}?{asked}#{BEHIND}"

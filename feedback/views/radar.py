"""A person's radar: what colleagues have noticed in the last 90 days (product.md §3.4)."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from feedback import access, radar_wording
from feedback.queries import radar as queries
from feedback.queries.radar import Scene, Seen
from feedback.radar import Line, Radar
from feedback.views.figure_parts import BEHIND, behind, seen_by
from perfsys.common import charts
from perfsys.common.charts import Cell, Chart
from perfsys.lexicon.models import Competency, Nature
from perfsys.people.access import Viewer, person, viewer
from perfsys.people.models import Employee
from perfsys.tenancy.roles import EVERYONE, Role
from perfsys.tenancy.routes import TenantRequest, here, open_to


@dataclass(frozen=True)
class Choice:
    """Which number was opened: of one competency all, one kind, or one week."""

    line: Line
    competency: Competency
    nature: str = ""
    monday: date | None = None

    @property
    def count(self) -> int:
        """Counted already: no page has to count again."""
        if self.monday is not None:
            return self.line.weeks[self.monday]
        by_nature: dict[str, int] = {
            Nature.POSITIVE: self.line.positive,
            Nature.CONSTRUCTIVE: self.line.constructive,
        }
        return by_nature.get(self.nature, self.line.total)


@require_GET
@open_to(Role.EMPLOYEE)
def own(request: TenantRequest) -> HttpResponse:
    return _page(request, viewer(request), person(request))


@require_GET
@open_to(*EVERYONE)
def of_person(request: TenantRequest, public_id: UUID) -> HttpResponse:
    who = viewer(request)
    return _page(request, who, access.radar_to_read(who, public_id))


def _page(request: TenantRequest, who: Viewer, about: Employee) -> HttpResponse:
    seen = queries.radar_of(who, about)
    is_own = about.pk == who.employee_id
    context = {
        "about": about,
        "is_own": is_own,
        "list_url": here(request, "people:list"),
        "person_url": here(request, "people:person", about.public_id),
        "words_url": here(request, "feedback:my_words")
        if is_own
        else here(request, "feedback:words_of", public_id=about.public_id),
        "lede": radar_wording.lede(seen.counted),
        "seen_by": seen_by(who, about),
        "empty": not seen.counted.total,
        "chart": _chart(seen),
        "not_drawn": len(seen.counted.lines) - len(seen.counted.axes),
        "heat": _heat(seen),
        "scenes": [_scene(scene) for scene in seen.scenes],
        "chosen": _chosen(request, who, about, seen),
    }
    return render(request, "feedback/radar.html", context)


# --- what is drawn ----------------------------------------------------------------------------------------------------


def _chart(seen: Seen) -> Chart | None:
    """None where there are too few competencies for a shape: the table of weeks shows them all."""
    axes = seen.counted.axes
    if len(axes) < charts.LEAST_AXES or not seen.counted.total:
        return None
    names = [seen.competencies[line.competency].shown_name for line in axes]
    outlines = [
        charts.Outline(str(radar_wording.PRAISE), [line.positive for line in axes], "brand"),
        charts.Outline(str(radar_wording.HOPED), [line.constructive for line in axes], "talk", is_dotted=True),
    ]
    return Chart(
        key="radar",
        says=radar_wording.finding(axes, names),
        figure=charts.radar(names, outlines),
        heads=[_("Competency"), str(radar_wording.PRAISE), str(radar_wording.HOPED), _("Together")],
        rows=[_row(line, seen.competencies[line.competency]) for line in seen.counted.lines],
    )


def _row(line: Line, competency: Competency) -> list[Cell]:
    return [
        Cell(competency.shown_name),
        _cell(line.positive, competency, nature=Nature.POSITIVE),
        _cell(line.constructive, competency, nature=Nature.CONSTRUCTIVE),
        _cell(line.total, competency),
    ]


def _cell(number: int, competency: Competency, **more: str) -> Cell:
    return Cell(number, _address(competency, **more) if number else "")


def _heat(seen: Seen) -> dict[str, Any]:
    counted = seen.counted
    return {
        "caption": _("Feedback of the last 90 days by competency and week"),
        "heads": [f"{monday.month}/{monday.day}" for monday in counted.mondays],
        "rows": [_heat_row(line, seen.competencies[line.competency], counted) for line in counted.lines],
        "most": counted.most_in_a_week,
    }


def _heat_row(line: Line, competency: Competency, counted: Radar) -> dict[str, Any]:
    return {
        "title": competency.shown_name,
        "url": _address(competency) if line.total else "",
        "cells": [
            {
                "count": line.weeks[monday],
                "url": _address(competency, week=monday.isoformat()),
                "label": radar_wording.week_label(competency.shown_name, monday, line.weeks[monday]),
            }
            for monday in counted.mondays
        ],
    }


def _scene(scene: Scene) -> dict[str, Any]:
    return {
        "competency": scene.competency.shown_name,
        "url": _address(scene.competency) if scene.suggestion.line.total else "",
        "reason": radar_wording.reason(scene.suggestion),
        "scene": scene.entry.shown_scene if scene.entry else "",
        "example": scene.entry.shown_text if scene.entry else "",
        "tags": [tag.shown_name for tag in scene.tags],
    }


# --- the feedbacks behind a number ------------------------------------------------------------------------------------


def _chosen(request: TenantRequest, who: Viewer, about: Employee, seen: Seen) -> dict[str, Any] | None:
    choice = _choice(request, seen)
    if choice is None:
        return None
    found = queries.feedback_behind(who, about, choice.competency, nature=choice.nature, monday=choice.monday)
    title = radar_wording.behind(choice.competency.shown_name, choice.nature, choice.monday)
    return behind(request, found, count=choice.count, title=title, back=_("Back to the radar"))


def _choice(request: TenantRequest, seen: Seen) -> Choice | None:
    """What the address asks for; what it names wrongly is as if it were not there."""
    asked = request.GET.get("competency", "")
    line = next((one for one in seen.counted.lines if str(seen.competencies[one.competency].public_id) == asked), None)
    if line is None:
        return None
    competency, week, nature = (
        seen.competencies[line.competency],
        request.GET.get("week", ""),
        request.GET.get("nature", ""),
    )
    monday = next((one for one in seen.counted.mondays if one.isoformat() == week), None)
    if monday is not None:
        return Choice(line, competency, monday=monday)
    return Choice(line, competency, nature=nature if nature in Nature.values else "")


def _address(competency: Competency, **more: str) -> str:
    return "?" + urlencode({"competency": str(competency.public_id), **more}) + f"#{BEHIND}"

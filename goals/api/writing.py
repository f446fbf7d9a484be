"""A draft that a program writes, through the form of the page it would be typed on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import PermissionDenied
from django.forms import BaseFormSet
from django.http import Http404
from django.utils.translation import gettext as _

from goals import access, writing_forms
from goals.actions.goal import GoalWords, Place
from goals.models import Layer
from goals.queries.writing import told_as
from goals.writing_forms import Desk, GoalForm
from perfsys.people.access import Viewer
from perfsys.people.queries import primary_units
from perfsys.tokens.problems import Refused

NOT_IN_THE_FORM = {"layer", "owner", "unit", "period", "parent", "obstacles", "milestones", "key_results", "version"}


@dataclass(frozen=True)
class Sheet:
    """The form with its lists, filled in. `words()` only once it was judged."""

    form: GoalForm
    stages: BaseFormSet[Any]
    results: BaseFormSet[Any]

    def judge(self) -> None:
        """Raises Refused, with all there is to mend."""
        told: dict[str, list[str]] = {}
        if not self.form.is_valid():
            names = {"causes": "obstacles", "new_cause": "obstacles", "__all__": "non_field_errors"}
            told |= Refused.by(self.form, names).fields
        for name, lines in {"milestones": self.stages, "key_results": self.results}.items():
            if lines.is_valid() and (
                name != "milestones" or writing_forms.judge_stages(lines, self.form.cleaned_data.get("due_on"))
            ):
                continue
            if of_all := list(map(str, lines.non_form_errors())):
                told[name] = of_all
            for place, line in enumerate(lines.forms):
                told |= {f"{name}.{place}.{field}": list(map(str, errors)) for field, errors in line.errors.items()}
        if told:
            raise Refused(told)

    def words(self) -> GoalWords:
        stages, results = writing_forms.stages_typed(self.stages), writing_forms.key_results_typed(self.results)
        return self.form.words(stages, results)


def place_of(who: Viewer, said: Mapping[str, Any]) -> Place:
    """Whose goal it becomes. Raises Refused, PermissionDenied."""
    owner, unit = said.get("owner"), said.get("unit")
    layer = said.get("layer") or (Layer.DEPARTMENT if unit else Layer.POSITION)
    if owner and layer != Layer.POSITION:
        raise Refused({"owner": [_("A goal of this layer has no owner.")]})
    if unit and layer != Layer.DEPARTMENT:
        raise Refused({"unit": [_("A goal of this layer is not given to a unit.")]})
    if layer == Layer.COMPANY:
        if not access.may_write_for_company(who):
            raise PermissionDenied
        return Place.of_company()
    try:
        if layer == Layer.DEPARTMENT:
            if not unit:
                raise Refused({"unit": [_("Name the unit whose goal it is.")]})
            return Place.of_unit(access.unit_to_write_for(who, unit))
        person = access.owner_to_write_for(who, owner)
    except Http404:
        named = "owner" if layer == Layer.POSITION else "unit"
        raise Refused({named: [_("There is none with this id.")]}) from None
    return Place.of_person(person, primary_units([person.pk], who.on).get(person.pk))


def new_sheet(desk: Desk, said: Mapping[str, Any]) -> Sheet:
    given = {"kind": "kpi", "key": str(uuid4()), "period": _span_of(desk, said.get("period", ""))}
    return _filled(desk, given, said, {"milestones": [], "key_results": []})


def changed_sheet(desk: Desk, initial: Mapping[str, Any], lists: Mapping[str, Any], said: Mapping[str, Any]) -> Sheet:
    """`initial` and `lists` are what stands there, for all that is not named."""
    return _filled(desk, initial, said, lists)


def _filled(desk: Desk, standing: Mapping[str, Any], said: Mapping[str, Any], lists: Mapping[str, Any]) -> Sheet:
    data = {**standing, **{name: value for name, value in said.items() if name not in NOT_IN_THE_FORM}}
    if "obstacles" in said:
        data |= _obstacles(desk, said["obstacles"])
    if "parent" in said:
        desk = _with_parent(desk, said["parent"])
        data["parent"] = told_as(desk.kept_parent) if desk.kept_parent else ""
    form = GoalForm(data, desk=desk)
    if nowhere := [name for name in said if said[name] and name not in {*form.fields, *NOT_IN_THE_FORM}]:
        raise Refused({name: [_("A goal of this layer has nothing of the kind.")] for name in nowhere})
    stages = said.get("milestones", lists["milestones"])
    results = said.get("key_results", lists["key_results"])
    return Sheet(
        form,
        writing_forms.stages(_rows("stages", stages)),
        writing_forms.key_results(_rows("results", results)),
    )


def _span_of(desk: Desk, name: str) -> str:
    found = next((span for span in desk.spans if span.name == name or not name), None)
    if found is None:
        names = ", ".join(span.name for span in desk.spans)
        raise Refused({"period": [_("Goals can be written in these periods now: %(names)s.") % {"names": names}]})
    return found.key


def _with_parent(desk: Desk, public_id: UUID | None) -> Desk:
    kept = desk.kept_parent
    if public_id is None:
        return replace(desk, kept_parent=None)
    if kept is not None and kept.public_id == public_id:
        return desk
    parent = desk.parents.filter(public_id=public_id).first() if desk.layer != Layer.COMPANY else None
    over = desk.over().filter(public_id=public_id).first() if parent is None and desk.over else None
    if over is not None:
        raise Refused({"parent": list(writing_forms.is_over(over).messages)})
    if parent is None:
        raise Refused({"parent": [_("There is no goal with this id that this one could support.")]})
    return replace(desk, kept_parent=parent)


def _obstacles(desk: Desk, names: Iterable[str]) -> dict[str, Any]:
    wanted = list(dict.fromkeys(" ".join(name.split()) for name in names))
    if wanted and desk.layer == Layer.COMPANY:
        raise Refused({"obstacles": [_("A goal of this layer has nothing of the kind.")]})
    listed = {cause.name: str(cause.public_id) for cause in desk.causes}
    others = [name for name in wanted if name not in listed]
    if len(others) > 1:
        raise Refused({"obstacles": [_("Only one that the company does not list.")]})
    return {"causes": [listed[name] for name in wanted if name in listed], "new_cause": "".join(others)}


def _rows(prefix: str, lines: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    rows = list(lines)
    data: dict[str, Any] = {f"{prefix}-TOTAL_FORMS": str(len(rows)), f"{prefix}-INITIAL_FORMS": "0"}
    for place, row in enumerate(rows):
        data |= {f"{prefix}-{place}-{name}": value for name, value in row.items()}
    return data

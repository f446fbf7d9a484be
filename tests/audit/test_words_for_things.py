"""What the record calls the things it speaks of: by a name of their own, or by words; never by the numbers of rows."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db.models import Model

from perfsys.audit.verbs import THINGS
from perfsys.people.events import role_of

ROOT = Path(__file__).parents[2]
APPS = ("dashboards", "feedback", "goals", "integrations", "perfsys", "reviews")
OURS = {model.__name__: model for model in apps.get_models() if model.__module__.split(".")[0] in APPS}
# Its label says rows by their numbers, counts them, quotes the beginning of a text, or is the same words always.
NO_NAME = re.compile(r'_id\b|\.pk\b|\blen\(|public_id|\[:\d+\]|return "|return f"[a-z]')
# What is read off rows, or comes from another module.
BY_HAND = {
    "feedback/actions/feedback.py take_on item": "feedback.actionitem",
    "feedback/actions/gripe_days.py list_unnamed day": "feedback.gripeday",
    "feedback/actions/gripes.py join joined": "feedback.gripe",
    "feedback/actions/retro_week.py close_weeks week": "feedback.retroweek",
    "goals/actions/adjusting.py approve locked": "goals.adjustmentrequest",
    "goals/actions/adjusting.py refuse locked": "goals.adjustmentrequest",
    "goals/actions/alignments.py confirm_alignment child": "goals.goal",
    "integrations/actions/aside.py _record_decision connection": "integrations.connection",
    "integrations/actions/metric.py announce definition": "integrations.metricdefinition",
    "integrations/actions/metric.py drop_draft definition": "integrations.metricdefinition",
    "integrations/actions/sync.py _end connection": "integrations.connection",
    "perfsys/lexicon/actions.py _list locked": "lexicon.competency",  # or another term: each says what it is called
    "perfsys/lexicon/actions.py add_term term": "lexicon.competency",
    "perfsys/lexicon/actions.py edit_term locked": "lexicon.competency",
    "perfsys/notices/actions.py change_preferences wanted": "notices.noticepreferences",
    "perfsys/people/actions/day.py refresh_for_today tenant_now()": "tenancy.tenant",
    "perfsys/people/actions/features.py switch_feature switch": "people.featureswitch",
    "perfsys/people/actions/organisation.py reorganise tenant_now()": "tenancy.tenant",
    "perfsys/people/actions/roster.py apply_roster tenant_now()": "tenancy.tenant",
    "perfsys/people/actions/tenants.py change_company tenant": "tenancy.tenant",
    "perfsys/people/actions/tenants.py create_tenant tenant_now()": "tenancy.tenant",
    "perfsys/people/actions/undoing.py take_back_roster tenant_now()": "tenancy.tenant",
}


def _subjects() -> Iterator[tuple[str, type[Model] | None]]:
    """Where something is recorded, and the model of what it is about; None where the source does not tell."""
    for path in sorted(path for app in APPS for path in (ROOT / app).glob("**/*.py")):
        if "record(" not in (text := path.read_text()):
            continue
        module = ast.parse(text)
        for function in [one for one in ast.walk(module) if isinstance(one, ast.FunctionDef)]:
            for call in [one for one in ast.walk(function) if isinstance(one, ast.Call)]:
                if isinstance(call.func, ast.Name) and call.func.id == "record":
                    for subject in [one.value for one in call.keywords if one.arg == "subject"]:
                        place = f"{path.relative_to(ROOT)} {function.name} {ast.unparse(subject)}"
                        yield place, _model_of(subject, function, module)


def _model_of(subject: ast.expr, function: ast.FunctionDef, module: ast.Module) -> type[Model] | None:
    if isinstance(subject, ast.Attribute) and subject.attr != "objects":
        of = _model_of(subject.value, function, module)
        return None if of is None else of._meta.get_field(subject.attr).related_model
    if not isinstance(subject, ast.Name):
        return _named_in(subject, module)
    for one in ast.walk(function):
        match one:
            case ast.arg(arg=subject.id, annotation=said) if said is not None:
                found = _named_in(said, module)
            case ast.AnnAssign(target=ast.Name(id=subject.id), annotation=said):
                found = _named_in(said, module)
            case (
                ast.Assign(targets=[ast.Name(id=subject.id)], value=said)
                | ast.For(target=ast.Name(id=subject.id), iter=said)
            ):
                found = _named_in(said, module)
            case _:
                continue
        if found is not None:
            return found
    return None


def _named_in(said: ast.expr, module: ast.Module) -> type[Model] | None:
    """The model that an annotation or a call begins with; of a call of the same module what that one returns."""
    returns = {one.name: one.returns for one in module.body if isinstance(one, ast.FunctionDef)}
    text = said.value if isinstance(said, ast.Constant) else ast.unparse(said)
    for name in re.findall(r"\b[A-Za-z_]\w*", str(text)):
        if name in OURS:
            return OURS[name]
        if (given := returns.get(name)) is not None and (model := _named_in(given, module)) is not None:
            return model
    return None


def test_whatever_is_recorded_without_a_name_of_its_own_has_words() -> None:
    found = dict(_subjects())
    assert {place for place, model in found.items() if model is None} == BY_HAND.keys()
    models = {model for model in found.values() if model is not None} | {
        apps.get_model(one) for one in BY_HAND.values()
    }
    assert len(models) > 50
    nameless = {one._meta.label_lower for one in models if NO_NAME.search(inspect.getsource(one.__str__))}
    assert sorted(nameless - THINGS.keys()) == []


def test_a_role_reads_by_its_name_and_day_whatever_the_label_says() -> None:
    labels = ("admin for seat 1 from 2026-11-30", "admin", "")
    assert [role_of(label).split(" ")[1:] for label in labels] == [["2026-11-30"], [], []]

"""The rules of the wall as Django system checks: `check`, `runserver` and `migrate` name a breach before a test does.

Models (tenancy.E001-E009), routes (E020-E023), and with `check --database default` the catalogue (E100).
"""

import inspect
from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections, models
from django.db.models.constraints import BaseConstraint

from .catalogue import ROW_RIGHTS, faults, rights
from .constraints import TenantForeignKey, TenantWall
from .models import TenantKey, TenantManager, TenantModel
from .routes import Route, dotted_name, every_route
from .scope import OWNER

LONGEST_NAME = 63  # bytes; PostgreSQL cuts the rest off without a word


@register(Tags.models)
def check_models(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    return [fault for model in apps.get_models(include_auto_created=True) for fault in faults_of(model)]


@register(Tags.urls)
def check_routes(app_configs: Any, **_kwargs: Any) -> list[CheckMessage]:
    routes = list(every_route())
    unknown = sorted(set(settings.PUBLIC_VIEWS) - {route.name for route in routes})
    return [
        *(fault for route in routes for fault in _of_route(route)),
        *(Warning(f"PUBLIC_VIEWS names {name}, which is no route", id="tenancy.W022") for name in unknown),
    ]


@register(Tags.database)
def check_database(app_configs: Any, databases: Sequence[str] | None = None, **_kwargs: Any) -> list[CheckMessage]:
    """Not for the owner: `migrate` runs this first, and it is what mends the faults."""
    found: list[CheckMessage] = []
    for alias in databases or ():
        if connections[alias].settings_dict["USER"] != OWNER:
            with connections[alias].cursor() as cursor:
                found += [Error(sentence, id="tenancy.E100") for sentence in faults(cursor)]
    return found


def faults_of(model: type[models.Model]) -> Iterator[Error]:
    """What is wrong with one model."""
    yield from _of_keys(model)
    if not issubclass(model, TenantModel):
        return
    options = model._meta
    if any(issubclass(parent, TenantModel) for parent in options.parents) and not options.proxy:
        yield _fault(model, "E004", "multi-table inheritance: the wall guards one table, not two halves of a row")
    if not all(isinstance(m, TenantManager) for m in (model._default_manager, model._base_manager)):
        yield _fault(model, "E003", "its default or base manager is not the wall's")
    if not rights(model.app_may) <= ROW_RIGHTS:
        yield _fault(model, "E009", f"app_may is {model.app_may}: row security sees only rows")
    for constraint in options.constraints:
        yield from _of_constraint(model, constraint)
    for names in [
        *options.unique_together,
        *([f.name] for f in options.local_fields if f.unique and not f.primary_key),
    ]:
        yield _fault(model, "E006", f"unique {', '.join(names)}: a UniqueConstraint with tenant first, please")


def _of_keys(model: type[models.Model]) -> Iterator[Error]:
    is_inside = issubclass(model, TenantModel)
    enforced = getattr(model, "keys_enforced", True)
    for key in model._meta.private_fields:
        if is_inside and isinstance(key, GenericForeignKey):
            yield _fault(model, "E008", f"{key.name} is a generic key, which no composite key can guard")
    for m2m in model._meta.local_many_to_many:
        through: Any = m2m.remote_field.through
        if (is_inside or _inside(m2m.related_model)) and not issubclass(through, TenantModel):
            yield _fault(
                model, "E005", f"{m2m.name} needs through=..., a TenantModel: Django's own table has no tenant"
            )
    for field in model._meta.local_fields:
        if not isinstance(field, models.ForeignKey) or field.remote_field.parent_link:
            continue
        if isinstance(field, TenantKey):
            if not is_inside or not _inside(field.related_model) or not field.target_field.primary_key:
                yield _fault(model, "E007", f"{field.name}: a TenantKey joins two tenant tables by primary key")
        elif _inside(field.related_model):
            if enforced:
                yield _fault(model, "E001", f"{field.name} points at a tenant table: make it a TenantKey")
        elif is_inside and not field.remote_field.hidden:
            yield _fault(model, "E002", f'{field.name} needs related_name="+": a join from outside skips the manager')


def _of_constraint(model: type[models.Model], constraint: BaseConstraint) -> Iterator[Error]:
    if len(constraint.name.encode()) > LONGEST_NAME:
        yield _fault(model, "E007", f"{constraint.name} is longer than {LONGEST_NAME} bytes: PostgreSQL would cut it")
    if isinstance(constraint, TenantForeignKey):
        if not any(field.name == constraint.field for field in model._meta.local_fields):
            yield _fault(model, "E007", f"{constraint.name} is about {constraint.field}, which is no field")
    elif not isinstance(constraint, TenantWall) and _first_column(constraint) not in {"tenant", "tenant_id", None}:
        yield _fault(model, "E006", f"{constraint.name} must begin with tenant, or it tells one what another has")


def _first_column(constraint: BaseConstraint) -> str | None:
    """Of what a unique or an exclusion compares; None for other constraints."""
    expression: Any
    if isinstance(constraint, models.UniqueConstraint):
        expression = constraint.fields[0] if constraint.fields else constraint.expressions[0]
    elif isinstance(constraint, ExclusionConstraint):
        expression = constraint.expressions[0][0]
    else:
        return None
    return expression if isinstance(expression, str) else getattr(expression, "name", "an expression")


def _of_route(route: Route) -> Iterator[Error]:
    where = f"{dotted_name(route.view)} ({route.name})"
    if route.rule is None:
        yield Error(f"{where} declares no access rule", id="tenancy.E020")
    elif route.rule == "public":
        if not hasattr(route.view, "declared_rule") and "site-packages" not in _file_of(route.view):
            yield Error(f"{where} is ours: mark it @public, PUBLIC_VIEWS is for other packages", id="tenancy.E021")
    elif "tenant" not in route.converters:
        yield Error(f"{where} opens a tenant, and its address {route.pattern} names none", id="tenancy.E023")


def _file_of(view: Any) -> str:
    return inspect.getsourcefile(inspect.unwrap(getattr(view, "view_class", getattr(view, "cls", view)))) or ""


def _inside(model: Any) -> bool:
    return isinstance(model, type) and issubclass(model, TenantModel)


def _fault(model: type[models.Model], number: str, sentence: str) -> Error:
    return Error(f"{model._meta.label}: {sentence}", obj=model, id=f"tenancy.{number}")

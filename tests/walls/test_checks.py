"""Models that would open a hole are named by a system check."""

import pytest
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.checks import run_checks
from django.db import models
from django.test.utils import isolate_apps

from perfsys.people.models import Account
from perfsys.tenancy.checks import faults_of
from perfsys.tenancy.models import TenantKey, TenantModel
from perfsys.tenancy.scope import TENANT_TABLES
from tests.probe.models import Note


@pytest.fixture(autouse=True)
def forget_tables():
    """Models made here enter the list of tenant tables like any other."""
    before = set(TENANT_TABLES)
    yield
    TENANT_TABLES.intersection_update(before)


def numbers(model: type[models.Model]) -> set[str]:
    return {fault.id.removeprefix("tenancy.") for fault in faults_of(model)}


def model(base: type[models.Model] = TenantModel, meta: dict | None = None, **fields: object) -> type[models.Model]:
    parents = (base.Meta,) if hasattr(base, "Meta") else ()
    inner = type("Meta", parents, {"app_label": "probe", "abstract": False, **(meta or {})})
    return type("Made", (base,), {"__module__": __name__, "Meta": inner, **fields})


@isolate_apps("tests.probe", "perfsys.tenancy", "perfsys.people", "django.contrib.contenttypes")
@pytest.mark.parametrize(
    ("number", "make"),
    {
        "E001 a plain key": lambda: model(note=models.ForeignKey(Note, models.PROTECT, related_name="+")),
        "E001 a one-to-one": lambda: model(note=models.OneToOneField(Note, models.PROTECT, related_name="+")),
        "E001 from a global table": lambda: model(models.Model, note=models.ForeignKey(Note, models.PROTECT)),
        "E002 a way back from a global table": lambda: model(by=models.ForeignKey(Account, models.PROTECT)),
        "E003 another manager first": lambda: model(others=models.Manager(), objects=models.Manager()),
        "E003 another base manager": lambda: model(meta={"base_manager_name": "plain"}, plain=models.Manager()),
        "E004 multi-table inheritance": lambda: type(
            "Half", (Note,), {"__module__": __name__, "Meta": type("Meta", (), {"app_label": "probe"})}
        ),
        "E005 a many-to-many of Django's own": lambda: model(notes=models.ManyToManyField(Note, related_name="+")),
        "E006 a unique field": lambda: model(code=models.CharField(max_length=9, unique=True)),
        "E006 unique together": lambda: model(
            meta={"unique_together": {("a", "b")}}, a=number_field(), b=number_field()
        ),
        "E006 a unique without tenant": lambda: model(
            meta={"constraints": [models.UniqueConstraint(fields=["a", "tenant"], name="x")]}, a=number_field()
        ),
        "E006 a unique of an expression": lambda: model(
            meta={"constraints": [models.UniqueConstraint(models.functions.Lower("a"), name="x")]}, a=models.TextField()
        ),
        "E006 an exclusion without tenant": lambda: model(
            meta={"constraints": [ExclusionConstraint(name="x", expressions=[("a", "=")])]}, a=number_field()
        ),
        "E007 a TenantKey to a global table": lambda: model(by=TenantKey(Account, models.PROTECT, related_name="+")),
        "E007 a TenantKey to another column": lambda: model(
            note=TenantKey(Note, models.PROTECT, to_field="public_id", related_name="+")
        ),
        "E007 a name PostgreSQL would cut": lambda: model(
            **{"n" * 60: TenantKey(Note, models.PROTECT, related_name="+")}
        ),
        "E008 a generic key": lambda: model(
            kind=models.ForeignKey(ContentType, models.PROTECT, related_name="+"),
            row=models.BigIntegerField(),
            thing=GenericForeignKey("kind", "row"),
        ),
        "E009 a right past the rows": lambda: model(app_may="SELECT, TRUNCATE"),
    }.items(),
)
def test_it_names(number, make):
    assert number[:4] in numbers(make())


def number_field() -> models.IntegerField:
    return models.IntegerField()


@isolate_apps("tests.probe")
def test_a_model_that_keeps_the_rules_is_not_accused():
    made = model(
        meta={"constraints": [models.UniqueConstraint(fields=["tenant", "a"], name="x")]},
        a=number_field(),
        note=TenantKey(Note, models.PROTECT, related_name="+"),
        by=models.ForeignKey(Account, models.PROTECT, related_name="+"),
    )
    assert numbers(made) == set()


@isolate_apps("tests.probe")
def test_the_walls_are_added_whatever_meta_says():
    """`Meta.constraints` of a parent is lost in silence when a child declares its own."""
    made = model(meta={"constraints": []}, note=TenantKey(Note, models.PROTECT, related_name="+"))
    assert [wall.name for wall in made._meta.constraints] == ["probe_made_wall", "probe_made_note_key"]
    assert "probe_made" in TENANT_TABLES


def test_the_project_has_no_fault():
    assert [fault for fault in run_checks() if (fault.id or "").startswith("tenancy")] == []


def test_a_key_that_was_renamed_by_hand_is_named():
    """Renamed in the model alone, a wall's `field` would point at nothing."""
    key = next(wall for wall in Note._meta.constraints if wall.name == "probe_note_owner_key")
    try:
        key.field = "holder"
        assert "E007" in numbers(Note)
    finally:
        key.field = "owner"
    assert numbers(Note) == set()

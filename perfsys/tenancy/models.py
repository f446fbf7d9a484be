"""Tenant, and the base of every table inside the wall."""

from collections.abc import Iterable
from typing import Any, ClassVar, TypeVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.signals import class_prepared

from .constraints import OwnRowWall, TenantForeignKey, TenantWall
from .roles import Role
from .scope import TENANT_TABLES, OtherTenant, current_tenant_id

_M = TypeVar("_M", bound=models.Model, covariant=True)
_ST = TypeVar("_ST", contravariant=True)
_GT = TypeVar("_GT", covariant=True)


class CurrentTenant(models.Expression):
    """The open scope's tenant, asked for when SQL is compiled: a queryset kept on a class freezes no tenant."""

    output_field = models.BigIntegerField()

    def copy(self) -> "CurrentTenant":
        """Itself: it holds nothing, and every statement and subquery would make several."""
        return self

    def resolve_expression(self, *_args: Any, **_kwargs: Any) -> "CurrentTenant":
        return self

    def as_sql(self, compiler: Any, connection: Any) -> Any:
        return "%s", [current_tenant_id()]


class OwnTenant(models.Manager["Tenant"]):
    def get_queryset(self) -> models.QuerySet["Tenant"]:
        return super().get_queryset().filter(pk=CurrentTenant())


class Tenant(models.Model):
    """One company, seen only from inside it. Settings that more than one app asks for stand here; an app's own
    stand in the app.

    Source: product.md §1.1. `time_zone` is an IANA name, `min_group_size` counts people. Made by the database
    function `app.create_tenant`; the app role may change the columns named below, never the slug: a refused
    rename would tell that another company has that name.
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, db_default="Asia/Shanghai")
    locale = models.CharField(max_length=12, db_default="zh-hans")
    min_group_size = models.PositiveSmallIntegerField(db_default=5)
    created_at = models.DateTimeField(db_default=models.functions.Now())
    version = models.PositiveIntegerField(db_default=1)

    objects = OwnTenant()

    class Meta:
        base_manager_name = "objects"
        constraints = [
            OwnRowWall(
                name="tenancy_tenant_wall",
                may="SELECT, UPDATE (name, time_zone, locale, min_group_size, version)",
            )
        ]

    def __str__(self) -> str:
        return self.slug


TENANT_TABLES.add(Tenant._meta.db_table)


class TenantQuerySet(models.QuerySet[_M]):
    """Below the filter of the manager: the paths that do not go through a WHERE clause."""

    def _insert(self, objs: Iterable[models.Model], fields: Any, **kwargs: Any) -> Any:
        for row in objs:  # save, create, bulk_create, get_or_create and m2m.add all end here
            claim_for_scope(row)
        return super()._insert(objs, fields, **kwargs)  # type: ignore[misc]  # private, unknown to the stubs

    def _update(self, values: Any) -> int:  # Model.save ends here
        for field, _, value in values:
            if field.name == "tenant" and value != current_tenant_id():
                raise OtherTenant("a row does not change its tenant")
        return super()._update(values)  # type: ignore[misc,no-any-return]  # as above

    def update(self, **values: Any) -> int:  # bulk_update ends here
        if {"tenant", "tenant_id"} & set(values):
            raise OtherTenant("a row does not change its tenant")
        return super().update(**values)

    def raw(self, *_args: Any, **_kwargs: Any) -> Any:
        raise TypeError("raw() cannot be bound to a tenant: write it as a queryset")


_WALLED: dict[Any, Any] = {}


class TenantManager(models.Manager[_M]):
    _queryset_class = TenantQuerySet

    def get_queryset(self) -> models.QuerySet[_M]:
        """A copy of one that is kept: the filter is the same for every tenant until SQL is compiled, and putting it
        together a dozen times was a twentieth of a page's time."""
        key = (self.model, self._queryset_class)
        if key not in _WALLED:
            _WALLED[key] = self._queryset_class(self.model).filter(tenant_id=CurrentTenant())
        found: models.QuerySet[_M] = _WALLED[key].all()
        found._db, found._hints = self._db, self._hints  # type: ignore[attr-defined]  # as Manager.get_queryset sets them
        return found

    def raw(self, *_args: Any, **_kwargs: Any) -> Any:  # Manager has one of its own
        return TenantQuerySet(self.model).raw()


def claim_for_scope(row: Any) -> None:
    if row.tenant_id is None:
        row.tenant_id = current_tenant_id()
    if row.tenant_id != current_tenant_id():
        raise OtherTenant(f"{row._meta.label} belongs to tenant {row.tenant_id}")


class TenantKey(models.ForeignKey[_ST, _GT]):
    """A key from one tenant table to another: the simple constraint is off, `raise_walls` adds the composite."""

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        super().__init__(to, on_delete, **{**kwargs, "db_constraint": False})


def tenant_through_a_key() -> Any:
    """`tenant` of a table that rows come to by the million, without a key of its own: of a row whose composite key is
    enforced and never null the tenant is proven where that key leads, and looking once more cost an eighth of writing a
    record. The catalogue names a table whose tenant is proven in neither way."""
    return models.ForeignKey(
        Tenant, models.PROTECT, related_name="+", editable=False, db_index=False, db_constraint=False
    )


class TenantModel(models.Model):
    app_may: ClassVar[str] = "SELECT, INSERT, UPDATE, DELETE"
    keys_enforced: ClassVar[bool] = True  # history outlives what it points at

    # related_name "+": a join from a global table (Tenant.objects.filter(goal__...)) would pass by the manager.
    # No index of its own: the wall's UNIQUE (tenant_id, pk) begins with it.
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", editable=False, db_index=False)

    objects = TenantManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"  # forward keys, refresh_from_db, save and cascades use the base manager

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        claim_for_scope(self)
        super().save_base(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        claim_for_scope(self)  # deletes by primary key alone
        return super().delete(*args, **kwargs)


def raise_walls(sender: type[models.Model], **_kwargs: Any) -> None:
    """Adds the constraints to each concrete tenant model. Not inherited through Meta: a child that declares
    its own `constraints`, or a Meta without the parent's, would lose them without a word."""
    if not issubclass(sender, TenantModel) or sender._meta.proxy:
        return
    options = sender._meta
    TENANT_TABLES.add(options.db_table)
    walls: list[models.BaseConstraint] = [TenantWall(name=f"{options.db_table}_wall", may=sender.app_may)]
    if sender.keys_enforced:
        walls += [
            TenantForeignKey(name=f"{options.db_table}_{field.name}_key", field=field.name)
            for field in options.local_fields
            if isinstance(field, TenantKey)
        ]
    options.constraints = [*options.constraints, *walls]
    options.original_attrs["constraints"] = options.constraints  # the autodetector looks only at what is here


class_prepared.connect(raise_walls)


class Membership(TenantModel):
    """An account's seat in a tenant. `granted` is given by name, `derived` follows from the organisation and is
    rewritten by `perfsys.people` whenever lines change (product.md §1.2, §1.4). A foreign tenant's seats are
    reached only through listed database functions."""

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    granted = ArrayField(models.CharField(max_length=24, choices=Role.choices), default=list)
    derived = ArrayField(models.CharField(max_length=24, choices=Role.choices), default=list)
    is_active = models.BooleanField(default=True)
    joined_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "account"], name="tenancy_one_seat_per_account")]

    def __str__(self) -> str:
        return f"seat {self.pk} of account {self.account_id}"

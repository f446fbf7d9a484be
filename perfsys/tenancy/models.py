"""Tenant, and the base of every table inside the wall."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.signals import class_prepared

from .constraints import TenantForeignKey, TenantWall
from .roles import Role
from .scope import OtherTenant, current_tenant_id


class Tenant(models.Model):
    """One company. Settings that more than one app asks for stand here; an app's own stand in the app.

    Source: product.md §1.1. `time_zone` is an IANA name, `min_group_size` counts people (§ house rules).
    """

    slug = models.SlugField(unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=64, default="Asia/Shanghai")
    locale = models.CharField(max_length=12, default="zh-hans")
    min_group_size = models.PositiveSmallIntegerField(default=5)
    created_at = models.DateTimeField(auto_now_add=True)
    version = models.PositiveIntegerField(default=1)

    def __str__(self) -> str:
        return self.slug


class CurrentTenant(models.Expression):
    """The open scope's tenant, asked for when SQL is compiled: a queryset kept on a class freezes no tenant."""

    output_field = models.BigIntegerField()

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[int]]:
        return "%s", [current_tenant_id()]


class TenantQuerySet(models.QuerySet[Any]):
    """Below the filter of the manager: the paths that do not go through a WHERE clause."""

    def _insert(self, objs: Iterable[models.Model], fields: Any, **kwargs: Any) -> Any:
        for row in objs:  # save, create, bulk_create, get_or_create and m2m.add all end here
            claim_for_scope(row)
        return super()._insert(objs, fields, **kwargs)

    def _update(self, values: Any) -> int:  # Model.save ends here
        for field, _, value in values:
            if field.name == "tenant" and value != current_tenant_id():
                raise OtherTenant("a row does not change its tenant")
        return super()._update(values)

    def update(self, **values: Any) -> int:  # bulk_update ends here
        if {"tenant", "tenant_id"} & set(values):
            raise OtherTenant("a row does not change its tenant")
        return super().update(**values)

    def raw(self, *_args: Any, **_kwargs: Any) -> Any:
        raise TypeError("raw() cannot be bound to a tenant: write it as a queryset")


class TenantManager(models.Manager.from_queryset(TenantQuerySet)):  # type: ignore[misc]
    def get_queryset(self) -> TenantQuerySet:
        return super().get_queryset().filter(tenant_id=CurrentTenant())

    def raw(self, *_args: Any, **_kwargs: Any) -> Any:  # from_queryset keeps Manager.raw: it is defined there
        return self.get_queryset().raw()


def claim_for_scope(row: models.Model) -> None:
    if row.tenant_id is None:
        row.tenant_id = current_tenant_id()
    if row.tenant_id != current_tenant_id():
        raise OtherTenant(f"{row._meta.label} belongs to tenant {row.tenant_id}")


class TenantKey(models.ForeignKey):
    """A key from one tenant table to another: the simple constraint is off, `raise_walls` adds the composite."""

    def __init__(self, to: Any, on_delete: Any, **kwargs: Any) -> None:
        super().__init__(to, on_delete, **{**kwargs, "db_constraint": False})


class TenantModel(models.Model):
    app_may: ClassVar[str] = "SELECT, INSERT, UPDATE, DELETE"
    keys_enforced: ClassVar[bool] = True  # history outlives what it points at

    # related_name "+": a join from a global table (Tenant.objects.filter(goal__...)) would pass by the manager
    tenant = models.ForeignKey(Tenant, models.PROTECT, related_name="+", editable=False)

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

    class Meta(TenantModel.Meta):
        constraints = [models.UniqueConstraint(fields=["tenant", "account"], name="tenancy_one_seat_per_account")]

    def __str__(self) -> str:
        return f"seat {self.pk} of account {self.account_id}"

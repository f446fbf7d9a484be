"""Django's SQL compilers with one question more: does this statement name a tenant's table while no scope is open?

Every statement the ORM sends is compiled here, so this also closes what passes by the managers: a bare
`QuerySet(Model)`, a `Collector`, a custom manager, a join from a global table. Only a cursor does not come along;
row security refuses that. Nothing is refused to the owner role: a data migration walks over all tenants.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from perfsys.tenancy.scope import OWNER, TENANT_TABLES, NoTenantScope, scope_is_open

if TYPE_CHECKING:  # the stubs do not know PostgreSQL's own
    from django.db.models.sql import compiler
else:
    from django.db.backends.postgresql import compiler


class _Guarded:
    connection: Any
    query: Any

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        if scope_is_open() or self.connection.settings_dict["USER"] == OWNER:
            return super().as_sql(*args, **kwargs)  # type: ignore[misc]  # a mixin
        self._refuse_tenant_tables()  # before: an impossible WHERE is never compiled to the end
        compiled = super().as_sql(*args, **kwargs)  # type: ignore[misc]  # a mixin
        self._refuse_tenant_tables()  # after: ordering, select_related and subqueries have joined their tables
        return compiled

    def _refuse_tenant_tables(self) -> None:
        named = TENANT_TABLES.intersection(_tables(self.query))
        if named:
            raise NoTenantScope(f"no tenant scope is open, and the query names {', '.join(sorted(named))}")


def _tables(query: Any) -> Iterator[str]:
    if query.model is not None:  # the outer query of an aggregate has none
        yield query.model._meta.db_table
    for alias, table in query.alias_map.items():
        if query.alias_refcount.get(alias):
            yield table.table_name
    yield from query.extra_tables


class SQLCompiler(_Guarded, compiler.SQLCompiler):
    pass


class SQLInsertCompiler(_Guarded, compiler.SQLInsertCompiler):
    pass


class SQLUpdateCompiler(_Guarded, compiler.SQLUpdateCompiler):
    pass


class SQLDeleteCompiler(_Guarded, compiler.SQLDeleteCompiler):
    pass


class SQLAggregateCompiler(_Guarded, compiler.SQLAggregateCompiler):
    pass

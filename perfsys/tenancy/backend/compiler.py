"""Django's SQL compilers with one question more: does this statement name a tenant's table while no scope is open?

Every statement the ORM sends is compiled here, so this also closes what passes by the managers: a bare
`QuerySet(Model)`, a `Collector`, a custom manager, a join from a global table. Only a cursor does not come along;
row security refuses that. Nothing is refused to the owner role: a data migration walks over all tenants.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.db.models.expressions import Col

from perfsys.tenancy.scope import OWNER, TENANT_TABLES, NoTenantScope, scope_is_open

if TYPE_CHECKING:  # the stubs do not know PostgreSQL's own
    from django.db.models.sql import compiler
else:
    from django.db.backends.postgresql import compiler

_NAMELESS = (None, "", None)  # a selected expression, where only those with an alias are looked for


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
    def compile(self, node: Any) -> Any:
        """Columns, of which a statement mostly consists, without the detours of `Col.as_sql`."""
        if type(node) is not Col or not node.alias:
            return super().compile(node)
        table, column, quoted = node.alias, node.target.column, self.quote_cache
        table = quoted.get(table) or self.quote_name_unless_alias(table)
        return f"{table}.{quoted.get(column) or self.quote_name_unless_alias(column)}", []

    def get_default_columns(  # type: ignore[override]  # the stubs know no mask
        self, select_mask: Any, start_alias: str | None = None, opts: Any = None, from_parent: Any = None
    ) -> list[Any]:
        """Of a whole row, the same each time. An inherited model's may stand in several tables."""
        opts = opts or self.query.get_meta()
        if select_mask or opts is None or opts.parents or opts.proxy:
            return super().get_default_columns(select_mask, start_alias, opts, from_parent)  # type: ignore[call-arg]
        return list(_whole_row(opts.model, start_alias or self.query.get_initial_alias()))

    def _order_by_pairs(self) -> Any:
        """Django looks for what is ordered by among the selected expressions, and hashes each of them to do so, which
        takes as long as all else about the order. A name is found there under an alias alone: the others stay out."""
        names, selected = self.query.extra_order_by or self.query.order_by, self.select
        if self.query.combinator or not selected or not all(isinstance(name, str) for name in names):
            return super()._order_by_pairs()
        has_aliases = any(alias for _expression, _sql, alias in selected)
        self.select = [one if one[2] else _NAMELESS for one in selected] if has_aliases else []  # each keeps its place
        try:
            return list(super()._order_by_pairs())  # type: ignore[call-overload]  # a generator
        finally:
            self.select = selected


@lru_cache(maxsize=1024)
def _whole_row(model: Any, alias: str) -> tuple[Any, ...]:
    return tuple(field.get_col(alias) for field in model._meta.concrete_fields)


class SQLInsertCompiler(_Guarded, compiler.SQLInsertCompiler):
    pass


class SQLUpdateCompiler(_Guarded, compiler.SQLUpdateCompiler):
    pass


class SQLDeleteCompiler(_Guarded, compiler.SQLDeleteCompiler):
    pass


class SQLAggregateCompiler(_Guarded, compiler.SQLAggregateCompiler):
    pass

"""Compares the database with the rules of the wall. Asks PostgreSQL, not the models: a table made by a library
or by hand counts as well. The tests run it; a server should before it starts."""

from typing import Any

from django.apps import apps

from perfsys.tenancy.models import TenantKey, TenantManager, TenantModel

# Tables without a tenant, each with all that the app role may do there. Also the source of the grants.
GLOBAL_TABLES: dict[str, set[str]] = {
    "auth_group": set(),
    "auth_group_permissions": set(),
    "auth_permission": set(),
    "people_account": {"SELECT", "INSERT", "UPDATE"},
    "django_content_type": {"SELECT"},
    "django_migrations": {"SELECT"},
    "django_session": {"SELECT", "INSERT", "UPDATE", "DELETE"},
    "pghistory_context": set(),
    "tenancy_tenant": {"SELECT"},
}
# SECURITY DEFINER functions run as the owner and see every tenant: each is argued for in a review.
DEFINER_FUNCTIONS = {"app.open_scope(text,bigint)", "app.memberships_of(bigint)", "app.create_tenant(text,text)"}
EXPECTED_POLICIES = {
    (
        "tenant_only",
        "*",
        True,
        "pm_app",
        "(tenant_id = app.require_tenant())",
        "(tenant_id = app.require_tenant())",
    ),
    ("owner_all", "*", True, "pm_owner", "true", "true"),
}
ROW_RIGHTS = {"SELECT", "INSERT", "UPDATE", "DELETE"}

TABLES = """
SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity, pg_get_userbyid(c.relowner),
    EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT attisdropped),
    EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND attnotnull),
    ARRAY(SELECT a.privilege_type::text FROM aclexplode(c.relacl) a WHERE a.grantee = 'pm_app'::regrole),
    ARRAY(SELECT a.grantee::regrole::text FROM aclexplode(c.relacl) a
          WHERE a.grantee NOT IN ('pm_app'::regrole, 'pm_owner'::regrole))
FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'f') ORDER BY 1
"""
POLICIES = """
SELECT p.polname::text, p.polcmd::text, p.polpermissive,
    array_to_string(ARRAY(SELECT r::regrole::text FROM unnest(p.polroles) r), ','),
    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_policy p WHERE p.polrelid = %s::regclass
"""
KEYS = """
SELECT k.conname, k.conrelid::regclass::text, k.contype,
    (SELECT attname FROM pg_attribute WHERE attrelid = k.conrelid AND attnum = k.conkey[1])::text,
    (SELECT attname FROM pg_attribute WHERE attrelid = k.confrelid AND attnum = k.confkey[1])::text,
    k.confrelid::regclass::text
FROM pg_constraint k WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace
"""
UNIQUES = """
SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text,
    (SELECT attname FROM pg_attribute WHERE attrelid = i.indrelid AND attnum = i.indkey[0])::text
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid
WHERE i.indisunique AND NOT i.indisprimary AND c.relnamespace = 'public'::regnamespace
"""
VIEWS = """
SELECT c.relname FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND (c.relkind = 'm'
    OR c.relkind = 'v' AND NOT coalesce(c.reloptions::text[] && ARRAY['security_invoker=true'], false))
"""
DEFINERS = """
SELECT n.nspname || '.' || p.proname || '(' || replace(oidvectortypes(p.proargtypes), ', ', ',') || ')',
    EXISTS (SELECT FROM unnest(p.proconfig) s WHERE s LIKE 'search_path=pg_catalog%'),
    has_function_privilege('public', p.oid, 'EXECUTE')
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef AND n.nspname NOT IN ('pg_catalog', 'information_schema')
"""
APP_ROLE = """
SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
    OR EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid)
FROM pg_roles r WHERE rolname = 'pm_app'
"""


def faults(cursor: Any) -> list[str]:
    """Every breach of the rules, one sentence each; an empty list is the only good answer."""

    def rows(sql: str, *parameters: Any) -> list[Any]:
        cursor.execute(sql, parameters or None)
        return list(cursor.fetchall())

    found: list[str] = []
    tenant_tables: set[str] = set()
    for table, forced, owner, has_tenant, not_null, rights, strangers in rows(TABLES):
        if owner != "pm_owner" or strangers:
            found.append(f"{table}: owned by {owner}, granted to {sorted(strangers)}")
        if not has_tenant or table in GLOBAL_TABLES:
            if set(rights) != GLOBAL_TABLES.get(table, {"nothing: not in GLOBAL_TABLES"}):
                found.append(f"{table}: no tenant, and not listed with exactly {sorted(rights)}")
            continue
        tenant_tables.add(table)
        if not (forced and not_null and set(rights) <= ROW_RIGHTS):
            found.append(f"{table}: row security not forced, tenant_id nullable, or rights {sorted(rights)}")
        if set(map(tuple, rows(POLICIES, f'public."{table}"'))) != EXPECTED_POLICIES:
            found.append(f"{table}: policies differ from the expected text")
    keys = rows(KEYS)
    for name, table, _, first, target_first, target in keys:
        if {table, target} <= tenant_tables and (first, target_first) != ("tenant_id", "tenant_id"):
            found.append(f"{table}: key {name} does not begin with tenant_id")
    composite = {(table, name) for name, table, _, _, _, _ in keys}
    for model in apps.get_models():
        if issubclass(model, TenantModel) and model.keys_enforced:
            found += _model_faults(model, composite)
    for index, table, first in rows(UNIQUES):
        if table in tenant_tables and first != "tenant_id":
            found.append(f"{table}: unique {index} tells one tenant what another has")
    found += [f"{view}: a view that does not run as its caller" for (view,) in rows(VIEWS)]
    for function, pinned, open_to_all in rows(DEFINERS):
        if function not in DEFINER_FUNCTIONS or not pinned or open_to_all:
            found.append(f"{function}: unlisted definer function, loose search_path, or open to PUBLIC")
    if rows(APP_ROLE) != [(False,)]:
        found.append("pm_app: has an attribute or membership that reaches past row security")
    return found


def _model_faults(model: type[TenantModel], composite: set[tuple[str, str]]) -> list[str]:
    """What the catalogue cannot know: a key column without any constraint is just a number to PostgreSQL."""
    found = []
    table = model._meta.db_table
    for field in model._meta.local_fields:
        if not field.is_relation:
            continue
        inside = issubclass(field.related_model, TenantModel)
        if inside and (not isinstance(field, TenantKey) or (table, f"{table}_{field.name}_key") not in composite):
            found.append(f"{table}.{field.name}: points at a tenant table without a composite key")
        if not inside and not field.remote_field.hidden:
            found.append(f'{table}.{field.name}: needs related_name="+", a join from outside skips the manager')
    if not all(isinstance(m, TenantManager) for m in (model._default_manager, model._base_manager)):
        found.append(f"{table}: its default or base manager is not the wall's")
    return found

"""Compares the database with the rules of the wall. Asks PostgreSQL, not the models: a table made by a library
or by hand counts as well. Tests, `manage.py check --database default` and the start of production run it."""

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from django.apps import apps
from django.db.models import BaseConstraint, Model

from .constraints import TenantForeignKey, TenantWall
from .models import Tenant

W = TypeVar("W", bound=BaseConstraint)
TENANT = Tenant._meta.db_table

# Tables without a tenant, each with all that the app role may do there; migrations grant it (`operations.Grant`).
# A table that is in neither place is a fault, and so is a right that is in only one of them.
GLOBAL_TABLES: dict[str, str] = {
    "account_emailaddress": "SELECT",
    "account_emailconfirmation": "",
    "auth_group": "",
    "auth_group_permissions": "",
    "auth_permission": "",
    "django_content_type": "SELECT",
    "django_migrations": "SELECT",
    "django_session": "SELECT, INSERT, UPDATE, DELETE",
    "jobs_heartbeat": "SELECT, INSERT, UPDATE",
    "jobs_outgoingmail": "SELECT, INSERT, UPDATE, DELETE",
    "jobs_workday": "SELECT",
    "mfa_authenticator": "SELECT, INSERT, UPDATE, DELETE",
    "people_account": "SELECT, INSERT, UPDATE",
    "pghistory_context": "",
}
# SECURITY DEFINER functions run as the owner and see every tenant: each has its threat in docs/threats.md.
DEFINER_FUNCTIONS = {
    "app.calendar_overrides(date,date)",
    "app.claim_job(timestamp with time zone,interval,integer)",
    "app.create_tenant(text,text)",
    "app.insert_occurrences(jsonb)",
    "app.invitation_for(text,text,timestamp with time zone)",
    "app.is_privileged(bigint)",
    "app.job_counts()",
    "app.job_pulse(timestamp with time zone)",
    "app.memberships_of(bigint)",
    "app.open_scope(text,bigint)",
    "app.purge_jobs(timestamp with time zone,integer)",
    "app.reap_jobs(timestamp with time zone,integer,text)",
    "app.refresh_statistics()",
    "app.sole_tenant(bigint)",
    "app.tenant_ids()",
    "app.tenant_named(text)",
    "app.tenant_zones()",
}

ROW_RIGHTS = {"SELECT", "INSERT", "UPDATE", "DELETE"}

# Every schema counts but PostgreSQL's own: a table beside `public` is no less readable.
TABLES = """
SELECT CASE n.nspname WHEN 'public' THEN c.relname::text ELSE n.nspname || '.' || c.relname END,
    c.oid, c.relrowsecurity AND c.relforcerowsecurity, pg_get_userbyid(c.relowner),
    EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT attisdropped),
    EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND attnotnull),
    ARRAY(SELECT a.privilege_type::text FROM aclexplode(c.relacl) a WHERE a.grantee = 'pm_app'::regrole
          UNION ALL
          SELECT x.privilege_type || ' (' || string_agg(a.attname, ', ' ORDER BY a.attnum) || ')'
          FROM pg_attribute a, aclexplode(a.attacl) x
          WHERE a.attrelid = c.oid AND x.grantee = 'pm_app'::regrole GROUP BY x.privilege_type),
    ARRAY(SELECT x.grantee::regrole::text FROM pg_attribute a, aclexplode(a.attacl) x
          WHERE a.attrelid = c.oid AND x.grantee NOT IN ('pm_app'::regrole, 'pm_owner'::regrole)
          UNION ALL
          SELECT a.grantee::regrole::text FROM aclexplode(c.relacl) a
          WHERE a.grantee NOT IN ('pm_app'::regrole, 'pm_owner'::regrole))
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^(pg_|information_schema$)' AND c.relkind IN ('r', 'p', 'f') ORDER BY 1
"""
POLICIES = """
SELECT p.polname::text, p.polcmd::text, p.polpermissive,
    array_to_string(ARRAY(SELECT r::regrole::text FROM unnest(p.polroles) r), ','),
    pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)
FROM pg_policy p WHERE p.polrelid = %s
"""
KEYS = """
SELECT k.conname::text, k.conrelid::regclass::text, k.confrelid::regclass::text, k.convalidated,
    ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY c(num, place)
          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = c.num ORDER BY place),
    ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY c(num, place)
          JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = c.num ORDER BY place),
    NOT EXISTS (SELECT FROM pg_attribute a
                WHERE a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey) AND NOT a.attnotnull)
FROM pg_constraint k WHERE k.contype = 'f'
"""
UNIQUES = """
SELECT i.indexrelid::regclass::text, i.indrelid::regclass::text,
    (SELECT attname FROM pg_attribute WHERE attrelid = i.indrelid AND attnum = i.indkey[0])::text
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE (i.indisunique OR i.indisexclusion) AND NOT i.indisprimary AND n.nspname !~ '^(pg_|information_schema$)'
"""
VIEWS = """
SELECT c.oid::regclass::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname !~ '^(pg_|information_schema$)' AND (c.relkind = 'm' OR c.relkind = 'v' AND NOT EXISTS (
    SELECT FROM pg_options_to_table(c.reloptions) WHERE option_name = 'security_invoker' AND option_value::boolean))
"""
DEFINERS = """
SELECT n.nspname || '.' || p.proname || '(' || replace(oidvectortypes(p.proargtypes), ', ', ',') || ')',
    EXISTS (SELECT FROM unnest(p.proconfig) s WHERE s = 'search_path=pg_catalog, pg_temp'),
    pg_get_userbyid(p.proowner) = 'pm_owner',
    ARRAY(SELECT coalesce(nullif(a.grantee, 0)::regrole::text, 'PUBLIC')
          FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
          WHERE a.grantee NOT IN ('pm_app'::regrole, 'pm_owner'::regrole))
FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
WHERE p.prosecdef AND n.nspname !~ '^(pg_|information_schema$)'
"""
SCHEMAS = """
SELECT n.nspname::text FROM pg_namespace n
WHERE n.nspname !~ '^(pg_|information_schema$)' AND has_schema_privilege('pm_app', n.oid, 'CREATE')
"""
APP_ROLE = """
SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication
    OR EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid)
FROM pg_roles r WHERE rolname = 'pm_app'
"""


Ask = Callable[..., list[Any]]


def faults(cursor: Any) -> list[str]:
    """Every breach of the rules, one sentence each; an empty list is the only good answer. About 10 queries and one
    for each tenant table; any role may ask."""

    def ask(sql: str, *parameters: Any) -> list[Any]:
        cursor.execute(sql, parameters or None)
        return list(cursor.fetchall())

    inside: set[str] = set()
    found = list(_of_tables(ask, inside))
    found += _of_keys(ask, inside - {TENANT})
    for index, table, first in ask(UNIQUES):
        if table in inside - {TENANT} and first != "tenant_id":
            found.append(f"{table}: unique {index} tells one tenant what another has")
    found += [f"{view}: a view that does not run as its caller" for (view,) in ask(VIEWS)]
    for function, pinned, owned, strangers in ask(DEFINERS):
        if function not in DEFINER_FUNCTIONS or not pinned or not owned or strangers:
            found.append(f"{function}: unlisted definer function, loose search_path, or open to {strangers}")
    found += [f"schema {schema}: the app role may create in it" for (schema,) in ask(SCHEMAS)]
    if ask(APP_ROLE) != [(False,)]:
        found.append("pm_app: has an attribute or membership that reaches past row security")
    return found


def _of_tables(ask: Ask, inside: set[str]) -> Iterator[str]:
    """Also fills `inside` with the tables that row security has to guard."""
    may = {model._meta.db_table: wall.may for model, wall in _walls(TenantWall)}
    for table, oid, forced, owner, has_tenant, not_null, granted, strangers in ask(TABLES):
        if owner != "pm_owner" or strangers:
            yield f"{table}: owned by {owner}, granted to {sorted(strangers)}"
        if table in GLOBAL_TABLES or not (has_tenant or table == TENANT):
            if table not in GLOBAL_TABLES or set(granted) != rights(GLOBAL_TABLES[table]):
                yield f"{table}: no tenant, and not listed with exactly {sorted(granted)}"
            continue
        inside.add(table)
        if not forced or not (not_null or table == TENANT):
            yield f"{table}: row security not forced, or tenant_id nullable"
        if set(granted) != rights(may.get(table, "")):
            yield f"{table}: the app role may {sorted(granted)}, its model says {may.get(table, 'nothing')}"
        if set(map(tuple, ask(POLICIES, oid))) != _policies("id" if table == TENANT else "tenant_id"):
            yield f"{table}: policies differ from the expected text"


def _of_keys(ask: Ask, inside: set[str]) -> Iterator[str]:
    found = set()
    leads: dict[str, set[str]] = {table: set() for table in inside}  # through keys that every row has
    for name, table, target, validated, columns, targets, is_never_null in ask(KEYS):
        found.add((table, name, tuple(columns)))
        if table in inside and validated and is_never_null and columns[0] == "tenant_id":
            leads[table].add(target)
        if {table, target} <= inside and (columns[0], targets[0]) != ("tenant_id", "tenant_id"):
            yield f"{table}: key {name} does not begin with tenant_id"
        if not validated:
            yield f"{table}: key {name} holds for new rows only, validate it"
    for table in sorted(inside - _proven(leads)):
        yield f"{table}: no key proves that its tenant is one"
    for model, key in _walls(TenantForeignKey):  # without its constraint a key column is just a number to PostgreSQL
        column = model._meta.get_field(key.field).column  # type: ignore[union-attr]  # a TenantKey: checks.py
        if (model._meta.db_table, key.name, ("tenant_id", column)) not in found:
            yield f"{model._meta.db_table}.{key.field}: points at a tenant table without a composite key"


def _proven(leads: dict[str, set[str]]) -> set[str]:
    """Tables whose rows cannot name a tenant that there is none of: by a key to the tenants, or one to such a table."""
    proven = {TENANT}
    while more := {table for table, targets in leads.items() if table not in proven and targets & proven}:
        proven |= more
    return proven


def _walls(kind: type[W]) -> Iterator[tuple[type[Model], W]]:
    for model in apps.get_models(include_auto_created=True):
        yield from ((model, wall) for wall in model._meta.constraints if isinstance(wall, kind))


def rights(listed: str) -> set[str]:
    """`SELECT, UPDATE (a, b)` as the set PostgreSQL's catalogue shows."""
    return {right.strip() for right in re.split(r",(?![^(]*\))", listed) if right.strip()}


def _policies(column: str) -> set[tuple[Any, ...]]:
    rule = f"({column} = app.require_tenant())"
    return {("tenant_only", "*", True, "pm_app", rule, rule), ("owner_all", "*", True, "pm_owner", "true", "true")}

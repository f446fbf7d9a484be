"""What must cross the wall, and the rights on tables that have no tenant. Each function stands in docs/threats.md."""

from django.db import migrations

from perfsys.tenancy.operations import DefinerFunction, Grant

OPEN_SCOPE = DefinerFunction(
    "app.open_scope(text, bigint)",
    arguments="wanted text, account bigint",
    returns="TABLE (tenant_id bigint, membership_id bigint, roles text[], slug text, name text, time_zone text, "
    "locale text, min_group_size integer)",
    language="plpgsql",
    body="""
BEGIN
    SELECT t.id, m.id, (m.granted || m.derived)::text[], t.slug::text, t.name::text, t.time_zone::text,
           t.locale::text, t.min_group_size::integer
    INTO tenant_id, membership_id, roles, slug, name, time_zone, locale, min_group_size
    FROM public.tenancy_tenant t JOIN public.tenancy_membership m ON m.tenant_id = t.id
    JOIN public.people_account a ON a.id = m.account_id
    WHERE t.slug = wanted AND m.account_id = account AND m.is_active AND a.is_active;
    -- Also when nobody was found: a scope still open from outside must not stay readable.
    PERFORM set_config('app.tenant_id', coalesce(tenant_id::text, ''), true);
    IF tenant_id IS NOT NULL THEN RETURN NEXT; END IF;
END
""",
)
MEMBERSHIPS_OF = DefinerFunction(
    "app.memberships_of(bigint)",
    arguments="account bigint",
    returns="TABLE (slug text, name text)",
    language="sql STABLE",
    body="""
    SELECT t.slug::text, t.name::text
    FROM public.tenancy_membership m JOIN public.tenancy_tenant t ON t.id = m.tenant_id
    WHERE m.account_id = account AND m.is_active ORDER BY t.name
""",
)
CREATE_TENANT = DefinerFunction(
    "app.create_tenant(text, text)",
    arguments="wanted text, called text",
    returns="TABLE (tenant_id bigint)",
    language="sql",
    body="INSERT INTO public.tenancy_tenant (slug, name) VALUES (wanted, called) RETURNING id",
)
TENANT_NAMED = DefinerFunction(
    "app.tenant_named(text)",
    arguments="wanted text",
    returns="TABLE (tenant_id bigint)",
    language="sql STABLE",
    body="SELECT id FROM public.tenancy_tenant WHERE slug = wanted",
)
TENANT_IDS = DefinerFunction(
    "app.tenant_ids()",
    arguments="",
    returns="TABLE (tenant_id bigint)",
    language="sql STABLE",
    body="SELECT id FROM public.tenancy_tenant ORDER BY id",
)


class Migration(migrations.Migration):
    dependencies = [
        ("tenancy", "0002_tenants_and_memberships"),
        ("people", "0001_initial"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("pghistory", "__latest__"),
    ]
    operations = [
        OPEN_SCOPE,
        MEMBERSHIPS_OF,
        CREATE_TENANT,
        TENANT_NAMED,
        TENANT_IDS,
        Grant("people_account", "SELECT, INSERT, UPDATE"),
        Grant("django_session", "SELECT, INSERT, UPDATE, DELETE"),
        Grant("django_content_type", "SELECT"),
        Grant("django_migrations", "SELECT"),
    ]

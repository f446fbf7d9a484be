"""What must cross the wall, and the rights on tables that have no tenant. Each function stands in docs/threats.md."""

from django.db import migrations

OPEN_SCOPE = """
CREATE FUNCTION app.open_scope(wanted text, account bigint)
RETURNS TABLE (tenant_id bigint, membership_id bigint, roles text[], slug text, name text, time_zone text,
               locale text, min_group_size integer)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
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
END $$;
GRANT EXECUTE ON FUNCTION app.open_scope(text, bigint) TO pm_app;
"""
MEMBERSHIPS_OF = """
CREATE FUNCTION app.memberships_of(account bigint) RETURNS TABLE (slug text, name text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    SELECT t.slug::text, t.name::text
    FROM public.tenancy_membership m JOIN public.tenancy_tenant t ON t.id = m.tenant_id
    WHERE m.account_id = account AND m.is_active ORDER BY t.name
$$;
GRANT EXECUTE ON FUNCTION app.memberships_of(bigint) TO pm_app;
"""
CREATE_TENANT = """
CREATE FUNCTION app.create_tenant(wanted text, called text) RETURNS TABLE (tenant_id bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
    INSERT INTO public.tenancy_tenant (slug, name, time_zone, locale, min_group_size, created_at, version)
    VALUES (wanted, called, 'Asia/Shanghai', 'zh-hans', 5, now(), 1) RETURNING id
$$;
GRANT EXECUTE ON FUNCTION app.create_tenant(text, text) TO pm_app;
"""
GLOBAL_GRANTS = """
GRANT SELECT, INSERT, UPDATE ON people_account TO pm_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON django_session TO pm_app;
GRANT SELECT ON tenancy_tenant, django_content_type, django_migrations TO pm_app;

"""


class Migration(migrations.Migration):
    dependencies = [
        ("tenancy", "0002_tenants_and_memberships"),
        ("people", "0001_initial"),
        ("sessions", "0001_initial"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("pghistory", "__latest__"),
    ]
    operations = [
        migrations.RunSQL(sql, migrations.RunSQL.noop)
        for sql in (OPEN_SCOPE, MEMBERSHIPS_OF, CREATE_TENANT, GLOBAL_GRANTS)
    ]

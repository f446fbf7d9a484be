"""What signing in asks before a tenant is entered, and the app role's rights on django-allauth's tables."""

from django.db import migrations

from perfsys.tenancy.operations import DefinerFunction, Grant

IS_PRIVILEGED = DefinerFunction(
    "app.is_privileged(bigint)",
    arguments="account bigint",
    returns="TABLE (privileged boolean)",
    language="sql STABLE",
    body="""
    SELECT EXISTS (
        SELECT FROM public.tenancy_membership m WHERE m.account_id = account AND m.is_active
        AND (m.granted || m.derived)::text[] && ARRAY['admin', 'hrbp', 'compensation_admin']
    )
""",
)
# Also memberships that are over: whoever once shared an account with another company keeps it to himself.
SOLE_TENANT = DefinerFunction(
    "app.sole_tenant(bigint)",
    arguments="account bigint",
    returns="TABLE (tenant_id bigint)",
    language="sql STABLE",
    body="""
    SELECT min(m.tenant_id) FROM public.tenancy_membership m WHERE m.account_id = account HAVING count(*) = 1
""",
)
INVITATION_FOR = DefinerFunction(
    "app.invitation_for(text, text, timestamp with time zone)",
    arguments="wanted text, digest text, at timestamp with time zone",
    returns="TABLE (tenant_id bigint, invitation_id bigint)",
    language="sql STABLE",
    body="""
    SELECT t.id, i.id FROM public.tenancy_tenant t JOIN public.people_invitation i ON i.tenant_id = t.id
    WHERE t.slug = wanted AND i.token_hash = digest
      AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > at
""",
)


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0002_organisation"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]
    operations = [
        IS_PRIVILEGED,
        SOLE_TENANT,
        INVITATION_FOR,
        Grant("account_emailaddress", "SELECT"),  # asked for by the package, never filled: addresses are on accounts
        Grant("mfa_authenticator", "SELECT, INSERT, UPDATE, DELETE"),
    ]

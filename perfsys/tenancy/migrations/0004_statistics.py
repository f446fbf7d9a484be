"""The planner's statistics, for whoever has just written thousands of rows. Argued for in docs/threats.md."""

from django.db import migrations

from perfsys.tenancy.operations import DefinerFunction

REFRESH_STATISTICS = DefinerFunction(
    "app.refresh_statistics()",
    arguments="",
    returns="void",
    language="plpgsql",
    body="""
DECLARE one regclass;
BEGIN
    FOR one IN SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
               WHERE n.nspname = 'public' AND c.relkind = 'r' AND c.relowner = 'pm_owner'::regrole ORDER BY 1
    LOOP
        EXECUTE format('ANALYZE (SKIP_LOCKED) %s', one);  -- two at once do not wait for each other
    END LOOP;
END
""",
)


class Migration(migrations.Migration):
    dependencies = [("tenancy", "0003_definer_functions")]
    operations = [REFRESH_STATISTICS]

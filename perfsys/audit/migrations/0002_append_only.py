"""The record cannot be rewritten: not by the app role (it has no right to), and not by a slip of the owner.
Also the one function of pgtrigger that every history trigger calls as whoever writes."""

from django.db import migrations

# By statement, so that an UPDATE of no row and a TRUNCATE are refused as well.
REFUSE_CHANGES = """
CREATE FUNCTION app.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = '42501';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_auditseal
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
"""
# PUBLIC lost EXECUTE on new functions in tenancy 0001. pgtrigger replaces this one with every trigger it
# installs, which keeps the grant: made here once, no app with a history has to think of it.
PGTRIGGER = """
CREATE OR REPLACE FUNCTION public._pgtrigger_should_ignore(trigger_name name) RETURNS boolean
LANGUAGE plpgsql AS $$ BEGIN RETURN false; END $$;
GRANT EXECUTE ON FUNCTION public._pgtrigger_should_ignore(name) TO pm_app;
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [
        migrations.RunSQL(REFUSE_CHANGES, migrations.RunSQL.noop),
        migrations.RunSQL(PGTRIGGER, migrations.RunSQL.noop),
    ]

"""An issued report cannot be rewritten: not by the app role (it has no right to), and not by a slip of the owner."""

from django.db import migrations

REFUSE_CHANGES = """
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dashboards_penetrationreport
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON dashboards_penetrationpart
    FOR EACH STATEMENT EXECUTE FUNCTION app.refuse_change();
"""
ALLOW_CHANGES = """
DROP TRIGGER append_only ON dashboards_penetrationpart;
DROP TRIGGER append_only ON dashboards_penetrationreport;
"""


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0001_penetration_reports"), ("audit", "0002_append_only")]
    operations = [migrations.RunSQL(REFUSE_CHANGES, ALLOW_CHANGES)]

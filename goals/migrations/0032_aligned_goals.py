import perfsys.tenancy.operations
from django.db import migrations, models

# Whether a goal has a primary alignment, kept with it: what supports nothing then comes out of one index (0036). Who
# writes thousands of goals says so at once: only those that differ are written a second time. Goals of before: 0035.
KEEP = """
CREATE FUNCTION app.align_goals() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    wrong bigint[] := ARRAY(
        SELECT line.child_id FROM changed line, LATERAL (
            SELECT FROM public.goals_goal goal
            WHERE goal.tenant_id = line.tenant_id AND goal.id = line.child_id
                AND goal.is_aligned <> (TG_OP = 'INSERT' OR EXISTS (
                    SELECT FROM public.goals_alignment a
                    WHERE a.tenant_id = goal.tenant_id AND a.child_id = goal.id AND a.is_primary
                ))
            OFFSET 0
        ) AS other
        WHERE line.is_primary
    );
BEGIN
    IF wrong <> '{}' THEN
        UPDATE public.goals_goal goal SET is_aligned = NOT goal.is_aligned WHERE goal.id = ANY(wrong);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER goals_align_by_new_lines AFTER INSERT ON goals_alignment
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION app.align_goals();
CREATE TRIGGER goals_align_by_gone_lines AFTER DELETE ON goals_alignment
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION app.align_goals();

CREATE FUNCTION app.align_goal() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.goals_goal goal SET is_aligned = NOT goal.is_aligned
    WHERE goal.tenant_id = NEW.tenant_id AND goal.id IN (OLD.child_id, NEW.child_id) AND goal.is_aligned <> EXISTS (
        SELECT FROM public.goals_alignment a
        WHERE a.tenant_id = goal.tenant_id AND a.child_id = goal.id AND a.is_primary
    );
    RETURN NULL;
END $$;
CREATE TRIGGER goals_align_by_changed_line AFTER UPDATE OF child_id, is_primary ON goals_alignment
    FOR EACH ROW WHEN (ROW(OLD.child_id, OLD.is_primary) IS DISTINCT FROM ROW(NEW.child_id, NEW.is_primary))
    EXECUTE FUNCTION app.align_goal();
"""
KEEP_NO_LONGER = """
DROP TRIGGER goals_align_by_changed_line ON goals_alignment; DROP FUNCTION app.align_goal();
DROP TRIGGER goals_align_by_gone_lines ON goals_alignment; DROP TRIGGER goals_align_by_new_lines ON goals_alignment;
DROP FUNCTION app.align_goals();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('goals', '0031_support_counts'),
        ('tenancy', '0004_statistics'),
    ]

    operations = [
        perfsys.tenancy.operations.AddFieldQuietly(
            model_name='goal',
            name='is_aligned',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.RunSQL(KEEP, KEEP_NO_LONGER),
    ]

import django.db.models.deletion
import perfsys.tenancy.constraints
import perfsys.tenancy.operations
from django.db import migrations, models

# docs/decisions/0015. LATERAL with a lock in it is looked up line by line, by key: statistics of a company that is being
# written say it has one goal, and then the planner would hold each line against all of them. The child is locked, so that
# nobody changes how it stands between the count and the commit; whether it counts is asked of the locked row, hence
# OFFSET 0: a condition in the same SELECT is held against the row of before, and what it leaves out is not waited for.
# The tables are locked as every request does it, goals first: the sums below are of one moment.
KEEP = """
LOCK TABLE goals_goal, goals_alignment IN SHARE ROW EXCLUSIVE MODE;

CREATE FUNCTION app.count_lines() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    sign integer := CASE TG_OP WHEN 'INSERT' THEN 1 ELSE -1 END;
BEGIN
    INSERT INTO public.goals_supportcount (tenant_id, of_goal, in_period, layer, health, lines, primary_lines)
    SELECT line.tenant_id, line.parent_id, child.period_id, child.layer, child.health, sign * count(*),
        sign * count(*) FILTER (WHERE line.is_primary)
    FROM (SELECT tenant_id, parent_id, child_id, is_primary FROM changed ORDER BY child_id) AS line,
        LATERAL (
            SELECT goal.period_id, goal.layer, goal.health,
                goal.status <> 'draft' AND goal.outcome <> 'cancelled' AND NOT goal.is_private AS counts
            FROM public.goals_goal goal
            WHERE goal.tenant_id = line.tenant_id AND goal.id = line.child_id
            OFFSET 0 FOR SHARE
        ) AS child
    WHERE child.counts
    GROUP BY line.tenant_id, line.parent_id, child.period_id, child.layer, child.health;
    RETURN NULL;
END $$;
CREATE TRIGGER goals_count_new_lines AFTER INSERT ON goals_alignment
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION app.count_lines();
CREATE TRIGGER goals_count_gone_lines AFTER DELETE ON goals_alignment
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION app.count_lines();

CREATE FUNCTION app.count_changed_line() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.goals_supportcount (tenant_id, of_goal, in_period, layer, health, lines, primary_lines)
    SELECT NEW.tenant_id, side.parent_id, child.period_id, child.layer, child.health, side.sign,
        side.sign * side.is_primary::integer
    FROM (VALUES (-1, OLD.child_id, OLD.parent_id, OLD.is_primary), (1, NEW.child_id, NEW.parent_id, NEW.is_primary))
        AS side(sign, child_id, parent_id, is_primary)
    CROSS JOIN LATERAL (
        SELECT goal.period_id, goal.layer, goal.health,
            goal.status <> 'draft' AND goal.outcome <> 'cancelled' AND NOT goal.is_private AS counts
        FROM public.goals_goal goal
        WHERE goal.tenant_id = NEW.tenant_id AND goal.id = side.child_id
        OFFSET 0 FOR SHARE
    ) AS child
    WHERE child.counts;
    RETURN NULL;
END $$;
CREATE TRIGGER goals_count_changed_line AFTER UPDATE OF child_id, parent_id, is_primary ON goals_alignment
    FOR EACH ROW WHEN (ROW(OLD.child_id, OLD.parent_id, OLD.is_primary)
        IS DISTINCT FROM ROW(NEW.child_id, NEW.parent_id, NEW.is_primary))
    EXECUTE FUNCTION app.count_changed_line();

CREATE FUNCTION app.count_changed_goal() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    INSERT INTO public.goals_supportcount (tenant_id, of_goal, in_period, layer, health, lines, primary_lines)
    SELECT line.tenant_id, line.parent_id, side.in_period, NEW.layer, side.health, side.sign,
        side.sign * line.is_primary::integer
    FROM public.goals_alignment line, (VALUES
        (-1, OLD.period_id, OLD.health, OLD.status, OLD.outcome, OLD.is_private),
        (1, NEW.period_id, NEW.health, NEW.status, NEW.outcome, NEW.is_private)
    ) AS side(sign, in_period, health, status, outcome, is_private)
    WHERE line.tenant_id = NEW.tenant_id AND line.child_id = NEW.id
        AND side.status <> 'draft' AND side.outcome <> 'cancelled' AND NOT side.is_private;
    RETURN NULL;
END $$;
CREATE TRIGGER goals_count_changed_goal AFTER UPDATE OF period_id, health, status, outcome, is_private ON goals_goal
    FOR EACH ROW WHEN (
        ROW(OLD.period_id, OLD.health, OLD.status <> 'draft' AND OLD.outcome <> 'cancelled' AND NOT OLD.is_private)
        IS DISTINCT FROM
        ROW(NEW.period_id, NEW.health, NEW.status <> 'draft' AND NEW.outcome <> 'cancelled' AND NOT NEW.is_private)
    )
    EXECUTE FUNCTION app.count_changed_goal();

CREATE FUNCTION app.count_gone_goals() RETURNS trigger LANGUAGE plpgsql
    SET search_path = pg_catalog, pg_temp AS $$
BEGIN  -- lines that still stand: their own going will not find the goal any more
    INSERT INTO public.goals_supportcount (tenant_id, of_goal, in_period, layer, health, lines, primary_lines)
    SELECT line.tenant_id, line.parent_id, child.period_id, child.layer, child.health, -1, -line.is_primary::integer
    FROM changed child, LATERAL (
        SELECT a.tenant_id, a.parent_id, a.is_primary FROM public.goals_alignment a
        WHERE a.tenant_id = child.tenant_id AND a.child_id = child.id
        OFFSET 0
    ) AS line
    WHERE child.status <> 'draft' AND child.outcome <> 'cancelled' AND NOT child.is_private;
    RETURN NULL;
END $$;
CREATE TRIGGER goals_count_gone_goals AFTER DELETE ON goals_goal
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION app.count_gone_goals();

INSERT INTO goals_supportcount (tenant_id, of_goal, in_period, layer, health, lines, primary_lines)
SELECT line.tenant_id, line.parent_id, child.period_id, child.layer, child.health, count(*),
    count(*) FILTER (WHERE line.is_primary)
FROM goals_alignment line JOIN goals_goal child ON child.tenant_id = line.tenant_id AND child.id = line.child_id
WHERE child.status <> 'draft' AND child.outcome <> 'cancelled' AND NOT child.is_private
GROUP BY line.tenant_id, line.parent_id, child.period_id, child.layer, child.health;
"""
KEEP_NO_LONGER = """
DROP TRIGGER goals_count_gone_goals ON goals_goal; DROP FUNCTION app.count_gone_goals();
DROP TRIGGER goals_count_changed_goal ON goals_goal; DROP FUNCTION app.count_changed_goal();
DROP TRIGGER goals_count_changed_line ON goals_alignment; DROP FUNCTION app.count_changed_line();
DROP TRIGGER goals_count_gone_lines ON goals_alignment; DROP TRIGGER goals_count_new_lines ON goals_alignment;
DROP FUNCTION app.count_lines();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('goals', '0030_bindings_looked_up_by_person'),
        ('tenancy', '0004_statistics'),
    ]

    operations = [
        perfsys.tenancy.operations.CreateModelQuietly(
            name='SupportCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('of_goal', models.BigIntegerField()),
                ('in_period', models.BigIntegerField()),
                ('layer', models.CharField(choices=[('company', 'Company'), ('dept', 'Department'), ('position', 'Position')], max_length=10)),
                ('health', models.CharField(choices=[('ok', 'Steady'), ('watch', 'Keep an eye'), ('talk', 'Worth a talk'), ('adjusted', 'Adjusted'), ('idle', 'Idle')], max_length=10)),
                ('lines', models.IntegerField()),
                ('primary_lines', models.IntegerField()),
                ('tenant', models.ForeignKey(db_index=False, editable=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='tenancy.tenant')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
            },
        ),
        perfsys.tenancy.operations.AddIndexQuietly(
            model_name='supportcount',
            index=models.Index(fields=['tenant', 'of_goal'], include=('in_period', 'layer', 'health', 'lines', 'primary_lines'), name='goals_support_counted'),
        ),
        perfsys.tenancy.operations.AddConstraintQuietly(
            model_name='supportcount',
            constraint=perfsys.tenancy.constraints.TenantWall(may='SELECT, INSERT, UPDATE, DELETE', name='goals_supportcount_wall'),
        ),
        migrations.RunSQL(KEEP, KEEP_NO_LONGER),
    ]

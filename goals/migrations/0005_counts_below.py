"""How the goals below a goal stand, kept beside it: counting 2,300 of them anew cost more than the page around.

Kept by triggers, not by actions: a count must never tell of a goal that has become private, whoever made it so. Each
statement counts its parents once, locked in the order of ids as `goals.actions.rollup` locks them. An import, which
writes by the thousand what the planner has no statistics of, puts the counting off to the end of its transaction by
the setting `app.count_later` (`goals.actions.below`).
"""

from django.db import migrations, models

COUNT = """
CREATE FUNCTION app.count_below(parents bigint[]) RETURNS void LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM id FROM public.goals_goal WHERE id = ANY (parents) ORDER BY id FOR NO KEY UPDATE;
    -- A statement of its own: it sees what those wrote for whom the lock had to wait.
    WITH part AS (
        SELECT a.parent_id, child.layer, child.health,
               count(*) AS number, count(*) FILTER (WHERE a.is_primary) AS branches
        FROM public.goals_goal above
        JOIN public.goals_alignment a ON a.tenant_id = above.tenant_id AND a.parent_id = above.id
        JOIN public.goals_goal child ON child.tenant_id = a.tenant_id AND child.id = a.child_id
        WHERE above.id = ANY (parents) AND child.period_id = above.period_id
            AND child.status <> 'draft' AND child.outcome <> 'cancelled' AND NOT child.is_private
        GROUP BY a.parent_id, child.layer, child.health
    ), layer AS (
        SELECT parent_id, layer, sum(branches) AS branches, jsonb_object_agg(health, number) AS healths
        FROM part GROUP BY parent_id, layer
    ), whole AS (
        SELECT parent_id, sum(branches) AS branches, jsonb_object_agg(layer, healths) AS below
        FROM layer GROUP BY parent_id
    )
    UPDATE public.goals_goal goal
    SET below = coalesce(whole.below, '{}'), branches = coalesce(whole.branches, 0)
    FROM unnest(parents) AS asked(id) LEFT JOIN whole ON whole.parent_id = asked.id
    WHERE goal.id = asked.id AND (goal.below, goal.branches)
        IS DISTINCT FROM (coalesce(whole.below, '{}'), coalesce(whole.branches, 0)::integer);
END $$;
GRANT EXECUTE ON FUNCTION app.count_below(bigint[]) TO pm_app;
"""
OF_GOALS = """
CREATE FUNCTION app.count_above_goals() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    parents bigint[];
BEGIN
    IF current_setting('app.count_later', true) = 'on' THEN
        RETURN NULL;
    END IF;
    WITH changed AS (
        SELECT now_is.tenant_id, now_is.id, now_is.period_id <> was.period_id AS has_moved
        FROM now_is JOIN was ON was.id = now_is.id
        WHERE (now_is.status, now_is.outcome, now_is.is_private, now_is.health, now_is.layer, now_is.period_id)
            IS DISTINCT FROM (was.status, was.outcome, was.is_private, was.health, was.layer, was.period_id)
    )
    SELECT array_agg(DISTINCT found.id) INTO parents FROM (
        SELECT a.parent_id FROM changed
        JOIN public.goals_alignment a ON a.tenant_id = changed.tenant_id AND a.child_id = changed.id
        UNION ALL
        SELECT id FROM changed WHERE has_moved
    ) AS found(id);
    IF parents IS NOT NULL THEN
        PERFORM app.count_below(parents);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER goals_count_above AFTER UPDATE ON goals_goal
    REFERENCING OLD TABLE AS was NEW TABLE AS now_is
    FOR EACH STATEMENT EXECUTE FUNCTION app.count_above_goals();
"""
OF_LINES = """
CREATE FUNCTION app.count_new_lines() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    parents bigint[];
BEGIN
    UPDATE public.goals_goal SET is_aligned = true
    WHERE id = ANY (ARRAY(SELECT child_id FROM now_is WHERE is_primary)) AND NOT is_aligned;
    IF current_setting('app.count_later', true) = 'on' THEN
        RETURN NULL;
    END IF;
    SELECT array_agg(DISTINCT line.parent_id) INTO parents
    FROM now_is line JOIN public.goals_goal child ON child.tenant_id = line.tenant_id AND child.id = line.child_id
    WHERE child.status <> 'draft';
    IF parents IS NOT NULL THEN
        PERFORM app.count_below(parents);
    END IF;
    RETURN NULL;
END $$;
CREATE FUNCTION app.count_old_lines() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.goals_goal child SET is_aligned = false
    WHERE id = ANY (ARRAY(SELECT child_id FROM was WHERE is_primary)) AND is_aligned AND NOT EXISTS (
        SELECT FROM public.goals_alignment a
        WHERE a.tenant_id = child.tenant_id AND a.child_id = child.id AND a.is_primary);
    IF current_setting('app.count_later', true) = 'on' THEN
        RETURN NULL;
    END IF;
    PERFORM app.count_below(ARRAY(SELECT DISTINCT parent_id FROM was));
    RETURN NULL;
END $$;
CREATE TRIGGER goals_count_new_lines AFTER INSERT ON goals_alignment
    REFERENCING NEW TABLE AS now_is FOR EACH STATEMENT EXECUTE FUNCTION app.count_new_lines();
CREATE TRIGGER goals_count_changed_lines AFTER UPDATE ON goals_alignment
    REFERENCING NEW TABLE AS now_is FOR EACH STATEMENT EXECUTE FUNCTION app.count_new_lines();
CREATE TRIGGER goals_count_left_lines AFTER UPDATE ON goals_alignment
    REFERENCING OLD TABLE AS was FOR EACH STATEMENT EXECUTE FUNCTION app.count_old_lines();
CREATE TRIGGER goals_count_old_lines AFTER DELETE ON goals_alignment
    REFERENCING OLD TABLE AS was FOR EACH STATEMENT EXECUTE FUNCTION app.count_old_lines();
"""
OF_WHAT_STANDS = """
UPDATE goals_goal SET is_aligned = true WHERE id IN (SELECT child_id FROM goals_alignment WHERE is_primary);
SELECT app.count_below(ARRAY(SELECT DISTINCT parent_id FROM goals_alignment));
"""
DROP_COUNT = "DROP FUNCTION app.count_below(bigint[]);"
DROP_OF_GOALS = "DROP TRIGGER goals_count_above ON goals_goal; DROP FUNCTION app.count_above_goals();"
DROP_OF_LINES = """
DROP TRIGGER goals_count_new_lines ON goals_alignment;
DROP TRIGGER goals_count_changed_lines ON goals_alignment;
DROP TRIGGER goals_count_left_lines ON goals_alignment;
DROP TRIGGER goals_count_old_lines ON goals_alignment;
DROP FUNCTION app.count_new_lines();
DROP FUNCTION app.count_old_lines();
"""


class Migration(migrations.Migration):
    dependencies = [("goals", "0004_counted_goals")]
    operations = [
        migrations.AddField("goal", "below", models.JSONField(default=dict, editable=False)),
        migrations.AddField("goal", "branches", models.PositiveIntegerField(default=0, editable=False)),
        migrations.AddField("goal", "is_aligned", models.BooleanField(default=False, editable=False)),
        migrations.RunSQL(COUNT, DROP_COUNT),
        migrations.RunSQL(OF_GOALS, DROP_OF_GOALS),
        migrations.RunSQL(OF_LINES, DROP_OF_LINES),
        migrations.AddIndex(
            "goal",
            models.Index(
                fields=["tenant", "period", "layer"],
                name="goals_loose",
                condition=models.Q(("is_aligned", False), models.Q(("layer", "company"), _negated=True)),
            ),
        ),
        migrations.RunSQL(OF_WHAT_STANDS, migrations.RunSQL.noop),
    ]

from django.db import migrations

# Who writes thousands of them knows the owner: only those that came with another, or none, are written a second time.
WHERE_ANOTHER = """
CREATE OR REPLACE FUNCTION app.owners_of_new_obstacles() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.goals_obstacle o
    SET owner_id = (
        SELECT CASE WHEN g.layer = 'position' AND g.status = 'published' THEN g.owner_id END
        FROM public.goals_goal g WHERE g.tenant_id = o.tenant_id AND g.id = o.goal_id
    )
    WHERE o.id = ANY(ARRAY(
        SELECT n.id FROM made n JOIN public.goals_goal g ON g.tenant_id = n.tenant_id AND g.id = n.goal_id
        WHERE n.owner_id IS DISTINCT FROM
            CASE WHEN g.layer = 'position' AND g.status = 'published' THEN g.owner_id END
    ));
    RETURN NULL;
END $$;
"""
ALL = """
CREATE OR REPLACE FUNCTION app.owners_of_new_obstacles() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    UPDATE public.goals_obstacle o
    SET owner_id = (SELECT g.owner_id FROM public.goals_goal g WHERE g.tenant_id = o.tenant_id AND g.id = o.goal_id)
    WHERE o.id = ANY(ARRAY(
        SELECT n.id FROM made n JOIN public.goals_goal g ON g.tenant_id = n.tenant_id AND g.id = n.goal_id
        WHERE g.layer = 'position' AND g.status = 'published'
    ));
    RETURN NULL;
END $$;
"""


class Migration(migrations.Migration):

    dependencies = [
        ("goals", "0024_keys_to_people_that_are_looked_up"),
    ]

    operations = [
        migrations.RunSQL(WHERE_ANOTHER, ALL),
    ]

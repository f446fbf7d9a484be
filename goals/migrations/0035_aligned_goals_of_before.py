from django.db import migrations

# Goals that were aligned before the triggers of 0032, ten thousand ids at a time while everybody goes on writing. A goal
# that somebody holds is left for the next round, so that neither waits for the other. The line is held too: whoever takes
# it away waits, and then finds the goal as it is said to be here. The owner of the tables reads every company.
MARK = """
DO $$
DECLARE
    step CONSTANT bigint := 10000;
    last CONSTANT bigint := coalesce((SELECT max(id) FROM goals_goal), 0);
    first bigint;
    ids bigint[];
    is_left boolean := true;
BEGIN
    WHILE is_left LOOP
        is_left := false;
        first := 1;
        WHILE first <= last LOOP
            ids := ARRAY(
                SELECT goal.id FROM goals_goal goal
                WHERE goal.id >= first AND goal.id < first + step AND NOT goal.is_aligned
                    AND EXISTS (SELECT FROM goals_alignment line
                        WHERE line.tenant_id = goal.tenant_id AND line.child_id = goal.id AND line.is_primary)
                FOR NO KEY UPDATE SKIP LOCKED
            );
            PERFORM FROM goals_goal goal JOIN goals_alignment line
                ON line.tenant_id = goal.tenant_id AND line.child_id = goal.id AND line.is_primary
                WHERE goal.id = ANY(ids) FOR SHARE OF line;
            UPDATE goals_goal goal SET is_aligned = true
                FROM goals_alignment line
                WHERE goal.id = ANY(ids) AND line.tenant_id = goal.tenant_id AND line.child_id = goal.id
                    AND line.is_primary;
            is_left := is_left OR EXISTS (
                SELECT FROM goals_goal goal WHERE goal.id >= first AND goal.id < first + step AND NOT goal.is_aligned
                    AND EXISTS (SELECT FROM goals_alignment line
                        WHERE line.tenant_id = goal.tenant_id AND line.child_id = goal.id AND line.is_primary)
            );
            COMMIT;
            first := first + step;
        END LOOP;
        IF is_left THEN
            PERFORM pg_sleep(0.5);
        END IF;
    END LOOP;
END $$
"""


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ('goals', '0034_files_of_proposals'),
    ]

    operations = [migrations.RunSQL(MARK, migrations.RunSQL.noop)]

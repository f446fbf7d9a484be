"""Alignments form a DAG (product.md §2.3). Layers bound the search: a circle can only close within one layer, so most
rows cost two look-ups; the lock makes two people who close a circle from its two ends wait for each other."""

from django.db import migrations

REFUSE_CIRCLES = """
CREATE FUNCTION app.check_alignment() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    child_layer text;
    parent_layer text;
BEGIN
    SELECT layer INTO child_layer
    FROM public.goals_goal WHERE tenant_id = NEW.tenant_id AND id = NEW.child_id;
    SELECT layer INTO parent_layer
    FROM public.goals_goal WHERE tenant_id = NEW.tenant_id AND id = NEW.parent_id;
    IF child_layer IS NULL OR parent_layer IS NULL THEN
        RETURN NEW;  -- the composite key refuses it at the end of the transaction
    END IF;
    IF array_position(ARRAY['company', 'dept', 'position'], child_layer)
        < array_position(ARRAY['company', 'dept', 'position'], parent_layer) THEN
        RAISE EXCEPTION 'a goal supports one of its own layer or above'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'goals_alignment_upward';
    END IF;
    IF child_layer = parent_layer THEN
        PERFORM pg_advisory_xact_lock(hashtextextended('goals_alignment', NEW.tenant_id));
        IF EXISTS (
            WITH RECURSIVE above(id) AS (
                SELECT NEW.parent_id
                UNION
                SELECT a.parent_id FROM public.goals_alignment a JOIN above ON a.child_id = above.id
                WHERE a.tenant_id = NEW.tenant_id
            )
            SELECT FROM above WHERE id = NEW.child_id
        ) THEN
            RAISE EXCEPTION 'alignments would form a circle'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'goals_alignment_circle';
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER goals_alignment_circle BEFORE INSERT OR UPDATE OF child_id, parent_id ON goals_alignment
    FOR EACH ROW EXECUTE FUNCTION app.check_alignment();
"""
# The check above holds only while an aligned goal stays in its layer.
KEEP_LAYER = """
CREATE FUNCTION app.keep_aligned_layer() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM public.goals_alignment a
               WHERE a.tenant_id = NEW.tenant_id AND (a.child_id = NEW.id OR a.parent_id = NEW.id)) THEN
        RAISE EXCEPTION 'an aligned goal keeps its layer'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'goals_aligned_layer';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER goals_aligned_layer BEFORE UPDATE OF layer ON goals_goal
    FOR EACH ROW WHEN (OLD.layer IS DISTINCT FROM NEW.layer) EXECUTE FUNCTION app.keep_aligned_layer();
"""


class Migration(migrations.Migration):
    dependencies = [("goals", "0001_initial"), ("tenancy", "0001_functions")]
    operations = [
        migrations.RunSQL(
            REFUSE_CIRCLES,
            "DROP TRIGGER goals_alignment_circle ON goals_alignment; DROP FUNCTION app.check_alignment();",
        ),
        migrations.RunSQL(
            KEEP_LAYER,
            "DROP TRIGGER goals_aligned_layer ON goals_goal; DROP FUNCTION app.keep_aligned_layer();",
        ),
    ]

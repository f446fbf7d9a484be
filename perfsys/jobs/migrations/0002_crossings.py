"""What the workers must see of all tenants at once, and the rights on tables that have no tenant.
Each function stands in docs/threats.md."""

from django.db import migrations

from perfsys.tenancy.operations import DefinerFunction, Grant

CLAIM_JOB = DefinerFunction(
    "app.claim_job(timestamp with time zone, interval, integer)",
    arguments="at timestamptz, lease interval, cap integer",
    returns="TABLE (tenant_id bigint, job_id bigint, fence integer)",
    language="plpgsql",
    body="""
DECLARE candidate bigint;
BEGIN
    -- One claim at a time, for a millisecond: counted apart, two workers would both take a tenant's last free place.
    PERFORM pg_advisory_xact_lock(hashtextextended('app.claim_job', 0));
    FOR candidate IN
        WITH RECURSIVE waiting AS (  -- one look into the index a tenant, however long its queue is
            (SELECT j.tenant_id FROM public.jobs_job j WHERE j.state = 'ready' AND j.run_after <= at
             ORDER BY j.tenant_id LIMIT 1)
            UNION ALL
            SELECT (SELECT j.tenant_id FROM public.jobs_job j
                    WHERE j.state = 'ready' AND j.run_after <= at AND j.tenant_id > w.tenant_id
                    ORDER BY j.tenant_id LIMIT 1)
            FROM waiting w WHERE w.tenant_id IS NOT NULL
        ), running AS (
            SELECT j.tenant_id, count(*) AS jobs FROM public.jobs_job j WHERE j.state = 'running' GROUP BY j.tenant_id
        )
        SELECT w.tenant_id FROM waiting w LEFT JOIN running r ON r.tenant_id = w.tenant_id
        WHERE w.tenant_id IS NOT NULL AND coalesce(r.jobs, 0) < cap
        ORDER BY coalesce(r.jobs, 0), random()  -- by lot: the oldest first would serve the longest queue alone
    LOOP
        RETURN QUERY UPDATE public.jobs_job j
            SET state = 'running', attempts = j.attempts + 1, fence = j.fence + 1, lease_until = at + lease
            WHERE j.id = (SELECT n.id FROM public.jobs_job n
                          WHERE n.tenant_id = candidate AND n.state = 'ready' AND n.run_after <= at
                          ORDER BY n.run_after, n.id LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING j.tenant_id, j.id, j.fence;
        IF FOUND THEN
            RETURN;
        END IF;
    END LOOP;
END
""",
)
REAP_JOBS = DefinerFunction(
    "app.reap_jobs(timestamp with time zone, integer, text)",
    arguments="at timestamptz, at_most integer, alarm text",
    returns="TABLE (tenant_id bigint, job_id bigint)",
    language="sql",
    body="""
    -- A worker that died is rarely the job's fault: the first time at once again, then later and later.
    WITH lost AS (
        SELECT j.id FROM public.jobs_job j WHERE j.state = 'running' AND j.lease_until < at FOR UPDATE SKIP LOCKED
    ), reaped AS (
        UPDATE public.jobs_job j
        SET state = CASE WHEN j.attempts >= at_most THEN 'dead' ELSE 'ready' END, lease_until = NULL,
            last_error = 'the worker was lost',
            run_after = at + coalesce((ARRAY[0, 1, 5, 30])[j.attempts], 120) * interval '1 minute'
        FROM lost WHERE j.id = lost.id
        RETURNING j.tenant_id, j.id, j.kind, j.state
    ), alarms AS (
        INSERT INTO public.jobs_job
            (tenant_id, kind, key, payload, state, attempts, fence, last_error, request_id)
        SELECT r.tenant_id, alarm, r.id::text, jsonb_build_object('job_id', r.id), 'ready', 0, 0, '', ''
        FROM reaped r WHERE r.state = 'dead' AND r.kind <> alarm
        ON CONFLICT DO NOTHING
    )
    SELECT r.tenant_id, r.id FROM reaped r
""",
)
PURGE_JOBS = DefinerFunction(
    "app.purge_jobs(timestamp with time zone, integer)",
    arguments="before timestamptz, at_most integer",
    returns="TABLE (jobs bigint)",
    language="sql",
    body="""
    WITH old AS (
        SELECT j.id FROM public.jobs_job j WHERE j.finished_at < before ORDER BY j.finished_at LIMIT at_most
        FOR UPDATE SKIP LOCKED
    ), gone AS (DELETE FROM public.jobs_job j USING old WHERE j.id = old.id RETURNING 1)
    SELECT count(*) FROM gone
""",
)
INSERT_OCCURRENCES = DefinerFunction(
    "app.insert_occurrences(jsonb)",
    arguments="due jsonb",
    returns="TABLE (jobs bigint)",
    language="sql",
    body="""
    WITH made AS (
        INSERT INTO public.jobs_occurrence (tenant_id, kind, due_at, state)
        SELECT d.tenant_id, d.kind, d.due_at, d.state
        FROM jsonb_to_recordset(due) AS d (tenant_id bigint, kind text, due_at timestamptz, state text)
        ON CONFLICT DO NOTHING RETURNING tenant_id, kind, due_at, state
    ), queued AS (
        INSERT INTO public.jobs_job
            (tenant_id, kind, key, payload, state, attempts, fence, last_error, request_id)
        SELECT m.tenant_id, m.kind, to_char(m.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI"Z"'),
            jsonb_build_object('due_at', to_char(m.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"')),
            'ready', 0, 0, '', ''
        FROM made m WHERE m.state = 'queued'
        ON CONFLICT DO NOTHING RETURNING 1
    )
    SELECT count(*) FROM queued
""",
)
TENANT_ZONES = DefinerFunction(
    "app.tenant_zones()",
    arguments="",
    returns="TABLE (tenant_id bigint, time_zone text)",
    language="sql STABLE",
    body="SELECT t.id, t.time_zone::text FROM public.tenancy_tenant t",
)
CALENDAR_OVERRIDES = DefinerFunction(
    "app.calendar_overrides(date, date)",
    arguments="first date, last date",
    returns="TABLE (tenant_id bigint, on_date date, is_work_day boolean)",
    language="sql STABLE",
    body='SELECT o.tenant_id, o."on", o.is_work_day FROM public.jobs_calendaroverride o '
    'WHERE o."on" BETWEEN first AND last',
)
JOB_COUNTS = DefinerFunction(
    "app.job_counts()",
    arguments="",
    returns="TABLE (slug text, kind text, state text, jobs bigint, oldest timestamptz)",
    language="sql STABLE",
    body="""
    SELECT t.slug::text, j.kind::text, j.state::text, count(*), min(j.run_after)
    FROM public.jobs_job j JOIN public.tenancy_tenant t ON t.id = j.tenant_id
    WHERE j.state IN ('ready', 'running', 'dead') GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
""",
)
JOB_PULSE = DefinerFunction(
    "app.job_pulse(timestamp with time zone)",
    arguments="at timestamptz",
    returns="TABLE (ready bigint, oldest_ready timestamptz, dead bigint, lost bigint, last_finished timestamptz)",
    language="sql STABLE",
    body="""
    SELECT (SELECT count(*) FROM public.jobs_job WHERE state = 'ready' AND run_after <= at),
        (SELECT min(run_after) FROM public.jobs_job WHERE state = 'ready' AND run_after <= at),
        (SELECT count(*) FROM public.jobs_job WHERE state = 'dead'),
        (SELECT count(*) FROM public.jobs_job WHERE state = 'running' AND lease_until < at),
        (SELECT max(finished_at) FROM public.jobs_job WHERE finished_at IS NOT NULL)
""",
)


class Migration(migrations.Migration):
    dependencies = [("jobs", "0001_initial")]
    operations = [
        CLAIM_JOB,
        REAP_JOBS,
        PURGE_JOBS,
        INSERT_OCCURRENCES,
        TENANT_ZONES,
        CALENDAR_OVERRIDES,
        JOB_COUNTS,
        JOB_PULSE,
        Grant("jobs_heartbeat", "SELECT, INSERT, UPDATE"),
        Grant("jobs_outgoingmail", "SELECT, INSERT, UPDATE, DELETE"),
        Grant("jobs_workday", "SELECT"),
    ]

-- Heartbeats: which jobs have one, pings on their way, and addresses that take none.

-- name: waiting
SELECT pings.id, jobs.name, run_id, kind, status, exit_code, signal, made_at, due_at, tries
FROM pings JOIN jobs ON jobs.id = pings.job_id ORDER BY pings.id LIMIT ?;

-- name: of_run
SELECT pings.id, jobs.name, run_id, kind, status, exit_code, signal, made_at, due_at, tries
FROM pings JOIN jobs ON jobs.id = pings.job_id WHERE run_id = ? ORDER BY pings.id;

-- name: done
DELETE FROM pings WHERE id = ?;

-- name: put_off
UPDATE pings SET due_at = ?, tries = tries + 1 WHERE id = ?;

-- name: works
UPDATE heartbeats SET failing_since = NULL, error = NULL WHERE job_id = ? AND failing_since IS NOT NULL;

-- The daemon's own address has no job to be defined with.
-- name: fails
INSERT INTO heartbeats (job_id, failing_since, error) VALUES (?, ?, ?)
ON CONFLICT (job_id) DO UPDATE
SET failing_since = coalesce(failing_since, excluded.failing_since), error = excluded.error;

-- name: failing
SELECT jobs.name, failing_since, error FROM heartbeats LEFT JOIN jobs ON jobs.id = heartbeats.job_id
WHERE failing_since IS NOT NULL ORDER BY failing_since, heartbeats.job_id;

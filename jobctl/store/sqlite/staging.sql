-- New runs, by the thousand. To undo a statement half way, where a trigger or a rule may refuse a row, SQLite copies
-- each page before the statement changes it. One that makes a run copied three pages for it, which took as long as the
-- making itself; one that makes a thousand copies each page once.

-- name: make
CREATE TEMP TABLE IF NOT EXISTS staged (
    id INTEGER PRIMARY KEY, job_id, queue_id, status, origin, priority, rank, slot, created_at, due_at, start_by,
    max_attempts, keep, parent_id, key, reason, params, own_budget
);

-- name: stage
INSERT INTO staged VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?);

-- As `add` in runs.sql; what comes first is made first.
-- name: add
INSERT INTO runs (id, job_id, queue_id, status, origin, priority, rank, slot, clock_epoch, created_at, due_at,
                  start_by, finished_at, max_attempts, keep, parent_id, key, reason, made_reason, params, own_budget)
SELECT id, job_id, queue_id, status, origin, priority, rank, nullif(slot, ''),
       CASE WHEN slot <> '' THEN (SELECT clock_epoch FROM service) END, created_at, due_at, nullif(start_by, ''),
       CASE WHEN status >= 10 THEN created_at END, max_attempts, keep, nullif(parent_id, ''), nullif(key, ''),
       CASE WHEN status >= 10 THEN nullif(reason, '') END, CASE WHEN status < 10 THEN nullif(reason, '') END,
       nullif(params, ''), own_budget
FROM staged WHERE true ORDER BY id
ON CONFLICT DO NOTHING;

-- name: clear
DELETE FROM staged;

-- name: made
SELECT id FROM runs WHERE id BETWEEN ? AND ?;

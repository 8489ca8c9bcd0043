-- What operations and the daemon leave each other, pauses, and the audit trail.

-- Waking up with an older epoch than the store's would make old slots look new.
-- name: started
UPDATE service
SET pid = ?, version = ?, started_at = ?, config = ?, reloaded_at = ?, boot_id = ?, clock_epoch = max(clock_epoch, ?),
    scheduling = ?, settings = ?, draining_at = NULL, refused = NULL;

-- name: adopted
UPDATE service SET reloaded_at = ?, scheduling = ?, settings = ?, refused = NULL;

-- name: refused
UPDATE service SET refused = ?;

-- name: draining
UPDATE service SET draining_at = ?;

-- name: info
SELECT pid, version, started_at, config, reloaded_at, boot_id, clock_epoch, scheduling, settings, draining_at, refused
FROM service WHERE pid IS NOT NULL;

-- name: beat
UPDATE service SET beat_at = ?, stopped_at = NULL;

-- name: stopped
UPDATE service SET stopped_at = ?;

-- name: last_beat
SELECT beat_at FROM service;

-- name: last_seen
SELECT beat_at, stopped_at FROM service;

-- Only a daemon makes runs of a schedule and those that catch up with it, and it makes them in its ticks.
-- name: last_made_by_a_daemon
SELECT max(created_at) FROM runs WHERE id >= ? AND id < ? AND origin IN (1, 2);

-- name: raise_clock_epoch
UPDATE service SET clock_epoch = clock_epoch + 1 RETURNING clock_epoch;

-- name: request_reload
INSERT INTO reloads (requested_at, actor) VALUES (?, ?) RETURNING id;

-- name: reload_request
SELECT id, requested_at, done_at, error FROM reloads WHERE id = ?;

-- name: open_reloads
SELECT id FROM reloads WHERE done_at IS NULL ORDER BY id;

-- name: reloaded
UPDATE reloads SET done_at = ?, error = ? WHERE id = ? AND done_at IS NULL;

-- name: pause
INSERT INTO pauses (queue, since, until, paused_by, reason) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (queue) DO UPDATE
SET since = excluded.since, until = excluded.until, paused_by = excluded.paused_by, reason = excluded.reason;

-- name: resume
DELETE FROM pauses WHERE queue = ?;

-- name: pauses
SELECT queue, since, until, paused_by, reason FROM pauses WHERE until IS NULL OR until > ? ORDER BY queue;

-- name: record
INSERT INTO events (at, actor, action, job, run_id, detail) VALUES (?, ?, ?, ?, ?, ?);

-- name: recent
SELECT at, actor, action, job, run_id, detail FROM events
WHERE at >= ? AND at < ? AND actor <> ? ORDER BY id DESC LIMIT ?;

-- name: recent_of_job
SELECT at, actor, action, job, run_id, detail FROM events
WHERE job = ? AND at >= ? AND at < ? ORDER BY id DESC LIMIT ?;

-- name: forget_runs
DELETE FROM events WHERE id IN (SELECT id FROM events WHERE (action = 'run' OR actor = ?) AND at < ? ORDER BY id LIMIT ?);

-- name: events_of_run
SELECT at, actor, action, job, run_id, detail FROM events INDEXED BY events_by_job
WHERE job = ? AND run_id = ? ORDER BY id DESC LIMIT ?;

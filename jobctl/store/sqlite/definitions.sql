-- Definitions come into force. Each statement serves many jobs at once.

-- name: known
SELECT name, id, hash FROM jobs;

-- name: add_version
INSERT INTO job_versions (job_id, valid_from, hash, definition) VALUES (?, ?, ?, ?);

-- The version that was written last holds: a clock that was set back makes it the newest no less.
-- name: define
UPDATE jobs
SET defined = 1, version_id = (SELECT max(id) FROM job_versions WHERE job_id = jobs.id), hash = ?, schedule_hash = ?,
    file = ?, line = ?, description = ?, job_group = ?, tags = ?, schedule = ?, timezone = ?, command = ?, priority = ?,
    queue = ?, enabled = ?
WHERE id = ?;

-- The hash goes too, so that the same definition coming back begins a version of its own.
-- name: undefine
UPDATE jobs SET defined = 0, hash = NULL WHERE id = ?;

-- name: unplan
UPDATE job_state SET next_at = NULL WHERE job_id = ?;

-- name: rebase
UPDATE job_state SET watermark = ?, next_at = NULL, missed = 0 WHERE job_id = ?;

-- Runs that the job started by itself (schedule, catch_up, startup, chain). Others were asked for by somebody and stay.
-- name: cancel_waiting_of_removed
UPDATE runs SET status = 13, finished_at = ?, reason = 'the job was removed from the jobs file'
WHERE job_id = ? AND status IN (1, 2, 4) AND origin IN (1, 2, 5, 6);

-- name: has_heartbeat
INSERT INTO heartbeats (job_id) VALUES (?) ON CONFLICT DO NOTHING;

-- name: has_no_heartbeat
DELETE FROM heartbeats WHERE job_id = ?;

-- name: forget_files
DELETE FROM files;

-- name: add_file
INSERT INTO files (path, stamp) VALUES (?, ?);

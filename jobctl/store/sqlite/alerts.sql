-- Alerts and the outbox. States are literal numbers where a partial index is to serve.

-- name: get
SELECT id, kind, job, subject, severity, state, opened_at, last_at, count, message, run_id, told_at, closed_at,
       acknowledged_by
FROM alerts WHERE id = ?;

-- name: open_of
SELECT id, kind, job, subject, severity, state, opened_at, last_at, count, message, run_id, told_at, closed_at,
       acknowledged_by
FROM alerts INDEXED BY alerts_open_by_job WHERE state < 4 AND job IS NOT NULL AND job = ? ORDER BY id;

-- name: any_open
SELECT 1 FROM alerts INDEXED BY alerts_open_by_job WHERE state < 4 AND job IS NOT NULL LIMIT 1;

-- name: open
SELECT id, kind, job, subject, severity, state, opened_at, last_at, count, message, run_id, told_at, closed_at,
       acknowledged_by
FROM alerts INDEXED BY alerts_open
WHERE state < 4 AND kind IN (SELECT value FROM json_each(?)) ORDER BY opened_at DESC, id DESC;

-- A job that has a place in a file and is not defined was removed; 7 is the origin of runs of exec.
-- name: open_of_removed
SELECT alerts.id, alerts.kind, alerts.job, alerts.subject, alerts.severity, alerts.state, alerts.opened_at,
       alerts.last_at, alerts.count, alerts.message, alerts.run_id, alerts.told_at, alerts.closed_at,
       alerts.acknowledged_by
FROM alerts INDEXED BY alerts_open_by_job
JOIN jobs ON jobs.name = alerts.job AND jobs.defined = 0 AND jobs.file IS NOT NULL
LEFT JOIN runs ON runs.id = alerts.run_id
WHERE alerts.state < 4 AND alerts.job IS NOT NULL AND coalesce(runs.origin, 0) <> 7
ORDER BY alerts.id;

-- name: alerts
SELECT id, kind, job, subject, severity, state, opened_at, last_at, count, message, run_id, told_at, closed_at,
       acknowledged_by
FROM alerts ORDER BY id DESC LIMIT ?;

-- Whoever comes second with the same cause counts it.
-- name: open_new
INSERT INTO alerts (kind, job, subject, severity, state, opened_at, last_at, count, message, run_id, told_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (kind, subject) WHERE state < 4
DO UPDATE SET count = count + 1, last_at = excluded.last_at, message = excluded.message, run_id = excluded.run_id
RETURNING id;

-- name: change
UPDATE alerts
SET state = CASE WHEN state = 3 AND ?1 < 3 THEN 3 ELSE ?1 END, last_at = ?2, count = ?3, message = ?4, run_id = ?5,
    told_at = ?6, closed_at = ?7
WHERE id = ?8 AND state < 4;

-- name: acknowledge
UPDATE alerts SET state = ?1, acknowledged_by = ?2, closed_at = CASE WHEN ?1 = 4 THEN ?3 END
WHERE id = ?4 AND state < 3
RETURNING job;

-- name: streak
SELECT streak FROM job_state WHERE job_id = ?;

-- Waiting for a success counts from the last one, from when the job came, or from when somebody enabled it again. The
-- text is searched before it is parsed: of ten thousand jobs few have the key.
-- name: dead_men
SELECT jobs.name, json_extract(version.definition, '$.alert.no_success'),
       (SELECT min(valid_from) FROM job_versions
        WHERE job_id = jobs.id AND id > coalesce((SELECT max(id) FROM job_versions
                                                  WHERE job_id = jobs.id AND definition IS NULL), 0)),
       (SELECT max(at) FROM events WHERE job = jobs.name AND action = 'enable'),
       job_state.last_success_at
FROM jobs JOIN job_versions AS version ON version.id = jobs.version_id JOIN job_state ON job_state.job_id = jobs.id
WHERE jobs.defined = 1 AND jobs.name = coalesce(?, jobs.name) AND jobs.enabled = 1 AND job_state.disabled_at IS NULL
      AND instr(version.definition, '"no_success"') > 0
      AND json_extract(version.definition, '$.alert.no_success') IS NOT NULL
      AND EXISTS (SELECT 1 FROM json_each(version.definition, '$.alert.on') WHERE value = 'no_success')
ORDER BY jobs.name;

-- name: waiting_jobs
SELECT jobs.name FROM lanes JOIN jobs ON jobs.id = lanes.job_id WHERE lanes.head_rank IS NOT NULL;

-- name: first_waiting
SELECT id, due_at FROM (
    SELECT id, due_at, attempt FROM runs INDEXED BY runs_waiting WHERE status = 2 AND job_id = ?
    ORDER BY queue_id, rank LIMIT 100
) WHERE attempt = 0 ORDER BY due_at, id LIMIT 1;

-- name: prune
DELETE FROM alerts
WHERE state >= 4 AND (closed_at < ?1 OR id < (SELECT min(id) FROM (SELECT id FROM alerts ORDER BY id DESC LIMIT ?2)));

-- name: post
INSERT INTO outbox (alert_id, telling, message, run_id, made_at, due_at) VALUES (?, ?, ?, ?, ?, ?);

-- name: unaddressed
SELECT outbox.id, outbox.telling, outbox.message, outbox.run_id, outbox.made_at, outbox.channel, outbox.state,
       outbox.due_at, outbox.tries, outbox.done_at, outbox.error, alerts.id, alerts.kind, alerts.job, alerts.subject,
       alerts.severity, alerts.state, alerts.opened_at, alerts.last_at, alerts.count, alerts.message, alerts.run_id,
       alerts.told_at, alerts.closed_at, alerts.acknowledged_by
FROM outbox INDEXED BY outbox_waiting JOIN alerts ON alerts.id = outbox.alert_id
WHERE outbox.state = 1 AND outbox.channel IS NULL ORDER BY outbox.due_at, outbox.id LIMIT ?;

-- name: address
UPDATE outbox SET channel = ? WHERE id = ? AND state = 1 AND channel IS NULL;

-- name: address_also
INSERT INTO outbox (alert_id, telling, message, run_id, made_at, due_at, channel)
SELECT alert_id, telling, message, run_id, made_at, due_at, ? FROM outbox WHERE id = ?;

-- name: keep
UPDATE outbox SET state = 4, done_at = ? WHERE id = ? AND state = 1;

-- name: waiting
SELECT outbox.id, outbox.telling, outbox.message, outbox.run_id, outbox.made_at, outbox.channel, outbox.state,
       outbox.due_at, outbox.tries, outbox.done_at, outbox.error, alerts.id, alerts.kind, alerts.job, alerts.subject,
       alerts.severity, alerts.state, alerts.opened_at, alerts.last_at, alerts.count, alerts.message, alerts.run_id,
       alerts.told_at, alerts.closed_at, alerts.acknowledged_by
FROM outbox INDEXED BY outbox_waiting JOIN alerts ON alerts.id = outbox.alert_id
WHERE outbox.state = 1 AND outbox.channel IS NOT NULL ORDER BY outbox.due_at, outbox.id LIMIT ?;

-- name: sent_since
SELECT outbox.id, outbox.telling, outbox.message, outbox.run_id, outbox.made_at, outbox.channel, outbox.state,
       outbox.due_at, outbox.tries, outbox.done_at, outbox.error, alerts.id, alerts.kind, alerts.job, alerts.subject,
       alerts.severity, alerts.state, alerts.opened_at, alerts.last_at, alerts.count, alerts.message, alerts.run_id,
       alerts.told_at, alerts.closed_at, alerts.acknowledged_by
FROM outbox INDEXED BY outbox_sent JOIN alerts ON alerts.id = outbox.alert_id
WHERE outbox.state = 2 AND outbox.channel = ? AND outbox.done_at >= ? ORDER BY outbox.done_at, outbox.id;

-- name: sent
UPDATE outbox SET state = 2, tries = tries + 1, done_at = ?, error = NULL WHERE id = ? AND state = 1;

-- name: put_off
UPDATE outbox SET tries = tries + 1, due_at = ?, error = ? WHERE id = ? AND state = 1;

-- name: give_up
UPDATE outbox SET state = 3, tries = tries + 1, done_at = ?, error = ? WHERE id = ? AND state = 1;

-- name: notices
SELECT outbox.id, outbox.telling, outbox.message, outbox.run_id, outbox.made_at, outbox.channel, outbox.state,
       outbox.due_at, outbox.tries, outbox.done_at, outbox.error, alerts.id, alerts.kind, alerts.job, alerts.subject,
       alerts.severity, alerts.state, alerts.opened_at, alerts.last_at, alerts.count, alerts.message, alerts.run_id,
       alerts.told_at, alerts.closed_at, alerts.acknowledged_by
FROM outbox JOIN alerts ON alerts.id = outbox.alert_id ORDER BY outbox.id DESC LIMIT ?;
